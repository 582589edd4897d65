/* scope.c - see scope.h.
 *
 * The tables of scope.def are looked up with one pass over the address: words
 * are cut at the marks and found by binary search in a sorted copy that is made
 * at the first call. */
#include "crawler/scope.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_DEPTH_MAX 20
#define PATH_REPEAT_MAX 3
#define URL_LONG 1024

struct word {
	const char *word, *reason;
};

static const struct word suffixes[] = {
#define S(s) { s, "not-a-page" },
#define W(w, r)
#include "crawler/scope.def"
#undef S
#undef W
};

static const struct word words[] = {
#define S(s)
#define W(w, r) { w, r },
#include "crawler/scope.def"
#undef S
#undef W
};

#define N(a) (sizeof(a) / sizeof *(a))

static struct word sorted[N(words)];

static int
word_cmp(const void *a, const void *b)
{
	return strcmp(
	    ((const struct word *)a)->word, ((const struct word *)b)->word);
}

static const char *
find_word(const char *s, size_t n)
{
	char low[16];
	struct word key = { low, NULL }, *hit;
	size_t i;

	if (n == 0 || n >= sizeof low)
		return NULL;
	for (i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)s[i]);
	low[n] = '\0';
	if (sorted[0].word == NULL) {
		memcpy(sorted, words, sizeof words);
		qsort(sorted, N(sorted), sizeof *sorted, word_cmp);
	}
	hit = bsearch(&key, sorted, N(sorted), sizeof *sorted, word_cmp);
	return hit != NULL ? hit->reason : NULL;
}

/* The suffix table is sorted as it stands. */
static const char *
find_suffix(const char *path, size_t n)
{
	char low[8];
	struct word key = { low, NULL }, *hit;
	size_t i, dot = n;

	while (dot > 0 && n - dot < sizeof low - 1 && path[dot - 1] != '/') {
		if (path[--dot] == '.')
			break;
	}
	if (n == dot || path[dot] != '.')
		return NULL;
	for (i = 0; dot + i < n; i++)
		low[i] = (char)tolower((unsigned char)path[dot + i]);
	low[i] = '\0';
	hit = bsearch(&key, suffixes, N(suffixes), sizeof *suffixes, word_cmp);
	return hit != NULL ? hit->reason : NULL;
}

/* Paths that grow by themselves: too deep, or one segment again and again. */
static const char *
path_trap(const char *path, size_t n)
{
	const char *end = path + n, *seg = path, *p, *q;
	int depth = 0;

	for (p = path; p < end; p++) {
		const char *from = p;
		size_t len;
		int same = 0;

		if (*p != '/')
			continue;
		if (++depth > PATH_DEPTH_MAX)
			return "trap";
		if ((q = memchr(from + 1, '/', (size_t)(end - from - 1))) ==
		    NULL)
			break;
		len = (size_t)(q - from);
		if (len < 2)
			continue;
		for (seg = q; (size_t)(end - seg) >= len;
		     seg = memchr(seg + 1, '/', (size_t)(end - seg - 1))) {
			if (memcmp(seg, from, len) == 0 &&
			    (seg + len == end || seg[len] == '/' ||
				seg[len] == '?') &&
			    ++same >= PATH_REPEAT_MAX)
				return "trap";
			if (memchr(seg + 1, '/', (size_t)(end - seg - 1)) ==
			    NULL)
				break;
		}
	}
	return NULL;
}

/* Where the path begins; the URL is absolute and in normal form. */
static const char *
path_of(const char *url)
{
	const char *p = strstr(url, "://");

	p = p != NULL ? strchr(p + 3, '/') : NULL;
	return p != NULL ? p : url + strlen(url);
}

const char *
scope_not_a_page(const char *url)
{
	static const char marks[] = "/_-.?&=;";
	const char *path = path_of(url), *p, *why;
	size_t n = strcspn(path, "?");

	if (strlen(url) > URL_LONG)
		return "trap";
	if ((why = find_suffix(path, n)) != NULL ||
	    (why = path_trap(path, n)) != NULL)
		return why;
	for (p = path; *p != '\0';) {
		size_t len;

		p += strspn(p, marks);
		len = strcspn(p, marks);
		if ((why = find_word(p, len)) != NULL)
			return why;
		/* "wp-login": words that hold a mark of their own */
		if (p[len] == '-' &&
		    (why = find_word(p, len + 1 + strcspn(p + len + 1, marks))) !=
			NULL)
			return why;
		p += len;
	}
	return NULL;
}

int
scope_host(const char *url, char *host, size_t cap)
{
	const char *p = strstr(url, "://");
	size_t n;

	if (p == NULL)
		return -1;
	p += 3;
	n = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":/?#");
	if (n > 4 && strncmp(p, "www.", 4) == 0) {
		p += 4;
		n -= 4;
	}
	if (n == 0 || n >= cap)
		return -1;
	memcpy(host, p, n);
	host[n] = '\0';
	return 0;
}

int
scope_seed_init(struct scope_seed *s, const char *url,
    const struct winnow_key *key)
{
	const char *path = path_of(url), *slash = path, *p;

	memset(s, 0, sizeof *s);
	s->key = *key;
	if (scope_host(url, s->host, sizeof s->host) != 0)
		return -1;
	snprintf(s->domain, sizeof s->domain, "%s", winnow_url_domain(s->host));
	for (p = path; *p != '\0' && *p != '?'; p++)
		if (*p == '/')
			slash = p + 1;
	snprintf(s->prefix, sizeof s->prefix, "%.*s", (int)(slash - url), url);
	return 0;
}

int
scope_match(const char *pat, const char *s)
{
	const char *star = NULL, *from = NULL;

	while (*s != '\0') {
		if (*pat == '*') {
			star = ++pat;
			from = s;
		} else if (*pat == *s) {
			pat++;
			s++;
		} else if (star != NULL) {
			pat = star;
			s = ++from;
		} else
			return 0;
	}
	while (*pat == '*')
		pat++;
	return *pat == '\0';
}

static int
same_site(const struct config_values *cfg, const struct scope_seed *s,
    const struct winnow_link *l)
{
	char host[256];
	size_t n, m;

	if (l->key.host == s->key.host)
		return cfg->scope_mode != CONFIG_SCOPE_MODE_PREFIX ||
		    strncmp(l->url, s->prefix, strlen(s->prefix)) == 0;
	switch (cfg->scope_mode) {
	case CONFIG_SCOPE_MODE_ANY:
		return 1;
	case CONFIG_SCOPE_MODE_DOMAIN:
		return scope_host(l->url, host, sizeof host) == 0 &&
		    strcmp(winnow_url_domain(host), s->domain) == 0;
	case CONFIG_SCOPE_MODE_HOST:
		if (!cfg->scope_subdomains ||
		    scope_host(l->url, host, sizeof host) != 0)
			return 0;
		n = strlen(host);
		m = strlen(s->host);
		return n > m && host[n - m - 1] == '.' &&
		    strcmp(host + n - m, s->host) == 0;
	default:
		return 0;
	}
}

const char *
scope_bars(const struct config_values *cfg, const struct scope_seed *s,
    const struct winnow_link *l, int depth, int max_depth)
{
	const char *const *x;

	if (!same_site(cfg, s, l))
		return "scope";
	if (depth > (max_depth >= 0 ? max_depth : (int)cfg->scope_max_depth))
		return "depth";
	for (x = cfg->scope_exclude; *x != NULL; x++)
		if (scope_match(*x, l->url))
			return "excluded";
	return NULL;
}

const char *
scope_refuses(const struct config_values *cfg, const struct scope_seed *s,
    const struct winnow_link *l, int depth, int max_depth)
{
	const char *why = scope_bars(cfg, s, l, depth, max_depth);

	return why != NULL ? why : scope_not_a_page(l->url);
}
