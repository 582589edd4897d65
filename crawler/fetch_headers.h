/* fetch_headers.h - the header lines of an answer, read and bounded. */
#ifndef FETCH_HEADERS_H
#define FETCH_HEADERS_H

#include "crawler/fetch.h"

#define FETCH_FIELDS 9

struct fetch_headers {
	char *text; /* values, each ended by NUL */
	size_t len, cap;
	uint32_t at[FETCH_FIELDS]; /* place of the value + 1, 0: none */
	int last; /* field a folded line belongs to, -1: none */
	int status, interim, chunked;
	int64_t content_length; /* -1: none */
	size_t bytes;           /* of all lines, trailers too */
	int begun, complete;
	int in_block; /* between a status line and its empty line */
	int keep;     /* lines of the final answer are kept as they came */
	char *lines;
	size_t lines_len, lines_cap;
};

/* One line as libcurl hands it over. 0: goes on; 1: the headers of the final
 * answer are complete; negative: enum fetch_result, *why has the words. */
int fetch_headers_line(
    struct fetch_headers *, const char *line, size_t n, const char **why);
/* Sets the fields of the answer; they point into the headers. */
void fetch_headers_publish(const struct fetch_headers *, struct fetch_answer *);
/* For the next answer: keeps its memory. */
void fetch_headers_clear(struct fetch_headers *);
void fetch_headers_free(struct fetch_headers *);

#endif
