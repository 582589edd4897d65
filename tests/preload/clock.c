/* clock.c - a library to be loaded before libc's: a wall clock that a test can
 * set while the program runs.
 *
 *	LD_PRELOAD=clock.so CLOCK_SHIFT=FILE winnowd ...
 *
 * FILE holds nanoseconds to be added, an int64_t in the machine's order. It is
 * mapped once, before main, so what is forked later has it too and needs no
 * call for it, whatever its sandbox allows: that is what libfaketime cannot do,
 * which opens its file again and again. Clocks that do not tell the time of day
 * are left as they are, as a change of the date leaves them. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))
#define SECOND 1000000000

static const volatile int64_t *shift;
static int (*next)(clockid_t, struct timespec *);

__attribute__((constructor)) static void
clock_open(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	void *at;
	int fd;

	next = NEXT(int (*)(clockid_t, struct timespec *), "clock_gettime");
	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	at = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		shift = at;
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int64_t ns;
	int rc;

	rc = next != NULL ? next(clock, t)
			  : (int)syscall(SYS_clock_gettime, clock, t);
	if (rc != 0 || shift == NULL ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return rc;
	ns = t->tv_nsec + *shift % SECOND;
	t->tv_sec += *shift / SECOND + (ns >= SECOND) - (ns < 0);
	t->tv_nsec = ns + (ns < 0 ? SECOND : ns >= SECOND ? -SECOND : 0);
	return 0;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}
