/* test_seeds.c - seed lists as people write them. */
#include "crawler/seeds.h"

#include "tests/test.h"

static char got[65536], bad[4096];

static void
on_seed(void *arg, const struct seed_line *s)
{
	size_t n = strlen(got);

	(void)arg;
	snprintf(got + n, sizeof got - n, "%u %s %d %d %d %lld [%s] [%s]\n",
	    s->line, s->url->href, s->type, s->depth, s->priority,
	    (long long)s->interval_ms, s->tags, s->charset);
}

static void
on_bad(void *arg, unsigned line, const char *what)
{
	size_t n = strlen(bad);

	(void)arg;
	snprintf(bad + n, sizeof bad - n, "%u: %s\n", line, what);
}

static const struct seeds_reader reader = {on_seed, on_bad, NULL};

static void
read_list(const char *list)
{
	got[0] = bad[0] = '\0';
	CHECK_INT(seeds_read_text(list, strlen(list), &reader), 0);
}

static void
test_bytes(void)
{
	static const char *const lines[] = {"http://a.example/\xff\n",
	    "http://a.example/\xed\xa0\x80\n", "http://a.example/\x01\n",
	    "http://a.example/\xc0\xaf\n", "http://a.example/\xe4\xb8\n"};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		read_list(lines[i]);
		CHECK_STR(got, "");
		CHECK_STR(bad, "1: not UTF-8 text\n");
	}
	got[0] = bad[0] = '\0';
	seeds_read_text("http://a.example/\0x\n", 20, &reader);
	CHECK_STR(bad, "1: not UTF-8 text\n");
}

static void
test_long(void)
{
	size_t n = 3 * SEEDS_LINE_MAX;
	char *list = malloc(n + 64);

	memset(list, 'a', n);
	strcpy(list + n, "\nhttp://a.example/\n");
	read_list(list);
	CHECK_STR(got, "2 http://a.example/ 0 65535 10 0 [] []\n");
	CHECK_STR(bad, "1: longer than 16384 bytes\n");
	list[n] = '\0';
	read_list(list);
	CHECK_STR(bad, "1: longer than 16384 bytes\n");
	free(list);
}

static void
test_file(void)
{
	char one[4096];
	FILE *f = tmpfile();
	int i;

	for (i = 0; i < 2000; i++)
		fprintf(f, "# %d\n", i);
	fprintf(f, "http://a.example/x\tdepth=1");
	rewind(f);
	got[0] = bad[0] = '\0';
	CHECK_INT(seeds_read(f, &reader), 0);
	snprintf(one, sizeof one, "2001 http://a.example/x 0 1 10 0 [] []\n");
	CHECK_STR(got, one);
	fclose(f);
	CHECK_INT(seeds_read_file("/nonexistent/list", &reader), -1);
}

int
main(void)
{
	TEST("seeds: blank lines and comments are skipped")
	{
		read_list("# list\n\n  \nhttp://a.example\n\t\n # more\n");
		CHECK_STR(got, "4 http://a.example/ 0 65535 10 0 [] []\n");
		CHECK_STR(bad, "");
	}
	TEST("seeds: attributes stand after a TAB")
	{
		read_list(
		    "http://a.example/\ttype=feed\tinterval=10m\tdepth=2\t"
		    "priority=-5\ttags=a,b\tcharset=gb18030\n");
		CHECK_STR(
		    got, "1 http://a.example/ 2 2 -5 600000 [a,b] [gb18030]\n");
		read_list("http://a.example/\ttype=list depth=0 tags=x y,z\n");
		CHECK_STR(got, "1 http://a.example/ 1 0 10 0 [x y,z] []\n");
		CHECK_STR(bad, "");
	}
	TEST("seeds: a BOM and Windows line ends are fine")
	{
		read_list("\xef\xbb\xbfhttp://a.example/\r\n\r\n# c\r\n"
			  "http://b.example/\ttype=page\r\n");
		CHECK_STR(got, "1 http://a.example/ 0 65535 10 0 [] []\n"
			       "4 http://b.example/ 0 65535 10 0 [] []\n");
		CHECK_STR(bad, "");
	}
	TEST("seeds: bad lines are reported with their number, the rest used")
	{
		read_list("example.org\nhttp://a.example/\nftp://b.example/\n"
			  "http://c.example/\tdept=2\n"
			  "http://c.example/\tdepth=x\n"
			  "http://c.example/\ttype=blog\n"
			  "http://c.example/\tinterval=5 parsecs\n"
			  "http://c.example/\tpriority=101\n"
			  "http://c.example/ type=list\n");
		CHECK_STR(got, "2 http://a.example/ 0 65535 10 0 [] []\n");
		CHECK_STR(bad,
		    "1: 'example.org' is no URL\n"
		    "3: 'ftp://b.example/': only http and https are fetched\n"
		    "4: unknown attribute 'dept=2', use type, interval, depth, "
		    "priority, tags or charset\n"
		    "5: depth 'x': use a number up to 1000\n"
		    "6: type 'blog': use page, list, feed or sitemap\n"
		    "7: interval '5 parsecs': use a number with s, m, h or d\n"
		    "8: priority '101': use -100 to 100\n"
		    "9: attributes stand after a TAB\n");
	}
	TEST("seeds: a fragment and user info do not get into the URL")
	{
		read_list("http://u:p@a.example/x#y\n");
		CHECK_STR(got, "1 http://a.example/x 0 65535 10 0 [] []\n");
	}
	TEST("seeds: bytes that are no text cost their line")
	{
		test_bytes();
	}
	TEST("seeds: a line without end takes bounded memory")
	{
		test_long();
	}
	TEST("seeds: a file may lack its last line end")
	{
		test_file();
	}
	return test_end();
}
