/* test_raw.c - raw pages: the record, the file that goes with the records, what
 * a start makes of it, search, and when it goes. */
#include <dirent.h>
#include <zlib.h>

#include "queue/warc.h"
#include "tests/queue/queue_test.h"

static const struct wq_options options = {.node = "n1"};
static char dir[128], err[512];
static struct wq_writer *w;

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			   "transfer-encoding: chunked\r\n\r\n";

static struct wq_page
page(const char *uri, const char *body)
{
	struct wq_page g = {.uri = uri,
	    .address = "192.0.2.7",
	    .date_ms = T0,
	    .head = HEAD,
	    .head_len = sizeof HEAD - 1,
	    .body = body,
	    .body_len = strlen(body)};

	for (const char *p = uri; *p != '\0'; p++)
		g.key = g.key * 31 + (unsigned char)*p;
	memset(g.id, uri[strlen(uri) - 1], sizeof g.id);
	return g;
}

/* Inflates all members of buf; NUL-terminated, caller frees. */
static char *
gunzip(const void *buf, size_t len, size_t *out_len)
{
	z_stream z = {.next_in = (void *)(uintptr_t)buf, .avail_in = (uInt)len};
	size_t cap = 1 << 22;
	char *out = malloc(cap);
	int rc = Z_OK;

	z.next_out = (void *)out;
	z.avail_out = (uInt)cap - 1;
	inflateInit2(&z, 31);
	while (rc == Z_OK && z.avail_in > 0) {
		rc = inflate(&z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END && z.avail_in > 0)
			rc = inflateReset(&z);
	}
	inflateEnd(&z);
	*out_len = cap - 1 - z.avail_out;
	out[*out_len] = '\0';
	if (rc != Z_STREAM_END && rc != Z_OK)
		*out = '\0';
	return out;
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *b = malloc(1 << 22);

	*len = f != NULL ? fread(b, 1, 1 << 22, f) : 0;
	if (f != NULL)
		fclose(f);
	return b;
}

static int
open_writer(const struct wq_pos *pos)
{
	int rc;

	wq_writer_close(w);
	w = NULL;
	rc = wq_writer_open(&w, dir, &options, pos, T0, err, sizeof err);
	if (rc != 0)
		printf("  %s\n", err);
	return rc;
}

static void
start(void)
{
	wq_writer_close(w);
	w = NULL;
	snprintf(dir, sizeof dir, "%s", make_folder());
	CHECK_INT(open_writer(NULL), 0);
}

static int
put_page(const char *uri, const char *body)
{
	struct wq_page g = page(uri, body);
	void *m;
	size_t n;
	int rc = wq_page_member(&g, &m, &n);

	if (rc == 0)
		rc = wq_put_raw(w, m, n);
	free(m);
	return rc;
}

/* Two records and their pages, and the commit. */
static int
land_pages(const char *a, const char *b, int seal, struct wq_pos *pos)
{
	struct wq_pos p;
	int rc;

	if ((rc = put_records(w, 2, T0)) != 0 ||
	    (rc = put_page(a, "<p>first")) != 0 ||
	    (rc = put_page(b, "<p>second")) != 0 ||
	    (rc = wq_sync(w, seal, T0, &p)) != 0)
		return rc;
	*pos = p;
	return wq_committed(w, &p);
}

static int
accept_uri(void *uri, const char *record, size_t len)
{
	(void)len;
	return strstr(record, uri) != NULL;
}

/* 1 found and of that body. */
static int
finds(const char *uri, const char *body)
{
	struct wq_page g = page(uri, "");
	struct wq_raw_want want = {.key = g.key};
	char *record;
	size_t len;
	int rc;

	want.accept = accept_uri;
	want.arg = (void *)(uintptr_t)uri;
	rc = wq_raw_find(dir, &want, &record, &len);
	if (rc == 1)
		rc = memmem(record, len, body, strlen(body)) != NULL ? 1 : -1;
	free(record);
	return rc;
}

static const char *
raw_path(int number)
{
	static char path[300];

	snprintf(path, sizeof path,
	    "%s/raw/2026-11-21/20261121T031500Z-n1-%010d.warc.gz", dir, number);
	return path;
}

/* ---- the record ---------------------------------------------------------- */

static void
test_record(void)
{
	struct wq_page g = page("http://a.test/1", "<p>text");
	static const char want[] =
	    "WARC/1.1\r\n"
	    "WARC-Type: response\r\n"
	    "WARC-Record-ID: <urn:uuid:da190d51-9da6-873c-84a7-5563895eb04d>\r\n"
	    "Winnow-Record-ID: w1-31313131313131313131313131313131\r\n"
	    "WARC-Date: 2026-11-21T03:15:00Z\r\n"
	    "WARC-Target-URI: http://a.test/1\r\n"
	    "WARC-IP-Address: 192.0.2.7\r\n"
	    "WARC-Payload-Digest: sha256:"
	    "b688ef50e5b11b9e913b907acf2713b07f14c4cf617c393dfc2e263e0f85293a"
	    "\r\n"
	    "Content-Type: application/http; msgtype=response\r\n"
	    "Content-Length: 89\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	    "X-Crawler-transfer-encoding: chunked\r\n\r\n"
	    "<p>text\r\n\r\n";
	char *got;
	void *m;
	size_t n, len;

	TEST("raw: a page is a response record, its transfer coding marked as "
	     "undone")
	{
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		got = gunzip(m, n, &len);
		CHECK_STR(got, want);
		free(got);
		free(m);
		/* The same text again, later. */
		g.date_ms += 1000;
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		got = gunzip(m, n, &len);
		CHECK(strstr(got, "da190d51") == NULL);
		CHECK(strstr(got, "w1-31313131") != NULL);
		free(got);
		free(m);
	}
	TEST("raw: a status line of HTTP/2 is written as HTTP/1.1")
	{
		g.head = "HTTP/2 404 \r\nserver: x\r\n";
		g.head_len = strlen(g.head);
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		got = gunzip(m, n, &len);
		CHECK(strstr(got,
			  "\r\n\r\nHTTP/1.1 404 \r\nserver: x\r\n\r\n<p>") !=
		      NULL);
		free(got);
		free(m);
	}
	TEST("raw: each line of a transfer coding is marked as undone")
	{
		g.head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n"
			 "TRANSFER-ENCODING:chunked\r\n";
		g.head_len = strlen(g.head);
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		got = gunzip(m, n, &len);
		CHECK(strstr(got,
			  "OK\r\nX-Crawler-Transfer-Encoding: identity\r\n"
			  "X-Crawler-TRANSFER-ENCODING:chunked\r\n\r\n") !=
		      NULL);
		free(got);
		free(m);
	}
	TEST("raw: nothing of a page ends a named field")
	{
		g.uri = "http://a.test/\r\nX: y";
		CHECK_INT(wq_page_member(&g, &m, &n), WQ_EINVAL);
		g.uri = "http://a.test/ x";
		CHECK_INT(wq_page_member(&g, &m, &n), WQ_EINVAL);
		g.uri = "http://a.test/";
		g.address = "::1\r\n";
		CHECK_INT(wq_page_member(&g, &m, &n), WQ_EINVAL);
	}
}

static void
test_sizes(void)
{
	size_t n, len, size = 1 << 20;
	char *body = malloc(size), *got;
	struct wq_page g = page("http://a.test/1", "");
	uint64_t x = 1;
	void *m;

	TEST("raw: a body that is compressed is stored, another deflated")
	{
		for (size_t i = 0; i < size; i++)
			body[i] = (char)((x = x * 6364136223846793005u + 1) >>
					 56);
		g.body = body;
		g.body_len = size;
		g.encoded = 1;
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		CHECK(n > size && n < size + 2048);
		got = gunzip(m, n, &len);
		CHECK(memmem(got, len, body, size) != NULL);
		free(got);
		free(m);
		memset(body, 'x', size);
		g.encoded = 0;
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		CHECK(n < 8192);
		free(m);
		g.body_len = 0;
		g.body = NULL;
		CHECK_INT(wq_page_member(&g, &m, &n), 0);
		free(m);
	}
	free(body);
}

/* ---- the file ------------------------------------------------------------ */

static void
test_seal(void)
{
	struct wq_pos pos;
	char *b, *text;
	size_t n, len;

	TEST("raw: pages are sealed with their records, behind a warcinfo")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 0,
			      &pos),
		    0);
		CHECK_INT(access(raw_path(1), F_OK), -1);
		CHECK_INT(count_in(dir, "tmp"), 2);
		CHECK_INT(finds("http://a.test/1", "<p>first"), 1);
		CHECK_INT(land_pages("http://a.test/3", "http://a.test/4", 1,
			      &pos),
		    0);
		CHECK_INT(count_in(dir, "tmp"), 0);
		b = read_file(raw_path(1), &n);
		CHECK_INT(n, pos.raw);
		text = gunzip(b, n, &len);
		CHECK(strncmp(text,
			  "WARC/1.1\r\nWARC-Type: warcinfo\r\n", 31) == 0);
		CHECK(strstr(text, "WARC-Filename: 20261121T031500Z-n1-"
				   "0000000001.warc.gz\r\n") != NULL);
		CHECK(strstr(text, "http://a.test/4") != NULL);
		free(text);
		free(b);
		CHECK_INT(count_from(dir, 0), 4);
	}
	TEST("raw: records without pages have no file of them")
	{
		CHECK_INT(land(w, 2, 1, T0, &pos), 0);
		CHECK_INT(pos.raw, 0);
		CHECK_INT(access(raw_path(2), F_OK), -1);
		CHECK_INT(wq_put_raw(w, "x", 1), WQ_EINVAL);
	}
	TEST("raw: what is no member of ours is refused")
	{
		CHECK_INT(put_records(w, 1, T0), 0);
		CHECK_INT(wq_put_raw(w, "WARC/1.1 and so on, in plain text, at "
				       "some length",
			      48),
		    WQ_EINVAL);
		CHECK_INT(put_page("http://a.test/9", "x"), 0);
	}
}

static void
test_search(void)
{
	struct wq_raw_want want = {0};
	struct wq_pos pos;
	uint8_t id[16];
	char *record;
	size_t len;

	TEST("raw: the newest page of an address is found, by its id too")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 1,
			      &pos),
		    0);
		CHECK_INT(put_records(w, 1, T0), 0);
		CHECK_INT(put_page("http://a.test/1", "<p>later"), 0);
		CHECK_INT(put_page("http://a.test/1", "<p>latest"), 0);
		CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
		CHECK_INT(wq_committed(w, &pos), 0);
		CHECK_INT(finds("http://a.test/1", "<p>latest"), 1);
		CHECK_INT(finds("http://a.test/2", "<p>second"), 1);
		CHECK_INT(finds("http://a.test/3", ""), 0);
		memset(id, '2', sizeof id);
		want.id = id;
		CHECK_INT(wq_raw_find(dir, &want, &record, &len), 1);
		CHECK(strstr(record, "http://a.test/2") != NULL);
		free(record);
	}
}

/* ---- starts -------------------------------------------------------------- */

static void
test_starts(void)
{
	struct wq_pos pos, other;
	char path[300];
	FILE *f;

	TEST("raw: a start cuts what was not committed, and goes on")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 0,
			      &pos),
		    0);
		CHECK_INT(put_records(w, 2, T0), 0);
		CHECK_INT(put_page("http://a.test/3", "<p>third"), 0);
		CHECK_INT(wq_sync(w, 0, T0, &other), 0);
		CHECK_INT(open_writer(&pos), 0);
		CHECK_INT(finds("http://a.test/3", ""), 0);
		CHECK_INT(finds("http://a.test/2", "<p>second"), 1);
		CHECK_INT(land_pages("http://a.test/4", "http://a.test/5", 1,
			      &pos),
		    0);
		CHECK_INT(finds("http://a.test/1", "<p>first"), 1);
		CHECK_INT(finds("http://a.test/5", "<p>second"), 1);
	}
	TEST("raw: a start seals pages that were not moved yet, and records whose "
	     "pages were")
	{
		start();
		for (int moved = 0; moved < 2; moved++) {
			CHECK_INT(put_records(w, 2, T0), 0);
			CHECK_INT(put_page("http://a.test/1", "<p>x"), 0);
			CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
			if (moved) {
				snprintf(path, sizeof path,
				    "%s/tmp/20261121T031500Z-n1-%010d.warc.gz",
				    dir, 2);
				CHECK_INT(rename(path, raw_path(2)), 0);
			}
			CHECK_INT(open_writer(&pos), 0);
			CHECK_INT(access(raw_path(moved + 1), F_OK), 0);
			CHECK_INT(count_in(dir, "tmp"), 0);
			CHECK_INT(count_from(dir, 0), 2 + 2 * moved);
		}
	}
	TEST("raw: a position without raw pages, as an older version stored it, "
	     "is gone on from")
	{
		start();
		CHECK_INT(land(w, 2, 0, T0, &pos), 0);
		CHECK_INT(offsetof(struct wq_pos, raw), 64);
		other = pos;
		memset(&other.raw, 0, sizeof other - 64);
		CHECK_INT(open_writer(&other), 0);
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 1,
			      &pos),
		    0);
		CHECK_INT(finds("http://a.test/2", "<p>second"), 1);
	}
	TEST("raw: bytes that the disk lost are told, and pages that are gone, "
	     "which cost nothing else")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 0,
			      &pos),
		    0);
		snprintf(path, sizeof path,
		    "%s/tmp/20261121T031500Z-n1-%010d.warc.gz", dir, 1);
		CHECK_INT(truncate(path, 10), 0);
		wq_writer_close(w);
		w = NULL;
		CHECK_INT(wq_writer_open(&w, dir, &options, &pos, T0, err,
			      sizeof err),
		    WQ_ECORRUPT);
		CHECK(strstr(err, "holds 10 bytes where the state counts") !=
		      NULL);
		CHECK_INT(unlink(path), 0);
		CHECK_INT(open_writer(&pos), 0);
		CHECK(strstr(err, "those of records 1 to 2 are lost") != NULL);
		CHECK_INT(land_pages("http://a.test/3", "http://a.test/4", 1,
			      &pos),
		    0);
		CHECK_INT(count_from(dir, 0), 4);
		CHECK_INT(finds("http://a.test/1", ""), 0);
		CHECK_INT(finds("http://a.test/4", "<p>second"), 1);
	}
	TEST("raw: pages of nobody in tmp/ go at a start")
	{
		snprintf(path, sizeof path,
		    "%s/tmp/20261121T031500Z-n1-%010d.warc.gz", dir, 9);
		if ((f = fopen(path, "w")) != NULL)
			fclose(f);
		CHECK_INT(open_writer(&pos), 0);
		CHECK_INT(count_in(dir, "tmp"), 0);
	}
}

static void
test_rollback(void)
{
	struct wq_pos pos;
	struct wq_stat before, after;

	TEST("raw: a rollback takes pages back with their records")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 0,
			      &pos),
		    0);
		wq_writer_stat(w, &before);
		CHECK_INT(put_records(w, 2, T0), 0);
		CHECK_INT(put_page("http://a.test/3", "<p>third"), 0);
		CHECK_INT(wq_rollback(w), 0);
		wq_writer_stat(w, &after);
		CHECK_INT(after.bytes, before.bytes);
		CHECK_INT(wq_next_seq(w), 3);
		CHECK_INT(finds("http://a.test/3", ""), 0);
		CHECK_INT(land_pages("http://a.test/4", "http://a.test/5", 1,
			      &pos),
		    0);
		CHECK_INT(finds("http://a.test/2", "<p>second"), 1);
		CHECK_INT(finds("http://a.test/5", "<p>second"), 1);
		/* of a file that began since */
		CHECK_INT(put_records(w, 2, T0), 0);
		CHECK_INT(put_page("http://a.test/6", "<p>x"), 0);
		CHECK_INT(wq_rollback(w), 0);
		CHECK_INT(count_in(dir, "tmp"), 0);
		CHECK_INT(land_pages("http://a.test/7", "http://a.test/8", 1,
			      &pos),
		    0);
		CHECK_INT(finds("http://a.test/8", "<p>second"), 1);
	}
}

/* ---- removal ------------------------------------------------------------- */

static uint64_t told;

static void
tell(void *arg, const char *path, uint64_t bytes)
{
	(void)arg, (void)path;
	told += bytes;
}

static void
test_removal(void)
{
	struct wq_pos pos;
	struct wq_stat st;
	char path[300];

	TEST("raw: prune takes both files, and counts both")
	{
		start();
		for (int i = 0; i < 4; i++)
			CHECK_INT(land_pages("http://a.test/1",
				      "http://a.test/2", 1, &pos),
			    0);
		wq_writer_stat(w, &st);
		CHECK(st.bytes > 4 * pos.raw);
		told = 0;
		CHECK_INT(wq_prune(dir, INT64_MAX, 1, tell, NULL), 0);
		CHECK(told > 3 * pos.raw);
		CHECK_INT(access(raw_path(1), F_OK), 0);
		told = 0;
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, tell, NULL), 0);
		CHECK(told > 3 * pos.raw);
		CHECK_INT(access(raw_path(3), F_OK), -1);
		CHECK_INT(access(raw_path(4), F_OK), 0);
	}
	TEST("raw: a sealed file that a consumer deletes takes its pages along "
	     "with the next prune; those of a file in tmp/ stay")
	{
		start();
		CHECK_INT(land_pages("http://a.test/1", "http://a.test/2", 1,
			      &pos),
		    0);
		CHECK_INT(land_pages("http://a.test/3", "http://a.test/4", 1,
			      &pos),
		    0);
		snprintf(path, sizeof path,
		    "%s/ready/2026-11-21/20261121T031500Z-n1-%010d.jsonl.gz",
		    dir, 1);
		CHECK_INT(unlink(path), 0);
		CHECK_INT(put_records(w, 2, T0), 0);
		CHECK_INT(put_page("http://a.test/6", "<p>x"), 0);
		CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
		snprintf(path, sizeof path,
		    "%s/tmp/20261121T031500Z-n1-%010d.warc.gz", dir, 3);
		CHECK_INT(rename(path, raw_path(3)), 0);
		CHECK_INT(wq_prune(dir, 0, 0, NULL, NULL), 0);
		CHECK_INT(access(raw_path(1), F_OK), -1);
		CHECK_INT(access(raw_path(2), F_OK), 0);
		CHECK_INT(access(raw_path(3), F_OK), 0);
	}
	TEST("raw: pages whose records were consumed do not keep the queue full")
	{
		struct wq_options o = options;
		char why[512];

		start();
		for (int i = 0; i < 3; i++)
			CHECK_INT(land_pages("http://a.test/1",
				      "http://a.test/2", 1, &pos),
			    0);
		o.max_bytes = 100;
		wq_set_bounds(w, &o);
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		o.max_bytes = 2000;
		wq_set_bounds(w, &o);
		snprintf(path, sizeof path, "%s/ready/2026-11-21", dir);
		remove_tree(path);
		sleep(2); /* it counts once a second */
		CHECK_INT(wq_room(w, why, sizeof why), WQ_OK);
		snprintf(path, sizeof path, "%s/raw/2026-11-21", dir);
		CHECK_INT(access(path, F_OK), -1);
	}
}

int
main(void)
{
	test_record();
	test_sizes();
	test_seal();
	test_search();
	test_starts();
	test_rollback();
	test_removal();
	wq_writer_close(w);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
