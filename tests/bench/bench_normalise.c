/* bench_normalise.c - what the normaliser costs beside iconv, and on text made
 * to cost much.
 *
 * Clean: all passes over clean UTF-8 text, as articles of 6 kB and as pages of
 * 200 kB, and glibc's iconv making the same text of GB18030, in turns in one
 * run; the ratio is to be at most 1. The text is made here of a few dozen
 * sentences with varying words; with WINNOW_SHARED the articles of the
 * examples are taken likewise.
 *
 * Hostile: pages of 200 kB full of what one stage looks for, on a mirror's
 * page and on another; the price of a byte over that of clean text is to be at
 * most 20. Lost bytes are weighed by the model, which is bounded for a page
 * (normalise_lost.c): for these the milliseconds of a page count. */
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleaner/winnow.h"
#include "tests/bench/bench.h"

enum { PAGE = 200000, ARTICLE = 6000, TEXT = 4 << 20, ROUNDS = 7 };

struct text {
	char *s;
	size_t n, cap;
};

static void
put(struct text *t, const char *s, size_t n)
{
	if (t->n + n <= t->cap) {
		memcpy(t->s + t->n, s, n);
		t->n += n;
	}
}

static struct text
text_new(size_t cap)
{
	struct text t = {.s = malloc(cap + 1), .cap = cap};

	if (t.s == NULL)
		exit(1);
	return t;
}

/* ---- clean text -------------------------------------------------------- */

static const char *const who[] = {"市教育局", "两所中学的老师", "村里的年轻人",
    "图书馆", "参加比赛的学生", "这家企业", "研究小组", "社区医院", "代表们",
    "几位工程师", "新来的校长", "负责人"};
static const char *const when[] = {"上周三", "今年春天", "9月14日下午", "昨天",
    "三年来", "会议结束后", "2019年以来", "入冬以后", "每到周末", "去年"};
static const char *const what[] = {"讨论了修建操场的办法",
    "把旧仓库改成了阅览室", "在河边种下一千多棵柳树", "公布了调查的结果",
    "为老人检查身体", "收集到三百多条意见", "学会了使用新的机器",
    "请专家讲了一堂课", "解决了用水困难的问题", "认真总结了经验和不足",
    "走访了附近的四个乡镇"};
static const char *const then[] = {"大家都说，这样的活动应当多办。",
    "有人问：“以后怎么办？”", "这在当地还是第一次。",
    "道路、桥梁和学校也都修好了。",
    "专家认为，关键在于坚持；短期内看不到效果。",
    "《山里的孩子》一书记下了这些事。", "下一步，将继续推进这项工作。",
    "（记者 李明）", "参加的人达到45%以上！"};

static unsigned
pick(unsigned *x, unsigned n)
{
	*x = *x * 1664525u + 1013904223u;
	return (*x >> 16) % n;
}

#define ONE(list) list[pick(&x, sizeof(list) / sizeof(list[0]))]

static struct text
clean_text(void)
{
	struct text t = text_new(TEXT);
	unsigned x = 7;

	while (t.n + 1000 < t.cap) {
		for (unsigned k = 2 + pick(&x, 4); k > 0; k--) {
			const char *parts[] = {ONE(when), "，", ONE(who),
			    ONE(what), "，", ONE(what), "。", ONE(then)};

			for (size_t i = 0; i < 8; i++)
				put(&t, parts[i], strlen(parts[i]));
		}
		put(&t, "\n", 1);
	}
	return t;
}

static void
read_file(struct text *t, const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "r")) == NULL)
		return;
	t->n += fread(t->s + t->n, 1, t->cap - t->n, f);
	fclose(f);
}

/* The examples' articles, again and again. */
static struct text
gold_text(const char *dir)
{
	struct text t = text_new(TEXT);
	size_t was = 1;

	while (t.n > was || was == 1) {
		was = t.n + (t.n == 0);
		for (int i = 0; i < 5 && t.n + 50000 < t.cap; i++) {
			char name[64];

			snprintf(
			    name, sizeof(name), "examples/%03d.gold.txt", i);
			read_file(&t, dir, name);
		}
	}
	return t;
}

static double
iconv_once(const struct text *gb, struct text *out)
{
	double t = bench_cpu();
	char *in = gb->s, *to = out->s;
	size_t left = gb->n, room = out->cap;
	iconv_t cd = iconv_open("UTF-8", "GB18030");

	if (iconv(cd, &in, &left, &to, &room) == (size_t)-1)
		exit(1);
	iconv_close(cd);
	return bench_cpu() - t;
}

/* The text in pieces of about so many bytes, cut at line feeds. */
static double
normalise_once(struct winnow *w, const struct text *t, size_t piece, int mirror)
{
	double begin = bench_cpu();

	for (size_t at = 0, end; at < t->n; at = end + 1) {
		const char *out;
		size_t n;

		for (end = at + piece; end < t->n && t->s[end] != '\n'; end++)
			;
		end = end < t->n ? end : t->n;
		if (winnow_normalise(
			w, t->s + at, end - at, mirror, &out, &n, NULL) != 0)
			exit(1);
	}
	return bench_cpu() - begin;
}

/* Nanoseconds of a byte of pages. */
static double
clean(struct winnow *w, const char *name, struct text t)
{
	struct text gb = text_new(2 * t.n), out = text_new(2 * t.n);
	double slow = 1e9, page = 1e9, article = 1e9, d;
	iconv_t cd = iconv_open("GB18030", "UTF-8");
	char *in = t.s, *to = gb.s;
	size_t left = t.n, room = gb.cap;

	if (t.n == 0 || iconv(cd, &in, &left, &to, &room) == (size_t)-1)
		exit(1);
	iconv_close(cd);
	gb.n = gb.cap - room;
	for (int i = 0; i < ROUNDS; i++) {
		d = iconv_once(&gb, &out);
		slow = d < slow ? d : slow;
		d = normalise_once(w, &t, PAGE, 0);
		page = d < page ? d : page;
		d = normalise_once(w, &t, ARTICLE, 0);
		article = d < article ? d : article;
	}
	printf("  %-10s iconv %4.0f MB/s, pages %4.0f MB/s, articles %4.0f "
	       "MB/s; over iconv: %.2f, %.2f\n",
	    name, (double)t.n / slow / 1e6, (double)t.n / page / 1e6,
	    (double)t.n / article / 1e6, page / slow, article / slow);
	free(gb.s);
	free(out.s);
	free(t.s);
	return page * 1e9 / (double)t.n;
}

/* ---- hostile text ------------------------------------------------------ */

static const char mirror_head[] = "會(huì)議強(qiáng)調(diào)，各單位要認(rèn)"
				  "真貫徹落實(shí)上級(jí)部署。\n";

static const struct {
	const char *name, *part;
	int weighed; /* by the model */
} kinds[] = {
    {"?", "?", 0},
    {"?(", "?(", 0},
    {"?)( ", "?)( ", 0},
    {"? ", "? ", 0},
    {"parentheses", "()", 0},
    {"deep", "（(", 0},
    {"&", "&", 0},
    {"#", "#", 0},
    {"&n", "&n", 0},
    {"&#8226", "&#8226", 0},
    {"references", "&nbsp;中", 0},
    {"X8226;", "中X8226;", 0},
    {"spaces", " ", 0},
    {"han space", "中 ", 0},
    {"wide space", "　", 0},
    {"commas", ",", 0},
    {"wide commas", "，", 0},
    {"marks", "中,;:!)", 0},
    {"private", "\xEE\x80\x80", 0},
    {"control", "\x01", 0},
    {"latin-1", "Ã¤", 0},
    {"latin-1 runs", "ÖÐ a ", 0},
    {"wide digits", "１", 0},
    {"broken", "\xFF", 0},
    {"Copyright", "Copyright ?", 0},
    {"bars", "?| ?", 1},
    {"glosses", "會(huì)", 0},
    {"unfit", "會(zhao)", 0},
    {"gap", "中。 一、", 0},
    {"lines", "\n", 0},
    {"short lines", "中，\n", 0},
    {"lost bytes", "中?？茖", 1},
    {"lost, gloss", "因?yàn)榧", 1},
    {"lost, ascii", "因?；A(huì)", 1},
    {"gloss, ascii", "因?huì)A(huì)", 1},
    {"behind", "?。茖W(huì)(huì)(huì)(huì)(huì)(huì)(huì)(huì)(huì)", 1},
    {"long runs", "?；規模較大的學習對於學習對於學習對於學習對於學習對於", 1},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static double
hostile(struct winnow *w, size_t k, int mirror)
{
	struct text t = text_new(PAGE + 200);
	size_t n = strlen(kinds[k].part);
	double best = 1e9;

	if (mirror)
		put(&t, mirror_head, sizeof(mirror_head) - 1);
	while (t.n + n <= PAGE)
		put(&t, kinds[k].part, n);
	for (int i = 0; i < 3; i++) {
		double d = normalise_once(w, &t, 2 * PAGE, mirror);

		best = d < best ? d : best;
	}
	free(t.s);
	return best * 1e9 / PAGE;
}

int
main(void)
{
	const char *dir = getenv("WINNOW_SHARED");
	double one, worst = 0, longest = 0;
	struct winnow *w;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	printf("normalise:\n");
	if (dir != NULL)
		clean(w, "examples", gold_text(dir));
	one = clean(w, "made here", clean_text());
	printf("  a page of 200 kB of one thing, over clean text a byte: "
	       "plain, mirror's\n");
	for (size_t k = 0; k < KINDS; k++) {
		double a = hostile(w, k, 0) / one, b = hostile(w, k, 1) / one;

		if (kinds[k].weighed) {
			b *= one * PAGE / 1e6;
			longest = b > longest ? b : longest;
			printf(
			    "  %-14s %7.1f x %7.1f ms\n", kinds[k].name, a, b);
			continue;
		}
		printf("  %-14s %7.1f x %7.1f x\n", kinds[k].name, a, b);
		a = a > b ? a : b;
		worst = a > worst ? a : worst;
	}
	printf("  dearest: %.1f x; weighed by the model: %.0f ms a page\n",
	    worst, longest);
	winnow_free(w);
	return 0;
}
