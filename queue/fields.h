/* fields.h - the fields of a record that somebody asked for. */
#ifndef WQ_FIELDS_H
#define WQ_FIELDS_H

#include <stddef.h>

#include "queue/json.h"

struct wq_field {
	char *name;      /* "title", or "removed.nav": a key of an object */
	size_t len, top; /* of the name; of what stands before its dot */
	int have;        /* the record has it */
	struct wq_json_value value;
};

struct wq_fields { /* zeroed by the caller, who may read it */
	struct wq_field *v;
	size_t n, cap;
};

#define WQ_FIELDS_MAX 1000 /* a record has some sixty */

/* The place of a field in v, added when nobody asked for it before; WQ_ENOMEM,
 * or WQ_EINVAL when there are too many. */
int wq_fields_add(struct wq_fields *, const char *name, size_t len);
void wq_fields_clear(struct wq_fields *);
/* Looks at a record: every value is borrowed from line. 0 or WQ_ECORRUPT. */
int wq_fields_read(struct wq_fields *, const char *line, size_t len);

/* ---- which fields there are ---------------------------------------------- */

/* A value whose keys are the names: a record, or the "properties" of a JSON
 * Schema, whose fields name their own keys in "properties" again. */
struct wq_names {
	const char *text; /* borrowed; NULL: nothing is known */
	size_t len;
	int schema; /* 1: the text of SCHEMA.json */
};
/* 0 when the text holds no names. */
int wq_names_known(const struct wq_names *);
/* 1 when a record can have the field, with its schema (type WQ_JSON_NULL when
 * only a record is known); 0 when it cannot: near (64 bytes) is then the name
 * that may be meant, or "". */
int wq_names_find(const struct wq_names *, const char *name, size_t len,
    struct wq_json_value *schema, char near[64]);
/* Calls each() for every name at the top, in order; stops when it is not 0 and
 * returns that. */
int wq_names_each(const struct wq_names *,
    int (*each)(void *arg, const char *name, size_t len), void *arg);

#endif
