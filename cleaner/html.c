/* html.c - the article as minimal HTML.
 *
 * The paragraphs are those of the text, so both formats say the same; when
 * the blocks that were kept are as many, each gives its paragraph an element.
 *
 * Invariant
 *  H1  Every byte of a page goes through wn_html_escape(). */
#include "cleaner/html.h"

#include <string.h>

void
wn_html_escape(struct wn_buf *b, const char *s, size_t n)
{
	const char *end = s + n, *run;

	while (s < end) {
		for (run = s;
		     s < end && *s != '<' && *s != '>' && *s != '&' &&
		     *s != '"' && *s != '\'' &&
		     ((unsigned char)*s >= 0x20 || *s == '\n' || *s == '\t') &&
		     *s != 0x7F;
		     s++)
			;
		wn_buf_put(b, run, (size_t)(s - run));
		if (s == end)
			break;
		switch (*s++) {
		case '<':
			wn_buf_puts(b, "&lt;");
			break;
		case '>':
			wn_buf_puts(b, "&gt;");
			break;
		case '&':
			wn_buf_puts(b, "&amp;");
			break;
		case '"':
			wn_buf_puts(b, "&quot;");
			break;
		case '\'':
			wn_buf_puts(b, "&#39;");
			break;
		}
	}
}

/* The kept block behind *i, NULL at the end. */
static const struct wn_block *
next_kept(const struct wn_doc *d, size_t *i)
{
	while (*i < d->nblocks)
		if (d->blocks[(*i)++].kept)
			return &d->blocks[*i - 1];
	return NULL;
}

static size_t
count_kept(const struct wn_doc *d)
{
	size_t i = 0, n = 0;

	while (next_kept(d, &i) != NULL)
		n++;
	return n;
}

static const char *
element_of(const struct wn_block *b)
{
	if (b == NULL)
		return "p";
	if (b->heading != 0)
		return "h2";
	if (b->item)
		return "li";
	if (b->pre)
		return "pre";
	return b->quote ? "blockquote" : "p";
}

static void
put_line(struct wn_buf *b, const char *element, const char *s, size_t n)
{
	wn_buf_printf(b, "<%s>", element);
	wn_html_escape(b, s, n);
	wn_buf_printf(b, "</%s>\n", element);
}

static void
put_paragraphs(struct wn_buf *b, const struct wn_doc *d)
{
	const char *s = d->pub.text, *end = s + d->pub.text_len, *nl;
	const char *element;
	size_t i = 0, lines = 1;
	int list = 0, match;

	for (nl = s; (nl = memchr(nl, '\n', (size_t)(end - nl))); nl++)
		lines++;
	match = count_kept(d) == lines;
	for (; s < end; s = nl + 1) {
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		element = match ? element_of(next_kept(d, &i)) : "p";
		if (list != (element[0] == 'l')) {
			wn_buf_puts(b, list ? "</ul>\n" : "<ul>\n");
			list = !list;
		}
		put_line(b, element, s, (size_t)(nl - s));
	}
	if (list)
		wn_buf_puts(b, "</ul>\n");
}

const char *
wn_html(struct wn_doc *d)
{
	const struct winnow_doc *p = &d->pub;
	struct wn_buf b;

	wn_buf_init(&b, d->arena);
	wn_buf_puts(&b, "<article>\n");
	if (p->title != NULL)
		put_line(&b, "h1", p->title, strlen(p->title));
	if (p->subtitle != NULL)
		put_line(&b, "h2", p->subtitle, strlen(p->subtitle));
	put_paragraphs(&b, d);
	wn_buf_puts(&b, "</article>\n");
	return b.err == 0 ? b.b : NULL;
}
