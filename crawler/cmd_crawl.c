/* cmd_crawl.c - `winnow crawl`: the engine in the foreground until nothing is
 * left.
 *
 * The order matters: options and config first (nothing is touched when they
 * are wrong), then the zygote (before any file or socket), then the rest.
 * Progress goes to a terminal only, the summary to stderr, nothing but --json
 * to stdout. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "config/config.h"
#include "crawler/crawler_cmds.h"
#include "crawler/engine.h"
#include "crawler/frontier_view.h"
#include "crawler/log.h"
#include "crawler/seeds.h"
#include "crawler/startup.h"
#include "crawler/words.h"

#define FOR_EVER_MS (100 * 365 * 24 * 3600000LL) /* a host that is paused */

struct crawl {
	const char *dir;
	char state_dir[4096], queue_dir[4096];
	struct overrides overrides;
	const char *config_file;
	int64_t max_pages, max_time_ms;
	char max_depth[48]; /* as an override, so that it serves old seeds too */
	int json, quiet, tty;
	struct config *config;
	struct zygote zygote;
	struct event_base *base;
	struct event *sigint, *sigterm, *sigusr1, *tick;
	struct engine *engine;
	enum engine_end end;
	unsigned seeds, bad_lines;
	const char *reading; /* the list being read */
	char last[160];	     /* title of the newest article */
};

/* ---- seeds ------------------------------------------------------------------------ */

static void
seed_cb(void *arg, const struct seed_line *line)
{
	struct crawl *c = arg;

	c->seeds++;
	if (engine_add_seed(c->engine, line) < 0) {
		fprintf(stderr, "%s:%u: cannot take '%s' as a seed\n",
		    c->reading, line->line, line->text);
		c->bad_lines++;
	}
}

static int
is_url(const char *s)
{
	return strncasecmp(s, "http://", 7) == 0 ||
	    strncasecmp(s, "https://", 8) == 0;
}

static void
bad_line_cb(void *arg, unsigned line, const char *what)
{
	struct crawl *c = arg;

	c->bad_lines++;
	if (is_url(c->reading))
		fprintf(stderr, "winnow crawl: %s\n", what);
	else
		fprintf(stderr, "%s:%u: %s\n", c->reading, line, what);
}

static int
read_seeds(struct crawl *c, const char *from)
{
	struct seeds_reader r = { seed_cb, bad_line_cb, c };
	int rc;

	c->reading = strcmp(from, "-") == 0 ? "standard input" : from;
	if (strcmp(from, "-") == 0)
		rc = seeds_read(stdin, &r);
	else if (is_url(from))
		rc = seeds_read_text(from, strlen(from), &r);
	else
		rc = seeds_read_file(from, &r);
	if (rc != 0)
		fprintf(stderr, "winnow crawl: cannot read seeds '%s': %s\n",
		    from, strerror(errno));
	return rc;
}

/* Before anything is made: a list that is not there should cost nothing. */
static int
check_seeds(int n, char **from)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(from[i], "-") != 0 && !is_url(from[i]) &&
		    access(from[i], R_OK) != 0) {
			fprintf(stderr,
			    "winnow crawl: cannot read seeds '%s': %s; give a "
			    "file, a URL with http:// or https://, or -\n",
			    from[i], strerror(errno));
			return -1;
		}
	return 0;
}

/* ---- progress ----------------------------------------------------------------------- */

static void
article_cb(void *arg, const char *url, const char *title)
{
	struct crawl *c = arg;

	if (!c->tty)
		return;
	snprintf(c->last, sizeof c->last, "%s", title != NULL ? title : url);
	words_plain(c->last);
}

/* Bytes of s that fit, without half a character at the end. */
static int
fit(const char *s, size_t max)
{
	size_t n = strlen(s);

	if (n <= max)
		return (int)n;
	for (n = max; n > 0 && (s[n] & 0xc0) == 0x80; n--)
		continue;
	return (int)n;
}

static void
progress(struct crawl *c)
{
	struct engine_stat s;
	const char *news;
	double secs;

	engine_stat(c->engine, &s);
	secs = (double)(s.now_ms - s.started_ms) / 1000;
	news = s.room.why != NULL ? s.room.why : c->last;
	fprintf(stderr,
	    "\r\033[K%.0f s  %llu %s (%.1f/s)  %llu %s  %llu to do  %.*s",
	    secs, (unsigned long long)s.visit.fetched,
	    words_noun(s.visit.fetched, "page", "pages"),
	    secs > 0 ? (double)s.visit.fetched / secs : 0.0,
	    (unsigned long long)s.outlet.records,
	    words_noun(s.outlet.records, "article", "articles"),
	    (unsigned long long)s.frontier.due,
	    fit(news, 42), news);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	progress(arg);
}

static void
summary(struct crawl *c, const struct engine_stat *s, unsigned silent)
{
	static const char *const ends[] = { "", "nothing is left",
		"limit reached; run again to go on",
		"stopped; run again to go on",
		"no space left; make room and run again to go on",
		"broken; nothing that was counted is lost, run again to go on" };

	char size[WORDS_SPAN];

	if (c->tty)
		fprintf(stderr, "\r\033[K");
	fprintf(stderr,
	    "crawl: %s\n"
	    "  pages     %llu fetched, %llu %s, %llu repeats of them, "
	    "%llu without article\n"
	    "  not taken %llu failed, %llu denied by robots, %llu redirected\n"
	    "  left      %llu to do, %llu known\n"
	    "  queue     %s (%llu %s in %llu %s, %s)\n",
	    ends[c->end], (unsigned long long)s->visit.fetched,
	    (unsigned long long)s->outlet.records,
	    words_noun(s->outlet.records, "article", "articles"),
	    (unsigned long long)s->outlet.repeats,
	    (unsigned long long)s->visit.empty,
	    (unsigned long long)s->visit.failed,
	    (unsigned long long)s->visit.denied,
	    (unsigned long long)s->visit.redirects,
	    (unsigned long long)s->frontier.due,
	    (unsigned long long)s->frontier.urls, c->queue_dir,
	    (unsigned long long)s->queue.records,
	    words_noun(s->queue.records, "record", "records"),
	    (unsigned long long)s->queue.files,
	    words_noun(s->queue.files, "file", "files"),
	    words_size(size, s->queue.bytes));
	if (s->frontier.hosts_paused > 0)
		fprintf(stderr,
		    "  paused    %llu %s by winnow host NAME pause: what is "
		    "left there stays\n",
		    (unsigned long long)s->frontier.hosts_paused,
		    words_noun(s->frontier.hosts_paused, "host", "hosts"));
	if (s->deferred_ms >= 0 && s->deferred_ms < FOR_EVER_MS)
		fprintf(stderr,
		    "  deferred  %llu %s to wait, the next for %lld s\n",
		    (unsigned long long)s->frontier.hosts_waiting,
		    words_noun(s->frontier.hosts_waiting, "host asks",
			"hosts ask"),
		    (long long)(s->deferred_ms / 1000));
	if (silent > 0)
		fprintf(stderr, "  silent    %u %s given nothing\n", silent,
		    words_noun(silent, "seed has", "seeds have"));
	if (c->bad_lines > 0)
		fprintf(stderr, "  seeds     %u %s not understood\n",
		    c->bad_lines,
		    words_noun(c->bad_lines, "line was", "lines were"));
}

static void
summary_json(const struct crawl *c, const struct engine_stat *s,
    unsigned silent)
{
	static const char *const ends[] = { "running", "done", "limit",
		"stopped", "no-space", "broken" };

	printf("{\"end\":\"%s\",\"fetched\":%llu,\"articles\":%llu,"
	       "\"repeats\":%llu,\"near_repeats\":%llu,"
	       "\"better_copies\":%llu,\"joined\":%llu,\"empty\":%llu,\"failed\":%llu,"
	       "\"denied\":%llu,\"redirects\":%llu,\"due\":%llu,"
	       "\"urls\":%llu,\"silent_seeds\":%u,\"bad_lines\":%u}\n",
	    ends[c->end], (unsigned long long)s->visit.fetched,
	    (unsigned long long)s->outlet.records,
	    (unsigned long long)s->outlet.repeats,
	    (unsigned long long)s->outlet.near,
	    (unsigned long long)s->outlet.better,
	    (unsigned long long)s->visit.joined,
	    (unsigned long long)s->visit.empty,
	    (unsigned long long)s->visit.failed,
	    (unsigned long long)s->visit.denied,
	    (unsigned long long)s->visit.redirects,
	    (unsigned long long)s->frontier.due,
	    (unsigned long long)s->frontier.urls, silent, c->bad_lines);
}

/* ---- running ---------------------------------------------------------------------------- */

static void
ended_cb(void *arg, enum engine_end end)
{
	struct crawl *c = arg;

	c->end = end;
	event_base_loopbreak(c->base);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	struct crawl *c = arg;

	(void)fd;
	(void)what;
	if (c->tty)
		fprintf(stderr, "\r\033[Kstopping\n");
	engine_stop(c->engine, ENGINE_STOPPED);
}

static void
reopen_cb(evutil_socket_t fd, short what, void *arg)
{
	struct crawl *c = arg;

	(void)fd;
	(void)what;
	engine_reopen_logs(c->engine);
}

/* Its new address is a seed of its own, which answers for both. */
static int
seed_moved(struct frontier_view *v, const char *url)
{
	struct winnow_url u;
	struct winnow_key key;
	struct view_url row;

	if (v == NULL ||
	    winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0)
		return 0;
	key = winnow_url_key(&u, view_secret(v));
	return view_url(v, &key, &row) == 1 &&
	    strcmp(row.reason, VISIT_SEED_MOVED) == 0;
}

static unsigned
silent_seeds(struct crawl *c)
{
	struct frontier *f = engine_frontier(c->engine);
	uint32_t i, n = frontier_seed_count(f);
	struct frontier_view *v = frontier_view_here(f);
	struct frontier_seed s;
	unsigned silent = 0;

	for (i = 1; i <= n; i++)
		if (frontier_seed_get(f, i, &s) == 1 && s.records == 0 &&
		    !seed_moved(v, s.url)) {
			if (silent++ < 10 && c->end == ENGINE_DONE)
				fprintf(stderr, "winnow crawl: seed '%s' has "
						"given no article\n",
				    s.url);
		}
	frontier_view_close(v);
	return silent;
}

static int
crawl_status(const struct crawl *c, unsigned silent)
{
	switch (c->end) {
	case ENGINE_DONE:
		return silent > 0 || c->bad_lines > 0 ? 5 : 0;
	case ENGINE_NO_SPACE:
		return 6;
	case ENGINE_BROKEN:
		return 1;
	default:
		return 0;
	}
}

static int
crawl_loop(struct crawl *c)
{
	static const struct timeval fifth = { 0, 200000 };

	c->sigint = evsignal_new(c->base, SIGINT, signal_cb, c);
	c->sigterm = evsignal_new(c->base, SIGTERM, signal_cb, c);
	c->sigusr1 = evsignal_new(c->base, SIGUSR1, reopen_cb, c);
	c->tick = event_new(c->base, -1, EV_PERSIST, tick_cb, c);
	if (c->sigint == NULL || c->sigterm == NULL || c->sigusr1 == NULL ||
	    c->tick == NULL)
		return -1;
	event_add(c->sigint, NULL);
	event_add(c->sigterm, NULL);
	event_add(c->sigusr1, NULL);
	if (c->tty)
		event_add(c->tick, &fifth);
	engine_start(c->engine);
	event_base_dispatch(c->base);
	return 0;
}

static int
make_dir(const struct crawl *c)
{
	if (mkdir(c->dir, 0777) != 0 && errno != EEXIST) {
		int full = errno == ENOSPC || errno == EDQUOT;

		fprintf(stderr,
		    "winnow crawl: cannot make '%s': %s; choose another "
		    "directory with -o\n",
		    c->dir, strerror(errno));
		return full ? 6 : 1;
	}
	return 0;
}

/* Resuming without seeds needs something to resume. */
static int
check_resume(const struct crawl *c, int nseeds)
{
	if (nseeds > 0 || access(c->state_dir, F_OK) == 0)
		return 0;
	fprintf(stderr,
	    "winnow crawl: no seeds, and nothing to go on with in '%s'; give "
	    "a URL or a list\n",
	    c->dir);
	return -1;
}

static int
crawl_open(struct crawl *c, int nseeds, char **seeds)
{
	struct engine_options o = { .queue_dir = c->queue_dir,
		.state_dir = c->state_dir,
		.one_shot = 1,
		.max_pages = c->max_pages,
		.max_time_ms = c->max_time_ms,
		.ended = ended_cb,
		.article = article_cb,
		.arg = c };
	char err[1024];
	int i, rc;

	if ((c->base = startup_loop()) == NULL) {
		fprintf(stderr, "winnow crawl: cannot make the event loop\n");
		return 1;
	}
	if ((rc = engine_new(&c->engine, c->base, c->config, &c->zygote, &o, err,
		 sizeof err)) != 0) {
		fprintf(stderr, "winnow crawl: %s\n", err);
		return rc;
	}
	for (i = 0; i < nseeds; i++)
		if (read_seeds(c, seeds[i]) != 0)
			return 1;
	if (nseeds > 0 && c->seeds == 0 &&
	    frontier_seed_count(engine_frontier(c->engine)) == 0) {
		fprintf(stderr, "winnow crawl: the seeds hold no URL\n");
		return 5;
	}
	return 0;
}

static void
crawl_close(struct crawl *c)
{
	struct event *ev[] = { c->sigint, c->sigterm, c->sigusr1, c->tick };
	size_t i;

	for (i = 0; i < sizeof ev / sizeof *ev; i++)
		if (ev[i] != NULL)
			event_free(ev[i]);
	engine_free(c->engine);
	if (c->base != NULL)
		startup_loop_free(c->base);
	zygote_stop(&c->zygote);
	config_free(c->config);
	overrides_clear(&c->overrides);
}

static int
crawl_run(struct crawl *c, int nseeds, char **seeds)
{
	struct engine_stat s;
	unsigned silent;
	int rc;

	c->zygote.fd = -1;
	if ((rc = startup_config("winnow crawl", &c->config, c->config_file,
		 &c->overrides)) != 0)
		return rc;
	snprintf(c->state_dir, sizeof c->state_dir, "%s/state", c->dir);
	snprintf(c->queue_dir, sizeof c->queue_dir, "%s/queue", c->dir);
	if (check_seeds(nseeds, seeds) != 0 || check_resume(c, nseeds) != 0)
		return 1;
	if ((rc = make_dir(c)) != 0)
		return rc;
	if ((rc = startup_zygote("winnow crawl", &c->zygote, c->config)) != 0)
		return rc;
	if ((rc = crawl_open(c, nseeds, seeds)) != 0)
		return rc;
	if (crawl_loop(c) != 0)
		return 1;
	engine_stat(c->engine, &s);
	silent = silent_seeds(c);
	if (!c->quiet)
		summary(c, &s, silent);
	if (c->json)
		summary_json(c, &s, silent);
	return crawl_status(c, silent);
}

static int
parse_options(struct crawl *c, int argc, char **argv)
{
	enum { PAGES = 256, DEPTH, TIME, JSON };
	static const struct option longs[] = {
		{ "max-pages", required_argument, NULL, PAGES },
		{ "max-depth", required_argument, NULL, DEPTH },
		{ "max-time", required_argument, NULL, TIME },
		{ "json", no_argument, NULL, JSON },
		{ "quiet", no_argument, NULL, 'q' },
		{ 0 }
	};
	int64_t n = 0;
	int o, bad = 0;

	while (!bad &&
	    (o = getopt_long(argc, argv, "o:c:O:q", longs, NULL)) != -1)
		switch (o) {
		case 'o':
			c->dir = optarg;
			break;
		case 'c':
			c->config_file = optarg;
			break;
		case 'O':
			bad = overrides_add(&c->overrides, optarg) != 0;
			break;
		case 'q':
			c->quiet = 1;
			break;
		case PAGES:
			bad = startup_number(argv[0], "--max-pages", optarg, 1,
				  INT64_MAX, &c->max_pages) != 0;
			break;
		case DEPTH:
			bad = startup_number(argv[0], "--max-depth", optarg, 0,
				  1000, &n) != 0;
			snprintf(c->max_depth, sizeof c->max_depth,
			    "scope.max_depth=%lld", (long long)n);
			bad |= overrides_add(&c->overrides, c->max_depth) != 0;
			break;
		case TIME:
			bad = startup_duration(argv[0], "--max-time", optarg,
				  &c->max_time_ms) != 0;
			break;
		case JSON:
			c->json = 1;
			break;
		default:
			bad = 1;
		}
	return bad;
}

int
cmd_crawl(int argc, char **argv)
{
	struct crawl c = { .dir = "winnow-out" };
	int rc;

	optind = 1;
	if (parse_options(&c, argc, argv) != 0) {
		overrides_clear(&c.overrides);
		return 2;
	}
	c.tty = isatty(STDERR_FILENO) && !c.quiet;
	rc = crawl_run(&c, argc - optind, argv + optind);
	crawl_close(&c);
	return rc;
}
