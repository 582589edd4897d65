/* outlet_with.c - URLs that are settled in the transaction of a line though
 * they have none: further pages of the article.
 *
 * Invariants
 *  U1  They are settled with their line, or with what stands for it when it is
 *      left out (Z4), never before. */
#include "crawler/outlet_parts.h"

#include <stdlib.h>
#include <string.h>

static void
with_settle(struct outlet *o, struct outlet_with *w, int64_t now_ms)
{
	if (w->item != NULL) {
		frontier_settle(o->frontier, w->item, URL_NO_ARTICLE, w->status,
		    OUTLET_WITH, now_ms);
		return;
	}
	/* known or not: nobody shall ask for it */
	(void)frontier_add(o->frontier, &w->link);
	(void)frontier_spare(
	    o->frontier, &w->link.key, URL_NO_ARTICLE, OUTLET_WITH);
}

/* The block whose last line, or last page left out, is that of the item. */
static struct block *
block_of_item(const struct outlet *o, const struct frontier_item *item)
{
	struct block *b;

	for (b = o->head; b != NULL; b = b->next)
		if ((b->n > 0 && b->lines[b->n - 1].item == item) ||
		    (b->ndrops > 0 && b->drops[b->ndrops - 1].item == item))
			return b;
	return NULL;
}

/* The strings of a link become our own, in one piece. */
static int
own_link(struct outlet_with *w)
{
	size_t url = strlen(w->link.url) + 1, host = strlen(w->link.host) + 1;
	char *text = malloc(url + host);

	if (text == NULL)
		return -1;
	w->link.url = memcpy(text, w->link.url, url);
	w->link.host = memcpy(text + url, w->link.host, host);
	return 0;
}

void
outlet_settle_with(struct outlet *o, const struct frontier_item *of,
    const struct outlet_with *what, int64_t now_ms)
{
	struct block *b = of != NULL ? block_of_item(o, of) : NULL;
	struct outlet_with w = *what, *v;

	if (b == NULL ||
	    (v = realloc(b->with, (b->nwith + 1) * sizeof *v)) == NULL) {
		with_settle(o, &w, now_ms);
		return;
	}
	b->with = v;
	if (w.item == NULL && own_link(&w) != 0)
		return; /* it will be asked for, and settled then */
	b->with[b->nwith++] = w;
}

void
outlet_with_settle(struct outlet *o, struct block *b, int64_t now_ms)
{
	uint32_t i;

	for (i = 0; i < b->nwith; i++)
		with_settle(o, &b->with[i], now_ms);
}

void
outlet_with_free(struct block *b)
{
	uint32_t i;

	for (i = 0; i < b->nwith; i++)
		if (b->with[i].item == NULL)
			free((char *)(uintptr_t)b->with[i].link.url);
	free(b->with);
}
