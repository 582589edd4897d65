/* encode.c - the bytes of a page as its site sends them.
 *
 * The attribute `encoding` names them; `damage: mirror` makes of a page what
 * mirrors make: a gloss in brackets behind each character of glosses.txt, the
 * lead byte of a character behind a ^ gone to a question mark, and in articles
 * with `fold: yes` the marks of the full width made half-width. */
#include "tests/sites/sites.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static size_t
char_len(const char *s)
{
	unsigned char c = *s;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void
put_char(FILE *f, iconv_t cd, const char *s, size_t len, int lost)
{
	char in[8], out[8], *ip = in, *op = out;
	size_t il = len, ol = sizeof(out);

	memcpy(in, s, len);
	if (iconv(cd, &ip, &il, &op, &ol) == (size_t)-1) {
		fprintf(stderr, "winnow-sites: '%.*s' is not in the encoding\n",
		    (int)len, s);
		putc('?', f);
		return;
	}
	if (lost)
		out[0] = '?';
	fwrite(out, 1, op - out, f);
}

/* "會 huì" lines: the reading behind the character at s, or NULL. */
static const char *
gloss_of(const char *glosses, const char *s, size_t len, size_t *n)
{
	for (const char *p = glosses; p != NULL && *p != '\0';
	     p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, s, len) == 0 && p[len] == ' ') {
			*n = strcspn(p + len + 1, "\n");
			return p + len + 1;
		}
	return NULL;
}

/* The half-width form of a mark, or 0. */
static int
folded(const char *s)
{
	static const struct {
		const char *wide;
		char narrow;
	} marks[] = {{"，", ','}, {"；", ';'}, {"：", ':'}, {"？", '?'},
	    {"！", '!'}, {"（", '('}, {"）", ')'}};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(s, marks[i].wide, 3) == 0)
			return marks[i].narrow;
	return 0;
}

static void
put_string(FILE *f, iconv_t cd, const char *s, size_t len)
{
	for (size_t n; len > 0; s += n, len -= n) {
		n = char_len(s);
		put_char(f, cd, s, n, 0);
	}
}

static void
damage(const struct site *s, const struct article *a, FILE *f, iconv_t cd,
    const char *text)
{
	int fold = a != NULL && strcmp(attr_get(&a->attrs, "fold"), "yes") == 0;
	size_t len, n;
	char *glosses = must(site_file(s, "glosses.txt", &n));
	const char *gloss;
	int lost = 0;

	for (const char *p = text; *p != '\0'; p += len) {
		len = char_len(p);
		if (*p == '^') {
			lost = 1;
			continue;
		}
		if (fold && folded(p)) {
			putc(folded(p), f);
			continue;
		}
		put_char(f, cd, p, len, lost);
		lost = 0;
		gloss = len == 3 ? gloss_of(glosses, p, len, &n) : NULL;
		if (gloss != NULL) {
			putc('(', f);
			put_string(f, cd, gloss, n);
			putc(')', f);
		}
	}
	free(glosses);
}

void
encode_page(
    const struct site *s, const struct article *a, char **text, size_t *len)
{
	const char *encoding = attr_get(&s->attrs, "encoding");
	int mirror = strcmp(attr_get(&s->attrs, "damage"), "mirror") == 0;
	char *out = NULL;
	iconv_t cd;
	FILE *f;

	if (*encoding == '\0' || *text == NULL)
		return;
	cd = iconv_open(encoding, "UTF-8");
	if (cd == (iconv_t)-1) {
		fprintf(stderr, "winnow-sites: no encoding '%s'\n", encoding);
		exit(1);
	}
	f = must(open_memstream(&out, len));
	if (mirror)
		damage(s, a, f, cd, *text);
	else
		put_string(f, cd, *text, strlen(*text));
	fclose(f);
	iconv_close(cd);
	free(*text);
	*text = out;
}

void *
encode_gzip(const void *data, size_t len, size_t *out_len, int level)
{
	z_stream z = {0};
	void *out;

	if (deflateInit2(
		&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		must(NULL);
	*out_len = deflateBound(&z, len);
	out = must(malloc(*out_len));
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = len;
	z.next_out = out;
	z.avail_out = *out_len;
	deflate(&z, Z_FINISH);
	*out_len = z.total_out;
	deflateEnd(&z);
	return out;
}
