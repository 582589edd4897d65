/* parts_words.c - the words by which the pages of an article lead to each
 * other.
 *
 * An anchor is a word of a table when nothing else is left of it without the
 * ornaments round it; 余下全文 and its like come in sentences
 * ("点击阅读余下全文
 * >>"), so those are looked for inside. 下一篇 is another article, 下一章 one
 * of a book: neither is here.
 *
 * Invariant: pure; one pass over an anchor of ANCHOR_MOST bytes, or over
 * NOTE_MOST bytes of a line's end. */
#include <string.h>
#include <strings.h>

#include "cleaner/links_parts.h"
#include "cleaner/parts.h"

enum { ANCHOR_MOST = 60, NOTE_MOST = 48 };

struct phrase {
	const char *word;
	enum wn_turn turn;
};

/* All of an anchor. */
static const struct phrase words[] = {
    {"下一页", WN_TURN_NEXT},
    {"下一頁", WN_TURN_NEXT},
    {"下页", WN_TURN_NEXT},
    {"下頁", WN_TURN_NEXT},
    {"后一页", WN_TURN_NEXT},
    {"後一頁", WN_TURN_NEXT},
    {"后页", WN_TURN_NEXT},
    {"翻到下一页", WN_TURN_NEXT},
    {"next page", WN_TURN_NEXT},
    {"go to next page", WN_TURN_NEXT},
    {"continue to next page", WN_TURN_NEXT},
    {"page suivante", WN_TURN_NEXT},
    {"página siguiente", WN_TURN_NEXT},
    {"nächste seite", WN_TURN_NEXT},
    {"vorherige seite", WN_TURN_PREV},
    {"zurück", WN_TURN_PREV},
    {"erste seite", WN_TURN_FIRST},
    {"letzte seite", WN_TURN_LAST},
    {"次のページ", WN_TURN_NEXT},
    {"次のページへ", WN_TURN_NEXT},
    {"次ページ", WN_TURN_NEXT},
    {"다음 페이지", WN_TURN_NEXT},
    {"следующая страница", WN_TURN_NEXT},
    {"上一页", WN_TURN_PREV},
    {"上一頁", WN_TURN_PREV},
    {"上页", WN_TURN_PREV},
    {"上頁", WN_TURN_PREV},
    {"前一页", WN_TURN_PREV},
    {"前一頁", WN_TURN_PREV},
    {"previous page", WN_TURN_PREV},
    {"prev page", WN_TURN_PREV},
    {"前のページ", WN_TURN_PREV},
    {"前のページへ", WN_TURN_PREV},
    {"prev", WN_TURN_PREV},
    {"previous", WN_TURN_PREV},
    {"首页", WN_TURN_FIRST},
    {"首頁", WN_TURN_FIRST},
    {"第一页", WN_TURN_FIRST},
    {"第一頁", WN_TURN_FIRST},
    {"first", WN_TURN_FIRST},
    {"first page", WN_TURN_FIRST},
    {"尾页", WN_TURN_LAST},
    {"尾頁", WN_TURN_LAST},
    {"末页", WN_TURN_LAST},
    {"末頁", WN_TURN_LAST},
    {"最后一页", WN_TURN_LAST},
    {"最後一頁", WN_TURN_LAST},
    {"last", WN_TURN_LAST},
    {"last page", WN_TURN_LAST},
    {"全文", WN_TURN_WHOLE},
    {"view all", WN_TURN_WHOLE},
    {"all pages", WN_TURN_WHOLE},
    {"full text", WN_TURN_WHOLE},
    {"full article", WN_TURN_WHOLE},
    {"one page", WN_TURN_WHOLE},
    {"all", WN_TURN_WHOLE},
};

/* Somewhere in it. */
static const struct phrase insides[] = {
    {"余下全文", WN_TURN_REST},
    {"剩余全文", WN_TURN_REST},
    {"餘下全文", WN_TURN_REST},
    {"剩余内容", WN_TURN_REST},
    {"余下内容", WN_TURN_REST},
    {"进入下一页", WN_TURN_NEXT},
    {"点击下一页", WN_TURN_NEXT},
    {"阅读下一页", WN_TURN_NEXT},
    {"显示全文", WN_TURN_WHOLE},
    {"顯示全文", WN_TURN_WHOLE},
    {"阅读全文", WN_TURN_WHOLE},
    {"查看全文", WN_TURN_WHOLE},
    {"浏览全文", WN_TURN_WHOLE},
    {"全文阅读", WN_TURN_WHOLE},
    {"全文浏览", WN_TURN_WHOLE},
    {"全文显示", WN_TURN_WHOLE},
    {"显示全部", WN_TURN_WHOLE},
    {"单页阅读", WN_TURN_WHOLE},
    {"单页显示", WN_TURN_WHOLE},
    {"單頁閱讀", WN_TURN_WHOLE},
    {"不分页", WN_TURN_WHOLE},
    {"所有页", WN_TURN_WHOLE},
    {"全部页面", WN_TURN_WHOLE},
    {"single page", WN_TURN_WHOLE},
    {"on one page", WN_TURN_WHOLE},
    {"auf einer seite", WN_TURN_WHOLE},
    {"sur une page", WN_TURN_WHOLE},
    {"all on one", WN_TURN_WHOLE},
    {"下转第", WN_TURN_SHEET},
    {"下轉第", WN_TURN_SHEET},
    {"紧转第", WN_TURN_SHEET},
    {"转第", WN_TURN_SHEET},
    {"上接第", WN_TURN_BACK},
    {"紧接第", WN_TURN_BACK},
};

static int
begins(struct wn_str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.p, word, n) == 0;
}

static int
ends(struct wn_str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.p + s.n - n, word, n) == 0;
}

static struct wn_str
cut(struct wn_str s, size_t front, size_t back)
{
	return (struct wn_str){s.p + front, s.n - front - back};
}

static unsigned
digits(struct wn_str s)
{
	unsigned v = 0;

	if (s.n == 0 || s.n > 3 || s.p[0] == '0')
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	return v;
}

static struct wn_str
without_spaces(struct wn_str s)
{
	while (s.n > 0 && s.p[0] == ' ')
		s = cut(s, 1, 0);
	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s = cut(s, 0, 1);
	return s;
}

/* 2 or 二. */
static unsigned
numeral(struct wn_str s)
{
	static const char han[] = "一二三四五六七八九十";

	for (unsigned i = 0; s.n == 3 && han[3 * i] != '\0'; i++)
		if (memcmp(s.p, han + (size_t)3 * i, 3) == 0)
			return i + 1;
	return digits(s);
}

/* 第2页：修缮之前, 第2页 修缮之前: what stands before the heading of a page. */
static unsigned
number_before_heading(struct wn_str s)
{
	size_t n = begins(s, "第") ? strlen("第") : 0, k = n;

	while (k < s.n && s.p[k] >= '0' && s.p[k] <= '9')
		k++;
	if (n == 0 || k == n ||
	    (!begins(cut(s, k, 0), "页") && !begins(cut(s, k, 0), "頁")))
		return 0;
	return digits((struct wn_str){s.p + n, k - n});
}

/* 2, 第2页, Page 2; 0: no number. */
static unsigned
number_of(struct wn_str s)
{
	if (begins(s, "第") && (ends(s, "页") || ends(s, "頁")) && s.n > 6)
		return numeral(without_spaces(cut(s, 3, 3)));
	else if (s.n > 5 && strncasecmp(s.p, "page ", 5) == 0)
		s = cut(s, 5, 0);
	else if (s.n > 6 && strncasecmp(s.p, "seite ", 6) == 0)
		s = cut(s, 6, 0);
	else if (s.n > 2 && ((s.p[0] == '(' && ends(s, ")")) ||
				(s.p[0] == '-' && ends(s, "-"))))
		s = cut(s, 1, 1);
	return digits(s);
}

enum wn_turn
wn_page_turn(const char *anchor, unsigned *number)
{
	struct wn_str s = wn_bare_anchor(anchor);
	size_t i;

	*number = s.n > 0 ? number_of(s) : 0;
	if (*number == 0)
		*number = number_before_heading(
		    (struct wn_str){anchor, strnlen(anchor, ANCHOR_MOST)});
	if (*number > 0)
		return WN_TURN_NUMBER;
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && s.n > 0; i++)
		if (strlen(words[i].word) == s.n &&
		    strncasecmp(words[i].word, s.p, s.n) == 0)
			return words[i].turn;
	if (wn_says_next(anchor))
		return WN_TURN_ON;
	if (strnlen(anchor, ANCHOR_MOST) == ANCHOR_MOST)
		return WN_TURN_NONE;
	for (i = 0; i < sizeof(insides) / sizeof(insides[0]); i++)
		if (strcasestr(anchor, insides[i].word) != NULL)
			return insides[i].turn;
	return WN_TURN_NONE;
}

/* ---- notes --------------------------------------------------------------- */

static const char *const opens[] = {"（", "(", "［", "[", "【"};
static const char *const closes[] = {"）", ")", "］", "]", "】"};
static const char *const to_words[] = {"下转", "下轉", "紧转", "转第", "轉第"};
static const char *const from_words[] = {"上接", "紧接", "接第"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
begins_with_one(struct wn_str s, const char *const *v, size_t n)
{
	while (n > 0)
		if (begins(s, v[--n]))
			return 1;
	return 0;
}

/* 第4版, 4版, 第四版, 第2页: what a note names. */
static int
names_sheet(struct wn_str s)
{
	return memmem(s.p, s.n, "版", 3) != NULL ||
	       memmem(s.p, s.n, "页", 3) != NULL ||
	       memmem(s.p, s.n, "頁", 3) != NULL;
}

/* （…）: the bytes between its brackets, n 0: s is no such thing. */
static struct wn_str
bracketed(struct wn_str s)
{
	for (size_t i = 0; i < COUNT(opens); i++)
		if (begins(s, opens[i]) && ends(s, closes[i]) &&
		    s.n > strlen(opens[i]) + strlen(closes[i]))
			return cut(s, strlen(opens[i]), strlen(closes[i]));
	return (struct wn_str){s.p, 0};
}

size_t
wn_turn_note_at_end(struct wn_str s)
{
	size_t least = s.n > NOTE_MOST ? s.n - NOTE_MOST : 0;

	for (size_t i = s.n; i-- > least;) {
		struct wn_str note = cut(s, i, 0), in = bracketed(note);

		/* without brackets it is a line of its own */
		if (in.n == 0 && i == 0)
			in = note;
		if (in.n > 0 && names_sheet(in) &&
		    begins_with_one(in, to_words, COUNT(to_words)))
			return note.n;
	}
	return 0;
}

size_t
wn_turn_note_at_begin(struct wn_str s)
{
	size_t most = s.n < NOTE_MOST ? s.n : NOTE_MOST;

	for (size_t i = 1; i <= most; i++) {
		struct wn_str note = {s.p, i}, in = bracketed(note);

		if (in.n == 0 && i == s.n)
			in = note;
		if (in.n > 0 && names_sheet(in) &&
		    begins_with_one(in, from_words, COUNT(from_words)))
			return i;
	}
	return 0;
}

int
wn_is_goes_on_note(struct wn_str s)
{
	static const char *const notes[] = {"未完待续", "未完待續", "未完",
	    "to be continued", "continued on next page", "本文未完，请看下一页",
	    "本文未完，请翻下一页"};
	struct wn_str in = bracketed(s);

	if (in.n > 0 && in.n <= NOTE_MOST &&
	    (begins(in, "未完") || begins(in, "本文未完")))
		return 1; /* whatever it says then: 请看下一页 */
	if (in.n == 0)
		in = s;
	while (in.n > 0 && (in.p[in.n - 1] == '.' || in.p[in.n - 1] == ' '))
		in.n--;
	for (size_t i = 0; i < COUNT(notes); i++)
		if (strlen(notes[i]) == in.n &&
		    strncasecmp(notes[i], in.p, in.n) == 0)
			return 1;
	return 0;
}

/* A number of at most three digits at s; how long. */
static size_t
take_number(struct wn_str s, unsigned *v)
{
	size_t n = 0;

	while (n < s.n && n < 4 && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	*v = digits((struct wn_str){s.p, n});
	return n;
}

/* Bytes of the mark or word between "1" and "3" in "1/3", "1 of 3". */
static size_t
of_word(struct wn_str s)
{
	static const char *const words_of[] = {
	    "/", " / ", " of ", " von ", " sur "};

	for (size_t i = 0; i < COUNT(words_of); i++)
		if (begins(s, words_of[i]))
			return strlen(words_of[i]);
	return 0;
}

unsigned
wn_pages_told(struct wn_str s)
{
	const char *p = memmem(s.p, s.n, "共", 3);
	unsigned v, at;
	size_t n;

	if (p != NULL) {
		struct wn_str rest = cut(s, (size_t)(p - s.p) + 3, 0);

		while (rest.n > 0 && rest.p[0] == ' ')
			rest = cut(rest, 1, 0);
		n = take_number(rest, &v);
		rest = cut(rest, n, 0);
		while (rest.n > 0 && rest.p[0] == ' ')
			rest = cut(rest, 1, 0);
		if (v > 0 && (begins(rest, "页") || begins(rest, "頁")))
			return v;
	}
	for (size_t i = 0; i < s.n; i++) {
		size_t of;

		if ((n = take_number(cut(s, i, 0), &at)) == 0)
			continue;
		i += n;
		if (at == 0 || (of = of_word(cut(s, i, 0))) == 0)
			continue;
		n = take_number(cut(s, i + of, 0), &v);
		if (v >= at && v > 1 &&
		    (i + of + n == s.n || s.p[i + of + n] != '/'))
			return v;
	}
	return 0;
}
