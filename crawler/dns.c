/* dns.c - names to addresses, on the event loop.
 *
 * One table of entries, found by hash of the name: what is known, and what is
 * being asked (an entry with a question). A question has two parts, A and
 * AAAA; a part goes through these steps until one answers:
 *
 *	UDP with 0x20 case -> UDP in plain case -> (truncated) TCP, two servers
 *
 * Two evdns bases, since the case of a question is an option of the base: some
 * name servers do not give the case back, and that is not known before.
 *
 * Invariants (D1, D2 in dns.h)
 *  D3  An entry is on the LRU list exactly when it is neither being asked nor
 *      from the hosts file; only entries on it are thrown out.
 *  D4  A request is on one list: its question's waiters, or ready; callbacks
 *      leave from ready_cb() alone, so never from inside dns_resolve().
 *  D5  evdns answers an ask once, always; so a question that is over detaches
 *      its asks (ask->part NULL) and dns itself lives until the last of
 *      them has come back. */
#include "crawler/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <xxhash.h>

#include "crawler/dns_name.h"
#include "crawler/dns_tcp.h"

#define ENTRIES_MAX 16384 /* 2.5 MB when full */
#define BUCKETS 16384     /* a power of two */
#define HOSTS_FILE_MAX (4 << 20)
#define TCP_SERVERS 2

#define TTL_MIN 10 /* a TTL of 0 would ask for every page */
#define TTL_MAX 86400
#define TTL_HALF 300    /* one family did not answer */
#define TTL_NEGATIVE 60 /* when the answer names none */
#define TTL_NEGATIVE_MAX 3600
#define TTL_FAILURE 10 /* hosts that fail have pauses of their own */

/* Once one family has answered, how long the other may take: many name servers
 * drop AAAA questions. */
#define GRACE_MS 300

struct question;

struct entry {
	struct entry *next; /* in its bucket */
	TAILQ_ENTRY(entry) lru;
	int64_t expires_ms; /* INT64_MAX: hosts file */
	struct question *question;
	enum dns_result result;
	int n;
	struct dns_addr *addrs;
	char name[];
};

struct ask {
	struct dns *dns;
	struct part *part; /* NULL: nobody waits any more */
};

enum step { MIXED, PLAIN, TCP };

struct part {
	struct question *question;
	int family;
	enum step step;
	int done, servers_tried;
	enum dns_result result;
	int no_such_name; /* NXDOMAIN: true of the other family too */
	int64_t ttl;
	int n;
	struct dns_addr addrs[DNS_ADDRS];
	struct ask *ask;
	struct dns_tcp *tcp;
};

TAILQ_HEAD(requests, dns_request);

struct question {
	struct dns *dns;
	struct entry *entry;
	struct part parts[2];
	struct event *timer;
	int64_t now_ms; /* the caller's, when it was asked */
	int64_t started_ms;
	struct requests waiters;
};

struct dns_request {
	TAILQ_ENTRY(dns_request) link;
	struct requests *on;
	struct dns *dns;
	dns_cb *cb;
	void *arg;
	enum dns_result result;
	int n;
	struct dns_addr addrs[DNS_ADDRS];
};

struct dns {
	struct event_base *base;
	const struct guard *guard;
	struct evdns_base *mixed, *plain;
	int64_t timeout_ms;
	uint64_t seed; /* the names are hostile */
	struct entry *buckets[BUCKETS];
	TAILQ_HEAD(, entry) lru; /* oldest first */
	int entries;             /* on lru */
	struct requests ready;
	struct event *ready_ev;
	struct dns_request mark; /* end of this turn in ready */
	int asks;                /* evdns has not given back yet */
	int closed;
};

static void part_ask(struct question *, struct part *);

const char *
dns_strerror(int result)
{
	switch (result) {
	case DNS_OK:
		return "ok";
	case DNS_NONAME:
		return "no such host name";
	case DNS_FAIL:
		return "the name server failed";
	case DNS_TIMEOUT:
		return "the name server did not answer";
	case DNS_GUARDED:
		return "the address is not a public one";
	case DNS_BADNAME:
		return "not a host name";
	}
	return "unknown";
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- the cache ---------------------------------------------------------- */

static struct entry **
entry_slot(struct dns *d, const char *name, int len)
{
	struct entry **e =
	    &d->buckets[XXH3_64bits_withSeed(name, (size_t)len, d->seed) &
			(BUCKETS - 1)];

	while (*e != NULL && strcmp((*e)->name, name) != 0)
		e = &(*e)->next;
	return e;
}

static void
entry_free(struct dns *d, struct entry *e)
{
	struct entry **slot = entry_slot(d, e->name, (int)strlen(e->name));

	*slot = e->next;
	free(e->addrs);
	free(e);
}

static void
entry_list(struct dns *d, struct entry *e)
{
	struct entry *oldest;

	TAILQ_INSERT_TAIL(&d->lru, e, lru);
	if (++d->entries <= ENTRIES_MAX)
		return;
	oldest = TAILQ_FIRST(&d->lru);
	TAILQ_REMOVE(&d->lru, oldest, lru);
	d->entries--;
	entry_free(d, oldest);
}

/* A new one, on no list. */
static struct entry *
entry_add(struct dns *d, const char *name, int len)
{
	struct entry **slot = entry_slot(d, name, len);
	struct entry *e = calloc(1, sizeof(*e) + (size_t)len + 1);

	if (e == NULL)
		return NULL;
	memcpy(e->name, name, (size_t)len + 1);
	e->next = *slot; /* NULL: the name was not there */
	*slot = e;
	return e;
}

/* Only what the guard lets pass is kept (D2). */
static enum dns_result
entry_set(struct dns *d, struct entry *e, enum dns_result result,
    const struct dns_addr *addrs, int n)
{
	int i;

	free(e->addrs);
	e->addrs = NULL;
	e->n = 0;
	e->result = result;
	if (result != DNS_OK)
		return result;
	e->addrs = malloc((size_t)n * sizeof(*addrs));
	if (e->addrs == NULL)
		return e->result = DNS_FAIL;
	for (i = 0; i < n; i++)
		if (guard_refuses(d->guard, &addrs[i]) == NULL)
			e->addrs[e->n++] = addrs[i];
	if (e->n == 0)
		e->result = DNS_GUARDED;
	return e->result;
}

/* Answers that need no question: addresses, localhost, what is known. Number
 * of addresses, negative: enum dns_result, 0: has to be asked (then name and
 * *len are set, *e may be an old entry). */
static int
lookup(struct dns *d, const char *host, int64_t now_ms,
    struct dns_addr addrs[DNS_ADDRS], char name[DNS_NAME_MAX + 1], int *len,
    struct entry **e)
{
	int n = dns_name_ipv6(host, &addrs[0]);

	*e = NULL;
	if (n == 0) {
		*len = dns_name_canonical(host, name);
		if (*len < 0)
			return *len;
		*e = *entry_slot(d, name, *len);
		if (*e != NULL && (*e)->question == NULL &&
		    (*e)->expires_ms > now_ms) {
			if ((*e)->n > 0)
				memcpy(addrs, (*e)->addrs,
				    (size_t)(*e)->n * sizeof(*addrs));
			if ((*e)->expires_ms != INT64_MAX) {
				TAILQ_REMOVE(&d->lru, *e, lru);
				TAILQ_INSERT_TAIL(&d->lru, *e, lru);
			}
			return (*e)->result == DNS_OK ? (*e)->n : (*e)->result;
		}
		n = dns_name_ipv4(name, &addrs[0]);
		if (n == 0 && (strcmp(name, "localhost") == 0 ||
				  (*len > 10 && strcmp(name + *len - 10,
						    ".localhost") == 0)))
			n = dns_name_ipv4("127.0.0.1", &addrs[0]);
	}
	if (n == 1 && guard_refuses(d->guard, &addrs[0]) != NULL)
		return DNS_GUARDED;
	return n;
}

int
dns_cached(struct dns *d, const char *host, int64_t now_ms,
    struct dns_addr addrs[DNS_ADDRS])
{
	char name[DNS_NAME_MAX + 1];
	struct entry *e;
	int len;

	return lookup(d, host, now_ms, addrs, name, &len, &e);
}

/* ---- requests ----------------------------------------------------------- */

static void
request_move(struct dns_request *r, struct requests *to)
{
	if (r->on != NULL)
		TAILQ_REMOVE(r->on, r, link);
	TAILQ_INSERT_TAIL(to, r, link);
	r->on = to;
}

static void
request_answer(struct dns_request *r, enum dns_result result,
    const struct dns_addr *addrs, int n)
{
	r->result = result;
	r->n = n;
	if (n > 0)
		memcpy(r->addrs, addrs, (size_t)n * sizeof(*addrs));
	request_move(r, &r->dns->ready);
	event_active(r->dns->ready_ev, EV_TIMEOUT, 0);
}

/* Those that come while we are at it wait for the next turn. */
static void
ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct dns *d = arg;
	struct dns_request *r;

	(void)fd;
	(void)what;
	request_move(&d->mark, &d->ready);
	while ((r = TAILQ_FIRST(&d->ready)) != &d->mark) {
		TAILQ_REMOVE(&d->ready, r, link);
		r->cb(r->arg, r->result, r->addrs, r->n);
		free(r);
	}
	TAILQ_REMOVE(&d->ready, &d->mark, link);
	d->mark.on = NULL;
	if (!TAILQ_EMPTY(&d->ready))
		event_active(d->ready_ev, EV_TIMEOUT, 0);
}

void
dns_cancel(struct dns_request *r)
{
	if (r == NULL)
		return;
	TAILQ_REMOVE(r->on, r, link);
	free(r);
}

/* ---- questions ---------------------------------------------------------- */

static void
question_free(struct question *q)
{
	struct part *p;

	for (p = q->parts; p < q->parts + 2; p++) {
		if (p->ask != NULL)
			p->ask->part = NULL;
		dns_tcp_cancel(p->tcp);
	}
	if (q->timer != NULL)
		event_free(q->timer);
	free(q);
}

static int64_t
clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* IPv4 first: politeness goes by the first address, and curl tries the other
 * family after 200 ms anyway. */
static enum dns_result
question_merge(
    struct question *q, struct dns_addr out[DNS_ADDRS], int *n, int64_t *ttl)
{
	struct part *a = &q->parts[0], *b = &q->parts[1];
	int room;

	*n = 0;
	if (a->n + b->n > 0) {
		room = b->n < DNS_ADDRS / 2 ? DNS_ADDRS - b->n : DNS_ADDRS / 2;
		*n = a->n < room ? a->n : room;
		memcpy(out, a->addrs, (size_t)*n * sizeof(*out));
		room = b->n < DNS_ADDRS - *n ? b->n : DNS_ADDRS - *n;
		memcpy(out + *n, b->addrs, (size_t)room * sizeof(*out));
		*n += room;
		*ttl = a->n == 0 || (b->n > 0 && b->ttl < a->ttl) ? b->ttl
								  : a->ttl;
		*ttl = clamp(*ttl, TTL_MIN, TTL_MAX);
		if ((!a->done || !b->done) && *ttl > TTL_HALF)
			*ttl = TTL_HALF;
		return DNS_OK;
	}
	if (a->no_such_name || b->no_such_name ||
	    (a->result == DNS_NONAME && b->result == DNS_NONAME)) {
		*ttl = a->ttl > 0 ? a->ttl : b->ttl;
		*ttl = *ttl > 0 ? clamp(*ttl, TTL_MIN, TTL_NEGATIVE_MAX)
				: TTL_NEGATIVE;
		return DNS_NONAME;
	}
	*ttl = TTL_FAILURE;
	return a->result == DNS_NONAME ? b->result : a->result;
}

static void
question_finish(struct question *q)
{
	struct dns_addr addrs[DNS_ADDRS];
	struct entry *e = q->entry;
	struct dns *d = q->dns;
	struct dns_request *r;
	enum dns_result result;
	int64_t ttl;
	int n;

	result = question_merge(q, addrs, &n, &ttl);
	result = entry_set(d, e, result, addrs, n);
	e->expires_ms = q->now_ms + ttl * 1000;
	while ((r = TAILQ_FIRST(&q->waiters)) != NULL)
		request_answer(r, result, e->addrs, e->n);
	e->question = NULL;
	question_free(q);
	entry_list(d, e);
}

static void
question_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	question_finish(arg);
}

static void
question_wait(struct question *q, int64_t ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(q->timer, &tv);
}

static void
part_done(struct question *q, struct part *p, enum dns_result result)
{
	struct part *other = &q->parts[p == &q->parts[0]];

	p->done = 1;
	p->result = result;
	if (other->done || p->no_such_name)
		question_finish(q);
	else if (result == DNS_OK)
		question_wait(q, q->dns->timeout_ms < GRACE_MS
				     ? q->dns->timeout_ms
				     : GRACE_MS);
}

static void
part_tcp_cb(void *arg, enum dns_result result, int64_t ttl,
    const struct dns_addr *addrs, int n)
{
	struct part *p = arg;
	struct question *q = p->question;

	p->tcp = NULL;
	if (result == DNS_FAIL || result == DNS_TIMEOUT) {
		p->result = result;
		part_ask(q, p);
		return;
	}
	p->ttl = ttl;
	p->n = n;
	memcpy(p->addrs, addrs, (size_t)n * sizeof(*addrs));
	part_done(q, p, result);
}

/* 0: asked, -1: no server is left. */
static int
part_ask_tcp(struct question *q, struct part *p)
{
	struct sockaddr_storage sa;
	struct dns *d = q->dns;
	int len;

	while (p->servers_tried < TCP_SERVERS) {
		len = evdns_base_get_nameserver_addr(d->plain,
		    p->servers_tried++, (struct sockaddr *)&sa, sizeof(sa));
		if (len <= 0 || len > (int)sizeof(sa))
			return -1;
		p->tcp = dns_tcp_ask(d->base, (struct sockaddr *)&sa, len,
		    q->entry->name, p->family, d->timeout_ms / 2, part_tcp_cb,
		    p);
		if (p->tcp != NULL)
			return 0;
	}
	return -1;
}

static void
part_read(struct part *p, int count, int ttl, const void *addresses)
{
	size_t size = p->family == 4 ? 4 : 16;
	int i;

	p->ttl = ttl;
	p->n = count < DNS_ADDRS ? count : DNS_ADDRS;
	memset(p->addrs, 0, sizeof(p->addrs));
	for (i = 0; i < p->n; i++) {
		p->addrs[i].family = (uint8_t)p->family;
		memcpy(p->addrs[i].ip,
		    (const char *)addresses + (size_t)i * size, size);
	}
}

/* evdns calls a SERVFAIL a timeout; one that came before the time was over was
 * an answer. */
static enum dns_result
part_failure(struct question *q, int error)
{
	return error == DNS_ERR_TIMEOUT &&
		       clock_ms() - q->started_ms >= q->dns->timeout_ms / 4
		   ? DNS_TIMEOUT
		   : DNS_FAIL;
}

static void
part_answer(struct question *q, struct part *p, int error, int count, int ttl,
    const void *addresses)
{
	switch (error) {
	case DNS_ERR_NONE:
		part_read(p, count, ttl, addresses);
		part_done(q, p, p->n > 0 ? DNS_OK : DNS_NONAME);
		return;
	case DNS_ERR_NOTEXIST:
		p->no_such_name = 1;
		/* FALLTHROUGH */
	case DNS_ERR_NODATA:
		p->ttl = ttl;
		part_done(q, p, DNS_NONAME);
		return;
	case DNS_ERR_TRUNCATED:
		p->step = TCP;
		break;
	default:
		p->result = part_failure(q, error);
		if (p->step == PLAIN) {
			part_done(q, p, p->result);
			return;
		}
		p->step = PLAIN;
	}
	part_ask(q, p);
}

static void
part_evdns_cb(
    int error, char type, int count, int ttl, void *addresses, void *arg)
{
	struct ask *k = arg;
	struct part *p = k->part;
	struct dns *d = k->dns;

	(void)type;
	free(k);
	d->asks--;
	if (p != NULL) {
		p->ask = NULL;
		part_answer(p->question, p, error, count, ttl, addresses);
	} else if (d->closed && d->asks == 0)
		free(d);
}

/* 0: asked, -1: cannot. */
static int
part_ask_udp(struct question *q, struct part *p)
{
	struct dns *d = q->dns;
	struct ask *k = malloc(sizeof(*k));
	struct evdns_request *asked;

	if (k == NULL)
		return -1;
	k->dns = d;
	k->part = p;
	asked = (p->family == 4 ? evdns_base_resolve_ipv4
				: evdns_base_resolve_ipv6)(
	    p->step == MIXED ? d->mixed : d->plain, q->entry->name,
	    DNS_QUERY_NO_SEARCH, part_evdns_cb, k);
	if (asked == NULL) {
		free(k);
		return -1;
	}
	p->ask = k;
	d->asks++;
	return 0;
}

static void
part_ask(struct question *q, struct part *p)
{
	if ((p->step == TCP ? part_ask_tcp(q, p) : part_ask_udp(q, p)) < 0)
		part_done(q, p, p->result);
}

static struct question *
question_new(struct dns *d, struct entry *e, int64_t now_ms)
{
	struct question *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->timer = evtimer_new(d->base, question_timer_cb, q);
	if (q->timer == NULL) {
		free(q);
		return NULL;
	}
	q->dns = d;
	q->entry = e;
	q->now_ms = now_ms;
	q->started_ms = clock_ms();
	q->parts[0].family = 4;
	q->parts[1].family = 6;
	q->parts[0].question = q->parts[1].question = q;
	q->parts[0].result = q->parts[1].result = DNS_TIMEOUT;
	TAILQ_INIT(&q->waiters);
	return q;
}

/* Asks for the name of e (NULL: not in the table yet). */
static struct question *
question_start(struct dns *d, struct entry *e, const char *name, int len,
    struct dns_request *r, int64_t now_ms)
{
	struct question *q;
	int fresh = e == NULL;

	if (fresh && (e = entry_add(d, name, len)) == NULL)
		return NULL;
	q = question_new(d, e, now_ms);
	if (q == NULL) {
		if (fresh)
			entry_free(d, e);
		return NULL;
	}
	if (!fresh) {
		TAILQ_REMOVE(&d->lru, e, lru);
		d->entries--;
	}
	e->question = q;
	request_move(r, &q->waiters);
	question_wait(q, d->timeout_ms);
	part_ask(q, &q->parts[0]);
	if (e->question == q) /* else the first part ended it */
		part_ask(q, &q->parts[1]);
	return q;
}

struct dns_request *
dns_resolve(
    struct dns *d, const char *host, int64_t now_ms, dns_cb *cb, void *arg)
{
	struct dns_request *r = calloc(1, sizeof(*r));
	struct dns_addr addrs[DNS_ADDRS];
	char name[DNS_NAME_MAX + 1];
	struct entry *e;
	int n, len;

	if (r == NULL)
		return NULL;
	r->dns = d;
	r->cb = cb;
	r->arg = arg;
	n = lookup(d, host, now_ms, addrs, name, &len, &e);
	if (n != 0)
		request_answer(r, n > 0 ? DNS_OK : (enum dns_result)n, addrs,
		    n > 0 ? n : 0);
	else if (e != NULL && e->question != NULL)
		request_move(r, &e->question->waiters);
	else if (question_start(d, e, name, len, r, now_ms) == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

/* ---- the hosts file ----------------------------------------------------- */

static int
hosts_add(struct dns *d, const char *host, const struct dns_addr *a)
{
	struct dns_addr addrs[DNS_ADDRS];
	char name[DNS_NAME_MAX + 1];
	int len = dns_name_canonical(host, name), n = 0;
	struct entry *e;

	if (len < 0)
		return 0;
	e = *entry_slot(d, name, len);
	if (e == NULL && (e = entry_add(d, name, len)) == NULL)
		return -1;
	n = e->n < DNS_ADDRS - 1 ? e->n : DNS_ADDRS - 1;
	if (n > 0)
		memcpy(addrs, e->addrs, (size_t)n * sizeof(*addrs));
	addrs[n++] = *a;
	e->expires_ms = INT64_MAX;
	entry_set(d, e, DNS_OK, addrs, n);
	return 0;
}

static int
hosts_line(struct dns *d, char *line)
{
	struct dns_addr a = {0};
	char *save, *word;

	line[strcspn(line, "#\r\n")] = '\0';
	word = strtok_r(line, " \t", &save);
	if (word == NULL)
		return 0;
	if (inet_pton(AF_INET, word, a.ip) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, word, a.ip) == 1)
		a.family = 6;
	else
		return 0;
	while ((word = strtok_r(NULL, " \t", &save)) != NULL)
		if (hosts_add(d, word, &a) < 0)
			return -1;
	return 0;
}

/* The system's may be absent; one that was asked for may not. */
static int
hosts_read(struct dns *d, const char *path, char *err, size_t errlen)
{
	FILE *f = fopen(path != NULL ? path : "/etc/hosts", "re");
	char line[4096];
	size_t total = 0;
	int rc = 0;

	if (f == NULL) {
		/* the default need not be there, as for everybody else */
		if (path == NULL ||
		    (errno == ENOENT && strcmp(path, "/etc/hosts") == 0))
			return 0;
		snprintf(
		    err, errlen, "cannot read '%s': %s", path, strerror(errno));
		return -1;
	}
	while (rc == 0 && fgets(line, sizeof(line), f) != NULL &&
	       (total += strlen(line)) < HOSTS_FILE_MAX)
		rc = hosts_line(d, line);
	fclose(f);
	if (rc < 0)
		snprintf(err, errlen, "no memory for '%s'", path);
	return rc;
}

/* ---- open and close ----------------------------------------------------- */

/* It would write to stderr on its own. */
static void
quiet(int is_warning, const char *msg)
{
	(void)is_warning;
	(void)msg;
}

static struct evdns_base *
evdns_open(struct dns *d, const char *const *servers, const char *mixed_case,
    char *err, size_t errlen)
{
	struct evdns_base *b =
	    evdns_base_new(d->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	char seconds[32];

	if (b == NULL) {
		snprintf(err, errlen, "cannot start evdns");
		return NULL;
	}
	/* two bases, two tries each, within timeout_ms */
	snprintf(seconds, sizeof(seconds), "%.3f", (double)d->timeout_ms / 4e3);
	evdns_base_set_option(b, "timeout", seconds);
	evdns_base_set_option(b, "attempts", "2");
	/* What waits within evdns has its time run out: nothing should. */
	evdns_base_set_option(b, "max-inflight", "4096");
	/* Names that nobody answers for are no sign of a dead server. */
	evdns_base_set_option(b, "max-timeouts", "255");
	evdns_base_set_option(b, "randomize-case", mixed_case);
	if (servers == NULL)
		evdns_base_resolv_conf_parse(
		    b, DNS_OPTION_NAMESERVERS, "/etc/resolv.conf");
	for (; servers != NULL && *servers != NULL; servers++) {
		if (evdns_base_nameserver_ip_add(b, *servers) != 0) {
			snprintf(err, errlen,
			    "'%s' is not a name server like 9.9.9.9:53",
			    *servers);
			evdns_base_free(b, 0);
			return NULL;
		}
	}
	if (evdns_base_count_nameservers(b) == 0)
		evdns_base_nameserver_ip_add(b, "127.0.0.1");
	return b;
}

int
dns_new(struct dns **out, struct event_base *base, const struct guard *guard,
    const char *const *servers, const char *hosts_file, int64_t timeout_ms,
    char *err, size_t errlen)
{
	struct dns *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL) {
		snprintf(err, errlen, "no memory");
		return -1;
	}
	evdns_set_log_fn(quiet);
	d->base = base;
	d->guard = guard;
	d->timeout_ms = clamp(timeout_ms, 40, 120000);
	TAILQ_INIT(&d->lru);
	TAILQ_INIT(&d->ready);
	evutil_secure_rng_get_bytes(&d->seed, sizeof(d->seed));
	d->ready_ev = event_new(base, -1, 0, ready_cb, d);
	d->mixed = evdns_open(d, servers, "1", err, errlen);
	if (d->mixed != NULL)
		d->plain = evdns_open(d, servers, "0", err, errlen);
	if (d->ready_ev == NULL || d->plain == NULL ||
	    ((hosts_file == NULL || *hosts_file != '\0') &&
		hosts_read(d, hosts_file, err, errlen) < 0)) {
		dns_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

static void
dns_drop_requests(struct requests *list)
{
	struct dns_request *r;

	while ((r = TAILQ_FIRST(list)) != NULL)
		dns_cancel(r);
}

void
dns_free(struct dns *d)
{
	struct entry *e;
	int i;

	if (d == NULL)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while ((e = d->buckets[i]) != NULL) {
			d->buckets[i] = e->next;
			if (e->question != NULL) {
				dns_drop_requests(&e->question->waiters);
				question_free(e->question);
			}
			free(e->addrs);
			free(e);
		}
	}
	dns_drop_requests(&d->ready);
	if (d->mixed != NULL)
		evdns_base_free(d->mixed, 1);
	if (d->plain != NULL)
		evdns_base_free(d->plain, 1);
	if (d->ready_ev != NULL)
		event_free(d->ready_ev);
	d->closed = 1;
	if (d->asks == 0)
		free(d);
}
