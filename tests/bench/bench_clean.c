/* bench_clean.c - how fast pages are cleaned, beside a bare libxml2 parse.
 *
 * In one run, over the same pages in memory as UTF-8: libxml2 builds its tree
 * and its text is walked; winnow_clean() and winnow_record() make the finished
 * line. The better of ROUNDS rounds of each is taken, in turns, so that both
 * see the same machine. */
#include <libxml/HTMLparser.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "tests/bench/bench.h"
#include "tests/cleaner/corpus.h"

enum { ROUNDS = 3 };

/* Length of all text below n: what any reader of the tree does at least. */
static size_t
walk(const xmlNode *n)
{
	size_t len = 0;

	for (; n != NULL; n = n->next) {
		if (n->type == XML_TEXT_NODE)
			len += strlen((const char *)n->content);
		else
			len += walk(n->children);
	}
	return len;
}

static double
round_dom(const struct corpus *c, size_t *sum)
{
	double t = bench_cpu();
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();
	size_t i;

	for (i = 0; i < c->n; i++) {
		xmlDocPtr d = htmlCtxtReadMemory(ctxt, c->v[i].bytes,
		    (int)c->v[i].len, NULL, "UTF-8",
		    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
			HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
			HTML_PARSE_IGNORE_ENC);

		if (d == NULL)
			continue;
		*sum += walk(d->children);
		xmlFreeDoc(d);
	}
	htmlFreeParserCtxt(ctxt);
	return bench_cpu() - t;
}

static double
round_clean(const struct corpus *c, struct winnow *w, size_t *sum)
{
	double t = bench_cpu();
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct winnow_page p = {.body = c->v[i].bytes,
		    .body_len = c->v[i].len,
		    .url = "http://example.com/a",
		    .now = 1770000000};
		const struct winnow_doc *d;
		struct winnow_line l;

		if (winnow_clean(w, &p, &d) == 0 &&
		    winnow_record(w, d, NULL, &l) == 0)
			*sum += l.len;
	}
	return bench_cpu() - t;
}

/* What of round_clean() is SHA-256: on processors without instructions for it
 * a good part, and no other cleaner makes one. */
static double
round_digest(const struct corpus *c)
{
	double t = bench_cpu();
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	size_t i;

	for (i = 0; i < c->n; i++)
		EVP_Digest(c->v[i].bytes, c->v[i].len, sum, NULL, md, NULL);
	EVP_MD_free(md);
	return bench_cpu() - t;
}

/* Each stage's share of one round, by the clock around it. */
static void
stage_shares(const struct corpus *c, struct winnow *w)
{
	static const struct {
		const char *name;
		int (*run)(struct wn_doc *);
	} stages[] = {{"decode", wn_stage_decode}, {"parse", wn_stage_parse},
	    {"links", wn_stage_links}, {"blocks", wn_stage_blocks},
	    {"meta", wn_stage_meta}, {"extract", wn_stage_extract},
	    {"normalise", wn_stage_normalise}, {"quality", wn_stage_quality},
	    {"fingerprint", wn_stage_fingerprint}};
	enum { N = sizeof(stages) / sizeof(stages[0]) };
	double sum[N] = {0}, all = 0, t;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		struct wn_doc *d = &w->doc;

		wn_arena_reset(w->arena);
		w->page = (struct winnow_page){.body = c->v[i].bytes,
		    .body_len = c->v[i].len,
		    .now = 1770000000,
		    .url = "http://example.com/a"};
		*d = (struct wn_doc){
		    .w = w, .arena = w->arena, .page = &w->page};
		d->pub.text = "";
		winnow_url_parse(
		    &d->url, w->page.url, strlen(w->page.url), NULL, NULL);
		for (k = 0; k < N; k++) {
			t = bench_cpu();
			if (stages[k].run(d) != 0)
				break;
			sum[k] += bench_cpu() - t;
		}
	}
	for (k = 0; k < N; k++)
		all += sum[k];
	for (k = 0; k < N; k++)
		printf("  %-12s %5.1f %%  %6.3f ms a page\n", stages[k].name,
		    100 * sum[k] / all, 1e3 * sum[k] / (double)c->n);
}

/* The pages as UTF-8, so that both sides read the same bytes. */
static size_t
to_utf8(struct corpus *c, struct winnow *w)
{
	const char *encoding, *text;
	size_t i, len, all = 0;
	char *copy;

	for (i = 0; i < c->n; i++) {
		if (winnow_decode(w, c->v[i].bytes, c->v[i].len, NULL,
			&encoding, &text, &len) == 0 &&
		    (copy = malloc(len + 1)) != NULL) {
			memcpy(copy, text, len);
			copy[len] = '\0';
			free(c->v[i].bytes);
			c->v[i].bytes = copy;
			c->v[i].len = len;
		}
		all += c->v[i].len;
	}
	return all;
}

int
main(void)
{
	struct corpus c;
	struct winnow *w;
	double dom = 1e9, clean = 1e9, digest = 1e9, t, mb;
	size_t sum = 0, r;

	corpus_load(&c);
	if (c.n == 0) {
		printf("skip - bench_clean: no corpus in WINNOW_SHARED\n");
		return 0;
	}
	if (winnow_new(&w, NULL) != 0)
		return 1;
	mb = (double)to_utf8(&c, w) / 1e6;
	for (r = 0; r < ROUNDS; r++) {
		if ((t = round_dom(&c, &sum)) < dom)
			dom = t;
		if ((t = round_clean(&c, w, &sum)) < clean)
			clean = t;
		if ((t = round_digest(&c)) < digest)
			digest = t;
	}
	printf("clean: %zu pages, %.1f MB, best of %d rounds (checksum %zu)\n",
	    c.n, mb, ROUNDS, sum);
	printf("  libxml2 DOM + walk      %7.1f MB/s %8.0f pages/s\n", mb / dom,
	    (double)c.n / dom);
	printf("  winnow clean + record   %7.1f MB/s %8.0f pages/s\n",
	    mb / clean, (double)c.n / clean);
	printf("  of that SHA-256         %7.1f %%\n", 100 * digest / clean);
	printf("  ratio                   %7.2f x, without the digest %.2f x\n",
	    dom / clean, dom / (clean - digest));
	stage_shares(&c, w);
	winnow_free(w);
	corpus_free(&c);
	xmlCleanupParser();
	return 0;
}
