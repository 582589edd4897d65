/* robots.c - what a site allows, by RFC 9309.
 *
 * A file is read once, in a worker, and only what concerns our agent is kept:
 * the rules of its own groups, else those of "*", all groups of one name
 * together; the crawl delay; the sitemaps. The blob is flat:
 *
 *	struct head | struct rule x nrules | u32 x nsitemaps | bytes
 *
 * in the byte order of the machine, for it never leaves it.
 *
 * Rules and URLs are compared in one normal form: escapes of unreserved
 * characters undone, all other escapes in upper case, everything that is
 * neither unreserved nor reserved escaped. A literal '*' or '$' is escaped
 * there too (RFC 9309, 2.2.3), so in a pattern '*' is always the wildcard; the
 * '$' that anchors its end is a flag.
 *
 * Invariants
 *  R1  Rules stand by falling length, allow before disallow of the same
 *      length: the first that matches decides.
 *  R2  Every offset of a blob that robots_check() passed lies inside it, and
 *      every sitemap ends in a NUL inside it.
 *  R3  A match takes time linear in pattern and URL: pieces between wildcards
 *      are searched from left to right, the first place is always right. A file
 *      of so many wildcards that a long URL would cost over MAX_WORK does not
 *      allow it. */
#include "crawler/robots.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleaner/winnow.h"
#include "crawler/hex.h"

#define MAGIC 0x31425257u /* WRB1 */
#define NO_DELAY UINT32_MAX
#define MAX_SITEMAPS 2000
#define MAX_LINE 16384 /* bytes of a line that count */
#define MAX_TARGET (WINNOW_URL_MAX * 3)
#define MAX_WORK (8 << 20) /* bytes of URL that wildcards look through */

struct head {
	uint32_t magic, len, nrules, nsitemaps, delay_ms;
};

enum { ALLOW = 1, ANCHOR = 2 };

struct rule {
	uint32_t off, len, line, flags;
};

struct str {
	const char *p;
	size_t n;
};

enum key { UNKNOWN, AGENT, RULE_ALLOW, RULE_DISALLOW, DELAY, SITEMAP };

/* Field names, and the misspellings that other crawlers have come to take. */
static const struct {
	const char *name;
	enum key key;
} keys[] = {
    {"user-agent", AGENT},
    {"useragent", AGENT},
    {"user agent", AGENT},
    {"allow", RULE_ALLOW},
    {"disallow", RULE_DISALLOW},
    {"dissallow", RULE_DISALLOW},
    {"dissalow", RULE_DISALLOW},
    {"disalow", RULE_DISALLOW},
    {"diasllow", RULE_DISALLOW},
    {"disallaw", RULE_DISALLOW},
    {"crawl-delay", DELAY},
    {"crawldelay", DELAY},
    {"sitemap", SITEMAP},
    {"site-map", SITEMAP},
};

/* What one kind of group (ours, or "*") has collected. */
struct group {
	struct rule *rules; /* off and len: in the file, not yet normal */
	size_t n, cap;
	uint32_t delay_ms;
	int seen;
};

struct compiler {
	const char *txt, *agent;
	struct group own, star;
	struct str sitemaps[MAX_SITEMAPS];
	size_t nsitemaps;
	int in_agents;       /* the last line that counts was a user-agent */
	int is_own, is_star; /* the group we are in is for us, for all */
	int err;
};

static const struct {
	enum robots_policy policy;
	const char *name;
} policy_names[] = {
    {ROBOTS_PARSE, "parse"},
    {ROBOTS_FOLLOW, "follow"},
    {ROBOTS_ALLOW_ALL, "allow-all"},
    {ROBOTS_DISALLOW_ALL, "disallow-all"},
};

enum robots_policy
robots_policy(int status)
{
	if (status >= 200 && status < 300)
		return ROBOTS_PARSE;
	if (status >= 300 && status < 400)
		return status == 304 ? ROBOTS_PARSE : ROBOTS_FOLLOW;
	/* 429 says "too fast", not "no rules". */
	if (status >= 400 && status < 500 && status != 429)
		return ROBOTS_ALLOW_ALL;
	return ROBOTS_DISALLOW_ALL;
}

const char *
robots_policy_name(enum robots_policy p)
{
	return policy_names[p].name;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\0';
}

static struct str
trim(const char *p, const char *e)
{
	while (p < e && is_space(*p))
		p++;
	while (e > p && is_space(e[-1]))
		e--;
	return (struct str){p, (size_t)(e - p)};
}

static int
is_alnum(int c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int
is_unreserved(int c)
{
	return is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL);
}

/* Reserved characters that mean what they are; '*' and '$' do not. */
static int
is_reserved(int c)
{
	return c != '\0' && strchr(":/?#[]@!&'()+,;=", c) != NULL;
}

/* Writes one byte of the input in normal form to o, which has room for 3, and
 * returns how many it took; *used: bytes of the input. */
static size_t
normal_byte(const char *p, const char *e, char *o, size_t *used)
{
	static const char digits[] = "0123456789ABCDEF";
	int c = (unsigned char)*p, hi, lo;

	*used = 1;
	if (c == '%') {
		if (e - p < 3 || (hi = hex_value(p[1])) < 0 || (lo = hex_value(p[2])) < 0) {
			*o = '%';
			return 1;
		}
		*used = 3;
		c = hi << 4 | lo;
		if (is_unreserved(c)) {
			*o = (char)c;
			return 1;
		}
	} else if (is_unreserved(c) || is_reserved(c)) {
		*o = (char)c;
		return 1;
	}
	o[0] = '%';
	o[1] = digits[c >> 4];
	o[2] = digits[c & 15];
	return 3;
}

/* A pattern in normal form; o has room for 3 * n bytes. */
static size_t
normal_pattern(const char *p, size_t n, char *o, uint32_t *flags)
{
	const char *e = p + n;
	size_t len = 0, used;

	if (n > 0 && e[-1] == '$') {
		*flags |= ANCHOR;
		e--;
	}
	for (; p < e; p += used) {
		if (*p == '*') {
			used = 1;
			if (len == 0 || o[len - 1] != '*')
				o[len++] = '*';
			continue;
		}
		len += normal_byte(p, e, o + len, &used);
	}
	return len;
}

/* ---- compile ----------------------------------------------------------- */

static enum key
find_key(struct str k)
{
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i].name) == k.n &&
		    strncasecmp(keys[i].name, k.p, k.n) == 0)
			return keys[i].key;
	return UNKNOWN;
}

/* The product token at the head of a value: letters, '_' and '-'. */
static int
names_agent(struct str v, const char *agent)
{
	size_t n = 0;

	while (
	    n < v.n && ((is_alnum(v.p[n]) && (v.p[n] < '0' || v.p[n] > '9')) ||
			   v.p[n] == '_' || v.p[n] == '-'))
		n++;
	return n > 0 && n == strlen(agent) && strncasecmp(v.p, agent, n) == 0;
}

static void
on_agent(struct compiler *c, struct str v)
{
	if (!c->in_agents)
		c->is_own = c->is_star = 0;
	c->in_agents = 1;
	if (v.n > 0 && v.p[0] == '*' && (v.n == 1 || is_space(v.p[1])))
		c->is_star = c->star.seen = 1;
	else if (names_agent(v, c->agent))
		c->is_own = c->own.seen = 1;
}

static void
add_rule(struct compiler *c, struct group *g, struct str v, uint32_t flags,
    uint32_t line)
{
	struct rule *r;
	size_t cap;

	if (g->n == g->cap) {
		cap = g->cap ? g->cap * 2 : 64;
		r = realloc(g->rules, cap * sizeof *r);
		if (r == NULL) {
			c->err = -1;
			return;
		}
		g->rules = r;
		g->cap = cap;
	}
	g->rules[g->n++] = (struct rule){.off = (uint32_t)(v.p - c->txt),
	    .len = (uint32_t)v.n,
	    .line = line,
	    .flags = flags};
}

/* A rule of the groups we are in. "Allow: /a/index.html" opens "/a/" itself
 * too, as site owners mean it and as the large crawlers read it. */
static void
on_rule(struct compiler *c, struct str v, uint32_t flags, uint32_t line)
{
	const char *slash = memrchr(v.p, '/', v.n);
	size_t dir = slash != NULL ? (size_t)(slash - v.p) + 1 : 0;
	struct group *groups[] = {
	    c->is_own ? &c->own : NULL, c->is_star ? &c->star : NULL};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (groups[i] == NULL)
			continue;
		add_rule(c, groups[i], v, flags, line);
		if ((flags & ALLOW) && dir > 0 && v.n - dir >= 9 &&
		    memcmp(v.p + dir, "index.htm", 9) == 0)
			add_rule(c, groups[i], (struct str){v.p, dir},
			    ALLOW | ANCHOR, line);
	}
}

/* Seconds, maybe with a fraction; anything else is no delay. */
static uint32_t
parse_delay(struct str v)
{
	uint64_t ms = 0, unit = 1000;
	size_t i;
	int dot = 0, digits = 0;

	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '.' && !dot) {
			dot = 1;
			continue;
		}
		if (v.p[i] < '0' || v.p[i] > '9')
			return NO_DELAY;
		digits = 1;
		if (dot)
			ms += (uint64_t)(v.p[i] - '0') * (unit /= 10);
		else if (ms < NO_DELAY)
			ms = ms * 10 + (uint64_t)(v.p[i] - '0') * 1000;
	}
	if (!digits)
		return NO_DELAY;
	return ms < NO_DELAY ? (uint32_t)ms : NO_DELAY - 1;
}

/* The longest of several counts. */
static void
set_delay(struct group *g, uint32_t ms)
{
	if (ms != NO_DELAY && (g->delay_ms == NO_DELAY || ms > g->delay_ms))
		g->delay_ms = ms;
}

static void
on_line(struct compiler *c, enum key key, struct str v, uint32_t line)
{
	switch (key) {
	case AGENT:
		on_agent(c, v);
		break;
	case RULE_ALLOW:
	case RULE_DISALLOW:
		c->in_agents = 0;
		if (v.n == 0)
			break; /* "Disallow:" allows all, as no rule does */
		on_rule(c, v, key == RULE_ALLOW ? ALLOW : 0, line);
		break;
	case DELAY:
		c->in_agents = 0;
		if (c->is_own)
			set_delay(&c->own, parse_delay(v));
		if (c->is_star)
			set_delay(&c->star, parse_delay(v));
		break;
	case SITEMAP:
		if (v.n > 0 && c->nsitemaps < MAX_SITEMAPS)
			c->sitemaps[c->nsitemaps++] = v;
		break;
	case UNKNOWN:
		break;
	}
}

/* "key: value # comment"; a missing colon is forgiven when there are exactly
 * two words. */
static void
read_line(struct compiler *c, const char *p, const char *e, uint32_t line)
{
	const char *hash = memchr(p, '#', (size_t)(e - p)), *colon, *s;
	struct str key, value;

	if (hash != NULL)
		e = hash;
	if (e - p > MAX_LINE)
		e = p + MAX_LINE;
	colon = memchr(p, ':', (size_t)(e - p));
	if (colon != NULL) {
		key = trim(p, colon);
		value = trim(colon + 1, e);
	} else {
		value = trim(p, e);
		e = value.p + value.n;
		for (s = value.p; s < e && !is_space(*s); s++)
			;
		key = (struct str){value.p, (size_t)(s - value.p)};
		value = trim(s, e);
		for (s = value.p; s < e && !is_space(*s); s++)
			;
		if (value.n == 0 || s < e)
			return;
	}
	on_line(c, find_key(key), value, line);
}

static void
read_file(struct compiler *c, const char *p, const char *e)
{
	static const char bom[] = "\xef\xbb\xbf";
	uint32_t line = 1;
	const char *s;
	int i;

	for (i = 0; i < 3 && p < e && *p == bom[i]; i++)
		p++;
	while (p < e && !c->err) {
		for (s = p; p < e && *p != '\n' && *p != '\r'; p++)
			;
		read_line(c, s, p, line++);
		if (p + 1 < e && p[0] == '\r' && p[1] == '\n')
			p++;
		p++;
	}
}

/* R1; equal rules keep the order of the file. */
static int
by_weight(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	uint32_t lx = x->len + ((x->flags & ANCHOR) != 0);
	uint32_t ly = y->len + ((y->flags & ANCHOR) != 0);

	if (lx != ly)
		return lx > ly ? -1 : 1;
	if ((x->flags ^ y->flags) & ALLOW)
		return x->flags & ALLOW ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int
build(const struct compiler *c, const struct group *g, void **blob,
    size_t *blob_len)
{
	size_t i, max, at;
	struct head *h;
	struct rule *r;
	uint32_t *maps;
	char *b;

	max = at = sizeof *h + g->n * sizeof *r + c->nsitemaps * sizeof *maps;
	for (i = 0; i < g->n; i++)
		max += g->rules[i].len * 3;
	for (i = 0; i < c->nsitemaps; i++)
		max += c->sitemaps[i].n + 1;
	if ((b = malloc(max)) == NULL)
		return -1;
	h = (struct head *)b;
	r = (struct rule *)(h + 1);
	maps = (uint32_t *)(r + g->n);
	for (i = 0; i < g->n; i++) {
		r[i] = g->rules[i];
		r[i].off = (uint32_t)at;
		r[i].len = (uint32_t)normal_pattern(c->txt + g->rules[i].off,
		    g->rules[i].len, b + at, &r[i].flags);
		at += r[i].len;
	}
	qsort(r, g->n, sizeof *r, by_weight);
	for (i = 0; i < c->nsitemaps; i++) {
		maps[i] = (uint32_t)at;
		memcpy(b + at, c->sitemaps[i].p, c->sitemaps[i].n);
		at += c->sitemaps[i].n;
		b[at++] = '\0';
	}
	*h = (struct head){MAGIC, (uint32_t)at, (uint32_t)g->n,
	    (uint32_t)c->nsitemaps, g->delay_ms};
	*blob = b;
	*blob_len = at;
	return 0;
}

int
robots_compile(const void *txt, size_t len, const char *agent, void **blob,
    size_t *blob_len)
{
	struct compiler *c = calloc(1, sizeof *c);
	int rc = -1;

	if (c == NULL)
		return -1;
	if (txt == NULL)
		txt = "";
	if (len > ROBOTS_MAX) {
		/* A rule cut in two would say something else. */
		for (len = ROBOTS_MAX; len > 0; len--)
			if (memchr("\r\n", ((const char *)txt)[len - 1], 2))
				break;
	}
	c->txt = txt;
	c->agent = agent;
	c->own.delay_ms = c->star.delay_ms = NO_DELAY;
	read_file(c, c->txt, c->txt + len);
	if (!c->err)
		rc = build(c, c->own.seen ? &c->own : &c->star, blob, blob_len);
	free(c->own.rules);
	free(c->star.rules);
	free(c);
	return rc;
}

/* ---- use --------------------------------------------------------------- */

/* A blob that comes from the store lies at any address: fields are copied out
 * of it. */
static struct head
get_head(const void *blob, size_t len)
{
	struct head h = {.delay_ms = NO_DELAY};

	if (len >= sizeof h)
		memcpy(&h, blob, sizeof h);
	return h;
}

static struct rule
get_rule(const void *blob, uint32_t i)
{
	struct rule r;

	memcpy(&r, (const char *)blob + sizeof(struct head) + i * sizeof r,
	    sizeof r);
	return r;
}

static uint32_t
get_sitemap(const void *blob, const struct head *h, uint32_t i)
{
	uint32_t off;

	memcpy(&off,
	    (const char *)blob + sizeof *h + h->nrules * sizeof(struct rule) +
		i * sizeof off,
	    sizeof off);
	return off;
}

int
robots_check(const void *blob, size_t len)
{
	struct head h = get_head(blob, len);
	struct rule r;
	uint64_t fixed;
	uint32_t i, off;

	if (h.magic != MAGIC || h.len != len)
		return 0;
	fixed = sizeof h + (uint64_t)h.nrules * sizeof r +
		(uint64_t)h.nsitemaps * sizeof off;
	if (fixed > len)
		return 0;
	for (i = 0; i < h.nrules; i++) {
		r = get_rule(blob, i);
		if (r.off < fixed || (uint64_t)r.off + r.len > len)
			return 0;
	}
	for (i = 0; i < h.nsitemaps; i++) {
		off = get_sitemap(blob, &h, i);
		if (off < fixed || off >= len)
			return 0;
	}
	return h.nsitemaps == 0 || ((const char *)blob)[len - 1] == '\0';
}

/* Path and query of a URL in normal form, in out; its length. */
static size_t
normal_target(const char *url, char *out)
{
	const char *p = strstr(url, "://"), *e;
	size_t n = 0, used;

	if (*url == '/')
		p = url;
	else if (p != NULL)
		p += 3 + strcspn(p + 3, "/?#");
	else
		p = url;
	e = p + strcspn(p, "#");
	if (p == e || *p != '/')
		out[n++] = '/';
	for (; p < e && n + 3 <= MAX_TARGET; p += used)
		n += normal_byte(p, e, out + n, &used);
	return n;
}

/* R3. */
static int
pattern_matches(
    const char *p, size_t len, int anchored, const char *s, size_t n)
{
	const char *e = p + len, *star, *at;
	size_t k;
	int first = 1;

	for (;; first = 0, p = star + 1) {
		star = memchr(p, '*', (size_t)(e - p));
		k = (size_t)((star != NULL ? star : e) - p);
		if (k > n)
			return 0;
		if (star == NULL && anchored) { /* the last piece, at the end */
			return (!first || k == n) &&
			       memcmp(s + n - k, p, k) == 0;
		}
		at = first ? (memcmp(s, p, k) == 0 ? s : NULL)
			   : memmem(s, n, p, k);
		if (at == NULL)
			return 0;
		if (star == NULL)
			return 1;
		n -= (size_t)(at + k - s);
		s = at + k;
	}
}

int
robots_allowed(const void *blob, size_t len, const char *url, int *line)
{
	struct head h = get_head(blob, len);
	struct rule r;
	char target[MAX_TARGET];
	size_t n = normal_target(url, target), work = 0;
	const char *p;
	uint32_t i;

	if (line != NULL)
		*line = 0;
	for (i = 0; i < h.nrules; i++) {
		r = get_rule(blob, i);
		p = (const char *)blob + r.off;
		if (memchr(p, '*', r.len) != NULL && (work += n) > MAX_WORK)
			r.flags = 0; /* R3: as if this one forbade it */
		else if (!pattern_matches(
			     p, r.len, (r.flags & ANCHOR) != 0, target, n))
			continue;
		if (line != NULL)
			*line = (int)r.line;
		return (r.flags & ALLOW) != 0;
	}
	return 1;
}

int64_t
robots_crawl_delay_ms(const void *blob, size_t len)
{
	struct head h = get_head(blob, len);

	return h.delay_ms == NO_DELAY ? -1 : (int64_t)h.delay_ms;
}

void
robots_sitemaps(const void *blob, size_t len, const char *base,
    void (*cb)(void *arg, const char *url), void *arg)
{
	struct head h = get_head(blob, len);
	struct winnow_url b, u;
	uint64_t seen[MAX_SITEMAPS], key;
	uint32_t i, j, n = 0;
	const char *s;

	if (base != NULL &&
	    winnow_url_parse(&b, base, strlen(base), NULL, NULL) != 0)
		base = NULL;
	for (i = 0; i < h.nsitemaps && n < MAX_SITEMAPS; i++) {
		s = (const char *)blob + get_sitemap(blob, &h, i);
		if (winnow_url_parse(&u, s, strlen(s), base != NULL ? &b : NULL,
			NULL) != 0 ||
		    winnow_url_fetchable(&u) != 0)
			continue;
		key = winnow_url_key(&u, 0).url;
		for (j = 0; j < n && seen[j] != key; j++)
			;
		if (j < n)
			continue;
		seen[n++] = key;
		cb(arg, u.href);
	}
}
