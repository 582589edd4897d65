/* cmd_list.c - winnow queue list and stat: what lies in ready/.
 *
 * A file that vanishes while we look was consumed by somebody: not a word. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/cmd_queue.h"

struct totals {
	uint64_t files, records, bytes, json, first, last, damaged;
};

static void
add(struct totals *t, const struct wq_entry *e)
{
	t->files++;
	t->records += e->records;
	t->bytes += e->bytes;
	t->json += e->json;
	if (t->first == 0)
		t->first = e->first_seq;
	if (e->records > 0)
		t->last = e->first_seq + e->records - 1;
}

/* By its index line or by itself: WQ_OK, WQ_EGONE, or what is wrong with it;
 * what could be counted is in the entry. */
static int
entry_of(struct wq_index *x, const char *dir, const char *name, int sha,
    struct wq_entry *e)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int err;

	wq_ready_path(path, dir, name);
	errno = 0;
	if (stat(path, &st) < 0)
		return WQ_EGONE;
	if (wq_index_find(x, name, (uint64_t)st.st_size, e))
		return WQ_OK;
	err = wq_entry_scan(dir, name, sha, e);
	return err == WQ_EIO && errno == ENOENT ? WQ_EGONE : err;
}

struct walk {
	const struct args *args;
	void (*each)(const struct args *, const struct wq_entry *);
	struct wq_index index;
	struct totals *t;
};

static void
damaged(struct walk *w, int err, const char *below)
{
	char path[2 * WQ_PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", w->args->dir, below);
	cmd_queue_complain(err, path);
	w->t->damaged++;
}

static void
one_file(struct walk *w, const char *name)
{
	char path[WQ_PATH_MAX];
	struct wq_entry e;
	int err = entry_of(&w->index, w->args->dir, name, w->args->json, &e);

	if (err == WQ_EGONE)
		return;
	add(w->t, &e);
	wq_ready_path(path, "", name);
	if (err != 0)
		damaged(w, err, path + 1);
	else if (w->each != NULL)
		w->each(w->args, &e);
}

/* Calls each() for every sealed file that can be read; the exit status. */
static int
each_file(const struct args *a, struct totals *t,
    void (*each)(const struct args *, const struct wq_entry *))
{
	struct walk w = {.args = a, .each = each, .t = t};
	char after[WQ_NAME_MAX] = "", day[24];
	struct wq_list l = {0};
	int rc;

	memset(t, 0, sizeof *t);
	wq_index_open(&w.index, a->dir);
	while ((rc = wq_list_day(a->dir, after, &l)) != 0) {
		if (rc < 0) {
			snprintf(day, sizeof day, "ready/%.10s", l.day);
			damaged(&w, rc, day);
			if (!wq_list_behind(&l, after))
				break;
			continue;
		}
		memcpy(after, l.name[l.n - 1], sizeof after);
		for (size_t i = 0; i < l.n; i++)
			one_file(&w, l.name[i]);
	}
	wq_index_close(&w.index);
	wq_list_clear(&l);
	return t->damaged > 0 ? SOME : OK;
}

/* The last name of the last day that has any: 1, 0, or an error. */
static int
newest(const char *dir, char name[WQ_NAME_MAX])
{
	struct wq_list days = {0}, files = {0};
	int rc = wq_list_days(dir, "", &days);

	name[0] = '\0';
	while (rc == 0 && days.n > 0 && name[0] == '\0') {
		rc = wq_list_in(dir, days.name[--days.n], "", &files);
		if (rc == 0 && files.n > 0)
			memcpy(name, files.name[files.n - 1], WQ_NAME_MAX);
	}
	wq_list_clear(&files);
	wq_list_clear(&days);
	return rc < 0 ? rc : name[0] != '\0';
}

/* The newest file knows. Where it is damaged, or every file was consumed, the
 * index may still name one. */
int
cmd_queue_last(const char *dir, uint64_t *seq)
{
	char name[WQ_NAME_MAX];
	struct wq_entry e;
	int rc = newest(dir, name);

	*seq = 0;
	if (rc < 0)
		return rc;
	if ((rc > 0 && wq_entry_scan(dir, name, 0, &e) == 0) ||
	    wq_index_seek(dir, UINT64_MAX, NULL, &e) > 0)
		*seq = e.first_seq + e.records - 1;
	return WQ_OK;
}

/* ---- list ---------------------------------------------------------------- */

static void
list_one(const struct args *a, const struct wq_entry *e)
{
	char buf[512], path[WQ_PATH_MAX];

	if (a->json) {
		wq_entry_print(buf, sizeof buf, e);
		fputs(buf, stdout);
		return;
	}
	wq_ready_path(path, "", e->name);
	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	       "\t%" PRIu64 "\n",
	    path + 1, e->first_seq, e->first_seq + e->records - 1, e->records,
	    e->bytes, e->json);
}

int
cmd_queue_list(struct args *a)
{
	struct totals t;

	if (!a->json && isatty(1))
		printf("file\tfirst\tlast\trecords\tbytes\tjson\n");
	return cmd_queue_finish(each_file(a, &t, list_one));
}

/* ---- stat ---------------------------------------------------------------- */

struct cursors {
	int json, n;
};

static void
stat_cursor(void *arg, const char *name, int err, const struct wq_cursor *c)
{
	struct cursors *s = arg;

	if (err != 0)
		cmd_queue_say(
		    "cursor '%s': %s", name, cmd_queue_cursor_why(err));
	else if (s->json)
		printf("%s\"%s\":\"%" PRIu64 "\"", s->n++ > 0 ? "," : "", name,
		    c->acked);
	else
		printf("cursor %s %" PRIu64 "\n", name, c->acked);
}

static void
print_totals(const struct args *a, const struct totals *t)
{
	const struct {
		const char *name;
		uint64_t v;
		int seq; /* a string in JSON */
	} rows[] = {{"files", t->files, 0}, {"records", t->records, 0},
	    {"bytes", t->bytes, 0}, {"json_bytes", t->json, 0},
	    {"first_seq", t->first, 1}, {"last_seq", t->last, 1},
	    {"damaged", t->damaged, 0}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *q = rows[i].seq ? "\"" : "";

		if (a->json)
			printf("%s\"%s\":%s%" PRIu64 "%s", i > 0 ? "," : "{",
			    rows[i].name, q, rows[i].v, q);
		else
			printf("%s %" PRIu64 "\n", rows[i].name, rows[i].v);
	}
}

int
cmd_queue_stat(struct args *a)
{
	struct cursors s = {.json = a->json};
	struct totals t;
	uint64_t lowest;
	int status = each_file(a, &t, NULL);

	if (status != OK && status != SOME)
		return status;
	print_totals(a, &t);
	if (a->json)
		printf(",\"cursors\":{");
	if (cmd_queue_cursors(a, stat_cursor, &s, &lowest) != 0)
		status = SOME;
	if (a->json)
		printf("}}\n");
	return cmd_queue_finish(status);
}
