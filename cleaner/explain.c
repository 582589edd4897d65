/* explain.c - the page as the cleaner saw it: a self-contained HTML page with
 * the verdict, the metadata and whom each is from, and the text in its order:
 * kept plain, removed coloured and labelled by kind with the rule that
 * decided, repairs where they were made.
 *
 * explain_facts.c and explain_blocks.c write its parts, explain_style.c its
 * style sheet, explain_trace.c finds the repairs' places.
 *
 * Invariants
 *  X1  The page holds no script and loads nothing, and says so to the browser
 *      (Content-Security-Policy, which allows the one style sheet by its
 *      digest).
 *  X2  Every byte of the page cleaned is escaped (H1); characters that cannot
 *      be seen, or that turn the direction of what follows, are spelled out.
 *  X3  Nothing is told by colour alone, and nothing by the mouse alone.
 *  X4  The page is bounded whatever was cleaned (explain_blocks.c). */
#include "cleaner/explain.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "cleaner/html.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

/* ---- text ---------------------------------------------------------------- */

/* What no reader sees, or what would turn the text around it. Joiners are
 * seen in what they join: beside letters of scripts that have them they stay.
 * NULL: a character to print as it is. */
static const char *
sign_of(uint32_t c, char buf[16])
{
	static const struct {
		uint32_t from, to;
	} unseen[] = {{0, 8}, {0xB, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD},
	    {0x34F, 0x34F}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
	    {0x180B, 0x180F}, {0x200B, 0x200B}, {0x200E, 0x200F},
	    {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
	    {0xE000, 0xF8FF}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
	    {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF},
	    {0xF0000, 0x10FFFF}};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c <= unseen[i].to) {
			if (c < unseen[i].from)
				return NULL;
			snprintf(buf, 16, "U+%04X", (unsigned)c);
			return buf;
		}
	return NULL;
}

void
wn_explain_text(struct wn_explain *x, const char *s, size_t n)
{
	const char *end = s + n, *run = s, *sign;
	char buf[16];
	unsigned k;

	while (s < end) {
		unsigned char c = (unsigned char)*s;

		k = 1;
		sign = NULL;
		if ((c < ' ' && c != '\n' && c != '\t') || c >= 0x7F)
			sign = sign_of(wn_utf8_get(s, &k), buf);
		if (sign != NULL) {
			wn_html_escape(&x->b, run, (size_t)(s - run));
			wn_buf_printf(&x->b, "⟦%s⟧", sign);
			run = s + k;
		}
		s += k;
	}
	wn_html_escape(&x->b, run, (size_t)(end - run));
}

void
wn_explain_clip(struct wn_explain *x, struct wn_str s, size_t max)
{
	size_t n = s.n;

	if (n > max)
		for (n = max; n > 0 && ((uint8_t)s.p[n] & 0xC0) == 0x80;)
			n--;
	wn_explain_text(x, s.p, n);
	if (n == s.n)
		return;
	wn_buf_puts(&x->b, "<em class=\"more\" lang=\"en\">… ");
	wn_explain_count(x, s.n - n, "more byte");
	wn_buf_puts(&x->b, "</em>");
}

static int
is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == 0xA0 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
	       c == 0x3000;
}

/* Blanks alone would not be seen. */
static int
all_blank(struct wn_str s)
{
	unsigned k;

	for (size_t i = 0; i < s.n; i += k)
		if (!is_blank(wn_utf8_get(s.p + i, &k)))
			return 0;
	return 1;
}

void
wn_explain_side(
    struct wn_explain *x, const char *tag, struct wn_str s, size_t max)
{
	unsigned k;

	if (s.n == 0)
		return;
	wn_buf_printf(&x->b, "<%s>", tag);
	if (all_blank(s) && s.n <= max)
		for (size_t i = 0; i < s.n; i += k)
			wn_buf_puts(&x->b,
			    wn_utf8_get(s.p + i, &k) == '\n' ? "¶\n" : "␣");
	else
		wn_explain_clip(x, s, max);
	wn_buf_printf(&x->b, "</%s>", tag);
}

void
wn_explain_count(struct wn_explain *x, size_t n, const char *noun)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%zu", n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			wn_buf_putc(&x->b, ',');
		wn_buf_putc(&x->b, digits[i]);
	}
	if (noun != NULL)
		wn_buf_printf(&x->b, " %s%s", noun, n == 1 ? "" : "s");
}

/* ---- the page ------------------------------------------------------------ */

/* As a Content-Security-Policy wants it: of the bytes between the tags. */
static int
put_digest(struct wn_explain *x, const struct wn_buf *style)
{
	struct winnow *w = x->d->w;
	unsigned char sha[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (style->err ||
	    EVP_DigestInit_ex2(w->sha_ctx, w->sha_md, NULL) != 1 ||
	    EVP_DigestUpdate(w->sha_ctx, style->b, style->len) != 1 ||
	    EVP_DigestFinal_ex(w->sha_ctx, sha, &n) != 1)
		return -1;
	EVP_EncodeBlock(base64, sha, (int)n);
	wn_buf_printf(&x->b, "'sha256-%s'", (const char *)base64);
	return 0;
}

static int
put_head(struct wn_explain *x)
{
	const char *title = x->d->pub.title;
	struct wn_buf style;

	wn_buf_init(&style, x->d->arena);
	wn_explain_style(&style, x->d->pub.removed);
	wn_buf_puts(&x->b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
			   "<meta charset=\"utf-8\">\n"
			   "<meta http-equiv=\"Content-Security-Policy\" "
			   "content=\"default-src 'none'; base-uri 'none'; "
			   "form-action 'none'; style-src ");
	if (put_digest(x, &style) != 0)
		return -1;
	wn_buf_puts(&x->b,
	    "\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
	    "<title>");
	if (title != NULL) {
		wn_explain_text(x, title,
		    strnlen(title, 200) < 200 ? strlen(title)
					      : wn_utf8_prefix(title, 200));
		wn_buf_puts(&x->b, " · ");
	}
	wn_buf_puts(&x->b, "winnow explains</title>\n<style>");
	wn_buf_put(&x->b, style.b, style.len);
	wn_buf_puts(&x->b, "</style>\n</head>\n");
	return 0;
}

/* Where it is shown by a program that has other pages too. */
static void
put_home(struct wn_explain *x)
{
	const char *home = x->d->w->explain_home;

	if (home == NULL)
		return;
	wn_buf_puts(&x->b, "<li class=\"home\"><a href=\"");
	wn_html_escape(&x->b, home, strlen(home));
	wn_buf_puts(&x->b, "\">← Overview</a></li>");
}

static void
put_body(struct wn_explain *x)
{
	wn_buf_puts(&x->b,
	    "<body>\n<a class=\"skip\" href=\"#text\">Skip to the text</a>\n"
	    "<nav aria-label=\"Parts of this page\"><ul>");
	put_home(x);
	wn_buf_puts(&x->b,
	    "<li><a href=\"#metadata\">Metadata</a></li>"
	    "<li><a href=\"#removed\">Removed</a></li>"
	    "<li><a href=\"#text\">Text</a></li>"
	    "<li><a href=\"#repairs\">Repairs</a></li>");
	if (x->d->pub.text_len > 0)
		wn_buf_puts(
		    &x->b, "<li><a href=\"#quality\">Quality</a></li>");
	if (x->d->w->topic != NULL)
		wn_buf_puts(&x->b, "<li><a href=\"#topic\">Topic</a></li>");
	wn_buf_puts(&x->b,
	    "</ul></nav>\n"
	    "<main>\n");
	wn_explain_facts(x);
	wn_buf_printf(&x->b,
	    "<section id=\"text\" aria-labelledby=\"h-text\" tabindex=\"-1\">\n"
	    "<h2 id=\"h-text\">Text</h2>\n<p class=\"hint\">In the order of "
	    "the page. Plain lines were kept. A box was removed: its label is "
	    "the kind, beside it stand the rule that decided and the score; "
	    "open it for more.</p>\n<div class=\"text\"%s>\n",
	    x->lang);
	wn_explain_blocks(x);
	wn_buf_puts(&x->b, "</div>\n</section>\n");
	wn_explain_repairs(x);
	wn_explain_quality(x);
	wn_explain_topic(x);
	wn_buf_puts(&x->b, "</main>\n</body>\n</html>\n");
}

static int
is_tag(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) <= 8 &&
	       s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* Of the page's own words; an empty attribute says that nobody knows. */
static void
set_lang(struct wn_explain *x)
{
	const struct winnow_doc *p = &x->d->pub;

	if (!is_tag(p->language))
		snprintf(x->lang, sizeof(x->lang), " lang=\"\"");
	else if (is_tag(p->language_script))
		snprintf(x->lang, sizeof(x->lang), " lang=\"%s-%s\"",
		    p->language, p->language_script);
	else
		snprintf(x->lang, sizeof(x->lang), " lang=\"%s\"", p->language);
}

const char *
winnow_explain(struct winnow *w, size_t *len)
{
	struct wn_explain x = {.d = &w->doc};

	wn_buf_init(&x.b, w->arena);
	set_lang(&x);
	if (wn_trace_init(&x.trace, x.d) != 0 || wn_explain_groups(&x) != 0 ||
	    put_head(&x) != 0)
		return NULL;
	put_body(&x);
	*len = x.b.len;
	return x.b.err == 0 ? x.b.b : NULL;
}
