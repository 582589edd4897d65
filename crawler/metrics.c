/* metrics.c - see metrics.h. */
#include "crawler/metrics.h"

#include <math.h>

#include "crawler/histogram.h"

#define COUNTER "counter"
#define GAUGE "gauge"

/* Labels: words that never change their meaning. */
static const char *
metrics_class(int i)
{
	static const char *const names[VISIT_CLASSES] = {
	    "none", "1xx", "2xx", "3xx", "4xx", "5xx"};

	return names[i];
}

/* Reasons that only winnow why gives are none of these. */
static const char *
metrics_reason(int i)
{
	return reason_where((enum reason)i) & REASON_IN_LOG
		   ? reason_name((enum reason)i)
		   : NULL;
}

/* ---- one line ----------------------------------------------------------- */

static void
put_head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Whole numbers whole, others short. */
static void
put_value(FILE *f, double v)
{
	fprintf(f, v == floor(v) && fabs(v) < 1e17 ? " %.0f\n" : " %.12g\n", v);
}

static void
put_one(FILE *f, const char *name, double v)
{
	fputs(name, f);
	put_value(f, v);
}

/* word NULL: there is no such figure. */
static void
put_labelled(
    FILE *f, const char *name, const char *label, const char *word, double v)
{
	if (word == NULL)
		return;
	fprintf(f, "%s{%s=\"%s\"}", name, label, word);
	put_value(f, v);
}

static void
put_times(FILE *f, const char *name, const struct histogram *h)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < HISTOGRAM_BOUNDS; i++) {
		n += h->counts[i];
		fprintf(f, "%s_bucket{le=\"%g\"} %llu\n", name,
		    (double)histogram_bounds[i] / 1e6, (unsigned long long)n);
	}
	n += h->counts[i];
	fprintf(
	    f, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)n);
	fprintf(f, "%s_sum %.6f\n%s_count %llu\n", name,
	    (double)h->sum_us / 1e6, name, (unsigned long long)n);
}

/* ---- all of them -------------------------------------------------------- */

void
metrics_write(const struct metrics *m, FILE *f)
{
	int i;

#define METRIC(type, name, help, value)                                        \
	put_head(f, #name, type, help);                                        \
	put_one(f, #name, (double)(value));
#define FAMILY(type, name, help, label, each, n, word, value)                  \
	put_head(f, #name, type, help);                                        \
	for (each = 0; each < (n); each++)                                     \
		put_labelled(f, #name, #label, word, (double)(value));
#define TIMES(name, help, histogram)                                           \
	put_head(f, #name, "histogram", help);                                 \
	put_times(f, #name, histogram);
#include "crawler/metrics.def"
}
