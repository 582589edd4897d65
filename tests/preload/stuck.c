/* stuck.c - a library to be loaded before libc's: a disk that stops answering.
 *
 *	LD_PRELOAD=stuck.so STUCK=FILE winnowd ...
 *
 * While FILE is there nothing becomes durable: fdatasync() and fsync() do not
 * return. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

static void
wait_for_disk(void)
{
	const char *file = getenv("STUCK");

	while (file != NULL && access(file, F_OK) == 0)
		nanosleep(&(struct timespec) { 0, 100000000 }, NULL);
}

int
fdatasync(int fd)
{
	wait_for_disk();
	return NEXT(int (*)(int), "fdatasync")(fd);
}

int
fsync(int fd)
{
	wait_for_disk();
	return NEXT(int (*)(int), "fsync")(fd);
}
