/* fuzz_topic.c - any bytes as a stored topic, and as examples: what is learned
 * of them can be stored and opened, and every score is from 0 to 1. */
#include <stdlib.h>
#include <string.h>

#include "cleaner/utf8.h"
#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "北川二中黨(dǎng)支部举办党课。A rocket lifted off, "
			   "学校 Вратарь 강변에서 %";

static void
check(struct winnow *w, const char *s, size_t n)
{
	double v = winnow_topic_score(w, s, n);

	if (!(v >= 0 && v <= 1))
		abort();
}

static void
as_stored(struct winnow *w, const void *bytes, size_t n)
{
	static const char page[] = "<title>党课</title><p>学校党支部书记为党员"
				   "教师上党课。</p><a href=/x>rocket</a>";
	struct winnow_page p = {.body = page,
	    .body_len = sizeof(page) - 1,
	    .url = "http://a.test/"};
	const struct winnow_doc *d;

	if (winnow_set_topic(w, bytes, n) != 0)
		return;
	check(w, text, sizeof(text) - 1);
	check(w, "", 0);
	if (winnow_clean(w, &p, &d) == 0 &&
	    !(d->topic_score >= 0 && d->topic_score <= 1))
		abort();
	for (size_t i = 0; i < d->ntopic_terms; i++)
		if (wn_utf8_prefix(d->topic_terms[i].term,
			strlen(d->topic_terms[i].term)) !=
		    strlen(d->topic_terms[i].term))
			abort();
}

/* Examples are separated by NULs, the words stand first. */
static void
as_examples(struct winnow *w, const char *s, size_t n)
{
	const char *end = s + n, *nul;
	struct winnow_topic *t;
	void *bytes;
	size_t len;
	int first = 1;

	if (winnow_topic_new(&t) != 0)
		return;
	for (; s < end; s = nul + 1, first = 0) {
		nul = memchr(s, '\0', (size_t)(end - s));
		if (nul == NULL)
			nul = end;
		if (first)
			winnow_topic_words(t, s, (size_t)(nul - s));
		else
			winnow_topic_file(t, w, s, (size_t)(nul - s));
	}
	if (winnow_topic_finish(t, NULL) == 0 &&
	    winnow_topic_store(t, &bytes, &len) == 0) {
		if (winnow_set_topic(w, bytes, len) != 0)
			abort();
		check(w, text, sizeof(text) - 1);
		free(bytes);
	}
	winnow_topic_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct winnow *w;

	if (w == NULL && winnow_new(&w, NULL) != 0)
		return 0;
	if (size > 0 && data[0] == 'w')
		as_stored(w, data, size);
	else
		as_examples(w, (const char *)data, size);
	return 0;
}
