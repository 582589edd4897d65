/* report_parts.h - what the files of the reports share; nobody else includes
 * it. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "crawler/words.h"

struct frontier_view;
struct judgement;

/* report_focus.c: the member "topic"; null where no topic was followed. */
void report_focus(
    struct words *, struct frontier_view *, const struct judgement *);

#endif
