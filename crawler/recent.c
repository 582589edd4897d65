/* recent.c - see recent.h.
 *
 *	0        4096                 head            tail        lap_end  size
 *	+--------+--------------------+...............+-----------+........+
 *	| front  | this lap's pages   | being written | last lap's| unused |
 *	+--------+--------------------+...............+-----------+........+
 *
 * A page goes to head. Pages of the last lap that stand in its way are given up
 * first, in the front, and then written over. At the end of the file the lap is
 * over, and head goes to the begin.
 *
 * The front is written before pages are given up and after a page is whole,
 * each time in the other one of two places, so whoever comes after a kill, or
 * after a write that was done by half, finds one that tells the truth (G2). */
#include "crawler/recent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#define NAME "recent.pages"
#define MAGIC 0x31474152u /* a page's */
#define BEGIN 4096        /* of the first page */
#define FRONT_PLACE 512
#define ALIGN 16
#define LEAVE_MOST ((uint64_t)256 << 20)
#define SHARE 4 /* a page takes at most one part in so many */
#define STRING_MAX (64 << 10)

struct front {
	char magic[8];
	uint64_t size, head, tail, lap_end;
	uint64_t lapped;  /* 1: [tail, lap_end) holds pages of the last lap */
	uint64_t number;  /* of the next page */
	uint64_t version; /* counts up; odd and even ones have a place each */
	uint64_t check;   /* XXH3 of all before it */
};
static const char front_magic[8] = "WNPAGES1";

struct entry {
	uint32_t magic;
	uint32_t uri_len, address_len, hints_len, head_len, body_len;
	uint32_t encoded, unused;
	uint64_t size;   /* in the file, this struct and padding included */
	uint64_t number; /* counts up */
	uint64_t key;
	int64_t date_ms;
	uint8_t id[16];
	uint64_t text_check; /* XXH3 of what follows */
	uint64_t check;      /* XXH3 of all before it */
};

struct recent {
	int fd;
	uint64_t extent; /* bytes of the file that are on the disk */
	struct front front;
	struct recent_place last;
};

/* ---- front --------------------------------------------------------------- */

static uint64_t
front_check(const struct front *f)
{
	return XXH3_64bits(f, offsetof(struct front, check));
}

/* What was not written whole. */
static int
failed(ssize_t n)
{
	if (n >= 0)
		errno = ENOSPC;
	return -1;
}

/* One that fails is written to the same place again: the other one is whole. */
static int
front_write(struct recent *r)
{
	off_t at = (off_t)(++r->front.version % 2 * FRONT_PLACE);
	ssize_t n;

	r->front.check = front_check(&r->front);
	n = pwrite(r->fd, &r->front, sizeof r->front, at);
	if (n == (ssize_t)sizeof r->front)
		return 0;
	r->front.version--;
	return failed(n);
}

static int
front_read_at(int fd, off_t at, struct front *f)
{
	return pread(fd, f, sizeof *f, at) == (ssize_t)sizeof *f &&
	       memcmp(f->magic, front_magic, sizeof f->magic) == 0 &&
	       f->check == front_check(f) && f->head >= BEGIN &&
	       f->head <= f->size && f->lap_end <= f->size &&
	       (!f->lapped || f->tail >= BEGIN) &&
	       (f->head | f->tail | f->lap_end) % ALIGN == 0;
}

/* The later one of the two; 0: none is whole. */
static int
front_read(int fd, struct front *f)
{
	struct front other;
	int have = front_read_at(fd, 0, f);

	if (front_read_at(fd, FRONT_PLACE, &other) &&
	    (!have || other.version > f->version)) {
		*f = other;
		have = 1;
	}
	return have;
}

static void
path_of(char *path, size_t cap, const char *state_dir)
{
	snprintf(path, cap, "%s/" NAME, state_dir);
}

struct recent *
recent_open(const char *state_dir, int64_t bytes)
{
	struct recent *r = calloc(1, sizeof *r);
	char path[4200];
	struct stat st;

	if (r == NULL)
		return NULL;
	path_of(path, sizeof path, state_dir);
	r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (r->fd < 0) {
		free(r);
		return NULL;
	}
	if (fstat(r->fd, &st) == 0)
		r->extent = (uint64_t)st.st_size;
	if (front_read(r->fd, &r->front) &&
	    r->front.size == (uint64_t)bytes + BEGIN)
		return r;
	r->front = (struct front){
	    .size = (uint64_t)bytes + BEGIN, .head = BEGIN, .number = 1};
	memcpy(r->front.magic, front_magic, sizeof r->front.magic);
	r->extent = 0;
	if (ftruncate(r->fd, 0) == 0 && front_write(r) == 0)
		return r;
	recent_close(r);
	return NULL;
}

void
recent_give_up(struct recent *r)
{
	if (r == NULL || r->extent <= BEGIN)
		return;
	r->front.head = BEGIN;
	r->front.tail = r->front.lap_end = 0;
	r->front.lapped = 0;
	(void)front_write(r);
	if (ftruncate(r->fd, BEGIN) == 0)
		r->extent = BEGIN;
}

void
recent_close(struct recent *r)
{
	if (r == NULL)
		return;
	close(r->fd);
	free(r);
}

void
recent_remove(const char *state_dir)
{
	char path[4200];

	path_of(path, sizeof path, state_dir);
	unlink(path);
}

/* ---- entries ------------------------------------------------------------- */

static size_t
entry_text(const struct entry *e)
{
	return (size_t)e->uri_len + e->address_len + e->hints_len +
	       e->head_len + e->body_len;
}

/* Reads the entry's struct; 1 when it is whole and lies before end. */
static int
entry_read(int fd, uint64_t at, uint64_t end, struct entry *e)
{
	return end - at >= sizeof *e &&
	       pread(fd, e, sizeof *e, (off_t)at) == (ssize_t)sizeof *e &&
	       e->magic == MAGIC &&
	       e->check == XXH3_64bits(e, offsetof(struct entry, check)) &&
	       e->size >= sizeof *e && e->size <= end - at &&
	       e->size % ALIGN == 0 && entry_text(e) <= e->size - sizeof *e;
}

/* Where the file ends for a page of n bytes at head: it grows only while a good
 * part of the disk stays free (G4). */
static uint64_t
end_for(const struct recent *r, uint64_t n)
{
	const struct front *f = &r->front;
	uint64_t leave, room;
	struct statvfs v;

	if (f->head + n <= r->extent || fstatvfs(r->fd, &v) != 0)
		return f->size;
	leave = v.f_blocks * v.f_frsize / 4;
	leave = leave < LEAVE_MOST ? leave : LEAVE_MOST;
	room = (uint64_t)v.f_bavail * v.f_frsize;
	if (room > leave && room - leave >= f->head + n - r->extent)
		return f->size;
	return r->extent < f->size ? r->extent : f->size;
}

/* Makes way for n bytes at head; 1: the front has changed. */
static int
make_way(struct recent *r, uint64_t end, uint64_t n)
{
	struct front *f = &r->front;
	struct entry e;
	int changed = 0;

	if (f->head > end || end - f->head < n) {
		f->lap_end = f->head;
		f->head = f->tail = BEGIN;
		f->lapped = changed = 1;
	}
	while (f->lapped && f->tail < f->head + n) {
		changed = 1;
		if (f->tail < f->lap_end &&
		    entry_read(r->fd, f->tail, f->lap_end, &e))
			f->tail += e.size;
		else
			f->lapped = 0;
		if (f->tail >= f->lap_end)
			f->lapped = 0;
	}
	return changed;
}

/* Of the five pieces of a page, one after the other. */
static uint64_t
text_check(const struct iovec v[5])
{
	uint64_t h = 0;

	for (int i = 0; i < 5; i++)
		h = XXH3_64bits_withSeed(v[i].iov_base, v[i].iov_len, h);
	return h;
}

/* Lengths of the page's strings, and their pieces. */
static uint64_t
entry_fill(struct entry *e, const struct wq_page *g, struct iovec v[7])
{
	static const char zeroes[ALIGN];
	const char *address = g->address != NULL ? g->address : "";
	const char *hints = g->hints != NULL ? g->hints : "";
	size_t n;

	*e = (struct entry){.magic = MAGIC,
	    .uri_len = (uint32_t)strlen(g->uri),
	    .address_len = (uint32_t)strlen(address),
	    .hints_len = (uint32_t)strlen(hints),
	    .head_len = (uint32_t)g->head_len,
	    .body_len = (uint32_t)g->body_len,
	    .encoded = g->encoded != 0,
	    .key = g->key,
	    .date_ms = g->date_ms};
	memcpy(e->id, g->id, sizeof e->id);
	v[0] = (struct iovec){e, sizeof *e};
	v[1] = (struct iovec){(void *)(uintptr_t)g->uri, e->uri_len};
	v[2] = (struct iovec){(void *)(uintptr_t)address, e->address_len};
	v[3] = (struct iovec){(void *)(uintptr_t)hints, e->hints_len};
	v[4] = (struct iovec){(void *)(uintptr_t)g->head, g->head_len};
	v[5] = (struct iovec){(void *)(uintptr_t)g->body, g->body_len};
	n = sizeof *e + entry_text(e);
	e->size = (n + ALIGN - 1) / ALIGN * ALIGN;
	v[6] = (struct iovec){(void *)(uintptr_t)zeroes, e->size - n};
	e->text_check = text_check(v + 1);
	return e->size;
}

int
recent_put(struct recent *r, const struct wq_page *g)
{
	struct front *f = &r->front;
	struct iovec v[7];
	struct entry e;
	uint64_t n, end;
	ssize_t put;

	if (g->head_len + g->body_len > f->size / SHARE ||
	    g->body_len > UINT32_MAX)
		return 0;
	n = entry_fill(&e, g, v);
	end = end_for(r, n);
	if (n > f->size / SHARE || end < BEGIN + n)
		return 0;
	if (make_way(r, end, n) && front_write(r) != 0)
		return -1;
	e.number = f->number;
	e.check = XXH3_64bits(&e, offsetof(struct entry, check));
	if ((put = pwritev(r->fd, v, 7, (off_t)f->head)) != (ssize_t)n)
		return failed(put);
	r->last = (struct recent_place){f->head, f->number};
	f->head += n;
	if (r->extent < f->head)
		r->extent = f->head;
	f->number++;
	return front_write(r) == 0 ? 1 : -1;
}

struct recent_place
recent_last(const struct recent *r)
{
	return r->last;
}

/* ---- reading ------------------------------------------------------------- */

struct search {
	int fd;
	const struct recent_want *want;
	struct wq_page *out;
	char **memory;
	uint64_t number; /* of what was found */
};

static int
is_wanted(const struct recent_want *w, const struct entry *e)
{
	return w->id != NULL ? memcmp(e->id, w->id, 16) == 0 : e->key == w->key;
}

/* The next n bytes as a string of their own. */
static char *
cut_string(char **to, const char **from, size_t n)
{
	char *s = *to;

	memcpy(s, *from, n);
	s[n] = '\0';
	*to += n + 1;
	*from += n;
	return s;
}

/* The strings need an end each, so they are moved behind the text. */
static void
fill_page(struct wq_page *g, const struct entry *e, char *text, size_t n)
{
	const char *from = text;
	char *to = text + n;

	memset(g, 0, sizeof *g);
	g->uri = cut_string(&to, &from, e->uri_len);
	g->address = cut_string(&to, &from, e->address_len);
	g->hints = cut_string(&to, &from, e->hints_len);
	g->head = from;
	g->head_len = e->head_len;
	g->body = from + e->head_len;
	g->body_len = e->body_len;
	g->encoded = (int)e->encoded;
	g->date_ms = e->date_ms;
	g->key = e->key;
	memcpy(g->id, e->id, sizeof g->id);
}

static int
is_whole(const struct entry *e, char *text)
{
	const uint32_t lens[5] = {
	    e->uri_len, e->address_len, e->hints_len, e->head_len, e->body_len};
	struct iovec v[5];

	for (int i = 0; i < 5; i++) {
		v[i] = (struct iovec){text, lens[i]};
		text += lens[i];
	}
	return text_check(v) == e->text_check;
}

/* -1: no memory. */
static int
look_at(struct search *s, uint64_t at, const struct entry *e)
{
	size_t n = entry_text(e);
	struct wq_page g;
	char *text;

	if (e->uri_len > STRING_MAX || e->address_len > STRING_MAX ||
	    e->hints_len > STRING_MAX || e->number < s->number)
		return 0;
	text = malloc(n + e->uri_len + e->address_len + e->hints_len + 3);
	if (text == NULL)
		return -1;
	if (pread(s->fd, text, n, (off_t)(at + sizeof *e)) == (ssize_t)n &&
	    is_whole(e, text)) {
		fill_page(&g, e, text, n);
		if (s->want->accept == NULL ||
		    s->want->accept(s->want->arg, &g)) {
			free(*s->memory);
			*s->memory = text;
			*s->out = g;
			s->number = e->number;
			return 0;
		}
	}
	free(text);
	return 0;
}

/* The next place behind `at` that may begin an entry; end: there is none. */
static uint64_t
next_entry(int fd, uint64_t at, uint64_t end)
{
	char piece[16384];
	uint32_t magic;
	ssize_t n;

	for (at += ALIGN; at < end; at += (uint64_t)n / ALIGN * ALIGN) {
		n = pread(fd, piece, sizeof piece, (off_t)at);
		if (n < ALIGN)
			return end;
		for (ssize_t i = 0; i + ALIGN <= n; i += ALIGN) {
			memcpy(&magic, piece + i, sizeof magic);
			if (magic == MAGIC)
				return at + (uint64_t)i;
		}
	}
	return end;
}

/* Entries of one stretch; what is none is passed over (G2). */
static int
search_stretch(struct search *s, uint64_t at, uint64_t end)
{
	struct entry e;

	while (at < end) {
		if (!entry_read(s->fd, at, end, &e)) {
			at = next_entry(s->fd, at, end);
			continue;
		}
		if (is_wanted(s->want, &e) && look_at(s, at, &e) != 0)
			return -1;
		at += e.size;
	}
	return 0;
}

int
recent_find(const char *state_dir, const struct recent_want *want,
    struct wq_page *out, char **memory)
{
	struct search s = {.want = want, .out = out, .memory = memory};
	struct front f;
	char path[4200];
	int rc = 0;

	*memory = NULL;
	path_of(path, sizeof path, state_dir);
	if ((s.fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT ? 0 : -1;
	if (front_read(s.fd, &f)) {
		if (f.lapped && f.tail < f.lap_end)
			rc = search_stretch(&s, f.tail, f.lap_end);
		if (rc == 0)
			rc = search_stretch(&s, BEGIN, f.head);
	}
	close(s.fd);
	return rc != 0 ? -1 : *memory != NULL;
}

int
recent_read(const struct recent *r, const struct recent_place *p,
    struct wq_page *out, char **memory)
{
	struct recent_want any = {.key = 0};
	struct search s = {
	    .fd = r->fd, .want = &any, .out = out, .memory = memory};
	uint64_t end = r->front.size;
	struct entry e;

	*memory = NULL;
	if (p->number == 0 || p->at >= end ||
	    !entry_read(r->fd, p->at, end, &e) || e.number != p->number)
		return 0;
	return look_at(&s, p->at, &e) != 0 ? -1 : *memory != NULL;
}
