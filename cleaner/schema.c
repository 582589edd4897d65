/* schema.c - the record's schema for the programs that read it, put together
 * by the compiler from record.def. */
#include <stdio.h>
#include <string.h>

#include "cleaner/cleaner_cmds.h"
#include "cleaner/winnow.h"

/* A type of record.def: as JSON Schema, DuckDB column, Spark column, pandas
 * dtype, feature of the datasets library. */
#define NULLABLE(t) "\"type\":[\"" t "\",\"null\"]"
#define TEXTUAL(X, js) X(js, "VARCHAR", "STRING", "string", "Value('string')")
#define WHOLE(X, js) X(js, "BIGINT", "BIGINT", "Int64", "Value('int64')")
#define COUNTS(X, hf) \
	X("\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}", \
	    "MAP(VARCHAR, INTEGER)", "MAP<STRING, INT>", "object", hf)
#define T_STRING(X) TEXTUAL(X, "\"type\":\"string\"")
#define T_ID T_STRING
#define T_TEXT T_STRING
#define T_HASH T_STRING
#define T_OR_NULL(X) TEXTUAL(X, NULLABLE("string"))
#define T_OF_STRING T_OR_NULL
#define T_DUP T_OR_NULL
#define T_TIME(X) \
	X(NULLABLE("string") ",\"format\":\"date-time\"", "TIMESTAMPTZ", \
	    "TIMESTAMP", "string", "Value('string')")
#define T_OF_TIME T_TIME
#define T_INT(X) WHOLE(X, "\"type\":\"integer\"")
#define T_OF_INT(X) WHOLE(X, NULLABLE("integer"))
#define T_DEPTH T_OF_INT
#define T_SEQ T_OF_INT
#define T_NUMBER(X) \
	X("\"type\":\"number\"", "DOUBLE", "DOUBLE", "float64", \
	    "Value('float64')")
#define T_BOOL(X) \
	X("\"type\":\"boolean\"", "BOOLEAN", "BOOLEAN", "boolean", \
	    "Value('bool')")
#define T_LIST(X) \
	X("\"type\":\"array\",\"items\":{\"type\":\"string\"}", "VARCHAR[]", \
	    "ARRAY<STRING>", "object", "Sequence(Value('string'))")
#define T_KINDS(X) COUNTS(X, "kinds")
#define T_REPAIRS(X) COUNTS(X, "repairs")

#define AS_JSON(js, sql, ddl, pd, hf) js
#define AS_SQL(js, sql, ddl, pd, hf) sql
#define AS_DDL(js, sql, ddl, pd, hf) ddl
#define AS_PD(js, sql, ddl, pd, hf) pd
#define AS_HF(js, sql, ddl, pd, hf) hf

static const char for_json[] =
    "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
    "\"title\": \"winnow/1\",\n\"type\": \"object\",\n\"required\": ["
#define F(name, type, value, words) "\"" #name "\", "
#define LAST(name, type, value, words) "\"" #name "\"],\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    "\"properties\": {\n"
#define ROW(name, type, words) \
	"  \"" #name "\": {" T_##type(AS_JSON) ",\"description\":\"" words "\"}"
#define F(name, type, value, words) ROW(name, type, words) ",\n"
#define LAST(name, type, value, words) ROW(name, type, words) "\n}\n}\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    ;

static const char for_duckdb[] =
    "CREATE VIEW articles AS SELECT * FROM read_json(\n"
    "  'ready/*/*.jsonl.gz', format = 'newline_delimited',\n"
    "  maximum_object_size = 16777216, columns = {\n"
#define F(name, type, value, words) \
	"    \"" #name "\": '" T_##type(AS_SQL) "',\n"
#define LAST(name, type, value, words) \
	"    \"" #name "\": '" T_##type(AS_SQL) "'});\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    ;

static const char for_spark[] = ""
#define F(name, type, value, words) "`" #name "` " T_##type(AS_DDL) ",\n"
#define LAST(name, type, value, words) "`" #name "` " T_##type(AS_DDL) "\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    ;

static const char for_pandas[] = "{\n"
#define F(name, type, value, words) "'" #name "': '" T_##type(AS_PD) "',\n"
#define LAST(name, type, value, words) "'" #name "': '" T_##type(AS_PD) "'}\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    ;

static const char for_hf[] =
    "from datasets import Features, Sequence, Value\n\nkinds = {\n"
#define K(key, name, words) "'" name "': Value('int32'),\n"
#include "cleaner/kinds.def"
#undef K
    "}\nrepairs = {\n"
#define R(key, name, words) "'" name "': Value('int32'),\n"
#include "cleaner/repairs.def"
#undef R
    "}\n"
    "features = Features({\n"
#define F(name, type, value, words) "'" #name "': " T_##type(AS_HF) ",\n"
#define LAST(name, type, value, words) "'" #name "': " T_##type(AS_HF) "})\n"
#include "cleaner/record.def"
#undef F
#undef LAST
    ;

const char *
winnow_schema(const char *p)
{
	static const struct {
		const char *name, *schema;
	} all[] = { { "duckdb", for_duckdb }, { "pandas", for_pandas },
		{ "spark", for_spark }, { "hf", for_hf } };
	size_t i;

	if (p == NULL)
		return for_json;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(p, all[i].name) == 0)
			return all[i].schema;
	return NULL;
}

int
cmd_schema(int argc, char **argv)
{
	const char *s, *p = NULL;

	if (argc == 3 && strcmp(argv[1], "--for") == 0)
		p = argv[2];
	else if (argc == 2 && strncmp(argv[1], "--for=", 6) == 0)
		p = argv[1] + 6;
	else if (argc != 1) {
		int help = strcmp(argv[1], "--help") == 0;

		fputs("usage: winnow schema [--for duckdb|pandas|spark|hf]\n",
		    help ? stdout : stderr);
		return help ? 0 : 2;
	}
	if ((s = winnow_schema(p)) == NULL) {
		fprintf(stderr, "winnow schema: unknown program '%s', use "
				"duckdb, pandas, spark or hf\n", p);
		return 2;
	}
	fputs(s, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
