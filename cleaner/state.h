/* state.h - what a struct winnow holds, for the files that implement it. */
#ifndef WN_STATE_H
#define WN_STATE_H

#include "cleaner/doc.h"

struct wn_charsets;
struct wn_fold;
struct wn_line_rows;
struct wn_role_rows;
struct wn_script;
struct wn_site_rules;
struct wn_topic;
struct wn_spun;
struct wn_words;
struct evp_md_st;
struct evp_md_ctx_st;

struct winnow {
	struct winnow_options opt; /* zeros replaced by the defaults */
	struct wn_arena *arena;    /* the page; reset by each winnow_clean() */
	struct wn_arena *scratch; /* results of winnow_normalise(), _decode() */
	struct wn_arena *parts;	  /* texts of winnow_clean_parts() */
	struct wn_arena *tables;  /* the indexes of the rule tables: */
	const struct wn_line_rows *line_rows;
	const struct wn_role_rows *role_rows;
	const struct wn_words *notices, *date_words;
	const struct wn_site_rules *site_rules;
	const struct wn_spun *spun;
	const struct wn_fold *fold; /* what characters are compared as */
	struct wn_charsets *charsets;
	struct wn_script *script; /* NULL: text keeps its own */
	struct wn_topic *topic;	  /* NULL: none */
	struct evp_md_st *sha_md; /* fingerprint: SHA-256, fetched once */
	struct evp_md_ctx_st *sha_ctx;
	struct winnow_page page; /* a copy of the caller's */
	const char *explain_home; /* NULL: the explain page leads nowhere */
	struct wn_doc doc;
};

/* winnow.c: a file of another kind than text, by its first bytes? */
int wn_is_binary(const void *, size_t n);

#endif
