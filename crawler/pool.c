/* pool.c - see pool.h.
 *
 * A worker's pipe is non-blocking at this end. Its life:
 *
 *	IDLE -> SENDING -> WAITING -> IDLE
 *	           \          \--> dead: killed, replaced by a fork of the zygote
 *
 * Jobs that wait stand in one list; the head goes to the first idle worker. */
#include "crawler/pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "crawler/histogram.h"
#include "crawler/log.h"
#include "crawler/spill.h"

#define WORKER_MAGIC 0x776b7231
#define SOCKET_BUFFER (1 << 20)
#define LOST_TRIES 5 /* seconds without a worker that could be made */
#define FILE_PIECE 32768 /* of a body in a file, at a time */
#define PARTS 4 /* of what is sent: request, front, head, body */
#define ANSWER_KEPT (1 << 20) /* room for answers that stays with a worker */

struct entry { /* a job that waits or is out */
	struct pool_job job;
	struct entry *next;
};

struct worker {
	unsigned magic;
	struct pool *pool;
	int fd, pidfd; /* -1: to be replaced */
	struct entry *job;
	int64_t given_us; /* when it got the job */
	struct worker_request request;
	uint32_t topic; /* number of the topic that it has; 0: none */
	struct wire_out front;	  /* a topic that goes before the head */
	size_t sent;		  /* bytes of request, front, head and body */
	struct worker_answer answer;
	size_t answer_got;	  /* bytes of the answer's header */
	char *in;
	size_t in_len, in_cap;
	struct event *readable, *writable, *timer;
};

struct pool {
	struct event_base *base;
	struct zygote *zygote;
	struct worker *workers;
	int n, busy, waiting;
	struct entry *head, **tail;
	struct timeval limit;
	uint64_t url_seed;
	struct wire_out topic;
	uint32_t topic_number; /* 0: there was none */
	struct pool_stat stat;
	struct histogram page_time;
	struct event *revive; /* tries again to replace workers */
	int failed;	      /* times in a row that it could not */
	void (*lost)(void *);
	void *lost_arg;
};

const char *
pool_strerror(enum pool_result r)
{
	static const char *const names[] = { "ok", "the worker crashed",
		"the worker took too long", "the worker's answer is broken" };

	return names[-r];
}

static int64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- one worker ------------------------------------------------------------- */

static void worker_pump(struct worker *);
static void pool_feed(struct pool *);

static void
worker_close(struct worker *w)
{
	struct event **e[] = { &w->readable, &w->writable };
	size_t i;

	for (i = 0; i < 2; i++)
		if (*e[i] != NULL) {
			event_free(*e[i]);
			*e[i] = NULL;
		}
	if (w->timer != NULL)
		event_del(w->timer);
	if (w->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0);
		close(w->pidfd);
	}
	if (w->fd >= 0)
		close(w->fd);
	w->fd = w->pidfd = -1;
	w->in_len = w->answer_got = 0;
}

static void
worker_end(struct worker *w, enum pool_result r)
{
	struct entry *e = w->job;

	assert(e != NULL);
	w->job = NULL;
	w->pool->busy--;
	w->pool->stat.jobs++;
	if (e->job.kind == JOB_PAGE)
		histogram_add(&w->pool->page_time, clock_us() - w->given_us);
	event_del(w->timer);
	if (w->writable != NULL)
		event_del(w->writable);
	e->job.done(e->job.arg, r, r == POOL_OK ? w->in : NULL,
	    r == POOL_OK ? w->in_len : 0);
	w->in_len = w->answer_got = 0;
	if (w->in_cap > ANSWER_KEPT) {
		free(w->in);
		w->in = NULL;
		w->in_cap = 0;
	}
	wire_free(&e->job.head);
	free(e);
}

static void
worker_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	assert(w->magic == WORKER_MAGIC);
	worker_pump(w);
}

static int
worker_open(struct worker *w)
{
	int size = SOCKET_BUFFER;

	w->topic = 0;
	if (zygote_spawn(w->pool->zygote, &w->fd, &w->pidfd) != 0)
		return -1;
	setsockopt(w->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	evutil_make_socket_nonblocking(w->fd);
	w->readable = event_new(w->pool->base, w->fd, EV_READ | EV_PERSIST,
	    worker_readable_cb, w);
	w->writable = event_new(w->pool->base, w->fd, EV_WRITE,
	    worker_readable_cb, w);
	if (w->readable == NULL || w->writable == NULL ||
	    event_add(w->readable, NULL) != 0) {
		worker_close(w);
		return -1;
	}
	return 0;
}

/* Takes the job from a worker that is closed: it waits for another one. */
static void
worker_unload(struct worker *w)
{
	struct pool *p = w->pool;
	struct entry *e = w->job;

	w->job = NULL;
	event_del(w->timer);
	if ((e->next = p->head) == NULL)
		p->tail = &e->next;
	p->head = e;
	p->busy--;
	p->waiting++;
}

/* No page kills the zygote, whose end ends all workers. (Of a job with parts some
 * may have been given already.) */
static int
worker_was_killed(const struct worker *w, enum pool_result r)
{
	return r == POOL_CRASHED && w->job->job.part == NULL;
}

/* P2: the job is lost, the worker replaced. One that died without a job is
 * replaced after a pause: what kills it may kill the next one too. */
static void
worker_fail(struct worker *w, enum pool_result r)
{
	static const struct timeval second = { 1, 0 }, tenth = { 0, 100000 };
	struct pool *p = w->pool;

	worker_close(w);
	p->stat.replaced++;
	p->stat.crashed += r != POOL_TIMEOUT;
	p->stat.timeouts += r == POOL_TIMEOUT;
	if (w->job == NULL)
		event_add(p->revive, &tenth);
	else if (worker_open(w) != 0) {
		log_error("cannot replace a worker, trying again");
		event_add(p->revive, &second);
		if (worker_was_killed(w, r))
			worker_unload(w);
	}
	if (w->job != NULL)
		worker_end(w, r);
	pool_feed(p);
}

static void
worker_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	assert(w->magic == WORKER_MAGIC);
	worker_fail(w, POOL_TIMEOUT);
}

/* A piece of a body that is in a file; 0 bytes: it cannot be read. */
static struct iovec
body_piece(const struct pool_job *j, size_t from, char *b, size_t n)
{
	long r = spill_read(j->body_file, from, b,
	    n < j->body_len - from ? n : j->body_len - from);

	return (struct iovec) { b, r > 0 ? (size_t)r : 0 };
}

/* Writes what the pipe takes of request, head and body. 1: all is out. */
static int
worker_send(struct worker *w)
{
	const struct pool_job *j = &w->job->job;
	struct iovec part[PARTS] = { { &w->request, sizeof w->request },
		{ w->front.b, w->front.len },
		{ j->head.b, j->head.len },
		{ (void *)(uintptr_t)j->body, j->body_len } };
	size_t front = sizeof w->request + w->front.len + j->head.len;
	size_t total = front + j->body_len;
	char piece[FILE_PIECE];

	while (w->sent < total) {
		struct iovec v[PARTS];
		size_t skip = w->sent;
		int i, n = 0;
		ssize_t r;

		if (j->body == NULL && j->body_len > 0) {
			part[PARTS - 1] = skip < front
			    ? (struct iovec) { piece, 0 }
			    : body_piece(j, skip - front, piece, sizeof piece);
			if (skip >= front && part[PARTS - 1].iov_len == 0)
				return -1;
			if (skip > front)
				skip = front;
		}

		for (i = 0; i < PARTS; i++) {
			if (skip >= part[i].iov_len) {
				skip -= part[i].iov_len;
				continue;
			}
			v[n].iov_base = (char *)part[i].iov_base + skip;
			v[n++].iov_len = part[i].iov_len - skip;
			skip = 0;
		}
		struct msghdr m = { .msg_iov = v, .msg_iovlen = (size_t)n };

		r = sendmsg(w->fd, &m, MSG_NOSIGNAL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno == EAGAIN ? 0 : -1;
		w->sent += (size_t)r;
	}
	return 1;
}

static int
worker_grow(struct worker *w, size_t want)
{
	char *b;

	if (want <= w->in_cap)
		return 0;
	if (want < 65536)
		want = 65536;
	if ((b = realloc(w->in, want)) == NULL)
		return -1;
	w->in = b;
	w->in_cap = want;
	return 0;
}

/* Reads what is there. 1: the answer is whole; 0: more to come; -1: dead. */
static int
worker_receive(struct worker *w)
{
	for (;;) {
		struct iovec v[2];
		size_t head = sizeof w->answer - w->answer_got;
		ssize_t r;

		if (head == 0 && w->in_len == w->answer.len)
			return 1;
		if (worker_grow(w, head == 0 ? w->answer.len : 65536) != 0)
			return -1;
		v[0].iov_base = (char *)&w->answer + w->answer_got;
		v[0].iov_len = head;
		v[1].iov_base = w->in + w->in_len;
		/* With parts the next one may follow at once: the header
		 * alone first. */
		v[1].iov_len = head == 0	   ? w->answer.len - w->in_len
		    : w->job->job.part != NULL ? 0
					       : w->in_cap - w->in_len;
		r = readv(w->fd, v, 2);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			return 0;
		if (r <= 0)
			return -1;
		if ((size_t)r < head) {
			w->answer_got += (size_t)r;
			continue;
		}
		w->answer_got += head;
		w->in_len += (size_t)r - head;
		if (w->answer.len > WORKER_ANSWER_MAX ||
		    w->in_len > w->answer.len)
			return -1;
	}
}

static int
worker_part(struct worker *w)
{
	const struct pool_job *j = &w->job->job;

	if (!w->answer.ok || j->part == NULL ||
	    j->part(j->arg, w->in, w->in_len) != 0)
		return -1;
	w->in_len = w->answer_got = 0;
	event_add(w->timer, &w->pool->limit);
	return 0;
}

/* Moves the worker on as far as its pipe allows. */
static void
worker_pump(struct worker *w)
{
	int r, all_sent;

	if (w->job == NULL) { /* an idle worker says nothing: it has died */
		worker_fail(w, POOL_CRASHED);
		return;
	}
	r = worker_send(w);
	if (r == 0)
		event_add(w->writable, NULL);
	all_sent = r == 1;
	if (r < 0 || (r = worker_receive(w)) < 0) {
		worker_fail(w, POOL_CRASHED);
		return;
	}
	if (r == 0)
		return;
	/* An answer before the question, or parts that nobody asked for. */
	if (!all_sent || (w->answer.part && worker_part(w) != 0)) {
		worker_fail(w, POOL_BROKEN);
		return;
	}
	if (w->answer.part)
		return; /* one a turn of the loop; the rest waits in the pipe */
	worker_end(w, w->answer.ok ? POOL_OK : POOL_BROKEN);
	pool_feed(w->pool);
}

/* A topic that the worker has not got yet goes with its next job. */
static void
worker_front(struct worker *w)
{
	const struct pool *p = w->pool;

	wire_free(&w->front);
	if (w->topic == p->topic_number)
		return;
	wire_put(&w->front, p->topic.b, p->topic.len);
	if (w->front.err) {
		wire_free(&w->front);
		return; /* the one after it */
	}
	w->topic = p->topic_number;
	w->request.topic = 1;
	w->request.topic_len = (uint32_t)w->front.len;
}

static void
worker_give(struct worker *w, struct entry *e)
{
	const struct pool_job *j = &e->job;

	w->job = e;
	w->given_us = clock_us();
	w->sent = w->in_len = w->answer_got = 0;
	w->request = (struct worker_request) { .kind = j->kind,
		.head_len = (uint32_t)j->head.len,
		.body_len = j->body_len,
		.url_seed = w->pool->url_seed };
	worker_front(w);
	w->pool->busy++;
	event_add(w->timer, &w->pool->limit);
	/* A dead pipe shows itself to the read event: no done() from inside
	 * pool_submit() (P1). */
	if (worker_send(w) == 0)
		event_add(w->writable, NULL);
}

/* ---- all of them ---------------------------------------------------------------- */

static void
pool_feed(struct pool *p)
{
	int i;

	for (i = 0; i < p->n && p->head != NULL; i++) {
		struct worker *w = &p->workers[i];
		struct entry *e = p->head;

		if (w->job != NULL || w->fd < 0)
			continue;
		if ((p->head = e->next) == NULL)
			p->tail = &p->head;
		p->waiting--;
		worker_give(w, e);
	}
}

static void
pool_revive_cb(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval second = { 1, 0 };
	struct pool *p = arg;
	int i, bad = 0;

	(void)fd;
	(void)what;
	for (i = 0; i < p->n && !bad; i++)
		bad = p->workers[i].fd < 0 && worker_open(&p->workers[i]) != 0;
	p->failed = bad ? p->failed + 1 : 0;
	if (bad)
		event_add(p->revive, &second);
	pool_feed(p);
	if (p->failed == LOST_TRIES && p->lost != NULL)
		p->lost(p->lost_arg);
}

void
pool_on_lost(struct pool *p, void (*lost)(void *), void *arg)
{
	p->lost = lost;
	p->lost_arg = arg;
}

void
pool_set_limit(struct pool *p, int64_t ms)
{
	p->limit.tv_sec = ms / 1000;
	p->limit.tv_usec = ms % 1000 * 1000;
}

int
pool_set_topic(struct pool *p, const void *bytes, size_t len)
{
	struct wire_out topic = {0};

	if (len > WINNOW_TOPIC_BYTES)
		return -1;
	wire_put(&topic, bytes, len);
	if (topic.err) {
		wire_free(&topic);
		return -1;
	}
	wire_free(&p->topic);
	p->topic = topic;
	p->topic_number++;
	return 0;
}

int
pool_new(struct pool **out, struct event_base *base, struct zygote *z, int n,
    int64_t time_limit_ms, uint64_t url_seed, char *err, size_t errlen)
{
	struct pool *p = calloc(1, sizeof *p);
	int i;

	*out = NULL;
	if (p == NULL || (p->workers = calloc((size_t)n, sizeof *p->workers)) ==
		NULL)
		goto nomem;
	p->base = base;
	p->zygote = z;
	p->tail = &p->head;
	p->url_seed = url_seed;
	pool_set_limit(p, time_limit_ms);
	if ((p->revive = evtimer_new(base, pool_revive_cb, p)) == NULL)
		goto nomem;
	for (i = 0; i < n; i++) {
		struct worker *w = &p->workers[i];

		w->magic = WORKER_MAGIC;
		w->pool = p;
		w->fd = w->pidfd = -1;
		p->n = i + 1;
		if ((w->timer = evtimer_new(base, worker_timer_cb, w)) == NULL)
			goto nomem;
		if (worker_open(w) != 0) {
			snprintf(err, errlen, "cannot start worker %d of %d", i + 1,
			    n);
			pool_free(p);
			return -1;
		}
	}
	*out = p;
	return 0;
nomem:
	snprintf(err, errlen, "no memory for %d workers", n);
	pool_free(p);
	return -1;
}

static void
entry_drop(struct entry *e)
{
	if (e == NULL)
		return;
	wire_free(&e->job.head);
	free(e);
}

void
pool_free(struct pool *p)
{
	struct entry *e;
	int i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++) {
		struct worker *w = &p->workers[i];

		worker_close(w);
		if (w->timer != NULL)
			event_free(w->timer);
		entry_drop(w->job);
		wire_free(&w->front);
		free(w->in);
	}
	while ((e = p->head) != NULL) {
		p->head = e->next;
		entry_drop(e);
	}
	if (p->revive != NULL)
		event_free(p->revive);
	wire_free(&p->topic);
	free(p->workers);
	free(p);
}

int
pool_room(const struct pool *p)
{
	int room = 2 * p->n - p->busy - p->waiting;

	return room > 0 ? room : 0;
}

int
pool_submit(struct pool *p, const struct pool_job *j)
{
	struct entry *e;

	if (j->head.err || (e = malloc(sizeof *e)) == NULL)
		return -1;
	e->job = *j;
	e->next = NULL;
	*p->tail = e;
	p->tail = &e->next;
	p->waiting++;
	pool_feed(p);
	return 0;
}

void
pool_stat(const struct pool *p, struct pool_stat *s)
{
	*s = p->stat;
	s->workers = p->n;
	s->busy = p->busy;
	s->waiting = p->waiting;
}

const struct histogram *
pool_page_time(const struct pool *p)
{
	return &p->page_time;
}
