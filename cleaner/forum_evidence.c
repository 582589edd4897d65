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
 * generator's name or of a class. */
static int
points(const char *s, int software)
{
	int sum = 0;
	size_t k;

	for (size_t left = 2000; s != NULL && *s != '\0' && *s != '?' && left;
	     left--) {
		for (k = 0; (s[k] | 32) >= 'a' && (s[k] | 32) <= 'z'; k++)
			;
		sum += k > 0 ? word_points(s, k, software) : 0;
		s += k > 0 ? k : 1;
	}
	return sum;
}

static int
is_thread_type(const char *type)
{
	static const char *const types[] = {
	    "QAPage", "Question", "DiscussionForumPosting"};
	const char *name = strrchr(type, '/');

	for (size_t i = 0; i < N(types); i++)
		if (strcmp(name != NULL ? name + 1 : type, types[i]) == 0)
			return 1;
	return 0;
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

int
wn_forum_evidence(const struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	int sum = points(x->d->page->url, 0);

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
			sum += 2 * is_thread_type(s);
		}
	}
	for (uint32_t i = t->body; i > 0 && i < t->n; i++)
		if (i == t->body || t->nodes[i].tag == WN_TAG_ARTICLE)
			sum += post_type(wn_attr(t, i, WN_ATTR_CLASS));
	if (t->body > 0) {
		sum += points(wn_attr(t, t->body, WN_ATTR_CLASS), 1);
		sum += points(wn_attr(t, t->body, WN_ATTR_ID), 1);
	}
	return sum;
}
