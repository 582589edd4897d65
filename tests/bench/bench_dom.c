/* bench_dom.c - the least that reading a page can cost: the yardstick of the
 * workers.
 *
 *	bench_dom FILE...	(or a list of names on standard input)
 *
 * For each file, gzipped or not: inflate (zlib, as most programs would), libxml2's
 * DOM parse of it as UTF-8 (htmlCtxtReadMemory), a walk over all text nodes.
 * Prints one line of key=value: pages, bytes, user+sys CPU per page. */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/bench/bench.h"

static size_t
walk(const xmlNode *root)
{
	const xmlNode *n = root;
	size_t text = 0;

	while (n != NULL) {
		if (n->type == XML_TEXT_NODE && n->content != NULL)
			text += strlen((const char *)n->content);
		if (n->children != NULL && n->type == XML_ELEMENT_NODE) {
			n = n->children;
			continue;
		}
		while (n != root && n->next == NULL)
			n = n->parent;
		if (n == root)
			break;
		n = n->next;
	}
	return text;
}

static char page[16 << 20];

int
main(int argc, char **argv)
{
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();
	char name[4096];
	unsigned long pages = 0;
	unsigned long long bytes = 0, text = 0;
	double begin = bench_cpu(), used;
	int i = 0;

	while (argc > 1 ? ++i < argc : fgets(name, sizeof name, stdin) != NULL) {
		const char *path = argc > 1 ? argv[i] : name;
		gzFile f;
		int n;
		xmlDoc *doc;

		name[strcspn(name, "\n")] = '\0';
		if ((f = gzopen(path, "rb")) == NULL)
			continue;
		n = gzread(f, page, sizeof page);
		gzclose(f);
		if (n <= 0)
			continue;
		doc = htmlCtxtReadMemory(ctxt, page, n, NULL, "UTF-8",
		    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
			HTML_PARSE_NONET);
		pages++;
		bytes += (unsigned long long)n;
		if (doc != NULL)
			text += walk(xmlDocGetRootElement(doc));
		xmlFreeDoc(doc);
	}
	used = bench_cpu() - begin;
	printf("bench dom pages=%lu bytes=%llu text=%llu cpu_ms_per_page=%.3f\n",
	    pages, bytes, text, pages > 0 ? used * 1000 / (double)pages : 0);
	htmlFreeParserCtxt(ctxt);
	return 0;
}
