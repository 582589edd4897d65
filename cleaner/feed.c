/* feed.c - sitemaps and feeds: lists of pages that a site keeps for machines.
 *
 * The bytes may be packed once or twice more than the header said (.xml.gz),
 * the encoding is that of the header, of the XML declaration or a guess, and
 * what it is shows in the first character: '<' XML, '{' a JSON Feed, anything
 * else a list of lines. The type a server claims is not asked.
 *
 * Invariants
 *  E1  Each URL is passed on once, at most WINNOW_FEED_ENTRIES of them.
 *  E2  All memory is the arena's: a bomb ends as "too-big".
 *  E3  At most max_feed bytes are read; what stands whole in them counts. */
#include "cleaner/feed_parts.h"

#include <string.h>
#include <strings.h>

#include "cleaner/decode.h"
#include "cleaner/inflate.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

#define MAX_LAYERS 2 /* of gzip that no header names */

static const char *const type_names[] = {
    [WINNOW_FEED_NONE] = "none",
    [WINNOW_FEED_URLSET] = "urlset",
    [WINNOW_FEED_INDEX] = "index",
    [WINNOW_FEED_TEXT] = "text",
    [WINNOW_FEED_RSS] = "rss",
    [WINNOW_FEED_ATOM] = "atom",
    [WINNOW_FEED_CDF] = "cdf",
    [WINNOW_FEED_JSON] = "json",
};

const char *
winnow_feed_type_name(enum winnow_feed_type t)
{
	return type_names[t];
}

/* ---- the sink ----------------------------------------------------------- */

static int
grow_seen(struct wn_feed_sink *s)
{
	size_t cap = s->cap ? s->cap * 2 : 1024, i, j;
	uint64_t *v = wn_zalloc(s->arena, cap * sizeof *v);

	if (v == NULL)
		return -1;
	for (i = 0; i < s->cap; i++) {
		if (s->seen[i] == 0)
			continue;
		for (j = s->seen[i] & (cap - 1); v[j] != 0;
		     j = (j + 1) & (cap - 1))
			;
		v[j] = s->seen[i];
	}
	s->seen = v;
	s->cap = cap;
	return 0;
}

/* 1: new; 0: seen; -1: no memory. */
static int
see(struct wn_feed_sink *s, uint64_t hash)
{
	size_t i;

	hash += hash == 0;
	if (s->nseen * 2 >= s->cap && grow_seen(s) != 0)
		return -1;
	for (i = hash & (s->cap - 1); s->seen[i] != 0;
	     i = (i + 1) & (s->cap - 1))
		if (s->seen[i] == hash)
			return 0;
	s->seen[i] = hash;
	s->nseen++;
	return 1;
}

/* An entry without a URL: a title alone may be of use to a reader. */
static void
put_title_only(struct wn_feed_sink *s, struct winnow_entry *e)
{
	s->feed->dropped++;
	if (e->title == NULL || s->feed->dropped > WINNOW_FEED_ENTRIES)
		return;
	e->url = NULL;
	e->url_len = 0;
	s->entry(s->arg, e);
}

void
wn_feed_put(struct wn_feed_sink *s, struct winnow_entry *e, const char *url,
    size_t len, const struct winnow_url *base)
{
	struct winnow_feed *f = s->feed;
	struct winnow_url u;
	int new;

	if (f->error != NULL)
		return;
	if (base == NULL)
		base = &s->base;
	if (url == NULL ||
	    winnow_url_parse(&u, url, len, base->len > 0 ? base : NULL, NULL) !=
		0 ||
	    winnow_url_fetchable(&u) != 0) {
		put_title_only(s, e);
		return;
	}
	e->url = u.href;
	e->url_len = u.len;
	e->key = winnow_url_key(&u, s->seed);
	/* A page may be its own alternate. */
	new = see(s, e->key.url ^ (e->is_alternate ? 0x5bd1e995 : 0));
	if (new < 0 || (new == 1 && f->entries == WINNOW_FEED_ENTRIES)) {
		f->error = "too-big";
	} else if (new == 1) {
		f->entries++;
		s->entry(s->arg, e);
	}
}

void
wn_feed_title(struct wn_feed_sink *s, const char *title, size_t n)
{
	s->feed->title = wn_strndup(s->arena, title, n);
}

void
wn_feed_link(struct wn_feed_sink *s, const char *url, size_t n,
    const struct winnow_url *base)
{
	struct winnow_url u;

	if (s->feed->link != NULL || n == 0)
		return;
	if (winnow_url_parse(&u, url, n, base->len > 0 ? base : NULL, NULL) ==
	    0)
		s->feed->link = wn_strndup(s->arena, u.href, u.len);
}

/* ---- lines and JSON ----------------------------------------------------- */

static void
read_lines(struct wn_feed_sink *s, const char *p, size_t n)
{
	const char *e = p + n, *end;
	struct winnow_entry entry;

	while (p < e) {
		end = memchr(p, '\n', (size_t)(e - p));
		if (end == NULL)
			end = e;
		while (p < end && (uint8_t)*p <= ' ')
			p++;
		if (end - p > 8 && strncasecmp(p, "http", 4) == 0) {
			entry =
			    (struct winnow_entry){.published = WINNOW_NO_TIME,
				.updated = WINNOW_NO_TIME};
			wn_feed_put(s, &entry, p, (size_t)(end - p), NULL);
		}
		p = end + 1;
	}
	if (s->feed->entries > 0)
		s->feed->type = WINNOW_FEED_TEXT;
	else if (s->feed->error == NULL)
		s->feed->error = "not-a-sitemap";
}

static void
read_json_item(struct wn_feed_sink *s, char *text, size_t n)
{
	struct winnow_entry e = {
	    .published = WINNOW_NO_TIME, .updated = WINNOW_NO_TIME};
	struct winnow_json j;
	struct winnow_json_value v;
	const char *url = NULL;
	size_t len = 0;

	if (winnow_json_begin(&j, text, n) != 0 || j.close != '}')
		return;
	while (winnow_json_next(&j, &v) == 1) {
		if (v.type != WINNOW_JSON_STRING)
			continue;
		if (strcmp(v.key, "url") == 0)
			url = v.s, len = v.len;
		else if (strcmp(v.key, "title") == 0)
			e.title = v.s[0] != '\0' ? v.s : NULL;
		else if (strcmp(v.key, "date_published") == 0)
			e.published = wn_feed_time(v.s, v.len);
		else if (strcmp(v.key, "date_modified") == 0)
			e.updated = wn_feed_time(v.s, v.len);
	}
	wn_feed_put(s, &e, url, len, NULL);
}

/* text is ours to change. */
static void
read_json(struct wn_feed_sink *s, char *text, size_t n)
{
	struct winnow_json j, items;
	struct winnow_json_value v, item;
	int r, is_feed = 0;

	if (winnow_json_begin(&j, text, n) != 0)
		return;
	while ((r = winnow_json_next(&j, &v)) == 1) {
		if (v.key == NULL)
			break;
		if (strcmp(v.key, "version") == 0 &&
		    v.type == WINNOW_JSON_STRING)
			is_feed |= strstr(v.s, "jsonfeed.org") != NULL;
		else if (strcmp(v.key, "title") == 0 &&
			 v.type == WINNOW_JSON_STRING)
			wn_feed_title(s, v.s, v.len);
		else if (strcmp(v.key, "home_page_url") == 0 &&
			 v.type == WINNOW_JSON_STRING)
			wn_feed_link(s, v.s, v.len, &s->base);
		else if (strcmp(v.key, "items") == 0 &&
			 v.type == WINNOW_JSON_ARRAY && is_feed &&
			 winnow_json_begin(&items, v.s, v.len) == 0)
			while (winnow_json_next(&items, &item) == 1)
				if (item.type == WINNOW_JSON_OBJECT)
					read_json_item(s, item.s, item.len);
	}
	if (is_feed)
		s->feed->type = WINNOW_FEED_JSON;
	if (!is_feed)
		s->feed->error = "not-a-sitemap";
	else if (r < 0 && s->feed->error == NULL)
		s->feed->error = "truncated";
}

/* ---- bytes -------------------------------------------------------------- */

/* The encoding an XML declaration names, as a content type for the decoder;
 * NULL: none. Bytes that are UTF-8 are, whatever is declared. */
static const char *
declared_type(struct wn_arena *a, const char *bytes, size_t n)
{
	const char *p = bytes, *e = p + (n < 256 ? n : 256), *s, *end;
	struct wn_utf8_stat st;
	char quote;

	while (p < e && (uint8_t)*p <= ' ')
		p++;
	if (e - p < 5 || memcmp(p, "<?xml", 5) != 0 ||
	    (end = memmem(p, (size_t)(e - p), "?>", 2)) == NULL ||
	    (s = memmem(p, (size_t)(end - p), "encoding", 8)) == NULL)
		return NULL;
	for (s += 8; s < end && *s != '"' && *s != '\''; s++)
		;
	if (s == end)
		return NULL;
	quote = *s++;
	if ((e = memchr(s, quote, (size_t)(end - s))) == NULL)
		return NULL;
	wn_utf8_stat(bytes, n, 1, &st);
	if (st.good > 0 && st.bad == 0)
		return "text/xml; charset=utf-8";
	return wn_sprintf(a, "text/xml; charset=%.*s", (int)(e - s), s);
}

/* Packed bytes to text in UTF-8: the first max_feed bytes of them, *cut when
 * there are more. 0, or an error. */
static int
to_text(struct winnow *w, const char *p, size_t n, const char *content_type,
    struct wn_decoded *out, int *cut)
{
	struct wn_decode_hints hints = {content_type, NULL};
	int i, rc;

	for (i = 0; i < MAX_LAYERS && n > 2 && memcmp(p, "\x1f\x8b", 2) == 0;
	     i++)
		if ((rc = wn_inflate(
			 w->arena, "gzip", p, n, w->opt.max_feed, &p, &n)) != 0)
			return rc;
	if ((*cut = n > w->opt.max_feed))
		n = w->opt.max_feed;
	if (content_type == NULL ||
	    strcasestr(content_type, "charset=") == NULL)
		hints.content_type = declared_type(w->arena, p, n);
	return wn_decode(w->charsets, w->arena, p, n, &hints, out);
}

int
winnow_read_feed(struct winnow *w, const void *body, size_t len,
    const char *url, const char *content_type,
    void (*entry)(void *arg, const struct winnow_entry *), void *arg,
    struct winnow_feed *feed)
{
	struct wn_feed_sink sink = {.arena = w->arena,
	    .feed = feed,
	    .seed = w->opt.url_seed,
	    .entry = entry,
	    .arg = arg};
	struct wn_decoded d;
	const char *p, *e;
	char *copy;
	int rc, cut = 0;

	wn_arena_reset(w->arena);
	*feed = (struct winnow_feed){.type = WINNOW_FEED_NONE};
	if (url != NULL &&
	    winnow_url_parse(&sink.base, url, strlen(url), NULL, NULL) != 0)
		sink.base.len = 0;
	if ((rc = to_text(w, body, len, content_type, &d, &cut)) != 0) {
		feed->error =
		    rc == WINNOW_ETOOBIG ? "too-big" : "not-a-sitemap";
		return rc == WINNOW_ENOMEM ? rc : 0;
	}
	p = d.text;
	e = p + d.len;
	while (p < e && (uint8_t)*p <= ' ')
		p++;
	if (p == e) {
		feed->error = "empty";
	} else if (*p == '<') {
		wn_feed_xml(&sink, p, (size_t)(e - p));
	} else if (*p == '{') {
		copy = wn_strndup(w->arena, p, (size_t)(e - p));
		if (copy == NULL)
			feed->error = "too-big";
		else
			read_json(&sink, copy, (size_t)(e - p));
	} else {
		read_lines(&sink, p, (size_t)(e - p));
	}
	if (cut)
		feed->error = "too-big";
	return 0;
}
