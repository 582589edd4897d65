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
#include "cleaner/cleaner_cmds.h"
#include "cleaner/date.h"
#include "cleaner/html.h"
#include "cleaner/state.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_EXPLAIN };
enum { EXIT_USAGE = 2, EXIT_SOME = 5, EXIT_NOTHING = 7 };
enum { MAX_FILE = 64 << 20 };

static const char usage[] =
    "usage: winnow clean [-f text|json|html] [-u URL] [-e CHARSET]\n"
    "                    [-H 'Name: value'] [--now TIME] [--explain] "
    "[FILE...]\n"
    "       winnow clean --batch [-j N]\n";

struct job {
	struct winnow_page page;
	enum format format;
	int batch, workers;
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
	if (n == 4 && strncasecmp(h, "date", 4) == 0)
		return read_time(value, &j->page.now);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == n &&
		    strncasecmp(fields[i].name, h, n) == 0)
			*(const char **)(void *)((char *)&j->page +
						 fields[i].at) = value;
	return 0;
}

static int
read_options(struct job *j, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"format", required_argument, NULL, 'f'},
	    {"url", required_argument, NULL, 'u'},
	    {"charset", required_argument, NULL, 'e'},
	    {"header", required_argument, NULL, 'H'},
	    {"explain", no_argument, NULL, 'x'},
	    {"batch", no_argument, NULL, 'b'},
	    {"now", required_argument, NULL, 'n'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int64_t now = WINNOW_NO_TIME;
	int c;

	j->page.now = WINNOW_NO_TIME;
	j->workers = 1;
	optind = 1;
	while (
	    (c = getopt_long(argc, argv, "f:u:e:H:j:h", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			if (set_format(j, optarg) != 0)
				return EXIT_USAGE;
			break;
		case 'u':
			j->page.url = optarg;
			break;
		case 'e':
			j->page.charset = optarg;
			break;
		case 'H':
			if (set_header(j, optarg) != 0)
				return EXIT_USAGE;
			break;
		case 'j':
			j->workers = atoi(optarg);
			if (j->workers < 1 || j->workers > BATCH_MAX) {
				fprintf(stderr,
				    "winnow clean: -j '%s': give a "
				    "number from 1 to %d\n",
				    optarg, BATCH_MAX);
				return EXIT_USAGE;
			}
			break;
		case 'n':
			if (read_time(optarg, &now) != 0) {
				fprintf(stderr,
				    "winnow clean: --now '%s': give "
				    "a time as "
				    "2026-05-06T10:20:00Z\n",
				    optarg);
				return EXIT_USAGE;
			}
			break;
		case 'x':
			j->format = FORMAT_EXPLAIN;
			break;
		case 'b':
			j->batch = 1;
			break;
		case 'h':
			fputs(usage, stdout);
			return -1;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (now != WINNOW_NO_TIME)
		j->page.now = now;
	if (j->page.now == WINNOW_NO_TIME)
		j->page.now = time(NULL);
	return 0;
}

char *
batch_read_file(FILE *f, size_t *len)
{
	size_t cap = 1 << 16, n = 0, got;
	char *b = malloc(cap), *p;

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

static int
print_json(struct winnow *w, const struct winnow_doc *d)
{
	struct winnow_line l;
	int r = winnow_record(w, d, NULL, &l);

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

static int
print_page(struct job *j, struct winnow *w, const struct winnow_doc *d)
{
	const char *s;
	size_t n;

	switch (j->format) {
	case FORMAT_JSON:
		return print_json(w, d);
	case FORMAT_HTML:
		if (d->text_len > 0)
			fputs(d->html != NULL ? d->html : "", stdout);
		return 0;
	case FORMAT_EXPLAIN:
		if ((s = wn_explain(w, &n)) == NULL)
			return WINNOW_ETOOBIG;
		fwrite(s, 1, n, stdout);
		return 0;
	default:
		if (d->text_len > 0)
			print_text(d);
		return 0;
	}
}

/* One page; the exit status it asks for. */
static int
clean_file(struct job *j, struct winnow *w, const char *name)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	const struct winnow_doc *d;
	size_t len = 0;
	char *body;
	int r;

	if (f == NULL || (body = batch_read_file(f, &len)) == NULL) {
		fprintf(stderr, "winnow clean: cannot read '%s': %s\n", name,
		    strerror(errno));
		if (f != NULL && f != stdin)
			fclose(f);
		return 1;
	}
	j->page.body = body;
	j->page.body_len = len;
	if ((r = winnow_clean(w, &j->page, &d)) == 0)
		r = print_page(j, w, d);
	if (r != 0)
		fprintf(stderr, "winnow clean: '%s': %s\n", name,
		    winnow_strerror(r));
	else if (d->text_len == 0)
		r = EXIT_NOTHING;
	if (r == EXIT_NOTHING && j->format == FORMAT_TEXT)
		fprintf(stderr, "winnow clean: '%s': no article: %s\n", name,
		    d->nothing != NULL ? d->nothing : "empty");
	free(body);
	if (f != stdin)
		fclose(f);
	return r < 0 ? 1 : r;
}

int
cmd_clean(int argc, char **argv)
{
	struct job j = {.format = FORMAT_TEXT};
	struct winnow_options o = {0};
	struct winnow *w;
	int i, r, worst = 0, many;

	if ((r = read_options(&j, argc, argv)) != 0)
		return r < 0 ? 0 : r;
	if (j.batch)
		return batch_run(STDIN_FILENO, stdout, j.workers, j.page.now);
	o.html = j.format == FORMAT_HTML;
	o.explain = j.format == FORMAT_EXPLAIN;
	if ((r = winnow_new(&w, &o)) != 0) {
		fprintf(stderr, "winnow clean: %s\n", winnow_strerror(r));
		return 1;
	}
	many = argc - optind > 1;
	if (optind == argc)
		worst = clean_file(&j, w, "-");
	for (i = optind; i < argc; i++)
		if ((r = clean_file(&j, w, argv[i])) != 0)
			worst = many ? EXIT_SOME : r;
	winnow_free(w);
	return fflush(stdout) == 0 ? worst : 1;
}
