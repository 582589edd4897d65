/* record.c - the finished JSON line, and its schema.
 *
 * record.def is the only list of fields: the writer walks it in order, and the
 * schemas are made from it by the compiler.
 *
 * Invariants
 *  E1  Every field is there, in the order of record.def, of one type or null.
 *  E2  A line is shorter than LINE_MAX_BYTES and ends in a line feed; the text
 *      is cut at a paragraph to get there, and `truncated` says so.
 *  E3  The line is valid UTF-8 (what it is made of is), control characters
 *      are escaped. */
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

enum {
	TEXT_MAX = 8 << 20,
	LINE_MAX_BYTES = (16 << 20) - 1024, /* what its owner fills in comes on top */
	STRING_MAX = 64 << 10,              /* of every other string */
	LIST_ITEMS = 500,
	LIST_BYTES = 256 << 10,
};

struct rec {
	struct wn_buf b;
	int fetched; /* 0: nothing is known of the fetch */
	int cut;
	size_t text_len;
	const char *url, *host, *domain;
	const char *caller; /* NULL: no batch */
	int caller_raw;
	struct winnow_line at; /* the places of it that are marked */
};

/* Bytes at p that stand in a JSON string as they are. */
static size_t
plain_run(const char *p, const char *end)
{
	const char *s = p;
#ifdef __SSE2__
	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i bad = _mm_or_si128(
		    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
			_mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
		    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F)),
			_mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x1F)),
			    _mm_set1_epi8(0x1F))));
		int m = _mm_movemask_epi8(bad);

		if (m != 0)
			return (size_t)(p - s) + (size_t)__builtin_ctz(m);
		p += 16;
	}
#endif
	while (p < end && (unsigned char)*p >= 0x20 && *p != '"' &&
	       *p != '\\' && *p != 0x7F)
		p++;
	return (size_t)(p - s);
}

static void
put_string(struct wn_buf *b, const char *s, size_t n)
{
	const char *end = s + n;
	char esc[6 + 3]; /* as winnow_json_quote() asks for one byte */
	size_t k;

	wn_buf_putc(b, '"');
	while (s < end) {
		k = plain_run(s, end);
		wn_buf_put(b, s, k);
		if ((s += k) < end) {
			k = winnow_json_quote(esc, s++, 1);
			wn_buf_put(b, esc + 1, k - 2);
		}
	}
	wn_buf_putc(b, '"');
}

/* n, or less so that no character is cut at the limit. */
static size_t
bounded(const char *s, size_t limit)
{
	size_t n = strnlen(s, limit);

	if (n == limit)
		while (n > 0 && (s[n] & 0xC0) == 0x80)
			n--;
	return n;
}

static void
put_null(struct rec *r)
{
	wn_buf_put(&r->b, "null", 4);
}

/* Header lines come as the server sent them; a record is UTF-8. */
static void
put_repaired(struct rec *r, const char *s, size_t n)
{
	struct wn_buf clean;

	wn_buf_init(&clean, r->b.arena);
	wn_utf8_repair(&clean, s, n);
	r->b.err |= clean.err;
	if (!clean.err)
		put_string(&r->b, clean.b, clean.len);
}

static void
put_STRING(struct rec *r, const char *s)
{
	size_t n = s != NULL ? bounded(s, STRING_MAX) : 0;

	if (n == 0 || wn_utf8_prefix(s, n) == n)
		put_string(&r->b, n > 0 ? s : "", n);
	else
		put_repaired(r, s, n);
}

static void
put_OR_NULL(struct rec *r, const char *s)
{
	if (s == NULL)
		put_null(r);
	else
		put_STRING(r, s);
}

static void
put_OF_STRING(struct rec *r, const char *s)
{
	if (!r->fetched && s == NULL)
		put_null(r);
	else
		put_STRING(r, s);
}

/* Types that only the schema tells apart. */
#define put_CRAWLED put_OR_NULL
#define put_DAY put_OR_NULL

static void
put_TEXT(struct rec *r, const char *s)
{
	put_string(&r->b, s, r->text_len);
}

static void
put_LIST(struct rec *r, const struct winnow_list *l)
{
	size_t i, n = l->n < LIST_ITEMS ? l->n : LIST_ITEMS;
	size_t from = r->b.len;

	wn_buf_putc(&r->b, '[');
	for (i = 0; i < n && r->b.len - from < LIST_BYTES; i++) {
		if (i > 0)
			wn_buf_putc(&r->b, ',');
		put_STRING(r, l->v[i]);
	}
	wn_buf_putc(&r->b, ']');
}

static void
put_INT(struct rec *r, size_t v)
{
	wn_buf_printf(&r->b, "%zu", v);
}

static void
put_OF_INT(struct rec *r, int v)
{
	if (!r->fetched && v == 0)
		put_null(r);
	else
		wn_buf_printf(&r->b, "%d", v);
}

static void
put_DEPTH(struct rec *r, int v)
{
	if (!r->fetched || v < 0)
		put_null(r);
	else
		wn_buf_printf(&r->b, "%d", v);
}

static void
put_NUMBER(struct rec *r, double v)
{
	/* Not a number is 0 too. */
	v = v > 0 ? v < 1 ? v : 1 : 0;
	wn_buf_printf(&r->b, "%.4g", v);
}

static void
put_BOOL(struct rec *r, int v)
{
	wn_buf_puts(&r->b, v ? "true" : "false");
}

static void
put_HASH(struct rec *r, uint64_t v)
{
	wn_buf_printf(&r->b, "\"%016llx\"", (unsigned long long)v);
}

/* RFC 3339; gmtime_r() would read the zone files, which a worker may not. */
static void
put_TIME(struct rec *r, int64_t t)
{
	int64_t days, era, y;
	unsigned sec, doe, yoe, doy, mp, day, mon;

	if (t < -62135596800 || t > 253402300799) {
		put_null(r);
		return;
	}
	days = t / 86400 - (t % 86400 < 0);
	sec = (unsigned)(t - days * 86400);
	days += 719468;
	era = days / 146097;
	doe = (unsigned)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = doy - (153 * mp + 2) / 5 + 1;
	mon = mp < 10 ? mp + 3 : mp - 9;
	y = era * 400 + yoe + (mon <= 2);
	wn_buf_printf(&r->b, "\"%04d-%02u-%02uT%02u:%02u:%02uZ\"", (int)y, mon,
	    day, sec / 3600, sec / 60 % 60, sec % 60);
}

static void
put_OF_TIME(struct rec *r, int64_t t)
{
	if (!r->fetched && t == WINNOW_NO_TIME)
		put_null(r);
	else
		put_TIME(r, t);
}

static void
put_counts(struct rec *r, const unsigned *v, int n, const char *(*name)(int))
{
	int i;

	for (i = 0; i < n; i++) {
		wn_buf_puts(&r->b, i == 0 ? "{\"" : ",\"");
		wn_buf_puts(&r->b, name(i));
		if (v[i] == 0) /* most are */
			wn_buf_put(&r->b, "\":0", 3);
		else
			wn_buf_printf(&r->b, "\":%u", v[i]);
	}
	wn_buf_putc(&r->b, '}');
}

static const char *
kind_name(int i)
{
	return winnow_kind_name((enum winnow_kind)i);
}

static const char *
repair_name(int i)
{
	return winnow_repair_name((enum winnow_repair_kind)i);
}

static void
put_KINDS(struct rec *r, const unsigned *v)
{
	put_counts(r, v, WINNOW_KIND_N, kind_name);
}

static void
put_REPAIRS(struct rec *r, const unsigned *v)
{
	put_counts(r, v, WINNOW_REPAIR_N, repair_name);
}

/* The places that the queue's owner fills, and the two that it may change. */
static void
put_DUP(struct rec *r, int none)
{
	(void)none;
	r->at.dup_at = (uint32_t)r->b.len;
}

static void
put_SEQ(struct rec *r, int none)
{
	(void)none;
	r->at.seq_at = (uint32_t)r->b.len;
}

static void
put_ALIKE(struct rec *r, int none)
{
	(void)none;
	r->at.alike_at = (uint32_t)r->b.len;
}

static void
put_EVENT(struct rec *r, const char *s)
{
	r->at.event_at = (uint32_t)r->b.len;
	put_OF_STRING(r, s);
}

static void
put_REVISES(struct rec *r, const char *s)
{
	put_OR_NULL(r, s);
	r->at.event_end = (uint32_t)r->b.len;
}

/* The record's id; in a batch `id` is the caller's. */
static void
put_ID(struct rec *r, const char *s)
{
	if (r->caller == NULL)
		put_STRING(r, s);
	else if (r->caller_raw)
		wn_buf_puts(&r->b, r->caller);
	else
		put_STRING(r, r->caller);
}

static void
write_fields(
    struct rec *r, const struct winnow_doc *d, const struct winnow_fetch *f)
{
	wn_buf_putc(&r->b, '{');
#define F(name, type, value, bound, words)                                     \
	wn_buf_put(&r->b, "\"" #name "\":", sizeof(#name) + 2);                \
	put_##type(r, value);                                                  \
	wn_buf_putc(&r->b, ',');
#define LAST(name, type, value, bound, words)                                  \
	wn_buf_put(&r->b, "\"" #name "\":", sizeof(#name) + 2);                \
	put_##type(r, value);
#include "cleaner/record.def"
#undef F
#undef LAST
}

/* What a batch adds at the end of its lines. */
static void
write_batch(
    struct rec *r, const struct winnow_doc *d, const struct winnow_fetch *f)
{
	if (f->caller_id != NULL) {
		wn_buf_puts(&r->b, ",\"record_id\":");
		put_STRING(r, d->id);
	}
	if (f->error != NULL) {
		wn_buf_puts(&r->b, ",\"error\":");
		put_STRING(r, f->error);
	}
}

/* The text's length within limit: up to the last paragraph that fits. */
static size_t
text_cut(const struct winnow_doc *d, size_t limit)
{
	const char *nl;

	if (d->text_len <= limit)
		return d->text_len;
	nl = memrchr(d->text, '\n', limit);
	return nl != NULL ? (size_t)(nl - d->text) : bounded(d->text, limit);
}

static void
set_url(struct rec *r, const struct wn_doc *d)
{
	const struct winnow_url *u = &d->url;

	r->url = d->page->url;
	if (u->len == 0)
		return;
	r->url = wn_strndup(d->arena, u->href, u->frag_beg);
	r->host = wn_strndup(d->arena, u->href + u->host_beg,
	    (size_t)(u->host_end - u->host_beg));
	if (r->host != NULL)
		r->domain = winnow_url_domain(r->host);
}

int
winnow_record(struct winnow *w, const struct winnow_doc *d,
    const struct winnow_fetch *fetch, struct winnow_line *line)
{
	static const struct winnow_fetch none = {
	    .depth = -1, .date_download = WINNOW_NO_TIME};
	const struct winnow_fetch *f = fetch != NULL ? fetch : &none;
	struct rec r = {.fetched = fetch != NULL && f->crawl != NULL};
	size_t limit = TEXT_MAX;

	set_url(&r, &w->doc);
	r.caller = f->caller_id;
	r.caller_raw = f->caller_raw;
	do {
		wn_buf_init(&r.b, w->arena);
		r.text_len = text_cut(d, limit);
		r.cut = r.text_len < d->text_len;
		write_fields(&r, d, f);
		write_batch(&r, d, f);
		wn_buf_puts(&r.b, "}\n");
		limit /= 2;
	} while (r.b.err == 0 && r.b.len > LINE_MAX_BYTES && limit > 0);
	if (r.b.err != 0)
		return WINNOW_ETOOBIG;
	*line = r.at;
	line->json = r.b.b;
	line->len = r.b.len;
	return 0;
}
