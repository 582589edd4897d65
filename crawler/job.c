/* job.c - see job.h. Pack and unpack stand side by side: they change together.
 *
 * Invariant: an unpack function never gives a pointer outside its frame, and
 * never a count that the frame does not hold. */
#include "crawler/job.h"

#ifdef WINNOW_TEST_HOOKS
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include "crawler/robots.h"
#include "queue/wq.h"

static void
put_list(struct wire_out *o, const struct winnow_list *l)
{
	size_t i;

	wire_u32(o, (uint32_t)l->n);
	for (i = 0; i < l->n; i++)
		wire_str(o, l->v[i]);
}

/* ---- page -------------------------------------------------------------------- */

void
job_page_pack(struct wire_out *o, const struct job_page *j)
{
	const struct winnow_page *p = &j->page;
	const struct winnow_fetch *f = &j->fetch;

	wire_str(o, p->url);
	wire_str(o, p->content_encoding);
	wire_str(o, p->content_type);
	wire_str(o, p->charset);
	wire_str(o, p->last_modified);
	wire_str(o, p->x_robots_tag);
	wire_u64(o, (uint64_t)p->now);
	wire_str(o, p->feed_title);
	wire_u64(o, (uint64_t)p->feed_date);
	wire_str(o, p->timezone);
	wire_str(o, f->revises);
	wire_u64(o, j->known_text);
	wire_u64(o, j->known_alone);
	wire_u32(o, j->gone != 0);
	wire_str(o, f->url_requested);
	wire_u32(o, (uint32_t)f->status);
	wire_str(o, f->etag);
	wire_u64(o, (uint64_t)f->date_download);
	wire_str(o, f->robots);
	wire_str(o, f->via);
	wire_str(o, f->seed);
	wire_u32(o, (uint32_t)f->depth);
	wire_str(o, f->crawl);
	wire_str(o, f->node);
	put_list(o, &f->seed_tags);
	keep_pack(o, &j->keep);
}

int
job_page_request(struct wire_in *in, struct job_page *j, const char **tags)
{
	struct winnow_page *p = &j->page;
	struct winnow_fetch *f = &j->fetch;
	uint32_t i, n;

	p->url = wire_get_str(in);
	p->content_encoding = wire_get_str(in);
	p->content_type = f->content_type = wire_get_str(in);
	p->charset = wire_get_str(in);
	p->last_modified = f->last_modified = wire_get_str(in);
	p->x_robots_tag = wire_get_str(in);
	p->now = (int64_t)wire_get_u64(in);
	p->feed_title = wire_get_str(in);
	p->feed_date = (int64_t)wire_get_u64(in);
	p->timezone = wire_get_str(in);
	f->revises = wire_get_str(in);
	j->known_text = wire_get_u64(in);
	j->known_alone = wire_get_u64(in);
	j->gone = wire_get_u32(in) != 0;
	f->event = j->gone	      ? "gone"
		   : f->revises != NULL ? "changed"
					: "new";
	f->url_requested = wire_get_str(in);
	f->status = (int)wire_get_u32(in);
	f->etag = wire_get_str(in);
	f->date_download = (int64_t)wire_get_u64(in);
	f->robots = wire_get_str(in);
	f->via = wire_get_str(in);
	f->seed = wire_get_str(in);
	f->depth = (int)wire_get_u32(in);
	f->crawl = wire_get_str(in);
	f->node = wire_get_str(in);
	if ((n = wire_get_u32(in)) > JOB_TAGS_MAX)
		return -1;
	for (i = 0; i < n; i++)
		tags[i] = wire_get_str(in);
	f->seed_tags.v = tags;
	f->seed_tags.n = n;
	j->keep.url = p->url;
	if (keep_unpack(in, &j->keep) != 0)
		return -1;
	job_site_get(in, &j->page);
	return in->bad ? -1 : 0;
}

enum {
	PAGE_NOINDEX = 1,
	PAGE_NOFOLLOW = 2,
	PAGE_TRUNCATED = 4,
	PAGE_SAME = 8,
	PAGE_GONE = 16,
	PAGE_CORRECTED = 32
};

static void
put_link(struct wire_out *o, const struct winnow_key *key, uint32_t flags,
    const char *url, size_t url_len, const char *anchor)
{
	wire_u64(o, key->host);
	wire_u64(o, key->url);
	wire_u32(o, flags);
	wire_bytes(o, url, url_len);
	wire_str(o, anchor);
}

static void
put_links(struct wire_out *o, const struct winnow_doc *d)
{
	size_t i;

	wire_u32(o, (uint32_t)d->nlinks);
	for (i = 0; i < d->nlinks; i++) {
		const struct winnow_link *l = &d->links[i];

		put_link(o, &l->key,
		    (uint32_t)l->flags | (uint32_t)l->place << 8 |
			(uint32_t)l->topic << 16,
		    l->url,
		    l->url_len, l->anchor);
	}
}

static void
id_bytes(const char *hex, uint8_t id[16])
{
	int i;

	for (i = 0; i < 32; i++) {
		int c = hex[i], v = c >= 'a' ? c - 'a' + 10 : c - '0';

		id[i / 2] = (uint8_t)(i & 1 ? id[i / 2] | v : v << 4);
	}
}

/* The page as it came, for the WARC file. */
static void
put_raw(struct wire_out *o, const struct job_page *j,
    const struct winnow_doc *d, int has_record)
{
	struct keep_page k = j->keep;
	uint8_t id[16];

	k.on = k.on && !j->gone && !d->noindex;
	if (has_record)
		id_bytes(d->id + 3, id);
	keep_put(o, &k, has_record ? id : NULL, j->page.body,
	    j->page.body_len);
}

#ifdef WINNOW_TEST_HOOKS
/* In no program that is installed: a page that asks to crash, hang or bloat the
 * worker, or to break out of it, gets it. */
static void
run_hooks(const char *body, size_t len)
{
	static const char hook[] = "<!-- winnow-test:";
	const char *p = memmem(body, len, hook, sizeof hook - 1);
	const char *end = body + len;
	volatile char *q;

	if (p == NULL || end - (p += sizeof hook - 1) < 5)
		return;
	if (memcmp(p, "abort", 5) == 0)
		abort();
	if (memcmp(p, "open-", 5) == 0)
		(void)open("/etc/passwd", O_RDONLY);
	if (memcmp(p, "conn-", 5) == 0)
		(void)connect(3, (const struct sockaddr *)"", 1);
	if (memcmp(p, "fork-", 5) == 0)
		(void)fork();
	while (memcmp(p, "hang", 4) == 0)
		;
	while (memcmp(p, "bloat", 5) == 0 && (q = malloc(1 << 20)) != NULL)
		memset((char *)q, 1, 1 << 20);
	if (memcmp(p, "bloat", 5) == 0)
		abort(); /* no memory is left to go on with */
}
#endif

void
job_page_answer(struct winnow *w, struct job_page *j,
    const struct winnow_doc *d, int err, const uint8_t *used, size_t nused,
    struct wire_out *o)
{
	struct winnow_line line = { 0 };
	double quality;
	int same = err == 0 && d->text_len > 0 && j->fetch.revises != NULL &&
		   d->text_hash == j->known_text;
	/* Only what is known of its site makes a difference. */
	int corrected = err == 0 && !same && !j->gone &&
			j->fetch.revises != NULL && d->text_len > 0 &&
			j->known_alone != 0 &&
			d->alone_hash == j->known_alone;

	if (err == 0)
		j->fetch.topic_score = d->topic_score;
	if (corrected)
		j->fetch.event = "corrected";
	if (err == 0 && (d->text_len > 0 || j->gone) && !same)
		err = winnow_record(w, d, &j->fetch, &line);
	wire_u32(o, (uint32_t)err);
	if (err != 0)
		return;
	wire_u32(o, (d->noindex ? PAGE_NOINDEX : 0) |
		(d->nofollow ? PAGE_NOFOLLOW : 0) |
		(d->truncated ? PAGE_TRUNCATED : 0) | (same ? PAGE_SAME : 0) |
		(j->gone ? PAGE_GONE : 0) |
		(corrected ? PAGE_CORRECTED : 0));
	wire_u32(o, d->page_type);
	quality = d->quality;
	wire_put(o, &quality, sizeof quality);
	wire_u32(o, (uint32_t)d->chars);
	wire_u32(o, (uint32_t)d->links_dropped);
	wire_u64(o, d->text_hash);
	wire_str(o, d->id);
	wire_str(o, d->title);
	wire_str(o, d->source_name);
	wire_str(o, d->date_publish);
	wire_str(o, d->nothing);
	job_line_put(o, &line);
	job_copies_put(o, d, j->page.url);
	job_near_put(o, d);
	job_gather_put(o, d, used, nused);
	put_raw(o, j, d, line.len > 0);
	job_topic_put(o, d);
	job_lesson_put(o, d);
	put_links(o, d); /* last: a page that waits is kept without them */
}

static int
run_page(struct winnow *w, struct wire_in *in, const void *body, size_t len,
    struct wire_out *o)
{
	const char *tags[JOB_TAGS_MAX];
	const struct winnow_doc *d;
	struct job_page j = { 0 };
	int err;

	if (job_page_request(in, &j, tags) != 0)
		return -1;
	if (j.gone) { /* what came with the 404 is no part of the page */
		len = 0;
		j.page.content_encoding = j.page.content_type = NULL;
		j.page.last_modified = j.page.x_robots_tag = NULL;
	}
#ifdef WINNOW_TEST_HOOKS
	run_hooks(body, len);
#endif
	j.page.body = body;
	j.page.body_len = len;
	err = winnow_clean(w, &j.page, &d);
	job_page_answer(w, &j, d, err, NULL, 0, o);
	return 0;
}

int
job_page_unpack(const void *frame, size_t len, struct job_article *a)
{
	struct wire_in in = { frame, (const char *)frame + len, 0 };
	const void *q;
	uint32_t flags;

	memset(a, 0, sizeof *a);
	a->err = (int)wire_get_u32(&in);
	if (in.bad || a->err != 0)
		return in.bad ? -1 : 0;
	flags = wire_get_u32(&in);
	a->noindex = (flags & PAGE_NOINDEX) != 0;
	a->nofollow = (flags & PAGE_NOFOLLOW) != 0;
	a->truncated = (flags & PAGE_TRUNCATED) != 0;
	a->same = (flags & PAGE_SAME) != 0;
	a->gone = (flags & PAGE_GONE) != 0;
	a->corrected = (flags & PAGE_CORRECTED) != 0;
	a->page_type = wire_get_u32(&in);
	if ((q = wire_take(&in, sizeof a->quality)) != NULL)
		memcpy(&a->quality, q, sizeof a->quality);
	a->chars = wire_get_u32(&in);
	a->links_dropped = wire_get_u32(&in);
	a->text_hash = wire_get_u64(&in);
	a->id_text = wire_get_str(&in);
	a->title = wire_get_str(&in);
	a->source = wire_get_str(&in);
	a->date = wire_get_str(&in);
	a->nothing = wire_get_str(&in);
	job_line_get(&in, &a->line);
	job_copies_get(&in, a);
	job_near_get(&in, a);
	job_gather_get(&in, &a->parts);
	if (keep_get(&in, &a->raw, &a->raw_len) != 0 ||
	    job_topic_get(&in, &a->topic_score) != 0)
		return -1;
	job_lesson_get(&in, a);
	a->links_at = in.p;
	a->nlinks = wire_get_u32(&in);
	a->links = in;
	if (a->line.len > 0 &&
	    (!job_line_ok(&a->line) || a->id_text == NULL ||
		strlen(a->id_text) != 35 ||
		strspn(a->id_text + 3, "0123456789abcdef") != 32))
		return -1;
	if (a->line.len > 0)
		id_bytes(a->id_text + 3, a->id);
	return in.bad ? -1 : 0;
}

static int
next_link(struct wire_in *in, uint32_t *left, struct winnow_link *l)
{
	uint32_t flags;
	size_t n;

	if (*left == 0)
		return 0;
	--*left;
	l->key.host = wire_get_u64(in);
	l->key.url = wire_get_u64(in);
	flags = wire_get_u32(in);
	l->flags = (uint8_t)flags;
	l->place = (uint8_t)(flags >> 8);
	l->topic = (uint8_t)(flags >> 16);
	l->url = wire_get_bytes(in, &n);
	l->anchor = wire_get_str(in);
	if (in->bad || l->url == NULL || n > WINNOW_URL_MAX ||
	    strlen(l->url) != n)
		return 0;
	l->url_len = (uint16_t)n;
	return 1;
}

int
job_next_link(struct job_article *a, struct winnow_link *l)
{
	return next_link(&a->links, &a->nlinks, l);
}

/* ---- robots.txt ---------------------------------------------------------------- */

void
job_robots_pack(struct wire_out *o, const char *agent,
    const char *content_encoding)
{
	wire_str(o, agent);
	wire_str(o, content_encoding);
}

static int
is_text(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < 512; i++)
		if ((unsigned char)s[i] < 0x20 &&
		    (s[i] == '\0' || strchr("\t\n\v\f\r", s[i]) == NULL))
			return 0;
	return 1;
}

static int
run_robots(struct winnow *w, struct wire_in *in, const void *body, size_t len,
    struct wire_out *o)
{
	const char *agent = wire_get_str(in), *coding = wire_get_str(in);
	const void *plain = body;
	void *blob;
	size_t blob_len, plain_len = len;

	if (in->bad || agent == NULL)
		return -1;
	/* A server may name a coding that is none: text is read as it came. What
	 * cannot be read must not count as a file that allows everything. */
	if (coding != NULL &&
	    winnow_inflate(w, body, len, coding, &plain, &plain_len) != 0) {
		plain = body;
		plain_len = len;
		if (!is_text(body, len)) {
			wire_u32(o, 0);
			return 0;
		}
	}
	wire_u32(o, 1);
	if (robots_compile(plain, plain_len, agent, &blob, &blob_len) != 0)
		return -1;
	wire_bytes(o, blob, blob_len);
	free(blob);
	return 0;
}

int
job_robots_unpack(const void *frame, size_t len, const void **blob,
    size_t *blob_len)
{
	struct wire_in in = { frame, (const char *)frame + len, 0 };

	*blob = NULL;
	*blob_len = 0;
	if (wire_get_u32(&in) == 0)
		return in.bad ? -1 : 0;
	*blob = wire_get_bytes(&in, blob_len);
	return in.bad || *blob == NULL || !robots_check(*blob, *blob_len) ? -1
									  : 0;
}

/* ---- sitemaps and feeds ----------------------------------------------------------- */

void
job_list_pack(struct wire_out *o, const char *url, const char *content_type,
    const char *content_encoding)
{
	wire_str(o, url);
	wire_str(o, content_type);
	wire_str(o, content_encoding);
}

/* Being written to an answer: error, count, entries. Both come to be known
 * last, so the entries gather apart. */
struct entries {
	struct winnow *w;
	struct wire_out list;
	uint32_t n;
	struct wire_out *out;
	const struct job_parts *parts;
	int failed;
};

static void
entries_end(struct entries *e, const char *error)
{
	wire_str(e->out, error);
	wire_u32(e->out, e->n);
	wire_put(e->out, e->list.b, e->list.len);
	e->failed |= e->list.err;
	e->list.len = 0;
	e->n = 0;
}

static void
put_entry(void *arg, const struct winnow_entry *e)
{
	struct entries *to = arg;

	if (e->is_alternate || e->url == NULL || to->failed)
		return;
	if (to->parts != NULL && to->list.len >= JOB_PART) {
		entries_end(to, NULL);
		to->failed |= to->parts->send(to->parts->arg, to->out) != 0;
	}
	put_link(&to->list, &e->key,
	    (e->is_sitemap ? WINNOW_FEED : 0u) |
		job_topic_words(to->w, e->title) << 16,
	    e->url, e->url_len, e->title);
	wire_u64(&to->list, (uint64_t)e->published);
	wire_u64(&to->list, (uint64_t)e->updated);
	to->n++;
}

static int
run_list(struct winnow *w, struct wire_in *in, const void *body, size_t len,
    const struct job_parts *parts, struct wire_out *o)
{
	const char *url = wire_get_str(in), *type = wire_get_str(in),
		   *coding = wire_get_str(in);
	struct entries to = { .w = w, .out = o, .parts = parts };
	struct winnow_feed feed = { .error = "unreadable" };
	const void *plain = body;
	size_t n = len;
	int rc = 0;

	if (in->bad)
		return -1;
	if (coding != NULL &&
	    (rc = winnow_inflate(w, body, len, coding, &plain, &n)) != 0)
		feed.error = rc == WINNOW_ETOOBIG ? "too-big" : "unreadable";
	else
		rc = winnow_read_feed(w, plain, n, url, type, put_entry, &to,
		    &feed);
	entries_end(&to, feed.error);
	wire_free(&to.list);
	return rc == WINNOW_ENOMEM || to.failed ? -1 : 0;
}

int
job_list_unpack(const void *frame, size_t len, struct job_list *l)
{
	struct wire_in in = { frame, (const char *)frame + len, 0 };

	memset(l, 0, sizeof *l);
	l->error = wire_get_str(&in);
	l->n = wire_get_u32(&in);
	l->entries = in;
	return in.bad ? -1 : 0;
}

int
job_list_next(struct job_list *l, struct job_entry *e)
{
	memset(e, 0, sizeof *e);
	if (next_link(&l->entries, &l->n, &e->link) != 1)
		return 0;
	e->is_sitemap = (e->link.flags & WINNOW_FEED) != 0;
	e->link.flags = 0;
	e->published = (int64_t)wire_get_u64(&l->entries);
	e->updated = (int64_t)wire_get_u64(&l->entries);
	e->fresh = e->published > e->updated ? e->published : e->updated;
	return !l->entries.bad;
}

/* ---- blocks of the queue ----------------------------------------------------------- */

void
job_deflate_pack(struct wire_out *o, uint32_t records, uint64_t first_seq)
{
	wire_u32(o, records);
	wire_u64(o, first_seq);
}

static int
run_deflate(struct wire_in *in, const void *body, size_t len,
    struct wire_out *o)
{
	uint32_t records = wire_get_u32(in);
	uint64_t seq = wire_get_u64(in);
	void *member;
	size_t n;

	if (in->bad || wq_member(body, len, records, seq, &member, &n) != 0)
		return -1;
	wire_bytes(o, member, n);
	free(member);
	return 0;
}

int
job_deflate_unpack(const void *frame, size_t len, const void **member,
    size_t *member_len)
{
	struct wire_in in = { frame, (const char *)frame + len, 0 };

	*member = wire_get_bytes(&in, member_len);
	return in.bad || *member == NULL ? -1 : 0;
}

int
job_run(struct winnow *w, enum job_kind kind, const void *head,
    size_t head_len, const void *body, size_t body_len,
    const struct job_parts *parts, struct wire_out *o)
{
	struct wire_in in = { head, (const char *)head + head_len, 0 };

	switch (kind) {
	case JOB_PAGE:
		return run_page(w, &in, body, body_len, o);
	case JOB_ROBOTS:
		return run_robots(w, &in, body, body_len, o);
	case JOB_SITEMAP:
	case JOB_FEED:
		return run_list(w, &in, body, body_len, parts, o);
	case JOB_DEFLATE:
		return run_deflate(&in, body, body_len, o);
	case JOB_EXPLAIN:
		return job_explain_run(w, &in, body, body_len, o);
	case JOB_TOPIC:
		return job_topic_run(w, &in, body, body_len, parts, o);
	case JOB_GATHER:
		return job_gather_run(w, &in, body, body_len, o);
	}
	return -1;
}
