/* process.c - see process.h; proc(5), of ourselves alone: a sandbox may hide
 * all else. */
#include "crawler/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double
seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* The kernel tells when after the boot (field 22), so that a clock that was set
 * since does not matter. */
static double
started(void)
{
	unsigned long long ticks = 0;
	char line[1024], *p;
	size_t n;
	int field;
	FILE *f = fopen("/proc/self/stat", "re");

	if (f == NULL)
		return 0;
	n = fread(line, 1, sizeof line - 1, f);
	fclose(f);
	line[n] = '\0';
	/* The name, field 2, may hold anything; behind its bracket nothing. */
	if ((p = strrchr(line, ')')) == NULL)
		return 0;
	for (field = 2; field < 22 && p != NULL; field++)
		p = strchr(p + 1, ' ');
	if (p == NULL || sscanf(p, " %llu", &ticks) != 1)
		return 0;
	return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME) +
	       (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static uint64_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n > 3 ? n - 3 : 0; /* two dots, and that of the folder */
}

void
process_stat(struct process_stat *s)
{
	unsigned long long size = 0, rss = 0;
	struct rusage u;
	struct rlimit r;
	FILE *f;

	memset(s, 0, sizeof *s);
	if (getrusage(RUSAGE_SELF, &u) == 0)
		s->cpu_s = seconds_of(&u.ru_utime) + seconds_of(&u.ru_stime);
	if (getrlimit(RLIMIT_NOFILE, &r) == 0)
		s->files_max = r.rlim_cur;
	if ((f = fopen("/proc/self/statm", "re")) != NULL) {
		if (fscanf(f, "%llu %llu", &size, &rss) == 2) {
			s->size = size * (uint64_t)sysconf(_SC_PAGESIZE);
			s->rss = rss * (uint64_t)sysconf(_SC_PAGESIZE);
		}
		fclose(f);
	}
	s->started_s = started();
	s->files = open_files();
}
