/* signature.c - how notices end: who signs, the day, and what does not belong.
 *
 * A unit and a day below the text are the notice's own, also where a template
 * puts them outside of the element of the text. Address, telephone, fax and
 * post code below them are the site's, where nothing says whom to ask for what.
 *
 * Invariants
 *  SG1  The article grows by a unit and a day only: a day alone below the
 *       text may be that of the page.
 *  SG2  A line that names a person to ask, or what to ask for, stays, and all
 *       above it. */
#include "cleaner/extract.h"

#include <string.h>
#include <strings.h>

#define SIGN_BLOCKS 3 /* units that sign, and the day */
#define SIGN_MAX 60   /* units of a line of a signature */
#define DAY_MAX 45    /* bytes of a day in words */
#define CONTACT_MAX 160

static int
ends_so(const struct wn_str *s, const char *end)
{
	size_t k = strlen(end);

	return s->n >= k && memcmp(s->p + s->n - k, end, k) == 0;
}

static int
holds_word(const struct wn_str *s, const char *word)
{
	return memmem(s->p, s->n, word, strlen(word)) != NULL;
}

/* 2023年7月1日, 二〇二三年七月三日 */
static int
is_day(const struct wn_str *s)
{
	return s->n <= DAY_MAX && ends_so(s, "日") && holds_word(s, "年") &&
	       holds_word(s, "月") && !holds_word(s, "：") &&
	       !holds_word(s, "至");
}

/* Does a name end as those of bodies do? */
static int
is_unit(const struct wn_str *s)
{
	static const char *const ends[] = {"局", "部", "处", "院", "校", "学",
	    "园", "会", "委", "办", "室", "司", "厅", "中心", "组", "府", "站",
	    "馆", "系", "科", "社", "支队", "大队", "集团", "股", "團", "會",
	    "學", "處", "園", "廳", "辦", "組"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_so(s, ends[i]))
			return 1;
	return 0;
}

/* The article ends with the signature that stands right below its element. */
void
wn_take_signature(struct wn_extractor *x)
{
	uint32_t units = 0, node = x->d->content;

	for (uint32_t i = x->end; i < x->n && i < x->end + SIGN_BLOCKS; i++) {
		const struct wn_block *b = &x->b[i];

		if (b->link_chars > 0 || b->marks > 0 || b->heading ||
		    wn_plain(b) > SIGN_MAX || wn_is_out(x, i) ||
		    x->line[i].any.act != WN_ACT_NONE)
			return;
		if (is_unit(&b->text)) {
			units++;
			continue;
		}
		if (!is_day(&b->text) || units == 0)
			return;
		while (node > 0 && wn_past(x, node) <= i)
			node = x->t->nodes[node].parent;
		x->d->content = node;
		x->end = i + 1;
		return;
	}
}

#define TWIN_LEVELS 4 /* elements round a paragraph that are compared */

/* Do two nodes stand in elements of the same kind, side by side? */
static int
are_twins(const struct wn_tree *t, uint32_t a, uint32_t b)
{
	for (int k = 0; k < TWIN_LEVELS; k++) {
		if (a == 0 || b == 0 || a == b ||
		    t->nodes[a].tag != t->nodes[b].tag)
			return 0;
		a = t->nodes[a].parent;
		b = t->nodes[b].parent;
		if (a == b)
			return 1;
	}
	return 0;
}

/* The last words, in a box of their own like each paragraph above: what came
 * behind it weighed more than these few. */
void
wn_take_last_words(struct wn_extractor *x)
{
	const struct wn_block *b;
	uint32_t node = x->d->content;

	if (x->end == 0 || x->end >= x->n)
		return;
	b = &x->b[x->end];
	if (b->link_chars > 0 || b->marks == 0 || b->heading ||
	    wn_is_out(x, x->end) ||
	    x->line[x->end].any.act != WN_ACT_NONE ||
	    x->line[x->end].tail.act != WN_ACT_NONE ||
	    !(ends_so(&b->text, "。") || ends_so(&b->text, "！")))
		return;
	for (uint32_t i = x->end; i-- > x->beg;) {
		if (x->b[i].marks == 0)
			continue;
		if (!are_twins(x->t, x->b[i].node, b->node))
			return;
		break;
	}
	while (node > 0 && wn_past(x, node) <= x->end)
		node = x->t->nodes[node].parent;
	x->d->content = node;
	x->end++;
}

/* 地址：…, 电话：…: the line of a foot, and 2 where only feet have it. */
static int
contact(const struct wn_str *s)
{
	static const struct {
		const char *begin;
		int says;
	} begins[] = {{"地址", 1}, {"校址", 1}, {"电话", 1}, {"电 话", 1},
	    {"传真", 2}, {"传 真", 2}, {"邮编", 2}, {"邮 编", 2},
	    {"邮政编码", 2}, {"邮箱", 1}, {"电子邮箱", 1}, {"E-mail", 1},
	    {"Email", 1}, {"网址", 1}, {"办公电话", 1}, {"联系电话", 1},
	    {"学校地址", 1}, {"学校电话", 1}, {"单位地址", 1}, {"地 址", 1},
	    {"通讯地址", 1}, {"联系地址", 1}, {"技术支持", 2}, {"备案", 2},
	    {"地　址", 1}, {"电　话", 1}, {"传　真", 2}, {"邮　编", 2}};
	static const char *const asked[] = {
	    "联系人", "咨询", "报名", "监督", "受理", "举报", "。"};

	if (s->n > CONTACT_MAX)
		return 0;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (holds_word(s, asked[i]))
			return 0; /* SG2 */
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t n = strlen(begins[i].begin);

		if (s->n > n && strncasecmp(s->p, begins[i].begin, n) == 0)
			return holds_word(s, "传真") || holds_word(s, "邮编")
				   ? 2
				   : begins[i].says;
	}
	return 0;
}

/* Lines of the site's foot at the end of the text: two at least, with a fax
 * or a post code among them or who owns the site below. */
void
wn_drop_contacts(struct wn_extractor *x)
{
	uint32_t first = x->end, n = 0;
	int foot = 0, says;

	for (uint32_t i = x->end; i-- > x->beg;) {
		const struct wn_block *b = &x->b[i];

		if (!b->kept) {
			foot |= b->kind == WINNOW_KIND_ICP ||
				b->kind == WINNOW_KIND_COPYRIGHT;
			continue;
		}
		if ((says = contact(&b->text)) == 0)
			break;
		foot |= says == 2;
		first = i;
		n++;
	}
	if (n < 2 || !foot)
		return;
	for (uint32_t i = first; i < x->end; i++)
		if (x->b[i].kept)
			wn_drop(x, i, WINNOW_KIND_FOOTER, "the site's address");
}
