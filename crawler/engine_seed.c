/* engine_seed.c - seeds come and go. */
#include "crawler/engine_parts.h"

#include <string.h>

#include "config/config.h"
#include "crawler/seeds.h"

/* A seed whose URL was known: its interval may have become shorter, or it was
 * till now a page like any other. */
static void
engine_recall_seed(
    struct engine *e, const struct winnow_key *key, int64_t interval_ms)
{
	int64_t now = engine_now(e), at;
	struct frontier_memory m;

	if (interval_ms > 0)
		(void)frontier_recall(e->frontier, key, 1, now + interval_ms);
	else if (e->cfg->revisit_hubs &&
		 !frontier_memory_get(e->frontier, key, &m, &at))
		(void)frontier_recall(e->frontier, key, 1, now);
}

int
engine_add_seed(struct engine *e, const struct seed_line *line)
{
	struct frontier_seed s = {.url = line->url->href,
	    .tags = line->tags,
	    .charset = line->charset,
	    .interval_ms = line->interval_ms,
	    .max_depth = line->depth,
	    .type = line->type,
	    .priority = line->priority};
	struct winnow_url canon;
	struct winnow_key key;
	uint32_t n;
	int rc, removed;

	if (winnow_url_canonical(line->url, &canon) != 0)
		return -1;
	key = winnow_url_key(&canon, frontier_seed(e->frontier));
	(void)frontier_seed_find(e->frontier, &key, &removed);
	if ((n = frontier_seed_add(e->frontier, &key, &s)) == 0)
		return -1;
	engine_changed(e);
	rc = visits_add_seed(e->visits, n, s.url, &key, s.type, s.priority);
	if (removed) {
		visits_seed_changed(e->visits, n);
		(void)frontier_recall(e->frontier, &key, 1, engine_now(e));
		return 1;
	}
	if (rc == 0)
		engine_recall_seed(e, &key, s.interval_ms);
	return rc;
}

int
engine_remove_seed(struct engine *e, const struct winnow_url *url)
{
	struct winnow_url canon;
	struct winnow_key key;
	uint32_t n;
	int removed;

	if (winnow_url_canonical(url, &canon) != 0)
		return 0;
	key = winnow_url_key(&canon, frontier_seed(e->frontier));
	n = frontier_seed_find(e->frontier, &key, &removed);
	if (n == 0 || !frontier_seed_remove(e->frontier, &key))
		return 0;
	visits_seed_changed(e->visits, n);
	engine_changed(e);
	return 1;
}
