/* meta_jsonld.c - statements in JSON-LD.
 *
 * Objects are walked to a small depth, whatever their @type: the keys are
 * telling enough (a headline, a datePublished), and sites nest them in every
 * way. Where the JSON is broken the two dates are searched for as text. */
#include "cleaner/meta.h"

#include <string.h>
#include <strings.h>

enum { DEPTH = 7, SIZE_MAX_BYTES = 1 << 20, VALUES_MAX = 4000 };

enum what { OTHER, ARTICLE, PERSON, PUBLISHER, IMAGE, CRUMBS, SITE };

struct walk {
	struct wn_meta *m;
	int depth;
	int budget; /* values that may still be looked at */
};

static const struct {
	const char *key;
	uint8_t field, weight;
} keys[] = {{"headline", WN_F_TITLE, 75}, {"datePublished", WN_F_PUBLISHED, 95},
    {"dateCreated", WN_F_PUBLISHED, 60}, {"uploadDate", WN_F_PUBLISHED, 50},
    {"pubDate", WN_F_PUBLISHED, 90}, {"dateModified", WN_F_MODIFIED, 95},
    {"upDate", WN_F_MODIFIED, 90}, {"articleSection", WN_F_SECTION, 40},
    {"keywords", WN_F_TAGS, 45}, {"description", WN_F_DESCRIPTION, 50},
    {"license", WN_F_LICENSE, 60}, {"author", WN_F_AUTHOR, 80},
    {"creator", WN_F_AUTHOR, 60}, {"image", WN_F_IMAGE, 50},
    {"thumbnailUrl", WN_F_IMAGE, 30}, {"title", WN_F_TITLE, 50}};

static void walk(struct walk *, char *, size_t, enum what);

static void
say(struct walk *w, uint8_t field, int weight,
    const struct winnow_json_value *v, const char *how)
{
	wn_say(w->m, field, WN_BY_JSONLD, weight, (struct wn_str){v->s, v->len},
	    0, how);
}

static int
is_type(const struct winnow_json_value *v, const char *word)
{
	return v->type == WINNOW_JSON_STRING && strstr(v->s, word) != NULL;
}

/* What an object that hangs under a key is. */
static enum what
role_of(const char *key, enum what parent)
{
	if (key == NULL)
		return parent;
	if (strcmp(key, "author") == 0 || strcmp(key, "creator") == 0)
		return PERSON;
	if (strcmp(key, "publisher") == 0)
		return PUBLISHER;
	if (strcmp(key, "image") == 0)
		return IMAGE;
	if (strcmp(key, "itemListElement") == 0 || strcmp(key, "item") == 0)
		return CRUMBS;
	if (strcmp(key, "@graph") == 0 || strcmp(key, "mainEntity") == 0 ||
	    strcmp(key, "mainEntityOfPage") == 0)
		return ARTICLE;
	return OTHER;
}

static void
member(struct walk *w, struct winnow_json_value *v, enum what what)
{
	if (v->type == WINNOW_JSON_OBJECT || v->type == WINNOW_JSON_ARRAY) {
		walk(w, v->s, v->len, role_of(v->key, what));
		return;
	}
	if (v->type != WINNOW_JSON_STRING || v->len == 0)
		return;
	if (what == PERSON) {
		if (v->key == NULL || strcmp(v->key, "name") == 0)
			say(w, WN_F_AUTHOR, 80, v, "author");
	} else if (what == PUBLISHER || what == SITE) {
		if (v->key != NULL && strcmp(v->key, "name") == 0)
			say(w, WN_F_SITENAME, 50, v, "publisher");
	} else if (what == IMAGE) {
		if (v->key == NULL || strcmp(v->key, "url") == 0)
			say(w, WN_F_IMAGE, 50, v, "image");
	} else if (what == CRUMBS) {
		if (v->key != NULL && strcmp(v->key, "name") == 0)
			say(w, WN_F_SECTION, 30, v, "itemListElement");
	} else if (v->key != NULL && what == ARTICLE) {
		if (strcmp(v->key, "articleBody") == 0 && v->len > w->m->body.n)
			w->m->body = (struct wn_str){v->s, v->len};
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (strcmp(v->key, keys[i].key) == 0)
				say(w, keys[i].field, keys[i].weight, v,
				    keys[i].key);
	}
}

/* An object of these types says nothing of the article. */
static enum what
type_role(const struct winnow_json_value *v, enum what what)
{
	if (is_type(v, "Comment") || is_type(v, "Product") ||
	    is_type(v, "Event") || is_type(v, "Review"))
		return OTHER;
	if (is_type(v, "BreadcrumbList"))
		return OTHER; /* its items are CRUMBS by their key */
	if (what != PERSON && what != PUBLISHER && what != CRUMBS &&
	    (strcmp(v->s, "WebSite") == 0 || is_type(v, "Organization")))
		return SITE;
	return what;
}

static void
walk(struct walk *w, char *p, size_t n, enum what what)
{
	struct winnow_json j;
	struct winnow_json_value v;

	if (w->depth == DEPTH || winnow_json_begin(&j, p, n) != 0)
		return;
	w->depth++;
	while (w->budget-- > 0 && winnow_json_next(&j, &v) == 1) {
		if (v.key != NULL && strcmp(v.key, "@type") == 0 &&
		    v.type == WINNOW_JSON_STRING)
			what = type_role(&v, what);
		/* what was said elsewhere of other articles */
		if (v.key != NULL &&
		    (strcmp(v.key, "comment") == 0 ||
			strcmp(v.key, "hasPart") == 0 ||
			strcmp(v.key, "isPartOf") == 0 ||
			strcmp(v.key, "review") == 0 ||
			strcmp(v.key, "reviews") == 0 ||
			strcmp(v.key, "video") == 0 ||
			strcmp(v.key, "associatedMedia") == 0 ||
			strcmp(v.key, "citation") == 0))
			continue;
		member(w, &v, what);
	}
	w->depth--;
}

/* "datePublished" : "2023-06-01" in JSON that does not parse. */
static void
search(struct wn_meta *m, struct wn_str s)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *p, *end = s.p + s.n, *q;

		if (keys[i].field != WN_F_PUBLISHED &&
		    keys[i].field != WN_F_MODIFIED)
			continue;
		p = memmem(s.p, s.n, keys[i].key, strlen(keys[i].key));
		if (p == NULL)
			continue;
		for (p += strlen(keys[i].key);
		     p < end &&
		     (*p == '"' || *p == ' ' || *p == ':' || *p == '\n');
		     p++)
			;
		for (q = p; q < end && *q != '"' && *q != ',' && q - p < 40;
		     q++)
			;
		while (q > p && q < end && ((uint8_t)*q & 0xC0) == 0x80)
			q--;
		wn_say(m, keys[i].field, WN_BY_JSONLD, keys[i].weight,
		    (struct wn_str){p, (size_t)(q - p)}, 0, keys[i].key);
	}
}

void
wn_meta_jsonld(struct wn_meta *m)
{
	const struct wn_tree *t = m->d->tree;

	for (uint32_t i = 0; i < t->njsonld; i++) {
		struct walk w = {.m = m, .budget = VALUES_MAX};
		struct wn_str s = wn_trim(t->jsonld[i]);
		size_t before = m->n;
		char *copy;

		if (s.n > SIZE_MAX_BYTES)
			continue;
		/* some wrap it in a comment or CDATA */
		while (s.n > 0 && *s.p != '{' && *s.p != '[') {
			s.p++;
			s.n--;
		}
		if ((copy = wn_strndup(m->d->arena, s.p, s.n)) == NULL)
			return;
		walk(&w, copy, s.n, ARTICLE);
		if (m->n == before)
			search(m, s);
	}
}
