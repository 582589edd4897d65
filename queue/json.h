/* json.h - the members of a JSON object or array, looked at where they lie. */
#ifndef WQ_JSON_H
#define WQ_JSON_H

#include <stddef.h>

#include "queue/wq.h"

enum wq_json_type {
	WQ_JSON_NULL,
	WQ_JSON_FALSE,
	WQ_JSON_TRUE,
	WQ_JSON_NUMBER,
	WQ_JSON_STRING,
	WQ_JSON_ARRAY,
	WQ_JSON_OBJECT
};

struct wq_json { /* where a walk stands; the text is borrowed */
	const char *p, *end;
	char close; /* 0: the walk is over */
	char comma;
};

struct wq_json_value { /* borrowed from the text */
	enum wq_json_type type;
	const char *key; /* as it stands between its quotes; NULL in an array */
	size_t key_len;
	const char *raw; /* the value as it stands, a string with its quotes */
	size_t len;
};

/* WQ_OK, or WQ_ECORRUPT when no object or array begins the text. */
int wq_json_begin(struct wq_json *, const char *text, size_t len);
/* 1 a member, 0 no more, WQ_ECORRUPT. Behind the last, p is behind the closing
 * bracket. */
int wq_json_next(struct wq_json *, struct wq_json_value *);
/* A string's bytes into out, which holds len of them; how many there are. A
 * lone surrogate and NUL become U+FFFD. */
size_t wq_json_text(const struct wq_json_value *, char *out);
/* n bytes of UTF-8 as a string with its quotes; out holds 6 n + 2. */
size_t wq_json_quote(char *out, const char *s, size_t n);

#endif
