/* winnow.h - libwinnow: the bytes of a web page in, its article out.
 *
 *	struct winnow *w;
 *	const struct winnow_doc *d;
 *	struct winnow_page page = { .body = bytes, .body_len = n, .url = url };
 *
 *	if (winnow_new(&w, NULL) == 0 && winnow_clean(w, &page, &d) == 0)
 *		puts(d->text);
 *	winnow_free(w);
 *
 * The library does no I/O, reads no clock, writes no log and starts no
 * thread. A struct winnow is used by one thread at a time; several are
 * independent. Every byte of a page is taken for hostile: whatever comes in,
 * what comes out is valid UTF-8 within the limits of struct winnow_options.
 *
 * Times are Unix seconds (int64_t); "no time" is WINNOW_NO_TIME. Strings are
 * UTF-8 and NUL-terminated; NULL is "the page does not say". */
#ifndef WINNOW_H
#define WINNOW_H

#include <stddef.h>
#include <stdint.h>

#define WINNOW_NO_TIME INT64_MIN

/* Negative: an error. winnow_strerror() names each in words. */
enum winnow_error {
	WINNOW_OK = 0,
	WINNOW_ENOMEM = -1,   /* the system has no memory */
	WINNOW_ETOOBIG = -2,  /* past max_body or max_memory */
	WINNOW_ECODING = -3,  /* content coding unknown, or nothing readable */
	WINNOW_ETYPE = -4,    /* not text: a picture, an archive, a PDF */
	WINNOW_ECHARSET = -5, /* `charset` is no known encoding */
	WINNOW_EINVAL = -6,   /* an argument is out of range */
};
const char *winnow_strerror(int err);
/* A short stable name: "too-big"; for logs and the batch's `error`. */
const char *winnow_errname(int err);

/* Which script Chinese text is made: its own, simplified, traditional. */
enum winnow_script { WINNOW_KEEP, WINNOW_HANS, WINNOW_HANT };
/* Can it be converted so: was this built with OpenCC, are its dictionaries
 * there? */
int winnow_can_convert(enum winnow_script);

struct winnow_options {
	size_t max_body;   /* decoded bytes of a page; 0: 10 MiB */
	size_t max_memory; /* arena of a page; 0: 512 MiB */
	size_t max_feed;   /* decoded bytes of a sitemap or feed; 0: 50 MiB */
	size_t max_links;  /* links kept; 0: 5000 */
	enum winnow_script script;
	uint64_t url_seed; /* key of the hashes in winnow_link.key */
	int explain;	   /* keep removed blocks and repairs for --explain */
	int html;	   /* fill winnow_doc.html */
	int no_links;	   /* the caller wants none: do not resolve them */
};

/* A page as it was fetched; all borrowed until winnow_clean() returns, and
 * strings that the doc repeats (url) until the next call. */
struct winnow_page {
	const void *body;
	size_t body_len;
	const char *url;	      /* NULL: unknown; links stay relative */
	const char *content_encoding; /* as the header says; NULL: none */
	const char *content_type;     /* likewise */
	const char *charset;	      /* the user's word, above everything */
	const char *last_modified;    /* HTTP date */
	const char *x_robots_tag;     /* lines joined by "; " */
	int64_t now;		      /* reference for relative dates */
	const char *feed_title;	      /* what the feed said, if one did */
	int64_t feed_date;	      /* 0: nothing */
	const char *timezone; /* "+08:00": of times that name none; NULL: by
				 the page */
	int learn;	      /* fill winnow_doc.lesson and alone_hash */
	const void *site;     /* what is known of its site: winnow_site_view();
				 bytes that are none count as nothing */
	size_t site_len;
};

enum winnow_page_type {
	WINNOW_ARTICLE, WINNOW_LIST, WINNOW_FORUM, WINNOW_DOCUMENT, WINNOW_OTHER
};
const char *winnow_page_type_name(enum winnow_page_type);

/* What was taken away and what was mended; indices of the two counts. */
enum winnow_kind {
#define K(key, name, words) WINNOW_KIND_##key,
#include "cleaner/kinds.def"
#undef K
	WINNOW_KIND_N
};
enum winnow_repair_kind {
#define R(key, name, words) WINNOW_REPAIR_##key,
#include "cleaner/repairs.def"
#undef R
	WINNOW_REPAIR_N
};
const char *winnow_kind_name(enum winnow_kind);
const char *winnow_repair_name(enum winnow_repair_kind);

struct winnow_list {
	const char **v;
	size_t n;
};

enum winnow_place { WINNOW_IN_NAV, WINNOW_IN_LIST, WINNOW_IN_CONTENT };
enum winnow_link_flag {
	WINNOW_NOFOLLOW = 1,
	WINNOW_NEXT = 2,   /* rel=next, or an anchor that says next page */
	WINNOW_FEED = 4,   /* link rel=alternate of a feed's type */
	WINNOW_FRAME = 8,  /* iframe, frame */
	WINNOW_REFRESH = 16, /* meta refresh */
	WINNOW_PAGER = 32    /* the number of another page of this list */
};

/* The 16 bytes under which a URL is known: a hash of its host, and one of its
 * canonical form, both keyed by url_seed. */
struct winnow_key {
	uint64_t host, url;
};

struct winnow_link {
	const char *url;    /* absolute, as it would be fetched, no fragment */
	const char *anchor; /* text, at most 200 bytes */
	struct winnow_key key;
	uint16_t url_len;
	uint8_t flags, place; /* enum winnow_link_flag, winnow_place */
	uint8_t topic; /* 0..255: how well its words fit; 0 without a topic */
};

/* A word or run of characters of the topic that the page has. */
struct winnow_topic_term {
	const char *term;
	unsigned times;
	float share; /* of all that speaks for the topic */
};

/* Another page of the article that a page is one of. */
struct winnow_part {
	const char *url; /* absolute, as it would be fetched */
	struct winnow_key key;
	uint16_t url_len;
	uint16_t number; /* from 1; the page's own: it has two addresses;
			    0: the page that has all of the article */
};
#define WINNOW_PARTS_MAX 1000 /* pages of an article */

/* A block of the page as --explain shows it, in document order. */
struct winnow_block {
	const char *text;
	int kept;
	enum winnow_kind kind; /* when it was not kept */
	const char *rule;      /* the row of the table, or the stage, that decided */
	float score;
};

/* A line is mended in passes; those of one pass are in the order of their
 * places. A line that was split ("\n" put for a space) has pieces, each with
 * passes and offsets of its own. */
struct winnow_repair {
	enum winnow_repair_kind kind;
	/* of the page's blocks, or of a plain text's lines, from 1; 0: a title
	 * or name */
	uint32_t block;
	uint32_t pass, piece;
	size_t offset; /* bytes, in the line or piece before its pass */
	const char *before, *after;
	float margin; /* by how much the best reading leads; 0: certain */
};

/* What a text shows of its own worth. Shares are of its characters, 0..1. */
struct winnow_signals {
	double han;	 /* that are Han */
	double ended;	 /* in paragraphs that end in a sentence's mark */
	double repeated; /* in lines that stand further up already */
	double kept;	 /* text, of all that the page shows */
	double titled;	 /* words of the title that the text has too */
	double spun;	 /* suspicion that a program wrote it anew, or stuffed it
			    with keywords */
	size_t lost;	 /* characters that did not come back, an estimate */
	size_t glosses;	 /* readings behind characters that stayed */
	size_t damaged;	 /* places that are damaged, and stay so */
};

/* What near copies of a text are found by, whatever script, damage or marks
 * they have (sketch.c): any bytes are one, and copying it is copying bytes.
 * grams 0: of a text without letters. */
#define WINNOW_SKETCH_MINS 64
#define WINNOW_SKETCH_NUMBERS 16
#define WINNOW_SKETCH_NAMES 24
#define WINNOW_SKETCH_KEYS 32
#define WINNOW_SKETCH_LEAST 24 /* grams; shorter texts are nobody's copy */
struct winnow_sketch {
	uint64_t listed; /* names in lists: a set of bits */
	uint64_t title[4]; /* likewise of what the article is called */
	uint32_t grams;	 /* runs of letters of the text */
	uint16_t nnumbers, nnames; /* that are kept, by ascending places */
	uint16_t min[WINNOW_SKETCH_MINS];
	uint16_t place[WINNOW_SKETCH_NUMBERS];
	uint8_t number[WINNOW_SKETCH_NUMBERS];
	uint16_t name_place[WINNOW_SKETCH_NAMES];
	uint8_t name[WINNOW_SKETCH_NAMES];
};
/* Texts that are copies share one of these keys, but for a few. */
void winnow_sketch_keys(
    const struct winnow_sketch *, uint32_t keys[WINNOW_SKETCH_KEYS]);
struct winnow_likeness {
	double same;	/* share of all runs of both that are in both: 0..1 */
	double held;	/* share of the shorter one's that the other has */
	double numbers; /* chance of its numbers, were it a copy */
	double names;	/* and of its names */
	int copy;	/* it is one */
};
void winnow_sketch_compare(const struct winnow_sketch *,
    const struct winnow_sketch *, struct winnow_likeness *);

struct winnow_doc {
	/* decode */
	const char *charset;	    /* WHATWG name in lower case */
	const char *charset_source; /* "bom" "http" "meta" "detect" "config" */
	size_t content_length;	    /* bytes after content decoding */
	size_t bad_bytes;	    /* sequences that did not decode */
	char digest[72];	    /* "sha256:" + 64 hex, of those bytes */

	/* links */
	const struct winnow_link *links;
	size_t nlinks, links_dropped;
	const char *url_canonical;
	const char *base;
	int noindex, nofollow; /* meta robots and X-Robots-Tag together */
	const char *robots_meta; /* their words as the page gives them */

	/* metadata */
	const char *title, *subtitle, *description;
	struct winnow_list authors, editors;
	const char *source_name, *sitename;
	struct winnow_list sections, tags, captions, attachments;
	const char *image;
	const char *language, *language_script, *script_origin;
	double language_score;
	const char *date_publish;    /* YYYY-MM-DD */
	int64_t datetime_publish, date_modify;
	const char *date_latest;     /* the latest day the page gives itself */
	const char *date_source;     /* "jsonld" "meta" "time" "text" "url" "feed" */
	const char *license;

	/* is the article on several pages? */
	unsigned part;	/* which of them this is, from 1; 0: it is the only one */
	unsigned part_count; /* how many there are; 0: it does not tell */
	const struct winnow_part *parts; /* the others, by number */
	size_t nparts;
	unsigned joined; /* pages that the text is made of: 1, or what
			    winnow_clean_parts() took */

	/* extract, normalise */
	enum winnow_page_type page_type;
	const char *text; /* paragraphs joined by \n; "" when there is none */
	size_t text_len;
	const char *html; /* minimal HTML of the same; NULL unless asked */
	size_t chars, paragraphs;
	unsigned removed[WINNOW_KIND_N];
	unsigned repairs[WINNOW_REPAIR_N];
	double link_density;
	double quality; /* how likely the text is whole, clean and undamaged */
	struct winnow_signals signals;
	int truncated;
	const char *nothing; /* why text is "": "no-article" "list" "file"
				"needs-javascript" "error-page" "login"
				"player"; else NULL */

	/* the site's memory */
	const void *lesson; /* for winnow_site_learn(); NULL: not asked for */
	size_t lesson_len;
	unsigned remembered; /* blocks that only the memory took away */
	uint64_t alone_hash; /* text_hash as it were without the memory */

	/* fingerprints */
	struct winnow_key key; /* of url */
	uint64_t text_hash;    /* XXH3-64 of the normalised text */
	uint64_t simhash;
	struct winnow_sketch sketch; /* of the text, as it was compared */
	char id[40]; /* "w1-" + 32 hex */

	/* topic: of winnow_set_topic(). Of a page without an article it is of
	 * what it shows. Terms that counted most come first. */
	double topic_score; /* 0..1; 0 without a topic */
	const struct winnow_topic_term *topic_terms;
	size_t ntopic_terms;

	/* explain */
	const struct winnow_block *blocks;
	size_t nblocks;
	const struct winnow_repair *repair_list;
	size_t nrepair_list;
};

struct winnow;

/* Opens what cleaning needs (converters, tables): afterwards no file is
 * opened. options NULL: defaults. 0 or an error; *w is freed with
 * winnow_free(). */
int winnow_new(struct winnow **w, const struct winnow_options *options);
void winnow_free(struct winnow *); /* NULL is fine */
void winnow_set_url_seed(struct winnow *, uint64_t seed);
/* options.explain from the next page on. home: where winnow_explain()'s page
 * leads back to, NULL: nowhere; borrowed until the next call. */
void winnow_set_explain(struct winnow *, int on, const char *home);

/* Cleans one page. On 0 *doc is owned by w, valid until the next call with
 * that w or winnow_free(). A page without an article is no error: text is ""
 * and `nothing` says why. */
int winnow_clean(struct winnow *, const struct winnow_page *,
    const struct winnow_doc **doc);

/* Cleans pages of one article and joins them: the text of all, in order, what
 * they repeat once, a sentence that goes on put together; all else is of the
 * first (an attachment, an editor that only a later one names comes along).
 * When one of the pages has the whole article its text is taken instead. A page
 * that is none of the article, or brings nothing new, is left out: used[i] says
 * what became of pages[i]. Pages without a url are taken for what the caller
 * says they are. doc->truncated: pages are missing. The doc is as winnow_clean()
 * gives it, and so are the errors, which are those of the first page; a later
 * one that cannot be cleaned is left out. n: 1 to WINNOW_PARTS_MAX. */
enum winnow_part_use {
	WINNOW_PART_NONE,   /* another article, or no article */
	WINNOW_PART_REPEAT, /* the text of an earlier page again */
	WINNOW_PART_USED
};
int winnow_clean_parts(struct winnow *, const struct winnow_page *pages,
    size_t n, uint8_t *used, const struct winnow_doc **doc);

/* What only the fetcher knows, for the record. NULL strings become null, or ""
 * where the record's type forbids null. Without a crawl (batch, WARC), what is
 * not set (NULL, 0, WINNOW_NO_TIME, depth -1) is null; NULL as a whole: all of
 * it. */
struct winnow_fetch {
	const char *event, *revises;
	const char *url_requested;
	int status;
	const char *content_type, *etag, *last_modified;
	int64_t date_download;
	const char *robots; /* "allowed" "none" "unreachable" "override" */
	const char *via, *seed;
	int depth; /* -1: null */
	struct winnow_list seed_tags;
	const char *crawl, *node;
	double topic_score;
	const char *caller_id; /* batch: id is this, the record's is record_id */
	int caller_raw;	       /* caller_id is JSON as it stands, not a string */
	const char *error;     /* batch: why there is nothing; NULL: not printed */
};

/* A finished line with the three places that only the queue's owner can fill:
 * bytes [0, dup_at) then the JSON value of dup_of, [dup_at, seq_at) then the
 * digits of seq, [seq_at, alike_at) then the JSON value of similarity, then the
 * rest, which ends in a line feed. Bytes [event_at, event_end) are the value of
 * event, the name of revises, and its value: the owner may put others there. */
struct winnow_line {
	const char *json;
	size_t len;
	uint32_t event_at, event_end, dup_at, seq_at, alike_at;
};

/* Writes the record of the doc that winnow_clean() gave last; the line is
 * valid as long as the doc. */
int winnow_record(struct winnow *, const struct winnow_doc *,
    const struct winnow_fetch *, struct winnow_line *);

/* The page that `winnow clean --explain` prints, of the doc that winnow_clean()
 * gave last; needs options.explain. Valid until the next call; NULL: too big. */
const char *winnow_explain(struct winnow *, size_t *len);

/* The record's JSON Schema (2020-12), or for "duckdb" "pandas" "spark" "hf"
 * "clickhouse" what that program wants; NULL: unknown name, or no memory. The
 * caller frees it. */
char *winnow_schema(const char *for_program);

/* ---- text alone -------------------------------------------------------- */

/* The normaliser for plain text, which need never have been HTML. Any bytes:
 * what is not UTF-8 becomes U+FFFD, NULs go. A line feed ends a line; the
 * evidence for a repair is gathered from all lines, so give it a page or an
 * article as a whole. mirror: 1 says that the text comes from a page with
 * plenty of glosses, 0 that it must show so itself. Chinese text is converted
 * when the options of w name a script.
 *
 * *out is valid UTF-8, has no more characters than text has bytes, no control
 * character but tab and line feed, no mark of direction and no noncharacter;
 * it ends in a NUL that *out_len does not count, and is owned by w until its
 * next call. repairs is set to what was mended, by kind; NULL: not wanted. 0,
 * or WINNOW_ENOMEM (also past max_memory). */
int winnow_normalise(struct winnow *, const char *text, size_t len, int mirror,
    const char **out, size_t *out_len, unsigned repairs[WINNOW_REPAIR_N]);

/* The same with what it found out. The list is kept when the options say
 * explain. Everything is owned by w until its next call. */
struct winnow_mended {
	const char *text;
	size_t text_len;
	unsigned repairs[WINNOW_REPAIR_N];
	/* evidence: glosses of a mirror that converts, of one that does not,
	 * marks folded to half width, marks put before marks */
	int mirror, plain_gloss, folded, noisy;
	size_t unrepaired; /* places that are damaged, and stay so */
	double quality;	   /* 1, less for what is not repaired */
	const struct winnow_repair *repair_list;
	size_t nrepair_list;
};
int winnow_mend(struct winnow *, const char *text, size_t len, int mirror,
    struct winnow_mended *);

/* Bytes to UTF-8 as a page would be read: charset name and text. */
int winnow_decode(struct winnow *, const void *bytes, size_t len,
    const char *content_type, const char **encoding, const char **text,
    size_t *text_len);

/* Undoes content codings ("gzip, br") of a body that is no page, within
 * max_feed. *out is owned by w until its next call. 0 or an error. */
int winnow_inflate(struct winnow *, const void *body, size_t len,
    const char *content_encoding, const void **out, size_t *out_len);

/* The WHATWG name of an encoding by any label of it, NULL: no such label. */
const char *winnow_charset_name(const char *label, size_t len);

/* The day a small text names ("昨天 10:20", "2023年5月6日"), and for pages
 * winnow_clean() does the same. Fills date ("YYYY-MM-DD" or ""), time
 * ("HH:MM[:SS]" or "") and offset ("+08:00" or ""). reference:
 * Unix seconds. 1 found, 0 not. */
struct winnow_date {
	char date[16], time[16], offset[8];
};
int winnow_parse_date(const char *text, size_t len, int64_t reference,
    struct winnow_date *);

/* ---- what many pages of a site teach ------------------------------------- */

/* The memory of a site: which blocks stand on page after page, and so are the
 * site's and not the article's.
 *
 *	page.learn = 1;
 *	winnow_site_view(site, &page.site, &page.site_len);
 *	winnow_clean(w, &page, &d);
 *	winnow_site_learn(site, d->lesson, d->lesson_len, key, now);
 *
 * The first pages of a site are cleaned before anything is known: those of
 * which winnow_site_affects() says so are worth cleaning again. View and lesson
 * are bytes, so that they can go to another process and come back; lessons and
 * stored memories are checked and may be anybody's. A memory never takes more
 * than max_bytes, whatever it is fed, and needs no clock: now is for
 * winnow_site_each() alone. */
struct winnow_site;

/* max_bytes: 0: 64 KiB, at least 8 KiB. 0 or WINNOW_ENOMEM. */
int winnow_site_new(struct winnow_site **, size_t max_bytes);
void winnow_site_free(struct winnow_site *); /* NULL is fine */
size_t winnow_site_bytes(const struct winnow_site *); /* of memory */
/* One that was stored, perhaps with another bound. 0, WINNOW_ENOMEM, or
 * WINNOW_EINVAL: these bytes are none, or of another version. */
int winnow_site_load(struct winnow_site **, const void *bytes, size_t len,
    size_t max_bytes);
/* The caller frees *bytes with free(). 0 or WINNOW_ENOMEM. */
int winnow_site_store(const struct winnow_site *, void **bytes, size_t *len);

/* Takes in the lesson of a page. key: by what the page is known, so that it
 * counts once; now: Unix seconds. 1: it counts; 0: it does not, since it was
 * counted before, has no article, or is the copy of one; WINNOW_EINVAL: that is
 * no lesson. */
int winnow_site_learn(struct winnow_site *, const void *lesson, size_t len,
    uint64_t key, int64_t now);
/* Was it given a lesson of that page before? (Of the last pages alone.) */
int winnow_site_knows(const struct winnow_site *, uint64_t key);
/* What goes along with the site's next pages, 5 KiB at most; *len is 0 while
 * nothing is known. Valid until the next call with this site. */
void winnow_site_view(struct winnow_site *, const void **view, size_t *len);
/* Would a page with this lesson be cleaned otherwise today? 1 or 0; also 0 when
 * that is no lesson. */
int winnow_site_affects(struct winnow_site *, const void *lesson, size_t len);
/* How many pages count. */
unsigned winnow_site_pages(const struct winnow_site *);
/* Is what it knows likely to stay? Enough pages came, and the last ones brought
 * nothing new. */
int winnow_site_settled(struct winnow_site *);

/* A block that is known to be the site's, as people are told of it. */
struct winnow_site_fact {
	const char *text; /* how it begins, at most 95 bytes; NULL: not seen
			     since it is known */
	enum winnow_kind kind;
	const char *why;  /* "words" "place" "often" "links" */
	unsigned pages;	  /* that had it, */
	unsigned of;	  /* of so many of its template since it came */
	unsigned group;	  /* the number of that template, from 1; 0: any */
	int64_t seen;	  /* Unix seconds: the last time; 0: unknown */
};
/* Most pages first. Valid during the call. */
void winnow_site_each(struct winnow_site *,
    void (*fact)(void *arg, const struct winnow_site_fact *), void *arg);

/* ---- WARC files --------------------------------------------------------- */

/* The pages of a WARC file, gzip or not, as wget, Heritrix and others write
 * them, and winnowd with keep.raw = warc:
 *
 *	while ((r = winnow_warc_next(warc, &g)) != 0)
 *		if (r == 1) {
 *			winnow_warc_to_page(&g, &page);
 *			winnow_clean(w, &page, &d);
 *		} else
 *			fprintf(stderr, "%s\n", winnow_warc_where(warc));
 *
 * Memory is bounded by max_body, whatever the file holds. */
struct winnow_warc;
/* Up to n bytes; 0: the end; negative: an error. */
typedef long winnow_warc_read(void *arg, void *buf, size_t n);

/* The same of bytes in memory: arg is a struct winnow_bytes, of which what was
 * read is taken off. */
struct winnow_bytes {
	const char *p;
	size_t len;
};
long winnow_read_bytes(void *bytes, void *buf, size_t n);

/* max_body: of a page, as it came; 0: 64 MiB. 0, or WINNOW_ENOMEM. */
int winnow_warc_new(struct winnow_warc **, winnow_warc_read *, void *arg,
    size_t max_body);
void winnow_warc_free(struct winnow_warc *); /* NULL is fine */

/* An answer over HTTP; borrowed until the next call, NULL: not told. */
struct winnow_warc_page {
	const char *url, *address;
	const char *id;	       /* "urn:uuid:..." */
	int64_t date;	       /* of the answer, or WINNOW_NO_TIME */
	const char *truncated; /* why it is not whole */
	int status;
	const char *head; /* status line and headers, with the empty line */
	size_t head_len;
	const char *content_type, *content_encoding, *last_modified, *etag,
	    *x_robots_tag;
	const void *body; /* chunks are taken together, codings stay */
	size_t body_len;
	/* what winnowd knew of it beside (struct winnow_page) */
	const char *charset, *timezone;
	int64_t feed_date; /* 0: nothing */
};
/* 1: the next page; 0: the end; WINNOW_EINVAL, WINNOW_ETOOBIG: something was
 * passed over, winnow_warc_where() says what; call again. WINNOW_ENOMEM. */
int winnow_warc_next(struct winnow_warc *, struct winnow_warc_page *);
/* Fills in what the file tells of a page for winnow_clean(); now is its date,
 * WINNOW_NO_TIME when it has none. Borrowed like g. */
void winnow_warc_to_page(const struct winnow_warc_page *g,
    struct winnow_page *);
const char *winnow_warc_where(const struct winnow_warc *);
/* Do these bytes begin a WARC file? 64 of them are enough. */
int winnow_is_warc(const void *, size_t);

/* ---- JSON -------------------------------------------------------------- */

/* Walks the members of one object, or the elements of one array:
 *
 *	struct winnow_json j;
 *	struct winnow_json_value v;
 *
 *	if ((r = winnow_json_begin(&j, line, len)) == 0)
 *		while ((r = winnow_json_next(&j, &v)) == 1)
 *			if (strcmp(v.key, "url") == 0 &&
 *			    v.type == WINNOW_JSON_STRING)
 *				url = v.s;
 *
 * The text is changed: strings are unescaped where they stand and end in a
 * NUL, so keys and strings live as long as the text. An object or array comes
 * as a slice [s, s + len) of the text, still unchanged, which may be walked
 * with another struct. Nothing is allocated. Nesting is at most 64. */
enum winnow_json_type {
	WINNOW_JSON_NULL, WINNOW_JSON_FALSE, WINNOW_JSON_TRUE,
	WINNOW_JSON_NUMBER, WINNOW_JSON_STRING, WINNOW_JSON_ARRAY,
	WINNOW_JSON_OBJECT
};
struct winnow_json {
	char *p, *end; /* behind the last value: the rest of the text */
	char close;
	int comma;
};
struct winnow_json_value {
	char *key; /* NULL in an array */
	size_t key_len;
	enum winnow_json_type type;
	char *s; /* string, array, object */
	size_t len;
	double number;
};
/* 0, or WINNOW_EINVAL: neither an object nor an array. */
int winnow_json_begin(struct winnow_json *, char *text, size_t len);
/* 1 and a value; 0 at the end; WINNOW_EINVAL: no JSON. */
int winnow_json_next(struct winnow_json *, struct winnow_json_value *);
/* Writes s as a JSON string, quotes and a NUL included, into out, which has
 * room for 6 * n + 3 bytes. Its length without the NUL. */
size_t winnow_json_quote(char *out, const char *s, size_t n);

/* ---- topics -------------------------------------------------------------- */

/* What articles are wanted, learned from examples and words:
 *
 *	struct winnow_topic *t;
 *
 *	winnow_topic_new(&t);
 *	winnow_topic_add(t, text, len);             // each example
 *	winnow_topic_words(t, "党建, 思政课", 17);  // or words, or both
 *	winnow_topic_finish(t, NULL);
 *	winnow_topic_store(t, &bytes, &n);
 *	winnow_topic_free(t);
 *	winnow_set_topic(w, bytes, n);              // in each worker
 *
 * Afterwards each doc of w has its topic_score, each of its links its topic.
 * Five examples serve; 0.5 is where the examples and anything else part. */
struct winnow_topic;
#define WINNOW_TOPIC_EXAMPLES 1000 /* more are counted, and not read */
#define WINNOW_TOPIC_BYTES (512 << 10) /* of a stored topic at most */

int winnow_topic_new(struct winnow_topic **); /* 0 or WINNOW_ENOMEM */
void winnow_topic_free(struct winnow_topic *); /* NULL is fine */
/* An example: title and text of an article, UTF-8. A copy of one that is there
 * adds nothing, and a line among articles is left out. 0, WINNOW_ENOMEM, or
 * WINNOW_EINVAL: it has no words. */
int winnow_topic_add(struct winnow_topic *, const char *text, size_t len);
/* What a file of examples holds: a page, a plain text, or records a line
 * each (title and text of them; {"text":...} will do). Which of them, its
 * bytes tell. w cleans the page, and loses its last doc. The number of
 * examples it gave; WINNOW_EINVAL: none. */
int winnow_topic_file(struct winnow_topic *, struct winnow *w,
    const void *bytes, size_t len);
/* Is a file of that name in a folder one of its examples? */
int winnow_topic_is_example(const char *name);
/* Words that a page on the topic has, separated by commas, semicolons or line
 * feeds; one behind a '-' speaks against it. */
int winnow_topic_words(struct winnow_topic *, const char *list, size_t len);

struct winnow_topic_made {
	size_t examples; /* that were learned from */
	size_t terms;
	/* of the examples, each scored by a topic of all others; 0 when there
	 * are less than three */
	double lowest, median;
};
/* Learns. Nothing is added afterwards. 0, WINNOW_ENOMEM, or WINNOW_EINVAL:
 * neither examples nor words, or nothing in them that other texts have not.
 * made may be NULL. */
int winnow_topic_finish(struct winnow_topic *, struct winnow_topic_made *made);
/* The topic as bytes for winnow_set_topic(), the same on every machine. The
 * caller frees *bytes with free(). 0 or WINNOW_ENOMEM. */
int winnow_topic_store(const struct winnow_topic *, void **bytes, size_t *len);

/* From the next page on; bytes are copied, and may be anybody's. len 0: no
 * topic. 0, WINNOW_ENOMEM, or WINNOW_EINVAL: they are no topic (w has none
 * then). */
int winnow_set_topic(struct winnow *, const void *bytes, size_t len);
/* How well a text fits, 0..1; 0 without a topic. Of few words it is nearer to
 * what any text has. */
double winnow_topic_score(struct winnow *, const char *text, size_t len);

/* ---- URLs (WHATWG URL standard) ----------------------------------------- */

#define WINNOW_URL_MAX 8192

/* Offsets into href, which is valid ASCII: scheme [0, scheme_end) without
 * ':', host [host_beg, host_end), port or -1 when it is the default,
 * path [path_beg, query_beg), query [query_beg, frag_beg) with its '?',
 * fragment [frag_beg, len) with its '#'. */
struct winnow_url {
	char href[WINNOW_URL_MAX + 1];
	uint16_t len, scheme_end, host_beg, host_end, path_beg, query_beg,
	    frag_beg;
	int32_t port;
};

/* Resolves input against base (NULL: input must be absolute; not the same
 * struct as the result). page_encoding:
 * the encoding the query is escaped in, NULL for UTF-8. 0, or WINNOW_EINVAL:
 * no URL, WINNOW_ETOOBIG: over WINNOW_URL_MAX. */
int winnow_url_parse(struct winnow_url *, const char *input, size_t len,
    const struct winnow_url *base, const char *page_encoding);

/* What would be asked for: http or https only (else WINNOW_EINVAL), no user
 * info, no fragment. In place. */
int winnow_url_fetchable(struct winnow_url *);

/* The key form: fetchable, percent-encoding normal form, tracking and session
 * parameters gone, and so on; the rules stand in url.c. Not always the address
 * that is fetched. out may be in. */
int winnow_url_canonical(const struct winnow_url *in, struct winnow_url *out);

/* An address without the counters of clicks and campaigns (utm_source and so
 * on), as it would be asked for; everything else stays byte for byte. url: in
 * normal form, NUL-terminated. 1: out has it; 0: there were none (out is not
 * set), or cap is too small. */
int winnow_url_untrack(const char *url, char *out, size_t cap);

/* Hashes of the canonical form. The host's part is one for all spellings of
 * one site's host (www., port, case, IDN), so that they share one politeness. */
struct winnow_key winnow_url_key(const struct winnow_url *, uint64_t seed);

/* Registrable domain of a host ("moe.edu.cn" for "www.moe.edu.cn"), or the
 * host itself for an address or a suffix. Points into host. */
const char *winnow_url_domain(const char *host);

/* ASCII form of a host as a user or page writes it; 0 or WINNOW_EINVAL. */
int winnow_url_host(const char *in, size_t len, char *out, size_t cap);

/* ---- sitemaps and feeds -------------------------------------------------- */

enum winnow_feed_type {
	WINNOW_FEED_NONE,   /* neither: see `error` */
	WINNOW_FEED_URLSET, /* sitemaps.org */
	WINNOW_FEED_INDEX,
	WINNOW_FEED_TEXT,   /* a URL a line */
	WINNOW_FEED_RSS,    /* 0.9x, 1.0, 2.0 */
	WINNOW_FEED_ATOM,
	WINNOW_FEED_CDF,
	WINNOW_FEED_JSON
};
const char *winnow_feed_type_name(enum winnow_feed_type); /* "urlset" */

#define WINNOW_FEED_ENTRIES 50000 /* of one file */

/* Valid during the call it is passed to. */
struct winnow_entry {
	const char *url; /* absolute, as it would be fetched; NULL: a feed's
			    entry that has only a title */
	const char *title; /* plain text, NULL: none */
	struct winnow_key key;
	uint16_t url_len;
	uint8_t is_sitemap;   /* a child of an index: read it likewise */
	uint8_t is_alternate; /* the page before in another language */
	const char *lastmod;  /* as a sitemap has it, NULL: none or no date */
	int64_t published, updated; /* or WINNOW_NO_TIME */
};

/* Valid until the next call with the same struct winnow. */
struct winnow_feed {
	enum winnow_feed_type type;
	const char *title, *link;
	const char *error; /* NULL, or "empty" "truncated" "refused" "too-big"
			      "not-a-sitemap"; what came before counts */
	size_t entries, dropped; /* with and without a usable URL */
};

/* Reads any of them; content codings of the transfer are off already, a .gz
 * is seen to here. url: where it came from (NULL: entries must be absolute).
 * Each URL is passed to entry once, in order. 0, or WINNOW_ENOMEM. */
int winnow_read_feed(struct winnow *, const void *body, size_t len,
    const char *url, const char *content_type,
    void (*entry)(void *arg, const struct winnow_entry *), void *arg,
    struct winnow_feed *);

#endif
