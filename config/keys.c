/* keys.c - the table of keys.def, and how a name is found in it.
 *
 * A linear look: it happens once a line of a file that a person wrote. */
#include "config/impl.h"

#include <limits.h>
#include <string.h>

#define CHOICES(section, key)                                                  \
	static const char *const choices_##section##_##key[] = {
#define CHOICE(prefix, name, text) text,
#define CHOICES_END                                                            \
	NULL                                                                   \
	}                                                                      \
	;
#include "config/keys.def"

#define CHOICES_OF_DURATION(section, key) NULL
#define CHOICES_OF_SIZE(section, key) NULL
#define CHOICES_OF_INT(section, key) NULL
#define CHOICES_OF_REAL(section, key) NULL
#define CHOICES_OF_BOOL(section, key) NULL
#define CHOICES_OF_STRING(section, key) NULL
#define CHOICES_OF_LIST(section, key) NULL
#define CHOICES_OF_ENUM(section, key) choices_##section##_##key
#define SITE CONFIG_F_SITE
#define START CONFIG_F_START

const struct config_key config_keys[CONFIG_NKEYS] = {
#define KEY(section, key, type, def, least, most, check, flags, words,         \
    example, when)                                                            \
	{#section, #key, def, least, most, CHOICES_OF_##type(section, key),    \
	    words, example, when,                                              \
	    offsetof(struct config_values, section##_##key),                   \
	    CONFIG_##type, CONFIG_##check, flags},
#include "config/keys.def"
};

/* Nobody may leave these two out. */
#define KEY(section, key, type, def, least, most, check, flags, words,         \
    example, when)                                                             \
	_Static_assert(sizeof(example) > 1 && sizeof(when) > 1,                \
	    #section "." #key ": give an example, and say for whom");
#include "config/keys.def"

const struct config_section config_sections[] = {
#define SECTION(name, words) {#name, words},
#include "config/keys.def"
};
const size_t config_nsections =
    sizeof(config_sections) / sizeof(config_sections[0]);

/* "delay" or "politeness.delay", in a [site] section. */
static int
key_find_site(const char *name)
{
	const char *dot = strchr(name, '.');
	const struct config_key *k;

	for (int i = 0; i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		if (!(k->flags & SITE))
			continue;
		if (dot == NULL) {
			if (strcmp(k->name, name) == 0)
				return i;
		} else if (strlen(k->section) == (size_t)(dot - name) &&
			   strncmp(k->section, name, dot - name) == 0 &&
			   strcmp(k->name, dot + 1) == 0)
			return i;
	}
	return -1;
}

int
config_key_find(const char *section, const char *name, int site)
{
	if (site)
		return key_find_site(name);
	for (int i = 0; i < CONFIG_NKEYS; i++)
		if (strcmp(config_keys[i].section, section) == 0 &&
		    strcmp(config_keys[i].name, name) == 0)
			return i;
	return -1;
}

/* Edits (insert, delete, change, swap of neighbours) from a to b; names are
 * short, longer ones are no misspelling of ours. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned d[3][40], *p = d[0], *q = d[1], *r = d[2], *t;
	size_t m = strlen(a), n = strlen(b), i, j;
	unsigned best;

	if (m >= 40 || n >= 40)
		return UINT_MAX;
	for (j = 0; j <= n; j++)
		q[j] = j;
	for (i = 1; i <= m; i++) {
		r[0] = i;
		for (j = 1; j <= n; j++) {
			best = q[j - 1] + (a[i - 1] != b[j - 1]);
			if (q[j] + 1 < best)
				best = q[j] + 1;
			if (r[j - 1] + 1 < best)
				best = r[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && p[j - 2] + 1 < best)
				best = p[j - 2] + 1;
			r[j] = best;
		}
		t = p, p = q, q = r, r = t;
	}
	return q[n];
}

/* Near enough to be meant: a third of the letters, at least one. */
static int
near(const char *name, unsigned d)
{
	size_t n = strlen(name);

	return d <= (n < 6 ? 1 : n / 3);
}

int
config_setting(size_t i, struct config_setting *s)
{
	static const char *const truths[] = {"true", "false", NULL};
	const struct config_key *k;

	if (i >= CONFIG_NKEYS)
		return 0;
	k = &config_keys[i];
	s->section = k->section;
	s->name = k->name;
	s->choices = k->type == CONFIG_BOOL ? truths : k->choices;
	return 1;
}

unsigned
config_misspelt(const char *word, const char *meant)
{
	unsigned d = distance(word, meant);

	return near(word, d) ? d : UINT_MAX;
}

const char *
config_key_nearest(
    const char *section, const char *name, int site, char *buf, size_t len)
{
	const char *dot = strrchr(name, '.');
	const struct config_key *k, *best = NULL;
	unsigned d, least = UINT_MAX;

	if (dot != NULL)
		name = dot + 1;
	for (int i = 0; i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		if (site && !(k->flags & SITE))
			continue;
		d = distance(name, k->name);
		if (!near(name, d))
			continue;
		/* The same section wins, then the fewer edits. */
		d = d * 2 + (!site && strcmp(k->section, section) != 0);
		if (d < least)
			least = d, best = k;
	}
	buf[0] = '\0';
	if (best == NULL)
		return buf;
	if (site || strcmp(best->section, section) == 0)
		snprintf(buf, len, "'%s'", best->name);
	else
		snprintf(buf, len, "[%s] '%s'", best->section, best->name);
	return buf;
}

int
config_section_known(const char *name)
{
	for (size_t i = 0; i < config_nsections; i++)
		if (strcmp(config_sections[i].name, name) == 0)
			return 1;
	return 0;
}

const char *
config_section_nearest(const char *name)
{
	const char *best = NULL;
	unsigned d, least = UINT_MAX;

	for (size_t i = 0; i < config_nsections; i++) {
		d = distance(name, config_sections[i].name);
		if (near(name, d) && d < least)
			least = d, best = config_sections[i].name;
	}
	return best;
}
