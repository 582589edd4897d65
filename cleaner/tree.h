/* tree.h - the page as a flat tree.
 *
 * The parser's events are written down in document order: node i's subtree is
 * the run of nodes [i, end), so a walk is a loop, never a recursion, and a
 * page nested a million deep costs a loop too. All character data of the page
 * stands in one buffer in document order, so the text under a node is one
 * slice of it: [tbeg, tend).
 *
 *	 0 html   end=7        text: "T" "Hello " "world" "!"
 *	 1  title end=3
 *	 2   #text "T"
 *	 3  p     end=7
 *	 4   #text "Hello "
 *	 5   b ...
 *
 * Invariants
 *  T1  nodes[i].parent < i for every i > 0; nodes[0] is a root of our own
 *      (WN_TAG_ROOT), its parent is itself.
 *  T2  i < nodes[i].end <= nodes[parent].end; siblings follow each other:
 *      the next sibling of i is nodes[i].end if that is < nodes[parent].end.
 *  T3  text is valid UTF-8 (the decoder saw to it), character references are
 *      resolved, controls other than white space do not occur. White space is
 *      as it came, but a run of it in one piece of text outside pre is one
 *      character, a line feed if there was one.
 *  T4  script, style, template, svg, math and noscript content is not in
 *      text; scripts of type application/ld+json are kept aside (`jsonld`),
 *      and comments are not nodes. */
#ifndef WN_TREE_H
#define WN_TREE_H

#include "cleaner/arena.h"

/* Tags the cleaner tells apart; all others are WN_TAG_OTHER. The list is
 * tags.def: T(name, flags), sorted; WN_TAG_<NAME in upper case>. */
enum wn_tag {
	WN_TAG_ROOT,
	WN_TAG_TEXT,
	WN_TAG_OTHER,
#define T(name, NAME, flags) WN_TAG_##NAME,
#include "cleaner/tags.def"
#undef T
	WN_TAG_N
};

enum wn_tag_flag {
	WN_BLOCK = 1,	 /* begins and ends a line of text */
	WN_VOID = 2,	 /* has no content: br, img, hr, input... */
	WN_HEADING = 4,	 /* h1..h6 */
	WN_INLINE = 8,	 /* phrasing: its edges do not split words */
	WN_CELL = 16,	 /* td, th */
	WN_FORM = 32,	 /* input, select, button, textarea, option */
	WN_MEDIA = 64,	 /* img, video, audio, iframe, object, embed */
};
extern const uint8_t wn_tag_flags[WN_TAG_N];
extern const char *const wn_tag_names[WN_TAG_N];

/* Attributes that are kept; all others are dropped as they come.
 * attrs.def: A(name, NAME). */
enum wn_attr_name {
#define A(name, NAME) WN_ATTR_##NAME,
#include "cleaner/attrs.def"
#undef A
	WN_ATTR_N
};

struct wn_attr {
	uint16_t name; /* enum wn_attr_name */
	const char *value; /* NUL-terminated, in the arena; "" when empty */
	uint32_t len;
};

struct wn_node {
	uint16_t tag;	 /* enum wn_tag */
	uint16_t nattr;
	uint32_t parent; /* T1 */
	uint32_t end;	 /* T2 */
	uint32_t attr;	 /* first in tree->attrs */
	uint32_t tbeg, tend; /* text of the subtree in tree->text */
	uint32_t src;	 /* byte offset in the decoded page, about */
};

struct wn_tree {
	struct wn_arena *arena;
	struct wn_node *nodes;
	uint32_t n, cap;
	struct wn_attr *attrs;
	uint32_t nattrs;
	char *text; /* NUL-terminated */
	uint32_t text_len;
	struct wn_str *jsonld; /* each script of that type */
	uint32_t njsonld;
	uint32_t html_lang;	/* node with the page's lang attribute, or 0 */
	uint32_t head, body;	/* nodes, 0: none */
	/* is it an app? bytes of script dropped, scripts from elsewhere, and
	 * whether <noscript> has a word about it */
	uint32_t scripts_len, scripts;
	int asks_for_script;
	int truncated; /* a cap of nodes, depth, attributes or work was hit */
};

/* Parses UTF-8. The tree lives in the arena; html is not needed afterwards.
 * 0, or WINNOW_ENOMEM / WINNOW_ETOOBIG. A page that meets a cap keeps what
 * was parsed before it and has truncated set. */
int wn_parse(struct wn_arena *, const char *html, size_t len,
    struct wn_tree **);

/* Value of an attribute of node i, NULL when it is not there. */
const char *wn_attr(const struct wn_tree *, uint32_t i, enum wn_attr_name);

/* First descendant of i with that tag, 0: none. */
uint32_t wn_find(const struct wn_tree *, uint32_t i, enum wn_tag);

/* Text under a node, as it stands. */
static inline struct wn_str
wn_text(const struct wn_tree *t, uint32_t i)
{
	return (struct wn_str){ t->text + t->nodes[i].tbeg,
		t->nodes[i].tend - t->nodes[i].tbeg };
}

#endif
