/* page_html.c - see page_html.h. */
#include "crawler/page_html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/buffer.h>

#include "crawler/log.h"
#include "crawler/words.h"

void
html(struct evbuffer *b, const char *markup)
{
	evbuffer_add(b, markup, strlen(markup));
}

void
html_f(struct evbuffer *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	evbuffer_add_vprintf(b, fmt, ap);
	va_end(ap);
}

/* What stands for a character that is not written as it is; NULL: it is. */
static const char *
stand_in(const char *s, size_t printable)
{
	if (printable == 0)
		return "\xef\xbf\xbd"; /* U+FFFD */
	switch (*s) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void
html_text(struct evbuffer *b, const char *s)
{
	const char *run = s, *instead;
	size_t left = strlen(s), n;

	for (; left > 0; s += n, left -= n) {
		n = log_printable((const unsigned char *)s, left);
		if ((instead = stand_in(s, n)) == NULL)
			continue;
		n = n > 0 ? n : 1;
		evbuffer_add(b, run, (size_t)(s - run));
		html(b, instead);
		run = s + n;
	}
	evbuffer_add(b, run, (size_t)(s - run));
}

/* With a comma between thousands. */
static void
group(char *out, const char *digits)
{
	size_t n = strlen(digits), i;

	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
}

void
html_count(struct evbuffer *b, uint64_t n)
{
	char digits[24], out[32];

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	group(out, digits);
	html(b, out);
}

const char *
html_rate(char out[HTML_RATE], double v)
{
	char digits[24];

	if (v < 0.005)
		snprintf(out, HTML_RATE, "0");
	else if (v < 99.95)
		snprintf(out, HTML_RATE, "%.*f", v < 1 ? 2 : 1, v);
	else {
		snprintf(digits, sizeof digits, "%.0f", v < 1e15 ? v : 1e15);
		group(out, digits);
	}
	return out;
}

void
html_ago(struct evbuffer *b, int64_t ms, int64_t now_ms)
{
	char at[32], span[WORDS_SPAN];
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	html_f(b, "<time datetime=\"%s\">", at);
	if (now_ms - ms < 1000)
		html(b, "now");
	else
		html_f(b, "%s ago", words_span(span, now_ms - ms));
	html(b, "</time>");
}

int
html_is_web(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	       strncmp(url, "https://", 8) == 0;
}
