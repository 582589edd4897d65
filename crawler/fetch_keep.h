/* fetch_keep.h - whether a connection is worth keeping. */
#ifndef FETCH_KEEP_H
#define FETCH_KEEP_H

struct fetch_keep;

/* idle: connections that can be kept. NULL: no memory. */
struct fetch_keep *fetch_keep_new(int idle);
void fetch_keep_free(struct fetch_keep *);
/* A request to host (as in the URL) and port begins: 1: keep its connection, 0:
 * close it when the answer has come. */
int fetch_keep_ask(struct fetch_keep *, const char *host, int port);

#endif
