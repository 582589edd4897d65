/* The newest articles in a ring; and a kept page that a worker explains, as
 * job_run() does it without a process. */
#include "crawler/articles.h"

#include <unistd.h>

#include "crawler/job.h"
#include "tests/test.h"

/* ---- the ring ----------------------------------------------------------- */

static void
add(struct articles *a, int i, const char *title)
{
	char id[ARTICLE_ID], url[64];
	struct job_article j = {.id_text = id, .title = title, .chars = 7};
	struct recent_place place = {4096, (uint64_t)i + 1};

	snprintf(id, sizeof id, "w1-%032x", (unsigned)i);
	memset(j.id, i, sizeof j.id);
	snprintf(url, sizeof url, "http://a.test/%d", i);
	articles_add(a, url, &j, &place, 1000 + i);
}

static void
test_restart(const struct articles *a)
{
	struct articles *b = articles_new();
	char dir[] = "/tmp/winnow-articles-XXXXXX", path[64];
	FILE *f;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/newest.articles", dir);
	TEST("articles: an orderly end hands the ring over, once")
	{
		articles_save(a, dir);
		articles_load(b, dir);
		CHECK_STR(articles_at(b, 0)->url, articles_at(a, 0)->url);
		CHECK_STR(articles_at(b, 99)->title, articles_at(a, 99)->title);
		articles_free(b);
		b = articles_new();
		articles_load(b, dir);
		CHECK(articles_at(b, 0) == NULL);
	}
	TEST("articles: a file that was changed or cut is nothing")
	{
		articles_save(a, dir);
		CHECK_INT(truncate(path, 20000), 0);
		articles_load(b, dir);
		CHECK(articles_at(b, 0) == NULL);
		articles_save(a, dir);
		f = fopen(path, "r+");
		CHECK(f != NULL && fseek(f, 5000, SEEK_SET) == 0);
		fputc(1, f);
		fclose(f);
		articles_load(b, dir);
		CHECK(articles_at(b, 0) == NULL);
		articles_load(b, "/nowhere");
	}
	articles_free(b);
	rmdir(dir);
}

static void
test_ring(void)
{
	struct articles *a = articles_new();
	struct wq_raw_place warc = {"x", 9};
	uint8_t id[16];

	TEST("articles: of more than it holds the newest stay, newest first")
	{
		CHECK(articles_at(a, 0) == NULL);
		for (int i = 0; i < ARTICLES_N + 5; i++)
			add(a, i, "t");
		CHECK_STR(articles_at(a, 0)->url, "http://a.test/104");
		CHECK_STR(
		    articles_at(a, ARTICLES_N - 1)->url, "http://a.test/5");
		CHECK(articles_at(a, ARTICLES_N) == NULL);
	}
	TEST("articles: one is found by the id of its record")
	{
		CHECK_STR(
		    articles_find(a, "w1-00000000000000000000000000000010")
			->url,
		    "http://a.test/16");
		CHECK(articles_find(a, "w1-00000000000000000000000000000001") ==
		      NULL);
		CHECK(articles_find(a, "") == NULL);
	}
	TEST("articles: the raw page of a commit belongs to its record alone")
	{
		memset(id, 104, sizeof id);
		articles_kept(a, id, &warc);
		CHECK_STR(articles_at(a, 0)->warc.name, "x");
		CHECK_STR(articles_at(a, 1)->warc.name, "");
		memset(id, 255, sizeof id);
		articles_kept(a, id, &warc);
	}
	TEST("articles: a title is cut at the end of a character")
	{
		char title[1200];

		for (size_t i = 0; i < sizeof title; i += 3)
			memcpy(title + i, "\xe4\xb8\xad", 3);
		title[sizeof title - 1] = '\0';
		add(a, 1, title);
		CHECK_INT(strlen(articles_at(a, 0)->title) % 3, 0);
		CHECK(strlen(articles_at(a, 0)->title) > 290);
	}
	test_restart(a);
	articles_free(a);
}

/* ---- explained ---------------------------------------------------------- */

static const char head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n\r\n";
static const char html[] =
    "<html><head><title>The mill</title></head><body>"
    "<ul class=nav><li><a href=/>Home</a><li><a href=/n>News</a></ul><h1>The "
    "mill</h1><p>The mill by the river was old, and the people of the valley "
    "brought their corn to it every week until the first snow fell.</p><p>The "
    "corn came late that year, and the wagons stood in a row from the bridge "
    "to the church, <b>&lt;script&gt;</b> where the children counted "
    "them.</p></body></html>";

static struct wire_out out;

static int
explain(struct winnow *w, int raw, const struct keep_page *k, const void *body,
    size_t len, const char **page)
{
	struct wire_out o = {0};
	size_t n;
	int err, rc;

	out.len = 0;
	job_explain_pack(&o, raw, k);
	rc = job_run(w, JOB_EXPLAIN, o.b, o.len, body, len, NULL, &out);
	wire_free(&o);
	if (rc != 0)
		return -100;
	CHECK_INT(job_explain_unpack(out.b, out.len, &err, page, &n), 0);
	return err;
}

static void
test_explain(struct winnow *w)
{
	struct keep_page k = {.on = 1,
	    .url = "http://a.test/mill",
	    .date_ms = 1770000000000,
	    .head = head,
	    .head_len = sizeof head - 1};
	const char *page;
	struct wq_page g;
	void *member;
	size_t n;

	TEST("explain: a recent page is told by kept and removed, and leads "
	     "home")
	{
		CHECK_INT(explain(w, 0, &k, html, sizeof html - 1, &page), 0);
		CHECK(strstr(page, "wagons stood in a row") != NULL);
		CHECK(strstr(page, "data-kind=\"nav") != NULL ||
		      strstr(page, "data-kind=") != NULL);
		CHECK(strstr(page, "<a href=\"/\">") != NULL);
		CHECK(strstr(page, "<script") == NULL);
		CHECK(strstr(page, "gbk") != NULL ||
		      strstr(page, "gb18030") != NULL);
	}
	TEST("explain: so is a member of a WARC file")
	{
		keep_fill(&g, &k, NULL, html, sizeof html - 1);
		CHECK_INT(wq_page_member(&g, &member, &n), 0);
		CHECK_INT(explain(w, 1, NULL, member, n, &page), 0);
		CHECK(strstr(page, "wagons stood in a row") != NULL);
		free(member);
	}
	TEST("explain: bytes that are none of ours are an error, no page")
	{
		CHECK(explain(w, 1, NULL, "WARC/1.1 nonsense", 17, &page) < 0);
		CHECK(explain(w, 1, NULL, "", 0, &page) < 0);
		CHECK(page == NULL);
	}
	TEST("explain: pages after it are cleaned without notes")
	{
		struct winnow_page p = {
		    .body = html, .body_len = sizeof html - 1};
		const struct winnow_doc *d;

		CHECK_INT(explain(w, 0, &k, html, sizeof html - 1, &page), 0);
		CHECK_INT(winnow_clean(w, &p, &d), 0);
		CHECK_INT(d->nrepair_list, 0);
	}
	TEST("explain: a request cut anywhere is refused")
	{
		struct wire_out o = {0};

		job_explain_pack(&o, 0, &k);
		for (size_t i = 0; i < o.len; i++) {
			out.len = 0;
			CHECK_INT(
			    job_run(w, JOB_EXPLAIN, o.b, i, "x", 1, NULL, &out),
			    -1);
		}
		wire_free(&o);
	}
	TEST("explain: an answer that claims more than it holds is refused")
	{
		int err;

		out.len = 0;
		wire_u32(&out, 0);
		wire_u32(&out, 1u << 30);
		CHECK_INT(
		    job_explain_unpack(out.b, out.len, &err, &page, &n), -1);
		out.len = 0;
		wire_u32(&out, 7);
		CHECK_INT(
		    job_explain_unpack(out.b, out.len, &err, &page, &n), -1);
	}
}

int
main(void)
{
	struct winnow *w;

	test_ring();
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_explain(w);
	winnow_free(w);
	wire_free(&out);
	return test_end();
}
