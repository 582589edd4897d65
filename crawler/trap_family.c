/* trap_family.c - see trap.h: which addresses are made by one script.
 *
 *	/info/1012/3456.htm		/info/#/#.htm
 *	/art/2024/3/12/art_12_345.html	/art/#/#/#/art_#_#.html
 *	/list.php?sort=1&page=7		/list.php?page&sort
 *	/news/how-to-read-a-book/	/news/w/
 *	/s/9f86d081884c7d65/cart	/s/x/w
 *
 * Numbers become '#', what chance made 'x', words of a writer 'w'. Folders keep
 * their names where they are short, so that two parts of a site are two
 * families; the number of families stays far below that of addresses. */
#include "crawler/trap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xxhash.h>

#define NAME_MAX_LETTERS 12 /* a longer name is a writer's */
#define RANDOM_MIN 16       /* shorter ones are no session */
#define RANDOM_SWITCHES 4   /* between letters and digits */
#define SHAPE_MAX 512       /* bytes of a name; what is longer is cut */

struct out {
	char *b;
	size_t n, cap;
};

static void
put(struct out *o, const char *s, size_t n)
{
	if (n > o->cap - 1 - o->n)
		n = o->cap - 1 - o->n;
	memcpy(o->b + o->n, s, n);
	o->b[o->n += n] = '\0';
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct look {
	size_t letters, digits, others, switches;
};

static struct look
look(struct trap_piece s)
{
	struct look k = {0};
	int last = 0, now;

	for (size_t i = 0; i < s.n; i++) {
		now = is_digit(s.p[i]) ? 2 : is_letter(s.p[i]);
		k.digits += now == 2;
		k.letters += now == 1;
		k.others += now == 0;
		k.switches += now != 0 && last != 0 && now != last;
		last = now;
	}
	return k;
}

static int
is_random(struct trap_piece s, const struct look *k)
{
	return s.n >= RANDOM_MIN && k->switches >= RANDOM_SWITCHES;
}

/* Letters and marks as they are, each run of digits as one '#'. */
static void
put_numbers(struct out *o, struct trap_piece s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			put(o, s.p + i, 1);
		else if (i == 0 || !is_digit(s.p[i - 1]))
			put(o, "#", 1);
}

static void
put_name(struct out *o, struct trap_piece s, int keep_words)
{
	struct look k = look(s);

	if (is_random(s, &k))
		put(o, "x", 1);
	else if (k.letters == 0)
		put_numbers(o, s);
	else if (k.letters > NAME_MAX_LETTERS ||
		 memchr(s.p, '%', s.n) != NULL ||
		 (!keep_words && k.digits == 0) ||
		 (memchr(s.p, '-', s.n) != NULL && k.letters > 4))
		put(o, "w", 1);
	else
		put_numbers(o, s);
}

/* Cuts the extension off: ".shtml", "" when there is none. */
static struct trap_piece
extension(struct trap_piece *s)
{
	for (size_t i = s->n; i > 1 && s->n - i < 6; i--)
		if (s->p[i - 1] == '.' && i < s->n && is_letter(s->p[i])) {
			struct trap_piece e = {s->p + i - 1, s->n - i + 1};

			s->n = i - 1;
			return e;
		}
	return (struct trap_piece){s->p + s->n, 0};
}

/* is_script: the file has a query, so its name is that of a script; without
 * one it is a page's own, one of many. */
static void
put_path(struct out *o, const struct trap_url *u, int is_script)
{
	int files = !u->is_dir && u->nseg > 0, dirs = u->nseg - files;

	put(o, "/", 1);
	for (int i = 0; i < dirs; i++) {
		put_name(o, u->seg[i], i < 2);
		put(o, "/", 1);
	}
	if (files) {
		struct trap_piece s = u->seg[dirs], e = extension(&s);

		put_name(o, s, is_script);
		put(o, e.p, e.n);
	}
}

static int
piece_cmp(const void *pa, const void *pb)
{
	const struct trap_piece *a = pa, *b = pb;
	int d = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);

	return d != 0 ? d : (a->n > b->n) - (a->n < b->n);
}

/* The names of the query, sorted; how many. */
static int
names_sorted(const struct trap_url *u, struct trap_piece v[TRAP_PARAMS])
{
	memcpy(v, u->name, (size_t)u->nparam * sizeof *v);
	qsort(v, (size_t)u->nparam, sizeof *v, piece_cmp);
	return u->nparam;
}

void
trap_shape_name(const struct trap_url *u, char *buf, size_t cap)
{
	struct out o = {buf, 0, cap};
	struct trap_piece v[TRAP_PARAMS];
	int n = names_sorted(u, v);

	put_path(&o, u, n > 0);
	for (int i = 0; i < n; i++) {
		if (i > 0 && piece_cmp(&v[i], &v[i - 1]) == 0)
			continue;
		put(&o, i == 0 ? "?" : "&", 1);
		put_name(&o, v[i], 1);
	}
}

void
trap_prefix_name(const struct trap_url *u, char *buf, size_t cap)
{
	struct out o = {buf, 0, cap};

	if (u->nparam > 0) {
		put_path(&o, u, 1);
		put(&o, "?*", 2);
		return;
	}
	put(&o, "/", 1);
	if (u->nseg > 1 || (u->nseg == 1 && u->is_dir)) {
		put_name(&o, u->seg[0], 1);
		put(&o, "/", 1);
	}
	put(&o, "*", 1);
}

static uint64_t
name_hash(const char *name, uint64_t kind)
{
	uint64_t h = XXH3_64bits_withSeed(name, strlen(name), kind);

	return h != 0 ? h : 1;
}

void
trap_families(const struct trap_url *u, struct trap_family *f)
{
	char name[SHAPE_MAX];

	trap_shape_name(u, name, sizeof name);
	f->shape = name_hash(name, 's');
	trap_prefix_name(u, name, sizeof name);
	f->prefix = name_hash(name, 'p');
}

uint64_t
trap_domain_family(const char *domain)
{
	return name_hash(domain, 'd');
}

/* ---- what leads on ------------------------------------------------------ */

static int
paths_alike(const struct trap_url *a, const struct trap_url *b)
{
	char x[SHAPE_MAX], y[SHAPE_MAX];
	struct out ox = {x, 0, sizeof x}, oy = {y, 0, sizeof y};

	put_path(&ox, a, a->nparam + b->nparam > 0);
	put_path(&oy, b, a->nparam + b->nparam > 0);
	return strcmp(x, y) == 0;
}

/* Every name of a's query is one of b's. */
static int
names_within(const struct trap_url *a, const struct trap_url *b)
{
	int i, j;

	for (i = 0; i < a->nparam; i++) {
		for (j = 0; j < b->nparam; j++)
			if (piece_cmp(&a->name[i], &b->name[j]) == 0)
				break;
		if (j == b->nparam)
			return 0;
	}
	return 1;
}

/* link is one more folder of the part of the site that page is of: one more
 * choice, one more day. */
static int
is_more_folders(const struct trap_url *page, const struct trap_url *link)
{
	char x[SHAPE_MAX], y[SHAPE_MAX];
	struct trap_piece last;

	trap_prefix_name(page, x, sizeof x);
	trap_prefix_name(link, y, sizeof y);
	if (strcmp(x, y) != 0 || link->nseg == 0)
		return 0;
	last = link->seg[link->nseg - 1];
	return link->is_dir || extension(&last).n == 0;
}

int
trap_leads_on(const struct trap_url *page, const struct trap_url *link)
{
	if (paths_alike(page, link))
		return !names_within(page, link) && !names_within(link, page);
	return page->nparam > 0 || link->nparam > 0 ||
	       !is_more_folders(page, link);
}
