/* merit.c - see merit.h. The table below is the layout of the bits; read from
 * its end it is the comparison. */
#include "crawler/merit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleaner/winnow.h"

enum { DAY, TIDY, LENGTH, HOME, OFFICIAL, PLAIN, WHOLE, SOUND, FULL, FIELDS };

static const struct field {
	uint8_t shift, bits;
	uint8_t margin; /* at least so much apart, or it does not tell */
	uint8_t less;   /* the smaller is the better, and 0 does not tell */
} fields[FIELDS] = {
    [DAY] = {0, 16, 1, 1},
    [TIDY] = {16, 1, 1, 0},
    [LENGTH] = {17, 8, 3, 0},
    [HOME] = {25, 1, 1, 0},
    [OFFICIAL] = {26, 3, 1, 0},
    [PLAIN] = {29, 1, 1, 0},
    [WHOLE] = {30, 1, 1, 0},
    [SOUND] = {31, 1, 1, 0},
    [FULL] = {17, 8, 7, 0}, /* the length, 2^(7/12) times */
};

static uint32_t
put(int field, uint32_t v)
{
	const struct field *f = &fields[field];
	uint32_t most = (1u << f->bits) - 1;

	return (v < most ? v : most) << f->shift;
}

static uint32_t
get(uint32_t merit, int field)
{
	const struct field *f = &fields[field];

	return merit >> f->shift & ((1u << f->bits) - 1);
}

int
merit_better(uint32_t a, uint32_t than)
{
	uint32_t x, y, apart;
	int i;

	if (than == MERIT_GONE || than == MERIT_UNKNOWN || a == MERIT_GONE ||
	    a == MERIT_UNKNOWN)
		return than == MERIT_GONE && a != MERIT_GONE;
	for (i = FIELDS; i-- > 0;) {
		x = get(a, i);
		y = get(than, i);
		apart = x > y ? x - y : y - x;
		if (apart >= fields[i].margin &&
		    !(fields[i].less && (x == 0 || y == 0)))
			return fields[i].less ? x < y : x > y;
	}
	return 0;
}

int
merit_longer(uint32_t a, uint32_t than)
{
	return a != MERIT_UNKNOWN && than != MERIT_UNKNOWN &&
	       get(a, FULL) >= get(than, FULL) + fields[FULL].margin;
}

/* ---- who published it ---------------------------------------------------- */

static const struct row {
	enum row_kind { PUBLIC_ROW, UNIT_ROW, VERSION_ROW, SOURCE_ROW } kind;
	const char *word;    /* a SOURCE's: names, parted by | */
	const char *domains; /* of a SOURCE */
	int of_host;         /* of a VERSION */
} rows[] = {
#define PUBLIC(suffix, why) {PUBLIC_ROW, suffix, NULL, 0},
#define UNIT(ending) {UNIT_ROW, ending, NULL, 0},
#define VERSION(word, of_host) {VERSION_ROW, word, NULL, of_host},
#define SOURCE(names, domains) {SOURCE_ROW, names, domains, 0},
#include "crawler/merit_sources.def"
#undef PUBLIC
#undef UNIT
#undef VERSION
#undef SOURCE
};
#define SPUN 0.5 /* from there on a program has rewritten it */
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* host is that domain, of n bytes, or lies below it. */
static int
is_below(const char *host, const char *domain, size_t n)
{
	size_t len = strlen(host);

	return len >= n && strncasecmp(host + len - n, domain, n) == 0 &&
	       (len == n || host[len - n - 1] == '.');
}

static int
is_one_of(const char *host, const char *domains)
{
	size_t n;

	for (; *domains != '\0'; domains += n + (domains[n] == ' ')) {
		n = strcspn(domains, " ");
		if (is_below(host, domains, n))
			return 1;
	}
	return 0;
}

/* The row that a credit names; NULL. */
static const struct row *
source_named(const char *credit)
{
	const char *name;
	size_t i, n;

	for (i = 0; i < COUNT(rows); i++) {
		if (rows[i].kind != SOURCE_ROW)
			continue;
		for (name = rows[i].word; *name != '\0';
		     name += n + (name[n] == '|')) {
			n = strcspn(name, "|");
			if (strncasecmp(credit, name, n) == 0)
				return &rows[i];
		}
	}
	return NULL;
}

static int
is_public(const char *host)
{
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (rows[i].kind == PUBLIC_ROW
			? is_below(host, rows[i].word, strlen(rows[i].word))
			: rows[i].kind == SOURCE_ROW &&
			      is_one_of(host, rows[i].domains))
			return 1;
	return 0;
}

/* 本站, or the name of the site: one holds the other (某市教育局,
 * 某市教育局网). */
static int
credits_itself(const char *source, const char *sitename)
{
	static const char *const here[] = {"本站", "本网", "本網", "本报",
	    "本報", "本校", "本局", "本刊", "原创", "原創"};
	size_t i;

	for (i = 0; i < COUNT(here); i++)
		if (strncmp(source, here[i], strlen(here[i])) == 0)
			return 1;
	return sitename != NULL && strlen(source) >= 6 &&
	       strlen(sitename) >= 6 &&
	       (strstr(source, sitename) != NULL ||
		   strstr(sitename, source) != NULL);
}

static int
credits_a_unit(const char *source)
{
	size_t len = strlen(source), i, n;

	for (i = 0; i < COUNT(rows); i++) {
		n = strlen(rows[i].word);
		if (rows[i].kind == UNIT_ROW && len >= n &&
		    strcmp(source + len - n, rows[i].word) == 0)
			return 1;
	}
	return 0;
}

enum merit_official
merit_official(const char *source, const char *sitename, const char *host)
{
	int public = is_public(host);
	const struct row *s;

	if (source == NULL || source[0] == '\0')
		return public ? MERIT_PUBLIC_OWN : MERIT_UNSAID;
	s = source_named(source);
	if (s != NULL && is_one_of(host, s->domains))
		return MERIT_PUBLIC_OWN;
	if (s == NULL && credits_itself(source, sitename))
		return public ? MERIT_PUBLIC_OWN : MERIT_OWN;
	if (!public)
		return MERIT_REPRINT;
	return s == NULL && credits_a_unit(source) ? MERIT_PUBLIC_OWN
						   : MERIT_PUBLIC_PRINT;
}

/* ---- of a document ------------------------------------------------------- */

/* Damage that was repaired, or is harmless: not how the page was set. */
static size_t
damage(const struct winnow_doc *d)
{
	static const uint8_t of[] = {WINNOW_REPAIR_GLOSS,
	    WINNOW_REPAIR_LOST_BYTE, WINNOW_REPAIR_LOST_SYMBOL,
	    WINNOW_REPAIR_BROKEN_ENTITY, WINNOW_REPAIR_MOJIBAKE,
	    WINNOW_REPAIR_PRIVATE_USE};
	size_t n = d->signals.glosses, i;

	for (i = 0; i < COUNT(of); i++)
		n += d->repairs[of[i]];
	return n;
}

/* Twelve steps to a doubling; 1 to 255. */
static uint32_t
length_step(size_t chars)
{
	/* 2^(i/12), times 4096 */
	static const uint16_t part[12] = {4096, 4340, 4598, 4871, 5161, 5468,
	    5793, 6137, 6502, 6889, 7298, 7732};
	uint32_t step = 1, i;
	uint64_t v = (uint64_t)chars << 12;

	for (; v >= 2 * 4096 && step < 240; v >>= 1)
		step += 12;
	for (i = 11; i > 0 && v < part[i]; i--)
		;
	return step + i;
}

/* Days since 1970 of YYYY-MM-DD; 0: none. Months need not be exact to be
 * ordered. */
static uint32_t
day_of(const char *date)
{
	int y, m, d;

	if (date == NULL || strlen(date) != 10)
		return 0;
	y = atoi(date);
	m = atoi(date + 5);
	d = atoi(date + 8);
	return y < 1970 || m < 1 || d < 1
		   ? 0
		   : (uint32_t)((y - 1970) * 372 + (m - 1) * 31 + d);
}

/* A word of an address: letters and digits up to what is none. */
static int
is_version_word(const char *p, size_t n, int of_host)
{
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (rows[i].kind == VERSION_ROW &&
		    (rows[i].of_host || !of_host) &&
		    strlen(rows[i].word) == n &&
		    strncasecmp(p, rows[i].word, n) == 0)
			return 1;
	return 0;
}

/* The address is that of a version to print, or for telephones. */
static int
is_version(const struct winnow_url *u)
{
	static const char mark[] = "/?&=._-;,!~+";
	const char *p = u->href + u->path_beg, *end = u->href + u->frag_beg;
	size_t n;

	if (is_version_word(
		u->href + u->host_beg, strcspn(u->href + u->host_beg, "."), 1))
		return 1;
	for (; p < end; p += n + 1) {
		n = strcspn(p, mark);
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		if (is_version_word(p, n, 0))
			return 1;
	}
	return 0;
}

/* The page is no version of another, and names no other address as its own. */
static int
is_home(const struct winnow_doc *d, const struct winnow_url *own)
{
	const char *said = d->url_canonical;
	struct winnow_url u;
	struct winnow_key a, b;

	if (own->len > 0 && is_version(own))
		return 0;
	if (said == NULL || own->len == 0 || strcmp(said, own->href) == 0 ||
	    winnow_url_parse(&u, said, strlen(said), NULL, NULL) != 0)
		return 1;
	a = winnow_url_key(own, 0);
	b = winnow_url_key(&u, 0);
	return a.host == b.host && a.url == b.url;
}

static enum merit_official
official(const struct winnow_doc *d, const struct winnow_url *own)
{
	char host[256];
	enum merit_official is;

	snprintf(host, sizeof host, "%.*s", own->host_end - own->host_beg,
	    own->href + own->host_beg);
	is = merit_official(d->source_name, d->sitename, host);
	/* A mirror, or a place where people put what they have found. */
	if (d->script_origin != NULL ||
	    (d->page_type == WINNOW_DOCUMENT && !is_public(host)))
		return MERIT_REPRINT;
	return is;
}

uint32_t
merit_of(const struct winnow_doc *d, const char *url)
{
	const struct winnow_signals *is = &d->signals;
	size_t hurt = damage(d);
	struct winnow_url own;

	if (url == NULL ||
	    winnow_url_parse(&own, url, strlen(url), NULL, NULL) != 0)
		memset(&own, 0, sizeof own);
	return put(SOUND, is->lost == 0 && is->damaged == 0) |
	       put(WHOLE, !d->truncated) |
	       put(PLAIN,
		   (hurt <= 3 || hurt <= d->chars / 500) && is->spun < SPUN) |
	       put(OFFICIAL, official(d, &own)) |
	       put(HOME, is_home(d, &own) != 0) |
	       put(LENGTH, length_step(d->chars)) | put(TIDY, hurt == 0) |
	       put(DAY, day_of(d->date_publish));
}
