/* page_parts.h - what the files of the page at / share.
 *
 *	page/		the assets: index.html with its marks, style, script
 *	page.c		fills the marks; the assets as bytes of the program
 *	page_figures.c	state, rates, hosts, disk, workers
 *	page_lists.c	newest articles, latest failures
 *	page_plot.c	drawings
 *	page_html.c	text and numbers as HTML
 *	web_page.c	the routes: /, the assets, /explain */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include "crawler/engine.h"
#include "crawler/page_plot.h"

/* A page being written: the engine as it stood at one moment. */
struct page {
	struct evbuffer *out;
	struct engine *engine;
	struct engine_stat s;
	const struct plot_span *span;
};

/* The marks of index.html, each its part. */
typedef void page_part(struct page *);
page_part page_state, page_state_pill, page_age, page_clock, page_trouble,
    page_spans, page_rates, page_hosts, page_disk, page_work, page_articles,
    page_failures, page_node, page_version;

#endif
