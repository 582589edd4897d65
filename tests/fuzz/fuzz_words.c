/* fuzz_words.c - facts for people, of any bytes: said, put into an answer, read
 * back and printed; and any bytes as an answer. The first byte chooses the
 * width and the color. Whatever comes, nothing steers the terminal, and no fact
 * is wider than it, but for a word that is. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/log_line.h"
#include "crawler/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define LABEL 12 /* columns before the text */

static void
check_lines(const char *s, const struct words_style *style, int fits)
{
	size_t i, k, n = strlen(s), columns = 0, word = 0;

	for (i = 0; i < n; i += k) {
		if (s[i] == '\n') {
			assert(!fits || word + LABEL >= columns ||
			       columns <= (size_t)style->width);
			columns = word = 0;
			k = 1;
			continue;
		}
		if (style->color && s[i] == '\033') {
			assert(
			    (k = strcspn(s + i, "m")) < 8 && s[i + k] == 'm');
			k++;
			continue;
		}
		k = log_printable((const unsigned char *)s + i, n - i);
		assert(k > 0);
		word = s[i] == ' ' ? 0 : word + 1;
		columns++;
	}
}

/* answer is changed. */
static void
print(char *answer, const struct words_style *style, int fits)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	(void)words_print(answer, style, f);
	fclose(f);
	check_lines(text, style, fits);
	free(text);
}

static void
say(const char *text, const struct words_style *style)
{
	char *answer = NULL;
	struct words w;
	size_t len;
	FILE *f = open_memstream(&answer, &len);

	if (f == NULL || words_begin(&w, f) != 0)
		abort();
	words_string(&w, "text", text);
	words_say(&w, "label", "%s", text);
	words_tell(&w, WORDS_BAD, "", "%s", text);
	words_end(&w);
	fclose(f);
	print(answer, style, style->width > LABEL + 20);
	free(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct words_style style;
	char *text;

	if (len < 1 || (text = malloc(len)) == NULL)
		return 0;
	style = (struct words_style){data[0] & 1, data[0] / 2};
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	say(text, &style);
	print(text, &style, 0);
	free(text);
	return 0;
}
