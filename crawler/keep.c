/* keep.c - see keep.h. */
#include "crawler/keep.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "cleaner/winnow.h"

#define MEMBER_MAX (32u << 20) /* half of what a worker may answer */
#define HINT_MAX 64

uint64_t
keep_key(const char *url)
{
	struct winnow_url u;

	if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &u) != 0)
		return 0;
	return XXH3_64bits(u.href, u.len);
}

void
keep_hints(char out[KEEP_HINTS], const char *charset, const char *timezone,
    int64_t feed_date)
{
	int n = 0;

	out[0] = '\0';
	if (charset != NULL && strlen(charset) < HINT_MAX)
		n += sprintf(out, "charset=%s;", charset);
	if (timezone != NULL && strlen(timezone) < HINT_MAX)
		n += sprintf(out + n, "timezone=%s;", timezone);
	if (feed_date > 0)
		sprintf(out + n, "feed-date=%lld;", (long long)feed_date);
}

void
keep_pack(struct wire_out *o, const struct keep_page *k)
{
	wire_u32(o, k->on != 0);
	if (!k->on)
		return;
	wire_str(o, k->address);
	wire_str(o, k->hints);
	wire_u64(o, (uint64_t)k->date_ms);
	wire_u32(o, k->encoded != 0);
	wire_bytes(o, k->head, k->head_len);
}

int
keep_unpack(struct wire_in *in, struct keep_page *k)
{
	k->on = wire_get_u32(in) != 0;
	if (!k->on)
		return in->bad ? -1 : 0;
	k->address = wire_get_str(in);
	k->hints = wire_get_str(in);
	k->date_ms = (int64_t)wire_get_u64(in);
	k->encoded = wire_get_u32(in) != 0;
	k->head = wire_get_bytes(in, &k->head_len);
	return in->bad || k->head == NULL ? -1 : 0;
}

void
keep_fill(struct wq_page *g, const struct keep_page *k, const uint8_t *id,
    const void *body, size_t len)
{
	XXH128_canonical_t c;

	*g = (struct wq_page){.uri = k->url,
	    .address = k->address,
	    .hints = k->hints,
	    .date_ms = k->date_ms,
	    .key = keep_key(k->url),
	    .head = k->head,
	    .head_len = k->head_len,
	    .body = body,
	    .body_len = len,
	    .encoded = k->encoded};
	if (id == NULL) {
		XXH128_canonicalFromHash(
		    &c, XXH3_128bits_withSeed(
			    k->url, strlen(k->url), (XXH64_hash_t)k->date_ms));
		id = c.digest;
	}
	memcpy(g->id, id, sizeof g->id);
}

void
keep_put(struct wire_out *o, const struct keep_page *k, const uint8_t *id,
    const void *body, size_t len)
{
	struct wq_page g;
	void *member = NULL;
	size_t n = 0;

	if (k->on && k->url != NULL) {
		keep_fill(&g, k, id, body, len);
		if (wq_page_member(&g, &member, &n) != 0)
			member = NULL;
	}
	wire_bytes(o, n <= MEMBER_MAX ? member : NULL, n);
	free(member);
}

int
keep_get(struct wire_in *in, const char **member, size_t *len)
{
	*member = wire_get_bytes(in, len);
	return in->bad || (*member != NULL && !wq_page_check(*member, *len))
		   ? -1
		   : 0;
}
