/* log_file.c - see log_file.h. */
#include "crawler/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "crawler/log.h"

struct log_file {
	const char *name;
	char *path; /* NULL: off */
	int fd;     /* -1: not open */
	int in_trouble;
	uint64_t lost; /* since the trouble began */
	struct log_file_stat stat;
	struct event *timer;
	size_t len;
	char room[LOG_FILE_ROOM];
};

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	log_file_flush(arg);
}

struct log_file *
log_file_new(struct event_base *base, const char *name)
{
	struct log_file *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->name = name;
	f->fd = -1;
	if ((f->timer = evtimer_new(base, timer_cb, f)) != NULL)
		return f;
	free(f);
	return NULL;
}

/* ---- trouble ------------------------------------------------------------ */

static void
trouble(struct log_file *f, const char *what, int error)
{
	if (!f->in_trouble)
		log_warn("a log cannot be written, the crawl goes on without "
			 "log=%s file=%s error=%s doing=%s",
		    f->name, f->path, strerror(error), what);
	f->in_trouble = 1;
}

static void
trouble_over(struct log_file *f)
{
	if (f->in_trouble)
		log_notice("a log is written again log=%s file=%s lost=%llu",
		    f->name, f->path, (unsigned long long)f->lost);
	f->in_trouble = 0;
	f->lost = 0;
}

/* ---- the file ----------------------------------------------------------- */

static void
file_close(struct log_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* A regular file whose last line has no end gets one. */
static void
end_last_line(int fd, const struct stat *st)
{
	char last;

	if (S_ISREG(st->st_mode) && st->st_size > 0 &&
	    pread(fd, &last, 1, st->st_size - 1) == 1 && last != '\n')
		(void)!write(fd, "\n", 1);
}

/* To look at its end it has to be read; a pipe has none, and nobody who does
 * not read it is waited for. */
static int
file_open(struct log_file *f)
{
	int how = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	struct stat st;
	int fd;

	if (f->fd >= 0)
		return 0;
	how |=
	    stat(f->path, &st) != 0 || S_ISREG(st.st_mode) ? O_RDWR : O_WRONLY;
	fd = open(f->path, how, 0640);
	if (fd < 0 || fstat(fd, &st) != 0) {
		trouble(f, "open", errno);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	end_last_line(fd, &st);
	f->fd = fd;
	return 0;
}

/* Up to the last newline of the first n bytes. */
static size_t
whole_lines(const char *s, size_t n)
{
	const char *eol = memrchr(s, '\n', n);

	return eol != NULL ? (size_t)(eol + 1 - s) : 0;
}

static void
drop_front(struct log_file *f, size_t n)
{
	f->len -= n;
	memmove(f->room, f->room + n, f->len);
}

/* G2: of a line of which a part was written that part is taken back. -1: it
 * stays, as in a pipe. */
static int
take_back(struct log_file *f, size_t part)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) &&
		       st.st_size >= (off_t)part &&
		       ftruncate(f->fd, st.st_size - (off_t)part) == 0
		   ? 0
		   : -1;
}

/* What could be written goes. */
static void
file_write(struct log_file *f)
{
	size_t whole;
	ssize_t n;

	do
		n = write(f->fd, f->room, f->len);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		trouble(f, "write", errno);
		if (errno != EAGAIN)
			file_close(f);
	} else if ((size_t)n < f->len) {
		whole = whole_lines(f->room, (size_t)n);
		drop_front(f,
		    take_back(f, (size_t)n - whole) == 0 ? whole : (size_t)n);
		trouble(f, "write", ENOSPC);
	} else {
		f->len = 0;
		trouble_over(f);
	}
}

static void
wait_a_second(struct log_file *f)
{
	static const struct timeval second = {1, 0};

	if (!evtimer_pending(f->timer, NULL))
		evtimer_add(f->timer, &second);
}

void
log_file_flush(struct log_file *f)
{
	if (f->len == 0)
		return;
	if (file_open(f) == 0)
		file_write(f);
	if (f->len > 0)
		wait_a_second(f);
}

/* ---- the caller --------------------------------------------------------- */

void
log_file_put(struct log_file *f, const char *line, size_t n)
{
	if (f->path == NULL)
		return;
	if (f->len + n > sizeof f->room && !f->in_trouble)
		log_file_flush(f);
	if (f->len + n > sizeof f->room) {
		f->lost++;
		f->stat.lost++;
		return;
	}
	memcpy(f->room + f->len, line, n);
	f->len += n;
	f->stat.lines++;
	wait_a_second(f);
}

void
log_file_reopen(struct log_file *f)
{
	log_file_flush(f);
	file_close(f);
	/* Its name is there at once, for who waits for it. */
	if (f->path != NULL && file_open(f) == 0 && f->len == 0)
		trouble_over(f);
}

void
log_file_set(struct log_file *f, const char *path)
{
	if (f->path != NULL && strcmp(f->path, path) == 0)
		return;
	log_file_flush(f);
	file_close(f);
	free(f->path);
	f->len = 0;
	f->in_trouble = 0;
	f->path = path[0] != '\0' ? strdup(path) : NULL;
	if (f->path != NULL)
		(void)file_open(f);
}

int
log_file_is_on(const struct log_file *f)
{
	return f->path != NULL;
}

void
log_file_stat(const struct log_file *f, struct log_file_stat *s)
{
	*s = f->stat;
}

void
log_file_free(struct log_file *f)
{
	if (f == NULL)
		return;
	log_file_flush(f);
	file_close(f);
	event_free(f->timer);
	free(f->path);
	free(f);
}
