/* script.c - Chinese text made simplified or traditional, by OpenCC.
 *
 * OpenCC converts by words (头发 頭髮, 发展 發展) and is opened once. It keeps
 * 著, which is a word of its own in simplified text (著作); what a mirror made
 * traditional one character for one has it for every 着 too, and there only
 * the words that are written with it keep it.
 *
 * Invariants
 *  S1  Without OpenCC, or without a wish, no text is touched.
 *  S2  Every line is valid UTF-8 before and after. */
#include "cleaner/script.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_OPENCC
#include <opencc.h>

struct wn_script {
	opencc_t cc;
	enum winnow_script to;
};

int
wn_script_open(struct wn_script **out, enum winnow_script to)
{
	struct wn_script *s;

	*out = NULL;
	if (to == WINNOW_KEEP)
		return 0;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return WINNOW_ENOMEM;
	s->to = to;
	s->cc = opencc_open(to == WINNOW_HANS ? "t2s.json" : "s2t.json");
	if (s->cc == (opencc_t)-1) {
		free(s);
		return WINNOW_EINVAL;
	}
	*out = s;
	return 0;
}

void
wn_script_close(struct wn_script *s)
{
	if (s != NULL)
		opencc_close(s->cc);
	free(s);
}

/* Words written with 著 in simplified text, where 著 stands in them. */
static int
keeps_zhu(const char *s, size_t n, size_t at)
{
	static const char behind[][4] = {"作", "名", "者", "称", "述", "录"};
	static const char before[][4] = {
	    "名", "显", "原", "专", "编", "土", "卓", "昭", "论", "巨", "译"};
	static const char speaks[][4] = {"讨", "议", "谈", "争", "评", "辩"};

	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		if (n - at >= 6 && memcmp(s + at + 3, behind[i], 3) == 0)
			return 1;
	/* 讨论着 is no 论著 */
	for (size_t i = 0; i < sizeof(speaks) / sizeof(speaks[0]); i++)
		if (at >= 6 && memcmp(s + at - 6, speaks[i], 3) == 0 &&
		    memcmp(s + at - 3, "论", 3) == 0)
			return 0;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (at >= 3 && memcmp(s + at - 3, before[i], 3) == 0)
			return 1;
	return 0;
}

static void
zhu_to_zhe(char *s, size_t n)
{
	char *end = s + n;

	for (char *p = s; (p = memmem(p, (size_t)(end - p), "著", 3)) != NULL;
	     p += 3)
		if (!keeps_zhu(s, n, (size_t)(p - s)))
			memcpy(p, "着", 3);
}

int
wn_script_convert(
    struct wn_script *c, struct wn_arena *arena, struct wn_str *s, int mirror)
{
	char *made = opencc_convert_utf8(c->cc, s->p, s->n), *copy;
	size_t n;

	if (made == NULL)
		return 0;
	n = strlen(made);
	if (n == s->n && memcmp(made, s->p, n) == 0 && !mirror) {
		opencc_convert_utf8_free(made);
		return 0;
	}
	copy = wn_strndup(arena, made, n);
	opencc_convert_utf8_free(made);
	if (copy == NULL)
		return WINNOW_ENOMEM;
	if (mirror && c->to == WINNOW_HANS)
		zhu_to_zhe(copy, n);
	*s = (struct wn_str){copy, n};
	return 0;
}

#else

int
wn_script_open(struct wn_script **out, enum winnow_script to)
{
	*out = NULL;
	return to == WINNOW_KEEP ? 0 : WINNOW_EINVAL;
}

void
wn_script_close(struct wn_script *s)
{
	free(s);
}

int
wn_script_convert(
    struct wn_script *c, struct wn_arena *arena, struct wn_str *s, int mirror)
{
	(void)c;
	(void)arena;
	(void)s;
	(void)mirror;
	return 0;
}

#endif
