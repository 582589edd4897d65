/* logs.c - see logs.h. */
#include "crawler/logs.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/log.h"

#define LINE_MAX_BYTES (32 << 10) /* two URLs, and the rest */
#define VALUE_MAX_BYTES (8 << 10)
#define TICK_S 10

static const struct log_column fetch_columns[] = {
#define C(kind, name, words)                                                   \
	{#name, words, LOG_K_##kind, offsetof(struct fetch_line, name)},
#include "crawler/fetch_log.def"
#undef C
};

static const struct log_column skip_columns[] = {
#define C(kind, name, words)                                                   \
	{#name, words, LOG_K_##kind, offsetof(struct skip_line, name)},
#include "crawler/skip_log.def"
#undef C
};

#define N(a) (sizeof(a) / sizeof *(a))

struct logs {
	struct log_file *fetch, *skip;
	struct event *tick;
	enum log_form form;
	uint64_t *seen; /* LOGS_SKIPS keys; NULL: no skip log, or no memory */
	char line[LINE_MAX_BYTES];
};

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_tick();
}

struct logs *
logs_new(struct event_base *base)
{
	static const struct timeval span = {TICK_S, 0};
	struct logs *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->tick = event_new(base, -1, EV_PERSIST, tick_cb, NULL);
	l->fetch = log_file_new(base, "fetch log");
	l->skip = log_file_new(base, "skip log");
	if (l->fetch != NULL && l->skip != NULL && l->tick != NULL &&
	    event_add(l->tick, &span) == 0)
		return l;
	logs_free(l);
	return NULL;
}

void
logs_free(struct logs *l)
{
	if (l == NULL)
		return;
	log_file_free(l->fetch);
	log_file_free(l->skip);
	if (l->tick != NULL)
		event_free(l->tick);
	log_close();
	free(l->seen);
	free(l);
}

void
logs_set(struct logs *l, const struct config_values *c)
{
	/* Columns are what text is, of lines that are all alike. */
	l->form = c->log_format == CONFIG_LOG_FORMAT_TEXT
		      ? LOG_COLUMNS
		      : (enum log_form)c->log_format;
	log_file_set(l->fetch, c->log_fetch_file);
	log_file_set(l->skip, c->log_skip_file);
	if (logs_skip_on(l) && l->seen == NULL)
		l->seen = calloc(LOGS_SKIPS, sizeof *l->seen);
	else if (!logs_skip_on(l)) {
		free(l->seen);
		l->seen = NULL;
	}
}

void
logs_reopen(struct logs *l)
{
	log_file_reopen(l->fetch);
	log_file_reopen(l->skip);
}

int
logs_fetch_on(const struct logs *l)
{
	return log_file_is_on(l->fetch);
}

int
logs_skip_on(const struct logs *l)
{
	return log_file_is_on(l->skip);
}

static void
put_row(struct logs *l, struct log_file *f, const struct log_column *c,
    size_t n, const void *row)
{
	struct log_line line;

	log_line_begin(
	    &line, l->form, l->line, sizeof l->line, VALUE_MAX_BYTES);
	log_columns_put(&line, c, n, row);
	log_file_put(f, l->line, log_line_end(&line));
}

void
logs_fetch(struct logs *l, const struct fetch_line *row)
{
	put_row(l, l->fetch, fetch_columns, N(fetch_columns), row);
}

void
logs_skip(struct logs *l, const struct skip_line *row)
{
	put_row(l, l->skip, skip_columns, N(skip_columns), row);
}

void
logs_skip_link(struct logs *l, uint64_t key, const struct skip_line *row)
{
	uint64_t *at = l->seen != NULL ? &l->seen[key % LOGS_SKIPS] : &key;

	if (l->seen != NULL && *at == key)
		return;
	*at = key;
	logs_skip(l, row);
}

void
logs_stat(const struct logs *l, struct logs_stat *s)
{
	log_file_stat(l->fetch, &s->fetch);
	log_file_stat(l->skip, &s->skip);
}
