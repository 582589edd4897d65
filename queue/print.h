/* print.h - a record on its way out: which records, which fields of them, in
 * which form.
 *
 * Forms
 *	jsonl	the line as it lies in the queue; with fields an object of them
 *	text	title, subtitle, empty line, text; with fields a value a line.
 *		Each record ends in a line that holds a form feed alone, which
 *		no value contains: split on "\f\n"
 *	csv	RFC 4180, a line of names first. Members of a list are joined
 *		by "; ", objects stay JSON, null is an empty cell and an empty
 *		string is "". No byte order mark. A cell that begins with one
 *		of = + - @ is data and stays as it is: import it as text
 *	warc	WARC/1.1 (ISO 28500): a warcinfo record, then a conversion
 *		record with title, subtitle and text for each, as in the WET
 *		files of Common Crawl
 *
 * A field is named as in the record, a key of an object behind a dot:
 * removed.nav.
 *
 * A condition is FIELD OPERATOR VALUE, the operator one of = != ~ > >= < <=.
 * ~ is "contains". Numbers are compared as numbers; strings, dates too, byte by
 * byte, so date_publish>=2026-11 is the month and after. Of a list one member
 * must do. null as VALUE is null or an empty list; "null" in quotes is the
 * word. != is true exactly where = is not. */
#ifndef WQ_PRINT_H
#define WQ_PRINT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct wq_print;
struct wq_print_options {
	const char *format;       /* "jsonl" "text" "csv" "warc"; NULL: jsonl */
	const char *fields;       /* "url,title,removed.nav"; NULL: all */
	const char *const *where; /* all must hold */
	size_t nwhere;
	int64_t since_ms, until_ms; /* of date_download: since <= it < until;
				       0: no bound */
	const char *dir; /* the queue (as wq_find() gives it), whose SCHEMA.json
			    knows the fields; NULL or none there: the first
			    record knows them */
};

/* Nothing of the options is kept. WQ_EINVAL: errbuf says what is wrong with
 * them. out stays the caller's, to be flushed by the caller. */
int wq_print_new(struct wq_print **, const struct wq_print_options *, FILE *out,
    char *errbuf, size_t errlen);
void wq_print_free(struct wq_print *); /* NULL is fine */

/* line: a record with its line feed, only read. 1: printed; 0: left out by
 * where, since or until; WQ_EIO: out, errno tells; WQ_ECORRUPT: no record, and
 * nothing was printed, the next may be good; WQ_EINVAL: a field that the first
 * record does not have; WQ_ENOMEM. wq_print_why() has words for a negative. */
int wq_print_line(struct wq_print *, const char *line, size_t len);
/* What the form wants behind the last record. 0 or an error as above. */
int wq_print_end(struct wq_print *);
/* Borrowed until the next call. */
const char *wq_print_why(const struct wq_print *);

#endif
