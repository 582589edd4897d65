/* parts_url.c - are two addresses pages of one article?
 *
 *	/2023/t1024.html	/2023/t1024_2.html	a number behind the name
 *	/2023/t1024_2.html	/2023/t1024_3.html	another number
 *	/a/slug/		/a/slug/2/		one more segment
 *	/show.php?id=7		/show.php?id=7&page=2	one more parameter
 *	/read/1024		/read/1024/p/2		a segment that says so
 *	/2023/t1024.html	/2023/t1024_all.html	all of it
 *
 * Systems of the wild differ in the mark before the number and in where they
 * count from, never in that the rest of the address stays. Numbers of more than
 * three digits are ids.
 *
 * Invariant: linear in the two addresses, but for queries, of which PARAMS
 * parameters are compared with each other. */
#include "cleaner/parts.h"

#include <string.h>
#include <strings.h>

enum { DIGITS_MOST = 3, PARAMS = 16, ID_LEAST = 100, SEGMENT_MOST = 9 };

static const struct wn_kin_of stranger = {
    .kin = WN_KIN_NONE, .own = -1, .other = -1};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of a page that is all of s; -1: it is none. */
static int
page_number(struct wn_str s)
{
	int v = 0;

	if (s.n == 0 || s.n > DIGITS_MOST)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		v = v * 10 + s.p[i] - '0';
	}
	return v;
}

/* Words that stand for all pages. */
static int
says_all(struct wn_str s)
{
	static const char *const words[] = {"all", "full", "whole", "quanwen",
	    "single", "onepage", "allpage", "singlepage", "fulltext", "viewall",
	    "showall", "view-all", "single-page", "komplettansicht"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == s.n &&
		    strncasecmp(words[i], s.p, s.n) == 0)
			return 1;
	return 0;
}

static struct wn_str
behind(struct wn_str s, size_t n)
{
	return (struct wn_str){s.p + n, s.n - n};
}

/* ---- what a path has more than another ---------------------------------- */

/* Marks and words that may stand before the number. Not "/page/": those are
 * lists, of posts mostly. */
static const char *const marks[] = {"/p/", "/seite-", "/page-", "/p", "_page_",
    "_page", "-page-", "_p", "-p", "_", "-", "/", ",", ".", "~", "(", "%28",
    "index_", "index-", "default_", "page-", "seite-", "page", "p"};

/* Is s a mark and a number (or a word for all), and no more? mid: the mark may
 * be missing, for the addresses have it in common. */
static enum wn_kin
read_number(struct wn_str s, int mid, int *number)
{
	struct wn_str rest = s;

	*number = -1;
	if (rest.n > 1 && rest.p[rest.n - 1] == '/')
		rest.n--;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = strlen(marks[i]);

		if (rest.n <= n || strncasecmp(rest.p, marks[i], n) != 0)
			continue;
		rest = behind(rest, n);
		mid = 1;
		break;
	}
	if (rest.n > 3 && memcmp(rest.p + rest.n - 3, "%29", 3) == 0)
		rest.n -= 3;
	else if (rest.n > 1 && rest.p[rest.n - 1] == ')')
		rest.n--;
	if (!mid)
		return WN_KIN_NONE;
	if (says_all(rest))
		return WN_KIN_WHOLE;
	*number = page_number(rest);
	return *number >= 0 ? WN_KIN_PAGE : WN_KIN_NONE;
}

/* index_2.html, page2.html in a folder whose first page is the folder. */
static struct wn_str
without_ending(struct wn_str s)
{
	const char *dot = s.n > 0 ? memrchr(s.p, '.', s.n) : NULL;

	if (dot != NULL && s.n > 6 &&
	    (strncasecmp(s.p, "index", 5) == 0 ||
		strncasecmp(s.p, "page", 4) == 0))
		s.n = (size_t)(dot - s.p);
	return s;
}

/* Where two strings begin to differ, and how much of their ends is the same;
 * a number is not cut in two. */
static void
differ(struct wn_str a, struct wn_str b, size_t *beg, size_t *tail)
{
	size_t least = a.n < b.n ? a.n : b.n, i = 0, k = 0;

	while (i < least && a.p[i] == b.p[i])
		i++;
	while (i > 0 && is_digit(a.p[i - 1]) &&
	       ((i < a.n && is_digit(a.p[i])) || (i < b.n && is_digit(b.p[i]))))
		i--;
	while (k < least - i && a.p[a.n - 1 - k] == b.p[b.n - 1 - k])
		k++;
	while (k > 0 && is_digit(a.p[a.n - k]) &&
	       ((a.n - k > i && is_digit(a.p[a.n - k - 1])) ||
		   (b.n - k > i && is_digit(b.p[b.n - k - 1]))))
		k--;
	/* 7.html and 7.2.html differ in ".2", not in "2." */
	if (i > 0 && a.p[i - 1] == '.' &&
	    ((i + k == a.n && i + k < b.n && b.p[b.n - k - 1] == '.') ||
		(i + k == b.n && i + k < a.n && a.p[a.n - k - 1] == '.'))) {
		i--;
		k++;
	}
	*beg = i;
	*tail = k;
}

/* A letter, digit or mark before a number that both have: what is it? */
static int
stands_behind_mark(struct wn_str a, size_t at)
{
	static const char one[] = "_-/,.~(=";

	if (at == 0)
		return 0;
	return strchr(one, a.p[at - 1]) != NULL ||
	       (a.p[at - 1] == 'p' && at > 1 &&
		   (strchr("_-/", a.p[at - 2]) != NULL ||
		       is_digit(a.p[at - 2]))) ||
	       (at >= 4 && strncasecmp(a.p + at - 4, "page", 4) == 0);
}

/* Bytes of "/p", "/seite" that a number was marked with, before at. */
static size_t
marked(struct wn_str a, size_t at)
{
	static const char *const segments[] = {"/p", "/seite", "/page"};

	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		size_t n = strlen(segments[i]);

		if (at > n && strncasecmp(a.p + at - n, segments[i], n) == 0)
			return n;
	}
	return 0;
}

/* The bytes of its own number with its mark, that the first page goes without.
 */
static void
own_number(struct wn_str a, size_t beg, size_t end, struct wn_kin_of *k)
{
	if (beg > 0 && !is_digit(a.p[beg]))
		; /* the mark is in it */
	else if (beg > 0 && strchr("_-,.~", a.p[beg - 1]) != NULL)
		beg--;
	else if (beg > 0 && a.p[beg - 1] == '/' && end < a.n && a.p[end] == '.')
		end = beg; /* 2.html: no name is left */
	else if (beg > 0 && a.p[beg - 1] == '/')
		beg--;
	else if (beg > 1 && a.p[beg - 1] == 'p' && is_digit(a.p[beg - 2]))
		beg--;
	beg -= marked(a, beg);
	k->beg = (uint16_t)beg;
	k->end = (uint16_t)end;
}

/* /2023/06/12/: the segment before is a number too, so this one is a day. */
static int
is_of_date(struct wn_str a, size_t at)
{
	size_t i = at;

	if (at == 0 || a.p[at - 1] != '/')
		return 0;
	while (i > 1 && is_digit(a.p[i - 2]))
		i--;
	return i < at && i > 1 && a.p[i - 2] == '/';
}

/* /news/202.html: all of the name, and too large for a page. */
static int
is_id(struct wn_str a, size_t at, int own)
{
	return own >= ID_LEAST && at > 0 && a.p[at - 1] == '/';
}

/* .../page/2: as above. */
static int
is_of_list(struct wn_str a, size_t at)
{
	return at >= 6 && strncasecmp(a.p + at - 6, "/page/", 6) == 0;
}

/* t1024_2: the number stands behind a name, and a mark. */
static int
is_behind_name(struct wn_str a, size_t at)
{
	size_t i = at;

	if (i < a.n && is_digit(a.p[i]) && i > 0)
		i--;
	return i > 0 && i < a.n && strchr("_-", a.p[i]) != NULL &&
	       a.p[i - 1] != '/';
}

static struct wn_kin_of
path_kin(struct wn_str a, struct wn_str b)
{
	struct wn_kin_of k = stranger;
	enum wn_kin of_a, of_b;
	struct wn_str ma, mb;
	size_t beg, tail;
	int mid;

	differ(a, b, &beg, &tail);
	ma = (struct wn_str){a.p + beg, a.n - beg - tail};
	mb = (struct wn_str){b.p + beg, b.n - beg - tail};
	/* Only the last segment tells a page. */
	if (memchr(a.p + a.n - tail, '/', tail > 0 ? tail - 1 : 0) != NULL)
		return k;
	if (is_of_date(a, beg) || is_of_list(a, beg))
		return k;
	mid = stands_behind_mark(a, beg);
	ma = tail == 0 ? without_ending(ma) : ma;
	mb = tail == 0 ? without_ending(mb) : mb;
	of_a = ma.n > 0 ? read_number(ma, mid, &k.own) : WN_KIN_PAGE;
	of_b = mb.n > 0 ? read_number(mb, mid, &k.other) : WN_KIN_PAGE;
	if (of_a == WN_KIN_NONE || of_b == WN_KIN_NONE ||
	    of_a == WN_KIN_WHOLE || is_id(a, beg, k.own))
		return stranger;
	/* /a and /a/ */
	if (k.own < 0 && k.other < 0 && of_b == WN_KIN_PAGE)
		return stranger;
	if (ma.n > 0)
		own_number(a, beg, beg + ma.n, &k);
	k.behind_name = ma.n > 0 && is_behind_name(a, beg);
	k.kin = of_b;
	return k;
}

/* ---- parameters --------------------------------------------------------- */

struct params {
	struct wn_str v[PARAMS]; /* name=value */
	size_t n;
};

static int
read_params(struct wn_str q, struct params *p)
{
	p->n = 0;
	if (q.n > 0)
		q = behind(q, 1);
	while (q.n > 0) {
		const char *amp = memchr(q.p, '&', q.n);
		size_t n = amp != NULL ? (size_t)(amp - q.p) : q.n;

		if (p->n == PARAMS)
			return -1;
		if (n > 0)
			p->v[p->n++] = (struct wn_str){q.p, n};
		q = behind(q, amp != NULL ? n + 1 : n);
	}
	return 0;
}

static int
has_param(const struct params *p, struct wn_str s)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].n == s.n && memcmp(p->v[i].p, s.p, s.n) == 0)
			return 1;
	return 0;
}

static int
is_page_name(struct wn_str name)
{
	static const char *const names[] = {"page", "p", "pn", "pg", "pageno",
	    "pageindex", "pagenum", "pagenumber", "pageid", "curpage",
	    "cur_page", "currentpage", "current_page", "page_no", "page_num",
	    "pagewanted", "start", "limitstart", "paged", "npage", "ipage",
	    "_page", "pagen"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == name.n &&
		    strncasecmp(names[i], name.p, name.n) == 0)
			return 1;
	return 0;
}

/* What a parameter says of the page: its number, all of them, or nothing. */
static enum wn_kin
read_param(struct wn_str s, int *number)
{
	const char *eq = memchr(s.p, '=', s.n);
	struct wn_str name = {s.p, eq != NULL ? (size_t)(eq - s.p) : s.n};
	struct wn_str value = behind(s, eq != NULL ? name.n + 1 : s.n);

	*number = -1;
	if (says_all(value) || (says_all(name) && value.n <= 4))
		return WN_KIN_WHOLE;
	if (!is_page_name(name))
		return WN_KIN_NONE;
	*number = page_number(value);
	return *number >= 0 ? WN_KIN_PAGE : WN_KIN_NONE;
}

/* The one parameter that p has and q has not; 0: none, or several. */
static int
odd_param(const struct params *p, const struct params *q, struct wn_str *odd)
{
	int n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!has_param(q, p->v[i])) {
			*odd = p->v[i];
			n++;
		}
	return n;
}

static struct wn_kin_of
query_kin(const struct winnow_url *own, struct wn_str a, struct wn_str b)
{
	struct wn_kin_of k = stranger;
	struct wn_str odd_a, odd_b;
	struct params pa, pb;
	enum wn_kin of_b = WN_KIN_PAGE;
	int na, nb;

	if (read_params(a, &pa) != 0 || read_params(b, &pb) != 0)
		return k;
	na = odd_param(&pa, &pb, &odd_a);
	nb = odd_param(&pb, &pa, &odd_b);
	if (na > 1 || nb > 1 || na + nb == 0)
		return k;
	/* /?p=77 is an article, whose pages are numbered by another name */
	if (na == 1 && pa.n == 1 && own->query_beg <= own->path_beg + 1)
		return stranger;
	if (na == 1 && read_param(odd_a, &k.own) != WN_KIN_PAGE)
		return stranger;
	if (nb == 1 && (of_b = read_param(odd_b, &k.other)) == WN_KIN_NONE)
		return stranger;
	if (na == 1) { /* with the & or ? before it, or the & behind */
		size_t beg = (size_t)(odd_a.p - own->href);

		k.beg =
		    (uint16_t)(pa.n > 1 && own->href[beg - 1] == '?' ? beg
								     : beg - 1);
		k.end = (uint16_t)(beg + odd_a.n + (k.beg == beg));
	}
	k.kin = of_b;
	k.by_query = 1;
	k.behind_name =
	    na == 1 && strncasecmp(odd_a.p, "page=", strlen("page=")) == 0;
	return k;
}

/* ---- the same shape ----------------------------------------------------- */

/* One folder, and names that differ in one run of digits. */
static int
same_shape(struct wn_str a, struct wn_str b)
{
	size_t beg, tail, i;

	differ(a, b, &beg, &tail);
	if (beg + tail >= a.n || beg + tail >= b.n ||
	    memchr(a.p + beg, '/', a.n - beg) != NULL ||
	    memchr(b.p + beg, '/', b.n - beg) != NULL)
		return 0;
	for (i = beg; i < a.n - tail; i++)
		if (!is_digit(a.p[i]))
			return 0;
	for (i = beg; i < b.n - tail; i++)
		if (!is_digit(b.p[i]))
			return 0;
	return 1;
}

/* Bytes of a path up to its last segment. */
static size_t
folder(struct wn_str path)
{
	size_t n = path.n;

	if (n > 0 && path.p[n - 1] == '/')
		n--;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return n;
}

/* Where the first page may be: that of /read/5512/p/2 is /read/5512. */
static size_t
first_folder(struct wn_str path)
{
	size_t n = folder(path), last = path.n;

	if (last > 0 && path.p[last - 1] == '/')
		last--;
	if (last == 0 || last - n > SEGMENT_MOST || !is_digit(path.p[last - 1]))
		return n;
	n = folder((struct wn_str){path.p, n});
	return folder((struct wn_str){path.p, n});
}

struct wn_kin_of
wn_part_kin(const struct winnow_url *own, const char *url, size_t len)
{
	struct wn_str pa = {own->href, own->query_beg};
	struct wn_str qa = {own->href + own->query_beg,
	    (size_t)(own->frag_beg - own->query_beg)};
	size_t same = first_folder(pa), n = 0;
	struct wn_str pb, qb;
	struct wn_kin_of k = stranger;
	int same_query;

	/* Few of a page's links come from its own folder. */
	if (same <= own->path_beg)
		same = (size_t)own->path_beg + 1;
	if (own->len == 0 || len < same || memcmp(own->href, url, same) != 0)
		return k;
	while (n < len && url[n] != '?')
		n++;
	pb = (struct wn_str){url, n};
	qb = (struct wn_str){url + n, len - n};
	same_query = qa.n == qb.n && memcmp(qa.p, qb.p, qa.n) == 0;
	if (pa.n == pb.n && memcmp(pa.p, pb.p, pa.n) == 0)
		return same_query ? k : query_kin(own, qa, qb);
	if (!same_query)
		return k;
	k = path_kin(pa, pb);
	if (k.kin == WN_KIN_NONE && same_shape(pa, pb))
		k.kin = WN_KIN_SHAPE;
	return k;
}
