/* form_warc.c - records as WARC/1.1 (ISO 28500:2017): a warcinfo record, then a
 * conversion record each, whose block is the text (as Common Crawl's WET).
 *
 * Invariants
 *  A1  The same records give the same bytes: no clock, no random number. Their
 *      identifiers are hashes.
 *  A2  A record's raw page, when the queue keeps it, is the response record
 *      whose identifier warc.c makes of the record's id and date; the
 *      conversion refers to it and has another, of the whole line.
 *  A3  Nothing from a record stands in a header as it came: an address is put
 *      in what RFC 3986 allows, a date is checked. */
#include "queue/forms.h"

#include <stdio.h>
#include <string.h>

#include "queue/sha256.h"
#include "queue/warc.h"

/* Behind those that wq_text_needs() shows. */
enum { ID, URL, DATE, PLACES };
#define NO_DATE "1970-01-01T00:00:00Z"

/* "" when the id is none of ours. */
static void
urn_raw(char urn[64], const struct wq_json_value *id, const char *date)
{
	const char *s = id != NULL ? id->raw : "";

	urn[0] = '\0';
	if (id != NULL && id->len == 37 && memcmp(s, "\"w1-", 4) == 0 &&
	    strspn(s + 4, "0123456789abcdef") == 32)
		wq_warc_page_urn(urn, s + 4, date);
}

static void
warc_date(char out[24], const struct wq_json_value *v)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	size_t i, n = sizeof form - 1;

	strcpy(out, NO_DATE);
	if (v == NULL || v->len != n + 2)
		return;
	for (i = 0; i < n; i++)
		if (form[i] == '0' ? v->raw[i + 1] < '0' || v->raw[i + 1] > '9'
				   : v->raw[i + 1] != form[i])
			return;
	memcpy(out, v->raw + 1, n);
}

/* An address as a header may hold it. */
static int
put_uri(struct wq_buf *b, const struct wq_json_value *v)
{
	static const char hex[] = "0123456789ABCDEF";
	char *s, *o;
	size_t n;

	if ((s = wq_buf_room(b, 4 * v->len)) == NULL)
		return WQ_ENOMEM;
	o = s;
	s += 3 * v->len; /* where it lies until it is written */
	n = wq_json_text(v, s);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c > 0x20 && c < 0x7F && strchr("<>\"\\^`{|}", c) == NULL) {
			*o++ = (char)c;
			continue;
		}
		*o++ = '%';
		*o++ = hex[c >> 4];
		*o++ = hex[c & 15];
	}
	b->len = (size_t)(o - b->p);
	return WQ_OK;
}

static int
header(struct wq_buf *b, const char *name, const char *value)
{
	int err;

	if ((err = wq_buf_puts(b, name)) != 0 ||
	    (err = wq_buf_puts(b, ": ")) != 0 ||
	    (err = wq_buf_puts(b, value)) != 0)
		return err;
	return wq_buf_puts(b, "\r\n");
}

/* The whole of a WARC record: what stands above (its own headers) in p->buf,
 * its block in p->scratch. */
static int
finish(struct wq_print *p, const char *type)
{
	struct wq_buf *b = &p->buf, *block = &p->scratch;
	char text[96], hex[65];
	struct wq_sha256 sha;
	int err;

	wq_sha256_init(&sha);
	wq_sha256_add(&sha, block->p, block->len);
	wq_sha256_hex(&sha, hex);
	snprintf(text, sizeof text, "sha256:%s", hex);
	if ((err = header(b, "WARC-Block-Digest", text)) != 0 ||
	    (err = header(b, "Content-Type", type)) != 0)
		return err;
	snprintf(text, sizeof text, "%zu\r\n", block->len);
	if ((err = header(b, "Content-Length", text)) != 0 ||
	    (err = wq_buf_put(b, block->p, block->len)) != 0 ||
	    (err = wq_buf_put(b, "\r\n\r\n", 4)) != 0)
		return err;
	return wq_print_bytes(p, b->p, b->len);
}

static int
open_record(
    struct wq_buf *b, const char *type, const char *id, const char *date)
{
	int err;

	b->len = 0;
	if ((err = wq_buf_puts(b, "WARC/1.1\r\n")) != 0 ||
	    (err = header(b, "WARC-Type", type)) != 0 ||
	    (err = header(b, "WARC-Record-ID", id)) != 0)
		return err;
	return header(b, "WARC-Date", date);
}

static int
warc_begin(struct wq_print *p)
{
	static const char about[] =
	    "software: winnow " WINNOW_VERSION "\r\n"
	    "format: WARC File Format 1.1\r\n"
	    "conformsTo: http://iipc.github.io/warc-specifications/"
	    "specifications/warc-format/warc-1.1/\r\n"
	    "description: texts of articles, a conversion record each\r\n";
	size_t at = p->nshown - PLACES;
	const struct wq_json_value *id = wq_print_value(p, at + ID);
	char urn[64], date[24];
	int err;

	warc_date(date, wq_print_value(p, at + DATE));
	wq_warc_urn(urn, "winnow warcinfo " WINNOW_VERSION,
	    id != NULL ? id->raw : "", id != NULL ? id->len : 0);
	p->scratch.len = 0;
	if ((err = open_record(&p->buf, "warcinfo", urn, date)) != 0 ||
	    (err = wq_buf_puts(&p->scratch, about)) != 0)
		return err;
	memcpy(p->info, urn, sizeof urn);
	return finish(p, "application/warc-fields");
}

static int
warc_record(struct wq_print *p, const char *line, size_t len)
{
	struct wq_buf *b = &p->buf;
	size_t at = p->nshown - PLACES;
	const struct wq_json_value *url = wq_print_value(p, at + URL);
	char of[64], urn[64], date[24];
	int err;

	warc_date(date, wq_print_value(p, at + DATE));
	urn_raw(of, wq_print_value(p, at + ID), date);
	wq_warc_urn(urn, "winnow conversion ", line, len);
	p->nshown = at; /* the block shows none of ours */
	p->scratch.len = 0;
	err = wq_text_record(p, &p->scratch);
	p->nshown = at + PLACES;
	if (err != 0 || (err = open_record(b, "conversion", urn, date)) != 0 ||
	    (err = wq_buf_puts(b, "WARC-Target-URI: ")) != 0)
		return err;
	if (url != NULL && url->type == WQ_JSON_STRING)
		err = put_uri(b, url);
	else
		err = wq_buf_puts(b, "about:blank");
	if (err != 0 || (err = wq_buf_puts(b, "\r\n")) != 0)
		return err;
	if (p->raw && of[0] != '\0' &&
	    (err = header(b, "WARC-Refers-To", of)) != 0)
		return err;
	if ((err = header(b, "WARC-Warcinfo-ID", p->info)) != 0)
		return err;
	return finish(p, "text/plain; charset=UTF-8");
}

static int
warc_needs(struct wq_print *p)
{
	static const char *const names[PLACES] = {
	    [ID] = "id", [URL] = "url", [DATE] = "date_download"};
	int err = wq_text_needs(p);

	for (size_t i = 0; err == 0 && i < PLACES; i++)
		err = wq_print_show(p, names[i], strlen(names[i]));
	return err;
}

const struct wq_form wq_form_warc = {.name = "warc",
    .needs = warc_needs,
    .begin = warc_begin,
    .record = warc_record};
