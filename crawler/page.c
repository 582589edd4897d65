/* page.c - see page.h: index.html with its {{marks}} filled in, and the assets
 * as bytes of the program. */
#include "crawler/page.h"

#include <assert.h>
#include <string.h>

#include <event2/buffer.h>

#include "crawler/page_html.h"
#include "crawler/page_parts.h"

#define ASSET(name, file)                                                      \
	__asm__(".section .rodata\n"                                           \
		"page_" #name ":\n"                                            \
		".incbin \"crawler/page/" file "\"\n"                          \
		"page_" #name "_end:\n"                                        \
		".byte 0\n"                                                    \
		".previous\n");                                                \
	extern const char page_##name[] __attribute__((visibility("hidden"))); \
	extern const char page_##name##_end[]                                  \
	    __attribute__((visibility("hidden")))

ASSET(index, "index.html");
ASSET(css, "page.css");
ASSET(js, "page.js");
ASSET(svg, "page.svg");

const struct page_asset *
page_asset(const char *path)
{
	static struct page_asset assets[] = {
	    {"/page.css", "text/css; charset=utf-8", page_css, 0},
	    {"/page.js", "text/javascript; charset=utf-8", page_js, 0},
	    {"/page.svg", "image/svg+xml", page_svg, 0}};
	static const char *const ends[] = {
	    page_css_end, page_js_end, page_svg_end};

	for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
		if (strcmp(assets[i].path, path) == 0) {
			assets[i].len = (size_t)(ends[i] - assets[i].bytes);
			return &assets[i];
		}
	return NULL;
}

static const struct {
	const char *mark;
	page_part *part;
} parts[] = {{"state", page_state}, {"state-pill", page_state_pill},
    {"age", page_age}, {"node", page_node}, {"version", page_version},
    {"clock", page_clock}, {"trouble", page_trouble}, {"spans", page_spans},
    {"rates", page_rates}, {"hosts", page_hosts}, {"disk", page_disk},
    {"work", page_work}, {"articles", page_articles},
    {"failures", page_failures}};

static void
fill(struct page *p, const char *mark, size_t n)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strlen(parts[i].mark) == n &&
		    memcmp(parts[i].mark, mark, n) == 0) {
			parts[i].part(p);
			return;
		}
	assert(!"a mark of index.html that has no part");
}

/* The one that was asked for; else the longest that is not mostly empty. */
static const struct plot_span *
span_of(const char *name, int64_t age_ms)
{
	int i;

	for (i = 0; i < plot_spans_n; i++)
		if (strcmp(plot_spans[i].name, name) == 0)
			return &plot_spans[i];
	return &plot_spans[age_ms > 2 * plot_spans[0].ms];
}

void
page_write(struct evbuffer *out, struct engine *e, const char *span)
{
	struct page p = {.out = out, .engine = e};
	const char *at = page_index, *mark, *end;

	engine_stat(e, &p.s);
	p.span = span_of(span, p.s.now_ms - p.s.started_ms);
	while ((mark = strstr(at, "{{")) != NULL &&
	       (end = strstr(mark, "}}")) != NULL) {
		evbuffer_add(out, at, (size_t)(mark - at));
		fill(&p, mark + 2, (size_t)(end - mark - 2));
		at = end + 2;
	}
	evbuffer_add(out, at, (size_t)(page_index_end - at));
}

void
page_write_no(struct evbuffer *out, const char *what, const char *why)
{
	html(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		  "<meta charset=\"utf-8\">\n<title>");
	html_text(out, what);
	html(out, " · winnowd</title>\n<meta name=\"viewport\" "
		  "content=\"width=device-width, initial-scale=1\">\n"
		  "<meta name=\"color-scheme\" content=\"light dark\">\n"
		  "<link rel=\"icon\" href=\"/page.svg\" "
		  "type=\"image/svg+xml\">\n"
		  "<link rel=\"stylesheet\" href=\"/page.css\">\n</head>\n"
		  "<body>\n<main class=\"explain-no\">\n<h1>");
	html_text(out, what);
	html(out, "</h1>\n<p>");
	html_text(out, why);
	html(out, ".</p>\n<p><a href=\"/\">← Overview</a></p>\n</main>\n"
		  "</body>\n</html>\n");
}
