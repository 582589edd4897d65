/* clean_site.c - see clean_site.h.
 *
 * Two passes: the first learns from all pages, the second cleans each with what
 * was learned. The pages of a folder are one site; those of a WARC file belong
 * to the hosts of their addresses. Pages come in the order of their names, or
 * of the file, so the same folder gives the same lines.
 *
 * Invariants
 *  CS1  Memory is bounded: a page at a time, SITES memories, the names.
 *  CS2  A page is learned from once and printed once. */
#include "cleaner/clean_site.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cleaner/batch.h"
#include "cleaner/clean_warc.h"

enum {
	SOME = 5,
	NOTHING = 7,
	SITES = 512,     /* hosts of a WARC file that are learned about */
	NAMES = 4 << 20, /* files of a folder */
	DEPTH = 32
};

/* ---- names -------------------------------------------------------------- */

struct names {
	char **v;
	size_t n, cap;
	int err; /* errno */
};

static void
names_add(struct names *l, char *name)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		char **v = realloc(l->v, cap * sizeof(*v));

		if (v == NULL || cap > NAMES) {
			l->err = ENOMEM;
			free(name);
			l->v = v != NULL ? v : l->v;
			return;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = name;
}

static void
names_free(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of pages, as servers and `wget -r` give them: without an ending, or
 * with one of these. */
static int
is_page(const char *name)
{
	static const char *const endings[] = {"html", "htm", "shtml", "xhtml",
	    "shtm", "php", "asp", "aspx", "jsp", "jspx", "do", "action", "cgi"};
	const char *dot = strrchr(name, '.'), *query = strchr(name, '?');

	if (dot == NULL || query != NULL)
		return 1;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return 1;
	return strspn(dot + 1, "0123456789") == strlen(dot + 1);
}

static char *
join(const char *a, const char *b)
{
	char *s;

	return asprintf(&s, "%s%s%s", a, *a != '\0' ? "/" : "", b) < 0 ? NULL
								       : s;
}

/* The pages below root/at. Links to folders are not followed. */
static void
list(struct names *l, const char *root, const char *at, int depth)
{
	char *path = join(root, at), *name, *full;
	DIR *d = path != NULL ? opendir(path) : NULL;
	struct dirent *e;
	struct stat st;

	if (d == NULL)
		l->err = path == NULL ? ENOMEM : errno;
	while (d != NULL && l->err == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		name = join(at, e->d_name);
		full = name != NULL ? join(root, name) : NULL;
		if (full == NULL) {
			l->err = ENOMEM;
			free(name);
		} else if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
			if (depth < DEPTH)
				list(l, root, name, depth + 1);
			free(name);
		} else if (stat(full, &st) == 0 && S_ISREG(st.st_mode) &&
			   is_page(e->d_name)) {
			names_add(l, name);
		} else {
			free(name);
		}
		free(full);
	}
	if (d != NULL)
		closedir(d);
	free(path);
}

/* ---- a page -------------------------------------------------------------- */

struct counts {
	unsigned long pages, articles, bad;
};

struct run {
	const struct site_clean *c;
	struct winnow *w;
	const char *path;
	int learns; /* the first pass */
	struct counts n;
	uint64_t host[SITES];
	struct winnow_site *site[SITES];
	size_t nsites;
};

static void
complain(struct run *r, const char *name, const char *what)
{
	r->n.bad++;
	fprintf(stderr, "winnow clean: '%s': %s%s%s\n", r->path,
	    name != NULL ? name : "", name != NULL ? ": " : "", what);
}

/* The memory of a host; NULL: there are too many of them, or no memory. */
static struct winnow_site *
site_of(struct run *r, uint64_t host)
{
	size_t i = 0;

	while (i < r->nsites && r->host[i] != host)
		i++;
	if (i < r->nsites)
		return r->site[i];
	if (i == SITES || winnow_site_new(&r->site[i], 0) != 0)
		return NULL;
	r->host[i] = host;
	r->nsites++;
	return r->site[i];
}

static uint64_t
hash_name(const char *s)
{
	uint64_t h = 14695981039346656037ull;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211ull;
	return h;
}

/* name: of the file, or the page's address. */
static void
page_in(struct run *r, struct winnow_page *page, const struct winnow_fetch *f,
    const char *name, int is_file)
{
	const struct winnow_doc *d;
	struct winnow_url u;
	struct winnow_site *site;
	uint64_t host = 0;
	int err;

	if (!is_file && page->url != NULL &&
	    winnow_url_parse(&u, page->url, strlen(page->url), NULL, NULL) == 0)
		host = winnow_url_key(&u, 0).host;
	site = site_of(r, host);
	page->learn = r->learns;
	if (!r->learns && site != NULL)
		winnow_site_view(site, &page->site, &page->site_len);
	if ((err = winnow_clean(r->w, page, &d)) == WINNOW_ECHARSET) {
		page->charset = r->c->page.charset; /* the file's is none */
		err = winnow_clean(r->w, page, &d);
	}
	if (err == WINNOW_ETYPE)
		return;
	if (r->learns) {
		if (err == 0 && site != NULL)
			winnow_site_learn(
			    site, d->lesson, d->lesson_len, hash_name(name), 0);
		return;
	}
	if (err == 0) {
		r->n.pages++;
		r->n.articles += d->text_len > 0;
		err = r->c->print(r->c->arg, r->w, d, f, is_file ? name : NULL);
	}
	if (err != 0)
		complain(r, name, winnow_strerror(err));
}

/* ---- folders ------------------------------------------------------------- */

static void
file_in(struct run *r, const char *name)
{
	struct winnow_page page = r->c->page;
	char *path = join(r->path, name), *body = NULL, *url = NULL;
	FILE *f = path != NULL ? fopen(path, "rb") : NULL;
	const char *at = r->c->page.url;

	if (f == NULL || (body = batch_read_file(f, &page.body_len)) == NULL) {
		if (r->learns) /* said once */
			complain(r, name, strerror(errno));
	} else {
		page.body = body;
		if (at != NULL && *at != '\0' &&
		    asprintf(&url, "%s%s%s", at,
			at[strlen(at) - 1] == '/' ? "" : "/", name) >= 0)
			page.url = url;
		page_in(r, &page, NULL, name, 1);
	}
	if (f != NULL)
		fclose(f);
	free(url);
	free(body);
	free(path);
}

static int
folder_in(struct run *r)
{
	struct names l = {0};

	list(&l, r->path, "", 0);
	if (l.err != 0)
		fprintf(stderr, "winnow clean: cannot read '%s': %s\n", r->path,
		    strerror(l.err));
	else {
		qsort(l.v, l.n, sizeof(*l.v), by_name);
		for (int pass = 0; pass < 2; pass++) {
			r->learns = pass == 0;
			for (size_t i = 0; i < l.n; i++)
				file_in(r, l.v[i]);
		}
	}
	names_free(&l);
	return l.err != 0;
}

/* ---- WARC files ---------------------------------------------------------- */

static int
warc_page(void *arg, struct winnow *w, struct winnow_page *page,
    const struct winnow_fetch *f)
{
	struct run *r = arg;

	(void)w;
	page_in(r, page, f, page->url != NULL ? page->url : "", 0);
	return 1; /* of articles the run keeps count itself */
}

static int
warc_in(struct run *r)
{
	struct warc_clean c = {.page = r->c->page,
	    .now_said = r->c->now_said,
	    .page_in = warc_page,
	    .arg = r};
	int status = 0;

	for (int pass = 0; pass < 2; pass++) {
		FILE *f = fopen(r->path, "rb");

		r->learns = pass == 0;
		if (f == NULL) {
			fprintf(stderr, "winnow clean: cannot read '%s': %s\n",
			    r->path, strerror(errno));
			return 1;
		}
		status = wn_clean_warc(&c, r->w, f, r->path, "", 0);
		fclose(f);
		if (status == 1)
			return 1;
	}
	r->n.bad += status == SOME;
	return 0;
}

int
wn_clean_site(const struct site_clean *c, struct winnow *w, const char *path)
{
	struct run *r = calloc(1, sizeof(*r));
	struct stat st;
	int err;

	if (r == NULL)
		return 1;
	r->c = c;
	r->w = w;
	r->path = path;
	err = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? folder_in(r)
							  : warc_in(r);
	if (err == 0 && r->n.bad > 0)
		err = SOME;
	if (err == 0 && r->n.articles == 0) {
		err = NOTHING;
		fprintf(stderr, "winnow clean: '%s': no %s\n", path,
		    r->n.pages > 0 ? "article on any of its pages"
				   : "page in it");
	}
	for (size_t i = 0; i < r->nsites; i++)
		winnow_site_free(r->site[i]);
	free(r);
	return err;
}
