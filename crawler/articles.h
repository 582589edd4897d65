/* articles.h - the newest articles, for people who look at the daemon.
 *
 * A ring of fixed memory: what an article was called, whence it came and where
 * its raw page lies, so that it can be explained without a search. The queue is
 * the place for all of them.
 *
 * Invariants
 *  A1  It holds the last ARTICLES_N that landed, and takes no memory beyond
 *      what articles_new() took.
 *  A2  Strings come from the network: they are cut at the end of a character,
 *      and are the reader's to escape. */
#ifndef ARTICLES_H
#define ARTICLES_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/recent.h"

#define ARTICLES_N 100
#define ARTICLE_ID 36 /* "w1-" and 32 digits, and the end */

struct articles;
struct job_article;

struct article {
	char id[ARTICLE_ID];
	uint8_t record[16]; /* the same, as bytes */
	char url[1024];
	int url_cut; /* url is not whole: it leads nowhere */
	char title[304], source[128];
	char date[16]; /* of publication, YYYY-MM-DD; "": not known */
	uint32_t chars;
	int64_t landed_ms;
	/* Of its raw page, as keep.raw says; number 0, name "": not there. */
	struct recent_place recent;
	struct wq_raw_place warc;
};

struct articles *articles_new(void); /* NULL: no memory */
void articles_free(struct articles *);

void articles_add(struct articles *, const char *url,
    const struct job_article *, const struct recent_place *, int64_t now_ms);

/* The ring over a restart, as a file of the state: written at an orderly end
 * and taken away when it is read, so that after a kill the ring begins anew
 * rather than with what is old. Neither is worth an error. */
void articles_save(const struct articles *, const char *state_dir);
void articles_load(struct articles *, const char *state_dir);

/* The record was committed, and its raw page lies there. */
void articles_kept(
    struct articles *, const uint8_t id[16], const struct wq_raw_place *);

/* The n-th newest from 0; NULL: there are fewer. Borrowed until the next
 * articles_add(). */
const struct article *articles_at(const struct articles *, size_t n);
/* The one of that record, NULL: it is not among them. Likewise. */
const struct article *articles_find(const struct articles *, const char *id);

#endif
