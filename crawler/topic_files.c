/* topic_files.c - the examples of a topic, as bytes for the job that learns of
 * them: see topic.h.
 *
 * Folders are read in the order of names, so that the same folder gives the
 * same topic on every machine, and not below: a folder in it may be anything.
 */
#include "crawler/topic.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleaner/winnow.h"
#include "crawler/job.h"

#define FILE_MOST (8 << 20) /* of one file; the rest of it is left out */

struct reading {
	struct wire_out *body;
	int files, left_out;
	char *err;
	size_t errlen;
};

static int
fail(struct reading *r, const char *path)
{
	snprintf(r->err, r->errlen, "cannot read '%.300s': %s", path,
	    strerror(errno));
	return -1;
}

static int
is_example(const struct dirent *d)
{
	return winnow_topic_is_example(d->d_name);
}

static int
read_file(struct reading *r, const char *path)
{
	static const size_t most = FILE_MOST;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *b = malloc(most);
	ssize_t n = 0;
	size_t len = 0;

	if (b == NULL)
		errno = ENOMEM;
	while (fd >= 0 && b != NULL && len < most &&
	       (n = read(fd, b + len, most - len)) > 0)
		len += (size_t)n;
	if (fd < 0 || b == NULL || n < 0) {
		fail(r, path);
		n = -1;
	} else if (r->files == TOPIC_FILES ||
		   r->body->len + len > TOPIC_BYTES) {
		r->left_out = 1;
	} else {
		job_topic_file(r->body, b, len);
		r->files++;
	}
	free(b);
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static int
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
read_folder(struct reading *r, const char *path)
{
	struct dirent **d;
	char name[4352];
	int i, n = scandir(path, &d, is_example, alphasort), rc = 0;

	if (n < 0)
		return fail(r, path);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof name, "%s/%s", path, d[i]->d_name);
		if (rc == 0 && !r->left_out && is_file(name))
			rc = read_file(r, name);
		free(d[i]);
	}
	free(d);
	return rc;
}

int
topic_files(const char *const *paths, struct wire_out *body, int *left_out,
    char *err, size_t errlen)
{
	struct reading r = {.body = body, .err = err, .errlen = errlen};
	struct stat st;
	int rc = 0;

	for (; rc == 0 && *paths != NULL; paths++)
		if (stat(*paths, &st) != 0)
			rc = fail(&r, *paths);
		else
			rc = S_ISDIR(st.st_mode) ? read_folder(&r, *paths)
						 : read_file(&r, *paths);
	*left_out = r.left_out;
	if (rc == 0 && body->err) {
		snprintf(err, errlen, "no memory");
		rc = -1;
	}
	return rc == 0 ? r.files : -1;
}
