/* fuzz_log.c - any bytes as values of a log's line: the first byte chooses the
 * form, the second the room; the rest is cut at NULs. What leaves has to be one
 * whole printable line; as JSON it is read back by the parser of libwinnow. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"
#include "crawler/log_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define VALUES 3

static void
check_json(char *line, size_t n, int cut)
{
	struct winnow_json j;
	struct winnow_json_value v;
	int rc, fields = 0;

	assert(winnow_json_begin(&j, line, n) == 0);
	while ((rc = winnow_json_next(&j, &v)) == 1)
		fields++;
	assert(rc == 0);
	assert(cut || fields == VALUES + 2);
}

static void
check_line(const struct log_line *l, size_t n)
{
	const unsigned char *p = (const unsigned char *)l->buf;
	size_t i, k, spaces = 0;

	assert(n <= l->cap && n >= 1 && p[n - 1] == '\n');
	for (i = 0; i < n - 1; i += k) {
		assert((k = log_printable(p + i, n - 1 - i)) > 0);
		spaces += p[i] == ' ';
	}
	if (l->form == LOG_COLUMNS && !l->cut)
		assert(spaces == VALUES);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const keys[VALUES] = {"url", "reason", "via"};
	struct log_line l;
	size_t cap, i, k;
	char *buf;

	if (len < 2)
		return 0;
	cap = 128 + (size_t)data[1] * 16;
	if ((buf = malloc(cap)) == NULL)
		abort();
	log_line_begin(&l, (enum log_form)(data[0] % 4), buf, cap,
	    16 + (size_t)data[0] * 4);
	data += 2;
	len -= 2;
	if (l.form != LOG_COLUMNS) {
		log_line_event(&l);
		log_line_event_piece(&l, (const char *)data, len % 40);
		log_line_event_end(&l);
	}
	log_line_number(&l, "n", "17");
	for (i = 0; i < VALUES; i++) {
		k = strnlen((const char *)data, len);
		log_line_string(
		    &l, keys[i], k == len ? NULL : (const char *)data, k);
		data += k < len ? k + 1 : k;
		len -= k < len ? k + 1 : k;
	}
	k = log_line_end(&l);
	check_line(&l, k);
	if (l.form == LOG_JSON)
		check_json(buf, k, l.cut);
	free(buf);
	return 0;
}
