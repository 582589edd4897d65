/* test_damage_rounds.c - damage of all kinds at once, an index that is lost or
 * made anew, others at work: nothing goes unsaid, and no false alarm. */
#include <sys/wait.h>

#include "tests/queue/damage.h"

#define ROUNDS 300

/* ---- several at once ----------------------------------------------------- */

static void
flip(int f)
{
	size_t byte = chance((unsigned)size[f]);
	unsigned char b = was[f][byte] ^ (unsigned char)(1u << chance(8));
	int fd = open(path[f], O_WRONLY);

	CHECK_INT(pwrite(fd, &b, 1, (off_t)byte), 1);
	close(fd);
}

static int exchanged; /* a whole file is another's */

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
	case 2:
		exchanged = 1;
		store(f, was[g], size[g]);
		store(g, was[f], size[f]);
		break;
	case 3:
		exchanged = 1;
		store(f, was[g], size[g]);
		break;
	default:
		flip(f);
	}
}

/* A record asked for by its number is what a reader gives or tells of. */
static void
ask(const struct seen *s)
{
	struct wq_reader *r;
	const char *line;
	char err[512];
	size_t len;

	if (wq_reader_open(&r, dir, NULL, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	for (int i = 0; i < 20; i++) {
		uint64_t seq = 1 + chance(TOTAL);
		int rc = wq_get(r, seq, &line, &len);

		if (rc > 0 ? !is_genuine(line, len, seq) || !s->given[seq]
			   : s->given[seq] || (rc == 0 && s->told[seq]))
			TEST_FAIL("get %llu: %d", (unsigned long long)seq, rc);
	}
	wq_reader_close(r);
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
		exchanged = 0;
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
		if (!exchanged)
			ask(&s);
		restore();
	}
	CHECK_INT(verify(&c).bad, 0);
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
	make_queue();
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
	drop_queue();
	return test_end();
}
