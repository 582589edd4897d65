/* list.c - the sealed files of a queue in log order, a day at a time.
 *
 * Invariants
 *  L1  Only names of ours in the folder of their own day count: whatever else
 *      lies in ready/ (a consumer's marks) is not seen.
 *  L2  Memory is that of one day's names and of the days', whatever the
 *      queue's age. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "queue/format.h"

/* name is shorter than WQ_NAME_MAX: its callers look. */
static int
add(struct wq_list *l, const char *name)
{
	void *v;

	if (l->n == l->cap) {
		size_t cap = l->cap > 0 ? 2 * l->cap : 64;

		if ((v = realloc(l->name, cap * sizeof *l->name)) == NULL)
			return WQ_ENOMEM;
		l->name = v;
		l->cap = cap;
	}
	memcpy(l->name[l->n++], name, strlen(name) + 1);
	return WQ_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All entries of a folder that keep() takes, sorted. A folder that is gone is
 * an empty one: consumers may remove what they have read. */
static int
list_folder(const char *path, const char *after,
    int (*keep)(const char *name, const char *after), struct wq_list *l)
{
	struct dirent *e;
	DIR *d;
	int err = WQ_OK;

	l->n = 0;
	if ((d = opendir(path)) == NULL)
		return errno == ENOENT ? WQ_OK : wq_error_of(errno);
	while (err == 0 && (e = readdir(d)) != NULL)
		if (strlen(e->d_name) < WQ_NAME_MAX && keep(e->d_name, after))
			err = add(l, e->d_name);
	closedir(d);
	if (l->n > 0)
		qsort(l->name, l->n, sizeof *l->name, by_name);
	return err;
}

/* YYYY-MM-DD, and not before the day in `after`, which has no dashes; behind
 * it when a tilde follows. */
static int
keep_day(const char *day, const char *after)
{
	static const char form[] = "dddd-dd-dd";
	char plain[12];
	size_t n = strlen(after) < 8 ? strlen(after) : 8;

	if (strlen(day) != sizeof form - 1)
		return 0;
	for (int i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? day[i] < '0' || day[i] > '9'
				   : day[i] != '-')
			return 0;
	snprintf(plain, sizeof plain, "%.4s%.2s%.2s", day, day + 5, day + 8);
	return strncmp(plain, after, n) >= (n == 8 && after[n] == '~');
}

static int
keep_file(const char *name, const char *after)
{
	return strcmp(name, after) > 0 && wq_name_parse(name, NULL, NULL);
}

/* The names that belong to this day (L1). */
static void
drop_strangers(struct wq_list *l, const char *day)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *s = l->name[i];

		if (strncmp(s, day, 4) == 0 &&
		    strncmp(s + 4, day + 5, 2) == 0 &&
		    strncmp(s + 6, day + 8, 2) == 0)
			memmove(l->name[n++], s, WQ_NAME_MAX);
	}
	l->n = n;
}

int
wq_list_days(const char *dir, const char *after, struct wq_list *days)
{
	char path[WQ_PATH_MAX];

	snprintf(path, sizeof path, "%s/ready", dir);
	return list_folder(path, after, keep_day, days);
}

int
wq_list_in(
    const char *dir, const char *day, const char *after, struct wq_list *l)
{
	char path[WQ_PATH_MAX];
	int err;

	snprintf(path, sizeof path, "%s/ready/%.10s", dir, day);
	if ((err = list_folder(path, after, keep_file, l)) == 0)
		drop_strangers(l, day);
	return err;
}

int
wq_list_day(const char *dir, const char *after, struct wq_list *l)
{
	struct wq_list days = {0};
	int err = wq_list_days(dir, after, &days);

	l->n = 0;
	l->day[0] = '\0';
	for (size_t i = 0; err == 0 && l->n == 0 && i < days.n; i++) {
		memcpy(l->day, days.name[i], sizeof l->day);
		err = wq_list_in(dir, l->day, after, l);
	}
	wq_list_clear(&days);
	return err != 0 ? err : l->n > 0;
}

int
wq_list_behind(const struct wq_list *l, char after[WQ_NAME_MAX])
{
	if (l->day[0] == '\0')
		return 0;
	snprintf(after, WQ_NAME_MAX, "%.4s%.2s%.2s~", l->day, l->day + 5,
	    l->day + 8);
	return 1;
}

void
wq_list_clear(struct wq_list *l)
{
	free(l->name);
	memset(l, 0, sizeof *l);
}

static int
is_queue(const char *dir)
{
	char path[WQ_PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof path, "%s/ready", dir) <
		   (int)sizeof path &&
	       stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
wq_find(char out[WQ_DIR_MAX], const char *dir, char *errbuf, size_t errlen)
{
	static const char *const below[] = {"", "/queue"};
	int refused = 0;

	for (size_t i = 0; i < 2; i++) {
		errno = 0;
		if (snprintf(out, WQ_DIR_MAX, "%s%s", dir, below[i]) <
			WQ_DIR_MAX &&
		    is_queue(out))
			return WQ_OK;
		refused |= errno == EACCES;
	}
	if (refused)
		snprintf(errbuf, errlen, "cannot look into '%s': %s; %s", dir,
		    strerror(EACCES), wq_advice(EACCES, NULL));
	else
		snprintf(errbuf, errlen,
		    "no queue in '%s': it holds neither ready/ nor "
		    "queue/ready/; name "
		    "the queue or the directory of a crawl",
		    dir);
	return WQ_ENODIR;
}
