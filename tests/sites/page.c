/* page.c - templates to pages.
 *
 *	{{name}}		a value, escaped for HTML
 *	{{?name}}...{{/name}}	when it is not empty
 *	{{!name}}...{{/name}}	when it is
 *	{{#rows}}...{{/rows}}	for each article of a list page; likewise
 *				latest, related, all
 *	{{#paragraphs}}...	for each paragraph: p, and heading when it is
 * one
 *	{{#columns}}...		the same, cut where a newspaper's column ended
 *
 * A value is looked for in what is computed here, then in the article's
 * attributes, then in the site's. */
#include "tests/sites/sites.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct context {
	const struct site *site;
	const struct article *article; /* NULL: none */
	const char *path;
	size_t list, lists; /* number of the list page, how many */
	const char *p;      /* paragraph in turn */
	size_t plen;
	int heading;
};

static void render(FILE *, const struct context *, const char *, const char *);

static void
put_escaped(FILE *f, const char *s, size_t len)
{
	for (; len > 0; s++, len--)
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			putc(*s, f);
		}
}

/* Bytes of the first n characters. */
static size_t
utf8_prefix(const char *s, size_t n)
{
	const char *p = s;

	for (; *p != '\0' && n > 0; n--)
		for (p++; ((unsigned char)*p & 0xc0) == 0x80; p++)
			;
	return p - s;
}

static size_t
article_index(const struct context *c)
{
	return c->article - c->site->articles;
}

/* The article `step` further on; NULL past either end. */
static const struct article *
neighbour(const struct context *c, int step)
{
	size_t i;

	if (c->article == NULL)
		return NULL;
	i = article_index(c) + step;
	return i < c->site->narticles ? &c->site->articles[i] : NULL;
}

static void
put_neighbour(FILE *f, const struct context *c, int step, const char *name)
{
	const struct article *a = neighbour(c, step);
	const char *v = a ? attr_get(&a->attrs, name) : "";

	put_escaped(f, v, strlen(v));
}

/* The article's day and time; on other pages a fixed day. 1 when name is a
 * form of it. */
static int
put_date(FILE *f, const struct context *c, const char *name)
{
	const char *date =
	    c->article ? attr_get(&c->article->attrs, "date") : "2024-06-03";
	const char *clock =
	    c->article ? attr_get(&c->article->attrs, "time") : "09:00";
	char text[64], out[128] = "";
	struct tm tm = {0};

	snprintf(text, sizeof(text), "%s %s", date, *clock ? clock : "00:00");
	if (strptime(text, "%Y-%m-%d %H:%M", &tm) == NULL)
		return 0;
	if (strcmp(name, "cn_date") == 0)
		strftime(out, sizeof(out), "%Y年%m月%d日", &tm);
	else if (strcmp(name, "slash_date") == 0)
		strftime(out, sizeof(out), "%Y/%m/%d", &tm);
	else if (strcmp(name, "iso_time") == 0)
		strftime(out, sizeof(out), "%FT%R:00+08:00", &tm);
	else if (strcmp(name, "rfc_date") == 0)
		strftime(out, sizeof(out), "%a, %d %b %Y %R:00 +0800", &tm);
	else if (strcmp(name, "dir_date") == 0)
		strftime(out, sizeof(out), "%Y-%m/%d", &tm);
	else if (strcmp(name, "year") == 0)
		strftime(out, sizeof(out), "%Y", &tm);
	else
		return 0;
	fputs(out, f);
	return 1;
}

static void
put_weekday(FILE *f, const struct context *c)
{
	static const char *const days[] = {
	    "日", "一", "二", "三", "四", "五", "六"};
	struct tm tm = {0};

	if (c->article == NULL || strptime(attr_get(&c->article->attrs, "date"),
				      "%Y-%m-%d", &tm) == NULL)
		return;
	fprintf(f, "星期%s", days[tm.tm_wday]);
}

static void
put_list_path(FILE *f, const struct context *c, size_t n)
{
	char path[256];

	if (n < 1 || n > c->lists || c->list == 0)
		return;
	site_list_path(c->site, n, path, sizeof(path));
	fputs(path, f);
}

static void
put_flat(FILE *f, const struct context *c)
{
	for (size_t i = 0; c->article && i < c->article->nparagraphs; i++) {
		const char *p = c->article->paragraphs[i];

		if (strncmp(p, "# ", 2) == 0)
			p += 2;
		if (i > 0)
			putc(' ', f);
		put_escaped(f, p, strlen(p));
	}
}

/* /calendar/2024-06.html and the month `step` away. */
static void
put_month(FILE *f, const struct context *c, int step)
{
	int y = 2024, m = 6, n;
	const char *p = strrchr(c->path, '/');

	if (p != NULL && sscanf(p, "/%d-%d", &y, &m) != 2)
		y = 2024, m = 6;
	n = y * 12 + m - 1 + step;
	fprintf(f, "%04d-%02d", n / 12, n % 12 + 1);
}

static unsigned
views(const struct context *c)
{
	unsigned h = 2166136261u;

	for (const char *p = c->path; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return h % 9000 + 137;
}

/* Values that are computed; 1 when it was one. */
static int
put_computed(FILE *f, const struct context *c, const char *name)
{
	static const struct {
		const char *name, *attr;
		int step;
	} others[] = {{"next_url", "path", 1}, {"next_title", "title", 1},
	    {"prev_url", "path", -1}, {"prev_title", "title", -1},
	    {"prev_date", "date", -1}, {"next_date", "date", 1}};

	if (put_date(f, c, name))
		return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(name, others[i].name) == 0)
			return put_neighbour(
				   f, c, others[i].step, others[i].attr),
			       1;
	if (strcmp(name, "p") == 0 && c->p != NULL)
		put_escaped(f, c->p, c->plen);
	else if (strcmp(name, "heading") == 0)
		fputs(c->heading ? "1" : "", f);
	else if (strcmp(name, "weekday") == 0)
		put_weekday(f, c);
	else if (strcmp(name, "flat") == 0)
		put_flat(f, c);
	else if (strcmp(name, "views") == 0)
		fprintf(f, "%u", views(c));
	else if (strcmp(name, "page") == 0)
		fprintf(f, "%zu", c->list);
	else if (strcmp(name, "pages") == 0)
		fprintf(f, "%zu", c->lists);
	else if (strcmp(name, "next_page") == 0)
		put_list_path(f, c, c->list + 1);
	else if (strcmp(name, "prev_page") == 0)
		put_list_path(f, c, c->list - 1);
	else if (strcmp(name, "prev_month") == 0)
		put_month(f, c, -1);
	else if (strcmp(name, "month") == 0)
		put_month(f, c, 0);
	else if (strcmp(name, "next_month") == 0)
		put_month(f, c, 1);
	else if (strcmp(name, "base") == 0)
		fprintf(f, "http://%s:%d", attr_get(&c->site->attrs, "host"),
		    c->site->port);
	else if (strcmp(name, "summary") == 0 && c->article != NULL)
		put_escaped(f, c->article->paragraphs[0],
		    utf8_prefix(c->article->paragraphs[0], 60));
	else
		return 0;
	return 1;
}

static void
put_value(FILE *f, const struct context *c, const char *name)
{
	const char *v = "";

	if (put_computed(f, c, name))
		return;
	if (c->article != NULL)
		v = attr_get(&c->article->attrs, name);
	if (*v == '\0')
		v = attr_get(&c->site->attrs, name);
	put_escaped(f, v, strlen(v));
}

static int
is_empty(const struct context *c, const char *name)
{
	char *buf = NULL;
	size_t len;
	FILE *f = must(open_memstream(&buf, &len));

	put_value(f, c, name);
	fclose(f);
	free(buf);
	return len == 0;
}

/* A cut in the middle of a longer paragraph, between two ideographs. */
static size_t
column_cut(const char *p, size_t i)
{
	size_t n = utf8_prefix(p, 40 + i * 13 % 23);

	if (strlen(p) < 190)
		return 0;
	/* E4..E9 lead the ideographs; marks lie in E2, E3 and EF. */
	while (p[n] != '\0' &&
	       !((unsigned char)p[n] >= 0xe4 && (unsigned char)p[n] <= 0xe9 &&
		   (unsigned char)p[n - 3] >= 0xe4 &&
		   (unsigned char)p[n - 3] <= 0xe9))
		n += utf8_prefix(p + n, 1);
	return p[n] == '\0' ? 0 : n;
}

static void
each_paragraph(FILE *f, const struct context *c, const char *beg,
    const char *end, int columns)
{
	struct context in = *c;
	size_t cut;

	for (size_t i = 0; c->article && i < c->article->nparagraphs; i++) {
		in.p = c->article->paragraphs[i];
		in.heading = strncmp(in.p, "# ", 2) == 0;
		in.p += in.heading ? 2 : 0;
		cut = columns && !in.heading ? column_cut(in.p, i) : 0;
		if (cut > 0) {
			in.plen = cut;
			render(f, &in, beg, end);
			in.p += cut;
		}
		in.plen = strlen(in.p);
		render(f, &in, beg, end);
	}
}

static void
each_article(FILE *f, const struct context *c, const char *beg, const char *end,
    size_t from, size_t n)
{
	struct context in = *c;

	for (size_t i = from; i < from + n && i < c->site->narticles; i++) {
		in.article = &c->site->articles[i];
		in.path = attr_get(&in.article->attrs, "path");
		render(f, &in, beg, end);
	}
}

static void
section(FILE *f, const struct context *c, const char *name, const char *beg,
    const char *end)
{
	size_t per = strtoul(attr_get(&c->site->attrs, "page_size"), NULL, 10);
	size_t n = c->site->narticles;

	if (strcmp(name, "paragraphs") == 0)
		each_paragraph(f, c, beg, end, 0);
	else if (strcmp(name, "columns") == 0)
		each_paragraph(f, c, beg, end, 1);
	else if (strcmp(name, "rows") == 0 && c->list > 0)
		each_article(f, c, beg, end, (c->list - 1) * per, per);
	else if (strcmp(name, "all") == 0)
		each_article(f, c, beg, end, 0, n);
	else if (strcmp(name, "latest") == 0)
		each_article(f, c, beg, end, 0, 5);
	else if (strcmp(name, "related") == 0 && c->article != NULL)
		each_article(
		    f, c, beg, end, (article_index(c) + 2) % (n - 2), 3);
}

/* One {{...}} at p; returns the place behind it (and behind its section). */
static const char *
command(FILE *f, const struct context *c, const char *p, const char *end)
{
	char name[64], close[72];
	const char *stop = strstr(p, "}}"), *body, *last;
	char kind = p[2];

	if (stop == NULL || stop >= end)
		return end;
	body = stop + 2;
	if (strchr("?!#", kind) == NULL) {
		snprintf(
		    name, sizeof(name), "%.*s", (int)(stop - p - 2), p + 2);
		put_value(f, c, name);
		return body;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(stop - p - 3), p + 3);
	snprintf(close, sizeof(close), "{{/%s}}", name);
	last = strstr(body, close);
	if (last == NULL || last > end) {
		fprintf(
		    stderr, "winnow-sites: %s: no %s\n", c->site->dir, close);
		exit(1);
	}
	if (kind == '#')
		section(f, c, name, body, last);
	else if (is_empty(c, name) == (kind == '!'))
		render(f, c, body, last);
	return last + strlen(close);
}

static void
render(FILE *f, const struct context *c, const char *p, const char *end)
{
	const char *next;

	while (p < end) {
		next = strstr(p, "{{");
		if (next == NULL || next >= end)
			next = end;
		fwrite(p, 1, next - p, f);
		p = next < end ? command(f, c, next, end) : end;
	}
}

static int
render_file(const struct context *c, const char *name, char **body, size_t *len)
{
	size_t n;
	char *text = site_file(c->site, name, &n);
	FILE *f;

	if (text == NULL)
		return 404;
	f = must(open_memstream(body, len));
	render(f, c, text, text + n);
	fclose(f);
	free(text);
	return 200;
}

/* Bytes that no parser of text should be given: "type:bytes". */
static void
noise(const char *what, char **body, size_t *len, char **type)
{
	const char *colon = strchr(what, ':');
	uint32_t x = 2463534242u;

	*len = strtoul(colon + 1, NULL, 10);
	*body = must(malloc(*len + 1));
	for (size_t i = 0; i < *len; i++) {
		x ^= x << 13, x ^= x >> 17, x ^= x << 5;
		(*body)[i] = x >> 8;
	}
	if (*len > 8 && strncmp(what, "application/pdf", 15) == 0)
		memcpy(*body, "%PDF-1.4", 8);
	free(*type);
	*type = must(strndup(what, colon - what));
}

static int
route(const struct context *c, const struct route *r, char **body, size_t *len,
    char **type)
{
	if (r->status >= 300 && r->status < 400) {
		free(*type);
		*type = must(strdup(r->what));
		return r->status;
	}
	if (strchr(r->what, ':') != NULL) {
		noise(r->what, body, len, type);
		return r->status;
	}
	render_file(c, r->what, body, len);
	return r->status;
}

static char *
type_of(const struct site *s, const char *path)
{
	char type[128];
	const char *dot = strrchr(path, '.');

	if (strcmp(path, "/robots.txt") == 0)
		snprintf(type, sizeof(type), "text/plain");
	else if (dot != NULL && strcmp(dot, ".xml") == 0)
		snprintf(type, sizeof(type), "text/xml; charset=utf-8");
	else if (*attr_get(&s->attrs, "http_charset") != '\0')
		snprintf(type, sizeof(type), "text/html; charset=%s",
		    attr_get(&s->attrs, "http_charset"));
	else
		snprintf(type, sizeof(type), "text/html");
	return must(strdup(type));
}

/* A path that ends in * is the beginning of many. */
static int
route_matches(const struct route *r, const char *path)
{
	size_t n = strlen(r->path);

	return r->path[n - 1] == '*' ? strncmp(r->path, path, n - 1) == 0
				     : strcmp(r->path, path) == 0;
}

/* Serves what the path says; tracking parameters change nothing. */
int
page_make(const struct site *s, const char *uri, char **body, size_t *len,
    char **type)
{
	const char *utm = strstr(uri, "?utm_");
	size_t n = utm ? (size_t)(utm - uri) : strlen(uri);
	char path[1024], list[256];
	struct context c = {.site = s, .path = path};

	snprintf(path, sizeof(path), "%.*s", (int)n, uri);
	*body = NULL;
	*len = 0;
	*type = type_of(s, path);
	if (strcmp(path, "/robots.txt") == 0 ||
	    strcmp(path, "/sitemap.xml") == 0)
		return render_file(&c, path + 1, body, len);
	if (strcmp(path, attr_get(&s->attrs, "feed")) == 0) {
		free(*type);
		*type = must(strdup("application/rss+xml; charset=utf-8"));
		return render_file(&c, "feed.xml", body, len);
	}
	c.article = site_article(s, path);
	if (c.article != NULL)
		return render_file(&c,
		    strcmp(path, attr_get(&c.article->attrs, "print")) == 0
			? "print.html"
			: "article.html",
		    body, len);
	for (size_t i = 0; i < s->nroutes; i++)
		if (route_matches(&s->routes[i], path))
			return route(&c, &s->routes[i], body, len, type);
	c.lists = site_list_pages(s);
	for (c.list = 1; c.list <= c.lists; c.list++) {
		site_list_path(s, c.list, list, sizeof(list));
		if (strcmp(path, list) == 0)
			return render_file(&c, "list.html", body, len);
	}
	c.list = 0;
	render_file(&c, "missing.html", body, len);
	return 404;
}
