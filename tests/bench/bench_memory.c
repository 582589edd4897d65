/* bench_memory.c - what memory the cleaner takes for real pages.
 *
 * Pages of the corpus one after the other, as `winnow clean --batch` takes
 * them: a page is read, cleaned, its record made, and forgotten. Told are the
 * peak of the process beside its largest page, the part of it that is there
 * before any page, and how often memory was asked for: the functions below
 * stand before the C library's own, and libxml2, which copies the name of each
 * element while it is open, is given some that count apart. */
#include <libxml/xmlmemory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"
#include "tests/cleaner/corpus.h"

#ifdef __GLIBC__
static unsigned long calls, parser_calls;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

void *
malloc(size_t n)
{
	calls++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	calls++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	calls++;
	return __libc_realloc(p, n);
}

static void *
parser_malloc(size_t n)
{
	parser_calls++;
	return __libc_malloc(n);
}

static void *
parser_realloc(void *p, size_t n)
{
	parser_calls++;
	return __libc_realloc(p, n);
}

static char *
parser_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = parser_malloc(n);

	return p != NULL ? memcpy(p, s, n) : NULL;
}

static void
count_parser(void)
{
	xmlMemSetup(free, parser_malloc, parser_realloc, parser_strdup);
}
#else
static const unsigned long calls, parser_calls;

static void
count_parser(void)
{
}
#endif

/* A line of /proc/self/status, in bytes. */
static double
status(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	double v = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			v = atof(line + strlen(name) + 1) * 1024;
	if (f != NULL)
		fclose(f);
	return v;
}

static void
clean(struct winnow *w, const char *bytes, size_t n)
{
	struct winnow_page p = {.body = bytes,
	    .body_len = n,
	    .url = "http://example.com/a",
	    .now = 1770000000};
	const struct winnow_doc *d;
	struct winnow_line l;

	if (winnow_clean(w, &p, &d) == 0)
		(void)winnow_record(w, d, NULL, &l);
}

int
main(void)
{
	unsigned long sum = 0, parsing = 0, before, parser, most = 0;
	size_t largest = 0, bytes = 0, n, i;
	double fixed, peak;
	struct winnow *w;
	glob_t files;
	char *s;

	count_parser();
	corpus_glob(&files);
	if (files.gl_pathc == 0) {
		printf("skip - bench_memory: no corpus in WINNOW_SHARED\n");
		return 0;
	}
	if (winnow_new(&w, NULL) != 0)
		return 1;
	clean(w, "<p>x", 4);
	fixed = status("VmRSS:");
	for (i = 0; i < files.gl_pathc; i++) {
		s = corpus_read(files.gl_pathv[i], &n);
		before = calls;
		parser = parser_calls;
		clean(w, s, n);
		sum += calls - before;
		parsing += parser_calls - parser;
		most = calls - before > most ? calls - before : most;
		bytes += n;
		largest = n > largest ? n : largest;
		free(s);
	}
	peak = status("VmHWM:");
	printf("memory: %zu pages, %.1f MB, the largest %.2f MB\n",
	    files.gl_pathc, (double)bytes / 1e6, (double)largest / 1e6);
	printf("  peak RSS %.1f MB, %.1f of it before the first page\n",
	    peak / 1e6, fixed / 1e6);
	printf("  peak / largest page     %7.2f x (without the fixed part "
	       "%.2f)\n",
	    peak / (double)largest, (peak - fixed) / (double)largest);
	printf("  calls of malloc         %7.1f a page, %lu at most; libxml2's "
	       "%.1f\n",
	    (double)sum / (double)files.gl_pathc, most,
	    (double)parsing / (double)files.gl_pathc);
	winnow_free(w);
	globfree(&files);
	return 0;
}
