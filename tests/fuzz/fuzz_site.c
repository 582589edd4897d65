/* fuzz_site.c - any bytes as what the site memory is given: a lesson of a
 * worker, a stored memory, a view that comes with a page. The first byte
 * chooses. A memory keeps its bound and, stored and loaded, says the same; a
 * view never empties a page. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 16 << 10 };

static const char html[] =
    "<meta charset=utf-8><title>T</title><div class=a><h1>T</h1><p>The river "
    "rose at night, and in the morning, when the boats came, it was as wide "
    "as a lake.</p><p>Nobody in the town had seen it so, they said, and "
    "nobody went to school, or to the market.</p><p>Subscribe to our paper."
    "</p></div>";

static void
check_same(struct winnow_site *a, struct winnow_site *b)
{
	const void *v, *u;
	size_t n, m;

	winnow_site_view(a, &v, &n);
	winnow_site_view(b, &u, &m);
	assert(n == m && (n == 0 || memcmp(v, u, n) == 0));
}

static void
tell(void *arg, const struct winnow_site_fact *f)
{
	*(size_t *)arg += f->pages + (f->text != NULL ? strlen(f->text) : 0);
}

/* What can be asked of any memory. */
static void
check_site(struct winnow_site *s)
{
	struct winnow_site *t;
	void *bytes;
	size_t len, sum = 0;

	assert(winnow_site_bytes(s) <= BYTES);
	winnow_site_each(s, tell, &sum);
	(void)winnow_site_settled(s);
	if (winnow_site_store(s, &bytes, &len) != 0)
		abort();
	assert(winnow_site_load(&t, bytes, len, BYTES) == 0);
	winnow_site_free(t);
	free(bytes);
}

static void
learn(const uint8_t *data, size_t size)
{
	struct winnow_site *s;

	if (winnow_site_new(&s, BYTES) != 0)
		abort();
	for (uint64_t key = 0; key < 6; key++) {
		(void)winnow_site_learn(s, data, size, key, (int64_t)key);
		(void)winnow_site_affects(s, data, size);
	}
	check_site(s);
	winnow_site_free(s);
}

static void
load(const uint8_t *data, size_t size)
{
	struct winnow_site *s, *t;

	if (winnow_site_load(&s, data, size, BYTES) != 0)
		return;
	if (winnow_site_load(&t, data, size, BYTES) != 0)
		abort();
	check_same(s, t);
	check_site(s);
	winnow_site_free(s);
	winnow_site_free(t);
}

static void
view(const uint8_t *data, size_t size)
{
	static struct winnow *w;
	struct winnow_page page = {.body = html,
	    .body_len = sizeof(html) - 1,
	    .learn = 1,
	    .site = data,
	    .site_len = size};
	const struct winnow_doc *d;

	if (w == NULL && winnow_new(&w, NULL) != 0)
		abort();
	if (winnow_clean(w, &page, &d) != 0)
		abort();
	assert(d->text_len > 0 && d->lesson != NULL);
	learn(d->lesson, d->lesson_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		learn(data + 1, size - 1);
		break;
	case 1:
		load(data + 1, size - 1);
		break;
	default:
		view(data + 1, size - 1);
	}
	return 0;
}
