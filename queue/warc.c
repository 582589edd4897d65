/* warc.c - a page as it came, as one record of a WARC file (ISO 28500:2017,
 * WARC/1.1), which is one gzip member.
 *
 * The record is a `response`: named fields, an empty line, the status line and
 * headers of HTTP, an empty line, the body. The member has an extra field that
 * says how long it is and whose page it holds, so that one page is found among
 * many without inflating the others. FORMAT.md, "Raw pages", has the bytes.
 *
 * Invariants
 *  R1  What came is kept as it came, but for what the fetcher has undone: the
 *      transfer coding is off the body, so Transfer-Encoding is written as
 *      X-Crawler-Transfer-Encoding (as Common Crawl does); and the status line
 *      of HTTP/2, which has none of its own, is that of HTTP/1.1.
 *  R2  No byte of the page can end a named field: what would is refused.
 *  R3  The same page gives the same bytes from the same library. */
#include "queue/warc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "queue/deflate.h"
#include "queue/sha256.h"

#define LEVEL 6
#define STORED 0 /* the level for what is compressed already */
#define MS_YEAR_9999 253402300799000LL
#define FIELDS_MAX 1024 /* of a record, but for its URI */

static void
head_print(unsigned char *m, const struct wq_raw_head *h)
{
	static const unsigned char fixed[16] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0,
	    255, WQ_RAW_EXTRA, 0, 'W', 'R', WQ_RAW_EXTRA - 4, 0};

	memcpy(m, fixed, sizeof fixed);
	wq_put32(m + 16, h->size);
	wq_put32(m + 20, (uint32_t)h->key);
	wq_put32(m + 24, (uint32_t)(h->key >> 32));
	memcpy(m + 28, h->id, sizeof h->id);
}

int
wq_raw_head_parse(const void *buf, size_t len, struct wq_raw_head *h)
{
	const unsigned char *m = buf;

	if (len < WQ_RAW_HEADER || memcmp(m, "\x1f\x8b\x08\x04", 4) != 0 ||
	    m[10] != WQ_RAW_EXTRA || m[11] != 0 || m[12] != 'W' ||
	    m[13] != 'R' || m[14] != WQ_RAW_EXTRA - 4 || m[15] != 0)
		return 0;
	h->size = wq_get32(m + 16);
	h->key = wq_get32(m + 20) | (uint64_t)wq_get32(m + 24) << 32;
	memcpy(h->id, m + 28, sizeof h->id);
	return h->size > WQ_RAW_HEADER + WQ_TRAILER;
}

int
wq_page_check(const void *buf, size_t len)
{
	struct wq_raw_head h;

	return wq_raw_head_parse(buf, len, &h) && h.size == len;
}

/* Makes the record a member; frees it. */
static int
member(struct wq_raw_head *h, char *record, size_t len, int level, void **out,
    size_t *out_len)
{
	size_t n = wq_deflate_bound(len);
	unsigned char *m = malloc(WQ_RAW_HEADER + n + WQ_TRAILER), *fit;
	int err = m == NULL
		      ? WQ_ENOMEM
		      : wq_deflate(record, len, level, m + WQ_RAW_HEADER, &n);

	if (err == 0) {
		wq_put32(m + WQ_RAW_HEADER + n, wq_crc32(record, len));
		wq_put32(m + WQ_RAW_HEADER + n + 4, (uint32_t)len);
		h->size = (uint32_t)(WQ_RAW_HEADER + n + WQ_TRAILER);
		head_print(m, h);
		fit = realloc(m, h->size);
		*out = fit != NULL ? fit : m;
		*out_len = h->size;
	} else
		free(m);
	free(record);
	return err;
}

/* ---- the record ---------------------------------------------------------- */

/* UTC, without gmtime_r(): that looks for a file of time zones, and where this
 * runs none may be opened. Days to a date: H. Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days. */
static void
print_date(char out[32], int64_t ms)
{
	int64_t s = ms < 0 || ms > MS_YEAR_9999 ? 0 : ms / 1000;
	int64_t days = s / 86400 + 719468, era = days / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	s %= 86400;
	snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned)(yoe + era * 400 + (month <= 2)) % 10000,
	    (unsigned)month % 100,
	    (unsigned)(doy - (153 * mp + 2) / 5 + 1) % 100,
	    (unsigned)(s / 3600) % 100, (unsigned)(s / 60 % 60),
	    (unsigned)(s % 60));
}

static void
print_hex(char out[33], const uint8_t id[16])
{
	for (int i = 0; i < 16; i++)
		sprintf(out + 2 * i, "%02x", id[i]);
}

void
wq_warc_urn(char urn[64], const char *what, const void *s, size_t n)
{
	struct wq_sha256 sha;
	char h[65];

	wq_sha256_init(&sha);
	wq_sha256_add(&sha, what, strlen(what));
	wq_sha256_add(&sha, s, n);
	wq_sha256_hex(&sha, h);
	h[12] = '8';
	h[16] = "89ab"[(h[16] >= 'a' ? h[16] - 'a' + 10 : h[16] - '0') & 3];
	snprintf(urn, 64, "<urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s>", h, h + 8,
	    h + 12, h + 16, h + 20);
}

void
wq_warc_page_urn(char urn[64], const char id[32], const char *date)
{
	char s[96];
	int n = snprintf(s, sizeof s, "%.32s %.40s", id, date);

	wq_warc_urn(urn, "winnow response ", s, (size_t)n);
}

int
wq_warc_info(const char *name, int64_t date_ms, void **out, size_t *out_len)
{
	static const char about[] =
	    "software: winnowd\r\n"
	    "format: WARC File Format 1.1\r\n"
	    "conformsTo: http://iipc.github.io/warc-specifications/"
	    "specifications/warc-format/warc-1.1/\r\n";
	struct wq_raw_head h = {0};
	char *r = malloc(FIELDS_MAX + WQ_NAME_MAX), urn[64], date[32];
	int n;

	if (r == NULL)
		return WQ_ENOMEM;
	print_date(date, date_ms);
	wq_warc_urn(urn, "winnow pages ", name, strlen(name));
	n = snprintf(r, FIELDS_MAX + WQ_NAME_MAX,
	    "WARC/1.1\r\n"
	    "WARC-Type: warcinfo\r\n"
	    "WARC-Record-ID: %s\r\n"
	    "WARC-Date: %s\r\n"
	    "WARC-Filename: %s\r\n"
	    "Content-Type: application/warc-fields\r\n"
	    "Content-Length: %zu\r\n\r\n%s\r\n\r\n",
	    urn, date, name, sizeof about - 1, about);
	return member(&h, r, (size_t)n, LEVEL, out, out_len);
}

/* Text of a named field: no byte that could end it (R2). */
static int
is_field(const char *s, size_t most)
{
	if (s == NULL)
		return 1;
	if (strlen(s) > most)
		return 0;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return 0;
	return 1;
}

static const char *
line_end(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return lf != NULL ? lf + 1 : end;
}

static int
begins(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && strncasecmp(p, word, n) == 0;
}

/* Status line and headers with one empty line behind them (R1). The place
 * behind; out has room for head_room() bytes. */
static char *
put_head(char *out, const struct wq_page *g)
{
	const char *p = g->head, *end = p + g->head_len, *next;

	if (begins(p, end, "HTTP/2 ")) {
		out = stpcpy(out, "HTTP/1.1");
		p += strlen("HTTP/2");
	}
	for (; p < end; p = next) {
		next = line_end(p, end);
		if (*p == '\r' || *p == '\n')
			break;
		if (begins(p, next, "Transfer-Encoding:"))
			out = stpcpy(out, "X-Crawler-");
		memcpy(out, p, (size_t)(next - p));
		out += next - p;
		if (next[-1] != '\n')
			out = stpcpy(out, "\r\n");
	}
	return stpcpy(out, "\r\n");
}

static size_t
head_room(const struct wq_page *g)
{
	return 2 * g->head_len + 32; /* a mark is shorter than what it marks */
}

static size_t
put_fields(char *out, size_t cap, const struct wq_page *g, size_t block)
{
	struct wq_sha256 sha;
	char date[32], id[33], urn[64], hex[65];
	const char *address = g->address != NULL ? g->address : "";
	const char *cut = g->truncated != NULL ? g->truncated : "";
	const char *hints = g->hints != NULL ? g->hints : "";

	wq_sha256_init(&sha);
	if (g->body_len > 0)
		wq_sha256_add(&sha, g->body, g->body_len);
	wq_sha256_hex(&sha, hex);
	print_date(date, g->date_ms);
	print_hex(id, g->id);
	wq_warc_page_urn(urn, id, date);
	return (size_t)snprintf(out, cap,
	    "WARC/1.1\r\n"
	    "WARC-Type: response\r\n"
	    "WARC-Record-ID: %s\r\n"
	    "Winnow-Record-ID: w1-%s\r\n"
	    "WARC-Date: %s\r\n"
	    "WARC-Target-URI: %s\r\n"
	    "%s%s%s"
	    "%s%s%s"
	    "%s%s%s"
	    "WARC-Payload-Digest: sha256:%s\r\n"
	    "Content-Type: application/http; msgtype=response\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    urn, id, date, g->uri, address[0] != '\0' ? "WARC-IP-Address: " : "",
	    address, address[0] != '\0' ? "\r\n" : "",
	    cut[0] != '\0' ? "WARC-Truncated: " : "", cut,
	    cut[0] != '\0' ? "\r\n" : "",
	    hints[0] != '\0' ? "Winnow-Hints: " : "", hints,
	    hints[0] != '\0' ? "\r\n" : "", hex, block);
}

int
wq_page_member(const struct wq_page *g, void **out, size_t *out_len)
{
	struct wq_raw_head h = {.key = g->key};
	size_t cap = FIELDS_MAX + strlen(g->uri), head, n;
	char *r, *text;

	*out = NULL;
	if (!is_field(g->uri, SIZE_MAX) || !is_field(g->address, 64) ||
	    !is_field(g->truncated, 32) || !is_field(g->hints, 256) ||
	    g->head_len == 0 || g->head_len > WQ_RAW_MAX ||
	    g->body_len > WQ_RAW_MAX)
		return WQ_EINVAL;
	text = malloc(head_room(g));
	r = malloc(cap + head_room(g) + g->body_len + 4);
	if (text == NULL || r == NULL) {
		free(text);
		free(r);
		return WQ_ENOMEM;
	}
	head = (size_t)(put_head(text, g) - text);
	n = put_fields(r, cap, g, head + g->body_len);
	memcpy(r + n, text, head);
	n += head;
	if (g->body_len > 0)
		memcpy(r + n, g->body, g->body_len);
	n += g->body_len;
	memcpy(r + n, "\r\n\r\n", 4);
	memcpy(h.id, g->id, sizeof h.id);
	free(text);
	return member(&h, r, n + 4, g->encoded ? STORED : LEVEL, out, out_len);
}
