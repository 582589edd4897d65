/* frontier_url.c - the row of a URL: found by its key, its text put together,
 * its reason said in a byte.
 *
 * A key leads to a number, by which everything else knows the URL. It stands in
 * one of two lists of its host. In the large one each new key would change a
 * page of its own, for hashes lie anywhere; so new ones go to the young list
 * first, and from there to the large one in their order, many to a page. The
 * square root of what is known is about where both cost least. Reasons are
 * a few dozen sentences of this program; each new one gets a number that `meta`
 * keeps, so that a row does not grow when it is settled. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define REASON_KEY 7 /* "reason", number */
#define YOUNG_MIN 64
#define YOUNG_ROOT 10 /* times the root of the host's URLs */

int
url_ref(struct store *s, const struct winnow_key *key, uint64_t *ref)
{
	struct store_bytes v;
	uint8_t bytes[KEY_LEN];
	int rc;

	*ref = 0;
	if (key_is_zero(key))
		return 0;
	key_pack(bytes, key);
	rc = store_get(s, STORE_SEEN, bytes, sizeof bytes, &v);
	if (rc == 0)
		rc = store_get(s, STORE_YOUNG, bytes, sizeof bytes, &v);
	if (rc == 1 && v.n != REF_LEN)
		return FRONTIER_EIO;
	if (rc == 1)
		*ref = get40(v.p);
	return rc;
}

struct young_read {
	struct store *store;
	uint8_t *rows;
	uint32_t n, room;
};

static int
young_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct young_read *y = arg;

	(void)val;
	if (key->n != SEEN_LEN || y->n == y->room)
		return 0;
	memcpy(y->rows + y->n++ * SEEN_LEN, key->p, SEEN_LEN);
	return 1;
}

/* The young list into the large one. What fails now is tried at the next URL. */
static void
young_grow_up(struct frontier *f, struct host *h)
{
	struct young_read y = {.room = h->young + 1};
	struct winnow_key first = {h->hash, 0};
	uint8_t from[KEY_LEN];
	uint32_t i;

	if ((y.rows = malloc((size_t)y.room * SEEN_LEN)) == NULL)
		return;
	key_pack(from, &first);
	if (store_scan(f->store, STORE_YOUNG, from, sizeof from, young_row,
		&y) == 0 &&
	    y.n == h->young) {
		for (i = 0; i < y.n; i++)
			store_put(f->store, STORE_SEEN, y.rows + i * SEEN_LEN,
			    SEEN_LEN, "", 0);
		store_drop(f->store, STORE_YOUNG, from);
		h->young = 0;
	}
	free(y.rows);
}

int
url_see(struct frontier *f, struct host *h, const struct winnow_key *key,
    uint64_t ref)
{
	struct store_bytes v;
	uint8_t bytes[KEY_LEN], number[REF_LEN];
	uint64_t young = h->young;
	int rc = 0;

	key_pack(bytes, key);
	put40(number, ref);
	if (h->is.urls > h->young)
		rc = store_get(f->store, STORE_SEEN, bytes, sizeof bytes, &v);
	if (rc != 0)
		return rc == 1 ? 0 : rc;
	rc = store_add(f->store, STORE_YOUNG, bytes, sizeof bytes, number,
	    sizeof number);
	if (rc != 1)
		return rc;
	h->young++;
	if (young >= YOUNG_MIN &&
	    young * young > (uint64_t)YOUNG_ROOT * YOUNG_ROOT * h->is.urls)
		young_grow_up(f, h);
	return 1;
}

int
url_read(struct store *s, uint64_t ref, struct url_record *r)
{
	struct store_bytes v;
	uint8_t key[REF_LEN];
	int rc;

	put40(key, ref);
	rc = store_get(s, STORE_URL, key, sizeof key, &v);
	return rc == 1 ? url_record_unpack(v.p, v.n, ref, r) == 0 : rc;
}

void
url_write(struct store *s, uint64_t ref, const struct url_record *r)
{
	uint8_t key[REF_LEN], val[URL_RECORD_MAX];

	put40(key, ref);
	store_put(
	    s, STORE_URL, key, sizeof key, val, url_record_pack(val, ref, r));
}

/* Its length, or an error. rest: rows that may still be read. */
static int
text_of(struct store *s, const struct url_record *r, int rest,
    char text[WINNOW_URL_MAX + 1])
{
	struct url_record via;
	int n;

	if (r->shared > 0) {
		if (rest == 0 || url_read(s, r->via, &via) != 1)
			return FRONTIER_EIO;
		if ((n = text_of(s, &via, rest - 1, text)) < r->shared)
			return n < 0 ? n : FRONTIER_EIO;
	}
	memcpy(text + r->shared, r->tail, r->tail_len);
	text[r->shared + r->tail_len] = '\0';
	return (int)(r->shared + r->tail_len);
}

int
url_text(
    struct store *s, const struct url_record *r, char text[WINNOW_URL_MAX + 1])
{
	return text_of(s, r, CHAIN_MAX, text);
}

/* ---- reasons ------------------------------------------------------------ */

static void
reason_key(uint8_t key[REASON_KEY], uint8_t code)
{
	memcpy(key, "reason", REASON_KEY - 1);
	key[REASON_KEY - 1] = code;
}

int
url_reason(struct store *s, const struct url_record *r, struct store_bytes *out)
{
	uint8_t key[REASON_KEY];

	*out = (struct store_bytes){(const uint8_t *)r->reason, r->reason_len};
	if (r->reason_code == REASON_TEXT || r->reason_code == REASON_NONE)
		return r->reason_len > 0;
	reason_key(key, r->reason_code);
	return store_get(s, STORE_META, key, sizeof key, out) == 1;
}

void
reasons_load(struct frontier *f)
{
	struct store_bytes v;
	uint8_t key[REASON_KEY];
	unsigned i;

	for (i = 1; i < REASON_TEXT; i++) {
		reason_key(key, (uint8_t)i);
		if (store_get(f->store, STORE_META, key, sizeof key, &v) != 1)
			return;
		f->reasons[i] = strndup((const char *)v.p, v.n);
		if (f->reasons[i] == NULL)
			return;
	}
}

void
reasons_clear(struct frontier *f)
{
	unsigned i;

	for (i = 1; i < REASON_TEXT; i++)
		free(f->reasons[i]);
}

void
url_set_reason(struct frontier *f, struct url_record *r, const char *reason)
{
	uint8_t key[REASON_KEY];
	size_t len = reason != NULL ? strnlen(reason, REASON_MAX) : 0;
	unsigned i;

	r->reason = reason;
	r->reason_len = len;
	r->reason_code = len > 0 ? REASON_TEXT : REASON_NONE;
	if (len == 0)
		return;
	for (i = 1; i < REASON_TEXT && f->reasons[i] != NULL; i++)
		if (strncmp(f->reasons[i], reason, REASON_MAX) == 0)
			break;
	if (i == REASON_TEXT)
		return;
	if (f->reasons[i] == NULL) {
		if ((f->reasons[i] = strndup(reason, len)) == NULL)
			return;
		reason_key(key, (uint8_t)i);
		store_put(f->store, STORE_META, key, sizeof key, reason, len);
	}
	r->reason_code = (uint8_t)i;
}
