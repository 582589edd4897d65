/* test_detect.c - encodings that nobody declares, and those declared wrongly.
 *
 * Titles are put together from the words below by a fixed sequence of numbers,
 * encoded by iconv, set into a small page, and what the page is taken for is
 * counted. */
#include <iconv.h>

#include "cleaner/arena.h"
#include "cleaner/decode.h"
#include "tests/test.h"

enum { PAGES = 1000, CAP = 2048 };

static const char *const hans[] = {"北京", "市民", "学校", "教育局", "关于",
    "开展", "通知", "的", "我们", "老师", "孩子", "读书", "天气", "降温", "了",
    "公园", "开放", "医院", "门诊", "电话", "号码", "新车站", "今天", "工作",
    "会议", "召开", "小说", "作者", "谈", "写作", "与", "生活", "苹果", "价格",
    "上涨", "农民", "收入", "增加", "长江", "水位", "历史", "博物馆", "展览",
    "在", "广场", "举行", "比赛", "冠军", "获得", "奖金", "银行", "贷款",
    "怎么办", "为什么", "春节", "回家", "火车票", "网上", "购买", "方法",
    "专家", "解读", "政策", "研究", "发现", "海洋", "鱼类", "减少", "是"};
static const char *const hant[] = {"臺北", "市民", "學校", "教育局", "關於",
    "開展", "通知", "的", "我們", "老師", "孩子", "讀書", "天氣", "降溫", "了",
    "公園", "開放", "醫院", "門診", "電話", "號碼", "新車站", "今天", "工作",
    "會議", "召開", "小說", "作者", "談", "寫作", "與", "生活", "蘋果", "價格",
    "上漲", "農民", "收入", "增加", "淡水河", "水位", "歷史", "博物館", "展覽",
    "在", "廣場", "舉行", "比賽", "冠軍", "獲得", "獎金", "銀行", "貸款",
    "怎麼辦", "為什麼", "春節", "回家", "火車票", "網上", "購買", "方法",
    "專家", "解讀", "政策", "研究", "發現", "海洋", "魚類", "減少", "是"};
static const char *const japanese[] = {"新しい", "図書館", "が", "駅前", "に",
    "できました", "子ども", "たち", "は", "毎日", "学校", "で", "勉強",
    "します", "天気予報", "によると", "明日", "雨", "でしょう", "料理", "の",
    "レシピ", "を", "紹介", "する", "ニュース", "東京", "から", "大阪", "まで"};
static const char *const korean[] = {"새로운", "도서관", "이", "역", "앞에",
    "문을", "열었습니다", "아이들", "은", "매일", "학교에서", "공부", "합니다",
    "날씨", "예보에", "따르면", "내일", "비가", "오겠습니다", "요리", "방법을",
    "소개", "하는", "뉴스", "서울에서", "부산까지"};

struct language {
	const char *const *words;
	size_t n;
	size_t least, most; /* characters of a title */
};
#define LANGUAGE(words, least, most)                                           \
	{                                                                      \
		words, sizeof(words) / sizeof(words[0]), least, most           \
	}
static const struct language simplified = LANGUAGE(hans, 8, 20);
static const struct language traditional = LANGUAGE(hant, 8, 20);
static const struct language of_japan = LANGUAGE(japanese, 20, 40);
static const struct language of_korea = LANGUAGE(korean, 20, 40);

static struct wn_arena *arena;
static struct wn_charsets *charsets;
static uint32_t seed;

static unsigned
number(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* A title of least to most characters, in UTF-8. */
static void
title(const struct language *l, char *out)
{
	size_t want = l->least + number((unsigned)(l->most - l->least + 1));
	size_t chars = 0;
	const char *w = "";

	while (chars < want) {
		if (*w == '\0')
			w = l->words[number((unsigned)l->n)];
		do
			*out++ = *w++;
		while ((*w & 0xC0) == 0x80);
		chars++;
	}
	*out = '\0';
}

static size_t
page(
    const struct language *l, const char *encoding, const char *meta, char *out)
{
	char text[CAP / 8], utf8[CAP], *in = utf8, *to = out;
	size_t in_left, left = CAP;
	iconv_t cd = iconv_open(encoding, "UTF-8");

	title(l, text);
	snprintf(utf8, sizeof(utf8),
	    "<html><head>%s%s%s<title>%s</title></head><body><a href=\"/\">"
	    "Home</a><h1>%s</h1></body></html>",
	    meta != NULL ? "<meta charset=\"" : "", meta != NULL ? meta : "",
	    meta != NULL ? "\">" : "", text, text);
	in_left = strlen(utf8);
	CHECK(iconv(cd, &in, &in_left, &to, &left) != (size_t)-1);
	iconv(cd, NULL, NULL, &to, &left);
	iconv_close(cd);
	return CAP - left;
}

/* Bytes of characters are lost or become others. */
static size_t
damage(char *s, size_t n, unsigned times)
{
	while (times > 0) {
		size_t at = number((unsigned)n);

		if ((s[at] & 0x80) == 0)
			continue;
		times--;
		if (number(2) == 0)
			memmove(s + at, s + at + 1, --n - at);
		else
			s[at] = (char)(1 + number(255));
	}
	return n;
}

struct run {
	const struct language *language;
	const char *encoding, *name; /* iconv's and ours */
	const char *meta, *header;   /* what is claimed; may be NULL */
	int broken;                  /* 1 to 5 bytes */
};

/* Pages of PAGES that were taken for what they are. */
static int
right(struct run r)
{
	struct wn_decode_hints h = {r.header, NULL};
	struct wn_decoded d;
	char s[CAP];
	int good = 0;

	seed = 20261122;
	for (int i = 0; i < PAGES; i++) {
		size_t n = page(r.language, r.encoding, r.meta, s);

		if (r.broken)
			n = damage(s, n, 1 + number(5));
		wn_arena_reset(arena);
		CHECK_INT(wn_decode(charsets, arena, s, n, &h, &d), 0);
		good += strcmp(wn_charset_name(d.charset), r.name) == 0;
	}
	return good;
}

#define CHECK_SHARE(least, l, of, is, ...)                                     \
	do {                                                                   \
		int good_ = right((struct run){.language = &(l),               \
		    .encoding = (of),                                          \
		    .name = (is),                                              \
		    __VA_ARGS__});                                             \
		if (good_ < (least)*PAGES)                                     \
			TEST_FAIL("%d of %d: %s as %s, %s", good_, PAGES, #l,  \
			    of, #__VA_ARGS__);                                 \
	} while (0)

static void
test_undeclared(void)
{
	TEST("detect: 8 to 20 Chinese characters are enough, in any encoding")
	{
		CHECK_SHARE(.99, simplified, "GBK", "gbk", .meta = NULL);
		CHECK_SHARE(.99, traditional, "GBK", "gbk", .meta = NULL);
		CHECK_SHARE(.99, traditional, "BIG5", "big5", .meta = NULL);
		CHECK_SHARE(1, simplified, "UTF-8", "utf-8", .meta = NULL);
		CHECK_SHARE(
		    .99, simplified, "UTF-16LE", "utf-16le", .meta = NULL);
		CHECK_SHARE(
		    .99, simplified, "UTF-16BE", "utf-16be", .meta = NULL);
	}
	TEST("detect: 20 characters of Japanese and Korean are")
	{
		CHECK_SHARE(
		    .99, of_japan, "SHIFT_JIS", "shift_jis", .meta = NULL);
		CHECK_SHARE(.99, of_japan, "EUC-JP", "euc-jp", .meta = NULL);
		CHECK_SHARE(
		    .99, of_japan, "ISO-2022-JP", "iso-2022-jp", .meta = NULL);
		CHECK_SHARE(.99, of_korea, "CP949", "euc-kr", .meta = NULL);
	}
}

static void
test_broken(void)
{
	TEST("detect: 1 to 5 broken bytes do not change a declared encoding")
	{
		CHECK_SHARE(
		    .99, simplified, "GBK", "gbk", .meta = "gbk", .broken = 1);
		CHECK_SHARE(.99, traditional, "BIG5", "big5", .meta = "big5",
		    .broken = 1);
		CHECK_SHARE(.99, simplified, "UTF-8", "utf-8", .meta = "utf-8",
		    .broken = 1);
		CHECK_SHARE(.99, of_japan, "EUC-JP", "euc-jp", .meta = "euc-jp",
		    .broken = 1);
		CHECK_SHARE(.99, of_korea, "CP949", "euc-kr", .meta = "euc-kr",
		    .broken = 1);
	}
	TEST("detect: nor, in titles of 20 characters, what is detected")
	{
		struct language zh = simplified, tw = traditional;

		zh.least = tw.least = 20;
		CHECK_SHARE(.98, zh, "GBK", "gbk", .broken = 1);
		CHECK_SHARE(.98, tw, "BIG5", "big5", .broken = 1);
		CHECK_SHARE(.98, zh, "UTF-8", "utf-8", .broken = 1);
	}
}

static void
test_wrong_claims(void)
{
	TEST("detect: what a page claims does not stand against its text")
	{
		CHECK_SHARE(
		    .99, simplified, "UTF-8", "utf-8", .meta = "gb2312");
		CHECK_SHARE(.99, simplified, "GBK", "gbk", .meta = "utf-8");
		CHECK_SHARE(.99, simplified, "GBK", "gbk", .meta = "big5");
		CHECK_SHARE(
		    .99, simplified, "GBK", "gbk", .meta = "iso-8859-1");
		CHECK_SHARE(
		    .99, simplified, "GBK", "gbk", .meta = "windows-1251");
		CHECK_SHARE(.99, simplified, "GBK", "gbk", .meta = "shift_jis");
		CHECK_SHARE(.99, traditional, "BIG5", "big5", .meta = "gb2312");
		CHECK_SHARE(.99, traditional, "BIG5", "big5", .meta = "utf-8");
	}
	TEST("detect: nor what the server claims")
	{
		CHECK_SHARE(.99, simplified, "UTF-8", "utf-8",
		    .header = "text/html; charset=utf-16");
		CHECK_SHARE(.99, simplified, "GBK", "gbk", .meta = "gb2312",
		    .header = "text/html; charset=utf-8");
		CHECK_SHARE(.99, traditional, "BIG5", "big5",
		    .header = "text/html; charset=gb2312");
	}
}

/* What a word or two of a page in one byte a character are taken for. */
static const char *
taken_for(const char *s)
{
	struct wn_decode_hints h = {NULL, NULL};
	struct wn_decoded d;

	wn_arena_reset(arena);
	if (wn_decode(charsets, arena, s, strlen(s), &h, &d) != 0)
		return "error";
	return wn_charset_name(d.charset);
}

static void
test_one_byte(void)
{
	TEST("detect: letters inside Latin words are Latin")
	{
		CHECK_STR(taken_for("<p>Das gr\xFC\xDF"
				    "e Haus der T\xF6"
				    "chter"),
		    "windows-1252");
		CHECK_STR(taken_for("<p>Des \xE9l\xE8ves tr\xE8s occup\xE9s"),
		    "windows-1252");
		CHECK_STR(taken_for("<p>P\xF8\xED\xB9t\xED t\xFD"
				    "den bude \xE8"
				    "as na p\xF8\xEDrodu"),
		    "iso-8859-2");
		CHECK_STR(taken_for("<p>\xDEu an bah\xE7"
				    "ede \xE7ok \xE7i\xE7"
				    "ek var, yar\xFDn ya\xF0mur"),
		    "windows-1254");
	}
	TEST("detect: Russian in both its encodings, Greek, Thai")
	{
		CHECK_STR(taken_for("<p>\xCC\xFB \xF7\xE8\xF2\xE0\xE5\xEC "
				    "\xEA\xED\xE8\xE3\xE8"),
		    "windows-1251");
		CHECK_STR(taken_for("<p>\xED\xD9 \xDE\xC9\xD4\xC1\xC5\xCD "
				    "\xCB\xCE\xC9\xC7\xC9"),
		    "koi8-r");
		CHECK_STR(taken_for("<p>\xC4\xE9\xE1\xE2\xDC\xE6\xEF\xF5\xEC"
				    "\xE5 \xE2\xE9\xE2\xEB\xDF\xE1"),
		    "windows-1253");
		CHECK_STR(taken_for("<p>\xC7\xD1\xB9\xB9\xD5\xE9\xBD\xB9\xB5"
				    "\xA1\xB7\xD5\xE8\xBA\xE9\xD2\xB9"),
		    "windows-874");
	}
}

int
main(void)
{
	arena = wn_arena_new(64 << 20);
	charsets = wn_charsets_new();
	test_undeclared();
	test_broken();
	test_wrong_claims();
	test_one_byte();
	wn_charsets_free(charsets);
	wn_arena_free(arena);
	return test_end();
}
