/* language.h - in which language and script a text is. */
#ifndef WN_LANGUAGE_H
#define WN_LANGUAGE_H

struct wn_doc;

/* Sets language, language_script and language_score from the doc's text, or
 * from its title and blocks when there is none. */
void wn_language(struct wn_doc *);

#endif
