/* frontier_why.c - what is known of a URL.
 *
 * The answer is read from the store alone, so another process can give it
 * beside a running daemon: it sees the last commit. */
#include "crawler/frontier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
record_get(struct store *s, const struct winnow_key *key, struct url_record *r)
{
	struct store_bytes v;
	uint8_t bytes[KEY_LEN];
	int rc;

	key_pack(bytes, key);
	rc = store_get(s, STORE_URL, bytes, sizeof bytes, &v);
	if (rc == 1 && url_record_unpack(v.p, v.n, key->host, r) != 0)
		return FRONTIER_EIO;
	return rc;
}

static char *
record_text(const struct url_record *r)
{
	char *text = malloc(url_record_text(r, NULL));

	if (text != NULL)
		url_record_text(r, text);
	return text;
}

char *
url_text(struct store *s, const struct winnow_key *key)
{
	struct url_record r;

	if (key_is_zero(key) || record_get(s, key, &r) != 1)
		return NULL;
	return record_text(&r);
}

static char *
seed_text(struct store *s, uint32_t n)
{
	struct store_bytes v;
	uint8_t key[8];
	size_t len;

	put64(key, n);
	if (store_get(s, STORE_SEED, key, sizeof key, &v) != 1 || v.n < SEED_FIXED)
		return NULL;
	len = get16(v.p + 28);
	return len <= v.n - SEED_FIXED ? strndup((const char *)v.p + SEED_FIXED, len) : NULL;
}

static void
host_fill(struct store *s, uint64_t host, struct frontier_why *out)
{
	struct host_record r;
	struct store_bytes v;
	uint8_t key[8];

	put64(key, host);
	if (store_get(s, STORE_HOST, key, sizeof key, &v) != 1 ||
	    host_record_unpack(v.p, v.n, &r) != 0)
		return;
	out->next_ms = r.host.next_ms;
	if (r.name_len > 0)
		out->host = strndup(r.name, r.name_len);
}

static void
memory_fill(struct store *s, const struct winnow_key *key,
    struct frontier_why *out)
{
	struct again_record r;
	struct store_bytes v;
	uint8_t bytes[KEY_LEN];

	key_pack(bytes, key);
	if (store_get(s, STORE_AGAIN, bytes, sizeof bytes, &v) != 1 ||
	    again_record_unpack(v.p, v.n, &r) != 0)
		return;
	out->remembered = 1;
	out->memory = r.memory;
	out->again_ms = r.at_ms;
}

/* Times of the store are the frontier's own (F6). */
static void
times_out(struct store *s, struct frontier_why *out)
{
	struct store_bytes v;
	struct counts c = {0};

	if (store_get(s, STORE_META, "counts", 6, &v) == 1)
		memcpy(&c, v.p, v.n < sizeof c ? v.n : sizeof c);
	out->next_ms -= out->next_ms > 0 ? c.skew : 0;
	out->again_ms -= out->again_ms > 0 ? c.skew : 0;
	out->changed_ms -= c.skew;
}

static int
why(struct store *s, uint64_t url_seed, const char *url,
    struct frontier_why *out, char *err, size_t errlen)
{
	struct winnow_url *parsed = malloc(sizeof *parsed);
	struct winnow_key key;
	struct url_record r;
	int rc = FRONTIER_ENOMEM;

	if (parsed == NULL)
		goto out;
	rc = 0;
	if (winnow_url_parse(parsed, url, strlen(url), NULL, NULL) != 0 ||
	    winnow_url_fetchable(parsed) != 0) {
		snprintf(err, errlen, "'%s' is no http or https URL", url);
		goto out;
	}
	key = winnow_url_key(parsed, url_seed);
	if ((rc = record_get(s, &key, &r)) != 1)
		goto out;
	out->url = record_text(&r);
	out->via = url_text(s, &r.via);
	out->seed = seed_text(s, r.seed);
	if (r.reason_len > 0)
		out->reason = strndup(r.reason, r.reason_len);
	out->state = r.state;
	out->status = r.status;
	out->depth = r.depth;
	out->hops = r.hops;
	out->tries = r.tries;
	out->changed_ms = r.changed_ms;
	host_fill(s, key.host, out);
	memory_fill(s, &key, out);
	times_out(s, out);
	if (out->url == NULL)
		rc = FRONTIER_ENOMEM;
out:
	if (rc < 0)
		snprintf(err, errlen, "%s", frontier_strerror(rc));
	free(parsed);
	return rc;
}

int
frontier_why(const char *dir, const char *url, struct frontier_why *out,
    char *err, size_t errlen)
{
	struct store_bytes v;
	struct store *s;
	uint64_t url_seed;
	int rc;

	*out = (struct frontier_why){0};
	err[0] = '\0';
	if ((rc = store_open_read(&s, dir, err, errlen)) != 0)
		return rc == 1 ? 0 : rc;
	rc = store_get(s, STORE_META, "url-seed", 8, &v);
	if (rc == 1 && v.n == sizeof url_seed) {
		memcpy(&url_seed, v.p, sizeof url_seed);
		rc = why(s, url_seed, url, out, err, errlen);
	}
	store_close(s);
	return rc;
}

int
frontier_why_here(struct frontier *f, const char *url, struct frontier_why *out,
    char *err, size_t errlen)
{
	*out = (struct frontier_why){0};
	err[0] = '\0';
	return why(f->store, f->url_seed, url, out, err, errlen);
}

void
frontier_why_clear(struct frontier_why *w)
{
	free(w->url);
	free(w->host);
	free(w->via);
	free(w->seed);
	free(w->reason);
	*w = (struct frontier_why){0};
}
