/* explain_quality.c - why the quality is what it is: each row of quality.def
 * that has a say on this page, with what it takes away.
 *
 * The figure is a sum on the scale of log odds; a row's share of it is shown as
 * it is there, for shares of a probability do not add up. */
#include "cleaner/explain.h"
#include "cleaner/quality.h"

#define LEAST 0.005 /* a share that would be shown as 0.00 */

static void
put_row(struct wn_explain *x, const char *name, double value, double share,
    const char *words)
{
	wn_buf_printf(&x->b,
	    "<tr><th scope=\"row\">%s</th><td>%.2f</td><td>%+.2f</td>"
	    "<td class=\"words\">%s</td></tr>\n",
	    name, value, share, words);
}

static void
put_counts(struct wn_explain *x)
{
	const struct winnow_signals *g = &x->d->pub.signals;

	wn_buf_printf(&x->b,
	    "<p class=\"hint\">%.0f %% of the characters are Han, %.0f %% "
	    "stand in paragraphs that end in a mark, %.0f %% in lines that "
	    "come again; %.0f %% of what the page shows was kept, and %.0f %% "
	    "of the title's words are in it. Lost: ",
	    100 * g->han, 100 * g->ended, 100 * g->repeated, 100 * g->kept,
	    100 * g->titled);
	wn_explain_count(x, g->lost, "character");
	wn_buf_puts(&x->b, ", damaged: ");
	wn_explain_count(x, g->damaged, "place");
	wn_buf_puts(&x->b, ", left: ");
	wn_explain_count(x, g->glosses, "reading");
	wn_buf_puts(&x->b, " behind characters.</p>\n");
}

void
wn_explain_quality(struct wn_explain *x)
{
	double f[WN_FEATURE_N], share;

	if (x->d->pub.text_len == 0)
		return;
	wn_features(&x->d->pub, f);
	wn_buf_puts(&x->b,
	    "<section id=\"quality\" aria-labelledby=\"h-quality\">\n"
	    "<h2 id=\"h-quality\">Quality</h2>\n");
	put_counts(x);
	wn_buf_puts(&x->b,
	    "<table class=\"facts\"><thead><tr><th scope=\"col\">For</th>"
	    "<th scope=\"col\">Value</th><th scope=\"col\">Adds</th>"
	    "<th scope=\"col\">What it is</th></tr></thead>\n<tbody>\n");
	for (int i = 0; i < WN_FEATURE_N; i++) {
		share = wn_feature_rows[i].weight * f[i];
		if (share > LEAST || share < -LEAST)
			put_row(x, wn_feature_rows[i].name, f[i], share,
			    wn_feature_rows[i].words);
	}
	wn_buf_puts(&x->b, "</tbody></table>\n</section>\n");
}
