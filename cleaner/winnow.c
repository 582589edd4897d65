/* winnow.c - a page through the stages, and the names of things.
 *
 * Invariants
 *  W1  After winnow_new() no file is opened: converters, tables and the
 *      digest are ready.
 *  W2  Everything of a page is in w->arena and goes at the next page. */
#include "cleaner/winnow.h"

#include <libxml/parser.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/charset.h"
#include "cleaner/decode.h"
#include "cleaner/doc.h"
#include "cleaner/extract.h"
#include "cleaner/html.h"
#include "cleaner/inflate.h"
#include "cleaner/meta.h"
#include "cleaner/quality.h"
#include "cleaner/script.h"
#include "cleaner/site_text.h"
#include "cleaner/sketch.h"
#include "cleaner/state.h"
#include "cleaner/topic.h"
#include "cleaner/url_parts.h"

enum { SCRATCH = 256 << 20, TABLES = 4 << 20 };

static const struct {
	const char *name, *words;
} errors[] = {
    [WINNOW_OK] = {"ok", "no error"},
    [-WINNOW_ENOMEM] = {"no-memory", "the system has no memory"},
    [-WINNOW_ETOOBIG] = {"too-big", "the page is past a size limit"},
    [-WINNOW_ECODING] = {"coding", "the content coding cannot be read"},
    [-WINNOW_ETYPE] = {"type", "not a page of text"},
    [-WINNOW_ECHARSET] = {"charset", "no known encoding has that name"},
    [-WINNOW_EINVAL] = {"invalid", "an argument is out of range"},
};

static int
error_row(int err)
{
	int n = sizeof(errors) / sizeof(errors[0]);

	return err <= 0 && -err < n ? -err : -WINNOW_EINVAL;
}

const char *
winnow_strerror(int err)
{
	return errors[error_row(err)].words;
}

const char *
winnow_errname(int err)
{
	return errors[error_row(err)].name;
}

const char *
winnow_page_type_name(enum winnow_page_type t)
{
	static const char *const names[] = {
	    "article", "list", "forum", "document", "other"};

	return (unsigned)t < 5 ? names[t] : "other";
}

const char *
winnow_kind_name(enum winnow_kind k)
{
	static const char *const names[WINNOW_KIND_N] = {
#define K(key, name, words) [WINNOW_KIND_##key] = name,
#include "cleaner/kinds.def"
#undef K
	};

	return (unsigned)k < WINNOW_KIND_N ? names[k] : "other";
}

const char *
winnow_repair_name(enum winnow_repair_kind k)
{
	static const char *const names[WINNOW_REPAIR_N] = {
#define R(key, name, words) [WINNOW_REPAIR_##key] = name,
#include "cleaner/repairs.def"
#undef R
	};

	return (unsigned)k < WINNOW_REPAIR_N ? names[k] : "space";
}

/* The rule tables are indexed once, for all pages. */
static int
index_tables(struct winnow *w)
{
	struct wn_arena *a = w->tables;

	if (a == NULL || (w->line_rows = wn_line_rows_new(a)) == NULL ||
	    (w->role_rows = wn_role_rows_new(a)) == NULL ||
	    (w->notices = wn_notices_new(a)) == NULL ||
	    (w->spun = wn_spun_new(a)) == NULL ||
	    (w->date_words = wn_date_words_new(a)) == NULL ||
	    (w->site_rules = wn_site_rules_new(a)) == NULL ||
	    (w->fold = wn_fold_new(a)) == NULL)
		return WINNOW_ENOMEM;
	return 0;
}

int
winnow_new(struct winnow **wp, const struct winnow_options *o)
{
	struct winnow *w = calloc(1, sizeof(*w));
	int rc = 0;

	*wp = w;
	if (w == NULL)
		return WINNOW_ENOMEM;
	if (o != NULL)
		w->opt = *o;
	if (w->opt.max_body == 0)
		w->opt.max_body = 10 << 20;
	if (w->opt.max_feed == 0)
		w->opt.max_feed = 50 << 20;
	if (w->opt.max_memory == 0)
		w->opt.max_memory = 512 << 20;
	if (w->opt.max_links == 0)
		w->opt.max_links = 5000;
	xmlInitParser();
	w->arena = wn_arena_new(w->opt.max_memory);
	w->scratch = wn_arena_new(SCRATCH);
	w->parts = wn_arena_new(w->opt.max_memory);
	w->tables = wn_arena_new(TABLES);
	w->charsets = wn_charsets_new();
	wn_url_open_encodings();
	w->sha_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	w->sha_ctx = EVP_MD_CTX_new();
	if (w->arena == NULL || w->scratch == NULL || w->parts == NULL ||
	    w->charsets == NULL ||
	    w->sha_md == NULL || w->sha_ctx == NULL) {
		rc = WINNOW_ENOMEM;
	}
	if (rc == 0)
		rc = index_tables(w);
	if (rc == 0)
		rc = wn_script_open(&w->script, w->opt.script);
	if (rc != 0) {
		winnow_free(w);
		*wp = NULL;
	}
	return rc;
}

void
winnow_free(struct winnow *w)
{
	if (w == NULL)
		return;
	wn_arena_free(w->arena);
	wn_arena_free(w->scratch);
	wn_arena_free(w->parts);
	wn_arena_free(w->tables);
	wn_charsets_free(w->charsets);
	wn_script_close(w->script);
	wn_topic_close(w->topic);
	EVP_MD_free(w->sha_md);
	EVP_MD_CTX_free(w->sha_ctx);
	free(w);
}

int
winnow_can_convert(enum winnow_script to)
{
	struct wn_script *s;
	int rc = wn_script_open(&s, to);

	wn_script_close(s);
	return rc == 0;
}

void
winnow_set_url_seed(struct winnow *w, uint64_t seed)
{
	w->opt.url_seed = seed;
}

void
winnow_set_explain(struct winnow *w, int on, const char *home)
{
	w->opt.explain = on;
	w->explain_home = home;
}

/* Files that are no text, by their first bytes: where, and which. */
static const struct {
	unsigned char at, len;
	const char *bytes;
} magics[] = {
    {0, 5, "%PDF-"},
    {0, 4, "PK\3\4"},
    {0, 4, "PK\5\6"},
    {0, 4, "GIF8"},
    {0, 4, "\x89PNG"},
    {0, 3, "\xFF\xD8\xFF"},
    {0, 4, "RIFF"},
    {0, 3, "\x1F\x8B\x08"},
    {0, 4, "Rar!"},
    {0, 6, "7z\xBC\xAF\x27\x1C"},
    {0, 4, "\xD0\xCF\x11\xE0"},
    {4, 4, "ftyp"},
    {0, 3, "ID3"},
    {0, 4, "OggS"},
    {0, 4, "wOFF"},
    {0, 4, "wOF2"},
    {0, 3, "BZh"},
    {0, 6,
	"\xFD"
	"7zXZ"},
    {0, 4,
	"\x7F"
	"ELF"},
    {0, 2, "MZ"},
    {0, 4, "\x1A\x45\xDF\xA3"},
    {0, 3, "FLV"},
    {0, 3, "CWS"},
    {0, 4, "II*\0"},
    {0, 4, "MM\0*"},
    {0, 4, "\0\0\1\0"},
    {0, 4, "{\\rt"},
    {0, 4, "\x28\xB5\x2F\xFD"},
};

int
wn_is_binary(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t i, odd = 0;
	int utf16 = n >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) ||
				  (p[0] == 0xFE && p[1] == 0xFF));

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n >= (size_t)magics[i].at + magics[i].len &&
		    memcmp(p + magics[i].at, magics[i].bytes, magics[i].len) ==
			0)
			return 1;
	n = n < 512 ? n : 512;
	for (i = 0; i < n; i++)
		odd += p[i] < 9 || (p[i] > 13 && p[i] < 27);
	/* Pages with some NULs in them exist, and UTF-16 is half NULs. */
	return !utf16 && odd > 8 && odd > n / 10 && memchr(p, '<', n) == NULL;
}

int
wn_stage_decode(struct wn_doc *d)
{
	struct winnow *w = d->w;
	struct wn_decode_hints hints = {
	    d->page->content_type, d->page->charset};
	struct wn_decoded out;
	int r;

	r = wn_inflate(d->arena, d->page->content_encoding, d->page->body,
	    d->page->body_len, w->opt.max_body, &d->body, &d->body_len);
	if (r != 0)
		return r;
	d->pub.content_length = d->body_len;
	if (wn_is_binary(d->body, d->body_len))
		return WINNOW_ETYPE;
	r = wn_decode(
	    w->charsets, d->arena, d->body, d->body_len, &hints, &out);
	if (r != 0)
		return r;
	d->html = out.text;
	d->html_len = out.len;
	d->pub.charset = wn_charset_name(out.charset);
	d->pub.charset_source = out.source;
	d->pub.bad_bytes = out.bad;
	return 0;
}

int
wn_stage_parse(struct wn_doc *d)
{
	int r = wn_parse(d->arena, d->html, d->html_len, &d->tree);

	if (r == 0)
		d->pub.truncated = d->tree->truncated;
	return r;
}

static int (*const stages[])(struct wn_doc *) = {
    wn_stage_decode,
    wn_stage_parse,
    wn_stage_links,
    wn_stage_blocks,
    wn_stage_meta,
    wn_stage_extract,
    wn_stage_meta_late,
    wn_stage_normalise,
    wn_stage_quality,
    wn_stage_fingerprint,
    wn_stage_topic,
};

static int
run_stages(struct wn_doc *d)
{
	size_t i;
	int r;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if ((r = stages[i](d)) != 0)
			return r;
	if (d->want_html && (d->pub.html = wn_html(d)) == NULL)
		return WINNOW_ETOOBIG;
	return 0;
}

int
winnow_clean(struct winnow *w, const struct winnow_page *page,
    const struct winnow_doc **doc)
{
	struct wn_doc *d = &w->doc;
	int r;

	wn_arena_reset(w->arena);
	w->page = *page;
	if (w->page.body == NULL)
		w->page.body = "";
	*d = (struct wn_doc){.w = w, .arena = w->arena, .page = &w->page};
	*doc = &d->pub;
	d->pub.text = "";
	d->pub.joined = 1;
	d->pub.datetime_publish = d->pub.date_modify = WINNOW_NO_TIME;
	d->want_html = w->opt.html;
	if (page->body == NULL && page->body_len != 0)
		return WINNOW_EINVAL;
	if (page->url != NULL && winnow_url_parse(&d->url, page->url,
				     strlen(page->url), NULL, NULL) != 0)
		d->url.len = 0;
	if ((r = run_stages(d)) != 0) {
		d->pub.text = "";
		d->pub.text_len = 0;
	}
	return r;
}

int
winnow_inflate(struct winnow *w, const void *body, size_t len,
    const char *content_encoding, const void **out, size_t *out_len)
{
	const char *plain;
	int r;

	wn_arena_reset(w->scratch);
	r = wn_inflate(w->scratch, content_encoding, body, len, w->opt.max_feed,
	    &plain, out_len);
	*out = plain;
	return r;
}

int
winnow_decode(struct winnow *w, const void *bytes, size_t len,
    const char *content_type, const char **encoding, const char **text,
    size_t *text_len)
{
	struct wn_decode_hints hints = {content_type, NULL};
	struct wn_decoded out;
	int r;

	wn_arena_reset(w->scratch);
	r = wn_decode(w->charsets, w->scratch, bytes, len, &hints, &out);
	if (r != 0)
		return r;
	*encoding = wn_charset_name(out.charset);
	*text = out.text;
	*text_len = out.len;
	return 0;
}
