/* clean_parts.h - winnow clean --parts: files that are pages of one article. */
#ifndef WN_CLEAN_PARTS_H
#define WN_CLEAN_PARTS_H

#include "cleaner/winnow.h"

struct parts_clean {
	struct winnow_page page; /* as was said of the first; of the others: all
				    but its address */
	int (*print)(void *arg, struct winnow *, const struct winnow_doc *);
	void *arg;
};

/* The files in the order of the pages. The exit status: 0; 1 one cannot be read
 * or cleaned; 5 one has nothing of the article; 7 there is no article. */
int wn_clean_parts_files(const struct parts_clean *, struct winnow *,
    char *const *names, int n);

#endif
