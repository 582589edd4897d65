/* cmd_check.c - winnow check: what winnowd thinks of a URL, a robots.txt, a
 * date, some bytes, a sitemap, a feed.
 *
 * JSON lines in, JSON lines out, one for each, in order, `id` carried over. A
 * line that cannot be read gets an `error` and makes the exit status 5; the
 * others are not touched by it. */
#include "crawler/crawler_cmds.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crawler/check_line.h"
#include "crawler/robots.h"

#define MAX_FILE (64u << 20) /* bytes of a `file` that are read */

struct checker {
	struct winnow *w;
	const char *dir;
	struct check_line line;
	struct check_out out;
	const char *why; /* a line failed; NULL: it lacks a field */
};

/* ---- url --------------------------------------------------------------- */

/* The base of a link: base_href, itself resolved, or the page. NULL: none. */
static const struct winnow_url *
get_base(const struct check_line *l, struct winnow_url *page,
    struct winnow_url *base)
{
	const char *s;
	size_t n;

	s = check_line_str(l, "base", &n);
	if (s == NULL || winnow_url_parse(page, s, n, NULL, NULL) != 0)
		return NULL;
	s = check_line_str(l, "base_href", &n);
	if (s != NULL && winnow_url_parse(base, s, n, page, NULL) == 0)
		return base;
	return page;
}

static void
put_url(
    struct check_out *o, const char *key, const struct winnow_url *u, int rc)
{
	check_out_str(o, key, rc == 0 ? u->href : NULL, u->len);
}

/* Without a kind: everything. */
static void
put_all_forms(struct checker *c, const struct winnow_url *u, int rc)
{
	struct winnow_url x = *u;
	char host[WINNOW_URL_MAX + 1] = "";

	put_url(&c->out, "href", u, rc);
	if (rc == 0)
		snprintf(host, sizeof host, "%.*s", u->host_end - u->host_beg,
		    u->href + u->host_beg);
	put_url(&c->out, "fetch", &x, rc == 0 ? winnow_url_fetchable(&x) : rc);
	put_url(&c->out, "canonical", &x,
	    rc == 0 ? winnow_url_canonical(u, &x) : rc);
	check_out_z(&c->out, "host", rc == 0 ? host : NULL);
	check_out_z(
	    &c->out, "domain", rc == 0 ? winnow_url_domain(host) : NULL);
}

static int
check_url(struct checker *c)
{
	struct winnow_url page, base, u = {.len = 0};
	const char *kind = check_line_str(&c->line, "kind", NULL), *in;
	char host[WINNOW_URL_MAX];
	size_t n;
	int rc;

	if ((in = check_line_str(&c->line, "input", &n)) == NULL)
		return -1;
	if (kind != NULL && strcmp(kind, "host") == 0) {
		rc = winnow_url_host(in, n, host, sizeof host);
		check_out_z(&c->out, "host", rc == 0 ? host : NULL);
		return 0;
	}
	rc = winnow_url_parse(&u, in, n, get_base(&c->line, &page, &base),
	    check_line_str(&c->line, "page_encoding", NULL));
	if (kind == NULL) {
		put_all_forms(c, &u, rc);
		return 0;
	}
	if (rc == 0 && strcmp(kind, "link") == 0)
		rc = winnow_url_fetchable(&u);
	if (rc == 0 && strcmp(kind, "canonical") == 0)
		rc = winnow_url_canonical(&u, &u);
	put_url(&c->out, "href", &u, rc);
	return 0;
}

/* ---- robots ------------------------------------------------------------ */

static enum robots_policy
policy_of(const struct winnow_json_value *status)
{
	if (status->type == WINNOW_JSON_NUMBER)
		return robots_policy((int)status->number);
	/* More than five hops count as "there is none" (RFC 9309, 2.3.1.2);
	 * every other word is a failure. */
	return status->type == WINNOW_JSON_STRING &&
		       strcmp(status->s, "redirect-loop") == 0
		   ? ROBOTS_ALLOW_ALL
		   : robots_policy(0);
}

static void
put_sitemap(void *arg, const char *url)
{
	struct checker *c = arg;

	check_out_z(&c->out, NULL, url);
}

static int
check_robots(struct checker *c)
{
	const struct winnow_json_value *status;
	const char *txt, *agent, *url;
	void *blob;
	size_t n, len;
	int64_t delay;
	int line, allowed;

	if ((status = check_line_get(&c->line, "status")) != NULL)
		check_out_z(
		    &c->out, "policy", robots_policy_name(policy_of(status)));
	txt = check_line_str(&c->line, "robots_txt", &n);
	if (txt == NULL)
		return status != NULL ? 0 : -1;
	agent = check_line_str(&c->line, "user_agent", NULL);
	if (robots_compile(
		txt, n, agent != NULL ? agent : "winnowd", &blob, &len) != 0)
		return -1;
	if ((url = check_line_str(&c->line, "url", NULL)) != NULL) {
		allowed = robots_allowed(blob, len, url, &line);
		check_out_bool(&c->out, "allowed", allowed);
		check_out_number(&c->out, "line", line);
	}
	delay = robots_crawl_delay_ms(blob, len);
	if (delay >= 0)
		check_out_number(
		    &c->out, "crawl_delay_s", (double)delay / 1000);
	else
		check_out_z(&c->out, "crawl_delay_s", NULL);
	check_out_open(&c->out, "sitemaps", '[');
	robots_sitemaps(blob, len, check_line_str(&c->line, "robots_url", NULL),
	    put_sitemap, c);
	check_out_close(&c->out, ']');
	free(blob);
	return 0;
}

/* ---- date -------------------------------------------------------------- */

/* A time in full ("2024-03-15T12:00:00+08:00") as Unix seconds. */
static int64_t
unix_time(const char *s, size_t n)
{
	struct winnow_date d;
	struct tm tm = {.tm_isdst = 0};
	int sign = 1, hours = 0, minutes = 0;

	if (s == NULL || winnow_parse_date(s, n, time(NULL), &d) != 1 ||
	    strptime(d.date, "%Y-%m-%d", &tm) == NULL)
		return time(NULL);
	(void)sscanf(d.time, "%d:%d:%d", &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	if (sscanf(d.offset + (d.offset[0] != '\0'), "%d:%d", &hours,
		&minutes) == 2 &&
	    d.offset[0] == '-')
		sign = -1;
	return timegm(&tm) - sign * (hours * 3600 + minutes * 60);
}

static int
check_html_date(struct checker *c, const char *html, size_t n, int64_t ref)
{
	struct winnow_page page = {.body = html,
	    .body_len = n,
	    .url = check_line_str(&c->line, "url", NULL),
	    .charset = "utf-8",
	    .now = ref};
	const struct winnow_doc *d;
	const char *want = check_line_str(&c->line, "want", NULL);
	int any = want != NULL && strcmp(want, "any") == 0;

	if (winnow_clean(c->w, &page, &d) != 0)
		return -1;
	check_out_z(&c->out, "date", any ? d->date_latest : d->date_publish);
	return 0;
}

static int
check_date(struct checker *c)
{
	struct winnow_date d = {.date = ""};
	const char *ref, *s;
	size_t n;
	int64_t now;

	ref = check_line_str(&c->line, "reference", &n);
	now = unix_time(ref, ref != NULL ? n : 0);
	if ((s = check_line_str(&c->line, "html", &n)) != NULL)
		return check_html_date(c, s, n, now);
	if ((s = check_line_str(&c->line, "text", &n)) == NULL)
		return -1;
	(void)winnow_parse_date(s, n, now, &d);
	check_out_z(&c->out, "date", d.date[0] != '\0' ? d.date : NULL);
	if (d.time[0] != '\0')
		check_out_z(&c->out, "time", d.time);
	if (d.offset[0] != '\0')
		check_out_z(&c->out, "offset", d.offset);
	return 0;
}

/* ---- bytes: body, or file below dir ------------------------------------- */

static int
is_below(const char *path)
{
	const char *p;

	if (*path == '/' || *path == '\0')
		return 0;
	for (p = path; (p = strstr(p, "..")) != NULL; p += 2)
		if ((p == path || p[-1] == '/') &&
		    (p[2] == '/' || p[2] == '\0'))
			return 0;
	return 1;
}

/* A malloced file, at most MAX_FILE of it; NULL: why in errno. */
static char *
read_file(const char *dir, const char *path, size_t *len)
{
	char name[4096], *b = NULL, *more;
	size_t cap = 0, n = 0, k;
	FILE *f;

	if (!is_below(path)) {
		errno = EACCES;
		return NULL;
	}
	snprintf(name, sizeof name, "%s/%s", dir, path);
	if ((f = fopen(name, "rb")) == NULL)
		return NULL;
	do {
		cap = cap ? cap * 2 : 65536;
		if ((more = realloc(b, cap)) == NULL) {
			free(b);
			fclose(f);
			return NULL;
		}
		b = more;
		k = fread(b + n, 1, cap - n, f);
		n += k;
	} while (n == cap && cap < MAX_FILE);
	fclose(f);
	*len = n;
	return b;
}

/* The bytes to look at; *mine is to be freed. NULL: not there. */
static const char *
get_bytes(struct checker *c, size_t *len, char **mine)
{
	const char *file = check_line_str(&c->line, "file", NULL);

	*mine = NULL;
	if (file != NULL) {
		*mine = read_file(c->dir, file, len);
		if (*mine == NULL)
			c->why = strerror(errno);
		return *mine;
	}
	return check_line_str(&c->line, "body", len);
}

static int
check_charset(struct checker *c)
{
	const char *label, *body, *encoding, *text;
	size_t n, text_len;
	char *mine;
	int rc;

	if ((label = check_line_str(&c->line, "label", &n)) != NULL) {
		check_out_z(&c->out, "encoding", winnow_charset_name(label, n));
		return 0;
	}
	if ((body = get_bytes(c, &n, &mine)) == NULL)
		return -1;
	rc = winnow_decode(c->w, body, n,
	    check_line_str(&c->line, "content_type", NULL), &encoding, &text,
	    &text_len);
	if (rc == 0) {
		check_out_z(&c->out, "encoding", encoding);
		check_out_str(&c->out, "text", text, text_len);
	}
	free(mine);
	return rc;
}

/* ---- sitemap, feed ------------------------------------------------------ */

/* What the callback gathers: a list of strings a section of the answer. */
struct lists {
	struct check_out urls, sitemaps, entries, lastmods, alternates;
};

static void
put_time(struct check_out *o, const char *key, int64_t when)
{
	char s[32] = "";
	time_t t = when;
	struct tm tm;

	if (when != WINNOW_NO_TIME)
		strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	check_out_z(o, key, s[0] != '\0' ? s : NULL);
}

static void
gather(void *arg, const struct winnow_entry *e)
{
	struct lists *l = arg;

	if (e->is_alternate) {
		check_out_z(&l->alternates, NULL, e->url);
		return;
	}
	check_out_z(e->is_sitemap ? &l->sitemaps : &l->urls, NULL, e->url);
	check_out_z(&l->lastmods, NULL, e->lastmod);
	check_out_open(&l->entries, NULL, '{');
	check_out_z(&l->entries, "link", e->url);
	check_out_z(&l->entries, "title", e->title);
	put_time(&l->entries, "published", e->published);
	put_time(&l->entries, "updated", e->updated);
	check_out_close(&l->entries, '}');
}

static void
put_list(struct check_out *o, const char *key, const struct check_out *list)
{
	check_out_open(o, key, '[');
	check_out_raw(o, list->b, list->len);
	check_out_close(o, ']');
}

static void
put_feed(struct check_out *o, const struct winnow_feed *f,
    const struct lists *l, int is_feed)
{
	check_out_z(o, "type", winnow_feed_type_name(f->type));
	if (is_feed) {
		check_out_open(o, "feed", '{');
		check_out_z(o, "title", f->title);
		check_out_z(o, "link", f->link);
		check_out_close(o, '}');
		put_list(o, "entries", &l->entries);
	} else {
		put_list(o, "urls", &l->urls);
		put_list(o, "sitemaps", &l->sitemaps);
		check_out_open(o, "meta", '{');
		put_list(o, "lastmods", &l->lastmods);
		put_list(o, "alternates", &l->alternates);
		check_out_close(o, '}');
	}
	check_out_z(o, "error", f->error);
}

static int
check_list(struct checker *c, int is_feed)
{
	struct lists l = {.urls = {.b = NULL}};
	struct winnow_feed f;
	const char *body;
	char *mine;
	size_t n;
	int rc;

	if ((body = get_bytes(c, &n, &mine)) == NULL)
		return -1;
	rc = winnow_read_feed(c->w, body, n,
	    check_line_str(&c->line, "url", NULL),
	    check_line_str(&c->line, "content_type", NULL), gather, &l, &f);
	if (rc == 0)
		put_feed(&c->out, &f, &l, is_feed);
	check_out_free(&l.urls);
	check_out_free(&l.sitemaps);
	check_out_free(&l.entries);
	check_out_free(&l.lastmods);
	check_out_free(&l.alternates);
	free(mine);
	return rc;
}

static int
check_sitemap(struct checker *c)
{
	return check_list(c, 0);
}

static int
check_feed(struct checker *c)
{
	return check_list(c, 1);
}

/* ---- the command -------------------------------------------------------- */

static const struct kind {
	const char *name;
	int (*run)(struct checker *);
} kinds[] = {
    {"url", check_url},
    {"robots", check_robots},
    {"date", check_date},
    {"charset", check_charset},
    {"sitemap", check_sitemap},
    {"feed", check_feed},
};

static void
put_id(struct checker *c)
{
	const struct winnow_json_value *id = check_line_get(&c->line, "id");

	if (id != NULL && id->type == WINNOW_JSON_NUMBER)
		check_out_number(&c->out, "id", id->number);
	else if (id != NULL && id->type == WINNOW_JSON_STRING)
		check_out_str(&c->out, "id", id->s, id->len);
	else
		check_out_z(&c->out, "id", NULL);
}

/* One line; 0, or -1: it has an error. */
static int
check_one(struct checker *c, const struct kind *k, char *text, size_t len)
{
	const char *error = NULL;

	if (check_line_read(&c->line, text, len) != 0) {
		c->line.n = 0;
		error = "no JSON object";
	}
	check_out_begin(&c->out);
	put_id(c);
	c->why = NULL;
	if (error == NULL && k->run(c) != 0)
		error = c->why != NULL ? c->why
				       : "the line lacks what this check reads";
	if (error != NULL)
		check_out_z(&c->out, "error", error);
	check_out_end(&c->out);
	return error == NULL ? 0 : -1;
}

static int
run(struct checker *c, const struct kind *k)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	int failed = 0;

	while ((n = getline(&text, &cap, stdin)) > 0)
		failed |= check_one(c, k, text, (size_t)n) != 0;
	free(text);
	if (c->out.err) {
		fprintf(stderr, "winnow check: no memory\n");
		return 1;
	}
	return failed ? 5 : 0;
}

int
cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
	    {"dir", required_argument, NULL, 'd'},
	    {NULL, 0, NULL, 0},
	};
	struct checker c = {.dir = "."};
	const struct kind *k = NULL;
	size_t i;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "d:", options, NULL)) != -1) {
		if (opt != 'd')
			return 2;
		c.dir = optarg;
	}
	for (i = 0; optind < argc && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[optind], kinds[i].name) == 0)
			k = &kinds[i];
	if (k == NULL)
		return 2;
	if ((rc = winnow_new(&c.w, NULL)) != 0) {
		fprintf(stderr, "winnow check: %s\n", winnow_strerror(rc));
		return 1;
	}
	rc = run(&c, k);
	check_out_free(&c.out);
	winnow_free(c.w);
	return rc;
}
