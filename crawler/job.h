/* job.h - what a worker is asked to do, and what it answers.
 *
 * A request is a head (packed by job_*_pack) and a body as it came from the
 * network; the answer is one frame, or, of a long list, several. job_run() is
 * the worker's side: pure but for its cleaner, so tests call it without a
 * process. The unpack functions are the
 * parent's side and take the answer for hostile.
 *
 * Pointers in an unpacked answer are borrowed from the frame. */
#ifndef JOB_H
#define JOB_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"
#include "crawler/keep.h"
#include "crawler/wire.h"

#define JOB_TAGS_MAX 64 /* tags of a seed */

enum job_kind { JOB_PAGE = 1, JOB_ROBOTS, JOB_SITEMAP, JOB_FEED, JOB_DEFLATE,
	JOB_EXPLAIN, JOB_TOPIC, JOB_GATHER };

/* What the parent knows of a page: page.body is sent apart, the rest is in
 * the head. The event is the worker's to say: "new"; with fetch.revises
 * "changed", unless the text is known_text (no line then); "gone". */
struct job_page {
	struct winnow_page page;
	struct winnow_fetch fetch;
	/* of the record it revises, and as it were without a memory of its
	 * site; 0: none */
	uint64_t known_text, known_alone;
	int gone;	     /* no page: a record that says so */
	struct keep_page keep; /* its url is page.url */
};
void job_page_pack(struct wire_out *, const struct job_page *);

struct job_article {
	int err;		/* enum winnow_error: < 0, nothing else is set */
	int noindex, nofollow, truncated;
	int same, gone; /* the text is known_text; the event is "gone" */
	int corrected;	/* it is "corrected": the page is as it was */
	enum winnow_page_type page_type;
	double quality, topic_score;
	uint32_t chars;
	uint32_t links_dropped; /* past clean.max_links */
	uint64_t text_hash, alone_hash;
	uint32_t merit; /* merit.h */
	struct winnow_sketch sketch;
	const void *lesson; /* what it shows of its site; NULL: not asked for */
	size_t lesson_len;
	uint8_t id[16];
	const char *id_text;	/* "w1-..." */
	const char *title, *nothing;
	const char *source, *date; /* whom it credits; its day */
	struct winnow_line line; /* len 0: there is no article */
	const char *raw; /* the page for the WARC file; NULL: not kept */
	size_t raw_len;
	struct job_parts_told {	/* is it one page of several? job_gather.c */
		unsigned part; /* which, from 1; 0: no */
		uint32_t n;    /* the others: job_next_part() walks them */
		struct wire_in list;
		const uint8_t *used; /* JOB_GATHER: of each page, enum
					winnow_part_use */
		size_t nused;
	} parts;
	const char *links_at; /* the frame ends with them */
	uint32_t nlinks;
	struct wire_in links;	/* job_next_link() walks them */
};
/* 0, or -1: the frame is broken. */
int job_page_unpack(const void *frame, size_t len, struct job_article *);
/* 1: *link is filled; 0: no more, or the rest is broken. */
int job_next_link(struct job_article *, struct winnow_link *link);

/* job_copies.c: the line and what tells its copies, as parts of that answer. */
void job_line_put(struct wire_out *, const struct winnow_line *);
void job_line_get(struct wire_in *, struct winnow_line *);
/* It ends in its only line feed, and its places are in their order. */
int job_line_ok(const struct winnow_line *);
void job_copies_put(
    struct wire_out *, const struct winnow_doc *, const char *url);
void job_copies_get(struct wire_in *, struct job_article *);
/* job_gather.c: the other pages of its article, as part of that answer. */
void job_gather_put(struct wire_out *, const struct winnow_doc *,
    const uint8_t *used, size_t n);
void job_gather_get(struct wire_in *, struct job_parts_told *);
/* 1: *p is filled; 0: no more, or the rest is broken. */
int job_next_part(struct job_parts_told *, struct winnow_part *p);
/* The body of a JOB_GATHER is its pages, in order, each with the head that
 * job_page_pack() made; the head of the job is that of the first. The answer is
 * that of a page. */
void job_gather_add(struct wire_out *body, const struct wire_out *head,
    const void *page, size_t len);
/* job_near.c: the sketch of its text. */
void job_near_put(struct wire_out *, const struct winnow_doc *);
void job_near_get(struct wire_in *, struct job_article *);
/* What is known of the page's site goes behind the head of its job_page, for it
 * may be more when the job is tried again (job_site.c); nothing there: nothing
 * is known. learn: it is to tell what it shows of it. */
void job_site_put(
    struct wire_out *, int learn, const void *view, size_t len);
/* The worker's side, called by job_run(); the answer's; the parent's. */
void job_site_get(struct wire_in *, struct winnow_page *);
void job_lesson_put(struct wire_out *, const struct winnow_doc *);
void job_lesson_get(struct wire_in *, struct job_article *);

/* agent: product token; content_encoding: as the header says, or NULL. */
void job_robots_pack(struct wire_out *, const char *agent,
    const char *content_encoding);
/* The blob is borrowed from the frame; NULL: the file cannot be decoded; -1:
 * broken. */
int job_robots_unpack(const void *frame, size_t len, const void **blob,
    size_t *blob_len);

/* Sitemap or feed: where it came from and what its header said. */
void job_list_pack(struct wire_out *, const char *url,
    const char *content_type, const char *content_encoding);
/* A part of the list, at most JOB_PART bytes and an entry: the parent never
 * holds more of it. The last part says what was wrong with it. */
#define JOB_PART (64 << 10)
struct job_list {
	const char *error;
	uint32_t n;
	struct wire_in entries;
};
struct job_entry {
	struct winnow_link link; /* anchor: title, NULL: none */
	int is_sitemap;		 /* a child of an index */
	int64_t published, updated; /* Unix seconds, or WINNOW_NO_TIME */
	int64_t fresh;		    /* the later of them */
};
int job_list_unpack(const void *frame, size_t len, struct job_list *);
int job_list_next(struct job_list *, struct job_entry *);

void job_deflate_pack(struct wire_out *, uint32_t records, uint64_t first_seq);
int job_deflate_unpack(const void *frame, size_t len, const void **member,
    size_t *member_len);

/* job_topic.c: a topic is learned of words (separated by line feeds) and of the
 * files in the body, each packed by job_topic_file(). The answer comes in parts,
 * the last of which tells; the time limit holds between two of them. */
void job_topic_pack(struct wire_out *, const char *words);
void job_topic_file(struct wire_out *body, const void *bytes, size_t len);
struct job_topic {
	int err;		/* enum winnow_error: < 0, there is no topic */
	uint32_t files, unread; /* of which none gave an example */
	uint32_t examples, terms;
	double lowest, median; /* of the examples, each scored by the others */
	double neutral;	       /* what no words at all score */
	const void *bytes;     /* for pool_set_topic() */
	size_t len;
};
int job_topic_unpack(const void *frame, size_t len, struct job_topic *);
/* The score of a title, as winnow_link.topic. */
uint32_t job_topic_words(struct winnow *, const char *title);
/* What the answer about a page says of the topic: its score, 0..1. */
void job_topic_put(struct wire_out *, const struct winnow_doc *);
int job_topic_get(struct wire_in *, double *score); /* 0, -1: broken */

/* A page that keep.raw has kept, as an HTML page that tells what the cleaner
 * makes of it, with what is known of its site (job_site_put() behind it;
 * job_explain.c). raw: the body is a member of a WARC file; else it
 * is the page's, and k says what came with it. */
void job_explain_pack(struct wire_out *, int raw, const struct keep_page *k);
#define JOB_EXPLAIN_MAX (16u << 20)
/* *err: enum winnow_error; 0: html is the page. 0, or -1: broken. */
int job_explain_unpack(const void *frame, size_t len, int *err,
    const char **html, size_t *html_len);
/* job.c's own, for the files that share a page's frames: a request, whose tags
 * are JOB_TAGS_MAX strings of the caller; and the answer, in which err is what
 * became of cleaning. */
int job_page_request(struct wire_in *, struct job_page *, const char **tags);
void job_page_answer(struct winnow *, struct job_page *,
    const struct winnow_doc *, int err, const uint8_t *used, size_t nused,
    struct wire_out *);
int job_gather_run(struct winnow *, struct wire_in *head, const void *body,
    size_t len, struct wire_out *);
/* The worker's side, called by job_run(). */
int job_explain_run(struct winnow *, struct wire_in *head, const void *body,
    size_t len, struct wire_out *);

/* Sends what is in out as a part of the answer and empties it; -1: cannot. */
struct job_parts {
	int (*send)(void *arg, struct wire_out *out);
	void *arg;
};
int job_topic_run(struct winnow *, struct wire_in *head, const void *body,
    size_t len, const struct job_parts *, struct wire_out *);
/* Runs a request and fills out with the answer, or with its last part; parts
 * NULL: with all of it. 0, or -1: the request is broken (which only a fault of
 * ours can cause), or a part could not be sent. */
int job_run(struct winnow *, enum job_kind, const void *head, size_t head_len,
    const void *body, size_t body_len, const struct job_parts *parts,
    struct wire_out *out);

#endif
