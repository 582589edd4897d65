/* daemon_seeds.c - what the daemon reads again and again: lists of seeds, its
 * configuration. */
#include "crawler/daemon_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "crawler/alive.h"
#include "crawler/log.h"
#include "crawler/startup.h"
#include "crawler/web.h"
#include "crawler/words.h"

/* ---- seeds -------------------------------------------------------------- */

#define SEEDS_A_SIGN 4096 /* a tenth of a second of them */
/* LMDB keeps the memory of the largest transaction there ever was, 2 MiB for
 * 10,000 seeds; but a commit may take a second of a disk that others use. */
#define SEEDS_A_COMMIT 16384
#define SEEDS_FILE_MAX (4LL << 30) /* 10^7 of them have one or two */

/* Bad lines take their time too: somebody dropped what is no list. */
static void
sign(const struct seed_count *n)
{
	unsigned lines = n->added + n->known + n->bad;

	if (lines % SEEDS_A_SIGN != 0)
		return;
	alive_progress(n->server->alive);
	if (lines % SEEDS_A_COMMIT == 0)
		(void)engine_commit(n->server->engine); /* the last one tells */
}

/* Words for who waits for an answer; what is beyond a hundred he can count. */
static void
not_taken(struct seed_count *n, const char *text)
{
	if (n->told++ >= 100)
		return;
	words_string(n->words, NULL, text);
	words_tell(n->words, WORDS_BAD, n->told == 1 ? "not taken" : "", "%s",
	    text);
}

/* Who wrote it on the command line knows of no lines. */
static void
no_seed(struct seed_count *n, const char *url)
{
	char text[512];

	n->bad++;
	sign(n);
	snprintf(text, sizeof text, "%.400s: this is no seed", url);
	not_taken(n, text);
}

void
daemon_seed(void *arg, const struct seed_line *line)
{
	struct seed_count *n = arg;
	int rc;

	if (n->remove) {
		rc = engine_remove_seed(n->server->engine, line->url);
		n->removed += rc == 1;
		if (rc != 1)
			no_seed(n, line->text);
		return;
	}
	rc = engine_add_seed(n->server->engine, line);
	n->added += rc == 1;
	n->known += rc == 0;
	n->bad += rc < 0;
	sign(n);
}

void
daemon_bad_line(void *arg, unsigned line, const char *what)
{
	struct seed_count *n = arg;
	char text[512];

	n->bad++;
	sign(n);
	if (n->words == NULL) {
		log_warn("seed list has a bad line file=%s line=%u what=%s",
		    n->from, line, what);
		return;
	}
	snprintf(text, sizeof text, "line %u: %s", line, what);
	not_taken(n, text);
}

/* A regular file, and nothing else that a name may have become since it was
 * looked at: nobody who has no reader is waited for. NULL: errno. */
static FILE *
list_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	FILE *f;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode) && st.st_size <= SEEDS_FILE_MAX &&
		    (f = fdopen(fd, "r")) != NULL)
			return f;
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	}
	close(fd);
	return NULL;
}

static int
list_read(const char *path, const struct seeds_reader *r)
{
	FILE *f = list_open(path);
	int rc = f != NULL ? seeds_read(f, r) : -1, saved = errno;

	if (f != NULL)
		fclose(f);
	errno = saved;
	return rc;
}

int
daemon_take_list(void *arg, const char *path)
{
	struct server *s = arg;
	struct seed_count n = {.server = s, .from = path};
	struct seeds_reader r = {daemon_seed, daemon_bad_line, &n};

	if (list_read(path, &r) != 0) {
		log_error("cannot read a seed list file=%s error=%s", path,
		    strerror(errno));
		return -1;
	}
	if (engine_commit(s->engine) != 0)
		return -1;
	log_notice("seed list taken file=%s new=%u known=%u bad=%u", path,
	    n.added, n.known, n.bad);
	return 0;
}

void
daemon_take_lists(struct server *s)
{
	const char *const *f = config_values(s->config)->seeds_files;

	for (; *f != NULL; f++)
		(void)daemon_take_list(s, *f);
}

/* ---- reload ------------------------------------------------------------- */

static void
log_changes(const char *changes)
{
	const char *eol;

	for (; (eol = strchr(changes, '\n')) != NULL; changes = eol + 1)
		log_each(LOG_NOTICE, "setting changed setting=%.*s",
		    (int)(eol - changes), changes);
}

/* What is valid and makes no sense. */
static void
log_doubts(const struct config *c)
{
	char *doubts = NULL, *line, *rest;
	size_t len;
	FILE *f = open_memstream(&doubts, &len);

	if (f == NULL)
		return;
	config_warn(c, f);
	fclose(f);
	for (rest = doubts; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0')
			log_each(LOG_WARN, "a setting is doubtful what=%s",
			    line);
	free(doubts);
}

/* Every finding has a line. */
static void
log_refusal(const char *err)
{
	size_t n;

	for (; *err != '\0'; err += n + (err[n] == '\n'))
		if ((n = strcspn(err, "\n")) > 0)
			log_each(LOG_ERROR,
			    "reload failed, the old settings stay error=%.*s",
			    (int)n, err);
}

int
daemon_reload(struct server *s, char **told, char *err, size_t errlen)
{
	struct config *fresh;
	char *changes = NULL;
	size_t len;
	FILE *f;

	alive_reloading(s->alive);
	if (config_load(&fresh, s->file, s->overrides->v, environ, err,
		errlen) != CONFIG_OK ||
	    web_set_config(s->web, fresh, err, errlen) != 0) {
		log_refusal(err);
		config_free(fresh);
		alive_reloaded(s->alive, err);
		return -1;
	}
	if ((f = open_memstream(&changes, &len)) != NULL) {
		config_diff(s->config, fresh, f);
		fclose(f);
		if (changes != NULL)
			log_changes(changes);
	}
	engine_set_config(s->engine, fresh);
	config_free(s->config);
	s->config = fresh;
	startup_log(fresh);
	log_doubts(fresh);
	daemon_take_lists(s);
	log_notice("reloaded");
	alive_reloaded(s->alive, NULL);
	if (told != NULL)
		*told = changes;
	else
		free(changes);
	return 0;
}
