/* answers.c - readers' words below an article, by their shape.
 *
 * Most systems say "comments" in a name, and roles.c reads it. Where they do
 * not, a run of short lines shows them that each tell somebody and a moment
 * ("张三 2024-05-16 16:12", "Jane, 3 days ago"), stand in elements alike, and
 * have text between them. The elements of such a run become a zone of talk,
 * which is read like one that names itself.
 *
 * A list of news has moments too, but links between them; a ticker and a
 * chronicle have moments and nobody.
 *
 * Invariants
 *  A1  Only what stands below running text of the page becomes talk.
 *  A2  One pass over the blocks, and one over the nodes of a run. */
#include "cleaner/extract.h"

#include <string.h>

#define SIGNED_MAX 90 /* code points of a line that signs a text */
#define SIGNERS 3     /* lines, before they are a run */
#define APART 30      /* blocks from one to the next */
#define ABOVE 120     /* units of running text above the first */
#define NAME 40       /* units of a line that is somebody's name */

struct run {
	uint32_t first, last, n; /* blocks that sign; how many */
	uint32_t named, texts;   /* of these with a name; with a text below */
	uint32_t shape;
};

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
has(const struct wn_str *s, const char *word)
{
	return memmem(s->p, s->n, word, strlen(word)) != NULL;
}

static int
has_at(const char *p, const char *e, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(e - p) >= n && memcmp(p, word, n) == 0;
}

#define LATIN 8 /* letters that months and the like take */

/* Is there more in the line than what moments are written with? */
static int
has_name(const struct wn_block *b)
{
	static const char *const words[] = {"年", "月", "日", "时", "分", "秒",
	    "星", "期", "周", "一", "二", "三", "四", "五", "六", "天", "上",
	    "下", "午", "发", "表", "布", "于", "间", "更", "新", "回", "复",
	    "：", "，", "（", "）", "\xc2\xa0", "\xe3\x80\x80"};
	const char *p = b->text.p, *e = p + b->text.n;
	size_t n = sizeof(words) / sizeof(words[0]), w, han = 0, latin = 0;

	for (; p < e; p++) {
		if ((unsigned char)*p < 0x80) {
			latin += (*p | 32) >= 'a' && (*p | 32) <= 'z';
			continue;
		}
		for (w = 0; w < n && !has_at(p, e, words[w]); w++)
			;
		if (w < n)
			p += strlen(words[w]) - 1;
		else
			han += ((unsigned char)*p & 0xc0) != 0x80;
	}
	return han >= 2 || latin > LATIN || (han > 0 && latin > 0);
}

/* "3天前", "2 hours ago". */
static int
is_ago(const struct wn_str *s)
{
	static const char *const units[] = {"天前", "小时前", "分钟前",
	    "个月前", "月前", "年前", "周前", "天以前", " ago"};

	if (s->n > 120)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (has(s, units[i]))
			return 1;
	return 0;
}

/* Does a line tell a day and the time of day? */
static int
tells_moment(const struct wn_block *b)
{
	const char *p = b->text.p, *e = p + b->text.n;
	uint32_t digits = 0, runs = 0;
	int clock = 0, year = 0, day = 0;

	while (p < e) {
		size_t k = 0;

		while (p + k < e && digit(p[k]))
			k++;
		if (k == 0) {
			p++;
			continue;
		}
		digits += (uint32_t)k;
		runs++;
		year |= k == 4 &&
			(memcmp(p, "19", 2) == 0 || memcmp(p, "20", 2) == 0);
		day |= k <= 2 && p + k + 1 < e && digit(p[k + 1]) &&
		       strchr("-/.", p[k]) != NULL;
		day |= k <= 2 && has_at(p + k, e, "月");
		clock |= k <= 2 && p + k + 2 < e && p[k] == ':' &&
			 digit(p[k + 1]) && digit(p[k + 2]);
		p += k;
	}
	if (digits > 0 && is_ago(&b->text))
		return 1;
	return clock && (year || day) && runs >= 4 && digits <= 24;
}

/* The tags of an element and of those it is in. */
static uint32_t
shape_of(const struct wn_extractor *x, uint32_t node)
{
	uint32_t h = 1;

	for (int up = 0; up < 4 && node > 0; up++) {
		h = h * 131 + x->t->nodes[node].tag;
		node = x->t->nodes[node].parent;
	}
	return h;
}

/* Is this a line with little in it but, perhaps, a name? */
static int
may_name(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return b->marks == 0 && wn_plain(b) + wn_linked(b) < NAME;
}

static int
signs(const struct wn_extractor *x, uint32_t i, int *named)
{
	const struct wn_block *b = &x->b[i];

	if (b->chars > SIGNED_MAX || b->marks > 2 || b->row || !tells_moment(b))
		return 0;
	*named = has_name(b) || (i > 0 && may_name(x, i - 1));
	return 1;
}

/* The lowest element that holds two blocks. */
static uint32_t
box_of(const struct wn_extractor *x, uint32_t a, uint32_t b)
{
	uint32_t node = x->b[a].node;

	while (node > 0 && x->t->nodes[node].end <= x->b[b].first)
		node = x->t->nodes[node].parent;
	return node;
}

/* A1: units of running text above a block. */
static double
text_above(const struct wn_extractor *x, uint32_t i)
{
	uint32_t k = x->title < i ? x->title : 0;
	double sum = 0;

	for (; k < i; k++)
		if (x->b[k].marks > 0 && !wn_is_out(x, k) &&
		    wn_plain(&x->b[k]) > 2 * wn_linked(&x->b[k]))
			sum += wn_plain(&x->b[k]);
	return sum;
}

static int
is_talk(const struct wn_extractor *x, const struct run *r)
{
	return r->n >= SIGNERS && r->named * 4 >= r->n * 3 &&
	       r->texts * 3 >= r->n * 2 && text_above(x, r->first) >= ABOVE;
}

static void
make_zone(struct wn_extractor *x, const struct run *r)
{
	uint32_t box = box_of(x, r->first, r->last);
	uint32_t i = x->b[r->first].first, end = x->t->nodes[box].end;

	x->answers = r->first;
	/* a name above the first moment */
	if (r->first > 0 && may_name(x, r->first - 1))
		i = x->b[r->first - 1].first;
	for (; i < end; i++)
		if (x->zone[i].kind < 0)
			x->zone[i] = (struct wn_zone){WINNOW_KIND_COMMENTS,
			    WN_TALK, "signed one after another"};
}

void
wn_find_answers(struct wn_extractor *x)
{
	struct run r = {0};
	uint32_t text = 0; /* blocks of text behind the latest signer */

	x->answers = x->n;
	for (uint32_t i = 0; i < x->n; i++) {
		int named = 0;
		uint32_t shape;

		if (wn_is_out(x, i))
			continue;
		if (!signs(x, i, &named)) {
			text += wn_plain(&x->b[i]) > wn_linked(&x->b[i]);
			continue;
		}
		shape = shape_of(x, x->b[i].node);
		r.texts += r.n > 0 && text > 0;
		if (r.n > 0 && (shape != r.shape || i - r.last > APART)) {
			if (is_talk(x, &r))
				break;
			r.n = 0;
		}
		if (r.n == 0)
			r = (struct run){.first = i, .shape = shape};
		r.last = i;
		r.n++;
		r.named += (uint32_t)named;
		text = 0;
	}
	r.texts += r.n > 0 && text > 0;
	if (is_talk(x, &r))
		make_zone(x, &r);
}
