/* judge.h - why a URL is where it is, for any URL.
 *
 * What is stored is told as it stands. What is not is judged on the spot, by
 * the functions that the crawl itself uses and in the crawl's order: is it
 * http; is its literal address one that may be asked; whose seed's scope does
 * it fall under, and which rule refuses it there; is a cap reached; what do the
 * robots rules say that are known. What passes all of it has not been linked to
 * yet.
 *
 * Invariants
 *  T1  Every text gets an answer, with exactly one reason of reasons.def where
 *      the state alone does not tell it.
 *  T2  Nothing is changed or asked of the network. The work is bounded: a few
 *      look-ups, JUDGE_SEEDS seeds, the rows of one host. */
#ifndef JUDGE_H
#define JUDGE_H

#include "crawler/frontier_view.h"

struct config;

#define JUDGE_CHAIN 16   /* pages between a URL and its seed that are named */
#define JUDGE_LINE 20000 /* due rows of a host that are counted */
#define JUDGE_SEEDS 4096 /* that are looked at for one whose scope fits */

/* Why a host waits that the administrator has said something of. */
#define JUDGE_PAUSED "winnow host pause was given; winnow host resume goes on"
#define JUDGE_GOING "it is being forgotten"

struct judgement {
	const char *asked;            /* borrowed from the caller */
	char url[WINNOW_URL_MAX + 1]; /* as it would be fetched; "": none */
	char canonical[WINNOW_URL_MAX + 1];
	struct winnow_key key;
	char near[WINNOW_URL_MAX + 8]; /* not stored, but this one is; "" */
	int stored;                    /* row is set */
	struct view_url row;
	const char *reason; /* of reasons.def; NULL: see the state */
	char detail[320];   /* particulars; "" */

	char *via[JUDGE_CHAIN]; /* pages it was found on, nearest first */
	int nvia, via_cut;      /* cut: there are more */
	char *from; /* malloced: the URL that redirected to it; NULL */

	struct view_seed seed; /* n 0: none fits */
	int max_depth;         /* of that seed */
	long seeds_seen;       /* looked at for one that fits */
	int seeds_cut;         /* there are more */

	struct view_host host;        /* hash 0: not known */
	long before;                  /* URLs of its host in line; -1 */
	uint64_t host_cap;            /* URLs of the host at most */
	uint64_t cap_count, cap_most; /* of the cap that refuses; 0 */

	enum {
		JUDGE_ROBOTS_UNKNOWN,
		JUDGE_ROBOTS_ALLOW,
		JUDGE_ROBOTS_DENY,
		JUDGE_ROBOTS_IGNORED
	} robots;
	int robots_line; /* that decided; 0: none */
	int64_t robots_fetched_ms, robots_expires_ms;
	int64_t delay_ms;  /* between two requests to the host */
	const char *waits; /* why the host is not asked now; NULL: it is */
	int64_t waits_until_ms;
};

/* 0, or an error of the frontier. judge_clear() in any case. */
int judge(struct judgement *, struct frontier_view *, const struct config *,
    const char *url, int64_t now_ms);
void judge_clear(struct judgement *);

/* The sentence of a reason of reasons.def; NULL: no such reason. */
const char *judge_words(const char *reason);
/* Of a state. */
const char *judge_state_words(enum url_state);

#endif
