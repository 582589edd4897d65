/* frontier_view.h - the state as somebody who only looks at it sees it.
 *
 * The same questions to a frontier that this process holds (what is not
 * committed yet is seen too) and to a state on disk, read without its lock
 * beside a daemon or when there is none (the last commit is seen). Nothing is
 * changed, nothing taken into memory; a question costs a few look-ups, or rows
 * of one host up to a bound that its comment names.
 *
 * Answers are copied out: they are valid as long as the caller keeps them. */
#ifndef FRONTIER_VIEW_H
#define FRONTIER_VIEW_H

#include "crawler/frontier.h"

#define VIEW_HOST_MAX 256
#define VIEW_TAGS_MAX 1024
#define VIEW_REASON_MAX 256

struct frontier_view;

/* dir: a state directory. 0; 1: there is no state; or an error with words. */
int frontier_view_open(
    struct frontier_view **, const char *dir, char *err, size_t errlen);
/* Of an open frontier, which must live longer. NULL: no memory. */
struct frontier_view *frontier_view_here(struct frontier *);
void frontier_view_close(struct frontier_view *); /* NULL is fine */

uint64_t view_secret(const struct frontier_view *); /* for winnow_url_key() */

/* ---- a URL -------------------------------------------------------------- */
struct view_url {
	struct winnow_key key, via, requested; /* zero: none */
	char url[WINNOW_URL_MAX + 1];
	char reason[VIEW_REASON_MAX]; /* as it was settled; "" */
	enum url_state state;
	int status, tries, depth, hops, type, priority, own;
	uint32_t seed;
	int64_t changed_ms;
	int remembered;                /* there is a memory */
	struct frontier_memory memory; /* its strings are NULL */
	int64_t again_ms;              /* asked again then; 0: not */
	uint8_t repeats[16];	       /* record that it repeats; zero: none */
	unsigned alike;		       /* thousandths of its text */
	int64_t retry_ms; /* due, and not before then; 0: at its turn, or
			   * behind 100,000 others that wait */
};
/* 1, 0: not stored, or an error. */
int view_url(
    struct frontier_view *, const struct winnow_key *, struct view_url *out);
/* Due rows of its host that come before it; most, when there are so many or
 * more; -1: it is not among them. */
long view_line(struct frontier_view *, const struct winnow_key *, long most);

/* ---- seeds -------------------------------------------------------------- */
struct view_seed {
	uint32_t n;
	char url[WINNOW_URL_MAX + 1], tags[VIEW_TAGS_MAX + 1];
	uint64_t records;
	int64_t last_record_ms, interval_ms;
	uint32_t gap_s;
	int max_depth; /* -1: the configuration's */
	int type, priority;
	int removed; /* it was taken away */
};
uint32_t view_seed_count(struct frontier_view *);
int view_seed(struct frontier_view *, uint32_t n, struct view_seed *out);
/* Seeds whose own address is on that host, into n[]; how many. */
int view_host_seeds(
    struct frontier_view *, uint64_t host, uint32_t *n, int most);
/* Seeds from which addresses on that host were reached; looks at 64 rows. */
int view_host_origins(
    struct frontier_view *, uint64_t host, uint32_t *n, int most);

/* ---- hosts -------------------------------------------------------------- */
struct view_host {
	uint64_t hash;
	char name[VIEW_HOST_MAX]; /* "": not known */
	struct frontier_host host;
	int64_t paused_ms; /* since when the administrator has it paused; 0 */
	int going;	   /* it is being forgotten */
};
int view_host(struct frontier_view *, uint64_t hash, struct view_host *out);
/* By its name in any spelling, or a URL of it. */
int view_host_named(
    struct frontier_view *, const char *name, struct view_host *out);
/* The next hosts in the order of their hashes, *from on, most at a time, while
 * host() says 1; as of the last commit. *from moves behind the last one. 1:
 * there are more, 0: that was all, or an error. */
int view_hosts(struct frontier_view *, uint64_t *from, int most,
    int (*host)(void *arg, const struct view_host *), void *arg);

/* Rules are borrowed until the state changes. */
int view_robots(
    struct frontier_view *, const char *authority, struct frontier_robots *out);
/* What its pages have taught, borrowed likewise. 1, 0: nothing, or an error. */
int view_site(struct frontier_view *, uint64_t host, struct frontier_site *out);
/* How many URLs count for that cap of its host. */
uint32_t view_cap_count(
    struct frontier_view *, uint64_t host, const struct frontier_cap *);

#endif
