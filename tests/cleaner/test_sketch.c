/* Near copies: what a sketch does not see, and what it tells apart. How often
 * it is right, tests/eval/pairs.py measures. */
#include <string.h>

#include "cleaner/sketch.h"
#include "tests/test.h"

static const struct wn_fold *fold;

static const char notice[] =
    "为做好今冬明春的校园安全工作，县教育局决定在全县中小学开展一次安全检查。"
    "检查从2023年11月27日开始，到12月8日结束，分自查和抽查两个阶段。\n"
    "各校要成立检查小组，由校长任组长，逐项查看供暖设备、食堂燃气、学生宿舍用电"
    "和校车，发现隐患立即整改，并做好记录。抽查中发现问题的学校要在7日内书面说明。\n"
    "县教育局将把检查结果列入年度考核。联系电话：5551234。";
static const char traditional[] =
    "為做好今冬明春的校園安全工作，縣教育局決定在全縣中小學開展一次安全檢查。"
    "檢查從2023年11月27日開始，到12月8日結束，分自查和抽查兩個階段。"
    "各校要成立檢查小組，由校長任組長，逐項查看供暖設備、食堂燃氣、學生宿舍用電"
    "和校車，發現隱患立即整改，並做好記錄。抽查中發現問題的學校要在7日內書面說明。"
    "縣教育局將把檢查結果列入年度考核。聯繫電話：5551234。";
static const char damaged[] =
    "為(wéi)做好今冬明春的校園(yuán)安全工作, 縣教育局決定在全縣中小學開展一次安全檢(jiǎn)查. "
    "檢查從2023年11月27日開始,到12月8日結束,分自查和抽查兩個階段. "
    "各校要成立檢查小組,由校長任組長,逐項?看供暖設備、食堂燃氣、學生宿舍用電"
    "和校車,發(fā)現隱患立即整改,並做好\xEF\xBF\xBD" "錄.抽查中發現問題的學校要在７日內書面說明. "
    "縣教育局將把檢查結果列入年度考核.聯系電話:5551234.";
/* The notice of another year. */
static const char form[] =
    "为做好今冬明春的校园安全工作，县教育局决定在全县中小学开展一次安全检查。"
    "检查从2024年12月2日开始，到12月13日结束，分自查和抽查两个阶段。\n"
    "各校要成立检查小组，由校长任组长，逐项查看供暖设备、食堂燃气、学生宿舍用电"
    "和校车，发现隐患立即整改，并做好记录。抽查中发现问题的学校要在5日内书面说明。\n"
    "县教育局将把检查结果列入年度考核。联系电话：5556789。";
static const char edited[] =
    "为了做好今冬明春的校园安全工作，县教育局决定在全县中小学开展一次大检查。"
    "检查从2023年11月27日开始，到12月8日结束，分为自查和抽查两个阶段。\n"
    "各学校要成立检查小组，由校长担任组长，逐项查看供暖设备、食堂燃气、学生宿舍用电"
    "和校车，一旦发现隐患立即整改，并做好记录。抽查中发现问题的学校要在7日内说明。\n"
    "县教育局将把检查结果列入考核。联系电话：5551234。";

static struct winnow_sketch
sketch_of(const char *text, size_t n, uint64_t *simhash)
{
	struct winnow_sketch k;

	wn_sketch(fold, text, n, &k, simhash);
	return k;
}

static struct winnow_likeness
likeness(const char *a, const char *b)
{
	uint64_t s;
	struct winnow_sketch x = sketch_of(a, strlen(a), &s);
	struct winnow_sketch y = sketch_of(b, strlen(b), &s);
	struct winnow_likeness l;

	winnow_sketch_compare(&x, &y, &l);
	return l;
}

static int
shared_keys(const char *a, const char *b)
{
	uint32_t x[WINNOW_SKETCH_KEYS], y[WINNOW_SKETCH_KEYS];
	uint64_t s;
	struct winnow_sketch k = sketch_of(a, strlen(a), &s);
	int i, n = 0;

	winnow_sketch_keys(&k, x);
	k = sketch_of(b, strlen(b), &s);
	winnow_sketch_keys(&k, y);
	for (i = 0; i < WINNOW_SKETCH_KEYS; i++)
		n += x[i] == y[i];
	return n;
}

static void
test_copies(void)
{
	uint64_t a, b;
	struct winnow_likeness l;

	TEST("sketch: a traditional copy has the same sketch, and the same simhash")
	CHECK(likeness(notice, traditional).same > 0.99);
	sketch_of(notice, strlen(notice), &a);
	sketch_of(traditional, strlen(traditional), &b);
	CHECK(a == b);

	TEST("sketch: a mirror's copy with readings, lost bytes and folded marks is "
	     "one")
	l = likeness(notice, damaged);
	CHECK(l.copy);
	CHECK(l.same > 0.8);
	CHECK(shared_keys(notice, damaged) > 0);

	TEST("sketch: a copy that was edited is one")
	l = likeness(notice, edited);
	CHECK(l.copy);
	CHECK(shared_keys(notice, edited) > 0);

	TEST("sketch: a notice of the same form with other dates is none")
	l = likeness(notice, form);
	CHECK(l.same > 0.7);
	CHECK(!l.copy);
	CHECK(!likeness(form, traditional).copy);

	TEST("sketch: the first half is held by the whole")
	{
		char half[sizeof notice];

		snprintf(half, sizeof half, "%.*s", 330, notice);
		l = likeness(notice, half);
		CHECK(l.held > 0.85);
		CHECK(l.same < 0.75);
	}
}

/* Two texts of one form, under titles of their own. */
static struct winnow_likeness
called(const char *a, const char *title_a, const char *b, const char *title_b)
{
	uint64_t s;
	struct winnow_sketch x = sketch_of(a, strlen(a), &s);
	struct winnow_sketch y = sketch_of(b, strlen(b), &s);
	struct winnow_likeness l;

	wn_sketch_title(fold, title_a, strlen(title_a), &x);
	wn_sketch_title(fold, title_b, strlen(title_b), &y);
	winnow_sketch_compare(&x, &y, &l);
	return l;
}

static void
test_titles(void)
{
	static const char title[] = "关于开展全县校园安全检查的通知";
	/* the same office, another matter, the same words about it */
	static const char other[] =
	    "为做好今冬明春的供暖保障工作，县教育局决定在全县中小学开展一次供暖检查。"
	    "检查从2023年11月27日开始，到12月8日结束，分自查和抽查两个阶段。\n"
	    "各校要成立检查小组，由校长任组长，逐项查看锅炉、管道、教室温度和值班"
	    "记录，发现问题立即整改，并做好记录。抽查中发现问题的学校要在7日内说明。\n"
	    "县教育局将把检查结果列入年度考核。联系电话：5551234。";
	struct winnow_likeness l;

	TEST("sketch: a notice of other title and matter is no copy, though half of "
	     "its words are the same")
	l = called(notice, title, other, "关于做好全县学校供暖保障的通知");
	CHECK(l.same > 0.36);
	CHECK(!l.copy);
	l = called(notice, "关于做好2023年师德考核工作的通知", other,
	    "关于做好2023年校车管理工作的通知");
	CHECK(!l.copy);

	TEST("sketch: a copy may have a title with more or less, in the other "
	     "script, with a character lost, or none")
	CHECK(called(notice, title, edited,
	    "县教育局：关于开展全县校园安全检查的通知（转载）").copy);
	CHECK(called(notice, title, edited, "开展全县校园安全检查").copy);
	CHECK(called(notice, title, edited,
	    "關於開展全縣校園安全檢?的通知").copy);
	CHECK(called(notice, title, edited, "").copy);

	TEST("sketch: who gives a copy another title is found by its text")
	CHECK(called(notice, title, damaged,
	    "冬天到了，学校里的燃气和电器都安全吗").copy);
}

/* A notice about a person, with its name; the buffer is the next one's. */
static const char *
appointed(char out[1024], const char *name)
{
	snprintf(out, 1024,
	    "经研究决定：\n%s同志任县实验学校副校长，免去其教务处主任职务。\n请%s同志"
	    "在接到通知之日起五个工作日内到新单位报到，并按照规定办好工作交接，退还"
	    "原单位配发的物品。所在学校要做好谈话和公示，有关材料报人事科存档。\n"
	    "特此通知。\n2023年9月6日",
	    name, name);
	return out;
}

static void
test_names(void)
{
	char a[1024], b[1024], list[2][1024];
	static const char *const who[] = {
	    "王伟、李芳、张敏、刘洋、陈静、杨磊、赵强、黄丽、周军、吴涛",
	    "徐明、孙超、胡霞、朱平、高刚、林桂、何英、郭华、马兰、罗建"};
	struct winnow_likeness l;
	int i;

	TEST("sketch: a notice of the same form and day about another person is "
	     "no copy")
	l = likeness(appointed(a, "陈志远"), appointed(b, "高文华"));
	CHECK(l.same > 0.6);
	CHECK_INT(l.copy, 0);
	CHECK(l.names < 0.06);

	TEST("sketch: a mirror that lost a character of the name has a copy")
	CHECK(likeness(appointed(a, "陈志远"), appointed(b, "陈?远")).copy);

	TEST("sketch: a mirror's copy in the other script, of the same names, is one")
	CHECK(likeness(appointed(a, "陈志远"), appointed(b, "陳志遠")).copy);

	TEST("sketch: a list of other names in the same words is no copy")
	for (i = 0; i < 2; i++)
		snprintf(list[i], sizeof list[i],
		    "经学校推荐、评审组评审和公示，县教育局决定授予下列教师优秀班主"
		    "任称号：%s。希望受到表彰的教师珍惜荣誉，再接再厉，为全县教育事"
		    "业作出新的贡献。全县教师要以他们为榜样，立德树人，扎实工作，努"
		    "力办好人民满意的教育。",
		    who[i]);
	CHECK(!likeness(list[0], list[1]).copy);
	CHECK(likeness(list[0], list[0]).copy);

	TEST("sketch: an English notice about another person is no copy")
	CHECK(!likeness("The board of the library has appointed Anna Bell as head of "
			"its reading room. In the new post Anna Bell will be in charge "
			"of school visits and of the summer programme, and the board "
			"asks readers to send ideas to Anna Bell before the new year.",
		  "The board of the library has appointed Ruth Moss as head of "
		  "its reading room. In the new post Ruth Moss will be in charge "
		  "of school visits and of the summer programme, and the board "
		  "asks readers to send ideas to Ruth Moss before the new year.")
		   .copy);
}

static void
test_limits(void)
{
	static const char greek[] =
	    "ΤΟ ΣΧΟΛΕΙΟ ΑΝΟΙΓΕΙ ΤΗΝ ΔΕΥΤΕΡΑ ΣΤΙΣ ΟΚΤΩ ΤΟ ΠΡΩΙ";
	struct winnow_sketch k, odd;
	struct winnow_likeness l;
	uint64_t s;
	size_t i;

	TEST("sketch: a text without letters, or of a few words, is nobody's copy")
	k = sketch_of("", 0, &s);
	CHECK_INT(k.grams, 0);
	CHECK(!likeness("", "").copy);
	CHECK(!likeness("……？！", "……？！").copy);
	CHECK(!likeness("特此通知。", "特此通知。").copy);

	TEST("sketch: capitals and full width are letters like others")
	CHECK(likeness(greek, "το σχολειο ανοιγει την δευτερα στις οκτω το πρωι")
		  .same > 0.99);
	CHECK(likeness("Ｔｈｅ ｓｃｈｏｏｌ ｏｐｅｎｓ ｏｎ Ｍｏｎｄａｙ",
		  "the school opens on monday")
		  .same > 0.99);

	TEST("sketch: a number in Chinese digits is one, however it is spelt")
	k = sketch_of("二〇二三年开学", strlen("二〇二三年开学"), &s);
	CHECK_INT(k.nnumbers, 1);
	k = sketch_of("第一次，另一些", strlen("第一次，另一些"), &s);
	CHECK_INT(k.nnumbers, 0);

	TEST("sketch: any bytes are one, and nothing is read beyond it")
	k = sketch_of(notice, strlen(notice), &s);
	for (i = 0; i < 256; i++) {
		memset(&odd, (int)i, sizeof odd);
		winnow_sketch_compare(&k, &odd, &l);
		CHECK(l.same >= 0 && l.same <= 1 && l.held >= 0 && l.held <= 1);
		winnow_sketch_compare(&odd, &odd, &l);
		CHECK(l.numbers >= 0 && l.numbers <= 1);
		CHECK(l.names >= -1e-9 && l.names <= 1);
	}
}

int
main(void)
{
	struct wn_arena *arena = wn_arena_new(1 << 20);

	if ((fold = wn_fold_new(arena)) == NULL)
		return 1;
	test_copies();
	test_titles();
	test_names();
	test_limits();
	wn_arena_free(arena);
	return test_end();
}
