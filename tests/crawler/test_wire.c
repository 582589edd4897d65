/* What is packed is unpacked; frames that are cut or bent give errors or bounded
 * nonsense, never a pointer outside (which the sanitizers see, as each frame is
 * a block of its own size). */
#include "crawler/job.h"

#include "crawler/robots.h"
#include "queue/wq.h"
#include "tests/test.h"

static uint64_t rng_state = 88172645463325252u;

static uint64_t
rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

static const char page_html[] =
    "<html><head><title>A day at the school</title></head><body>"
    "<div id=nav><a href=/>home</a><a href='/list/2.html'>next</a></div>"
    "<h1>A day at the school</h1><p>The bell rang at eight, and the children of "
    "the third form went up the hill with their teacher to look at the old "
    "bridge, of which so much had been said during the winter.</p><p>They "
    "measured it with a rope, wrote the length into their books, and argued "
    "on the way back about who had counted the knots right. In the afternoon "
    "the rope was measured again, and the quarrel ended in laughter.</p>"
    "<p>See also <a href='/a/1.html'>the first visit</a>.</p></body></html>";

/* Calls that look at everything an unpacked frame gives. */
static size_t
walk_page(const void *frame, size_t len)
{
	struct job_article a;
	struct winnow_link l;
	size_t sum = 0, n = 0;

	if (job_page_unpack(frame, len, &a) != 0)
		return 0;
	if (a.line.len > 0) {
		CHECK(job_line_ok(&a.line));
		sum += (unsigned char)a.line.json[a.line.len - 1];
	}
	sum += a.title != NULL ? strlen(a.title) : 0;
	sum += a.nothing != NULL ? strlen(a.nothing) : 0;
	while (job_next_link(&a, &l) == 1) {
		CHECK_INT(strlen(l.url), l.url_len);
		sum += l.anchor != NULL ? strlen(l.anchor) : 0;
		n++;
	}
	CHECK(n <= len);
	return sum + 1;
}

static size_t
walk_list(const void *frame, size_t len)
{
	struct job_list list;
	struct job_entry e;
	size_t n = 0;

	if (job_list_unpack(frame, len, &list) != 0)
		return 0;
	n += list.error != NULL ? strlen(list.error) : 0;
	while (job_list_next(&list, &e) == 1)
		n += e.link.url_len;
	return n + 1;
}

static size_t
walk_blob(const void *frame, size_t len)
{
	const void *p;
	size_t n;

	return job_robots_unpack(frame, len, &p, &n) == 0 ? n : 0;
}

static size_t
walk_member(const void *frame, size_t len)
{
	const void *p;
	size_t n;

	return job_deflate_unpack(frame, len, &p, &n) == 0 ? n : 0;
}

static size_t
walk_topic(const void *frame, size_t len)
{
	struct job_topic t;

	if (job_topic_unpack(frame, len, &t) != 0)
		return 0;
	CHECK(t.neutral >= 0 && t.neutral <= 1 && t.lowest >= 0 &&
	    t.median <= 1);
	return t.len + 1;
}

/* Every cut, and many flips, each in memory of its exact size. */
static void
torture(const struct wire_out *o, size_t (*walk)(const void *, size_t))
{
	size_t i, step = o->len / 2000 + 1;
	char *copy;

	CHECK(walk(o->b, o->len) > 0);
	for (i = 0; i < o->len; i += step) {
		copy = malloc(i > 0 ? i : 1);
		memcpy(copy, o->b, i);
		walk(copy, i);
		free(copy);
	}
	copy = malloc(o->len);
	for (i = 0; i < 4000; i++) {
		memcpy(copy, o->b, o->len);
		copy[rng() % (i & 1 ? o->len : 64 % o->len + 1)] =
		    (char)(rng() % 5 == 0 ? 0xff : rng());
		if (i % 4 == 0)
			copy[rng() % o->len] = (char)rng();
		walk(copy, o->len);
	}
	free(copy);
}

static void
test_numbers(void)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	size_t n, i, round;
	char big[5000];
	const char *s;

	TEST("wire: what is put is got, in any order and of any length")
	memset(big, 'x', sizeof big);
	for (round = 0; round < 200; round++) {
		uint64_t seed = rng_state;
		char *exact;

		o.len = 0;
		for (i = 0; i < 40; i++)
			switch (rng() % 4) {
			case 0:
				wire_u32(&o, (uint32_t)rng());
				break;
			case 1:
				wire_u64(&o, rng());
				break;
			case 2:
				wire_bytes(&o, big, rng() % sizeof big);
				break;
			default:
				wire_str(&o, rng() & 1 ? "text" : NULL);
			}
		CHECK_INT(o.err, 0);
		exact = malloc(o.len);
		memcpy(exact, o.b, o.len);
		in = (struct wire_in) { exact, exact + o.len, 0 };
		rng_state = seed;
		for (i = 0; i < 40; i++)
			switch (rng() % 4) {
			case 0:
				CHECK(wire_get_u32(&in) == (uint32_t)rng());
				break;
			case 1:
				CHECK(wire_get_u64(&in) == rng());
				break;
			case 2:
				s = wire_get_bytes(&in, &n);
				CHECK(s != NULL && n == rng() % sizeof big);
				break;
			default:
				CHECK_STR(wire_get_str(&in),
				    rng() & 1 ? "text" : NULL);
			}
		CHECK_INT(in.bad, 0);
		CHECK(in.p == in.end);
		wire_get_u32(&in);
		CHECK_INT(in.bad, 1);
		free(exact);
	}

	TEST("wire: a string without its NUL, or with one inside, is refused")
	o.len = 0;
	wire_u32(&o, 3);
	wire_put(&o, "abc", 3);
	in = (struct wire_in) { o.b, o.b + o.len, 0 };
	CHECK(wire_get_bytes(&in, NULL) == NULL && in.bad);
	o.len = 0;
	wire_bytes(&o, "a\0b", 3);
	in = (struct wire_in) { o.b, o.b + o.len, 0 };
	CHECK(wire_get_str(&in) == NULL && in.bad);

	TEST("wire: a length beyond the frame is refused")
	o.len = 0;
	wire_u32(&o, 0xffffffffu);
	wire_put(&o, "abc", 4);
	in = (struct wire_in) { o.b, o.b + o.len, 0 };
	CHECK(wire_get_bytes(&in, &n) == NULL && in.bad && n == 0);
	CHECK_INT(wire_get_u64(&in), 0);
	wire_free(&o);
}

static void
test_page(struct winnow *w, struct wire_out *answer)
{
	const char *tags[] = { "edu", "north" };
	struct job_page j = {
		.page = { .url = "http://school.example.com/a/2.html",
		    .content_type = "text/html; charset=utf-8",
		    .now = 1795230900 },
		.fetch = { .event = "new",
		    .url_requested = "http://school.example.com/a/2.html",
		    .status = 200,
		    .date_download = 1795230900,
		    .robots = "allowed",
		    .seed = "http://school.example.com/",
		    .seed_tags = { tags, 2 },
		    .depth = 1,
		    .crawl = "c",
		    .node = "n" },
	};
	struct wire_out head = { 0 };
	struct job_article a;
	struct winnow_link l;
	size_t keep;
	int seen = 0;

	TEST("job: a page there and back")
	job_page_pack(&head, &j);
	CHECK_INT(job_run(w, JOB_PAGE, head.b, head.len, page_html,
		      sizeof page_html - 1, NULL, answer), 0);
	CHECK_INT(job_page_unpack(answer->b, answer->len, &a), 0);
	CHECK_INT(a.err, 0);
	CHECK_STR(a.title, "A day at the school");
	CHECK(a.line.len > 0 && a.id_text != NULL);
	CHECK(strstr(a.line.json, "\"seed_tags\":[\"edu\",\"north\"]") != NULL);
	while (job_next_link(&a, &l) == 1)
		seen += strcmp(l.url, "http://school.example.com/a/1.html") == 0;
	CHECK_INT(seen, 1);
	CHECK(a.lesson == NULL && a.alone_hash == a.text_hash);

	TEST("job: with its site's memory comes what the page teaches")
	keep = head.len;
	job_site_put(&head, 1, "no view", 7);
	answer->len = 0;
	CHECK_INT(job_run(w, JOB_PAGE, head.b, head.len, page_html,
		      sizeof page_html - 1, NULL, answer), 0);
	CHECK_INT(job_page_unpack(answer->b, answer->len, &a), 0);
	CHECK(a.line.len > 0 && a.lesson_len > 0);
	CHECK(a.alone_hash == a.text_hash);
	head.len = keep;

	TEST("job: a page's head, cut anywhere, is refused")
	{
		size_t i;
		struct wire_out o = { 0 };

		for (i = 0; i < head.len; i++) {
			char *cut = malloc(i > 0 ? i : 1);

			memcpy(cut, head.b, i);
			o.len = 0;
			CHECK_INT(job_run(w, JOB_PAGE, cut, i, "x", 1, NULL, &o), -1);
			free(cut);
		}
		wire_free(&o);
	}
	wire_free(&head);
}

/* A line as a worker that was taken over may send it. */
static size_t forged_lesson; /* bytes of one */

static int
page_with(const char *json, size_t len, uint32_t dup_at, uint32_t seq_at,
    const char *id)
{
	void *lesson = calloc(1, forged_lesson + 1);
	struct winnow_doc d = {
		.lesson = lesson, .lesson_len = forged_lesson };
	struct wire_out o = { 0 };
	struct winnow_doc doc = { 0 };
	struct job_article a;
	double q = 1;
	int rc;

	wire_u32(&o, 0);
	wire_u32(&o, 0);
	wire_u32(&o, 0);
	wire_put(&o, &q, sizeof q);
	wire_u32(&o, 1);
	wire_u32(&o, 0);
	wire_u64(&o, 1);
	wire_str(&o, id);
	wire_str(&o, "t");
	wire_str(&o, NULL);
	wire_str(&o, NULL);
	wire_str(&o, NULL);
	job_line_put(&o, &(struct winnow_line) { json, len, 0, 0, dup_at,
		    seq_at, seq_at });
	wire_u32(&o, 7); /* merit */
	job_near_put(&o, &doc);
	job_gather_put(&o, &doc, NULL, 0);
	wire_bytes(&o, NULL, 0);
	wire_put(&o, &q, sizeof q);
	job_lesson_put(&o, &d);
	wire_u32(&o, 0);
	rc = job_page_unpack(o.b, o.len, &a);
	CHECK(rc != 0 || a.lesson_len == forged_lesson);
	wire_free(&o);
	free(lesson);
	return rc;
}

static void
test_forged(void)
{
	static const char id[] = "w1-00112233445566778899aabbccddeeff";
	size_t n = WQ_RECORD_MAX;
	char *huge = malloc(n);

	TEST("job: forged lines are refused")
	CHECK_INT(page_with("{,,}\n", 5, 1, 2, id), 0);
	CHECK_INT(page_with("{,,}\n", 5, 2, 1, id), -1);
	CHECK_INT(page_with("{,,}\n", 5, 1, 5, id), -1);
	CHECK_INT(page_with("{,,}", 4, 1, 2, id), -1);
	CHECK_INT(page_with("{,\n,}\n", 6, 1, 2, id), -1);
	CHECK_INT(page_with("{,,}\n", 5, 1, 2, NULL), -1);
	CHECK_INT(page_with("{,,}\n", 5, 1, 2, "w1-00"), -1);
	CHECK_INT(page_with("{,,}\n", 5, 1, 2,
		      "w1-00112233445566778899aabbccddeefg"), -1);
	CHECK_INT(job_line_ok(&(struct winnow_line) { "{,,,,}\n", 7, 1, 2, 2, 3,
			      4 }), 1);
	CHECK_INT(job_line_ok(&(struct winnow_line) { "{,,,,}\n", 7, 2, 1, 2, 3,
			      4 }), 0);
	CHECK_INT(job_line_ok(&(struct winnow_line) { "{,,,,}\n", 7, 1, 3, 2, 3,
			      4 }), 0);
	CHECK_INT(job_line_ok(&(struct winnow_line) { "{,,,,}\n", 7, 1, 2, 2, 4,
			      3 }), 0);
	CHECK_INT(job_line_ok(&(struct winnow_line) { "{,,,,}\n", 7, 1, 2, 2, 3,
			      7 }), 0);
	TEST("job: a page may not teach without bound")
	forged_lesson = 64 << 10;
	CHECK_INT(page_with("{,,}\n", 5, 1, 2, id), 0);
	forged_lesson++;
	CHECK_INT(page_with("{,,}\n", 5, 1, 2, id), -1);
	forged_lesson = 0;

	TEST("job: a line that is too long is refused")
	memset(huge, ' ', n);
	huge[n - 1] = '\n';
	CHECK_INT(page_with(huge, n, 1, 2, id), -1);
	free(huge);
}

int
main(void)
{
	struct winnow_options wo = { 0 };
	struct wire_out page = { 0 }, o = { 0 }, head = { 0 }, body = { 0 };
	static const char text[] =
	    "实验小学召开思政课教学研讨会\n全体党员教师参加会议，会上党支部书记作了专题"
	    "报告，部署了下一步立德树人的任务，大家重温入党誓词。";
	struct job_topic topic;
	static const char robots[] = "User-agent: *\nDisallow: /a\n"
				     "Sitemap: http://h.test/s.xml\n",
			  map[] = "<?xml version='1.0'?><urlset xmlns='http://"
				  "www.sitemaps.org/schemas/sitemap/0.9'><url>"
				  "<loc>http://h.test/1.html</loc></url><url>"
				  "<loc>http://h.test/2.html</loc></url></urlset>";
	struct winnow *w;
	size_t n;

	test_numbers();
	if (winnow_new(&w, &wo) != 0)
		return 1;
	test_page(w, &page);
	test_forged();

	TEST("job: answers to pages, cut or bent, stay within their frame")
	torture(&page, walk_page);

	TEST("job: robots.txt there and back, cut and bent")
	job_robots_pack(&head, "winnowd", NULL);
	CHECK_INT(job_run(w, JOB_ROBOTS, head.b, head.len, robots,
		      sizeof robots - 1, NULL, &o), 0);
	torture(&o, walk_blob);

	TEST("job: a sitemap there and back, cut and bent")
	head.len = o.len = 0;
	job_list_pack(&head, "http://h.test/s.xml", "text/xml", NULL);
	CHECK_INT(job_run(w, JOB_SITEMAP, head.b, head.len, map,
		      sizeof map - 1, NULL, &o), 0);
	CHECK_INT(walk_list(o.b, o.len), 2 * strlen("http://h.test/1.html") + 1);
	torture(&o, walk_list);

	TEST("job: a topic there and back, cut and bent")
	head.len = o.len = 0;
	job_topic_pack(&head, "支部\n思政课\n");
	job_topic_file(&body, text, strlen(text));
	job_topic_file(&body, "\377\0<", 3);
	CHECK_INT(job_run(w, JOB_TOPIC, head.b, head.len, body.b, body.len,
		      NULL, &o), 0);
	CHECK_INT(job_topic_unpack(o.b, o.len, &topic), 0);
	CHECK_INT(topic.err, 0);
	CHECK_INT(topic.files, 2);
	CHECK_INT(topic.unread, 1);
	CHECK(topic.neutral > 0 && topic.neutral < 0.5);
	torture(&o, walk_topic);
	o.len = 0;
	CHECK_INT(job_run(w, JOB_TOPIC, head.b, head.len, body.b, body.len - 1,
		      NULL, &o), -1);
	winnow_set_topic(w, NULL, 0);

	TEST("job: a block there and back, cut and bent")
	head.len = o.len = 0;
	job_deflate_pack(&head, 2, 7);
	CHECK_INT(job_run(w, JOB_DEFLATE, head.b, head.len, "{}\n{}\n", 6,
		      NULL, &o),
	    0);
	n = walk_member(o.b, o.len);
	CHECK(n > 0 && n < o.len);
	torture(&o, walk_member);

	TEST("job: a kind that there is none of is refused")
	CHECK_INT(job_run(w, 0, "", 0, "", 0, NULL, &o), -1);
	CHECK_INT(job_run(w, 99, "", 0, "", 0, NULL, &o), -1);
	wire_free(&page);
	wire_free(&o);
	wire_free(&head);
	wire_free(&body);
	winnow_free(w);
	return test_end();
}
