/* reduce.c - the page without what its parser need not see.
 *
 * Half of a page is script, style, comments and attributes that nobody here
 * reads, and most of what makes libxml2 slow or lose text is in the rest of
 * the markup's odd cases. So the page is copied once, tag by tag, by the rules
 * of the HTML standard's tokenizer: what is no text goes, tags are written
 * plainly with the attributes of attrs.def, a `<` that opens nothing becomes
 * &lt;. Character references stay for the parser.
 *
 * Invariants
 *  R1  Character data is copied in order and never dropped, but for runs of
 *      white space (put_text) and the content of script, style, template,
 *      svg, math, noscript, iframe and comments.
 *  R2  A tag has at most MAX_ATTRS attributes, each name once: the parser's
 *      search for duplicates stays short.
 *  R3  An end tag whose element was never opened is left out, but for </p>
 *      and </br>, which make one; so are </body> and </html>, behind which
 *      pages go on.
 *  R4  Time is linear: a search that fails (an end tag or quote that never
 *      comes) is remembered and not made again. */
#include "cleaner/reduce.h"

#include <string.h>
#include <strings.h>

#include "cleaner/tags.h"
#include "cleaner/winnow.h"

enum {
	MAX_ATTRS = 24,
	MAX_VALUE = 65536,
	MAX_NAME = 64,
	MAX_ESCAPES = 1 << 20, /* of `<` that opens nothing */
	OPEN_SLOTS = 256,      /* for names outside tags.def, by their hash */
};

/* What is behind the start tag of some elements. */
enum content {
	CONTENT_MARKUP,
	CONTENT_DROPPED, /* raw text up to the end tag */
	CONTENT_NESTED,  /* markup up to the end tag that matches */
	CONTENT_PLAIN,   /* text in which no tag is one */
};
static const struct special {
	const char *name;
	enum content content;
} specials[] = {
    {"script", CONTENT_DROPPED},
    {"style", CONTENT_DROPPED},
    {"iframe", CONTENT_DROPPED},
    {"noembed", CONTENT_DROPPED},
    {"noframes", CONTENT_DROPPED},
    {"noscript", CONTENT_NESTED},
    {"template", CONTENT_NESTED},
    {"svg", CONTENT_NESTED},
    {"math", CONTENT_NESTED},
    {"title", CONTENT_PLAIN},
    {"textarea", CONTENT_PLAIN},
    {"xmp", CONTENT_PLAIN},
};
enum { SPECIALS = sizeof(specials) / sizeof(specials[0]) };

struct attr {
	const char *value;
	size_t len;
	int name; /* enum wn_attr_name */
};

struct reducer {
	struct wn_buf b;
	struct wn_reduced *out;
	const char *html, *p, *end;
	unsigned open[WN_TAG_N + OPEN_SLOTS];
	struct attr attrs[MAX_ATTRS];
	int nattrs;
	uint8_t no_end[SPECIALS]; /* R4 */
	uint8_t no_quote[2], no_comment;
	uint32_t escapes;
	size_t stray; /* bytes written when a </p> without <p> was */
};

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static int
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* Notes that the next byte written stood at r->p. */
static void
mark(struct reducer *r)
{
	struct wn_reduced *o = r->out;
	struct wn_shift *s;
	size_t cap;

	if (o->nshifts == o->shifts_cap) {
		cap = o->shifts_cap * 2;
		s = wn_grow(r->b.arena, o->shifts, o->shifts_cap * sizeof(*s),
		    cap * sizeof(*s));
		if (s == NULL) {
			r->b.err = -1;
			return;
		}
		o->shifts = s;
		o->shifts_cap = cap;
	}
	o->shifts[o->nshifts++] =
	    (struct wn_shift){(uint32_t)r->b.len, (uint32_t)(r->p - r->html)};
}

/* The name at p in lower case, without what no parser takes; its end. */
static const char *
tag_name(struct reducer *r, const char *p, char name[MAX_NAME], size_t *len)
{
	size_t n = 0;
	int odd = 0;

	for (; p < r->end && !is_space(*p) && *p != '/' && *p != '>'; p++) {
		char c = lower(*p);

		odd |= !(is_alpha(c) || (c >= '0' && c <= '9') || c == '-' ||
			 c == '_' || c == ':' || c == '.');
		if (!odd && n < MAX_NAME - 1)
			name[n++] = c;
	}
	name[n] = '\0';
	*len = n;
	return p;
}

static unsigned *
open_count(struct reducer *r, const char *name, size_t n)
{
	enum wn_tag tag = wn_tag_find(name, n);
	unsigned h = 5381;

	if (tag != WN_TAG_OTHER)
		return &r->open[tag];
	while (n-- > 0)
		h = h * 33 + (unsigned char)*name++;
	return &r->open[WN_TAG_N + h % OPEN_SLOTS];
}

/* The value at p, behind the `=`. NULL: a quote that never closes. */
static const char *
attr_value(struct reducer *r, const char *p, struct attr *a)
{
	const char *q;
	int which;

	while (p < r->end && is_space(*p))
		p++;
	a->value = p;
	if (p < r->end && (*p == '"' || *p == '\'')) {
		which = *p == '"';
		a->value = p + 1;
		q = r->no_quote[which]
			? NULL
			: memchr(p + 1, *p, (size_t)(r->end - p - 1));
		if (q == NULL) {
			r->no_quote[which] = 1;
			return NULL;
		}
		a->len = (size_t)(q - a->value);
		return q + 1;
	}
	while (p < r->end && !is_space(*p) && *p != '>')
		p++;
	a->len = (size_t)(p - a->value);
	return p;
}

static void
attr_keep(struct reducer *r, const struct attr *a)
{
	int i;

	for (i = 0; i < r->nattrs; i++)
		if (r->attrs[i].name == a->name)
			return;
	if (r->nattrs == MAX_ATTRS || a->len > MAX_VALUE)
		r->out->truncated = 1;
	else
		r->attrs[r->nattrs++] = *a;
}

/* The attributes from p on; the byte behind `>`, NULL when there is none. */
static const char *
tag_attrs(struct reducer *r, const char *p)
{
	char name[16];
	struct attr a;
	size_t n;

	for (r->nattrs = 0;;) {
		while (p < r->end && (is_space(*p) || *p == '/'))
			p++;
		if (p >= r->end)
			return NULL;
		if (*p == '>')
			return p + 1;
		for (n = 0; p < r->end && !is_space(*p) && *p != '/' &&
			    *p != '>' && (*p != '=' || n == 0);
		     p++, n++)
			if (n < sizeof(name))
				name[n] = lower(*p);
		a = (struct attr){.value = ""};
		while (p < r->end && is_space(*p))
			p++;
		if (p < r->end && *p == '=' &&
		    (p = attr_value(r, p + 1, &a)) == NULL)
			return NULL;
		a.name = n < sizeof(name) ? wn_attr_find(name, n) : -1;
		if (a.name >= 0)
			attr_keep(r, &a);
	}
}

static const struct attr *
attr_get(const struct reducer *r, int name)
{
	int i;

	for (i = 0; i < r->nattrs; i++)
		if (r->attrs[i].name == name)
			return &r->attrs[i];
	return NULL;
}

static void
put_escaped(struct wn_buf *b, const char *s, size_t n, char c, const char *as)
{
	const char *end = s + n, *q;

	while ((q = memchr(s, c, (size_t)(end - s))) != NULL) {
		wn_buf_put(b, s, (size_t)(q - s));
		wn_buf_puts(b, as);
		s = q + 1;
	}
	wn_buf_put(b, s, (size_t)(end - s));
}

static void
put_start(struct reducer *r, const char *name, size_t n)
{
	int i;

	mark(r);
	wn_buf_putc(&r->b, '<');
	wn_buf_put(&r->b, name, n);
	for (i = 0; i < r->nattrs; i++) {
		wn_buf_putc(&r->b, ' ');
		wn_buf_puts(&r->b, wn_attr_names[r->attrs[i].name]);
		wn_buf_put(&r->b, "=\"", 2);
		put_escaped(
		    &r->b, r->attrs[i].value, r->attrs[i].len, '"', "&quot;");
		wn_buf_putc(&r->b, '"');
	}
	wn_buf_putc(&r->b, '>');
}

/* `</name` or `<name` at p, as a whole name. */
static int
names(const char *p, const char *end, const char *name, size_t n)
{
	return (size_t)(end - p) > n && strncasecmp(p, name, n) == 0 &&
	       (is_space(p[n]) || p[n] == '/' || p[n] == '>');
}

/* The `</name` that ends an element whose content begins at p; nested: with
 * those inside it skipped. NULL: none. */
static const char *
find_end(const struct reducer *r, const char *p, const char *name, int nested)
{
	size_t n = strlen(name), depth = 0;

	for (; (p = memchr(p, '<', (size_t)(r->end - p))) != NULL; p++) {
		if (r->end - p < 3)
			return NULL;
		if (p[1] == '/') {
			if (names(p + 2, r->end, name, n) && depth-- == 0)
				return p;
		} else if (nested && names(p + 1, r->end, name, n)) {
			depth++;
		}
	}
	return NULL;
}

static void
keep_jsonld(struct reducer *r, const char *s, size_t n)
{
	static const char type[] = "application/ld+json";
	const struct attr *a = attr_get(r, WN_ATTR_TYPE);

	if (a != NULL && a->len >= sizeof(type) - 1 && n > 0 &&
	    strncasecmp(a->value, type, sizeof(type) - 1) == 0 &&
	    r->out->njsonld < WN_JSONLD_MAX)
		r->out->jsonld[r->out->njsonld++] = (struct wn_str){s, n};
}

/* The text of a title or textarea. No tag in it is one, and a browser shows it;
 * but what looks like one was meant as one, and is left out. */
static void
put_plain(struct reducer *r, const char *s, const char *end)
{
	const char *lt, *gt;
	int closes = 1; /* R4 */

	while ((lt = memchr(s, '<', (size_t)(end - s))) != NULL) {
		wn_buf_put(&r->b, s, (size_t)(lt - s));
		gt = NULL;
		if (closes && end - lt > 1 && (is_alpha(lt[1]) || lt[1] == '/'))
			closes =
			    (gt = memchr(lt, '>', (size_t)(end - lt))) != NULL;
		if (gt == NULL)
			wn_buf_put(&r->b, "&lt;", 4);
		s = gt != NULL ? gt + 1 : lt + 1;
	}
	wn_buf_put(&r->b, s, (size_t)(end - s));
}

/* An element of the table, with p behind its start tag; the byte to go on
 * from. */
static const char *
special(struct reducer *r, const struct special *s, const char *p)
{
	size_t i = (size_t)(s - specials), n = strlen(s->name);
	const char *e = NULL, *gt;

	if (!r->no_end[i])
		e = find_end(r, p, s->name, s->content == CONTENT_NESTED);
	if (e == NULL) {
		r->no_end[i] = 1;
		/* A page that was cut inside a script holds no text behind. */
		if (s->content == CONTENT_DROPPED && s->name[0] == 's')
			return r->end;
		return p;
	}
	if (s->content == CONTENT_PLAIN) {
		put_start(r, s->name, n);
		put_plain(r, p, e);
		wn_buf_put(&r->b, "</", 2);
		wn_buf_put(&r->b, s->name, n);
		wn_buf_putc(&r->b, '>');
	} else if (strcmp(s->name, "script") == 0) {
		keep_jsonld(r, p, (size_t)(e - p));
		r->out->scripts_len += (size_t)(e - p);
	} else if (strcmp(s->name, "iframe") == 0) {
		put_start(r, s->name, n);
		wn_buf_puts(&r->b, "</iframe>");
	}
	gt = memchr(e, '>', (size_t)(r->end - e));
	return gt != NULL ? gt + 1 : r->end;
}

static const struct special *
special_find(const char *name)
{
	int i;

	for (i = 0; i < SPECIALS; i++)
		if (specials[i].name[0] == name[0] &&
		    strcmp(specials[i].name, name) == 0)
			return &specials[i];
	return NULL;
}

static const char *
start_tag(struct reducer *r)
{
	char name[MAX_NAME];
	size_t n;
	const char *p = tag_name(r, r->p + 1, name, &n);
	const char *after = tag_attrs(r, p);
	const struct special *s;

	/* A quote that never closes would eat the page: the tag ends at its
	 * first `>` then, and without one it is cut off. */
	if (after == NULL) {
		r->nattrs = 0;
		after = memchr(p, '>', (size_t)(r->end - p));
		if (after++ == NULL)
			return r->end;
	}
	if (n == 0)
		return after;
	if ((s = special_find(name)) != NULL)
		return special(r, s, after);
	put_start(r, name, n);
	if (!(wn_tag_flags[wn_tag_find(name, n)] & WN_VOID))
		++*open_count(r, name, n);
	return after;
}

/* Whether an end tag says anything: its element is open, or it makes one. A
 * run of </p> is one break. */
static int
end_counts(struct reducer *r, const char *name, size_t n)
{
	unsigned *open = open_count(r, name, n);

	if (n == 0 || special_find(name) != NULL || strcmp(name, "body") == 0 ||
	    strcmp(name, "html") == 0)
		return 0;
	if (*open > 0) {
		--*open;
		return 1;
	}
	if (strcmp(name, "p") != 0)
		return strcmp(name, "br") == 0;
	if (r->stray == r->b.len && r->b.len > 0)
		return 0;
	r->stray = r->b.len + 4;
	return 1;
}

static const char *
end_tag(struct reducer *r)
{
	char name[MAX_NAME];
	size_t n;
	const char *p = tag_name(r, r->p + 2, name, &n);

	if (end_counts(r, name, n)) {
		mark(r);
		wn_buf_put(&r->b, "</", 2);
		wn_buf_put(&r->b, name, n);
		wn_buf_putc(&r->b, '>');
	}
	p = memchr(p, '>', (size_t)(r->end - p));
	return p != NULL ? p + 1 : r->end;
}

/* `<!` and `<?`: comments, doctype, and what is taken for one. */
static const char *
comment(struct reducer *r)
{
	const char *p = r->p + 2, *e = NULL;

	if (r->end - p >= 2 && p[0] == '-' && p[1] == '-') {
		p += 2;
		if (p < r->end && *p == '>')
			return p + 1;
		if (r->end - p >= 2 && p[0] == '-' && p[1] == '>')
			return p + 2;
		if (!r->no_comment)
			e = memmem(p, (size_t)(r->end - p), "-->", 3);
		if (e != NULL)
			return e + 3;
		/* One that never closes hides its own tag only. */
		r->no_comment = 1;
	}
	e = memchr(p, '>', (size_t)(r->end - p));
	return e != NULL ? e + 1 : r->end;
}

/* One `<` at r->p; the byte to go on from. */
static const char *
markup(struct reducer *r)
{
	char c = r->end - r->p > 1 ? r->p[1] : ' ';

	if (is_alpha(c))
		return start_tag(r);
	if (c == '!' || c == '?')
		return comment(r);
	if (c == '/' && r->end - r->p > 2) {
		if (is_alpha(r->p[2]))
			return end_tag(r);
		return comment(r);
	}
	if (r->escapes++ < MAX_ESCAPES)
		wn_buf_put(&r->b, "&lt;", 4);
	else
		r->out->truncated = 1;
	return r->p + 1;
}

/* Copies character data; a run of white space becomes one character of it, a
 * line feed if it holds one, but not in pre. Indentation is a tenth of a page,
 * and the parser takes it a character at a time. */
static void
put_text(struct reducer *r, const char *s, size_t n)
{
	size_t from = r->b.len, i, k;
	char *b;

	wn_buf_put(&r->b, s, n);
	if (r->b.err != 0 || r->open[WN_TAG_PRE] > 0)
		return;
	b = r->b.b + from;
	for (i = k = 0; i < n; i++) {
		if ((unsigned char)b[i] > ' ' || k == 0 || !is_space(b[i]) ||
		    !is_space(b[k - 1]))
			b[k++] = b[i];
		else if (b[i] == '\n')
			b[k - 1] = '\n';
	}
	b[k] = '\0';
	r->b.len = from + k;
}

int
wn_reduce(
    struct wn_arena *a, const char *html, size_t len, struct wn_reduced *out)
{
	struct reducer *r = wn_zalloc(a, sizeof(*r));
	const char *lt;

	*out = (struct wn_reduced){.html = NULL};
	if (r == NULL)
		return WINNOW_ETOOBIG;
	wn_buf_init(&r->b, a);
	r->out = out;
	r->html = r->p = html;
	r->end = html + len;
	r->b.cap = len / 2 + 256;
	out->shifts_cap = len / 64 + 256;
	r->b.b = wn_alloc(a, r->b.cap);
	out->shifts = wn_alloc(a, out->shifts_cap * sizeof(*out->shifts));
	if (r->b.b == NULL || out->shifts == NULL)
		return WINNOW_ETOOBIG;
	while (r->p < r->end && r->b.err == 0) {
		lt = memchr(r->p, '<', (size_t)(r->end - r->p));
		if (lt == NULL)
			lt = r->end;
		if (lt > r->p)
			mark(r);
		put_text(r, r->p, (size_t)(lt - r->p));
		if ((r->p = lt) < r->end)
			r->p = markup(r);
	}
	wn_buf_put(&r->b, "", 0);
	out->html = r->b.b;
	out->len = r->b.len;
	return r->b.err != 0 ? WINNOW_ETOOBIG : 0;
}
