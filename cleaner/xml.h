/* xml.h - a scanner for XML as it is found: sitemaps and feeds.
 *
 *	struct wn_xml x;
 *
 *	wn_xml_begin(&x, text, len);
 *	while ((ev = wn_xml_next(&x)) != WN_XML_END)
 *		...
 *
 * It goes on where a parser must stop: a bare &, a control character, an
 * unknown entity, white space before the declaration, a cut file. It expands
 * no entity of the file's own, opens nothing, keeps no stack: time and memory
 * are those of one pass. */
#ifndef WN_XML_H
#define WN_XML_H

#include "cleaner/arena.h"

enum wn_xml_event { WN_XML_END, WN_XML_OPEN, WN_XML_CLOSE, WN_XML_TEXT };

struct wn_xml {
	const char *p, *e;
	struct wn_str name, prefix; /* OPEN, CLOSE: "atom:link" in two */
	struct wn_str attrs;	    /* OPEN: as they stand */
	struct wn_str text;	    /* TEXT */
	int cdata;		    /* TEXT: no references in it */
	int empty;		    /* OPEN: <a/>; a CLOSE follows */
	int pending;		    /* that CLOSE */
	int cut;    /* END: inside a tag, a comment or CDATA */
	int bomb; /* END: entities made of entities were declared */
};

void wn_xml_begin(struct wn_xml *, const char *, size_t n);
enum wn_xml_event wn_xml_next(struct wn_xml *);

/* Is the name without its prefix this one? Case does not count. */
int wn_xml_is(const struct wn_xml *, const char *name);

/* Appends the value of an attribute, "xml:base" with its prefix, references
 * resolved. 1, or 0: not there. */
int wn_xml_attr(const struct wn_xml *, const char *name, struct wn_buf *);

/* Appends text with its references resolved once; one that is unknown stays.
 * Control characters go. */
void wn_xml_decode(struct wn_buf *, const char *, size_t n);

/* Appends the words of a piece of HTML: tags, comments, scripts and styles
 * gone, references resolved. */
void wn_xml_strip(struct wn_buf *, const char *, size_t n);

#endif
