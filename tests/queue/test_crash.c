/* test_crash.c - cut the n-th call that changes the disk, for every n.
 *
 * A little engine lands records by the commit protocol, its store a file that
 * holds one wq_pos. Each call of struct wq_io can be the one where
 *	eio, enospc	the call fails, once, and the engine goes on
 *	short		a write does half, the next one fails
 *	dead disk	the call and all later ones fail
 *	kill before, after, halfway	the process ends there
 *	power		likewise, and what was not synced is gone: bytes, names,
 *			folders; and what was cut comes back
 * Then the engine starts again, and is cut again in its first calls. At the
 * end every record must be there once, in order, and every file that was ever
 * seen sealed must still hold the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "queue/io.h"
#include "tests/queue/queue_test.h"

#define GOAL 61 /* the next number when all records have landed */
#define KILLED 9

enum mode {
	NONE,
	EIO_ONCE,
	ENOSPC_ONCE,
	SHORT_WRITE,
	DEAD_DISK,
	KILL_BEFORE,
	KILL_AFTER,
	KILL_HALF,
	POWER
};
static const char *const mode_name[] = {"none", "eio", "enospc", "short",
    "dead disk", "kill before", "kill after", "kill halfway", "power"};

static enum mode mode;
static int calls, cut_at;
static char *dir, store[128];

/* ---- what a loss of power takes ------------------------------------------ */

static struct pending {
	char kind; /* 'c'reated, 'r'enamed, 'm'ade folder */
	char from[256], to[256], folder[256];
} pending[64];
static int npending, data_fd = -1;
static off_t synced_len;

static void
remember(char kind, const char *from, const char *to)
{
	struct pending *p = &pending[npending++];

	p->kind = kind;
	snprintf(p->from, sizeof p->from, "%s", from);
	snprintf(p->to, sizeof p->to, "%s", to);
	snprintf(p->folder, sizeof p->folder, "%.*s",
	    (int)(strrchr(to, '/') - to), to);
}

static void
lose_power(void)
{
	char junk[8192];
	struct stat st;

	memset(junk, 0xaa, sizeof junk);
	if (data_fd >= 0 && fstat(data_fd, &st) == 0) {
		if (st.st_size > synced_len)
			(void)!ftruncate(data_fd, synced_len);
		else
			(void)!pwrite(data_fd, junk,
			    (size_t)(synced_len - st.st_size), st.st_size);
	}
	while (npending-- > 0) {
		struct pending *p = &pending[npending];

		if (p->kind == 'r')
			rename(p->to, p->from);
		else if (p->kind == 'c')
			unlink(p->to);
		else
			remove_tree(p->to);
	}
}

/* ---- the cutting table --------------------------------------------------- */

static void
end_here(void)
{
	if (mode == POWER)
		lose_power();
	_exit(KILLED);
}

/* 1 when this call has to fail with errno. */
static int
cut_here(void)
{
	calls++;
	if (mode == DEAD_DISK && calls >= cut_at && cut_at > 0) {
		errno = EIO;
		return 1;
	}
	if (mode == SHORT_WRITE && calls == cut_at + 1) {
		errno = ENOSPC;
		return 1;
	}
	if (calls != cut_at)
		return 0;
	if (mode == KILL_BEFORE || mode == POWER)
		end_here();
	errno = mode == EIO_ONCE ? EIO : ENOSPC;
	return mode == EIO_ONCE || mode == ENOSPC_ONCE;
}

static void
done_here(void)
{
	if (calls == cut_at && (mode == KILL_AFTER || mode == KILL_HALF))
		end_here();
}

static int
is_data(const char *path)
{
	size_t n = strlen(path);

	return n > 9 && strcmp(path + n - 9, ".jsonl.gz") == 0;
}

static int
cut_open(const char *path, int flags, mode_t m)
{
	struct stat st;
	int fd, is_new = stat(path, &st) < 0;

	if (cut_here())
		return -1;
	fd = open(path, flags | O_CLOEXEC, m);
	if (is_data(path)) {
		data_fd = fd;
		synced_len = is_new ? 0 : st.st_size;
		if (is_new)
			remember('c', path, path);
	}
	done_here();
	return fd;
}

static ssize_t
cut_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	ssize_t n;

	if (cut_here())
		return -1;
	if (calls == cut_at && (mode == SHORT_WRITE || mode == KILL_HALF))
		len /= 2;
	n = pwrite(fd, buf, len, at);
	done_here();
	return n;
}

static int
cut_fdatasync(int fd)
{
	struct stat st;

	if (cut_here())
		return -1;
	if (fd == data_fd && fstat(fd, &st) == 0)
		synced_len = st.st_size;
	done_here();
	return 0;
}

static int
cut_truncate(int fd, off_t len)
{
	int rc;

	if (cut_here())
		return -1;
	rc = ftruncate(fd, len);
	done_here();
	return rc;
}

static int
cut_rename(const char *from, const char *to)
{
	int rc;

	if (cut_here())
		return -1;
	rc = rename(from, to);
	if (rc == 0 && is_data(to))
		remember('r', from, to);
	done_here();
	return rc;
}

static int
cut_unlink(const char *path)
{
	int rc;

	if (cut_here())
		return -1;
	rc = unlink(path);
	done_here();
	return rc;
}

static int
cut_mkdir(const char *path, mode_t m)
{
	int rc;

	if (cut_here())
		return -1;
	rc = mkdir(path, m);
	if (rc == 0 && strstr(path, "/ready/"))
		remember('m', path, path);
	done_here();
	return rc;
}

static int
cut_dirsync(const char *path)
{
	int n = 0;

	if (cut_here())
		return -1;
	for (int i = 0; i < npending; i++)
		if (strcmp(pending[i].folder, path) != 0)
			pending[n++] = pending[i];
	npending = n;
	done_here();
	return 0;
}

static struct wq_io cutting;

/* ---- the engine ---------------------------------------------------------- */

static void
load_pos(struct wq_pos *p)
{
	FILE *f = fopen(store, "r");

	memset(p, 0, sizeof *p);
	if (f != NULL) {
		if (fread(p, sizeof *p, 1, f) != 1)
			memset(p, 0, sizeof *p);
		fclose(f);
	}
}

static void
save_pos(const struct wq_pos *p)
{
	char tmp[160];
	FILE *f;

	snprintf(tmp, sizeof tmp, "%s.new", store);
	if ((f = fopen(tmp, "w")) == NULL || fwrite(p, sizeof *p, 1, f) != 1 ||
	    fclose(f) != 0 || rename(tmp, store) != 0)
		abort();
}

/* One commit: 0, or what failed. */
static int
commit(struct wq_writer *w, int seal)
{
	struct wq_pos p;
	int err;

	if ((err = wq_sync(w, seal, T0, &p)) != 0)
		return err;
	save_pos(&p);
	for (int i = 0; i < 3; i++)
		if ((err = wq_committed(w, &p)) == 0)
			break;
	return err;
}

/* Lands records up to the goal; a failure is met by going on, a few times. */
static int
engine(void)
{
	static const struct wq_options o0 = {.node = "n", .schema = "{}"};
	struct wq_options o = o0;
	struct wq_writer *w;
	struct wq_pos p;
	char why[512];
	uint64_t seq;
	int err, failures = 0;

	o.io = &cutting;
	load_pos(&p);
	if ((err = wq_writer_open(&w, dir, &o, &p, T0, why, sizeof why)) != 0)
		return err;
	while ((seq = wq_next_seq(w)) < GOAL || p.sealed == 0) {
		err = 0;
		if (seq < GOAL)
			err = put_records(w, 4, T0);
		if (err == 0 && (seq % 3 != 0 || seq + 4 >= GOAL))
			err = commit(w, seq % 5 == 0 || seq + 4 >= GOAL);
		if (err != 0 && ++failures > 8)
			break;
		load_pos(&p);
		p.sealed = p.sealed && p.seq == GOAL;
	}
	wq_writer_close(w);
	return err;
}

/* Runs it in a process of its own, cut at the n-th call (0: never). */
static int
run(enum mode m, int n)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		mode = m;
		cut_at = n;
		calls = 0;
		status = engine();
		if (m == POWER && cut_at > calls)
			_exit(200); /* past the last call */
		_exit(status == 0 ? calls < cut_at ? 200 : 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* ---- what must be true --------------------------------------------------- */

static struct wq_entry seen[64];
static int nseen;

static void
each_sealed(void (*each)(const struct wq_entry *))
{
	struct wq_list l = {0};
	struct wq_entry e;
	char after[WQ_NAME_MAX] = "";

	while (wq_list_day(dir, after, &l) > 0) {
		for (size_t i = 0; i < l.n; i++) {
			wq_entry_scan(dir, l.name[i], 1, &e);
			each(&e);
		}
		memcpy(after, l.name[l.n - 1], sizeof after);
	}
	wq_list_clear(&l);
}

static void
see(const struct wq_entry *e)
{
	for (int i = 0; i < nseen; i++)
		if (strcmp(seen[i].name, e->name) == 0)
			return;
	seen[nseen++] = *e;
}

static int same;

static void
compare(const struct wq_entry *e)
{
	for (int i = 0; i < nseen; i++)
		same += strcmp(seen[i].name, e->name) == 0 &&
			strcmp(seen[i].sha256, e->sha256) == 0;
}

static void
complain(void *arg, const char *what)
{
	(void)arg;
	TEST_FAIL("%s", what);
}

static void
check_end(enum mode m, int n, int again)
{
	struct wq_check c;
	long got = count_from(dir, 0);

	same = 0;
	each_sealed(compare);
	if (got != GOAL - 1 || same != nseen || count_in(dir, "tmp") != 0)
		TEST_FAIL("%s at call %d, then at %d: %ld records of %d, %d "
			  "of %d sealed files unchanged, %d left in tmp/",
		    mode_name[m], n, again, got, GOAL - 1, same, nseen,
		    count_in(dir, "tmp"));
	if (wq_verify(dir, complain, NULL, &c) != 0 || c.bad > 0 || c.taken > 0)
		TEST_FAIL("%s at call %d, then at %d: verify finds faults",
		    mode_name[m], n, again);
}

/* One story: cut, perhaps cut again, then run to the end. 0: n is past the
 * last call. */
static int
story(enum mode m, int n, int again)
{
	int rc;

	dir = make_folder();
	snprintf(store, sizeof store, "%.*s/store",
	    (int)(strrchr(dir, '/') - dir), dir);
	nseen = 0;
	if ((rc = run(m, n)) == 200 || rc < 0) {
		if (rc < 0)
			TEST_FAIL("%s at call %d: died", mode_name[m], n);
		return 0;
	}
	each_sealed(see);
	if (again > 0) {
		run(m, again);
		each_sealed(see);
	}
	if ((rc = run(NONE, 0)) != 0)
		TEST_FAIL("%s at call %d, then at %d: cannot go on: %d",
		    mode_name[m], n, again, rc);
	check_end(m, n, again);
	return 1;
}

int
main(void)
{
	static const char *const names[] = {"",
	    "crash: an I/O error at any call, once",
	    "crash: a full disk at any call, once",
	    "crash: a write done by half, then a full disk",
	    "crash: a disk that dies at any call",
	    "crash: killed before any call", "crash: killed after any call",
	    "crash: killed halfway through any call",
	    "crash: power lost at any call, with all that was not synced"};
	int stories = 0, last = 0;

	cutting = wq_io_system;
	cutting.open = cut_open;
	cutting.pwrite = cut_pwrite;
	cutting.fdatasync = cut_fdatasync;
	cutting.truncate = cut_truncate;
	cutting.rename = cut_rename;
	cutting.unlink = cut_unlink;
	cutting.mkdir = cut_mkdir;
	cutting.dirsync = cut_dirsync;
	for (int m = EIO_ONCE; m <= POWER; m++) {
		TEST(names[m])
		{
			for (int n = 1; n < 1000 && !test_bad; n++) {
				if (!story((enum mode)m, n, 0))
					break;
				last = n;
				stories++;
				/* twice where nothing tells the engine */
				if (m >= KILL_BEFORE && n % 3 == m % 3)
					stories +=
					    story((enum mode)m, n, 1 + n % 16);
			}
			CHECK(last > 60);
		}
	}
	printf("crash: %d stories, %d calls in one\n", stories, last);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
