/* arena.c - chunks of memory that are given out front to back.
 *
 * A chunk is at least CHUNK bytes, or as large as the allocation that asked
 * for it. The newest chunk serves small requests; what is left of an older one
 * is not looked at again. A reset keeps the largest chunk (A3), so that after
 * a few pages a page is cleaned without a call of malloc.
 *
 * Invariants
 *  A4  total is the sum of the sizes of all chunks and never above limit.
 *  A5  last is the newest allocation of the newest chunk, or NULL. */
#include "cleaner/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/utf8.h"

enum {
	ALIGN = 16,
	CHUNK = 1 << 20,
	KEEP = 32 << 20, /* A3: more than this is given back after a page */
};

struct chunk {
	struct chunk *next;
	size_t size, used; /* bytes behind this header */
};

struct wn_arena {
	struct chunk *chunks; /* newest first */
	size_t limit, total;
	char *last;
};

#define HEAD ((sizeof(struct chunk) + ALIGN - 1) & ~(size_t)(ALIGN - 1))

static char *
chunk_bytes(struct chunk *c)
{
	return (char *)c + HEAD;
}

struct wn_arena *
wn_arena_new(size_t limit)
{
	struct wn_arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->limit = limit;
	return a;
}

static void
chunks_free(struct chunk *c)
{
	struct chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
wn_arena_free(struct wn_arena *a)
{
	if (a == NULL)
		return;
	chunks_free(a->chunks);
	free(a);
}

void
wn_arena_reset(struct wn_arena *a)
{
	struct chunk **p, **best = NULL, *keep = NULL;

	for (p = &a->chunks; *p != NULL; p = &(*p)->next)
		if ((*p)->size <= KEEP &&
		    (best == NULL || (*p)->size > (*best)->size))
			best = p;
	if (best != NULL) {
		keep = *best;
		*best = keep->next;
		keep->next = NULL;
		keep->used = 0;
	}
	chunks_free(a->chunks);
	a->chunks = keep;
	a->total = keep != NULL ? keep->size : 0;
	a->last = NULL;
}

size_t
wn_arena_used(const struct wn_arena *a)
{
	return a->total;
}

static struct chunk *
chunk_new(struct wn_arena *a, size_t n)
{
	struct chunk *c;
	size_t size = a->total > CHUNK ? a->total / 2 : CHUNK;

	/* Growing steps, so that a large page ends in few chunks; but near the
	 * ceiling only what is needed. */
	size = size < n ? n : size;
	if (size > a->limit - a->total)
		size = n;
	if (size > a->limit - a->total || size > SIZE_MAX - HEAD)
		return NULL;
	if ((c = malloc(HEAD + size)) == NULL)
		return NULL;
	c->size = size;
	c->used = 0;
	c->next = a->chunks;
	a->chunks = c;
	a->total += size;
	return c;
}

void *
wn_alloc(struct wn_arena *a, size_t n)
{
	struct chunk *c = a->chunks;

	if (n > SIZE_MAX - ALIGN)
		return NULL;
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (c == NULL || n > c->size - c->used)
		if ((c = chunk_new(a, n)) == NULL)
			return NULL;
	a->last = chunk_bytes(c) + c->used;
	c->used += n;
	return a->last;
}

void *
wn_zalloc(struct wn_arena *a, size_t n)
{
	void *p = wn_alloc(a, n);

	return p != NULL ? memset(p, 0, n) : NULL;
}

void *
wn_grow(struct wn_arena *a, void *p, size_t old, size_t n)
{
	struct chunk *c = a->chunks;
	size_t at;
	void *q;

	if (p != NULL && p == a->last && n >= old && n <= SIZE_MAX - ALIGN) {
		at = (size_t)(a->last - chunk_bytes(c));
		n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
		if (n <= c->size - at) {
			c->used = at + n;
			return p;
		}
	}
	if ((q = wn_alloc(a, n)) != NULL && p != NULL)
		memcpy(q, p, old < n ? old : n);
	return q;
}

char *
wn_strndup(struct wn_arena *a, const char *s, size_t n)
{
	char *p = n < SIZE_MAX ? wn_alloc(a, n + 1) : NULL;

	if (p == NULL)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
wn_sprintf(struct wn_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (p = wn_alloc(a, (size_t)n + 1)) == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
wn_buf_init(struct wn_buf *b, struct wn_arena *a)
{
	*b = (struct wn_buf){.arena = a};
}

/* Makes room for n bytes and the NUL behind them. */
static int
buf_room(struct wn_buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->err != 0)
		return -1;
	if (n < b->cap - b->len)
		return 0;
	cap = b->cap < 64 ? 128 : b->cap * 2;
	if (cap - b->len <= n)
		cap = b->len + n + 1;
	if (n > SIZE_MAX / 4 ||
	    (p = wn_grow(b->arena, b->b, b->len, cap)) == NULL) {
		b->err = -1;
		return -1;
	}
	b->b = p;
	b->cap = cap;
	return 0;
}

void
wn_buf_put(struct wn_buf *b, const void *p, size_t n)
{
	if (buf_room(b, n) != 0)
		return;
	if (n != 0)
		memcpy(b->b + b->len, p, n);
	b->len += n;
	b->b[b->len] = '\0';
}

void
wn_buf_puts(struct wn_buf *b, const char *s)
{
	wn_buf_put(b, s, strlen(s));
}

void
wn_buf_putc(struct wn_buf *b, char c)
{
	wn_buf_put(b, &c, 1);
}

void
wn_buf_utf8(struct wn_buf *b, uint32_t c)
{
	char s[4];

	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	wn_buf_put(b, s, wn_utf8_put(s, c));
}

void
wn_buf_printf(struct wn_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->err = -1;
	if (n < 0 || buf_room(b, (size_t)n) != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(b->b + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}
