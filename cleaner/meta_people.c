/* meta_people.c - authors, editors and the source, out of what was said.
 *
 * Chinese values come as 记者 张三 通讯员 李四, as a name behind a title
 * (局长陈红霞), or as a company; Western ones with By, and, commas and links.
 *
 * Invariants
 *  MP1  A name is at most NAME_BYTES long and no word of `nobody`. */
#include "cleaner/meta.h"

#include <string.h>

#include "cleaner/normalise.h"
#include "cleaner/utf8.h"

enum {
	NAME_BYTES = 90,
	NAMES = 20,
	WEAK = 45, /* commenters stand in such elements too: the first counts */
	NAMED_BESIDE = 1, /* of the site's name: it was met, it is taken */
	TAKEN = 2,
	BESIDE = 12 /* nodes from one author's element to the next one's */
};

struct wn_str
wn_trim(struct wn_str s)
{
	static const char *const blanks[] = {"\xE3\x80\x80", "\xC2\xA0",
	    "\xE2\x80\x83", "\xE2\x80\x82", "\xEF\xBB\xBF"};
	int more = 1;

	while (more && s.n > 0) {
		more = 0;
		if ((uint8_t)*s.p <= ' ') {
			s.p++;
			s.n--;
			more = 1;
		} else if ((uint8_t)s.p[s.n - 1] <= ' ') {
			s.n--;
			more = 1;
		}
		for (size_t i = 0; i < 5; i++) {
			size_t k = strlen(blanks[i]);

			if (s.n >= k && memcmp(s.p, blanks[i], k) == 0) {
				s.p += k;
				s.n -= k;
				more = 1;
			} else if (s.n >= k &&
				   memcmp(s.p + s.n - k, blanks[i], k) == 0) {
				s.n -= k;
				more = 1;
			}
		}
	}
	return s;
}

int
wn_list_add(struct wn_doc *d, struct winnow_list *l, struct wn_str s)
{
	const char **v;
	char *copy;

	for (size_t i = 0; i < l->n; i++)
		if (strlen(l->v[i]) == s.n && memcmp(l->v[i], s.p, s.n) == 0)
			return 0;
	if (l->n == NAMES)
		return 0;
	copy = wn_strndup(d->arena, s.p, s.n);
	v = wn_grow(d->arena, l->v, l->n * sizeof(*v), (l->n + 1) * sizeof(*v));
	if (copy == NULL || v == NULL)
		return WINNOW_ENOMEM;
	v[l->n] = copy;
	l->v = v;
	l->n++;
	return 0;
}

/* ---- names ------------------------------------------------------------- */

static const char *const nobody[] = {
#define NOBODY(w) w,
#include "cleaner/meta_people.def"
};

static const char *const roles[] = {
#define ROLE(w) w,
#include "cleaner/meta_people.def"
};

static const char *const jobs[] = {
#define JOB(w) w,
#include "cleaner/meta_people.def"
};

static const char *const titles[] = {
#define POST(w) w,
#include "cleaner/meta_people.def"
};

static struct wn_str
without_roles(struct wn_str s)
{
	int more = 1;

	while (more) {
		more = 0;
		s = wn_trim(s);
		for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
			size_t n = strlen(roles[i]);

			if (s.n >= n && memcmp(s.p, roles[i], n) == 0) {
				s.p += n;
				s.n -= n;
				more = 1;
			}
		}
	}
	return s;
}

static size_t
han_count(struct wn_str s, size_t *others)
{
	size_t han = 0;

	*others = 0;
	for (size_t i = 0; i < s.n;) {
		unsigned k;

		if (wn_is_han(wn_utf8_get(s.p + i, &k)))
			han++;
		else
			(*others)++;
		i += k;
	}
	return han;
}

/* A long Han value that ends in a title and a name of two or three
 * characters: the name. */
static struct wn_str
name_behind_title(struct wn_str s)
{
	size_t others, han = han_count(s, &others);
	size_t best = 0;

	if (han <= 4 || others > han)
		return s;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		size_t n = strlen(titles[i]);

		for (size_t tail = 6; tail <= 9; tail += 3)
			if (s.n >= tail + n && best == 0 &&
			    memcmp(s.p + s.n - tail - n, titles[i], n) == 0)
				best = tail;
	}
	if (best == 0)
		return s;
	return (struct wn_str){s.p + s.n - best, best};
}

/* A post without a name: 局党总支书记. */
static int
is_post(struct wn_str s)
{
	for (size_t i = 0; s.n > 12 && i < sizeof(titles) / sizeof(titles[0]);
	     i++) {
		size_t n = strlen(titles[i]);

		if (memcmp(s.p + s.n - n, titles[i], n) == 0)
			return 1;
	}
	return 0;
}

static int
is_nobody(struct wn_str s)
{
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (strlen(nobody[i]) == s.n &&
		    strncasecmp(nobody[i], s.p, s.n) == 0)
			return 1;
	return 0;
}

/* MP1, and nothing that is an address, a number or a sentence. */
static int
is_name(struct wn_str s)
{
	static const char *const marks[] = {
	    "。", "，", "：", "“", "”", "《", "》", "？", "！", "；", "、"};
	size_t others, han = han_count(s, &others), digits = 0, spaces = 0;

	if (s.n < 2 || s.n > NAME_BYTES || is_nobody(s))
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		digits += s.p[i] >= '0' && s.p[i] <= '9';
		spaces += s.p[i] == ' ';
		if (strchr("@{}<>=\"?!*#_+", s.p[i]) != NULL)
			return 0;
	}
	if (memmem(s.p, s.n, "://", 3) != NULL || memmem(s.p, s.n, "www.", 4))
		return 0;
	/* mdr.de, and "Artikel von:" */
	if (han == 0 && spaces == 0 && s.n > 4 &&
	    (s.p[s.n - 3] == '.' || s.p[s.n - 4] == '.'))
		return 0;
	if (s.p[s.n - 1] == ':' || (s.p[0] >= '0' && s.p[0] <= '9'))
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(s.p, s.n, marks[i], 3) != NULL)
			return 0;
	/* Hasenohr81 is one, January 10 is none */
	if (spaces > 4 || digits * 2 > s.n ||
	    (han == 0 && spaces > 0 && digits > 0) ||
	    (memcmp(s.p, "星期", s.n < 6 ? s.n : 6) == 0))
		return 0;
	/* 总篇数919篇 is a counter */
	for (size_t i = 1; han > 0 && i + 1 < s.n; i++)
		if ((uint8_t)s.p[i - 1] >= 0x80 && s.p[i] >= '0' &&
		    s.p[i] <= '9') {
			while (i + 1 < s.n && s.p[i] >= '0' && s.p[i] <= '9')
				i++;
			if ((uint8_t)s.p[i] >= 0xE4)
				return 0;
		}
	return han == 0 ? others >= 2
			: han >= 2 && (han <= 6 || others > 0) && han <= 12;
}

/* Behind a name: Jane Doe, Chefredakteurin. */
static int
is_job(struct wn_str s)
{
	char low[NAME_BYTES + 1];
	size_t n = 0;

	for (; n < s.n && n < NAME_BYTES; n++)
		low[n] = s.p[n] >= 'A' && s.p[n] <= 'Z' ? (char)(s.p[n] | 32)
							: s.p[n];
	low[n] = '\0';
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (strstr(low, jobs[i]) != NULL)
			return 1;
	return 0;
}

/* Length of what separates two names at byte i, 0: nothing. A space does so
 * between Han names only. */
static size_t
name_separator(struct wn_str s, size_t i)
{
	static const char *const seps[] = {"、", "，", "；", "　", "∕", " and ",
	    " & ", " und ", " et ", " y ", " | ", "|", "/", ";", "\t", "\n",
	    ","};
	unsigned l;

	for (size_t k = 0; k < sizeof(seps) / sizeof(seps[0]); k++) {
		size_t n = strlen(seps[k]);

		if (s.n - i >= n && memcmp(s.p + i, seps[k], n) == 0)
			return n;
	}
	return s.p[i] == ' ' && (wn_is_han(wn_char_before(s, i, &l)) ||
				    wn_is_han(wn_char_at(s, i + 1, &l)));
}

/* 张 三: two single characters with blanks between are one name. */
static struct wn_str
joined(struct wn_doc *d, struct wn_str s)
{
	struct wn_str rest = {s.p + 3, s.n - 3};
	char *p;
	unsigned l;

	if (s.n < 7 || s.n > 12 || !wn_is_han(wn_char_at(s, 0, &l)))
		return s;
	rest = wn_trim(rest);
	if (rest.n == 3 && wn_is_han(wn_char_at(rest, 0, &l)) &&
	    (p = wn_alloc(d->arena, 6)) != NULL) {
		memcpy(p, s.p, 3);
		memcpy(p + 3, rest.p, 3);
		return (struct wn_str){p, 6};
	}
	return s;
}

/* 云南网, 光明日报社: a house, not a person. */
static int
is_house(struct wn_str s)
{
	static const char *const ends[] = {
#define HOUSE(w) w,
#include "cleaner/meta_people.def"
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (s.n > 6 && memcmp(s.p + s.n - n, ends[i], n) == 0)
			return 1;
	}
	return 0;
}

/* "Posted on September 21, 2020 by Jane Doe | News": the name. What stands
 * before is about a date, not a name with von in it. */
static struct wn_str
behind_by(struct wn_str s)
{
	static const char *const words[] = {
	    "by ", "von ", "par ", "por ", "door ", "przez "};
	int digits = 0;

	for (size_t i = 1; i + 4 < s.n; i++) {
		digits |= s.p[i - 1] >= '0' && s.p[i - 1] <= '9';
		if ((uint8_t)s.p[i - 1] > ' ')
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			size_t n = strlen(words[k]);

			if (i + n < s.n && memcmp(s.p + i, words[k], n) == 0 &&
			    (digits || (k == 0 && i > 4)))
				return (struct wn_str){
				    s.p + i + n, s.n - i - n};
		}
	}
	return s;
}

/* Marks that divide the parts of a byline: the name is the first part. */
static struct wn_str
before_part(struct wn_str s)
{
	static const char *const marks[] = {" · ", " ·", " • ", " ∙ ", " | "};

	for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++) {
		const char *p = memmem(s.p, s.n, marks[k], strlen(marks[k]));

		if (p != NULL && p > s.p)
			s.n = (size_t)(p - s.p);
	}
	return s;
}

static const char *const buttons[] = {
#define BUTTON(w) w,
#include "cleaner/meta_people.def"
};

/* 张三 关注, 某网 举报: a control of the page stands behind the value. In a
 * name it may be glued to it; a source (中国评论) needs the space. */
static struct wn_str
before_button(struct wn_str s, int glued)
{
	for (size_t i = glued ? 0 : 1; i + 6 <= s.n; i++) {
		if ((uint8_t)s.p[i] < 0xE4 || (uint8_t)s.p[i] > 0xE9 ||
		    (!glued && s.p[i - 1] != ' '))
			continue;
		for (size_t k = 0; k < sizeof(buttons) / sizeof(buttons[0]);
		     k++) {
			size_t n = strlen(buttons[k]);

			if (s.n - i >= n && memcmp(s.p + i, buttons[k], n) == 0)
				return wn_trim((struct wn_str){s.p, i});
		}
	}
	return s;
}

/* A bracket that closes nothing ends the value: 刘斌] */
static struct wn_str
before_odd_bracket(struct wn_str s)
{
	static const char *const ends[] = {"]", ")", "）", "】", "〉", "》"};
	static const char *const begs[] = {"[", "(", "（", "【", "〈", "《"};

	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
		size_t n = strlen(ends[k]);

		if (s.n > n && memcmp(s.p + s.n - n, ends[k], n) == 0 &&
		    memmem(s.p, s.n, begs[k], n) == NULL)
			s.n -= n;
	}
	return wn_trim(s);
}

/* What follows a name in brackets or after a dash is no name. */
static struct wn_str
before_bracket(struct wn_str s)
{
	s = before_button(s, 1);
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] == '(' || s.p[i] == '[' || s.p[i] == '<' ||
		    (s.n - i > 1 && memcmp(s.p + i, " -", 2) == 0) ||
		    (s.n - i > 3 && memcmp(s.p + i, " am ", 4) == 0) ||
		    (s.n - i > 2 && (memcmp(s.p + i, "（", 3) == 0 ||
					memcmp(s.p + i, "【", 3) == 0)))
			s.n = i;
	return before_odd_bracket(wn_trim(s));
}

/* No-break spaces as plain ones. */
static struct wn_str
plain_spaces(struct wn_doc *d, struct wn_str s)
{
	char *p;
	size_t n = 0;

	if (memmem(s.p, s.n, "\xC2\xA0", 2) == NULL ||
	    (p = wn_strndup(d->arena, s.p, s.n)) == NULL)
		return s;
	for (size_t i = 0; i < s.n; i++)
		if (s.n - i > 1 && memcmp(s.p + i, "\xC2\xA0", 2) == 0) {
			p[n++] = ' ';
			i++;
		} else {
			p[n++] = s.p[i];
		}
	return (struct wn_str){p, n};
}

/* 图, 摄, 摄影: whoever stands beside it took the pictures. */
static int
is_picture(struct wn_str s)
{
	return s.n >= 3 &&
	       (memcmp(s.p, "图", 3) == 0 || memcmp(s.p, "摄", 3) == 0) &&
	       (s.n == 3 || s.p[3] == ' ' || (s.n == 6 && s.p[0] != ' '));
}

int
wn_add_names(struct wn_doc *d, struct winnow_list *l, struct wn_str s)
{
	size_t beg = 0, k = 0;
	int rc;

	if (memmem(s.p, s.n, "://", 3) != NULL)
		return 0;
	s = plain_spaces(d, s);
	s = joined(d, without_roles(before_part(behind_by(wn_trim(s)))));
	for (size_t i = 0; i <= s.n;) {
		struct wn_str one;

		if (i < s.n && (k = name_separator(s, i)) == 0) {
			i++;
			continue;
		}
		one = wn_trim((struct wn_str){s.p + beg, i - beg});
		/* 马力/文 谢婷/图, 文/贾楠 图/岳川: no writer took a picture */
		if (i < s.n && s.p[i] == '/' && is_picture(one)) {
			i++;
			while (i < s.n && name_separator(s, i) == 0)
				i++;
			beg = i;
			continue;
		}
		if (i < s.n && s.p[i] == '/' &&
		    is_picture((struct wn_str){s.p + i + 1, s.n - i - 1}))
			one.n = 0;
		one = name_behind_title(before_bracket(without_roles(one)));
		/* 感谢董文娜提供帮助 */
		if (one.n > 6 && memcmp(one.p, "感谢", 6) == 0)
			break;
		if (beg > 0 && is_job(one))
			break;
		if (is_name(one) && !is_post(one) && !is_house(one) &&
		    (rc = wn_list_add(d, l, one)) != 0)
			return rc;
		if (i == s.n)
			break;
		i = beg = i + k;
	}
	return 0;
}

/* ---- the choice -------------------------------------------------------- */

/* 网易 on 网易新闻, 新浪科技 on 新浪网: the site signs with its own name.
 * 周思博的博客 is a person's. */
static int
is_site(const struct wn_doc *d, struct wn_str name)
{
	const char *site = d->pub.sitename;
	size_t others, han = han_count(name, &others);

	if (site == NULL || han < 2 || others > 0)
		return 0;
	if (strlen(site) > name.n && memcmp(site, name.p, name.n) == 0)
		return memcmp(site + name.n, "的", 3) != 0 &&
		       memcmp(site + name.n, "の", 3) != 0;
	return strlen(site) == 9 && memcmp(site, name.p, 6) == 0 &&
	       memcmp(site + 6, "网", 3) == 0;
}

/* National Geographic on National Geographic: what the site calls itself
 * names its author only where nobody else is named. */
static int
is_house_name(const struct wn_meta *m, const struct wn_said *s)
{
	const struct wn_said *site = wn_said_best(m, WN_F_SITENAME);
	char a[2 * NAME_BYTES], b[2 * NAME_BYTES];
	const char *dash = memmem(s->s.p, s->s.n, " - ", 3);
	struct wn_str name = s->s;

	if (dash != NULL)
		name.n = (size_t)(dash - name.p);
	if (name.n > NAME_BYTES || wn_skeleton(name, a, sizeof(a)) == 0)
		return 0;
	if (site != NULL && wn_skeleton(site->s, b, sizeof(b)) > 0 &&
	    strcmp(a, b) == 0)
		return 1;
	return wn_names_host(m, name);
}

/* 文化和旅游局 in a tag: who put the page there. Behind 作者： it is meant. */
static int
is_office(const struct wn_said *s)
{
	static const char *const ends[] = {
#define OFFICE(w) w,
#include "cleaner/meta_people.def"
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (s->by != WN_BY_TEXT && s->s.n > 6 && s->s.n >= n &&
		    memcmp(s->s.p + s->s.n - n, ends[i], n) == 0)
			return 1;
	}
	return 0;
}

/* May a statement join those of its weight? In what stands for each post of a
 * list (class=author) only the first names count, and those beside them. */
static int
joins(const struct wn_meta *m, const struct wn_said *s, uint32_t last)
{
	return s->weight > WEAK || m->d->pub.authors.n == 0 ||
	       (s->node != 0 && s->node > last && s->node - last < BESIDE);
}

/* Is it below the lines that belong to the title: a comment's, a teaser's? */
static int
is_below(const struct wn_meta *m, const struct wn_said *s)
{
	return s->node != 0 && m->title_block != 0 &&
	       m->near_end < m->d->nblocks &&
	       s->node >= m->d->blocks[m->near_end].node;
}

/* All statements of one weight: one element may name each author apart. */
static int
add_authors(struct wn_meta *m, uint8_t weight, int *houses, uint8_t *least)
{
	struct wn_doc *d = m->d;
	uint32_t last = 0;

	for (size_t i = 0; i < m->n && weight > *least; i++) {
		const struct wn_said *s = &m->said[i];
		size_t before = d->pub.authors.n;
		int rc;

		if (s->field != WN_F_AUTHOR || s->weight != weight ||
		    !joins(m, s, last) || is_office(s))
			continue;
		if (m->chinese && is_site(d, s->s)) {
			*least = WEAK + 1;
			continue;
		}
		/* against the site's own name only a byline counts */
		if (!m->chinese && *houses == NAMED_BESIDE && is_below(m, s) &&
		    s->weight != WN_REL_AUTHOR)
			continue;
		if (!m->chinese && *houses != TAKEN && is_house_name(m, s)) {
			*houses = NAMED_BESIDE;
			continue;
		}
		if ((rc = wn_add_names(d, &d->pub.authors, s->s)) != 0)
			return rc;
		if (d->pub.authors.n > before) {
			wn_credit_said(m, s);
			last = s->node;
		}
	}
	return 0;
}

/* The weightiest sayer that gives a name; the site itself last. */
static int
choose_authors(struct wn_meta *m)
{
	static const int passes[] = {0, TAKEN};
	uint8_t least = 0;
	int rc;

	for (size_t pass = 0; pass < 2; pass++) {
		int houses = passes[pass];

		for (uint8_t floor = 255; floor > least;) {
			uint8_t top = 0;

			for (size_t i = 0; i < m->n; i++)
				if (m->said[i].field == WN_F_AUTHOR &&
				    m->said[i].weight < floor &&
				    m->said[i].weight > top)
					top = m->said[i].weight;
			if (top == 0)
				break;
			if ((rc = add_authors(m, top, &houses, &least)) != 0 ||
			    m->d->pub.authors.n > 0)
				return rc;
			floor = top;
		}
	}
	return 0;
}

static int
choose_editors(struct wn_meta *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct wn_said *s = &m->said[i];
		size_t before = m->d->pub.editors.n;
		int rc;

		if (s->field != WN_F_EDITOR)
			continue;
		if ((rc = wn_add_names(m->d, &m->d->pub.editors, s->s)) != 0)
			return rc;
		if (before == 0 && m->d->pub.editors.n > 0)
			wn_credit_said(m, s);
	}
	return 0;
}

/* 人民日报2024-05-13 08:49: a date behind the name. */
static struct wn_str
before_date(struct wn_str s)
{
	for (size_t i = 6; i + 8 <= s.n; i++)
		if ((memcmp(s.p + i, "20", 2) == 0 ||
			memcmp(s.p + i, "19", 2) == 0) &&
		    (s.p[i + 4] == '-' || s.p[i + 4] == '/' ||
			s.p[i + 4] == '.' || memcmp(s.p + i + 4, "年", 3) == 0))
			return wn_trim((struct wn_str){s.p, i});
	return s;
}

/* The name alone: no label before it, no button, label or date behind it. */
static struct wn_str
bare_source(const struct wn_doc *d, struct wn_str s)
{
	static const char *const labels[] = {
	    "来源：", "来源:", "來源：", "來源:", "来源 ", "文章来源"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		size_t n = strlen(labels[i]);

		if (s.n > n && memcmp(s.p, labels[i], n) == 0)
			s = wn_trim((struct wn_str){s.p + n, s.n - n});
	}
	s = before_odd_bracket(before_date(before_button(without_roles(s), 0)));
	if (d->pub.title != NULL && strlen(d->pub.title) == s.n &&
	    memcmp(d->pub.title, s.p, s.n) == 0)
		s.n = 0;
	return s;
}

/* A source may be a link text with quotes or a trailing label. */
static int
is_source(struct wn_str s)
{
	return s.n >= 3 && s.n <= 120 && !is_nobody(s) &&
	       memchr(s.p, '=', s.n) == NULL &&
	       memmem(s.p, s.n, "://", 3) == NULL;
}

static void
choose_source(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_said *best = NULL;

	for (size_t i = 0; i < m->n; i++)
		if (m->said[i].field == WN_F_SOURCE &&
		    is_source(m->said[i].s) &&
		    (best == NULL || m->said[i].weight > best->weight))
			best = &m->said[i];
	if (best != NULL) {
		struct wn_str s = bare_source(d, best->s);

		if (s.n == 0)
			return;
		d->pub.source_name = wn_strndup(d->arena, s.p, s.n);
		wn_credit_said(m, best);
	} else if (m->newspaper) {
		d->pub.source_name = d->pub.sitename;
		m->origin[WN_F_SOURCE] = m->origin[WN_F_SITENAME];
	}
}

int
wn_meta_people(struct wn_meta *m)
{
	int rc = choose_authors(m);

	if (rc == 0)
		rc = choose_editors(m);
	choose_source(m);
	return rc;
}
