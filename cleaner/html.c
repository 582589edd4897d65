/* html.c - the article as minimal HTML.
 *
 * The paragraphs are those of the text, so both formats say the same; each has
 * the element that its block had on the page. Items, rows, quotes and lines of
 * code that follow each other share one list, table, quote or block.
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

/* How each form is written: around a run of such paragraphs, and each. */
static const struct markup {
	const char *open, *close;
	const char *before, *after;
} markups[] = {
    [WN_FORM_PLAIN] = {"", "", "<p>", "</p>\n"},
    [1] = {"", "", "<h2>", "</h2>\n"},
    [2] = {"", "", "<h2>", "</h2>\n"},
    [3] = {"", "", "<h3>", "</h3>\n"},
    [4] = {"", "", "<h4>", "</h4>\n"},
    [5] = {"", "", "<h5>", "</h5>\n"},
    [6] = {"", "", "<h6>", "</h6>\n"},
    [WN_FORM_ITEM] = {"<ul>\n", "</ul>\n", "<li>", "</li>\n"},
    [WN_FORM_ROW] = {"<table>\n", "</table>\n", "<tr><td>", "</td></tr>\n"},
    [WN_FORM_QUOTE] = {"<blockquote>\n", "</blockquote>\n", "<p>", "</p>\n"},
    [WN_FORM_PRE] = {"<pre>\n", "</pre>\n", "", "\n"},
};

/* Cells of a row are separated by tabs. */
static void
put_row(struct wn_buf *b, const char *s, const char *end)
{
	const char *tab;

	while ((tab = memchr(s, '\t', (size_t)(end - s))) != NULL) {
		wn_html_escape(b, s, (size_t)(tab - s));
		wn_buf_puts(b, "</td><td>");
		s = tab + 1;
	}
	wn_html_escape(b, s, (size_t)(end - s));
}

static void
put_paragraphs(struct wn_buf *b, const struct wn_doc *d)
{
	const char *s = d->pub.text, *end = s + d->pub.text_len, *nl;
	unsigned form, last = WN_FORM_PLAIN;
	size_t i;

	for (i = 0; s < end; s = nl + 1, i++) {
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		form = i < d->nforms ? d->forms[i] : WN_FORM_PLAIN;
		if (form != last) {
			wn_buf_puts(b, markups[last].close);
			wn_buf_puts(b, markups[form].open);
			last = form;
		}
		wn_buf_puts(b, markups[form].before);
		if (form == WN_FORM_ROW)
			put_row(b, s, nl);
		else
			wn_html_escape(b, s, (size_t)(nl - s));
		wn_buf_puts(b, markups[form].after);
	}
	wn_buf_puts(b, markups[last].close);
}

static void
put_title(struct wn_buf *b, const char *element, const char *s)
{
	wn_buf_printf(b, "<%s>", element);
	wn_html_escape(b, s, strlen(s));
	wn_buf_printf(b, "</%s>\n", element);
}

const char *
wn_html(struct wn_doc *d)
{
	const struct winnow_doc *p = &d->pub;
	struct wn_buf b;

	wn_buf_init(&b, d->arena);
	wn_buf_puts(&b, "<article>\n");
	if (p->title != NULL)
		put_title(&b, "h1", p->title);
	if (p->subtitle != NULL)
		put_title(&b, "h2", p->subtitle);
	put_paragraphs(&b, d);
	wn_buf_puts(&b, "</article>\n");
	return b.err == 0 ? b.b : NULL;
}
