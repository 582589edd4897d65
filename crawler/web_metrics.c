/* web_metrics.c - /metrics, for Prometheus. */
#include "crawler/web_parts.h"

#include <stdlib.h>

#include <event2/buffer.h>

#include "crawler/metrics.h"

web_handler web_metrics;

void
web_metrics(struct web *w, struct web_request *r)
{
	struct web_answer a = {.status = 500};
	struct metrics m = {
	    .http_requests = w->requests, .http_evictions = w->evictions};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	engine_stat(w->engine, &m.e);
	engine_meters(w->engine, &m.t);
	process_stat(&m.p);
	if (f != NULL) {
		metrics_write(&m, f);
		fclose(f);
	}
	if (text != NULL && len > 0 && (a.body = evbuffer_new()) != NULL) {
		evbuffer_add(a.body, text, len);
		a.status = 200;
		a.type = METRICS_TYPE;
	}
	free(text);
	web_reply(r, &a);
}
