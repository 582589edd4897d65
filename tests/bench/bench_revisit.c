/* bench_revisit.c - what coming back costs, and what it brings.
 *
 * A simulated year (tests/crawler/revisit_sim.h) of sites whose rates of
 * publication are known, asked by our schedule and by a fixed interval: tuned
 * to the same median delay, then to the same number of requests. A delay is
 * the time from publication to the ask that shows the article. The requests
 * for the articles themselves are the same for both, and not counted. */
#include <stdio.h>
#include <time.h>

#include "tests/crawler/revisit_sim.h"

enum { SITES = 150 };
static const double hour = 3600e3;

static void
row(const char *name, const struct sim_result *r)
{
	printf("  %-34s %8.2f %9.0f %9.0f %9.0f\n", name,
	    r->requests / (double)r->found, r->median * 1440, r->p90 * 1440,
	    r->mean * 1440);
}

static void
world(double spread, double pace_hours)
{
	struct schedule_rules rules = {.hub_min = (int64_t)(hour / 12),
	    .hub_max = (int64_t)(7 * 24 * hour),
	    .hub_pace = (int64_t)(pace_hours * hour)};
	struct sim_result ours, same, cost;
	struct sim s;
	double took, fixed;
	char name[64];

	sim_make(&s, SITES, spread, 1);
	took = (double)clock();
	sim_ours(&s, &rules, &ours);
	took = ((double)clock() - took) / CLOCKS_PER_SEC;
	fixed = sim_fixed_like(&s, ours.median, &same);
	sim_fixed(&s, (double)s.nhubs * SIM_DAYS / ours.requests, &cost);
	printf("rates spread by e^%.1f: %zu sites, %zu hubs, %zu articles\n",
	    spread, s.nsites, s.nhubs, s.nnew);
	snprintf(name, sizeof name, "schedule, hub_pace %.0fh", pace_hours);
	row(name, &ours);
	snprintf(
	    name, sizeof name, "every %.0f min: same median", fixed * 1440);
	row(name, &same);
	snprintf(name, sizeof name, "every %.0f min: same cost",
	    (double)s.nhubs * SIM_DAYS / ours.requests * 1440);
	row(name, &cost);
	printf("  %.1fx fewer requests for the same median delay; at the same "
	       "cost 1/%.1f of it; %.2f us an ask\n",
	    same.requests / ours.requests, cost.median / ours.median,
	    took / ours.requests * 1e6);
	sim_free(&s);
}

int
main(void)
{
	printf("revisit: a year\n  %-34s %8s %9s %9s %9s\n", "",
	    "requests", "median", "90 %", "mean");
	printf("  %-34s %8s %9s %9s %9s\n", "", "/article", "delay min",
	    "min", "min");
	world(1, 4);
	world(1.5, 4);
	world(2, 2);
	world(2, 4);
	world(2, 8);
	return 0;
}
