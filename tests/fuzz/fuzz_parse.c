/* fuzz_parse.c - any UTF-8 as a page: the tree keeps T1 and T2. */
#include <stdint.h>
#include <stdlib.h>

#include "cleaner/tree.h"
#include "cleaner/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct wn_arena *a;
	struct wn_tree *t;
	uint32_t i;

	if (a == NULL)
		a = wn_arena_new(64 << 20);
	wn_arena_reset(a);
	n = wn_utf8_prefix((const char *)bytes, n);
	if (wn_parse(a, (const char *)bytes, n, &t) != 0)
		return 0;
	for (i = 1; i < t->n; i++) {
		const struct wn_node *x = &t->nodes[i];
		const struct wn_node *p = &t->nodes[x->parent];

		if (x->parent >= i || x->end <= i || x->end > p->end ||
		    x->tbeg < p->tbeg || x->tend > p->tend)
			abort();
	}
	if (wn_utf8_prefix(t->text, t->text_len) != t->text_len)
		abort();
	return 0;
}
