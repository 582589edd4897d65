/* json_string.c - see json_string.h. */
#include "crawler/json_string.h"

#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"
#include "crawler/log.h"

/* s as valid UTF-8 into out, which has room for three bytes each. */
static size_t
mend(char *out, const char *s)
{
	static const char lost[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t n = strlen(s), len = 0, k;

	for (; n > 0; s += k, n -= k) {
		k = log_printable((const unsigned char *)s, n);
		if (k == 0 && (unsigned char)*s >= 0x80) {
			memcpy(out + len, lost, 3);
			len += 3;
			k = 1;
			continue;
		}
		k = k > 0 ? k : 1; /* a control: quoting escapes it */
		memcpy(out + len, s, k);
		len += k;
	}
	return len;
}

void
json_put_string(FILE *f, const char *s)
{
	char *mended, *q;
	size_t n;

	if (s == NULL) {
		fputs("null", f);
		return;
	}
	n = 3 * strlen(s);
	mended = malloc(n + 1);
	q = malloc(6 * n + 3);
	if (mended != NULL && q != NULL)
		fwrite(q, 1, winnow_json_quote(q, mended, mend(mended, s)), f);
	else
		fputs("\"\"", f);
	free(mended);
	free(q);
}
