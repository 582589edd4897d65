/* warc.h - inside libwinnow: the bytes of a WARC file, as warc.c reads them. */
#ifndef WN_WARC_H
#define WN_WARC_H

#include <stddef.h>
#include <stdint.h>

/* warc_stream.c: a window on the file's plain bytes. */
struct wn_stream;

struct wn_stream *wn_stream_new(
    long (*read)(void *arg, void *, size_t), void *arg); /* NULL: no memory */
void wn_stream_free(struct wn_stream *);
/* At least n bytes from here on, fewer only before the end or damage; *got says
 * how many there are. Borrowed until the next call; NULL: no memory. */
const char *wn_stream_look(struct wn_stream *, size_t n, size_t *got);
/* Goes on by n bytes; those that are not there yet are read and dropped. */
void wn_stream_skip(struct wn_stream *, uint64_t n);
/* 1: the next n bytes, which are there, come before any damage, their checksum
 * included. */
int wn_stream_sound(const struct wn_stream *, size_t n);
/* 1: damage ends what can be read here. wn_stream_mend() goes on behind it. */
int wn_stream_damaged(const struct wn_stream *);
void wn_stream_mend(struct wn_stream *);
/* Bytes of the file up to here; of gzip those that were read, about. */
uint64_t wn_stream_at(const struct wn_stream *);
/* read() has failed; told once. */
int wn_stream_failed(struct wn_stream *);

#endif
