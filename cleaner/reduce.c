/* reduce.c - the page taken apart: its markup alone, and all that stood in it.
 *
 * Half of a page is script, style, comments and attributes that nobody here
 * reads, most of the rest is text, and most of what makes libxml2 slow or lose
 * text is in odd cases of the markup. So the page is read once, tag by tag, by
 * the rules of the HTML standard's tokenizer. What the parser gets is the
 * skeleton: `<name>`, `</name>` and one character for each piece of text.
 * Attributes and text are written down here, once and in their final form;
 * marks tell which tag and which character stands for what.
 *
 * Invariants
 *  R1  Character data is copied in order and never dropped, but for runs of
 *      white space (put_text), controls that no text may hold, and the content
 *      of script, style, template, svg, math, noscript, iframe and comments.
 *  R2  A tag has at most MAX_ATTRS attributes, each name once.
 *  R3  An end tag whose element was never opened is left out, but for </p>
 *      and </br>, which make one; so are </body> and </html>, behind which
 *      pages go on.
 *  R4  Time is linear: a search that fails (an end tag or quote that never
 *      comes) is remembered and not made again.
 *  R5  A byte of the page becomes at most one byte of the markup, and at most
 *      one of text or of a value: so two buffers as long as the page hold all.
 *      Text is written from the front of the second, values from its end. */
#include "cleaner/reduce.h"

#include <string.h>
#include <strings.h>

#include "cleaner/charref.h"
#include "cleaner/tags.h"
#include "cleaner/winnow.h"

enum {
	MAX_ATTRS = 24,
	MAX_VALUE = 65536,
	MAX_NAME = 64,
	MAX_MARKS = 1 << 20, /* twice as many as the tree's nodes */
	OPEN_SLOTS = 256,    /* for names outside tags.def, by their hash */
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
	struct wn_arena *arena;
	struct wn_reduced *out;
	const char *html, *p, *end;
	char *o;      /* end of the markup */
	char *t;      /* end of the text */
	char *values; /* begin of the values */
	int err;
	int text_open; /* the last mark is text, and nothing came behind it */
	int edge;      /* the last tag is an edge of a block */
	int space;     /* the last byte of text is white space that may grow */
	unsigned open[WN_TAG_N + OPEN_SLOTS];
	struct attr attrs[MAX_ATTRS];
	int nattrs;
	uint8_t no_end[SPECIALS]; /* R4 */
	uint8_t no_quote[2], no_comment;
	const char *stray; /* r->o behind the last </p> without <p> */
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

/* A mark for what will be written next; NULL: no memory, or too many. */
static struct wn_mark *
mark_new(struct reducer *r, const char *src)
{
	struct wn_reduced *o = r->out;
	struct wn_mark *m;
	size_t cap = o->marks_cap * 2;

	if (o->nmarks == MAX_MARKS) {
		o->truncated = 1;
		r->err = 1; /* the page ends here */
		return NULL;
	}
	if (o->nmarks == o->marks_cap) {
		m = wn_grow(r->arena, o->marks, o->marks_cap * sizeof(*m),
		    cap * sizeof(*m));
		if (m == NULL) {
			r->err = -1;
			return NULL;
		}
		o->marks = m;
		o->marks_cap = cap;
	}
	m = &o->marks[o->nmarks++];
	m->src = (uint32_t)(src - r->html);
	m->text = m->at = (uint32_t)(r->t - o->text);
	m->nattr = 0;
	return m;
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
open_count(struct reducer *r, enum wn_tag tag, const char *name, size_t n)
{
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
		if (n == 10 && memcmp(name, "xlink:href", n) == 0)
			a.name = WN_ATTR_HREF;
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

static int
attrs_room(struct reducer *r)
{
	struct wn_reduced *o = r->out;
	size_t cap = (size_t)o->attrs_cap * 2;
	struct wn_attr *v;

	if (o->nattrs + MAX_ATTRS <= o->attrs_cap)
		return 1;
	v = wn_grow(
	    r->arena, o->attrs, o->attrs_cap * sizeof(*v), cap * sizeof(*v));
	if (v == NULL) {
		r->err = -1;
		return 0;
	}
	o->attrs = v;
	o->attrs_cap = (uint32_t)cap;
	return 1;
}

/* The attributes of a tag in their final form. */
static void
put_attrs(struct reducer *r, struct wn_mark *m)
{
	struct wn_reduced *o = r->out;
	int i;

	if (r->nattrs == 0 || !attrs_room(r))
		return;
	m->at = o->nattrs;
	m->nattr = (uint16_t)r->nattrs;
	for (i = 0; i < r->nattrs; i++) {
		const struct attr *a = &r->attrs[i];
		struct wn_attr *v = &o->attrs[o->nattrs++];

		*v = (struct wn_attr){.name = (uint16_t)a->name, .value = ""};
		if (a->len == 0)
			continue;
		r->values -= a->len + 1;
		v->len = (uint32_t)wn_charref_copy(r->values, a->value, a->len);
		r->values[v->len] = '\0';
		v->value = r->values;
	}
}

/* Whether white space beside the tag separates nothing. */
static int
is_edge(enum wn_tag tag)
{
	return (wn_tag_flags[tag] & WN_BLOCK) || tag == WN_TAG_META ||
	       tag == WN_TAG_LINK || tag == WN_TAG_BASE;
}

/* A tag comes: a blank before it that stands at an edge of a block is left to
 * the text around it, and is no piece of its own. A third of all pieces are. */
static void
text_close(struct reducer *r, enum wn_tag tag)
{
	int edge = is_edge(tag);

	if (r->text_open && r->o[-1] == ' ' && (edge || r->edge) &&
	    r->open[WN_TAG_PRE] == 0) {
		r->out->nmarks--;
		r->o--;
	}
	r->text_open = 0;
	r->edge = edge;
}

static void
put_start(struct reducer *r, enum wn_tag tag, const char *name, size_t n)
{
	struct wn_mark *m;

	text_close(r, tag);
	if ((m = mark_new(r, r->p)) == NULL)
		return;
	m->tag = (uint16_t)tag;
	*r->o++ = '<';
	memcpy(r->o, name, n);
	r->o += n;
	m->out = (uint32_t)(r->o - r->out->markup);
	*r->o++ = '>';
	put_attrs(r, m);
}

static void
put_end(struct reducer *r, enum wn_tag tag, const char *name, size_t n)
{
	text_close(r, tag);
	*r->o++ = '<';
	*r->o++ = '/';
	memcpy(r->o, name, n);
	r->o += n;
	*r->o++ = '>';
}

/* Opens a piece of text whose first byte is at src, or goes on with the last
 * one: a dropped comment or end tag does not split it. */
static int
text_begin(struct reducer *r, const char *src)
{
	struct wn_mark *m;

	if (r->text_open)
		return 1;
	if ((m = mark_new(r, src)) == NULL)
		return 0;
	m->tag = WN_TAG_TEXT;
	*r->o++ = ' ';
	m->out = (uint32_t)(r->o - r->out->markup);
	r->text_open = 1;
	r->space = 0;
	return 1;
}

/* What the parser must know of a piece of text is whether it is blank. */
static void
text_end(struct reducer *r, int solid)
{
	struct wn_mark *m = &r->out->marks[r->out->nmarks - 1];

	m->at = (uint32_t)(r->t - r->out->text);
	if (solid)
		r->o[-1] = 'x';
}

static void
put_char(struct reducer *r, char c)
{
	if (!text_begin(r, r->p))
		return;
	*r->t++ = c;
	r->space = 0;
	text_end(r, 1);
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

/* Links of a drawing, as those of a map; what they show is no text. */
static void
keep_svg_links(struct reducer *r, const char *p, const char *e)
{
	const char *after;

	for (; (p = memchr(p, '<', (size_t)(e - p))) != NULL; p++) {
		if (e - p < 3 || lower(p[1]) != 'a' || !is_space(p[2]))
			continue;
		if ((after = tag_attrs(r, p + 2)) == NULL || after > e)
			return;
		if (attr_get(r, WN_ATTR_HREF) != NULL) {
			put_start(r, WN_TAG_A, "a", 1);
			put_end(r, WN_TAG_A, "a", 1);
		}
		p = after - 1;
	}
}

/* Whether "javascript" stands in [p, e). */
static int
speaks_of_script(const char *p, const char *e)
{
	for (; e - p >= 10; p++)
		if (lower(*p) == 'j' && strncasecmp(p, "javascript", 10) == 0)
			return 1;
	return 0;
}

/* What a byte of text is. */
enum { PLAIN, SPACE, CONTROL, AMP, SHAPE };
static const uint8_t text_class[256] = {
    [0x00] = CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    SPACE,
    SPACE,
    CONTROL,
    SPACE,
    SPACE,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    CONTROL,
    [' '] = SPACE,
    ['&'] = AMP,
    [0xEF] = SHAPE, /* U+FFFE and U+FFFF begin with it */
};

/* White space; a run of it becomes one character, a line feed if it holds one,
 * but not in pre. Indentation is a tenth of a page. */
static void
put_space(struct reducer *r, char c)
{
	c = c == '\f' ? ' ' : c;
	if (!r->space || r->open[WN_TAG_PRE] > 0)
		*r->t++ = c;
	else if (c == '\n')
		r->t[-1] = c;
	r->space = 1;
}

/* Copies character data, its references resolved. */
static void
put_text(struct reducer *r, const char *s, const char *end)
{
	const char *run;
	size_t took, len;
	int solid = 0;

	if (s == end || !text_begin(r, s))
		return;
	while (s < end) {
		for (run = s; s < end && !text_class[(unsigned char)*s]; s++)
			;
		memcpy(r->t, run, (size_t)(s - run));
		r->t += s - run;
		if (s > run) {
			solid = 1;
			r->space = 0;
		}
		if (s == end)
			break;
		switch (text_class[(unsigned char)*s]) {
		case SPACE:
			put_space(r, *s++);
			continue;
		case CONTROL:
			s++;
			continue;
		case AMP:
			took = wn_charref(s, (size_t)(end - s), r->t, &len);
			if (took == 0)
				break;
			r->t += len;
			s += took;
			solid = 1;
			r->space = 0;
			continue;
		case SHAPE:
			if (end - s >= 3 && (uint8_t)s[1] == 0xBF &&
			    (uint8_t)s[2] >= 0xBE) {
				s += 3;
				continue;
			}
			break;
		}
		*r->t++ = *s++;
		solid = 1;
		r->space = 0;
	}
	text_end(r, solid);
}

/* The text of a title or textarea. No tag in it is one, and a browser shows it;
 * but what looks like one was meant as one, and is left out. */
static void
put_plain(struct reducer *r, const char *s, const char *end)
{
	const char *lt, *gt;
	int closes = 1; /* R4 */

	while ((lt = memchr(s, '<', (size_t)(end - s))) != NULL) {
		put_text(r, s, lt);
		gt = NULL;
		if (closes && end - lt > 1 && (is_alpha(lt[1]) || lt[1] == '/'))
			closes =
			    (gt = memchr(lt, '>', (size_t)(end - lt))) != NULL;
		if (gt == NULL)
			put_char(r, '<');
		s = gt != NULL ? gt + 1 : lt + 1;
	}
	put_text(r, s, end);
}

/* An element of the table, with p behind its start tag; the byte to go on
 * from. */
static const char *
special(
    struct reducer *r, const struct special *s, enum wn_tag tag, const char *p)
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
		put_start(r, tag, s->name, n);
		put_plain(r, p, e);
		put_end(r, tag, s->name, n);
	} else if (strcmp(s->name, "script") == 0) {
		keep_jsonld(r, p, (size_t)(e - p));
		r->out->scripts_len += (size_t)(e - p);
		r->out->scripts += attr_get(r, WN_ATTR_SRC) != NULL;
	} else if (strcmp(s->name, "svg") == 0) {
		keep_svg_links(r, p, e);
	} else if (strcmp(s->name, "noscript") == 0) {
		r->out->asks_for_script |= speaks_of_script(p, e);
	} else if (strcmp(s->name, "iframe") == 0) {
		put_start(r, tag, s->name, n);
		put_end(r, tag, s->name, n);
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
	enum wn_tag tag;

	/* A quote that never closes would eat the page: the tag ends at its
	 * first `>` then, and without one it is cut off. */
	if (after == NULL) {
		r->nattrs = 0;
		after = memchr(p, '>', (size_t)(r->end - p));
		if (after == NULL)
			return r->end;
		after++;
	}
	if (n == 0)
		return after;
	tag = wn_tag_find(name, n);
	if ((s = special_find(name)) != NULL)
		return special(r, s, tag, after);
	put_start(r, tag, name, n);
	if (!(wn_tag_flags[tag] & WN_VOID))
		++*open_count(r, tag, name, n);
	return after;
}

/* Whether an end tag says anything: its element is open, or it makes one. A
 * run of </p> is one break. */
static int
end_counts(struct reducer *r, enum wn_tag tag, const char *name, size_t n)
{
	unsigned *open = open_count(r, tag, name, n);

	if (n == 0 || special_find(name) != NULL || strcmp(name, "body") == 0 ||
	    strcmp(name, "html") == 0)
		return 0;
	if (*open > 0) {
		--*open;
		return 1;
	}
	if (strcmp(name, "p") != 0)
		return strcmp(name, "br") == 0;
	if (r->stray == r->o)
		return 0;
	r->stray = r->o + 4;
	return 1;
}

static const char *
end_tag(struct reducer *r)
{
	char name[MAX_NAME];
	size_t n;
	const char *p = tag_name(r, r->p + 2, name, &n);
	enum wn_tag tag;

	tag = wn_tag_find(name, n);
	if (end_counts(r, tag, name, n))
		put_end(r, tag, name, n);
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
	put_char(r, '<');
	return r->p + 1;
}

static int
reducer_init(struct reducer *r, struct wn_arena *a, const char *html,
    size_t len, struct wn_reduced *out)
{
	*out = (struct wn_reduced){.marks_cap = len / 32 + 256,
	    .attrs_cap = (uint32_t)(len / 128) + 4 * MAX_ATTRS};
	r->arena = a;
	r->out = out;
	r->html = r->p = html;
	r->end = html + len;
	r->o = out->markup = wn_alloc(a, len + 1);
	r->t = out->text = wn_alloc(a, len + 2);
	if (out->marks_cap > MAX_MARKS)
		out->marks_cap = MAX_MARKS;
	out->marks = wn_alloc(a, out->marks_cap * sizeof(*out->marks));
	out->attrs = wn_alloc(a, out->attrs_cap * sizeof(*out->attrs));
	if (!out->markup || !out->text || !out->marks || !out->attrs)
		return -1;
	r->values = out->text + len + 2;
	return 0;
}

int
wn_reduce(
    struct wn_arena *a, const char *html, size_t len, struct wn_reduced *out)
{
	struct reducer *r = wn_zalloc(a, sizeof(*r));
	const char *lt;

	if (r == NULL || reducer_init(r, a, html, len, out) != 0)
		return WINNOW_ETOOBIG;
	while (r->p < r->end && r->err == 0) {
		lt = memchr(r->p, '<', (size_t)(r->end - r->p));
		if (lt == NULL)
			lt = r->end;
		put_text(r, r->p, lt);
		if ((r->p = lt) < r->end)
			r->p = markup(r);
	}
	*r->o = '\0';
	out->len = (size_t)(r->o - out->markup);
	out->text_len = (size_t)(r->t - out->text);
	return r->err < 0 ? WINNOW_ETOOBIG : 0;
}
