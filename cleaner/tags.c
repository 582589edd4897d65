/* tags.c - the tables of tags.def and attrs.def, and the search in them.
 *
 * Both lists are sorted, so the rows of one first letter stand together: a
 * search looks at the few rows of its letter. The first of them is found
 * by halving; at most 13 rows
 * share a letter.
 *
 * Invariant
 *  G1  the rows are sorted by name (checked by tests/cleaner/test_tags.c). */
#include "cleaner/tags.h"

#include <string.h>

const uint8_t wn_tag_flags[WN_TAG_N] = {
    [WN_TAG_ROOT] = WN_BLOCK,
    [WN_TAG_TEXT] = WN_INLINE,
    [WN_TAG_OTHER] = WN_INLINE,
#define T(name, NAME, flags) [WN_TAG_##NAME] = flags,
#include "cleaner/tags.def"
#undef T
};

const char *const wn_tag_names[WN_TAG_N] = {
    [WN_TAG_ROOT] = "#root",
    [WN_TAG_TEXT] = "#text",
    [WN_TAG_OTHER] = "#other",
#define T(name, NAME, flags) [WN_TAG_##NAME] = name,
#include "cleaner/tags.def"
#undef T
};

static const uint8_t tag_lens[WN_TAG_N] = {
#define T(name, NAME, flags) [WN_TAG_##NAME] = sizeof(name) - 1,
#include "cleaner/tags.def"
#undef T
};

const char *const wn_attr_names[WN_ATTR_N] = {
#define A(name, NAME) [WN_ATTR_##NAME] = name,
#include "cleaner/attrs.def"
#undef A
};

static const uint8_t attr_lens[WN_ATTR_N] = {
#define A(name, NAME) [WN_ATTR_##NAME] = sizeof(name) - 1,
#include "cleaner/attrs.def"
#undef A
};

enum wn_tag
wn_tag_find(const char *name, size_t len)
{
	unsigned lo = WN_TAG_OTHER + 1, hi = WN_TAG_N, mid;

	if (len == 0)
		return WN_TAG_OTHER;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (wn_tag_names[mid][0] < name[0])
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < WN_TAG_N && wn_tag_names[lo][0] == name[0]; lo++)
		if (tag_lens[lo] == len &&
		    memcmp(wn_tag_names[lo], name, len) == 0)
			return (enum wn_tag)lo;
	return WN_TAG_OTHER;
}

int
wn_attr_find(const char *name, size_t len)
{
	int i;

	for (i = 0; i < WN_ATTR_N; i++)
		if (attr_lens[i] == len && wn_attr_names[i][0] == name[0] &&
		    memcmp(wn_attr_names[i], name, len) == 0)
			return i;
	return -1;
}
