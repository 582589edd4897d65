/* tags.h - from the names of tags and attributes to their numbers. */
#ifndef WN_TAGS_H
#define WN_TAGS_H

#include "cleaner/tree.h"

/* The tag of a lower-case name; WN_TAG_OTHER when it is none of tags.def. */
enum wn_tag wn_tag_find(const char *name, size_t len);

/* The attribute of a lower-case name, -1 when it is not kept. */
int wn_attr_find(const char *name, size_t len);

extern const char *const wn_attr_names[WN_ATTR_N];

#endif
