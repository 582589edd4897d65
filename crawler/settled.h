/* settled.h - what a URL was settled with, as a reason of the closed list: in
 * the crawl as in `winnow why`. */
#ifndef SETTLED_H
#define SETTLED_H

#include "crawler/frontier.h"
#include "crawler/reasons.h"

/* text: what it was settled with, or is tried again for; NULL or "": nothing.
 * Where that is no name of the list it holds particulars of the reason.
 * REASON_NONE: nothing speaks against it. */
enum reason settled_reason(enum url_state, int status, const char *text);

#endif
