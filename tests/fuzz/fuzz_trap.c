/* fuzz_trap.c - any bytes as addresses for the judges of scope and traps: two
 * lines, a page and a link on it. trap.h wants an address in normal form; it
 * gets that when there is one, and the bytes as they came besides. */
#include "crawler/trap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"
#include "crawler/scope.h"

#define YEAR 2024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Pieces lie within the address, sights within its pieces. */
static void
look(const char *url, struct trap_url *t, struct trap_family *family)
{
	const char *end = url + strlen(url);
	struct trap_sight s;
	struct trap_family again;
	char name[64];

	trap_split(t, url);
	assert(t->nseg <= TRAP_SEGMENTS && t->nparam <= TRAP_PARAMS);
	for (int i = 0; i < t->nseg; i++)
		assert(t->seg[i].p >= url && t->seg[i].p + t->seg[i].n <= end);
	if (trap_look(t, YEAR, &s)) {
		assert(s.reason != REASON_NONE && s.words != NULL);
		assert(s.where.n == 0 ||
		       (s.where.p >= url && s.where.p + s.where.n <= end));
	}
	trap_families(t, family);
	trap_families(t, &again);
	assert(family->shape != 0 && family->prefix != 0);
	assert(family->shape == again.shape && family->prefix == again.prefix);
	trap_shape_name(t, name, sizeof name);
	assert(strlen(name) < sizeof name);
	trap_prefix_name(t, name, sizeof name);
	assert(strlen(name) < sizeof name);
}

static void
judge(const char *url)
{
	static const char *const patterns[] = {"/a*b*c*", "*?*=*", NULL};
	char host[256];
	size_t i;

	(void)scope_host(url, host, sizeof host);
	for (i = 0; patterns[i] != NULL; i++)
		(void)scope_match_url(patterns[i], url);
}

/* Copied out, ended, and in normal form where it has one. */
static char *
address(const uint8_t *data, size_t size, struct winnow_url *u)
{
	char *s = malloc(size + 1);

	if (s == NULL)
		abort();
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	if (winnow_url_parse(u, s, strlen(s), NULL, NULL) != 0 ||
	    winnow_url_fetchable(u) != 0)
		u->len = 0;
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct winnow_url up, ul;
	const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t first = nl != NULL ? (size_t)(nl - data) : size;
	char *page = address(data, first, &up);
	char *link = address(data + first, size - first, &ul);
	struct trap_url tp, tl;
	struct trap_family fp, fl;

	look(page, &tp, &fp);
	look(link, &tl, &fl);
	(void)trap_leads_on(&tp, &tl);
	judge(page);
	if (up.len > 0 && ul.len > 0) {
		look(up.href, &tp, &fp);
		look(ul.href, &tl, &fl);
		(void)trap_leads_on(&tp, &tl);
		judge(ul.href);
	}
	free(page);
	free(link);
	return 0;
}
