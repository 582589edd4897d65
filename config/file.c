/* file.c - one file of settings: lines, sections, includes.
 *
 *	# a comment
 *	include conf.d/NAME.conf
 *	[section]		[site "*.example.org"]
 *	key = value		key += more, of a list
 *
 * Invariants
 *  F1  A file is read whole, at most FILE_MAX bytes of a regular file; lines
 *      have no bound of their own.
 *  F2  Includes nest at most DEPTH_MAX deep, never into a file that is being
 *      read, and are FILES_MAX in all.
 *  F3  A line that is wrong is a finding; reading goes on behind it.
 *  F4  An include leaves the section of the including file as it was. */
#include "config/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)
#define DEPTH_MAX 8
#define FILES_MAX 1000

struct reading {
	struct config *config;
	struct config_findings *findings;
	int files;
};

struct file {
	const struct file *outer; /* the one that includes this one */
	const char *path;
	dev_t dev;
	ino_t ino;
	int line, depth;
	char section[64]; /* "": none yet; "site" with site set */
	struct config_site *site;
	int skip; /* the section is unknown: said once, not for each key */
	char place[4200];
};

static void read_file(struct reading *, const char *, const struct file *);

static const char *
place(struct file *f)
{
	snprintf(f->place, sizeof(f->place), "%s:%d", f->path, f->line);
	return f->place;
}

static char *
trim(char *s)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s + strlen(s);
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return s;
}

/* [site "pattern"] */
static void
site_begin(struct reading *r, struct file *f, char *arg)
{
	size_t n = strlen(arg);

	f->site = NULL;
	f->skip = 1;
	if (n < 3 || arg[0] != '"' || arg[n - 1] != '"' ||
	    strpbrk(arg + 1, " \t\"") != arg + n - 1) {
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: section needs a host pattern in quotes, as in "
		    "[site \"*.example.org\"]",
		    place(f));
		return;
	}
	arg[n - 1] = '\0';
	f->site = config_site_add(r->config, arg + 1);
	if (f->site == NULL)
		config_finding(r->findings, CONFIG_ENOMEM,
		    "%s: more than 10000 [site] sections, or no memory",
		    place(f));
	f->skip = f->site == NULL;
}

static void
section_begin(struct reading *r, struct file *f, char *text)
{
	char *end = strrchr(text, ']'), *name;
	const char *near;

	f->skip = 1;
	if (end == NULL || trim(end + 1)[0] != '\0') {
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: section '%s' does not end in ']'", place(f), text);
		return;
	}
	*end = '\0';
	name = trim(text + 1);
	if (strncmp(name, "site", 4) == 0 &&
	    (name[4] == '\0' || strchr(" \t\"", name[4]) != NULL)) {
		snprintf(f->section, sizeof(f->section), "site");
		site_begin(r, f, trim(name + 4));
		return;
	}
	f->site = NULL;
	f->skip = !config_section_known(name);
	snprintf(f->section, sizeof(f->section), "%s", name);
	if (!f->skip)
		return;
	near = config_section_nearest(name);
	config_finding(r->findings, CONFIG_EINVALID,
	    "%s: [%s]: unknown section%s%s%s", place(f), name,
	    near ? ", did you mean [" : "", near ? near : "", near ? "]" : "");
}

static void
include_glob(struct reading *r, struct file *f, const char *pattern)
{
	glob_t g;
	int rc = glob(pattern, 0, NULL, &g);

	if (rc != 0 && rc != GLOB_NOMATCH)
		config_finding(r->findings, CONFIG_EOPEN,
		    "%s: include '%s': cannot read the directory", place(f),
		    pattern);
	for (size_t i = 0; rc == 0 && i < g.gl_pathc; i++)
		read_file(r, g.gl_pathv[i], f);
	globfree(&g);
}

/* A name is relative to the file it stands in; wildcards only in its last
 * part, where the look stays within one directory. */
static void
include(struct reading *r, struct file *f, const char *arg)
{
	const char *slash = strrchr(f->path, '/'), *last, *wild;
	char path[4096];
	int n;

	if (*arg == '\0') {
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: include names no file", place(f));
		return;
	}
	n = snprintf(path, sizeof(path), "%.*s%s",
	    arg[0] == '/' || slash == NULL ? 0 : (int)(slash - f->path + 1),
	    f->path, arg);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: include: path is too long", place(f));
		return;
	}
	wild = strpbrk(path, "*?[");
	last = strrchr(path, '/');
	if (wild == NULL)
		read_file(r, path, f);
	else if (last != NULL && wild < last)
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: include '%s': wildcards may stand in the file's name "
		    "only",
		    place(f), arg);
	else
		include_glob(r, f, path);
}

static void
no_value(struct reading *r, struct file *f, const char *text)
{
	char word[16];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, " \t"), text);
	config_finding(r->findings, CONFIG_EINVALID,
	    "%s: '%s': no '=', %s", place(f), text,
	    config_misspelt(word, "include") != UINT_MAX
		? "did you mean include?"
		: "write key = value");
}

static void
key_value(struct reading *r, struct file *f, char *text)
{
	char *eq = strchr(text, '='), *name;
	int add;

	if (eq == NULL) {
		no_value(r, f, text);
		return;
	}
	if (f->skip)
		return;
	add = eq > text && eq[-1] == '+';
	eq[add ? -1 : 0] = '\0';
	name = trim(text);
	if (f->section[0] == '\0') {
		config_finding(r->findings, CONFIG_EINVALID,
		    "%s: '%s' stands before the first [section]", place(f),
		    name);
		return;
	}
	config_assign(r->config, f->site, f->section, name, trim(eq + 1), add,
	    place(f), r->findings);
}

static void
read_line(struct reading *r, struct file *f, char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') ||
		    line[i] == 0x7f) {
			config_finding(r->findings, CONFIG_EINVALID,
			    "%s: control byte 0x%02x in the line", place(f),
			    (unsigned char)line[i]);
			return;
		}
	line = trim(line);
	if (*line == '\0' || *line == '#')
		return;
	if (*line == '[')
		section_begin(r, f, line);
	else if (strncmp(line, "include", 7) == 0 &&
		 (line[7] == '\0' || line[7] == ' ' || line[7] == '\t'))
		include(r, f, trim(line + 7));
	else
		key_value(r, f, line);
}

static void
read_lines(struct reading *r, struct file *f, char *text, size_t len)
{
	char *p = text, *end = text + len, *nl;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', end - p);
		if (nl == NULL)
			nl = end; /* text[len] is ours */
		*nl = '\0';
		f->line++;
		read_line(r, f, p, nl - p);
	}
}

/* The bytes of an open file, and one for a NUL behind them. */
static char *
slurp(int fd, size_t *len, const char **why)
{
	char *buf = malloc(FILE_MAX + 1);
	ssize_t n = 0;

	*len = 0;
	*why = "no memory";
	if (buf == NULL)
		return NULL;
	while (*len <= FILE_MAX &&
	       (n = read(fd, buf + *len, FILE_MAX + 1 - *len)) > 0)
		*len += n;
	if (n >= 0 && *len <= FILE_MAX)
		return buf;
	*why = n < 0 ? strerror(errno) : "larger than 1 MiB";
	free(buf);
	return NULL;
}

/* Fills dev and ino; NULL, or why the file is not to be read. */
static const char *
file_check(struct reading *r, struct file *f, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	for (const struct file *o = f->outer; o != NULL; o = o->outer)
		if (o->dev == f->dev && o->ino == f->ino)
			return "includes itself";
	if (f->depth > DEPTH_MAX)
		return "includes nest more than 8 deep";
	if (++r->files > FILES_MAX)
		return "more than 1000 files are included";
	return NULL;
}

static void
read_file(struct reading *r, const char *path, const struct file *outer)
{
	struct file *f = calloc(1, sizeof(*f));
	char *text = NULL;
	const char *why = "no memory";
	size_t len;
	int fd = -1;

	if (f == NULL)
		goto out;
	f->path = path;
	f->outer = outer;
	f->depth = outer ? outer->depth + 1 : 0;
	/* A FIFO would hold us at open. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	why = fd < 0 ? strerror(errno) : file_check(r, f, fd);
	if (why == NULL)
		text = slurp(fd, &len, &why);
	if (text != NULL) {
		why = NULL;
		read_lines(r, f, text, len);
	}
out:
	if (why != NULL && outer != NULL)
		config_finding(r->findings, CONFIG_EOPEN,
		    "%s:%d: include '%s': %s", outer->path, outer->line, path,
		    why);
	else if (why != NULL)
		config_finding(r->findings, CONFIG_EOPEN,
		    "cannot read config '%s': %s", path, why);
	if (fd >= 0)
		close(fd);
	free(text);
	free(f);
}

void
config_file(struct config *c, const char *path, struct config_findings *f)
{
	struct reading r = {.config = c, .findings = f};

	read_file(&r, path, NULL);
}
