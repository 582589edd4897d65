/* Which link comes before which: pairs, not numbers. */
#include "crawler/priority.h"

#include "tests/test.h"

#define DAY ((int64_t)24 * 3600)

static const struct link_rank content = {
    LINK_CONTENT, 1, LINK_AGE_UNKNOWN, 10};

static int8_t
of(enum link_place place, int depth, int64_t age_s)
{
	return link_priority(&(struct link_rank){place, depth, age_s, 10});
}

static void
test_places(void)
{
	TEST("priority: seed, fresh entry, feed or map, content, old, "
	     "navigation, "
	     "guess")
	{
		int8_t in_order[] = {10, of(LINK_FEED, 0, LINK_AGE_UNKNOWN),
		    of(LINK_ENTRY, 1, 5 * DAY),
		    of(LINK_SITEMAP, 0, LINK_AGE_UNKNOWN),
		    of(LINK_ENTRY, 1, 200 * DAY), link_priority(&content),
		    of(LINK_NEXT, 0, LINK_AGE_UNKNOWN),
		    of(LINK_NAV, 1, LINK_AGE_UNKNOWN),
		    of(LINK_GUESS, 0, LINK_AGE_UNKNOWN)};
		size_t i;

		for (i = 1; i < sizeof in_order; i++)
			if (in_order[i] >= in_order[i - 1])
				TEST_FAIL("%zu: %d is not below %d", i,
				    in_order[i], in_order[i - 1]);
	}
	TEST("priority: the younger never comes behind the older")
	{
		int64_t age;
		int8_t last = of(LINK_ENTRY, 1, 0), p;

		for (age = 1; age < 5000 * DAY; age += DAY / 3) {
			p = of(LINK_ENTRY, 1, age);
			CHECK(p <= last);
			last = p;
		}
		CHECK(last < of(LINK_ENTRY, 1, 0));
	}
	TEST("priority: the deeper comes later, to a bound")
	{
		CHECK(of(LINK_CONTENT, 2, -1) < of(LINK_CONTENT, 1, -1));
		CHECK_INT(
		    of(LINK_CONTENT, 1000, -1), of(LINK_CONTENT, 65535, -1));
		/* The deepest content is before the first navigation. */
		CHECK(of(LINK_CONTENT, 65535, -1) > of(LINK_NAV, 1, -1));
	}
}

static void
test_seeds(void)
{
	struct link_rank r = content;

	TEST("priority: a seed's own word lifts its links, never above it")
	{
		int seed;

		for (seed = -100; seed <= 100; seed++) {
			r = (struct link_rank){LINK_FEED, 0, 0, seed};
			if (seed > -100)
				CHECK(link_priority(&r) < seed);
			CHECK(link_priority(&r) >= -100);
		}
		r = content;
		r.seed_priority = 40;
		CHECK(link_priority(&r) > link_priority(&content));
		r.seed_priority = -40;
		CHECK(link_priority(&r) < link_priority(&content));
	}
}

int
main(void)
{
	test_places();
	test_seeds();
	return test_end();
}
