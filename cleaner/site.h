/* site.h - what many pages of a site teach: the parts of site*.c.
 *
 * A page's blocks become marks, in document order: what a block says and where
 * it stands, as hashes (site_marks.c). Those of a page are its lesson. The
 * memory of a site counts on how many pages each mark stood (site.c) and says
 * which are the site's and not the article's (site_rules.c). These are the
 * view, a few hundred bytes that go along with the next pages, and take their
 * blocks away (site_view.c).
 *
 * Marks, lessons, views and stored memories come from workers, disks and pages
 * and are taken for hostile. Numbers are stored with the low byte first. */
#ifndef WN_SITE_H
#define WN_SITE_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"

struct wn_extractor;
struct wn_arena;

enum wn_sign {
	WN_SIGN_KEPT = 1,     /* the page alone keeps it */
	WN_SIGN_TAKEN = 2,    /* the view that came with the page takes it */
	WN_SIGN_WORDS = 4,    /* words of sites, not of articles */
	WN_SIGN_FORMAL = 8,   /* a formula of letters and notices, a heading
				 inside a text, a signature: text that repeats */
	WN_SIGN_ROW = 16,     /* the row of a table, code */
	WN_SIGN_COUNTS = 32,  /* its numbers may differ: views, dates, issues */
	WN_SIGN_ENDS = 64,    /* with the mark of a sentence */
	WN_SIGN_NUMBER = 128, /* there is one number in it */
};

struct wn_site_mark {
	uint32_t text;  /* its letters; digits are all the same */
	uint32_t place; /* tags, classes and ids down to its element */
	uint16_t exact; /* its digits; 0: it has none */
	uint16_t chars;
	uint8_t link;  /* of 255: how much of it is links */
	uint8_t kind;  /* enum winnow_kind it would be of */
	uint8_t signs; /* enum wn_sign */
};

#define WN_SITE_MARKS 768 /* of a page; of more those in the middle go */
#define WN_SITE_LINKED 90 /* of 255: of a line, where lists are */
#define WN_SITE_SAMPLES 24
#define WN_SITE_SAMPLE 96 /* bytes of a sample, with its NUL */

struct wn_lesson {
	uint64_t shape; /* of the page's template; see wn_shape_like() */
	uint32_t title;
	uint32_t n, nsamples;
	struct wn_site_mark mark[WN_SITE_MARKS];
	struct wn_site_sample {
		uint16_t mark;
		char text[WN_SITE_SAMPLE];
	} sample[WN_SITE_SAMPLES];
};

/* Are two pages of one template? Of eight minima, one a byte, half agree. */
int wn_shape_like(uint64_t a, uint64_t b);

/* A page's lesson as bytes, in the arena; NULL: no memory. */
const void *wn_lesson_pack(
    struct wn_arena *, const struct wn_lesson *, size_t *len);
/* 0, or WINNOW_EINVAL: no lesson. */
int wn_lesson_read(struct wn_lesson *, const void *, size_t len);

/* ---- views -------------------------------------------------------------- */

enum wn_site_why { /* which row of site_rules.c */
	WN_WHY_WORDS,
	WN_WHY_PLACE,
	WN_WHY_OFTEN,
	WN_WHY_LINKS,
	WN_WHY_N
};

#define WN_SITE_GROUPS 8
#define WN_SITE_ANY 255   /* a taken mark of every template */
#define WN_SITE_TAKEN 384 /* rows of a view */

struct wn_site_taken {
	uint32_t text; /* 0: any, of links */
	uint32_t place;
	uint8_t group, kind, why, spare;
};
struct wn_site_view {
	uint32_t ngroups, n;
	uint64_t shape[WN_SITE_GROUPS];        /* 0: none */
	struct wn_site_taken v[WN_SITE_TAKEN]; /* by text, then place */
};

size_t wn_view_pack(const struct wn_site_view *, unsigned char *out);
#define WN_SITE_VIEW_MAX (8 + 8 * WN_SITE_GROUPS + 12 * WN_SITE_TAKEN)
/* 0, or WINNOW_EINVAL. */
int wn_view_read(struct wn_site_view *, const void *, size_t len);

/* Which marks of a page the view takes: sets or clears WN_SIGN_TAKEN, and gives
 * those that are taken their kind. How many. by, if given, has room for each
 * mark: the row of the view that knows it, NULL: none does. */
uint32_t wn_site_judge(const struct wn_site_view *, struct wn_lesson *,
    const struct wn_site_taken **by);

/* ---- on a page ---------------------------------------------------------- */

/* Makes the page's lesson, and takes away what the view that came with it says.
 * kept: units that are kept; *kept is what is left. 0 or an error. */
int wn_site_page(struct wn_extractor *, double *kept);
/* The lesson of an extractor's blocks; at[] names the block of each mark. */
int wn_site_marks(
    const struct wn_extractor *, struct wn_lesson *, uint32_t *at);

/* ---- bytes -------------------------------------------------------------- */

static inline void
wn_put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

static inline uint32_t
wn_get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline void
wn_put16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static inline uint32_t
wn_get16(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

#endif
