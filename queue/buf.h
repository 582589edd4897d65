/* buf.h - bytes that grow; zeroed by the caller, freed with wq_buf_free(). */
#ifndef WQ_BUF_H
#define WQ_BUF_H

#include <stddef.h>

struct wq_buf {
	char *p;
	size_t len, cap;
};

/* Room for n more behind len: where it begins, or NULL without memory. */
char *wq_buf_room(struct wq_buf *, size_t n);
/* WQ_OK or WQ_ENOMEM. */
int wq_buf_put(struct wq_buf *, const char *, size_t);
int wq_buf_puts(struct wq_buf *, const char *);
void wq_buf_free(struct wq_buf *);

#endif
