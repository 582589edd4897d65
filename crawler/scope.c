/* scope.c - see scope.h: the first question, and the suffixes of the second. */
#include "crawler/scope.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/trap.h"
#include "crawler/words.h"

#define SUFFIX_MAX 16

static const char suffixes[][SUFFIX_MAX] = {
#define S(s) s,
#define W(w, r)
#define P(n, v, r)
#include "crawler/scope.def"
#undef S
#undef W
#undef P
};

#define N(a) (sizeof(a) / sizeof *(a))

static int
suffix_cmp(const void *key, const void *row)
{
	return strcmp(key, row);
}

/* The table is sorted as it stands. NULL: no file's suffix. */
static const char *
find_suffix(const char *path, size_t n)
{
	char low[SUFFIX_MAX];
	size_t i, dot = n;

	while (dot > 0 && n - dot < sizeof low - 1 && path[dot - 1] != '/')
		if (path[--dot] == '.')
			break;
	if (n == dot || path[dot] != '.')
		return NULL;
	for (i = 0; dot + i < n; i++)
		low[i] = path[dot + i] >= 'A' && path[dot + i] <= 'Z'
			     ? (char)(path[dot + i] | 0x20)
			     : path[dot + i];
	low[i] = '\0';
	return bsearch(low, suffixes, N(suffixes), SUFFIX_MAX, suffix_cmp);
}

/* Where the path begins; the URL is absolute and in normal form. */
static const char *
path_of(const char *url)
{
	const char *p = strstr(url, "://");

	p = p != NULL ? p + 3 + strcspn(p + 3, "/?#") : url + strlen(url);
	return p;
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
    const struct winnow_key *key, const struct config_values *cfg)
{
	const char *path = path_of(url), *slash = path, *p;

	memset(s, 0, sizeof *s);
	s->key = *key;
	s->mode = cfg->scope_mode;
	s->subdomains = cfg->scope_subdomains;
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

int
scope_match_url(const char *pattern, const char *url)
{
	return scope_match(pattern, *pattern == '/' ? path_of(url) : url);
}

/* ---- the answer --------------------------------------------------------- */

static int __attribute__((format(printf, 4, 5)))
refuse(const struct scope_question *q, struct scope_answer *a,
    enum reason reason, const char *fmt, ...)
{
	va_list ap;

	a->reason = reason;
	if (!q->in_words)
		return 1;
	va_start(ap, fmt);
	vsnprintf(a->detail, sizeof a->detail, fmt, ap);
	va_end(ap);
	return 1;
}

static int
leaves_host(const struct scope_question *q, struct scope_answer *a)
{
	const struct scope_seed *s = q->seed;
	char host[256] = "";
	size_t n, m = strlen(s->host);

	if (q->host == s->key.host && s->mode == CONFIG_SCOPE_MODE_PREFIX)
		return strncmp(q->url, s->prefix, strlen(s->prefix)) == 0
			   ? 0
			   : refuse(q, a, REASON_SCOPE,
				 "scope.mode prefix: it does not begin with "
				 "%.200s",
				 s->prefix);
	if (q->host == s->key.host || s->mode == CONFIG_SCOPE_MODE_ANY)
		return 0;
	if (scope_host(q->url, host, sizeof host) != 0)
		return refuse(q, a, REASON_SCOPE, "it has no host");
	if (s->mode == CONFIG_SCOPE_MODE_DOMAIN)
		return strcmp(winnow_url_domain(host), s->domain) == 0
			   ? 0
			   : refuse(q, a, REASON_SCOPE,
				 "scope.mode domain: %.100s is not of %.100s",
				 host, s->domain);
	n = strlen(host);
	if (s->mode == CONFIG_SCOPE_MODE_HOST && s->subdomains && n > m &&
	    host[n - m - 1] == '.' && strcmp(host + n - m, s->host) == 0)
		return 0;
	return refuse(q, a, REASON_SCOPE, "scope.mode %s: %.100s is not %.100s",
	    s->mode == CONFIG_SCOPE_MODE_HOST ? "host" : "prefix", host,
	    s->host);
}

/* The pattern that fits; NULL. */
static const char *
fits(const char *const *patterns, const char *url)
{
	for (; *patterns != NULL; patterns++)
		if (scope_match_url(*patterns, url))
			return *patterns;
	return NULL;
}

static int
is_elsewhere(const struct scope_question *q, struct scope_answer *a)
{
	const struct config_values *c = q->cfg;
	int most = q->max_depth >= 0 ? q->max_depth : (int)c->scope_max_depth;
	const char *x;

	if (leaves_host(q, a))
		return 1;
	if (q->depth > most)
		return refuse(q, a, REASON_DEPTH, "%d %s from the seed; %s %d",
		    q->depth, words_noun((uint64_t)q->depth, "link", "links"),
		    q->max_depth >= 0 ? "its depth is" : "scope.max_depth is",
		    most);
	if ((x = fits(c->scope_exclude, q->url)) != NULL)
		return refuse(q, a, REASON_EXCLUDED, "scope.exclude has %.200s", x);
	if (!q->is_list && c->scope_include[0] != NULL &&
	    fits(c->scope_include, q->url) == NULL)
		return refuse(
		    q, a, REASON_NOT_INCLUDED, "no pattern of scope.include fits");
	return 0;
}

static int
is_no_page(const struct scope_question *q, struct scope_answer *a)
{
	const char *path = path_of(q->url), *suffix;
	struct trap_url u;
	struct trap_sight t;

	if ((suffix = find_suffix(path, strcspn(path, "?#"))) != NULL)
		return refuse(q, a, REASON_NOT_A_PAGE, "it ends in %s", suffix);
	trap_split(&u, q->url);
	if (!trap_look(&u, trap_year(q->now_ms), &t))
		return 0;
	return refuse(q, a, t.reason, "%s: %.*s", t.words,
	    t.where.n < 200 ? (int)t.where.n : 200, t.where.p);
}

int
scope_judge(const struct scope_question *q, struct scope_answer *a)
{
	a->reason = REASON_NONE;
	a->detail[0] = '\0';
	return is_elsewhere(q, a) || (!q->is_list && is_no_page(q, a));
}
