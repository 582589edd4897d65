/* explain_facts.c - what the cleaner made of the page: its verdict, the
 * metadata and whom each is from, what was removed and mended.
 *
 * The table of metadata is one of rows: a label, the field of meta.h that
 * knows where the value is from, and the value. */
#include "cleaner/explain.h"

#include <stdio.h>
#include <string.h>

#include "cleaner/date.h"
#include "cleaner/html.h"
#include "cleaner/meta.h"

enum {
	VALUE = 1000, /* bytes of a value that are shown */
	HEADING = 300,
	LIST = 50, /* values of a list */
	SIDE = 160 /* bytes of a repair's sides */
};

static const struct {
	const char *name, *words;
} kinds[WINNOW_KIND_N] =
    {
#define K(key, name, words) [WINNOW_KIND_##key] = {name, words},
#include "cleaner/kinds.def"
#undef K
},
  repairs[WINNOW_REPAIR_N] =
      {
#define R(key, name, words) [WINNOW_REPAIR_##key] = {name, words},
#include "cleaner/repairs.def"
#undef R
},
  /* words for names that the record has */ said_by[] =
      {
	  {"jsonld", "JSON-LD"},
	  {"meta", "markup"},
	  {"time", "time element"},
	  {"text", "text"},
	  {"url", "URL"},
	  {"feed", "feed"},
},
  charset_from[] =
      {
	  {"bom", "its byte order mark"},
	  {"http", "the Content-Type header"},
	  {"meta", "the page’s own declaration"},
	  {"detect", "the bytes themselves"},
	  {"config", "the user"},
},
  reasons[] = {
      {"list",
	  "It is a list: links to other pages, and no article of its own."},
      {"needs-javascript", "It needs JavaScript: the article is not in its "
			   "source."},
      {"file", "It hands out a file: the text is in that, not in the page."},
      {"error-page", "It is a notice of an error."},
      {"login", "It asks to log in."},
      {"player", "It is a player: a film or a sound, and no text."},
      {"no-article", "No part of it looks like an article."},
};

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS(table, key) words_of(&(table)[0].name, ROWS(table), key)

/* The words beside a name; the name itself when it has none. */
static const char *
words_of(const char *const *table, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[2 * i], key) == 0)
			return table[2 * i + 1];
	return key;
}

static void
put(struct wn_explain *x, const char *s)
{
	wn_explain_text(x, s, strlen(s));
}

/* ---- the verdict --------------------------------------------------------- */

static void
open_tile(struct wn_explain *x, const char *label)
{
	wn_buf_printf(&x->b, "<div><dt>%s</dt><dd>", label);
}

static void
close_tile(struct wn_explain *x)
{
	wn_buf_puts(&x->b, "</dd></div>\n");
}

/* A note under a tile's value. */
static void
open_note(struct wn_explain *x)
{
	wn_buf_puts(&x->b, "<small>");
}

static void
put_tiles(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;

	wn_buf_puts(&x->b, "<dl class=\"tiles\">\n");
	open_tile(x, "Page type");
	put(x, winnow_page_type_name(p->page_type));
	close_tile(x);
	open_tile(x, "Text");
	wn_explain_count(x, p->chars, NULL);
	open_note(x);
	wn_buf_puts(&x->b, "characters in ");
	wn_explain_count(x, p->paragraphs, "paragraph");
	wn_buf_puts(&x->b, "</small>");
	close_tile(x);
	open_tile(x, "Quality");
	wn_buf_printf(&x->b,
	    "%.2f<meter min=\"0\" max=\"1\" low=\"0.5\" high=\"0.8\" "
	    "optimum=\"1\" value=\"%.2f\" aria-label=\"quality\">%.2f"
	    "</meter><small>%.0f %% of it in links</small>",
	    p->quality, p->quality, p->quality, 100 * p->link_density);
	close_tile(x);
	open_tile(x, "Language");
	if (p->language == NULL || strcmp(p->language, "und") == 0)
		put(x, "unknown");
	else
		put(x, p->language);
	if (p->language_script != NULL) {
		wn_buf_puts(&x->b, "-");
		put(x, p->language_script);
	}
	if (p->language_score > 0)
		wn_buf_printf(&x->b, "<small>certain to %.0f %%</small>",
		    100 * p->language_score);
	close_tile(x);
	open_tile(x, "Encoding");
	put(x, p->charset != NULL ? p->charset : "unknown");
	open_note(x);
	wn_buf_puts(&x->b, "by ");
	put(x, WORDS(charset_from,
		   p->charset_source != NULL ? p->charset_source : "?"));
	if (p->bad_bytes > 0) {
		wn_buf_puts(&x->b, "; ");
		wn_explain_count(x, p->bad_bytes, "sequence");
		wn_buf_puts(&x->b, " did not decode");
	}
	wn_buf_puts(&x->b, "</small>");
	close_tile(x);
	open_tile(x, "Blocks");
	wn_buf_printf(
	    &x->b, "%zu of %zu kept<small>", x->kept, x->kept + x->removed);
	wn_explain_count(x, p->content_length, "byte");
	wn_buf_puts(&x->b, " of source</small>");
	close_tile(x);
	wn_buf_puts(&x->b, "</dl>\n");
}

static void
put_url(struct wn_explain *x, const char *url)
{
	int link =
	    strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;

	if (link) {
		wn_buf_puts(&x->b, "<a rel=\"noreferrer nofollow noopener\" "
				   "href=\"");
		wn_html_escape(&x->b, url, strlen(url));
		wn_buf_puts(&x->b, "\">");
	}
	wn_explain_clip(x, (struct wn_str){url, strlen(url)}, VALUE);
	wn_buf_puts(&x->b, link ? "</a>" : "");
}

static void
put_verdict(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;
	int any = p->text_len > 0;

	wn_buf_puts(&x->b, "<header>\n<p class=\"eyebrow\">What winnow made of "
			   "this page</p>\n<h1 dir=\"auto\"");
	wn_buf_puts(&x->b, p->title != NULL ? x->lang : "");
	wn_buf_puts(&x->b, ">");
	if (p->title != NULL)
		wn_explain_clip(
		    x, (struct wn_str){p->title, strlen(p->title)}, HEADING);
	else
		wn_buf_puts(&x->b, "A page without a title");
	wn_buf_puts(&x->b, "</h1>\n");
	if (x->d->url.len > 0) {
		wn_buf_puts(&x->b, "<p class=\"url\">");
		put_url(x, x->d->url.href);
		wn_buf_puts(&x->b, "</p>\n");
	}
	wn_buf_printf(&x->b, "<p class=\"verdict %s\"><b>%s</b> ",
	    any ? "yes" : "no", any ? "✓ Kept." : "✗ Nothing kept.");
	if (!any)
		put(x, WORDS(reasons,
			   p->nothing != NULL ? p->nothing : "no-article"));
	else
		wn_buf_printf(&x->b,
		    "%zu of %zu blocks are the text of this %s.", x->kept,
		    x->kept + x->removed,
		    p->page_type == WINNOW_OTHER
			? "page"
			: winnow_page_type_name(p->page_type));
	wn_buf_puts(&x->b, "</p>\n");
	if (p->truncated)
		wn_buf_puts(&x->b, "<p class=\"verdict no\"><b>! Cut.</b> The "
				   "page met a limit: "
				   "only what came before it was read.</p>\n");
	put_tiles(x);
	wn_explain_map(x);
	wn_buf_puts(&x->b, "</header>\n");
}

/* ---- metadata ------------------------------------------------------------ */

/* The box or kept line that a block, from 1, is in. */
static const struct wn_group *
group_of(const struct wn_explain *x, uint32_t block)
{
	size_t lo = 0, hi = x->ngroups;

	while (hi - lo > 1)
		if (x->groups[(lo + hi) / 2].beg < block)
			lo = (lo + hi) / 2;
		else
			hi = (lo + hi) / 2;
	return &x->groups[lo];
}

static void
put_block_link(struct wn_explain *x, uint32_t block)
{
	if (group_of(x, block)->shown)
		wn_buf_printf(
		    &x->b, "<a href=\"#b%u\">line %u</a>", block, block);
	else
		wn_buf_printf(&x->b, "line %u", block);
}

/* The line that a node prints. */
static void
put_place(struct wn_explain *x, uint32_t node)
{
	if (node == 0 || x->d->tree == NULL || node >= x->d->tree->n ||
	    x->block_of[node] == 0)
		return;
	wn_buf_puts(&x->b, " ");
	put_block_link(x, x->block_of[node]);
}

static void
put_from(struct wn_explain *x, const char *by, const char *how, uint32_t node)
{
	put(x, WORDS(said_by, by));
	if (how != NULL) {
		wn_buf_puts(&x->b, ": <code>");
		put(x, how);
		wn_buf_puts(&x->b, "</code>");
	}
	put_place(x, node);
}

static void
put_origin(struct wn_explain *x, enum wn_field f)
{
	const struct wn_meta *m = x->d->meta;
	const struct wn_origin *o;

	if (f == WN_F_NONE || m == NULL || (o = &m->origin[f])->by == NULL)
		return;
	put_from(x, o->by, o->how, o->node);
}

static void
open_row(struct wn_explain *x, const char *label)
{
	wn_buf_printf(&x->b, "<tr><th scope=\"row\">%s</th><td dir=\"auto\"%s>",
	    label, x->lang);
}

static void
close_row(struct wn_explain *x, enum wn_field f, const char *from)
{
	wn_buf_puts(&x->b, "</td><td>");
	if (from != NULL)
		put(x, from);
	else
		put_origin(x, f);
	wn_buf_puts(&x->b, "</td></tr>\n");
}

static void
put_value(struct wn_explain *x, const char *label, const char *v,
    enum wn_field f, const char *from)
{
	if (v == NULL || *v == '\0')
		return;
	open_row(x, label);
	wn_explain_clip(x, (struct wn_str){v, strlen(v)}, VALUE);
	close_row(x, f, from);
}

static void
put_list(struct wn_explain *x, const char *label, const struct winnow_list *l,
    enum wn_field f, const char *from)
{
	if (l->n == 0)
		return;
	open_row(x, label);
	wn_buf_puts(&x->b, "<ul>");
	for (size_t i = 0; i < l->n && i < LIST; i++) {
		wn_buf_puts(&x->b, "<li dir=\"auto\">");
		wn_explain_clip(
		    x, (struct wn_str){l->v[i], strlen(l->v[i])}, VALUE);
		wn_buf_puts(&x->b, "</li>");
	}
	if (l->n > LIST) {
		wn_buf_puts(&x->b, "<li lang=\"en\">and ");
		wn_explain_count(x, l->n - LIST, "more value");
		wn_buf_puts(&x->b, "</li>");
	}
	wn_buf_puts(&x->b, "</ul>");
	close_row(x, f, from);
}

static void
put_moment(struct wn_explain *x, const char *label, int64_t t, enum wn_field f)
{
	struct wn_date d;
	char s[96];

	if (t == WINNOW_NO_TIME)
		return;
	/* gmtime_r() and strftime() would look for the file of the local zone,
	 * which a worker may not. */
	wn_date_from_unix(t, &d);
	snprintf(s, sizeof(s), "%04d-%02d-%02d %02d:%02d:%02d UTC", d.year,
	    d.mon, d.day, d.hour, d.min, d.sec);
	put_value(x, label, s, f, NULL);
}

/* Where a field is empty is told too: a page that does not say is no fault. */
static void
put_silent(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;
	const struct {
		const char *label;
		int said;
	} rows[] = {
	    {"title", p->title != NULL},
	    {"authors", p->authors.n > 0},
	    {"source", p->source_name != NULL},
	    {"site", p->sitename != NULL},
	    {"date", p->date_publish != NULL},
	    {"sections", p->sections.n > 0},
	    {"keywords", p->tags.n > 0},
	    {"description", p->description != NULL},
	    {"image", p->image != NULL},
	    {"licence", p->license != NULL},
	};
	int any = 0;

	for (size_t i = 0; i < ROWS(rows); i++)
		if (!rows[i].said)
			wn_buf_printf(&x->b, "%s%s",
			    any++ ? ", " : "<p>The page does not say: ",
			    rows[i].label);
	wn_buf_puts(&x->b, any ? ".</p>\n" : "");
}

/* What was said and by whom, chosen or not, field by field. */
static void
put_said(struct wn_explain *x)
{
	static const char *const names[WN_F_N] = {
	    [WN_F_TITLE] = "title",
	    [WN_F_SUBTITLE] = "subtitle",
	    [WN_F_DESCRIPTION] = "description",
	    [WN_F_AUTHOR] = "author",
	    [WN_F_EDITOR] = "editor",
	    [WN_F_SOURCE] = "source",
	    [WN_F_SITENAME] = "site",
	    [WN_F_SECTION] = "section",
	    [WN_F_TAGS] = "keywords",
	    [WN_F_IMAGE] = "image",
	    [WN_F_LICENSE] = "licence",
	    [WN_F_PUBLISHED] = "published",
	    [WN_F_MODIFIED] = "modified",
	};
	const struct wn_meta *m = x->d->meta;

	if (m == NULL || m->n == 0)
		return;
	wn_buf_puts(&x->b, "<details class=\"said\"><summary>All that the page "
			   "says of these: ");
	wn_explain_count(x, m->n, "statement");
	wn_buf_puts(&x->b,
	    "</summary>\n<table class=\"facts\"><thead><tr><th scope=\"col\">"
	    "Field</th><th scope=\"col\">Value</th><th scope=\"col\">From</th>"
	    "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < (size_t)WN_F_N * m->n; i++) {
		const struct wn_said *s = &m->said[i % m->n];

		if (s->field != i / m->n)
			continue;
		open_row(x, names[s->field] != NULL ? names[s->field] : "-");
		wn_explain_clip(x, s->s, HEADING);
		wn_buf_puts(&x->b, "</td><td>");
		put_from(
		    x, wn_sayer_name((enum wn_sayer)s->by), s->how, s->node);
		wn_buf_printf(&x->b, ", weight %u</td></tr>\n", s->weight);
	}
	wn_buf_puts(&x->b, "</tbody></table></details>\n");
}

static void
put_metadata(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;
	const char *text = "the article’s lines";

	wn_buf_puts(&x->b,
	    "<section id=\"metadata\" aria-labelledby=\"h-metadata\">\n"
	    "<h2 id=\"h-metadata\">Metadata</h2>\n<table class=\"facts\">\n"
	    "<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Value"
	    "</th><th scope=\"col\">From</th></tr></thead>\n<tbody>\n");
	put_value(x, "title", p->title, WN_F_TITLE, NULL);
	put_value(x, "subtitle", p->subtitle, WN_F_SUBTITLE, NULL);
	put_list(x, "authors", &p->authors, WN_F_AUTHOR, NULL);
	put_list(x, "editors", &p->editors, WN_F_EDITOR, NULL);
	put_value(x, "source", p->source_name, WN_F_SOURCE, NULL);
	put_value(x, "site", p->sitename, WN_F_SITENAME, NULL);
	put_value(x, "published", p->date_publish, WN_F_PUBLISHED, NULL);
	put_moment(x, "at", p->datetime_publish, WN_F_PUBLISHED);
	put_moment(x, "modified", p->date_modify, WN_F_MODIFIED);
	put_value(x, "latest day", p->date_latest, WN_F_NONE,
	    "the latest day in the page");
	put_list(x, "sections", &p->sections, WN_F_SECTION, NULL);
	put_list(x, "keywords", &p->tags, WN_F_TAGS, NULL);
	put_value(x, "description", p->description, WN_F_DESCRIPTION, NULL);
	put_value(x, "image", p->image, WN_F_IMAGE, NULL);
	put_list(
	    x, "captions", &p->captions, WN_F_NONE, "lines removed as caption");
	put_list(x, "attachments", &p->attachments, WN_F_NONE, text);
	put_value(x, "licence", p->license, WN_F_LICENSE, NULL);
	put_value(
	    x, "canonical", p->url_canonical, WN_F_NONE, "link rel=canonical");
	put_value(x, "base", p->base, WN_F_NONE, "base element or URL");
	put_value(x, "robots", p->robots_meta, WN_F_NONE,
	    "meta robots, X-Robots-Tag");
	put_value(x, "written in", p->script_origin, WN_F_NONE,
	    "the script before a converter");
	put_value(x, "record", p->id, WN_F_NONE, "URL and text");
	put_value(x, "digest", p->digest, WN_F_NONE, "the bytes of the page");
	wn_buf_puts(&x->b, "</tbody></table>\n");
	put_silent(x);
	put_said(x);
	wn_buf_puts(&x->b, "</section>\n");
}

/* ---- what was removed ---------------------------------------------------- */

static void
put_kind(struct wn_explain *x, int k)
{
	unsigned n = x->d->pub.removed[k];

	wn_buf_printf(&x->b,
	    "<li class=\"k%d\"><label><input type=\"checkbox\" id=\"f%d\" "
	    "checked> <b class=\"chip\">%s</b> <span class=\"n\">%u</span> "
	    "<span class=\"words\">%s</span></label>",
	    k, k, kinds[k].name, n, kinds[k].words);
	if (x->first[k] != 0)
		wn_buf_printf(&x->b,
		    " <a href=\"#b%u\" aria-label=\"first %s\">first ↓</a>",
		    x->groups[x->first[k] - 1].beg + 1, kinds[k].name);
	wn_buf_puts(&x->b, "</li>\n");
}

static void
put_legend(struct wn_explain *x)
{
	wn_buf_puts(&x->b,
	    "<section id=\"removed\" aria-labelledby=\"h-removed\">\n"
	    "<h2 id=\"h-removed\">Removed</h2>\n");
	if (x->removed == 0) {
		wn_buf_puts(&x->b, "<p>Nothing was removed.</p>\n</section>\n");
		return;
	}
	wn_buf_puts(&x->b,
	    "<fieldset class=\"views\"><legend>Show</legend>\n"
	    "<label><input type=\"radio\" name=\"view\" id=\"v-all\" checked> "
	    "the whole page</label>\n"
	    "<label><input type=\"radio\" name=\"view\" id=\"v-kept\"> "
	    "what was kept</label>\n"
	    "<label><input type=\"radio\" name=\"view\" id=\"v-removed\"> "
	    "what was removed</label>\n"
	    "<label><input type=\"checkbox\" id=\"scores\"> "
	    "rules and scores of kept lines</label>\n"
	    "<label><input type=\"checkbox\" id=\"marks\" checked> "
	    "marks of repairs</label></fieldset>\n"
	    "<fieldset><legend>Kinds: untick one to hide its lines</legend>\n"
	    "<ul class=\"kinds\">\n");
	for (int k = 0; k < WINNOW_KIND_N; k++)
		if (x->d->pub.removed[k] > 0)
			put_kind(x, k);
	wn_buf_puts(&x->b, "</ul></fieldset>\n</section>\n");
}

/* ---- repairs ------------------------------------------------------------- */

static void
put_side(struct wn_explain *x, const char *tag, const char *s)
{
	if (*s == '\0') {
		wn_buf_puts(&x->b, "<td class=\"words\">nothing</td>");
		return;
	}
	wn_buf_printf(&x->b, "<td dir=\"auto\"%s>", x->lang);
	wn_explain_side(x, tag, (struct wn_str){s, strlen(s)}, SIDE);
	wn_buf_puts(&x->b, "</td>");
}

static void
put_repair_place(struct wn_explain *x, uint32_t block)
{
	if (block == 0)
		wn_buf_puts(&x->b, "metadata");
	else
		put_block_link(x, block);
}

static void
put_repair_counts(struct wn_explain *x)
{
	wn_buf_puts(&x->b, "<ul class=\"kinds\">\n");
	for (int k = 0; k < WINNOW_REPAIR_N; k++)
		if (x->d->pub.repairs[k] > 0)
			wn_buf_printf(&x->b,
			    "<li><b class=\"chip\">%s</b> <span class=\"n\">%u"
			    "</span> <span class=\"words\">%s</span></li>\n",
			    repairs[k].name, x->d->pub.repairs[k],
			    repairs[k].words);
	wn_buf_puts(&x->b, "</ul>\n");
}

static void
put_repair(struct wn_explain *x, size_t i)
{
	const struct winnow_repair *r = x->trace.rows[i];

	wn_buf_printf(&x->b,
	    "<tr id=\"p%zu\"><td>%zu</td><th scope=\"row\">%s</th>", i + 1,
	    i + 1, winnow_repair_name(r->kind));
	put_side(x, "del", r->before);
	put_side(x, "ins", r->after);
	wn_buf_puts(&x->b, "<td>");
	put_repair_place(x, r->block);
	if (r->margin > 0)
		wn_buf_printf(&x->b, ", margin %.1f", (double)r->margin);
	wn_buf_puts(&x->b, "</td></tr>\n");
}

void
wn_explain_repairs(struct wn_explain *x)
{
	size_t i, all = 0;

	wn_buf_puts(&x->b,
	    "<section id=\"repairs\" aria-labelledby=\"h-repairs\">\n"
	    "<h2 id=\"h-repairs\">Repairs</h2>\n");
	for (int k = 0; k < WINNOW_REPAIR_N; k++)
		all += x->d->pub.repairs[k];
	if (all == 0)
		wn_buf_puts(&x->b, "<p>Nothing had to be mended.</p>\n");
	else
		put_repair_counts(x);
	if (x->trace.n > 0) {
		wn_buf_puts(&x->b,
		    "<table class=\"facts fixes\"><thead><tr><th "
		    "scope=\"col\">№</th>"
		    "<th scope=\"col\">Kind</th><th scope=\"col\">Before</th>"
		    "<th scope=\"col\">After</th><th scope=\"col\">Where</th>"
		    "</tr></thead>\n<tbody>\n");
		for (i = 0; i < x->trace.n && i < WN_EXPLAIN_ROWS; i++)
			put_repair(x, i);
		wn_buf_puts(&x->b, "</tbody></table>\n");
		if (all > i) {
			wn_buf_puts(&x->b, "<p>And ");
			wn_explain_count(x, all - i, "more repair");
			wn_buf_puts(&x->b, ".</p>\n");
		}
	}
	wn_buf_puts(&x->b, "</section>\n");
}

void
wn_explain_facts(struct wn_explain *x)
{
	put_verdict(x);
	put_metadata(x);
	put_legend(x);
}
