/* cmd_queue.c - winnow queue: read, consume and check the queue.
 *
 * One table names the verbs, one the options; each verb is a function that
 * gets the queue's folder and gives the exit status (DESIGN.md's list:
 * 0 ok, 1 error, 2 usage, 5 some damaged, 6 no space, 7 nothing found).
 * Data goes to stdout, words to stderr. */
#include "queue/queue_cmds.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "queue/follow.h"
#include "queue/format.h"

enum { OK = 0, ERROR = 1, USAGE = 2, SOME = 5, NOSPACE = 6, NOTHING = 7 };

struct args {
	char dir[WQ_DIR_MAX];
	const char *name;      /* of the cursor */
	uint64_t from, number; /* --from; SEQ of ack, -n of next */
	int64_t retain_ms;     /* -1: not given */
	int json, dry, fresh, rewind;
};

static int
complain(int err, const char *what)
{
	if (err == WQ_EIO && errno != 0)
		fprintf(
		    stderr, "winnow queue: %s: %s\n", what, strerror(errno));
	else
		fprintf(
		    stderr, "winnow queue: %s: %s\n", what, wq_strerror(err));
	return err == WQ_ENOSPC ? NOSPACE : ERROR;
}

/* What stdout says at the end; a reader that left is no fault of ours. */
static int
finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == EPIPE)
		return OK;
	fprintf(stderr, "winnow queue: cannot write to stdout: %s\n",
	    strerror(errno));
	return errno == ENOSPC ? NOSPACE : ERROR;
}

/* ---- list, stat ---------------------------------------------------------- */

struct totals {
	uint64_t files, records, bytes, json, first, last, damaged;
};

/* Calls each() for every sealed file, by its index line or by itself. */
static int
each_file(const struct args *a, struct totals *t,
    void (*each)(const struct args *, const struct wq_entry *))
{
	struct wq_list l = {0};
	struct wq_index x;
	struct wq_entry e;
	struct stat st;
	char path[WQ_PATH_MAX], after[WQ_NAME_MAX] = "";
	int rc, err;

	memset(t, 0, sizeof *t);
	wq_index_open(&x, a->dir);
	while ((rc = wq_list_day(a->dir, after, &l)) > 0) {
		memcpy(after, l.name[l.n - 1], sizeof after);
		for (size_t i = 0; i < l.n; i++) {
			wq_ready_path(path, a->dir, l.name[i]);
			if (stat(path, &st) < 0)
				continue; /* consumed meanwhile */
			err = 0;
			if (!wq_index_find(
				&x, l.name[i], (uint64_t)st.st_size, &e))
				err = wq_entry_scan(
				    a->dir, l.name[i], a->json, &e);
			t->files++;
			t->records += e.records;
			t->bytes += e.bytes;
			t->json += e.json;
			t->damaged += err != 0;
			if (t->first == 0)
				t->first = e.first_seq;
			if (e.records > 0)
				t->last = e.first_seq + e.records - 1;
			if (err != 0)
				complain(err, path);
			else if (each != NULL)
				each(a, &e);
		}
	}
	wq_index_close(&x);
	wq_list_clear(&l);
	if (rc < 0)
		return complain(rc, a->dir);
	return t->damaged > 0 ? SOME : OK;
}

static void
list_one(const struct args *a, const struct wq_entry *e)
{
	char buf[512], path[WQ_PATH_MAX];

	if (a->json) {
		wq_entry_print(buf, sizeof buf, e);
		fputs(buf, stdout);
		return;
	}
	wq_ready_path(path, "", e->name);
	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	       "\t%" PRIu64 "\n",
	    path + 1, e->first_seq, e->first_seq + e->records - 1, e->records,
	    e->bytes, e->json);
}

static int
verb_list(struct args *a)
{
	struct totals t;

	if (!a->json && isatty(1))
		printf("file\tfirst\tlast\trecords\tbytes\tjson\n");
	return finish(each_file(a, &t, list_one));
}

static void
cursor_one(void *arg, const char *name, uint64_t acked)
{
	const struct args *a = arg;

	if (a->json)
		printf("%s\"%s\":\"%" PRIu64 "\"", a->fresh ? "" : ",", name,
		    acked);
	else
		printf("cursor %s %" PRIu64 "\n", name, acked);
	((struct args *)arg)->fresh = 0;
}

static int
verb_stat(struct args *a)
{
	struct totals t;
	uint64_t lowest;
	int status = each_file(a, &t, NULL), err;

	if (status != OK && status != SOME)
		return status;
	printf(a->json
		   ? "{\"files\":%" PRIu64 ",\"records\":%" PRIu64
		     ",\"bytes\":%" PRIu64 ",\"json_bytes\":%" PRIu64
		     ",\"first_seq\":\"%" PRIu64 "\",\"last_seq\":\"%" PRIu64
		     "\",\"damaged\":%" PRIu64 ",\"cursors\":{"
		   : "files %" PRIu64 "\nrecords %" PRIu64 "\nbytes %" PRIu64
		     "\njson_bytes %" PRIu64 "\nfirst_seq %" PRIu64
		     "\nlast_seq %" PRIu64 "\ndamaged %" PRIu64 "\n",
	    t.files, t.records, t.bytes, t.json, t.first, t.last, t.damaged);
	a->fresh = 1;
	if ((err = wq_cursor_each(a->dir, cursor_one, a, &lowest)) != 0)
		status = complain(err, "cursors");
	if (a->json)
		printf("}}\n");
	return finish(status);
}

/* ---- cat, follow, next --------------------------------------------------- */

/* Prints records until none are left for now, or max of them. */
static int
pour(struct wq_reader *r, uint64_t max, uint64_t *n, int *damaged)
{
	const char *line;
	uint64_t seq;
	size_t len;
	int rc;

	*n = 0;
	while (*n < max && (rc = wq_read(r, &line, &len, &seq)) != 0) {
		if (rc == WQ_ENOMEM)
			return complain(rc, "reading");
		if (rc < 0) {
			*damaged = 1;
			fprintf(
			    stderr, "winnow queue: %s\n", wq_reader_where(r));
			continue;
		}
		++*n;
		if (fwrite(line, 1, len, stdout) != len)
			return OK; /* finish() says why */
	}
	return OK;
}

static struct wq_reader *
open_reader(const struct args *a, uint64_t from)
{
	struct wq_reader *r;
	char err[512] = "";
	int rc;

	rc = wq_reader_open(&r, a->dir,
	    &(struct wq_range){.from_seq = from}, err, sizeof err);
	if (rc != 0)
		fprintf(stderr, "winnow queue: %s\n",
		    err[0] != '\0' ? err : wq_strerror(rc));
	return r;
}

static int
verb_cat(struct args *a)
{
	struct wq_reader *r = open_reader(a, a->from);
	uint64_t n;
	int status, damaged = 0;

	if (r == NULL)
		return ERROR;
	status = pour(r, UINT64_MAX, &n, &damaged);
	wq_reader_close(r);
	return finish(status == OK && damaged ? SOME : status);
}

static int
verb_follow(struct args *a)
{
	struct wq_reader *r;
	struct totals t;
	uint64_t n;
	int fd, rc = 1, status = OK, damaged = 0;

	if (a->fresh) {
		each_file(a, &t, NULL);
		a->from = t.last + 1;
	}
	if ((fd = wq_follow_open(a->dir)) < 0)
		return complain(WQ_EIO, "cannot watch the queue");
	if ((r = open_reader(a, a->from)) == NULL)
		status = ERROR;
	while (status == OK && rc > 0) {
		if ((rc = wq_follow_watch(fd, a->dir)) < 0)
			break;
		status = pour(r, UINT64_MAX, &n, &damaged);
		if (fflush(stdout) != 0 || ferror(stdout))
			break;
		rc = wq_follow_wait(fd, 1);
	}
	if (rc < 0)
		status = complain(WQ_EIO, "cannot watch the queue");
	wq_reader_close(r);
	close(fd);
	return finish(status == OK && damaged ? SOME : status);
}

static int
verb_next(struct args *a)
{
	struct wq_reader *r;
	uint64_t acked, n;
	int err, status, damaged = 0;

	if ((err = wq_cursor_get(a->dir, a->name, &acked)) != 0)
		return complain(err, a->name);
	if ((r = open_reader(a, acked + 1)) == NULL)
		return ERROR;
	status = pour(r, a->number > 0 ? a->number : 1, &n, &damaged);
	wq_reader_close(r);
	if (status == OK)
		status = damaged ? SOME : n > 0 ? OK : NOTHING;
	return finish(status);
}

static int
verb_ack(struct args *a)
{
	struct totals t;
	uint64_t acked;
	int err, status;

	if ((err = wq_cursor_get(a->dir, a->name, &acked)) != 0)
		return complain(err, a->name);
	if (a->number < acked && !a->rewind) {
		fprintf(stderr,
		    "winnow queue: cursor '%s' is at %" PRIu64 " already; use "
		    "--rewind to take it back to %" PRIu64 "\n",
		    a->name, acked, a->number);
		return ERROR;
	}
	status = each_file(a, &t, NULL);
	if (status != OK && status != SOME)
		return status;
	if (a->number > t.last && a->number > acked) {
		fprintf(stderr,
		    "winnow queue: cannot acknowledge %" PRIu64
		    ": the last sealed record is %" PRIu64 "\n",
		    a->number, t.last);
		return ERROR;
	}
	if ((err = wq_cursor_set(a->dir, a->name, a->number)) != 0)
		return complain(err, a->name);
	return OK;
}

/* ---- verify, prune ------------------------------------------------------- */

static void
say(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "winnow queue: %s\n", what);
}

static int
verb_verify(struct args *a)
{
	struct wq_check c;
	int err = wq_verify(a->dir, say, NULL, &c);

	if (err != 0)
		return complain(err, a->dir);
	printf(a->json ? "{\"files\":%" PRIu64 ",\"records\":%" PRIu64
			 ",\"json_bytes\":%" PRIu64 ",\"taken\":%" PRIu64
			 ",\"bad\":%" PRIu64 "}\n"
		       : "files %" PRIu64 "\nrecords %" PRIu64
			 "\njson_bytes %" PRIu64 "\ntaken %" PRIu64
			 "\nbad %" PRIu64 "\n",
	    c.files, c.records, c.json, c.taken, c.bad);
	return finish(c.bad > 0 ? SOME : OK);
}

static void
pruned(void *arg, const char *path, uint64_t bytes)
{
	const struct args *a = arg;

	if (a->json)
		printf("{\"file\":\"%s\",\"bytes\":%" PRIu64 "}\n",
		    strstr(path, "/ready/") + 1, bytes);
	else
		printf("%s\n", path);
}

static int
verb_prune(struct args *a)
{
	int64_t before = INT64_MAX;
	uint64_t lowest;
	int err;

	if ((err = wq_cursor_each(a->dir, NULL, NULL, &lowest)) != 0)
		return complain(err, "cursors");
	if (lowest == UINT64_MAX && a->retain_ms < 0) {
		fprintf(stderr,
		    "winnow queue: no consumer has a cursor here, so --retain "
		    "must say how old a file may get\n");
		return USAGE;
	}
	if (a->retain_ms >= 0)
		before = (int64_t)time(NULL) * 1000 - a->retain_ms;
	if ((err = wq_prune(a->dir, before, a->dry, pruned, a)) != 0)
		return complain(err, a->dir);
	return finish(OK);
}

/* ---- the command line ---------------------------------------------------- */

static const struct verb {
	const char *name;
	int (*run)(struct args *);
	const char *options, *operands; /* beyond --json and DIR */
	int cursor, seq;                /* it takes NAME, and SEQ */
	const char *words;
} verbs[] = {
    {"list", verb_list, "", "", 0, 0, "sealed files, oldest first"},
    {"cat", verb_cat, " [--from SEQ]", "", 0, 0,
	"every record, as zcat over the sealed files"},
    {"follow", verb_follow, " [--from SEQ | --new]", "", 0, 0,
	"every record, then each new one as it is sealed"},
    {"next", verb_next, " [-n N]", " NAME", 1, 0,
	"the next records of the consumer NAME"},
    {"ack", verb_ack, " [--rewind]", " NAME SEQ", 1, 1,
	"NAME is done with records up to SEQ"},
    {"verify", verb_verify, "", "", 0, 0, "check every byte against FORMAT.md"},
    {"stat", verb_stat, "", "", 0, 0, "totals and cursors"},
    {"prune", verb_prune, " [--retain TIME] [--dry-run]", "", 0, 0,
	"remove files that every consumer is done with"},
};

static int
usage(FILE *f)
{
	fprintf(f, "usage: winnow queue VERB [--json] DIR ...\n");
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		fprintf(f, "  %s%s DIR%s\n      %s\n", verbs[i].name,
		    verbs[i].options, verbs[i].operands, verbs[i].words);
	return f == stdout ? OK : USAGE;
}

static int
parse_number(const char *s, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 10);
	if (*s >= '0' && *s <= '9' && *end == '\0' && errno == 0)
		return 0;
	fprintf(stderr, "winnow queue: '%s' is not a number\n", s);
	return -1;
}

static int
parse_time(const char *s, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
	    {"d", 86400000}};
	char *end;
	long long v;

	errno = 0;
	v = strtoll(s, &end, 10);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (*s >= '0' && *s <= '9' && errno == 0 &&
		    strcmp(end, units[i].unit) == 0 &&
		    v <= INT64_MAX / units[i].ms) {
			*ms = v * units[i].ms;
			return 0;
		}
	}
	fprintf(stderr,
	    "winnow queue: --retain '%s': unknown unit, use ms, s, m, h or "
	    "d\n",
	    s);
	return -1;
}

static int
parse_options(int argc, char **argv, struct args *a)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
	    {"from", required_argument, NULL, 'f'},
	    {"new", no_argument, NULL, 'N'},
	    {"count", required_argument, NULL, 'n'},
	    {"rewind", no_argument, NULL, 'r'},
	    {"retain", required_argument, NULL, 't'},
	    {"dry-run", no_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;

	optind = 0; /* main may have used getopt before */
	while ((c = getopt_long(argc, argv, "jn:h", longs, NULL)) != -1) {
		if ((c == 'f' && parse_number(optarg, &a->from) < 0) ||
		    (c == 'n' && parse_number(optarg, &a->number) < 0) ||
		    (c == 't' && parse_time(optarg, &a->retain_ms) < 0) ||
		    c == '?')
			return USAGE;
		if (c == 'h')
			return -1;
		a->json |= c == 'j';
		a->fresh |= c == 'N';
		a->rewind |= c == 'r';
		a->dry |= c == 'd';
	}
	return OK;
}

int
cmd_queue(int argc, char **argv)
{
	struct args a = {.retain_ms = -1};
	const struct verb *v = NULL;
	char err[512];
	int rc;

	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			v = &verbs[i];
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(stdout);
	if (v == NULL) {
		if (argc > 1)
			fprintf(
			    stderr, "winnow queue: no verb '%s'\n", argv[1]);
		return usage(stderr);
	}
	if ((rc = parse_options(argc - 1, argv + 1, &a)) != OK)
		return rc < 0 ? usage(stdout) : usage(stderr);
	argc -= 1 + optind;
	argv += 1 + optind;
	if (argc != 1 + v->cursor + v->seq)
		return usage(stderr);
	if (v->cursor) {
		a.name = argv[1];
		if (!wq_node_ok(a.name) || a.name[0] == '.') {
			fprintf(stderr,
			    "winnow queue: '%s' cannot name a consumer: use 1 "
			    "to 32 of A-Z a-z 0-9 . _ -\n",
			    a.name);
			return USAGE;
		}
	}
	if (v->seq && parse_number(argv[2], &a.number) < 0)
		return USAGE;
	if (wq_find(a.dir, argv[0], err, sizeof err) != 0) {
		fprintf(stderr, "winnow queue: %s\n", err);
		return ERROR;
	}
	return v->run(&a);
}
