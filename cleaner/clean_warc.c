/* clean_warc.c - see clean_warc.h.
 *
 * What a crawl would have cleaned is cleaned: answers with a status of 2xx. Of
 * those the pictures, style sheets and archives that other programs keep in
 * their WARC files are passed over without a word. */
#include "cleaner/clean_warc.h"

#include <string.h>

enum { SOME = 5, NOTHING = 7 };

struct input {
	FILE *f;
	const char *begin;
	size_t left;
};

struct counts {
	unsigned long pages, articles, bad; /* pages: cleaned */
};

static long
read_input(void *arg, void *buf, size_t n)
{
	struct input *in = arg;

	if (in->left > 0) {
		if (n > in->left)
			n = in->left;
		memcpy(buf, in->begin, n);
		in->begin += n;
		in->left -= n;
		return (long)n;
	}
	n = fread(buf, 1, n, in->f);
	return n == 0 && ferror(in->f) ? -1 : (long)n;
}

static void
complain(struct counts *n, const char *name, const char *page, const char *what)
{
	n->bad++;
	fprintf(stderr, "winnow clean: '%s': %s%s%s\n", name,
	    page != NULL ? page : "", page != NULL ? ": " : "", what);
}

static void
clean_page(const struct warc_clean *c, struct winnow *w, const char *name,
    const struct winnow_warc_page *g, struct counts *n)
{
	struct winnow_page page = c->page;
	struct winnow_fetch f = {.url_requested = g->url,
	    .status = g->status,
	    .content_type = g->content_type,
	    .last_modified = g->last_modified,
	    .etag = g->etag,
	    .date_download = g->date,
	    .depth = -1};
	const struct winnow_doc *d;
	int r;

	if (g->status < 200 || g->status > 299)
		return;
	winnow_warc_to_page(g, &page);
	if (c->page.charset != NULL)
		page.charset = c->page.charset;
	if (c->now_said || g->date == WINNOW_NO_TIME)
		page.now = c->page.now;
	if (c->page_in != NULL) {
		n->pages++;
		n->articles += c->page_in(c->arg, w, &page, &f) != 0;
		return;
	}
	if ((r = winnow_clean(w, &page, &d)) == WINNOW_ECHARSET) {
		page.charset = c->page.charset; /* the file's word is none */
		r = winnow_clean(w, &page, &d);
	}
	if (r == WINNOW_ETYPE)
		return;
	if (r == 0) {
		n->pages++;
		n->articles += d->text_len > 0;
		r = c->print(c->arg, w, d, &f);
	}
	if (r != 0)
		complain(n, name, g->url, winnow_strerror(r));
}

int
wn_clean_warc(const struct warc_clean *c, struct winnow *w, FILE *f,
    const char *name, const char *begin, size_t n)
{
	struct input in = {f, begin, n};
	struct winnow_warc *warc;
	struct winnow_warc_page g;
	struct counts counts = {0};
	int r = winnow_warc_new(&warc, read_input, &in, 0);

	while (r == 0 && (r = winnow_warc_next(warc, &g)) != 0 &&
	       r != WINNOW_ENOMEM) {
		if (r == 1)
			clean_page(c, w, name, &g, &counts);
		else
			complain(&counts, name, NULL, winnow_warc_where(warc));
		r = 0;
	}
	winnow_warc_free(warc);
	if (r != 0) {
		complain(&counts, name, NULL, winnow_strerror(r));
		return 1;
	}
	if (counts.bad > 0)
		return SOME;
	if (counts.articles > 0)
		return 0;
	fprintf(stderr, "winnow clean: '%s': no %s\n", name,
	    counts.pages > 0 ? "article on any of its pages"
			     : "page in it: no answer of HTTP with a status of "
			       "2xx and text");
	return NOTHING;
}
