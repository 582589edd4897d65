/* test_record.c - the line, its schema, the JSON reader, the batch's promise
 * that any page gives a valid line. */
#include "cleaner/winnow.h"
#include "tests/cleaner/corpus.h"
#include "tests/test.h"

static struct winnow *w;

/* Members of a line as the reader sees them, -1 when it is no JSON. The three
 * open places are filled as a queue would. */
static int
members(const struct winnow_line *l)
{
	char *s = malloc(l->len + 32);
	struct winnow_json j;
	struct winnow_json_value v;
	int n = 0, r;

	r = snprintf(s, l->len + 32, "%.*snull%.*s7%.*snull%s",
	    (int)l->dup_at, l->json, (int)(l->seq_at - l->dup_at),
	    l->json + l->dup_at, (int)(l->alike_at - l->seq_at),
	    l->json + l->seq_at, l->json + l->alike_at);
	if (winnow_json_begin(&j, s, (size_t)r) != 0)
		n = -1;
	while (n >= 0 && (r = winnow_json_next(&j, &v)) != 0)
		n = r < 0 ? -1 : n + 1;
	free(s);
	return n;
}

static int
line_of(const char *html, size_t len, const char *url, struct winnow_line *l)
{
	struct winnow_page p = {
	    .body = html, .body_len = len, .url = url, .now = 1770000000};
	const struct winnow_doc *d;
	int r = winnow_clean(w, &p, &d);

	(void)r;
	return winnow_record(w, d, NULL, l);
}

static int
fields_of_schema(void)
{
	char *schema = winnow_schema(NULL);
	const char *s = strstr(schema, "\"required\""), *end;
	int n = 0;

	end = strchr(s, ']');
	for (; s < end; s++)
		n += *s == ',';
	free(schema);
	return n + 1;
}

static void
test_json(void)
{
	char text[] = "{\"a\":\"x\\u4e2d\\ud83d\\ude00\\ud800\\n\",\"b\":[1,"
		      "{\"]\":2}],\"c\":-1.5e3,\"d\":null} rest";
	static const char *const bad[] = {"{\"a\":1,}", "{\"a\" 1}", "{a:1}",
	    "{\"a\":1", "{\"a\":\"x", "{\"a\":\"\\x\"}", "{\"a\":[}}",
	    "{\"a\":+1}", "{\"a\":[[[[", "{,}", "{\"a\":\"\\u12\"}"};
	struct winnow_json j;
	struct winnow_json_value v;
	char out[64], copy[64];
	size_t i;
	int r;

	TEST("json: strings are unescaped in place, nested values are slices")
	{
		CHECK_INT(winnow_json_begin(&j, text, sizeof(text) - 1), 0);
		CHECK_INT(winnow_json_next(&j, &v), 1);
		CHECK_STR(v.s, "x中😀\xEF\xBF\xBD\n");
		CHECK_INT(winnow_json_next(&j, &v), 1);
		CHECK_INT(v.type, WINNOW_JSON_ARRAY);
		CHECK_INT(v.len, 11);
		CHECK_INT(winnow_json_next(&j, &v), 1);
		CHECK(v.number == -1500);
		CHECK_INT(winnow_json_next(&j, &v), 1);
		CHECK_INT(v.type, WINNOW_JSON_NULL);
		CHECK_INT(winnow_json_next(&j, &v), 0);
		CHECK_STR(j.p, " rest");
	}
	TEST("json: what is no JSON is an error")
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(copy, bad[i]);
		r = winnow_json_begin(&j, copy, strlen(copy));
		while (r >= 0 && (r = winnow_json_next(&j, &v)) == 1)
			;
		if (r >= 0)
			TEST_FAIL("accepted: %s", bad[i]);
	}
	TEST("json: quoting escapes quotes, backslashes and controls")
	{
		CHECK_INT(winnow_json_quote(out, "a\"\\\n\x01", 5), 15);
		CHECK_STR(out, "\"a\\\"\\\\\\n\\u0001\"");
	}
}

static void
test_corpus(void)
{
	struct corpus c;
	struct winnow_line l;
	size_t i;

	corpus_load(&c);
	if (c.n == 0)
		test_skip("record: the corpus", "no WINNOW_SHARED");
	else
		TEST("record: every page of the corpus gives a valid line")
	for (i = 0; i < c.n; i++)
		if (line_of(c.v[i].bytes, c.v[i].len, "http://example.com/a",
			&l) != 0 ||
		    members(&l) != fields_of_schema())
			TEST_FAIL("%s", c.v[i].name);
	corpus_free(&c);
}

int
main(void)
{
	static const char html[] =
	    "<title>a\"b\\c</title><body><p>\x01text\x7F</p>";
	static const char pdf[] = "%PDF-1.4 x";
	struct winnow_line l;
	struct winnow_fetch f = {.caller_id = "7",
	    .caller_raw = 1,
	    .error = "no-article",
	    .date_download = WINNOW_NO_TIME};
	struct winnow_page p = {.body = pdf, .body_len = 10};
	const struct winnow_doc *d;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_json();
	TEST("record: a line has every field of the schema, with and without "
	     "a URL")
	{
		CHECK_INT(line_of(html, sizeof(html) - 1, NULL, &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
		CHECK_INT(
		    line_of(html, sizeof(html) - 1, "http://a.cn/", &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
		CHECK(l.json[l.len - 1] == '\n' &&
		      memchr(l.json, '\n', l.len) == l.json + l.len - 1);
		CHECK(strstr(l.json, "\"dup_of\":,\"page_type\"") ==
		      l.json + l.dup_at - 9);
		CHECK(strncmp(l.json + l.seq_at - 6, "\"seq\":,", 7) == 0);
		CHECK(strncmp(l.json + l.alike_at - 13, "\"similarity\":",
			  13) == 0);
		CHECK(strncmp(l.json + l.event_at - 8, "\"event\":", 8) == 0);
		CHECK(strncmp(l.json + l.event_end, ",\"url\":", 7) == 0);
	}
	TEST("record: a control character in a title or an attribute is "
	     "escaped within its bounds")
	{
		static const char odd[] = "<title>a\x7F</title><meta "
					  "name=description "
					  "content='b\x01'><p>x";

		CHECK_INT(line_of(odd, sizeof(odd) - 1, NULL, &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
		CHECK(memmem(l.json, l.len, "\x7F", 1) == NULL);
		CHECK(memmem(l.json, l.len, "\x01", 1) == NULL);
	}
	TEST("record: a header line that is no UTF-8 is one in the record")
	{
		struct winnow_fetch odd = {
		    .content_type = "text/html; charset=\xff\x9b\"m",
		    .etag = "\"\xe4\xbd\xa0\xe4\""};

		(void)winnow_clean(w, &p, &d);
		CHECK_INT(winnow_record(w, d, &odd, &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
		CHECK(memmem(l.json, l.len,
			  "charset=\xef\xbf\xbd\xef\xbf\xbd\\\"m\"", 18) !=
		      NULL);
		CHECK(memmem(l.json, l.len,
			  "\"etag\":\"\\\"\xe4\xbd\xa0\xef\xbf\xbd\\\"\"",
			  19) != NULL);
	}
	TEST("record: an empty page and a page of NULs give a line")
	{
		CHECK_INT(line_of(NULL, 0, NULL, &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
		CHECK_INT(line_of("\0\0\0<p>\0", 7, NULL, &l), 0);
		CHECK_INT(members(&l), fields_of_schema());
	}
	TEST("record: a batch's line has the caller's id and says what went "
	     "wrong")
	{
		CHECK_INT(winnow_clean(w, &p, &d), WINNOW_ETYPE);
		CHECK_INT(winnow_record(w, d, &f, &l), 0);
		CHECK_INT(members(&l), fields_of_schema() + 2);
		CHECK(strstr(l.json, "\"id\":7,") != NULL);
		CHECK(strstr(l.json, "\"error\":\"no-article\"}") != NULL);
	}
	TEST("schema: an unknown program has none")
	CHECK(winnow_schema("excel") == NULL);
	test_corpus();
	winnow_free(w);
	return test_end();
}
