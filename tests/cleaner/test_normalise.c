/* test_normalise.c - the normaliser: each stage, the pairs, and what must come
 * out as it went in. */
#include "tests/test.h"

#include "cleaner/charset.h"
#include "cleaner/normalise.h"
#include "cleaner/utf8.h"
#include "tests/cleaner/jsonl.h"

static struct winnow *w;
static unsigned repairs[WINNOW_REPAIR_N];

static const char *
mended(const char *text, int mirror)
{
	static char out[65536];
	const char *s;
	size_t n;

	if (winnow_normalise(w, text, strlen(text), mirror, &s, &n, repairs) !=
		0 ||
	    n >= sizeof(out))
		return "(error)";
	memcpy(out, s, n);
	out[n] = '\0';
	return out;
}

/* Full width to half, runs of spaces to one, edges trimmed: how the pairs are
 * compared. */
static void
fold(const char *s, char *out)
{
	size_t n = 0;
	unsigned k;

	for (; *s != '\0'; s += k) {
		uint32_t c = wn_utf8_get(s, &k);

		if (c >= 0xFF01 && c <= 0xFF5E) {
			out[n++] = (char)(c - 0xFEE0);
		} else if (c == ' ' || c == 0x3000 || c == 0xA0) {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
		} else {
			memcpy(out + n, s, k);
			n += k;
		}
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static int
is_kind(const struct jsonl *j, const char *kind)
{
	const char *k = jsonl_get(j, "kind");

	return k != NULL && strcmp(k, kind) == 0;
}

/* All pairs without a lost byte are mended: the kinds that need no model. */
static void
pairs(void)
{
	static const char *const kinds[] = {"gloss", "gloss-spaced",
	    "inline-pinyin", "lost-space", "lost-symbol", "broken-entity",
	    "punct-noise", "ideographic-indent", "gbk-as-latin1",
	    "gbk-as-cp1252", "spaced-cjk", "utf8-as-latin1", "folded-punct",
	    "utf8-as-cp1252", "fullwidth-alnum", "double-utf8",
	    "compat-ideographs", "kangxi-radicals", "nbsp", "zero-width",
	    "bidi-controls", "halfwidth-katakana", "circled-digits",
	    "mojibake-punct"};
	struct jsonl j;
	static char a[65536], b[65536], again[65536];
	int all = 0, ok = 0, sure = 0;

	if (jsonl_open(&j, "examples/normalise-dev.jsonl") != 0)
		return;
	while (jsonl_next(&j)) {
		const char *clean = jsonl_get(&j, "clean");
		int mirror = jsonl_get(&j, "page") != NULL, good;

		fold(mended(jsonl_get(&j, "corrupt"), mirror), a);
		strcpy(again, mended(jsonl_get(&j, "corrupt"), mirror));
		if (strcmp(mended(again, mirror), again) != 0)
			TEST_FAIL(
			    "%s is not idempotent\n", jsonl_get(&j, "id"));
		if (clean == NULL)
			continue;
		fold(clean, b);
		good = strcmp(a, b) == 0;
		all++;
		ok += good;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (is_kind(&j, kinds[i])) {
				sure++;
				if (!good)
					TEST_FAIL("%s (%s):\n    %s\n    %s\n",
					    jsonl_get(&j, "id"), kinds[i], a,
					    b);
			}
	}
	printf("  %d of %d pairs, %d of them of kinds without a lost byte\n",
	    ok, all, sure);
	CHECK(ok >= 93);
	jsonl_close(&j);
}

static void
unchanged(void)
{
	struct jsonl j;
	int all = 0;

	if (jsonl_open(&j, "examples/unchanged-dev.jsonl") != 0)
		return;
	while (jsonl_next(&j)) {
		const char *text = jsonl_get(&j, "text");

		all++;
		CHECK_STR(mended(text, 0), text);
	}
	CHECK_INT(all, 100);
	jsonl_close(&j);
}

/* Text no page has: every byte sequence comes out as valid UTF-8 without
 * control characters, and no longer than it was. */
static void
noise(void)
{
	static const char parts[] = "(?&#;X0aih)\xE4\xB8\xAD\xEE\xC3\xA4\x80"
				    "\xE3 \xEF\xBC\x8C\n,\xD8\x9C\xE2";
	unsigned seed = 1;
	char in[300];

	for (int k = 0; k < 3000; k++) {
		size_t n = 0, out_len;
		const char *out;

		while (n < sizeof(in) - 4) {
			seed = seed * 1103515245 + 12345;
			in[n++] = parts[(seed >> 16) % (sizeof(parts) - 1)];
		}
		if (winnow_normalise(
			w, in, n, k & 1, &out, &out_len, repairs) != 0) {
			TEST_FAIL("error on noise %d\n", k);
			return;
		}
		if (wn_utf8_prefix(out, out_len) != out_len)
			TEST_FAIL("noise %d gave bad UTF-8\n", k);
	}
}

/* The text as a page, with the work that the model was asked for. */
static size_t
weighed(const char *text, size_t len, int *pairs_made)
{
	struct wn_arena *arena = wn_arena_new(64 << 20);
	struct wn_charsets *charsets = wn_charsets_new();
	struct wn_norm m = {
	    .arena = arena, .charsets = charsets, .repairs = repairs};
	struct wn_str out;
	size_t work = (size_t)-1;

	if (arena != NULL && charsets != NULL &&
	    wn_normalise_text(&m, text, len, 0, &out) == 0)
		work = m.work;
	*pairs_made = m.pairs != NULL;
	wn_charsets_free(charsets);
	wn_arena_free(arena);
	return work;
}

static void
costs(void)
{
	static char page[300000];
	static const char *const head =
	    "會(huì)議強(qiáng)調(diào)，各單位要認(rèn)真貫徹落實(shí)上級(jí)"
	    "部署。\n";
	static const char *const lost[] = {"中?？茖", "因?yàn)榧",
	    "因?；A(huì)", "因?huì)A(huì)", "?", "?| ?",
	    "?。茖W(huì)(huì)(huì)(huì)(huì)(huì)(huì)"};
	int made;

	TEST("normalise: an undamaged page asks the model for nothing")
	{
		size_t n = 0;

		while (n + 200 < sizeof(page))
			n += (size_t)sprintf(page + n,
			    "他问：“好吗？”（第%zu次）会议, 2019年 China 9月。"
			    "学会(huì)了? 你(nǐ)好；\n",
			    n);
		CHECK_INT(weighed(page, n, &made), 0);
		CHECK_INT(made, 0);
	}
	TEST("normalise: the model weighs a bounded number for a page")
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		size_t n = (size_t)sprintf(page, "%s", head), work;

		while (n + 200 < sizeof(page))
			n += (size_t)sprintf(page + n, "%s", lost[i]);
		work = weighed(page, n, &made);
		if (work > 2 << 20)
			TEST_FAIL("%s: %zu\n", lost[i], work);
	}
}

static void
stages(void)
{
	TEST("normalise: direction marks, separators and noncharacters go")
	{
		CHECK_STR(mended("a\xD8\x9C"
				 "b\xE2\x80\xAE\xEF\xB7\x90\xEF\xBF\xBE.",
			      0),
		    "ab.");
		CHECK_STR(mended("\xF0\x9F\xBF\xBE中\xE2\x81\xA9", 0), "中");
	}
	TEST("normalise: a plain indent before ASCII stays, others go")
	{
		CHECK_STR(
		    mended("    foo(); // 中文", 0), "    foo(); // 中文");
		CHECK_STR(mended("　　中文 ", 0), "中文");
	}
	TEST(
	    "normalise: a reading goes only behind a character that is so read")
	{
		CHECK_STR(mended("會(huì)議強(qiáng)調(diào)發(fā)展", 1),
		    "會議強調發展");
		CHECK_STR(mended("學(zzz)校", 1), "學（zzz）校");
	}
	TEST("normalise: one gloss in a text is the author's")
	CHECK_STR(mended("他学会(huì)了这个字，很高兴。", 0),
	    "他学会(huì)了这个字，很高兴。");
	TEST("normalise: glosses of a page prove themselves")
	{
		CHECK_STR(mended("會(huì)議強(qiáng)調(diào)，各單位要認(rèn)真"
				 "貫徹落實(shí)上級(jí)部署。",
			      0),
		    "會議強調，各單位要認真貫徹落實上級部署。");
		CHECK_INT(repairs[WINNOW_REPAIR_GLOSS], 6);
	}
	TEST("normalise: joiners stay where a script needs them")
	{
		CHECK_STR(mended("می‌خواهم", 0), "می‌خواهم");
		CHECK_STR(mended("中​文", 0), "中文");
	}
	TEST("normalise: a page with ， keeps its half-width marks")
	CHECK_STR(mended("第一,第二，第三。", 0), "第一,第二，第三。");
	TEST("normalise: brackets are widened in pairs")
	CHECK_STR(mended("疾病(如A, B),可以,真的。", 0),
	    "疾病（如A, B），可以，真的。");
	TEST("normalise: code is no text with lost symbols")
	CHECK_STR(mended("return a ?b : c;", 0), "return a ?b : c;");
	TEST("normalise: French spaces are no mojibake")
	CHECK_STR(mended("« voilà » déjà", 0), "« voilà » déjà");
	TEST("normalise: a control character is no text")
	{
		CHECK_STR(mended("a\x01\x1f b\x7f", 0), "a b");
		CHECK_STR(mended("tab\there", 0), "tab\there");
	}
	TEST(
	    "normalise: a line that a column cut is joined, a short one is not")
	{
		const char *cut =
		    "近年来，教育部门积极研究和探索新形势下工作的新思路、新"
		    "方法，有力地推动和促进日常管理及教育教学\n工作。\n";
		char page[4096] = "";

		for (int i = 0; i < 3; i++)
			strcat(page, cut);
		mended(page, 0);
		CHECK_INT(repairs[WINNOW_REPAIR_COLUMN_BREAK], 3);
		mended("床前明月光\n疑是地上霜\n举头望明月\n低头思故乡", 0);
		CHECK_INT(repairs[WINNOW_REPAIR_COLUMN_BREAK], 0);
	}
}

int
main(void)
{
	struct jsonl j;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	stages();
	costs();
	if (jsonl_open(&j, "examples/normalise-dev.jsonl") == 0) {
		jsonl_close(&j);
		TEST("normalise: the pairs of every kind that needs no model")
		pairs();
		TEST("normalise: what was never damaged stays, byte for byte")
		unchanged();
	} else {
		test_skip("normalise: the pairs", "no shared folder");
	}
	TEST("normalise: any bytes give valid UTF-8")
	noise();
	winnow_free(w);
	return test_end();
}
