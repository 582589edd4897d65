/* print.c - see print.h: which records and fields; the forms are in form_*.c.
 *
 * Invariants
 *  P1  A line that needs no look (jsonl, no fields, no conditions) goes out as
 *      it lies, unread.
 *  P2  Any other line is walked as a whole before anything of it is printed: a
 *      line that is no record prints nothing.
 *  P3  A field that no record has is an error before the first record goes out,
 *      so that a slip of the pen does not look like an empty answer. */
#include "queue/forms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "queue/format.h"

enum { SCHEMA_MAX = 1 << 20 };

static const struct wq_form *const forms[] = {
    &wq_form_jsonl, &wq_form_text, &wq_form_csv, &wq_form_warc};

/* ---- options ------------------------------------------------------------- */

static int
choose_form(struct wq_print *p, const char *name, char *errbuf, size_t errlen)
{
	if (name == NULL)
		name = forms[0]->name;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(forms[i]->name, name) == 0)
			p->form = forms[i];
	if (p->form != NULL)
		return WQ_OK;
	snprintf(errbuf, errlen,
	    "--format '%s': no such format, use jsonl, text, csv or warc",
	    name);
	return WQ_EINVAL;
}

int
wq_print_show(struct wq_print *p, const char *name, size_t len)
{
	int at = wq_fields_add(&p->fields, name, len), *v;

	if (at < 0)
		return at;
	if ((v = realloc(p->shown, (p->nshown + 1) * sizeof *v)) == NULL)
		return WQ_ENOMEM;
	p->shown = v;
	p->shown[p->nshown++] = at;
	return WQ_OK;
}

static int
is_shown(const struct wq_print *p, const char *name, size_t len)
{
	const struct wq_field *f;

	for (size_t i = 0; i < p->nshown; i++) {
		f = &p->fields.v[p->shown[i]];
		if (f->len == len && memcmp(f->name, name, len) == 0)
			return 1;
	}
	return 0;
}

/* "url, title": a comma between, blanks around a name do not count. */
static int
choose_fields(struct wq_print *p, const char *list, char *errbuf, size_t errlen)
{
	const char *s = list;
	size_t n, end;
	int err;

	if (list == NULL)
		return WQ_OK;
	for (;; s += n + 1) {
		n = strcspn(s, ",");
		for (end = n; end > 0 && s[end - 1] == ' '; end--)
			;
		while (end > 0 && *s == ' ')
			s++, n--, end--;
		if (end == 0) {
			snprintf(errbuf, errlen,
			    "--fields '%s': a name is missing, use "
			    "FIELD,FIELD...",
			    list);
			return WQ_EINVAL;
		}
		if (is_shown(p, s, end)) {
			snprintf(errbuf, errlen, "--fields '%s': '%.*s' twice",
			    list, (int)end, s);
			return WQ_EINVAL;
		}
		if ((err = wq_print_show(p, s, end)) == WQ_EINVAL)
			snprintf(errbuf, errlen, "--fields: more than %d",
			    WQ_FIELDS_MAX);
		if (err != 0)
			return err;
		if (s[n] == '\0')
			return WQ_OK;
	}
}

/* ---- names --------------------------------------------------------------- */

/* What the caller named must be there. */
static int
check_names(struct wq_print *p, const struct wq_names *names, char *errbuf,
    size_t errlen)
{
	const struct wq_field *f;
	struct wq_json_value schema;
	char near[64];

	for (f = p->fields.v; f < p->fields.v + p->asked; f++) {
		if (wq_names_find(names, f->name, f->len, &schema, near))
			continue;
		snprintf(errbuf, errlen, "no record has a field '%.100s'%s%s%s",
		    f->name, near[0] != '\0' ? ", did you mean '" : "", near,
		    near[0] != '\0' ? "'?" : "");
		return WQ_EINVAL;
	}
	p->checked = 1;
	return wq_where_check(&p->where, &p->fields, names, errbuf, errlen);
}

/* SCHEMA.json of the queue, when it is there and is one. */
static void
load_schema(struct wq_print *p, const char *dir)
{
	char path[WQ_PATH_MAX];
	struct wq_names names;
	struct wq_buf b = {0};
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%.*s/SCHEMA.json", WQ_DIR_MAX, dir);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (b.len < SCHEMA_MAX && wq_buf_room(&b, 16384) != NULL &&
	       (n = fread(b.p + b.len, 1, 16384, f)) > 0)
		b.len += n;
	fclose(f);
	names = (struct wq_names){.text = b.p, .len = b.len, .schema = 1};
	if (wq_names_known(&names)) {
		p->schema = b.p;
		p->schema_len = b.len;
	} else {
		wq_buf_free(&b);
	}
}

static int
has_raw(const char *dir)
{
	char path[WQ_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, "%.*s/raw", WQ_DIR_MAX, dir);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
show_one(void *arg, const char *name, size_t len)
{
	return wq_print_show(arg, name, len);
}

/* The names are known, by the schema or by the first record. */
static int
learn_names(struct wq_print *p, const struct wq_names *names, char *errbuf,
    size_t errlen)
{
	int err = check_names(p, names, errbuf, errlen);

	if (err != 0 || !p->all || !p->form->all)
		return err;
	if ((err = wq_names_each(names, show_one, p)) == WQ_EINVAL)
		snprintf(errbuf, errlen, "a record of more than %d fields",
		    WQ_FIELDS_MAX);
	if (err != 0)
		p->nshown = 0; /* no line of names at the end */
	return err;
}

/* ---- the whole ----------------------------------------------------------- */

static int
set_up(struct wq_print *p, const struct wq_print_options *o, char *errbuf,
    size_t errlen)
{
	struct wq_names names = {.schema = 1};
	int err;

	if ((err = choose_form(p, o->format, errbuf, errlen)) != 0 ||
	    (err = choose_fields(p, o->fields, errbuf, errlen)) != 0)
		return err;
	for (size_t i = 0; i < o->nwhere; i++)
		if ((err = wq_where_add(&p->where, &p->fields, o->where[i],
			 errbuf, errlen)) != 0)
			return err;
	p->asked = p->fields.n;
	if ((p->since_ms != 0 || p->until_ms != 0) &&
	    (p->download = wq_fields_add(&p->fields, "date_download", 13)) < 0)
		return p->download;
	if (p->form->needs != NULL && (err = p->form->needs(p)) != 0)
		return err;
	if (o->dir == NULL)
		return WQ_OK;
	p->raw = has_raw(o->dir);
	load_schema(p, o->dir);
	if (p->schema == NULL)
		return WQ_OK;
	names.text = p->schema;
	names.len = p->schema_len;
	return learn_names(p, &names, errbuf, errlen);
}

int
wq_print_new(struct wq_print **out, const struct wq_print_options *o, FILE *f,
    char *errbuf, size_t errlen)
{
	struct wq_print *p = calloc(1, sizeof *p);
	int err;

	*out = NULL;
	if (p == NULL)
		return WQ_ENOMEM;
	p->out = f;
	p->all = o->fields == NULL;
	p->since_ms = o->since_ms;
	p->until_ms = o->until_ms;
	p->download = -1;
	if ((err = set_up(p, o, errbuf, errlen)) != 0) {
		wq_print_free(p);
		return err;
	}
	*out = p;
	return WQ_OK;
}

void
wq_print_free(struct wq_print *p)
{
	if (p == NULL)
		return;
	wq_fields_clear(&p->fields);
	wq_where_clear(&p->where);
	free(p->shown);
	free(p->schema);
	wq_buf_free(&p->buf);
	wq_buf_free(&p->scratch);
	free(p);
}

const char *
wq_print_why(const struct wq_print *p)
{
	return p->why;
}

int
wq_print_bytes(struct wq_print *p, const void *s, size_t n)
{
	if (fwrite(s, 1, n, p->out) == n)
		return WQ_OK;
	snprintf(p->why, sizeof p->why, "cannot write: %s", strerror(errno));
	return WQ_EIO;
}

const struct wq_json_value *
wq_print_value(const struct wq_print *p, size_t i)
{
	const struct wq_field *f = &p->fields.v[p->shown[i]];

	return f->have ? &f->value : NULL;
}

/* ---- a record ------------------------------------------------------------ */

/* Milliseconds since 1970 of "2026-11-21T03:15:00Z", with or without a
 * fraction; -1 when it is none. */
static int64_t
parse_moment(const struct wq_json_value *v)
{
	struct tm tm = {0};
	char text[40], *end;
	double part = 0;

	if (v->type != WQ_JSON_STRING || v->len - 2 >= sizeof text)
		return -1;
	memcpy(text, v->raw + 1, v->len - 2);
	text[v->len - 2] = '\0';
	if ((end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return -1;
	if (*end == '.')
		part = strtod(end, &end);
	if (strcmp(end, "Z") != 0)
		return -1;
	return (int64_t)timegm(&tm) * 1000 + (int64_t)(part * 1000);
}

static int
in_time(const struct wq_print *p)
{
	const struct wq_field *f = &p->fields.v[p->download];
	int64_t t = f->have ? parse_moment(&f->value) : -1;

	return t >= 0 && (p->since_ms == 0 || t >= p->since_ms) &&
	       (p->until_ms == 0 || t < p->until_ms);
}

static int
complain(struct wq_print *p, int err)
{
	if (p->why[0] == '\0')
		snprintf(p->why, sizeof p->why, "%s",
		    err == WQ_ECORRUPT ? "a line is no record: not a JSON "
					 "object"
				       : wq_strerror(err));
	return err;
}

static int
begin(struct wq_print *p)
{
	if (p->begun || p->form->begin == NULL)
		return WQ_OK;
	p->begun = 1;
	return p->form->begin(p);
}

/* The line was not printed yet: 1 wanted, 0, or an error. */
static int
wanted(struct wq_print *p, const char *line, size_t len)
{
	struct wq_names names = {.text = line, .len = len};
	int err;

	if ((err = wq_fields_read(&p->fields, line, len)) != 0)
		return err;
	if (!p->checked) {
		err = learn_names(p, &names, p->why, sizeof p->why);
		if (err == 0) /* there may be more of them now */
			err = wq_fields_read(&p->fields, line, len);
		if (err != 0)
			return err;
	}
	if (p->download >= 0 && !in_time(p))
		return 0;
	return wq_where_holds(&p->where, &p->fields, &p->scratch);
}

int
wq_print_line(struct wq_print *p, const char *line, size_t len)
{
	int rc;

	p->why[0] = '\0';
	if (p->form == &wq_form_jsonl && p->fields.n == 0) {
		rc = wq_print_bytes(p, line, len); /* P1 */
		return rc != 0 ? rc : 1;
	}
	if ((rc = wanted(p, line, len)) <= 0)
		return rc < 0 ? complain(p, rc) : 0;
	if ((rc = begin(p)) != 0 || (rc = p->form->record(p, line, len)) != 0)
		return complain(p, rc);
	return 1;
}

int
wq_print_end(struct wq_print *p)
{
	int err;

	p->why[0] = '\0';
	if (p->form != &wq_form_csv || p->nshown == 0 || (err = begin(p)) == 0)
		return WQ_OK;
	return complain(p, err);
}
