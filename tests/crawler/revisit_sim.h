/* revisit_sim.h - a year of sites that publish, and of a crawler that asks
 * them.
 *
 * The sites are drawn from a seed: rates spread over decades (lognormal), some
 * in office hours and holidays, some that stop, some that burst; each with
 * several hubs: a front page, sections that show a part, sometimes a feed,
 * hubs that are dead, and sometimes one that shows new addresses without
 * articles. A hub shows its latest entries only.
 *
 * The crawler is schedule.c alone, fed with what an ask shows: addresses that
 * are new to it, and later how many of them were articles and no repeats. Its
 * yardstick asks every hub at one fixed interval and is told nothing either.
 * Included by the test (small) and the benchmark (large). */
#ifndef REVISIT_SIM_H
#define REVISIT_SIM_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/schedule.h"

#define SIM_HUBS 9
#define SIM_DAY 86400000.0
#define SIM_DAYS 365
#define SIM_START 1735689600000LL /* 2025-01-01, a Wednesday */

struct sim_article {
	double at;     /* days from the start */
	uint16_t hubs; /* that show it */
	uint8_t repeat, found;
};

enum sim_habit { SIM_STEADY, SIM_WAKING, SIM_OFFICE };

struct sim_site {
	double rate; /* articles a day on an average day */
	enum sim_habit habit;
	double zone;      /* days that its clock is ahead */
	double stops;     /* day; SIM_DAYS: never */
	double bursts[3]; /* first days of three days of ten times as many */
	struct sim_article *articles;
	size_t n;
	uint8_t rhythm[SCHEDULE_RHYTHM];
};

struct sim_hub {
	struct sim_site *site;
	int bit;       /* in sim_article.hubs; -1: it never shows any */
	double junk;   /* addresses without an article, a day */
	size_t latest; /* entries that it shows */
	size_t read;   /* articles of its site before this are settled */
	double next, junk_read;
	struct frontier_memory memory;
};

struct sim {
	uint64_t random;
	struct sim_site *sites;
	struct sim_hub *hubs;
	size_t nsites, nhubs, nnew; /* nnew: articles that are no repeats */
};

struct sim_result {
	double requests, median, p90, mean; /* delays in days */
	size_t found, missed;
};

static inline double
sim_uniform(struct sim *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static inline double
sim_normal(struct sim *s)
{
	double u = sim_uniform(s), v = sim_uniform(s);

	return sqrt(-2 * log(u + 1e-300)) * cos(2 * 3.14159265358979 * v);
}

/* Articles a day at that moment, for one on an average day. */
static inline double
sim_habit_at(const struct sim_site *site, double t)
{
	double local = t + site->zone, hour = (local - floor(local)) * 24;
	int day = (int)floor(local), weekday = (day + 3) % 7; /* 0: Sunday */
	int weekend = weekday == 0 || weekday == 6, i;
	double x = 1;

	if (site->habit == SIM_OFFICE) {
		x = hour < 8.5 || hour > 18  ? 0.03
		    : hour > 12 && hour < 14 ? 1.5
					     : 3.6;
		x *= weekend ? 0.05 : 1.35;
		if ((day >= 28 && day < 36) || (day >= 273 && day < 281))
			x *= 0.03; /* holidays */
	} else if (site->habit == SIM_WAKING)
		x = hour < 6 ? 0.15 : hour < 8 ? 0.8 : hour < 22 ? 1.5 : 0.7;
	for (i = 0; i < 3; i++)
		if (t >= site->bursts[i] && t < site->bursts[i] + 3)
			x *= 10;
	return t < site->stops ? x : 0;
}

static inline void
sim_publish(struct sim *s, struct sim_site *site, double t, int nsections)
{
	static size_t room;
	struct sim_article *a;

	if (site->n == 0)
		room = 0;
	if (site->n == room) {
		room = room != 0 ? room * 2 : 64;
		site->articles =
		    realloc(site->articles, room * sizeof *site->articles);
	}
	a = &site->articles[site->n++];
	a->at = t;
	a->hubs = (uint16_t)(4 << (int)(sim_uniform(s) * nsections));
	a->hubs |= sim_uniform(s) < 0.8 ? 1 : 0;  /* the front page */
	a->hubs |= sim_uniform(s) < 0.95 ? 2 : 0; /* the feed */
	a->repeat = sim_uniform(s) < 0.05;
	a->found = 0;
	s->nnew += !a->repeat;
}

static inline void
sim_site_make(
    struct sim *s, struct sim_site *site, double spread, int nsections)
{
	double most = 50, t = 0, kind = sim_uniform(s);
	int i;

	memset(site, 0, sizeof *site);
	site->rate = exp(spread * sim_normal(s));
	site->rate = fmin(fmax(site->rate, 0.01), 200);
	site->habit = kind < 0.5   ? SIM_OFFICE
		      : kind < 0.8 ? SIM_WAKING
				   : SIM_STEADY;
	site->zone = sim_uniform(s) < 0.6 ? 8.0 / 24 : sim_uniform(s);
	site->stops =
	    sim_uniform(s) < 0.1 ? sim_uniform(s) * SIM_DAYS : SIM_DAYS;
	for (i = 0; i < 3; i++)
		site->bursts[i] = kind > 0.45 && kind < 0.55
				      ? sim_uniform(s) * SIM_DAYS
				      : 2.0 * SIM_DAYS;
	/* Thinning (Lewis, Shedler). */
	while ((t -= log(1 - sim_uniform(s)) / (site->rate * most)) < SIM_DAYS)
		if (sim_uniform(s) * most < sim_habit_at(site, t))
			sim_publish(s, site, t, nsections);
}

static inline void
sim_hub_add(
    struct sim *s, struct sim_site *site, int bit, size_t latest, double junk)
{
	s->hubs[s->nhubs++] = (struct sim_hub){.site = site,
	    .bit = bit,
	    .latest = latest,
	    .junk = junk,
	    .next = sim_uniform(s)};
}

/* spread: of the logarithm of the rates; their median is one article a day. */
static inline void
sim_make(struct sim *s, size_t nsites, double spread, uint64_t seed)
{
	size_t i;
	int k, nsections;

	memset(s, 0, sizeof *s);
	s->random = seed;
	s->nsites = nsites;
	s->sites = calloc(nsites, sizeof *s->sites);
	s->hubs = calloc(nsites * SIM_HUBS, sizeof *s->hubs);
	for (i = 0; i < nsites; i++) {
		struct sim_site *site = &s->sites[i];

		nsections = 2 + (int)(sim_uniform(s) * 3);
		sim_site_make(s, site, spread, nsections);
		sim_hub_add(s, site, 0, 30, 0);
		if (sim_uniform(s) < 0.5)
			sim_hub_add(s, site, 1, 15, 0);
		for (k = 0; k < nsections; k++)
			sim_hub_add(s, site, 2 + k, 20, 0);
		for (k = 0; k < 2; k++)
			sim_hub_add(s, site, -1, 20, 0);
		if (sim_uniform(s) < 0.2)
			sim_hub_add(s, site, -1, 20, 2 * sim_uniform(s));
	}
}

static inline void
sim_free(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->nsites; i++)
		free(s->sites[i].articles);
	free(s->sites);
	free(s->hubs);
}

static inline int
sim_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline void
sim_delays(struct sim_result *r, double *delays, size_t n, size_t nnew)
{
	size_t i;

	qsort(delays, n, sizeof *delays, sim_compare);
	r->found = n;
	r->missed = nnew - n;
	r->median = n > 0 ? delays[n / 2] : 0;
	r->p90 = n > 0 ? delays[n * 9 / 10] : 0;
	for (r->mean = 0, i = 0; i < n; i++)
		r->mean += delays[i] / (double)n;
	free(delays);
}

/* ---- our schedule ------------------------------------------------------- */

/* What an ask at `now` shows: addresses not yet known. Of them *landed are
 * articles and no repeats; their delays are noted. */
static inline uint32_t
sim_ask(
    struct sim_hub *h, double now, uint32_t *landed, double *delays, size_t *n)
{
	struct sim_site *site = h->site;
	size_t i = h->read, end, shown = 0;
	uint32_t found = 0;

	*landed = 0;
	for (end = i; end < site->n && site->articles[end].at <= now; end++)
		;
	h->read = end;
	for (; end > i && shown < h->latest; end--) {
		struct sim_article *a = &site->articles[end - 1];

		if (h->bit < 0 || !(a->hubs >> h->bit & 1))
			continue;
		shown++;
		if (a->found)
			continue;
		a->found = 1;
		found++;
		if (a->repeat)
			continue;
		++*landed;
		delays[(*n)++] = now - a->at;
	}
	end = (size_t)((now - h->junk_read) * h->junk);
	h->junk_read += h->junk > 0 ? (double)end / h->junk : 0;
	return found + (uint32_t)end;
}

static inline void
sim_heap_down(struct sim_hub **heap, size_t n, size_t i)
{
	struct sim_hub *h = heap[i];
	size_t c;

	for (; (c = 2 * i + 1) < n; i = c) {
		c += c + 1 < n && heap[c + 1]->next < heap[c]->next;
		if (h->next <= heap[c]->next)
			break;
		heap[i] = heap[c];
	}
	heap[i] = h;
}

static inline void
sim_ours(
    struct sim *s, const struct schedule_rules *rules, struct sim_result *r)
{
	struct sim_hub **heap = malloc(s->nhubs * sizeof(struct sim_hub *));
	double *delays = malloc((s->nnew + 1) * sizeof *delays);
	size_t i, n = 0;

	memset(r, 0, sizeof *r);
	for (i = 0; i < s->nhubs; i++)
		heap[i] = &s->hubs[i];
	for (i = s->nhubs; i-- > 0;)
		sim_heap_down(heap, s->nhubs, i);
	while (s->nhubs > 0 && heap[0]->next < SIM_DAYS) {
		struct sim_hub *h = heap[0];
		uint32_t landed,
		    found = sim_ask(h, h->next, &landed, delays, &n);

		schedule_hub(&h->memory, h->site->rhythm, rules, found,
		    SIM_START + (int64_t)(h->next * SIM_DAY));
		h->memory.yield = (uint16_t)landed;
		h->next += (double)h->memory.interval_ms / SIM_DAY;
		r->requests++;
		sim_heap_down(heap, s->nhubs, 0);
	}
	free(heap);
	sim_delays(r, delays, n, s->nnew);
}

/* ---- the yardstick ------------------------------------------------------ */

/* Every hub each `interval` days, at a phase of its own. What scrolled off a
 * hub between two asks is not held against it. */
static inline void
sim_fixed(struct sim *s, double interval, struct sim_result *r)
{
	double *delays = malloc((s->nnew + 1) * sizeof *delays), *phase;
	size_t i, k, h, n = 0, from = 0;

	memset(r, 0, sizeof *r);
	phase = malloc(s->nhubs * sizeof *phase);
	for (i = 0; i < s->nhubs; i++)
		phase[i] = interval * fmod((double)i * 0.618033988749895, 1);
	for (i = 0; i < s->nsites; i++) {
		const struct sim_site *site = &s->sites[i];

		for (k = 0; k < site->n; k++) {
			const struct sim_article *a = &site->articles[k];
			double best = 1e9, t;

			for (h = from; h < s->nhubs && s->hubs[h].site == site;
			     h++) {
				if (s->hubs[h].bit < 0 ||
				    !(a->hubs >> s->hubs[h].bit & 1))
					continue;
				t = ceil((a->at - phase[h]) / interval);
				t = phase[h] + t * interval;
				best = t < best ? t : best;
			}
			if (!a->repeat && best < SIM_DAYS)
				delays[n++] = best - a->at;
		}
		while (from < s->nhubs && s->hubs[from].site == site)
			from++;
	}
	free(phase);
	r->requests = (double)s->nhubs * SIM_DAYS / interval;
	sim_delays(r, delays, n, s->nnew);
}

/* The fixed interval whose median delay is that one. */
static inline double
sim_fixed_like(struct sim *s, double median, struct sim_result *r)
{
	double low = 1e-4, high = 30, mid = 1;
	int i;

	for (i = 0; i < 24; i++) {
		mid = sqrt(low * high);
		sim_fixed(s, mid, r);
		*(r->median < median ? &low : &high) = mid;
	}
	return mid;
}

#endif
