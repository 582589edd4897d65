/* test_hostile.c - what a server that means no good can put into a body: one
 * case each that must end soon, within its memory, with what can be had.
 *
 * Time is bounded generously, for machines differ: what would be quadratic
 * takes minutes on these sizes. Memory is counted at the arena, and for all of
 * them together at the process. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleaner/arena.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"
#include "cleaner/winnow.h"
#include "tests/test.h"

#if defined(WINNOW_SANITIZE)
enum { SECONDS = 30, SHARE = 10 };
#else
enum { SECONDS = 5, SHARE = 1 };
#endif
enum { MAX_BODY = 10 << 20 };

static struct winnow *w;
static const struct winnow_doc *d;

/* A text that any page may have, to be found again. */
#define KEPT                                                                   \
	"<p>The library by the river opened its doors on Monday, and the "     \
	"first readers were waiting on the steps long before nine.</p>"        \
	"<p>Most of its books had been kept in a barn outside the town, "      \
	"where "                                                               \
	"volunteers turned and dusted them, and made a list of what the damp " \
	"had spoiled in all these years.</p>"
#define IS_KEPT() CHECK(strstr(d->text, "kept in a barn outside") != NULL)

/* ---- a page ------------------------------------------------------------- */

/* As much of part as fits in bytes, between head and tail; caller frees. */
static char *
flood(const char *head, const char *part, size_t bytes, const char *tail,
    size_t *len)
{
	size_t h = strlen(head), n = strlen(part), t = strlen(tail);
	char *s = malloc(bytes + h + t + 1);
	size_t at = h;

	if (s == NULL)
		exit(1);
	memcpy(s, head, h);
	for (; at + n <= bytes; at += n)
		memcpy(s + at, part, n);
	memcpy(s + at, tail, t + 1);
	*len = at + t;
	return s;
}

/* Cleans within the limits; what winnow_clean() says. The record is made too.
 */
static int
clean_as(const void *body, size_t n, const char *type)
{
	struct winnow_page p = {.body = body,
	    .body_len = n,
	    .url = "http://h.test/dir/page",
	    .content_type = type,
	    .now = 1770000000};
	struct winnow_line l;
	clock_t t = clock();
	int r = winnow_clean(w, &p, &d);

	if (r == 0) {
		CHECK_INT(winnow_record(w, d, NULL, &l), 0);
		CHECK(wn_utf8_prefix(l.json, l.len) == l.len);
		for (size_t i = 0; i + 1 < l.len; i++)
			if ((unsigned char)l.json[i] < 0x20) {
				TEST_FAIL("a control byte in the record");
				break;
			}
	}
	if (clock() - t > (clock_t)SECONDS * CLOCKS_PER_SEC)
		TEST_FAIL("took %.1f s",
		    (double)(clock() - t) / (double)CLOCKS_PER_SEC);
	CHECK(wn_arena_used(w->arena) <= 512 << 20);
	return r;
}

static int
clean(const char *s)
{
	return clean_as(s, strlen(s), NULL);
}

/* Cleans a flood of bytes, which is given back to nobody. */
static int
clean_flood(const char *head, const char *part, size_t bytes, const char *tail)
{
	size_t n;
	char *s = flood(head, part, bytes / SHARE, tail, &n);
	int r = clean_as(s, n, NULL);

	free(s);
	return r;
}

/* ---- H26, H36: what the bytes are --------------------------------------- */

static void
test_types(void)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	size_t n;
	char *s;

	TEST("H26: the bytes decide what is a page, whatever the type says")
	{
		CHECK_INT(clean_as("<p>One line of text.", 20, "image/png"), 0);
		CHECK_INT(
		    clean_as(png, sizeof(png) - 1, "text/html"), WINNOW_ETYPE);
		CHECK_INT(
		    clean_as("%PDF-1.7 <p>x", 13, "text/html"), WINNOW_ETYPE);
		CHECK_INT(clean_as("<p>One line of text.", 20, ""), 0);
	}
	TEST("H26: a type of 100 KiB")
	{
		s = flood("text/html; ", "charset=x; ", 100 << 10, "", &n);
		CHECK_INT(clean_as("<p>One line of text.", 20, s), 0);
		CHECK_STR(d->charset, "utf-8");
		free(s);
	}
}

static void
test_charsets(void)
{
	static const char *const names[] = {"../../x", "/etc/passwd", "utf-7",
	    "UTF-8//IGNORE//TRANSLIT", "%s%n", "x'\"", "utf-32", "utf-9",
	    "iso-2022-cn", "replacement"};
	char page[256];
	size_t n;
	char *s;

	TEST("H36: a charset is looked up in the list, or is none")
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(page, sizeof(page),
		    "<meta charset=\"%s\"><p>\xE6\xB2\xB3\xE8\xBE\xB9",
		    names[i]);
		CHECK_INT(clean(page), 0);
		CHECK_STR(d->charset, "utf-8");
		snprintf(page, sizeof(page), "text/html; charset=%s", names[i]);
		CHECK_INT(clean_as("<p>\xE6\xB2\xB3\xE8\xBE\xB9", 9, page), 0);
		CHECK_STR(d->charset, "utf-8");
	}
	TEST("H36: a charset's name of 64 KiB, in the page and in the header")
	{
		s = flood("text/html; charset=", "a", 64 << 10, "", &n);
		CHECK_INT(clean_as("<p>x", 4, s), 0);
		free(s);
		s = flood("<meta charset=", "a", 64 << 10, "><p>x", &n);
		CHECK_INT(clean_as(s, n, NULL), 0);
		free(s);
	}
	TEST("H36: a BOM beats the header, and UTF-7 is never read")
	{
		CHECK_INT(clean_as("\xEF\xBB\xBF<p>\xE6\xB2\xB3", 9,
			      "text/html; charset=big5"),
		    0);
		CHECK_STR(d->charset_source, "bom");
		CHECK_INT(clean_as("+ADw-script+AD4-alert(1)", 24,
			      "text/html; charset=utf-7"),
		    0);
		CHECK(strstr(d->text, "<script") == NULL);
	}
}

/* ---- H27 to H32: too much of something ---------------------------------- */

static void
test_depth(void)
{
	TEST("H27: 100,000 and 1,000,000 nested div: what was read before is "
	     "kept")
	{
		CHECK_INT(clean_flood(KEPT, "<div>", 500000, ""), 0);
		CHECK(d->truncated);
		IS_KEPT();
		CHECK_INT(clean_flood(KEPT, "<div>", 5000000, ""), 0);
		CHECK(d->truncated);
		IS_KEPT();
	}
	TEST("H27: text below 5,000 nested div is found")
	{
		CHECK_INT(clean_flood("", "<div>", 25000 * SHARE, KEPT), 0);
		CHECK(d->truncated);
		IS_KEPT();
	}
	TEST("H27: a megabyte of <a><b></p>, which a name stack searches")
	{
		CHECK_INT(clean_flood("", "<a><b></p>", 1000000, ""), 0);
		CHECK_INT(clean_flood("", "<b><i></div>", 1000000, ""), 0);
		CHECK_INT(clean_flood("", "<x><y></z>", 1000000, ""), 0);
	}
}

/* An element with n attributes, each of its own name. */
static void
attributes(unsigned n)
{
	size_t cap = (size_t)n * 24 + 1000, at;
	char *s = malloc(cap);

	if (s == NULL)
		exit(1);
	at = (size_t)sprintf(s, "<p class=a");
	for (unsigned i = 0; i < n; i++)
		at += (size_t)sprintf(s + at, " a%u=%u", i, i);
	at += (size_t)sprintf(s + at, " id=late>" KEPT);
	CHECK_INT(clean_as(s, at, NULL), 0);
	IS_KEPT();
	free(s);
}

static void
test_attributes(void)
{
	TEST("H28: 20,000 and 100,000 attributes, and the text is kept")
	{
		attributes(20000);
		attributes(100000);
		CHECK_INT(clean_flood("<p", " class=x", 1000000, ">text"), 0);
	}
}

static void
test_sizes(void)
{
	static const struct {
		const char *head, *part, *tail;
	} floods[] = {{"<p>", "word ", "</p>"}, {"<p>", "x", ""},
	    {"<p title='", "x", "'>y</p>"}, {"<p title='", "x", ""},
	    {"<!--", "x", ""}, {"<!--", "--", ""}, {"", "<", ""},
	    {"<script>", "x", "</script>"}, {"<script>", "<", ""},
	    {"<title>", "<x", ""}, {"<p>", "\xE6\xB2\xB3", ""}};
	size_t n;
	char *s;

	TEST("H29: past the size limit a page is refused before it is read")
	{
		s = flood("<p>", "x", 60 << 20, "", &n);
		CHECK_INT(clean_as(s, n, NULL), WINNOW_ETOOBIG);
		CHECK(wn_arena_used(w->arena) < 64 << 20);
		free(s);
	}
	TEST("H29: at the size limit text, attribute, comment, < and script "
	     "end in seconds")
	for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++)
		CHECK_INT(clean_flood(floods[i].head, floods[i].part,
			      MAX_BODY - 100, floods[i].tail),
		    0);
}

static void
test_elements(void)
{
	TEST("H30: a million open links, two million paragraphs")
	{
		CHECK_INT(clean_flood("", "<a href=x>", MAX_BODY - 10, ""), 0);
		CHECK_INT(clean_flood("", "<p>", MAX_BODY - 10, ""), 0);
		CHECK_INT(clean_flood("", "<p>x", MAX_BODY - 10, ""), 0);
		CHECK(d->truncated);
		CHECK_INT(clean_flood("", "<b><p>x", MAX_BODY - 10, ""), 0);
	}
	TEST("H31: five million stray end tags, and the text behind them")
	{
		CHECK_INT(clean_flood("", "</i>", MAX_BODY - 1000, KEPT), 0);
		IS_KEPT();
		CHECK_INT(clean_flood("", "</p>", MAX_BODY - 10, ""), 0);
		CHECK_INT(clean_flood("", "</x>", MAX_BODY - 10, ""), 0);
	}
}

/* n links of their own. */
static void
many_links(unsigned n)
{
	size_t at = 0;
	char *s = malloc((size_t)n * 32);

	if (s == NULL)
		exit(1);
	for (unsigned i = 0; i < n; i++)
		at += (size_t)sprintf(s + at, "<a href=/%u>x</a> ", i);
	if (at < MAX_BODY) {
		CHECK_INT(clean_as(s, at, NULL), 0);
		CHECK_INT(d->nlinks, 5000);
		CHECK(d->links_dropped > 0);
	} else {
		CHECK_INT(clean_as(s, at, NULL), WINNOW_ETOOBIG);
	}
	free(s);
}

static void
test_links(void)
{
	TEST("H32: of 100,000 and of 400,000 links 5,000 are kept, and it says "
	     "so")
	{
		many_links(100000 / SHARE);
		many_links(400000 / SHARE);
	}
	TEST("H32: a million links are past the size limit")
	many_links(1000000);
}

/* ---- H33: where a page sends its reader --------------------------------- */

static void
test_places(void)
{
	TEST("H33: a refresh to itself is one link, a refresh to a script none")
	{
		CHECK_INT(clean("<meta http-equiv=refresh content='0;url=page'>"
				"<meta http-equiv=refresh content='0;url="
				"javascript:alert(1)'><p>x"),
		    0);
		CHECK_INT(d->nlinks, 1);
		CHECK_STR(d->links[0].url, "http://h.test/dir/page");
	}
	TEST("H33: a base that is no address of the web is none")
	{
		CHECK_INT(
		    clean("<base href='javascript:alert(1)'><a href=x>x"), 0);
		CHECK_STR(d->links[0].url, "http://h.test/dir/x");
		CHECK_INT(clean("<base href='file:///etc/'><a href=x>x"), 0);
		CHECK(
		    d->nlinks == 0 || strncmp(d->links[0].url, "http", 4) == 0);
	}
	TEST("H33: links that are no addresses of the web are no links")
	{
		CHECK_INT(
		    clean("<a href=javascript:x>a</a><a href='data:x'>b"
			  "</a><a href=file:///etc/passwd>c</a><iframe "
			  "src='vbscript:x'></iframe><a href='ftp://a/'>"),
		    0);
		CHECK_INT(d->nlinks, 0);
	}
	TEST("H33: a canonical address of another host moves nothing")
	{
		struct winnow_key key;
		char id[40];

		CHECK_INT(clean("<p>The same text on both pages."), 0);
		key = d->key;
		memcpy(id, d->id, sizeof(id));
		CHECK_INT(clean("<link rel=canonical href=http://evil.test/>"
				"<p>The same text on both pages."),
		    0);
		CHECK(d->key.host == key.host && d->key.url == key.url);
		CHECK_STR(d->id, id);
	}
}

/* ---- H34: what is no text ----------------------------------------------- */

/* No byte sequence of the list is in what came out. */
static void
check_without(const char *s, const char *const *bad, size_t n)
{
	CHECK(wn_utf8_prefix(s, strlen(s)) == strlen(s));
	for (size_t i = 0; i < n; i++)
		if (strstr(s, bad[i]) != NULL)
			TEST_FAIL("row %zu is in \"%s\"", i, s);
}

static void
test_characters(void)
{
	static const char page[] =
	    "<meta charset=utf-8><title>A\0b&#0;c</title><p>Nul \0, wrong "
	    "\xFF\xC0\x80\xED\xA0\x80, "
	    "&#xD800;&#xDFFF;&#0;&#x110000;&#xFFFFFFFFFF;&#1;&#x1b;[31m, "
	    "turned \xE2\x80\xAE over \xE2\x80\xAD and \xE2\x81\xA6 back, "
	    "noncharacters \xEF\xBF\xBE\xEF\xB7\x90\xF4\x8F\xBF\xBF, a line of "
	    "text that is long enough.</p>";
	static const char *const bad[] = {"\x1b", "\xED\xA0", "\xE2\x80\xAE",
	    "\xE2\x80\xAD", "\xE2\x81\xA6", "\xEF\xBF\xBE", "\x01"};
	size_t n;
	char *s;

	TEST(
	    "H34: NUL, broken UTF-8, lone surrogates, controls and turned text "
	    "come out as clean UTF-8")
	{
		CHECK_INT(clean_as(page, sizeof(page) - 1, NULL), 0);
		CHECK(d->text_len > 40);
		CHECK(d->bad_bytes > 0);
		check_without(d->text, bad, sizeof(bad) / sizeof(bad[0]));
		check_without(d->title, bad, sizeof(bad) / sizeof(bad[0]));
	}
	TEST("H34: 10,000 combining marks on one letter, and a megabyte")
	{
		s = flood("<p>One letter e", "\xCC\x81", 20000,
		    " and the text goes on.</p>", &n);
		CHECK_INT(clean_as(s, n, NULL), 0);
		CHECK(strstr(d->text, "text goes on") != NULL);
		free(s);
		CHECK_INT(clean_flood("<p>e", "\xCC\x81", 1000000, ""), 0);
	}
	TEST("H34: megabytes of NUL, of wrong bytes, of references to nothing")
	{
		s = flood("<p>", "x", 4000000 / SHARE, "", &n);
		memset(s + 1000, 0, n - 1000);
		clean_as(s, n, NULL);
		memset(s + 1000, 0xFF, n - 1000);
		clean_as(s, n, NULL);
		free(s);
		CHECK_INT(clean_flood("<p>", "&#xD800;", 4000000, ""), 0);
		CHECK_INT(clean_flood("<p>", "&#x1b;", 4000000, ""), 0);
	}
}

/* ---- H35: entities ------------------------------------------------------ */

#define LAUGHS                                                                 \
	"<!ENTITY a 'ha ha ha ha ha ha ha ha '>"                               \
	"<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"                         \
	"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"                         \
	"<!ENTITY e '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"                         \
	"<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>"                         \
	"<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>"                         \
	"<!ENTITY h '&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;'>"

/* What an entity must not reach: a file and a server, both watched. */
struct bait {
	char path[64];
	int notify, listener, port;
};

static void
bait_set(struct bait *b)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd;

	snprintf(b->path, sizeof(b->path), "/tmp/winnow-bait-XXXXXX");
	if ((fd = mkstemp(b->path)) < 0 || write(fd, "SECRET", 6) != 6)
		exit(1);
	close(fd);
	b->notify = inotify_init1(IN_NONBLOCK);
	inotify_add_watch(b->notify, b->path, IN_OPEN | IN_ACCESS);
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(b->listener, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(b->listener, 5) != 0 ||
	    getsockname(b->listener, (struct sockaddr *)&a, &len) != 0)
		exit(1);
	b->port = ntohs(a.sin_port);
}

static void
bait_check(struct bait *b)
{
	char events[512];

	CHECK(read(b->notify, events, sizeof(events)) < 0 && errno == EAGAIN);
	CHECK(accept(b->listener, NULL, NULL) < 0 && errno == EAGAIN);
	close(b->notify);
	close(b->listener);
	unlink(b->path);
}

/* The document type with the laughs and both baits, and what is behind it. */
static size_t
with_entities(char *out, size_t cap, const struct bait *b, const char *root,
    const char *rest)
{
	int n = snprintf(out, cap,
	    "<?xml version=\"1.0\"?><!DOCTYPE %s [" LAUGHS
	    "<!ENTITY x SYSTEM \"file://%s\"><!ENTITY y SYSTEM "
	    "\"http://127.0.0.1:%d/y\"><!ENTITY %% p SYSTEM "
	    "\"http://127.0.0.1:%d/p\"> %%p;]>%s",
	    root, b->path, b->port, b->port, rest);

	return (size_t)n;
}

static void
look(void *arg, const struct winnow_entry *e)
{
	size_t *long_ones = arg;

	*long_ones += (e->title != NULL && strlen(e->title) > 1000) ||
		      (e->url != NULL && strstr(e->url, "SECRET") != NULL) ||
		      (e->title != NULL && strstr(e->title, "SECRET") != NULL);
}

static void
test_entities(void)
{
	static const char *const lists[][2] = {
	    {"urlset", "<urlset><url><loc>http://h.test/&h;&x;&y;</loc></url></"
		       "urlset>"},
	    {"rss", "<rss><channel><item><title>&h;&x;&y;</title><link>http://"
		    "h.test/1</link></item></channel></rss>"},
	    {"feed", "<feed><entry><title>&h;&x;&y;</title><link href='/&h;'/>"
		     "</entry></feed>"},
	};
	struct winnow_feed f;
	char page[4096];
	struct bait b;
	size_t n, found = 0;
	clock_t t;

	bait_set(&b);
	TEST("H35: entities of an XHTML page grow nothing, open nothing, ask "
	     "nobody")
	{
		n = with_entities(page, sizeof(page), &b, "html",
		    "<html><body><p>Before &h; and &x; and &y; there is a "
		    "text.</p></body></html>");
		CHECK_INT(clean_as(page, n, "application/xhtml+xml"), 0);
		CHECK(d->text_len < 4096);
		CHECK(strstr(d->text, "SECRET") == NULL);
		CHECK(strstr(d->text, "there is a text") != NULL);
		CHECK(wn_arena_used(w->arena) < 64 << 20);
	}
	TEST("H35: nor do those of sitemaps and feeds")
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		n = with_entities(
		    page, sizeof(page), &b, lists[i][0], lists[i][1]);
		t = clock();
		CHECK_INT(winnow_read_feed(w, page, n, "http://h.test/f",
			      "text/xml", look, &found, &f),
		    0);
		CHECK(clock() - t < (clock_t)SECONDS * CLOCKS_PER_SEC);
		CHECK_INT(found, 0);
	}
	TEST("H35: no file was opened and no connection made")
	bait_check(&b);
}

static void
test_memory(void)
{
	struct rusage r;

	TEST("H29: all of this took less than 700 MB")
	{
		getrusage(RUSAGE_SELF, &r);
#if defined(WINNOW_SANITIZE)
		CHECK(r.ru_maxrss > 0);
#else
		if (r.ru_maxrss >= 700 * 1024)
			TEST_FAIL("%ld KiB", r.ru_maxrss);
#endif
	}
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_types();
	test_charsets();
	test_depth();
	test_attributes();
	test_sizes();
	test_elements();
	test_links();
	test_places();
	test_characters();
	test_entities();
	test_memory();
	winnow_free(w);
	return test_end();
}
