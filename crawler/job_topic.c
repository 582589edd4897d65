/* job_topic.c - a topic, as jobs know it: learned of the user's examples, and
 * what it says of a page.
 *
 * Examples are foreign bytes like any page, so a worker reads them. Between two
 * files it may send an empty part: it lives, however many there are.
 *
 *	request	words; body: for each file its length (8 bytes) and its bytes
 *	answer	err, files, unread, examples, terms; lowest, median, neutral;
 *		the topic as bytes */
#include "crawler/job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FILES_PART 32 /* files between two parts */

/* ---- the request -------------------------------------------------------- */

void
job_topic_pack(struct wire_out *o, const char *words)
{
	wire_str(o, words);
}

void
job_topic_file(struct wire_out *body, const void *bytes, size_t len)
{
	wire_u64(body, len);
	wire_put(body, bytes, len);
}

/* ---- the worker's side -------------------------------------------------- */

static int
learn_files(struct winnow_topic *t, struct winnow *w, struct wire_in *in,
    const struct job_parts *parts, struct wire_out *o, struct job_topic *a)
{
	while (in->p < in->end) {
		size_t n = (size_t)wire_get_u64(in);
		const void *bytes = wire_take(in, n);

		if (in->bad)
			return -1;
		a->files++;
		a->unread += winnow_topic_file(t, w, bytes, n) <= 0;
		if (parts != NULL && a->files % FILES_PART == 0 &&
		    parts->send(parts->arg, o) != 0)
			return -1;
	}
	return 0;
}

static void
put_topic(
    struct wire_out *o, const struct job_topic *a, const void *bytes, size_t n)
{
	wire_u32(o, (uint32_t)a->err);
	wire_u32(o, a->files);
	wire_u32(o, a->unread);
	wire_u32(o, a->examples);
	wire_u32(o, a->terms);
	wire_put(o, &a->lowest, sizeof a->lowest);
	wire_put(o, &a->median, sizeof a->median);
	wire_put(o, &a->neutral, sizeof a->neutral);
	wire_bytes(o, bytes, n);
}

static void
learned(struct winnow *w, struct winnow_topic *t, struct job_topic *a,
    void **bytes, size_t *n)
{
	struct winnow_topic_made made = {0};

	if ((a->err = winnow_topic_finish(t, &made)) != 0 ||
	    (a->err = winnow_topic_store(t, bytes, n)) != 0)
		return;
	a->examples = (uint32_t)made.examples;
	a->terms = (uint32_t)made.terms;
	a->lowest = made.lowest;
	a->median = made.median;
	if ((a->err = winnow_set_topic(w, *bytes, *n)) == 0)
		a->neutral = winnow_topic_score(w, "", 0);
}

int
job_topic_run(struct winnow *w, struct wire_in *in, const void *body,
    size_t len, const struct job_parts *parts, struct wire_out *o)
{
	struct wire_in files = {body, (const char *)body + len, 0};
	const char *words = wire_get_str(in);
	struct job_topic a = {0};
	struct winnow_topic *t;
	void *bytes = NULL;
	size_t n = 0;
	int rc = -1;

	if (in->bad || winnow_topic_new(&t) != 0)
		return -1;
	if ((words == NULL || words[0] == '\0' ||
		winnow_topic_words(t, words, strlen(words)) == 0) &&
	    learn_files(t, w, &files, parts, o, &a) == 0) {
		learned(w, t, &a, &bytes, &n);
		put_topic(o, &a, bytes, n);
		rc = 0;
	}
	free(bytes);
	winnow_topic_free(t);
	return rc;
}

uint32_t
job_topic_words(struct winnow *w, const char *title)
{
	double score = winnow_topic_score(
	    w, title != NULL ? title : "", title != NULL ? strlen(title) : 0);

	return score > 0 ? (uint32_t)(score * 255 + 0.5) : 0;
}

/* ---- the parent's side -------------------------------------------------- */

/* Whatever a worker says of a score, it is one. */
static double
get_score(struct wire_in *in)
{
	const void *p = wire_take(in, sizeof(double));
	double v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return isnan(v) || v < 0 ? 0 : v > 1 ? 1 : v;
}

int
job_topic_unpack(const void *frame, size_t len, struct job_topic *a)
{
	struct wire_in in = {frame, (const char *)frame + len, 0};

	memset(a, 0, sizeof *a);
	a->err = (int)wire_get_u32(&in);
	a->files = wire_get_u32(&in);
	a->unread = wire_get_u32(&in);
	a->examples = wire_get_u32(&in);
	a->terms = wire_get_u32(&in);
	a->lowest = get_score(&in);
	a->median = get_score(&in);
	a->neutral = get_score(&in);
	a->bytes = wire_get_bytes(&in, &a->len);
	return in.bad || a->err > 0 || (a->err == 0 && a->bytes == NULL) ||
		       a->len > WINNOW_TOPIC_BYTES
		   ? -1
		   : 0;
}

/* ---- of a page ---------------------------------------------------------- */

void
job_topic_put(struct wire_out *o, const struct winnow_doc *d)
{
	wire_put(o, &d->topic_score, sizeof d->topic_score);
}

int
job_topic_get(struct wire_in *in, double *score)
{
	*score = get_score(in);
	return in->bad ? -1 : 0;
}
