/* frontier_act.c - what the administrator said and the state keeps: that the
 * crawl is paused, that a host is, that one is to be forgotten.
 *
 *	paused			since 8
 *	host-paused, host 8	since 8, name
 *	host-forget, host 8	since 8, name
 *
 * These are words of STORE_META; they are few, so all of them are in memory. A
 * host of which one is said is held: it keeps its rows and hands out none
 * (frontier_turn.c). Times are the clock's own: they are for people. */
#include "crawler/frontier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSED "paused"

void
act_key(uint8_t key[ACT_KEY], const char *word, uint64_t host)
{
	memcpy(key, word, ACT_WORD);
	put64(key + ACT_WORD, host);
}

/* ---- loading ------------------------------------------------------------ */

struct act_read {
	const char *word;
	struct fmap *into;
	int rc;
};

static int
act_row(void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct act_read *r = arg;
	struct act *a;

	if (key->n != ACT_KEY || memcmp(key->p, r->word, ACT_WORD) != 0)
		return 0;
	if (val->n < 8 || val->n - 8 > HOST_NAME_MAX)
		return 1;
	if ((a = calloc(1, sizeof *a)) == NULL) {
		r->rc = FRONTIER_ENOMEM;
		return 0;
	}
	a->host = get64(key->p + ACT_WORD);
	a->since_ms = (int64_t)get64(val->p);
	memcpy(a->name, val->p + 8, val->n - 8);
	if (fmap_put(r->into, a->host, a) != 0) {
		free(a);
		r->rc = FRONTIER_ENOMEM;
	}
	return r->rc == 0;
}

static int
acts_read(struct frontier *f, const char *word, struct fmap *into)
{
	struct act_read r = {.word = word, .into = into};
	uint8_t from[ACT_KEY];
	int rc;

	act_key(from, word, 0);
	rc = store_scan(f->store, STORE_META, from, sizeof from, act_row, &r);
	return rc != 0 ? rc : r.rc;
}

int
acts_load(struct frontier *f)
{
	struct store_bytes val;
	int rc = store_get(f->store, STORE_META, PAUSED, strlen(PAUSED), &val);

	if (rc < 0)
		return rc;
	f->paused_ms = rc == 1 && val.n == 8 ? (int64_t)get64(val.p) : 0;
	if ((rc = acts_read(f, ACT_PAUSED, &f->paused)) != 0)
		return rc;
	return acts_read(f, ACT_FORGET, &f->forgetting);
}

static void
act_map_clear(struct fmap *m)
{
	size_t i;

	for (i = 0; i < m->room; i++)
		free(m->slots[i].val);
	fmap_clear(m);
}

void
acts_clear(struct frontier *f)
{
	act_map_clear(&f->paused);
	act_map_clear(&f->forgetting);
}

/* ---- one host ----------------------------------------------------------- */

int
act_holds(const struct frontier *f, uint64_t host)
{
	return fmap_get(&f->paused, host) != NULL ||
	       fmap_get(&f->forgetting, host) != NULL;
}

int
act_put(struct frontier *f, const char *word, struct fmap *map, uint64_t host,
    const char *name)
{
	uint8_t key[ACT_KEY], val[8 + HOST_NAME_MAX];
	struct act *a;
	size_t n = strnlen(name, HOST_NAME_MAX);

	if (store_state(f->store) != 0)
		return store_state(f->store);
	if ((a = calloc(1, sizeof *a)) == NULL || fmap_put(map, host, a) != 0) {
		free(a);
		return FRONTIER_ENOMEM;
	}
	a->host = host;
	a->since_ms = time_out(f, f->now);
	memcpy(a->name, name, n);
	act_key(key, word, host);
	put64(val, (uint64_t)a->since_ms);
	memcpy(val + 8, name, n);
	store_put(f->store, STORE_META, key, sizeof key, val, 8 + n);
	act_held(f, host);
	return 1;
}

void
act_del(struct frontier *f, const char *word, struct fmap *map, uint64_t host)
{
	struct act *a = fmap_get(map, host);
	uint8_t key[ACT_KEY];

	act_key(key, word, host);
	store_del(f->store, STORE_META, key, sizeof key);
	fmap_del(map, host);
	free(a);
	act_held(f, host);
}

void
act_held(struct frontier *f, uint64_t host)
{
	struct host_record r;
	char name[HOST_NAME_MAX + 1];
	struct host *h;
	int rc;

	/* host_get() would make one that was never met. */
	if (host_peek(f, host, &r, name) != 1 ||
	    (h = host_get(f, host, &rc)) == NULL)
		return;
	h->held = (uint8_t)act_holds(f, host);
	host_rewind(f, h);
}

/* ---- pauses ------------------------------------------------------------- */

int64_t
frontier_paused(const struct frontier *f)
{
	return f->paused_ms;
}

void
frontier_set_paused(struct frontier *f, int64_t since_ms)
{
	uint8_t val[8];

	if (f->paused_ms == since_ms)
		return;
	f->paused_ms = since_ms;
	put64(val, (uint64_t)since_ms);
	if (since_ms != 0)
		store_put(f->store, STORE_META, PAUSED, strlen(PAUSED), val,
		    sizeof val);
	else
		store_del(f->store, STORE_META, PAUSED, strlen(PAUSED));
}

int
frontier_host_pause(
    struct frontier *f, uint64_t host, const char *name, int64_t now_ms)
{
	see_now(f, now_ms);
	return fmap_get(&f->paused, host) != NULL
		   ? 0
		   : act_put(f, ACT_PAUSED, &f->paused, host, name);
}

int
frontier_host_resume(struct frontier *f, uint64_t host)
{
	if (fmap_get(&f->paused, host) == NULL)
		return 0;
	if (store_state(f->store) != 0)
		return store_state(f->store);
	act_del(f, ACT_PAUSED, &f->paused, host);
	return 1;
}

int64_t
frontier_host_paused(const struct frontier *f, uint64_t host)
{
	const struct act *a = fmap_get(&f->paused, host);

	return a != NULL ? a->since_ms : 0;
}

int
frontier_paused_host(
    const struct frontier *f, uint32_t i, const char **name, int64_t *since_ms)
{
	const struct act *a;
	size_t at;

	for (at = 0; at < f->paused.room; at++) {
		if ((a = f->paused.slots[at].val) == NULL || i-- > 0)
			continue;
		*name = a->name;
		*since_ms = a->since_ms;
		return 1;
	}
	return 0;
}
