/* log_file.h - a log in a file of its own, many lines a second.
 *
 * Lines gather in memory, and are appended once a second or when the room is
 * full, in whole lines by one write(). A file that cannot be opened or written
 * stops nothing: it is said once, lines are kept while there is room, further
 * ones are counted, and each second it is tried again; when it works again that
 * is said, with how many lines are missing.
 *
 * Invariants
 *  G1  Memory is LOG_FILE_ROOM, whatever the disk does; nothing waits for it
 *      but one write() a second.
 *  G2  A line is in the file whole, or not at all. What was cut off by a crash
 *      of the machine, or by a disk that was full, is ended by a newline or
 *      taken back before the next line.
 *  G3  After log_file_reopen() no line goes to the old file, and none is lost
 *      by it: what a rotation moved away has all lines before. */
#ifndef LOG_FILE_H
#define LOG_FILE_H

#include <stddef.h>
#include <stdint.h>

#define LOG_FILE_ROOM (64 << 10)

struct event_base;
struct log_file;

/* name: "fetch log", static, for the words about it. NULL: no memory. */
struct log_file *log_file_new(struct event_base *, const char *name);
void log_file_free(struct log_file *); /* writes what is there; NULL is fine */

/* Where it is from now on; "": nowhere, and nothing is kept. The same path
 * again: goes on. */
void log_file_set(struct log_file *, const char *path);
/* The file was moved away: a new one of its name. */
void log_file_reopen(struct log_file *);
int log_file_is_on(const struct log_file *);
/* A line with its newline, shorter than LOG_FILE_ROOM. */
void log_file_put(struct log_file *, const char *line, size_t n);
void log_file_flush(struct log_file *);

struct log_file_stat {
	uint64_t lines, lost;
};
void log_file_stat(const struct log_file *, struct log_file_stat *);

#endif
