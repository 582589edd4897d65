/* batch.c - winnow clean --batch: a line in, a line out.
 *
 * With one worker the work is done here. With more, each line goes to a
 * process that is idle, and the answers are printed in the order of the
 * questions.
 *
 * Invariants
 *  B1  A line gives exactly one line, whatever is in it.
 *  B2  The parent writes only to a worker that waits for a line, and reads
 *      only from one that is writing its answer: neither can wait for ever.
 *  B3  At most WINDOW answers are held back for the sake of order.
 *  B4  A worker that dies costs its page: another takes its place, the page is
 *      tried once more, and then its line says so. */
#include "cleaner/batch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleaner/winnow.h"

enum { MAX_LINE = 96 << 20, CHUNK = 1 << 16, WINDOW = 4 * BATCH_MAX };

/* ---- one line ----------------------------------------------------------- */

struct request {
	const char *id; /* JSON as it stands when raw */
	int raw;
	const char *file, *url, *content_type, *charset;
	char *b64;
	size_t b64_len;
	const char *error;
};

static int
b64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* In place; -1: not base64. */
static int
b64_decode(char *s, size_t n, size_t *out_n)
{
	unsigned v = 0, bits = 0;
	char *o = s;
	size_t i;
	int d;

	for (i = 0; i < n && s[i] != '='; i++) {
		if (s[i] == '\n' || s[i] == '\r' || s[i] == ' ')
			continue;
		if ((d = b64_value((unsigned char)s[i])) < 0)
			return -1;
		v = (v << 6 | (unsigned)d) & 0xFFFFFF;
		if ((bits += 6) >= 8) {
			bits -= 8;
			*o++ = (char)(v >> bits);
		}
	}
	*out_n = (size_t)(o - s);
	return 0;
}

/* The id of a line in place, when it is a number or another JSON value: its
 * text is copied, since the line is changed as it is read. */
static void
take_id(struct request *q, const struct winnow_json_value *v, char buf[64])
{
	if (v->type == WINNOW_JSON_STRING) {
		q->id = v->s;
		q->raw = 0;
		return;
	}
	q->raw = 1;
	q->id = "null";
	if (v->type == WINNOW_JSON_NUMBER) {
		snprintf(buf, 64, "%.17g", v->number);
		q->id = buf;
	}
}

static void
read_request(struct request *q, char *line, size_t len, char buf[64])
{
	struct winnow_json j;
	struct winnow_json_value v;
	int r;

	*q = (struct request){.id = "null", .raw = 1};
	if ((r = winnow_json_begin(&j, line, len)) == 0)
		while ((r = winnow_json_next(&j, &v)) == 1) {
			if (v.key == NULL)
				continue;
			if (strcmp(v.key, "id") == 0)
				take_id(q, &v, buf);
			if (v.type != WINNOW_JSON_STRING)
				continue;
			if (strcmp(v.key, "file") == 0)
				q->file = v.s;
			else if (strcmp(v.key, "url") == 0)
				q->url = v.s;
			else if (strcmp(v.key, "content_type") == 0)
				q->content_type = v.s;
			else if (strcmp(v.key, "charset") == 0)
				q->charset = v.s;
			else if (strcmp(v.key, "html_b64") == 0) {
				q->b64 = v.s;
				q->b64_len = v.len;
			}
		}
	if (r < 0)
		q->error = "bad-json";
	else if (q->b64 == NULL && q->file == NULL)
		q->error = "no-input";
}

static char *
load(const char *name, size_t *len, const char **error)
{
	FILE *f = fopen(name, "rb");
	char *b = f != NULL ? batch_read_file(f, len) : NULL;

	if (b == NULL)
		*error = "unreadable-file";
	if (f != NULL)
		fclose(f);
	return b;
}

/* The answer to one line; the line is changed. */
static int
answer(struct winnow *w, char *line, size_t len, int64_t now,
    struct winnow_line *out)
{
	struct winnow_fetch f = {.date_download = WINNOW_NO_TIME, .depth = -1};
	struct winnow_page page = {.now = now};
	const struct winnow_doc *d;
	struct request q;
	char *loaded = NULL, buf[64];
	int r;

	read_request(&q, line, len, buf);
	if (q.error == NULL && q.b64 != NULL) {
		page.body = q.b64;
		if (b64_decode(q.b64, q.b64_len, &page.body_len) != 0) {
			page.body_len = 0;
			q.error = "bad-base64";
		}
	} else if (q.error == NULL) {
		page.body = loaded = load(q.file, &page.body_len, &q.error);
	}
	page.url = q.url;
	page.content_type = f.content_type = q.content_type;
	page.charset = q.charset;
	r = winnow_clean(w, &page, &d);
	f.caller_id = q.id;
	f.caller_raw = q.raw;
	f.error = q.error;
	if (f.error == NULL && r != 0)
		f.error = winnow_errname(r);
	if (f.error == NULL && d->text_len == 0)
		f.error = d->nothing != NULL ? d->nothing : "no-article";
	r = winnow_record(w, d, &f, out);
	free(loaded);
	return r;
}

/* ---- lines from a descriptor -------------------------------------------- */

struct lines {
	int fd, eof;
	char *b;
	size_t len, cap, at; /* at: begin of what was not taken yet */
};

/* The next whole line that is already here, without its line feed; the last
 * one needs none. NULL: read more. Valid until lines_fill(). */
static char *
lines_next(struct lines *l, size_t *len)
{
	char *s = l->b + l->at, *nl;

	if (l->at == l->len)
		return NULL;
	nl = memchr(s, '\n', l->len - l->at);
	if (nl == NULL && !l->eof)
		return NULL;
	*len = nl != NULL ? (size_t)(nl - s) : l->len - l->at;
	l->at += *len + (nl != NULL);
	return s;
}

/* Reads once; -1: no memory, a line without end, a read error. */
static int
lines_fill(struct lines *l)
{
	ssize_t got;
	char *p;

	memmove(l->b, l->b + l->at, l->len - l->at);
	l->len -= l->at;
	l->at = 0;
	if (l->cap - l->len < CHUNK) {
		if (l->cap > MAX_LINE ||
		    (p = realloc(l->b, l->cap * 2)) == NULL)
			return -1;
		l->b = p;
		l->cap *= 2;
	}
	got = read(l->fd, l->b + l->len, l->cap - l->len);
	if (got < 0)
		return errno == EINTR ? 0 : -1;
	l->eof = got == 0;
	l->len += (size_t)got;
	return 0;
}

static int
is_blank(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t' || *s == '\r'))
		s++, n--;
	return n == 0;
}

void
batch_print_line(const struct winnow_line *l, FILE *out)
{
	fwrite(l->json, 1, l->dup_at, out);
	fputs("null", out);
	fwrite(l->json + l->dup_at, 1, l->seq_at - l->dup_at, out);
	fputs("null", out);
	fwrite(l->json + l->seq_at, 1, l->alike_at - l->seq_at, out);
	fputs("null", out);
	fwrite(l->json + l->alike_at, 1, l->len - l->alike_at, out);
}

static int
run_alone(struct lines *in, FILE *out, int64_t now)
{
	struct winnow *w;
	struct winnow_line l;
	char *line;
	size_t len;
	int r = winnow_new(&w, NULL);

	while (r == 0) {
		while (r == 0 && (line = lines_next(in, &len)) != NULL)
			if (!is_blank(line, len) &&
			    (r = answer(w, line, len, now, &l)) == 0)
				batch_print_line(&l, out);
		if (in->eof || fflush(out) != 0)
			break;
		if (lines_fill(in) != 0)
			r = WINNOW_EINVAL;
	}
	winnow_free(w);
	return r == 0 && fflush(out) == 0 ? 0 : 1;
}

/* ---- workers ------------------------------------------------------------ */

struct worker {
	pid_t pid;
	int fd; /* both ways; -1: none */
	int busy, tries;
	unsigned long job;
	char *line; /* of the job, for B4 */
	size_t len;
};

struct pool {
	struct worker w[BATCH_MAX];
	int n;
	int64_t now;
	struct winnow *own; /* the parent's: writes the lines of dead workers */
	unsigned long next_job, next_out;
	struct {
		char *b;
		size_t len;
	} held[WINDOW]; /* answers by job number */
};

static int
read_all(int fd, void *p, size_t n)
{
	char *b = p;
	ssize_t got;

	while (n > 0) {
		if ((got = read(fd, b, n)) == 0)
			return -1;
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		b += got;
		n -= (size_t)got;
	}
	return 0;
}

static int
write_all(int fd, const void *p, size_t n)
{
	const char *b = p;
	ssize_t put;

	while (n > 0) {
		if ((put = send(fd, b, n, MSG_NOSIGNAL)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		b += put;
		n -= (size_t)put;
	}
	return 0;
}

static int
send_message(int fd, const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;

	return write_all(fd, &len, sizeof(len)) != 0 ? -1 : write_all(fd, p, n);
}

static char *
read_message(int fd, size_t *len)
{
	uint32_t n;
	char *b;

	if (read_all(fd, &n, sizeof(n)) != 0 ||
	    (b = malloc((size_t)n + 1)) == NULL)
		return NULL;
	if (read_all(fd, b, n) != 0) {
		free(b);
		return NULL;
	}
	*len = n;
	return b;
}

static void
worker_main(int fd, int64_t now)
{
	struct winnow *w;
	struct winnow_line l;
	char *line, *out;
	size_t len, n;
	FILE *f;

	if (winnow_new(&w, NULL) != 0)
		_exit(1);
	while ((line = read_message(fd, &len)) != NULL) {
		out = NULL;
		if (answer(w, line, len, now, &l) != 0 ||
		    (f = open_memstream(&out, &n)) == NULL)
			_exit(1);
		batch_print_line(&l, f);
		if (fclose(f) != 0 || send_message(fd, out, n) != 0)
			_exit(1);
		free(out);
		free(line);
	}
	winnow_free(w);
	_exit(0);
}

static int
worker_start(struct pool *p, struct worker *w)
{
	int pair[2], k;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	if ((w->pid = fork()) == 0) {
		/* Another worker's end kept open would hide its end. */
		for (k = 0; k < p->n; k++)
			if (p->w[k].fd >= 0)
				close(p->w[k].fd);
		close(pair[0]);
		worker_main(pair[1], p->now);
	}
	close(pair[1]);
	w->fd = pair[0];
	return w->pid > 0 ? 0 : -1;
}

static void
worker_stop(struct worker *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->pid > 0)
		waitpid(w->pid, NULL, 0);
	w->fd = -1;
	w->pid = 0;
}

/* The line of a page that two workers died of. */
static char *
epitaph(struct pool *p, struct worker *w, size_t *len)
{
	struct winnow_fetch f = {.date_download = WINNOW_NO_TIME, .depth = -1};
	struct winnow_page page = {.now = p->now};
	const struct winnow_doc *d;
	struct winnow_line l;
	struct request q;
	char *out = NULL, buf[64];
	FILE *o;

	if (p->own == NULL && winnow_new(&p->own, NULL) != 0)
		return NULL;
	read_request(&q, w->line, w->len, buf);
	page.url = q.url;
	f.content_type = q.content_type;
	f.caller_id = q.id;
	f.caller_raw = q.raw;
	f.error = "worker-died";
	if (winnow_clean(p->own, &page, &d) != 0 ||
	    winnow_record(p->own, d, &f, &l) != 0 ||
	    (o = open_memstream(&out, len)) == NULL)
		return NULL;
	batch_print_line(&l, o);
	return fclose(o) == 0 ? out : NULL;
}

static struct worker *
idle_worker(struct pool *p)
{
	int i;

	if (p->next_job - p->next_out >= WINDOW)
		return NULL;
	for (i = 0; i < p->n; i++)
		if (!p->w[i].busy)
			return &p->w[i];
	return NULL;
}

/* An answer is here: prints it, and those that waited for it. */
static void
put_answer(struct pool *p, struct worker *w, char *b, size_t len, FILE *out)
{
	size_t i = w->job % WINDOW;

	free(w->line);
	w->line = NULL;
	w->busy = 0;
	p->held[i].b = b;
	p->held[i].len = len;
	while (p->next_out < p->next_job &&
	       p->held[i = p->next_out % WINDOW].b != NULL) {
		fwrite(p->held[i].b, 1, p->held[i].len, out);
		free(p->held[i].b);
		p->held[i].b = NULL;
		p->next_out++;
	}
}

/* A worker has died at its page (B4). */
static int
bury(struct pool *p, struct worker *w, FILE *out)
{
	size_t len;
	char *b;

	worker_stop(w);
	if (worker_start(p, w) != 0)
		return -1;
	/* A failure to send shows as the end of what can be read. */
	if (w->tries++ == 0) {
		send_message(w->fd, w->line, w->len);
		return 0;
	}
	if ((b = epitaph(p, w, &len)) == NULL)
		return -1;
	put_answer(p, w, b, len, out);
	return 0;
}

static int
take_answer(struct pool *p, struct worker *w, FILE *out)
{
	size_t len;
	char *b = read_message(w->fd, &len);

	if (b == NULL)
		return bury(p, w, out);
	put_answer(p, w, b, len, out);
	return 0;
}

/* Gives out lines that are here while there is a worker for them. */
static int
give_out(struct pool *p, struct lines *in)
{
	struct worker *w;
	char *line;
	size_t len;

	while ((w = idle_worker(p)) != NULL &&
	       (line = lines_next(in, &len)) != NULL) {
		if (is_blank(line, len))
			continue;
		if ((w->line = malloc(len + 1)) == NULL)
			return -1;
		memcpy(w->line, line, len);
		w->len = len;
		w->busy = 1;
		w->tries = 0;
		w->job = p->next_job++;
		send_message(w->fd, line, len);
	}
	return 0;
}

/* One round: waits for an answer, or for input when somebody could take it. */
static int
turn(struct pool *p, struct lines *in, FILE *out)
{
	struct pollfd fds[BATCH_MAX + 1];
	int i, r = 0;

	if (give_out(p, in) != 0)
		return -1;
	for (i = 0; i < p->n; i++)
		fds[i] = (struct pollfd){
		    .fd = p->w[i].busy ? p->w[i].fd : -1,
		    .events = POLLIN,
		};
	fds[p->n] = (struct pollfd){
	    .fd = !in->eof && idle_worker(p) != NULL ? in->fd : -1,
	    .events = POLLIN,
	};
	if (poll(fds, (nfds_t)p->n + 1, -1) < 0)
		return errno == EINTR ? 0 : -1;
	for (i = 0; i < p->n && r == 0; i++)
		if (fds[i].revents != 0)
			r = take_answer(p, &p->w[i], out);
	if (r == 0 && fds[p->n].revents != 0)
		r = lines_fill(in);
	return r != 0 || fflush(out) != 0 ? -1 : 0;
}

static int
run_pool(struct lines *in, FILE *out, int workers, int64_t now)
{
	struct pool *p = calloc(1, sizeof(*p));
	int i, r = 0;

	if (p == NULL)
		return 1;
	fflush(out);
	p->now = now;
	p->n = workers;
	for (i = 0; i < workers; i++)
		p->w[i].fd = -1;
	for (i = 0; i < workers && r == 0; i++)
		r = worker_start(p, &p->w[i]);
	while (r == 0 &&
	       (!in->eof || in->at < in->len || p->next_out < p->next_job))
		r = turn(p, in, out);
	for (i = 0; i < workers; i++) {
		worker_stop(&p->w[i]);
		free(p->w[i].line);
	}
	for (i = 0; i < WINDOW; i++)
		free(p->held[i].b);
	winnow_free(p->own);
	free(p);
	return r == 0 ? 0 : 1;
}

int
batch_run(int in, FILE *out, int workers, int64_t now)
{
	struct lines l = {.fd = in, .cap = 2 * CHUNK};
	int r;

	if ((l.b = malloc(l.cap)) == NULL)
		return 1;
	r = workers > 1 ? run_pool(&l, out, workers, now)
			: run_alone(&l, out, now);
	if (r != 0)
		fprintf(stderr, "winnow clean: the batch stopped: %s\n",
		    strerror(errno));
	free(l.b);
	return r;
}
