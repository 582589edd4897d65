/* script.h - Chinese text made simplified or traditional, by OpenCC. */
#ifndef WN_SCRIPT_H
#define WN_SCRIPT_H

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

struct wn_script;

/* Opens the dictionaries; nothing is opened afterwards. *out is NULL for
 * WINNOW_KEEP. 0, WINNOW_ENOMEM, or WINNOW_EINVAL: built without OpenCC, or
 * its dictionaries are not there. */
int wn_script_open(struct wn_script **out, enum winnow_script);
void wn_script_close(struct wn_script *); /* NULL is fine */

/* Converts a line. mirror: it came from a converter that made 著 of every
 * 着. 0 or WINNOW_ENOMEM; what OpenCC refuses stays as it is. */
int wn_script_convert(
    struct wn_script *, struct wn_arena *, struct wn_str *, int mirror);

#endif
