/* config.h - every setting of winnowd, typed.
 *
 * keys.def is the only list: one row a key with section, name, type, default,
 * range, unit and a sentence. The fields below are made from it: the key
 * `delay` of section [politeness] is the field `politeness_delay`.
 *
 *	DURATION  int64_t milliseconds	  SIZE  int64_t bytes
 *	INT       int64_t		  REAL  double
 *	BOOL      int 0 or 1		  ENUM  int (enum config_<section>_<key>)
 *	STRING    const char *, "" when empty
 *	LIST      const char *const *, NULL-terminated, never NULL
 *
 * Order, later wins: defaults, file (with its includes), environment
 * WINNOWD_SECTION__KEY, overrides (-o section.key=value). */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* struct config_values and the enums, from keys.def */
#include "config/keys.h"

struct config;

enum config_error {
	CONFIG_OK = 0,
	CONFIG_EINVALID = -1, /* the text is wrong: exit status 4 */
	CONFIG_EOPEN = -2,    /* a file cannot be read */
	CONFIG_ENOMEM = -3
};

/* Reads a configuration. file NULL: defaults only. overrides: NULL-terminated
 * "section.key=value" strings, or NULL. env: environ, or NULL to ignore it.
 * On an error err holds every finding, a line each, "file:line: [section] key
 * 'value': what is wrong, what to do"; *out is then NULL. Caller frees with
 * config_free(). */
int config_load(struct config **out, const char *file,
    const char *const *overrides, char *const *env, char *err, size_t errlen);
void config_free(struct config *); /* NULL is fine */

/* The values for no host in particular; borrowed until config_free(). */
const struct config_values *config_values(const struct config *);

/* The values for a host: those of the [site "pattern"] sections that match it
 * laid over the general ones, the most specific last. Never NULL. */
const struct config_values *config_for(const struct config *,
    const char *host);

/* -T: "section.key = value  # where from", a line each; then those of [site]
 * sections. host: what holds for that host instead; NULL: all of it. */
void config_print(const struct config *, const char *host, FILE *);
/* What is valid and makes no sense, a line each: "file:line: warning: ..."; the
 * count. */
int config_warn(const struct config *, FILE *);
/* What a reload changed: "section.key: old -> new", a line each; the count. */
int config_diff(const struct config *, const struct config *, FILE *);
/* The keys of keys.def one by one, from 0 on: 1, or 0 behind the last. */
struct config_setting {
	const char *section, *name;
	const char *const *choices; /* NULL-terminated; NULL: no such list */
};
int config_setting(size_t i, struct config_setting *);

/* By how many edits a word misses another one that may have been meant;
 * UINT_MAX: by too many. */
unsigned config_misspelt(const char *word, const char *meant);

/* The sample file, and the list of keys as mdoc, both from keys.def. */
void config_print_sample(FILE *);
void config_print_mdoc(FILE *);

#endif
