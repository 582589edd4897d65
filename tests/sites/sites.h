/* sites.h - winnow-sites: small web sites for tests and the first try.
 *
 *	site.c	 a site from its folder: attributes, articles, routes, templates
 *	page.c	 templates with {{names}} to pages
 *	encode.c pages to the site's bytes, damaged where the site does that
 *	serve.c	 HTTP, the request log
 *	dns.c	 the name server that knows the sites
 *	bulk.c	 many generated pages on disk, for benchmarks
 *	main.c	 options, start, stop
 *
 * A site's folder holds site.txt (name: value lines), articles.txt, robots.txt
 * and templates. All of it is UTF-8 and trusted: it is part of this tree. */
#ifndef SITES_H
#define SITES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct event_base;

struct attr {
	char *name, *value;
};

struct attrs {
	struct attr *v;
	size_t n;
};
/* "" when there is no such attribute. */
const char *attr_get(const struct attrs *, const char *name);

struct article {
	struct attrs attrs; /* path, title, date, source ... */
	char **paragraphs;
	size_t nparagraphs;
};

/* A fixed answer: "route: PATH STATUS WHAT". WHAT is the target of a redirect,
 * a template's name, or "type:bytes" for a file of noise. */
struct route {
	char *path, *what;
	int status;
};

struct site {
	char *dir;
	struct attrs attrs;
	struct article *articles;
	size_t narticles;
	struct route *routes;
	size_t nroutes;
	int port;
};

/* Ends the program with a message when the folder is not in order. */
struct site *site_load(const char *dir);
void site_free(struct site *);
/* A file of the folder, NUL-terminated; NULL: not there. Caller frees. */
char *site_file(const struct site *, const char *name, size_t *len);
/* How many list pages, and the path of the n-th, counted from 1. */
size_t site_list_pages(const struct site *);
void site_list_path(const struct site *, size_t n, char *path, size_t len);
struct article *site_article(const struct site *, const char *path);

/* The UTF-8 text of a page; *type is its media type. 200, 301, 404... as its
 * status; *body is NULL for a redirect, whose target is then in *type. Caller
 * frees both. */
int page_make(const struct site *, const char *uri, char **body, size_t *len,
    char **type);

/* In place of text, the bytes as the site sends them. */
void encode_page(const struct site *, const struct article *, char **text,
    size_t *len);
/* A gzip member of the bytes; caller frees. */
void *encode_gzip(const void *, size_t len, size_t *out_len, int level);

/* One process, one log. */
struct server;
struct server *server_new(struct event_base *, struct site **, size_t n);
void server_free(struct server *);
/* Binds every site to its address on one port; 0: a free one. The port, or
 * -1. */
int server_bind(struct server *, int port);

struct evdns_server_port;
/* UDP on 127.0.0.1; port 0: a free one. The port, or -1. */
int dns_start(struct event_base *, struct site **, size_t n, int port,
    struct evdns_server_port **);

struct bulk {
	const char *dir;
	int pages, hosts, port, gzip;
};
/* 0, or 1 with a message on stderr. */
int bulk_write(const struct bulk *, struct site **, size_t n);

int64_t now_ms(void); /* monotonic */
/* Memory or the end of the program. */
void *must(void *);

#endif
