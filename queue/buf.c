/* buf.c - bytes that grow. What they hold comes from one line, which is
 * bounded (WQ_RECORD_MAX), so there is no bound of their own. */
#include "queue/buf.h"

#include <stdlib.h>
#include <string.h>

#include "queue/wq.h"

char *
wq_buf_room(struct wq_buf *b, size_t n)
{
	size_t want = b->len + n;
	char *p;

	if (want > b->cap || b->p == NULL) {
		want += want / 2 + 64;
		if ((p = realloc(b->p, want)) == NULL)
			return NULL;
		b->p = p;
		b->cap = want;
	}
	return b->p + b->len;
}

int
wq_buf_put(struct wq_buf *b, const char *s, size_t n)
{
	char *p = wq_buf_room(b, n);

	if (p == NULL)
		return WQ_ENOMEM;
	memcpy(p, s, n);
	b->len += n;
	return WQ_OK;
}

int
wq_buf_puts(struct wq_buf *b, const char *s)
{
	return wq_buf_put(b, s, strlen(s));
}

void
wq_buf_free(struct wq_buf *b)
{
	free(b->p);
	*b = (struct wq_buf){0};
}
