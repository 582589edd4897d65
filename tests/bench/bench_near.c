/* bench_near.c - what it costs to know a text's near copies: landing and
 *looking up, with DOCUMENTS known, beside what cleaning a page takes.
 *
 *	bench_near [DOCUMENTS]
 *
 * Sketches are made of numbers, and share what those of Chinese news share that
 * have nothing to do with each other (0.4 % of their minima, measured on the
 * development pages): a quarter of them comes from 16 common values. A copy has
 * every tenth minimum changed. A commit every 80 documents: five a second at
 *400 pages/s. Looked up are texts of all ages, half of them copies, with
 *everything in the page cache, and the sketch itself is made of the development
 *pages' texts, or of the bench's own.
 *
 * Environment: NEAR_BENCH_DIR, where the store is made (default /tmp). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleaner/sketch.h"
#include "crawler/near.h"
#include "crawler/store.h"
#include "tests/bench/bench.h"
#include "tests/cleaner/corpus.h"

#define COMMIT 80
#define LOOKED_UP 20000

/* The number behind a name that a line of the file begins with. */
static double
field(const char *file, const char *name)
{
	FILE *in = fopen(file, "r");
	char line[256];
	double n = 0;

	while (in != NULL && n <= 0 && fgets(line, sizeof line, in) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			n = atof(line + strlen(name));
	if (in != NULL)
		fclose(in);
	return n;
}

static struct winnow_sketch
sketch(uint64_t n, int copy)
{
	struct winnow_sketch k = {.grams = 1000};
	int i;

	for (i = 0; i < WINNOW_SKETCH_MINS; i++) {
		uint64_t h = bench_mix(n * 64 + (uint64_t)i);

		k.min[i] = (uint16_t)(h % 4 == 0 ? h >> 8 & 15 : h >> 16);
		if (copy && (h >> 40) % 10 == 0)
			k.min[i] ^= 0x5555;
	}
	return k;
}

/* ---- landing ------------------------------------------------------------- */

static void
land(struct near *r, struct store *s, uint64_t many)
{
	double put = 0, turn = 0, commit = 0, most = 0, t, at;
	double wrote = field("/proc/self/io", "write_bytes:");
	struct near_record record = {.merit = 1};
	struct winnow_sketch k;
	uint64_t n;
	int more;

	for (n = 1; n <= many; n++) {
		k = sketch(n, 0);
		memcpy(record.id, &n, sizeof n);
		t = bench_cpu();
		near_settle(r, near_put(r, &k, &record));
		put += bench_cpu() - t;
		if (n % COMMIT != 0 && n != many)
			continue;
		t = bench_cpu();
		bench_must(store_commit(s) == 0, "commit");
		commit += bench_cpu() - t;
		do {
			t = bench_cpu();
			more = near_turn(r, 1);
			at = bench_cpu() - t;
			turn += at;
			most = fmax(most, at);
		} while (more);
	}
	wrote = field("/proc/self/io", "write_bytes:") - wrote;
	printf("bench near land documents=%llu put_us=%.2f commit_us=%.2f "
	       "index_us=%.2f longest_turn_ms=%.1f written_bytes=%.0f\n",
	    (unsigned long long)many, put / (double)many * 1e6,
	    commit / (double)many * 1e6, turn / (double)many * 1e6, most * 1e3,
	    wrote / (double)many);
}

/* ---- looking up ---------------------------------------------------------- */

static void
look(struct near *r, uint64_t many, int copy, const char *what)
{
	struct near_hit hit;
	double took = 0, t;
	uint64_t i, n, id, found = 0, right = 0;
	int round;

	for (round = 0; round < 2; round++)
		for (i = 0, took = 0, found = right = 0; i < LOOKED_UP; i++) {
			struct winnow_sketch k;

			n = bench_mix(i) % many + 1 + (copy ? 0 : many);
			k = sketch(n, copy);
			t = bench_cpu();
			if (near_find(r, &k, &hit)) {
				memcpy(&id, hit.record.id, sizeof id);
				found++;
				right += id == n;
			}
			took += bench_cpu() - t;
		}
	printf("bench near look what=%s us=%.1f found=%.4f right=%.4f\n", what,
	    took / LOOKED_UP * 1e6, (double)found / LOOKED_UP,
	    (double)right / LOOKED_UP);
}

/* ---- the sketch ---------------------------------------------------------- */

static void
made(void)
{
	static const char own[] =
	    "县教育局近日召开会议，部署新学期学校安全工作，要求各校"
	    "逐一排查校舍、食堂、校车和消防设施，建立台账，限期整改，"
	    "并将结果于九月三十日以前报送安全科备案。";
	struct wn_arena *a = wn_arena_new(1 << 20);
	const struct wn_fold *f = wn_fold_new(a);
	struct winnow_sketch k;
	uint64_t simhash, sum = 0;
	size_t n = 0, len = 40 * (sizeof own - 1);
	char *text = malloc(len + 1);
	double t = bench_cpu();

	bench_must(f != NULL && text != NULL, "memory");
	for (n = 0; n < 40; n++)
		memcpy(text + n * (sizeof own - 1), own, sizeof own);
	for (n = 0; n < 1000; n++) {
		wn_sketch(f, text, len, &k, &simhash);
		sum += k.min[n % WINNOW_SKETCH_MINS];
	}
	t = bench_cpu() - t;
	printf("bench near sketch ns_per_byte=%.1f us_of_6_kB=%.1f sum=%llu\n",
	    t / 1000 / (double)len * 1e9, t / 1000 / (double)len * 6e9,
	    (unsigned long long)sum % 10);
	free(text);
	wn_arena_free(a);
}

/* What the same machine takes for a page now. */
static void
cleaned(void)
{
	struct winnow_page page = {0};
	const struct winnow_doc *d;
	struct corpus c;
	struct winnow *w;
	double t;
	size_t i;

	corpus_load(&c);
	bench_must(winnow_new(&w, NULL) == 0, "memory");
	t = bench_cpu();
	for (i = 0; i < c.n; i++) {
		page.body = c.v[i].bytes;
		page.body_len = c.v[i].len;
		(void)winnow_clean(w, &page, &d);
	}
	if (c.n > 0)
		printf("bench near clean us_per_page=%.0f pages=%zu\n",
		    (bench_cpu() - t) / (double)c.n * 1e6, c.n);
	winnow_free(w);
	corpus_free(&c);
}

int
main(int argc, char **argv)
{
	uint64_t many = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	const char *where = getenv("NEAR_BENCH_DIR");
	char dir[256], err[512], command[300];
	struct near_stat s;
	struct store *store;
	struct near *near;
	struct stat st;
	double t;

	snprintf(dir, sizeof dir, "%s/winnow-bench-near-%ld",
	    where != NULL ? where : "/tmp", (long)getpid());
	snprintf(command, sizeof command, "rm -rf %s", dir);
	bench_must(store_open(&store, dir, 0, err, sizeof err) == 0, err);
	bench_must(near_open(&near, store, dir, 2 * many) == 0, "open");
	cleaned();
	made();
	land(near, store, many);
	look(near, many, 1, "copies");
	look(near, many, 0, "strangers");
	near_stat(near, &s);
	near_close(near);
	t = bench_wall();
	bench_must(near_open(&near, store, dir, 2 * many) == 0, "open again");
	t = bench_wall() - t;
	near_close(near);
	store_close(store);
	snprintf(err, sizeof err, "%s/data.mdb", dir);
	bench_must(stat(err, &st) == 0, "stat");
	printf("bench near size documents=%llu runs=%u index_bytes=%.0f "
	       "store_bytes=%.0f open_ms=%.1f rss_anon_kib=%.0f\n",
	    (unsigned long long)s.documents, s.runs,
	    (double)s.bytes / (double)many,
	    (double)st.st_blocks * 512 / (double)many, t * 1e3,
	    field("/proc/self/status", "RssAnon:"));
	return system(command) != 0;
}
