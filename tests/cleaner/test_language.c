/* test_language.c - language and script of an article's text. */
#include "tests/test.h"

#include "cleaner/doc.h"
#include "cleaner/language.h"

static struct wn_doc doc;

static const char *
language(const char *text)
{
	memset(&doc, 0, sizeof(doc));
	doc.pub.text = text;
	doc.pub.text_len = strlen(text);
	wn_language(&doc);
	return doc.pub.language;
}

int
main(void)
{
	TEST("language: Han without kana is Chinese, with kana Japanese")
	{
		CHECK_STR(language("学校要把立德树人作为根本任务。"), "zh");
		CHECK_STR(doc.pub.language_script, "Hans");
		CHECK_STR(language("學校要把立德樹人作為根本任務。"), "zh");
		CHECK_STR(doc.pub.language_script, "Hant");
		CHECK_STR(language("今日は会議がありますか？"), "ja");
		CHECK_STR(doc.pub.language_script, NULL);
	}
	TEST("language: Hangul, Cyrillic, Thai, Greek, Arabic by their script")
	{
		CHECK_STR(language("대한민국의 수도는 서울이다."), "ko");
		CHECK_STR(language("Москва — столица России."), "ru");
		CHECK_STR(
		    language("Київ — столиця України, її серце і її історія."),
		    "uk");
		CHECK_STR(language("สวัสดีครับ"), "th");
		CHECK_STR(language("Ελληνικά γράμματα"), "el");
		CHECK_STR(language("مرحبا بالعالم"), "ar");
	}
	TEST("language: Latin letters by their short words")
	{
		CHECK_STR(
		    language("The ratio of the two is what we have been after, "
			     "and it was not in the text."),
		    "en");
		CHECK_STR(language("Der Hund und die Katze sind nicht auf dem "
				   "Dach, aber sie haben es versucht."),
		    "de");
		CHECK_STR(language("Le chat est sur la table et les chiens ne "
				   "sont pas dans la maison."),
		    "fr");
		CHECK_STR(
		    language("El gato no está en la casa, pero los perros "
			     "ya se han ido por el camino."),
		    "es");
	}
	TEST("language: English words in Chinese text do not make it English")
	CHECK_STR(language("我们用 Python 和 the Unix shell 写了这个程序，"
			   "它运行得很快。"),
	    "zh");
	TEST("language: too little to tell is und, not a guess")
	{
		CHECK_STR(language(""), "und");
		CHECK_STR(language("12345 67"), "und");
		CHECK_STR(language("Xyzzy plugh"), "und");
	}
	return test_end();
}
