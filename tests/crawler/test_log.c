/* test_log.c - one line, one write(), whatever the bytes. */
#include "crawler/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/test.h"

static int pipe_read, stderr_kept;

/* stderr as a pipe of packets: each write() is read back as one. */
static void
stderr_take(void)
{
	int fds[2];

	if (pipe2(fds, O_DIRECT) < 0)
		exit(1);
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
log_cases(void)
{
	static char big[6000];
	const char *line;
	const char *volatile none = NULL;

	stderr_take();
	log_open(LOG_INFO_, 1);
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
		log_error("t=%s", "\xe4\xbd\xa0\xe5\xa5\xbd");
		CHECK_STR(packet(), "<3>t=\xe4\xbd\xa0\xe5\xa5\xbd\n");
		log_error("t=%s", "\xb9\xfa|\xc0\xaf|\xed\xa0\x80|\xf5\x80");
		CHECK_STR(packet(),
		    "<3>t=\\xb9\\xfa|\\xc0\\xaf|\\xed\\xa0\\x80|\\xf5\\x80\n");
		log_error("t=%s", "\xc2\x9b|\xe2\x80\xae|\xe4\xbd");
		CHECK_STR(
		    packet(), "<3>t=\\xc2\\x9b|\\xe2\\x80\\xae|\\xe4\\xbd\n");
		log_error("t=%c", '\n');
		CHECK_STR(packet(), "<3>t=\\x0a\n");
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
	TEST("log: a long line is cut, one write() of 4 KiB with one newline")
	{
		memset(big, 'x', sizeof(big) - 1);
		log_info("%s%s", "begin ", big);
		line = packet();
		CHECK_INT(strlen(line), 4096);
		CHECK_STR(line + 4090, "xx...\n");
		CHECK_STR(packet(), "");
		big[3000] = '\0';
		log_info("a=%s b=%s c=%d", big, big, 1);
		line = packet();
		CHECK_INT(strlen(line), 4096);
		CHECK(strchr(line, '\n') == line + strlen(line) - 1);
		CHECK_STR(packet(), "");
	}
	TEST("log: without the journal a line begins with the time")
	{
		log_open(LOG_INFO_, 0);
		log_info("up");
		line = packet();
		CHECK(strlen(line) == strlen("2026-11-21T03:15:00Z up\n"));
		CHECK(strcmp(line + 10 + 10, " up\n") == 0);
	}
	dup2(stderr_kept, STDERR_FILENO);
}

int
main(void)
{
	log_cases();
	return test_end();
}
