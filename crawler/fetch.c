/* fetch.c - one URL asked for over HTTP, on the event loop.
 *
 *	             dns_cached() knows it
 *	FREE ---------------------------------> RUNNING --> ENDED --> done()
 *	  \--> RESOLVING ---- address ----------^    \        ^         |
 *	           \-- no address, cancel, limits ----\------/     back to FREE
 *
 * A fetch is a slot of a pool with its easy handle, which is set up once
 * (fetch_easy.c).
 *
 * Invariants (E1-E4 in fetch.h)
 *  E5  done() is called by fetcher_drain() alone, which runs only at the top
 *      of an event callback, never below libcurl or fetch_start(). */
#include "crawler/fetch_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "crawler/cookies.h"
#include "crawler/fetch_keep.h"

#define HEADERS_USUAL 16384 /* bytes */

/* ---- the pool ----------------------------------------------------------- */

static void
fetch_reset(struct fetch *f)
{
	fetch_easy_clear(f);
	fetch_answer_clear(f);
	f->state = FETCH_FREE;
}

static void
fetch_free(struct fetch *f)
{
	if (f->easy != NULL)
		curl_easy_cleanup(f->easy);
	curl_share_cleanup(f->names);
	fetch_reset(f);
	free(f->body);
	fetch_headers_free(&f->headers);
	free(f);
}

/* libcurl keeps up to 100 KB with a handle that has met a long header line, and
 * a transfer that failed may have: such a slot is made anew. */
static void
fetch_release(struct fetch *f)
{
	if (f->answer.result != FETCH_OK || f->headers.bytes > HEADERS_USUAL) {
		fetch_free(f);
		return;
	}
	fetch_reset(f);
	TAILQ_INSERT_HEAD(&f->owner->free, f, link);
}

static struct fetch *
fetch_new(struct fetcher *x)
{
	struct fetch *f = TAILQ_FIRST(&x->free);

	if (f != NULL) {
		TAILQ_REMOVE(&x->free, f, link);
		return f;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->magic = FETCH_MAGIC;
	f->owner = x;
	if (fetch_easy_new(f) < 0) {
		fetch_free(f);
		return NULL;
	}
	return f;
}

/* ---- the end of a transfer ---------------------------------------------- */

void
fetch_fail(struct fetch *f, enum fetch_result result, const char *words)
{
	if (f->answer.result != FETCH_OK)
		return;
	f->answer.result = result;
	snprintf(f->answer.error, sizeof(f->answer.error), "%s", words);
}

void
fetch_ended(struct fetch *f)
{
	struct fetcher *x = f->owner;

	if (f->state == FETCH_RUNNING)
		curl_multi_remove_handle(multi_curl(x->multi), f->easy);
	dns_cancel(f->asked);
	f->asked = NULL;
	f->state = FETCH_ENDED;
	TAILQ_REMOVE(&x->busy, f, link);
	TAILQ_INSERT_TAIL(&x->ended, f, link);
	x->ended_n++;
}

void
fetcher_drain(struct fetcher *x)
{
	struct fetch *f;
	int n;

	for (n = x->ended_n; n > 0; n--) {
		f = TAILQ_FIRST(&x->ended);
		if (f == NULL)
			break;
		TAILQ_REMOVE(&x->ended, f, link);
		x->ended_n--;
		x->running--;
		f->magic = 0; /* fetch_cancel() from inside: too late */
		f->answer.elapsed_ms = fetch_clock_ms() - f->started_ms;
		f->done(f->arg, f);
		f->magic = FETCH_MAGIC;
		fetch_release(f);
	}
	if (x->ended_n > 0)
		event_active(&x->kick, EV_TIMEOUT, 0);
}

static void
fetcher_collect(struct fetcher *x)
{
	struct fetch *f;
	CURLMsg *m;
	int left;

	while (
	    (m = curl_multi_info_read(multi_curl(x->multi), &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		fetch_answer_end(f, m->data.result);
	}
	fetcher_drain(x);
}

static void
multi_turn_cb(void *arg)
{
	fetcher_collect(arg);
}

static void
kick_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fetcher_drain(arg);
}

/* ---- start and cancel --------------------------------------------------- */

/* The address is known, now or at last. */
static int
fetch_run(struct fetch *f, const struct dns_addr *addrs, int n)
{
	fetch_easy_address(f, addrs, n);
	if (curl_multi_add_handle(multi_curl(f->owner->multi), f->easy) !=
	    CURLM_OK)
		return -1;
	f->fd = -1;
	f->state = FETCH_RUNNING;
	f->run_ms = fetch_clock_ms();
	return 0;
}

static void
fetch_unresolved(struct fetch *f, int result)
{
	fetch_fail(f,
	    result == DNS_GUARDED   ? FETCH_GUARDED
	    : result == DNS_NONAME  ? FETCH_DNS
	    : result == DNS_BADNAME ? FETCH_BADURL
				    : FETCH_DNS_TRY,
	    dns_strerror(result));
	fetch_ended(f);
	event_active(&f->owner->kick, EV_TIMEOUT, 0);
}

static void
resolved_cb(
    void *arg, enum dns_result result, const struct dns_addr *addrs, int n)
{
	struct fetch *f = arg;

	f->asked = NULL;
	if (result != DNS_OK)
		fetch_unresolved(f, result);
	else if (fetch_run(f, addrs, n) < 0) {
		fetch_fail(f, FETCH_NOMEM, "libcurl takes no more");
		fetch_ended(f);
		event_active(&f->owner->kick, EV_TIMEOUT, 0);
	}
}

static int
fetch_prepare(struct fetch *f, const struct fetch_request *r)
{
	f->accept = r->accept;
	f->data = r->data;
	f->done = r->done;
	f->arg = r->arg;
	f->once = r->once;
	f->headers.keep = r->keep_head;
	f->max_body = r->max_body > 0 ? r->max_body : f->owner->opt.max_body;
	f->answer.content_length = -1;
	f->started_ms = fetch_clock_ms();
	return fetch_easy_request(f, r);
}

int
fetch_start(struct fetcher *x, const struct fetch_request *r, int64_t now_ms,
    struct fetch **out)
{
	struct dns_addr addrs[DNS_ADDRS];
	struct fetch_target target;
	struct fetch *f;
	int n;

	*out = NULL;
	if (x->running >= x->opt.parallel)
		return FETCH_FULL;
	if (fetch_url_split(r->url, &target) < 0)
		return FETCH_BADURL;
	f = fetch_new(x);
	if (f == NULL)
		return FETCH_NOMEM;
	f->target = target;
	n = dns_cached(x->dns, target.host, now_ms, addrs);
	if (fetch_prepare(f, r) < 0 || (n > 0 && fetch_run(f, addrs, n) < 0) ||
	    (n == 0 && (f->asked = dns_resolve(x->dns, target.host, now_ms,
			    resolved_cb, f)) == NULL)) {
		fetch_release(f);
		return FETCH_NOMEM;
	}
	if (n <= 0)
		f->state = FETCH_RESOLVING;
	TAILQ_INSERT_TAIL(&x->busy, f, link);
	x->running++;
	fetch_time_arm(x);
	if (n < 0)
		fetch_unresolved(f, n);
	*out = f;
	return 0;
}

void
fetch_cancel(struct fetch *f)
{
	struct fetcher *x;

	if (f == NULL || f->magic != FETCH_MAGIC || f->state == FETCH_FREE)
		return;
	x = f->owner;
	if (f->state != FETCH_ENDED)
		fetch_ended(f);
	TAILQ_REMOVE(&x->ended, f, link);
	x->ended_n--;
	x->running--;
	fetch_free(f); /* half a header line may have come */
}

/* ---- what the caller reads ---------------------------------------------- */

const struct fetch_answer *
fetch_answer(const struct fetch *f)
{
	return &f->answer;
}

int
fetcher_running(const struct fetcher *x)
{
	return x->running;
}

/* ---- open and close ----------------------------------------------------- */

#ifdef HAVE_LIBBROTLIDEC
#define ACCEPT_BR ", br"
#else
#define ACCEPT_BR ""
#endif
#ifdef HAVE_LIBZSTD
#define ACCEPT_ZSTD ", zstd"
#else
#define ACCEPT_ZSTD ""
#endif

/* What was sent before a fetcher_set_words(). */
struct past {
	struct past *next;
	struct curl_slist *headers;
	char *strings[4];
};

#define SWAP(a, b)                                                             \
	do {                                                                   \
		__typeof__(a) t_ = (a);                                        \
		(a) = (b);                                                     \
		(b) = t_;                                                      \
	} while (0)

static int
header_add(struct fetcher *x, const char *name, const char *value)
{
	struct curl_slist *list;
	char line[1024];

	if (value == NULL || *value == '\0')
		return 0;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	list = curl_slist_append(x->headers, line);
	if (list == NULL)
		return -1;
	x->headers = list;
	return 0;
}

static int
option_copy(struct fetcher *x, int i, const char **option)
{
	if (*option == NULL)
		return 0;
	*option = x->strings[i] = strdup(*option);
	return *option != NULL ? 0 : -1;
}

/* opt's strings, copied, and the headers that every request has. */
static int
set_words(struct fetcher *x)
{
	struct fetch_options *o = &x->opt;

	if (option_copy(x, 0, &o->user_agent) < 0 ||
	    option_copy(x, 1, &o->from) < 0 ||
	    option_copy(x, 2, &o->accept_language) < 0 ||
	    option_copy(x, 3, &o->ca_file) < 0)
		return -1;
	if (header_add(x, "Accept",
		"text/html,application/xhtml+xml,application/xml;q=0.9,"
		"*/*;q=0.8") < 0 ||
	    header_add(x, "Accept-Encoding",
		"gzip, deflate" ACCEPT_BR ACCEPT_ZSTD) < 0 ||
	    header_add(x, "Accept-Language", o->accept_language) < 0 ||
	    header_add(x, "From", o->from) < 0)
		return -1;
	return 0;
}

static int
fetcher_setup(struct fetcher *x)
{
	struct fetch_options *o = &x->opt;

	if (set_words(x) < 0)
		return -1;
	x->cookies = cookies_new();
	x->keep = fetch_keep_new(o->parallel);
	/* libcurl counts those in use too. */
	x->multi = multi_new(x->base, 2 * o->parallel, multi_turn_cb, x);
	if (x->multi != NULL)
		multi_on_socket(x->multi, fetch_time_socket);
	return x->cookies != NULL && x->keep != NULL && x->multi != NULL ? 0
									 : -1;
}

int
fetcher_new(struct fetcher **out, struct event_base *base, struct dns *dns,
    const struct guard *guard, const struct fetch_options *opt, char *err,
    size_t errlen)
{
	struct fetcher *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (x == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		snprintf(err, errlen, "cannot start libcurl");
		free(x);
		return -1;
	}
	x->base = base;
	x->dns = dns;
	x->guard = guard;
	x->opt = *opt;
	fetcher_set_limits(x, opt);
	TAILQ_INIT(&x->free);
	TAILQ_INIT(&x->busy);
	TAILQ_INIT(&x->ended);
	evtimer_assign(&x->kick, base, kick_cb, x);
	fetch_time_init(x);
	if (fetcher_setup(x) < 0) {
		snprintf(err, errlen, "cannot start libcurl: no memory");
		fetcher_free(x);
		return -1;
	}
	*out = x;
	return 0;
}

static int
same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static void
words_free(struct past *p)
{
	curl_slist_free_all(p->headers);
	for (int i = 0; i < 4; i++)
		free(p->strings[i]);
	free(p);
}

/* libcurl holds the list of a request until it ends, so the old ones stay. */
int
fetcher_set_words(struct fetcher *x, const struct fetch_options *o)
{
	struct fetch_options old = x->opt;
	struct past *p;

	if (same(old.user_agent, o->user_agent) && same(old.from, o->from) &&
	    same(old.accept_language, o->accept_language))
		return 0;
	if ((p = calloc(1, sizeof *p)) == NULL)
		return -1;
	p->headers = x->headers;
	memcpy(p->strings, x->strings, sizeof p->strings);
	x->headers = NULL;
	memset(x->strings, 0, sizeof x->strings);
	x->opt.user_agent = o->user_agent;
	x->opt.from = o->from;
	x->opt.accept_language = o->accept_language;
	if (set_words(x) == 0) {
		p->next = x->past;
		x->past = p;
		x->words++;
		return 0;
	}
	x->opt = old;
	SWAP(x->headers, p->headers);
	for (int i = 0; i < 4; i++)
		SWAP(x->strings[i], p->strings[i]);
	words_free(p);
	return -1;
}

void
fetcher_free(struct fetcher *x)
{
	struct fetch *f;
	struct past *p;
	int i;

	if (x == NULL)
		return;
	while ((f = TAILQ_FIRST(&x->busy)) != NULL ||
	       (f = TAILQ_FIRST(&x->ended)) != NULL)
		fetch_cancel(f);
	while ((f = TAILQ_FIRST(&x->free)) != NULL) {
		TAILQ_REMOVE(&x->free, f, link);
		fetch_free(f);
	}
	multi_free(x->multi);
	cookies_free(x->cookies);
	fetch_keep_free(x->keep);
	event_del(&x->kick);
	event_del(&x->sweep);
	while ((p = x->past) != NULL) {
		x->past = p->next;
		words_free(p);
	}
	curl_slist_free_all(x->headers);
	for (i = 0; i < 4; i++)
		free(x->strings[i]);
	free(x);
}
