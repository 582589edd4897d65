/* forum_parts.h - what forum.c, forum_lines.c and forum_posts.c share. */
#ifndef WN_FORUM_PARTS_H
#define WN_FORUM_PARTS_H

#include "cleaner/forum.h"

#define WN_FORUM_SLOTS 512

/* What an element of a thread is: forum.def. */
enum wn_forum_what { NOTHING, BODY, DROP, USER };

struct wn_thread {
	uint32_t *body; /* nodes */
	uint32_t n;
	uint32_t above;       /* blocks up to the subject */
	uint32_t first, past; /* blocks: the first body's, behind the last */
	uint8_t *in;          /* block: enum what, NOTHING outside of bodies */
	uint8_t *say;         /* node: bits of enum what its names say */
	uint32_t *place;      /* node: hash of where it stands in its parent and
				 that in its own, and how deep */
	uint32_t *root;       /* block: its body's node */
	uint8_t *same;        /* block: in the same words all over the page */
	uint16_t slot[WN_FORUM_SLOTS]; /* of class_words + 1 */
};

static inline int
wn_forum_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline uint32_t
wn_forum_hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h ^ h >> 15;
}

/* ---- forum_lines.c ------------------------------------------------------ */

/* "2024-05-16 16:12", "3 天前", "2 years ago", "03/12/15 04:39 PM". */
int wn_forum_time(const struct wn_block *);
/* "#12", "12楼", "12 / 30", "+1": numbers and little else. */
int wn_forum_number(const struct wn_block *);
/* Marks lines that stand in the same words, numbers aside, all over the page:
 * "Share a link to this answer", "Posts: 17", "Newcomer". */
void wn_forum_repeats(const struct wn_extractor *, struct wn_thread *);
/* A time, a number, a button, a rank; what repeats. */
int wn_forum_furniture(const struct wn_extractor *, uint32_t block);
/* Reads like text: sentences, or a paragraph that is marked as one. */
int wn_forum_prose(const struct wn_extractor *, uint32_t block);
/* A heading that is the title, a part of it, or says more than it. */
int wn_forum_subject(const struct wn_extractor *, uint32_t block);
/* Blocks up to the first heading with the title: no post is there. */
uint32_t wn_forum_above(const struct wn_extractor *);

#endif
