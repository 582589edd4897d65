/* cmd_topic.c - winnow topic: what was learned of examples, and how pages
 * score by it; for who has to choose topic.min_score. */
#include "cleaner/cleaner_cmds.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleaner/batch.h"
#include "cleaner/topic.h"

enum { OK = 0, ERROR = 1, USAGE = 2, SOME_FAILED = 5, SHOWN = 40 };

struct learner {
	struct winnow *w;
	struct winnow_topic *topic;
	int json, failed;
	struct winnow_topic_made made;
	void *bytes;
	size_t len;
	const char *file; /* that is read */
};

static void
put_string(const char *s, size_t n)
{
	char *q = malloc(6 * n + 3);

	if (q != NULL)
		fwrite(q, 1, winnow_json_quote(q, s, n), stdout);
	else
		fputs("\"\"", stdout);
	free(q);
}

/* The bytes of a file; NULL: said why. */
static char *
read_bytes(const char *name, size_t *len)
{
	FILE *f = fopen(name, "rb");
	char *b = f != NULL ? batch_read_file(f, len) : NULL;

	if (b == NULL)
		fprintf(stderr, "winnow topic: cannot read '%s': %s\n", name,
		    strerror(errno));
	if (f != NULL)
		fclose(f);
	return b;
}

/* ---- learning --------------------------------------------------------- */

static void
learn_file(struct learner *l, const char *name)
{
	size_t len;
	char *b = read_bytes(name, &len);

	if (b == NULL || winnow_topic_file(l->topic, l->w, b, len) > 0) {
		l->failed |= b == NULL;
	} else {
		fprintf(stderr, "winnow topic: '%s': no text in it\n", name);
		l->failed = 1;
	}
	free(b);
}

/* As the daemon reads a folder of examples. */
static int
is_example(const struct dirent *e)
{
	return winnow_topic_is_example(e->d_name);
}

/* The files of a folder in the order of their names, or a file. */
static void
learn_all(struct learner *l, const char *path)
{
	struct dirent **v;
	struct stat st;
	char name[8192];
	int n;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		learn_file(l, path);
		return;
	}
	if ((n = scandir(path, &v, is_example, alphasort)) < 0) {
		fprintf(stderr, "winnow topic: cannot read '%s': %s\n", path,
		    strerror(errno));
		l->failed = 1;
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, v[i]->d_name);
		if (stat(name, &st) == 0 && S_ISREG(st.st_mode))
			learn_file(l, name);
		free(v[i]);
	}
	free(v);
}

static void
say_learned(const struct learner *l)
{
	fprintf(stderr, "%zu example%s, %zu terms", l->made.examples,
	    l->made.examples == 1 ? "" : "s", l->made.terms);
	if (l->made.median > 0)
		fprintf(stderr,
		    "; scored by a topic of the others: %.2f at least, %.2f "
		    "in the middle",
		    l->made.lowest, l->made.median);
	fputc('\n', stderr);
}

/* The words that weigh most; those of a topic are stored in that order. */
static void
print_words(const struct learner *l)
{
	struct wn_topic_scale scale;
	struct wn_topic_term g;
	long n = wn_topic_read_head(l->bytes, l->len, &scale);
	size_t at = 0;
	int shown = 0;

	if (l->json)
		printf("{\"examples\":%zu,\"terms\":%zu,\"lowest\":%.3f,"
		       "\"median\":%.3f,\"words\":[",
		    l->made.examples, l->made.terms, l->made.lowest,
		    l->made.median);
	for (; n > 0 && shown < SHOWN; n--) {
		if (wn_topic_read(l->bytes, l->len, &at, &g) != 0)
			break;
		if (!g.whole)
			continue;
		if (l->json)
			fputs(shown > 0 ? "," : "", stdout);
		if (l->json)
			put_string(g.text, g.n);
		else
			printf("%.*s\n", (int)g.n, g.text);
		shown++;
	}
	if (l->json)
		puts("]}");
}

/* ---- scoring ---------------------------------------------------------- */

static int
print_score(void *arg, const char *text, size_t len)
{
	struct learner *l = arg;
	size_t title = strcspn(text, "\n");
	double score = winnow_topic_score(l->w, text, len);

	if (!l->json) {
		printf("%.3f\t%s\t%.*s\n", score, l->file,
		    (int)(title < 200 ? title : 0), text);
		return 0;
	}
	printf("{\"score\":%.3f,\"file\":", score);
	put_string(l->file, strlen(l->file));
	printf(",\"title\":");
	put_string(text, title < len ? title : 0);
	puts("}");
	return 0;
}

static void
score_file(struct learner *l, const char *name)
{
	size_t len;
	char *b = read_bytes(name, &len);

	l->file = name;
	if (b != NULL && wn_topic_texts(l->w, b, len, print_score, l) > 0) {
		free(b);
		return;
	}
	if (b != NULL)
		fprintf(stderr, "winnow topic: '%s': no text in it\n", name);
	l->failed = 1;
	free(b);
}

/* ---- the command ------------------------------------------------------ */

static int
run(struct learner *l, const char *words, int argc, char **argv)
{
	if (words != NULL &&
	    winnow_topic_words(l->topic, words, strlen(words)) != 0) {
		fprintf(stderr, "winnow topic: --words: not UTF-8\n");
		return USAGE;
	}
	learn_all(l, argv[0]);
	if (winnow_topic_finish(l->topic, &l->made) != 0 ||
	    winnow_topic_store(l->topic, &l->bytes, &l->len) != 0 ||
	    winnow_set_topic(l->w, l->bytes, l->len) != 0) {
		fprintf(stderr,
		    "winnow topic: '%s': nothing to learn from; give texts of "
		    "some sentences\n",
		    argv[0]);
		return ERROR;
	}
	if (!l->json || argc > 1)
		say_learned(l);
	if (argc == 1)
		print_words(l);
	for (int i = 1; i < argc; i++)
		score_file(l, argv[i]);
	return l->failed ? SOME_FAILED : OK;
}

int
cmd_topic(int argc, char **argv)
{
	static const struct option options[] = {
	    {"words", required_argument, NULL, 'w'},
	    {"json", no_argument, NULL, 'j'}, {0}};
	struct learner l = {.json = 0};
	const char *words = NULL;
	int c, rc = ERROR;

	while ((c = getopt_long(argc, argv, "w:", options, NULL)) != -1)
		switch (c) {
		case 'w':
			words = optarg;
			break;
		case 'j':
			l.json = 1;
			break;
		default:
			return USAGE;
		}
	if (winnow_new(&l.w, NULL) == 0 && winnow_topic_new(&l.topic) == 0)
		rc = run(&l, words, argc - optind, argv + optind);
	else
		fprintf(stderr, "winnow topic: no memory\n");
	if (fflush(stdout) != 0 && rc == OK)
		rc = ERROR;
	free(l.bytes);
	winnow_topic_free(l.topic);
	winnow_free(l.w);
	return rc;
}
