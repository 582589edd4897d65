/* captions.c - lines under pictures.
 *
 * A picture and its text are seldom in one element: what tells the line below
 * a picture is what it says (whose picture it is, the picture's own alternative
 * text), or, of a short line without a sentence's end, where it stands.
 *
 * Invariant
 *  C1  Only the first kept line behind a picture is judged; one pass over the
 *      content's nodes. */
#include "cleaner/extract.h"

#include <string.h>

#define CAPTION_MAX 110 /* units of a line that is known by its place alone */

static int
is_centred(const struct wn_tree *t, uint32_t node)
{
	for (int up = 0; up < 3 && node > 0; up++) {
		const char *style = wn_attr(t, node, WN_ATTR_STYLE);
		const char *align = wn_attr(t, node, WN_ATTR_ALIGN);

		if (t->nodes[node].tag == WN_TAG_CENTER ||
		    (align != NULL && strcasecmp(align, "center") == 0) ||
		    (style != NULL && (style = strstr(style, "text-align")) &&
			strncmp(style + 10 + strspn(style + 10, ": "), "center",
			    6) == 0))
			return 1;
		if (t->nodes[node].tag == WN_TAG_TD)
			return 0;
		node = t->nodes[node].parent;
	}
	return 0;
}

/* "一、", "（二）", "第三", "1.", "【": how sections begin. */
static int
is_section(const struct wn_block *b)
{
	static const char *const begins[] = {"一", "二", "三", "四", "五", "六",
	    "七", "八", "九", "十", "（", "(", "第", "【", "●", "■"};
	const char *p = b->text.p;

	while (b->text.n > 3 && memcmp(p, "\xe3\x80\x80", 3) == 0 &&
	       p + 3 < b->text.p + b->text.n)
		p += 3;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(p, begins[i], strlen(begins[i])) == 0)
			return 1;
	return *p >= '0' && *p <= '9';
}

static int
ends_sentence(const struct wn_block *b)
{
	static const char *const ends[] = {
	    "。", "！", "？", "；", "：", "，", "”", ".", "!", "?", ":"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t k = strlen(ends[i]);

		if (b->text.n >= k &&
		    memcmp(b->text.p + b->text.n - k, ends[i], k) == 0)
			return 1;
	}
	return 0;
}

#define ALT_MIN 12   /* bytes of a picture's text that say whose a line is */
#define ALT_MAX 300  /* units of such a line */
#define DESCRIBED 60 /* bytes of a line that are looked for */

static const char *
skip_blank(const char *p, const char *end)
{
	for (;;) {
		if (p < end && (unsigned char)*p <= ' ')
			p++;
		else if (end - p >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0)
			p += 3;
		else if (end - p >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
			p += 2;
		else
			return p;
	}
}

/* Does the page's description tell this line? It does so of leads. */
static int
is_described(const struct wn_extractor *x, uint32_t i)
{
	const char *said = x->d->pub.description;
	size_t n = x->b[i].text.n;

	return said != NULL && memmem(said, strlen(said), x->b[i].text.p,
				   n < DESCRIBED ? n : DESCRIBED) != NULL;
}

/* Does a picture's alternative text stand below it as a line, perhaps with
 * its source? White space does not count. */
static int
is_alt(const struct wn_extractor *x, uint32_t img, uint32_t i)
{
	const char *a = wn_attr(x->t, img, WN_ATTR_ALT), *end;
	const char *p = x->b[i].text.p, *stop = p + x->b[i].text.n;
	size_t n = a == NULL ? 0 : strlen(a), left;

	if (n < ALT_MIN || x->b[i].heading || wn_plain(&x->b[i]) > ALT_MAX ||
	    x->line[i].title != WN_TITLE_NO)
		return 0;
	for (end = a + n;;) {
		a = skip_blank(a, end);
		p = skip_blank(p, stop);
		if (a == end || p == stop || *a != *p)
			break;
		a++;
		p++;
	}
	left = (size_t)(stop - p);
	return a == end && (left == 0 || (n > 2 * ALT_MIN && left < n / 2)) &&
	       !is_described(x, i);
}

#define SHORT_CAPTION 60 /* units of a line that only names a thing */

/* Could the line be a caption, but for where it stands? */
static int
is_noun(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return b->kept && b->cjk > 0 && b->marks == 0 && !b->heading &&
	       !b->row && !b->item && b->link_chars == 0 &&
	       wn_plain(b) <= SHORT_CAPTION && !ends_sentence(b) &&
	       !is_section(b) && x->line[i].title == WN_TITLE_NO &&
	       x->line[i].any.act == WN_ACT_NONE &&
	       x->line[i].tail.act == WN_ACT_NONE;
}

/* Does every short line inside the text stand right below a picture? Then
 * they are no headings of sections. Two at least, each between paragraphs. */
static int
names_pictures(const struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	uint32_t n = 0, last = x->end;

	while (last > x->beg && !wn_is_paragraph(x, last - 1))
		last--;
	for (uint32_t i = x->beg + 1; i < last; i++) {
		uint32_t k;

		if (!is_noun(x, i) || !wn_is_paragraph(x, i - 1))
			continue;
		for (k = x->b[i - 1].end; k < x->b[i].first; k++)
			if (t->nodes[k].tag == WN_TAG_IMG)
				break;
		if (k == x->b[i].first)
			return 0;
		n++;
	}
	return n >= 2;
}

/* The line below a picture: its own text or one with a source, wherever it
 * stands; any other is short, and centred or in the picture's own paragraph.
 * up: the block element the picture is in. */
static int
is_caption(const struct wn_extractor *x, uint32_t img, uint32_t i, uint32_t up)
{
	const struct wn_block *b = &x->b[i];

	if (x->line[i].picture.act != WN_ACT_NONE && wn_plain(b) < 250)
		return 1;
	if (is_alt(x, img, i))
		return 1;
	if (b->cjk == 0 || wn_plain(b) > CAPTION_MAX || b->heading ||
	    x->line[i].title == WN_TITLE_SAME || ends_sentence(b) ||
	    is_section(b) || x->from[up] != i)
		return 0;
	if (x->named && is_noun(x, i))
		return 1;
	return b->first < x->t->nodes[up].end ||
	       (!x->centred && is_centred(x->t, b->node));
}

/* Is the whole text centred? Then that a line is says nothing of it. */
static int
is_all_centred(const struct wn_extractor *x)
{
	uint32_t n = 0, all = 0;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept) {
			all++;
			n += (uint32_t)is_centred(x->t, x->b[i].node);
		}
	return 2 * n > all && n >= 10;
}

/* A line about the article below its last picture is what it says. */
static void
drop_caption(struct wn_extractor *x, uint32_t i)
{
	const struct wn_verdict *v = &x->line[i].tail;

	if (v->act != WN_ACT_NONE)
		wn_drop(x, i, v->kind, v->rule);
	else
		wn_drop(x, i, WINNOW_KIND_CAPTION, "below a picture");
}

void
wn_drop_captions(struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	uint32_t stop = t->nodes[x->d->content].end, last = x->n;

	x->centred = is_all_centred(x);
	x->named = names_pictures(x);
	for (uint32_t i = x->d->content + 1; i < stop; i++) {
		uint32_t k = x->from[i], up = i;

		/* of several pictures above a line the first decides */
		if (t->nodes[i].tag != WN_TAG_IMG || k < x->beg ||
		    k >= x->end || k == last)
			continue;
		last = k;
		/* a picture in the middle of a paragraph has no caption */
		if (!x->b[k].kept || (k > 0 && x->b[k - 1].end > i))
			continue;
		while (up > 0 && !(wn_tag_flags[t->nodes[up].tag] & WN_BLOCK))
			up = t->nodes[up].parent;
		if (is_caption(x, i, k, up))
			drop_caption(x, k);
	}
}
