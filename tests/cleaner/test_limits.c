/* test_limits.c - pages that ask for too much: of memory, of time. */
#include <time.h>

#include "cleaner/arena.h"
#include "cleaner/winnow.h"
#include "tests/test.h"

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *
repeat(const char *s, size_t bytes, size_t *len)
{
	size_t n = strlen(s), i;
	char *b = malloc(bytes + n);

	for (i = 0; i < bytes; i += n)
		memcpy(b + i, s, n);
	*len = i;
	return b;
}

static void
test_arena(void)
{
	struct wn_arena *a = wn_arena_new(3 << 20);
	struct wn_buf b;
	char *p, *q;
	int i;

	TEST("arena: past its ceiling it gives nothing, and goes on below it")
	{
		CHECK(wn_alloc(a, 4 << 20) == NULL);
		CHECK(wn_alloc(a, SIZE_MAX) == NULL);
		CHECK(wn_alloc(a, SIZE_MAX - 8) == NULL);
		CHECK((p = wn_alloc(a, 2 << 20)) != NULL);
		CHECK(wn_alloc(a, 2 << 20) == NULL);
		CHECK(wn_alloc(a, 100) != NULL);
		CHECK(wn_arena_used(a) <= 3 << 20);
		wn_arena_reset(a);
		CHECK((p = wn_alloc(a, 2 << 20)) != NULL);
	}
	TEST("arena: the last allocation grows where it is, others are copied")
	{
		wn_arena_reset(a);
		p = wn_alloc(a, 16);
		memcpy(p, "0123456789abcdef", 16);
		CHECK(wn_grow(a, p, 16, 4096) == p);
		q = wn_alloc(a, 1);
		CHECK(q >= p + 4096 && (uintptr_t)q % 16 == 0);
		CHECK((q = wn_grow(a, p, 4096, 5000)) != p);
		CHECK(memcmp(q, "0123456789abcdef", 16) == 0);
		CHECK(wn_grow(a, q, 5000, 8 << 20) == NULL);
		CHECK(memcmp(q, "0123456789abcdef", 16) == 0);
	}
	TEST(
	    "arena: a string that could not grow keeps what it had and says so")
	{
		wn_arena_reset(a);
		wn_buf_init(&b, a);
		for (i = 0; i < 5 << 20; i++)
			wn_buf_putc(&b, 'x');
		CHECK(b.err != 0 && b.len > 100000 && b.len < 3 << 20);
		CHECK(strlen(b.b) == b.len);
		wn_buf_printf(&b, "%s", "more");
		CHECK(strlen(b.b) == b.len);
	}
	wn_arena_free(a);
}

/* A page with something for every stage. */
/* clang-format off */
static const char page[] =
    "<html lang=zh><head><meta charset=gbk><title>\xB2\xE2\xCA\xD4_Site"
    "</title><meta name=keywords content='a,b'><script "
    "type=application/ld+json>{\"@type\":\"NewsArticle\",\"author\":\"x\"}"
    "</script></head><body class=c><nav><a href=/a>A</a><a href=/b>B</a></nav>"
    "<h1>\xB2\xE2\xCA\xD4</h1><p>2026-05-06 10:20 \xC0\xB4\xD4\xB4: x</p>"
    "<div><p>\xD6\xD0\xB9\xFA&ldquo;&amp;nbsp;&#8221;, one line of words and "
    "one more.</p><p>Another paragraph, with <a href='c?q=\xD6\xD0'>a link</a> "
    "in it; it goes on for a while so that it is kept.</p><ul><li>Item "
    "one<li>Item two</ul><table><tr><td>1<td>2<tr><td>3<td>4</table></div>"
    "<div class=footer>Copyright 2026</div></body></html>";
/* clang-format on */

/* With ever more memory: refused, refused, ... and from some size on read. */
static void
test_memory(void)
{
	struct winnow_page p = {.body = page,
	    .body_len = sizeof(page) - 1,
	    .url = "http://h.test/",
	    .content_type = "text/html; charset=gbk",
	    .now = 1770000000};
	struct winnow_options o = {.html = 1, .explain = 1};
	const struct winnow_doc *d;
	struct winnow_line l;
	struct winnow *w;
	size_t refused = 0, done = 0, other = 0;
	int r;

	TEST("limits: whatever allocation fails first, a page is refused and "
	     "nothing worse")
	{
		/* The steps do not divide the arena's, so that each of its
		 * chunks is once the one that is not there. */
		for (o.max_memory = 1; o.max_memory < 8 << 20;
		     o.max_memory += o.max_memory < 200000 ? 211 : 30011) {
			if (winnow_new(&w, &o) != 0)
				break;
			r = winnow_clean(w, &p, &d);
			if (r != 0)
				CHECK_STR(d->text, "");
			else if ((r = winnow_record(w, d, NULL, &l)) != 0)
				/* a line without room leaves the page's text */
				CHECK(d->text_len > 0 &&
				      strlen(d->text) == d->text_len);
			refused += r == WINNOW_ETOOBIG || r == WINNOW_ENOMEM;
			done += r == 0;
			other +=
			    r != 0 && r != WINNOW_ETOOBIG && r != WINNOW_ENOMEM;
			winnow_free(w);
		}
		CHECK(refused > 20);
		CHECK(done > 20);
		CHECK_INT(other, 0);
	}
}

/* Seconds for one page; the arena's bytes must stay below the ceiling. */
static double
seconds(struct winnow *w, const char *s, size_t len)
{
	struct winnow_page p = {.body = s,
	    .body_len = len,
	    .url = "http://h.test/",
	    .now = 1770000000};
	const struct winnow_doc *d;
	struct winnow_line l;
	double t = cpu_seconds();
	int r = winnow_clean(w, &p, &d);

	CHECK(r == 0 || r == WINNOW_ETOOBIG);
	if (r == 0)
		CHECK_INT(winnow_record(w, d, NULL, &l), 0);
	return cpu_seconds() - t;
}

/* A page of 10 MB may take 3 s; half of one shows it as well, and on a slow
 * machine too. Sanitizers take their share. */
#if defined(WINNOW_SANITIZE)
enum { BYTES = 500000, SECONDS = 6 };
#else
enum { BYTES = 5000000, SECONDS = 3 };
#endif

static void
test_time(void)
{
	static const char *const floods[] = {"<", "</p>", "<a href=x>", "<p>",
	    "<div>", "<a><b></p>", "</i>", "<p>x", "<!--", "<a b=\"", "&#x41;",
	    "&", "<td>", "<script>", "<b>\xE4\xB8\xAD</b>", "\xE4\xB8\xAD",
	    "<a href=/", "<br>\n", "<li><a href=/x>y</a>", "<table><tr><td>",
	    "\xEF\xBF\xBD", " \n", "<select><option>x", "1 2026-05-06 ",
	    "来源：", "上一篇：<br>", "?。", "<i x=y x=y x=y>", "<title>",
	    "<pre>\n", "&lt;p&gt;", ",", "http://a.b/ "};
	struct winnow *w;
	size_t i, len;
	double t;
	char *s;

	if (winnow_new(&w, NULL) != 0)
		return;
	TEST("limits: megabytes of anything are read or refused in seconds")
	for (i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		s = repeat(floods[i], BYTES, &len);
		t = seconds(w, s, len);
		if (getenv("VERBOSE") != NULL)
			printf("  %6.2f s  %s\n", t, floods[i]);
		if (t > SECONDS)
			TEST_FAIL("'%s': %.1f s", floods[i], t);
		free(s);
	}
	TEST("limits: an element with 100,000 attributes")
	{
		s = repeat(" class=x", 800000, &len);
		memcpy(s, "<p", 2);
		CHECK(seconds(w, s, len) < SECONDS);
		free(s);
	}
	winnow_free(w);
}

int
main(void)
{
	test_arena();
	test_memory();
	test_time();
	return test_end();
}
