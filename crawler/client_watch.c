/* client_watch.c - `winnow status --watch`: an answer that is asked for again
 * and again.
 *
 * On a terminal it fills the screen and is drawn anew in one write, line over
 * line, so that nothing flickers: at each look, and when the window changes. q
 * or ^C ends it, and the terminal is as it was. Elsewhere each look is printed
 * behind the one before, with an empty line between (--json: a line each). */
#include "crawler/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "crawler/control.h"
#include "crawler/words.h"

struct screen {
	int on;   /* stdout is a terminal that can be drawn on */
	int keys; /* stdin is one that gives single keys */
	struct termios was;
};

static volatile sig_atomic_t ended, resized;
/* While an answer is awaited: a daemon that hangs holds nobody. */
static struct screen *volatile asking;

/* Also from a signal. */
static void
screen_close(struct screen *s)
{
	static const char leave[] = "\033[?25h\033[?1049l";

	if (!s->on)
		return;
	s->on = 0;
	if (write(STDOUT_FILENO, leave, sizeof leave - 1) > 0 && s->keys)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &s->was);
}

static void
on_end(int sig)
{
	(void)sig;
	ended = 1;
	if (asking == NULL)
		return;
	screen_close(asking);
	_exit(0);
}

static void
on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

static void
signals(void)
{
	struct sigaction end = {.sa_handler = on_end},
			 size = {.sa_handler = on_resize};

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	sigaction(SIGWINCH, &size, NULL);
}

/* ---- the terminal ------------------------------------------------------- */

static void
screen_open(struct screen *s, const struct client *c)
{
	struct termios t;

	*s =
	    (struct screen){.on = !c->json && words_style_of(stdout).width > 0};
	if (!s->on)
		return;
	if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &s->was) == 0) {
		t = s->was;
		t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		t.c_cc[VSUSP] = _POSIX_VDISABLE;
		s->keys = tcsetattr(STDIN_FILENO, TCSAFLUSH, &t) == 0;
	}
	fputs("\033[?1049h\033[?25l", stdout);
	fflush(stdout);
}

/* Lines that fit on it, each over the one that stands there. */
static void
screen_draw(const char *text)
{
	struct winsize size;
	const char *eol;
	char *all = NULL;
	size_t len;
	FILE *f = open_memstream(&all, &len);
	int rows =
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0
		? size.ws_row
		: 24;

	if (f == NULL)
		return;
	fputs("\033[H", f);
	for (; rows > 1 && (eol = strchr(text, '\n')) != NULL;
	     text = eol + 1, rows--)
		fprintf(f, "%.*s\033[K\n", (int)(eol - text), text);
	fputs("\033[2mq ends\033[0m\033[K\033[J", f);
	fclose(f);
	if (all != NULL)
		fwrite(all, 1, len, stdout);
	fflush(stdout);
	free(all);
}

/* ---- looking ------------------------------------------------------------ */

/* A look, as it is printed; malloced, or NULL. answer is changed. */
static char *
look_text(char *answer)
{
	struct words_style style = words_style_of(stdout);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	if (words_print(answer, &style, f) != 0)
		fputs(answer, f);
	fclose(f);
	return text;
}

static void
draw_answer(const char *answer)
{
	char *copy = strdup(answer), *text = NULL;

	if (copy != NULL && (text = look_text(copy)) != NULL)
		screen_draw(text);
	free(text);
	free(copy);
}

/* 1: it is to end. The window may change meanwhile. */
static int
wait_keys(const struct screen *s, const char *answer, int seconds)
{
	struct pollfd p = {.fd = s->keys ? STDIN_FILENO : -1, .events = POLLIN};
	struct timespec t;
	int64_t end, now;
	char key;

	clock_gettime(CLOCK_MONOTONIC, &t);
	end = (t.tv_sec + seconds) * 1000LL + t.tv_nsec / 1000000;
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		now = t.tv_sec * 1000LL + t.tv_nsec / 1000000;
		if (ended || now >= end)
			return ended;
		if (poll(&p, 1, (int)(end - now)) > 0 &&
		    (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' ||
			key == 'Q'))
			return 1;
		if (resized && s->on && answer != NULL)
			draw_answer(answer);
		resized = 0;
	}
}

/* What a terminal shows while there is no daemon. */
static void
draw_trouble(const char *err)
{
	char text[1024];

	snprintf(text, sizeof text,
	    "%s\nIt is tried again, and goes on when it answers.\n", err);
	screen_draw(text);
}

/* The first look says whether there is a daemon; later ones wait for it to come
 * back, where somebody sees that. */
static int
watch(struct client *c, struct screen *s, const char *command)
{
	char *answer, err[512];
	int rc = 0, n = 0, over, got;

	do {
		asking = s;
		got = control_ask(c->socket_path, command, NULL, 0, c->patience,
		    &answer, err, sizeof err);
		asking = NULL;
		if (got == 0) {
			if (s->on)
				draw_answer(answer);
			else {
				if (n > 0 && !c->json)
					putchar('\n');
				rc = client_print(c, answer);
				if (fflush(stdout) != 0)
					ended = 1;
			}
		} else if (s->on && n > 0)
			draw_trouble(err);
		else {
			screen_close(s);
			fprintf(stderr, "%s: %s\n", c->who, err);
			return 3;
		}
		n++;
		over = wait_keys(s, answer, c->watch);
		free(answer);
	} while (!over);
	return rc;
}

int
client_watch(struct client *c, const char *command)
{
	struct screen s;
	int rc = client_config(c);

	if (rc != 0)
		return rc;
	signals();
	screen_open(&s, c);
	rc = watch(c, &s, command);
	screen_close(&s);
	return rc;
}
