/* cmd_normalise.c - winnow normalise: the text normaliser as a filter.
 *
 * Plain: standard input as one text, mended, to standard output. --jsonl: a
 * text for each line of input, a line of output for each, in order. */
#include "cleaner/cleaner_cmds.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"

enum { OK = 0, ERROR = 1, USAGE = 2, SOME_FAILED = 5 };

/* All of a stream; NULL: no memory, or it could not be read. */
static char *
slurp(FILE *f, size_t *len)
{
	size_t cap = 1 << 16, n = 0, k;
	char *b = malloc(cap), *grown;

	while (b != NULL && (k = fread(b + n, 1, cap - n, f)) > 0) {
		n += k;
		if (n < cap)
			continue;
		if ((grown = realloc(b, cap *= 2)) == NULL)
			free(b);
		b = grown;
	}
	if (b != NULL && ferror(f)) {
		free(b);
		b = NULL;
	}
	*len = n;
	return b;
}

static int
plain(struct winnow *w)
{
	const char *out;
	size_t len, out_len;
	char *in = slurp(stdin, &len);
	int rc;

	if (in == NULL) {
		fprintf(stderr, "winnow: cannot read standard input\n");
		return ERROR;
	}
	rc = winnow_normalise(w, in, len, 0, &out, &out_len, NULL);
	if (rc == 0)
		fwrite(out, 1, out_len, stdout);
	else
		fprintf(stderr, "winnow: cannot normalise: %s\n",
		    winnow_strerror(rc));
	free(in);
	return rc == 0 ? OK : ERROR;
}

static void
put_string(const char *s, size_t n)
{
	char *q = malloc(6 * n + 3);

	if (q == NULL) {
		fputs("\"\"", stdout);
		return;
	}
	fwrite(q, 1, winnow_json_quote(q, s, n), stdout);
	free(q);
}

/* Ids are strings; a number is kept as it was written. */
static void
put_id(const struct winnow_json_value *id)
{
	if (id->type == WINNOW_JSON_STRING)
		put_string(id->s, id->len);
	else if (id->type == WINNOW_JSON_NUMBER)
		printf("%.17g", id->number);
	else
		fputs("null", stdout);
}

static void
put_evidence(const struct winnow_mended *m)
{
	printf(",\"evidence\":{\"mirror\":%s,\"plain_gloss\":%s,\"folded\":%s,"
	       "\"noisy\":%s},\"unrepaired\":%zu,\"quality\":%.4g",
	    m->mirror ? "true" : "false", m->plain_gloss ? "true" : "false",
	    m->folded ? "true" : "false", m->noisy ? "true" : "false",
	    m->unrepaired, m->quality);
}

static void
put_list(const struct winnow_mended *m)
{
	fputs(",\"list\":[", stdout);
	for (size_t i = 0; i < m->nrepair_list; i++) {
		const struct winnow_repair *r = &m->repair_list[i];

		printf("%s{\"kind\":\"%s\",\"line\":%u,\"offset\":%zu,"
		       "\"before\":",
		    i ? "," : "", winnow_repair_name(r->kind), r->block,
		    r->offset);
		put_string(r->before, strlen(r->before));
		fputs(",\"after\":", stdout);
		put_string(r->after, strlen(r->after));
		if (r->margin > 0)
			printf(",\"margin\":%.2f}", (double)r->margin);
		else
			fputs(",\"margin\":null}", stdout);
	}
	putchar(']');
}

static int
one_line(struct winnow *w, char *line, size_t n, int explain)
{
	struct winnow_json j;
	struct winnow_json_value v, id = {.type = WINNOW_JSON_NULL}, text = id;
	struct winnow_mended m = {.text = ""};
	const char *why = NULL;
	int rc, mirror = 0;

	if ((rc = winnow_json_begin(&j, line, n)) == 0)
		while ((rc = winnow_json_next(&j, &v)) == 1) {
			if (v.key == NULL)
				continue;
			if (strcmp(v.key, "id") == 0)
				id = v;
			else if (strcmp(v.key, "text") == 0)
				text = v;
			else if (strcmp(v.key, "page") == 0 &&
				 v.type == WINNOW_JSON_STRING)
				mirror = strcmp(v.s, "mirror") == 0;
		}
	if (rc != 0)
		why = "no JSON object";
	else if (text.type != WINNOW_JSON_STRING)
		why = "no text";
	else if ((rc = winnow_mend(w, text.s, text.len, mirror, &m)) != 0)
		why = winnow_strerror(rc);
	fputs("{\"id\":", stdout);
	put_id(&id);
	fputs(",\"text\":", stdout);
	put_string(m.text, why == NULL ? m.text_len : 0);
	fputs(",\"repairs\":{", stdout);
	for (int i = 0; i < WINNOW_REPAIR_N; i++)
		printf("%s\"%s\":%u", i ? "," : "",
		    winnow_repair_name((enum winnow_repair_kind)i),
		    m.repairs[i]);
	putchar('}');
	if (why == NULL)
		put_evidence(&m);
	if (why == NULL && explain)
		put_list(&m);
	if (why != NULL)
		printf(",\"error\":\"%s\"", why);
	fputs("}\n", stdout);
	return why != NULL;
}

static int
jsonl(struct winnow *w, int explain)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int bad = 0;

	while ((n = getline(&line, &cap, stdin)) > 0)
		bad |= one_line(w, line, (size_t)n, explain);
	free(line);
	return bad ? SOME_FAILED : OK;
}

int
wn_cmd_script(const char *who, const char *word, enum winnow_script *to)
{
	if (strcmp(word, "hans") == 0) {
		*to = WINNOW_HANS;
	} else if (strcmp(word, "hant") == 0) {
		*to = WINNOW_HANT;
	} else {
		fprintf(stderr,
		    "winnow %s: unknown script '%s', use hans or hant\n", who,
		    word);
		return -1;
	}
	if (winnow_can_convert(*to))
		return 0;
	fprintf(stderr,
	    "winnow %s: this build cannot convert Chinese text: it needs "
	    "OpenCC and its dictionaries\n",
	    who);
	return -1;
}

int
cmd_normalise(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"jsonl", no_argument, NULL, 'l'},
	    {"explain", no_argument, NULL, 'x'},
	    {"script", required_argument, NULL, 's'},
	    {NULL, 0, NULL, 0},
	};
	struct winnow_options o = {.script = WINNOW_KEEP};
	struct winnow *w;
	int c, lines = 0, rc;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'l')
			lines = 1;
		else if (c == 'x')
			o.explain = 1;
		else if (c != 's' ||
			 wn_cmd_script("normalise", optarg, &o.script) != 0)
			return USAGE;
	}
	if ((rc = winnow_new(&w, &o)) != 0) {
		fprintf(stderr, "winnow: %s\n", winnow_strerror(rc));
		return ERROR;
	}
	rc = lines ? jsonl(w, o.explain) : plain(w);
	winnow_free(w);
	return rc;
}
