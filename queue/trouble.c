/* trouble.c - what went wrong on the disk, in words: what, where, what to do.
 *
 * The advice is a table of what errno means for a directory that somebody
 * looks after. ENOSPC alone needs a look: a file system may have bytes left
 * and no inode.
 *
 * Invariants
 *  T1  Whatever the writer gives back as WQ_EIO or WQ_ENOSPC it can put into
 *      words: wq_failed() keeps those of the last call that failed.
 *  T2  A call that failed for space leaves the writer starved, until wq_room()
 *      has seen that there is some again. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "queue/writer.h"

static const struct {
	int errnum;
	const char *words;
} advice[] = {
    {ENOSPC, "its file system is full: make room there"},
    {EDQUOT, "its user's quota is used up: make room or raise it"},
    {EFBIG,
	"a file may not get larger: raise the limit of its size (LimitFSIZE=, "
	"ulimit -f)"},
    {EROFS, "its file system is read-only: mend it and mount it for writing; "
	    "to a service of systemd all is that ReadWritePaths= does not name"},
    {EACCES, "give the user that runs this the rights it needs there"},
    {EPERM, "give the user that runs this the rights it needs there"},
    {ENOENT, "it was removed or moved away: put it back"},
    {ENOTDIR, "something else stands there: put the directory back"},
    {ESTALE, "its file system is gone: mount it again"},
    {EMFILE,
	"too many files are open: raise the limit (LimitNOFILE=, ulimit -n) or "
	"lower fetch.parallel"},
    {ENFILE, "the system has too many files open: raise fs.file-max"},
    {EIO, "the disk fails: look at the kernel's log"},
};

/* Free bytes are no help to who needs a new file. */
static int
no_inodes(const char *path)
{
	struct statvfs v;

	return statvfs(path, &v) == 0 && v.f_files > 0 && v.f_favail == 0;
}

const char *
wq_advice(int errnum, const char *path)
{
	if (errnum == ENOSPC && path != NULL && no_inodes(path))
		return "its file system has no inode left: remove files there "
		       "(df -i)";
	for (size_t i = 0; i < sizeof advice / sizeof advice[0]; i++)
		if (advice[i].errnum == errnum)
			return advice[i].words;
	return "mend it";
}

int
wq_failed(struct wq_writer *w, const char *what, const char *path)
{
	char own[WQ_PATH_MAX];
	int saved = errno;

	if (path == NULL) {
		wq_tmp_path(w, own);
		path = own;
	}
	snprintf(w->trouble, sizeof w->trouble, "cannot %s '%s': %s; %s", what,
	    path, strerror(saved), wq_advice(saved, w->dir));
	if (wq_error_of(saved) == WQ_ENOSPC)
		w->starved = 1;
	errno = saved;
	return wq_error_of(saved);
}

const char *
wq_trouble(const struct wq_writer *w)
{
	return w->trouble;
}
