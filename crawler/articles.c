/* articles.c - see articles.h. */
#include "crawler/articles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#include "crawler/job.h"

struct articles {
	uint64_t n; /* that came; the next one's place is n % ARTICLES_N */
	struct article ring[ARTICLES_N];
};

struct articles *
articles_new(void)
{
	return calloc(1, sizeof(struct articles));
}

void
articles_free(struct articles *a)
{
	free(a);
}

/* As much of s as fits, never a part of a character. 1: it was cut. */
static int
copy(char *out, size_t cap, const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;
	int cut = n >= cap;

	if (cut)
		for (n = cap - 1;
		     n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80;)
			n--;
	if (n > 0)
		memcpy(out, s, n);
	out[n] = '\0';
	return cut;
}

void
articles_add(struct articles *a, const char *url, const struct job_article *j,
    const struct recent_place *place, int64_t now_ms)
{
	struct article *e = &a->ring[a->n++ % ARTICLES_N];

	copy(e->id, sizeof e->id, j->id_text);
	memcpy(e->record, j->id, sizeof e->record);
	e->url_cut = copy(e->url, sizeof e->url, url);
	copy(e->title, sizeof e->title, j->title);
	copy(e->source, sizeof e->source, j->source);
	copy(e->date, sizeof e->date, j->date);
	e->chars = j->chars;
	e->landed_ms = now_ms;
	e->recent = *place;
	e->warc.name[0] = '\0';
}

void
articles_kept(
    struct articles *a, const uint8_t id[16], const struct wq_raw_place *place)
{
	struct article *e;

	for (size_t i = 0; i < ARTICLES_N && i < a->n; i++) {
		e = &a->ring[(a->n - 1 - i) % ARTICLES_N];
		if (memcmp(e->record, id, sizeof e->record) == 0) {
			e->warc = *place;
			return;
		}
	}
}

const struct article *
articles_at(const struct articles *a, size_t n)
{
	return n < ARTICLES_N && n < a->n
		   ? &a->ring[(a->n - 1 - n) % ARTICLES_N]
		   : NULL;
}

const struct article *
articles_find(const struct articles *a, const char *id)
{
	const struct article *e;

	for (size_t i = 0; (e = articles_at(a, i)) != NULL; i++)
		if (strcmp(e->id, id) == 0)
			return e;
	return NULL;
}

/* ---- over a restart ----------------------------------------------------- */

#define NAME "newest.articles"

struct front {
	char magic[8];
	uint64_t size;  /* of the ring, as this program has it */
	uint64_t check; /* XXH3 of it */
};
static const char front_magic[8] = "WNNEWEST";

static void
path_of(char path[4200], const char *state_dir)
{
	snprintf(path, 4200, "%s/" NAME, state_dir);
}

void
articles_save(const struct articles *a, const char *state_dir)
{
	struct front f = {
	    .size = sizeof *a, .check = XXH3_64bits(a, sizeof *a)};
	struct iovec v[2] = {{&f, sizeof f}, {(void *)(uintptr_t)a, sizeof *a}};
	char path[4200];
	int fd;

	if (a->n == 0)
		return;
	memcpy(f.magic, front_magic, sizeof f.magic);
	path_of(path, state_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return;
	if (writev(fd, v, 2) != (ssize_t)(sizeof f + sizeof *a))
		unlink(path);
	close(fd);
}

/* Whatever it was that wrote the file: strings end. */
static void
close_strings(struct article *e)
{
	e->id[sizeof e->id - 1] = '\0';
	e->url[sizeof e->url - 1] = '\0';
	e->title[sizeof e->title - 1] = '\0';
	e->source[sizeof e->source - 1] = '\0';
	e->date[sizeof e->date - 1] = '\0';
	e->warc.name[sizeof e->warc.name - 1] = '\0';
}

void
articles_load(struct articles *a, const char *state_dir)
{
	struct front f;
	struct iovec v[2] = {{&f, sizeof f}, {a, sizeof *a}};
	char path[4200];
	ssize_t n;
	int fd;

	path_of(path, state_dir);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	n = readv(fd, v, 2);
	close(fd);
	unlink(path);
	if (n != (ssize_t)(sizeof f + sizeof *a) ||
	    memcmp(f.magic, front_magic, sizeof f.magic) != 0 ||
	    f.size != sizeof *a || f.check != XXH3_64bits(a, sizeof *a))
		memset(a, 0, sizeof *a);
	for (size_t i = 0; i < ARTICLES_N; i++)
		close_strings(&a->ring[i]);
}
