/* damage.h - a queue of nine files that tests damage and put back, and what
 * verify and readers make of it. */
#ifndef TESTS_QUEUE_DAMAGE_H
#define TESTS_QUEUE_DAMAGE_H

#include <fcntl.h>

#include "tests/queue/queue_test.h"

#define FILES 9
#define MEMBERS 4
#define RECORDS 20 /* of a member */
#define PER_FILE (MEMBERS * RECORDS)
#define TOTAL (FILES * PER_FILE)

static char *dir;
static char path[FILES][WQ_PATH_MAX]; /* of the sealed files, in log order */
static unsigned char *was[FILES];     /* their bytes */
static size_t size[FILES];

/* ---- a queue, and putting it back ---------------------------------------- */

static inline unsigned
chance(unsigned below)
{
	static uint64_t state = 20261121;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

/* Written over, not anew: file systems flush a file that was cut to nothing. */
static inline void
store(int f, const unsigned char *bytes, size_t n)
{
	int fd = open(path[f], O_WRONLY | O_CREAT, 0644);

	if (fd < 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n ||
	    ftruncate(fd, (off_t)n) != 0 || close(fd) != 0)
		TEST_FAIL("cannot write %s", path[f]);
}

static inline void
restore(void)
{
	for (int f = 0; f < FILES; f++)
		store(f, was[f], size[f]);
}

static inline void
fetch(int f)
{
	FILE *in = fopen(path[f], "r");

	fseek(in, 0, SEEK_END);
	size[f] = (size_t)ftell(in);
	rewind(in);
	was[f] = malloc(size[f]);
	if (fread(was[f], 1, size[f], in) != size[f])
		TEST_FAIL("cannot read %s", path[f]);
	fclose(in);
}

/* A file each eight hours, so that three make a day. */
static inline void
make_queue(void)
{
	static const struct wq_options o = {
	    .node = "n", .seal_after_ms = 864000000};
	struct wq_list l = {0};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	char after[WQ_NAME_MAX] = "", err[512];
	int f = 0;

	dir = make_folder();
	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	for (int i = 0; i < FILES * MEMBERS; i++)
		land(w, RECORDS, i % MEMBERS == MEMBERS - 1,
		    T0 + i / MEMBERS * 28800000LL, &pos);
	wq_writer_close(w);
	while (wq_list_day(dir, after, &l) > 0)
		for (size_t i = 0; i < l.n; i++, f++) {
			memcpy(after, l.name[i], sizeof after);
			wq_ready_path(path[f], dir, after);
			fetch(f);
		}
	wq_list_clear(&l);
	CHECK_INT(f, FILES);
}

static inline void
hide_index(int hide)
{
	char a[WQ_PATH_MAX], b[WQ_PATH_MAX];

	snprintf(a, sizeof a, "%s/index.jsonl", dir);
	snprintf(b, sizeof b, "%s/index.away", dir);
	CHECK_INT(hide ? rename(a, b) : rename(b, a), 0);
}

/* Offset and first record of the member that a byte lies in. */
static inline size_t
member_of(int f, size_t byte, uint64_t *first)
{
	struct wq_head h;
	size_t at = 0;

	while (wq_head_parse(was[f] + at, size[f] - at, &h) == 0 &&
	       at + h.size <= byte)
		at += h.size;
	*first = h.first_seq;
	return at;
}

/* ---- looking ------------------------------------------------------------- */

struct look {
	int bad;
	char first[512], last[512]; /* sentences */
};

static inline void
found(void *arg, const char *what)
{
	struct look *k = arg;

	snprintf(
	    k->bad++ == 0 ? k->first : k->last, sizeof k->first, "%s", what);
}

static inline struct look
verify(struct wq_check *c)
{
	struct look k = {0};

	CHECK_INT(wq_verify(dir, found, &k, c), 0);
	CHECK_INT(c->bad, k.bad);
	return k;
}

/* What a reader gives: which records, and which it told of. */
struct seen {
	unsigned char given[TOTAL + 2], told[TOTAL + 2];
	int records, damages, unknown;
	char where[512];
};

static inline int
is_genuine(const char *line, size_t len, uint64_t seq)
{
	size_t n;
	char *want = make_lines(seq, 1, &n);
	int same = n == len && memcmp(want, line, len) == 0;

	free(want);
	return same;
}

static inline void
see_damage(struct seen *s, struct wq_reader *r)
{
	uint64_t first, last;

	snprintf(s->where, sizeof s->where, "%s", wq_reader_where(r));
	s->damages++;
	s->unknown += !wq_reader_skipped(r, &first, &last);
	for (; last > 0 && first <= last && first <= TOTAL; first++)
		s->told[first] = 1;
}

static inline void
read_range(struct seen *s, const struct wq_range *g)
{
	struct wq_reader *r;
	const char *line;
	uint64_t seq, before = 0;
	size_t len;
	int rc;

	memset(s, 0, sizeof *s);
	if (wq_reader_open(&r, dir, g, s->where, sizeof s->where) != 0)
		TEST_FAIL("%s", s->where);
	while ((rc = wq_read(r, &line, &len, &seq)) != 0) {
		if (rc < 0) {
			see_damage(s, r);
			continue;
		}
		if (seq <= before || seq > TOTAL || !is_genuine(line, len, seq))
			TEST_FAIL("record %llu behind %llu",
			    (unsigned long long)seq,
			    (unsigned long long)before);
		s->given[before = seq] = 1;
		s->records++;
	}
	wq_reader_close(r);
}

static inline int
neither(const struct seen *s)
{
	int n = 0;

	for (int i = 1; i <= TOTAL; i++)
		n += !s->given[i] && !s->told[i];
	return n;
}

static inline void
zero_page(int f)
{
	size_t at = chance((unsigned)size[f]) & ~(size_t)511, n = 512;
	char zero[512] = {0};
	int fd = open(path[f], O_WRONLY);

	if (at + n > size[f])
		n = size[f] - at;
	CHECK_INT(pwrite(fd, zero, n, (off_t)at), n);
	close(fd);
}

static inline void
drop_queue(void)
{
	for (int f = 0; f < FILES; f++)
		free(was[f]);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
}

#endif
