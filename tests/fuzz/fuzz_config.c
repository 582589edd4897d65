/* fuzz_config.c - any bytes as winnowd.conf.
 *
 * What is read must print, and what is printed must be what was read: the
 * general values, as overrides, make the same config (invariant V1). */
#include "config/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 200

/* "section.key = value  # where" to "section.key=value". */
static size_t
as_overrides(char *text, const char **lines)
{
	size_t n = 0;
	char *line, *eq, *where, *save;

	for (line = strtok_r(text, "\n", &save); line != NULL && n < LINES_MAX;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "site \"", 6) == 0)
			break;
		eq = strstr(line, " = ");
		where = NULL;
		for (char *p = eq; (p = strstr(p, "  # ")) != NULL; p++)
			where = p;
		assert(eq != NULL && where != NULL);
		*where = '\0';
		memmove(eq, eq + 1, strlen(eq));
		lines[n++] = line;
	}
	lines[n] = NULL;
	return n;
}

static void
round_trip(const struct config *c)
{
	const char *lines[LINES_MAX + 1];
	struct config *d;
	char err[1024], *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	config_print(c, NULL, f);
	fclose(f);
	as_overrides(text, lines);
	assert(config_load(&d, NULL, lines, NULL, err, sizeof(err)) == 0);
	config_free(d);
	free(text);
	f = open_memstream(&text, &len);
	config_print(c, "www.example.org", f);
	config_warn(c, f);
	fclose(f);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c;
	char path[64], err[1024];
	int fd = memfd_create("config", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	config_load(&c, path, NULL, NULL, err, sizeof(err));
	if (c != NULL)
		round_trip(c);
	config_free(c);
	close(fd);
	return 0;
}
