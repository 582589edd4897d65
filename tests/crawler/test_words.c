/* What people read: numbers, spans, and lines that fit the terminal. */
#include "crawler/words.h"
#include "tests/test.h"

static char *
printed(const char *label, const char *fact, struct words_style style)
{
	char *answer = NULL, *text = NULL;
	struct words w;
	size_t len;
	FILE *f = open_memstream(&answer, &len);

	words_begin(&w, f);
	words_tell(&w, WORDS_LOOK, label, "%s", fact);
	words_end(&w);
	fclose(f);
	f = open_memstream(&text, &len);
	words_print(answer, &style, f);
	fclose(f);
	free(answer);
	return text;
}

static void
is_printed(const char *fact, int color, int width, const char *want)
{
	char *text = printed("label", fact, (struct words_style){color, width});

	CHECK_STR(text, want);
	free(text);
}

int
main(void)
{
	char b[WORDS_SPAN];

	TEST("words: numbers are told in threes")
	CHECK_STR(words_count(b, 0), "0");
	CHECK_STR(words_count(b, 999), "999");
	CHECK_STR(words_count(b, 1000), "1,000");
	CHECK_STR(words_count(b, UINT64_MAX), "18,446,744,073,709,551,615");

	TEST("words: a rate has as many digits as it means")
	CHECK_STR(words_rate(b, 0), "0");
	CHECK_STR(words_rate(b, 0.044), "0.04");
	CHECK_STR(words_rate(b, 3.44), "3.4");
	CHECK_STR(words_rate(b, 1234.5), "1234");

	TEST("words: elsewhere than on a terminal a line is a fact")
	is_printed("one two three four five six seven eight nine ten eleven", 0,
	    0,
	    "label       one two three four five six seven eight nine ten "
	    "eleven\n");
	is_printed("", 0, 0, "label       \n");

	TEST("words: on one it is broken between words, below each other")
	is_printed("one two three four five six seven eight", 0, 40,
	    "label       one two three four five six\n"
	    "            seven eight\n");

	TEST("words: a word that is longer than the line is not cut")
	is_printed("http://a.test/a/very/long/address/without/an/end x", 0, 40,
	    "label       http://a.test/a/very/long/address/without/an/end\n"
	    "            x\n");

	TEST("words: columns are letters, not bytes")
	is_printed("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87 "
		   "\xe4\xb8\xad\xe6\x96\x87 four five six seven",
	    0, 40,
	    "label       \xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87 "
	    "\xe4\xb8\xad\xe6\x96\x87 four five six\n"
	    "            seven\n");

	TEST("words: a mood is a color, and nothing else steers the terminal")
	is_printed("a\033[2Jb", 1, 0,
	    "\033[2mlabel      \033[0m \033[33ma?[2Jb\033[0m\n");

	TEST("words: nor does any byte of a text that is printed by itself")
	{
		char text[] = "a\033[1m\xc2\x9b""b\xe2\x80\xae""c\xff\r\nd \xe4\xb8\xad";

		CHECK_STR(words_plain(text), "a?[1m??b???c???d \xe4\xb8\xad");
	}
	return test_end();
}
