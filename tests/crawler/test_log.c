/* test_log.c - one line, one write(), whatever the bytes; and the sums of what
 * is said again and again. */
#include "crawler/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "crawler/log_columns.h"
#include "crawler/log_sum.h"
#include "tests/test.h"

static int pipe_read, stderr_kept;

/* stderr as a pipe of packets: each write() is read back as one. */
static void
stderr_take(void)
{
	int fds[2];

	if (pipe2(fds, O_DIRECT) < 0)
		exit(1);
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	stderr_kept = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	pipe_read = fds[0];
	fcntl(pipe_read, F_SETFL, O_NONBLOCK);
}

static const char *
packet(void)
{
	static char line[8192];
	ssize_t n = read(pipe_read, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static void
test_text(void)
{
	const char *line;
	const char *volatile none = NULL;

	TEST("log: a line of the journal, numbers and strings")
	{
		log_info(
		    "fetch done host=%s status=%d bytes=%zu ms=%lld r=%.2f",
		    "example.org", 200, (size_t)18231, 212LL, 0.5);
		CHECK_STR(packet(),
		    "<6>fetch done host=example.org status=200 bytes=18231 "
		    "ms=212 r=0.50\n");
		log_warn("%5d|%-5d|%05u|%x|%c|%%|%.*s|%.3s|%*d", 42, 42, 42u,
		    255u, 'z', 2, "abc", "defg", 4, 7);
		CHECK_STR(
		    packet(), "<4>   42|42   |00042|ff|z|%|ab|def|   7\n");
	}
	TEST("log: what is below the level is not said")
	{
		log_debug("no");
		CHECK_STR(packet(), "");
	}
	TEST("h15: control bytes, escapes and broken UTF-8 leave as \\xNN")
	{
		log_error("bad type=%s", "a\x1b[31m\r\n<0>forged\x7f");
		CHECK_STR(packet(),
		    "<3>bad type=a\\x1b[31m\\x0d\\x0a<0>forged\\x7f\n");
		log_info("t=%s", "\xe4\xbd\xa0\xe5\xa5\xbd");
		CHECK_STR(packet(), "<6>t=\xe4\xbd\xa0\xe5\xa5\xbd\n");
		log_info("t=%s", "\xb9\xfa|\xc0\xaf|\xed\xa0\x80|\xf5\x80");
		CHECK_STR(packet(),
		    "<6>t=\\xb9\\xfa|\\xc0\\xaf|\\xed\\xa0\\x80|\\xf5\\x80\n");
		log_info("t=%s", "\xc2\x9b|\xe2\x80\xae|\xe4\xbd");
		CHECK_STR(
		    packet(), "<6>t=\\xc2\\x9b|\\xe2\\x80\\xae|\\xe4\\xbd\n");
		log_info("t=%c", '\n');
		CHECK_STR(packet(), "<6>t=\\x0a\n");
	}
	TEST("log: a value with a space or a quote is quoted")
	{
		log_info("x url=%s why=%s", "/a status=200", "say \"no\"\\");
		CHECK_STR(packet(),
		    "<6>x url=\"/a status=200\" why=\"say \\\"no\\\"\\\\\"\n");
		log_info("cannot open '%s' e=%s", "a b", "");
		CHECK_STR(packet(), "<6>cannot open 'a b' e=\"\"\n");
		log_info("n=%s", none);
		CHECK_STR(packet(), "<6>n=-\n");
	}
	TEST("log: without the journal a line begins with the time")
	{
		log_open(LOG_INFO_, LOG_TEXT, 0);
		log_info("up");
		line = packet();
		CHECK(strlen(line) == strlen("2026-11-21T03:15:00Z up\n"));
		CHECK(strcmp(line + 10 + 10, " up\n") == 0);
	}
}

static void
test_forms(void)
{
	TEST("log: logfmt says event and level, and quotes what is not plain")
	{
		log_open(LOG_INFO_, LOG_LOGFMT, 1);
		log_info("page failed url=%s n=%d q=%s", "http://a/?b=c", 7,
		    "x\"y\\z\n");
		CHECK_STR(packet(),
		    "<6>level=info event=\"page failed\" "
		    "url=\"http://a/?b=c\" n=7 q=\"x\\\"y\\\\z\\\\x0a\"\n");
	}
	TEST("log: json has numbers, strings and null")
	{
		const char *volatile none = NULL;

		log_open(LOG_INFO_, LOG_JSON, 1);
		log_info("page failed n=%d r=%.2f x=%x s=%s no=%s z=%05d", -7,
		    0.25, 255, "a\"\\\x01", none, 42);
		CHECK_STR(packet(),
		    "<6>{\"level\":\"info\",\"event\":\"page failed\",\"n\":-7,"
		    "\"r\":0.25,\"x\":\"ff\",\"s\":\"a\\\"\\\\\\\\x01\","
		    "\"no\":null,\"z\":\"00042\"}\n");
		log_open(LOG_INFO_, LOG_JSON, 0);
		log_info("up");
		CHECK(strncmp(packet(), "{\"time\":\"20", 11) == 0);
	}
}

static void
test_length(void)
{
	static char big[9000];
	const char *line;

	memset(big, 'x', sizeof(big) - 1);
	TEST("log: a long value is cut, and what comes behind it is told")
	{
		log_open(LOG_INFO_, LOG_TEXT, 1);
		log_info("x a=%s b=%d", big, 1);
		line = packet();
		CHECK_INT(strlen(line),
		    strlen("<6>x a=") + LOG_VALUE_MAX + strlen("... b=1\n"));
		CHECK_STR(line + strlen(line) - 8, "... b=1\n");
	}
	TEST("log: a long line is cut, one write() of 4 KiB with one newline")
	{
		log_info("%s%s", "begin ", big);
		line = packet();
		CHECK(strlen(line) <= LOG_BYTES_MAX);
		CHECK_STR(line + strlen(line) - 6, "xx...\n");
		CHECK_STR(packet(), "");
		log_info("x a=%s b=%s c=%s d=%d", big, big, big, 1);
		line = packet();
		CHECK(strlen(line) <= LOG_BYTES_MAX);
		CHECK(strchr(line, '\n') == line + strlen(line) - 1);
		CHECK_STR(packet(), "");
		log_open(LOG_INFO_, LOG_JSON, 1);
		log_info("x a=%s b=%s c=%s d=%d", big, big, big, 1);
		line = packet();
		CHECK_STR(line + strlen(line) - 7, "x...\"}\n");
	}
}

/* ---- columns ------------------------------------------------------------ */

struct row {
	int64_t time, number;
	const char *text, *rest;
};

static const struct log_column columns[] = {
    {"time", "", LOG_K_TIME, offsetof(struct row, time)},
    {"number", "", LOG_K_NUMBER, offsetof(struct row, number)},
    {"text", "", LOG_K_TEXT, offsetof(struct row, text)},
    {"rest", "", LOG_K_REST, offsetof(struct row, rest)}};

static const char *
row_as(enum log_form form, const struct row *r)
{
	static char buf[1000];
	struct log_line l;

	log_line_begin(&l, form, buf, sizeof buf - 1, 100);
	log_columns_put(&l, columns, 4, r);
	buf[log_line_end(&l)] = '\0';
	return buf;
}

static void
test_columns(void)
{
	struct row r = {1795305600123, 200, "a b\t\"\\", "two words"};
	struct row none = {0, LOG_NONE, "", NULL};

	TEST("log: a line of columns has a word for each field")
	CHECK_STR(row_as(LOG_COLUMNS, &r),
	    "2026-11-22T00:00:00.123Z 200 a\\x20b\\x09\"\\ two words\n");
	CHECK_STR(
	    row_as(LOG_COLUMNS, &none), "1970-01-01T00:00:00.000Z - - -\n");
	CHECK_STR(row_as(LOG_LOGFMT, &none),
	    "time=1970-01-01T00:00:00.000Z number=- text=\"\" rest=-\n");
	CHECK_STR(row_as(LOG_JSON, &r),
	    "{\"time\":\"2026-11-22T00:00:00.123Z\",\"number\":200,"
	    "\"text\":\"a b\\\\x09\\\"\\\\\",\"rest\":\"two words\"}\n");
	CHECK_STR(row_as(LOG_JSON, &none),
	    "{\"time\":\"1970-01-01T00:00:00.000Z\",\"number\":null,"
	    "\"text\":\"\",\"rest\":null}\n");
}

/* ---- sums --------------------------------------------------------------- */

static struct log_sums sums;

static int
told(uint64_t site, uint64_t cause, int64_t now)
{
	return log_sums_hold(&sums, site, cause, now) == NULL;
}

/* All sums that are due. */
static uint32_t
summed(int64_t now, int all, int *lines)
{
	uint32_t times, n = 0;
	int64_t over;

	for (*lines = 0; log_sums_due(&sums, now, all, &times, &over) != NULL;
	     ++*lines)
		n += times;
	return n;
}

static void
test_sums(void)
{
	int64_t now;
	uint32_t all = 0, said = 0, held;
	int i, lines, most = 0;

	TEST("log: one cause is told 5 times, then as a sum each minute")
	memset(&sums, 0, sizeof sums);
	for (now = 0; now < 600000; now += 100) {
		held = summed(now, 0, &lines);
		CHECK(lines <= 1);
		said += (uint32_t)told(1, 2, now);
		all += held;
		most += lines;
	}
	CHECK_INT(said, 5);
	CHECK(most == 9 || most == 10);
	all += summed(now, 1, &lines);
	CHECK_INT(said + all, 6000);

	TEST("log: after a minute of peace it is told anew")
	CHECK_INT(told(1, 2, now + 60001), 1);
	CHECK_INT(told(1, 3, now + 60002), 1);

	TEST("log: a call site with ever new causes is told 20 times, and "
	     "summed")
	memset(&sums, 0, sizeof sums);
	for (i = 0, said = 0; i < 100000; i++)
		said += (uint32_t)told(1, (uint64_t)i + 7, i / 10);
	CHECK_INT(said, 20);
	CHECK_INT(summed(60000, 0, &lines), 100000 - 20);
	CHECK_INT(lines, 1);

	TEST("log: another call site is heard in a flood of the first")
	memset(&sums, 0, sizeof sums);
	for (i = 0; i < 1000; i++)
		(void)told(1, (uint64_t)i, 0);
	CHECK_INT(told(2, 1, 0), 1);

	TEST("log: whatever comes is told or in a sum, and memory is fixed")
	memset(&sums, 0, sizeof sums);
	for (i = 0, said = 0, held = 0; i < 200000; i++) {
		said += (uint32_t)told(
		    (uint64_t)(i * 7919) % 200 + 1, (uint64_t)i % 1013, i);
		if (i % 5000 == 0)
			held += summed(i, 0, &lines);
	}
	held += summed(i, 1, &lines);
	CHECK_INT(said + held, 200000);
}

static void
fault(int i)
{
	log_warn("cannot reach a thing thing=%d error=%s", i, "gone");
}

static void
test_flood(void)
{
	char last[8192] = "";
	const char *line;
	int i, n;

	TEST("log: 10,000 of one fault are 5 lines and their sum")
	log_open(LOG_INFO_, LOG_TEXT, 1);
	for (i = 0; i < 10000; i++)
		fault(i);
	log_close();
	for (n = 0; *(line = packet()) != '\0'; n++)
		snprintf(last, sizeof last, "%s", line);
	CHECK_INT(n, 6);
	CHECK(strncmp(last,
		  "<4>cannot reach a thing thing=9999 error=gone times=9995 "
		  "in_s=",
		  60) == 0);
	TEST("log: the same words with other numbers are one fault")
	for (i = 0; i < 100; i++) {
		char why[40];

		snprintf(why, sizeof why, "%d bytes are left", 99 - i);
		log_warn("fetching pauses reason=%s", why);
	}
	for (i = 0; i < 6; i++) {
		char host[16];

		snprintf(host, sizeof host, "10.0.0.%d", i);
		log_warn("host rests host=%s", host);
	}
	log_close();
	for (n = 0; *packet() != '\0'; n++)
		continue;
	CHECK_INT(n, 5 + 6 + 1);
	TEST("log: what was asked for line by line is never summed")
	for (i = 0; i < 100; i++)
		log_info("page n=%d", 1);
	for (i = 0; i < 100; i++)
		log_each(LOG_NOTICE, "setting changed setting=%s", "x");
	for (n = 0; *packet() != '\0'; n++)
		continue;
	CHECK_INT(n, 200);
}

/* ---- any bytes ---------------------------------------------------------- */

/* One line, printable, and whole in its form. */
static int
is_good(const char *s, size_t n, enum log_form form)
{
	size_t i, k;
	int quoted = 0;

	if (n < 2 || s[n - 1] != '\n' || memchr(s, '\n', n - 1) != NULL)
		return 0;
	for (i = 0; i < n - 1; i += k)
		if ((k = log_printable(
			 (const unsigned char *)s + i, n - 1 - i)) == 0)
			return 0;
	if (form == LOG_COLUMNS) {
		for (i = 0, k = 0; i < n; i++)
			k += s[i] == ' ';
		return k == 2;
	}
	for (i = 0; i < n - 1; i++)
		if (s[i] == '\\' && quoted)
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
	return !quoted &&
	       (form != LOG_JSON || (s[0] == '{' && s[n - 2] == '}'));
}

static void
test_bytes(void)
{
	static char buf[4096];
	char text[3][300];
	uint32_t r = 1;
	struct log_line l;
	size_t n[3], cap;
	int i, k, bad = 0;
	enum log_form form;

	TEST("log: any bytes in any form and any room leave one whole line")
	for (i = 0; i < 60000; i++) {
		form = (enum log_form)(i % 4);
		cap = i % 3 == 0 ? 512 + r % 900 : sizeof buf;
		for (k = 0; k < 3; k++) {
			r = r * 1664525u + 1013904223u;
			n[k] = (r >> 20) % sizeof text[k];
			for (size_t j = 0; j < n[k]; j++) {
				r = r * 1664525u + 1013904223u;
				text[k][j] =
				    (r >> 30) == 0
					? "\n\"\\= \x1b\xe2\x80"[r >> 8 & 7]
					: (char)(r >> 16);
			}
		}
		log_line_begin(&l, form, buf, cap, 100 + r % 200);
		if (form != LOG_COLUMNS) {
			log_line_event(&l);
			log_line_event_piece(&l, text[0], n[0] % 60);
			log_line_event_end(&l);
		}
		log_line_string(&l, "a", text[1], n[1]);
		log_line_number(&l, "n", "12");
		log_line_string(&l, "b", text[2], n[2]);
		cap = log_line_end(&l);
		if (cap > l.cap ||
		    (!is_good(buf, cap, form) && form != LOG_TEXT &&
			!(form == LOG_COLUMNS && l.cut)))
			bad++;
		if (form == LOG_TEXT && memchr(buf, '\n', cap) != buf + cap - 1)
			bad++;
	}
	CHECK_INT(bad, 0);
}

int
main(void)
{
	stderr_take();
	log_open(LOG_INFO_, LOG_TEXT, 1);
	test_text();
	test_forms();
	test_length();
	test_flood();
	dup2(stderr_kept, STDERR_FILENO);
	test_columns();
	test_sums();
	test_bytes();
	return test_end();
}
