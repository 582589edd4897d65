/* topic.c - see topic.h. */
#include "crawler/topic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/job.h"
#include "crawler/log.h"
#include "crawler/pool.h"

struct topic {
	struct pool *pool;
	void (*changed)(void *);
	void *arg;
	enum topic_state state;
	uint32_t number;
	double neutral;
	struct wire_out body; /* of the job that is out */
	int out;
	int again; /* settings came while it was: */
	const struct config_values *cfg;
};

struct topic *
topic_new(struct pool *pool, void (*changed)(void *), void *arg)
{
	struct topic *t = calloc(1, sizeof *t);

	if (t != NULL) {
		t->pool = pool;
		t->changed = changed;
		t->arg = arg;
	}
	return t;
}

void
topic_free(struct topic *t)
{
	if (t == NULL)
		return;
	wire_free(&t->body);
	free(t);
}

/* G2. */
static void
failed(struct topic *t, const char *why)
{
	if (t->state == TOPIC_KNOWN)
		log_error("the topic stays as it was error=%s", why);
	else
		log_error("the topic cannot be learned error=%s", why);
	if (t->state != TOPIC_KNOWN)
		t->state = TOPIC_FAILED;
}

static void
learned(struct topic *t, const struct job_topic *a)
{
	if (pool_set_topic(t->pool, a->bytes, a->len) != 0) {
		failed(t, "no memory");
		return;
	}
	t->state = TOPIC_KNOWN;
	t->number++;
	t->neutral = a->neutral;
	log_notice("the topic is learned files=%u unread=%u examples=%u "
		   "terms=%u lowest=%.2f median=%.2f bytes=%zu",
	    a->files, a->unread, a->examples, a->terms, a->lowest, a->median,
	    a->len);
}

static int
part_cb(void *arg, const void *answer, size_t len)
{
	(void)arg;
	(void)answer;
	return len == 0 ? 0 : -1;
}

static void
learned_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct topic *t = arg;
	struct job_topic a;

	t->out = 0;
	wire_free(&t->body);
	if (r != POOL_OK)
		failed(t, pool_strerror(r));
	else if (job_topic_unpack(answer, len, &a) != 0)
		failed(t, pool_strerror(POOL_BROKEN));
	else if (a.err != 0)
		failed(
		    t, a.err == WINNOW_EINVAL
			   ? "nothing in topic.examples and topic.words that "
			     "other texts have not"
			   : winnow_strerror(a.err));
	else
		learned(t, &a);
	if (t->again)
		topic_set(t, t->cfg);
	t->changed(t->arg);
}

/* Words of the list, a line each. */
static void
pack_words(struct wire_out *head, const char *const *words)
{
	struct wire_out list = {0};

	for (; *words != NULL; words++) {
		wire_put(&list, *words, strlen(*words));
		wire_put(&list, "\n", 1);
	}
	wire_put(&list, "", 1);
	head->err |= list.err;
	job_topic_pack(head, list.b);
	wire_free(&list);
}

static void
learn(struct topic *t, const struct config_values *cfg)
{
	struct pool_job j = {
	    .kind = JOB_TOPIC, .part = part_cb, .done = learned_cb, .arg = t};
	char err[512];
	int left_out;

	wire_free(&t->body);
	if (topic_files(cfg->topic_examples, &t->body, &left_out, err,
		sizeof err) < 0) {
		failed(t, err);
		return;
	}
	if (left_out)
		log_warn("examples of the topic are left out: there are too "
			 "many files=%d bytes=%d",
		    TOPIC_FILES, TOPIC_BYTES);
	j.body = t->body.b != NULL ? t->body.b : "";
	j.body_len = t->body.len;
	pack_words(&j.head, cfg->topic_words);
	if (j.head.err || pool_submit(t->pool, &j) != 0) {
		wire_free(&j.head);
		failed(t, "no memory");
		return;
	}
	t->out = 1;
	if (t->state != TOPIC_KNOWN)
		t->state = TOPIC_WAITING;
}

void
topic_set(struct topic *t, const struct config_values *cfg)
{
	t->cfg = cfg;
	t->again = t->out;
	if (t->out)
		return;
	if (cfg->topic_examples[0] != NULL || cfg->topic_words[0] != NULL) {
		learn(t, cfg);
	} else if (t->state != TOPIC_NONE) {
		(void)pool_set_topic(t->pool, NULL, 0);
		t->state = TOPIC_NONE;
	}
}

enum topic_state
topic_state(const struct topic *t)
{
	return t->state;
}

const char *
topic_word(const struct topic *t)
{
	static const char *const words[] = {[TOPIC_NONE] = NULL,
	    [TOPIC_WAITING] = "learning",
	    [TOPIC_KNOWN] = "known",
	    [TOPIC_FAILED] = "failed"};

	return words[t->state];
}

uint32_t
topic_number(const struct topic *t)
{
	return t->number;
}

double
topic_neutral(const struct topic *t)
{
	return t->neutral;
}
