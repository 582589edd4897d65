/* clean_warc.h - winnow clean FILE.warc.gz: every page of it. */
#ifndef WN_CLEAN_WARC_H
#define WN_CLEAN_WARC_H

#include <stdio.h>

#include "cleaner/winnow.h"

struct warc_clean {
	struct winnow_page page; /* charset and now, where they were said */
	int now_said;
	/* 0, or an error: the page cannot be printed. */
	int (*print)(void *arg, struct winnow *, const struct winnow_doc *,
	    const struct winnow_fetch *);
	/* NULL, or instead of cleaning and printing: 1, or 0: no article. */
	int (*page_in)(void *arg, struct winnow *, struct winnow_page *,
	    const struct winnow_fetch *);
	void *arg;
};

/* begin: the first n bytes of the file, read already. The exit status: 0; 1
 * it cannot be read; 5 some of it could not be cleaned; 7 no article in it. */
int wn_clean_warc(const struct warc_clean *, struct winnow *, FILE *,
    const char *name, const char *begin, size_t n);

#endif
