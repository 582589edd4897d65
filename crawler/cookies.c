/* cookies.c - see cookies.h. A list of jars, the one used last in front, each
 * with the list of its cookies, the oldest in front. Few sites ask for them, so
 * lists will do. */
#include "crawler/cookies.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <curl/curl.h>

#include "cleaner/winnow.h"

#define SET_COOKIE_MAX (COOKIE_MAX + 4096) /* with attributes */
#define FOREVER INT64_MAX                  /* until the process ends */

struct cookie {
	TAILQ_ENTRY(cookie) link;
	int64_t expires_s;
	int secure;
	size_t name_len, path_len;
	char *value, *path; /* within text */
	char text[];        /* name, value, path */
};

TAILQ_HEAD(cookie_list, cookie);

struct jar {
	TAILQ_ENTRY(jar) link;
	struct cookie_list list;
	int n;
	char host[];
};

TAILQ_HEAD(jars, jar);

struct cookies {
	struct jars jars;
	int n;
};

/* A piece of a Set-Cookie line. */
struct piece {
	const char *s;
	size_t n;
};

struct cookies *
cookies_new(void)
{
	struct cookies *c = calloc(1, sizeof(*c));

	if (c != NULL)
		TAILQ_INIT(&c->jars);
	return c;
}

static void
jar_drop(struct jar *j, struct cookie *k)
{
	TAILQ_REMOVE(&j->list, k, link);
	j->n--;
	free(k);
}

static void
jar_free(struct cookies *c, struct jar *j)
{
	struct cookie *k;

	while ((k = TAILQ_FIRST(&j->list)) != NULL)
		jar_drop(j, k);
	TAILQ_REMOVE(&c->jars, j, link);
	c->n--;
	free(j);
}

void
cookies_free(struct cookies *c)
{
	struct jar *j;

	if (c == NULL)
		return;
	while ((j = TAILQ_FIRST(&c->jars)) != NULL)
		jar_free(c, j);
	free(c);
}

/* ---- jars --------------------------------------------------------------- */

static struct jar *
jar_find(struct cookies *c, const char *host)
{
	struct jar *j;

	TAILQ_FOREACH(j, &c->jars, link)
	if (strcasecmp(j->host, host) == 0)
		break;
	if (j != NULL && j != TAILQ_FIRST(&c->jars)) {
		TAILQ_REMOVE(&c->jars, j, link);
		TAILQ_INSERT_HEAD(&c->jars, j, link);
	}
	return j;
}

static struct jar *
jar_get(struct cookies *c, const char *host)
{
	struct jar *j = jar_find(c, host);
	size_t n = strlen(host);

	if (j != NULL || (j = calloc(1, sizeof(*j) + n + 1)) == NULL)
		return j;
	memcpy(j->host, host, n + 1);
	TAILQ_INIT(&j->list);
	TAILQ_INSERT_HEAD(&c->jars, j, link);
	if (++c->n > COOKIES_JARS)
		jar_free(c, TAILQ_LAST(&c->jars, jars));
	return j;
}

/* Expired ones go; the one of that name and path, or NULL. */
static struct cookie *
jar_look(struct jar *j, const struct cookie *like, int64_t now_s)
{
	struct cookie *k, *next, *found = NULL;

	for (k = TAILQ_FIRST(&j->list); k != NULL; k = next) {
		next = TAILQ_NEXT(k, link);
		if (k->expires_s <= now_s)
			jar_drop(j, k);
		else if (like != NULL && strcmp(k->text, like->text) == 0 &&
			 strcmp(k->path, like->path) == 0)
			found = k;
	}
	return found;
}

/* ---- reading Set-Cookie ------------------------------------------------- */

static void
piece_trim(struct piece *p)
{
	while (p->n > 0 && (*p->s == ' ' || *p->s == '\t')) {
		p->s++;
		p->n--;
	}
	while (p->n > 0 && (p->s[p->n - 1] == ' ' || p->s[p->n - 1] == '\t'))
		p->n--;
}

/* Cuts "name=value" off the front of line; without '=' value.s is NULL. */
static void
piece_next(struct piece *line, struct piece *name, struct piece *value)
{
	const char *end = memchr(line->s, ';', line->n), *eq;
	size_t n = end != NULL ? (size_t)(end - line->s) : line->n;

	eq = memchr(line->s, '=', n);
	name->s = line->s;
	name->n = eq != NULL ? (size_t)(eq - line->s) : n;
	value->s = eq != NULL ? eq + 1 : NULL;
	value->n = eq != NULL ? n - name->n - 1 : 0;
	piece_trim(name);
	piece_trim(value);
	line->s += n + (end != NULL);
	line->n -= n + (end != NULL);
}

static int
piece_is(const struct piece *p, const char *word)
{
	return p->n == strlen(word) && strncasecmp(p->s, word, p->n) == 0;
}

/* Domain has to be the host, or what the host is below, and not shorter than
 * the host's registrable domain; a cookie for a suffix is nobody's. */
static int
domain_fits(const struct piece *domain, const char *host)
{
	const char *d = domain->s;
	size_t n = domain->n, h = strlen(host);

	if (n > 0 && *d == '.') {
		d++;
		n--;
	}
	if (n == 0)
		return 1;
	if (n > h || strncasecmp(host + h - n, d, n) != 0)
		return 0;
	return n == h ||
	       (host[h - n - 1] == '.' && n >= strlen(winnow_url_domain(host)));
}

static int64_t
expiry_of(const struct piece *age, const struct piece *date, int64_t now_s)
{
	char text[64];
	long long v;
	time_t t;

	if (age->n > 0 && age->n < 20) {
		memcpy(text, age->s, age->n);
		text[age->n] = '\0';
		v = strtoll(text, NULL, 10);
		return v <= 0 ? 0 : v > (1LL << 40) ? FOREVER : now_s + v;
	}
	if (date->n == 0 || date->n >= sizeof(text))
		return FOREVER;
	memcpy(text, date->s, date->n);
	text[date->n] = '\0';
	t = curl_getdate(text, NULL);
	return t == (time_t)-1 ? FOREVER : (int64_t)t;
}

/* What the browser would take the path from when none is named (5.1.4). */
static struct piece
path_default(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct piece p = {path, slash != NULL ? (size_t)(slash - path) : 0};

	if (p.n == 0)
		p = (struct piece){"/", 1};
	return p;
}

static struct cookie *
cookie_new(const struct piece *name, const struct piece *value,
    const struct piece *path)
{
	struct cookie *k =
	    malloc(sizeof(*k) + name->n + value->n + path->n + 3);
	char *p;

	if (k == NULL)
		return NULL;
	k->name_len = name->n;
	k->path_len = path->n;
	p = k->text;
	memcpy(p, name->s, name->n);
	p[name->n] = '\0';
	k->value = p + name->n + 1;
	memcpy(k->value, value->s, value->n);
	k->value[value->n] = '\0';
	k->path = k->value + value->n + 1;
	memcpy(k->path, path->s, path->n);
	k->path[path->n] = '\0';
	return k;
}

static int
has_control(const char *s, size_t n)
{
	for (; n > 0; n--, s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return 1;
	return 0;
}

/* "__Secure-" and "__Host-" promise what only TLS can keep. */
static int
name_fits(const struct piece *name, int tls)
{
	return name->n > 0 &&
	       (tls || !((name->n >= 9 &&
			     strncasecmp(name->s, "__Secure-", 9) == 0) ||
			   (name->n >= 7 &&
			       strncasecmp(name->s, "__Host-", 7) == 0)));
}

/* The cookie of a line; NULL: refused. */
static struct cookie *
cookie_parse(const struct cookies_place *at, struct piece line, int64_t now_s)
{
	struct piece name, value, key, v, age = {"", 0}, date = {"", 0},
					  domain = {"", 0},
					  path = path_default(at->path);
	struct cookie *k;
	int secure = 0;

	piece_next(&line, &name, &value);
	while (line.n > 0) {
		piece_next(&line, &key, &v);
		if (piece_is(&key, "path") && v.n > 0 && *v.s == '/')
			path = v;
		else if (piece_is(&key, "domain"))
			domain = v;
		else if (piece_is(&key, "max-age"))
			age = v;
		else if (piece_is(&key, "expires"))
			date = v;
		else if (piece_is(&key, "secure"))
			secure = 1;
	}
	if (value.s == NULL || name.n + value.n > COOKIE_MAX || path.n > 1024 ||
	    !name_fits(&name, at->tls) || (secure && !at->tls) ||
	    !domain_fits(&domain, at->host))
		return NULL;
	k = cookie_new(&name, &value, &path);
	if (k != NULL) {
		k->secure = secure;
		k->expires_s = expiry_of(&age, &date, now_s);
	}
	return k;
}

int
cookies_set(struct cookies *c, const struct cookies_place *at,
    const char *value, size_t n, int64_t now_s)
{
	struct piece line = {value, n};
	struct cookie *k, *old;
	struct jar *j;

	piece_trim(&line);
	if (line.n > SET_COOKIE_MAX || has_control(line.s, line.n) ||
	    (k = cookie_parse(at, line, now_s)) == NULL)
		return 0;
	j = jar_get(c, at->host);
	if (j == NULL) {
		free(k);
		return 0;
	}
	old = jar_look(j, k, now_s);
	if (old != NULL)
		jar_drop(j, old);
	if (k->expires_s <= now_s) {
		free(k);
		return 1;
	}
	TAILQ_INSERT_TAIL(&j->list, k, link);
	if (++j->n > COOKIES_HOST)
		jar_drop(j, TAILQ_FIRST(&j->list));
	return 1;
}

/* ---- writing Cookie ----------------------------------------------------- */

/* RFC 6265 5.1.4. */
static int
path_fits(const struct cookie *k, const char *path)
{
	return strncmp(path, k->path, k->path_len) == 0 &&
	       (path[k->path_len] == '\0' || path[k->path_len] == '/' ||
		   k->path[k->path_len - 1] == '/');
}

static size_t
cookie_put(const struct cookie *k, char *out, size_t len)
{
	size_t vn = strlen(k->value);

	if (len + k->name_len + vn + 3 > COOKIES_HEADER)
		return len;
	if (len > 0) {
		out[len++] = ';';
		out[len++] = ' ';
	}
	memcpy(out + len, k->text, k->name_len);
	len += k->name_len;
	out[len++] = '=';
	memcpy(out + len, k->value, vn);
	return len + vn;
}

size_t
cookies_get(struct cookies *c, const struct cookies_place *at, int64_t now_s,
    char out[COOKIES_HEADER + 1])
{
	const char *path = *at->path != '\0' ? at->path : "/";
	struct jar *j = jar_find(c, at->host);
	size_t len = 0, longest = 1025, next;
	struct cookie *k;

	out[0] = '\0';
	if (j == NULL)
		return 0;
	jar_look(j, NULL, now_s);
	for (; longest > 0; longest = next) {
		next = 0;
		TAILQ_FOREACH(k, &j->list, link)
		{
			if ((k->secure && !at->tls) || !path_fits(k, path))
				continue;
			if (k->path_len == longest)
				len = cookie_put(k, out, len);
			else if (k->path_len < longest && k->path_len > next)
				next = k->path_len;
		}
	}
	out[len] = '\0';
	return len;
}
