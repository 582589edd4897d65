/* forum_lines.c - what a line of a thread is: text, or a time, a number, a
 * button, something said about who wrote it.
 *
 * Invariants
 *  F4  A line is looked at on its own, and the cost is its length. */
#include "cleaner/forum_parts.h"

#include <stdio.h>
#include <string.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum where { BEG, ALL, END };

#define U(word, points)
#define S(word, points)
static const struct {
	uint8_t where;
	const char *words;
	uint16_t max;
} line_words[] = {
#define W(word, what, why)
#define T(where, words, max) {where, words, max},
#include "cleaner/rules/forum.def"
#undef W
#undef T
};
#undef U
#undef S

/* "03/12/15", "8.5.2024" at the beginning of [p, e). */
static int
is_day(const char *p, const char *e)
{
	char buf[16] = "", sep;
	size_t n = (size_t)(e - p) < sizeof(buf) - 1 ? (size_t)(e - p)
						     : sizeof(buf) - 1;
	int k = 0, len = 0;

	memcpy(buf, p, n);
	if (sscanf(buf, "%*2[0-9]%c%*2[0-9]%n", &sep, &k) != 1 || k == 0 ||
	    strchr("/.-", sep) == NULL || buf[k] != sep)
		return 0;
	while (wn_forum_digit(buf[k + 1 + len]))
		len++;
	return len == 4 || (len == 2 && sep != '.');
}

/* "2024-05-16 16:12", "3 天前", "2 years ago", "03/12/15 04:39 PM". */
int
wn_forum_time(const struct wn_block *b)
{
	static const char *const ago[] = {" ago", "天前", "小时前", "分钟前",
	    "年前", "月前", "周前", "秒前", "昨天", "前天"};
	const char *s = b->text.p, *e = s + b->text.n;
	int digits = 0, year = 0, clock = 0, date = 0;

	if (b->text.n > 140)
		return 0;
	for (const char *p = s; p < e; p++) {
		size_t k = 0;

		while (p + k < e && wn_forum_digit(p[k]))
			k++;
		if (k == 0)
			continue;
		digits += (int)k;
		year |= k == 4 &&
			(memcmp(p, "19", 2) == 0 || memcmp(p, "20", 2) == 0);
		if (k <= 2 && p + k + 2 < e && p[k] == ':' &&
		    wn_forum_digit(p[k + 1]) && wn_forum_digit(p[k + 2]))
			clock = 1;
		date += is_day(p, e);
		p += k - 1;
	}
	if ((year && digits >= 5) || (clock && b->chars <= 60) || date > 0)
		return 1;
	for (size_t i = 0; i < N(ago); i++)
		if ((digits > 0 || i >= 8) &&
		    memmem(s, b->text.n, ago[i], strlen(ago[i])) != NULL)
			return b->chars <= 60;
	return 0;
}

#define FOLD 320

/* A line that forum.def knows. */
static int
is_known(const struct wn_block *b)
{
	char s[FOLD];
	size_t n = 0;

	if (b->text.n >= FOLD)
		return 0;
	for (size_t i = 0; i < b->text.n; i++) {
		char c = b->text.p[i];

		if (b->text.n - i > 2 && memcmp(b->text.p + i, "：", 3) == 0) {
			c = ':';
			i += 2;
		}
		if ((unsigned char)c > ' ')
			s[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	for (size_t i = 0; i < N(line_words); i++) {
		size_t k = strlen(line_words[i].words);

		if (n < k || n > line_words[i].max ||
		    (line_words[i].where == ALL && n != k))
			continue;
		if (memcmp(line_words[i].where == END ? s + n - k : s,
			line_words[i].words, k) == 0)
			return 1;
	}
	return 0;
}

/* "#12", "12楼", "12 / 30", "+1": numbers and little else. */
int
wn_forum_number(const struct wn_block *b)
{
	uint32_t digits = 0;

	if (b->chars > 12)
		return 0;
	for (size_t i = 0; i < b->text.n; i++)
		digits += wn_forum_digit(b->text.p[i]);
	return digits > 0 && b->chars - digits <= 4 && b->cjk <= 2 &&
	       b->marks == 0;
}

#define SEEN 4096
#define SAME_MAX 160 /* units of a line that is furniture by repeating */
#define ITEM_MAX 40  /* likewise, in a list: of ranks, not of a text */
#define SAME_MIN 3   /* times */

struct seen {
	uint32_t hash, n;
};

/* Hash of a line with its numbers as one mark each. */
static uint32_t
hash_words(const struct wn_block *b)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < b->text.n; i++) {
		char c = b->text.p[i];

		if (wn_forum_digit(c)) {
			c = '#';
			while (i + 1 < b->text.n &&
			       wn_forum_digit(b->text.p[i + 1]))
				i++;
		}
		h = (h ^ (unsigned char)c) * 16777619u;
	}
	return (h ^ h >> 15) | 1;
}

static struct seen *
find_seen(struct seen *v, uint32_t h)
{
	for (uint32_t k = 0; k < 8; k++) {
		struct seen *at = &v[(h + k) % SEEN];

		if (at->hash == h || at->hash == 0) {
			at->hash = h;
			return at;
		}
	}
	return NULL;
}

void
wn_forum_repeats(const struct wn_extractor *x, struct wn_thread *th)
{
	struct wn_arena *a = x->d->arena;
	struct seen *v = wn_zalloc(a, SEEN * sizeof(*v)), *at;

	for (int pass = 0; v != NULL && pass < 2; pass++)
		for (uint32_t i = 0; i < x->n; i++) {
			const struct wn_block *b = &x->b[i];

			if (b->pre || b->quote || b->heading ||
			    b->kind == WINNOW_KIND_HIDDEN ||
			    wn_plain(b) + wn_linked(b) >
				(b->item ? ITEM_MAX : SAME_MAX) ||
			    (at = find_seen(v, hash_words(b))) == NULL)
				continue;
			at->n += pass == 0;
			th->same[i] = pass == 1 && at->n >= SAME_MIN;
		}
}

/* "Re: the title". */
static int
is_echo(const struct wn_extractor *x, const struct wn_block *b)
{
	static const char *const re[] = {
	    "re:", "re：", "aw:", "回复:", "回复：", "主题:", "主题："};
	const char *title = x->d->pub.title;
	size_t n = title != NULL ? strlen(title) : 0;

	if (n < 6 || b->text.n < n || b->text.n > n + 40)
		return 0;
	for (size_t i = 0; i < N(re); i++)
		if (strncasecmp(b->text.p, re[i], strlen(re[i])) == 0)
			return memmem(b->text.p, b->text.n, title, n) != NULL;
	return 0;
}

int
wn_forum_furniture(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return x->line[i].date != 0 || wn_forum_number(b) || is_known(b) ||
	       is_echo(x, b) || (x->thread != NULL && x->thread->same[i]) ||
	       (b->chars <= 60 && b->marks <= 2 && wn_forum_time(b));
}

/* Reads like text: sentences, or a paragraph that is marked as one. */
int
wn_forum_prose(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = wn_plain(b);

	if (wn_linked(b) >= u || (x->thread != NULL && x->thread->same[i]))
		return 0;
	return (b->marks > 0 && u >= 40) || u >= 80 ||
	       (x->t->nodes[b->node].tag == WN_TAG_P && u >= 8);
}

/* A heading that is the title, a part of it, or says more than it. */
int
wn_forum_subject(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	const char *title = x->d->pub.title;

	if (b->heading == 0 || b->heading > 3 ||
	    (b->kind == WINNOW_KIND_HIDDEN && b->rule != NULL))
		return 0;
	if (x->line[i].title == WN_TITLE_SAME)
		return 1;
	return b->heading <= 2 &&
	       (x->line[i].title != WN_TITLE_NO ||
		   (title != NULL && strlen(title) > 8 && b->chars < 300 &&
		       memmem(b->text.p, b->text.n, title, strlen(title))));
}

/* Blocks up to the first heading with the title: no post is there. */
uint32_t
wn_forum_above(const struct wn_extractor *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (wn_forum_subject(x, i))
			return i + 1;
	return 0;
}
