/* impl.h - what the files of config/ share, and nobody else includes.
 *
 *	keys.c	the table made from keys.def, look-up, the nearest name
 *	value.c	one value: from text, to text, compared
 *	listen.c an item of http.listen
 *	file.c	one file: lines, sections, includes
 *	config.c the layers: defaults, file, environment, overrides, sites
 *	sense.c	settings that make no sense together
 *	print.c	-T, what a reload changed, the sample, the manual */
#ifndef CONFIG_IMPL_H
#define CONFIG_IMPL_H

#include <stdarg.h>
#include "config/config.h"

enum config_type {
	CONFIG_DURATION,
	CONFIG_SIZE,
	CONFIG_INT,
	CONFIG_REAL,
	CONFIG_BOOL,
	CONFIG_ENUM,
	CONFIG_STRING,
	CONFIG_LIST
};

enum config_check {
	CONFIG_ANY,
	CONFIG_NAME,    /* printable, no spaces */
	CONFIG_NODE,    /* wq.h: [A-Za-z0-9._-], at most 32 */
	CONFIG_PATH,    /* at most 4095 bytes */
	CONFIG_DIR,     /* likewise, and not empty */
	CONFIG_SOCKET,  /* a path that fits into sun_path */
	CONFIG_PATTERN, /* printable, no spaces, not empty */
	CONFIG_HEADER,  /* printable ASCII, fit for a header line */
	CONFIG_HOURS,   /* 22:00-06:00 */
	CONFIG_NETWORK, /* address or address/bits */
	CONFIG_SERVER,  /* address, address:port or [address]:port */
	CONFIG_PROXY,   /* scheme://[user:password@]address:port */
	CONFIG_LISTEN,  /* address:port, [address]:port or unix:/path */
	CONFIG_TIMEZONE /* +hh:mm or -hh:mm */
};

enum { CONFIG_F_SITE = 1, CONFIG_F_START = 2 };

struct config_key {
	const char *section, *name;
	const char *def, *least, *most;
	const char *const *choices; /* NULL-terminated; ENUM only */
	const char *words;
	const char *example, *when; /* another value, and for whom it is */
	size_t offset; /* in struct config_values */
	enum config_type type;
	enum config_check check;
	int flags;
};

enum config_number {
#define KEY(section, key, type, def, least, most, check, flags, words,         \
    example, when)                                                            \
	CONFIG_N_##section##_##key,
#include "config/keys.def"
	CONFIG_NKEYS
};

struct config_section {
	const char *name, *words;
};

extern const struct config_key config_keys[CONFIG_NKEYS];
extern const struct config_section config_sections[];
extern const size_t config_nsections;

/* Number of the key, or -1. For a [site] section pass section "site" and
 * site 1: the key may then be named with or without its own section. */
int config_key_find(const char *section, const char *name, int site);
/* Words for "did you mean": "'delay'", "[politeness] 'delay'"; "" when nothing
 * is near. buf is returned. */
const char *config_key_nearest(
    const char *section, const char *name, int site, char *buf, size_t len);
int config_section_known(const char *name);
const char *config_section_nearest(const char *name);

/* One value of every key, and where each came from: NULL when this layer does
 * not say. */
struct config_set {
	struct config_values values;
	const char *where[CONFIG_NKEYS];
};

struct config_site {
	const char *pattern;
	size_t order; /* of its section in the files */
	struct config_set set;
};

/* The general values with those of some sites over them. */
struct config_blend {
	struct config_blend *next;
	struct config_values values;
	size_t nsites;
	size_t sites[]; /* indices, in the order they were laid */
};

/* Apart, since config_for() adds to it and takes a const struct config. */
struct config_blends {
	struct config_blend *first;
};

struct config {
	struct config_set general;
	struct config_site **sites; /* the most specific last */
	size_t nsites, sites_cap;
	struct config_blends *blends;
	char *warnings; /* found while reading, a line each; or NULL */
	int nwarnings;
	void *memory; /* every string and list, freed together */
};

/* Memory that lives as long as the config; NULL: none left. */
void *config_alloc(struct config *, size_t);
char *config_strdup(struct config *, const char *, size_t len);

/* value.c. text is what stands behind the `=`. add: `+=`, LIST only. 0, or -1
 * with the reason in why, or CONFIG_ENOMEM. */
int config_value_set(struct config *, const struct config_key *, void *field,
    const char *text, int add, char *why, size_t whylen);
void config_value_print(const struct config_key *, const void *field, FILE *);
/* A proxy as more people may read it, also one that is none: *** for its user
 * and password. 1, or 0: there is nothing to hide, out is as it was. */
int config_hide_user(const char *proxy, char *out, size_t outlen);
int config_value_equal(const struct config_key *, const void *, const void *);
/* Strings and lists are shared. */
void config_value_copy(const struct config_key *, struct config_values *to,
    const struct config_values *from);
/* What the set says, over the values. */
void config_lay(struct config_values *, const struct config_set *);
static inline void *
config_field(const struct config_key *k, const struct config_values *v)
{
	return (char *)(uintptr_t)v + k->offset;
}

/* What is wrong, gathered: a line each, as far as they fit. */
struct config_findings {
	char *buf;
	size_t cap, len;
	int n, kept;
	int error; /* the gravest enum config_error */
};
void config_finding(struct config_findings *, int error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One `key = value`, wherever it stands: checks it and says what is wrong.
 * place: "file:line", "-o"... */
void config_assign(struct config *, struct config_site *site,
    const char *section, const char *name, const char *text, int add,
    const char *place, struct config_findings *);
/* Where the value that holds for the host is from. */
const char *config_where(const struct config *, const char *host, int key);
struct config_site *config_site_add(struct config *, const char *pattern);

/* listen.c. NULL, or what is wrong; of one that is right, whether only this
 * machine can reach it. */
const char *config_listen_check(const char *);
int config_listen_is_local(const char *);

/* file.c */
void config_file(struct config *, const char *path, struct config_findings *);

#endif
