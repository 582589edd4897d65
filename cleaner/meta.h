/* meta.h - what a page says of its article, and who says it.
 *
 * meta_tags.c, meta_jsonld.c and meta_lines.c gather statements ("the title
 * is X", says the meta tag); meta.c, meta_title.c and meta_date.c choose. */
#ifndef WN_META_H
#define WN_META_H

#include "cleaner/doc.h"
#include "cleaner/words.h"

enum wn_field {
	WN_F_NONE,
	WN_F_TITLE,
	WN_F_SUBTITLE,
	WN_F_DESCRIPTION,
	WN_F_AUTHOR,
	WN_F_EDITOR,
	WN_F_SOURCE,
	WN_F_SITENAME,
	WN_F_SECTION,
	WN_F_TAGS,
	WN_F_IMAGE,
	WN_F_LICENSE,
	WN_F_PUBLISHED,
	WN_F_MODIFIED,
	WN_F_STOP, /* a label that only ends the value before it */
	WN_F_N
};

/* Who says it; names of date_source in this order. */
enum wn_sayer {
	WN_BY_JSONLD,
	WN_BY_META,
	WN_BY_TIME,
	WN_BY_TEXT,
	WN_BY_URL,
	WN_BY_FEED
};

struct wn_said {
	struct wn_str s;
	uint8_t field, by, weight;
	uint32_t node;   /* 0: none */
	const char *how; /* static: the tag, key, label or place it is from */
};

/* Where the record has a field from; by NULL: nowhere. */
struct wn_origin {
	const char *by; /* "jsonld" "meta" "time" "text" "url" "feed" */
	const char *how; /* "og:title", "来源", "heading"; NULL: nothing more */
	uint32_t node;   /* that prints it, 0: none */
};

enum {
	WN_SAID_MAX = 256,
	WN_FORM_WEIGHT = 1, /* of what a form field holds */
	WN_REL_AUTHOR = 43  /* of a link with that rel */
};

struct wn_meta {
	struct wn_doc *d;
	struct wn_said said[WN_SAID_MAX];
	size_t n;
	size_t nelements; /* so many first ones are of elements, not lines */
	/* places in d->blocks + 1; 0: none */
	uint32_t title_block, subtitle_block;
	uint32_t near_end; /* block behind the lines that belong to the title */
	int chinese;       /* Han text, or a host of these places */
	int newspaper;     /* an e-paper: the page has a masthead */
	struct wn_str body; /* the longest articleBody; n 0: none */
	char host[64];      /* letters of the host's own name, "": none */
	struct wn_origin origin[WN_F_N]; /* of the fields that were chosen */
};

/* Remembers a statement; empty ones and those past the bound are dropped. */
void wn_say(struct wn_meta *, enum wn_field, enum wn_sayer, int weight,
    struct wn_str, uint32_t node, const char *how);
/* As date_source has it: "jsonld" ... "feed". */
const char *wn_sayer_name(enum wn_sayer);
/* Notes whom a field of the record is from. */
void wn_credit(struct wn_meta *, enum wn_field, enum wn_sayer, uint32_t node,
    const char *how);
void wn_credit_said(struct wn_meta *, const struct wn_said *);
/* The weightiest statement of a field (the first of equals), NULL: none. */
const struct wn_said *wn_said_best(const struct wn_meta *, enum wn_field);

void wn_meta_tags(struct wn_meta *);   /* title, meta, link, microdata, time */
void wn_meta_jsonld(struct wn_meta *); /* script type=application/ld+json */
const struct wn_words *wn_date_words_new(struct wn_arena *);
void wn_meta_lines(struct wn_meta *);  /* the lines about the article */
/* meta_bare.c: names in block b, whose text is s, that no label announces. */
void wn_meta_bare(struct wn_meta *, size_t b, struct wn_str s);
int wn_is_surname(const char *); /* three bytes */
extern const char wn_surnames[]; /* one after the other, then NUL */
void wn_meta_host(struct wn_meta *);
int wn_meta_title(struct wn_meta *);
int wn_meta_date(struct wn_meta *);
int wn_meta_people(struct wn_meta *); /* authors, editors, source */

/* The heading of a block, without its kicker. */
struct wn_str wn_heading_title(const struct wn_meta *, uint32_t block);
int wn_is_kicker(const struct wn_meta *, uint32_t block);
/* Are most words of the address's last part in a line? */
int wn_in_address(const struct wn_doc *, struct wn_str);
/* Is a line mostly the host's name? */
int wn_names_host(const struct wn_meta *, struct wn_str);

/* Names out of "记者 张三 李四" or "By A. B. and C. D."; appended to the list,
 * each once. */
int wn_add_names(struct wn_doc *, struct winnow_list *, struct wn_str);
int wn_list_add(struct wn_doc *, struct winnow_list *, struct wn_str);

/* Does a name or address end as that of a file to read: .pdf, .doc, .zip? */
int wn_is_file(const char *, size_t n);
/* White space at both ends gone. */
struct wn_str wn_trim(struct wn_str);
/* Letters and digits only, lower case, full width folded; NUL-terminated. */
size_t wn_skeleton(struct wn_str, char *out, size_t cap);

#endif
