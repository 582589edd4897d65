/* pagetype.c - what kind of page it is, and why one has no article.
 *
 * A page of links is a list, a board's thread a forum page, one that hands out
 * a file a document. Of a page without text the record says what it is
 * instead: one that scripts write, an error, a login, a player.
 *
 * Invariants
 *  PT1  `nothing` is NULL exactly when something was kept.
 *  PT2  What was kept is given up only when it is little (WEAK units): a
 *       page with an article is not asked for notices. */
#include "cleaner/extract.h"

#include <string.h>
#include <strings.h>

#include "cleaner/meta.h"
#include "cleaner/state.h"

#define LIST_LINKS 8      /* lines that are links, on a page that is a list */
#define FEW_LINKS 4       /* the same, of a page of hardly anything else */
#define WORDS 18.0        /* units: a few words are no text */
#define THIN 60.0         /* units: less is hardly an article */
#define WEAK 300.0        /* units: little for one */
#define SCRIPT_BYTES 2000 /* of a page that scripts write */
#define EMPTY 40.0        /* units of a page that shows nothing yet */
#define BARE 240.0        /* units of a page that has no text of its own */

/* ---- notices ------------------------------------------------------------ */

enum notice { NOTICE_NONE, NOTICE_SCRIPT, NOTICE_ERROR, NOTICE_LOGIN };

static const char *const reasons[] = {
    [NOTICE_SCRIPT] = "needs-javascript",
    [NOTICE_ERROR] = "error-page",
    [NOTICE_LOGIN] = "login",
};

static const struct {
	uint8_t what; /* enum notice */
	const char *words;
} notices[] = {
#define N(what, words, why) {NOTICE_##what, words},
#include "cleaner/rules/notices.def"
#undef N
};

#define NOTICES (sizeof(notices) / sizeof(notices[0]))

const struct wn_words *
wn_notices_new(struct wn_arena *a)
{
	const char *v[NOTICES];

	for (size_t i = 0; i < NOTICES; i++)
		v[i] = notices[i].words;
	return wn_words_new(a, v, NOTICES);
}

static enum notice
notice_in(const struct wn_extractor *x, const char *s, size_t n)
{
	size_t i = wn_words_find(x->d->w->notices, s, n);

	return i < NOTICES ? (enum notice)notices[i].what : NOTICE_NONE;
}

/* The first notice of a page that shows hardly more than it. */
static enum notice
find_notice(const struct wn_extractor *x)
{
	const char *title = x->d->title_tag;
	enum notice n = NOTICE_NONE;

	if (title != NULL)
		n = notice_in(x, title, strlen(title));
	for (uint32_t i = 0; i < x->n && n == NOTICE_NONE; i++) {
		const struct wn_block *b = &x->b[i];

		if (b->kind == WINNOW_KIND_HIDDEN || wn_plain(b) > WEAK ||
		    x->zone[b->first].kind >= 0)
			continue;
		n = notice_in(x, b->text.p, b->text.n);
	}
	return n;
}

/* ---- lists -------------------------------------------------------------- */

/* Lines that are links, or begin other articles, outside of furniture. */
static uint32_t
count_links(const struct wn_extractor *x)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		const struct wn_block *b = &x->b[i];

		/* an item's day stands beside its link */
		n +=
		    x->zone[b->first].kind < 0 && b->chars >= 6 &&
		    (x->teaser[i] || wn_linked(b) > 1.5 * wn_plain(b) ||
			((b->item || b->row) && b->link_chars > 0 &&
			    b->marks == 0 && wn_linked(b) > 0.7 * wn_plain(b)));
	}
	return n;
}

/* Does the title, or a part of it, stand above the text that was kept? */
static int
has_headline(const struct wn_extractor *x)
{
	uint32_t i = x->beg;

	while (i < x->end && !x->b[i].kept)
		i++;
	for (uint32_t k = 0; k < 30 && i > 0; k++, i--)
		if (x->line[i - 1].title != WN_TITLE_NO &&
		    wn_linked(&x->b[i - 1]) == 0)
			return 1;
	return 0;
}

/* What was kept of a page of links is what stands round them: an address, an
 * introduction. */
static int
is_list(const struct wn_extractor *x, double kept)
{
	uint32_t links;

	if (kept < WORDS)
		return 1;
	if (kept >= WEAK || x->forum)
		return 0;
	links = count_links(x);
	return (kept < THIN && links >= LIST_LINKS) ||
	       (kept < THIN && links >= FEW_LINKS && !has_headline(x)) ||
	       (kept < WEAK / 2 && links >= 2 * LIST_LINKS && !has_headline(x));
}

int
wn_is_no_article(const struct wn_extractor *x, double kept)
{
	if (is_list(x, kept))
		return 1;
	return !x->forum && kept < WEAK && x->units[x->n] < 4 * WEAK &&
	       find_notice(x) != NOTICE_NONE;
}

/* ---- what there is instead of text -------------------------------------- */

/* Files and players of a page, outside of its furniture. */
struct holdings {
	int files, players, passwords;
};

static void
hold(const struct wn_extractor *x, uint32_t i, struct holdings *h)
{
	const struct wn_tree *t = x->t;
	const char *s = wn_attr(t, i, WN_ATTR_SRC);
	uint16_t tag = t->nodes[i].tag;

	if (s == NULL)
		s = wn_attr(
		    t, i, tag == WN_TAG_OBJECT ? WN_ATTR_DATA : WN_ATTR_HREF);
	switch (tag) {
	case WN_TAG_A:
	case WN_TAG_IFRAME:
	case WN_TAG_EMBED:
	case WN_TAG_OBJECT:
		h->files += s != NULL && wn_is_file(s, strcspn(s, "?#"));
		break;
	case WN_TAG_VIDEO:
	case WN_TAG_AUDIO:
		h->players++;
		break;
	case WN_TAG_INPUT:
		s = wn_attr(t, i, WN_ATTR_TYPE);
		h->passwords += s != NULL && strcasecmp(s, "password") == 0;
		break;
	}
}

static struct holdings
holdings(const struct wn_extractor *x)
{
	struct holdings h = {0, 0, 0};

	for (uint32_t i = 1; i < x->t->n; i++)
		if (x->t->nodes[i].nattr > 0 ||
		    x->t->nodes[i].tag == WN_TAG_VIDEO)
			hold(x, i, &h);
	return h;
}

/* Does the page wait for a script to write it? */
static int
waits_for_script(const struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	double units = x->units[x->n];

	return (x->n == 0 && t->scripts_len > 0) ||
	       (units < EMPTY && t->scripts > 0) ||
	       (units < BARE &&
		   (t->scripts_len > SCRIPT_BYTES || t->asks_for_script));
}

static void
say_nothing(struct wn_extractor *x)
{
	struct winnow_doc *pub = &x->d->pub;
	struct holdings h = holdings(x);
	enum notice notice;

	pub->page_type = WINNOW_OTHER;
	pub->nothing = "no-article";
	if ((notice = find_notice(x)) != NOTICE_NONE) {
		pub->nothing = reasons[notice];
	} else if (count_links(x) >= LIST_LINKS) {
		pub->page_type = WINNOW_LIST;
		pub->nothing = "list";
	} else if (h.files > 0) {
		pub->page_type = WINNOW_DOCUMENT;
		pub->nothing = "file";
	} else if (h.players > 0) {
		pub->nothing = "player";
	} else if (count_links(x) >= FEW_LINKS && 3 * count_links(x) >= x->n) {
		pub->page_type = WINNOW_LIST;
		pub->nothing = "list";
	} else if (h.passwords > 0) {
		pub->nothing = reasons[NOTICE_LOGIN];
	} else if (waits_for_script(x)) {
		pub->nothing = reasons[NOTICE_SCRIPT];
	}
}

void
wn_page_type(struct wn_extractor *x, double kept)
{
	struct winnow_doc *pub = &x->d->pub;

	if (kept <= 0) {
		say_nothing(x);
		return;
	}
	pub->nothing = NULL;
	pub->page_type = x->forum ? WINNOW_FORUM : WINNOW_ARTICLE;
	for (uint32_t i = 0; i < x->n; i++)
		if (!x->b[i].kept &&
		    (x->b[i].kind == WINNOW_KIND_DOC_NOTES ||
			x->b[i].kind == WINNOW_KIND_SHARE_BANNER))
			pub->page_type = WINNOW_DOCUMENT;
}
