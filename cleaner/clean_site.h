/* clean_site.h - winnow clean --site: pages that explain each other. */
#ifndef WN_CLEAN_SITE_H
#define WN_CLEAN_SITE_H

#include "cleaner/winnow.h"

struct site_clean {
	struct winnow_page page; /* charset and now, where they were said; url:
				    where the folder is from, NULL: unknown */
	int now_said;
	/* name: of the file, below its folder; NULL for a page of a WARC file.
	 * 0, or an error: the page cannot be printed. */
	int (*print)(void *arg, struct winnow *, const struct winnow_doc *,
	    const struct winnow_fetch *, const char *name);
	void *arg;
};

/* path: a folder, or a WARC file. The exit status: 0; 1 it cannot be read; 5
 * some of it could not be cleaned; 7 no article in it. */
int wn_clean_site(const struct site_clean *, struct winnow *, const char *path);

#endif
