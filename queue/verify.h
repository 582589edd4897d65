/* verify.h - between verify.c and verify_raw.c. */
#ifndef WQ_VERIFY_H
#define WQ_VERIFY_H

#include <stdint.h>

struct wq_raw_check {
	void (*bad)(void *arg, const char *what);
	void *arg;
	uint64_t *pages; /* good ones are added */
};
/* Looks at the raw pages of a sealed file, if it has any. */
int wq_verify_raw(
    const char *dir, const char *name, const struct wq_raw_check *);

#endif
