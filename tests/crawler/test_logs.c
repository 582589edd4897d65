/* test_logs.c - the two logs in files: whole lines, bounded memory, rotation,
 * disks that are full; and their fields and reasons, which winnowd(8) tells. */
#include "crawler/logs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "crawler/log.h"
#include "crawler/reasons.h"
#include "crawler/scope.h"
#include "crawler/settled.h"
#include "crawler/visit.h"
#include "tests/test.h"

static struct event_base *base;
static struct log_file *log_file;
static char dir[] = "/tmp/winnow-logs-XXXXXX";
static char path[64], other[64], said[64];

static char *
contents(const char *name)
{
	static char *text;
	size_t cap = 0;
	FILE *f = fopen(name, "r");

	free(text);
	text = NULL;
	if (f == NULL || getdelim(&text, &cap, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	if (f != NULL)
		fclose(f);
	return text;
}

/* How often a text holds another. */
static int
times(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
put(const char *line)
{
	log_file_put(log_file, line, strlen(line));
}

/* What the log said on stderr goes to a file. */
static void
stderr_take(void)
{
	int fd = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	dup2(fd, STDERR_FILENO);
	close(fd);
	log_open(LOG_NOTICE, LOG_TEXT, 1);
}

static void
test_file(void)
{
	struct log_file_stat s;
	struct stat st;

	TEST("log file: lines wait for a second, and are then there whole")
	log_file_set(log_file, path);
	CHECK_INT(log_file_is_on(log_file), 1);
	put("one\n");
	put("two\n");
	CHECK_STR(contents(path), "");
	event_base_loop(base, EVLOOP_ONCE);
	CHECK_STR(contents(path), "one\ntwo\n");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640);

	TEST(
	    "log file: moved away and opened anew, each line is in one of them")
	put("three\n");
	rename(path, other);
	log_file_reopen(log_file);
	put("four\n");
	log_file_flush(log_file);
	CHECK_STR(contents(other), "one\ntwo\nthree\n");
	CHECK_STR(contents(path), "four\n");

	TEST("log file: another name, none, and the same again")
	log_file_set(log_file, path);
	put("five\n");
	log_file_set(log_file, other);
	put("six\n");
	log_file_set(log_file, "");
	put("seven\n");
	CHECK_INT(log_file_is_on(log_file), 0);
	CHECK_STR(contents(path), "four\nfive\n");
	CHECK_STR(contents(other), "one\ntwo\nthree\nsix\n");
	log_file_stat(log_file, &s);
	CHECK(s.lines == 6 && s.lost == 0);
}

static void
test_torn(void)
{
	FILE *f;

	TEST("log file: a line that a crash has cut is ended before the next "
	     "one")
	f = fopen(path, "w");
	fputs("whole\nhal", f);
	fclose(f);
	log_file_set(log_file, path);
	put("next\n");
	log_file_flush(log_file);
	CHECK_STR(contents(path), "whole\nhal\nnext\n");
	log_file_set(log_file, "");
}

/* 8 KiB more than fit, in lines of 100 bytes with numbers. */
static void
numbered(int from, int to)
{
	char line[128];

	for (; from < to; from++) {
		snprintf(line, sizeof line, "%06d %092d\n", from, 0);
		put(line);
	}
}

static void
test_full(void)
{
	struct rlimit old, small;
	struct log_file_stat before, s;
	const char *text;
	int i;

	TEST("log file: of a disk that is full no half line is left, and it is "
	     "said "
	     "once")
	unlink(path);
	log_file_stat(log_file, &before);
	log_file_set(log_file, path);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 1050;
	setrlimit(RLIMIT_FSIZE, &small);
	numbered(0, 20);
	for (i = 0; i < 5; i++)
		log_file_flush(log_file);
	text = contents(path);
	CHECK_INT(strlen(text), 1000);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(times(contents(said), "a log cannot be written"), 1);

	TEST(
	    "log file: memory is bounded, and what is lost is counted and told")
	setrlimit(RLIMIT_FSIZE, &small);
	numbered(20, 2000);
	setrlimit(RLIMIT_FSIZE, &old);
	log_file_stat(log_file, &s);
	CHECK_INT(s.lost - before.lost, 1990 - LOG_FILE_ROOM / 100);
	log_file_flush(log_file);
	text = contents(path);
	CHECK_INT(strlen(text), 1000 + LOG_FILE_ROOM / 100 * 100);
	for (i = 0; i < (int)strlen(text) / 100; i++)
		if (atoi(text + (ptrdiff_t)i * 100) != i ||
		    text[i * 100 + 99] != '\n')
			TEST_FAIL("line %d is not whole", i);
	CHECK_INT(times(contents(said), "a log is written again"), 1);
	CHECK(strstr(contents(said), "lost=1335") != NULL);
	log_file_set(log_file, "");

	TEST("log file: a place that is not there stops nothing")
	snprintf(other, sizeof other, "%s/later/x.log", dir);
	log_file_set(log_file, other);
	put("early\n");
	log_file_flush(log_file);
	log_file_flush(log_file);
	CHECK_INT(times(contents(said), "doing=open"), 1);
	*strrchr(other, '/') = '\0';
	mkdir(other, 0700);
	event_base_loop(base, EVLOOP_ONCE);
	other[strlen(other)] = '/';
	CHECK_STR(contents(other), "early\n");
	log_file_set(log_file, "");
	unlink(other);
	*strrchr(other, '/') = '\0';
	rmdir(other);
}

static void
test_pipe(void)
{
	char got[LOG_FILE_ROOM * 2], line[128];
	size_t n = 0;
	ssize_t r;
	int fd, i;

	TEST("log file: a pipe that is not read is not waited for, and gets "
	     "whole "
	     "lines")
	unlink(path);
	mkfifo(path, 0600);
	log_file_set(log_file, path);
	put("nobody reads\n");
	log_file_flush(log_file);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	fcntl(fd, F_SETPIPE_SZ, 4096);
	for (i = 0; i < 200; i++) {
		numbered(i, i + 1);
		log_file_flush(log_file);
		if (i % 50 == 49 && (r = read(fd, got + n, 3000)) > 0)
			n += (size_t)r;
	}
	for (i = 0; i < 20; i++) {
		while ((r = read(fd, got + n, sizeof got - n)) > 0)
			n += (size_t)r;
		log_file_flush(log_file);
	}
	CHECK_INT(n, strlen("nobody reads\n") + 200 * 100);
	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof line, "%06d", i);
		if (memcmp(got + 13 + (ptrdiff_t)i * 100, line, 6) != 0)
			TEST_FAIL("line %d is not where it should be", i);
	}
	close(fd);
	log_file_set(log_file, "");
	unlink(path);
}

/* ---- what is in them ---------------------------------------------------- */

/* The rows of a list of winnowd(8), in their order; the place behind it. */
static const char *
rows(const char *man, const char *const *names, size_t n, int in_order)
{
	char row[64];
	const char *at = man, *hit;
	size_t i;

	for (i = 0; at != NULL && i < n; i++) {
		snprintf(row, sizeof row, ".It Cm %s\n", names[i]);
		hit = strstr(in_order ? at : man, row);
		if (hit == NULL)
			TEST_FAIL("not in winnowd.8: %s", names[i]);
		else if (in_order &&
			 times(at, ".It Cm ") - times(hit, ".It Cm ") !=
			     (i > 0 ? 1
				    : times(at, ".It Cm ") -
					  times(hit, ".It Cm ")))
			TEST_FAIL("winnowd.8 has one before %s", names[i]);
		at = hit;
	}
	return at;
}

static void
test_manual(void)
{
	static const char *const fetch[] = {
#define C(kind, name, words) #name,
#include "crawler/fetch_log.def"
#undef C
	};
	static const char *const skip[] = {
#define C(kind, name, words) #name,
#include "crawler/skip_log.def"
#undef C
	};
	const char *names[REASON_N], *man = contents("crawler/winnowd.8");
	const char *at;
	size_t n = 0;
	int i;

	TEST("logs: winnowd(8) has the fields of both in their order")
	at = strstr(man, ".Ss Fetch log");
	CHECK(at != NULL);
	rows(at, fetch, sizeof fetch / sizeof *fetch, 1);
	at = strstr(man, ".Ss Skip log");
	CHECK(at != NULL);
	rows(at, skip, sizeof skip / sizeof *skip, 1);

	TEST("logs: winnowd(8) has the reasons of the skip log, and no others")
	for (i = 1; i < REASON_N; i++)
		if (reason_where((enum reason)i) & REASON_IN_LOG)
			names[n++] = reason_name((enum reason)i);
	at = strstr(man, "The reasons are\n");
	CHECK(at != NULL);
	at = rows(at, names, n, 1);
	CHECK(at != NULL && strncmp(strstr(at + 1, "\n."), "\n.El", 4) == 0);
}

static enum reason
scope_of(const char *url, int depth, int max)
{
	static const char seed[] = "http://news.example.com/edu/";
	struct config *c;
	struct scope_seed s;
	struct scope_answer a;
	struct scope_question q = {.seed = &s,
	    .url = url,
	    .depth = depth,
	    .max_depth = max,
	    .now_ms = 1795305600000};
	const char *const set[] = {
	    "scope.exclude=/x/*", "scope.include=*news.example.com/*", NULL};
	struct winnow_url u;
	struct winnow_key key;
	char err[512];

	if (config_load(&c, NULL, set, NULL, err, sizeof err) != CONFIG_OK)
		return REASON_NONE;
	winnow_url_parse(&u, seed, strlen(seed), NULL, NULL);
	winnow_url_canonical(&u, &u);
	q.cfg = config_values(c);
	key = winnow_url_key(&u, 1);
	scope_seed_init(&s, seed, &key, q.cfg);
	winnow_url_parse(&u, url, strlen(url), NULL, NULL);
	winnow_url_canonical(&u, &u);
	q.host = winnow_url_key(&u, 1).host;
	(void)scope_judge(&q, &a);
	config_free(c);
	return a.reason;
}

/* By what the crawl says each reason, but for those that it writes as they
 * are (follow.c, visit_debt.c). */
static void
test_reasons(void)
{
	static const struct {
		enum reason reason;
		const char *path;
	} looks[] = {{REASON_NOT_A_PAGE, "a.pdf"}, {REASON_LOGIN, "login"},
	    {REASON_PRINT, "print/1"}, {REASON_CALENDAR, "calendar/2031/"},
	    {REASON_SORT, "?sort=date"}, {REASON_COMMENTS, "?comment-page=2"},
	    {REASON_EDIT, "?action=edit"},
	    {REASON_COMMENT_FORM, "?replytocom=1"}, {REASON_SHOP, "cart"},
	    {REASON_SHARE, "?share=weibo"}, {REASON_TRAP, "a/b/a/b/a/b/a/b/"},
	    {REASON_EXCLUDED, "x/y"}, {REASON_NONE, "2026/a.html"}};
	static const struct {
		enum url_state state;
		int status;
		const char *text;
		enum reason reason;
	} ends[] = {{URL_FAILED, 0, "timeout", REASON_NO_ANSWER},
	    {URL_FAILED, 503, "server error", REASON_STATUS},
	    {URL_DUE, 0, "robots.txt: timeout", REASON_ROBOTS_UNREACHABLE},
	    {URL_ROBOTS_DENY, 0, "robots.txt line 3", REASON_ROBOTS},
	    {URL_GUARDED, 0, "the address is not a public one", REASON_ADDRESS},
	    {URL_CAPPED, 0, "scope.family_cap 5: ...", REASON_FAMILY_CAP},
	    {URL_DROPPED, 0, VISIT_SEED_REMOVED, REASON_SEED_REMOVED},
	    {URL_GONE, 404, NULL, REASON_STATUS},
	    {URL_GONE, 200, "error-page", REASON_ERROR_PAGE},
	    {URL_BAD_REDIRECT, 301, "scope", REASON_REDIRECT},
	    {URL_REDIRECTED, 301, VISIT_SEED_MOVED, REASON_SEED_MOVED},
	    {URL_REDIRECTED, 301, NULL, REASON_NONE},
	    {URL_TOO_BIG, 200, "too big", REASON_SIZE},
	    {URL_NO_ARTICLE, 200, "too-big", REASON_SIZE},
	    {URL_BAD_TYPE, 200, "unwanted type", REASON_TYPE},
	    {URL_POISON, 200, "the worker crashed", REASON_WORKER},
	    {URL_NO_ARTICLE, 200, "any words of the cleaner's",
		REASON_UNREADABLE},
	    {URL_NO_ARTICLE, 200, "topic: 0.12 of 0.50", REASON_TOPIC},
	    {URL_NOINDEX, 200, "noindex", REASON_NOINDEX},
	    {URL_DROPPED, 0, VISIT_SEED_REMOVED, REASON_SEED_REMOVED},
	    {URL_DONE, 200, NULL, REASON_NONE},
	    {URL_DUE, 0, NULL, REASON_NONE}};
	static const char *const names[] = {"empty", "unchanged", "feed",
	    "sitemap", "list", "no-article", "file", "player",
	    "needs-javascript", "soft-404", "part", "quality", "duplicate"};
	char reached[REASON_N] = {0}, url[200];
	size_t i;

	TEST("skip log: each reason can be reached, by its name and no other")
	for (i = 0; i < sizeof looks / sizeof *looks; i++) {
		snprintf(url, sizeof url, "http://news.example.com/%s",
		    looks[i].path);
		CHECK_STR(reason_name(scope_of(url, 1, -1)),
		    reason_name(looks[i].reason));
		reached[looks[i].reason] = 1;
	}
	CHECK_INT(scope_of("http://news.example.com/a", 9, 8), REASON_DEPTH);
	CHECK_INT(scope_of("http://other.example.com/a", 1, -1), REASON_SCOPE);
	reached[REASON_DEPTH] = reached[REASON_SCOPE] = 1;
	for (i = 0; i < sizeof ends / sizeof *ends; i++) {
		CHECK_INT(
		    settled_reason(ends[i].state, ends[i].status, ends[i].text),
		    ends[i].reason);
		reached[ends[i].reason] = 1;
	}
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		enum reason r = settled_reason(URL_NO_ARTICLE, 200, names[i]);

		CHECK_STR(reason_name(r), names[i]);
		reached[r] = 1;
	}
	/* Said as they are, by check_logs.py in a real crawl. */
	reached[REASON_NOFOLLOW] = reached[REASON_BARREN] = 1;
	reached[REASON_HOST_CAP] = reached[REASON_NOT_INCLUDED] = 1;
	for (i = 1; i < REASON_N; i++) {
		if (!reached[i] && reason_where((enum reason)i) & REASON_IN_LOG)
			TEST_FAIL(
			    "not reached: %s", reason_name((enum reason)i));
		CHECK_INT(reason_named(reason_name((enum reason)i)), i);
	}
}

static void
test_again(void)
{
	struct logs *l = logs_new(base);
	struct config *c;
	char set[80], err[256];
	const char *const sets[] = {set, NULL};
	struct skip_line s = {.url = "http://a.example/login",
	    .reason = "login",
	    .status = LOG_NONE};
	int i;

	TEST("skip log: a link on every page is written once while remembered")
	snprintf(set, sizeof set, "log.skip_file=%s", path);
	CHECK_INT(config_load(&c, NULL, sets, NULL, err, sizeof err), 0);
	logs_set(l, config_values(c));
	CHECK(logs_skip_on(l) && !logs_fetch_on(l));
	for (i = 0; i < 100; i++)
		logs_skip_link(l, 77 + (uint64_t)i % 2, &s);
	logs_skip(l, &s);
	logs_free(l);
	CHECK_INT(times(contents(path), "\n"), 3);
	config_free(c);
	unlink(path);
}

int
main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/fetch.log", dir);
	snprintf(other, sizeof other, "%s/fetch.log.1", dir);
	snprintf(said, sizeof said, "%s/said", dir);
	stderr_take();
	base = event_base_new();
	log_file = log_file_new(base, "fetch log");
	test_file();
	test_torn();
	unlink(other);
	test_full();
	test_pipe();
	log_file_free(log_file);
	test_manual();
	test_reasons();
	test_again();
	event_base_free(base);
	unlink(said);
	rmdir(dir);
	return test_end();
}
