/* page_lists.c - the newest articles and the latest failures: see
 * page_parts.h. What stands in them came from the network (T1). */
#include "crawler/page_parts.h"

#include <stdio.h>
#include <string.h>

#include "crawler/articles.h"
#include "crawler/failures.h"
#include "crawler/page_html.h"
#include "crawler/words.h"

#define ARTICLES_OPEN 20 /* shown at once; the rest behind a line */
#define FAILURES_OPEN 12
#define FAILURES_SHOWN 60

static void
put_isolated(struct page *p, const char *text)
{
	html(p->out, "<bdi>");
	html_text(p->out, text);
	html(p->out, "</bdi>");
}

/* The host of an address, for people. */
static void
host_of(char out[256], const char *url)
{
	const char *h = strstr(url, "://");

	h = h != NULL ? h + 3 : url;
	snprintf(out, 256, "%.*s", (int)strcspn(h, "/?#"), h);
}

/* To the site itself. follow 0: the address is not whole, and leads nowhere. */
static void
put_outward(struct page *p, const char *url, const char *text, int follow)
{
	if (!follow || !html_is_web(url)) {
		put_isolated(p, text);
		return;
	}
	html(
	    p->out, "<a rel=\"noreferrer noopener nofollow external\" href=\"");
	html_text(p->out, url);
	html(p->out, "\">");
	put_isolated(p, text);
	html(p->out, "</a>");
}

/* ---- articles ----------------------------------------------------------- */

static void
put_credits(struct page *p, const struct article *a)
{
	if (a->source[0] != '\0') {
		html(p->out, "<span class=\"source\">");
		put_isolated(p, a->source);
		html(p->out, "</span>");
	}
	if (a->date[0] != '\0') {
		html(p->out, "<time>");
		html_text(p->out, a->date);
		html(p->out, "</time>");
	} else
		html(p->out, "<span>no date</span>");
}

static void
put_article(struct page *p, const struct article *a)
{
	char host[256];

	html(p->out, "<li><a class=\"title\" dir=\"auto\" href=\"/explain?id=");
	html_text(p->out, a->id);
	html(p->out, "\">");
	put_isolated(p, a->title[0] != '\0' ? a->title : "(without a title)");
	html(p->out, "</a><p class=\"meta\">");
	put_credits(p, a);
	host_of(host, a->url);
	html(p->out, "<span class=\"host\">");
	put_outward(p, a->url, host, !a->url_cut);
	html(p->out, "</span><span>");
	html_count(p->out, a->chars);
	html(p->out, " characters</span><span>landed ");
	html_ago(p->out, a->landed_ms, p->s.now_ms);
	html(p->out, "</span></p></li>\n");
}

/* Behind the first few the rest, closed. */
static void
list_more(struct page *p, const char *id, size_t n, const char *words)
{
	html_f(p->out,
	    "</ol><details id=\"%s\"><summary>%zu more %s</summary>"
	    "<ol class=\"list\">",
	    id, n, words);
}

void
page_articles(struct page *p)
{
	const struct articles *all = engine_articles(p->engine);
	const struct article *a;
	size_t n = 0;

	while (articles_at(all, n) != NULL)
		n++;
	if (n == 0) {
		html(p->out, "<p class=\"none\">None yet. The queue "
			     "has those before it.</p>");
		return;
	}
	html(p->out, "<ol class=\"list\">");
	for (size_t i = 0; (a = articles_at(all, i)) != NULL; i++) {
		if (i == ARTICLES_OPEN)
			list_more(p, "more-articles", n - i, "articles");
		put_article(p, a);
	}
	html(p->out, n > ARTICLES_OPEN ? "</ol></details>" : "</ol>");
}

/* ---- failures ----------------------------------------------------------- */

/* What it is in words: the particulars, else what the reason means; a status
 * alone says it all. */
static const char *
words_of(const struct failure *f)
{
	return f->detail[0] != '\0' ? f->detail
	       : f->reason == REASON_STATUS && f->status > 0
		   ? ""
		   : reason_words(f->reason);
}

static void
put_failure(struct page *p, const struct failure *f)
{
	html(p->out, "<li><p><b>");
	html_text(p->out, reason_name(f->reason));
	if (f->status > 0)
		html_f(p->out, " %d", f->status);
	html(p->out, "</b> ");
	html_text(p->out, words_of(f));
	html(p->out, "</p><p class=\"detail\">");
	put_outward(p, f->url, f->url, strlen(f->url) < sizeof f->url - 1);
	html(p->out, "</p><p class=\"meta\">");
	if (f->times > 1) {
		html_f(p->out,
		    "<span><span class=\"times\">%u times</span> at ",
		    f->times);
		put_isolated(p, f->host);
		html(p->out, "</span>");
	}
	html_f(p->out, "<span>%s</span><span>",
	    f->final ? "given up" : "tried again later");
	html_ago(p->out, f->last_ms, p->s.now_ms);
	html(p->out, "</span></p></li>\n");
}

void
page_failures(struct page *p)
{
	const struct failures *all = engine_failures(p->engine);
	size_t n = failures_count(all);

	if (n == 0) {
		html(p->out, "<p class=\"none\">None since the start.</p>");
		return;
	}
	n = n < FAILURES_SHOWN ? n : FAILURES_SHOWN;
	html(p->out, "<ol class=\"list\">");
	for (size_t i = 0; i < n; i++) {
		if (i == FAILURES_OPEN)
			list_more(p, "more-failures", n - i, "failures");
		put_failure(p, failures_get(all, i));
	}
	html(p->out, n > FAILURES_OPEN ? "</ol></details>" : "</ol>");
}
