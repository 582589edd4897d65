/* frontier_robots.c - robots rules by authority.
 *
 *	robots	fetched_ms 8, expires_ms 8, policy 1, rules
 *
 * What frontier_robots_get() gives is promised until the next commit, while a
 * row in the store may move with any change; hence a copy, which serves all
 * questions until then. */
#include "crawler/frontier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define ROBOTS_FIXED 17
#define AUTHORITIES 16 /* of a host, taken out at a time */

struct robots_copy {
	struct robots_copy *next;
	struct frontier_robots robots;
	char *authority;
	uint8_t rules[];
};

/* A longer authority stands under its hash. */
size_t
robots_key(
    uint64_t secret, const char *authority, uint8_t key[ROBOTS_KEY_MAX])
{
	size_t len = strlen(authority);
	XXH128_hash_t h;

	if (len > 0 && len <= ROBOTS_KEY_MAX) {
		memcpy(key, authority, len);
		return len;
	}
	h = XXH3_128bits_withSeed(authority, len, secret);
	key[0] = 0;
	put64(key + 1, h.high64);
	put64(key + 9, h.low64);
	return 17;
}

int
robots_unpack(const uint8_t *p, size_t n, struct frontier_robots *out)
{
	if (n < ROBOTS_FIXED)
		return -1;
	*out = (struct frontier_robots){(int64_t)get64(p),
	    (int64_t)get64(p + 8), p[16], p + ROBOTS_FIXED, n - ROBOTS_FIXED};
	return 0;
}

static struct robots_copy **
chain_of(struct frontier *f, const char *authority)
{
	return &f->robots[XXH3_64bits(authority, strlen(authority)) %
			  ROBOTS_CHAINS];
}

/* In front of its chain: an older copy may still be in use. */
static const struct robots_copy *
copy_add(
    struct frontier *f, const char *authority, const struct frontier_robots *in)
{
	struct robots_copy **chain = chain_of(f, authority);
	struct robots_copy *c = malloc(sizeof *c + in->len);

	if (c == NULL || (c->authority = strdup(authority)) == NULL) {
		free(c);
		return NULL;
	}
	if (in->len > 0)
		memcpy(c->rules, in->rules, in->len);
	c->robots = *in;
	c->robots.rules = c->rules;
	c->next = *chain;
	*chain = c;
	return c;
}

void
robots_forget(struct frontier *f)
{
	struct robots_copy *c;
	int i;

	for (i = 0; i < ROBOTS_CHAINS; i++) {
		while ((c = f->robots[i]) != NULL) {
			f->robots[i] = c->next;
			free(c->authority);
			free(c);
		}
	}
}

int
frontier_robots_get(
    struct frontier *f, const char *authority, struct frontier_robots *out)
{
	const struct robots_copy *c = *chain_of(f, authority);
	struct frontier_robots r;
	struct store_bytes v;
	uint8_t key[ROBOTS_KEY_MAX];
	size_t len;

	while (c != NULL && strcmp(c->authority, authority) != 0)
		c = c->next;
	if (c == NULL) {
		len = robots_key(f->url_seed, authority, key);
		if (store_get(f->store, STORE_ROBOTS, key, len, &v) != 1 ||
		    robots_unpack(v.p, v.n, &r) != 0)
			return 0;
		c = copy_add(f, authority, &r);
	}
	if (c != NULL)
		*out = c->robots;
	return c != NULL;
}

void
frontier_robots_put(
    struct frontier *f, const char *authority, const struct frontier_robots *in)
{
	uint8_t key[ROBOTS_KEY_MAX], *val = malloc(ROBOTS_FIXED + in->len);

	/* Without memory it is as if robots.txt had not been asked for. */
	if (val == NULL)
		return;
	put64(val, (uint64_t)in->fetched_ms);
	put64(val + 8, (uint64_t)in->expires_ms);
	val[16] = (uint8_t)in->policy;
	if (in->len > 0)
		memcpy(val + ROBOTS_FIXED, in->rules, in->len);
	store_put(f->store, STORE_ROBOTS, key, robots_key(f->url_seed, authority, key),
	    val, ROBOTS_FIXED + in->len);
	copy_add(f, authority, in);
	free(val);
}

struct authorities {
	const char *prefix;
	size_t len;
	int n;
	uint8_t key[AUTHORITIES][ROBOTS_KEY_MAX];
	size_t klen[AUTHORITIES];
};

static int
authority_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct authorities *a = arg;

	(void)val;
	if (key->n < a->len || memcmp(key->p, a->prefix, a->len) != 0)
		return 0;
	if (key->n > ROBOTS_KEY_MAX ||
	    (key->n > a->len && key->p[a->len] != ':'))
		return 1; /* another host that begins so */
	memcpy(a->key[a->n], key->p, key->n);
	a->klen[a->n] = key->n;
	return ++a->n < AUTHORITIES;
}

void
robots_drop(struct frontier *f, const char *host)
{
	static const char *const of[] = {
	    "http://", "https://", "http://www.", "https://www."};
	char prefix[HOST_NAME_MAX + 16];
	struct authorities a = {.prefix = prefix};
	size_t i;
	int n;

	robots_forget(f);
	for (i = 0; i < sizeof of / sizeof *of; i += a.n < AUTHORITIES) {
		a.n = 0;
		a.len = (size_t)snprintf(
		    prefix, sizeof prefix, "%s%s", of[i], host);
		if (store_scan(f->store, STORE_ROBOTS, prefix, a.len,
			authority_row, &a) != 0)
			return;
		for (n = 0; n < a.n; n++)
			store_del(
			    f->store, STORE_ROBOTS, a.key[n], a.klen[n]);
	}
}
