/* test_gather.c - what the gathering of an article leans on: URLs that are
 * spared or wanted soon, in the frontier; frames that hold several pages. */
#include "crawler/frontier.h"
#include "crawler/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

#define T0 1700000000000

static char dir[64], err[512];

/* ---- the frontier ----------------------------------------------------------
 */

static struct frontier *
open_it(int64_t now)
{
	struct frontier *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/state", dir);
	if (frontier_open(&f, path, NULL, now, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static struct winnow_key
key_of(unsigned n)
{
	return (struct winnow_key){5, n + 1};
}

static void
add(struct frontier *f, unsigned n, int priority)
{
	char url[64];
	struct frontier_link l = {.key = key_of(n),
	    .url = url,
	    .host = "h.example",
	    .seed = 1,
	    .priority = (int8_t)priority};

	snprintf(url, sizeof url, "http://h.example/%u", n);
	CHECK_INT(frontier_add(f, &l), 1);
}

/* The number of the next URL, which is settled at once; -1: there is none. */
static int
take(struct frontier *f, int64_t now)
{
	struct frontier_item *i;
	int n;

	if (frontier_next(f, now, &i) != 1)
		return -1;
	n = (int)i->key.url - 1;
	frontier_host_done(f, i, now);
	frontier_settle(f, i, URL_DONE, 200, NULL, now);
	return n;
}

static void
test_frontier(void)
{
	struct winnow_key k2 = key_of(2), k4 = key_of(4), k9 = key_of(9);
	struct frontier *f = open_it(T0);
	struct frontier_item *i;
	struct frontier_stat s;

	TEST("frontier: who is wanted soon comes before all others, once")
	for (unsigned n = 0; n < 6; n++)
		add(f, n, 0);
	frontier_hasten(f, &k4, 9);
	frontier_hasten(f, &k4, 5); /* no later than it was */
	frontier_hasten(f, &k9, 9); /* nobody */
	CHECK_INT(take(f, T0), 4);
	CHECK_INT(take(f, T0), 0);

	TEST("frontier: who is spared is settled, and never asked")
	CHECK_INT(frontier_coming(f, &k2), FRONTIER_DUE);
	CHECK_INT(frontier_spare(f, &k2, URL_NO_ARTICLE, "part"), 1);
	CHECK_INT(frontier_spare(f, &k2, URL_NO_ARTICLE, "part"), 0);
	CHECK_INT(frontier_spare(f, &k9, URL_NO_ARTICLE, "part"), 0);
	CHECK_INT(frontier_coming(f, &k2), 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it(T0 + 1000);
	CHECK_INT(take(f, T0 + 200000), 1);
	CHECK_INT(take(f, T0 + 200000), 3);
	frontier_stat(f, &s);
	CHECK_INT(s.by_state[URL_NO_ARTICLE], 1);
	CHECK_INT(s.due, 1);

	TEST("frontier: who is out is neither spared nor hurried")
	CHECK_INT(frontier_next(f, T0 + 200000, &i), 1);
	CHECK_INT(i->key.url, 6);
	CHECK_INT(frontier_coming(f, &i->key), FRONTIER_OUT);
	CHECK_INT(frontier_spare(f, &i->key, URL_NO_ARTICLE, "part"), 0);
	frontier_hasten(f, &i->key, 9);
	frontier_host_done(f, i, T0 + 200000);
	frontier_settle(f, i, URL_DONE, 200, NULL, T0 + 200000);
	CHECK_INT(frontier_idle(f), 1);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
}

/* ---- frames
 * ------------------------------------------------------------------ */

static const char *const html[] = {
    "<html><head><title>校史馆开馆纪实</title></head><body><h1>校史馆开馆纪实</"
    "h1>"
    "<div "
    "class=content><p>清河县实验小学的校史馆昨日开馆，县教育局、镇政府的负责人"
    "以及离退休教师代表一百余人参加了开馆仪式，并听取了讲解。</p></div>"
    "<p>1 <a href=t9_2.html>2</a> <a "
    "href=t9_2.html>下一页</a></p></body></html>",
    "<html><head><title>校史馆开馆纪实</title></head><body><h1>校史馆开馆纪实</"
    "h1>"
    "<div "
    "class=content><p>"
    "馆内陈列着建校以来的教材、课桌和师生的照片，讲解员由五年级的"
    "学生担任，他们利用课余时间走访老校友，整理出三万字的材料。</p></div>"
    "<p><a href=t9.html>1</a> 2 <a href=t9.html>上一页</a></p></body></html>"};
static const char *const urls[] = {
    "http://h.example/a/t9.html", "http://h.example/a/t9_2.html"};

static void
pack(struct wire_out *head, int i)
{
	struct job_page j = {.page = {.url = urls[i]},
	    .fetch = {.url_requested = urls[i],
		.status = 200,
		.robots = "none",
		.crawl = "c",
		.node = "n"}};

	job_page_pack(head, &j);
}

static void
test_frames(struct winnow *w)
{
	struct wire_out head[2] = {{0}, {0}}, body = {0}, o = {0};
	struct job_article a;
	struct winnow_part p;
	size_t n;

	TEST("frames: the answer about one page tells where the others are")
	pack(&head[0], 0);
	pack(&head[1], 1);
	CHECK_INT(job_run(w, JOB_PAGE, head[0].b, head[0].len, html[0],
		      strlen(html[0]), NULL, &o),
	    0);
	CHECK_INT(job_page_unpack(o.b, o.len, &a), 0);
	CHECK_INT(a.parts.part, 1);
	CHECK_INT(a.truncated, 1);
	CHECK_INT(job_next_part(&a.parts, &p), 1);
	CHECK_INT(p.number, 2);
	CHECK_STR(p.url, urls[1]);
	CHECK_INT(job_next_part(&a.parts, &p), 0);

	TEST("frames: the answer about all of them says what became of each")
	o.len = 0;
	for (int i = 0; i < 2; i++)
		job_gather_add(&body, &head[i], html[i], strlen(html[i]));
	CHECK_INT(job_run(w, JOB_GATHER, head[0].b, head[0].len, body.b,
		      body.len, NULL, &o),
	    0);
	CHECK_INT(job_page_unpack(o.b, o.len, &a), 0);
	CHECK_INT(a.parts.nused, 2);
	CHECK(a.parts.used[0] == WINNOW_PART_USED &&
	      a.parts.used[1] == WINNOW_PART_USED);
	CHECK_INT(a.truncated, 0);
	CHECK(memmem(a.line.json, a.line.len, "\"parts\":2,", 10) != NULL);

	TEST("frames: cut anywhere they are refused, or bounded nonsense")
	for (n = 0; n < o.len; n++) {
		char *cut = malloc(n + 1);

		memcpy(cut, o.b, n);
		if (job_page_unpack(cut, n, &a) == 0)
			while (job_next_part(&a.parts, &p) == 1)
				CHECK_INT(strlen(p.url), p.url_len);
		free(cut);
	}
	for (n = 0; n < body.len; n += 7) {
		char *cut = malloc(n + 1);
		struct wire_out out = {0};

		memcpy(cut, body.b, n);
		(void)job_run(
		    w, JOB_GATHER, head[0].b, head[0].len, cut, n, NULL, &out);
		wire_free(&out);
		free(cut);
	}
	wire_free(&head[0]);
	wire_free(&head[1]);
	wire_free(&body);
	wire_free(&o);
}

int
main(void)
{
	struct winnow *w;
	char cmd[128];

	snprintf(dir, sizeof dir, "/tmp/winnow-test-XXXXXX");
	if (mkdtemp(dir) == NULL || winnow_new(&w, NULL) != 0)
		return 1;
	test_frontier();
	test_frames(w);
	winnow_free(w);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd) != 0 || test_end();
}
