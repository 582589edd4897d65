/* frontier_view.c - see frontier_view.h. Everything but hosts and seeds that
 * are in memory is read from the store, which shows a process its own changes
 * at once. */
#include "crawler/frontier_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/frontier_parts.h"

#define ORIGIN_ROWS 64
#define RETRY_ROWS 100000

struct frontier_view {
	struct store *store;
	struct frontier *frontier; /* NULL: the store is ours, and closed */
	uint64_t secret;
	struct counts counts; /* of a store that is ours */
	uint32_t format;      /* likewise */
};

/* ---- opening ------------------------------------------------------------ */

static int
view_load(struct frontier_view *v)
{
	uint32_t format = 0;
	int rc;

	if ((rc = meta_get(v->store, "format", &format, sizeof format)) != 1)
		return rc == 0 ? 1 : rc;
	v->format = format;
	if (format != STATE_FORMAT)
		return FRONTIER_EVERSION;
	if ((rc = meta_get(v->store, "url-seed", &v->secret, sizeof v->secret)) !=
		1 ||
	    (rc = meta_get(v->store, "counts", &v->counts, sizeof v->counts)) < 0)
		return rc == 0 ? 1 : rc;
	return 0;
}

static void
view_words(const struct frontier_view *v, int rc, const char *dir, char *err,
    size_t errlen)
{
	if (rc == FRONTIER_EVERSION)
		snprintf(err, errlen,
		    "cannot read state '%s': its format is %u, this program's "
		    "is %d",
		    dir, v->format, STATE_FORMAT);
	else
		snprintf(err, errlen, "cannot read state '%s': %s", dir,
		    rc == 1 ? "nothing was committed yet"
			    : frontier_strerror(rc));
}

int
frontier_view_open(
    struct frontier_view **out, const char *dir, char *err, size_t errlen)
{
	struct frontier_view *v = calloc(1, sizeof *v);
	int rc;

	*out = NULL;
	snprintf(err, errlen, "no memory");
	if (v == NULL)
		return FRONTIER_ENOMEM;
	rc = store_open_read(&v->store, dir, err, errlen);
	if (rc == 0 && (rc = view_load(v)) != 0)
		view_words(v, rc, dir, err, errlen);
	if (rc != 0) {
		frontier_view_close(v);
		return rc;
	}
	*out = v;
	return 0;
}

struct frontier_view *
frontier_view_here(struct frontier *f)
{
	struct frontier_view *v = calloc(1, sizeof *v);

	if (v == NULL)
		return NULL;
	v->store = f->store;
	v->frontier = f;
	v->secret = f->url_seed;
	return v;
}

void
frontier_view_close(struct frontier_view *v)
{
	if (v == NULL)
		return;
	if (v->frontier == NULL)
		store_close(v->store);
	free(v);
}

uint64_t
view_secret(const struct frontier_view *v)
{
	return v->secret;
}

/* A time of the store for the clock's (F6). */
static int64_t
clock_ms(const struct frontier_view *v, int64_t ms)
{
	const struct counts *c =
	    v->frontier != NULL ? &v->frontier->counts : &v->counts;

	return ms > 0 ? ms - c->skew : 0;
}

/* ---- a URL -------------------------------------------------------------- */

/* The key of a URL that another row names. */
static struct winnow_key
named(struct frontier_view *v, uint64_t ref, uint64_t host)
{
	struct url_record r;

	return ref != 0 && url_read(v->store, ref, &r) == 1
		   ? (struct winnow_key){host, r.hash}
		   : (struct winnow_key){0, 0};
}

static void
copy_url(
    struct frontier_view *v, struct view_url *out, const struct url_record *r)
{
	struct store_bytes reason;

	if (url_reason(v->store, r, &reason) && reason.n < sizeof out->reason)
		memcpy(out->reason, reason.p, reason.n);
	out->via =
	    named(v, r->via, r->via_host != 0 ? r->via_host : out->key.host);
	out->requested = named(v, r->requested, r->requested_host);
	out->state = r->state;
	out->status = r->status;
	out->tries = r->tries;
	out->depth = r->depth;
	out->hops = r->hops;
	out->type = r->type;
	out->priority = r->priority;
	out->own = r->own;
	out->seed = r->seed;
	out->changed_ms = clock_ms(v, r->changed_ms);
}

struct due_search {
	uint64_t host, ref;
	long before, most;
	int64_t at_ms; /* of the row that was found; -1: none */
};

static int
due_row(void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct due_search *s = arg;
	struct due due;

	(void)val;
	if (due_unpack(key->p, key->n, &due) != 0)
		return 0;
	if (due.ref == s->ref) {
		s->at_ms = due.at_ms;
		return 0;
	}
	return ++s->before < s->most;
}

/* Its row among those of its host, from a class on. */
static int
due_search(struct frontier_view *v, struct due_search *s, uint8_t class)
{
	struct due first = {.class = class};
	uint8_t from[DUE_MAX];

	s->at_ms = -1;
	s->before = 0;
	return store_scan(v->store, due_timed(class) ? STORE_LATER : STORE_DUE,
	    from, due_pack(from, s->host, &first), due_row, s);
}

static void
view_memory(struct frontier_view *v, uint64_t ref, struct view_url *out)
{
	struct store_bytes val;
	struct again_record r;
	uint8_t key[REF_LEN];

	put40(key, ref);
	if (store_get(v->store, STORE_AGAIN, key, sizeof key, &val) != 1 ||
	    again_record_unpack(val.p, val.n, &r) != 0)
		return;
	out->remembered = 1;
	out->memory = r.memory;
	out->memory.etag = out->memory.last_modified = NULL;
	out->again_ms = clock_ms(v, r.at_ms);
}

int
view_url(
    struct frontier_view *v, const struct winnow_key *key, struct view_url *out)
{
	struct due_search search = {.host = key->host, .most = RETRY_ROWS};
	struct url_record r;
	int rc;

	*out = (struct view_url){.key = *key};
	if ((rc = url_ref(v->store, key, &search.ref)) != 1 ||
	    (rc = url_read(v->store, search.ref, &r)) != 1)
		return rc;
	if ((rc = url_text(v->store, &r, out->url)) < 0)
		return rc;
	copy_url(v, out, &r);
	view_memory(v, search.ref, out);
	(void)repeat_read(v->store, key, out->repeats, &out->alike);
	if (out->state == URL_DUE && out->tries > 0 &&
	    due_search(v, &search, DUE_LATER) == 0)
		out->retry_ms = clock_ms(v, search.at_ms);
	return 1;
}

long
view_line(struct frontier_view *v, const struct winnow_key *key, long most)
{
	struct due_search s = {.host = key->host, .most = most};

	if (url_ref(v->store, key, &s.ref) != 1)
		return -1;
	if (due_search(v, &s, 0) != 0)
		return -1;
	return s.at_ms >= 0 || s.before >= most ? s.before : -1;
}

/* ---- seeds -------------------------------------------------------------- */

uint32_t
view_seed_count(struct frontier_view *v)
{
	return v->frontier != NULL ? frontier_seed_count(v->frontier)
				   : (uint32_t)v->counts.seeds;
}

int
view_seed(struct frontier_view *v, uint32_t n, struct view_seed *out)
{
	struct seed *at_hand = NULL;
	struct frontier_seed s;
	struct seed_lengths l;
	struct store_bytes val;
	uint8_t key[8];
	int rc;

	*out = (struct view_seed){0};
	if (v->frontier != NULL)
		at_hand = fmap_get(&v->frontier->seeds, n);
	if (at_hand != NULL) {
		s = at_hand->seed;
		l.url = strlen(s.url);
		l.tags = strlen(s.tags);
	} else {
		put64(key, n);
		rc = store_get(v->store, STORE_SEED, key, sizeof key, &val);
		if (rc != 1 || seed_unpack(val.p, val.n, &s, &l) != 0)
			return rc == 1 ? FRONTIER_EIO : rc;
	}
	out->n = n;
	memcpy(out->url, s.url, l.url);
	memcpy(out->tags, s.tags, l.tags);
	out->records = s.records;
	out->last_record_ms = s.last_record_ms;
	out->interval_ms = s.interval_ms;
	out->gap_s = s.gap_s;
	out->max_depth = s.max_depth == 0xffff ? -1 : s.max_depth;
	out->type = s.type;
	out->priority = s.priority;
	out->removed = s.removed;
	return 1;
}

struct key_search {
	uint64_t host;
	uint32_t *n;
	int found, most;
};

static int
seed_key_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct key_search *s = arg;

	if (key->n != KEY_LEN || val->n != 8 || get64(key->p) != s->host)
		return 0;
	s->n[s->found++] = (uint32_t)get64(val->p);
	return s->found < s->most;
}

int
view_host_seeds(struct frontier_view *v, uint64_t host, uint32_t *n, int most)
{
	struct key_search s = {.host = host, .n = n, .most = most};
	struct winnow_key first = {host, 0};
	uint8_t from[KEY_LEN];

	key_pack(from, &first);
	store_scan(
	    v->store, STORE_SEED_KEY, from, sizeof from, seed_key_row, &s);
	return s.found;
}

struct origin_search {
	uint64_t ref[ORIGIN_ROWS];
	int n;
};

static int
origin_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct origin_search *s = arg;

	(void)val;
	if (key->n != SEEN_LEN)
		return 0;
	s->ref[s->n++] = get40(key->p + KEY_LEN);
	return s->n < ORIGIN_ROWS;
}

int
view_host_origins(struct frontier_view *v, uint64_t host, uint32_t *n, int most)
{
	struct winnow_key first = {host, 0};
	struct origin_search s = {.n = 0};
	uint8_t from[KEY_LEN];
	struct url_record r;
	int i, j, found = 0;

	key_pack(from, &first);
	store_scan(v->store, STORE_SEEN, from, sizeof from, origin_row, &s);
	if (s.n < ORIGIN_ROWS)
		store_scan(v->store, STORE_YOUNG, from, sizeof from, origin_row,
		    &s);
	for (i = 0; i < s.n && found < most; i++) {
		if (url_read(v->store, s.ref[i], &r) != 1)
			continue;
		for (j = 0; j < found && n[j] != r.seed; j++)
			continue;
		if (j == found)
			n[found++] = r.seed;
	}
	return found;
}

/* ---- hosts -------------------------------------------------------------- */

static void
copy_host(const struct frontier_view *v, uint64_t hash,
    const struct host_record *r, struct view_host *out)
{
	out->hash = hash;
	out->host = r->host;
	out->host.next_ms = clock_ms(v, r->host.next_ms);
}

/* What the administrator said of it. */
static void
view_acts(struct frontier_view *v, uint64_t hash, struct view_host *out)
{
	uint8_t key[ACT_KEY];
	struct store_bytes val;

	act_key(key, ACT_PAUSED, hash);
	if (store_get(v->store, STORE_META, key, sizeof key, &val) == 1 &&
	    val.n >= 8)
		out->paused_ms = (int64_t)get64(val.p);
	act_key(key, ACT_FORGET, hash);
	out->going =
	    store_get(v->store, STORE_META, key, sizeof key, &val) == 1;
}

int
view_host(struct frontier_view *v, uint64_t hash, struct view_host *out)
{
	struct host_record r;
	struct store_bytes val;
	uint8_t key[8];
	int rc;

	*out = (struct view_host){0};
	view_acts(v, hash, out);
	if (v->frontier != NULL) {
		if ((rc = host_peek(v->frontier, hash, &r, out->name)) != 1)
			return rc;
	} else {
		put64(key, hash);
		rc = store_get(v->store, STORE_HOST, key, sizeof key, &val);
		if (rc != 1)
			return rc;
		if (host_record_unpack(val.p, val.n, &r) != 0)
			return FRONTIER_EIO;
		memcpy(out->name, r.name, r.name_len);
	}
	copy_host(v, hash, &r, out);
	return 1;
}

int
view_host_named(
    struct frontier_view *v, const char *name, struct view_host *out)
{
	const char *scheme = strstr(name, "://") != NULL ? "" : "http://";
	struct winnow_url u;
	char url[512];
	int n = snprintf(url, sizeof url, "%s%s", scheme, name);

	if (n >= (int)sizeof url ||
	    winnow_url_parse(&u, url, (size_t)n, NULL, NULL) != 0)
		return 0;
	return view_host(v, winnow_url_key(&u, v->secret).host, out);
}

struct host_walk {
	struct frontier_view *view;
	int (*host)(void *, const struct view_host *);
	void *arg;
	uint64_t last;
	int left, stop;
};

static int
walk_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct host_walk *w = arg;
	struct host_record r;
	struct view_host h = {0};

	if (key->n != 8)
		return 0;
	if (w->left-- == 0)
		return 0;
	w->last = get64(key->p);
	if (host_record_unpack(val->p, val->n, &r) != 0)
		return 1;
	memcpy(h.name, r.name, r.name_len);
	copy_host(w->view, w->last, &r, &h);
	w->stop = !w->host(w->arg, &h);
	return !w->stop;
}

int
view_hosts(struct frontier_view *v, uint64_t *from, int most,
    int (*host)(void *arg, const struct view_host *), void *arg)
{
	struct host_walk w = {
	    .view = v, .host = host, .arg = arg, .left = most};
	uint8_t key[8];
	int rc;

	put64(key, *from);
	rc = store_scan(v->store, STORE_HOST, key, sizeof key, walk_row, &w);
	*from = w.last + 1;
	if (rc != 0)
		return rc;
	return (w.left < 0 || w.stop) && *from != 0;
}

/* ---- robots, caps ------------------------------------------------------- */

int
view_robots(
    struct frontier_view *v, const char *authority, struct frontier_robots *out)
{
	struct store_bytes val;
	uint8_t key[ROBOTS_KEY_MAX];
	size_t len;
	int rc;

	if (v->frontier != NULL)
		return frontier_robots_get(v->frontier, authority, out);
	len = robots_key(v->secret, authority, key);
	if ((rc = store_get(v->store, STORE_ROBOTS, key, len, &val)) != 1)
		return rc;
	return robots_unpack(val.p, val.n, out) == 0 ? 1 : FRONTIER_EIO;
}

int
view_site(struct frontier_view *v, uint64_t host, struct frontier_site *out)
{
	int rc = site_row(v->store, host, out);

	if (rc == 1)
		out->learned_ms = clock_ms(v, out->learned_ms);
	return rc;
}

uint32_t
view_cap_count(
    struct frontier_view *v, uint64_t host, const struct frontier_cap *cap)
{
	struct family_key key = family_key(host, cap);
	struct store_bytes val;

	if (store_get(
		v->store, STORE_FAMILY, key.bytes, sizeof key.bytes, &val) != 1)
		return 0;
	return family_unpack(&val);
}
