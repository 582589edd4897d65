/* test_words.c - words found anywhere in a text. */
#include "cleaner/words.h"
#include "tests/test.h"

static const char *const list[] = {
    "page not found", "not found", "页面不存在", "no", "nothing"};
enum { LIST = sizeof(list) / sizeof(list[0]) };

int
main(void)
{
	struct wn_arena *a = wn_arena_new(4 << 20);
	struct wn_words *w = wn_words_new(a, list, LIST);
	const char *zh = "您要的页面不存在。";

	TEST("words: of several in a text the first of the list is told")
	{
		CHECK_INT(wn_words_find(w, "is nothing, not found", 21), 1);
		CHECK_INT(wn_words_find(w, "no page not found", 17), 0);
		CHECK_INT(wn_words_find(w, "nothing", 7), 3);
	}
	TEST("words: letters of ASCII are found in either case")
	{
		CHECK_INT(wn_words_find(w, "404 Page NOT Found", 18), 0);
		CHECK_INT(wn_words_find(w, zh, strlen(zh)), 2);
	}
	TEST("words: nothing behind the end of a text is read")
	{
		CHECK_INT(wn_words_find(w, "page not found", 13), 3);
		CHECK_INT(wn_words_find(w, "no", 1), LIST);
		CHECK_INT(wn_words_find(w, "", 0), LIST);
	}
	wn_arena_free(a);
	return test_end();
}
