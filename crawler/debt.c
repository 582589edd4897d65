/* debt.c - see debt.h. */
#include "crawler/debt.h"

#include <stdio.h>
#include <string.h>

#define ARTICLE_PAYS 10  /* pages in vain */
#define PREFIX_OWES 5    /* times scope.family_cap: a part has many families */
#define REFUSED 10000000 /* over any dedup.host_repeats */
#define SHORT_CHARS 120  /* a text that is hardly more than a notice */
#define SHORT_COUNTS 5   /* and says so earlier */

/* Accounts of one family differ by these. */
#define IN_VAIN 0x9E3779B97F4A7C15u
#define TEXTS 0xC2B2AE3D27D4EB4Fu

void
debt_url_init(struct debt_url *d, const char *url, uint64_t host)
{
	d->url = url;
	d->host = host;
	trap_split(&d->in_pieces, url);
	trap_families(&d->in_pieces, &d->family);
}

static uint32_t
bound(int64_t n)
{
	return n > 0 && n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

void
debt_caps(const struct config_values *cfg, const struct debt_url *d,
    const char *host, struct frontier_cap caps[FRONTIER_CAPS])
{
	memset(caps, 0, FRONTIER_CAPS * sizeof *caps);
	if (cfg->scope_prefix_cap > 0)
		caps[0] = (struct frontier_cap){.family = d->family.prefix,
		    .most = bound(cfg->scope_prefix_cap)};
	if (cfg->scope_domain_hosts > 0 && host != NULL)
		caps[1] = (struct frontier_cap){
		    .family = trap_domain_family(winnow_url_domain(host)),
		    .most = bound(cfg->scope_domain_hosts),
		    .of_hosts = 1};
}

static int
owes(const struct debt_book *b, uint64_t host, uint64_t family, int64_t most)
{
	return b->count(b->arg, host, family ^ IN_VAIN) >= most;
}

int
debt_closed(const struct debt_book *b, const struct config_values *cfg,
    const struct debt_url *d, char *why, size_t cap)
{
	int64_t most = cfg->scope_family_cap;
	char name[256];
	int shape;

	if (most <= 0)
		return 0;
	shape = owes(b, d->host, d->family.shape, most);
	if (!shape && !owes(b, d->host, d->family.prefix, PREFIX_OWES * most))
		return 0;
	if (cap == 0)
		return 1;
	(shape ? trap_shape_name : trap_prefix_name)(
	    &d->in_pieces, name, sizeof name);
	snprintf(why, cap,
	    "scope.family_cap %lld: pages like %.200s have given nothing too "
	    "often",
	    (long long)most, name);
	return 1;
}

void
debt_full(const struct config_values *cfg, const struct debt_url *d,
    const char *host, int which, char *why, size_t cap)
{
	char name[256];

	if (which == 1)
		snprintf(why, cap, "scope.host_cap %lld is reached",
		    (long long)cfg->scope_host_cap);
	else if (which == 3)
		snprintf(why, cap,
		    "scope.domain_hosts %lld: %.200s has so many hosts",
		    (long long)cfg->scope_domain_hosts,
		    winnow_url_domain(host));
	else {
		trap_prefix_name(&d->in_pieces, name, sizeof name);
		snprintf(why, cap,
		    "scope.prefix_cap %lld: so many addresses like %.200s have "
		    "given no article",
		    (long long)cfg->scope_prefix_cap, name);
	}
}

void
debt_count(struct frontier *f, const struct debt_url *d,
    const struct debt_url *via, enum debt_result r)
{
	int vain = r == DEBT_VAIN ? 1 : -ARTICLE_PAYS;

	if (r == DEBT_NONE)
		return;
	frontier_family_add(f, d->host, d->family.shape ^ IN_VAIN, vain);
	frontier_family_add(f, d->host, d->family.prefix ^ IN_VAIN, vain);
	if (r != DEBT_ARTICLE)
		return;
	frontier_family_add(f, d->host, d->family.prefix, -1);
	if (via == NULL)
		return;
	frontier_family_add(f, via->host, via->family.shape ^ IN_VAIN, -1);
	frontier_family_add(f, via->host, via->family.prefix ^ IN_VAIN, -1);
}

static uint64_t
text_family(uint64_t text_hash)
{
	return (text_hash ^ TEXTS) | 1;
}

uint32_t
debt_text(struct frontier *f, uint64_t host, uint64_t text_hash)
{
	uint64_t family = text_family(text_hash);

	frontier_family_add(f, host, family, 1);
	return frontier_family(f, host, family);
}

void
debt_text_refuse(struct frontier *f, uint64_t host, uint64_t text_hash)
{
	frontier_family_add(f, host, text_family(text_hash), REFUSED);
}

int
debt_text_is_template(
    const struct config_values *cfg, uint32_t times, uint32_t chars)
{
	int64_t most = cfg->dedup_host_repeats;

	if (chars < SHORT_CHARS)
		most = (most + SHORT_COUNTS - 1) / SHORT_COUNTS;
	return cfg->dedup_host_repeats > 0 && times > most;
}
