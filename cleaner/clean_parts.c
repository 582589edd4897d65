/* clean_parts.c - see clean_parts.h. The pages have no addresses of their own,
 * so they are taken for pages of one article because they are said to be. */
#include "cleaner/clean_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/batch.h"

enum { EXIT_SOME = 5, EXIT_NOTHING = 7 };

static int
read_file(const char *name, struct winnow_page *p)
{
	FILE *f = fopen(name, "rb");
	char *body = f != NULL ? batch_read_file(f, &p->body_len) : NULL;

	if (body == NULL)
		fprintf(stderr, "winnow clean: cannot read '%s': %s\n", name,
		    strerror(errno));
	if (f != NULL)
		fclose(f);
	p->body = body;
	return body != NULL ? 0 : 1;
}

/* 0, or EXIT_SOME: says which pages gave nothing. */
static int
tell_unused(char *const *names, const uint8_t *used, int n)
{
	int status = 0;

	for (int i = 1; i < n; i++) {
		if (used[i] == WINNOW_PART_USED)
			continue;
		fprintf(stderr, "winnow clean: '%s': %s\n", names[i],
		    used[i] == WINNOW_PART_REPEAT
			? "has nothing that another page has not"
			: "has no article");
		if (used[i] == WINNOW_PART_NONE)
			status = EXIT_SOME;
	}
	return status;
}

static int
clean(const struct parts_clean *c, struct winnow *w, char *const *names,
    const struct winnow_page *pages, uint8_t *used, int n)
{
	const struct winnow_doc *d;
	int r = winnow_clean_parts(w, pages, (size_t)n, used, &d);

	if (r == 0)
		r = c->print(c->arg, w, d);
	if (r != 0) {
		fprintf(stderr, "winnow clean: '%s': %s\n", names[0],
		    winnow_strerror(r));
		return 1;
	}
	if (d->text_len == 0) {
		fprintf(stderr, "winnow clean: '%s': no article: %s\n",
		    names[0], d->nothing != NULL ? d->nothing : "empty");
		return EXIT_NOTHING;
	}
	return tell_unused(names, used, n);
}

int
wn_clean_parts_files(
    const struct parts_clean *c, struct winnow *w, char *const *names, int n)
{
	struct winnow_page *pages;
	uint8_t used[WINNOW_PARTS_MAX];
	int i, status = 0;

	if (n > WINNOW_PARTS_MAX ||
	    (pages = calloc((size_t)n, sizeof(*pages))) == NULL) {
		fprintf(stderr, "winnow clean: --parts takes %d pages\n",
		    WINNOW_PARTS_MAX);
		return 1;
	}
	for (i = 0; i < n && status == 0; i++) {
		pages[i] = c->page;
		if (i > 0)
			pages[i].url = NULL;
		status = read_file(names[i], &pages[i]);
	}
	if (status == 0)
		status = clean(c, w, names, pages, used, n);
	while (i > 0)
		free((void *)(uintptr_t)pages[--i].body);
	free(pages);
	return status;
}
