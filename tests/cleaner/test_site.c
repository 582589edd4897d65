/* What many pages of a site teach, through the public interface: invented sites
 * of several kinds, each with blocks that no rule for single pages knows. */
#include "cleaner/winnow.h"
#include "tests/cleaner/site_pages.h"
#include "tests/test.h"

#define MANY 24

/* A site: how its page n looks; kind of what repeats in it, and what must stay
 * on every page. */
struct site {
	const char *name;
	void (*page)(struct page *, uint32_t n);
	const char *gone[6]; /* pieces of text that must not be in an article */
	const char *stays[6];
};

static void
head(struct page *p, const char *t)
{
	say(p,
	    "<!DOCTYPE html><html><head><title>%s</title></head><body>"
	    "<div class=top><ul class=menu><li><a href=/>首页</a><li><a "
	    "href=/xw>新闻</a><li><a href=/tz>通知</a></ul></div>",
	    t);
}

/* What an office publishes by hand: everything is a <p>. */
static void
office(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div id=zoom>", t);
	say(p, "<p>青石区教育系统党建宣传平台 第%u次发布</p>", n + 3);
	paragraphs(p, 3 + (int)chance(p, 4), "<p>", "</p>");
	say(p, "<p>长按下方图片，把教育身边事讲给更多人听</p>");
	paragraphs(p, 1 + (int)chance(p, 3), "<p>", "</p>");
	say(p, "<p>家校同行路上，我们一直都在您的身边</p>");
	say(p, "</div></div><div class=foot>青石区教育局 版权所有</div>");
}

/* A system that puts a box among the paragraphs, and one behind them. */
static void
boxes(struct page *p, uint32_t n)
{
	char t[200];

	(void)n;
	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=wrap><h1>%s</h1><div class=content>", t);
	paragraphs(p, 2, "<p>", "</p>");
	say(p, "<div class=slot><p>好消息要和邻居分享，点一下右上角的小圆点。"
	       "</p></div>");
	paragraphs(p, 3 + (int)chance(p, 4), "<p>", "</p>");
	say(p, "<div class=tip><p>读完这一篇，不妨到操场上走一走。</p><p>"
	       "保护视力，从每天一小时的阳光开始。</p></div></div></div>");
}

/* Lines parted by <br>, a table for a layout, a counter in words. */
static void
table(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<table><tr><td class=big><h2>%s</h2><tr><td class=txt>", t);
	say(p, "您是今日第%u位来到这里的朋友，祝您读得愉快<br>", n * 37 + 11);
	paragraphs(p, 4 + (int)chance(p, 3), "　　", "<br>");
	say(p, "本栏目文字由各校通讯员提供，本站只作整理<br></table>");
}

/* Notices: much of them is the same on each, and is text. */
static void
notices(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>关于%s的通知</h1><div class=TRS>", t);
	say(p, "<p>各单位：</p><p>为进一步做好有关工作，现将有关事项通知如下："
	       "</p><p>一、总体要求</p>");
	paragraphs(p, 2, "<p>", "</p>");
	say(p, "<p>二、工作安排</p>");
	paragraphs(p, 2 + (int)chance(p, 2), "<p>", "</p>");
	say(p, "<p>三、工作要求</p>");
	paragraphs(p, 1, "<p>", "</p>");
	say(p,
	    "<p>请各单位结合实际，认真贯彻执行。</p><p>特此通知。</p>"
	    "<p>附件：报名表</p><p>青石区教育局办公室</p><p>2023年%u月%u日"
	    "</p></div></div>",
	    n % 12 + 1, n % 28 + 1);
}

/* Notices with the site's lines before the salutation and below the date. */
static void
framed(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p,
	    "<div class=main><h1>关于%s的通知</h1><div class=TRS>"
	    "<p>青石教育，让每一粒种子都发芽</p><p>各单位：</p>",
	    t);
	paragraphs(p, 2, "<p>", "</p>");
	say(p, "<p>一、时间</p>");
	paragraphs(p, 1, "<p>", "</p>");
	say(p,
	    "<p>望各校按时报送材料。</p><p>特此通知。</p><p>青石区教育局"
	    "</p><p>2023年%u月%u日</p><p>想知道孩子在学校的一天，看看青石"
	    "小窗</p></div></div>",
	    n % 12 + 1, n % 28 + 1);
}

static const struct site sites[] = {
    {"site: round a letter the site's lines go, inside of it none", framed,
	{"每一粒种子", "青石小窗"},
	{"各单位：", "一、时间", "按时报送材料。", "特此通知。",
	    "青石区教育局"}},
    {"site: an office's own lines among its paragraphs go", office,
	{"党建宣传平台", "长按下方图片", "家校同行"}, {NULL}},
    {"site: boxes among the paragraphs and behind them go", boxes,
	{"小圆点", "操场上走一走", "保护视力"}, {NULL}},
    {"site: lines that <br> parts, with a number that counts, go", table,
	{"读得愉快", "只作整理"}, {NULL}},
    {"site: the formulas of notices stay", notices, {NULL},
	{"各单位：", "通知如下：", "一、总体要求", "特此通知。",
	    "认真贯彻执行。", "青石区教育局办公室"}},
};

/* ---- running ------------------------------------------------------------- */

static struct winnow *w;
static struct page page;

static const struct winnow_doc *
clean(struct winnow_site *s, const char *html, size_t len, uint32_t n)
{
	const struct winnow_doc *d;
	struct winnow_page in = {
	    .body = html, .body_len = len, .learn = 1, .now = 1700000000};
	char url[80];

	snprintf(url, sizeof(url), "http://www.example.cn/a/%u.html", n);
	in.url = url;
	in.charset = "utf-8";
	if (s != NULL)
		winnow_site_view(s, &in.site, &in.site_len);
	if (winnow_clean(w, &in, &d) != 0)
		abort();
	return d;
}

static const struct winnow_doc *
clean_page(
    struct winnow_site *s, void (*make)(struct page *, uint32_t), uint32_t n)
{
	page_begin(&page, n);
	make(&page, n);
	return clean(s, page.html, page.len, n);
}

static int
learn(struct winnow_site *s, const struct winnow_doc *d, uint64_t key)
{
	return winnow_site_learn(s, d->lesson, d->lesson_len, key, 1700000000);
}

static struct winnow_site *
learned(void (*make)(struct page *, uint32_t), uint32_t from, uint32_t n)
{
	struct winnow_site *s;

	if (winnow_site_new(&s, 0) != 0)
		abort();
	for (uint32_t i = from; i < from + n; i++)
		learn(s, clean_page(s, make, i), i + 1);
	return s;
}

static void
check_site(const struct site *t)
{
	struct winnow_site *s = learned(t->page, 0, MANY);

	for (uint32_t i = 0; i < MANY + 10; i++) {
		const struct winnow_doc *d = clean_page(s, t->page, i);

		for (int k = 0; k < 6 && t->gone[k] != NULL; k++)
			CHECK_INT(strstr(d->text, t->gone[k]) != NULL, 0);
		for (int k = 0; k < 6 && t->stays[k] != NULL; k++)
			CHECK_INT(strstr(d->text, t->stays[k]) != NULL, 1);
	}
	winnow_site_free(s);
}

/* Every line that the page alone keeps is there with the memory too. */
static void
check_unharmed(void (*make)(struct page *, uint32_t), uint32_t pages)
{
	struct winnow_site *s = learned(make, 0, pages);
	char *alone;

	for (uint32_t i = 0; i < pages + 5; i++) {
		alone = strdup(clean_page(NULL, make, i)->text);
		CHECK_STR(clean_page(s, make, i)->text, alone);
		free(alone);
	}
	winnow_site_free(s);
}

/* ---- what must not be taken for furniture -----------------------------------
 */

static void
article(struct page *p, const char *t, uint32_t seed, int n)
{
	uint32_t rnd = p->rnd;

	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div class=con>", t);
	p->rnd = seed;
	paragraphs(p, n, "<p>", "</p>");
	p->rnd = rnd;
}

/* One article under any address, with a title of its own and another line. */
static void
mirror(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	article(p, n % 3 ? t : "青石镇的一堂露天课", 7, 8);
	if (n % 2)
		paragraphs(p, 1, "<p>", "</p>");
	say(p, "</div></div>");
}

/* Parts of one article: each begins with its lead. */
static void
parts(struct page *p, uint32_t n)
{
	article(p, "在山里教书的第四十年", 99, 1);
	p->rnd = n * 7919 + 1;
	paragraphs(p, 4, "<p>", "</p>");
	say(p, "</div><a href=%u.html>下一页</a></div>", n + 1);
}

/* A series: each part quotes why the series is. */
static void
series(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	article(p, t, n * 31 + 5, 3);
	say(p,
	    "<p>从今天起，我们将用二十篇文章，记录全县二十位老师怎样把一间教室"
	    "变成孩子们愿意停留的地方，也记录他们各自的难处和办法。</p>");
	p->rnd = n;
	paragraphs(p, 3, "<p>", "</p>");
	say(p, "</div></div>");
}

/* A form that schools fill in: most of each is the same. */
static void
filled_in(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p,
	    "<div class=main><h1>%s</h1><div class=con><p>学校第%u次招收"
	    "新生，学位%u个。</p><p>凡在本区居住满一年的适龄儿童，均可由监护"
	    "人带齐材料到学校登记。</p><p>登记以后，学校安排老师上门核对情况"
	    "，不收任何费用。</p><p>名单在校门口张贴三天，有不同意见的可以到"
	    "教导处查询。</p><p>九月一日按名单到校，学校不再另行告知。</p>"
	    "<p>占地面积：%u亩，藏书%u册，教师%u人</p>",
	    t, n + 2, n * 3 + 40, n + 20, n * 7 + 3000, n % 40 + 9);
	paragraphs(p, 1, "<p>", "</p>");
	say(p, "</div></div>");
}

static const char *const skies[] = {"多云", "小雨", "晴", "阴转晴", "有雾"};

/* A bulletin: its own sentences repeat, between values and behind them. */
static void
bulletin(struct page *p, uint32_t n)
{
	head(p, "青石区天气预报");
	say(p, "<div class=main><h1>第%u号天气预报</h1><div class=con>", n);
	for (int i = 0; i < 3; i++)
		say(p,
		    "<p>%s</p><p>%s到%s，偏%s风%u级，气温%u至%u度，%s附近路面"
		    "湿滑。</p>",
		    i == 0   ? "城区"
		    : i == 1 ? "山区"
			     : "沿江",
		    PICK(p, skies), PICK(p, skies), chance(p, 2) ? "北" : "东",
		    chance(p, 7), chance(p, 9), chance(p, 30), PICK(p, who));
	say(p, "<p>天气多变，出门带上雨具，注意添减衣物。</p>"
	       "<p>开车慢一点，车距大一点。</p></div></div>");
}

/* Where to register: words that sites use, too, between what differs. */
static void
registration(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div class=con>", t);
	paragraphs(p, 1, "<p>", "</p>");
	say(p,
	    "<p>报名到%u月%u日为止，过后不再补报。</p>"
	    "<p>考生登录报名系统注册个人账号，并上传近期照片。</p>"
	    "<p>准考证由考生自行下载打印。</p>"
	    "<p>成绩在考试院的公众号公布，请大家留意。</p>",
	    n % 12 + 1, n % 28 + 1);
	paragraphs(p, 1, "<p>", "</p>");
	say(p, "</div></div>");
}

/* A short notice: half of its lines are those of all others. */
static void
outage(struct page *p, uint32_t n)
{
	head(p, "停电公告");
	say(p,
	    "<div class=main><h1>第%u号停电公告</h1><div class=con>"
	    "<p>日期：%u月%u日</p><p>范围：%s和%s</p><p>原因：%s</p>"
	    "<p>请各家早作安排，把电器关好。</p>"
	    "<p>来电时间可能提前，请当心。</p></div></div>",
	    n, n % 12 + 1, n % 28 + 1, PICK(p, who), PICK(p, who),
	    PICK(p, then));
}

/* Songs with one refrain. */
static void
songs(struct page *p, uint32_t n)
{
	char t[200];

	(void)n;
	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div class=con>", t);
	for (int i = 0; i < 3; i++) {
		paragraphs(p, 1, "<p>", "</p>");
		say(p, "<p>归去来兮，归去来，</p><p>一江春水载我回。</p>");
	}
	say(p, "</div></div>");
}

/* A column that opens with words of others. */
static void
column(struct page *p, uint32_t n)
{
	char t[200];

	(void)n;
	title(p, t, sizeof(t));
	head(p, t);
	say(p,
	    "<div class=main><h1>%s</h1><div class=con><p>“教书的人先要读"
	    "书，读书的人先要读人。”</p>",
	    t);
	paragraphs(p, 3, "<p>", "</p>");
	say(p, "<p>好了，今天就读到这里，祝你晚安。</p></div></div>");
}

static const struct {
	const char *name;
	void (*page)(struct page *, uint32_t);
} texts[] = {
    {"site: what bulletins say alike between their values, and below, stays",
	bulletin},
    {"site: words of sites between what a form fills in stay", registration},
    {"site: the lines of notices that are half of each stay", outage},
    {"site: a refrain stays", songs},
    {"site: a quotation that a column opens with stays, and its good night",
	column},
    {"site: one article under many addresses stays", mirror},
    {"site: the lead that parts of an article repeat stays", parts},
    {"site: the paragraph that a series quotes stays", series},
    {"site: what schools say alike, and what differs in its numbers, stays",
	filled_in},
};

/* ---- other things
 * ------------------------------------------------------------ */

/* A list in boxes below the text, another one on each page. */
static void
related(struct page *p, uint32_t n)
{
	char t[200], r[200];

	(void)n;
	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div class=con>", t);
	paragraphs(p, 4, "<p>", "</p>");
	for (int i = 0; i < 3; i++) {
		title(p, r, sizeof(r));
		say(p,
		    "<div class=row><div class=cell><a href=/%u.html>%s</a> 上"
		    "周由校刊编辑部挑选，推荐给各班一起读。</div></div>",
		    chance(p, 90000), r);
	}
	say(p, "</div></div>");
}

/* The office after a new design. */
static void
redesign(struct page *p, uint32_t n)
{
	char t[200];

	(void)n;
	title(p, t, sizeof(t));
	say(p,
	    "<html><head><title>%s</title></head><body><header class=hd><nav "
	    "class=gn><a href=/>主页</a></nav></header><main class=mn><section "
	    "class=st><h1>%s</h1><article class=ar>",
	    t, t);
	paragraphs(p, 4, "<p>", "</p>");
	say(p, "<p>翻开这一页，看见另一种可能</p></article></section></main>"
	       "<footer class=ft><div class=f1>青石区</div></footer>");
}

static void
fact(void *arg, const struct winnow_site_fact *f)
{
	unsigned *n = arg;

	n[0]++;
	n[1] += f->text != NULL && strstr(f->text, "家校同行") != NULL &&
		f->pages == MANY && f->of == MANY &&
		strcmp(f->why, "often") == 0;
}

static uint32_t
junk(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	return *x ^= *x << 5;
}

int
main(void)
{
	struct winnow_site *s, *t;
	const struct winnow_doc *d;
	const void *v, *u;
	unsigned n[2] = {0};
	size_t len, ulen;
	void *bytes;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
		TEST(sites[i].name)
		check_site(&sites[i]);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		TEST(texts[i].name)
		check_unharmed(texts[i].page, 30);
	}

	TEST("site: links that stand at one place on every page go, whatever "
	     "they say")
	s = learned(related, 0, MANY);
	d = clean_page(s, related, 77);
	CHECK_INT(strstr(d->text, "校刊编辑部") != NULL, 0);
	CHECK(d->remembered > 0 && d->removed[WINNOW_KIND_RELATED] >= 3);
	winnow_site_free(s);

	TEST("site: the first pages are told to be cleaned again, once")
	s = learned(office, 0, MANY);
	d = clean_page(NULL, office, 0);
	CHECK_INT(winnow_site_affects(s, d->lesson, d->lesson_len), 1);
	d = clean_page(s, office, 0);
	CHECK_INT(d->remembered, 3);
	CHECK_INT(winnow_site_affects(s, d->lesson, d->lesson_len), 0);
	CHECK_INT(winnow_site_settled(s), 1);

	TEST("site: the hash without the memory is that of the page alone")
	{
		uint64_t alone = clean_page(NULL, office, 3)->text_hash;

		d = clean_page(s, office, 3);
		CHECK(d->alone_hash == alone && d->text_hash != alone);
		d = clean_page(s, series, 3);
		CHECK(d->alone_hash == d->text_hash && d->remembered == 0);
	}

	TEST("site: what was learned is told, with how it begins")
	for (uint32_t i = 0; i < 3; i++)
		learn(s, clean_page(s, office, i), i + 1);
	winnow_site_each(s, fact, n);
	CHECK_INT(n[0], 3);
	CHECK_INT(n[1], 1);

	TEST("site: a page counts once, whoever comes back to it")
	CHECK_INT(winnow_site_pages(s), MANY);
	for (uint32_t i = 0; i < 50; i++)
		CHECK_INT(learn(s, clean_page(s, office, 5), 6), 0);
	CHECK_INT(winnow_site_pages(s), MANY);

	TEST("site: a memory that is stored and loaded decides the same")
	CHECK_INT(winnow_site_store(s, &bytes, &len), 0);
	CHECK(len < 16384);
	CHECK_INT(winnow_site_load(&t, bytes, len, 0), 0);
	winnow_site_view(s, &v, &len);
	winnow_site_view(t, &u, &ulen);
	CHECK(len == ulen && memcmp(v, u, len) == 0);
	for (uint32_t i = MANY; i < MANY + 20; i++) {
		learn(s, clean_page(s, office, i), i + 1);
		learn(t, clean_page(t, office, i), i + 1);
	}
	winnow_site_view(s, &v, &len);
	winnow_site_view(t, &u, &ulen);
	CHECK(len == ulen && memcmp(v, u, len) == 0);
	winnow_site_free(t);
	free(bytes);

	TEST("site: a new design is learned beside the old one, and costs no "
	     "text")
	for (uint32_t i = 200; i < 230; i++)
		learn(s, clean_page(s, redesign, i), i + 1);
	d = clean_page(s, redesign, 300);
	CHECK_INT(d->remembered, 1);
	CHECK_INT(strstr(d->text, "另一种可能") != NULL, 0);
	d = clean_page(s, office, 300);
	CHECK_INT(d->remembered, 3);
	winnow_site_free(s);

	TEST("site: a block that stops coming is forgotten, one that comes "
	     "anew is learned")
	s = learned(office, 0, 100);
	for (uint32_t i = 0; i < 1500; i++) {
		page_begin(&page, i + 5000);
		series(&page, i);
		d = clean(s, page.html, page.len, i);
		learn(s, d, i + 5000);
	}
	for (uint32_t i = 0; i < 10; i++)
		CHECK_INT(clean_page(s, office, 9000 + i)->remembered <= 1, 1);
	winnow_site_free(s);

	TEST("site: whatever is fed, the memory keeps its bound")
	{
		uint32_t x = 1;
		size_t before;

		CHECK_INT(winnow_site_new(&s, 16 << 10), 0);
		before = winnow_site_bytes(s);
		CHECK(before <= 16 << 10);
		for (uint32_t i = 0; i < 3000; i++) {
			unsigned char b[20 + 16 * 64];

			for (size_t k = 0; k < sizeof(b); k++)
				b[k] = (unsigned char)junk(&x);
			memcpy(b, "WL\1\0", 4);
			b[16] = 64;
			b[17] = b[18] = b[19] = 0;
			for (size_t k = 0; k < 64; k++)
				b[20 + 16 * k + 13] %= WINNOW_KIND_N;
			CHECK(winnow_site_learn(s, b, sizeof(b), i, 0) >= 0);
		}
		CHECK_INT(winnow_site_bytes(s), before);
		CHECK_INT(winnow_site_store(s, &bytes, &len), 0);
		CHECK(len <= 16 << 10);
		CHECK_INT(winnow_site_load(&t, bytes, len, 16 << 10), 0);
		winnow_site_free(t);
	}

	TEST("site: bytes that are no memory, lesson or view are refused")
	for (size_t i = 0; i < len; i += 1 + len / 400) {
		char *b = bytes, old = b[i];

		CHECK_INT(winnow_site_load(&t, bytes, i, 0), WINNOW_EINVAL);
		b[i] = (char)(old ^ 0x81);
		if (winnow_site_load(&t, bytes, len, 0) == 0) {
			winnow_site_view(t, &v, &ulen);
			winnow_site_free(t);
		}
		b[i] = old;
	}
	CHECK_INT(winnow_site_learn(s, "WL", 2, 1, 0), WINNOW_EINVAL);
	CHECK_INT(winnow_site_learn(s, NULL, 0, 1, 0), WINNOW_EINVAL);
	CHECK_INT(winnow_site_affects(s, "x", 1), 0);
	free(bytes);
	winnow_site_free(s);

	winnow_free(w);
	return test_end();
}
