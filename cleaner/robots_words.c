/* robots_words.c - see robots_words.h.
 *
 *	words	  = line *( ";" line )		one line of the header each
 *	line	  = part *( "," part )
 *	part	  = [ agent ":" ] *( directive )
 *	directive = "noindex" | "nofollow" | "none" | name ":" value | other
 *
 * An agent counts to the end of its line, or to the next one. No standard says
 * so much; it is how the large search engines read it
 * (developers.google.com/search/docs/crawling-indexing/robots-meta-tag).
 * A page that is unavailable_after a moment that has passed is noindex. What
 * noarchive and the others ask for, no pages shown from our store, is true of
 * us anyway: they are recorded (robots_meta) and nothing else. */
#include "cleaner/robots_words.h"

#include <string.h>
#include <strings.h>

#include "cleaner/date.h"
#include "cleaner/winnow.h"

#define SPACES " \t\r\n\f"
#define DATE_MAX 64
#define DAY_S 86400

/* A colon behind these begins a value; behind all else it ends an agent. */
static const char *const valued[] = {"unavailable_after", "max-snippet",
    "max-image-preview", "max-video-preview"};

static int
is_word(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

static int
is_valued(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof valued / sizeof *valued; i++)
		if (is_word(s, n, valued[i]))
			return 1;
	return 0;
}

/* Bytes of the agent's name at s, which a colon follows; 0: there is none. */
static size_t
agent_name(const char *s)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.*/";
	size_t n = strspn(s, name);

	return n > 0 && s[n + strspn(s + n, SPACES)] == ':' && !is_valued(s, n)
		   ? n
		   : 0;
}

/* "25 Jun 2030 15:00:00 GMT": has it passed? A day ends at midnight UTC. */
static int
has_passed(const char *s, int64_t now)
{
	size_t n = strcspn(s, ";");
	struct wn_date d;
	int64_t t;

	if (now <= 0 || !wn_date_find(s, n < DATE_MAX ? n : DATE_MAX, 0, &d))
		return 0;
	t = d.hour >= 0
		? wn_date_unix(&d, 0)
		: (wn_date_days(d.year, d.mon, d.day) + 1) * (int64_t)DAY_S;
	return t < now;
}

static void
directive(struct wn_robots_words *w, const char *s, size_t n, int64_t now)
{
	size_t name = strcspn(s, ":" SPACES ",;");

	if (is_word(s, n, "none"))
		w->noindex = w->nofollow = 1;
	else if (is_word(s, n, "noindex"))
		w->noindex = 1;
	else if (is_word(s, n, "nofollow"))
		w->nofollow = 1;
	else if (is_word(s, name, "unavailable_after"))
		w->noindex |= has_passed(s + name, now);
}

void
wn_robots_words(struct wn_robots_words *w, const char *s, int64_t now)
{
	int ours = 1, first = 1; /* first: of its part, where an agent may be */
	size_t n;

	while (*s != '\0') {
		s += strspn(s, SPACES);
		if (first && (n = agent_name(s)) > 0) {
			ours = is_word(s, n, WN_ROBOTS_AGENT) ||
			       is_word(s, n, "*");
			s += n;
			s += strspn(s, SPACES ":");
		}
		n = strcspn(s, SPACES ",;");
		if (ours && n > 0)
			directive(w, s, n, now);
		s += n;
		s += strspn(s, SPACES);
		first = *s == ',' || *s == ';';
		if (*s == ';')
			ours = 1;
		s += first;
	}
}
