/* Which lines are the article: every page of pages/ through the whole
 * cleaner. pages/NAME holds source.html and expected.txt; expected.type is
 * its page type, expected.kinds the kinds of which something is taken away. */
#include <dirent.h>
#include <time.h>

#include "cleaner/doc.h"
#include "tests/test.h"

#define PAGES "tests/cleaner/pages"

static char *
read_file(const char *dir, const char *name, size_t *len)
{
	char path[512], *s;
	FILE *f;

	snprintf(path, sizeof(path), PAGES "/%s/%s", dir, name);
	f = fopen(path, "rb");
	s = calloc(1, 1 << 20);
	*len = f != NULL ? fread(s, 1, (1 << 20) - 1, f) : 0;
	if (f != NULL)
		fclose(f);
	if (*len > 0 && s[*len - 1] == '\n')
		s[--*len] = '\0';
	return s;
}

static int
kind_by_name(const char *name)
{
	for (int k = 0; k < WINNOW_KIND_N; k++)
		if (strcmp(winnow_kind_name((enum winnow_kind)k), name) == 0)
			return k;
	return -1;
}

/* On failure: each block and the rule that decided. */
static void
print_blocks(const struct winnow_doc *doc)
{
	const struct wn_doc *d = (const struct wn_doc *)doc;

	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		printf("    %c %-14s %-24s %.*s\n", b->kept ? '+' : '-',
		    b->kept ? "" : winnow_kind_name((enum winnow_kind)b->kind),
		    b->rule ? b->rule : "",
		    (int)(b->text.n > 60 ? 60 : b->text.n), b->text.p);
	}
}

static void
check_kinds(const struct winnow_doc *d, char *names)
{
	char *save = NULL;

	for (char *n = strtok_r(names, "\n", &save); n != NULL;
	     n = strtok_r(NULL, "\n", &save)) {
		int k = kind_by_name(n);

		if (k < 0 || d->removed[k] == 0)
			TEST_FAIL("nothing of kind %s was removed", n);
	}
}

static void
check_page(struct winnow *w, const char *dir)
{
	static char name[300];
	struct winnow_page page = {.charset = "utf-8"};
	const struct winnow_doc *d;
	size_t len, n;
	char *html = read_file(dir, "source.html", &len);
	char *text = read_file(dir, "expected.txt", &n);
	char *type = read_file(dir, "expected.type", &n);
	char *kinds = read_file(dir, "expected.kinds", &n);

	snprintf(name, sizeof(name), "extract: %s", dir);
	TEST(name)
	page.body = html;
	page.body_len = len;
	CHECK_INT(winnow_clean(w, &page, &d), 0);
	CHECK_STR(d->text, text);
	CHECK_STR(winnow_page_type_name(d->page_type), type);
	check_kinds(d, kinds);
	if (test_bad)
		print_blocks(d);
	test_close();
	free(html);
	free(text);
	free(type);
	free(kinds);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
check_pages(struct winnow *w)
{
	char *names[256];
	size_t n = 0;
	DIR *dir = opendir(PAGES);
	struct dirent *e;

	while (dir != NULL && n < 256 && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	if (dir != NULL)
		closedir(dir);
	TEST("extract: there are pages to try")
	CHECK(n > 0);
	test_close();
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		check_page(w, names[i]);
		free(names[i]);
	}
}

static double
seconds_for(struct winnow *w, const char *piece, size_t n)
{
	size_t len = strlen(piece);
	char *html = malloc(n * len + 1);
	struct winnow_page page = {
	    .body = html, .body_len = n * len, .charset = "utf-8"};
	const struct winnow_doc *d;
	struct timespec a, b;

	for (size_t i = 0; i < n; i++)
		memcpy(html + i * len, piece, len);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	CHECK_INT(winnow_clean(w, &page, &d), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	free(html);
	return (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Ten times the page may take ten times the time, and some for the cache. */
static void
check_linear(struct winnow *w)
{
	static const char *const pieces[] = {
	    "<div class='content nav'>",
	    "<p>正文一句，共同的。</p>",
	    "<table><tr><td>a<td>b",
	    "<ul><li><a href=x>y</a>相关阅读</ul>",
	    "<p>the same long line of text again, with commas, a copy</p>",
	};

	TEST("extract: cost grows with the page, not faster")
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		double small = seconds_for(w, pieces[i], 3000);
		double large = seconds_for(w, pieces[i], 30000);

		if (large > 0.2 && large > 40 * (small + 0.001))
			TEST_FAIL("%s: %.3f s, ten times as much %.3f s",
			    pieces[i], small, large);
	}
	test_close();
}

int
main(void)
{
	struct winnow *w;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	check_pages(w);
	check_linear(w);
	winnow_free(w);
	return test_end();
}
