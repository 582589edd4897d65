/* corpus.h - the labelled pages of $WINNOW_SHARED/corpus, for tests that hold
 * a property over every page and for the bench. The pages are not part of the
 * tree: without them the callers say so and go on. */
#ifndef TEST_CORPUS_H
#define TEST_CORPUS_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

struct corpus_page {
	const char *name; /* valid until corpus_free() */
	char *bytes;
	size_t len;
};

struct corpus {
	glob_t files;
	struct corpus_page *v;
	size_t n;
};

static char *
corpus_read(const char *name, size_t *len)
{
	gzFile f = gzopen(name, "rb");
	size_t cap = 1 << 18, n = 0;
	char *b = malloc(cap);
	int got;

	while (f != NULL && b != NULL &&
	       (got = gzread(f, b + n, (unsigned)(cap - n))) > 0)
		if ((n += (size_t)got) == cap)
			b = realloc(b, cap *= 2);
	if (f != NULL)
		gzclose(f);
	*len = n;
	return b;
}

/* The names of all pages; gl_pathc is 0 when there are none. */
static inline void
corpus_glob(glob_t *files)
{
	const char *shared = getenv("WINNOW_SHARED");
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "%s/corpus/*/*.html.gz",
	    shared != NULL ? shared : "../shared");
	if (glob(pattern, 0, NULL, files) != 0)
		files->gl_pathc = 0;
}

/* Reads all pages; n is 0 when there are none. */
static inline void
corpus_load(struct corpus *c)
{
	size_t i;

	corpus_glob(&c->files);
	c->n = c->files.gl_pathc;
	c->v = calloc(c->n + 1, sizeof(*c->v));
	for (i = 0; i < c->n; i++) {
		c->v[i].name = c->files.gl_pathv[i];
		c->v[i].bytes = corpus_read(c->v[i].name, &c->v[i].len);
	}
}

static inline void
corpus_free(struct corpus *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].bytes);
	free(c->v);
	globfree(&c->files);
}

#endif
