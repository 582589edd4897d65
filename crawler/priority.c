/* priority.c - see priority.h.
 *
 * The numbers stand in relation to each other only: a day-old entry before a
 * link of the content, that before an entry of last decade; a feed, which names
 * what is new, before any page but the freshest; a list's further pages behind
 * the articles of the pages before them; navigation behind everything that is
 * content, and a guess behind all that somebody named. */
#include "crawler/priority.h"

#include <stddef.h>

#include "crawler/seeds.h"

#define DAY_S (24 * 3600)
#define DEPTH_MOST 8 /* deeper makes no difference */
#define LINK_LEAST (-100)

static const int8_t places[LINK_PLACES] = {
    [LINK_NAV] = -12,
    [LINK_CONTENT] = 1,
    [LINK_ENTRY] = 3,
    [LINK_FRAME] = 2,
    [LINK_NEXT] = -1,
    [LINK_FEED] = 8,
    [LINK_SITEMAP] = 6,
    [LINK_GUESS] = -30,
};

/* The first row that is not younger counts. */
static const struct {
	int64_t age_s;
	int8_t points;
} ages[] = {
    {1 * DAY_S, 6},
    {7 * DAY_S, 5},
    {31 * DAY_S, 3},
    {366 * DAY_S, 1},
    {3 * 366 * DAY_S, 0},
    {INT64_MAX, -2},
};

static int
age_points(int64_t age_s)
{
	size_t i = 0;

	if (age_s < 0)
		return 0;
	while (age_s > ages[i].age_s)
		i++;
	return ages[i].points;
}

int
link_points(const struct link_rank *r)
{
	return places[r->place] + age_points(r->age_s) -
	       (r->depth < DEPTH_MOST ? r->depth : DEPTH_MOST) +
	       (r->seed_priority - SEEDS_PRIORITY) / 2;
}

int8_t
link_priority(const struct link_rank *r)
{
	int most = r->seed_priority - 1, p = link_points(r);

	if (p > most)
		p = most;
	return (int8_t)(p < LINK_LEAST ? LINK_LEAST : p);
}
