/* control_client.c - the client's side of control.h. */
#include "crawler/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int
send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = send(fd, p, n, MSG_NOSIGNAL);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

static char *
read_answer(int fd)
{
	size_t len = 0, cap = 65536;
	char *b = malloc(cap), *grown;
	ssize_t r;

	while (b != NULL) {
		if (len + 1 >= cap) {
			if ((grown = realloc(b, cap *= 2)) == NULL)
				break;
			b = grown;
		}
		r = read(fd, b + len, cap - len - 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) {
			b[len] = '\0';
			if (r == 0 && len > 0)
				return b;
			break;
		}
		len += (size_t)r;
	}
	free(b);
	return NULL;
}

/* Every answer ends with its line: a daemon that stops, or lets a client go for
 * others, may leave the begin of one. */
static int
is_whole(const char *answer)
{
	return answer[strlen(answer) - 1] == '\n';
}

/* Connected, or -1. */
static int
client_connect(const char *path, int patience)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct timeval limit = {patience, 0}, send = {CONTROL_PATIENCE, 0};
	int fd, saved;

	if (strlen(path) >= sizeof sa.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sa.sun_path, path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* What to do about it. */
static const char *
advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "; be root or of the daemon's group";
	case ENOENT:
	case ECONNREFUSED:
		return "; is it running?";
	case EAGAIN:
		return "; it is busy with others";
	default:
		return "";
	}
}

int
control_ask(const char *path, const char *command, const void *rest, size_t len,
    int patience, char **answer, char *err, size_t errlen)
{
	int fd = client_connect(path, patience);

	*answer = NULL;
	if (fd < 0) {
		snprintf(err, errlen, "cannot reach winnowd at '%s': %s%s",
		    path, strerror(errno), advice(errno));
		return -1;
	}
	/* An answer may come before all was sent: that it is too much. */
	if (send_all(fd, command, strlen(command)) == 0 &&
	    send_all(fd, "\n", 1) == 0 &&
	    (len == 0 || send_all(fd, rest, len) == 0))
		shutdown(fd, SHUT_WR);
	*answer = read_answer(fd);
	close(fd);
	if (*answer != NULL && is_whole(*answer))
		return 0;
	snprintf(err, errlen, "winnowd at '%s' %s", path,
	    *answer == NULL ? "did not answer"
			    : "broke off its answer; ask again");
	free(*answer);
	*answer = NULL;
	return -1;
}
