/* startup.c - see startup.h. */
#include "crawler/startup.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/zygote.h"

int
overrides_add(struct overrides *o, const char *word)
{
	const char **v = realloc(o->v, (o->n + 2) * sizeof *v);

	if (v == NULL)
		return -1;
	o->v = v;
	v[o->n++] = word;
	v[o->n] = NULL;
	return 0;
}

void
overrides_clear(struct overrides *o)
{
	free(o->v);
	o->v = NULL;
	o->n = 0;
}

void
startup_log(const struct config *c)
{
	/* Config levels in their order in keys.def. */
	static const enum log_level levels[] = { LOG_ERROR, LOG_WARN,
		LOG_NOTICE, LOG_INFO_, LOG_DEBUG_ };
	_Static_assert(CONFIG_LOG_FORMAT_TEXT == (int)LOG_TEXT &&
		CONFIG_LOG_FORMAT_LOGFMT == (int)LOG_LOGFMT &&
		CONFIG_LOG_FORMAT_JSON == (int)LOG_JSON,
	    "the order of keys.def");

	log_open(levels[config_values(c)->log_level],
	    (enum log_form)config_values(c)->log_format, -1);
}

/* A wish that cannot be granted is an error: text of another script than the
 * one that was asked for is of no use. */
static int
startup_script(const char *who, const struct config_values *v)
{
	if (winnow_can_convert((enum winnow_script)v->clean_script))
		return 0;
	fprintf(stderr,
	    "%s: clean.script: this build cannot convert Chinese text: it "
	    "needs OpenCC and its dictionaries (libopencc-dev, "
	    "libopencc-data); set clean.script = keep, or install them and "
	    "build again\n",
	    who);
	return 4;
}

int
startup_config(const char *who, struct config **c, const char *file,
    const struct overrides *o)
{
	char err[8192];
	size_t n;
	int rc;

	/* Logs may be rotated before there is a loop that would hear of it. */
	signal(SIGUSR1, SIG_IGN);
	rc = config_load(c, file, o->v, environ, err, sizeof err);
	if (rc != CONFIG_OK) {
		n = strlen(err);
		fprintf(stderr, "%s: the configuration is not usable:\n%s%s",
		    who, err, n > 0 && err[n - 1] == '\n' ? "" : "\n");
		return rc == CONFIG_ENOMEM ? 1 : 4;
	}
	startup_log(*c);
	return startup_script(who, config_values(*c));
}

int
startup_zygote(const char *who, struct zygote *z, const struct config *c)
{
	const struct config_values *v = config_values(c);
	struct zygote_options o = {
		.clean = { .max_body = (size_t)v->fetch_max_body,
		    .max_feed = (size_t)v->fetch_max_sitemap,
		    .max_memory = (size_t)v->clean_memory,
		    .max_links = (size_t)v->clean_max_links,
		    .script = (enum winnow_script)v->clean_script },
		.memory = v->clean_memory,
	};
	char err[256];

	if (zygote_start(z, &o, err, sizeof err) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", who, err);
	return 1;
}

int
startup_number(const char *who, const char *what, const char *text,
    int64_t least, int64_t most, int64_t *out)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || n < least ||
	    n > most) {
		fprintf(stderr,
		    "winnow %s: %s '%s': not a number from %lld to %lld\n",
		    who, what, text, (long long)least, (long long)most);
		return -1;
	}
	*out = n;
	return 0;
}

int
startup_duration(const char *who, const char *what, const char *text,
    int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	char *end;
	long long n;
	size_t i;

	errno = 0;
	n = strtoll(text, &end, 10);
	for (i = 0; end != text && errno == 0 && n > 0 && n < 1000000000 &&
	     i < sizeof units / sizeof *units;
	     i++)
		if (strcmp(end, units[i].unit) == 0) {
			*ms = n * units[i].ms;
			return 0;
		}
	fprintf(stderr,
	    "winnow %s: %s '%s': not a time, write it as 90s, 5m or 2h\n", who,
	    what, text);
	return -1;
}

/* evdns frees what it still holds in one more turn. */
void
startup_loop_free(struct event_base *base)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
}

struct event_base *
startup_loop(void)
{
	struct event_config *c;
	struct event_base *base;

	signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow (RLIMIT_FSIZE) is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
#ifdef M_MMAP_THRESHOLD
	/* Bodies go back to the system when they are freed. Left alone glibc
	 * raises the bound with the first large one, and memory then stays at
	 * what the worst minute took, in pieces. */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (c = event_config_new()) == NULL)
		return NULL;
	/* A connection changes what it waits for several times a page; changes
	 * of one turn become one system call. */
	event_config_set_flag(c, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}
