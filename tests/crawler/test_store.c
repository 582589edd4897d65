/* test_store.c - tables on disk: what is kept, and what survives a failure. */
#include "crawler/store.h"

#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "tests/test.h"

static char dir[64], err[8192];

static struct store *
open_it(int64_t map_size)
{
	struct store *s = NULL;

	CHECK_INT(store_open(&s, dir, map_size, err, sizeof err), 0);
	if (s == NULL) {
		printf("  %s\n", err);
		exit(1);
	}
	return s;
}

static void
put(struct store *s, const char *key, const char *val)
{
	store_put(s, STORE_META, key, strlen(key), val, strlen(val));
}

static int
has(struct store *s, const char *key, const char *val)
{
	struct store_bytes v;

	return store_get(s, STORE_META, key, strlen(key), &v) == 1 &&
	       v.n == strlen(val) && memcmp(v.p, val, v.n) == 0;
}

static int
count_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	(void)val;
	++*(int *)arg;
	return key->p[0] != 'z';
}

/* What a child found, as its exit status. */
static int
in_child(int (*run)(void))
{
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
child_open(void)
{
	struct store *s;
	char pid[32], words[512];

	snprintf(pid, sizeof pid, "locked by pid %ld;", (long)getppid());
	if (store_open(&s, dir, 0, words, sizeof words) != FRONTIER_ELOCKED)
		return 1;
	return strstr(words, pid) != NULL ? 0 : 2;
}

static int
child_read(void)
{
	struct store *s;
	char words[512];
	int rc;

	if (store_open_read(&s, dir, words, sizeof words) != 0)
		return 1;
	rc = has(s, "kept", "1") && !has(s, "pending", "1") ? 0 : 2;
	store_close(s);
	return rc;
}

static int
child_dies(void)
{
	struct store *s = open_it(0);

	put(s, "kept", "2");
	if (store_commit(s) != 0)
		return 1;
	put(s, "lost", "1");
	return 0; /* _exit: no close */
}

static void
test_full_disk(void)
{
	struct rlimit old, less;
	char key[32], big[3000];
	struct store *s = open_it(0);
	struct stat st;
	char path[128];
	int i;

	snprintf(path, sizeof path, "%s/data.mdb", dir);
	stat(path, &st);
	getrlimit(RLIMIT_FSIZE, &old);
	less = old;
	less.rlim_cur = (rlim_t)st.st_size;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &less);
	memset(big, 'b', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "full-%d", i);
		put(s, key, big);
	}
	CHECK_INT(store_commit(s), FRONTIER_ENOSPC);
	CHECK_INT(store_state(s), 0);
	CHECK(has(s, "full-99", big));
	put(s, "after", "1");
	CHECK_INT(store_commit(s), FRONTIER_ENOSPC);
	CHECK_INT(store_pending(s), 101);
	/* S5: where, why and what to do; a free page is no room yet. */
	CHECK(strstr(store_trouble(s), dir) != NULL);
	CHECK(strstr(store_trouble(s), "ulimit -f") != NULL);
	CHECK_INT(store_room(s, 1000, err, sizeof err), FRONTIER_ENOSPC);
	CHECK(strstr(err, "goes on with") != NULL);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(store_room(s, 1999, err, sizeof err), FRONTIER_ENOSPC);
	CHECK_INT(store_room(s, 2000, err, sizeof err), 0);
	CHECK_INT(store_commit(s), 0);
	CHECK_INT(store_pending(s), 0);
	store_close(s);
	s = open_it(0);
	CHECK(has(s, "full-0", big) && has(s, "full-99", big));
	CHECK(has(s, "after", "1") && has(s, "kept", "2"));
	store_close(s);
}

static void
test_moved(void)
{
	struct store *s = open_it(0);
	char away[80];

	snprintf(away, sizeof away, "%s.away", dir);
	put(s, "moved", "1");
	CHECK_INT(rename(dir, away), 0);
	CHECK_INT(store_commit(s), FRONTIER_EIO);
	CHECK(strstr(store_trouble(s), "put it back") != NULL);
	CHECK_INT(store_pending(s), 1);
	CHECK(has(s, "moved", "1"));
	CHECK_INT(rename(away, dir), 0);
	CHECK_INT(store_commit(s), 0);
	store_close(s);
	s = open_it(0);
	CHECK(has(s, "moved", "1"));
	store_close(s);
}

static void
test_full_map(void)
{
	struct store *s = open_it(1 << 20);
	char key[32], big[3000];
	int i;

	memset(big, 'b', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "map-%d", i);
		put(s, key, big);
	}
	CHECK_INT(store_state(s), FRONTIER_ENOSPC);
	CHECK_INT(store_commit(s), FRONTIER_ENOSPC);
	CHECK_INT(store_add(s, STORE_META, "x", 1, "", 0), FRONTIER_ENOSPC);
	CHECK_INT(store_pending(s), 1000);
	store_close(s);
	s = open_it(0);
	CHECK(has(s, "kept", "2") && !has(s, "map-0", big));
	store_close(s);
}

static int
child_read_older(void)
{
	struct store *s;
	struct store_bytes v;
	char words[512];
	int rows = 0, rc;

	if (store_open_read(&s, dir, words, sizeof words) != 0)
		return 1;
	rc = store_get(s, STORE_REPEAT, "k", 1, &v) != 0 ||
	     store_get(s, STORE_SEEN, "12345678k", 9, &v) != 0 ||
	     store_scan(s, STORE_NEAR, "", 0, count_row, &rows) != 0 ||
	     rows != 0 || !has(s, "kept", "older");
	store_close(s);
	return rc ? 2 : 0;
}

/* The tables are taken away by the engine itself. */
static void
test_older(void)
{
	static const char *const later[] = {"near", "repeat", "site", "seen"};
	struct store *s = open_it(0);
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	size_t i;

	put(s, "kept", "older");
	CHECK_INT(store_commit(s), 0);
	store_close(s);
	CHECK_INT(mdb_env_create(&env), 0);
	mdb_env_set_maxdbs(env, 32);
	CHECK_INT(mdb_env_open(env, dir, 0, 0640), 0);
	CHECK_INT(mdb_txn_begin(env, NULL, 0, &txn), 0);
	for (i = 0; i < sizeof later / sizeof *later; i++) {
		CHECK_INT(mdb_dbi_open(txn, later[i], 0, &dbi), 0);
		CHECK_INT(mdb_drop(txn, dbi, 1), 0);
	}
	CHECK_INT(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	CHECK_INT(in_child(child_read_older), 0);
	s = open_it(0);
	CHECK(has(s, "kept", "older"));
	store_put(s, STORE_NEAR, "12345678", 8, "v", 1);
	CHECK_INT(store_commit(s), 0);
	store_close(s);
}

int
main(void)
{
	struct store *s;
	int n = 0;

	strcpy(dir, "/tmp/test-store-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	strcat(dir, "/a/state");

	TEST("store: reads see what was put before it is committed")
	{
		s = open_it(0);
		put(s, "kept", "1");
		CHECK(has(s, "kept", "1"));
		CHECK_INT(store_add(s, STORE_META, "kept", 4, "9", 1), 0);
		CHECK_INT(store_add(s, STORE_META, "new", 3, "9", 1), 1);
		CHECK_INT(store_pending(s), 2);
		CHECK_INT(store_commit(s), 0);
		CHECK_INT(store_pending(s), 0);
	}
	TEST("store: a scan gives rows in the order of their keys")
	{
		put(s, "y", "1");
		put(s, "z", "1");
		put(s, "za", "1");
		CHECK_INT(store_scan(s, STORE_META, "n", 1, count_row, &n), 0);
		CHECK_INT(n, 3);
		CHECK_INT(store_commit(s), 0);
	}
	TEST("store: a second process is refused with the pid in words")
	{
		CHECK_INT(in_child(child_open), 0);
	}
	TEST("store: a reader beside the writer sees the last commit")
	{
		put(s, "pending", "1");
		CHECK_INT(in_child(child_read), 0);
		CHECK(has(s, "pending", "1"));
		store_close(s);
	}
	TEST("store: what was not committed is lost by a kill, the rest is not")
	{
		CHECK_INT(in_child(child_dies), 0);
		s = open_it(0);
		CHECK(has(s, "kept", "2") && !has(s, "lost", "1"));
		CHECK(!has(s, "pending", "1"));
		store_close(s);
	}
	TEST("store: a commit on a full disk keeps everything for the next")
	{
		test_full_disk();
	}
	TEST("store: no commit counts while its directory is elsewhere (S4)")
	{
		test_moved();
	}
	TEST("store: a full map is an error of the commit, and loses nothing")
	{
		test_full_map();
	}
	TEST("store: a directory without a store is told from a broken one")
	{
		CHECK_INT(store_open_read(&s, "/tmp", err, sizeof err), 1);
		CHECK_STR(err, "no state in '/tmp'");
	}
	TEST("store: who only reads takes a state from before a table as if that "
	     "were empty")
	{
		test_older();
	}
	return test_end();
}
