/* replay.c - a fuzz target without a fuzzer: runs it once on each file of some
 * folders. What was found once stays fixed (check_corpus.sh).
 *
 *	replay_NAME FOLDER|FILE... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static unsigned long files;

/* The bytes in a block of just their size, so that a byte too far is seen. */
static void
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *b = NULL;
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0 ||
	    (b = malloc(n > 0 ? (size_t)n : 1)) == NULL) {
		perror(path);
		exit(1);
	}
	rewind(f);
	if (fread(b, 1, (size_t)n, f) != (size_t)n)
		exit(1);
	fclose(f);
	/* Names what an abort was about: the last line. */
	printf("  %s\n", path);
	fflush(stdout);
	alarm(60);
	(void)LLVMFuzzerTestOneInput(b, (size_t)n);
	free(b);
	files++;
}

static void
run(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[4096];

	if (d == NULL) {
		run_file(path);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		run_file(name);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("%lu inputs\n", files);
	return files == 0;
}
