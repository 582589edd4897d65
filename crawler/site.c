/* site.c - see site.h. */
#include "crawler/site.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/frontier_map.h"
#include "crawler/log.h"

#define SITES_IDLE (32 << 20) /* bytes of memories that nobody holds */
#define SAVES_A_TURN 4
#define YOUNG_BYTES (16 << 10) /* before YOUNG_PAGES have come: of most hosts */
#define YOUNG_PAGES 3          /* that a crawl meets no more ever do */
#define SAVE_PAGES 16          /* new ones with which a known site is stored, */
#define SAVE_PART 4            /* or a fourth of all, if that is more, */
#define SAVE_MS (10 * 60 * 1000) /* or when the first is so old */

struct sites {
	struct frontier *frontier;
	struct fmap of; /* host to struct site: all that are here */
	struct {        /* nobody holds them; last left, first left */
		struct site *newest, *oldest;
	} idle;
	size_t idle_bytes;
	struct site *due; /* to be stored */
};

struct sites *
sites_new(struct frontier *f)
{
	struct sites *ss = calloc(1, sizeof *ss);

	if (ss != NULL)
		ss->frontier = f;
	return ss;
}

static void
site_free(struct site *s)
{
	winnow_site_free(s->memory);
	free(s);
}

void
sites_free(struct sites *ss)
{
	size_t i;

	if (ss == NULL)
		return;
	for (i = 0; ss->of.n > 0 && i < ss->of.room; i++)
		if (ss->of.slots[i].val != NULL)
			site_free(ss->of.slots[i].val);
	fmap_clear(&ss->of);
	free(ss);
}

/* ---- to the frontier and back ------------------------------------------- */

static void
save(struct sites *ss, const struct config_values *c, struct site *s)
{
	struct frontier_site row = {.learned_ms = s->learned_ms};
	void *bytes;

	if (s->memory == NULL || s->unsaved == 0)
		return;
	if (winnow_site_store(s->memory, &bytes, &row.len) != 0)
		return; /* no memory: the next time */
	row.bytes = bytes;
	frontier_site_put(
	    ss->frontier, s->host, &row, (uint64_t)c->learn_state_bytes);
	free(bytes);
	s->unsaved = 0;
}

static size_t
young_bytes(const struct config_values *c)
{
	return c->learn_bytes < YOUNG_BYTES ? (size_t)c->learn_bytes
					    : YOUNG_BYTES;
}

/* A row that is no memory any more (another version) is none. */
static struct winnow_site *
load(struct sites *ss, const struct config_values *c, uint64_t host)
{
	struct winnow_site *m = NULL;
	struct frontier_site row;

	if (frontier_site_get(ss->frontier, host, &row) &&
	    winnow_site_load(&m, row.bytes, row.len,
		row.len < YOUNG_BYTES / 4 ? young_bytes(c)
					  : (size_t)c->learn_bytes) == 0)
		return m;
	return winnow_site_new(&m, young_bytes(c)) == 0 ? m : NULL;
}

/* It is no longer young: more room, once. Without memory it stays as it is. */
static void
grow(struct site *s, const struct config_values *c)
{
	struct winnow_site *m;
	void *bytes;
	size_t len;

	if (winnow_site_pages(s->memory) < YOUNG_PAGES ||
	    (int64_t)winnow_site_bytes(s->memory) > c->learn_bytes / 2 ||
	    winnow_site_store(s->memory, &bytes, &len) != 0)
		return;
	if (winnow_site_load(&m, bytes, len, (size_t)c->learn_bytes) == 0) {
		winnow_site_free(s->memory);
		s->memory = m;
	}
	free(bytes);
}

static struct winnow_site *
memory_of(struct sites *ss, struct site *s, const struct config_values *c)
{
	if (s->memory == NULL)
		s->memory = load(ss, c, s->host);
	return s->memory;
}

/* ---- who is here -------------------------------------------------------- */

static void
idle_del(struct sites *ss, struct site *s)
{
	*(s->newer != NULL ? &s->newer->older : &ss->idle.newest) = s->older;
	*(s->older != NULL ? &s->older->newer : &ss->idle.oldest) = s->newer;
	s->newer = s->older = NULL;
	ss->idle_bytes -= s->bytes;
}

size_t
site_bytes(const struct site *s)
{
	return sizeof *s +
	       (s->memory != NULL ? winnow_site_bytes(s->memory) : 0);
}

static void
idle_add(struct sites *ss, struct site *s)
{
	s->bytes = site_bytes(s);
	ss->idle_bytes += s->bytes;
	s->older = ss->idle.newest;
	*(s->older != NULL ? &s->older->newer : &ss->idle.oldest) = s;
	ss->idle.newest = s;
}

static void
drop(struct sites *ss, struct site *s)
{
	fmap_del(&ss->of, s->host);
	site_free(s);
}

struct site *
sites_enter(struct sites *ss, uint64_t host)
{
	struct site *s = fmap_get(&ss->of, host);

	if (s == NULL) {
		if ((s = calloc(1, sizeof *s)) == NULL)
			return NULL;
		s->host = host;
		if (fmap_put(&ss->of, host, s) != 0) {
			free(s);
			return NULL;
		}
	} else if (s->refs == 0)
		idle_del(ss, s);
	s->refs++;
	return s;
}

/* K1. What has to be stored first goes with the next turn. */
void
sites_leave(struct sites *ss, struct site *s)
{
	if (--s->refs > 0)
		return;
	if (s->memory == NULL) {
		drop(ss, s);
		return;
	}
	idle_add(ss, s);
}

struct site *
sites_find(struct sites *ss, uint64_t host)
{
	struct site *s = fmap_get(&ss->of, host);

	return s != NULL && s->refs > 0 ? s : NULL;
}

/* ---- what is known, and what is learned --------------------------------- */

const void *
site_view(struct sites *ss, struct site *s, const struct config_values *c,
    size_t *len)
{
	const void *view = NULL;

	*len = 0;
	if (memory_of(ss, s, c) != NULL)
		winnow_site_view(s->memory, &view, len);
	return *len > 0 ? view : NULL;
}

int
site_is_known(struct sites *ss, struct site *s, const struct config_values *c)
{
	return memory_of(ss, s, c) == NULL ||
	       s->news >= (uint64_t)c->learn_wait_pages || /* copies, too */
	       winnow_site_pages(s->memory) >= (uint64_t)c->learn_wait_pages ||
	       winnow_site_settled(s->memory);
}

/* Is it time to store it? As a memory is written anew as a whole, the larger it
 * is the more has to be new. */
static int
is_due(const struct site *s, int64_t now_ms)
{
	uint32_t part = winnow_site_pages(s->memory) / SAVE_PART;

	return s->unsaved >= (part > SAVE_PAGES ? part : SAVE_PAGES) ||
	       now_ms - s->unsaved_ms >= SAVE_MS;
}

static void
save_later(struct sites *ss, struct site *s)
{
	s->is_due = 1;
	s->refs++; /* it stays until then */
	s->due = ss->due;
	ss->due = s;
}

int
site_learn(struct sites *ss, struct site *s, const struct config_values *c,
    const struct job_article *a, const struct winnow_key *key, int64_t now_ms)
{
	if (a->lesson == NULL || memory_of(ss, s, c) == NULL ||
	    winnow_site_knows(s->memory, key->url) ||
	    winnow_site_learn(s->memory, a->lesson, a->lesson_len, key->url,
		now_ms / 1000) < 0)
		return 0;
	grow(s, c);
	s->news++;
	if (s->unsaved++ == 0)
		s->unsaved_ms = now_ms;
	s->learned_ms = now_ms;
	if (!s->is_due && (!site_is_known(ss, s, c) || is_due(s, now_ms)))
		save_later(ss, s);
	return 1;
}

int
site_affects(struct sites *ss, struct site *s, const struct config_values *c,
    const struct job_article *a)
{
	return a->lesson != NULL && memory_of(ss, s, c) != NULL &&
	       winnow_site_affects(s->memory, a->lesson, a->lesson_len);
}

/* ---- turns -------------------------------------------------------------- */

/* How many of those due were stored; the others wait for the next turn. One
 * that is not known yet is due with each page while pages wait: what a kill
 * takes of them is known the next time, and does not wait again. */
static int
save_due(struct sites *ss, const struct config_values *c)
{
	struct site *s;
	int n = 0;

	while (n < SAVES_A_TURN && (s = ss->due) != NULL) {
		ss->due = s->due;
		s->is_due = 0;
		/* a host that was forgotten has nothing to be stored */
		if (s->unsaved > 0 &&
		    (s->held > 0 || is_due(s, s->learned_ms))) {
			save(ss, c, s);
			n++;
		}
		sites_leave(ss, s);
	}
	return n;
}

/* Where more hosts take turns than fit in here each page would cost a row to be
 * written: of a site that is known one in four teaches, then. */
static int
is_worth_it(struct sites *ss, struct site *s, const struct config_values *c)
{
	return !site_is_known(ss, s, c) || s->unsaved >= SAVE_PAGES / 4 ||
	       ((s->host ^ (uint64_t)s->learned_ms) & 3) == 0;
}

void
sites_turn(struct sites *ss, const struct config_values *c)
{
	struct site *s;
	int n = save_due(ss, c);

	while (ss->idle_bytes > SITES_IDLE && n < SAVES_A_TURN) {
		s = ss->idle.oldest;
		if (s->unsaved > 0 && is_worth_it(ss, s, c)) {
			save(ss, c, s);
			n++;
		}
		idle_del(ss, s);
		drop(ss, s);
	}
}

void
sites_save(struct sites *ss, const struct config_values *c)
{
	size_t i;

	for (i = 0; ss->of.n > 0 && i < ss->of.room; i++)
		if (ss->of.slots[i].val != NULL)
			save(ss, c, ss->of.slots[i].val);
}

void
sites_save_host(struct sites *ss, const struct config_values *c, uint64_t host)
{
	struct site *s = fmap_get(&ss->of, host);

	if (s != NULL)
		save(ss, c, s);
}

/* Visits of it that are under way begin anew, too. */
void
sites_forget(struct sites *ss, uint64_t host)
{
	struct site *s = fmap_get(&ss->of, host);

	frontier_site_drop(ss->frontier, host);
	if (s == NULL)
		return;
	s->unsaved = s->news = 0;
	if (s->refs == 0) {
		idle_del(ss, s);
		drop(ss, s);
		return;
	}
	winnow_site_free(s->memory);
	s->memory = NULL;
}
