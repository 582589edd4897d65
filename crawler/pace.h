/* pace.h - how long to wait between two commits.
 *
 * A commit costs a part that is the same whatever it holds (the disk's syncs),
 * and a part that grows with it. Only the first is saved by committing more
 * seldom; of the second one gets longer halts instead of more of them. So both
 * are told apart by the commits that there were, and the pause follows the
 * first alone: SHARE times as long, PACE_MOST_MS at most. Pure. */
#ifndef PACE_H
#define PACE_H

#include <stdint.h>

#define PACE_SHARE 25 /* of the time, what syncs may take one part of */
#define PACE_MOST_MS 1000

/* Means over the last commits, the older the less; all zero at first. */
struct pace {
	double size, us, size2, both; /* of s, t, s * s and s * t */
	int n;
};

/* A commit of so many changes has taken so long. */
void pace_took(struct pace *, double changes, double us);
/* What a commit costs however small it is, microseconds. */
double pace_base_us(const struct pace *);
/* The pause; least_ms when no more is needed, or when it is more. */
int64_t pace_ms(const struct pace *, int64_t least_ms);

#endif
