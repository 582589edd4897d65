/* words.c - see words.h. */
#include "crawler/words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleaner/winnow.h"
#include "crawler/control.h"
#include "crawler/log.h"

#define LABEL_WIDTH 11

int
words_begin(struct words *w, FILE *out)
{
	*w = (struct words){.out = out};
	if ((w->facts = open_memstream(&w->text, &w->len)) == NULL)
		return -1;
	fputs("{\"ok\":true", out);
	return 0;
}

void
words_end(struct words *w)
{
	fclose(w->facts);
	w->facts = NULL;
	fprintf(w->out, ",\"words\":[%s]}\n", w->text != NULL ? w->text : "");
	words_drop(w);
}

void
words_drop(struct words *w)
{
	if (w->facts != NULL)
		fclose(w->facts);
	w->facts = NULL;
	free(w->text);
	w->text = NULL;
}

void
words_say(struct words *w, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text == NULL)
		return;
	fputs(w->n++ > 0 ? ",[" : "[", w->facts);
	json_put_string(w->facts, label);
	fputc(',', w->facts);
	json_put_string(w->facts, text);
	fputc(']', w->facts);
	free(text);
}

/* ---- members ------------------------------------------------------------ */

static void
put_name(struct words *w, const char *name)
{
	if (!w->first)
		fputc(',', w->out);
	w->first = 0;
	if (name != NULL)
		fprintf(w->out, "\"%s\":", name);
}

void
words_string(struct words *w, const char *name, const char *value)
{
	put_name(w, name);
	json_put_string(w->out, value);
}

void
words_int(struct words *w, const char *name, int64_t value)
{
	put_name(w, name);
	fprintf(w->out, "%lld", (long long)value);
}

void
words_real(struct words *w, const char *name, double value)
{
	put_name(w, name);
	fprintf(w->out, "%.4g", value);
}

void
words_bool(struct words *w, const char *name, int value)
{
	put_name(w, name);
	fputs(value ? "true" : "false", w->out);
}

/* 1, or 0: no time. */
static int
put_moment(char out[32], int iso, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	return ms > 0 && gmtime_r(&t, &tm) != NULL &&
	       strftime(out, 32,
		   iso ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d %H:%M:%SZ", &tm) > 0;
}

void
words_time(struct words *w, const char *name, int64_t ms)
{
	char text[32];

	words_string(w, name, put_moment(text, 1, ms) ? text : NULL);
}

void
words_open(struct words *w, const char *name, char bracket)
{
	put_name(w, name);
	fputc(bracket, w->out);
	w->first = 1;
}

void
words_close(struct words *w, char bracket)
{
	fputc(bracket, w->out);
	w->first = 0;
}

/* ---- time for people ---------------------------------------------------- */

/* "90 min" says more than "1 h". */
const char *
words_span(char out[WORDS_SPAN], int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{24 * 3600000LL, "d"}, {3600000, "h"}, {60000, "min"},
	    {1000, "s"}, {1, "ms"}};
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units - 1; i++)
		if (ms >= (units[i].ms > 1000 ? 2 : 1) * units[i].ms)
			break;
	snprintf(out, WORDS_SPAN, "%lld %s", (long long)(ms / units[i].ms),
	    units[i].unit);
	return out;
}

const char *
words_size(char out[WORDS_SPAN], uint64_t bytes)
{
	static const char *const units[] = {
	    "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double n = (double)bytes;
	int i = 0;

	for (; n >= 1000; n /= 1024)
		i++;
	snprintf(out, WORDS_SPAN, "%.*f %s", i > 0 && n < 10, n, units[i]);
	return out;
}

const char *
words_moment(char out[WORDS_MOMENT], int64_t ms, int64_t now_ms)
{
	char at[32], span[WORDS_SPAN];
	int64_t away = ms > now_ms ? ms - now_ms : now_ms - ms;

	if (!put_moment(at, 0, ms))
		snprintf(out, WORDS_MOMENT, "never");
	else if (away < 1000)
		snprintf(out, WORDS_MOMENT, "%s, now", at);
	else
		snprintf(out, WORDS_MOMENT, "%s, %s%s%s", at,
		    ms > now_ms ? "in " : "", words_span(span, away),
		    ms > now_ms ? "" : " ago");
	return out;
}

/* ---- the client --------------------------------------------------------- */

/* Nothing steers the terminal. In place. */
static const char *
plain(char *s)
{
	size_t n = strlen(s), k;
	char *p;

	for (p = s; n > 0; p += k, n -= k)
		if ((k = log_printable((unsigned char *)p, n)) == 0) {
			*p = '?';
			k = 1;
		}
	return s;
}

static void
print_pair(char *pair, size_t len, FILE *f)
{
	struct winnow_json j;
	struct winnow_json_value label, text;

	if (winnow_json_begin(&j, pair, len) == 0 &&
	    winnow_json_next(&j, &label) == 1 &&
	    label.type == WINNOW_JSON_STRING &&
	    winnow_json_next(&j, &text) == 1 && text.type == WINNOW_JSON_STRING)
		fprintf(
		    f, "%-*s %s\n", LABEL_WIDTH, plain(label.s), plain(text.s));
}

int
words_print(char *text, FILE *f)
{
	struct winnow_json j, list;
	struct winnow_json_value v, pair;

	if (winnow_json_begin(&j, text, strlen(text)) != 0)
		return -1;
	while (winnow_json_next(&j, &v) == 1) {
		if (v.key == NULL || strcmp(v.key, "words") != 0 ||
		    v.type != WINNOW_JSON_ARRAY ||
		    winnow_json_begin(&list, v.s, v.len) != 0)
			continue;
		while (winnow_json_next(&list, &pair) == 1)
			if (pair.type == WINNOW_JSON_ARRAY)
				print_pair(pair.s, pair.len, f);
		return 0;
	}
	return -1;
}
