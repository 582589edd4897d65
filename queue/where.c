/* where.c - which records somebody wants.
 *
 * Invariants
 *  H1  != is the negation of =; every other comparison with null is false.
 *  H2  A field that a record does not have (an older writer's) is null.
 *  H3  A number is compared as a number, a word as true and false are, and a
 *      string by its bytes, which is the order of its characters; but what
 *      stands before or behind strings of digits (seq) is told as of numbers.
 */
#include "queue/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum op { EQ, NE, HAS, GT, GE, LT, LE };

struct wq_condition {
	int field; /* in the fields */
	enum op op;
	int null, number; /* what the value is */
	double num;
	char *value; /* its bytes */
	size_t len;
};

/* ---- reading one --------------------------------------------------------- */

static const struct {
	const char *sign;
	enum op op;
} signs[] = {{"!=", NE}, {">=", GE}, {"<=", LE}, {"==", EQ}, {"=", EQ},
    {"~", HAS}, {">", GT}, {"<", LT}};

/* JSON's numbers alone: no inf, no hexadecimal, no blanks. */
static int
parse_number(const char *s, double *out)
{
	struct wq_json j;
	struct wq_json_value v;
	char text[64];
	int n = snprintf(text, sizeof text, "[%s]", s);

	if (n >= (int)sizeof text || wq_json_begin(&j, text, (size_t)n) != 0 ||
	    wq_json_next(&j, &v) != 1 || v.type != WQ_JSON_NUMBER ||
	    v.len != (size_t)n - 2)
		return 0;
	*out = strtod(s, NULL);
	return 1;
}

/* The value is a word as it stands, or a JSON string. */
static int
set_value(struct wq_condition *c, const char *s)
{
	size_t n = strlen(s);
	struct wq_json_value v = {.raw = s, .len = n};

	if ((c->value = malloc(n + 1)) == NULL)
		return WQ_ENOMEM;
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		c->len = wq_json_text(&v, c->value);
	} else {
		memcpy(c->value, s, n);
		c->len = n;
		c->null = strcmp(s, "null") == 0;
		c->number = parse_number(s, &c->num);
	}
	c->value[c->len] = '\0';
	return WQ_OK;
}

int
wq_where_add(struct wq_where *w, struct wq_fields *f, const char *text,
    char *errbuf, size_t errlen)
{
	size_t at = strcspn(text, "=!~<>"), i;
	struct wq_condition c = {0}, *v;
	int err;

	for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strncmp(text + at, signs[i].sign, strlen(signs[i].sign)) ==
		    0)
			break;
	if (at == 0 || i == sizeof signs / sizeof signs[0]) {
		snprintf(errbuf, errlen,
		    "--where '%s': not a condition, use FIELD=VALUE or != ~ > "
		    ">= < <=",
		    text);
		return WQ_EINVAL;
	}
	c.op = signs[i].op;
	if ((c.field = wq_fields_add(f, text, at)) < 0)
		return c.field;
	if ((err = set_value(&c, text + at + strlen(signs[i].sign))) != 0)
		return err;
	if (c.null && c.op != EQ && c.op != NE) {
		snprintf(errbuf, errlen,
		    "--where '%s': null has only = and !=; the word "
		    "stands in quotes: \"null\"",
		    text);
		free(c.value);
		return WQ_EINVAL;
	}
	if ((v = realloc(w->v, (w->n + 1) * sizeof *v)) == NULL) {
		free(c.value);
		return WQ_ENOMEM;
	}
	w->v = v;
	w->v[w->n++] = c;
	return WQ_OK;
}

void
wq_where_clear(struct wq_where *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].value);
	free(w->v);
	*w = (struct wq_where){0};
}

/* ---- types --------------------------------------------------------------- */

enum {
	TYPE_STRING = 1,
	TYPE_NUMBER = 2,
	TYPE_BOOL = 4,
	TYPE_OBJECT = 8,
	TYPE_LIST = 16
};

static int
type_bit(const struct wq_json_value *v)
{
	static const struct {
		const char *raw;
		int bit;
	} types[] = {{"\"string\"", TYPE_STRING}, {"\"integer\"", TYPE_NUMBER},
	    {"\"number\"", TYPE_NUMBER}, {"\"boolean\"", TYPE_BOOL},
	    {"\"object\"", TYPE_OBJECT}, {"\"array\"", TYPE_LIST}};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strlen(types[i].raw) == v->len &&
		    memcmp(types[i].raw, v->raw, v->len) == 0)
			return types[i].bit;
	return 0;
}

/* A keyword of a property's schema; 0 when it has none. */
static int
keyword(const struct wq_json_value *property, const char *name,
    struct wq_json_value *v)
{
	struct wq_json j;

	if (wq_json_begin(&j, property->raw, property->len) != 0)
		return 0;
	while (wq_json_next(&j, v) > 0)
		if (v->key_len == strlen(name) &&
		    memcmp(v->key, name, v->key_len) == 0)
			return 1;
	return 0;
}

/* The types that a property of the schema allows; 0: it does not say. */
static int
types_of(const struct wq_json_value *property)
{
	struct wq_json list;
	struct wq_json_value v, one;
	int types = 0;

	if (!keyword(property, "type", &v))
		return 0;
	if (v.type == WQ_JSON_STRING)
		types = type_bit(&v);
	else if (wq_json_begin(&list, v.raw, v.len) == 0)
		while (wq_json_next(&list, &one) > 0)
			types |= type_bit(&one);
	return types;
}

/* A field that knows its words is never another: then words has them, "a, b".
 */
static int
is_strange(const struct wq_condition *c, const struct wq_json_value *property,
    char *words, size_t cap)
{
	struct wq_json list;
	struct wq_json_value v, one;
	size_t n = 0;

	if ((c->op != EQ && c->op != NE) || c->null ||
	    !keyword(property, "enum", &v) ||
	    wq_json_begin(&list, v.raw, v.len) != 0)
		return 0;
	words[0] = '\0';
	while (wq_json_next(&list, &one) > 0) {
		if (one.type != WQ_JSON_STRING)
			continue;
		if (one.len - 2 == c->len &&
		    memcmp(one.raw + 1, c->value, c->len) == 0)
			return 0;
		if (n < cap)
			n += (size_t)snprintf(words + n, cap - n, "%s%.*s",
			    n > 0 ? ", " : "", (int)one.len - 2, one.raw + 1);
	}
	return n > 0;
}

/* What is wrong with comparing such a value, NULL: nothing. */
static const char *
misfit(const struct wq_condition *c, int types)
{
	if (types == 0 || c->null)
		return NULL;
	if (types & TYPE_OBJECT)
		return "has keys, name one of them after a dot";
	if (types & TYPE_BOOL && strcmp(c->value, "true") != 0 &&
	    strcmp(c->value, "false") != 0)
		return "is true or false";
	if (types & TYPE_BOOL && c->op != EQ && c->op != NE)
		return "is true or false: use = or !=";
	if (types & TYPE_NUMBER && !(types & TYPE_STRING) && !c->number)
		return "is a number";
	return NULL;
}

static int
check_one(const struct wq_condition *c, const char *name,
    const struct wq_json_value *property, char *errbuf, size_t errlen)
{
	const char *what = misfit(c, types_of(property));
	char words[200];

	if (what != NULL)
		snprintf(errbuf, errlen,
		    "--where: '%.60s' cannot be compared with '%.60s': it %s",
		    name, c->value, what);
	else if (is_strange(c, property, words, sizeof words))
		snprintf(errbuf, errlen,
		    "--where: '%.60s' is never '%.60s': it is one of %s", name,
		    c->value, words);
	else
		return WQ_OK;
	return WQ_EINVAL;
}

int
wq_where_check(const struct wq_where *w, const struct wq_fields *f,
    const struct wq_names *names, char *errbuf, size_t errlen)
{
	struct wq_json_value property;
	const struct wq_field *field;
	char near[64];
	int err = WQ_OK;

	for (size_t i = 0; i < w->n && err == WQ_OK; i++) {
		field = &f->v[w->v[i].field];
		if (wq_names_find(
			names, field->name, field->len, &property, near) &&
		    property.type != WQ_JSON_NULL)
			err = check_one(
			    &w->v[i], field->name, &property, errbuf, errlen);
	}
	return err;
}

/* ---- does it hold -------------------------------------------------------- */

static int
ordered(enum op op, int order)
{
	switch (op) {
	case GT:
		return order > 0;
	case GE:
		return order >= 0;
	case LT:
		return order < 0;
	case LE:
		return order <= 0;
	default:
		return order == 0;
	}
}

/* Digits without zeroes in front, as the record's number is written. */
static int
is_count(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return 0;
	return n > 0 && (s[0] != '0' || n == 1);
}

static int
bytes_hold(const struct wq_condition *c, const char *s, size_t n)
{
	int order;

	if (c->op == HAS)
		return memmem(s, n, c->value, c->len) != NULL;
	if (n != c->len && is_count(s, n) && is_count(c->value, c->len))
		return ordered(c->op, n < c->len ? -1 : 1);
	order = memcmp(s, c->value, n < c->len ? n : c->len);
	if (order == 0)
		order = n < c->len ? -1 : n > c->len;
	return ordered(c->op, order);
}

static int
number_holds(const struct wq_condition *c, const struct wq_json_value *v)
{
	char text[64];
	double d;

	if (c->op == HAS)
		return bytes_hold(c, v->raw, v->len);
	if (!c->number || v->len >= sizeof text)
		return 0;
	memcpy(text, v->raw, v->len);
	text[v->len] = '\0';
	d = strtod(text, NULL);
	return ordered(c->op, d < c->num ? -1 : d > c->num);
}

static int
string_holds(const struct wq_condition *c, const struct wq_json_value *v,
    struct wq_buf *scratch)
{
	char *s;

	if (memchr(v->raw, '\\', v->len) == NULL)
		return bytes_hold(c, v->raw + 1, v->len - 2);
	scratch->len = 0;
	if ((s = wq_buf_room(scratch, v->len)) == NULL)
		return WQ_ENOMEM;
	return bytes_hold(c, s, wq_json_text(v, s));
}

/* One value that is no list, by = ~ > and so on. */
static int
value_holds(const struct wq_condition *c, const struct wq_json_value *v,
    struct wq_buf *scratch)
{
	switch (v->type) {
	case WQ_JSON_NULL:
		return c->null;
	case WQ_JSON_NUMBER:
		return number_holds(c, v);
	case WQ_JSON_STRING:
		return c->null ? 0 : string_holds(c, v, scratch);
	case WQ_JSON_TRUE:
	case WQ_JSON_FALSE:
		return (c->op == EQ || c->op == NE) &&
		       bytes_hold(c, v->raw, v->len);
	default:
		return 0;
	}
}

static int
list_holds(const struct wq_condition *c, const struct wq_json_value *list,
    struct wq_buf *scratch)
{
	struct wq_json j;
	struct wq_json_value v;
	int rc = 0, n = 0;

	if (wq_json_begin(&j, list->raw, list->len) != 0)
		return 0;
	while (rc == 0 && wq_json_next(&j, &v) > 0) {
		n++;
		rc = c->null ? 0 : value_holds(c, &v, scratch);
	}
	return c->null ? n == 0 : rc;
}

static int
condition_holds(const struct wq_condition *c, const struct wq_field *f,
    struct wq_buf *scratch)
{
	int rc;

	if (!f->have)
		rc = c->null;
	else if (f->value.type == WQ_JSON_ARRAY)
		rc = list_holds(c, &f->value, scratch);
	else
		rc = value_holds(c, &f->value, scratch);
	return rc < 0 || c->op != NE ? rc : !rc;
}

int
wq_where_holds(
    const struct wq_where *w, const struct wq_fields *f, struct wq_buf *scratch)
{
	int rc = 1;

	for (size_t i = 0; i < w->n && rc > 0; i++)
		rc = condition_holds(&w->v[i], &f->v[w->v[i].field], scratch);
	return rc;
}
