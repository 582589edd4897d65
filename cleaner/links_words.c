/* links_words.c - what the words of a link, or the script behind it, say.
 *
 * Pages of a list are told from other links by their anchors: a word for
 * "next", or a bare number. The words are a table; arrows round them do not
 * count. A script is never run: the few forms in which templates write a plain
 * link, or the row of a list's pages, are read, everything else is nothing.
 *
 * Invariant: all is bounded by NEXT_MAX or by one pass over the script. */
#include "cleaner/links_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NEXT_MAX = 32, DIGITS_MAX = 4 };

struct run {
	const char *p;
	size_t n;
};
#define W(word)                                                                \
	{                                                                      \
		word, sizeof word - 1                                          \
	}

static const struct run next_words[] = {W("下一页"), W("下一頁"), W("下页"),
    W("下頁"), W("后一页"), W("後一頁"), W("后页"), W("翻到下一页"), W("next"),
    W("next page"), W("older"), W("older posts"), W("older entries"), W("次へ"),
    W("次のページ"), W("次ページ"), W("다음"), W("다음 페이지"), W("siguiente"),
    W("suivant"), W("page suivante"), W("nächste seite"), W("weiter"), W("próxima"),
    W("следующая")};

static const struct run last_words[] = {W("尾页"), W("尾頁"), W("末页"),
    W("末頁"), W("最后一页"), W("最後一頁"), W("last"), W("last page"),
    W("最後へ")};

/* Round a word they are ornament; one of the alone ones is a word itself. */
static const struct run arrows[] = {W(" "), W(">"), W("»"), W("›"), W("→"),
    W("＞"), W("》"), W("\xc2\xa0"), W("["), W("]"), W("【"), W("】"), W("…"),
    W("<"), W("«"), W("‹"), W("←"), W("＜"), W("《")};
static const struct run alone[] = {W(">"), W("»"), W("›"), W("→"), W("＞")};

#define N(a) (sizeof(a) / sizeof *(a))

static int
run_in(struct run r, const struct run *words, size_t n)
{
	for (; n > 0; n--, words++)
		if (words->n == r.n && strncasecmp(r.p, words->p, r.n) == 0)
			return 1;
	return 0;
}

/* Takes one ornament off either end; 0: there is none. */
static int
run_trim(struct run *r)
{
	const struct run *a;

	for (a = arrows; a < arrows + N(arrows); a++) {
		if (r->n < a->n)
			continue;
		if (*r->p == *a->p && memcmp(r->p, a->p, a->n) == 0) {
			r->p += a->n;
			r->n -= a->n;
			return 1;
		}
		if (r->p[r->n - 1] == a->p[a->n - 1] &&
		    memcmp(r->p + r->n - a->n, a->p, a->n) == 0) {
			r->n -= a->n;
			return 1;
		}
	}
	return 0;
}

/* The anchor without its ornaments; n 0: too long for a word, or none. */
static struct run
bare(const char *anchor)
{
	struct run r = {anchor, strnlen(anchor, NEXT_MAX)};

	if (r.n == NEXT_MAX)
		r.n = 0;
	while (r.n > 0 && run_trim(&r))
		continue;
	return r;
}

struct wn_str
wn_bare_anchor(const char *anchor)
{
	struct run r = bare(anchor);

	return (struct wn_str){r.p, r.n};
}

int
wn_says_next(const char *anchor)
{
	struct run whole = {anchor, strnlen(anchor, NEXT_MAX)};

	return run_in(bare(anchor), next_words, N(next_words)) ||
	       run_in(whole, alone, N(alone));
}

int
wn_says_page(const char *anchor)
{
	struct run r = bare(anchor);
	size_t di = strlen("第"), ye = strlen("页"), k;

	if (run_in(r, last_words, N(last_words)))
		return 1;
	if (r.n > di + ye && memcmp(r.p, "第", di) == 0 &&
	    (memcmp(r.p + r.n - ye, "页", ye) == 0 ||
		memcmp(r.p + r.n - ye, "頁", ye) == 0)) {
		r.p += di;
		r.n -= di + ye;
	}
	for (k = 0; k < r.n && r.p[k] >= '0' && r.p[k] <= '9'; k++)
		continue;
	return k > 0 && k == r.n && k <= DIGITS_MAX && r.p[0] != '0';
}

/* ---- scripts ------------------------------------------------------------ */

/* Behind these a quoted address follows. */
static const char *const goes[] = {"location.href=", "location=",
    "location.assign(", "location.replace(", "window.open("};

/* Does s begin so, spaces before the last character aside? The byte behind,
 * or NULL. */
static const char *
behind(const char *s, const char *word)
{
	size_t n = strlen(word) - 1;

	if (strncmp(s, word, n) != 0)
		return NULL;
	s += n;
	s += strspn(s, " \t");
	return *s == word[n] ? s + 1 : NULL;
}

const char *
wn_script_goes(const char *s, size_t *len)
{
	const char *p = NULL, *end;
	size_t i;

	for (; *s != '\0' && p == NULL; s++)
		for (i = 0; i < N(goes) && p == NULL; i++)
			p = *s == goes[i][0] ? behind(s, goes[i]) : NULL;
	if (p == NULL)
		return NULL;
	p += strspn(p, " \t");
	if ((*p != '\'' && *p != '"') || (end = strchr(p + 1, *p)) == NULL)
		return NULL;
	p++;
	*len = (size_t)(end - p);
	end++;
	end += strspn(end, " \t");
	/* A sum, or words: no address that stands there whole. */
	if (*len == 0 || *end == '+' || strcspn(p, " \t\n<>{}") < *len ||
	    (memchr(p, '/', *len) == NULL && memchr(p, '.', *len) == NULL &&
		memchr(p, '?', *len) == NULL))
		return NULL;
	return p;
}

/* ---- rows of pages that a script writes --------------------------------- */

/* A reader of the arguments of a call. */
struct args {
	const char *p, *end;
};

static char
args_peek(struct args *a)
{
	while (a->p < a->end && (*a->p == ' ' || *a->p == '\t'))
		a->p++;
	return a->p < a->end ? *a->p : '\0';
}

static int
args_comma(struct args *a)
{
	if (args_peek(a) != ',')
		return 0;
	a->p++;
	return 1;
}

/* A number of at most DIGITS_MAX digits; -1: none stands there. */
static int
args_number(struct args *a)
{
	int n = 0, digits = 0;

	args_peek(a);
	for (; a->p < a->end && *a->p >= '0' && *a->p <= '9'; a->p++)
		if (++digits > DIGITS_MAX)
			return -1;
		else
			n = n * 10 + *a->p - '0';
	return digits > 0 ? n : -1;
}

/* A string of letters as names of files have them; n 0: none. */
static struct run
args_name(struct args *a)
{
	char quote = args_peek(a);
	struct run r = {a->p + 1, 0}, none = {"", 0};

	if (quote != '"' && quote != '\'')
		return none;
	for (a->p++; a->p < a->end && *a->p != quote; a->p++)
		if (++r.n > NEXT_MAX ||
		    strchr("<>&?#%:\\\"' \n", *a->p) != NULL)
			return none;
	return a->p++ < a->end ? r : none;
}

/* (count, current, "name", "ext"), counted from 0; with an element's name
 * before them, from 1. The page behind current is name_(current + 1).ext in
 * both. */
static int
row_of(struct args a, struct wn_script_row *row)
{
	struct run name, ext;
	int count, at, first = 0;

	if (args_name(&a).n > 0)
		first = args_comma(&a);
	if ((count = args_number(&a)) < 0 || !args_comma(&a) ||
	    (at = args_number(&a)) < first || !args_comma(&a) ||
	    (name = args_name(&a)).n == 0 || !args_comma(&a) ||
	    (ext = args_name(&a)).n == 0 || at >= count + first)
		return 0;
	*row = (struct wn_script_row){.count = count,
	    .at = at - first + 1,
	    .first = first,
	    .name = {name.p, name.n},
	    .ext = {ext.p, ext.n}};
	return 1;
}

int
wn_script_row(const char *html, size_t len, struct wn_script_row *row)
{
	static const char call[] = "createPageHTML(";
	const char *end = html + len, *p = html;

	while (
	    (p = memmem(p, (size_t)(end - p), call, sizeof call - 1)) != NULL) {
		p += sizeof call - 1;
		if (row_of((struct args){p, end}, row))
			return 1;
	}
	return 0;
}

void
wn_script_page(
    const struct wn_script_row *r, int number, char out[WN_SCRIPT_NEXT])
{
	int n = (int)r->name.n, e = (int)r->ext.n;

	if (number <= 1)
		snprintf(out, WN_SCRIPT_NEXT, "%.*s.%.*s", n, r->name.p, e,
		    r->ext.p);
	else
		snprintf(out, WN_SCRIPT_NEXT, "%.*s_%d.%.*s", n, r->name.p,
		    number - 1 + r->first, e, r->ext.p);
}

int
wn_script_next(const char *html, size_t len, char out[WN_SCRIPT_NEXT])
{
	struct wn_script_row row;

	if (!wn_script_row(html, len, &row) || row.at >= row.count)
		return 0;
	wn_script_page(&row, row.at + 1, out);
	return 1;
}
