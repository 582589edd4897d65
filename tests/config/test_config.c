/* test_config.c - settings as people write and miswrite them. */
#include "config/config.h"
#include "tests/test.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/winnow-test-config-XXXXXX";
static char err[8192];

static char *
path_of(const char *name)
{
	static char path[4][256];
	static int n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	fputs(text, f);
	fclose(f);
}

/* Loads main.conf with that text; NULL with the findings in err. */
static struct config *
load(const char *text, const char *const *overrides, char *const *env)
{
	struct config *c;

	put("main.conf", text);
	config_load(&c, path_of("main.conf"), overrides, env, err, sizeof(err));
	return c;
}

/* err, with the directory cut from the names. */
static const char *
shortened(void)
{
	static char out[8192];
	size_t n = strlen(dir) + 1, o = 0;

	for (const char *p = err; *p != '\0';)
		if (strncmp(p, dir, n - 1) == 0 && p[n - 1] == '/')
			p += n;
		else
			out[o++] = *p++;
	out[o] = '\0';
	return out;
}

/* The findings of a bad text. */
static const char *
wrong(const char *text)
{
	struct config *c = load(text, NULL, NULL);

	if (c == NULL)
		return shortened();
	config_free(c);
	return "(it is valid)";
}

static char *
printed(const struct config *c)
{
	char *buf = NULL;
	size_t len;
	FILE *f = open_memstream(&buf, &len);

	config_print(c, NULL, f);
	fclose(f);
	return buf;
}

static void
test_values(void)
{
	const struct config_values *v;
	struct config *c;

	TEST("config: defaults hold without a file")
	{
		CHECK_INT(
		    config_load(&c, NULL, NULL, NULL, err, sizeof(err)), 0);
		v = config_values(c);
		CHECK_INT(v->politeness_delay, 1000);
		CHECK_INT(v->politeness_delay_address, -1);
		CHECK_INT(v->fetch_max_body, 10 << 20);
		CHECK_INT(v->scope_mode, CONFIG_SCOPE_MODE_HOST);
		CHECK_INT(v->fetch_tls_verify, 1);
		CHECK_STR(v->queue_dir, "/var/lib/winnow/queue");
		CHECK(v->fetch_allow_net[0] == NULL);
		CHECK(v->queue_node[0] != '\0');
		config_free(c);
	}
	TEST("config: units, blanks, quotes, CRLF and a byte order mark")
	{
		c = load("\xef\xbb\xbf# text\r\n[politeness]\r\n"
			 "  delay\t=\t1.5s\r\ndelay_address = 250ms\n"
			 "max_retry_after = 2h\nrobots_max_age=7d\n"
			 "[fetch]\nmax_body = 1.5 MiB\nlow_speed_limit = 10KB\n"
			 "timeout = 30\nuser_agent = \"  x y \"\n"
			 "tls_verify = off\n[queue]\nmax_bytes=2G",
		    NULL, NULL);
		CHECK_STR(err, "");
		if (c == NULL)
			return;
		v = config_values(c);
		CHECK_INT(v->politeness_delay, 1500);
		CHECK_INT(v->politeness_delay_address, 250);
		CHECK_INT(v->politeness_max_retry_after, 7200000);
		CHECK_INT(v->politeness_robots_max_age, 604800000);
		CHECK_INT(v->fetch_max_body, 3 << 19);
		CHECK_INT(v->fetch_low_speed_limit, 10000);
		CHECK_INT(v->fetch_timeout, 30000);
		CHECK_STR(v->fetch_user_agent, "  x y ");
		CHECK_INT(v->fetch_tls_verify, 0);
		CHECK_INT(v->queue_max_bytes, INT64_C(2) << 30);
		config_free(c);
	}
	TEST("config: lists by comma, blank and quote; += adds, = begins anew")
	{
		c = load("[scope]\nexclude = a\nexclude = *.pdf,b  c\n"
			 "exclude += d\n[seeds]\nfiles = \"/a b,c\", /d\n"
			 "[fetch]\nallow_net = 127.0.0.0/8 ::1 fd00::/8\n"
			 "dns = 127.0.0.1:53, [::1]:53, ::1\n",
		    NULL, NULL);
		CHECK_STR(err, "");
		if (c == NULL)
			return;
		v = config_values(c);
		CHECK_STR(v->scope_exclude[0], "*.pdf");
		CHECK_STR(v->scope_exclude[2], "c");
		CHECK_STR(v->scope_exclude[3], "d");
		CHECK(v->scope_exclude[4] == NULL);
		CHECK_STR(v->seeds_files[0], "/a b,c");
		CHECK_STR(v->seeds_files[1], "/d");
		CHECK_STR(v->fetch_dns[1], "[::1]:53");
		config_free(c);
	}
	TEST("config: a line of 200,000 bytes is read whole")
	{
		char *text = malloc(210000);
		size_t n = sprintf(text, "[scope]\nexclude =");

		for (int i = 0; i < 9999; i++)
			n += sprintf(text + n, " %016d", i);
		c = load(text, NULL, NULL);
		CHECK_STR(err, "");
		if (c != NULL)
			CHECK_STR(config_values(c)->scope_exclude[9998],
			    "0000000000009998");
		config_free(c);
		free(text);
	}
}

static void
test_order(void)
{
	static const char *const overrides[] = {
	    "politeness.delay=4s", "fetch.allow_net+=10.0.0.0/8", NULL};
	static char *const env[] = {(char *)"WINNOWD_POLITENESS__DELAY=3s",
	    (char *)"WINNOWD_SCOPE__MODE=any", (char *)"WINNOWD_CONFIG=x",
	    (char *)"PATH=/bin", NULL};
	struct config *c;
	char *text;

	TEST("config: file, environment, overrides: the later wins, -T says so")
	{
		c = load("[politeness]\ndelay = 2s\n[scope]\nmode = domain\n"
			 "max_depth = 2\n[fetch]\nallow_net = 127.0.0.0/8\n",
		    overrides, env);
		CHECK_STR(err, "");
		if (c == NULL)
			return;
		CHECK_INT(config_values(c)->politeness_delay, 4000);
		CHECK_INT(config_values(c)->scope_mode, CONFIG_SCOPE_MODE_ANY);
		CHECK_STR(config_values(c)->fetch_allow_net[1], "10.0.0.0/8");
		text = printed(c);
		CHECK(strstr(text, "politeness.delay = 4s  # -o\n") != NULL);
		CHECK(strstr(text, "scope.mode = any  # environment "
				   "WINNOWD_SCOPE__MODE\n") != NULL);
		CHECK(strstr(text, "/main.conf:5\n") != NULL);
		CHECK(strstr(text, "fetch.max_body = 10MiB  # default\n") !=
		      NULL);
		free(text);
		config_free(c);
	}
	TEST("config: a misspelt variable or override is an error too")
	{
		static const char *const bad[] = {
		    "politeness.delya=1s", "delay=1s", "polite.delay=1", NULL};
		static char *const bad_env[] = {
		    (char *)"WINNOWD_FETCH__TIMEOUTS=1s", NULL};

		CHECK_INT(config_load(&c, NULL, bad, bad_env, err, sizeof(err)),
		    CONFIG_EINVALID);
		CHECK_STR(err,
		    "environment WINNOWD_FETCH__TIMEOUTS: [fetch] 'timeouts': "
		    "unknown key, did you mean 'timeout'?\n"
		    "-o: [politeness] 'delya': unknown key, did you mean "
		    "'delay'?\n"
		    "-o 'delay=1s': write section.key=value, did you mean "
		    "politeness.delay?\n"
		    "-o: 'polite.delay': unknown section");
	}
}

/* What is told of a configuration that is valid, paths without dir. */
static const char *
warned(const char *text, char *const *env)
{
	struct config *c = load(text, NULL, env);
	char *buf = NULL;
	size_t len;
	FILE *f;

	CHECK_STR(err, "");
	if (c == NULL)
		return "";
	f = open_memstream(&buf, &len);
	config_warn(c, f);
	fclose(f);
	snprintf(err, sizeof(err), "%s", buf);
	free(buf);
	config_free(c);
	return shortened();
}

static void
test_sense(void)
{
	static char *const env[] = {(char *)"WINNOWD_POLITENESS_DELAY=3s",
	    (char *)"WINNOWD_OPTS=-x", (char *)"WINNOWD_SCOPE__MODE=any", NULL};

	TEST("config: what makes no sense is told, with the line to mend")
	CHECK_STR(warned("[revisit]\nhub_max = 1m\n[fetch]\n"
			 "connect_timeout = 5m\ntimeout = 30s\n"
			 "[politeness]\nmax_delay = 1m\nrobots = ignore\n"
			 "[scope]\nmode = domain\nsubdomains = true\n"
			 "[keep]\nraw = none\nraw_bytes = 1GiB\n", NULL),
	    "main.conf:2: warning: revisit.hub_min = 5m is more than "
	    "revisit.hub_max = 1m: no interval fits both\n"
	    "main.conf:4: warning: fetch.connect_timeout = 5m is more than "
	    "fetch.timeout = 30s: the second ends a transfer before\n"
	    "main.conf:7: warning: politeness.max_delay = 1m: no effect while "
	    "politeness.adaptive is 0\n"
	    "main.conf:11: warning: scope.subdomains = true: no effect while "
	    "scope.mode is not host\n"
	    "main.conf:14: warning: keep.raw_bytes = 1GiB: no effect while "
	    "keep.raw is not recent\n"
	    "main.conf:8: warning: politeness.robots = ignore: of every site; "
	    "set it in the [site] sections of your own\n");
	TEST("config: a file that is not there")
	CHECK_STR(warned("[seeds]\nfiles = /etc/passwd, /nowhere/list\n"
			 "[fetch]\nca_file = /nowhere/ca.pem\n"
			 "[log]\nfetch_file = /nowhere/f\n"
			 "skip_file = /tmp/skip.log\n", NULL),
	    "main.conf:2: warning: seeds.files: there is no '/nowhere/list'\n"
	    "main.conf:4: warning: fetch.ca_file: there is no "
	    "'/nowhere/ca.pem'\n"
	    "main.conf:6: warning: log.fetch_file: there is no '/nowhere'\n");
	TEST("config: a log where this user cannot write")
	{
		char words[4096], want[4096];

		snprintf(words, sizeof(words),
		    "[log]\nfetch_file = /proc/x\nskip_file = %s/main.conf/x\n",
		    dir);
		snprintf(want, sizeof(want),
		    "main.conf:2: warning: log.fetch_file: user %ld cannot "
		    "write in '/proc': %s\n"
		    "main.conf:3: warning: log.skip_file: user %ld cannot "
		    "write in 'main.conf': Not a directory\n",
		    (long)geteuid(),
		    geteuid() == 0 ? "it is the kernel's" : strerror(EACCES),
		    (long)geteuid());
		CHECK_STR(warned(words, NULL), want);
		CHECK(access("/proc/x", F_OK) != 0);
	}
	TEST("config: two logs in one file, and a page that nobody is shown")
	CHECK_STR(warned("[log]\nfetch_file = /tmp/a\nskip_file = /tmp/a\n"
			 "[http]\nallow_remote = true\n", NULL),
	    "main.conf:5: warning: http.allow_remote = true: no effect while "
	    "http.listen is empty\n"
	    "main.conf:3: warning: log.skip_file = /tmp/a: is log.fetch_file "
	    "too, and their lines differ; give each its own\n");
	TEST("config: likewise of a [site], where it alone says it")
	CHECK_STR(warned("[site \"*.a.test\"]\nadaptive = 2\nmax_delay = 9s\n"
			 "[site \"b.test\"]\nmax_delay = 9s\nrobots = ignore\n"
			 "[site \"http://c.test/\"]\ndelay = 9s\n", NULL),
	    "main.conf:5: warning: politeness.max_delay = 9s: no effect while "
	    "politeness.adaptive is 0\n"
	    "main.conf:8: warning: [site \"http://c.test/\"] fits no host: "
	    "write its name alone, as in *.example.org\n");
	TEST("config: a variable of our name that is no setting is told")
	CHECK_STR(warned("", env),
	    "environment WINNOWD_POLITENESS_DELAY: warning: no setting, did "
	    "you mean WINNOWD_POLITENESS__DELAY?\n"
	    "environment WINNOWD_OPTS: warning: no setting, write "
	    "WINNOWD_SECTION__KEY\n");
	TEST("config: the defaults make sense")
	CHECK_STR(warned("", NULL), "");
}

static void
test_host(void)
{
	struct config *c = load("[politeness]\ndelay = 2s\n"
				"[site \"*.example.org\"]\ndelay = 3s\n"
				"timezone = +08:00\n"
				"[site \"www.example.org\"]\ndelay = 4s\n",
	    NULL, NULL);
	char *buf = NULL;
	size_t len;
	FILE *f = open_memstream(&buf, &len);

	TEST("config: what holds for a host, and which section says it")
	CHECK_STR(err, "");
	if (c != NULL)
		config_print(c, "www.example.org", f);
	fclose(f);
	CHECK(strstr(buf, "politeness.delay = 4s") != NULL);
	CHECK(strstr(buf, "/main.conf:7\n") != NULL);
	CHECK(strstr(buf, "site.timezone = +08:00") != NULL);
	CHECK(strstr(buf, "/main.conf:5\n") != NULL);
	CHECK(strstr(buf, "scope.mode = host  # default\n") != NULL);
	CHECK(strstr(buf, "queue.dir") == NULL);
	free(buf);
	config_free(c);
}

static void
test_findings(void)
{
	TEST("config: every finding is told, with file, line and what to do")
	CHECK_STR(wrong("delay = 1s\n"
			"[politness]\n"
			"delay = 1s\n"
			"[fetch]\n"
			"timeout = 30 parsecs\n"
			"delay = 1s\n"
			"nonsense\n"
			"inlcude conf.d/*.conf\n"
			"[scope]\n"
			"mode = hosts\n"
			"max_depth = -1\n"),
	    "main.conf:1: 'delay' stands before the first [section]\n"
	    "main.conf:2: [politness]: unknown section, did you mean "
	    "[politeness]\n"
	    "main.conf:5: [fetch] timeout '30 parsecs': unknown unit, use ms, "
	    "s, m, h or d\n"
	    "main.conf:6: [fetch] 'delay': unknown key, did you mean "
	    "[politeness] 'delay'?\n"
	    "main.conf:7: 'nonsense': no '=', write key = value\n"
	    "main.conf:8: 'inlcude conf.d/*.conf': no '=', did you mean "
	    "include?\n"
	    "main.conf:10: [scope] mode 'hosts': unknown value, use host, "
	    "domain, prefix or any, did you mean 'host'?\n"
	    "main.conf:11: [scope] max_depth '-1': may not be negative");

	TEST("config: values that numbers, networks and names refuse")
	CHECK_STR(wrong("[fetch]\nparallel = 0\nparallel = 1.5\n"
			"max_body = 99999999999TiB\ntimeout =\n"
			"allow_net = 10.0.0.0/33\nallow_net = example.org\n"
			"dns = 127.0.0.1:99999\ntls_verify = maybe\n"
			"user_agent += x\n[queue]\nnode = a b\ndir =\n"
			"[clean]\nmin_quality = nan\nmin_quality = 1.5\n"),
	    "main.conf:2: [fetch] parallel '0': out of range, use 1 to 10000\n"
	    "main.conf:3: [fetch] parallel '1.5': not a whole number\n"
	    "main.conf:4: [fetch] max_body '99999999999TiB': too large\n"
	    "main.conf:5: [fetch] timeout '': has no value\n"
	    "main.conf:6: [fetch] allow_net '10.0.0.0/33': bad prefix length, "
	    "use address/bits as in 10.0.0.0/8\n"
	    "main.conf:7: [fetch] allow_net 'example.org': not a network, use "
	    "address/bits as in 10.0.0.0/8\n"
	    "main.conf:8: [fetch] dns '127.0.0.1:99999': not a server, use "
	    "address:port as in 192.0.2.1:53\n"
	    "main.conf:9: [fetch] tls_verify 'maybe': use true or false\n"
	    "main.conf:10: [fetch] user_agent 'x': is no list, use = instead "
	    "of +=\n"
	    "main.conf:12: [queue] node 'a b': use at most 32 of letters, "
	    "digits, '.', '_' and '-'\n"
	    "main.conf:13: [queue] dir '': is empty, name a directory\n"
	    "main.conf:15: [clean] min_quality 'nan': not a number\n"
	    "main.conf:16: [clean] min_quality '1.5': out of range, use 0 to "
	    "1");

	TEST("config: two keys that contradict each other")
	CHECK_STR(wrong("[topic]\nmin_score = 0.5\n"),
	    "main.conf:2: [topic] min_score: needs topic.examples or "
	    "topic.words, and both are empty");

	TEST("config: a control byte in a line")
	CHECK_STR(wrong("[log]\nlevel = in\x1b[31mfo\n"),
	    "main.conf:2: control byte 0x1b in the line");

	TEST("config: more findings than the buffer holds are counted")
	{
		struct config *c;
		char small[200];

		put("main.conf", "[log]\na=1\nb=1\nc=1\nd=1\ne=1\nf=1\ng=1\n");
		CHECK_INT(config_load(&c, path_of("main.conf"), NULL, NULL,
			      small, sizeof(small)),
		    CONFIG_EINVALID);
		CHECK(c == NULL);
		CHECK(strstr(small, "\nand ") != NULL);
		CHECK(strcmp(small + strlen(small) - 5, " more") == 0);
		CHECK_INT(
		    config_load(&c, path_of("main.conf"), NULL, NULL, small, 0),
		    CONFIG_EINVALID);
	}
}

static void
test_includes(void)
{
	struct config *c;
	char big[64];

	mkdir(path_of("conf.d"), 0755);
	TEST("config: includes by pattern come in order, the section goes on")
	{
		put("conf.d/20.conf", "[scope]\nmax_depth = 2\n");
		put("conf.d/10.conf", "[scope]\nmax_depth = 1\nmode = any\n");
		c = load("[politeness]\ninclude conf.d/*.conf\ndelay = 9s\n",
		    NULL, NULL);
		CHECK_STR(err, "");
		if (c != NULL) {
			CHECK_INT(config_values(c)->scope_max_depth, 2);
			CHECK_INT(config_values(c)->politeness_delay, 9000);
		}
		config_free(c);
	}
	TEST("config: a pattern without files is fine, a missing name is not")
	{
		c = load("include none.d/*.conf\n", NULL, NULL);
		CHECK_STR(err, "");
		config_free(c);
		CHECK_STR(wrong("\ninclude none.conf\n"),
		    "main.conf:2: include 'none.conf': No such file or "
		    "directory");
	}
	TEST("config: a file that includes itself by way of another")
	{
		put("conf.d/10.conf", "include ../main.conf\n");
		put("conf.d/20.conf", "");
		CHECK_STR(wrong("include conf.d/10.conf\n"),
		    "conf.d/10.conf:1: include 'conf.d/../main.conf': includes "
		    "itself");
	}
	TEST("config: includes nested 9 deep are refused")
	{
		for (int i = 0; i < 10; i++) {
			char name[32];

			snprintf(name, sizeof(name), "n%d", i);
			snprintf(big, sizeof(big), "include n%d\n", i + 1);
			put(name, big);
		}
		CHECK_STR(wrong("include n0\n"),
		    "n7:1: include 'n8': includes nest more than 8 deep");
	}
	TEST("config: a directory, a FIFO and a file over 1 MiB are refused")
	{
		char *text = malloc((1 << 20) + 2);

		CHECK_STR(wrong("include conf.d\n"),
		    "main.conf:1: include 'conf.d': not a regular file");
		CHECK_INT(mkfifo(path_of("fifo"), 0600), 0);
		CHECK_STR(wrong("include fifo\n"),
		    "main.conf:1: include 'fifo': not a regular file");
		memset(text, '#', 1 << 20);
		text[1 << 20] = '\n';
		text[(1 << 20) + 1] = '\0';
		put("big", text);
		CHECK_STR(wrong("include big\n"),
		    "main.conf:1: include 'big': larger than 1 MiB");
		free(text);
	}
	TEST("config: the file itself is missing")
	{
		CHECK_INT(config_load(&c, "/nonexistent/w.conf", NULL, NULL,
			      err, sizeof(err)),
		    CONFIG_EOPEN);
		CHECK_STR(err,
		    "cannot read config '/nonexistent/w.conf': No such file "
		    "or directory");
	}
}

static void
test_sites(void)
{
	struct config *c;
	char *text;

	TEST("config: the most specific [site] wins, whatever the order")
	{
		c = load("[site \"www.example.cn\"]\ndelay = 4s\n"
			 "[site \"*.example.cn\"]\ndelay = 3s\n"
			 "politeness.max_crawl_delay = 33s\n"
			 "[site \"*\"]\ndelay = 2s\ntimezone = +08:00\n"
			 "[site \"*.b.example.cn\"]\nmax_depth = 7\n",
		    NULL, NULL);
		CHECK_STR(err, "");
		if (c == NULL)
			return;
		CHECK_INT(config_values(c)->politeness_delay, 1000);
		CHECK_INT(config_for(c, "other.org")->politeness_delay, 2000);
		CHECK_INT(
		    config_for(c, "a.EXAMPLE.cn")->politeness_delay, 3000);
		CHECK_INT(config_for(c, "example.cn")->politeness_delay, 3000);
		CHECK_INT(
		    config_for(c, "www.example.cn")->politeness_delay, 4000);
		CHECK_INT(
		    config_for(c, "www.example.cn")->politeness_max_crawl_delay,
		    33000);
		CHECK_STR(
		    config_for(c, "www.example.cn")->site_timezone, "+08:00");
		CHECK_INT(config_for(c, "x.b.example.cn")->scope_max_depth, 7);
		CHECK(config_for(c, "a.example.cn") ==
		      config_for(c, "c.example.cn"));
		text = printed(c);
		CHECK(strstr(text, "site \"*.example.cn\" politeness.delay = 3s"
				   "  # ") != NULL);
		free(text);
		config_free(c);
	}
	TEST("config: a proxy is an address with its port, for one site or all")
	{
		static const char *const bad[] = {"ftp://1.2.3.4:1",
		    "http://1.2.3.4", "http://proxy.test:3128",
		    "socks5://[::1]", "socks5://::1", "http://1.2.3.4:0",
		    "http://1.2.3.4:80/", "1.2.3.4:80", "http://a b@1.2.3.4:8"};
		static const char *const good[] = {"http://1.2.3.4:3128",
		    "socks5://[::1]:1080", "socks5://u:p@127.0.0.1:9", ""};
		char line[128];

		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			const char *o[] = {line, NULL};

			snprintf(line, sizeof(line), "fetch.proxy=%s", bad[i]);
			c = NULL;
			CHECK(config_load(&c, NULL, o, NULL, err,
				  sizeof(err)) == CONFIG_EINVALID);
			CHECK(strstr(err, "not a proxy") != NULL);
		}
		for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
			const char *o[] = {line, NULL};

			snprintf(line, sizeof(line), "fetch.proxy=%s", good[i]);
			CHECK_INT(config_load(&c, NULL, o, NULL, err,
				      sizeof(err)),
			    CONFIG_OK);
			if (c != NULL)
				CHECK_STR(config_values(c)->fetch_proxy,
				    good[i]);
			config_free(c);
		}
	}
	TEST(
	    "config: [site] without a pattern, with a key that is not per site")
	CHECK_STR(wrong("[site]\ndelay = 1s\n[site \"a\"]\nparallel = 3\n"
			"dealy = 1s\nexclude += x\n"),
	    "main.conf:1: section needs a host pattern in quotes, as in "
	    "[site \"*.example.org\"]\n"
	    "main.conf:4: [site] 'parallel': cannot be set for one site, set "
	    "it in [fetch]\n"
	    "main.conf:5: [site] 'dealy': unknown key, did you mean 'delay'?\n"
	    "main.conf:6: [site] exclude 'x': use = instead of += in a [site] "
	    "section");
}

static void
test_diff(void)
{
	struct config *a, *b;
	char *buf = NULL;
	size_t len;
	FILE *f;

	TEST("config: a reload tells what changed, of sites too")
	{
		a = load("[politeness]\ndelay = 2s\n[site \"a\"]\ndelay = 1s\n"
			 "[site \"b\"]\nmax_depth = 1\n",
		    NULL, NULL);
		b = load("[politeness]\ndelay = 3s\n[fetch]\nparallel = 3\n"
			 "[site \"a\"]\ndelay = 4s\n[site \"c\"]\n"
			 "max_depth = 2\n",
		    NULL, NULL);
		f = open_memstream(&buf, &len);
		CHECK_INT(config_diff(a, b, f), 5);
		CHECK_INT(config_diff(b, b, f), 0);
		fclose(f);
		CHECK_STR(buf,
		    "politeness.delay: 2s -> 3s\n"
		    "fetch.parallel: 64 -> 3  # from the next start on\n"
		    "site \"a\" politeness.delay: 1s -> 4s\n"
		    "site \"b\" scope.max_depth: 1 -> (as in general)\n"
		    "site \"c\" scope.max_depth: (as in general) -> 2\n");
		free(buf);
		config_free(a);
		config_free(b);
	}
	TEST("config: -T, also for a host, tells no password of a proxy")
	{
		char *text;

		a = load("[fetch]\nproxy = http://me:se@cret@10.0.0.1:8080\n"
			 "[site \"a.test\"]\nproxy = socks5://u:other@[::1]:1\n",
		    NULL, NULL);
		text = printed(a);
		CHECK(strstr(text, "cret") == NULL);
		CHECK(strstr(text, "other@") == NULL);
		CHECK(strstr(text, "\nfetch.proxy = "
				   "http://***@10.0.0.1:8080  # ") != NULL);
		CHECK(strstr(text, "\nsite \"a.test\" fetch.proxy = "
				   "socks5://***@[::1]:1  # ") != NULL);
		free(text);
		f = open_memstream(&buf, &len);
		config_print(a, "a.test", f);
		fclose(f);
		CHECK(strstr(buf, "other@") == NULL);
		CHECK(strstr(buf, "fetch.proxy = socks5://***@[::1]:1  # ") !=
		    NULL);
		free(buf);
		config_free(a);
	}
	TEST("config: nor does the refusal of one that is none")
	CHECK_STR(wrong("[fetch]\nproxy = https://me:secret@10.0.0.1:8080\n"),
	    "main.conf:2: [fetch] proxy 'https://***@10.0.0.1:8080': not a "
	    "proxy, use http://address:port or socks5://address:port");
	CHECK_STR(wrong("[fetch]\nproxy = me:secret@10.0.0.1\n"),
	    "main.conf:2: [fetch] proxy '***@10.0.0.1': not a "
	    "proxy, use http://address:port or socks5://address:port");
	TEST("config: a reload tells no password of a proxy")
	{
		a = load("[fetch]\nproxy = http://me:se@cret@10.0.0.1:8080\n",
		    NULL, NULL);
		b = load("[site \"a\"]\nproxy = socks5://u:other@[::1]:1\n",
		    NULL, NULL);
		f = open_memstream(&buf, &len);
		CHECK_INT(config_diff(a, b, f), 2);
		fclose(f);
		CHECK_STR(buf,
		    "fetch.proxy: http://***@10.0.0.1:8080 -> \n"
		    "site \"a\" fetch.proxy: (as in general) -> "
		    "socks5://***@[::1]:1\n");
		free(buf);
		config_free(a);
		config_free(b);
	}
}

static void
remove_all(void)
{
	static const char *const names[] = {"main.conf", "conf.d/10.conf",
	    "conf.d/20.conf", "conf.d", "fifo", "big", "n0", "n1", "n2", "n3",
	    "n4", "n5", "n6", "n7", "n8", "n9"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(path_of(names[i]));
	rmdir(dir);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	test_values();
	test_order();
	test_sense();
	test_host();
	test_findings();
	test_includes();
	test_sites();
	test_diff();
	remove_all();
	return test_end();
}
