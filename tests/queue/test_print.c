/* test_print.c - which records, which fields, in which form. */
#include "queue/print.h"
#include "queue/format.h"
#include "tests/queue/queue_test.h"

static char words[512];
static const char *schema_dir; /* NULL: names come from the first record */
static int64_t since, until;

/* What a set of options makes of the lines: printed text (static), or the
 * words of what is wrong. */
static const char *
show_as(const char *format, const char *fields, const char *where,
    const char *lines)
{
	static char *out;
	const char *conditions[2] = {where, NULL}, *lf;
	struct wq_print_options o = {.format = format,
	    .fields = fields,
	    .where = conditions,
	    .nwhere = where != NULL,
	    .since_ms = since,
	    .until_ms = until,
	    .dir = schema_dir};
	struct wq_print *p;
	size_t len;
	FILE *f;
	int rc = 0;

	free(out);
	out = NULL;
	f = open_memstream(&out, &len);
	words[0] = '\0';
	if (wq_print_new(&p, &o, f, words, sizeof words) != 0) {
		fclose(f);
		return words;
	}
	while (rc >= 0 && (lf = strchr(lines, '\n')) != NULL) {
		rc = wq_print_line(p, lines, (size_t)(lf - lines) + 1);
		lines = lf + 1;
	}
	if (rc >= 0)
		rc = wq_print_end(p);
	if (rc < 0)
		snprintf(words, sizeof words, "%s", wq_print_why(p));
	wq_print_free(p);
	fclose(f);
	return rc < 0 ? words : out;
}

/* One record with a field f of this value: 1 it holds, 0, -1 refused. */
static int
holds(const char *where, const char *value)
{
	char line[512];
	const char *out;

	snprintf(line, sizeof line, "{\"f\":%s,\"o\":{\"nav\":3,\"ad\":0}}\n",
	    value);
	out = show_as(NULL, NULL, where, line);
	return out == words ? -1 : *out != '\0';
}

int
main(void)
{
	TEST("print: jsonl without a wish is the line as it lies")
	{
		CHECK_STR(show_as(NULL, NULL, NULL, "{\"a\" : 1 }\nno json\n"),
		    "{\"a\" : 1 }\nno json\n");
	}
	TEST("print: fields come in the order asked, nested ones by their path")
	{
		CHECK_STR(
		    show_as("jsonl", "b, o.nav,a", NULL,
			"{\"a\":\"x\\n\",\"o\":{\"nav\":3},\"b\":[1,2]}\n"),
		    "{\"b\":[1,2],\"o.nav\":3,\"a\":\"x\\n\"}\n");
	}
	TEST("print: a name that no record has is an error with the one meant")
	{
		CHECK_STR(show_as("jsonl", "titel", NULL, "{\"title\":1}\n"),
		    "no record has a field 'titel', did you mean 'title'?");
		CHECK_STR(
		    show_as(NULL, NULL, "o.nva>1", "{\"o\":{\"nav\":1}}\n"),
		    "no record has a field 'o.nva', did you mean 'o.nav'?");
		CHECK_STR(show_as(NULL, "a.b", NULL, "{\"a\":1}\n"),
		    "no record has a field 'a.b'");
		CHECK_STR(show_as(NULL, "a,,b", NULL, "{\"a\":1}\n"),
		    "--fields 'a,,b': a name is missing, use FIELD,FIELD...");
		CHECK_STR(show_as(NULL, "a,b,a", NULL, "{\"a\":1}\n"),
		    "--fields 'a,b,a': 'a' twice");
		CHECK_STR(show_as("xml", NULL, NULL, ""),
		    "--format 'xml': no such format, use jsonl, text, csv "
		    "or warc");
	}
	TEST("where: numbers are compared as numbers")
	{
		CHECK_INT(holds("f>9", "10"), 1);
		CHECK_INT(holds("f>9", "9"), 0);
		CHECK_INT(holds("f>=9", "9.0"), 1);
		CHECK_INT(holds("f<1e2", "99.5"), 1);
		CHECK_INT(holds("f<=-1", "-1"), 1);
		CHECK_INT(holds("f=0.5", "5e-1"), 1);
		CHECK_INT(holds("f!=0.5", "5e-1"), 0);
		CHECK_INT(holds("f>abc", "7"), 0);
	}
	TEST("where: strings and dates are compared by their bytes")
	{
		CHECK_INT(holds("f=news", "\"news\""), 1);
		CHECK_INT(holds("f=new", "\"news\""), 0);
		CHECK_INT(holds("f~ew", "\"news\""), 1);
		CHECK_INT(holds("f~", "\"\""), 1);
		CHECK_INT(holds("f>=2026-11", "\"2026-11-21\""), 1);
		CHECK_INT(holds("f<2026-11", "\"2026-11-21\""), 0);
		CHECK_INT(
		    holds("f~教育局", "\"\\u6559\\u80b2\\u5c40通知\""), 1);
		CHECK_INT(holds("f=a\"b", "\"a\\\"b\""), 1);
		CHECK_INT(holds("f==x", "\"x\""), 1);
		CHECK_INT(holds("f=\"=x\"", "\"=x\""), 1);
	}
	TEST("where: strings of digits are before and behind as numbers are")
	{
		CHECK_INT(holds("f>10", "\"9\""), 0);
		CHECK_INT(holds("f>9", "\"10\""), 1);
		CHECK_INT(holds("f<=18446744073709551615", "\"9\""), 1);
		CHECK_INT(holds("f=9", "\"10\""), 0);
		CHECK_INT(holds("f=10", "\"10\""), 1);
		CHECK_INT(holds("f>0", "\"10\""), 1);
		CHECK_INT(holds("f>10", "\"9a\""), 1);
		CHECK_INT(holds("f>10", "\"\""), 0);
	}
	TEST("where: of a list one member must do")
	{
		CHECK_INT(holds("f=李四", "[\"张三\",\"李四\"]"), 1);
		CHECK_INT(holds("f~李", "[\"张三\",\"李四\"]"), 1);
		CHECK_INT(holds("f!=李四", "[\"张三\",\"李四\"]"), 0);
		CHECK_INT(holds("f!=李四", "[]"), 1);
	}
	TEST("where: null is null or an empty list, its word goes in quotes")
	{
		CHECK_INT(holds("f=null", "null"), 1);
		CHECK_INT(holds("f=null", "[]"), 1);
		CHECK_INT(holds("f!=null", "[\"a\"]"), 1);
		CHECK_INT(holds("f=null", "\"null\""), 0);
		CHECK_INT(holds("f=\"null\"", "\"null\""), 1);
		CHECK_INT(holds("f=x", "null"), 0);
		CHECK_INT(holds("f!=x", "null"), 1);
		CHECK_INT(holds("f<x", "null"), 0);
		CHECK_INT(holds("f>null", "null"), -1);
	}
	TEST("where: words of truth, keys of objects")
	{
		CHECK_INT(holds("f=true", "true"), 1);
		CHECK_INT(holds("f!=true", "false"), 1);
		CHECK_INT(holds("o.nav>2", "0"), 1);
		CHECK_INT(holds("o.ad>0", "0"), 0);
		CHECK_INT(holds("=3", "0"), -1);
		CHECK_INT(holds("f", "0"), -1);
	}
	TEST("print: text is title, subtitle, empty line, text, form feed")
	{
		CHECK_STR(show_as("text", NULL, NULL,
			      "{\"title\":\"T\",\"subtitle\":null,\"text\":"
			      "\"a\\nb\\fc\",\"page_type\":\"article\"}\n"),
		    "T\n\na\nb c\n\f\n");
		CHECK_STR(show_as("text", NULL, NULL,
			      "{\"title\":\"T\",\"subtitle\":null,\"text\":"
			      "\"T\\nb\",\"page_type\":\"forum\"}\n"),
		    "\nT\nb\n\f\n");
		CHECK_STR(show_as("text", "b,a", NULL,
			      "{\"a\":[\"x\",\"y\"],\"b\":null}\n"),
		    "\nx; y\n\f\n");
	}
	TEST("print: csv quotes what RFC 4180 asks for, null is not empty")
	{
		CHECK_STR(show_as("csv", NULL, NULL,
			      "{\"a\":\"x\",\"b\":\"q\\\"u,o\\r\\nte\",\"c\":"
			      "null,\"d\":\"\",\"e\":-1.5,\"f\":[\"p\",\"q\"],"
			      "\"g\":{\"k\":1},\"h\":\"=1+1\"}\n"),
		    "a,b,c,d,e,f,g,h\r\n"
		    "x,\"q\"\"u,o\r\nte\",,\"\",-1.5,p; q,\"{\"\"k\"\":1}\","
		    "=1+1\r\n");
	}
	TEST("print: since and until bound date_download, until is not in it")
	{
		static const char lines[] =
		    "{\"date_download\":\"2026-11-21T03:14:59Z\"}\n"
		    "{\"date_download\":\"2026-11-21T03:15:00Z\"}\n"
		    "{\"date_download\":\"2026-11-21T03:15:00.250Z\"}\n"
		    "{\"date_download\":\"2026-11-21T03:15:01Z\"}\n"
		    "{\"date_download\":\"2026-11-21T03:15:00+08:00\"}\n"
		    "{\"date_download\":\"2026-11-21\"}\n"
		    "{\"date_download\":null}\n";

		since = T0;
		until = T0 + 1000;
		CHECK_STR(show_as("text", "date_download", NULL, lines),
		    "2026-11-21T03:15:00Z\n\f\n"
		    "2026-11-21T03:15:00.250Z\n\f\n");
		until = 0;
		CHECK_STR(show_as("text", "date_download",
			      "date_download>2026-11-21T03:15:01", lines),
		    "2026-11-21T03:15:01Z\n\f\n");
		since = 0;
	}
	TEST("print: nothing of a record ends a header of the WARC")
	{
		const char *out = show_as("warc", NULL, NULL,
		    "{\"id\":\"w1-\\r\\nX-A: 1\",\"url\":\"http://a/\\r\\n"
		    "X-B: <2>\",\"date_download\":\"2026\\r\\nX-C: 3\","
		    "\"text\":\"t\",\"title\":null,\"subtitle\":null}\n");

		CHECK(strstr(out, "WARC-Target-URI: http://a/%0D%0AX-B:%20%3C"
				  "2%3E\r\n") != NULL);
		CHECK(
		    strstr(out, "WARC-Date: 1970-01-01T00:00:00Z\r\n") != NULL);
		CHECK(strstr(out, "\nX-") == NULL);
	}
	TEST("print: SCHEMA.json of the queue knows names, types and words")
	{
		char path[128];
		FILE *f;

		schema_dir = make_folder();
		mkdir(schema_dir, 0755);
		snprintf(path, sizeof path, "%s/SCHEMA.json", schema_dir);
		f = fopen(path, "w");
		fputs("{\"properties\":{\"n\":{\"type\":[\"integer\","
		      "\"null\"]},\"e\":{\"type\":\"string\",\"enum\":[\"a\","
		      "\"b\"]},\"o\":{\"type\":\"object\"},\"t\":{\"type\":"
		      "\"boolean\"},\"s\":{\"type\":\"string\"}}}",
		    f);
		fclose(f);
		CHECK_STR(show_as(NULL, NULL, "n>x", ""),
		    "--where: 'n' cannot be compared with 'x': it is a number");
		CHECK_STR(show_as(NULL, NULL, "e=c", ""),
		    "--where: 'e' is never 'c': it is one of a, b");
		CHECK_STR(show_as(NULL, NULL, "t=yes", ""),
		    "--where: 't' cannot be compared with 'yes': it is true or "
		    "false");
		CHECK_STR(show_as(NULL, NULL, "o=1", ""),
		    "--where: 'o' cannot be compared with '1': it has keys, "
		    "name one of them after a dot");
		CHECK_STR(show_as(NULL, "s.x", NULL, ""),
		    "no record has a field 's.x'");
		CHECK_STR(show_as("csv", NULL, NULL, ""), "n,e,o,t,s\r\n");
		/* Keys that an older schema does not name, fields that an
		 * older record does not have. */
		CHECK_STR(
		    show_as("csv", "o.any,s", NULL, "{\"o\":{\"any\":1}}\n"),
		    "o.any,s\r\n1,\r\n");
		f = fopen(path, "w");
		fputs("{\"properties\":", f);
		fclose(f);
		CHECK_STR(
		    show_as("csv", NULL, NULL, "{\"z\":1}\n"), "z\r\n1\r\n");
		remove_tree(schema_dir);
		schema_dir = NULL;
	}
	TEST("print: a line that is no record prints nothing and is told")
	{
		static const char *const bad[] = {"{\"a\":1", "[1]", "x",
		    "{\"a\":1}}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":\"x}",
		    "{\"a\":[}]}", "{\"a\" 1}", ""};
		char line[64];

		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			snprintf(line, sizeof line, "%s\n", bad[i]);
			CHECK_STR(show_as("jsonl", "a", NULL, line),
			    "a line is no record: not a JSON object");
		}
	}
	return test_end();
}
