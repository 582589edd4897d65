/* sketch_title.c - what an article is called, for its sketch.
 *
 * Notices of one office are written over each other: of two about other matters
 * half of the words may be the same, as much as of a copy that was edited.
 * Their titles tell. Who copies an article keeps its title, adds to it or cuts
 * it; a title in which some of the words were replaced by others is that of
 * another article, or of a copy whose text is nearly the same.
 *
 * Kept is a set of bits: the title's pairs of Han characters, but for those
 * that titles of notices are made of, and its words of other scripts, digits
 * too.
 *
 * Invariant
 *  T1  Without a title on both sides nothing is said against a copy. */
#include <string.h>
#include <uchar.h>

#include "cleaner/sketch.h"
#include "cleaner/utf8.h"

#define EDITED 2   /* pairs that one replaced character costs */
#define ALIKE 0.65 /* share of the shorter title's bits that are in both */
#define SURE 0.75  /* texts so alike are copies, whatever they are called */

/* They say what kind of paper it is, and nothing of its matter. */
/* clang-format off */
static const char16_t formula[][3] = {
	u"关于", u"于做", u"做好", u"于开", u"开展", u"于举", u"举办", u"举行",
	u"于印", u"印发", u"于加", u"加强", u"于召", u"召开", u"组织", u"切实",
	u"认真", u"工作", u"作的", u"活动", u"动的", u"管理", u"有关", u"事项",
	u"项的", u"的通", u"通知", u"通告", u"通报", u"公告", u"公示", u"的公",
	u"的意", u"意见", u"的报", u"报告", u"的函", u"实施", u"方案", u"转发",
	u"年度",
};
/* clang-format on */

static int
is_formula(uint32_t a, uint32_t b)
{
	size_t i;

	for (i = 0; i < sizeof formula / sizeof *formula; i++)
		if (formula[i][0] == a && formula[i][1] == b)
			return 1;
	return 0;
}

static void
put(struct winnow_sketch *k, uint64_t h)
{
	h = wn_sketch_mix(h);
	k->title[h >> 62] |= 1ULL << (h >> 56 & 63);
}

void
wn_sketch_title(
    const struct wn_fold *f, const char *s, size_t n, struct winnow_sketch *k)
{
	const char *end = s + n;
	uint32_t c, before = 0;
	uint64_t word = 0;
	unsigned len;

	memset(k->title, 0, sizeof k->title);
	for (; s < end; s += len) {
		c = wn_sketch_letter(f, wn_utf8_get(s, &len));
		if (word != 0 && (c == 0 || c >= WN_HAN_FIRST)) {
			put(k, word);
			word = 0;
		}
		if (c < WN_HAN_FIRST) {
			if (c != 0)
				word = (word + c) * 0x100000001B3ULL;
			before = 0;
			continue;
		}
		if (before != 0 && !is_formula(before, c))
			put(k, (uint64_t)before << 32 | c);
		before = c;
	}
	if (word != 0)
		put(k, word);
}

double
wn_title_needs(const struct winnow_sketch *a, const struct winnow_sketch *b)
{
	int na = 0, nb = 0, same = 0, few;
	size_t i;

	for (i = 0; i < sizeof a->title / sizeof *a->title; i++) {
		na += __builtin_popcountll(a->title[i]);
		nb += __builtin_popcountll(b->title[i]);
		same += __builtin_popcountll(a->title[i] & b->title[i]);
	}
	few = na < nb ? na : nb;
	return few - same <= EDITED || same >= ALIKE * few ? 0 : SURE;
}
