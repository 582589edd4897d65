/* test_damage.c - what a disk can do to sealed files: flipped bits, zeroed
 * pages, cut, exchanged, copied and removed files. verify finds each, by file,
 * offset and records; readers give out the rest, and tell what they do not. */
#include "tests/queue/damage.h"

#define FLIPS 1000

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
	TEST("damage: a file that begins with it is begun further back")
	{
		for (int hide = 0; hide < 2; hide++) {
			uint64_t from = 4 * PER_FILE + RECORDS + 1;

			if (hide)
				hide_index(1);
			for (int f = 2; f < 5; f++) {
				unsigned char *b = malloc(size[f]);

				memcpy(b, was[f], size[f]);
				memset(b, 0, WQ_HEADER);
				store(f, b, size[f]);
				free(b);
			}
			read_range(&s, &(struct wq_range){.from_seq = from});
			CHECK_INT(s.damages, 0);
			CHECK_INT(s.records, TOTAL - (long)from + 1);
			restore();
		}
		hide_index(0);
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
	drop_queue();
	return test_end();
}
