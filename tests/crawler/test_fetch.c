/* test_fetch.c - fetch.c against the hostile server, a case a behaviour.
 *
 * Limits are fractions of a second; each case also proves that its slot came
 * back (E2) and done() came once (E1). */
#include "crawler/fetch.h"

#include <event2/event.h>
#include <signal.h>
#include <sys/wait.h>

#include "crawler/dns.h"
#include "tests/crawler/hostile.h"
#include "tests/test.h"

struct got {
	int done, accepted;
	int result, status, requests;
	char error[256], type[1100], location[9000], retry[200], robots[200];
	char body[64], address[48];
	size_t body_len;
	int64_t elapsed, length;
};

static struct event_base *base;
static struct guard *guard;
static struct dns *dns;
/* patient waits for servers whose machine is busy, as long as that is; hasty is
 * for those that never answer. fetcher is the one in use. */
static struct fetcher *fetcher, *patient, *hasty;
static int port, refuse;
static struct fetch *other; /* cancelled from done() */

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
accept_cb(void *arg, const struct fetch *f)
{
	struct got *g = arg;

	g->accepted++;
	g->status = fetch_answer(f)->status;
	return !refuse;
}

static void
done_cb(void *arg, struct fetch *f)
{
	const struct fetch_answer *a = fetch_answer(f);
	struct got *g = arg;

	g->done++;
	g->result = a->result;
	g->status = a->status;
	g->requests = a->requests;
	g->elapsed = a->elapsed_ms;
	g->length = a->content_length;
	g->body_len = a->body_len;
	snprintf(g->error, sizeof(g->error), "%s", a->error);
	snprintf(g->address, sizeof(g->address), "%s", a->address);
	snprintf(g->type, sizeof(g->type), "%s",
	    a->content_type ? a->content_type : "-");
	snprintf(g->location, sizeof(g->location), "%s",
	    a->location ? a->location : "-");
	snprintf(g->retry, sizeof(g->retry), "%s",
	    a->retry_after ? a->retry_after : "-");
	snprintf(g->robots, sizeof(g->robots), "%s",
	    a->x_robots_tag ? a->x_robots_tag : "-");
	snprintf(g->body, sizeof(g->body), "%.*s", (int)a->body_len,
	    a->body_len > 0 ? (const char *)a->body : "");
	fetch_cancel(f); /* too late, and harmless */
	fetch_cancel(other);
	other = NULL;
}

static void
turns(const int *done, int ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end && (done == NULL || !*done)) {
		struct timeval tv = {0, 10000};

		event_base_loopexit(base, &tv);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

static struct fetch *
start(struct got *g, const char *url, const char *etag)
{
	struct fetch_request r = {.url = url,
	    .etag = etag,
	    .accept = accept_cb,
	    .done = done_cb,
	    .arg = g};
	struct fetch *f = NULL;

	memset(g, 0, sizeof(*g));
	g->result = fetch_start(fetcher, &r, now_ms(), &f);
	if (g->done)
		TEST_FAIL("done() came from inside fetch_start()");
	return f;
}

static struct got
get_url(const char *url, const char *etag)
{
	struct got g;

	if (start(&g, url, etag) != NULL)
		turns(&g.done, 60000);
	if (g.done > 1 || fetcher_running(fetcher) != 0)
		TEST_FAIL("done %d times, %d still running", g.done,
		    fetcher_running(fetcher));
	return g;
}

/* At least and less than so many ms. The machine may be held up, too, but not
 * each time. */
static struct got
get_within(const char *url, int64_t least, int64_t most)
{
	struct got g;
	int i = 0;

	do {
		g = get_url(url, NULL);
		if (g.elapsed < least)
			TEST_FAIL("%s: after %d ms", url, (int)g.elapsed);
	} while (g.elapsed >= most && ++i < 20);
	if (g.elapsed >= most)
		TEST_FAIL("%s: never in less than %d ms", url, (int)most);
	return g;
}

static struct got
get(const char *path)
{
	char url[512];

	snprintf(url, sizeof(url), "http://h.test:%d%s", port, path);
	return get_url(url, NULL);
}

static void
expect(int line, const char *path, int want)
{
	struct got g = get(path);

	if (g.result != want)
		TEST_FAIL("line %d: %s: expected \"%s\", got \"%s\" (%s; %d "
			  "requests)",
		    line, path, fetch_strerror(want), fetch_strerror(g.result),
		    g.error, g.requests);
}

static long
rss_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (f != NULL) {
		if (fscanf(f, "%*d %ld", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#define IS(path, want) expect(__LINE__, path, want)

static void
ordinary_cases(void)
{
	struct got g;
	int before;

	TEST("fetch: an ordinary page, its headers and its address")
	{
		g = get("/ok");
		CHECK_INT(g.result, FETCH_OK);
		CHECK_STR(g.error, "");
		CHECK_INT(g.status, 200);
		CHECK_INT(g.accepted, 1);
		CHECK_STR(g.type, "text/html");
		CHECK_STR(g.body, "ok");
		CHECK_INT(g.length, 2);
		CHECK_STR(g.address, "127.0.0.1");
		CHECK_INT(g.requests, 1);
	}
	TEST("fetch: any status is an answer")
	{
		g = get("/404");
		CHECK_INT(g.result, FETCH_OK);
		CHECK_INT(g.status, 404);
	}
	TEST("fetch: the connection is kept for the next page")
	{
		get("/ok");
		before = hostile_connections;
		get("/ok");
		get("/big");
		get("/ok");
		CHECK_INT(hostile_connections - before, 0);
	}
	TEST("fetch: bare line feeds are read")
	{
		CHECK_STR(get("/lf-only").body, "ok");
	}
	TEST("fetch: a folded header line is one value")
	{
		CHECK_STR(get("/folded").retry, "1 20");
	}
	TEST("fetch: several X-Robots-Tag are a list")
	{
		CHECK_STR(get("/two-robots").robots, "noindex; nofollow");
	}
	TEST("fetch: the body comes as it was sent, not inflated")
	{
		g = get("/gzip");
		CHECK_INT(g.result, FETCH_OK);
		CHECK_INT(g.body_len, 4);
		CHECK(strstr(hostile_last, "Accept-Encoding: gzip, deflate"));
	}
	TEST("fetch: headers that accept() refuses end the transfer")
	{
		refuse = 1;
		IS("/big", FETCH_BAD_TYPE);
		refuse = 0;
	}
	TEST("fetch: a redirect is an answer, not followed")
	{
		before = hostile_seen;
		g = get("/h17");
		CHECK_INT(g.status, 302);
		CHECK_STR(g.location, "/ok");
		CHECK_INT(hostile_seen - before, 1);
	}
	TEST("fetch: validators go out, and 304 is then an answer")
	{
		char url[64];

		snprintf(url, sizeof(url), "http://h.test:%d/h16-304", port);
		g = get_url(url, "\"x\"");
		CHECK_INT(g.result, FETCH_OK);
		CHECK_INT(g.status, 304);
		CHECK(strstr(hostile_last, "If-None-Match: \"x\"\r\n"));
		get("/ok");
		CHECK(strstr(hostile_last, "If-None-Match") == NULL);
	}
	TEST("fetch: no proxy is taken from the environment")
	{
		setenv("http_proxy", "http://127.0.0.1:1", 1);
		CHECK_INT(get("/ok").result, FETCH_OK);
		unsetenv("http_proxy");
	}
}

static void
url_cases(void)
{
	static const char *const bad[] = {"ftp://h.test/", "file:///etc/passwd",
	    "http://", "http:///x", "http://u:p@h.test/", "http://h.test:0/",
	    "http://h.test:99999/", "http://h.test:8x/", "http://h test/",
	    "http://h.test/a b", "http://h.test\\@x/", "http://%68.test/",
	    "http://h.test/\r\nX: y", "gopher://h.test/", "dict://h.test/",
	    "javascript:alert(1)", "http://[::1/", "http://[::1]x/", ""};
	size_t i;

	TEST("h18: only http and https, and no URL two parsers could differ on")
	{
		for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			if (get_url(bad[i], NULL).result != FETCH_BADURL)
				TEST_FAIL("'%s' was taken", bad[i]);
	}
}

static void
guard_cases(void)
{
	static const char *const hosts[] = {"10.0.0.1", "0.0.0.0", "0xa.1",
	    "167772161", "012.0.0.1", "169.254.169.254", "192.168.1.1",
	    "100.64.0.1", "[::1]", "[::ffff:10.0.0.1]", "[fe80::1]",
	    "[64:ff9b::a00:1]", "[2002:a00:1::]", "224.0.0.1", "private.test",
	    "0", "1"};
	char url[128];
	size_t i;

	TEST("h19: private addresses are refused before connect")
	{
		for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
			struct got g;

			snprintf(url, sizeof(url), "http://%s:%d/ok", hosts[i],
			    port);
			g = get_url(url, NULL);
			if (g.result != FETCH_GUARDED)
				TEST_FAIL("%s: %s", hosts[i],
				    fetch_strerror(g.result));
		}
	}
	TEST("h20: of a public and a private address only the public is used")
	{
		snprintf(url, sizeof(url), "http://both.test:%d/ok", port);
		CHECK_STR(get_url(url, NULL).address, "127.0.0.1");
	}
	TEST(
	    "h50: a dead IPv6 address beside a living IPv4 one costs under 1 s")
	{
		struct got g;

		snprintf(url, sizeof(url), "http://six.test:%d/ok", port);
		g = get_within(url, 0, 1000);
		CHECK_INT(g.result, FETCH_OK);
	}
	TEST("fetch: a name that is not there")
	{
		CHECK_INT(get_url("http://nowhere.test/", NULL).result,
		    FETCH_DNS_TRY); /* no name server answers here */
	}
}

static void
time_cases(void)
{
	char url[64];
	struct got g;

	TEST("h01: a server that never answers is left at first_byte")
	{
		snprintf(url, sizeof(url), "http://h.test:%d/h01", port);
		g = get_within(url, 300, 600);
		CHECK_INT(g.result, FETCH_TIMEOUT);
	}
	TEST("h02: a connection that is not taken ends at connect_ms")
	{
		/* a full backlog: the SYN is dropped */
		int full = 0,
		    fd = loopback_socket("127.0.0.1", SOCK_STREAM, &full), i,
		    c[4];
		struct sockaddr_in sin = {.sin_family = AF_INET,
		    .sin_port = htons((uint16_t)full),
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

		listen(fd, 0);
		for (i = 0; i < 4; i++) {
			c[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
			if (connect(
				c[i], (struct sockaddr *)&sin, sizeof(sin)) < 0)
				continue;
		}
		nap(20);
		snprintf(url, sizeof(url), "http://h.test:%d/", full);
		g = get_within(url, 550, 1200);
		CHECK_INT(g.result, FETCH_TIMEOUT);
		for (i = 0; i < 4; i++)
			close(c[i]);
		close(fd);
	}
	TEST("h03: a refused connection is FETCH_CONNECT and worth a retry")
	{
		fetcher = patient;
		g = get_url("http://h.test:1/", NULL);
		CHECK_INT(g.result, FETCH_CONNECT);
		CHECK(fetch_is_temporary(g.result));
		IS("/h03", FETCH_TRUNCATED);
		fetcher = hasty;
	}
	TEST("h05: a header that drips is cut by the low-speed limit")
	{
		snprintf(url, sizeof(url), "http://h.test:%d/h05", port);
		g = get_within(url, 0, 1000);
		CHECK_INT(g.result, FETCH_TIMEOUT);
	}
	TEST("h06: a body that drips is cut by the low-speed limit")
	{
		snprintf(url, sizeof(url), "http://h.test:%d/h06", port);
		g = get_within(url, 0, 1000);
		CHECK_INT(g.result, FETCH_TIMEOUT);
		CHECK_INT(g.status, 200);
	}
	TEST("fetch: an answer that is only slow to begin is waited for")
	{
		g = get("/slow-good");
		for (int i = 0; i < 20 && g.result == FETCH_TIMEOUT; i++)
			g = get("/slow-good");
		CHECK_STR(g.body, "ok");
	}
}

static void
cut_cases(void)
{
	TEST("h04: an answer that is cut is truncated, wherever it is cut")
	{
		IS("/h04-at-once", FETCH_TRUNCATED);
		IS("/h04-mid-header", FETCH_TRUNCATED);
		IS("/h04-mid-body", FETCH_TRUNCATED);
		IS("/h04-mid-chunk", FETCH_TRUNCATED);
	}
	TEST("h07: an endless body ends at max_body")
	{
		struct got g = get("/h07");

		CHECK_INT(g.result, FETCH_TOO_BIG);
		CHECK(g.body_len <= 100000);
	}
	TEST("fetch: the reason is ours, not that libcurl was told to stop")
	{
		CHECK_STR(get("/h07").error, "body beyond max_body");
		CHECK_STR(get("/h25").error, "Content-Length beyond max_body");
		CHECK_STR(get("/h08-two").error, "two Content-Length that differ");
		CHECK_STR(get("/h11-line").error,
		    "more than 100 KiB in a header line");
	}
	TEST("fetch: a body of exactly max_body is whole")
	{
		struct got g = get("/big");

		CHECK_INT(g.result, FETCH_OK);
		CHECK_INT(g.body_len, 100000);
	}
	TEST("h08: lengths that lie: huge, negative, two, letters, lists")
	{
		IS("/h08-max", FETCH_TOO_BIG);
		IS("/h08-over", FETCH_PROTOCOL);
		IS("/h08-negative", FETCH_PROTOCOL);
		IS("/h08-two", FETCH_PROTOCOL);
		IS("/h08-letters", FETCH_PROTOCOL);
		IS("/h08-tail", FETCH_PROTOCOL);
		IS("/h08-list-differs", FETCH_PROTOCOL);
		CHECK_STR(get("/h08-list").body, "ok");
	}
	TEST("h09: chunks that lie")
	{
		IS("/h09-digits", FETCH_PROTOCOL);
		IS("/h09-negative", FETCH_PROTOCOL);
		IS("/h09-no-crlf", FETCH_PROTOCOL);
	}
	TEST("h09: a chunk extension of 20 MiB costs no memory")
	{
		long before = rss_kb();

		get("/h09-extension");
		CHECK(rss_kb() - before < 4096);
	}
	TEST("h25: a length of a terabyte is refused at the headers")
	{
		IS("/h25", FETCH_TOO_BIG);
	}
}

static void
header_cases(void)
{
	struct got g;
	long before;

	TEST("h10: 200,000 trailers are stopped")
	{
		before = rss_kb();
		IS("/h10", FETCH_TOO_BIG);
		CHECK(rss_kb() - before < 8192);
	}
	TEST("h11: 200,000 fields are stopped")
	{
		IS("/h11-fields", FETCH_TOO_BIG);
	}
	TEST("h11: a line of 20 MiB is too big, not a lack of memory")
	{
		IS("/h11-line", FETCH_TOO_BIG);
	}
	TEST("h12: a flood of interim answers is stopped, one is skipped")
	{
		IS("/h12", FETCH_PROTOCOL);
		g = get("/h12-one");
		CHECK_STR(g.body, "ok");
		CHECK_STR(g.location, "-");
		CHECK_INT(g.accepted, 1);
	}
	TEST("h14: what is not HTTP/1 or 2 with a status is refused")
	{
		IS("/h14-09", FETCH_PROTOCOL);
		IS("/h14-000", FETCH_PROTOCOL);
		IS("/h14-999", FETCH_PROTOCOL);
		IS("/h14-099", FETCH_PROTOCOL);
		IS("/h14-version", FETCH_PROTOCOL);
		IS("/h14-long", FETCH_PROTOCOL);
		IS("/h14-101", FETCH_PROTOCOL);
	}
	TEST("h15: header values carry no control bytes")
	{
		g = get("/h15");
		CHECK_STR(g.location, "/a[31mz");
		CHECK_STR(g.type, "text/html; x=y");
	}
	TEST("h16: 204 and 205 have no body, an unasked 304 is an error")
	{
		CHECK_STR(get("/h16-204").body, "");
		CHECK_STR(get("/h16-205").body, "");
		IS("/h16-304", FETCH_PROTOCOL);
	}
	TEST("h21: a Location over 8 KiB is none, raw bytes are escaped")
	{
		CHECK_STR(get("/h21").location, "-");
		CHECK_STR(get("/h21-gbk").location, "/%B9%FA a");
	}
	TEST("h44: Retry-After reaches the caller")
	{
		CHECK_STR(get("/h44").retry, "1000000000");
	}
}

static void
keepalive_cases(void)
{
	struct got g;

	TEST("h48: bytes of a second answer are not taken for the next one")
	{
		CHECK_STR(get("/h48-two").body, "ok");
		CHECK_STR(get("/ok").body, "ok");
		CHECK_STR(get("/h48-extra").body, "ok");
		CHECK_STR(get("/ok").body, "ok");
	}
	TEST("h48: what comes while a connection rests answers nothing")
	{
		int before = hostile_connections;

		CHECK_STR(get("/h48-late").body, "ok");
		turns(NULL, 60);
		g = get("/ok");
		CHECK_STR(g.body, "ok");
		CHECK_INT(g.requests, 1);
		CHECK_INT(hostile_connections - before, 1);
	}
	TEST("h48: the end of a connection that rests costs no request")
	{
		get("/ok-then-close");
		turns(NULL, 60);
		CHECK_INT(get("/ok").requests, 1);
	}
	TEST("h48: a kept connection that was closed costs a fresh one")
	{
		get("/ok-then-close");
		g = get("/ok");
		CHECK_INT(g.result, FETCH_OK);
		CHECK_STR(g.body, "ok");
	}
}

/* `openssl s_server` with a certificate nobody knows; its pid, 0: cannot. */
static pid_t
tls_start(int tls_port, const char *dir)
{
	char make[1024], address[32], cert[128];
	pid_t pid;

	snprintf(cert, sizeof(cert), "%s/both.pem", dir);
	snprintf(make, sizeof(make),
	    "mkdir -p %s && openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
	    "-subj /CN=h.test -addext subjectAltName=DNS:h.test -keyout "
	    "%s/key.pem -out %s/cert.pem >/dev/null 2>&1 && cat %s/key.pem "
	    "%s/cert.pem >%s",
	    dir, dir, dir, dir, dir, cert);
	if (system(make) != 0)
		return 0;
	snprintf(address, sizeof(address), "127.0.0.1:%d", tls_port);
	pid = fork();
	if (pid == 0) {
		alarm(120);
		execlp("openssl", "openssl", "s_server", "-quiet", "-www",
		    "-accept", address, "-cert", cert, (char *)NULL);
		_exit(127);
	}
	return pid > 0 ? pid : 0;
}

static int
tls_up(int tls_port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)tls_port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int i, fd, rc = -1;

	for (i = 0; i < 1200 && rc < 0; i++) {
		nap(50);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		rc = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
		close(fd);
	}
	return rc == 0;
}

static void
tls_cases(void)
{
	char url[128], dir[64], clean[128];
	struct got g;
	int tls_port = 0;
	pid_t pid;

	TEST("h46: a handshake that never ends is cut at connect_ms")
	{
		snprintf(url, sizeof(url), "https://h.test:%d/", port);
		fetcher = hasty;
		g = get_within(url, 0, 1200);
		CHECK_INT(g.result, FETCH_TIMEOUT);
		fetcher = patient;
	}
	close(loopback_socket("127.0.0.1", SOCK_STREAM, &tls_port));
	snprintf(dir, sizeof(dir), "/tmp/test_fetch_tls.%d", (int)getpid());
	pid = tls_start(tls_port, dir);
	if (pid == 0 || !tls_up(tls_port)) {
		test_skip("h46: certificates", "no openssl program");
	} else {
		TEST("h46: a certificate of an unknown issuer is FETCH_TLS")
		{
			snprintf(
			    url, sizeof(url), "https://h.test:%d/", tls_port);
			g = get_url(url, NULL);
			CHECK_INT(g.result, FETCH_TLS);
			CHECK(strstr(g.error, "certificate") != NULL);
			CHECK(!fetch_is_temporary(g.result));
		}
	}
	if (pid > 0) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	snprintf(clean, sizeof(clean), "rm -rf %s", dir);
	if (system(clean) != 0)
		TEST_FAIL("cannot remove %s", dir);
}

static void
slot_cases(void)
{
	struct got g[5];
	struct fetch *f[5];
	char url[64];
	int i;

	snprintf(url, sizeof(url), "http://h.test:%d/h01", port);
	TEST("fetch: at most `parallel` run, the next is FETCH_FULL (E2)")
	{
		for (i = 0; i < 5; i++)
			f[i] = start(&g[i], url, NULL);
		CHECK_INT(g[3].result, 0);
		CHECK_INT(g[4].result, FETCH_FULL);
		CHECK_INT(fetcher_running(fetcher), 4);
	}
	TEST("fetch: after fetch_cancel() done() never comes (E1)")
	{
		fetch_cancel(f[0]);
		fetch_cancel(f[1]);
		CHECK_INT(fetcher_running(fetcher), 2);
		turns(&g[2].done, 60000);
		turns(&g[3].done, 60000);
		CHECK_INT(g[0].done + g[1].done, 0);
		CHECK_INT(g[2].done + g[3].done, 2);
		CHECK_INT(fetcher_running(fetcher), 0);
	}
	TEST("fetch: a fetch cancelled from another's done() stays silent")
	{
		start(&g[0], "http://10.0.0.1/", NULL);
		other = start(&g[1], "http://10.0.0.1/", NULL);
		turns(&g[0].done, 60000);
		turns(NULL, 50);
		CHECK_INT(g[0].done, 1);
		CHECK_INT(g[1].done, 0);
	}
}

static void
fixture(const char *hosts)
{
	static const char *const nets[] = {
	    "127.0.0.0/8", "2001:db8::1/128", NULL};
	static const char *const servers[] = {"127.0.0.1:1", NULL};
	struct fetch_options quick = {.parallel = 4,
	    .timeout_ms = 1500,
	    .connect_ms = 600,
	    .first_byte_ms = 300,
	    .low_speed_bytes = 1000,
	    .low_speed_ms = 400,
	    .max_body = 100000,
	    .user_agent = "test/1"},
			     slow = quick;
	FILE *f = fopen(hosts, "w");
	char err[256];

	if (f == NULL)
		exit(1);
	slow.timeout_ms = 120000;
	slow.connect_ms = slow.first_byte_ms = slow.low_speed_ms = 30000;
	fprintf(f, "127.0.0.1 h.test\n10.0.0.1 private.test\n"
		   "10.0.0.1 both.test\n127.0.0.1 both.test\n"
		   "2001:db8::1 six.test\n127.0.0.1 six.test\n");
	fclose(f);
	base = event_base_new();
	guard = guard_new(nets, err, sizeof(err));
	if (guard == NULL ||
	    dns_new(&dns, base, guard, servers, hosts, 300, err, sizeof(err)) <
		0 ||
	    fetcher_new(
		&patient, base, dns, guard, &slow, err, sizeof(err)) < 0 ||
	    fetcher_new(&hasty, base, dns, guard, &quick, err, sizeof(err)) < 0) {
		printf("not ok - fixture: %s\n", err);
		exit(1);
	}
	fetcher = patient;
	unlink(hosts);
}

int
main(void)
{
	char hosts[64];

	snprintf(hosts, sizeof(hosts), "/tmp/test_fetch.%d", (int)getpid());
	fixture(hosts);
	port = hostile_start("127.0.0.1", 0);
	ordinary_cases();
	url_cases();
	guard_cases();
	fetcher = hasty;
	time_cases();
	fetcher = patient;
	cut_cases();
	header_cases();
	keepalive_cases();
	tls_cases();
	fetcher = hasty;
	slot_cases();
	fetcher_free(patient);
	fetcher_free(hasty);
	dns_free(dns);
	event_base_loop(base, EVLOOP_NONBLOCK);
	guard_free(guard);
	event_base_free(base);
	return test_end();
}
