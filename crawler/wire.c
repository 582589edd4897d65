/* wire.c - see wire.h.
 *
 * A string is u32 length + 1 (0: NULL), the bytes, a NUL. */
#include "crawler/wire.h"

void *
wire_reserve(struct wire_out *o, size_t n)
{
	size_t cap = o->cap != 0 ? o->cap : 4096;
	char *b;

	if (o->err || n > SIZE_MAX / 4 - o->len) {
		o->err = 1;
		return NULL;
	}
	if (o->len + n > o->cap) {
		while (cap < o->len + n)
			cap *= 2;
		if ((b = realloc(o->b, cap)) == NULL) {
			o->err = 1;
			return NULL;
		}
		o->b = b;
		o->cap = cap;
	}
	o->len += n;
	return o->b + o->len - n;
}

void
wire_put(struct wire_out *o, const void *p, size_t n)
{
	void *to = wire_reserve(o, n);

	if (to != NULL && n > 0)
		memcpy(to, p, n);
}

void
wire_free(struct wire_out *o)
{
	free(o->b);
	memset(o, 0, sizeof *o);
}

void
wire_bytes(struct wire_out *o, const void *p, size_t n)
{
	char *to;

	if (p == NULL) {
		wire_u32(o, 0);
		return;
	}
	if (n >= UINT32_MAX - 1) {
		o->err = 1;
		return;
	}
	wire_u32(o, (uint32_t)n + 1);
	if ((to = wire_reserve(o, n + 1)) == NULL)
		return;
	memcpy(to, p, n);
	to[n] = '\0';
}

void
wire_str(struct wire_out *o, const char *s)
{
	wire_bytes(o, s, s != NULL ? strlen(s) : 0);
}

const char *
wire_get_bytes(struct wire_in *in, size_t *n)
{
	uint32_t len = wire_get_u32(in);
	const char *p;

	if (n != NULL)
		*n = 0;
	if (len == 0 || (p = wire_take(in, len)) == NULL)
		return NULL;
	if (p[len - 1] != '\0') {
		in->bad = 1;
		return NULL;
	}
	if (n != NULL)
		*n = len - 1;
	return p;
}

const char *
wire_get_str(struct wire_in *in)
{
	size_t n;
	const char *s = wire_get_bytes(in, &n);

	if (s != NULL && strlen(s) != n) {
		in->bad = 1;
		return NULL;
	}
	return s;
}
