/* cmd_clean.c - winnow clean: pages to articles on the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cleaner/batch.h"
#include "cleaner/clean_parts.h"
#include "cleaner/clean_site.h"
#include "cleaner/clean_warc.h"
#include "cleaner/cleaner_cmds.h"
#include "cleaner/date.h"
#include "cleaner/html.h"
#include "cleaner/state.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_EXPLAIN };
enum { EXIT_USAGE = 2, EXIT_SOME = 5, EXIT_NOTHING = 7 };
enum { MAX_FILE = 64 << 20 };

struct job {
	struct winnow_page page;
	enum format format;
	enum winnow_script script;
	int explain, batch, site, parts, workers; /* workers 0: not said */
	int now_said;
};

static int
set_format(struct job *j, const char *name)
{
	static const char *const names[] = {"text", "json", "html"};
	int i;

	for (i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0) {
			j->format = (enum format)i;
			return 0;
		}
	fprintf(stderr,
	    "winnow clean: unknown format '%s', use text, json or "
	    "html\n",
	    name);
	return -1;
}

/* RFC 3339, an HTTP date or Unix seconds. */
static int
read_time(const char *s, int64_t *t)
{
	struct wn_date d;
	char *end;

	*t = strtoll(s, &end, 10);
	if (*s != '\0' && *end == '\0')
		return 0;
	if (wn_date_find(s, strlen(s), WINNOW_NO_TIME, &d) != 1)
		return -1;
	*t = wn_date_unix(&d, 0);
	return 0;
}

static int
set_header(struct job *j, const char *h)
{
	static const struct {
		const char *name;
		size_t at;
	} fields[] = {
	    {"content-type", offsetof(struct winnow_page, content_type)},
	    {"content-encoding",
		offsetof(struct winnow_page, content_encoding)},
	    {"last-modified", offsetof(struct winnow_page, last_modified)},
	    {"x-robots-tag", offsetof(struct winnow_page, x_robots_tag)},
	};
	const char *colon = strchr(h, ':'), *value;
	size_t i, n;

	if (colon == NULL) {
		fprintf(stderr,
		    "winnow clean: header '%s': no colon, write "
		    "'Name: value'\n",
		    h);
		return -1;
	}
	n = (size_t)(colon - h);
	value = colon + 1 + strspn(colon + 1, " \t");
	if (n == 4 && strncasecmp(h, "date", 4) == 0) {
		if (read_time(value, &j->page.now) == 0)
			return 0;
		fprintf(stderr, "winnow clean: header '%s': no date\n", h);
		return -1;
	}
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == n &&
		    strncasecmp(fields[i].name, h, n) == 0)
			*(const char **)(void *)((char *)&j->page +
						 fields[i].at) = value;
	return 0;
}

static int
set_now(int64_t *now, const char *s)
{
	if (read_time(s, now) == 0)
		return 0;
	fprintf(stderr,
	    "winnow clean: --now '%s': give a time as "
	    "2026-05-06T10:20:00Z\n",
	    s);
	return -1;
}

static int
set_workers(struct job *j, const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (*s != '\0' && *end == '\0' && n >= 1 && n <= BATCH_MAX) {
		j->workers = (int)n;
		return 0;
	}
	fprintf(stderr, "winnow clean: -j '%s': give a number from 1 to %d\n",
	    s, BATCH_MAX);
	return -1;
}

static int
set_charset(struct job *j, const char *s)
{
	j->page.charset = s;
	if (winnow_charset_name(s, strlen(s)) != NULL)
		return 0;
	fprintf(stderr,
	    "winnow clean: -e '%s': no known encoding has that name\n", s);
	return -1;
}

/* A page of an unknown place is cleaned all the same. */
static void
set_url(struct job *j, const char *s)
{
	struct winnow_url u;

	j->page.url = s;
	if (winnow_url_parse(&u, s, strlen(s), NULL, NULL) != 0)
		fprintf(stderr,
		    "winnow clean: -u '%s': not an http URL, links stay "
		    "as they are\n",
		    s);
}

/* What cannot be asked for together. */
static int
contradicts(const struct job *j, int format, int files, const char *first)
{
	const char *why = NULL;

	if (j->batch && files > 0)
		fprintf(stderr,
		    "winnow clean: '%s': --batch reads its pages from "
		    "standard input\n",
		    first);
	else if (j->batch && (j->explain || format || j->page.url != NULL ||
				 j->page.charset != NULL))
		why = "--batch takes the format, URL and charset from its "
		      "lines";
	else if (j->explain && format)
		why = "give -f or --explain, not both";
	else if (j->site && (j->batch || j->explain))
		why = "--site prints articles as text, json or html";
	else if (j->site && files == 0)
		why = "--site takes the folder of the pages";
	else if (j->parts && (j->batch || j->explain || j->site))
		why = "--parts prints one article as text, json or html";
	else if (j->parts && files == 0)
		why = "--parts takes the pages of an article, in order";
	else if (j->explain && files > 1)
		why = "--explain takes one page";
	else if (!j->batch && j->workers > 0)
		why = "-j is for --batch";
	else
		return 0;
	if (why != NULL)
		fprintf(stderr, "winnow clean: %s\n", why);
	return 1;
}

/* Sets one option; an exit status, -1: go on. */
static int
set_option(struct job *j, int c, int64_t *now)
{
	int bad = 0;

	switch (c) {
	case 'f':
		bad = set_format(j, optarg);
		break;
	case 'u':
		set_url(j, optarg);
		break;
	case 'e':
		bad = set_charset(j, optarg);
		break;
	case 'H':
		bad = set_header(j, optarg);
		break;
	case 'j':
		bad = set_workers(j, optarg);
		break;
	case 'n':
		bad = set_now(now, optarg);
		break;
	case 's':
		bad = wn_cmd_script("clean", optarg, &j->script);
		break;
	case 'x':
		j->explain = 1;
		break;
	case 'b':
		j->batch = 1;
		break;
	case 'P':
		j->parts = 1;
		break;
	case 'S':
		j->site = 1;
		break;
	default: /* the dispatcher lets none pass */
		bad = 1;
	}
	return bad ? EXIT_USAGE : -1;
}

/* An exit status, -1: there is work to do. */
static int
read_options(struct job *j, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"format", required_argument, NULL, 'f'},
	    {"url", required_argument, NULL, 'u'},
	    {"charset", required_argument, NULL, 'e'},
	    {"header", required_argument, NULL, 'H'},
	    {"jobs", required_argument, NULL, 'j'},
	    {"explain", no_argument, NULL, 'x'},
	    {"batch", no_argument, NULL, 'b'},
	    {"parts", no_argument, NULL, 'P'},
	    {"site", no_argument, NULL, 'S'},
	    {"now", required_argument, NULL, 'n'},
	    {"script", required_argument, NULL, 's'},
	    {NULL, 0, NULL, 0},
	};
	int64_t now = WINNOW_NO_TIME;
	int c, r, format = 0;

	j->page.now = WINNOW_NO_TIME;
	optind = 1;
	while (
	    (c = getopt_long(argc, argv, "f:u:e:H:j:", longs, NULL)) != -1) {
		format |= c == 'f';
		if ((r = set_option(j, c, &now)) >= 0)
			return r;
	}
	if (contradicts(j, format, argc - optind, argv[optind]))
		return EXIT_USAGE;
	if (j->explain)
		j->format = FORMAT_EXPLAIN;
	if (now != WINNOW_NO_TIME)
		j->page.now = now;
	j->now_said = j->page.now != WINNOW_NO_TIME;
	if (j->page.now == WINNOW_NO_TIME)
		j->page.now = time(NULL);
	return -1;
}

/* All of a file of which the first n bytes were read already. */
static char *
read_on(FILE *f, const char *begin, size_t n, size_t *len)
{
	size_t cap = 1 << 16, got;
	char *b = malloc(cap), *p;

	if (b != NULL)
		memcpy(b, begin, n);
	while (b != NULL && (got = fread(b + n, 1, cap - n, f)) > 0) {
		n += got;
		if (n > MAX_FILE)
			break;
		if (n < cap)
			continue;
		if ((p = realloc(b, cap *= 2)) == NULL)
			free(b);
		b = p;
	}
	if (b != NULL && ferror(f)) {
		free(b);
		return NULL;
	}
	*len = n;
	return b;
}

char *
batch_read_file(FILE *f, size_t *len)
{
	return read_on(f, "", 0, len);
}

static int
print_json(struct winnow *w, const struct winnow_doc *d,
    const struct winnow_fetch *f)
{
	struct winnow_line l;
	int r = winnow_record(w, d, f, &l);

	if (r == 0)
		batch_print_line(&l, stdout);
	return r;
}

/* A thread's text begins with its subject: the question is often asked there
 * alone. */
static int
begins_with_title(const struct winnow_doc *d)
{
	size_t n = d->title != NULL ? strlen(d->title) : 0;

	return n > 0 && d->page_type == WINNOW_FORUM &&
	       strncmp(d->text, d->title, n) == 0 &&
	       (d->text[n] == '\n' || d->text[n] == '\0');
}

static void
print_text(const struct winnow_doc *d)
{
	if (d->title != NULL && !begins_with_title(d))
		puts(d->title);
	if (d->subtitle != NULL)
		puts(d->subtitle);
	putchar('\n');
	fwrite(d->text, 1, d->text_len, stdout);
	putchar('\n');
}

/* f: what is known of the fetch, or NULL. */
static int
print_page(struct job *j, struct winnow *w, const struct winnow_doc *d,
    const struct winnow_fetch *f)
{
	const char *s;
	size_t n;

	switch (j->format) {
	case FORMAT_JSON:
		return print_json(w, d, f);
	case FORMAT_HTML:
		if (d->text_len > 0)
			fputs(d->html != NULL ? d->html : "", stdout);
		return 0;
	case FORMAT_EXPLAIN:
		if ((s = winnow_explain(w, &n)) == NULL)
			return WINNOW_ETOOBIG;
		fwrite(s, 1, n, stdout);
		return 0;
	default:
		if (d->text_len > 0)
			print_text(d);
		return 0;
	}
}

/* A page of a WARC file. */
static int
print_warc_page(void *arg, struct winnow *w, const struct winnow_doc *d,
    const struct winnow_fetch *f)
{
	return print_page(arg, w, d, f);
}

/* A WARC file, of which the first n bytes were read already. */
static int
clean_warc(struct job *j, struct winnow *w, FILE *f, const char *name,
    const char *begin, size_t n)
{
	struct warc_clean c = {.page = j->page,
	    .now_said = j->now_said,
	    .print = print_warc_page,
	    .arg = j};

	if (j->explain || j->page.url != NULL) {
		fprintf(stderr,
		    "winnow clean: '%s': a WARC file holds many pages and "
		    "names them itself; %s\n",
		    name,
		    j->explain ? "winnow page --explain shows one"
			       : "leave -u out");
		return EXIT_USAGE;
	}
	return wn_clean_warc(&c, w, f, name, begin, n);
}

/* A page among those of its site. The record of a file is known by its name, as
 * in a batch. */
static int
print_site_page(void *arg, struct winnow *w, const struct winnow_doc *d,
    const struct winnow_fetch *f, const char *name)
{
	struct winnow_fetch named = {.status = 0,
	    .date_download = WINNOW_NO_TIME,
	    .depth = -1,
	    .caller_id = name};

	return print_page(arg, w, d, name != NULL ? &named : f);
}

static int
clean_site(struct job *j, struct winnow *w, const char *path)
{
	struct site_clean c = {.page = j->page,
	    .now_said = j->now_said,
	    .print = print_site_page,
	    .arg = j};

	return wn_clean_site(&c, w, path);
}

static int
print_joined(void *arg, struct winnow *w, const struct winnow_doc *d)
{
	return print_page(arg, w, d, NULL);
}

static int
clean_parts(struct job *j, struct winnow *w, char *const *names, int n)
{
	struct parts_clean c = {
	    .page = j->page, .print = print_joined, .arg = j};

	return wn_clean_parts_files(&c, w, names, n);
}

/* One page; the exit status it asks for. */
static int
clean_page(struct job *j, struct winnow *w, const char *name)
{
	const struct winnow_doc *d;
	int r = winnow_clean(w, &j->page, &d);

	if (r == 0)
		r = print_page(j, w, d, NULL);
	if (r != 0)
		fprintf(stderr, "winnow clean: '%s': %s\n", name,
		    winnow_strerror(r));
	else if (d->text_len == 0)
		r = EXIT_NOTHING;
	if (r == EXIT_NOTHING &&
	    (j->format == FORMAT_TEXT || j->format == FORMAT_HTML))
		fprintf(stderr, "winnow clean: '%s': no article: %s\n", name,
		    d->nothing != NULL ? d->nothing : "empty");
	return r < 0 ? 1 : r;
}

static int
clean_open_file(struct job *j, struct winnow *w, FILE *f, const char *name)
{
	char begin[512], *body;
	size_t n = fread(begin, 1, sizeof begin, f), len;
	int r;

	if (winnow_is_warc(begin, n))
		return clean_warc(j, w, f, name, begin, n);
	if ((body = read_on(f, begin, n, &len)) == NULL) {
		fprintf(stderr, "winnow clean: cannot read '%s': %s\n", name,
		    strerror(errno));
		return 1;
	}
	j->page.body = body;
	j->page.body_len = len;
	r = clean_page(j, w, name);
	free(body);
	return r;
}

/* A file; the exit status it asks for. */
static int
clean_file(struct job *j, struct winnow *w, const char *name)
{
	int std = strcmp(name, "-") == 0;
	FILE *f = std ? stdin : fopen(name, "rb");
	int r;

	if (std) {
		name = "standard input";
		if (isatty(STDIN_FILENO))
			fputs("winnow clean: reading a page from the terminal, "
			      "end it with ^D\n",
			    stderr);
	}
	if (f == NULL) {
		fprintf(stderr, "winnow clean: cannot read '%s': %s\n", name,
		    strerror(errno));
		return 1;
	}
	r = clean_open_file(j, w, f, name);
	if (f != stdin)
		fclose(f);
	return r;
}

int
cmd_clean(int argc, char **argv)
{
	struct job j = {.format = FORMAT_TEXT};
	struct winnow_options o = {0};
	struct winnow *w;
	int i, r, worst = 0, many;

	if ((r = read_options(&j, argc, argv)) >= 0)
		return r;
	if (j.batch)
		return batch_run(STDIN_FILENO, stdout,
		    j.workers > 0 ? j.workers : 1, j.page.now);
	o.html = j.format == FORMAT_HTML;
	o.explain = j.format == FORMAT_EXPLAIN;
	o.script = j.script;
	if ((r = winnow_new(&w, &o)) != 0) {
		fprintf(stderr, "winnow clean: %s\n", winnow_strerror(r));
		return 1;
	}
	many = argc - optind > 1;
	if (j.parts) {
		r = clean_parts(&j, w, argv + optind, argc - optind);
		winnow_free(w);
		return r;
	}
	if (optind == argc)
		worst = clean_file(&j, w, "-");
	for (i = optind; i < argc; i++)
		if ((r = j.site ? clean_site(&j, w, argv[i])
				: clean_file(&j, w, argv[i])) != 0)
			worst = many ? EXIT_SOME : r;
	winnow_free(w);
	return worst; /* what stdout says is for main() */
}
