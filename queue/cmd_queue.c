/* cmd_queue.c - winnow queue: read, consume and check the queue.
 *
 * One table names the verbs, the options each takes and its operands; one the
 * options. A verb is a function that gets the queue's folder and gives the
 * exit status (DESIGN.md's list: 0 ok, 1 error, 2 usage, 5 some damaged, 6 no
 * space, 7 nothing found). Data goes to stdout, words to stderr. */
#include "queue/cmd_queue.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "queue/queue_cmds.h"
#include "queue/when.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- words --------------------------------------------------------------- */

void
cmd_queue_say(const char *fmt, ...)
{
	va_list ap;

	fputs("winnow queue: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int
cmd_queue_complain(int err, const char *what)
{
	if ((err == WQ_EIO || err == WQ_ENOSPC) && errno != 0)
		cmd_queue_say("%s: %s; %s", what, strerror(errno),
		    wq_advice(errno, NULL));
	else
		cmd_queue_say("%s: %s", what, wq_strerror(err));
	return err == WQ_ENOSPC ? NOSPACE : ERROR;
}

int
cmd_queue_finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == EPIPE)
		return OK;
	cmd_queue_say("cannot write to stdout: %s", strerror(errno));
	return errno == ENOSPC ? NOSPACE : ERROR;
}

static int
read_number(const char *s, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 10);
	if (*s >= '0' && *s <= '9' && *end == '\0' && errno == 0)
		return 0;
	return -1;
}

int
cmd_queue_seq(const char *s, uint64_t *seq)
{
	if (read_number(s, seq) == 0)
		return 0;
	cmd_queue_say("SEQ '%s': use the number of a record", s);
	return -1;
}

/* ---- the verbs ----------------------------------------------------------- */

#define FORM "oxiW"

enum consumer { NOBODY, BY_OPTION_OR_NAME };

static const struct verb {
	const char *name, *second; /* second: of a verb of two words */
	int (*run)(struct args *);
	const char *letters; /* of the options it takes, beyond j */
	enum consumer consumer;
	int most; /* operands behind DIR and the consumer; -1: any */
} verbs[] = {
    {"list", NULL, cmd_queue_list, "", NOBODY, 0},
    {"stat", NULL, cmd_queue_stat, "", NOBODY, 0},
    {"cat", NULL, cmd_queue_cat, "fTSUFn" FORM, NOBODY, 0},
    {"get", NULL, cmd_queue_get, FORM, NOBODY, -1},
    {"follow", NULL, cmd_queue_follow, "fNn" FORM, NOBODY, 0},
    {"next", NULL, cmd_queue_next, "cnbw" FORM, BY_OPTION_OR_NAME, 0},
    {"ack", NULL, cmd_queue_ack, "cr", BY_OPTION_OR_NAME, 1},
    {"cursor", "list", cmd_queue_cursor_list, "", NOBODY, 0},
    {"cursor", "rm", cmd_queue_cursor_rm, "c", BY_OPTION_OR_NAME, 0},
    {"verify", NULL, cmd_queue_verify, "", NOBODY, 0},
    {"prune", NULL, cmd_queue_prune, "td", NOBODY, 0},
};

/* ---- options ------------------------------------------------------------- */

static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
    {"from", required_argument, NULL, 'f'},
    {"to", required_argument, NULL, 'T'},
    {"since", required_argument, NULL, 'S'},
    {"until", required_argument, NULL, 'U'},
    {"file", required_argument, NULL, 'F'}, {"new", no_argument, NULL, 'N'},
    {"count", required_argument, NULL, 'n'},
    {"bytes", required_argument, NULL, 'b'}, {"wait", no_argument, NULL, 'w'},
    {"consumer", required_argument, NULL, 'c'},
    {"rewind", no_argument, NULL, 'r'},
    {"retain", required_argument, NULL, 't'},
    {"dry-run", no_argument, NULL, 'd'},
    {"format", required_argument, NULL, 'o'}, {"text", no_argument, NULL, 'x'},
    {"fields", required_argument, NULL, 'i'},
    {"where", required_argument, NULL, 'W'}, {NULL, 0, NULL, 0}};

static const char *
option_name(int letter)
{
	for (size_t i = 0; longs[i].name != NULL; i++)
		if (longs[i].val == letter)
			return longs[i].name;
	return "";
}

static int
set_consumer(struct args *a, const char *name)
{
	a->name = name;
	if (wq_node_ok(name) && name[0] != '.')
		return 0;
	cmd_queue_say("'%s' cannot name a consumer: use 1 to 32 of A-Z a-z 0-9 "
		      ". _ -, no dot in front",
	    name);
	return -1;
}

static int
bad_value(int letter, const char *s, const char *words)
{
	cmd_queue_say("--%s '%s': use %s", option_name(letter), s, words);
	return -1;
}

static int
set_count(int letter, const char *s, uint64_t *v)
{
	if (read_number(s, v) == 0 && *v > 0)
		return 0;
	return bad_value(letter, s, "a number, 1 at least");
}

static int
add_where(struct args *a, const char *s)
{
	if (a->print.nwhere == WHERE_MAX) {
		cmd_queue_say(
		    "--where '%s': there are %d of them already", s, WHERE_MAX);
		return -1;
	}
	a->where[a->print.nwhere++] = s;
	a->print.where = a->where;
	return 0;
}

static int
set_time(int letter, const char *s, int64_t *ms)
{
	if (wq_when_parse(s, (int64_t)time(NULL) * 1000, letter == 'U', ms) ==
	    0)
		return 0;
	return bad_value(letter, s,
	    "a day (2026-11-21), a time (2026-11-21T03:15:00Z) or how long ago "
	    "(30m, 2h, 7d)");
}

/* The value of an option that has one. */
static int
set_value(struct args *a, int letter, const char *s)
{
	switch (letter) {
	case 'f':
		if (read_number(s, &a->range.from_seq) == 0)
			return 0;
		return bad_value(letter, s, "the number of a record");
	case 'T':
		return set_count(letter, s, &a->range.to_seq);
	case 'S':
		return set_time(letter, s, &a->range.since_ms);
	case 'U':
		return set_time(letter, s, &a->range.until_ms);
	case 'F':
		a->range.file = s;
		return 0;
	case 'n':
		return set_count(letter, s, &a->count);
	case 'b':
		if (wq_size_parse(s, &a->bytes) == 0 && a->bytes > 0)
			return 0;
		return bad_value(letter, s, "bytes, KiB, MiB or GiB");
	case 't':
		if (wq_span_parse(s, &a->retain_ms) == 0)
			return 0;
		return bad_value(
		    letter, s, "a number and a unit: ms, s, m, h or d");
	case 'c':
		return set_consumer(a, s);
	case 'o':
		a->print.format = s;
		return 0;
	case 'i':
		a->print.fields = s;
		return 0;
	case 'W':
		return add_where(a, s);
	}
	return 0;
}

/* Bounds that leave nothing between them are a slip of the pen. */
static int
check_range(const struct wq_range *g)
{
	if (g->to_seq > 0 && g->from_seq > g->to_seq)
		cmd_queue_say("--from %" PRIu64 " is behind --to %" PRIu64,
		    g->from_seq, g->to_seq);
	else if (g->until_ms > 0 && g->since_ms > g->until_ms)
		cmd_queue_say("--since is later than --until");
	else
		return OK;
	return USAGE;
}

/* 0, or USAGE. */
static int
parse_options(int argc, char **argv, const struct verb *v, struct args *a)
{
	int c;

	optind = 0; /* main may have used getopt before */
	while ((c = getopt_long(argc, argv, "jn:", longs, NULL)) != -1) {
		if (c != 'j' && strchr(v->letters, c) == NULL)
			return USAGE;
		if (optarg != NULL && set_value(a, c, optarg) < 0)
			return USAGE;
		a->json |= c == 'j';
		a->fresh |= c == 'N';
		a->rewind |= c == 'r';
		a->dry |= c == 'd';
		a->wait |= c == 'w';
		if (c == 'x')
			a->print.format = "text";
	}
	a->print.since_ms = a->range.since_ms;
	/* The range counts its end in, what is printed does not. */
	a->print.until_ms = a->range.until_ms > 0 ? a->range.until_ms + 1 : 0;
	a->print.dir = a->dir;
	return check_range(&a->range);
}

/* ---- operands ------------------------------------------------------------ */

/* DIR, then the consumer where no --consumer named it, then the verb's own. */
static int
parse_operands(int argc, char **argv, const struct verb *v, struct args *a)
{
	char err[WQ_DIR_MAX + 256];
	int at = 1;

	if (v->consumer != NOBODY && a->name == NULL) {
		if (argc < 2) {
			cmd_queue_say(
			    "%s: --consumer must name the consumer", v->name);
			return USAGE;
		}
		if (set_consumer(a, argv[at++]) < 0)
			return USAGE;
	}
	a->rest = argv + at;
	a->nrest = argc - at;
	if (v->most >= 0 && a->nrest > v->most) {
		cmd_queue_say("%s: '%s' is one too many", v->name,
		    a->rest[v->most]);
		return USAGE;
	}
	if (wq_find(a->dir, argv[0], err, sizeof err) == 0)
		return OK;
	cmd_queue_say("%s", err);
	return ERROR;
}

/* The verb that argv begins with; *words: how many words it is. */
static const struct verb *
find_verb(int argc, char **argv, int *words)
{
	for (size_t i = 0; argc > 0 && i < N(verbs); i++) {
		const struct verb *v = &verbs[i];

		*words = v->second != NULL ? 2 : 1;
		if (strcmp(argv[0], v->name) == 0 &&
		    (v->second == NULL ||
			(argc > 1 && strcmp(argv[1], v->second) == 0)))
			return v;
	}
	return NULL;
}

int
cmd_queue(int argc, char **argv)
{
	struct args a = {.retain_ms = -1};
	const struct verb *v;
	int words, rc;

	if ((v = find_verb(argc - 1, argv + 1, &words)) == NULL)
		return USAGE;
	/* The last word of the verb stands where getopt looks for a name. */
	argc -= words;
	argv += words;
	if ((rc = parse_options(argc, argv, v, &a)) != OK ||
	    (rc = parse_operands(argc - optind, argv + optind, v, &a)) != OK)
		return rc;
	return v->run(&a);
}
