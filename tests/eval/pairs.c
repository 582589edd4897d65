/* pairs.c - what the sketches of texts say of each other; see pairs.py.
 *
 *	pairs < TEXTS		texts end in a NUL; of each two a line:
 *				copy same held numbers keys simhash grams names
 *	pairs all < TEXTS	of each with every other: i j, then the same,
 *where they share a key
 *
 * keys: that both have; simhash: bits that differ. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/sketch.h"
#include "cleaner/utf8.h"

struct text {
	struct winnow_sketch sketch;
	uint64_t simhash;
	uint32_t keys[WINNOW_SKETCH_KEYS];
};

static char *
read_all(size_t *len)
{
	size_t cap = 1 << 20, n, got;
	char *b = malloc(cap + 1);

	for (n = 0; b != NULL && (got = fread(b + n, 1, cap - n, stdin)) > 0;)
		if ((n += got) == cap)
			b = realloc(b, (cap *= 2) + 1);
	*len = n;
	return b;
}

static int
compare(const struct text *a, const struct text *b, const char *front)
{
	struct winnow_likeness l;
	int i, keys = 0;

	for (i = 0; i < WINNOW_SKETCH_KEYS; i++)
		keys += a->keys[i] == b->keys[i];
	if (*front != '\0' && keys == 0)
		return 0;
	winnow_sketch_compare(&a->sketch, &b->sketch, &l);
	return printf("%s%d %.4f %.4f %.6f %d %d %u %u %.6f\n", front, l.copy,
	    l.same, l.held, l.numbers, keys,
	    __builtin_popcountll(a->simhash ^ b->simhash), a->sketch.grams,
	    b->sketch.grams, l.names);
}

int
main(int argc, char **argv)
{
	struct wn_arena *arena = wn_arena_new(1 << 20);
	const struct wn_fold *fold = wn_fold_new(arena);
	size_t len, n = 0, i, j;
	char *b = read_all(&len), *p, front[48];
	struct text *t;

	(void)argv;
	if (b == NULL || fold == NULL)
		return 1;
	b[len] = '\0';
	for (p = b; p < b + len; p += strlen(p) + 1)
		n++;
	if ((t = calloc(n + 1, sizeof *t)) == NULL)
		return 1;
	n = 0;
	for (p = b; p < b + len; p += strlen(p) + 1, n++) {
		size_t good = wn_utf8_prefix(p, strlen(p));

		wn_sketch(fold, p, good, &t[n].sketch, &t[n].simhash);
		winnow_sketch_keys(&t[n].sketch, t[n].keys);
	}
	if (argc == 1)
		for (i = 0; i + 1 < n; i += 2)
			compare(&t[i], &t[i + 1], "");
	for (i = 0; argc > 1 && i < n; i++)
		for (j = i + 1; j < n; j++) {
			snprintf(front, sizeof front, "%zu %zu ", i, j);
			compare(&t[i], &t[j], front);
		}
	free(t);
	free(b);
	wn_arena_free(arena);
	return 0;
}
