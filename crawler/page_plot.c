/* page_plot.c - see page_plot.h. */
#include "crawler/page_plot.h"

#include <string.h>

#include <event2/buffer.h>

#include "crawler/page_html.h"

#define WIDTH 240 /* of the drawing, in its own units */
#define HEIGHT 60
#define POINTS_MOST 1440

const struct plot_span plot_spans[] = {{"10m", "10 minutes", 600 * 1000, 0, 60},
    {"1h", "1 hour", 3600 * 1000, 0, 120},
    {"24h", "24 hours", 24 * 3600 * 1000LL, 1, 144}};
const int plot_spans_n = sizeof plot_spans / sizeof *plot_spans;

/* ---- columns ------------------------------------------------------------ */

static size_t
column_of(int64_t age_ms, const struct plot_span *s)
{
	int64_t from_left = s->ms - age_ms;
	int64_t c = from_left * s->columns / (s->ms + 1);

	return (size_t)(c < 0 ? 0 : c);
}

/* A column without a sample of its own between two that have one: samples lie
 * further apart than columns. Longer gaps are holes: nothing ran then. */
static void
fill_between(struct plot *p, const struct plot_span *s)
{
	int64_t step = s->far ? RATES_FAR_MS : RATES_NEAR_MS;
	int reach = (int)(2 * step * s->columns / s->ms) + 1, last = -1;

	for (int i = 0; i < s->columns; i++) {
		if (!p->has[i])
			continue;
		for (int k = last + 1; last >= 0 && k < i && i - last <= reach;
		     k++) {
			p->has[k] = 1;
			p->v[k] = p->v[last] + (p->v[i] - p->v[last]) *
						   (k - last) / (i - last);
		}
		last = i;
	}
}

void
plot_gather(struct plot *p, const struct rates *r, enum rates_of what,
    const struct plot_span *s)
{
	static struct rates_point points[POINTS_MOST];
	size_t n = rates_series(r, s->far, what, points, POINTS_MOST), i, c;
	size_t in = 0;

	memset(p, 0, sizeof *p);
	for (i = 0; i < n; i++) {
		if (points[i].age_ms > s->ms)
			continue;
		c = column_of(points[i].age_ms, s);
		p->v[c] += points[i].value;
		p->has[c]++;
		p->mean += points[i].value;
		p->last = points[i].value;
		in++;
	}
	p->any = in > 0;
	p->columns = s->columns;
	p->mean /= in > 0 ? (double)in : 1;
	for (c = 0; c < (size_t)s->columns; c++) {
		p->v[c] /= p->has[c] > 0 ? p->has[c] : 1;
		if (p->v[c] > p->peak)
			p->peak = p->v[c];
	}
	fill_between(p, s);
}

/* ---- the drawing -------------------------------------------------------- */

static double
x_of(const struct plot *p, int column)
{
	return (column + 0.5) * WIDTH / p->columns;
}

static double
y_of(const struct plot *p, int column)
{
	return p->peak > 0 ? HEIGHT - p->v[column] / p->peak * (HEIGHT - 4)
			   : HEIGHT;
}

/* One stretch without holes from column i; where it ends. */
static int
draw_stretch(struct evbuffer *b, const struct plot *p, int i, int area)
{
	int first = i;

	for (; i < p->columns && p->has[i]; i++)
		html_f(b, "%c%.1f %.1f", i == first ? 'M' : 'L', x_of(p, i),
		    y_of(p, i));
	if (i - first == 1 && !area)
		html(b, "h.1"); /* a point alone is seen by its cap */
	if (area)
		html_f(b, "V%dH%.1fZ", HEIGHT, x_of(p, first));
	return i;
}

static void
draw_path(struct evbuffer *b, const struct plot *p, int area)
{
	int i = 0;

	html_f(b, "<path class=\"%s\" d=\"", area ? "area" : "curve");
	while (i < p->columns)
		i = p->has[i] ? draw_stretch(b, p, i, area) : i + 1;
	html(b, "\"/>");
}

void
plot_draw(struct evbuffer *b, const struct plot *p, const char *words,
    const struct plot_span *s, double scale)
{
	char last[HTML_RATE], mean[HTML_RATE], peak[HTML_RATE];

	html_f(b,
	    "<svg class=\"plot\" viewBox=\"0 0 %d %d\" "
	    "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
	    WIDTH, HEIGHT);
	html_text(b, words);
	if (p->any)
		html_f(b, " over %s: now %s, mean %s, at most %s\">", s->words,
		    html_rate(last, p->last / scale),
		    html_rate(mean, p->mean / scale),
		    html_rate(peak, p->peak / scale));
	else
		html(b, ": nothing is known yet\">");
	if (p->peak > 0)
		html_f(b,
		    "<line class=\"peak\" x1=\"0\" x2=\"%d\" y1=\"4\" "
		    "y2=\"4\"/>",
		    WIDTH);
	html_f(b,
	    "<line class=\"base\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
	    WIDTH, HEIGHT, HEIGHT);
	if (p->any) {
		draw_path(b, p, 1);
		draw_path(b, p, 0);
	}
	html(b, "</svg>");
}
