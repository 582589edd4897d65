/* web_place.c - the places of http.listen, each an evhttp of its own: so a
 * request tells by which one it came. */
#include "crawler/web_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "crawler/log.h"

#define UNIX "unix:"
#define BACKLOG 64
/* Every method that evhttp knows: those that we refuse are told so by us. */
#define METHODS 0x7fff

/* With no descriptor left accept() would fail again at once, for ever. */
static void
accept_error_cb(struct evconnlistener *l, void *arg)
{
	static const struct timeval second = {1, 0};
	struct web_place *p = arg;

	(void)l;
	log_warn("cannot take an http client error=%s", strerror(errno));
	web_places_listen(p->web, 0);
	event_add(p->web->retry, &second);
}

void
web_places_listen(struct web *w, int on)
{
	size_t i;

	if (on && event_pending(w->retry, EV_TIMEOUT, NULL))
		return;
	for (i = 0; i < WEB_PLACES; i++) {
		if (w->places[i] == NULL)
			continue;
		if (on)
			evconnlistener_enable(w->places[i]->listener);
		else
			evconnlistener_disable(w->places[i]->listener);
	}
}

/* A socket lies there, and nobody listens at it: a killed daemon left it. */
static int
socket_is_dead(const struct sockaddr_un *sa)
{
	struct stat st;
	int fd, dead;

	if (lstat(sa->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	dead = fd >= 0 &&
	       connect(fd, (const struct sockaddr *)sa, sizeof *sa) != 0 &&
	       errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return dead;
}

/* The mode of a unix socket lets in the group, as that of the control socket.
 */
static struct evconnlistener *
listen_unix(struct web_place *p)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct evconnlistener *l;
	mode_t mask;

	if (strlen(p->path) >= sizeof sa.sun_path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(sa.sun_path, p->path);
	if (socket_is_dead(&sa))
		unlink(p->path);
	mask = umask(0117);
	l = evconnlistener_new_bind(p->web->base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
	    (struct sockaddr *)&sa, sizeof sa);
	umask(mask);
	return l;
}

static struct evconnlistener *
listen_address(struct web_place *p)
{
	struct sockaddr_storage sa;
	int len = sizeof sa;
	unsigned only;

	memset(&sa, 0, sizeof sa);
	if (evutil_parse_sockaddr_port(p->at, (struct sockaddr *)&sa, &len) !=
	    0) {
		errno = EINVAL;
		return NULL;
	}
	only = sa.ss_family == AF_INET6 ? LEV_OPT_BIND_IPV6ONLY : 0;
	return evconnlistener_new_bind(p->web->base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
		only,
	    BACKLOG, (struct sockaddr *)&sa, len);
}

static int
place_serve(struct web_place *p)
{
	static const struct timeval idle = {10, 0};

	if ((p->http = evhttp_new(p->web->base)) == NULL)
		return -1;
	evhttp_set_allowed_methods(p->http, METHODS);
	evhttp_set_max_headers_size(p->http, WEB_HEAD_MAX);
	evhttp_set_max_body_size(p->http, 0);
	evhttp_set_timeout_tv(p->http, &idle);
	evhttp_set_bevcb(p->http, web_client_new, p);
	evhttp_set_gencb(p->http, web_handle, p);
	evhttp_set_default_content_type(p->http, NULL);
	if (evhttp_bind_listener(p->http, p->listener) == NULL)
		return -1;
	evconnlistener_set_error_cb(p->listener, accept_error_cb);
	return 0;
}

struct web_place *
web_place_open(struct web *w, const char *at, char *err, size_t errlen)
{
	struct web_place *p = calloc(1, sizeof *p);

	if (p == NULL) {
		snprintf(err, errlen, "no memory");
		return NULL;
	}
	p->web = w;
	snprintf(p->at, sizeof p->at, "%s", at);
	if (strncmp(p->at, UNIX, strlen(UNIX)) == 0)
		p->path = p->at + strlen(UNIX);
	errno = ENOMEM;
	p->listener = p->path != NULL ? listen_unix(p) : listen_address(p);
	if (p->listener == NULL) {
		snprintf(err, errlen,
		    "cannot listen at '%s': %s; set http.listen", p->at,
		    strerror(errno));
		free(p);
		return NULL;
	}
	if (place_serve(p) != 0) {
		snprintf(err, errlen, "no memory");
		web_place_close(p);
		return NULL;
	}
	log_each(LOG_NOTICE, "http listens at=%s", p->at);
	return p;
}

void
web_place_close(struct web_place *p)
{
	if (p == NULL)
		return;
	if (p->http == NULL)
		evconnlistener_free(p->listener);
	else
		evhttp_free(p->http); /* its listener and connections too */
	if (p->path != NULL)
		unlink(p->path);
	log_each(LOG_NOTICE, "http no longer listens at=%s", p->at);
	free(p);
}
