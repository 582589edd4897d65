/* config.c - the layers of settings, laid over each other.
 *
 * Defaults, then the file with its includes, then the environment, then the
 * overrides; each assignment goes through config_assign(), which checks it and
 * notes where it came from. What [site] sections say is kept apart and laid
 * over the general values when a host is asked about.
 *
 * Invariants
 *  C1  A struct config holds a valid value of every key.
 *  C2  Every finding is reported, as far as the caller's buffer goes.
 *  C3  Hosts matched by the same sites share one struct config_values, so that
 *      memory does not grow with hosts. */
#include "config/impl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITES_MAX 10000
#define SITES_OF_HOST 64
#define ENV_PREFIX "WINNOWD_"

struct chunk {
	struct chunk *next;
	max_align_t bytes[];
};

void *
config_alloc(struct config *c, size_t n)
{
	struct chunk *k = calloc(1, sizeof(*k) + n);

	if (k == NULL)
		return NULL;
	k->next = c->memory;
	c->memory = k;
	return k->bytes;
}

char *
config_strdup(struct config *c, const char *s, size_t len)
{
	char *p = config_alloc(c, len + 1);

	if (p != NULL)
		memcpy(p, s, len);
	return p;
}

void
config_finding(struct config_findings *f, int error, const char *fmt, ...)
{
	char line[6000];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	f->n++;
	if (error < f->error)
		f->error = error;
	/* Room is kept for "and N more". */
	if (f->kept != f->n - 1 || f->cap < 48 || f->len + n + 2 > f->cap - 32)
		return;
	f->kept++;
	if (f->len > 0)
		f->buf[f->len++] = '\n';
	memcpy(f->buf + f->len, line, n);
	f->len += n;
	f->buf[f->len] = '\0';
}

struct config_site *
config_site_add(struct config *c, const char *pattern)
{
	struct config_site *s, **v;
	size_t cap;

	if (c->nsites == SITES_MAX)
		return NULL;
	if (c->nsites == c->sites_cap) {
		cap = c->sites_cap ? c->sites_cap * 2 : 8;
		v = realloc(c->sites, cap * sizeof(*v));
		if (v == NULL)
			return NULL;
		c->sites = v;
		c->sites_cap = cap;
	}
	s = config_alloc(c, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->pattern = config_strdup(c, pattern, strlen(pattern));
	s->order = c->nsites;
	if (s->pattern == NULL)
		return NULL;
	c->sites[c->nsites++] = s;
	return s;
}

/* Says why there is no such key here. */
static void
unknown_key(const char *section, const char *name, int site, const char *place,
    struct config_findings *f)
{
	char near[128];
	const struct config_key *k;

	config_key_nearest(section, name, site, near, sizeof(near));
	for (int i = 0; site && i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		if (!(k->flags & CONFIG_F_SITE) && strcmp(k->name, name) == 0) {
			config_finding(f, CONFIG_EINVALID,
			    "%s: [site] '%s': cannot be set for one site, "
			    "set it in [%s]",
			    place, name, k->section);
			return;
		}
	}
	config_finding(f, CONFIG_EINVALID,
	    "%s: [%s] '%.64s': unknown key%s%s%s", place, section, name,
	    *near ? ", did you mean " : "", near, *near ? "?" : "");
}

void
config_assign(struct config *c, struct config_site *site, const char *section,
    const char *name, const char *text, int add, const char *place,
    struct config_findings *f)
{
	struct config_set *set = site ? &site->set : &c->general;
	char why[256] = "", hidden[512];
	const struct config_key *k;
	int i = config_key_find(section, name, site != NULL), rc;

	if (i < 0) {
		unknown_key(section, name, site != NULL, place, f);
		return;
	}
	k = &config_keys[i];
	if (site != NULL && add)
		rc = -1, snprintf(why, sizeof(why),
			     "use = instead of += in a [site] section");
	else
		rc = config_value_set(c, k, config_field(k, &set->values), text,
		    add, why, sizeof(why));
	if (rc == 0) {
		set->where[i] = config_strdup(c, place, strlen(place));
		rc = set->where[i] == NULL ? CONFIG_ENOMEM : 0;
	}
	if (k->check == CONFIG_PROXY &&
	    config_hide_user(text, hidden, sizeof(hidden)))
		text = hidden;
	if (rc == CONFIG_ENOMEM)
		config_finding(f, CONFIG_ENOMEM, "%s: no memory", place);
	else if (rc < 0)
		config_finding(f, CONFIG_EINVALID, "%s: [%s] %s '%.200s': %s",
		    place, site ? "site" : section, name, text, why);
}

static void
set_defaults(struct config *c, struct config_findings *f)
{
	for (int i = 0; i < CONFIG_NKEYS; i++)
		config_assign(c, NULL, config_keys[i].section,
		    config_keys[i].name, config_keys[i].def, 0, "default", f);
}

/* A key without its section: "delay=1s". */
static void
no_section(const char *text, size_t len, const char *place,
    struct config_findings *f)
{
	const struct config_key *k;
	char meant[128] = "";

	for (int i = 0; i < CONFIG_NKEYS && meant[0] == '\0'; i++) {
		k = &config_keys[i];
		if (strlen(k->name) == len && strncmp(k->name, text, len) == 0)
			snprintf(meant, sizeof(meant), ", did you mean %s.%s?",
			    k->section, k->name);
	}
	config_finding(f, CONFIG_EINVALID,
	    "%s '%.200s': write section.key=value%s", place, text, meant);
}

/* "section.key=value" of an override, or of the environment made like it. */
static void
assign_dotted(struct config *c, const char *text, const char *place,
    struct config_findings *f)
{
	const char *eq = strchr(text, '='), *dot = strchr(text, '.');
	char section[64], name[64];
	int add = eq != NULL && eq > text && eq[-1] == '+';
	size_t n;

	if (eq == NULL || dot == NULL || dot > eq) {
		no_section(text, strcspn(text, "+="), place, f);
		return;
	}
	snprintf(section, sizeof(section), "%.*s", (int)(dot - text), text);
	n = eq - dot - 1 - (add ? 1 : 0);
	snprintf(name, sizeof(name), "%.*s", (int)n, dot + 1);
	for (eq++; *eq == ' ' || *eq == '\t'; eq++)
		;
	if (!config_section_known(section))
		config_finding(f, CONFIG_EINVALID,
		    "%s: '%s.%s': unknown section%s%s", place, section, name,
		    config_section_nearest(section) ? ", did you mean " : "",
		    config_section_nearest(section)
			? config_section_nearest(section)
			: "");
	else
		config_assign(c, NULL, section, name, eq, add, place, f);
}

/* WINNOWD_POLITENESS_DELAY, a slip, and every other name of ours that is no
 * setting. The environment is not only ours: told, not refused. */
static void
warn_env(struct config *c, const char *var, size_t len)
{
	const struct config_key *k = NULL;
	char name[80], line[512];
	size_t n, at = 0;
	char *more;

	for (int i = 0; i < CONFIG_NKEYS; i++) {
		n = snprintf(name, sizeof(name), ENV_PREFIX "%s_%s",
		    config_keys[i].section, config_keys[i].name);
		if (n == len && strncasecmp(name, var, len) == 0) {
			k = &config_keys[i];
			at = len - strlen(k->name);
		}
	}
	if (k != NULL)
		snprintf(line, sizeof(line), "did you mean %.*s_%.*s?",
		    (int)at, var, (int)(len - at), var + at);
	else
		snprintf(line, sizeof(line),
		    "write " ENV_PREFIX "SECTION__KEY");
	n = c->warnings != NULL ? strlen(c->warnings) : 0;
	more = config_alloc(c, n + len + sizeof(line) + 64);
	if (more == NULL)
		return;
	sprintf(more, "%senvironment %.*s: warning: no setting, %s\n",
	    n > 0 ? c->warnings : "", (int)len, var, line);
	c->warnings = more;
	c->nwarnings++;
}

/* WINNOWD_POLITENESS__DELAY=2s */
static void
assign_env(struct config *c, const char *var, struct config_findings *f)
{
	const char *eq = strchr(var, '='), *bar = strstr(var, "__");
	char place[160], *text;
	size_t n, i;

	if (strncmp(var, ENV_PREFIX, sizeof(ENV_PREFIX) - 1) != 0 ||
	    eq == NULL)
		return;
	if (bar == NULL || bar > eq) {
		/* a bound, as each of them takes memory */
		if (c->nwarnings < 100)
			warn_env(c, var, (size_t)(eq - var));
		return;
	}
	snprintf(
	    place, sizeof(place), "environment %.*s", (int)(eq - var), var);
	var += sizeof(ENV_PREFIX) - 1;
	n = bar < var ? 0 : bar - var;
	text = malloc(strlen(var) + 1);
	if (text == NULL) {
		config_finding(f, CONFIG_ENOMEM, "%s: no memory", place);
		return;
	}
	snprintf(text, strlen(var) + 1, "%.*s.%s", (int)n, var,
	    bar < var ? "" : bar + 2);
	for (i = 0; text[i] != '\0' && text[i] != '='; i++)
		text[i] = tolower((unsigned char)text[i]);
	assign_dotted(c, text, place, f);
	free(text);
}

/* The host's name as queue.node may be, when none was set. */
static void
name_node(struct config *c, struct config_findings *f)
{
	char name[33] = "";

	if (c->general.values.queue_node[0] != '\0')
		return;
	gethostname(name, sizeof(name) - 1);
	for (char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			*p = '-';
	config_assign(c, NULL, "queue", "node", *name ? name : "localhost", 0,
	    "default, the host name", f);
}

/* What is read there is for whoever asks. */
static void
check_listen(const struct config *c, struct config_findings *f)
{
	const struct config_values *v = &c->general.values;
	const char *const *at = v->http_listen;

	for (; *at != NULL && !v->http_allow_remote; at++)
		if (!config_listen_is_local(*at))
			config_finding(f, CONFIG_EINVALID,
			    "%s: [http] listen '%s': others than this machine "
			    "can reach it, use 127.0.0.1, [::1] or unix:, or "
			    "set http.allow_remote = true",
			    c->general.where[CONFIG_N_http_listen], *at);
}

/* What is wrong only between two keys. */
static void
check_together(const struct config *c, struct config_findings *f)
{
	const struct config_values *v = &c->general.values;

	if (v->topic_min_score > 0 && v->topic_examples[0] == NULL &&
	    v->topic_words[0] == NULL)
		config_finding(f, CONFIG_EINVALID,
		    "%s: [topic] min_score: needs topic.examples or "
		    "topic.words, and both are empty",
		    c->general.where[CONFIG_N_topic_min_score]);
	if (strcmp(v->queue_dir, v->state_dir) == 0)
		config_finding(f, CONFIG_EINVALID,
		    "%s: [state] dir '%s': is queue.dir too, choose another "
		    "directory",
		    c->general.where[CONFIG_N_state_dir], v->state_dir);
	check_listen(c, f);
}

static size_t
literals(const char *pattern)
{
	size_t n = 0;

	for (; *pattern != '\0'; pattern++)
		n += *pattern != '*';
	return n;
}

/* Whole names over patterns, longer over shorter, later over earlier. */
static int
site_order(const void *pa, const void *pb)
{
	const struct config_site *a = *(struct config_site *const *)pa;
	const struct config_site *b = *(struct config_site *const *)pb;
	int wa = strchr(a->pattern, '*') == NULL;
	int wb = strchr(b->pattern, '*') == NULL;
	size_t la = literals(a->pattern), lb = literals(b->pattern);

	if (wa != wb)
		return wa - wb;
	if (la != lb)
		return la < lb ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

int
config_load(struct config **out, const char *file, const char *const *overrides,
    char *const *env, char *err, size_t errlen)
{
	struct config *c = calloc(1, sizeof(*c));
	struct config_findings f = {.buf = err, .cap = errlen};

	*out = NULL;
	if (errlen > 0)
		err[0] = '\0';
	if (c == NULL)
		return CONFIG_ENOMEM;
	set_defaults(c, &f);
	c->blends = config_alloc(c, sizeof(*c->blends));
	if (c->blends == NULL)
		config_finding(&f, CONFIG_ENOMEM, "no memory");
	/* C1: what follows may rely on a value of every key. */
	if (f.n > 0)
		goto out;
	if (file != NULL)
		config_file(c, file, &f);
	for (; env != NULL && *env != NULL; env++)
		assign_env(c, *env, &f);
	for (; overrides != NULL && *overrides != NULL; overrides++)
		assign_dotted(c, *overrides, "-o", &f);
	name_node(c, &f);
	check_together(c, &f);
	if (c->nsites > 0)
		qsort(c->sites, c->nsites, sizeof(*c->sites), site_order);
out:
	if (f.n == 0) {
		*out = c;
		return CONFIG_OK;
	}
	if (f.kept < f.n && f.len + 32 <= f.cap)
		snprintf(f.buf + f.len, f.cap - f.len, "\nand %d more",
		    f.n - f.kept);
	config_free(c);
	return f.error;
}

void
config_free(struct config *c)
{
	struct chunk *k, *next;
	struct config_blend *b, *bn;

	if (c == NULL)
		return;
	for (b = c->blends ? c->blends->first : NULL; b != NULL; b = bn) {
		bn = b->next;
		free(b);
	}
	for (k = c->memory; k != NULL; k = next) {
		next = k->next;
		free(k);
	}
	free(c->sites);
	free(c);
}

const struct config_values *
config_values(const struct config *c)
{
	return &c->general.values;
}

/* `*` is any run of characters. Linear: only the last star is gone back to. */
static int
glob_match(const char *p, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s != '\0') {
		if (*p == '*') {
			star = ++p;
			back = s;
		} else if (tolower((unsigned char)*p) ==
			   tolower((unsigned char)*s)) {
			p++, s++;
		} else if (star != NULL) {
			p = star;
			s = ++back;
		} else
			return 0;
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

/* "*.example.org" is everything below example.org, and example.org. */
static int
site_matches(const char *pattern, const char *host)
{
	return glob_match(pattern, host) || (strncmp(pattern, "*.", 2) == 0 &&
						glob_match(pattern + 2, host));
}

void
config_lay(struct config_values *v, const struct config_set *set)
{
	for (int i = 0; i < CONFIG_NKEYS; i++)
		if (set->where[i] != NULL)
			config_value_copy(&config_keys[i], v, &set->values);
}

/* The blend of those sites, made when it is met first. */
static const struct config_values *
blend_get(const struct config *c, const size_t *sites, size_t n)
{
	struct config_blend *b;

	for (b = c->blends->first; b != NULL; b = b->next)
		if (b->nsites == n &&
		    memcmp(b->sites, sites, n * sizeof(*sites)) == 0)
			return &b->values;
	b = malloc(sizeof(*b) + n * sizeof(*sites));
	if (b == NULL)
		return &c->general.values;
	b->values = c->general.values;
	b->nsites = n;
	memcpy(b->sites, sites, n * sizeof(*sites));
	for (size_t s = 0; s < n; s++)
		config_lay(&b->values, &c->sites[sites[s]]->set);
	b->next = c->blends->first;
	c->blends->first = b;
	return &b->values;
}

/* The sites that fit, the most specific last; of more than `max` the least
 * specific fall away. */
static size_t
sites_of(const struct config *c, const char *host, size_t *sites, size_t max)
{
	size_t n = 0, t;

	for (size_t i = c->nsites; i > 0 && n < max; i--)
		if (site_matches(c->sites[i - 1]->pattern, host))
			sites[n++] = i - 1;
	for (size_t i = 0; i < n / 2; i++) {
		t = sites[i];
		sites[i] = sites[n - 1 - i];
		sites[n - 1 - i] = t;
	}
	return n;
}

const struct config_values *
config_for(const struct config *c, const char *host)
{
	size_t sites[SITES_OF_HOST], n;

	n = sites_of(c, host, sites, SITES_OF_HOST);
	return n == 0 ? &c->general.values : blend_get(c, sites, n);
}

const char *
config_where(const struct config *c, const char *host, int key)
{
	size_t sites[SITES_OF_HOST], n;
	const struct config_site *s;

	for (n = sites_of(c, host, sites, SITES_OF_HOST); n > 0; n--) {
		s = c->sites[sites[n - 1]];
		if (s->set.where[key] != NULL)
			return s->set.where[key];
	}
	return c->general.where[key];
}
