/* topic.h - the topic that the crawl follows: learned at the start, and again
 * on a reload, from the files of topic.examples and topic.words.
 *
 * This process reads the files' bytes and no more; a worker learns of them
 * (job_topic.c), and what it learned goes to all workers, those of later too.
 *
 * Invariants
 *  G1  No page is asked for before the first topic is there: what was cleaned
 *      without it would have no score.
 *  G2  A topic that cannot be learned ends the crawl at its start, and changes
 *      nothing on a reload.
 *  G3  At most TOPIC_FILES files and TOPIC_BYTES bytes of them are read. */
#ifndef TOPIC_H
#define TOPIC_H

#include <stddef.h>
#include <stdint.h>

struct config_values;
struct pool;
struct topic;

#define TOPIC_FILES WINNOW_TOPIC_EXAMPLES
#define TOPIC_BYTES (64 << 20)

/* changed(arg): topic_state() may be another. NULL: no memory. */
struct topic *topic_new(struct pool *, void (*changed)(void *arg), void *arg);
/* After the pool. NULL is fine. */
void topic_free(struct topic *);
/* As the settings say; what it comes to is told by topic_state(), and logged.
 */
void topic_set(struct topic *, const struct config_values *);

enum topic_state {
	TOPIC_NONE,    /* nothing is followed */
	TOPIC_WAITING, /* the first one is being learned */
	TOPIC_KNOWN,
	TOPIC_FAILED /* there is none, and should be */
};
enum topic_state topic_state(const struct topic *);
/* In a word; NULL: nothing is followed. */
const char *topic_word(const struct topic *);
/* How often one was learned; and what no words at all score with it. */
uint32_t topic_number(const struct topic *);
double topic_neutral(const struct topic *);

/* topic_files.c: the files of examples, and of folders of them all that end in
 * .html, .htm, .txt or .jsonl, in order, each packed for the job into body; how
 * many. *left_out: more than TOPIC_FILES or TOPIC_BYTES. -1: err says which one
 * cannot be read. */
struct wire_out;
int topic_files(const char *const *paths, struct wire_out *body, int *left_out,
    char *err, size_t errlen);

#endif
