/* multi.h - libcurl's multi interface on a libevent loop. */
#ifndef MULTI_H
#define MULTI_H

#include <curl/curl.h>

struct event_base;
struct multi;

/* turn: called after libcurl has done something, at the top of an event
 * callback: the place for curl_multi_info_read(). keep: connections kept when
 * idle. NULL: no memory. */
struct multi *multi_new(
    struct event_base *, int keep, void (*turn)(void *arg), void *arg);
/* socket(easy, fd): fd is what the easy handle talks over now. Of several that
 * share a connection one is named. */
void multi_on_socket(struct multi *, void (*socket)(CURL *, curl_socket_t));
/* Its easy handles are removed before. */
void multi_free(struct multi *);
/* Each easy handle once, before its first transfer. 0 or -1. */
int multi_easy(struct multi *, CURL *);
/* Ends the connections that rest, for want of descriptors: libcurl finds them
 * dead and closes them when a transfer begins, at most once a second. May be
 * called below libcurl. */
void multi_end_resting(struct multi *);
CURLM *multi_curl(struct multi *);

#endif
