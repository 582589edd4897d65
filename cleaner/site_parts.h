/* site_parts.h - the memory of a site, for site.c, site_rules.c, site_store.c.
 *
 * Everything lies in one allocation whose parts are sized when it is made, so
 * the bound holds whatever comes:
 *
 *	groups | entries (sets of 8) | past | places (sets of 8) | samples |
 *	keys
 */
#ifndef WN_SITE_PARTS_H
#define WN_SITE_PARTS_H

#include "cleaner/site.h"

#define SITE_WAYS 8
#define SITE_SIG 8

/* A template. Its counts are halved together at SITE_HALF pages. */
struct site_group {
	uint64_t shape; /* 0: free */
	uint32_t pages; /* that count, halved ones included */
	uint32_t last;  /* serial of the latest */
};
#define SITE_HALF 512
#define SITE_OFTEN 3 /* pages, and a third of its template: it repeats */

/* A text in a template. pages 0: free. */
struct site_entry {
	uint32_t text, place; /* place: where it mostly stands */
	uint32_t last;        /* serial of the page that had it last */
	uint16_t pages, same; /* same: of these, at that place */
	uint16_t kept;        /* of these, where the page alone keeps it */
	uint16_t varied;      /* of these, with other digits than before */
	uint16_t edge;        /* of these, among the first or last kept */
	uint16_t crowd;       /* of these, in a row of paragraphs that repeat */
	uint16_t form;        /* of these, a line of a form that is filled in */
	uint16_t exact;
	uint16_t first;                    /* pages of the group when it came */
	uint8_t group, kind, signs, chars; /* signs: of all; chars: up to 255 */
};

/* A place in a template: is it one of paragraphs, or of furniture? */
struct site_place {
	uint32_t place, last;
	uint16_t pages;                /* that have it; 0: free */
	uint16_t blocks, again, links; /* again: of texts known before */
	uint8_t group;
};

/* What a page is known by, so that its copies do not count. */
struct site_past {
	uint32_t title, n;
	uint32_t sig[SITE_SIG]; /* least hashes of what it keeps, ascending */
};

struct site_sample {
	uint32_t text; /* 0: free */
	uint32_t day;  /* since 1970: the last time */
	char s[WN_SITE_SAMPLE];
};

struct winnow_site {
	size_t bytes;
	uint32_t nentries, nplaces, nkeys, npast, nsamples; /* room for */
	uint32_t serial; /* pages that counted, ever */
	uint32_t key_at, past_at;
	uint32_t sum, sum_at; /* of the view, and the serial it came with */
	int fresh;            /* is view[] up to date? */
	size_t view_len;
	struct site_group group[WN_SITE_GROUPS];
	struct site_entry *entry;
	struct site_place *place;
	uint32_t *key;
	struct site_past *past;
	struct site_sample *sample;
	unsigned char view[WN_SITE_VIEW_MAX];
};

struct site_entry *site_find(
    struct winnow_site *, uint32_t text, uint8_t group);
struct site_place *site_find_place(
    struct winnow_site *, uint32_t place, uint8_t group);
/* A row for it, which may have been another's; all but its name is 0. */
struct site_entry *site_add(struct winnow_site *, uint32_t text, uint8_t group);
struct site_place *site_add_place(
    struct winnow_site *, uint32_t place, uint8_t group);

/* Do many pages of a template have a text? */
int site_is_often(struct winnow_site *, uint32_t text, uint8_t group);

/* site_form.c: a page that may fill in a form. */
struct site_form {
	int is;
	uint32_t first, last; /* marks that are told, not printed */
	uint32_t beg, end;    /* a letter's salutation, behind its date */
};
void site_form(struct winnow_site *, const struct wn_lesson *, uint8_t group,
    struct site_form *);
/* Is a mark one of the form's? Words of sites are, between what is told. */
int site_is_of_form(
    const struct site_form *, const struct wn_lesson *, uint32_t mark);

/* site_rules.c: the row by which an entry is taken, -1: none; *any: in all
 * templates. */
int site_rule(struct winnow_site *, const struct site_entry *, int *any);
/* Makes the view. */
void site_refresh(struct winnow_site *);

#endif
