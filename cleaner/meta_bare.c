/* meta_bare.c - names that stand beside the title without a label.
 *
 * 2017年09月11日 07:52 南屏晚报 记者 徐萌: a date, a paper, a reporter.
 * 高二（7） 班 方晓舟: a pupil. 党委书记 龙建华: who made the speech. The line
 * is cut at its blanks, and each word is taken for what it looks like.
 *
 * Invariants
 *  MR1  Only lines are read that stand right under the title and are as short
 *       as such lines are.
 *  MR2  What is said here weighs less than what a label says. */
#include "cleaner/meta.h"

#include <string.h>

#include "cleaner/date.h"
#include "cleaner/normalise.h"
#include "cleaner/utf8.h"

enum {
	WORDS = 12,
	LINE_BYTES = 200,
	HOUSE_CHARS = 12, /* a paper's name has no more */
	NAME_CHARS = 4,
	UNDER = 3 /* lines under the title */
};

/* Surnames of nine in ten people, three bytes each. */
const char wn_surnames[] =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
    "彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
    "石金贾韦夏付方邹熊孟秦邱江尹侯白龙段雷钱汤陶黎贺毛郝龚邵万覃"
    "武戴莫孔向常温康施牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申"
    "欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍成苗谷盛曲"
        "翁冉靳骆";

int
wn_is_surname(const char *p)
{
	for (size_t i = 0; i + 3 < sizeof(wn_surnames); i += 3)
		if (memcmp(wn_surnames + i, p, 3) == 0)
			return 1;
	return 0;
}

static int
ends_in(struct wn_str s, const char *w)
{
	size_t n = strlen(w);

	return s.n >= n && memcmp(s.p + s.n - n, w, n) == 0;
}

static int
begins(struct wn_str s, const char *w)
{
	size_t n = strlen(w);

	return s.n >= n && memcmp(s.p, w, n) == 0;
}

/* Han characters of s, 0: there are others among them. */
static size_t
only_han(struct wn_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; n++) {
		unsigned k;

		if (!wn_is_han(wn_utf8_get(s.p + i, &k)))
			return 0;
		i += k;
	}
	return n;
}

/* A person's name: two to four characters, a surname first. */
static int
is_person(struct wn_str s)
{
	size_t n = only_han(s);

	return n >= 2 && n <= NAME_CHARS && s.n > 3 && wn_is_surname(s.p);
}

/* 南屏晚报, 《平川教育报》: a paper or a site. */
static int
is_paper(struct wn_str *s)
{
	static const char *const ends[] = {"日报", "晚报", "早报", "时报",
	    "商报", "都市报", "教育报", "青年报", "周报", "日報", "晚報",
	    "时讯", "新闻网", "电视台", "融媒", "融媒体", "广播台", "校报"};
	size_t n;

	if (begins(*s, "《") && ends_in(*s, "》"))
		*s = (struct wn_str){s->p + 3, s->n - 6};
	n = only_han(*s);
	if (n < 3 || n > HOUSE_CHARS)
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(*s, ends[i]))
			return 1;
	return 0;
}

/* What comes before a name and says what the person is; its bytes. */
static size_t
reporter(struct wn_str s)
{
	static const char *const words[] = {"本报记者", "本網記者", "记者",
	    "記者", "通讯员", "通訊員", "特约记者", "见习记者"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(s, words[i]))
			return strlen(words[i]);
	return 0;
}

/* 党委书记, 校长; 五（1）班: who is named next speaks, or wrote it. */
static int
is_rank(struct wn_str s)
{
	static const char *const ends[] = {"书记", "校长", "院长", "局长",
	    "主任", "园长", "班", "部长", "厅长", "主席", "級", "级"};

	for (size_t i = 0;
	     s.n > 3 && s.n < 60 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(s, ends[i]))
			return 1;
	return 0;
}

/* Cuts a line at its blanks and bars. */
static size_t
words_of(struct wn_str s, struct wn_str *out)
{
	size_t n = 0, beg = 0;

	for (size_t i = 0; i <= s.n && n < WORDS; i++) {
		size_t k = 0;

		if (i == s.n || s.p[i] == ' ' || s.p[i] == '\t' ||
		    s.p[i] == '|')
			k = 1;
		else if (s.n - i > 2 && (memcmp(s.p + i, "／", 3) == 0 ||
					    memcmp(s.p + i, "∕", 3) == 0 ||
					    memcmp(s.p + i, "｜", 3) == 0 ||
					    memcmp(s.p + i, "（", 3) == 0))
			k = 3;
		if (k == 0)
			continue;
		if (i > beg)
			out[n++] = (struct wn_str){s.p + beg, i - beg};
		beg = i + k;
		i += k - 1;
	}
	return n;
}

static void
say_author(struct wn_meta *m, size_t b, struct wn_str s, const char *how)
{
	wn_say(m, WN_F_AUTHOR, WN_BY_TEXT, 42, s, m->d->blocks[b].node, how);
}

/* The words of a line with a date in it. */
static void
beside_date(struct wn_meta *m, size_t b, const struct wn_str *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct wn_str s = w[i];
		size_t k = reporter(s);

		if (k > 0 && k < s.n)
			say_author(m, b, (struct wn_str){s.p + k, s.n - k},
			    "reporter by the date");
		else if (k > 0 && i + 1 < n && is_person(w[i + 1]))
			say_author(m, b, w[++i], "reporter by the date");
		else if (is_paper(&s))
			wn_say(m, WN_F_SOURCE, WN_BY_TEXT, 38, s,
			    m->d->blocks[b].node, "paper by the date");
		else if (i == 0 && n > 1 && is_person(s))
			say_author(m, b, s, "name by the date");
	}
}

/* 以下文章来源于某号，作者某人: what accounts print above a reprint. */
static void
reprinted(struct wn_meta *m, size_t b, struct wn_str s)
{
	static const char lead[] = "以下文章来源于", by[] = "作者";
	const char *p;
	struct wn_str who;

	if (!begins(s, lead))
		return;
	s.p += sizeof(lead) - 1;
	s.n -= sizeof(lead) - 1;
	p = memmem(s.p, s.n, "，", 3);
	if (p == NULL)
		p = memmem(s.p, s.n, by, sizeof(by) - 1);
	who = (struct wn_str){p, p == NULL ? 0 : (size_t)(s.p + s.n - p)};
	if (p != NULL)
		s.n = (size_t)(p - s.p);
	wn_say(m, WN_F_SOURCE, WN_BY_TEXT, 50, s, m->d->blocks[b].node, lead);
	if (who.n > 9 && begins(who, "，"))
		who = (struct wn_str){who.p + 3, who.n - 3};
	if (who.n > 6 && begins(who, by))
		say_author(m, b,
		    wn_trim((struct wn_str){
			who.p + sizeof(by) - 1, who.n - sizeof(by) + 1}),
		    lead);
}

void
wn_meta_bare(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct wn_str w[WORDS];
	struct wn_date date;
	size_t n, title = m->title_block;

	if (s.n > LINE_BYTES || s.n < 6)
		return;
	reprinted(m, b, s);
	if (title == 0 || b < title || b > title + UNDER ||
	    memmem(s.p, s.n, "。", 3) != NULL)
		return; /* MR1 */
	n = words_of(s, w);
	if (wn_date_find(s.p, s.n, m->d->page->now, &date))
		beside_date(m, b, w, n);
	else if ((n == 2 || n == 3) && b <= title + 1 && is_rank(w[0]) &&
		 is_person(w[1]))
		say_author(m, b, w[1], "name by the title");
}
