/* logs.h - the fetch log and the skip log: two files, off unless configured.
 *
 * What is in a line: fetch_log.def and skip_log.def. How it gets to the disk:
 * log_file.h. A link that is refused stands on each page of its site, so the
 * skip log remembers the last LOGS_SKIPS refusals of links, and writes one of
 * them again only when it has been forgotten. Here is also the clock of the
 * sums in the journal (log_tick). */
#ifndef LOGS_H
#define LOGS_H

#include "crawler/log_columns.h"
#include "crawler/log_file.h"

#define LOGS_SKIPS (1 << 16)

struct fetch_line {
#define C(kind, name, words) LOG_C_##kind name;
#include "crawler/fetch_log.def"
#undef C
};

struct skip_line {
#define C(kind, name, words) LOG_C_##kind name;
#include "crawler/skip_log.def"
#undef C
};

struct config_values;
struct event_base;
struct logs;

struct logs *logs_new(struct event_base *); /* off; NULL: no memory */
void logs_free(struct logs *);              /* writes what is there */
/* What the settings say of files and form, now and after a reload. */
void logs_set(struct logs *, const struct config_values *);
/* The files were moved away. */
void logs_reopen(struct logs *);

/* Is the line wanted? Else it need not be made. */
int logs_fetch_on(const struct logs *);
int logs_skip_on(const struct logs *);
void logs_fetch(struct logs *, const struct fetch_line *);
void logs_skip(struct logs *, const struct skip_line *);
/* The same of a link, by its key: once while it is remembered. */
void logs_skip_link(struct logs *, uint64_t key, const struct skip_line *);

struct logs_stat {
	struct log_file_stat fetch, skip;
};
void logs_stat(const struct logs *, struct logs_stat *);

#endif
