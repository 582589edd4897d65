/* arena.h - memory that lives exactly as long as one page.
 *
 * Everything made while a page is cleaned comes from one arena and goes with
 * it: no free() on error paths, no ownership to remember. The arena has a
 * ceiling; past it an allocation returns NULL, the page is refused as
 * WINNOW_ETOOBIG, and a hostile page costs one page.
 *
 * Invariants
 *  A1  A pointer is valid until wn_arena_reset() or wn_arena_free().
 *  A2  Memory is zeroed only by wn_zalloc(). Alignment is 16.
 *  A3  wn_arena_reset() keeps up to `keep` bytes of chunks for the next page. */
#ifndef WN_ARENA_H
#define WN_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct wn_arena;

/* limit: ceiling in bytes over all chunks. NULL: no memory. */
struct wn_arena *wn_arena_new(size_t limit);
void wn_arena_free(struct wn_arena *); /* NULL is fine */
void wn_arena_reset(struct wn_arena *);
size_t wn_arena_used(const struct wn_arena *);

/* NULL past the ceiling. n == 0 gives a valid pointer. */
void *wn_alloc(struct wn_arena *, size_t n);
void *wn_zalloc(struct wn_arena *, size_t n);
/* Grows p from old to n bytes, in place when p was the last allocation. */
void *wn_grow(struct wn_arena *, void *p, size_t old, size_t n);
char *wn_strndup(struct wn_arena *, const char *, size_t n);
char *wn_sprintf(struct wn_arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A byte string that grows in an arena. `err` stays set once an append has
 * failed, so that a run of appends is checked once, at its end. The bytes are
 * NUL-terminated whenever b is not NULL. */
struct wn_buf {
	struct wn_arena *arena;
	char *b;
	size_t len, cap;
	int err;
};

void wn_buf_init(struct wn_buf *, struct wn_arena *);
void wn_buf_put(struct wn_buf *, const void *, size_t n);
void wn_buf_puts(struct wn_buf *, const char *);
void wn_buf_putc(struct wn_buf *, char);
void wn_buf_utf8(struct wn_buf *, uint32_t codepoint);
void wn_buf_printf(struct wn_buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A slice of text that somebody else owns; not NUL-terminated. */
struct wn_str {
	const char *p;
	size_t n;
};

#endif
