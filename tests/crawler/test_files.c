/* Descriptors: who may take which. */
#include "crawler/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/test.h"

static int
null_fd(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Takes descriptors until there is none to be had; the highest. */
static int
take_all(enum files_use use)
{
	int fd, last = -1;

	while ((fd = files_take(null_fd(), use)) >= 0)
		last = fd;
	CHECK_INT(errno, EMFILE);
	return last;
}

int
main(void)
{
	struct rlimit r = {40, 400};
	int fd;

	setrlimit(RLIMIT_NOFILE, &r);
	TEST("files: the last quarter is not for sites, an eighth for nobody "
	     "but "
	     "the disk (FD1)")
	{
		CHECK_INT(take_all(FILES_SITE), 29);
		CHECK_INT(take_all(FILES_OWN), 34);
		fd = null_fd();
		CHECK_INT(fd, 35);
	}
	for (; fd > 5; fd--)
		close(fd);
	TEST("files: the soft limit is raised as far as transfers need")
	{
		CHECK_INT(files_transfers(10), 10);
		getrlimit(RLIMIT_NOFILE, &r);
		CHECK_INT((long)r.rlim_cur, 148);
		CHECK_INT(
		    files_transfers(1000), 152); /* 400 - 64 - 32, by two */
		getrlimit(RLIMIT_NOFILE, &r);
		CHECK_INT((long)r.rlim_cur, 400);
		CHECK_INT(files_take(-1, FILES_SITE), -1);
	}
	return test_end();
}
