/* explain_topic.c - how well the page fits the topic, and by which words. */
#include <string.h>

#include "cleaner/explain.h"
#include "cleaner/state.h"

void
wn_explain_topic(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;

	if (x->d->w->topic == NULL)
		return;
	wn_buf_printf(&x->b,
	    "<section id=\"topic\" aria-labelledby=\"h-topic\">\n"
	    "<h2 id=\"h-topic\">Topic</h2>\n<p>It scores <b>%.2f</b>; "
	    "above 0.5 a page is more like the examples than like any "
	    "other.</p>\n",
	    p->topic_score);
	if (p->ntopic_terms > 0)
		wn_buf_puts(&x->b,
		    "<table class=\"facts\"><thead><tr><th scope=\"col\">"
		    "Word of the topic</th><th scope=\"col\">times</th>"
		    "<th scope=\"col\">of all that speaks for it</th></tr>"
		    "</thead><tbody>\n");
	for (size_t i = 0; i < p->ntopic_terms; i++) {
		const struct winnow_topic_term *t = &p->topic_terms[i];

		wn_buf_printf(
		    &x->b, "<tr><th scope=\"row\" dir=\"auto\"%s>", x->lang);
		wn_explain_text(x, t->term, strlen(t->term));
		wn_buf_printf(&x->b, "</th><td>%u</td><td>%.0f %%</td></tr>\n",
		    t->times, 100 * (double)t->share);
	}
	wn_buf_puts(&x->b, p->ntopic_terms > 0 ? "</tbody></table>\n" : "");
	wn_buf_puts(&x->b, "</section>\n");
}
