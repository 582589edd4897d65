/* merit.h - of two copies of a text, the better one.
 *
 * What speaks for a record is packed into 32 bits, which are kept beside its
 * text; a worker makes them, and the parent compares. The criteria, the first
 * that tells two copies apart decides:
 *
 *	full	 half as long again: the other one is an excerpt
 *	sound	 no damage is left in the text
 *	whole	 the page was not cut, no part of it is missing
 *	plain	 no mirror's: hardly anything was damaged, nothing rewritten
 *	official who published it (enum merit_official)
 *	home	 the page is no other address's print version or copy
 *	length	 a fifth longer at least
 *	tidy	 nothing was damaged
 *	day	 the earlier day of publication, where both tell one
 *
 * Invariants
 *  Y1  A merit that a page has is neither MERIT_GONE nor MERIT_UNKNOWN.
 *  Y2  No record is better than one of MERIT_UNKNOWN, each is better than one
 *      of MERIT_GONE, and none is better than itself. */
#ifndef MERIT_H
#define MERIT_H

#include <stdint.h>

struct winnow_doc;

#define MERIT_GONE 0u            /* the page of the record is gone */
#define MERIT_UNKNOWN UINT32_MAX /* of a record that was made without */

enum merit_official {
	MERIT_REPRINT,      /* credits another, or is a mirror's */
	MERIT_UNSAID,       /* credits nobody */
	MERIT_PUBLIC_PRINT, /* a public body's or an agency's, crediting another
			     */
	MERIT_OWN,          /* credits itself */
	MERIT_PUBLIC_OWN    /* a public body's or an agency's, and its own */
};

/* url: the address of the page. */
uint32_t merit_of(const struct winnow_doc *, const char *url);
/* Whom the page credits (NULL: nobody), the name of its site, its host. */
enum merit_official merit_official(
    const char *source, const char *sitename, const char *host);
int merit_better(uint32_t a, uint32_t than);
/* The other one is an excerpt of it. */
int merit_longer(uint32_t a, uint32_t than);

#endif
