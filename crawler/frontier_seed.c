/* frontier_seed.c - the seeds, by number and by URL key.
 *
 *	seed	records 8, last_record_ms 6, interval_ms 6, gap_s 4, max_depth 2,
 *		type and removed 1, priority 1, url length 2, tags length 2, url, tags,
 *		charset
 *
 * A seed comes into memory when it is asked for; its strings are promised until
 * the next commit, where a crowd of them (lists have 10^6) is let go. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#include "crawler/silence.h"

#define TAGS_MAX 1024
#define CHARSET_MAX 64
#define SEEDS_KEPT 1024
#define REMOVED 0x80

static char *
seed_copy(char *to, const char *from, size_t n)
{
	memcpy(to, from, n);
	to[n] = '\0';
	return to + n + 1;
}

static struct seed *
seed_make(struct frontier *f, uint32_t n, const struct frontier_seed *in,
    const struct seed_lengths *l)
{
	struct seed *s = malloc(sizeof *s + l->url + l->tags + l->charset + 3);
	char *tags, *charset;

	if (s == NULL || fmap_put(&f->seeds, n, s) != 0) {
		free(s);
		return NULL;
	}
	tags = seed_copy(s->text, in->url, l->url);
	charset = seed_copy(tags, in->tags, l->tags);
	seed_copy(charset, in->charset, l->charset);
	s->seed = *in;
	s->seed.url = s->text;
	s->seed.tags = tags;
	s->seed.charset = charset;
	s->n = n;
	s->dirty = 0;
	return s;
}

int
seed_unpack(const uint8_t *p, size_t n, struct frontier_seed *s,
    struct seed_lengths *l)
{
	if (n < SEED_FIXED)
		return -1;
	l->url = get16(p + 28);
	l->tags = get16(p + 30);
	if (l->url > WINNOW_URL_MAX || l->tags > TAGS_MAX ||
	    l->url + l->tags > n - SEED_FIXED)
		return -1;
	l->charset = n - SEED_FIXED - l->url - l->tags;
	*s = (struct frontier_seed){.records = get64(p),
	    .last_record_ms = (int64_t)get48(p + 8),
	    .interval_ms = (int64_t)get48(p + 14),
	    .gap_s = (uint32_t)get16(p + 20) << 16 | get16(p + 22),
	    .max_depth = get16(p + 24),
	    .type = p[26] & (uint8_t)~REMOVED,
	    .removed = (p[26] & REMOVED) != 0,
	    .priority = (int8_t)p[27],
	    .url = (const char *)p + SEED_FIXED,
	    .tags = (const char *)p + SEED_FIXED + l->url,
	    .charset = (const char *)p + SEED_FIXED + l->url + l->tags};
	return 0;
}

static struct seed *
seed_get(struct frontier *f, uint32_t n)
{
	struct seed *s = fmap_get(&f->seeds, n);
	struct frontier_seed in;
	struct store_bytes v;
	struct seed_lengths l;
	uint8_t key[8];

	if (s != NULL)
		return s;
	put64(key, n);
	if (store_get(f->store, STORE_SEED, key, sizeof key, &v) != 1 ||
	    seed_unpack(v.p, v.n, &in, &l) != 0)
		return NULL;
	return seed_make(f, n, &in, &l);
}

static void
seed_put(struct frontier *f, uint32_t n, const struct frontier_seed *s)
{
	uint8_t key[8],
	    val[SEED_FIXED + WINNOW_URL_MAX + TAGS_MAX + CHARSET_MAX];
	const char *tags = s->tags != NULL ? s->tags : "";
	const char *charset = s->charset != NULL ? s->charset : "";
	struct seed_lengths l = {strnlen(s->url, WINNOW_URL_MAX),
	    strnlen(tags, TAGS_MAX), strnlen(charset, CHARSET_MAX)};

	put64(key, n);
	put64(val, s->records);
	put48(val + 8, (uint64_t)s->last_record_ms);
	put48(val + 14, (uint64_t)s->interval_ms);
	put16(val + 20, s->gap_s >> 16);
	put16(val + 22, s->gap_s);
	put16(val + 24, s->max_depth);
	val[26] = (uint8_t)(s->type | (s->removed ? REMOVED : 0));
	val[27] = (uint8_t)s->priority;
	put16(val + 28, (uint32_t)l.url);
	put16(val + 30, (uint32_t)l.tags);
	memcpy(val + SEED_FIXED, s->url, l.url);
	memcpy(val + SEED_FIXED + l.url, tags, l.tags);
	memcpy(val + SEED_FIXED + l.url + l.tags, charset, l.charset);
	store_put(f->store, STORE_SEED, key, sizeof key, val,
	    SEED_FIXED + l.url + l.tags + l.charset);
}

static void
seed_change(struct frontier *f, struct seed *s)
{
	if (s->dirty)
		return;
	s->dirty = 1;
	s->dirty_next = f->dirty_seeds;
	f->dirty_seeds = s;
	f->ndirty++;
}

static int
same_interval(struct frontier *f, uint32_t n, int64_t interval_ms)
{
	const struct seed *s = fmap_get(&f->seeds, n);
	struct store_bytes v;
	uint8_t key[8];

	if (s != NULL)
		return s->seed.interval_ms == interval_ms;
	put64(key, n);
	return store_get(f->store, STORE_SEED, key, sizeof key, &v) == 1 &&
	       v.n >= SEED_FIXED && (int64_t)get48(v.p + 14) == interval_ms;
}

static int
is_removed(struct frontier *f, uint32_t n)
{
	const struct seed *s = fmap_get(&f->seeds, n);
	struct store_bytes v;
	uint8_t key[8];

	if (s != NULL)
		return s->seed.removed;
	put64(key, n);
	return store_get(f->store, STORE_SEED, key, sizeof key, &v) == 1 &&
	       v.n >= SEED_FIXED && (v.p[26] & REMOVED) != 0;
}

/* Out of memory: its row is about to be another. */
static void
seed_forget(struct frontier *f, uint32_t n)
{
	struct seed *s = fmap_get(&f->seeds, n), **p;

	if (s == NULL)
		return;
	for (p = &f->dirty_seeds; s->dirty && *p != NULL; p = &(*p)->dirty_next)
		if (*p == s) {
			*p = s->dirty_next;
			f->ndirty--;
			break;
		}
	fmap_del(&f->seeds, n);
	free(s);
}

/* It was taken away, and is given again: what it yielded stays with it. */
static uint32_t
seed_again(struct frontier *f, uint32_t n, const struct frontier_seed *in)
{
	const struct seed *was = seed_get(f, n);
	struct frontier_seed s = *in;

	if (was == NULL)
		return 0;
	s.records = was->seed.records;
	s.last_record_ms = was->seed.last_record_ms;
	s.gap_s = was->seed.gap_s;
	s.removed = 0;
	seed_forget(f, n);
	seed_put(f, n, &s);
	f->counts.removed -= f->counts.removed > 0;
	restore_begin(f);
	return n;
}

/* Its line was read again, perhaps with another interval. Lists are long: what
 * has not changed is not taken into memory. */
static uint32_t
seed_known(struct frontier *f, uint32_t n, const struct frontier_seed *in)
{
	struct seed *s;

	if (f->counts.removed > 0 && is_removed(f, n))
		return seed_again(f, n, in);
	if (same_interval(f, n, in->interval_ms) ||
	    (s = seed_get(f, n)) == NULL)
		return n;
	s->seed.interval_ms = in->interval_ms;
	seed_change(f, s);
	return n;
}

uint32_t
frontier_seed_add(struct frontier *f, const struct winnow_key *key,
    const struct frontier_seed *in)
{
	uint8_t bytes[KEY_LEN], number[8];
	struct store_bytes v;
	uint32_t n;
	int rc;

	key_pack(bytes, key);
	rc = store_get(f->store, STORE_SEED_KEY, bytes, sizeof bytes, &v);
	if (rc != 0)
		return rc == 1 && v.n == 8
			   ? seed_known(f, (uint32_t)get64(v.p), in)
			   : 0;
	n = (uint32_t)++f->counts.seeds;
	put64(number, n);
	store_put(f->store, STORE_SEED_KEY, bytes, sizeof bytes, number,
	    sizeof number);
	seed_put(f, n, in);
	return n;
}

uint32_t
frontier_seed_find(
    struct frontier *f, const struct winnow_key *key, int *removed)
{
	uint8_t bytes[KEY_LEN];
	struct store_bytes v;
	uint32_t n;

	*removed = 0;
	key_pack(bytes, key);
	if (store_get(f->store, STORE_SEED_KEY, bytes, sizeof bytes, &v) != 1 ||
	    v.n != 8)
		return 0;
	n = (uint32_t)get64(v.p);
	*removed = f->counts.removed > 0 && is_removed(f, n);
	return n;
}

int
frontier_seed_remove(struct frontier *f, const struct winnow_key *key)
{
	int removed;
	uint32_t n = frontier_seed_find(f, key, &removed);
	struct seed *s = n != 0 && !removed ? seed_get(f, n) : NULL;

	if (s == NULL)
		return 0;
	s->seed.removed = 1;
	seed_change(f, s);
	f->counts.removed++;
	return 1;
}

uint32_t
frontier_seeds_removed(const struct frontier *f)
{
	return (uint32_t)f->counts.removed;
}

int
frontier_seed_get(struct frontier *f, uint32_t n, struct frontier_seed *out)
{
	const struct seed *s = seed_get(f, n);

	if (s != NULL)
		*out = s->seed;
	return s != NULL;
}

uint32_t
frontier_seed_count(const struct frontier *f)
{
	return (uint32_t)f->counts.seeds;
}

void
frontier_seed_yield(struct frontier *f, uint32_t n,
    const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t now_ms)
{
	struct seed *s = seed_get(f, n);
	struct silence heard;

	if (s == NULL)
		return;
	heard = (struct silence){s->seed.last_record_ms, s->seed.gap_s};
	if (rhythm != NULL)
		(void)silence_heard(&heard, rhythm, now_ms);
	s->seed.last_record_ms = heard.last_ms;
	s->seed.gap_s = heard.gap_s;
	s->seed.records++;
	seed_change(f, s);
}

void
seeds_write(struct frontier *f)
{
	struct seed *s;

	while ((s = f->dirty_seeds) != NULL) {
		f->dirty_seeds = s->dirty_next;
		s->dirty = 0;
		f->ndirty--;
		seed_put(f, s->n, &s->seed);
	}
}

void
seeds_settle(struct frontier *f)
{
	if (f->seeds.n > SEEDS_KEPT)
		seeds_clear(f);
}

void
seeds_clear(struct frontier *f)
{
	size_t i;

	for (i = 0; i < f->seeds.room; i++)
		free(f->seeds.slots[i].val);
	fmap_clear(&f->seeds);
}
