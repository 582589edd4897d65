/* words.c - see words.h. */
#include "crawler/words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

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
words_facts(struct words *w)
{
	if (w->facts == w->out)
		return;
	fclose(w->facts);
	fprintf(w->out, ",\"words\":[%s", w->text != NULL ? w->text : "");
	free(w->text);
	w->text = NULL;
	w->facts = w->out;
}

void
words_end(struct words *w)
{
	words_facts(w);
	fputs("]}\n", w->out);
	words_drop(w);
}

void
words_drop(struct words *w)
{
	if (w->facts != NULL && w->facts != w->out)
		fclose(w->facts);
	w->facts = NULL;
	free(w->text);
	w->text = NULL;
}

static const char *const moods[] = {
    [WORDS_GOOD] = "good", [WORDS_LOOK] = "look", [WORDS_BAD] = "bad"};

static void __attribute__((format(printf, 4, 0))) tell(struct words *w,
    enum words_mood mood, const char *label, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	fputs(w->n++ > 0 ? ",[" : "[", w->facts);
	json_put_string(w->facts, label);
	fputc(',', w->facts);
	json_put_string(w->facts, text);
	if (mood != WORDS_PLAIN)
		fprintf(w->facts, ",\"%s\"", moods[mood]);
	fputc(']', w->facts);
	free(text);
}

void
words_say(struct words *w, const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(w, WORDS_PLAIN, label, fmt, ap);
	va_end(ap);
}

void
words_tell(struct words *w, enum words_mood mood, const char *label,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(w, mood, label, fmt, ap);
	va_end(ap);
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
words_count(char out[WORDS_SPAN], uint64_t n)
{
	char digits[24];
	int len =
		snprintf(digits, sizeof digits, "%llu", (unsigned long long)n),
	    i;
	char *p = out;

	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

const char *
words_rate(char out[WORDS_SPAN], double n)
{
	snprintf(out, WORDS_SPAN, "%.*f",
	    n >= 100 || n == 0 ? 0
	    : n >= 1           ? 1
			       : 2,
	    n);
	return out;
}

const char *
words_noun(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
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

const char *
words_plain(char *s)
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

/* Of the letter that begins with that byte: two from U+3000 on. */
static int
columns_of(unsigned char first)
{
	return (first & 0xc0) == 0x80 ? 0 : first >= 0xe3 ? 2 : 1;
}

/* Bytes of the line that text begins with: up to a space within so many
 * columns, or a word that is longer. */
static size_t
line_of(const char *text, int columns)
{
	size_t i, fits = 0;
	int at = 0;

	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == ' ' && i > 0 && (at <= columns || fits == 0))
			fits = i;
		if (at >= columns && fits > 0)
			return fits;
		at += columns_of((unsigned char)text[i]);
	}
	return i;
}

static void
print_fact(const char *label, const char *text, const char *mood,
    const struct words_style *style, FILE *f)
{
	const char *on = "", *off = style->color ? "\033[0m" : "";
	int columns = style->width > LABEL_WIDTH + 20
			  ? style->width - LABEL_WIDTH - 1
			  : 1 << 20;
	size_t n;

	if (style->color && strcmp(mood, "good") == 0)
		on = "\033[32m";
	else if (style->color && strcmp(mood, "look") == 0)
		on = "\033[33m";
	else if (style->color && strcmp(mood, "bad") == 0)
		on = "\033[1;31m";
	text += strspn(text, " ");
	do {
		n = line_of(text, columns);
		fprintf(f, "%s%-*s%s %s%.*s%s\n", style->color ? "\033[2m" : "",
		    LABEL_WIDTH, label, off, on, (int)n, text, off);
		text += n + strspn(text + n, " ");
		label = "";
	} while (*text != '\0');
}

static void
print_pair(char *pair, size_t len, const struct words_style *style, FILE *f)
{
	struct winnow_json j;
	struct winnow_json_value label, text, mood;

	if (winnow_json_begin(&j, pair, len) != 0 ||
	    winnow_json_next(&j, &label) != 1 ||
	    label.type != WINNOW_JSON_STRING ||
	    winnow_json_next(&j, &text) != 1 || text.type != WINNOW_JSON_STRING)
		return;
	if (winnow_json_next(&j, &mood) != 1 || mood.type != WINNOW_JSON_STRING)
		mood.s = (char *)(uintptr_t) "";
	print_fact(
	    words_plain(label.s), words_plain(text.s), mood.s, style, f);
}

int
words_print(char *text, const struct words_style *style, FILE *f)
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
				print_pair(pair.s, pair.len, style, f);
		return 0;
	}
	return -1;
}

struct words_style
words_style_of(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	struct words_style s = {0, 0};
	struct winsize size;

	if (!isatty(fileno(f)) || term == NULL || strcmp(term, "dumb") == 0)
		return s;
	s.color = no == NULL || *no == '\0';
	s.width = 80;
	if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		s.width = size.ws_col;
	return s;
}
