/* sense.c - settings that are valid each, and make no sense together.
 *
 * What is told here is no error: somebody may mean it. winnowd says it when it
 * starts, on reload, and with -t. Two tables hold most of it: keys of which one
 * should not be more than the other, and keys without effect while another one
 * has some value. They are looked at for the general values, and for each
 * [site] section that sets one of the two.
 *
 * Invariants
 *  S1  The defaults, and the sample, give no warning.
 *  S2  A warning names the line that it could be mended in: of a key that
 *      stands in a file, the environment or -o. */
#include "config/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define N(section, key) CONFIG_N_##section##_##key

struct sense {
	const struct config *config;
	const struct config_values *v;  /* as they are where we look */
	const struct config_site *site; /* NULL: everywhere */
	FILE *f;
	int n;
};

/* Where the key was set, as far as this look goes; NULL: nobody did. */
static const char *
set_at(const struct sense *s, int key)
{
	const char *where;

	if (s->site != NULL)
		return s->site->set.where[key];
	where = s->config->general.where[key];
	return strncmp(where, "default", 7) == 0 ? NULL : where;
}

static void
print_key(const struct sense *s, int key)
{
	const struct config_key *k = &config_keys[key];

	fprintf(s->f, "%s.%s = ", k->section, k->name);
	config_value_print(k, config_field(k, s->v), s->f);
}

/* "file:12: warning: fetch.timeout = 2s" and so far. */
static void
warn_begin(struct sense *s, int key, const char *where)
{
	s->n++;
	fprintf(s->f, "%s: warning: ", where);
	print_key(s, key);
}

/* ---- one should not be more than the other ------------------------------- */

/* EITHER: who changes one of them has to think of the other. */
enum { FIRST_ONLY, EITHER };

static const struct order {
	int small, large;
	int who;       /* is told: who sets the first, or one of them */
	int zero_none; /* 0 of the second is no bound */
	const char *words;
} orders[] = {
    {N(politeness, backoff), N(politeness, max_rest), EITHER, 0,
	"a host never waits longer than the second"},
    {N(politeness, rest), N(politeness, max_rest), EITHER, 0,
	"a host never rests longer than the second"},
    {N(politeness, delay), N(politeness, max_crawl_delay), FIRST_ONLY, 0,
	"a site may ask for less than you give it anyway"},
    {N(revisit, hub_min), N(revisit, hub_max), EITHER, 0,
	"no interval fits both"},
    {N(revisit, hub_pace), N(revisit, hub_max), FIRST_ONLY, 0,
	"no hub is asked as seldom as the first"},
    {N(revisit, article_min), N(revisit, article_max), EITHER, 0,
	"no interval fits both"},
    {N(fetch, connect_timeout), N(fetch, timeout), FIRST_ONLY, 0,
	"the second ends a transfer before"},
    {N(fetch, first_byte_timeout), N(fetch, timeout), FIRST_ONLY, 0,
	"the second ends a transfer before"},
    {N(fetch, low_speed_time), N(fetch, timeout), FIRST_ONLY, 0,
	"the second ends a transfer before"},
    {N(scope, prefix_cap), N(scope, host_cap), FIRST_ONLY, 1,
	"the host is full before its part is"},
    {N(queue, flush_after), N(queue, seal_after), EITHER, 0,
	"a file is sealed before the record is written"},
    {N(queue, seal_bytes), N(queue, max_bytes), EITHER, 1,
	"fetching pauses before a file is full"},
};

static int64_t
number(const struct sense *s, int key)
{
	return *(const int64_t *)config_field(&config_keys[key], s->v);
}

static void
look_at_orders(struct sense *s)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct order *o = &orders[i];
		const char *where = set_at(s, o->small);
		int64_t large = number(s, o->large);

		if (where == NULL && o->who == EITHER)
			where = set_at(s, o->large);
		if (where == NULL || number(s, o->small) <= large ||
		    (o->zero_none && large == 0))
			continue;
		warn_begin(s, o->small, where);
		fputs(" is more than ", s->f);
		print_key(s, o->large);
		fprintf(s->f, ": %s\n", o->words);
	}
}

/* ---- without effect ------------------------------------------------------ */

static int
no_pace(const struct config_values *v)
{
	return !(v->politeness_adaptive > 0);
}

static int
no_hosts(const struct config_values *v)
{
	return v->scope_mode != CONFIG_SCOPE_MODE_HOST;
}

static int
no_ring(const struct config_values *v)
{
	return v->keep_raw != CONFIG_KEEP_RAW_RECENT;
}

static int
no_speed(const struct config_values *v)
{
	return v->fetch_low_speed_limit == 0;
}

static int
no_hubs(const struct config_values *v)
{
	return !v->revisit_hubs;
}

static int
no_articles(const struct config_values *v)
{
	return !v->revisit_articles;
}

static int
no_dedup(const struct config_values *v)
{
	return v->dedup_mode == CONFIG_DEDUP_MODE_OFF;
}

static int
no_learning(const struct config_values *v)
{
	return !v->learn_on;
}

static int
no_waiting(const struct config_values *v)
{
	return v->learn_wait_pages == 0;
}

static int
no_topic(const struct config_values *v)
{
	return v->topic_examples[0] == NULL && v->topic_words[0] == NULL;
}

static int
no_http(const struct config_values *v)
{
	return v->http_listen[0] == NULL;
}

static const struct idle {
	int key;
	int (*without)(const struct config_values *);
	const char *words;
} idles[] = {
    {N(politeness, max_delay), no_pace, "politeness.adaptive is 0"},
    {N(scope, subdomains), no_hosts, "scope.mode is not host"},
    {N(keep, raw_bytes), no_ring, "keep.raw is not recent"},
    {N(fetch, low_speed_time), no_speed, "fetch.low_speed_limit is 0"},
    {N(revisit, hub_pace), no_hubs, "revisit.hubs is false"},
    {N(revisit, hub_min), no_hubs, "revisit.hubs is false"},
    {N(revisit, hub_max), no_hubs, "revisit.hubs is false"},
    {N(revisit, article_min), no_articles, "revisit.articles is false"},
    {N(revisit, article_max), no_articles, "revisit.articles is false"},
    {N(learn, wait_pages), no_learning, "learn.on is false"},
    {N(learn, wait_time), no_learning, "learn.on is false"},
    {N(learn, wait_time), no_waiting, "learn.wait_pages is 0"},
    {N(learn, wait_bytes), no_waiting, "learn.wait_pages is 0"},
    {N(dedup, host_repeats), no_dedup, "dedup.mode is off"},
    {N(dedup, better), no_dedup, "dedup.mode is off"},
    {N(dedup, documents), no_dedup, "dedup.mode is off"},
    {N(topic, focus), no_topic,
	"topic.examples and topic.words are empty"},
    {N(http, allow_remote), no_http, "http.listen is empty"},
    {N(http, hosts), no_http, "http.listen is empty"},
};

static void
look_at_idle(struct sense *s)
{
	for (size_t i = 0; i < sizeof(idles) / sizeof(idles[0]); i++) {
		const struct idle *d = &idles[i];
		const char *where = set_at(s, d->key);

		if (where == NULL || !d->without(s->v))
			continue;
		warn_begin(s, d->key, where);
		fprintf(s->f, ": no effect while %s\n", d->words);
	}
}

/* ---- what is meant for one site, and what is risky ----------------------- */

static void
warn_general(struct sense *s, int key, int bad, const char *words)
{
	const char *where = set_at(s, key);

	if (!bad || where == NULL)
		return;
	warn_begin(s, key, where);
	fprintf(s->f, ": %s\n", words);
}

static void
look_at_general(struct sense *s)
{
	const struct config_values *v = s->v;

	warn_general(s, N(politeness, robots),
	    v->politeness_robots == CONFIG_POLITENESS_ROBOTS_IGNORE,
	    "of every site; set it in the [site] sections of your own");
	warn_general(s, N(fetch, tls_verify), !v->fetch_tls_verify,
	    "of every site; set it in the [site] section that needs it");
	warn_general(s, N(fetch, tls), v->fetch_tls == CONFIG_FETCH_TLS_OLD,
	    "of every site; set it in the [site] section that needs it");
	warn_general(s, N(politeness, delay),
	    v->politeness_delay == 0 && v->fetch_allow_net[0] == NULL,
	    "sites of other people are asked without a pause");
	warn_general(s, N(keep, raw),
	    v->keep_raw == CONFIG_KEEP_RAW_WARC && v->queue_max_bytes == 0 &&
		v->queue_retain == 0,
	    "every page is kept, and neither queue.max_bytes nor queue.retain "
	    "bounds them");
	warn_general(s, N(fetch, max_body),
	    v->fetch_max_body > v->clean_memory / 8,
	    "a page of that size does not fit into clean.memory, which should "
	    "be 8 times as much");
	warn_general(s, N(clean, memory),
	    v->fetch_max_body > v->clean_memory / 8,
	    "a page of fetch.max_body does not fit; give 8 times as much");
	warn_general(s, N(log, skip_file),
	    v->log_skip_file[0] != '\0' &&
		strcmp(v->log_skip_file, v->log_fetch_file) == 0,
	    "is log.fetch_file too, and their lines differ; give each its own");
	warn_general(s, N(seeds, spool),
	    v->seeds_spool[0] == '\0' && v->seeds_files[0] == NULL,
	    "and seeds.files is empty: only winnow seed add gives it work");
}

/* ---- files that are not there -------------------------------------------- */

/* Whether one may be read is not for us to say: the daemon is another user. Of
 * a log it is said, and for whom. */
static void
look_at_file(struct sense *s, int key, const char *path)
{
	const char *where = set_at(s, key);

	if (where == NULL || *path == '\0' || access(path, F_OK) == 0 ||
	    errno != ENOENT)
		return;
	s->n++;
	fprintf(s->f, "%s: warning: %s.%s: there is no '%s'\n", where,
	    config_keys[key].section, config_keys[key].name, path);
}

/* Why this user could not write there, as far as one can see without doing it:
 * file systems of the kernel's let root, and have no file of ours. NULL: he
 * could. */
static const char *
no_writing(const char *name, int is_folder)
{
	struct statfs v;
	struct stat st;

	if (stat(name, &st) != 0)
		return strerror(errno);
	if ((S_ISDIR(st.st_mode) != 0) != is_folder)
		return strerror(is_folder ? ENOTDIR : EISDIR);
	if (faccessat(AT_FDCWD, name, is_folder ? W_OK | X_OK : W_OK,
		AT_EACCESS) != 0)
		return strerror(errno);
	if (statfs(name, &v) == 0 &&
	    (v.f_type == PROC_SUPER_MAGIC || v.f_type == SYSFS_MAGIC))
		return "it is the kernel's";
	return NULL;
}

/* A log is made when it is not there, its folder is not. */
static void
look_at_log(struct sense *s, int key, const char *path)
{
	const char *slash = strrchr(path, '/'), *where = set_at(s, key), *why;
	char folder[4096];
	int is_new;

	if (where == NULL || slash == NULL)
		return;
	snprintf(folder, sizeof(folder), "%.*s",
	    slash == path ? 1 : (int)(slash - path), path);
	if (access(folder, F_OK) != 0 && errno == ENOENT) {
		look_at_file(s, key, folder);
		return;
	}
	is_new = access(path, F_OK) != 0;
	if ((why = no_writing(is_new ? folder : path, is_new)) == NULL)
		return;
	s->n++;
	fprintf(s->f, "%s: warning: %s.%s: user %ld cannot write %s'%s': %s\n",
	    where, config_keys[key].section, config_keys[key].name,
	    (long)geteuid(), is_new ? "in " : "", is_new ? folder : path, why);
}

static void
look_at_files(struct sense *s)
{
	const struct config_values *v = s->v;

	for (size_t i = 0; v->seeds_files[i] != NULL; i++)
		look_at_file(s, N(seeds, files), v->seeds_files[i]);
	for (size_t i = 0; v->topic_examples[i] != NULL; i++)
		look_at_file(s, N(topic, examples), v->topic_examples[i]);
	look_at_file(s, N(fetch, ca_file), v->fetch_ca_file);
	look_at_file(s, N(fetch, hosts_file), v->fetch_hosts_file);
	look_at_log(s, N(log, fetch_file), v->log_fetch_file);
	look_at_log(s, N(log, skip_file), v->log_skip_file);
}

/* A pattern is laid on a host's name, never on a URL. */
static void
look_at_pattern(struct sense *s)
{
	const char *where = NULL;

	for (int i = 0; i < CONFIG_NKEYS && where == NULL; i++)
		where = s->site->set.where[i];
	if (where == NULL || strpbrk(s->site->pattern, "/:@?") == NULL)
		return;
	s->n++;
	fprintf(s->f,
	    "%s: warning: [site \"%s\"] fits no host: write its name alone, "
	    "as in *.example.org\n",
	    where, s->site->pattern);
}

int
config_warn(const struct config *c, FILE *f)
{
	struct sense s = {.config = c, .v = &c->general.values, .f = f};
	struct config_values v;

	fputs(c->warnings ? c->warnings : "", f);
	s.n = c->nwarnings;
	look_at_orders(&s);
	look_at_idle(&s);
	look_at_general(&s);
	look_at_files(&s);
	for (size_t i = 0; i < c->nsites; i++) {
		s.site = c->sites[i];
		v = c->general.values;
		config_lay(&v, &s.site->set);
		s.v = &v;
		look_at_orders(&s);
		look_at_idle(&s);
		look_at_pattern(&s);
	}
	return s.n;
}
