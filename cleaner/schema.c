/* schema.c - the record's schema for the programs that read it, from the rows
 * of record.def, kinds.def and repairs.def.
 *
 * Invariants
 *  M1  A record of this version has every field; it may have more. A later
 *      version adds some, and its records stand beside older ones in a queue:
 *      so the JSON Schema says what is required and forbids nothing unknown.
 *  M2  What the schema allows is what record.c can write, no more: its lengths
 *      are the limits there.
 *  M3  A record of a crawl has the fields of a fetch; the page that
 *      winnow clean read from a file has null in them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/cleaner_cmds.h"
#include "cleaner/winnow.h"

/* ---- types --------------------------------------------------------------- */

/* DuckDB's column, Spark's, pandas' dtype, a feature of Hugging Face's
 * datasets, ClickHouse's column. */
enum { DUCKDB, SPARK, PANDAS, HF, CLICKHOUSE, PROGRAMS };

struct key {
	const char *name, *words;
};
static const struct key kinds[] = {
#define K(key, name, words) {name, words},
#include "cleaner/kinds.def"
#undef K
    {NULL, NULL}};
static const struct key repairs[] = {
#define R(key, name, words) {name, words},
#include "cleaner/repairs.def"
#undef R
    {NULL, NULL}};

struct type {                    /* one of record.def */
	const char *json, *more; /* JSON's name; keywords of JSON Schema */
	const char *as[PROGRAMS];
	int null;    /* it may be */
	int crawled; /* but not in a record of a crawl */
	const struct key *keys;
};

#define TEXTUAL "VARCHAR", "STRING", "string", "Value('string')"
#define WHOLE "BIGINT", "BIGINT", "Int64", "Value('int64')"
#define SHORT "\"maxLength\":65536"
#define COUNTS "MAP(VARCHAR, INTEGER)", "MAP<STRING, INT>", "object"
#define SECOND                                                                 \
	"\"format\":\"date-time\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-"           \
	"[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$\""
#define MOMENT                                                                 \
	"TIMESTAMPTZ", "TIMESTAMP", "string", "Value('string')",               \
	    "Nullable(DateTime64(0, 'UTC'))"

static const struct type
    T_STRING = {"string", SHORT, {TEXTUAL, "String"}, .null = 0},
    T_ID = {"string", NULL, {TEXTUAL, "String"}, .null = 0},
    T_TEXT = {"string", "\"maxLength\":8388608", {TEXTUAL, "String"},
	.null = 0},
    T_HASH = {"string", "\"pattern\":\"^[0-9a-f]{16}$\"", {TEXTUAL, "String"},
	.null = 0},
    T_OR_NULL = {"string", SHORT, {TEXTUAL, "Nullable(String)"}, .null = 1},
    T_DUP = {"string", NULL, {TEXTUAL, "Nullable(String)"}, .null = 1},
    T_REVISES = {"string", NULL, {TEXTUAL, "Nullable(String)"}, .null = 1},
    T_EVENT = {"string", NULL, {TEXTUAL, "Nullable(String)"}, 1, 1, NULL},
    T_ALIKE = {"number", "\"minimum\":0,\"maximum\":1",
	{"DOUBLE", "DOUBLE", "float64", "Value('float64')",
	    "Nullable(Float64)"},
	.null = 1},
    T_CRAWLED = {"string", SHORT, {TEXTUAL, "Nullable(String)"}, 1, 1, NULL},
    T_OF_STRING = {"string", SHORT, {TEXTUAL, "Nullable(String)"}, 1, 1, NULL},
    T_DAY = {"string",
	"\"format\":\"date\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"",
	{"DATE", "DATE", "string", "Value('string')", "Nullable(Date32)"},
	.null = 1},
    T_TIME = {"string", SECOND, {MOMENT}, .null = 1},
    T_OF_TIME = {"string", SECOND, {MOMENT}, 1, 1, NULL},
    T_INT = {"integer", "\"minimum\":0", {WHOLE, "UInt64"}, .null = 0},
    T_OF_INT = {"integer", NULL, {WHOLE, "Nullable(Int64)"}, 1, 1, NULL},
    T_DEPTH = {"integer", "\"minimum\":0", {WHOLE, "Nullable(Int64)"}, 1, 1,
	NULL},
    T_SEQ = {"integer", "\"minimum\":1", {WHOLE, "UInt64"}, 1, 1, NULL},
    T_NUMBER = {"number", "\"minimum\":0,\"maximum\":1",
	{"DOUBLE", "DOUBLE", "float64", "Value('float64')", "Float64"},
	.null = 0},
    T_BOOL = {"boolean", NULL,
	{"BOOLEAN", "BOOLEAN", "boolean", "Value('bool')", "Bool"}, .null = 0},
    T_LIST = {"array",
	"\"maxItems\":500,\"items\":{\"type\":\"string\"," SHORT "}",
	{"VARCHAR[]", "ARRAY<STRING>", "object", "Sequence(Value('string'))",
	    "Array(String)"},
	.null = 0},
    T_KINDS = {"object", NULL, {COUNTS, "kinds", "Map(String, UInt32)"},
	.keys = kinds},
    T_REPAIRS = {"object", NULL, {COUNTS, "repairs", "Map(String, UInt32)"},
	.keys = repairs};

/* ---- rows ---------------------------------------------------------------- */

struct row {
	const char *name;
	const struct type *type;
	struct bound {
		const char *words, *pattern; /* words: a comma between */
		int least, most;
	} bound;
	const char *about;
};

#define ANY                                                                    \
	{                                                                      \
		.words = NULL                                                  \
	}
#define ONE_OF(...)                                                            \
	{                                                                      \
		.words = #__VA_ARGS__                                          \
	}
#define PATTERN(p)                                                             \
	{                                                                      \
		.pattern = p                                                   \
	}
#define RECORD PATTERN("^w1-[0-9a-f]{32}$")
#define ADDRESS PATTERN("^[a-z][a-z0-9+.-]*:[^ ]*$")
#define BETWEEN(lo, hi)                                                        \
	{                                                                      \
		.least = lo, .most = hi                                        \
	}

static const struct row rows[] = {
#define F(name, type, value, bound, words) {#name, &T_##type, bound, words},
#define LAST(name, type, value, bound, words)                                  \
	{                                                                      \
#name, &T_##type, bound, words                                 \
	}
#include "cleaner/record.def"
#undef F
#undef LAST
};
enum { NROWS = sizeof rows / sizeof rows[0] };

/* What stands between this row and the next. */
static const char *
between(size_t i, const char *sep, const char *end)
{
	return i + 1 < NROWS ? sep : end;
}

/* ---- JSON Schema --------------------------------------------------------- */

static void
put_bound(FILE *f, const struct bound *b, int null)
{
	const char *s = b->words;
	size_t n;

	if (b->pattern != NULL)
		fprintf(f, ",\"pattern\":\"%s\"", b->pattern);
	if (b->most > 0)
		fprintf(f, ",\"minimum\":%d,\"maximum\":%d", b->least, b->most);
	if (s == NULL)
		return;
	fputs(",\"enum\":[", f);
	for (;; s += n) {
		n = strcspn(s, ",");
		fprintf(f, "\"%.*s\"", (int)n, s);
		if (s[n] == '\0')
			break;
		fputc(',', f);
		n += strspn(s + n, ", ");
	}
	fputs(null ? ",null]" : "]", f);
}

/* The keys of `removed` and `repairs`, all of them in every record. */
static void
put_keys(FILE *f, const struct key *k)
{
	const struct key *first = k;

	fputs(",\"required\":[", f);
	for (; k->name != NULL; k++)
		fprintf(f, "%s\"%s\"", k > first ? "," : "", k->name);
	fputs("],\"properties\":{\n", f);
	for (k = first; k->name != NULL; k++)
		fprintf(f,
		    "    \"%s\":{\"type\":\"integer\",\"minimum\":0,"
		    "\"description\":\"%s\"}%s\n",
		    k->name, k->words, k[1].name != NULL ? "," : "");
	fputs("  },\"additionalProperties\":{\"type\":\"integer\","
	      "\"minimum\":0}",
	    f);
}

static void
put_property(FILE *f, const struct row *r)
{
	const struct type *t = r->type;

	fprintf(f, "  \"%s\":{\"type\":", r->name);
	fprintf(f, t->null ? "[\"%s\",\"null\"]" : "\"%s\"", t->json);
	fprintf(f, ",\"description\":\"%s\"", r->about);
	if (t->more != NULL && r->bound.words == NULL)
		fprintf(f, ",%s", t->more);
	put_bound(f, &r->bound, t->null);
	if (t->keys != NULL)
		put_keys(f, t->keys);
	fputc('}', f);
}

/* M3: where `crawl` is known, so is what the fetch knows. */
static void
put_crawled(FILE *f)
{
	int n = 0;

	fputs("\"if\":{\"properties\":{\"crawl\":{\"type\":\"string\"}}},\n"
	      "\"then\":{\"properties\":{\n",
	    f);
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].type->crawled)
			fprintf(f, "%s  \"%s\":{\"type\":\"%s\"}",
			    n++ > 0 ? ",\n" : "", rows[i].name,
			    rows[i].type->json);
	fputs("\n}}\n", f);
}

static void
for_json(FILE *f)
{
	fputs(
	    "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
	    "\n\"title\": \"winnow/1\",\n\"type\": \"object\",\n"
	    "\"required\": [",
	    f);
	for (size_t i = 0; i < NROWS; i++)
		fprintf(f, "\"%s\"%s", rows[i].name, between(i, ",", "],\n"));
	fputs("\"properties\": {\n", f);
	for (size_t i = 0; i < NROWS; i++) {
		put_property(f, &rows[i]);
		fputs(between(i, ",\n", "\n},\n"), f);
	}
	put_crawled(f);
	fputs("}\n", f);
}

/* ---- programs ------------------------------------------------------------ */

static void
put_features(FILE *f, const char *name, const struct key *k)
{
	fprintf(f, "%s = {\n", name);
	for (; k->name != NULL; k++)
		fprintf(f, "'%s': Value('int32'),\n", k->name);
	fputs("}\n", f);
}

static void
for_hf(FILE *f)
{
	fputs("from datasets import Features, Sequence, Value\n\n", f);
	put_features(f, "kinds", kinds);
	put_features(f, "repairs", repairs);
}

/* head; for each field before, its name, middle, its type; between two of them
 * sep; tail. */
static const struct program {
	const char *name;
	int column;
	void (*begin)(FILE *);
	const char *head, *before, *middle, *sep, *tail;
} programs[] = {
    {"duckdb", DUCKDB, NULL,
	"CREATE VIEW articles AS SELECT * FROM read_json(\n"
	"  'ready/*/*.jsonl.gz', format = 'newline_delimited',\n"
	"  maximum_object_size = 16777216, columns = {\n",
	"    \"", "\": '", "',\n", "'});\n"},
    {"pandas", PANDAS, NULL, "{\n", "'", "': '", "',\n", "'}\n"},
    {"spark", SPARK, NULL, "", "`", "` ", ",\n", "\n"},
    {"hf", HF, for_hf, "features = Features({\n", "'", "': ", ",\n", "})\n"},
    {"clickhouse", CLICKHOUSE, NULL, "CREATE TABLE articles (\n", "    `", "` ",
	",\n",
	"\n) ENGINE = ReplacingMergeTree ORDER BY (id, seq);\n"
	"INSERT INTO articles FROM INFILE 'ready/*/*.jsonl.gz'\n"
	"    SETTINGS date_time_input_format = 'best_effort'\n"
	"    FORMAT JSONEachRow;\n"},
};

static const struct program *
find_program(const char *name)
{
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

static void
for_program(FILE *f, const struct program *p)
{
	if (p->begin != NULL)
		p->begin(f);
	fputs(p->head, f);
	for (size_t i = 0; i < NROWS; i++)
		fprintf(f, "%s%s%s%s%s", p->before, rows[i].name, p->middle,
		    rows[i].type->as[p->column], between(i, p->sep, p->tail));
}

char *
winnow_schema(const char *name)
{
	const struct program *p = NULL;
	char *s = NULL;
	size_t len;
	FILE *f;
	int bad;

	if (name != NULL && (p = find_program(name)) == NULL)
		return NULL;
	if ((f = open_memstream(&s, &len)) == NULL)
		return NULL;
	if (p != NULL)
		for_program(f, p);
	else
		for_json(f);
	bad = ferror(f);
	if (fclose(f) != 0 || bad) {
		free(s);
		return NULL;
	}
	return s;
}

/* ---- the command --------------------------------------------------------- */

int
cmd_schema(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"for", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	const char *p = NULL;
	char *s;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c != 'f')
			return 2;
		p = optarg;
	}
	if (p != NULL && find_program(p) == NULL) {
		fprintf(stderr,
		    "winnow schema: unknown program '%s', use duckdb, pandas, "
		    "spark, hf or clickhouse\n",
		    p);
		return 2;
	}
	if ((s = winnow_schema(p)) == NULL) {
		fputs("winnow schema: out of memory\n", stderr);
		return 1;
	}
	fputs(s, stdout);
	free(s);
	return fflush(stdout) == 0 ? 0 : 1;
}
