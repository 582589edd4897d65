/* test_damage.c - what a disk can do to sealed files: flipped bits, zeroed
 * pages, cut, exchanged, copied and removed files. verify finds each, by file,
 * offset and records; readers give out the rest, and tell what they do not. */
#include <fcntl.h>
#include <sys/wait.h>

#include "tests/queue/queue_test.h"

#define FILES 9
#define MEMBERS 4
#define RECORDS 20 /* of a member */
#define PER_FILE (MEMBERS * RECORDS)
#define TOTAL (FILES * PER_FILE)
#define FLIPS 1000
#define ROUNDS 300

static char *dir;
static char path[FILES][WQ_PATH_MAX]; /* of the sealed files, in log order */
static unsigned char *was[FILES];     /* their bytes */
static size_t size[FILES];

/* ---- a queue, and putting it back ---------------------------------------- */

static unsigned
chance(unsigned below)
{
	static uint64_t state = 20261121;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

/* Written over, not anew: file systems flush a file that was cut to nothing. */
static void
store(int f, const unsigned char *bytes, size_t n)
{
	int fd = open(path[f], O_WRONLY | O_CREAT, 0644);

	if (fd < 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n ||
	    ftruncate(fd, (off_t)n) != 0 || close(fd) != 0)
		TEST_FAIL("cannot write %s", path[f]);
}

static void
restore(void)
{
	for (int f = 0; f < FILES; f++)
		store(f, was[f], size[f]);
}

static void
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
static void
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

static void
hide_index(int hide)
{
	char a[WQ_PATH_MAX], b[WQ_PATH_MAX];

	snprintf(a, sizeof a, "%s/index.jsonl", dir);
	snprintf(b, sizeof b, "%s/index.away", dir);
	CHECK_INT(hide ? rename(a, b) : rename(b, a), 0);
}

/* Offset and first record of the member that a byte lies in. */
static size_t
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

static void
found(void *arg, const char *what)
{
	struct look *k = arg;

	snprintf(
	    k->bad++ == 0 ? k->first : k->last, sizeof k->first, "%s", what);
}

static struct look
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

static int
is_genuine(const char *line, size_t len, uint64_t seq)
{
	size_t n;
	char *want = make_lines(seq, 1, &n);
	int same = n == len && memcmp(want, line, len) == 0;

	free(want);
	return same;
}

static void
see_damage(struct seen *s, struct wq_reader *r)
{
	uint64_t first, last;

	snprintf(s->where, sizeof s->where, "%s", wq_reader_where(r));
	s->damages++;
	s->unknown += !wq_reader_skipped(r, &first, &last);
	for (; last > 0 && first <= last && first <= TOTAL; first++)
		s->told[first] = 1;
}

static void
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

static int
neither(const struct seen *s)
{
	int n = 0;

	for (int i = 1; i <= TOTAL; i++)
		n += !s->given[i] && !s->told[i];
	return n;
}

/* ---- one damage ---------------------------------------------------------- */

/* The sentence names the file, the member's offset, its records. */
static void
check_sentence(const char *s, int f, size_t at, uint64_t first)
{
	char want[256];

	snprintf(
	    want, sizeof want, "%s at %zu: ", strstr(path[f], "ready/"), at);
	if (strncmp(s, want, strlen(want)) != 0)
		TEST_FAIL("'%s' does not begin with '%s'", s, want);
	snprintf(want, sizeof want, ", records %llu to %llu",
	    (unsigned long long)first, (unsigned long long)first + RECORDS - 1);
	if (strlen(s) < strlen(want) ||
	    strcmp(s + strlen(s) - strlen(want), want) != 0)
		TEST_FAIL("'%s' does not end with '%s'", s, want);
}

static int
flip_one(void)
{
	static struct seen s;
	int f = (int)chance(FILES), fd = open(path[f], O_RDWR), unseen;
	size_t byte = chance((unsigned)size[f]), at;
	unsigned char b = was[f][byte] ^ (unsigned char)(1u << chance(8));
	struct wq_check c;
	struct look k;
	uint64_t first;

	at = member_of(f, byte, &first);
	CHECK_INT(pwrite(fd, &b, 1, (off_t)byte), 1);
	k = verify(&c);
	CHECK_INT(k.bad, 1);
	check_sentence(k.first, f, at, first);
	CHECK_INT(c.lost, RECORDS);
	CHECK_INT(c.records, TOTAL - RECORDS);
	read_range(&s, NULL);
	/* A bit that pads the stream costs nobody a record. */
	unseen = s.damages == 0 && s.records == TOTAL;
	if (!unseen) {
		CHECK_INT(s.damages, 1);
		check_sentence(s.where, f, at, first);
		CHECK_INT(s.records, TOTAL - RECORDS);
	}
	CHECK_INT(neither(&s), 0);
	CHECK_INT(pwrite(fd, was[f] + byte, 1, (off_t)byte), 1);
	close(fd);
	return unseen;
}

static void
flips(int n)
{
	struct wq_check c;
	int unseen = 0;

	for (int i = 0; i < n; i++)
		unseen += flip_one();
	printf(
	    "damage: %d flips found, %d of them cost no record\n", n, unseen);
	CHECK_INT(verify(&c).bad, 0);
}

/* ---- several at once ----------------------------------------------------- */

static void
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

static void
flip(int f)
{
	size_t byte = chance((unsigned)size[f]);
	unsigned char b = was[f][byte] ^ (unsigned char)(1u << chance(8));
	int fd = open(path[f], O_WRONLY);

	CHECK_INT(pwrite(fd, &b, 1, (off_t)byte), 1);
	close(fd);
}

static void
hurt(unsigned files)
{
	int f = (int)chance(files), g = (int)chance(files);

	switch (chance(6)) {
	case 0:
		zero_page(f);
		break;
	case 1:
		CHECK_INT(truncate(path[f], chance((unsigned)size[f])), 0);
		break;
	case 2: /* exchanged */
		store(f, was[g], size[g]);
		store(g, was[f], size[f]);
		break;
	case 3: /* overwritten by another */
		store(f, was[g], size[g]);
		break;
	default:
		flip(f);
	}
}

/* Every record is given or told of; nothing is given that was not written.
 * Only the first files are hurt. */
static void
rounds(int n, unsigned files)
{
	static struct seen s;
	struct wq_check c;
	int same;

	for (int i = 0; i < n; i++) {
		for (unsigned k = 1 + chance(4); k > 0; k--)
			hurt(files);
		same = 1;
		for (int f = 0; f < FILES && same; f++) {
			unsigned char *kept = was[f];
			size_t len = size[f];

			fetch(f);
			same = len == size[f] && memcmp(kept, was[f], len) == 0;
			free(was[f]);
			was[f] = kept;
			size[f] = len;
		}
		if ((verify(&c).bad > 0) == same)
			TEST_FAIL("round %d: %s", i, same ? "false" : "missed");
		read_range(&s, NULL);
		if (neither(&s) != 0 && s.unknown == 0)
			TEST_FAIL(
			    "round %d: %d records went unsaid", i, neither(&s));
		restore();
	}
	CHECK_INT(verify(&c).bad, 0);
}

/* ---- main ---------------------------------------------------------------- */

static void
cut_files(void)
{
	static struct seen s;
	struct wq_check c;
	uint64_t first;
	size_t at;

	TEST("damage: a file cut between two blocks is known by the index")
	{
		at = member_of(FILES - 1, size[FILES - 1] - 1, &first);
		CHECK_INT(truncate(path[FILES - 1], (off_t)at), 0);
		CHECK_INT(verify(&c).bad, 1);
		CHECK_INT(c.lost, RECORDS);
		read_range(&s, NULL);
		check_sentence(s.where, FILES - 1, at, first);
		restore();
	}
	TEST("damage: without the index it is known by the file behind it")
	{
		hide_index(1);
		at = member_of(2, size[2] - 1, &first);
		CHECK_INT(truncate(path[2], (off_t)at), 0);
		CHECK_INT(verify(&c).bad, 1);
		read_range(&s, NULL);
		check_sentence(s.where, 3, 0, first);
		restore();
		hide_index(0);
	}
	TEST("damage: an empty file, and one of zeros, cost their records")
	{
		unsigned char *zero = calloc(1, size[4]);

		CHECK_INT(truncate(path[4], 0), 0);
		CHECK_INT(verify(&c).bad, 1);
		CHECK_INT(c.lost, PER_FILE);
		store(4, zero, size[4]);
		CHECK_INT(verify(&c).bad, 1);
		CHECK_INT(c.lost, PER_FILE);
		read_range(&s, NULL);
		CHECK_INT(s.damages, 1);
		CHECK_INT(s.records, TOTAL - PER_FILE);
		free(zero);
		restore();
	}
}

static void
whole_files(void)
{
	static struct seen s;
	struct wq_check c;
	char copy[WQ_PATH_MAX];

	TEST("damage: exchanged files are told, no number comes twice")
	{
		store(1, was[2], size[2]);
		store(2, was[1], size[1]);
		CHECK(verify(&c).bad > 0);
		read_range(&s, NULL);
		CHECK_INT(neither(&s), 0);
		hide_index(1);
		CHECK(verify(&c).bad > 0);
		read_range(&s, NULL);
		CHECK_INT(neither(&s), 0);
		hide_index(0);
		restore();
	}
	TEST("damage: a copied file is told once, and not read again")
	{
		snprintf(copy, sizeof copy,
		    "%s/ready/2026-11-23/20261123T235959Z-n-0000000077.jsonl."
		    "gz",
		    dir);
		CHECK_INT(link(path[3], copy), 0);
		CHECK_INT(verify(&c).bad, 1);
		read_range(&s, NULL);
		CHECK_INT(s.damages, 1);
		CHECK_INT(s.records, TOTAL);
		unlink(copy);
	}
	TEST("damage: a block of the same length from elsewhere is told")
	{
		uint64_t first;
		size_t at = member_of(5, size[5] - 1, &first);

		store(5, was[5], at);
		int fd = open(path[5], O_WRONLY | O_APPEND);
		CHECK_INT(write(fd, was[6], size[5] - at), size[5] - at);
		close(fd);
		CHECK(verify(&c).bad > 0);
		restore();
	}
	TEST("damage: consumed files are none")
	{
		CHECK_INT(unlink(path[0]), 0);
		CHECK_INT(unlink(path[4]), 0);
		CHECK_INT(unlink(path[5]), 0);
		CHECK_INT(verify(&c).bad, 0);
		CHECK_INT(c.taken, 3 * PER_FILE);
		CHECK_INT(c.lost, 0);
		read_range(&s, NULL);
		CHECK_INT(s.damages, 0);
		CHECK_INT(s.records, TOTAL - 3 * PER_FILE);
		restore();
	}
}

static void
consumers(void)
{
	static struct seen s;

	TEST("damage: one who is behind it is not told")
	{
		zero_page(2);
		read_range(
		    &s, &(struct wq_range){.from_seq = 3 * PER_FILE + 1});
		CHECK_INT(s.damages, 0);
		CHECK_INT(s.records, TOTAL - 3 * PER_FILE);
		hide_index(1);
		read_range(
		    &s, &(struct wq_range){.from_seq = 3 * PER_FILE + 1});
		CHECK_INT(s.damages, 0);
		hide_index(0);
		restore();
	}
	TEST("damage: a folder that cannot be read is told once, by its day")
	{
		char day[WQ_PATH_MAX];
		struct wq_check c;

		snprintf(day, sizeof day, "%s/ready/2026-11-22", dir);
		if (geteuid() == 0) { /* root reads all: a plain file, then */
			char away[WQ_PATH_MAX + 8];

			snprintf(away, sizeof away, "%s.away", day);
			CHECK_INT(rename(day, away), 0);
			close(open(day, O_WRONLY | O_CREAT, 0644));
			CHECK_INT(verify(&c).bad, 1);
			read_range(&s, NULL);
			CHECK_INT(s.damages, 1);
			CHECK(strstr(s.where, "ready/2026-11-22: "));
			unlink(day);
			CHECK_INT(rename(away, day), 0);
		} else {
			CHECK_INT(chmod(day, 0), 0);
			CHECK_INT(verify(&c).bad, 1);
			read_range(&s, NULL);
			CHECK_INT(s.damages, 1);
			CHECK_INT(chmod(day, 0755), 0);
		}
	}
}

/* A writer that comes and goes makes the index anew; land()s n blocks. */
static void
write_again(int n, int hide)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	char err[512];

	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	if (hide)
		hide_index(1);
	while (n-- > 0)
		CHECK_INT(land(w, RECORDS, 1, T0 + 864000000, &pos), 0);
	wq_writer_close(w);
}

static void
indexes(void)
{
	struct wq_check c;
	uint64_t first;
	size_t at;

	TEST("damage: an index made anew goes on saying what a cut file held")
	{
		at = member_of(FILES - 1, size[FILES - 1] - 1, &first);
		CHECK_INT(truncate(path[FILES - 1], (off_t)at), 0);
		write_again(0, 0);
		CHECK_INT(verify(&c).bad, 1);
		CHECK_INT(c.lost, RECORDS);
		restore();
		CHECK_INT(verify(&c).bad, 0);
	}
	TEST("damage: an index taken from under the writer is made anew")
	{
		struct wq_entry e;

		write_again(2, 1);
		for (int f = 0; f < FILES; f++)
			CHECK_INT(wq_index_seek(
				      dir, 0, strrchr(path[f], '/') + 1, &e),
			    1);
		CHECK_INT(wq_index_seek(dir, UINT64_MAX, NULL, &e), 1);
		CHECK_INT(e.first_seq, TOTAL + RECORDS + 1);
		CHECK_INT(verify(&c).bad, 0);
		CHECK_INT(c.records, TOTAL + 2 * RECORDS);
	}
}

/* ---- others at work ------------------------------------------------------ */

/* Seals many small files while others read, and takes away old ones. */
static void
work(void)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	struct wq_list l = {0};
	char file[WQ_PATH_MAX], err[512];

	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		_exit(1);
	for (int i = 0; i < 150; i++) {
		land(w, RECORDS, i % 2, T0 + 864000000 + i * 9000000LL, &pos);
		if (i % 3 != 0 || wq_list_day(dir, "", &l) <= 0)
			continue;
		wq_ready_path(file, dir, l.name[0]);
		unlink(file);
	}
	wq_writer_close(w);
	_exit(0);
}

static void
at_work(void)
{
	struct wq_check c;
	struct wq_reader *r;
	const char *line;
	uint64_t seq;
	size_t len;
	int status, rounds = 0, rc;
	pid_t pid = fork();

	if (pid == 0)
		work();
	do {
		CHECK_INT(verify(&c).bad, 0);
		if (wq_reader_open(&r, dir, NULL, path[0], WQ_PATH_MAX) != 0)
			TEST_FAIL("%s", path[0]);
		while ((rc = wq_read(r, &line, &len, &seq)) > 0)
			if (!is_genuine(line, len, seq))
				TEST_FAIL("%.30s", line);
		if (rc < 0)
			TEST_FAIL("%s", wq_reader_where(r));
		wq_reader_close(r);
		rounds++;
	} while (waitpid(pid, &status, WNOHANG) == 0);
	CHECK_INT(status, 0);
	printf("damage: %d rounds beside a writer and a consumer\n", rounds);
}

int
main(void)
{
	struct wq_check c;

	make_queue();
	TEST("damage: a clean queue gives no alarm, with and without its index")
	{
		static struct seen s;

		CHECK_INT(verify(&c).bad, 0);
		CHECK_INT(c.records, TOTAL);
		hide_index(1);
		CHECK_INT(verify(&c).bad, 0);
		read_range(&s, NULL);
		CHECK_INT(s.damages, 0);
		CHECK_INT(s.records, TOTAL);
		hide_index(0);
	}
	TEST("damage: 1,000 flipped bits are found, by file, offset, records")
	flips(FLIPS);
	TEST("damage: likewise without index.jsonl")
	{
		hide_index(1);
		flips(FLIPS);
		hide_index(0);
	}
	cut_files();
	whole_files();
	consumers();
	TEST("damage: however much of it, each record is given or told of")
	rounds(ROUNDS, FILES);
	/* The newest file's end is known by the index alone. */
	TEST("damage: likewise without index.jsonl, but for the newest file")
	{
		hide_index(1);
		rounds(ROUNDS, FILES - 1);
		hide_index(0);
	}
	indexes();
	TEST("damage: no false alarm while others write, seal and consume")
	at_work();
	for (int f = 0; f < FILES; f++)
		free(was[f]);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
