/* meta_tags.c - statements in elements made for machines: title, meta, link,
 * microdata, time, rel, and the names that sites give to the element that
 * shows the author or the date.
 *
 * One pass over the nodes; most have no attribute of interest. */
#include "cleaner/meta.h"

#include <string.h>
#include <strings.h>

#define NONE WN_F_NONE
#define TITLE WN_F_TITLE
#define DESCRIPTION WN_F_DESCRIPTION
#define AUTHOR WN_F_AUTHOR
#define SOURCE WN_F_SOURCE
#define SITENAME WN_F_SITENAME
#define SECTION WN_F_SECTION
#define TAGS WN_F_TAGS
#define IMAGE WN_F_IMAGE
#define LICENSE WN_F_LICENSE
#define PUBLISHED WN_F_PUBLISHED
#define MODIFIED WN_F_MODIFIED

static const struct {
	const char *name;
	uint8_t field, weight;
} names[] = {
#define M(name, field, weight) {name, field, weight},
#include "cleaner/meta_names.def"
#undef M
};

enum { NAME_MAX_LEN = 40, DATE_TEXT_MAX = 160 };

static struct wn_str
str(const char *s)
{
	return (struct wn_str){s, strlen(s)};
}

/* Row of a name, case and - and _ alike as written; -1: none. */
static int
find_name(const char *s)
{
	char low[NAME_MAX_LEN + 1];
	size_t lo = 0, hi = sizeof(names) / sizeof(names[0]), n = strlen(s);

	if (n > NAME_MAX_LEN)
		return -1;
	for (size_t i = 0; i <= n; i++)
		low[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 32) : s[i];
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(names[mid].name, low);

		if (c == 0)
			return (int)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

static void
meta_element(struct wn_meta *m, uint32_t i)
{
	static const uint16_t keys[] = {WN_ATTR_PROPERTY, WN_ATTR_NAME,
	    WN_ATTR_ITEMPROP, WN_ATTR_HTTP_EQUIV};
	const struct wn_tree *t = m->d->tree;
	const char *value = wn_attr(t, i, WN_ATTR_CONTENT);

	if (value == NULL)
		value = wn_attr(t, i, WN_ATTR_DATETIME);
	if (value == NULL)
		return;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const char *key = wn_attr(t, i, keys[k]);
		int row = key != NULL ? find_name(key) : -1;

		if (row >= 0) {
			wn_say(m, names[row].field, WN_BY_META,
			    names[row].weight, str(value), i, names[row].name);
			return;
		}
	}
}

static int
has_word(const char *v, const char *word)
{
	size_t n = strlen(word), k;

	for (;; v += k + 1) {
		k = strcspn(v, " ");
		if (k == n && strncasecmp(v, word, n) == 0)
			return 1;
		if (v[k] == '\0')
			return 0;
	}
}

/* A link to what someone wrote: /author/jane, ?author=102. */
static int
names_author(const struct wn_attr *a)
{
	const char *p = a->len > 8 && a->len < 200
			    ? memmem(a->value, a->len, "author", 6)
			    : NULL;

	return p != NULL && p > a->value &&
	       ((p[-1] == '/' && p[6] == '/' && p[7] != '\0') ||
		   ((p[-1] == '?' || p[-1] == '&') && p[6] == '='));
}

static void
link_element(struct wn_meta *m, uint32_t i, const char *rel)
{
	const struct wn_tree *t = m->d->tree;
	const char *href = wn_attr(t, i, WN_ATTR_HREF);

	if (has_word(rel, "license") && href != NULL)
		wn_say(m, LICENSE, WN_BY_META, 70, str(href), i, "rel=license");
	else if (has_word(rel, "image_src") && href != NULL)
		wn_say(m, IMAGE, WN_BY_META, 40, str(href), i, "rel=image_src");
	else if (t->nodes[i].tag == WN_TAG_A && has_word(rel, "author"))
		wn_say(m, AUTHOR, WN_BY_META, WN_REL_AUTHOR, wn_text(t, i), i,
		    "rel=author");
	else if (t->nodes[i].tag == WN_TAG_A && has_word(rel, "tag"))
		wn_say(m, TAGS, WN_BY_META, 45, wn_text(t, i), i, "rel=tag");
}

/* ---- elements a reader sees -------------------------------------------- */

/* Words in class or id that name what the element shows. The first that is
 * found decides; a word of `not` in the same name takes it back. */
static const struct {
	const char *word;
	uint8_t field, weight;
} shown[] = {
    {"pubtime_baidu", PUBLISHED, 75},
    {"source_baidu", SOURCE, 75},
    {"author_baidu", AUTHOR, 75},
    {"editor_baidu", WN_F_EDITOR, 75},
    {"publish_time", PUBLISHED, 60},
    {"publish-time", PUBLISHED, 60},
    {"publishtime", PUBLISHED, 60},
    {"publishdate", PUBLISHED, 60},
    {"publish-date", PUBLISHED, 60},
    {"publish_date", PUBLISHED, 60},
    {"pubtime", PUBLISHED, 60},
    {"pubdate", PUBLISHED, 60},
    {"pub-time", PUBLISHED, 60},
    {"pub_date", PUBLISHED, 60},
    {"date-published", PUBLISHED, 60},
    {"entry-date", PUBLISHED, 55},
    {"post-date", PUBLISHED, 50},
    {"postdate", PUBLISHED, 50},
    {"article-date", PUBLISHED, 55},
    {"article-time", PUBLISHED, 55},
    {"article_date", PUBLISHED, 55},
    {"published", PUBLISHED, 50},
    {"updated", MODIFIED, 45},
    {"author-name", AUTHOR, 45},
    {"author_name", AUTHOR, 45},
    {"byline", AUTHOR, 35},
    {"author", AUTHOR, 30},
    {"date", PUBLISHED, 30},
    {"time", PUBLISHED, 25},
};
static const char *const not_shown[] = {"related", "comment", "list", "sidebar",
    "footer", "avatar", "bio", "social", "box", "more", "follow", "teaser",
    "sponsor", "attribution"};

static int
in_furniture(const char *v)
{
	for (size_t k = 0; k < sizeof(not_shown) / sizeof(not_shown[0]); k++)
		if (strstr(v, not_shown[k]) != NULL)
			return 1;
	return 0;
}

/* Could a row of `shown` be in it? Nearly every name leaves here. */
static int
may_name(const char *v)
{
	for (; *v != '\0'; v++) {
		const char *rest;

		switch (*v | 32) {
		case 'p':
			rest = "ub";
			break;
		case 's':
			rest = "ou";
			break;
		case 'd':
			rest = "at";
			break;
		case 't':
			rest = "im";
			break;
		case 'a':
			rest = "ut";
			break;
		case 'b':
			rest = "yl";
			break;
		case 'u':
			rest = "pd";
			break;
		case 'e':
			rest = "di";
			break;
		default:
			continue;
		}
		if ((v[1] | 32) == rest[0] && (v[2] | 32) == rest[1])
			return 1;
	}
	return 0;
}

/* The texts under a node with a space between them: a tile that shows day
 * and month in elements of their own. */
static struct wn_str
spaced_text(struct wn_meta *m, uint32_t i)
{
	const struct wn_tree *t = m->d->tree;
	struct wn_buf b;

	wn_buf_init(&b, m->d->arena);
	for (uint32_t k = i + 1; k < t->nodes[i].end; k++)
		if (t->nodes[k].tag == WN_TAG_TEXT) {
			struct wn_str s = wn_trim(wn_text(t, k));

			if (b.len > 0 && s.n > 0)
				wn_buf_putc(&b, ' ');
			wn_buf_put(&b, s.p, s.n);
		}
	return (struct wn_str){b.b != NULL ? b.b : "", b.len};
}

/* A short text in an element whose class or id names its role. */
static void
shown_element(struct wn_meta *m, uint32_t i, const char *v)
{
	const struct wn_tree *t = m->d->tree;
	struct wn_str text;
	const char *title;
	char low[128];
	size_t n = 0;

	for (; v[n] != '\0' && n < sizeof(low) - 1; n++)
		low[n] = v[n] >= 'A' && v[n] <= 'Z' ? (char)(v[n] | 32) : v[n];
	low[n] = '\0';
	for (size_t k = 0; k < sizeof(shown) / sizeof(shown[0]); k++) {
		int date =
		    shown[k].field == PUBLISHED || shown[k].field == MODIFIED;

		if (strstr(low, shown[k].word) == NULL)
			continue;
		if (in_furniture(low))
			return;
		text = wn_trim(wn_text(t, i));
		if (date && (title = wn_attr(t, i, WN_ATTR_TITLE)) != NULL &&
		    *title >= '0' && *title <= '9')
			text = str(title);
		else if (date && (title = wn_attr(t, i, WN_ATTR_VALUE)) != NULL)
			text = str(title);
		else if (date && text.n <= 40)
			text = spaced_text(m, i);
		if (text.n <= DATE_TEXT_MAX)
			wn_say(m, shown[k].field, WN_BY_TEXT, shown[k].weight,
			    text, i, shown[k].word);
		return;
	}
}

static void
time_element(struct wn_meta *m, uint32_t i)
{
	const struct wn_tree *t = m->d->tree;
	const char *v = wn_attr(t, i, WN_ATTR_DATETIME);
	const char *prop = wn_attr(t, i, WN_ATTR_ITEMPROP);
	const char *class = wn_attr(t, i, WN_ATTR_CLASS);
	struct wn_str text = v != NULL && *v ? str(v) : wn_trim(wn_text(t, i));
	int weight = 40;
	enum wn_field f = PUBLISHED;

	if (text.n > DATE_TEXT_MAX)
		return;
	if (class != NULL && strcasestr(class, "updated") != NULL &&
	    strcasestr(class, "published") == NULL) {
		f = MODIFIED;
	} else if (class != NULL && (strcasestr(class, "publish") != NULL ||
					strcasestr(class, "entry") != NULL)) {
		weight = 60;
	}
	if (prop != NULL && strcasestr(prop, "datePublished") != NULL)
		weight = 70;
	else if (prop != NULL && strcasestr(prop, "dateModified") != NULL)
		f = MODIFIED;
	wn_say(m, f, WN_BY_TIME, weight, text, i, "time element");
}

/* itemprop on anything but meta and time. */
static void
microdata(struct wn_meta *m, uint32_t i, const char *prop)
{
	const struct wn_tree *t = m->d->tree;
	int row = find_name(prop);
	const char *v = wn_attr(t, i, WN_ATTR_CONTENT);
	struct wn_str text = v != NULL ? str(v) : wn_trim(wn_text(t, i));

	/* the name inside the author's element, without its picture and
	 * biography */
	if (strcasecmp(prop, "author") == 0 && v == NULL)
		for (uint32_t k = i + 1; k < t->nodes[i].end; k++) {
			const char *in = wn_attr(t, k, WN_ATTR_ITEMPROP);

			if (in != NULL && strcasecmp(in, "name") == 0) {
				v = wn_attr(t, k, WN_ATTR_CONTENT);
				text = v ? str(v) : wn_trim(wn_text(t, k));
				break;
			}
		}
	if (strcasecmp(prop, "headline") == 0)
		wn_say(m, TITLE, WN_BY_META, 65, text, i, "headline");
	else if (row >= 0 && text.n <= 300 &&
		 (names[row].field == AUTHOR || names[row].field == PUBLISHED ||
		     names[row].field == MODIFIED))
		wn_say(m, names[row].field, WN_BY_META,
		    names[row].field == AUTHOR ? 44 : names[row].weight - 5,
		    text, i, names[row].name);
}

static void
title_element(struct wn_meta *m, uint32_t i)
{
	struct wn_doc *d = m->d;
	struct wn_str s = wn_trim(wn_text(d->tree, i));

	if (d->title_tag == NULL && s.n > 0)
		d->title_tag = wn_strndup(d->arena, s.p, s.n);
}

static void
input_element(struct wn_meta *m, uint32_t i)
{
	const struct wn_tree *t = m->d->tree;
	const char *v = wn_attr(t, i, WN_ATTR_VALUE);
	const char *id = wn_attr(t, i, WN_ATTR_ID);
	int row;

	if (id == NULL)
		id = wn_attr(t, i, WN_ATTR_NAME);
	if (v == NULL || id == NULL || (row = find_name(id)) < 0)
		return;
	if (names[row].field == PUBLISHED)
		wn_say(m, PUBLISHED, WN_BY_META, WN_FORM_WEIGHT, str(v), i,
		    names[row].name);
}

void
wn_meta_tags(struct wn_meta *m)
{
	const struct wn_tree *t = m->d->tree;

	for (uint32_t i = 1; i < t->n; i++) {
		const struct wn_node *o = &t->nodes[i];

		if (o->tag == WN_TAG_TITLE)
			title_element(m, i);
		if (o->tag == WN_TAG_TIME)
			time_element(m, i);
		if (o->nattr == 0 || o->tag == WN_TAG_TIME)
			continue;
		if (o->tag == WN_TAG_META) {
			meta_element(m, i);
			continue;
		}
		if (o->tag == WN_TAG_INPUT) {
			input_element(m, i);
			continue;
		}
		for (uint32_t k = o->attr; k < o->attr + o->nattr; k++) {
			const struct wn_attr *a = &t->attrs[k];

			if (a->name == WN_ATTR_REL)
				link_element(m, i, a->value);
			else if (a->name == WN_ATTR_HREF &&
				 o->tag == WN_TAG_A && names_author(a))
				wn_say(m, AUTHOR, WN_BY_META, 29, wn_text(t, i),
				    i, "link to an author");
			else if (a->name == WN_ATTR_ITEMPROP)
				microdata(m, i, a->value);
			else if ((a->name == WN_ATTR_CLASS ||
				     a->name == WN_ATTR_ID) &&
				 a->len < 120 && o->tend - o->tbeg <= 400 &&
				 may_name(a->value))
				shown_element(m, i, a->value);
		}
	}
}
