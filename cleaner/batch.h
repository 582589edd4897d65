/* batch.h - winnow clean --batch: a line in, a line out. */
#ifndef WN_BATCH_H
#define WN_BATCH_H

#include <stdint.h>
#include <stdio.h>

struct winnow_line;

enum { BATCH_MAX = 64 }; /* workers */

/* Cleans each line of the descriptor in, in order, to out; now is the
 * reference of relative dates. The exit status. */
int batch_run(int in, FILE *out, int workers, int64_t now);

/* A whole file; caller frees with free(). NULL: errno says why. */
char *batch_read_file(FILE *, size_t *len);

/* A line with null for what only a queue knows. */
void batch_print_line(const struct winnow_line *, FILE *);

#endif
