/* log_line.h - one line of a log, whatever the bytes are that go into it.
 *
 *	text	 page failed url=http://a.example/ reason="no such host"
 *	logfmt	 event="page failed" url=http://a.example/ reason="no such host"
 *	json	 {"event":"page failed","url":"http://a.example/",...}
 *	columns	 http://a.example/ no\x20such\x20host
 *
 * Bytes that are no UTF-8 or would steer a terminal are shown as \xNN, the same
 * in each form: as text in JSON, too, so that what a reader prints of it is
 * harmless as well. In columns a space is shown like that, and nothing is "-":
 * a line has as many words as the log has fields.
 *
 * Invariants
 *  L1  A line is at most cap bytes and ends in its only newline. A value longer
 *      than value_max is cut and ends in "..."; so does the last one of a line
 *      that is full. What was cut is still whole in its form.
 *  L2  No byte below 0x20 (but that newline), no 0x7f, no C1 or bidi control
 *      and no invalid UTF-8 leaves. */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stddef.h>

enum log_form { LOG_TEXT, LOG_LOGFMT, LOG_JSON, LOG_COLUMNS };

struct log_line {
	enum log_form form;
	char *buf;
	size_t cap, value_max, len;
	size_t stop; /* where the value being written has to end */
	int fields, full, cut;
};

/* buf is the caller's, of cap > 64 bytes, and holds the line. */
void log_line_begin(
    struct log_line *, enum log_form, char *buf, size_t cap, size_t value_max);
/* Bytes before everything else, as they are: a priority, a time. */
void log_line_front(struct log_line *, const char *s, size_t n);
/* What happened: a sentence, in pieces, before the first field. Not in
 * columns. */
void log_line_event(struct log_line *);
void log_line_event_piece(struct log_line *, const char *s, size_t n);
void log_line_event_end(struct log_line *);
/* A field. key: ours, under 32 letters. NULL is nothing: "-", or null. */
void log_line_string(
    struct log_line *, const char *key, const char *s, size_t n);
/* The last one, which keeps its spaces in columns. */
void log_line_rest(struct log_line *, const char *key, const char *s, size_t n);
/* As printf has written it; what is no number in JSON is a string there. */
void log_line_number(struct log_line *, const char *key, const char *number);
/* The newline; how long the line is. */
size_t log_line_end(struct log_line *);

/* Bytes of the character at s, n > 0 of them to look at; 0: a byte that is no
 * UTF-8, or one that steers a terminal (controls, bidi overrides). */
size_t log_printable(const unsigned char *s, size_t n);

#endif
