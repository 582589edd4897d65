/* visit_probe.c - what a host says of a page that cannot be there.
 *
 * Many hosts answer 200 for everything. When a text comes for the third time on
 * a host, one page beside it is asked for whose name nobody can have used: what
 * comes as an article then is the host's way to say no, and gives no record
 * from there on. An honest host answers 404, and its repeats land as repeats.
 *
 * The name is made from the host's keyed hash, so no site can know it before,
 * and a visit knows it again without a mark in the store. It passes scope,
 * robots, politeness and caps like any link. */
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "crawler/debt.h"
#include "crawler/follow_parts.h"

#define NAME_LEN 16
#define PROBES_MOST 3 /* of a host, in all its folders */
#define PROBES 0x165667B19E3779F9u

/* The last part of the path, to the name's extension. */
static const char *
file_of(const char *url, size_t *n)
{
	const char *p = strstr(url, "://"), *q;

	p = p != NULL ? p + 3 : url;
	p += strcspn(p, "/?");
	for (q = p; *q != '\0' && *q != '?'; q++)
		if (*q == '/')
			p = q + 1;
	*n = strcspn(p, ".?");
	return p;
}

/* Through a digest: the site must not learn its key. */
static void
probe_name(const struct visit *v, char name[NAME_LEN + 1])
{
	uint64_t host = v->item->key.host ^ PROBES;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	int i;

	SHA256((const uint8_t *)&host, sizeof host, digest);
	for (i = 0; i < NAME_LEN / 2; i++)
		snprintf(name + 2 * i, 3, "%02x", digest[i]);
}

int
visit_is_probe(const struct visit *v)
{
	char name[NAME_LEN + 1];
	size_t n;
	const char *file = file_of(v->item->url, &n);

	if (n != NAME_LEN || strspn(file, "0123456789abcdef") != n)
		return 0; /* most are told without a digest */
	probe_name(v, name);
	return memcmp(file, name, n) == 0;
}

void
visit_probe(struct visit *v)
{
	struct frontier *f = v->visits->p.frontier;
	uint64_t host = v->item->key.host;
	char name[NAME_LEN + 1], text[WINNOW_URL_MAX + 1];
	struct winnow_url u;
	struct winnow_link l = {.url = u.href};
	struct step s = {.link = &l,
	    .place = LINK_FEED, /* before the pages that it judges */
	    .depth = v->item->depth,
	    .type = URL_PAGE,
	    .fresh = WINNOW_NO_TIME};
	size_t n, dir;
	const char *file = file_of(v->item->url, &n), *ext = file + n;
	uint32_t brought = v->brought;
	int led_on = v->led_on;

	if (!v->cfg->dedup_probe ||
	    frontier_family(f, host, PROBES) >= PROBES_MOST)
		return;
	probe_name(v, name);
	dir = (size_t)(file - v->item->url);
	n = (size_t)snprintf(text, sizeof text, "%.*s%s%.*s", (int)dir,
	    v->item->url, name, (int)strcspn(ext, "?"), ext);
	if (n >= sizeof text ||
	    winnow_url_parse(&u, text, n, NULL, NULL) != 0 ||
	    follow_key(v->visits, &u, &l.key) != 0)
		return;
	l.url_len = u.len;
	if (follow_step(v, &s) == 1)
		frontier_family_add(f, host, PROBES, 1);
	v->brought = brought; /* nothing was found */
	v->led_on = led_on;
}
