/* fuzz_wq_print.c - a line of any bytes in every form, and SCHEMA.json's place
 * taken by them: no crash, and a line that is no record prints nothing. The
 * first line of the input is fields, the second a condition. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "queue/fields.h"
#include "queue/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char *
take_line(const char **p, const char *end)
{
	const char *lf = memchr(*p, '\n', (size_t)(end - *p));
	char *s;

	if (lf == NULL)
		lf = end;
	s = strndup(*p, (size_t)(lf - *p));
	*p = lf < end ? lf + 1 : end;
	return s;
}

static void
print_as(const char *format, const char *fields, const char *where,
    const char *line, size_t len)
{
	struct wq_print_options o = {.format = format,
	    .fields = fields,
	    .where = &where,
	    .nwhere = where != NULL,
	    .since_ms = where == NULL};
	struct wq_print *p;
	char err[512], *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);
	int rc;

	if (wq_print_new(&p, &o, f, err, sizeof err) == 0) {
		rc = wq_print_line(p, line, len);
		fflush(f);
		assert(rc == 1 || size == 0);
		assert(rc >= 0 || wq_print_why(p)[0] != '\0');
		wq_print_end(p);
		wq_print_free(p);
	}
	fclose(f);
	free(out);
}

static void
find_names(const char *fields, const char *text, size_t len)
{
	struct wq_names n = {.text = text, .len = len, .schema = 1};
	struct wq_json_value v;
	char near[64];

	if (wq_names_known(&n) &&
	    !wq_names_find(&n, fields, strlen(fields), &v, near))
		assert(strlen(near) < sizeof near);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const formats[] = {"jsonl", "text", "csv", "warc"};
	const char *p = (const char *)data, *end = p + len;
	char *fields = take_line(&p, end), *where = take_line(&p, end);

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		print_as(formats[i], NULL, NULL, p, (size_t)(end - p));
		print_as(formats[i], fields, NULL, p, (size_t)(end - p));
		print_as(formats[i], NULL, where, p, (size_t)(end - p));
	}
	find_names(fields, p, (size_t)(end - p));
	free(fields);
	free(where);
	return 0;
}
