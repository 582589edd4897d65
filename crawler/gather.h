/* gather.h - the pages of one article are gathered, joined, and land as one
 * record.
 *
 *	page 1 read -----> parts asked for --> they come, or fail --> joined
 *	part read first -> waits, page 1 asked for --^                |
 *	                                                            lands
 *
 * Parts are URLs of the frontier like any other, so robots, scope, politeness
 * and the log are what they always are. A page that is waited for does not land
 * when it has been read: its visit waits with its lease and its body. When none
 * is awaited any more a worker joins what there is; the record lands under the
 * first page's address, and all of them are settled in its transaction.
 *
 * Invariants
 *  G1  A page is in at most one gathering (visit.gather), and its visit ends in
 *      one of the ways of V1, whatever becomes of the gathering.
 *  G2  Nothing is written before the record: after a kill all are due again.
 *  G3  A part is settled with the record that has its text, or lands by itself.
 *  G4  A gathering ends: nobody waits for a page that is not due, and not for
 *      longer than WAIT_MS after the last page came; then what is there lands
 *      as `truncated`. At most HELD_MOST pages of HELD_BYTES wait; the oldest
 *      lands first.
 *  G5  An article is on one host, and has at most fetch.max_parts pages. */
#ifndef GATHER_H
#define GATHER_H

#include <stddef.h>

struct job_article;
struct pool_job;
struct visit;
struct visits;
struct winnow_key;

/* A page has been read, and is none of a joined article. 1: it is gathered;
 * follow its links, and then call gather_go(), which may end the visit. 0: it
 * lands by itself. */
int gather_take(struct visit *, const struct job_article *);
void gather_go(struct visit *);
/* Is this a link to a page of the article that is being gathered? */
int gather_has(const struct visit *, const struct winnow_key *);
/* Does an article wait for that page? */
int gather_awaits(struct visits *, const struct winnow_key *);

/* Fills in the body of the job that joins; 0, or -1: no memory. */
int gather_job(struct visit *first, struct pool_job *);
/* They are joined: 1: the article waits for others instead; 0: it lands. */
int gather_joined(struct visit *first, const struct job_article *);
/* No worker can join them: each lands by itself. */
void gather_failed(struct visit *first);

/* A visit is about to end: settled (or its line is in the outlet: landed), or
 * its URL stays due. */
void gather_settled(struct visit *, int failed);
void gather_landed(struct visit *);
void gather_released(struct visit *);

/* Ends all that still wait for a page: their URLs stay due. */
void gather_cancel(struct visits *);
void gather_free(struct visits *);
/* Pages that wait for others of their article. */
size_t gather_waiting(const struct visits *);

#endif
