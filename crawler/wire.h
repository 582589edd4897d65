/* wire.h - numbers and strings in the frames between parent and workers.
 *
 * Both ends are one program on one machine: native byte order, no versions. The
 * reader trusts nothing all the same: a worker that was taken over by a page
 * can send what it likes. Reads past the end set `bad` and give zeroes, so a
 * run of reads is checked once, at its end. Strings carry their NUL and are
 * used where they lie. */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct wire_out {
	char *b; /* malloced; wire_free() */
	size_t len, cap;
	int err; /* no memory: what was put since is lost */
};

struct wire_in {
	const char *p, *end;
	int bad;
};

void *wire_reserve(struct wire_out *, size_t n); /* NULL: no memory */
void wire_put(struct wire_out *, const void *, size_t n);
void wire_free(struct wire_out *);

static inline void
wire_u32(struct wire_out *o, uint32_t v)
{
	wire_put(o, &v, sizeof v);
}

static inline void
wire_u64(struct wire_out *o, uint64_t v)
{
	wire_put(o, &v, sizeof v);
}

/* NULL and "" are told apart. */
void wire_bytes(struct wire_out *, const void *, size_t n);
void wire_str(struct wire_out *, const char *);

static inline const void *
wire_take(struct wire_in *in, size_t n)
{
	const char *p = in->p;

	if (in->bad || (size_t)(in->end - p) < n) {
		in->bad = 1;
		return NULL;
	}
	in->p += n;
	return p;
}

static inline uint32_t
wire_get_u32(struct wire_in *in)
{
	const void *p = wire_take(in, 4);
	uint32_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return v;
}

static inline uint64_t
wire_get_u64(struct wire_in *in)
{
	const void *p = wire_take(in, 8);
	uint64_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return v;
}

/* Borrowed from the frame. *n may be NULL. */
const char *wire_get_bytes(struct wire_in *, size_t *n);
const char *wire_get_str(struct wire_in *);

#endif
