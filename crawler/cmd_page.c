/* cmd_page.c - `winnow page`: a page as it came, as keep.raw has kept it.
 *
 * It is looked for in the ring file of the state (recent) and in the WARC files
 * beside the queue (warc). The ring goes when keep.raw is no longer recent, so
 * a page in it is later than any in those. No daemon is asked. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleaner/winnow.h"
#include "config/config.h"
#include "crawler/client.h"
#include "crawler/crawler_cmds.h"
#include "crawler/frontier_view.h"
#include "crawler/keep.h"
#include "crawler/recent.h"
#include "crawler/words.h"
#include "queue/wq.h"

enum { NOTHING = 7 };
enum form { BODY, HEADERS, EXPLAIN, JSON };

struct look {
	struct client c;
	enum form form;
	char queue_dir[4096];
	struct winnow_url url; /* in key form; len 0: an id is wanted */
	uint8_t id[16];
	char *record; /* WARC, gzip or plain; malloced */
	size_t len;
	const char *from; /* where it was found */
};

/* ---- what is wanted ------------------------------------------------------ */

static int
read_id(const char *s, uint8_t id[16])
{
	unsigned byte;

	if (strncmp(s, "w1-", 3) != 0 || strlen(s) != 35 ||
	    strspn(s + 3, "0123456789abcdef") != 32)
		return -1;
	for (int i = 0; i < 16; i++) {
		if (sscanf(s + 3 + 2 * i, "%2x", &byte) != 1)
			return -1;
		id[i] = (uint8_t)byte;
	}
	return 0;
}

static int
read_what(struct look *l, const char *what)
{
	l->url.len = 0;
	if (read_id(what, l->id) == 0)
		return 0;
	if (winnow_url_parse(&l->url, what, strlen(what), NULL, NULL) == 0 &&
	    winnow_url_canonical(&l->url, &l->url) == 0)
		return 0;
	fprintf(stderr,
	    "%s: '%s' is neither an http address nor the id of a record\n",
	    l->c.who, what);
	return 2;
}

/* Two addresses can have one hash. */
static int
is_url(const struct look *l, const char *url)
{
	struct winnow_url u;

	return l->url.len == 0 ||
	       (winnow_url_parse(&u, url, strlen(url), NULL, NULL) == 0 &&
		   winnow_url_canonical(&u, &u) == 0 &&
		   strcmp(u.href, l->url.href) == 0);
}

/* ---- where it is --------------------------------------------------------- */

static int
accept_recent(void *arg, const struct wq_page *g)
{
	return is_url(arg, g->uri);
}

static int
accept_warc(void *arg, const char *record, size_t len)
{
	static const char field[] = "\r\nWARC-Target-URI: ";
	const char *p = memmem(record, len, field, sizeof field - 1), *end;
	char url[WINNOW_URL_MAX + 1];
	size_t n;

	if (p == NULL)
		return 0;
	p += sizeof field - 1;
	end = memchr(p, '\r', len - (size_t)(p - record));
	if (end == NULL || (n = (size_t)(end - p)) >= sizeof url)
		return 0;
	memcpy(url, p, n);
	url[n] = '\0';
	return is_url(arg, url);
}

/* 1 found, 0 not, -1: cannot be read, which was said. */
static int
look_in_recent(struct look *l)
{
	struct recent_want want = {.key = keep_key(l->url.href),
	    .id = l->url.len == 0 ? l->id : NULL,
	    .accept = accept_recent,
	    .arg = l};
	struct wq_page g;
	char *memory;
	void *member;
	int rc = recent_find(l->c.state_dir, &want, &g, &memory), err;

	if (rc < 0)
		fprintf(stderr,
		    "%s: cannot read the recent pages in '%s': %s\n", l->c.who,
		    l->c.state_dir, strerror(errno));
	if (rc == 1 && (err = wq_page_member(&g, &member, &l->len)) == 0) {
		l->record = member;
		l->from = "recent";
	} else if (rc == 1) {
		fprintf(stderr, "%s: %s\n", l->c.who, wq_strerror(err));
		rc = -1;
	}
	free(memory);
	return rc;
}

static int
look_in_warc(struct look *l)
{
	struct wq_raw_want want = {.key = keep_key(l->url.href),
	    .id = l->url.len == 0 ? l->id : NULL,
	    .accept = accept_warc,
	    .arg = l};
	char *record;
	size_t len;
	int rc = wq_raw_find(l->queue_dir, &want, &record, &len);

	if (rc == 1) {
		l->record = record;
		l->len = len;
		l->from = "warc";
	} else if (rc < 0 && rc != WQ_ENODIR)
		fprintf(stderr, "%s: cannot read the raw pages of '%s': %s\n",
		    l->c.who, l->queue_dir, wq_strerror(rc));
	return rc;
}

/* ---- how it is shown ----------------------------------------------------- */

static int
show_bytes(const void *p, size_t n)
{
	fwrite(p, 1, n, stdout);
	return 0;
}

static int
complain(const struct look *l, int err)
{
	fprintf(stderr, "%s: %s\n", l->c.who, winnow_strerror(err));
	return 1;
}

static int
show_body(
    const struct look *l, struct winnow *w, const struct winnow_warc_page *g)
{
	const void *plain = g->body;
	size_t n = g->body_len;
	int rc = 0;

	if (g->content_encoding != NULL)
		rc = winnow_inflate(
		    w, g->body, g->body_len, g->content_encoding, &plain, &n);
	return rc != 0 ? complain(l, rc) : show_bytes(plain, n);
}

/* What is known of the page's site; NULL: nothing. */
static struct winnow_site *
known_site(const struct look *l, const char *url)
{
	struct winnow_site *site = NULL;
	struct frontier_view *v;
	struct frontier_site row;
	struct view_host h;
	char err[512];

	if (frontier_view_open(&v, l->c.state_dir, err, sizeof err) != 0)
		return NULL;
	if (view_host_named(v, url, &h) != 1 ||
	    view_site(v, h.hash, &row) != 1 ||
	    winnow_site_load(&site, row.bytes, row.len, row.len) != 0)
		site = NULL;
	frontier_view_close(v);
	return site;
}

static int
show_explained(
    const struct look *l, struct winnow *w, const struct winnow_warc_page *g)
{
	struct winnow_site *site = known_site(l, g->url);
	struct winnow_page page = {0};
	const struct winnow_doc *d;
	const char *html = NULL;
	size_t n;
	int rc;

	winnow_warc_to_page(g, &page);
	if (site != NULL)
		winnow_site_view(site, &page.site, &page.site_len);
	rc = winnow_clean(w, &page, &d);
	if (rc == 0 && (html = winnow_explain(w, &n)) == NULL)
		rc = WINNOW_ETOOBIG;
	winnow_site_free(site);
	return rc == 0 ? show_bytes(html, n) : complain(l, rc);
}

static int
show_known(const struct look *l, const struct winnow_warc_page *g)
{
	struct words w;

	if (words_begin(&w, stdout) != 0)
		return complain(l, WINNOW_ENOMEM);
	words_string(&w, "url", g->url);
	words_string(&w, "id", g->id);
	words_string(&w, "from", l->from);
	words_time(&w, "date", g->date * 1000);
	words_string(&w, "address", g->address);
	words_int(&w, "status", g->status);
	words_string(&w, "content_type", g->content_type);
	words_string(&w, "content_encoding", g->content_encoding);
	words_int(&w, "bytes", (int64_t)g->body_len);
	words_end(&w);
	return 0;
}

static int
show(const struct look *l, const struct winnow_warc_page *g)
{
	const struct config_values *v = config_values(l->c.config);
	struct winnow_options o = {.explain = l->form == EXPLAIN,
	    .max_body = (size_t)v->fetch_max_body,
	    .max_feed = (size_t)v->fetch_max_body,
	    .script = (enum winnow_script)v->clean_script};
	struct winnow *w;
	int rc;

	if (l->form == JSON)
		return show_known(l, g);
	if (l->form == HEADERS) {
		show_bytes(g->head, g->head_len);
		return show_bytes(g->body, g->body_len);
	}
	if ((rc = winnow_new(&w, &o)) != 0)
		return complain(l, rc);
	rc = l->form == EXPLAIN ? show_explained(l, w, g) : show_body(l, w, g);
	winnow_free(w);
	return rc;
}

/* ---- the command --------------------------------------------------------- */

/* 1 found, 0 not, -1: it cannot be told, and words were said. */
static int
find_page(struct look *l)
{
	int rc = look_in_recent(l), other;

	if (rc == 1)
		return rc;
	if ((other = look_in_warc(l)) == 1)
		return other;
	if (rc < 0 || (other < 0 && other != WQ_ENODIR))
		return -1;
	if (other == WQ_ENODIR && access(l->c.state_dir, F_OK) < 0) {
		fprintf(stderr,
		    "%s: no state in '%s'; name the DIR of a crawl with -o, or "
		    "the daemon's configuration with -c\n",
		    l->c.who, l->c.state_dir);
		return -1;
	}
	fprintf(
	    stderr, "%s: not kept: keep.raw says which pages are\n", l->c.who);
	return 0;
}

static int
find_and_show(struct look *l)
{
	struct winnow_warc *warc;
	struct winnow_warc_page g;
	struct winnow_bytes left;
	int rc = find_page(l);

	if (rc <= 0)
		return rc == 0 ? NOTHING : 1;
	left = (struct winnow_bytes){l->record, l->len};
	if ((rc = winnow_warc_new(
		 &warc, winnow_read_bytes, &left, SIZE_MAX / 4)) != 0)
		return complain(l, rc);
	rc = winnow_warc_next(warc, &g);
	rc = rc == 1 ? show(l, &g) : complain(l, rc < 0 ? rc : WINNOW_EINVAL);
	winnow_warc_free(warc);
	return rc;
}

/* 0, or an exit status + 1. */
static int
read_options(struct look *l, int argc, char **argv)
{
	static const struct option longs[] = {{"headers", 0, NULL, 'H'},
	    {"explain", 0, NULL, 'x'}, {"json", 0, NULL, 'j'}, {0}};
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "c:o:O:", longs, NULL)) != -1)
		switch (o) {
		case 'c':
			l->c.config_file = optarg;
			break;
		case 'o':
			l->c.dir = optarg;
			break;
		case 'O':
			if (overrides_add(&l->c.overrides, optarg) != 0)
				return 2;
			break;
		case 'H':
		case 'x':
		case 'j':
			if (l->form != BODY) {
				fprintf(stderr,
				    "%s: --headers, --explain and --json: give "
				    "one of them\n",
				    l->c.who);
				return 3;
			}
			l->form = o == 'H'   ? HEADERS
				  : o == 'x' ? EXPLAIN
					     : JSON;
			break;
		default:
			return 3;
		}
	return 0;
}

int
cmd_page(int argc, char **argv)
{
	static struct look l;
	int rc;

	l.c.who = "winnow page";
	if ((rc = read_options(&l, argc, argv)) != 0)
		rc--;
	else if ((rc = read_what(&l, argv[optind])) == 0 &&
		 (rc = client_config(&l.c)) == 0) {
		snprintf(l.queue_dir, sizeof l.queue_dir, "%s",
		    l.c.dir != NULL ? l.c.dir
				    : config_values(l.c.config)->queue_dir);
		rc = find_and_show(&l);
	}
	free(l.record);
	client_clear(&l.c);
	return rc;
}
