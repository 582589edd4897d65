/* schedule.h - when a page is asked again.
 *
 * Policy alone: a page's memory, its host's rhythm and the settings in, the
 * next interval out. No store, no clock: time is an argument, Unix ms.
 *
 * Two kinds of page. A hub (seed, feed, sitemap, list) is asked for what is new
 * on it; an article for whether it is still what it was.
 *
 * Hubs. New articles of a hub are taken for a Poisson process whose rate is
 * estimated from what the asks show, and which breathes with the hours and
 * weekdays of its host. Of all ways to spend a number of requests, the sum of
 * all waits, from publication to our finding it, is least when the interval of
 * a hub goes with 1 / sqrt(rate) (Sia, Cho, Cho: Efficient Monitoring Algorithm
 * for Fast News Alerts, IEEE TKDE 19(7), 2007; there also the process with a
 * daily rhythm). Both at once come from one rule: a hub is asked when the wait
 * that has gathered there, articles expected times the time they have waited,
 * reaches what a request is worth. For a constant rate that is the square root;
 * with a rhythm asks fall behind publishing hours, and nights are slept through.
 *
 * The rate is a Gamma-Poisson estimate that forgets (a steady model: Smith, J.
 * R. Stat. Soc. B 41, 1979): its past is worth some articles, fewer after an
 * answer that contradicts it, so that a burst or a hub that has stopped is
 * believed soon.
 *
 * Articles. Whether it changed is all an ask tells, and nearly all change early
 * or never: the interval grows while it stays as it was and shrinks when it
 * changes (as to estimating change from such answers: Cho, Garcia-Molina,
 * Estimating Frequency of Change, ACM TOIT 3(3), 2003). */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdint.h>

#include "crawler/frontier.h"

#define SCHEDULE_RHYTHM 31 /* 24 hours of the day, 7 days from Sunday; UTC */

/* From [revisit]; ms. */
struct schedule_rules {
	int64_t hub_min, hub_max;
	int64_t hub_pace; /* interval of a hub with an article a day */
	int64_t article_min, article_max;
};

/* A hub was asked and showed `found` addresses that were new to us (its first
 * ask: its past, from which nothing is learnt). m->yield, the articles that
 * landed through it since its last ask, is taken. Updates m, its interval_ms
 * included, and the rhythm of the host. */
void schedule_hub(struct frontier_memory *m, uint8_t rhythm[SCHEDULE_RHYTHM],
    const struct schedule_rules *, uint32_t found, int64_t now_ms);

/* An article was asked: its first time, or again, with other text (changed) or
 * not. */
void schedule_article(struct frontier_memory *m, const struct schedule_rules *,
    int changed, int64_t now_ms);

/* Articles a day at that moment, for one on average. */
double schedule_pulse(const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t ms);
/* From one moment to another in days of average activity: nights and Sundays
 * count little where nothing is published in them. */
double schedule_span(
    const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t from_ms, int64_t to_ms);

#endif
