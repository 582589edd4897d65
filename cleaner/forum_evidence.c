/* forum_evidence.c - what a page says itself of being a thread.
 *
 * Words of its address and its generator, the types of schema.org, what blog
 * software writes into the class of <body> and <article>: forum.def gives the
 * points. Two points are taken for certain, one makes the page a thread only
 * when readers' words outweigh the rest.
 *
 * Invariants
 *  F3  An address counts up to its query, which may say anything. */
#include "cleaner/forum.h"

#include <string.h>

#define W(word, what, why)
#define T(where, words, max)

static const struct {
	const char *word;
	uint8_t points;
} address_words[] =
    {
#define U(word, points) {word, points},
#define S(word, points)
#include "cleaner/rules/forum.def"
#undef U
#undef S
},
  software_words[] = {
#define U(word, points)
#define S(word, points) {word, points},
#include "cleaner/rules/forum.def"
#undef U
#undef S
};
#undef W
#undef T

#define N(a) (sizeof(a) / sizeof((a)[0]))

static int
word_points(const char *s, size_t n, int software)
{
	size_t rows = software ? N(software_words) : N(address_words);

	for (size_t i = 0; i < rows; i++) {
		const char *w =
		    software ? software_words[i].word : address_words[i].word;

		if (strncasecmp(w, s, n) == 0 && w[n] == '\0')
			return software ? software_words[i].points
					: address_words[i].points;
	}
	return 0;
}

/* Points of an address up to its query (which may say anything), of a
 * generator's name or of a class. In "1080p" no p stands for a post. */
static int
points(const char *s, int software)
{
	char before = 0;
	int sum = 0;
	size_t k;

	for (size_t left = 2000; s != NULL && *s != '\0' && *s != '?' && left;
	     left--) {
		for (k = 0; (s[k] | 32) >= 'a' && (s[k] | 32) <= 'z'; k++)
			;
		if (k > 0 && (before < '0' || before > '9'))
			sum += word_points(s, k, software);
		s += k > 0 ? k : 1;
		before = s[-1];
	}
	return sum;
}

/* What the types of schema.org on a page say. */
struct types {
	int thread, question, faq, article;
};

static int
is_one_of(const char *s, size_t n, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == n && memcmp(*words, s, n) == 0)
			return 1;
	return 0;
}

static void
read_type(const char *s, size_t n, struct types *y)
{
	static const char *const threads[] = {
	    "QAPage", "DiscussionForumPosting", NULL};
	static const char *const articles[] = {"Article", "NewsArticle",
	    "BlogPosting", "ReportageNewsArticle", "AnalysisNewsArticle", NULL};
	static const char *const question[] = {"Question", NULL};
	static const char *const faq[] = {"FAQPage", NULL};
	const char *slash = memrchr(s, '/', n);

	if (slash != NULL) {
		n -= (size_t)(slash + 1 - s);
		s = slash + 1;
	}
	y->thread |= is_one_of(s, n, threads);
	y->article |= is_one_of(s, n, articles);
	y->question |= is_one_of(s, n, question);
	y->faq |= is_one_of(s, n, faq);
}

/* The types of a JSON-LD script, without a parse: meta_jsonld.c makes that,
 * and only for what it knows. */
static void
read_jsonld(struct wn_str s, struct types *y)
{
	const char *p = s.p, *e = s.p + s.n, *q;

	while ((p = memmem(p, (size_t)(e - p), "\"@type\"", 7)) != NULL) {
		for (p += 7; p < e && strchr(" \t\r\n:[", *p) != NULL; p++)
			;
		if (p == e || *p != '"' ||
		    (q = memchr(p + 1, '"', (size_t)(e - p - 1))) == NULL)
			continue;
		read_type(p + 1, (size_t)(q - p - 1), y);
		p = q;
	}
}

/* "type-topic", "single-question": blog software writes what a page is. */
static int
post_type(const char *s)
{
	int sum = 0;

	while (s != NULL && sum == 0) {
		size_t n = strcspn(s, " \t\n"), k = n;

		while (
		    k > 0 && (s[k - 1] | 32) >= 'a' && (s[k - 1] | 32) <= 'z')
			k--;
		if (strncmp(s, "type-", 5) == 0 ||
		    strncmp(s, "single-", 7) == 0)
			sum = word_points(s + k, n - k, 0);
		s = s[n] != '\0' ? s + n + 1 : NULL;
	}
	return sum >= 2 ? 2 : 0;
}

/* Blog software says of an article that it is one: "single-post". */
static int
is_blog_post(const char *class)
{
	static const char *const words[] = {
	    "single-post", "type-post", "node-type-article", NULL};

	while (class != NULL && *class != '\0') {
		size_t n = strcspn(class, " \t\n");

		if (is_one_of(class, n, words))
			return 1;
		class += n + (class[n] != '\0');
	}
	return 0;
}

int
wn_forum_evidence(const struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	int sum = points(x->d->page->url, 0);
	struct types y = {0};

	for (uint32_t i = 1; i < t->n; i++) {
		const char *s;

		if (t->nodes[i].tag == WN_TAG_META) {
			s = wn_attr(t, i, WN_ATTR_NAME);
			if (s != NULL && strcasecmp(s, "generator") == 0) {
				s = wn_attr(t, i, WN_ATTR_CONTENT);
				sum += points(s, 0) + points(s, 1);
			}
		} else if (t->nodes[i].nattr > 0 &&
			   (s = wn_attr(t, i, WN_ATTR_ITEMTYPE)) != NULL) {
			read_type(s, strlen(s), &y);
		}
	}
	for (uint32_t i = 0; i < t->njsonld; i++)
		read_jsonld(t->jsonld[i], &y);
	for (uint32_t i = t->body; i > 0 && i < t->n; i++)
		if (i == t->body || t->nodes[i].tag == WN_TAG_ARTICLE)
			sum += post_type(wn_attr(t, i, WN_ATTR_CLASS));
	if (t->body > 0) {
		const char *class = wn_attr(t, t->body, WN_ATTR_CLASS);

		sum += points(class, 1);
		sum += points(wn_attr(t, t->body, WN_ATTR_ID), 1);
		y.article |= is_blog_post(class);
	}
	/* questions of a list are answered by who asks them */
	sum += 2 * (y.thread || (y.question && !y.faq));
	return sum == 0 && y.article ? -1 : sum;
}
