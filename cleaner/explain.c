/* explain.c - the page as the cleaner saw it: a self-contained HTML page with
 * the text in its order, kept plain, removed coloured by kind, and the rule
 * that decided as a label.
 *
 * Invariant
 *  X1  The page holds no script and loads nothing, and says so to the browser
 *      (Content-Security-Policy); text of the page is escaped (H1). */
#include <string.h>

#include "cleaner/html.h"
#include "cleaner/state.h"

static const char head[] =
    "<!doctype html>\n<html><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<style>\n"
    "body{font:16px/1.6 sans-serif;max-width:52em;margin:2em auto;"
    "padding:0 1em;color:#111;background:#fff}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1em;"
    "font-size:14px}\ndt{color:#666}dd{margin:0}\n"
    "p{margin:.3em 0;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    ".r{font-size:14px;border-left:6px solid;padding-left:.6em;"
    "background:#f6f6f6;color:#555}\n"
    ".r b{float:right;font-weight:normal;font-size:12px;color:#fff;"
    "padding:0 .5em;margin-left:1em;border-radius:3px}\n"
    "ins{background:#cfc;text-decoration:none}del{background:#fcc}\n";

/* One hue a kind, spread so that neighbours in the list differ. */
static void
put_styles(struct wn_buf *b)
{
	int k;

	for (k = 0; k < WINNOW_KIND_N; k++)
		wn_buf_printf(b,
		    ".k%d{border-color:hsl(%d,55%%,45%%)}"
		    ".k%d b{background:hsl(%d,55%%,38%%)}\n",
		    k, k * 137 % 360, k, k * 137 % 360);
	wn_buf_puts(b, "</style>\n");
}

static void
put_text(struct wn_buf *b, const char *s)
{
	wn_html_escape(b, s, strlen(s));
}

static void
put_field(struct wn_buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	wn_buf_printf(b, "<dt>%s</dt><dd>", name);
	put_text(b, value);
	wn_buf_puts(b, "</dd>\n");
}

static void
put_facts(struct wn_buf *b, const struct winnow_doc *d)
{
	int k;

	wn_buf_puts(b, "<dl>\n");
	put_field(b, "title", d->title);
	put_field(b, "subtitle", d->subtitle);
	put_field(b, "date", d->date_publish);
	put_field(b, "source", d->source_name);
	put_field(b, "page type", winnow_page_type_name(d->page_type));
	put_field(b, "encoding", d->charset);
	put_field(b, "nothing kept", d->nothing);
	for (k = 0; k < WINNOW_KIND_N; k++)
		if (d->removed[k] > 0)
			wn_buf_printf(b, "<dt>removed</dt><dd>%s: %u</dd>\n",
			    winnow_kind_name((enum winnow_kind)k),
			    d->removed[k]);
	wn_buf_puts(b, "</dl>\n<hr>\n");
}

static void
put_block(struct wn_buf *b, const struct wn_block *k)
{
	int kind = k->kind >= 0 ? k->kind : WINNOW_KIND_OTHER;

	if (k->kept) {
		wn_buf_puts(b, k->heading ? "<p><strong>" : "<p>");
	} else {
		wn_buf_printf(b, "<p class=\"r k%d\"><b>%s", kind,
		    winnow_kind_name((enum winnow_kind)kind));
		if (k->rule != NULL) {
			wn_buf_puts(b, " · ");
			put_text(b, k->rule);
		}
		wn_buf_puts(b, "</b>");
	}
	wn_html_escape(b, k->text.p, k->text.n);
	wn_buf_puts(b, k->kept && k->heading ? "</strong></p>\n" : "</p>\n");
}

static void
put_repairs(struct wn_buf *b, const struct winnow_doc *d)
{
	size_t i;

	if (d->nrepair_list == 0)
		return;
	wn_buf_puts(b, "<hr>\n<h2>Repairs</h2>\n");
	for (i = 0; i < d->nrepair_list; i++) {
		const struct winnow_repair *r = &d->repair_list[i];

		wn_buf_printf(b, "<p>%s at %zu: <del>",
		    winnow_repair_name(r->kind), r->offset);
		put_text(b, r->before != NULL ? r->before : "");
		wn_buf_puts(b, "</del> <ins>");
		put_text(b, r->after != NULL ? r->after : "");
		wn_buf_puts(b, "</ins></p>\n");
	}
}

const char *
wn_explain(struct winnow *w, size_t *len)
{
	const struct wn_doc *d = &w->doc;
	struct wn_buf b;
	size_t i;

	wn_buf_init(&b, w->arena);
	wn_buf_puts(&b, head);
	put_styles(&b);
	wn_buf_puts(&b, "<title>");
	put_text(&b, d->pub.title != NULL ? d->pub.title : "winnow explain");
	wn_buf_puts(&b, "</title></head><body>\n");
	put_facts(&b, &d->pub);
	for (i = 0; i < d->nblocks; i++)
		put_block(&b, &d->blocks[i]);
	put_repairs(&b, &d->pub);
	wn_buf_puts(&b, "</body></html>\n");
	*len = b.len;
	return b.err == 0 ? b.b : NULL;
}
