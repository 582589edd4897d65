/* hostile.h - a web server that misbehaves on purpose, on the loopback.
 *
 * A thread a connection in the test's own process; the path of a request
 * chooses what happens, each row of behaviours[] named after the catalogue's
 * id. Every answer is bounded in time (PATIENCE_MS) and bytes, so a test that
 * fails ends all the same.
 *
 *	int port = hostile_start("127.0.0.1");
 *	... GET http://127.0.0.1:port/h04-mid-body ...
 *	hostile_seen: requests so far; hostile_connections: connections. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/crawler/loopback.h"

#define PATIENCE_MS 3000

static atomic_int hostile_seen, hostile_connections;
static char hostile_last[16384]; /* head of the last request */

static int
says(int fd, const char *s)
{
	return say(fd, s, strlen(s));
}

/* Says s up to n times, until the other side has enough. */
static void
repeat(int fd, const char *s, int n)
{
	char block[65536];
	size_t len = strlen(s), per = sizeof(block) / len, i;

	for (i = 0; i < per; i++)
		memcpy(block + i * len, s, len);
	while (n > 0) {
		i = (size_t)n < per ? (size_t)n : per;
		if (say(fd, block, i * len) < 0)
			return;
		n -= (int)i;
	}
}

static void
drip(int fd, const char *s, int ms)
{
	int spent;

	for (spent = 0; spent < PATIENCE_MS && say(fd, s, strlen(s)) == 0;
	     spent += ms)
		nap(ms);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

static void
h01_silent(int fd)
{
	struct pollfd p = { fd, POLLRDHUP, 0 };

	poll(&p, 1, PATIENCE_MS);
}

static void
h03_reset(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static void
h05_slow_header(int fd)
{
	says(fd, "HTTP/1.1 200 OK\r\nX: ");
	drip(fd, "a", 50);
}

static void
h06_slow_body(int fd)
{
	says(fd, OK "Content-Length: 90000\r\n\r\n");
	drip(fd, "a", 50);
}

static void
h07_endless(int fd)
{
	int i;

	says(fd, OK "Transfer-Encoding: chunked\r\n\r\n");
	for (i = 0; i < 1000; i++) {
		if (says(fd, "10000\r\n") < 0)
			return;
		repeat(fd, "x", 65536);
		says(fd, "\r\n");
	}
}

static void
h09_long_extension(int fd)
{
	says(fd, OK "Transfer-Encoding: chunked\r\n\r\n5;");
	repeat(fd, "e", 20 << 20);
	says(fd, "\r\nhello\r\n0\r\n\r\n");
}

static void
h10_trailers(int fd)
{
	says(fd, OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
	repeat(fd, "X-Trailer: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 200000);
	says(fd, "\r\n");
}

static void
h11_many_fields(int fd)
{
	says(fd, OK);
	repeat(fd, "X-Field: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 200000);
	says(fd, "\r\n");
}

static void
h11_long_line(int fd)
{
	says(fd, OK "X-Long: ");
	repeat(fd, "l", 20 << 20);
	says(fd, "\r\n\r\n");
}

static void
h12_interim(int fd)
{
	repeat(fd, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 500000);
	says(fd, OK "Content-Length: 2\r\n\r\nok");
}

static void
h14_long_status(int fd)
{
	says(fd, "HTTP/1.1 200 ");
	repeat(fd, "O", 65536);
	says(fd, "\r\nContent-Length: 0\r\n\r\n");
}

static void
h21_long_location(int fd)
{
	says(fd, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /");
	repeat(fd, "a", 50000);
	says(fd, "\r\n\r\n");
}

static void
h25_sparse(int fd)
{
	says(fd, OK "Content-Length: 1099511627776\r\nETag: \"x\"\r\n\r\n");
	repeat(fd, "x", 64 << 20);
}

/* The answer to a request that nobody has made yet. */
static void
h48_late(int fd)
{
	says(fd, OK "Content-Length: 2\r\n\r\nok");
	nap(20);
	says(fd, OK "Content-Length: 4\r\n\r\nevil");
}

static void
big_page(int fd)
{
	says(fd, OK "Content-Length: 100000\r\n\r\n");
	repeat(fd, "x", 100000);
}

static void
slow_good(int fd)
{
	nap(150);
	says(fd, OK "Content-Length: 2\r\n\r\nok");
}

static const struct behaviour {
	const char *path;
	const char *text;	/* the whole answer, or */
	void (*act)(int fd);
	int keeps; /* the connection stays for the next request */
} behaviours[] = {
	{ "/ok", OK "Content-Length: 2\r\n\r\nok", NULL, 1 },
	{ "/big", NULL, big_page, 1 },
	{ "/slow-good", NULL, slow_good, 1 },
	{ "/404", "HTTP/1.1 404 Gone\r\nContent-Length: 2\r\n\r\nno", NULL, 1 },
	{ "/ok-then-close", OK "Content-Length: 2\r\n\r\nok", NULL, 0 },
	{ "/lf-only", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", NULL, 1 },
	{ "/folded", OK "Retry-After: 1\r\n\t20\r\nContent-Length: 0\r\n\r\n",
	    NULL, 1 },
	{ "/two-robots",
	    OK "X-Robots-Tag: noindex\r\nContent-Length: 0\r\n"
	       "X-Robots-Tag: nofollow\r\n\r\n",
	    NULL, 1 },
	{ "/gzip",
	    OK "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08!",
	    NULL, 1 },
	{ "/h01", NULL, h01_silent, 0 },
	{ "/h03", NULL, h03_reset, 0 },
	{ "/h04-at-once", "", NULL, 0 },
	{ "/h04-mid-header", "HTTP/1.1 200 OK\r\nContent-Type: te", NULL, 0 },
	{ "/h04-mid-body", OK "Content-Length: 100\r\n\r\nonly this", NULL, 0 },
	{ "/h04-mid-chunk",
	    OK "Transfer-Encoding: chunked\r\n\r\n64\r\nonly this", NULL, 0 },
	{ "/h05", NULL, h05_slow_header, 0 },
	{ "/h06", NULL, h06_slow_body, 0 },
	{ "/h07", NULL, h07_endless, 0 },
	{ "/h08-max", OK "Content-Length: 9223372036854775807\r\n\r\nok", NULL,
	    0 },
	{ "/h08-over", OK "Content-Length: 92233720368547758070\r\n\r\nok",
	    NULL, 0 },
	{ "/h08-negative", OK "Content-Length: -5\r\n\r\nok", NULL, 0 },
	{ "/h08-two",
	    OK "Content-Length: 5\r\nContent-Length: 2\r\n\r\nokokok", NULL, 0 },
	{ "/h08-letters", OK "Content-Length: two\r\n\r\nok", NULL, 0 },
	{ "/h08-tail", OK "Content-Length: 2x\r\n\r\nok", NULL, 0 },
	{ "/h08-list", OK "Content-Length: 2, 2\r\n\r\nok", NULL, 1 },
	{ "/h08-list-differs", OK "Content-Length: 2, 3\r\n\r\nok", NULL, 0 },
	{ "/h09-digits",
	    OK "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nok",
	    NULL, 0 },
	{ "/h09-negative", OK "Transfer-Encoding: chunked\r\n\r\n-5\r\nok", NULL,
	    0 },
	{ "/h09-no-crlf",
	    OK "Transfer-Encoding: chunked\r\n\r\n2\r\nokok0\r\n\r\n", NULL, 0 },
	{ "/h09-extension", NULL, h09_long_extension, 0 },
	{ "/h10", NULL, h10_trailers, 0 },
	{ "/h11-fields", NULL, h11_many_fields, 0 },
	{ "/h11-line", NULL, h11_long_line, 0 },
	{ "/h12", NULL, h12_interim, 0 },
	{ "/h12-one",
	    "HTTP/1.1 103 Early Hints\r\nLocation: /wrong\r\n\r\n" OK
	    "Content-Length: 2\r\n\r\nok",
	    NULL, 1 },
	{ "/h14-09", "<html>hello", NULL, 0 },
	{ "/h14-000", "HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n", NULL, 0 },
	{ "/h14-999", "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", NULL, 0 },
	{ "/h14-099", "HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n", NULL, 0 },
	{ "/h14-version", "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n", NULL,
	    0 },
	{ "/h14-long", NULL, h14_long_status, 0 },
	{ "/h14-101",
	    "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\nrubbish", NULL, 0 },
	{ "/h15",
	    "HTTP/1.1 302 Found\r\nLocation: /a\x1b[31m\x07z\r\n"
	    "Content-Type: text/html;\tx=\x7f\x01y\r\nContent-Length: 0\r\n\r\n",
	    NULL, 1 },
	{ "/h16-204", "HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\nbody", NULL,
	    0 },
	{ "/h16-205", "HTTP/1.1 205 No\r\nContent-Length: 4\r\n\r\nbody", NULL,
	    0 },
	{ "/h16-304", "HTTP/1.1 304 Same\r\nETag: \"x\"\r\n\r\n", NULL, 1 },
	{ "/h17",
	    "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n",
	    NULL, 1 },
	{ "/h21", NULL, h21_long_location, 1 },
	{ "/h21-gbk",
	    "HTTP/1.1 302 Found\r\nLocation: /\xb9\xfa a\r\n"
	    "Content-Length: 0\r\n\r\n",
	    NULL, 1 },
	{ "/h25", NULL, h25_sparse, 0 },
	{ "/h44",
	    "HTTP/1.1 429 Slow\r\nRetry-After: 1000000000\r\n"
	    "Content-Length: 0\r\n\r\n",
	    NULL, 1 },
	{ "/h48-late", NULL, h48_late, 1 },
	{ "/h48-two", OK "Content-Length: 2\r\n\r\nok" OK
			 "Content-Length: 4\r\n\r\nevil",
	    NULL, 1 },
	{ "/h48-extra", OK "Content-Length: 2\r\n\r\nokEXTRA BYTES", NULL, 1 },
};

/* Reads one request head; its path, or NULL at the end. */
static const char *
request_read(int fd, char *head, size_t cap)
{
	size_t n = 0;
	ssize_t got;
	char *path;

	do {
		got = recv(fd, head + n, cap - 1 - n, 0);
		if (got <= 0)
			return NULL;
		n += (size_t)got;
		head[n] = '\0';
	} while (strstr(head, "\r\n\r\n") == NULL && n < cap - 1);
	memcpy(hostile_last, head, n + 1);
	path = strchr(head, ' ');
	if (path == NULL)
		return NULL;
	path++;
	path[strcspn(path, " ?")] = '\0';
	return path;
}

static void *
connection_main(void *arg)
{
	int fd = (int)(intptr_t)arg, keeps = 1;
	const struct behaviour *b;
	char head[16384];
	const char *path;
	size_t i;

	while (keeps && (path = request_read(fd, head, sizeof(head))) != NULL) {
		hostile_seen++;
		keeps = 0;
		for (i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++) {
			b = &behaviours[i];
			if (strcmp(b->path, path) != 0)
				continue;
			keeps = b->keeps;
			if (b->act != NULL)
				b->act(fd);
			else
				says(fd, b->text);
		}
	}
	close(fd);
	return NULL;
}

static void *
listener_main(void *arg)
{
	int listener = (int)(intptr_t)arg, fd;
	pthread_t t;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		hostile_connections++;
		if (pthread_create(&t, NULL, connection_main,
			(void *)(intptr_t)fd) == 0)
			pthread_detach(t);
		else
			close(fd);
	}
	return NULL;
}

/* Its port, -1: no such address here. */
static inline int
hostile_start(const char *address, int port)
{
	int fd = loopback_socket(address, SOCK_STREAM, &port);
	pthread_t t;

	if (fd < 0 || listen(fd, 64) < 0 ||
	    pthread_create(&t, NULL, listener_main, (void *)(intptr_t)fd) != 0)
		return -1;
	pthread_detach(t);
	return port;
}

#endif
