/* test_docs.c - the sample and the manual say what keys.def says.
 *
 * With --write it brings both up to date. Runs in the root of the tree. */
#include "config/impl.h"
#include "tests/test.h"

#define SAMPLE "config/winnowd.conf.sample"
#define MANUAL "config/winnowd.conf.5"
#define BEGIN ".\\\" begin keys.def\n"
#define END ".\\\" end keys.def\n"

static char *
made(void (*print)(FILE *))
{
	char *buf = NULL;
	size_t len;
	FILE *f = open_memstream(&buf, &len);

	print(f);
	fclose(f);
	return buf;
}

/* The file, or "" when it cannot be read. */
static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *buf = calloc(1, 1 << 20);

	if (f != NULL) {
		buf[fread(buf, 1, (1 << 20) - 1, f)] = '\0';
		fclose(f);
	}
	return buf;
}

/* The manual with `keys` between its marks. */
static char *
manual_with(const char *manual, const char *keys)
{
	const char *b = strstr(manual, BEGIN), *e = strstr(manual, END);
	char *buf = NULL;
	size_t len;
	FILE *f = open_memstream(&buf, &len);

	if (b != NULL && e != NULL)
		fprintf(f, "%.*s%s%s", (int)(b - manual + strlen(BEGIN)),
		    manual, keys, e);
	fclose(f);
	return buf;
}

static void
spit(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		perror(path);
}

static void
docs(int write)
{
	char *sample = made(config_print_sample), *have = slurp(SAMPLE);
	char *keys = made(config_print_mdoc), *manual = slurp(MANUAL);
	char *want = manual_with(manual, keys);

	if (write) {
		spit(SAMPLE, sample);
		spit(MANUAL, want);
	} else {
		TEST("config: the sample file says what keys.def says")
		CHECK(strcmp(have, sample) == 0);
		TEST("config: the manual page says what keys.def says")
		CHECK(strcmp(manual, want) == 0);
	}
	free(sample);
	free(have);
	free(keys);
	free(manual);
	free(want);
}

/* The sample with every key's # taken away, at `path`. */
static void
write_uncommented(const char *path)
{
	char *sample = made(config_print_sample), *p;
	FILE *f = fopen(path, "w");

	for (p = strtok(sample, "\n"); p != NULL; p = strtok(NULL, "\n"))
		if (p[0] != '#')
			fprintf(f, "%s\n", p);
		else if (p[1] != ' ' && strncmp(p, "#include", 8) != 0)
			fprintf(f, "%s\n", p + 1);
	fclose(f);
	free(sample);
}

/* Each key's example, alone, as -o has it. */
static void
examples(void)
{
	char text[512], err[4096];
	const char *const over[] = {text, NULL};
	const struct config_key *k;
	struct config *c, *d;

	CHECK_INT(config_load(&d, NULL, NULL, NULL, err, sizeof(err)), 0);
	for (int i = 0; i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		snprintf(text, sizeof(text), "%s.%s=%s", k->section, k->name,
		    k->example);
		/* Alone it would mean nothing, and is refused. */
		if (i == CONFIG_N_topic_min_score)
			continue;
		config_load(&c, NULL, over, NULL, err, sizeof(err));
		CHECK_STR(err, "");
		CHECK(c != NULL && config_diff(d, c, stderr) == 1);
		config_free(c);
	}
	config_free(d);
}

int
main(int argc, char **argv)
{
	static const char path[] = "/tmp/winnow-test-sample.conf";
	struct config *c, *d;
	char err[4096];

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		docs(1);
		return 0;
	}
	docs(0);
	TEST("config: each key's example is a good value, and not the default")
	examples();
	TEST("config: the sample with every # taken away is the defaults")
	{
		write_uncommented(path);
		CHECK_INT(
		    config_load(&c, path, NULL, NULL, err, sizeof(err)), 0);
		CHECK_STR(err, "");
		CHECK_INT(
		    config_load(&d, NULL, NULL, NULL, err, sizeof(err)), 0);
		if (c != NULL && d != NULL) /* site "*.example.org" says two */
			CHECK_INT(config_diff(d, c, stdout), 2);
		config_free(c);
		config_free(d);
		remove(path);
	}
	return test_end();
}
