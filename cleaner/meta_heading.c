/* meta_heading.c - what headings and addresses tell of a title.
 *
 * A heading often begins with a smaller line in an element of its own: the
 * kicker (Klimapolitik <b>Wie Städte kühl bleiben</b>). Whether the two are one
 * title is told by the title element and the tags: they put a mark between
 * them, or leave the kicker out.
 *
 * The last part of many addresses is the title's words; a host's name is the
 * site's.
 *
 * Invariants
 *  MH1  A kicker is dropped only when another statement of the page divides
 *       the heading at the same place. */
#include "cleaner/meta.h"

#include <string.h>
#include <strings.h>

enum {
	REST_MIN = 12, /* bytes of letters that a title has at least */
	LETTERS = 640,
	SLUG_WORDS = 2,  /* that make an address tell something */
	SLUG_SHARE = 60, /* per cent of them in the line */
	WORD = 24,
	HOST_MIN = 5
};

/* White space squeezed, as blocks have their text. */
static struct wn_str
squeezed(struct wn_arena *arena, struct wn_str s)
{
	char *p;
	size_t n = 0;

	s = wn_trim(s);
	if ((p = wn_alloc(arena, s.n + 1)) == NULL)
		return (struct wn_str){"", 0};
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] > ' ')
			p[n++] = s.p[i];
		else if (p[n - 1] != ' ')
			p[n++] = ' ';
	p[n] = '\0';
	return (struct wn_str){p, n};
}

/* Length of a mark that divides a kicker from the title, 0: none. */
static size_t
divider(const char *p)
{
	static const char *const marks[] = {
	    ":", "-", "–", "—", "|", "·", "•", "»", "/", "："};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(p, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

static struct wn_str
behind_dividers(struct wn_str s)
{
	size_t k;

	for (s = wn_trim(s); s.n > 3 && (k = divider(s.p)) > 0;)
		s = wn_trim((struct wn_str){s.p + k, s.n - k});
	return s;
}

/* Does what is said of the page divide kicker and rest? */
static int
divides(struct wn_str said, struct wn_str kicker, struct wn_str rest)
{
	const char *at = memmem(said.p, said.n, kicker.p, kicker.n);
	char a[LETTERS], b[LETTERS];
	struct wn_str tail;

	if (at == NULL) {
		if (wn_skeleton(rest, a, sizeof(a)) < REST_MIN ||
		    wn_skeleton(said, b, sizeof(b)) == 0 ||
		    strstr(b, a) == NULL)
			return 0;
		wn_skeleton(kicker, a, sizeof(a));
		return strstr(b, a) == NULL;
	}
	at += kicker.n;
	tail = wn_trim((struct wn_str){at, (size_t)(said.p + said.n - at)});
	if (tail.n < REST_MIN || divider(tail.p) == 0)
		return 0;
	wn_skeleton(behind_dividers(tail), a, REST_MIN);
	wn_skeleton(rest, b, REST_MIN);
	return strcasecmp(a, b) == 0;
}

static int
is_divided(const struct wn_meta *m, uint32_t heading, struct wn_str kicker,
    struct wn_str rest)
{
	const char *tag = m->d->title_tag;

	if (tag != NULL &&
	    divides((struct wn_str){tag, strlen(tag)}, kicker, rest))
		return 1;
	for (size_t i = 0; i < m->n; i++)
		if (m->said[i].field == WN_F_TITLE &&
		    m->said[i].node != heading &&
		    divides(m->said[i].s, kicker, rest))
			return 1;
	return 0;
}

/* The first element inside a heading that has text of its own and more text
 * behind it, 0: none. */
static uint32_t
first_part(const struct wn_tree *t, uint32_t h)
{
	uint32_t end = t->nodes[h].end;

	for (uint32_t i = h + 1; i < end;) {
		const struct wn_node *o = &t->nodes[i];
		struct wn_str s = wn_trim(wn_text(t, i));

		if (s.n == 0) {
			i = o->end;
			continue;
		}
		if (o->tag == WN_TAG_TEXT)
			return 0;
		if (wn_trim((struct wn_str){
				t->text + o->tend, t->nodes[h].tend - o->tend})
			.n > 0)
			return i;
		i++; /* all of it is in there */
	}
	return 0;
}

struct wn_str
wn_heading_title(const struct wn_meta *m, uint32_t block)
{
	const struct wn_block *b = &m->d->blocks[block - 1];
	const struct wn_tree *t = m->d->tree;
	struct wn_str kicker, rest;
	char k[LETTERS];
	uint32_t part;

	if (!b->heading || (part = first_part(t, b->node)) == 0)
		return b->text;
	kicker = squeezed(m->d->arena, wn_text(t, part));
	rest = behind_dividers(squeezed(
	    m->d->arena, (struct wn_str){t->text + t->nodes[part].tend,
			     t->nodes[b->node].tend - t->nodes[part].tend}));
	if (rest.n > b->text.n || kicker.n > 2 * rest.n ||
	    wn_skeleton(rest, k, sizeof(k)) < REST_MIN ||
	    !is_divided(m, b->node, kicker, rest))
		return b->text;
	return rest;
}

/* A heading that stands above one of a higher rank, and is its kicker. */
int
wn_is_kicker(const struct wn_meta *m, uint32_t block)
{
	const struct wn_block *b = &m->d->blocks[block - 1];

	return block < m->d->nblocks && b->heading > b[1].heading &&
	       b[1].heading > 0 && b[1].text.n < LETTERS / 2 &&
	       is_divided(m, b->node, b->text, b[1].text);
}

/* ---- the address ------------------------------------------------------- */

/* ä is ae in addresses, é is e. */
static size_t
fold(struct wn_str s, char *out, size_t cap)
{
	static const char latin[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
				    "aaaaaaaceeeeiiiidnooooo ouuuuyty";
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 2 < cap; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c == 0xC3 && i + 1 < s.n) {
			uint8_t d = (uint8_t)s.p[++i] & 0x3F;
			int umlaut = (d | 32) == 0x24 || (d | 32) == 0x36 ||
				     (d | 32) == 0x3C;

			out[n++] = d == 0x1F ? 's' : latin[d];
			if (umlaut)
				out[n++] = 'e';
			else if (d == 0x1F)
				out[n++] = 's';
		} else {
			out[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
		}
	}
	out[n] = '\0';
	return n;
}

/* The last part of the path that holds letters: how many words it has, and how
 * many of them stand in the text. */
int
wn_in_address(const struct wn_doc *d, struct wn_str s)
{
	const struct winnow_url *u = &d->url;
	const char *p = u->href + u->path_beg, *end = u->href + u->query_beg;
	const char *last = p;
	char text[LETTERS], word[WORD];
	size_t words = 0, hits = 0, n = 0;

	if (u->len == 0 || s.n > LETTERS / 2)
		return 0;
	fold(s, text, sizeof(text));
	for (const char *q = p; q + 1 < end; q++)
		if (*q == '/')
			last = q + 1;
	for (p = last; p <= end; p++) {
		uint8_t c = p < end ? (uint8_t)*p : '/';

		if ((uint8_t)((c | 32) - 'a') < 26 && n + 1 < sizeof(word)) {
			word[n++] = (char)(c | 32);
			continue;
		}
		word[n] = '\0';
		if (c == '.' || c == '/')
			end = p;
		if (n > 2) {
			words++;
			hits += strstr(text, word) != NULL;
		}
		n = 0;
	}
	return words >= SLUG_WORDS && hits * 100 >= words * SLUG_SHARE;
}

/* The letters of the host's own name, once a page: gravelstone of
 * www.gravelstone.example. */
void
wn_meta_host(struct wn_meta *m)
{
	const struct winnow_url *u = &m->d->url;
	size_t n = (size_t)u->host_end - u->host_beg;
	const char *domain;
	char host[256];

	if (u->len == 0 || n >= sizeof(host))
		return;
	memcpy(host, u->href + u->host_beg, n);
	host[n] = '\0';
	domain = winnow_url_domain(host);
	n = wn_skeleton((struct wn_str){domain, strcspn(domain, ".")}, m->host,
	    sizeof(m->host));
	if (n < HOST_MIN)
		m->host[0] = '\0';
}

/* Is most of a line the host's name? The Gravel Stone on gravelstone.example.
 */
int
wn_names_host(const struct wn_meta *m, struct wn_str s)
{
	char text[LETTERS], letters[LETTERS];
	size_t k;

	if (m->host[0] == '\0' || s.n > 80)
		return 0;
	k = fold(s, text, sizeof(text));
	k = wn_skeleton((struct wn_str){text, k}, letters, sizeof(letters));
	return k > 0 && k <= 2 * strlen(m->host) &&
	       strstr(letters, m->host) != NULL;
}
