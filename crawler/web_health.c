/* web_health.c - is it alive, does it fetch, and the whole state.
 *
 * /healthz says that the loop turns: to have it answered is the whole test.
 * /readyz says whether pages are fetched, and if not, why. */
#include "crawler/web.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>

#include "crawler/engine.h"
#include "crawler/report.h"

web_handler web_healthz, web_readyz, web_status;

void
web_healthz(struct web *w, struct web_request *r)
{
	(void)w;
	web_reply_text(r, 200, "ok");
}

void
web_readyz(struct web *w, struct web_request *r)
{
	struct engine_stat s;

	engine_stat(web_engine(w), &s);
	if (s.room.why != NULL)
		web_reply_text(r, 503, s.room.why);
	else if (s.stopping)
		web_reply_text(r, 503, "stopping");
	else if (s.draining)
		web_reply_text(r, 503, "draining; winnow resume goes on");
	else if (s.paused)
		web_reply_text(r, 503, "paused; winnow resume goes on");
	else
		web_reply_text(r, 200, "ok");
}

/* As winnow status --json has it. */
void
web_status(struct web *w, struct web_request *r)
{
	struct web_answer a = {.status = 500, .type = WEB_JSON};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f != NULL) {
		report_status(web_engine(w), f);
		fclose(f);
	}
	if (text != NULL && len > 0 && (a.body = evbuffer_new()) != NULL) {
		evbuffer_add(a.body, text, len);
		a.status = 200;
	} else
		a.type = WEB_TEXT;
	free(text);
	web_reply(r, &a);
}
