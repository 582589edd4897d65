/* site.c - a site from its folder.
 *
 * site.txt and the heads of articles are lines of "name: value". An article
 * ends at a line "---"; its head ends at an empty line, behind which each line
 * is a paragraph. */
#include "tests/sites/sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *
must(void *p)
{
	if (p == NULL) {
		fputs("winnow-sites: no memory\n", stderr);
		exit(1);
	}
	return p;
}

const char *
attr_get(const struct attrs *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, name) == 0)
			return a->v[i].value;
	return "";
}

static void
attr_add(struct attrs *a, const char *name, size_t len, const char *value)
{
	a->v = must(realloc(a->v, (a->n + 1) * sizeof(*a->v)));
	a->v[a->n].name = must(strndup(name, len));
	a->v[a->n].value = must(strdup(value));
	a->n++;
}

static void
attrs_clear(struct attrs *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].name);
		free(a->v[i].value);
	}
	free(a->v);
}

char *
site_file(const struct site *s, const char *name, size_t *len)
{
	char path[512], *buf = NULL;
	FILE *f, *out;
	int c;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		return NULL;
	out = must(open_memstream(&buf, len));
	while ((c = getc(f)) != EOF)
		putc(c, out);
	fclose(f);
	fclose(out);
	return must(buf);
}

/* The file or the end of the program. */
static char *
need_file(const struct site *s, const char *name)
{
	size_t len;
	char *text = site_file(s, name, &len);

	if (text == NULL) {
		fprintf(stderr, "winnow-sites: cannot read '%s/%s': %s\n",
		    s->dir, name, strerror(errno));
		exit(1);
	}
	return text;
}

/* "name: value" */
static int
line_attr(struct attrs *a, const char *line)
{
	const char *colon = strchr(line, ':'), *value;

	if (colon == NULL)
		return -1;
	for (value = colon + 1; *value == ' '; value++)
		;
	attr_add(a, line, colon - line, value);
	return 0;
}

/* "PATH STATUS WHAT" */
static void
route_add(struct site *s, const char *value)
{
	char path[512], what[512];
	int status;
	struct route *r;

	if (sscanf(value, "%511s %d %511s", path, &status, what) != 3) {
		fprintf(stderr, "winnow-sites: %s: bad route '%s'\n", s->dir,
		    value);
		exit(1);
	}
	s->routes = must(realloc(s->routes, (s->nroutes + 1) * sizeof(*r)));
	r = &s->routes[s->nroutes++];
	r->path = must(strdup(path));
	r->what = must(strdup(what));
	r->status = status;
}

static void
read_site(struct site *s)
{
	char *text = need_file(s, "site.txt"), *line, *save;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "route: ", 7) == 0)
			route_add(s, line + 7);
		else if (*line != '#')
			line_attr(&s->attrs, line);
	free(text);
}

static void
read_articles(struct site *s)
{
	char *text = need_file(s, "articles.txt"), *line, *next;
	struct article *a = NULL;
	int head = 1;

	for (line = text; line != NULL && *line != '\0'; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strcmp(line, "---") == 0) {
			a = NULL;
			head = 1;
		} else if (*line == '\0') {
			head = a == NULL;
		} else if (head) {
			if (a == NULL) {
				s->articles = must(realloc(s->articles,
				    (s->narticles + 1) * sizeof(*a)));
				a = &s->articles[s->narticles++];
				memset(a, 0, sizeof(*a));
			}
			line_attr(&a->attrs, line);
		} else {
			a->paragraphs = must(realloc(a->paragraphs,
			    (a->nparagraphs + 1) * sizeof(char *)));
			a->paragraphs[a->nparagraphs++] = must(strdup(line));
		}
	}
	free(text);
}

struct site *
site_load(const char *dir)
{
	struct site *s = must(calloc(1, sizeof(*s)));

	s->dir = must(strdup(dir));
	read_site(s);
	read_articles(s);
	return s;
}

void
site_free(struct site *s)
{
	struct article *a;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->narticles; i++) {
		a = &s->articles[i];
		attrs_clear(&a->attrs);
		for (size_t p = 0; p < a->nparagraphs; p++)
			free(a->paragraphs[p]);
		free(a->paragraphs);
	}
	for (size_t i = 0; i < s->nroutes; i++) {
		free(s->routes[i].path);
		free(s->routes[i].what);
	}
	attrs_clear(&s->attrs);
	free(s->articles);
	free(s->routes);
	free(s->dir);
	free(s);
}

size_t
site_list_pages(const struct site *s)
{
	size_t per = strtoul(attr_get(&s->attrs, "page_size"), NULL, 10);

	return per == 0 ? 1 : (s->narticles + per - 1) / per;
}

/* list_first, or list_path, which holds a * where the number goes: "" for the
 * first page, what list_number says with its own * for the others. */
void
site_list_path(const struct site *s, size_t n, char *path, size_t len)
{
	const char *p = attr_get(&s->attrs, "list_path");
	const char *num = attr_get(&s->attrs, "list_number");
	size_t pre = strcspn(p, "*"), npre = strcspn(num, "*");

	const char *first = attr_get(&s->attrs, "list_first");

	if (n == 1 && *first != '\0')
		snprintf(path, len, "%s", first);
	else if (n == 1)
		snprintf(path, len, "%.*s%s", (int)pre, p, p + pre + 1);
	else
		snprintf(path, len, "%.*s%.*s%zu%s%s", (int)pre, p, (int)npre,
		    num, n, num + npre + 1, p + pre + 1);
}

struct article *
site_article(const struct site *s, const char *path)
{
	for (size_t i = 0; i < s->narticles; i++) {
		struct article *a = &s->articles[i];

		if (strcmp(attr_get(&a->attrs, "path"), path) == 0 ||
		    strcmp(attr_get(&a->attrs, "also"), path) == 0 ||
		    strcmp(attr_get(&a->attrs, "print"), path) == 0)
			return a;
	}
	return NULL;
}
