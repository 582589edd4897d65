/* tags.c - the tables of tags.def and attrs.def, and the search in them.
 *
 * Both lists are sorted, so the rows of one first letter stand together, and a
 * search looks at these few. It is made for every tag of a page, twice, and
 * for every attribute.
 *
 * Invariant
 *  G1  The rows are sorted by name, and a letter's entry in the tables of first
 *      rows is its first row (tests/cleaner/test_parse.c). */
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

/* The first row of each letter, 0: it has none. */
static const uint8_t first_tags[26] = {
    ['a' - 'a'] = WN_TAG_A,
    ['b' - 'a'] = WN_TAG_B,
    ['c' - 'a'] = WN_TAG_CANVAS,
    ['d' - 'a'] = WN_TAG_DD,
    ['e' - 'a'] = WN_TAG_EM,
    ['f' - 'a'] = WN_TAG_FIELDSET,
    ['h' - 'a'] = WN_TAG_H1,
    ['i' - 'a'] = WN_TAG_I,
    ['l' - 'a'] = WN_TAG_LABEL,
    ['m' - 'a'] = WN_TAG_MAIN,
    ['n' - 'a'] = WN_TAG_NAV,
    ['o' - 'a'] = WN_TAG_OBJECT,
    ['p' - 'a'] = WN_TAG_P,
    ['q' - 'a'] = WN_TAG_Q,
    ['r' - 'a'] = WN_TAG_RP,
    ['s' - 'a'] = WN_TAG_S,
    ['t' - 'a'] = WN_TAG_TABLE,
    ['u' - 'a'] = WN_TAG_U,
    ['v' - 'a'] = WN_TAG_VAR,
    ['w' - 'a'] = WN_TAG_WBR,
};

/* Likewise, plus one. */
static const uint8_t first_attrs[26] = {
    ['a' - 'a'] = 1 + WN_ATTR_ALIGN,
    ['c' - 'a'] = 1 + WN_ATTR_CHARSET,
    ['d' - 'a'] = 1 + WN_ATTR_DATA,
    ['h' - 'a'] = 1 + WN_ATTR_HIDDEN,
    ['i' - 'a'] = 1 + WN_ATTR_ID,
    ['l' - 'a'] = 1 + WN_ATTR_LANG,
    ['n' - 'a'] = 1 + WN_ATTR_NAME,
    ['o' - 'a'] = 1 + WN_ATTR_ONCLICK,
    ['p' - 'a'] = 1 + WN_ATTR_PROPERTY,
    ['r' - 'a'] = 1 + WN_ATTR_REL,
    ['s' - 'a'] = 1 + WN_ATTR_SRC,
    ['t' - 'a'] = 1 + WN_ATTR_TITLE,
    ['v' - 'a'] = 1 + WN_ATTR_VALUE,
};

enum wn_tag
wn_tag_find(const char *name, size_t len)
{
	unsigned c = len > 0 ? (unsigned)(unsigned char)name[0] - 'a' : 26, i;

	if (c >= 26 || (i = first_tags[c]) == 0)
		return WN_TAG_OTHER;
	for (; i < WN_TAG_N && wn_tag_names[i][0] == name[0]; i++)
		if (tag_lens[i] == len &&
		    memcmp(wn_tag_names[i], name, len) == 0)
			return (enum wn_tag)i;
	return WN_TAG_OTHER;
}

int
wn_attr_find(const char *name, size_t len)
{
	unsigned c = len > 0 ? (unsigned)(unsigned char)name[0] - 'a' : 26, i;

	if (c >= 26 || first_attrs[c] == 0)
		return -1;
	for (i = first_attrs[c] - 1u;
	     i < WN_ATTR_N && wn_attr_names[i][0] == name[0]; i++)
		if (attr_lens[i] == len &&
		    memcmp(wn_attr_names[i], name, len) == 0)
			return (int)i;
	return -1;
}
