/* site_form.c - pages that fill in a form: notices, bulletins, menus, minutes,
 * answers, exams, poems with a refrain.
 *
 * Their own lines repeat on every page as those of the site do. What tells them
 * is where: lines that repeat stand between those that are told, and formulas
 * round them. Other pages have the site's at their edges, or one of it among
 * the paragraphs. So on such a page repetition is no sign of furniture, nor is
 * a word of sites between what is told (登录报名系统，打印准考证).
 *
 * Invariant
 *  SF1  What stands before a letter's salutation or behind its date is not of
 *       the form. */
#include "cleaner/site_parts.h"

#define FORM 4       /* lines of a form, two each: it is one */
#define SAME 3       /* lines that repeat, if they are half of all: likewise */
#define LONG_LINE 40 /* code points: no name or date beside the furniture */
#define DATE_MOST 8  /* of a date, with its numbers as one digit each */

static int
is_line(const struct wn_site_mark *m)
{
	return (m->signs & WN_SIGN_KEPT) && m->text != 0 &&
	       m->link < WN_SITE_LINKED;
}

/* The first mark, from i on in steps of step, that is told: behind what
 * repeats, and one short line among it. */
static uint32_t
find_told(struct winnow_site *s, const struct wn_lesson *l, uint8_t g,
    uint32_t i, int step)
{
	int spare = 1;

	for (; i < l->n; i += (uint32_t)step) {
		const struct wn_site_mark *m = &l->mark[i];

		if (!is_line(m) || site_is_often(s, m->text, g))
			continue;
		if (m->chars >= LONG_LINE || (m->signs & WN_SIGN_ENDS) ||
		    spare-- == 0)
			break;
	}
	return i;
}

/* A letter has a date below it, which only what repeats follows, and a
 * salutation, which at most that stands before: this is not the letter's. */
static void
find_letter(struct winnow_site *s, const struct wn_lesson *l, uint8_t g,
    struct site_form *f)
{
	f->beg = 0;
	f->end = l->n;
	for (uint32_t i = l->n; i-- > 0;) {
		const struct wn_site_mark *m = &l->mark[i];

		if (!is_line(m))
			continue;
		if ((m->signs & WN_SIGN_FORMAL) && m->exact != 0 &&
		    m->chars <= DATE_MOST) {
			f->end = i + 1;
			break;
		}
		if (!site_is_often(s, m->text, g))
			return;
	}
	for (uint32_t i = 0; i < f->end; i++) {
		const struct wn_site_mark *m = &l->mark[i];

		if (!is_line(m))
			continue;
		if (!site_is_often(s, m->text, g))
			return;
		if ((m->signs & WN_SIGN_FORMAL) && m->exact == 0) {
			f->beg = i;
			return;
		}
	}
}

void
site_form(struct winnow_site *s, const struct wn_lesson *l, uint8_t g,
    struct site_form *f)
{
	uint32_t n = 0, lines = 0, same = 0;

	f->first = find_told(s, l, g, 0, 1);
	f->last = find_told(s, l, g, l->n - 1, -1);
	find_letter(s, l, g, f);
	for (uint32_t i = f->beg; i < f->end; i++) {
		const struct wn_site_mark *m = &l->mark[i];
		int inside = i > f->first && i < f->last;

		if (!is_line(m))
			continue;
		lines++;
		if (!site_is_often(s, m->text, g))
			continue;
		same += !(m->signs & WN_SIGN_WORDS);
		if (!(m->signs & WN_SIGN_WORDS))
			n += inside || (m->signs & WN_SIGN_FORMAL) ? 2 : 0;
		else
			n += inside && (m->signs & WN_SIGN_ENDS);
	}
	f->is = n >= FORM || (same >= SAME && 2 * same >= lines);
}

int
site_is_of_form(
    const struct site_form *f, const struct wn_lesson *l, uint32_t i)
{
	return f->is && i >= f->beg && i < f->end &&
	       (!(l->mark[i].signs & WN_SIGN_WORDS) ||
		   (i > f->first && i < f->last));
}
