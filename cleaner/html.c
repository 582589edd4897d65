/* html.c - the article as minimal HTML.
 *
 * The paragraphs are those of the text, so both formats say the same; each has
 * the element that its block had on the page. Items, rows, quotes and lines of
 * code that were in one list, table, quote or block are in one again, and lists
 * in lists; lines of a verse are parted by <br>.
 *
 * Invariants
 *  H1  Every byte of a page goes through wn_html_escape().
 *  H2  Elements are closed in the order they were opened: it is XML too. */
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

enum { LISTS = 9 }; /* deeper ones stand in the ninth */

struct writer {
	struct wn_buf *b;
	struct wn_shape last; /* of the element that is open */
	int open;             /* one is: a paragraph, a row, lists */
	unsigned depth;       /* open lists, each with an open item */
	uint8_t ordered[LISTS];
};

/* How each form is written: round a run of them, and round each. Items are
 * put_item()'s. */
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
    [WN_FORM_ITEM] = {"", "", "", ""},
    [WN_FORM_ROW] = {"<table>\n", "</table>\n", "<tr>", "</tr>\n"},
    [WN_FORM_QUOTE] = {"<blockquote>\n", "</blockquote>\n", "<p>", "</p>\n"},
    [WN_FORM_PRE] = {"<pre>\n", "\n</pre>\n", "", ""},
};

/* Cells of a row are separated by tabs. */
static void
put_row(struct wn_buf *b, const char *s, const char *end, int head)
{
	const char *cell = head ? "th" : "td", *tab;

	for (;; s = tab + 1) {
		if ((tab = memchr(s, '\t', (size_t)(end - s))) == NULL)
			tab = end;
		wn_buf_printf(b, "<%s>", cell);
		wn_html_escape(b, s, (size_t)(tab - s));
		wn_buf_printf(b, "</%s>", cell);
		if (tab == end)
			return;
	}
}

/* Closes lists until `depth` are open; their items with them. */
static void
close_lists(struct writer *w, unsigned depth)
{
	while (w->depth > depth) {
		wn_buf_puts(w->b, "</li>\n");
		wn_buf_puts(
		    w->b, w->ordered[--w->depth] ? "</ol>\n" : "</ul>\n");
	}
}

/* Opens the item of a line, in as many lists as it stood in; one that stands
 * deeper than its neighbour is in the neighbour. */
static void
put_item(struct writer *w, const struct wn_shape *s)
{
	unsigned depth = s->depth < 1 ? 1 : s->depth;

	depth = depth < LISTS ? depth : LISTS;
	close_lists(w, depth);
	if (w->depth == depth && w->ordered[depth - 1] != s->ordered)
		close_lists(w, depth - 1);
	if (w->depth == depth) {
		wn_buf_puts(w->b, "</li>\n<li>");
		return;
	}
	if (w->depth > 0)
		wn_buf_puts(w->b, "\n");
	w->ordered[w->depth++] = s->ordered;
	wn_buf_puts(w->b, s->ordered ? "<ol>\n<li>" : "<ul>\n<li>");
}

/* Ends what is open, but for what the next line goes on with; NULL: none. */
static void
finish(struct writer *w, const struct wn_shape *next)
{
	const struct markup *m = &markups[w->last.form];

	if (!w->open)
		return;
	wn_buf_puts(w->b, m->after);
	if (next != NULL && next->form == w->last.form &&
	    (next->same || next->form == WN_FORM_ITEM))
		return;
	close_lists(w, 0);
	wn_buf_puts(w->b, m->close);
	w->open = 0;
}

static void
put_line(
    struct writer *w, const struct wn_shape *s, const char *p, const char *end)
{
	if (w->open && s->goes_on) {
		wn_buf_puts(w->b, s->form == WN_FORM_PRE ? "\n" : "<br/>\n");
	} else {
		finish(w, s);
		if (!w->open)
			wn_buf_puts(w->b, markups[s->form].open);
		wn_buf_puts(w->b, markups[s->form].before);
		if (s->form == WN_FORM_ITEM)
			put_item(w, s);
	}
	if (s->form == WN_FORM_ROW)
		put_row(w->b, p, end, s->head);
	else
		wn_html_escape(w->b, p, (size_t)(end - p));
	w->last = *s;
	w->open = 1;
}

static void
put_paragraphs(struct wn_buf *b, const struct wn_doc *d)
{
	const char *s = d->pub.text, *end = s + d->pub.text_len, *nl;
	static const struct wn_shape plain;
	struct writer w = {.b = b};
	size_t i;

	for (i = 0; s < end; s = nl + 1, i++) {
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		put_line(&w, i < d->nshapes ? &d->shapes[i] : &plain, s, nl);
	}
	finish(&w, NULL);
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
