/* bench_queue.c - what the queue costs beside bare deflate.
 *
 * The same blocks of Chinese-looking JSON twice in turn: compressed only (the
 * library and level that the queue uses), and landed in a queue by the whole
 * protocol: member, put, sync, seal. CPU time of the process, so that the
 * disk's own time does not decide; best of five. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "tests/queue/queue_test.h"

#define BLOCKS 64

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Words drawn by a skewed law, so that it deflates about as text does. */
static size_t
make_block(char *buf, size_t cap, uint32_t *records, unsigned *seed)
{
	size_t at = 0;

	for (*records = 0; at + 8192 < cap; ++*records) {
		at += (size_t)sprintf(
		    buf + at, "{\"schema\":\"winnow/1\",\"text\":\"");
		for (int i = 0; i < 1000; i++) {
			unsigned r = rand_r(seed) % 3000, c = r * r / 4000;

			buf[at++] = (char)(0xe4 + c / 4096);
			buf[at++] = (char)(0x80 + c / 64 % 64);
			buf[at++] = (char)(0x80 + c % 64);
		}
		at += (size_t)sprintf(buf + at, "\"}\n");
	}
	return at;
}

static double
bare(const char *buf, size_t len)
{
	double t = cpu();
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t cap = libdeflate_deflate_compress_bound(c, len);
	void *out = malloc(cap);

	for (int i = 0; i < BLOCKS; i++)
		libdeflate_deflate_compress(c, buf, len, out, cap);
	libdeflate_free_compressor(c);
#else
	uLongf cap = compressBound(len), n;
	void *out = malloc(cap);

	for (int i = 0; i < BLOCKS; i++) {
		n = cap;
		compress2(out, &n, (const void *)buf, len, 6);
	}
#endif
	free(out);
	return cpu() - t;
}

static double
queue(const char *dir, const char *buf, size_t len, uint32_t records)
{
	static const struct wq_options o = {.node = "bench"};
	struct wq_writer *w;
	struct wq_pos pos;
	char err[512];
	size_t n;
	void *m;
	double t;

	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		exit(1);
	t = cpu();
	for (int i = 0; i < BLOCKS; i++) {
		if (wq_member(buf, len, records, wq_next_seq(w), &m, &n) != 0 ||
		    wq_put(w, m, n, records, len, T0) != 0 ||
		    wq_sync(w, i % 16 == 15, T0, &pos) != 0 ||
		    wq_committed(w, &pos) != 0)
			exit(1);
		free(m);
	}
	t = cpu() - t;
	wq_writer_close(w);
	return t;
}

int
main(void)
{
	char *buf = malloc(WQ_BLOCK), *dir = make_folder();
	double a, b, best_a = 1e9, best_b = 1e9;
	unsigned seed = 1;
	uint32_t records;
	size_t len = make_block(buf, WQ_BLOCK, &records, &seed);

	for (int i = 0; i < 5; i++) {
		a = bare(buf, len);
		b = queue(dir, buf, len, records);
		best_a = a < best_a ? a : best_a;
		best_b = b < best_b ? b : best_b;
	}
	a = (double)len * BLOCKS / 1e6;
	printf("bench queue append %.1f MB/s, bare deflate %.1f MB/s, ratio "
	       "%.3f, %.3f ms a block\n",
	    a / best_b, a / best_a, best_b / best_a, best_b * 1e3 / BLOCKS);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	free(buf);
	return 0;
}
