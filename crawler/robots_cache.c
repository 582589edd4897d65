/* robots_cache.c - see robots_cache.h. A direct-mapped table: two authorities
 * that meet in one slot cost a look-up in the store, nothing else. Nor do those
 * that leave when the rules of all take more than BYTES_MAX. */
#include "crawler/robots_cache.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 1024
#define BYTES_MAX (16 << 20) /* of rules; a file may be 1.5 MiB of them */
#define SERVE_STALE_MS (24 * 3600 * 1000LL) /* beyond their own time */
#define ASK_AGAIN_MS (5 * 60 * 1000LL) /* after a failure */

struct slot {
	char *authority; /* NULL: empty */
	struct frontier_robots r;
};

struct robots_cache {
	struct frontier *frontier;
	struct slot slot[SLOTS];
	size_t bytes;
	unsigned hand; /* the slot to be emptied next for want of room */
};

struct robots_cache *
robots_cache_new(struct frontier *f)
{
	struct robots_cache *c = calloc(1, sizeof *c);

	if (c != NULL)
		c->frontier = f;
	return c;
}

static void
slot_clear(struct robots_cache *c, struct slot *s)
{
	c->bytes -= s->r.len;
	free(s->authority);
	free((void *)(uintptr_t)s->r.rules);
	memset(s, 0, sizeof *s);
}

void
robots_cache_clear(struct robots_cache *c)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		slot_clear(c, &c->slot[i]);
}

void
robots_cache_free(struct robots_cache *c)
{
	if (c == NULL)
		return;
	robots_cache_clear(c);
	free(c);
}

static struct slot *
slot_of(struct robots_cache *c, const char *authority)
{
	unsigned h = 2166136261u;

	for (; *authority != '\0'; authority++)
		h = (h ^ (unsigned char)*authority) * 16777619u;
	return &c->slot[(h ^ h >> 15) % SLOTS];
}

static int
slot_fill(struct robots_cache *c, struct slot *s, const char *authority,
    const struct frontier_robots *r)
{
	void *rules = malloc(r->len > 0 ? r->len : 1);
	char *name = strdup(authority);

	if (rules == NULL || name == NULL) {
		free(rules);
		free(name);
		return -1;
	}
	if (r->len > 0)
		memcpy(rules, r->rules, r->len);
	slot_clear(c, s);
	while (c->bytes > 0 && c->bytes + r->len > BYTES_MAX)
		slot_clear(c, &c->slot[c->hand++ % SLOTS]);
	s->authority = name;
	s->r = *r;
	s->r.rules = rules;
	c->bytes += r->len;
	return 0;
}

/* The slot of an authority, filled from the store if need be; NULL: unknown. */
static struct slot *
slot_load(struct robots_cache *c, const char *authority)
{
	struct slot *s = slot_of(c, authority);
	struct frontier_robots r;

	if (s->authority != NULL && strcmp(s->authority, authority) == 0)
		return s;
	if (frontier_robots_get(c->frontier, authority, &r) != 1 ||
	    (r.policy == ROBOTS_PARSE && !robots_check(r.rules, r.len)))
		return NULL;
	return slot_fill(c, s, authority, &r) == 0 ? s : NULL;
}

const struct frontier_robots *
robots_cache_get(struct robots_cache *c, const char *authority, int64_t now_ms)
{
	struct slot *s = slot_load(c, authority);

	return s != NULL && now_ms < s->r.expires_ms ? &s->r : NULL;
}

int
robots_cache_put(struct robots_cache *c, const char *authority,
    enum robots_policy policy, const void *rules, size_t len, int64_t now_ms,
    int64_t max_age_ms)
{
	struct slot *s = slot_load(c, authority);
	struct frontier_robots r = { .fetched_ms = now_ms,
		.expires_ms = now_ms + max_age_ms,
		.policy = policy,
		.rules = rules,
		.len = len };

	if (policy == ROBOTS_DISALLOW_ALL) {
		if (s == NULL || s->r.policy == ROBOTS_DISALLOW_ALL ||
		    now_ms - s->r.fetched_ms > max_age_ms + SERVE_STALE_MS)
			return 0;
		s->r.expires_ms = now_ms + ASK_AGAIN_MS;
		frontier_robots_put(c->frontier, authority, &s->r);
		return 1;
	}
	frontier_robots_put(c->frontier, authority, &r);
	(void)slot_fill(c, slot_of(c, authority), authority, &r);
	return 0;
}

int
robots_authority(const char *url, char *out, size_t cap)
{
	const char *p = strstr(url, "://");
	size_t n;

	if (p == NULL)
		return -1;
	n = (size_t)(p - url) + 3;
	n += strcspn(p + 3, "/?#");
	if (n >= cap)
		return -1;
	memcpy(out, url, n);
	out[n] = '\0';
	return 0;
}
