/* seeds.c - the parser of seed lists.
 *
 * Bytes come in pieces of any size and are gathered into one line of bounded
 * length; a line is cut at TABs and checked as a whole before the caller sees
 * it.
 *
 * Invariants
 *  L1  Memory does not depend on the list.
 *  L2  A line gives exactly one of: a seed, a report, nothing (blank, #). */
#include "crawler/seeds.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TAGS_MAX 1024
#define KEYS "type, interval, depth, priority, tags or charset"

struct list {
	const struct seeds_reader *reader;
	struct winnow_url url;
	unsigned line;
	size_t used;
	int too_long;
	char text[SEEDS_LINE_MAX + 1];
	char what[256];
};

static int fail(struct list *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* What is wrong with the line; -1. */
static int
fail(struct list *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->what, sizeof l->what, fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- values ------------------------------------------------------------- */

static int
get_number(const char *s, long least, long most, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(s, &end, 10);
	if (end == s || *end != '\0' || errno != 0)
		return -1;
	return *out < least || *out > most ? -1 : 0;
}

static int
set_type(struct list *l, struct seed_line *s, const char *v)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = {{"page", URL_PAGE}, {"list", URL_LIST}, {"feed", URL_FEED},
	    {"sitemap", URL_SITEMAP}};
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(v, types[i].name) == 0) {
			s->type = types[i].type;
			return 0;
		}
	}
	return fail(l, "type '%.40s': use page, list, feed or sitemap", v);
}

static int
set_interval(struct list *l, struct seed_line *s, const char *v)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
	    {"d", 86400000}};
	size_t i, digits = strspn(v, "0123456789");

	for (i = 0; i < sizeof units / sizeof *units; i++) {
		if (digits == 0 || digits > 9 ||
		    strcmp(v + digits, units[i].unit) != 0)
			continue;
		s->interval_ms = strtol(v, NULL, 10) * units[i].ms;
		return 0;
	}
	return fail(l, "interval '%.40s': use a number with s, m, h or d", v);
}

static int
set_depth(struct list *l, struct seed_line *s, const char *v)
{
	long n;

	if (get_number(v, 0, 1000, &n) != 0)
		return fail(l, "depth '%.40s': use a number up to 1000", v);
	s->depth = (uint16_t)n;
	return 0;
}

static int
set_priority(struct list *l, struct seed_line *s, const char *v)
{
	long n;

	if (get_number(v, -100, 100, &n) != 0)
		return fail(l, "priority '%.40s': use -100 to 100", v);
	s->priority = (int8_t)n;
	return 0;
}

static int
set_tags(struct list *l, struct seed_line *s, const char *v)
{
	if (strlen(v) > TAGS_MAX)
		return fail(l, "tags: more than %d bytes", TAGS_MAX);
	s->tags = v;
	return 0;
}

static int
set_charset(struct list *l, struct seed_line *s, const char *v)
{
	size_t n =
	    strspn(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		      "0123456789-_.:+()");

	if (n == 0 || v[n] != '\0' || n > 40)
		return fail(l, "charset '%.40s': no name of an encoding", v);
	s->charset = v;
	return 0;
}

static const struct attribute {
	const char *key;
	int (*set)(struct list *, struct seed_line *, const char *);
} attributes[] = {{"type", set_type}, {"interval", set_interval},
    {"depth", set_depth}, {"priority", set_priority}, {"tags", set_tags},
    {"charset", set_charset}};

/* The attribute that s begins with, as "key=". */
static const struct attribute *
attribute_at(const char *s)
{
	size_t i, n;

	for (i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		n = strlen(attributes[i].key);
		if (strncmp(s, attributes[i].key, n) == 0 && s[n] == '=')
			return &attributes[i];
	}
	return NULL;
}

/* ---- a line ------------------------------------------------------------- */

static char *
trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return s + strspn(s, " \t");
}

/* A space ends an attribute when another one follows it: people write lists
 * by hand. */
static char *
attribute_end(char *s)
{
	for (; *s != '\0' && *s != '\t'; s++)
		if (*s == ' ' && attribute_at(s + 1) != NULL)
			break;
	return s;
}

static int
set_attributes(struct list *l, struct seed_line *s, char *p)
{
	const struct attribute *a;
	char *end;
	int more;

	for (more = 1; more; p = end + 1) {
		end = attribute_end(p);
		more = *end != '\0';
		*end = '\0';
		p = trim(p);
		if (*p == '\0')
			continue;
		if ((a = attribute_at(p)) == NULL)
			return fail(
			    l, "unknown attribute '%.40s', use " KEYS, p);
		if (a->set(l, s, p + strlen(a->key) + 1) != 0)
			return -1;
	}
	return 0;
}

static int
set_url(struct list *l, struct seed_line *s, const char *text)
{
	const char *p;

	for (p = text; (p = strchr(p, ' ')) != NULL; p++)
		if (attribute_at(p + 1) != NULL)
			return fail(l, "attributes stand after a TAB");
	if (winnow_url_parse(&l->url, text, strlen(text), NULL, NULL) != 0)
		return fail(l, "'%.80s' is no URL", text);
	if (winnow_url_fetchable(&l->url) != 0)
		return fail(
		    l, "'%.80s': only http and https are fetched", text);
	s->url = &l->url;
	s->text = text;
	return 0;
}

/* Bytes of the UTF-8 character at s; 0: it is none. */
static size_t
utf8_len(const unsigned char *s)
{
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t i, n = s[0] < 0x80   ? 1
		      : s[0] < 0xc2 ? 0
		      : s[0] < 0xe0 ? 2
		      : s[0] < 0xf0 ? 3
		      : s[0] < 0xf5 ? 4
				    : 0;
	unsigned c = n > 1 ? s[0] & (0x7fu >> n) : s[0];

	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n == 0 || c < least[n] || (c >= 0xd800 && c < 0xe000) ||
	    c > 0x10ffff)
		return 0;
	return n;
}

/* Control bytes and broken UTF-8 would end up in records and logs. */
static int
is_text(const char *s, size_t len)
{
	size_t i = 0, n;

	while (i < len) {
		n = utf8_len((const unsigned char *)s + i);
		if (n == 0 || s[i] == '\0' || s[i] == 0x7f ||
		    ((unsigned char)s[i] < 0x20 && s[i] != '\t'))
			return 0;
		i += n;
	}
	return 1;
}

static int
parse(struct list *l, struct seed_line *s, char *text, size_t len)
{
	char *tab;

	if (!is_text(text, len))
		return fail(l, "not UTF-8 text");
	tab = strchr(text, '\t');
	if (tab != NULL)
		*tab = '\0';
	if (set_url(l, s, trim(text)) != 0)
		return -1;
	return tab != NULL ? set_attributes(l, s, tab + 1) : 0;
}

static void
line_end(struct list *l)
{
	struct seed_line s = {.tags = "",
	    .charset = "",
	    .depth = SEEDS_NO_DEPTH,
	    .priority = SEEDS_PRIORITY,
	    .type = URL_PAGE};
	size_t len = l->used, skip = 0;
	int rc;

	s.line = ++l->line;
	l->used = 0;
	if (len > 0 && l->text[len - 1] == '\r')
		len--;
	l->text[len] = '\0';
	if (l->line == 1 && len >= 3 && memcmp(l->text, "\xef\xbb\xbf", 3) == 0)
		skip = 3;
	skip += strspn(l->text + skip, " \t");
	if (l->too_long)
		rc = fail(l, "longer than %d bytes", SEEDS_LINE_MAX);
	else if (skip == len || l->text[skip] == '#')
		return;
	else
		rc = parse(l, &s, l->text + skip, len - skip);
	l->too_long = 0;
	if (rc == 0)
		l->reader->seed(l->reader->arg, &s);
	else
		l->reader->bad(l->reader->arg, s.line, l->what);
}

/* ---- input -------------------------------------------------------------- */

static void
list_bytes(struct list *l, const char *p, size_t len)
{
	const char *nl;
	size_t n, room;

	while (len > 0) {
		nl = memchr(p, '\n', len);
		n = nl != NULL ? (size_t)(nl - p) : len;
		room = SEEDS_LINE_MAX - l->used;
		if (n > room)
			l->too_long = 1;
		memcpy(l->text + l->used, p, n < room ? n : room);
		l->used += n < room ? n : room;
		if (nl == NULL)
			return;
		line_end(l);
		p = nl + 1;
		len -= n + 1;
	}
}

static struct list *
list_new(const struct seeds_reader *reader)
{
	struct list *l = malloc(sizeof *l);

	if (l == NULL)
		return NULL;
	l->reader = reader;
	l->line = 0;
	l->used = 0;
	l->too_long = 0;
	return l;
}

/* The last line may lack its end. */
static void
list_end(struct list *l)
{
	if (l->used > 0 || l->too_long)
		line_end(l);
	free(l);
}

int
seeds_read(FILE *in, const struct seeds_reader *reader)
{
	struct list *l = list_new(reader);
	char buf[8192];
	size_t n;
	int rc;

	if (l == NULL)
		return -1;
	while ((n = fread(buf, 1, sizeof buf, in)) > 0)
		list_bytes(l, buf, n);
	rc = ferror(in) ? -1 : 0;
	list_end(l);
	return rc;
}

int
seeds_read_file(const char *path, const struct seeds_reader *reader)
{
	FILE *in = fopen(path, "re");
	int rc;

	if (in == NULL)
		return -1;
	rc = seeds_read(in, reader);
	fclose(in);
	return rc;
}

int
seeds_read_text(const char *text, size_t len, const struct seeds_reader *reader)
{
	struct list *l = list_new(reader);

	if (l == NULL)
		return -1;
	list_bytes(l, text, len);
	list_end(l);
	return 0;
}
