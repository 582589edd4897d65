/* check_line.h - the lines of `winnow check`: JSON objects in, JSON out.
 *
 * A key that ends in _b64 stands for the key without it, its bytes in base64. */
#ifndef CHECK_LINE_H
#define CHECK_LINE_H

#include <stddef.h>

#include "cleaner/winnow.h"

#define CHECK_FIELDS 32

/* The members of one line; strings point into its text. */
struct check_line {
	struct winnow_json_value field[CHECK_FIELDS];
	size_t n;
};

/* Takes the members apart. 0, or -1: no JSON object. */
int check_line_read(struct check_line *, char *text, size_t len);
/* The member, NULL: not there or null. */
const struct winnow_json_value *check_line_get(const struct check_line *,
    const char *key);
/* A string member; *len may be NULL. NULL: not there or no string. */
const char *check_line_str(const struct check_line *, const char *key,
    size_t *len);

/* One line of JSON as it is written. */
struct check_out {
	char *b;
	size_t len, cap;
	int comma, err; /* err: no memory */
};

void check_out_begin(struct check_out *);
void check_out_key(struct check_out *, const char *key);
void check_out_open(struct check_out *, const char *key, char bracket);
void check_out_close(struct check_out *, char bracket);
/* key NULL: an element of an array; s NULL: null. */
void check_out_str(struct check_out *, const char *key, const char *s,
    size_t n);
void check_out_z(struct check_out *, const char *key, const char *s);
void check_out_bool(struct check_out *, const char *key, int);
void check_out_number(struct check_out *, const char *key, double);
/* JSON as it is. */
void check_out_raw(struct check_out *, const char *, size_t n);
/* Writes the line to stdout. */
void check_out_end(struct check_out *);
void check_out_free(struct check_out *);

#endif
