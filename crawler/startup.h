/* startup.h - what `winnow crawl` and winnowd do alike before they run. */
#ifndef STARTUP_H
#define STARTUP_H

#include <stddef.h>
#include <stdint.h>

/* Read by winnowd, and by winnow where it asks for one, when it is there. */
#define STARTUP_FILE "/etc/winnow/winnowd.conf"

struct config;
struct event_base;
struct zygote;

/* section.key=value words from the command line. */
struct overrides {
	const char **v; /* NULL-terminated, words borrowed; NULL: none */
	size_t n;
};
int overrides_add(struct overrides *, const char *word); /* 0, -1: no memory */
void overrides_clear(struct overrides *);

/* Each: 0, or an exit status with the reason on stderr, after `who: `. */
int startup_config(const char *who, struct config **, const char *file,
    const struct overrides *);
int startup_zygote(const char *who, struct zygote *, const struct config *);
int startup_number(const char *who, const char *what, const char *text,
    int64_t least, int64_t most, int64_t *out);
/* "90s", "5m", "2h", "100ms", or seconds. */
int startup_duration(const char *who, const char *what, const char *text,
    int64_t *ms);
/* Log settings in effect from here on. */
void startup_log(const struct config *);
/* The loop, with curl and signals made ready. NULL: it cannot be. */
struct event_base *startup_loop(void);
/* When everything that used it is gone. */
void startup_loop_free(struct event_base *);

#endif
