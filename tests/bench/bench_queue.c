/* bench_queue.c - what the queue costs beside bare deflate.
 *
 *	bench_queue DIR < records.jsonl
 *
 * The records are cut into blocks as the crawler cuts them. In turn, ROUNDS
 * times, each block is
 *   deflated, with the library and level of the queue and nothing else,
 *   and landed in the queue in DIR by the whole protocol: member, put (write,
 *   SHA-256), a sync and committed for each GROUP of them, as a crawl at 400
 *   pages a second has it, and a seal for each SEAL.
 * A block's time is the best of its rounds, of the thread's CPU clock, which
 * counts what the kernel does for a write or a sync but not the wait for the
 * disk: neither the disk nor other work on the machine decides. The wall
 * clock's figure stands beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "queue/format.h"

enum { BLOCKS = 4096, ROUNDS = 7 };
enum { GROUP = 4, SEAL = 64 }; /* blocks of a commit, of a file */

struct block {
	const char *json;
	size_t len;
	uint32_t records;
	double bare, queue; /* seconds of CPU, best */
};

struct bench {
	char *json;
	size_t len;
	struct block v[BLOCKS];
	int n;
	uint64_t deflated, stored; /* bytes of all blocks: bare, members */
	double wall;               /* of the queue's best round */
};

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "bench_queue: %s\n", what);
	exit(1);
}

static void
read_records(struct bench *b)
{
	size_t n, cap = 0;

	do {
		if (b->len == cap &&
		    (b->json = realloc(b->json, cap += 64 << 20)) == NULL)
			die("no memory");
		n = fread(b->json + b->len, 1, cap - b->len, stdin);
		b->len += n;
	} while (n > 0);
	if (b->len == 0 || b->json[b->len - 1] != '\n')
		die("no lines on stdin");
}

static void
cut_blocks(struct bench *b)
{
	const char *p = b->json, *end = p + b->len, *lf;
	struct block *k = NULL;

	for (; p < end; p = lf) {
		lf = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		if (k == NULL || k->len + (size_t)(lf - p) > WQ_BLOCK) {
			if (b->n == BLOCKS)
				die("too many blocks");
			k = &b->v[b->n++];
			*k = (struct block){p, 0, 0, 1e9, 1e9};
		}
		k->len += (size_t)(lf - p);
		k->records++;
	}
}

/* ---- the two ------------------------------------------------------------- */

static void
best(double *have, double begin)
{
	double t = seconds(CLOCK_THREAD_CPUTIME_ID) - begin;

	*have = t < *have ? t : *have;
}

static void
round_bare(struct bench *b)
{
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(WQ_LEVEL);
	size_t cap = libdeflate_deflate_compress_bound(c, WQ_RECORD_MAX);
#else
	size_t cap = compressBound(WQ_RECORD_MAX);
	z_stream z = {0};
#endif
	char *out = malloc(cap);
	double t;

#ifndef HAVE_LIBDEFLATE
	deflateInit2(&z, WQ_LEVEL, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
#endif
	b->deflated = 0;
	for (struct block *k = b->v; k < b->v + b->n; k++) {
		t = seconds(CLOCK_THREAD_CPUTIME_ID);
#ifdef HAVE_LIBDEFLATE
		b->deflated +=
		    libdeflate_deflate_compress(c, k->json, k->len, out, cap);
#else
		deflateReset(&z);
		z.next_in = (void *)(uintptr_t)k->json;
		z.avail_in = (uInt)k->len;
		z.next_out = (void *)out;
		z.avail_out = (uInt)cap;
		deflate(&z, Z_FINISH);
		b->deflated += z.total_out;
#endif
		best(&k->bare, t);
	}
#ifdef HAVE_LIBDEFLATE
	libdeflate_free_compressor(c);
#else
	deflateEnd(&z);
#endif
	free(out);
}

static int
land(struct wq_writer *w, const struct block *k, uint64_t *stored, int commit,
    int seal)
{
	struct wq_pos pos;
	size_t n;
	void *m;
	int err =
	    wq_member(k->json, k->len, k->records, wq_next_seq(w), &m, &n);

	if (err == 0)
		err = wq_put(w, m, n, k->records, k->len, 0);
	free(m);
	*stored += n;
	if (err != 0 || !commit)
		return err;
	err = wq_sync(w, seal, 0, &pos);
	return err != 0 ? err : wq_committed(w, &pos);
}

static void
round_queue(struct bench *b, struct wq_writer *w)
{
	double t, wall = seconds(CLOCK_MONOTONIC);

	b->stored = 0;
	for (int i = 0; i < b->n; i++) {
		int last = i == b->n - 1;

		t = seconds(CLOCK_THREAD_CPUTIME_ID);
		if (land(w, &b->v[i], &b->stored,
			last || i % GROUP == GROUP - 1,
			last || i % SEAL == SEAL - 1) != 0)
			die("cannot write to the queue");
		best(&b->v[i].queue, t);
	}
	wall = seconds(CLOCK_MONOTONIC) - wall;
	b->wall = b->wall == 0 || wall < b->wall ? wall : b->wall;
}

int
main(int argc, char **argv)
{
	static const struct wq_options o = {.node = "bench"};
	static struct bench b;
	struct wq_writer *w;
	char err[512];
	double bare = 0, queue = 0;

	if (argc != 2)
		die("usage: bench_queue DIR < records.jsonl");
	read_records(&b);
	cut_blocks(&b);
	if (wq_writer_open(&w, argv[1], &o, NULL, 0, err, sizeof err) != 0)
		die(err);
	for (int i = 0; i < ROUNDS; i++) {
		round_bare(&b);
		round_queue(&b, w);
	}
	wq_writer_close(w);
	for (int i = 0; i < b.n; i++) {
		bare += b.v[i].bare;
		queue += b.v[i].queue;
	}
	printf("blocks=%d mb_per_s=%.1f bare_mb_per_s=%.1f wall_mb_per_s=%.1f "
	       "ms_per_block=%.3f stored=%llu bare=%llu rate/bare=%.3f\n",
	    b.n, (double)b.len / 1e6 / queue, (double)b.len / 1e6 / bare,
	    (double)b.len / 1e6 / b.wall, queue * 1e3 / b.n,
	    (unsigned long long)b.stored, (unsigned long long)b.deflated,
	    bare / queue);
	free(b.json);
	return 0;
}
