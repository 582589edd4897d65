/* test_metrics.c - /metrics as Prometheus reads it, from made-up figures. */
#include "crawler/metrics.h"

#include <ctype.h>

#include "crawler/histogram.h"
#include "tests/test.h"

static struct visit_meters visit;
static struct histogram clean, commit, turn;

static char *
told(const struct metrics *m)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	metrics_write(m, f);
	fclose(f);
	return text;
}

static struct metrics
some(void)
{
	return (struct metrics){.t = {.visit = &visit,
				    .clean = &clean,
				    .commit = &commit,
				    .turn = &turn}};
}

static int
ends(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

/* Names of ours: a word of ours, lower case, with the unit behind it. */
static void
check_name(const char *type, const char *name)
{
	const char *p;

	CHECK(strncmp(name, "winnow_", 7) == 0 ||
	      strncmp(name, "process_", 8) == 0);
	for (p = name; *p != '\0'; p++)
		if (!islower((unsigned char)*p) && *p != '_')
			TEST_FAIL("'%s' is no name", name);
	if ((strcmp(type, "counter") == 0) != ends(name, "_total"))
		TEST_FAIL("'%s' is a %s", name, type);
	if (strcmp(type, "histogram") == 0)
		CHECK(ends(name, "_duration_seconds"));
}

/* Each line is HELP, the TYPE of the same name, or a figure of it. */
static int
check_lines(char *text)
{
	char help[128] = "", name[128], type[32], seen[16384] = " ", word[140];
	char *line, *save = NULL;
	int n = 0;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "# HELP %127s", help) == 1) {
			CHECK(ends(line, "."));
			snprintf(word, sizeof word, " %s ", help);
			if (strstr(seen, word) != NULL)
				TEST_FAIL("%s is told twice", help);
			strncat(seen, word + 1, sizeof seen - strlen(seen) - 1);
		} else if (sscanf(line, "# TYPE %127s %31s", name, type) == 2) {
			CHECK_STR(name, help);
			check_name(type, name);
			n++;
		} else if (strncmp(line, help, strlen(help)) != 0)
			TEST_FAIL("'%s' is no figure of %s", line, help);
	}
	return n;
}

int
main(void)
{
	struct metrics m = some();
	char *text;

	TEST("metrics: each has one name, a type that fits it and a sentence")
	{
		text = told(&m);
		CHECK(check_lines(text) > 50);
		free(text);
	}
	TEST("metrics: buckets add up, and hold what is exactly at their bound")
	{
		histogram_add(&clean, 2500);
		histogram_add(&clean, 2501);
		histogram_add(&clean, -5);
		histogram_add(&clean, INT64_C(1) << 50);
		text = told(&m);
		CHECK(strstr(text,
		    "winnow_clean_duration_seconds_bucket{le=\"0.001\"} 1\n"));
		CHECK(strstr(text,
		    "winnow_clean_duration_seconds_bucket{le=\"0.0025\"} 2\n"));
		CHECK(strstr(text,
		    "winnow_clean_duration_seconds_bucket{le=\"0.005\"} 3\n"));
		CHECK(strstr(text,
		    "winnow_clean_duration_seconds_bucket{le=\"120\"} 3\n"));
		CHECK(strstr(text,
		    "winnow_clean_duration_seconds_bucket{le=\"+Inf\"} 4\n"));
		CHECK(strstr(text, "winnow_clean_duration_seconds_count 4\n"));
		free(text);
	}
	TEST("metrics: large counts are whole, times have their fraction")
	{
		m.e.visit.bytes = UINT64_C(123456789012345);
		m.p.started_s = 1795353420.25;
		text = told(&m);
		CHECK(strstr(
		    text, "\nwinnow_fetch_bytes_total 123456789012345\n"));
		CHECK(strstr(
		    text, "\nprocess_start_time_seconds 1795353420.25\n"));
		free(text);
	}
	TEST(
	    "metrics: blocked says for what, and ready that nothing is fetched")
	{
		m.e.room.why = "full";
		m.e.room.no_space = 1;
		text = told(&m);
		CHECK(strstr(text, "\nwinnow_blocked{cause=\"space\"} 1\n"));
		CHECK(strstr(text, "\nwinnow_blocked{cause=\"fault\"} 0\n"));
		CHECK(strstr(text, "\nwinnow_ready 0\n"));
		free(text);
	}
	TEST("metrics: an outage says what fails")
	{
		m.e.visit.outage_ms[OUTAGE_NAMES] = 1795353420250;
		text = told(&m);
		CHECK(strstr(text, "\nwinnow_outage{failing=\"names\"} 1\n"));
		CHECK(strstr(
		    text, "\nwinnow_outage{failing=\"connections\"} 0\n"));
		free(text);
	}
	TEST("metrics: the process is told by the kernel")
	{
		process_stat(&m.p);
		CHECK(m.p.rss > 100000 && m.p.size >= m.p.rss);
		CHECK(m.p.files >= 3 && m.p.files_max >= m.p.files);
		CHECK(m.p.started_s > 1e9);
	}
	return test_end();
}
