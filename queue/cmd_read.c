/* cmd_read.c - winnow queue cat and get: records to stdout.
 *
 * Damage is told on stderr and passed over; the status says so at the end. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "queue/cmd_queue.h"

/* ---- pouring ------------------------------------------------------------- */

static int
print_open(struct pour *p, const struct args *a)
{
	char err[512] = "";
	int rc = wq_print_new(&p->print, &a->print, stdout, err, sizeof err);

	if (rc == 0)
		return OK;
	cmd_queue_say("%s", err[0] != '\0' ? err : wq_strerror(rc));
	return rc == WQ_EINVAL ? USAGE : ERROR;
}

int
cmd_queue_pour_open(struct pour *p, const struct args *a)
{
	char err[WQ_DIR_MAX + 256] = "";
	int rc;

	memset(p, 0, sizeof *p);
	if ((rc = print_open(p, a)) != OK)
		return rc;
	rc = wq_reader_open(&p->reader, a->dir, &a->range, err, sizeof err);
	if (rc != 0)
		cmd_queue_say("%s", err[0] != '\0' ? err : wq_strerror(rc));
	return rc == 0           ? OK
	       : rc == WQ_EINVAL ? USAGE
	       : rc == WQ_EGONE  ? NOTHING
				 : ERROR;
}

/* One record to stdout: 1 printed, 0 left out or no record, or an exit status
 * as a negative. A stdout that fails is for cmd_queue_finish() to tell. */
static int
print_one(struct pour *p, const char *line, size_t len)
{
	int rc = wq_print_line(p->print, line, len);

	if (rc >= 0)
		return rc;
	if (rc == WQ_EIO) {
		p->shut = errno;
		return -ERROR;
	}
	cmd_queue_say("%s", wq_print_why(p->print));
	if (rc != WQ_ECORRUPT)
		return rc == WQ_EINVAL ? -USAGE : -ERROR;
	p->damaged = 1;
	return 0;
}

int
cmd_queue_pour(struct pour *p)
{
	uint64_t seq, used = 0;
	const char *line;
	size_t len;
	int rc;

	while ((p->max == 0 || p->printed < p->max) &&
	       (p->stop == NULL || !*p->stop) &&
	       (rc = wq_read(p->reader, &line, &len, &seq)) != 0) {
		if (rc == WQ_ENOMEM)
			return cmd_queue_complain(rc, "reading");
		if (rc == WQ_EOPEN && p->whole) {
			cmd_queue_say("cannot go on: %s; see to its rights, or "
				      "acknowledge past it",
			    wq_reader_where(p->reader));
			return p->printed > 0 ? OK : ERROR;
		}
		if (rc < 0) {
			p->damaged = 1;
			cmd_queue_say(
			    "passed over: %s", wq_reader_where(p->reader));
			continue;
		}
		if (p->bytes > 0 && used > 0 && used + len > p->bytes)
			break;
		if ((rc = print_one(p, line, len)) < 0)
			return -rc;
		p->printed += (uint64_t)rc;
		used += rc > 0 ? len : 0;
		p->seen = seq;
	}
	return OK;
}

int
cmd_queue_pour_end(struct pour *p)
{
	int rc = wq_print_end(p->print);

	if (p->shut == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		p->shut = errno;
	return rc < 0 || p->shut != 0 ? -1 : 0;
}

/* The status of it all, and stdout's last word. */
int
cmd_queue_pour_close(struct pour *p, int status)
{
	wq_reader_close(p->reader);
	wq_print_free(p->print);
	if (status == OK && p->damaged)
		status = SOME;
	errno = p->shut;
	return cmd_queue_finish(status);
}

/* ---- cat ----------------------------------------------------------------- */

int
cmd_queue_cat(struct args *a)
{
	struct pour p;
	int status = cmd_queue_pour_open(&p, a);

	if (status == OK) {
		p.max = a->count;
		status = cmd_queue_pour(&p);
		cmd_queue_pour_end(&p);
	}
	return cmd_queue_pour_close(&p, status);
}

/* ---- get ----------------------------------------------------------------- */

/* 1 printed, 0 not there or left out by --where, -1 damaged; *status: what
 * ends it all. */
static int
get_one(struct pour *p, uint64_t seq, int *status)
{
	const char *line;
	size_t len;
	int rc = wq_get(p->reader, seq, &line, &len);

	if (rc == WQ_ENOMEM) {
		*status = cmd_queue_complain(rc, "reading");
		return -1;
	}
	if (rc < 0)
		cmd_queue_say("%s", wq_reader_where(p->reader));
	else if (rc == 0)
		cmd_queue_say("no sealed file holds record %" PRIu64, seq);
	if (rc <= 0 || (rc = print_one(p, line, len)) >= 0)
		return rc;
	*status = -rc;
	return -1;
}

int
cmd_queue_get(struct args *a)
{
	struct pour p;
	uint64_t seq;
	int rc, found = 0, failed = 0, status = cmd_queue_pour_open(&p, a);

	for (int i = 0; status == OK && i < a->nrest; i++) {
		if (cmd_queue_seq(a->rest[i], &seq) < 0) {
			status = USAGE;
			break;
		}
		rc = get_one(&p, seq, &status);
		found += rc > 0;
		failed += rc < 0;
	}
	if (status == OK) {
		cmd_queue_pour_end(&p);
		if (found < a->nrest)
			status = found > 0 || failed > 0 ? SOME : NOTHING;
	}
	return cmd_queue_pour_close(&p, status);
}
