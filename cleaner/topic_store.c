/* topic_store.c - a topic as bytes.
 *
 * Text and weight of each gram, little-endian, in order; whoever opens it
 * makes his own index:
 *
 *	"wnt1", u32 grams, f32 middle, f32 prior
 *	each: u8 kind (128: not to be shown), u8 bytes, i16 weight in
 *	thousandths, the bytes */
#include "cleaner/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 16, EACH = 4 };

static unsigned char *
put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		*p++ = (unsigned char)(v >> 8 * i);
	return p;
}

static unsigned char *
put_float(unsigned char *p, float f)
{
	uint32_t v;

	memcpy(&v, &f, sizeof(v));
	return put32(p, v);
}

int
wn_topic_write(const struct wn_topic_term *v, size_t n,
    const struct wn_topic_scale *s, void **bytes, size_t *len)
{
	unsigned char *p;
	size_t size = HEAD;

	for (size_t i = 0; i < n; i++)
		size += EACH + v[i].n;
	*bytes = p = malloc(size);
	*len = size;
	if (p == NULL)
		return WINNOW_ENOMEM;
	memcpy(p, "wnt1", 4);
	p = put32(p + 4, (uint32_t)n);
	p = put_float(p, s->middle);
	p = put_float(p, s->prior);
	for (size_t i = 0; i < n; i++) {
		int w = (int)lrintf(v[i].weight * 1000);

		*p++ = (unsigned char)(v[i].kind | (v[i].whole ? 0 : 128));
		*p++ = v[i].n;
		*p++ = (unsigned char)w;
		*p++ = (unsigned char)(w >> 8);
		memcpy(p, v[i].text, v[i].n);
		p += v[i].n;
	}
	return 0;
}

static uint32_t
get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static int
get_float(const unsigned char *p, float *f)
{
	uint32_t v = get32(p);

	memcpy(f, &v, sizeof(v));
	return isfinite(*f) && fabsf(*f) < 1e6F;
}

long
wn_topic_read_head(const void *bytes, size_t len, struct wn_topic_scale *s)
{
	const unsigned char *p = bytes;

	if (len < HEAD || len > WINNOW_TOPIC_BYTES ||
	    memcmp(p, "wnt1", 4) != 0 || !get_float(p + 8, &s->middle) ||
	    !get_float(p + 12, &s->prior) || s->middle < 1e-6F ||
	    get32(p + 4) > (len - HEAD) / (EACH + 1))
		return WINNOW_EINVAL;
	return (long)get32(p + 4);
}

int
wn_topic_read(
    const void *bytes, size_t len, size_t *at, struct wn_topic_term *t)
{
	const unsigned char *p = bytes;

	if (*at == 0)
		*at = HEAD;
	if (len - *at < EACH)
		return WINNOW_EINVAL;
	p += *at;
	*t = (struct wn_topic_term){.kind = p[0] & 127,
	    .whole = p[0] < 128,
	    .n = p[1],
	    .weight = (float)(int16_t)(p[2] | p[3] << 8) / 1000,
	    .text = (const char *)p + EACH};
	*at += EACH + (size_t)t->n;
	return t->kind >= 1 && t->kind <= WN_TOPIC_IS_STEM && t->n > 0 &&
		       *at <= len
		   ? 0
		   : WINNOW_EINVAL;
}
