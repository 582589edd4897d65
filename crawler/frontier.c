/* frontier.c - which URL may be asked for next.
 *
 * The invariants F1-F5 stand in frontier.h. How they are held:
 *
 *  F1  host_place() alone moves a host (frontier_host.c).
 *  F2  A lease takes a slot of its host in frontier_next(); host_done() or the
 *      end of the lease gives it back, once.
 *  F3  settle() only puts into the open transaction; frontier_commit() adds
 *      the queue position to the same one.
 *  F4  A lease leaves its row in `due` where it is; settle and retry take it
 *      out. So nothing has to be undone after a kill.
 *  F5  The URL table is asked by the add itself (store_add). The known cache
 *      only spares the question; what it does not know is asked.
 *  F6  Times of the caller become the frontier's own at each entry: the
 *      clock's plus skew. When the clock is found behind the largest time seen
 *      (also by the process before, which stored it), skew grows by as much.
 *      A clock that went ahead and came back so costs no host a wait. What
 *      cannot be told is a clock that is put ahead: waits end early then.
 *
 * Where a call has no now_ms, the largest one given so far stands for it. */
#include "crawler/frontier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ACTIVE_HOSTS 4096
#define HOST_CAP 100000
#define BACK_MS 1000 /* a clock may be read a little late */

static const char *const state_names[URL_STATE_N] = {
    [URL_DUE] = "due",
    [URL_DONE] = "done",
    [URL_NO_ARTICLE] = "no-article",
    [URL_REDIRECTED] = "redirected",
    [URL_GONE] = "gone",
    [URL_REFUSED] = "refused",
    [URL_FAILED] = "failed",
    [URL_ROBOTS_DENY] = "robots-deny",
    [URL_GUARDED] = "guarded",
    [URL_TOO_BIG] = "too-big",
    [URL_BAD_TYPE] = "bad-type",
    [URL_BAD_REDIRECT] = "bad-redirect",
    [URL_POISON] = "poison",
    [URL_NOINDEX] = "noindex",
    [URL_CAPPED] = "capped",
    [URL_DROPPED] = "dropped",
};

const char *
url_state_name(enum url_state state)
{
	return (unsigned)state < URL_STATE_N ? state_names[state] : "?";
}

const char *
frontier_strerror(int err)
{
	switch (err) {
	case FRONTIER_OK:
		return "ok";
	case FRONTIER_EIO:
		return "cannot read or write the state";
	case FRONTIER_ENOSPC:
		return "no space for the state";
	case FRONTIER_ELOCKED:
		return "another process has this state";
	case FRONTIER_EVERSION:
		return "state of another version, or damaged";
	case FRONTIER_ENOMEM:
		return "no memory";
	case FRONTIER_ECAP:
		return "a cap of its host or family is reached";
	default:
		return "unknown error";
	}
}

/* ---- time --------------------------------------------------------------- */

int64_t
time_in(const struct frontier *f, int64_t ms)
{
	ms = ms < TIME_MAX - f->counts.skew ? ms + f->counts.skew : TIME_MAX;
	return ms > 0 ? ms : 0;
}

int64_t
time_out(const struct frontier *f, int64_t ms)
{
	return ms > 0 ? ms - f->counts.skew : 0;
}

void
see_now(struct frontier *f, int64_t now_ms)
{
	int64_t now = time_in(f, now_ms);

	if (now > f->now)
		f->now = now;
	else if (now < f->now - BACK_MS)
		f->counts.skew += f->now - now;
}

/* ---- opening ------------------------------------------------------------ */

int
meta_get(struct store *s, const char *word, void *out, size_t len)
{
	struct store_bytes val;
	int rc = store_get(s, STORE_META, word, strlen(word), &val);

	if (rc == 1)
		memcpy(out, val.p, val.n < len ? val.n : len);
	return rc;
}

static void
meta_put(struct store *s, const char *word, const void *val, size_t len)
{
	store_put(s, STORE_META, word, strlen(word), val, len);
}

static int
state_make(struct frontier *f)
{
	uint32_t format = STATE_FORMAT, mark;
	time_t t = (time_t)(f->now / 1000);
	struct tm tm;

	if (getrandom(&f->url_seed, sizeof f->url_seed, 0) !=
		sizeof f->url_seed ||
	    getrandom(&mark, sizeof mark, 0) != sizeof mark)
		return FRONTIER_EIO;
	if (gmtime_r(&t, &tm) == NULL)
		return FRONTIER_EIO;
	strftime(f->name, sizeof f->name, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(f->name + strlen(f->name), 10, "-%08x", mark);
	meta_put(f->store, "url-seed", &f->url_seed, sizeof f->url_seed);
	meta_put(f->store, "name", f->name, strlen(f->name));
	meta_put(f->store, "format", &format, sizeof format);
	return store_commit(f->store);
}

/* A position grows with versions: what an older one stored is shorter, its
 * rest zero. What a newer one knows and this does not could not be kept. */
static int
pos_load(struct frontier *f)
{
	struct store_bytes val;
	int rc = store_get(f->store, STORE_META, "pos", 3, &val);

	if (rc == 1 && val.n > sizeof f->pos)
		return FRONTIER_EVERSION;
	if (rc == 1)
		memcpy(&f->pos, val.p, val.n);
	return rc;
}

static int
state_load(struct frontier *f)
{
	uint32_t format = 0;
	int rc = meta_get(f->store, "format", &format, sizeof format);
	int64_t now;

	if (rc == 0)
		return state_make(f);
	if (rc < 0)
		return rc;
	if (format != STATE_FORMAT)
		return FRONTIER_EVERSION;
	if ((rc = meta_get(
		 f->store, "url-seed", &f->url_seed, sizeof f->url_seed)) < 0 ||
	    (rc = meta_get(f->store, "name", f->name, sizeof f->name - 1)) <
		0 ||
	    (rc = meta_get(f->store, "counts", &f->counts, sizeof f->counts)) <
		0 ||
	    (rc = pos_load(f)) < 0)
		return rc;
	f->pos_next = f->pos;
	reasons_load(f);
	if ((rc = acts_load(f)) != 0 || (rc = restore_load(f)) != 0)
		return rc;
	now = f->now;
	f->now = f->counts.now;
	see_now(f, now);
	return 0;
}

/* In the words of who has to do something about it. */
static void
refused(struct frontier *f, const char *dir, int rc, char *err, size_t errlen)
{
	uint32_t format = 0;

	if (rc == FRONTIER_EVERSION &&
	    meta_get(f->store, "format", &format, sizeof format) == 1 &&
	    format != STATE_FORMAT)
		snprintf(err, errlen,
		    "cannot open state '%s': its format is %u, this program's "
		    "is %d; let the version that wrote it finish, or begin "
		    "with an empty directory",
		    dir, format, STATE_FORMAT);
	else if (rc == FRONTIER_EVERSION)
		snprintf(err, errlen,
		    "cannot open state '%s': it was written by a newer "
		    "version; let that one finish, or begin with an empty "
		    "directory",
		    dir);
	else if (rc == FRONTIER_EIO || rc == FRONTIER_ENOSPC)
		snprintf(err, errlen, "%s", store_trouble(f->store));
	else
		snprintf(err, errlen, "cannot open state '%s': %s", dir,
		    frontier_strerror(rc));
}

void
frontier_set_caps(struct frontier *f, const struct frontier_options *o)
{
	f->per_host = o != NULL && o->per_host > 0 ? o->per_host : 1;
	f->host_cap = o != NULL && o->host_cap > 0 ? o->host_cap : HOST_CAP;
	f->transfers = o != NULL ? o->transfers : 0;
	if (f->near != NULL)
		near_set_documents(f->near, o != NULL ? o->documents : 0);
}

int
frontier_open(struct frontier **out, const char *dir,
    const struct frontier_options *o, int64_t now_ms, char *err, size_t errlen)
{
	struct frontier *f = calloc(1, sizeof *f);
	int rc = FRONTIER_ENOMEM;

	*out = NULL;
	snprintf(err, errlen, "cannot open state '%s': no memory", dir);
	if (f == NULL ||
	    (f->known = calloc(KNOWN_SLOTS, sizeof *f->known)) == NULL)
		goto fail;
	f->now = now_ms > 0 ? now_ms : 0;
	frontier_set_caps(f, o);
	f->revisit = o != NULL && o->revisit;
	f->active_max =
	    o != NULL && o->active_hosts > 0 ? o->active_hosts : ACTIVE_HOSTS;
	rc = store_open(
	    &f->store, dir, o != NULL ? o->map_size : 0, err, errlen);
	if (rc != 0)
		goto fail;
	if ((rc = state_load(f)) != 0) {
		refused(f, dir, rc, err, errlen);
		goto fail;
	}
	rc = near_open(&f->near, f->store, dir, o != NULL ? o->documents : 0);
	if (rc != 0)
		goto fail;
	f->rota_wake = f->counts.rota > 0 ? f->now : -1;
	err[0] = '\0';
	*out = f;
	return 0;
fail:
	frontier_close(f);
	return rc;
}

void
frontier_close(struct frontier *f)
{
	if (f == NULL)
		return;
	leases_clear(f);
	reasons_clear(f);
	hosts_clear(f);
	seeds_clear(f);
	robots_forget(f);
	late_clear(f);
	acts_clear(f);
	near_close(f->near);
	store_close(f->store);
	free(f->known);
	free(f->memory_text);
	free(f);
}

struct near *
frontier_near(struct frontier *f)
{
	return f->near;
}

uint64_t
frontier_seed(const struct frontier *f)
{
	return f->url_seed;
}

const char *
frontier_name(const struct frontier *f)
{
	return f->name;
}

int
frontier_revisits(const struct frontier *f)
{
	return f->revisit;
}

void
frontier_pos(const struct frontier *f, struct wq_pos *pos)
{
	*pos = f->pos;
}

int
frontier_crowded(const struct frontier *f)
{
	uint32_t most = doubtful_most(f), out = f->doubtful_out;

	return f->ready[1].n > (most > out ? most - out : 0);
}

int64_t
frontier_wake(const struct frontier *f)
{
	int64_t wake = f->nheap > 0 ? f->heap[0]->wake_ms : -1;
	int64_t swap = hosts_swap_wake(f);

	if (f->nactive < f->active_max && f->rota_wake >= 0 &&
	    (wake < 0 || f->rota_wake < wake))
		wake = f->rota_wake;
	if (swap >= 0 && (wake < 0 || swap < wake))
		wake = swap;
	/* 0 is a time, too: of a test, or a clock that was never set. */
	return wake > 0 ? wake - f->counts.skew : wake;
}

int
frontier_idle(const struct frontier *f)
{
	return f->counts.by_state[URL_DUE] == 0 && f->leases.n == 0 &&
	       f->nlate == 0 && (!f->revisit || f->counts.again == 0);
}

/* ---- the commit --------------------------------------------------------- */

size_t
frontier_dirty(const struct frontier *f)
{
	return store_pending(f->store) + f->ndirty + f->nlate +
	       (f->failed != 0);
}

int
frontier_commit(struct frontier *f, const struct wq_pos *pos)
{
	int rc = f->failed;

	robots_forget(f);
	f->failed = 0;
	if (rc != 0)
		return rc;
	if (pos != NULL) {
		f->pos_next = *pos;
		meta_put(f->store, "pos", pos, sizeof *pos);
	}
	if ((rc = store_ready(f->store)) != 0 || (rc = late_take(f)) != 0)
		return rc;
	if (frontier_dirty(f) == 0)
		return 0;
	hosts_write(f);
	seeds_write(f);
	f->counts.now = f->now;
	meta_put(f->store, "counts", &f->counts, sizeof f->counts);
	if ((rc = store_commit(f->store)) != 0)
		return rc;
	f->pos = f->pos_next;
	hosts_settle(f);
	seeds_settle(f);
	return 0;
}

const char *
frontier_trouble(const struct frontier *f)
{
	return store_trouble(f->store);
}

int
frontier_room(struct frontier *f, int64_t now_ms, char *why, size_t whylen)
{
	return store_room(f->store, now_ms, why, whylen);
}

void
frontier_stat(const struct frontier *f, struct frontier_stat *s)
{
	const struct counts *c = &f->counts;
	uint64_t at_hand = (uint64_t)f->nready + f->nbusy;

	*s = (struct frontier_stat){.urls = c->urls,
	    .due = c->by_state[URL_DUE],
	    .out = f->leases.n,
	    .done = c->by_state[URL_DONE],
	    .again = c->again,
	    .hosts = c->hosts,
	    .hosts_ready = f->nready,
	    /* All with something due that are not at hand, wherever. */
	    .hosts_waiting = c->rota > at_hand ? c->rota - at_hand : 0,
	    .hosts_busy = f->nbusy,
	    .hosts_failing = c->failing,
	    .hosts_resting = c->resting,
	    .hosts_paused = f->paused.n,
	    .hosts_due = c->rota};
	memcpy(s->by_state, c->by_state, sizeof s->by_state);
}
