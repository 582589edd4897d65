/* trap.c - see trap.h: what an address looks like.
 *
 * The tables are scope.def's W and P; what a table cannot say is a function
 * here: years, repetition, growth.
 *
 * Invariants
 *  T1  The work is linear in the length of the address, but for what
 *      TRAP_SEGMENTS and TRAP_PARAMS bound.
 *  T2  Nothing is refused for a number alone: ids of columns and articles are
 *      numbers too. A year counts as one only where a month follows it and
 *      nothing but a day comes after, below a folder that says so or with all
 *      three of them, or where a parameter's name says so. */
#include "crawler/trap.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 20     /* folders */
#define REPEATS 3        /* of a run of folders, one after the other */
#define REPEATS_NUMBER 5 /* the same of a number: /10/10/10/ is a day */
#define TIMES 4          /* one folder in all, wherever it stands */
#define YEARS_AHEAD 1    /* next year's plans are news */
#define YEARS_SEEN 30    /* in a path; a calendar passes them all, an id none */
#define LONG 1024        /* bytes of path and query */
#define WORD_MAX 24

struct word {
	const char *word;
	enum reason reason;
};
struct param {
	const char *name, *values;
	enum reason reason;
};

static struct word words[] = {
#define S(s)
#define W(w, r) {w, REASON_##r},
#define P(n, v, r)
#include "crawler/scope.def"
#undef S
#undef W
#undef P
};

static struct param params[] = {
#define S(s)
#define W(w, r)
#define P(n, v, r) {n, v, REASON_##r},
#include "crawler/scope.def"
#undef S
#undef W
#undef P
};

#define N(a) (sizeof(a) / sizeof *(a))

/* ---- pieces ------------------------------------------------------------- */

static struct trap_piece
piece(const char *p, const char *e)
{
	return (struct trap_piece){p, (size_t)(e - p)};
}

static void
split_query(struct trap_url *u, const char *q)
{
	const char *e, *eq;

	for (; *q != '\0'; q = *e != '\0' ? e + 1 : e) {
		e = q + strcspn(q, "&;");
		if (e == q)
			continue;
		if (u->nparam == TRAP_PARAMS) {
			u->wide = 1;
			return;
		}
		eq = memchr(q, '=', (size_t)(e - q));
		if (eq == NULL)
			eq = e;
		u->name[u->nparam] = piece(q, eq);
		u->value[u->nparam++] = piece(eq < e ? eq + 1 : e, e);
	}
}

void
trap_split(struct trap_url *u, const char *url)
{
	const char *p = strstr(url, "://"), *e, *end;

	memset(u, 0, sizeof *u);
	p = p != NULL ? p + 3 + strcspn(p + 3, "/?#") : url + strlen(url);
	u->path = p;
	u->len = strcspn(p, "#");
	end = p + strcspn(p, "?#");
	u->is_dir = end == p || end[-1] == '/';
	for (; p < end; p = e) { /* at a '/' */
		e = memchr(p + 1, '/', (size_t)(end - p - 1));
		if (e == NULL)
			e = end;
		if (e == p + 1)
			continue;
		if (u->nseg == TRAP_SEGMENTS) {
			u->deep = 1;
			break;
		}
		u->seg[u->nseg++] = piece(p + 1, e);
	}
	if (*end == '?')
		split_query(u, end + 1);
}

static int
same(struct trap_piece a, struct trap_piece b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a piece that is nothing but digits, else -1. */
static int
number(struct trap_piece s)
{
	int v = 0;
	size_t i;

	if (s.n == 0 || s.n > 8)
		return -1;
	for (i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		v = v * 10 + s.p[i] - '0';
	}
	return v;
}

static int
found(struct trap_sight *t, enum reason reason, const char *say,
    struct trap_piece where)
{
	*t = (struct trap_sight){reason, say, where};
	return 1;
}

/* ---- tables ------------------------------------------------------------- */

static int
word_cmp(const void *a, const void *b)
{
	return strcmp(
	    ((const struct word *)a)->word, ((const struct word *)b)->word);
}

static int
param_cmp(const void *a, const void *b)
{
	return strcmp(
	    ((const struct param *)a)->name, ((const struct param *)b)->name);
}

static void
tables_sort(void)
{
	static int done;

	if (done)
		return;
	qsort(words, N(words), sizeof *words, word_cmp);
	qsort(params, N(params), sizeof *params, param_cmp);
	done = 1;
}

/* Into low, in lower case; 0: too long for any row. */
static size_t
lower(struct trap_piece s, char low[WORD_MAX])
{
	size_t i;

	if (s.n == 0 || s.n >= WORD_MAX)
		return 0;
	for (i = 0; i < s.n; i++)
		low[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20)
							: s.p[i];
	low[i] = '\0';
	return s.n;
}

static enum reason
find_word(const char *low)
{
	struct word key = {low, REASON_NONE}, *hit;

	hit = bsearch(&key, words, N(words), sizeof *words, word_cmp);
	return hit != NULL ? hit->reason : REASON_NONE;
}

/* A name without extension and the number behind it: "print_17.html". */
static struct trap_piece
bare(struct trap_piece s)
{
	size_t i;

	for (i = s.n; i > 0 && s.n - i < 7; i--)
		if (s.p[i - 1] == '.') {
			s.n = i - 1;
			break;
		}
	for (i = s.n; i > 0 && is_digit(s.p[i - 1]);)
		i--;
	while (i > 0 && i < s.n && (s.p[i - 1] == '_' || s.p[i - 1] == '-'))
		i--;
	if (i > 0)
		s.n = i;
	return s;
}

static enum reason
word_of(struct trap_piece s)
{
	char low[WORD_MAX];
	enum reason why;
	const char *mark;
	size_t n = s.n < 48 ? s.n : 48;

	if ((n = lower(bare(piece(s.p, s.p + n)), low)) == 0)
		return REASON_NONE;
	if ((why = find_word(low)) != REASON_NONE)
		return why;
	mark = memchr(low, '_', n);
	if (mark == NULL || mark == low || strchr(mark + 1, '_') != NULL)
		return REASON_NONE;
	return find_word(mark + 1);
}

static int
has_value(const char *list, struct trap_piece v)
{
	size_t n;

	if (*list == '\0')
		return v.n > 0 && !(v.n == 1 && *v.p == '0');
	for (; *list != '\0'; list += n + (list[n] == '|')) {
		n = strcspn(list, "|");
		if (n == v.n && strncasecmp(list, v.p, n) == 0)
			return 1;
	}
	return 0;
}

/* The row that a parameter fits; NULL. sorts: rows of that reason count. */
static const struct param *
param_of(struct trap_piece name, struct trap_piece value, int sorts)
{
	char low[WORD_MAX];
	struct param key = {low, NULL, REASON_NONE};
	const struct param *r;

	if (lower(name, low) == 0 || (r = bsearch(&key, params, N(params),
					  sizeof *params, param_cmp)) == NULL)
		return NULL;
	while (r > params && strcmp(r[-1].name, low) == 0)
		r--;
	for (; r < params + N(params) && strcmp(r->name, low) == 0; r++)
		if (has_value(r->values, value) &&
		    (sorts || r->reason != REASON_SORT))
			return r;
	return NULL;
}

/* ---- time --------------------------------------------------------------- */

int
trap_year(int64_t now_ms)
{
	return 1970 + (int)(now_ms / 86400000 * 400 / 146097);
}

static int
is_ahead(int y, int year)
{
	return y > year + YEARS_AHEAD && y < 10000;
}

/* 2031-05, 2031-05-17: a piece of its own. */
static int
is_ahead_piece(struct trap_piece s, int year)
{
	static const char form[] = "dddd-dd-dd";
	size_t i;

	if (s.n != 7 && s.n != 10)
		return 0;
	for (i = 0; i < s.n; i++)
		if (form[i] == 'd' ? !is_digit(s.p[i])
				   : s.p[i] != '-' && s.p[i] != '_')
			return 0;
	return is_ahead(number(piece(s.p, s.p + 4)), year);
}

/* A folder in which one expects time to go on. */
static int
is_time_folder(struct trap_piece s)
{
	static const char *const names[] = {"cal", "calendar", "event",
	    "events", "e", "archive", "archives", "date", "schedule", "agenda",
	    "diary", "termine", "day", "month"};
	size_t i;

	for (i = 0; i < N(names); i++)
		if (strlen(names[i]) == s.n &&
		    strncasecmp(names[i], s.p, s.n) == 0)
			return 1;
	return 0;
}

/* A month or a day, and nothing behind it (T2): /article/2041/2 is the second
 * page of an article. */
static int
far_path(const struct trap_url *u, int year, struct trap_sight *t)
{
	int i, n = u->nseg, y, last;

	if (n > 0 && is_ahead_piece(u->seg[n - 1], year))
		return found(
		    t, REASON_CALENDAR, "a month of a year to come", u->seg[n - 1]);
	for (i = n > 3 ? n - 3 : 0; i + 1 < n; i++) {
		y = u->seg[i].n == 4 ? number(u->seg[i]) : -1;
		last = number(u->seg[n - 1]);
		if (!is_ahead(y, year) || y > year + YEARS_SEEN ||
		    u->seg[i + 1].n > 2 || number(u->seg[i + 1]) < 1 ||
		    number(u->seg[i + 1]) > 12 || u->seg[n - 1].n > 2 ||
		    last < 1 || last > 31)
			continue;
		if (i == 0 || i + 3 == n || is_time_folder(u->seg[i - 1]))
			return found(t, REASON_CALENDAR, "a month of a year to come",
			    piece(u->seg[i].p,
				u->seg[n - 1].p + u->seg[n - 1].n));
	}
	return 0;
}

/* What a parameter of that name may hold as a time: the names of offsets and
 * pages need the marks of a date, or start=2040 would be a year. */
enum time_form { NO_TIME, MARKED, DIGITS, YEAR };

static enum time_form
time_form(struct trap_piece name)
{
	static const struct {
		const char *name;
		enum time_form form;
	} rows[] = {{"y", YEAR}, {"yy", YEAR}, {"yyyy", YEAR}, {"yr", YEAR},
	    {"year", YEAR}, {"ym", DIGITS}, {"yearmonth", DIGITS},
	    {"date", DIGITS}, {"caldate", DIGITS}, {"startdate", DIGITS},
	    {"start_date", DIGITS}, {"begindate", DIGITS},
	    {"currentdate", DIGITS}, {"selecteddate", DIGITS}, {"day", MARKED},
	    {"d", MARKED}, {"month", MARKED}, {"mon", MARKED}, {"cal", MARKED},
	    {"calendar", MARKED}, {"week", MARKED}, {"start", MARKED},
	    {"from", MARKED}, {"begin", MARKED}, {"dt", MARKED},
	    {"time", MARKED}};
	size_t i;

	for (i = 0; i < N(rows); i++)
		if (strlen(rows[i].name) == name.n &&
		    strncasecmp(rows[i].name, name.p, name.n) == 0)
			return rows[i].form;
	return NO_TIME;
}

/* -, /, ., _ or an escaped /. */
static int
is_date_mark(const char *p, size_t n)
{
	return memchr("-/._", *p, 4) != NULL ||
	       (n >= 3 && strncasecmp(p, "%2F", 3) == 0);
}

/* year=2031, date=2031-05, ym=203105. */
static int
far_param(struct trap_piece name, struct trap_piece v, int year)
{
	enum time_form form;
	int y;

	if (v.n < 4 || v.n > 24 || (form = time_form(name)) == NO_TIME)
		return 0;
	y = number(piece(v.p, v.p + 4));
	if (y < 0 || !is_ahead(y, year))
		return 0;
	if (v.n == 4)
		return form == YEAR;
	if (is_date_mark(v.p + 4, v.n - 4))
		return 1;
	return form >= DIGITS && (v.n == 6 || v.n == 8) && number(v) >= 0 &&
	       number(piece(v.p + 4, v.p + 6)) >= 1 &&
	       number(piece(v.p + 4, v.p + 6)) <= 12;
}

/* ---- paths that grow ---------------------------------------------------- */

/* Folders [i, i + k) again and again, from i on. */
static int
runs(const struct trap_url *u, int i, int k)
{
	int times = 1, j, all_numbers = 1;

	for (j = i; j < i + k; j++)
		all_numbers &= number(u->seg[j]) >= 0;
	for (j = i + k; j + k <= u->nseg; j += k) {
		int m = 0;

		while (m < k && same(u->seg[i + m], u->seg[j + m]))
			m++;
		if (m < k)
			break;
		times++;
	}
	return times >= (all_numbers ? REPEATS_NUMBER : REPEATS);
}

static int
repeats(const struct trap_url *u, struct trap_sight *t)
{
	int i, j, k, n = u->nseg, times;

	for (i = 0; i < n; i++) {
		for (k = 1; i + REPEATS * k <= n; k++)
			if (runs(u, i, k))
				return found(t, REASON_TRAP, "the path repeats",
				    piece(
					u->seg[i].p, u->seg[i + k - 1].p +
							 u->seg[i + k - 1].n));
		if (u->seg[i].n < 2 || number(u->seg[i]) >= 0)
			continue;
		for (times = 1, j = i + 1; j < n; j++)
			times += same(u->seg[i], u->seg[j]);
		if (times >= TIMES)
			return found(t, REASON_TRAP, "the path repeats", u->seg[i]);
	}
	return 0;
}

/* ---- parameters --------------------------------------------------------- */

static int
is_page_number(struct trap_piece name)
{
	static const char *const names[] = {"page", "p", "pg", "pn", "pageno",
	    "pagenum", "pageindex", "page_no", "pageid", "paged", "currentpage",
	    "curpage", "start", "offset", "from", "cur", "index", "page_num",
	    "currpage", "pagenumber", "pager.offset", "cpage", "nowpage"};
	size_t i;

	for (i = 0; i < N(names); i++)
		if (strlen(names[i]) == name.n &&
		    strncasecmp(names[i], name.p, name.n) == 0)
			return 1;
	return 0;
}

/* A value that holds an address with this parameter in it: it grows with each
 * step. */
static int
is_nested(struct trap_piece name, struct trap_piece v)
{
	size_t i;

	if (name.n == 0 || v.n < name.n + 4)
		return 0;
	for (i = 1; i + name.n + 1 <= v.n; i++)
		if (strncasecmp(v.p + i, name.p, name.n) == 0 &&
		    (v.p[i - 1] == '?' ||
			(i >= 3 &&
			    (strncasecmp(v.p + i - 3, "%3F", 3) == 0 ||
				strncasecmp(v.p + i - 3, "%26", 3) == 0))) &&
		    (v.p[i + name.n] == '=' ||
			(i + name.n + 3 <= v.n &&
			    strncasecmp(v.p + i + name.n, "%3D", 3) == 0)))
			return 1;
	return 0;
}

static int
query(const struct trap_url *u, int year, struct trap_sight *t)
{
	const struct param *r;
	struct trap_piece whole;
	int i, sorts = 1;

	for (i = 0; i < u->nparam; i++)
		sorts &= !is_page_number(u->name[i]);
	for (i = 0; i < u->nparam; i++) {
		whole = piece(u->name[i].p, u->value[i].p + u->value[i].n);
		if ((r = param_of(u->name[i], u->value[i], sorts)) != NULL)
			return found(t, r->reason,
			    "a parameter that articles do not have", whole);
		if (far_param(u->name[i], u->value[i], year))
			return found(t, REASON_CALENDAR, "a time to come", whole);
		if (is_nested(u->name[i], u->value[i]))
			return found(t, REASON_TRAP, "a parameter in itself", whole);
	}
	return 0;
}

int
trap_look(const struct trap_url *u, int year, struct trap_sight *t)
{
	struct trap_piece all = {u->path, u->len};
	enum reason why;
	int i;

	tables_sort();
	if (u->len > LONG)
		return found(t, REASON_TRAP, "an address of over a KiB",
		    piece(u->path, u->path + 64));
	if (u->deep || u->nseg > DEPTH_MAX)
		return found(t, REASON_TRAP, "more than 20 folders", all);
	if (u->wide)
		return found(t, REASON_TRAP, "more than 16 parameters", all);
	if (memmem(u->path, u->len, "%00", 3) != NULL)
		return found(t, REASON_TRAP, "a NUL in the address", all);
	for (i = 0; i < u->nseg; i++) {
		if ((why = word_of(u->seg[i])) == REASON_NONE)
			continue;
		/* The page about the calendar, before its months. */
		if (why == REASON_CALENDAR && i == u->nseg - 1 &&
		    u->nparam == 0)
			continue;
		return found(t, why, "a word that paths of articles do not have", u->seg[i]);
	}
	return repeats(u, t) || far_path(u, year, t) || query(u, year, t);
}
