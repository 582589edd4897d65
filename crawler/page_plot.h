/* page_plot.h - a rate over time as a small drawing (SVG).
 *
 * It is decoration with a summary in words: whoever does not see it is told the
 * newest, the mean and the largest value. Classes give it its colours. */
#ifndef PAGE_PLOT_H
#define PAGE_PLOT_H

#include <stdint.h>

#include "crawler/rates.h"

struct evbuffer;

/* How far back plots go. */
struct plot_span {
	const char *name;  /* "1h": in the address */
	const char *words; /* "1 hour" */
	int64_t ms;
	int far;     /* the ring of rates.h */
	int columns; /* that it is gathered into, at most PLOT_COLUMNS */
};
extern const struct plot_span plot_spans[];
extern const int plot_spans_n;

/* Values of a span, gathered into columns. */
#define PLOT_COLUMNS 144
struct plot {
	int has[PLOT_COLUMNS]; /* 0: nothing is known of that time */
	double v[PLOT_COLUMNS];
	double peak, mean, last;
	int columns, any;
};
void plot_gather(struct plot *, const struct rates *, enum rates_of,
    const struct plot_span *);
/* words: what it is, for the summary: "pages a second". scale: values are
 * divided by it there. */
void plot_draw(struct evbuffer *, const struct plot *, const char *words,
    const struct plot_span *, double scale);

#endif
