/* What is taken away is counted by kind, and each block knows the rule that
 * decided: every kind once or more, on a page where the article must stay. */
#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "tests/test.h"

#define K(name) WINNOW_KIND_##name

#define ONE                                                                                                      \
	"春天到了，河边的柳树都绿了，孩子们在田野里奔跑，老人们坐在门前晒太阳" \
	"，"                                                                                                    \
	"谈论着今年的收成和去年的大雪，大家都很高兴。"
#define TWO                                                                                                      \
	"夏天的时候，村里的人都到河里去洗澡，水很清，可以看见河底的石头和小鱼" \
	"，"                                                                                                    \
	"晚上大家在院子里乘凉，听老人讲过去的故事。"
#define TALE                                                                                                     \
	"秋天来得很早，树叶一片一片地落下来，铺满了村口的小路，大人们忙着收割" \
	"，"                                                                                                    \
	"孩子们把落叶夹在书里，留着冬天的时候看。"

/* Where a line stands: above the title's text, between its paragraphs, below
 * them, at the foot of the page. */
enum where { ABOVE, WITHIN, BELOW, FOOT };

static const struct {
	int kind;
	enum where where;
	const char *html; /* the line */
	const char *text; /* what of it must be in a block of that kind */
} rows[] = {
    {K(BREADCRUMB), ABOVE,
	"<div>当前位置：<a href=/>首页</a> &gt; <a href=/a>新闻</a> &gt; "
	"正文</div>",
	"当前位置"},
    {K(BREADCRUMB), ABOVE,
	"<div><a href=/>Home</a> » <a href=/a>News</a> » <a href=/b>Towns</a>"
	"</div>",
	"Towns"},
    {K(META), ABOVE,
	"<div>来源：青石日报 发布时间：2023-05-06 10:20 点击：35</div>",
	"青石日报"},
    {K(META), ABOVE, "<div>2023年5月6日 10:20</div>", "2023年"},
    {K(BYLINE), ABOVE, "<p>作者：王小明</p>", "王小明"},
    {K(BYLINE), BELOW, "<p>（责任编辑：李红）</p>", "李红"},
    {K(BYLINE), BELOW, "<p>编辑/李红 校对/孙丽</p>", "孙丽"},
    {K(COUNTER), ABOVE, "<div>浏览次数：1234</div>", "1234"},
    {K(COUNTER), FOOT, "<div>今日访问：321 总访问量：123456</div>", "123456"},
    {K(COPYRIGHT), BELOW, "<p>（未经许可，不得转载）</p>", "不得转载"},
    {K(COPYRIGHT), FOOT, "<div>Copyright © 2026 All Rights Reserved</div>",
	"Reserved"},
    {K(ICP), FOOT, "<div>京ICP备12345678号-1</div>", "ICP"},
    {K(ICP), FOOT, "<div>京公网安备 11010802012345号</div>", "公网安备"},
    {K(DISCLAIMER), BELOW,
	"<p>免责声明：本文来自网络，如有侵权，请联系我们删除。</p>", "免责"},
    {K(DISCLAIMER_REPEAT), FOOT,
	"<p>版权声明：本站文档由用户上传，如有侵权请联系我们删除。</"
	"p><p>版权声明："
	"本站文档由用户上传，如有侵权请联系我们删除。</p>",
	"由用户上传"},
    {K(SHARE_BANNER), ABOVE,
	"<p>"
	"《春天》由会员分享，可在线阅读，更多相关《春天（3页珍藏版）》请在文库"
	"网上"
	"搜索。</p>",
	"由会员分享"},
    {K(DOC_TITLE_EXTENSION), ABOVE, "<p>春天.docx</p>", "docx"},
    {K(TITLE_REPEAT), WITHIN, "", "春天"},
    {K(PAGINATION), BELOW, "<div>上一页 1 2 3 下一页</div>", "下一页"},
    {K(PAGINATION), BELOW, "<p>第8页 共8页</p>", "共8页"},
    {K(DOC_NOTES), BELOW,
	"<p>"
	"配套讲稿：如PPT文件的首页显示word图标，表示该PPT已包含配套word讲稿。</"
	"p>",
	"配套讲稿"},
    {K(KEYWORDS), BELOW, "<p>关键词：春天 河边 柳树</p>", "柳树"},
    {K(IMAGE_FILENAME), WITHIN, "<p>DSC_0123_副本.JPG</p>", "DSC_0123"},
    {K(CAPTION), WITHIN,
	"<figure><img src=a.jpg><figcaption>村口的小路</figcaption></figure>",
	"村口的小路"},
    {K(CAPTION), WITHIN,
	"<p align=center><img src=a.jpg></p><p align=center>河边的柳树</p>",
	"河边的柳树"},
    {K(PAGE_NUMBER), ABOVE, "<div>第03版：教育</div>", "03版"},
    {K(DATELINE), ABOVE, "<div>2023年5月6日 星期六</div>", "星期六"},
    {K(HOTLINE), FOOT, "<div>新闻热线：0123-4567890</div>", "热线"},
    {K(MASTHEAD), ABOVE, "<div>青石日报社主办</div>", "日报社"},
    {K(SHARE_TOOLBAR), BELOW, "<div>分享到：微信 微博 QQ空间</div>", "微博"},
    {K(SHARE_TOOLBAR), BELOW, "<div>收藏 打印 赞 (0)</div>", "打印"},
    {K(PREV_NEXT), BELOW, "<div>上一篇：<a href=/1>冬天</a></div>", "上一篇"},
    {K(RELATED_HEADING), BELOW,
	"<h4>相关阅读</h4><ul><li><a href=/1>村里的冬天是怎样过的</a><li>"
	"<a href=/2>村里的秋天是怎样过的</a></ul>",
	"相关阅读"},
    {K(RELATED), BELOW,
	"<h4>相关阅读</h4><ul><li><a href=/1>村里的冬天是怎样过的</a><li>"
	"<a href=/2>村里的秋天是怎样过的</a></ul>",
	"秋天是怎样"},
    {K(STRAY), WITHIN, "<p>?</p>", "?"},
    {K(NAV), ABOVE,
	"<nav><a href=/>首页</a> <a href=/a>新闻</a> <a href=/b>专题</a></nav>",
	"专题"},
    {K(FOOTER), FOOT,
	"<footer>地址：青石县人民路1号 邮编：123456 <a "
	"href=/m>地图</a></footer>",
	"人民路"},
    {K(COMMENTS), BELOW,
	"<div><h3>网友评论</h3><p>张三：写得真好，我也喜欢春天！</p></div>",
	"张三"},
    {K(LOGIN), ABOVE, "<div><a href=/l>登录</a> | <a href=/r>注册</a></div>",
	"注册"},
    {K(HOT), BELOW,
	"<div><h4>热门文章</h4><ul><li><a href=/1>中考成绩今日公布查询</a><li>"
	"<a href=/2>暑假放假时间安排一览</a></ul></div>",
	"中考成绩"},
    {K(TOOLBAR), ABOVE,
	"<div>字号：<a href='javascript:f(1)'>大</a> <a "
	"href='javascript:f(2)'>中"
	"</a> <a href='javascript:f(3)'>小</a></div>",
	"字号"},
    {K(PLAYER), WITHIN, "<div>您的浏览器不支持播放该视频</div>", "播放"},
    {K(HIDDEN), WITHIN, "<div style='display:none'>" TALE "</div>", "落叶"},
    {K(AD), BELOW, "<div class=ad>学习机特价，快来购买吧</div>", "特价"},
    {K(COOKIE), FOOT,
	"<div class=cookie-banner>We use cookies to make this site better. "
	"<a href=/c>Accept</a></div>",
	"cookies"},
};

static struct winnow *w;
static const struct winnow_doc *d;

static void
clean(const char *line, enum where where)
{
	static char html[16384];
	struct winnow_page p = {.body = html,
	    .url = "http://h.test/xw/1.html",
	    .charset = "utf-8",
	    .now = 1770000000};

	snprintf(html, sizeof(html),
	    "<title>春天</title><body>%s<div><h1>春天</h1>%s<p>" ONE
	    "</p>%s<p>" TWO "</p>%s</div>%s",
	    "", where == ABOVE ? line : "", where == WITHIN ? line : "",
	    where == BELOW ? line : "", where == FOOT ? line : "");
	p.body_len = strlen(html);
	CHECK_INT(winnow_clean(w, &p, &d), 0);
}

/* The blocks that hold the words; how many are of the kind, with a rule. */
static unsigned
blocks_of(int kind, const char *words)
{
	const struct wn_doc *doc = &w->doc;
	unsigned n = 0;

	for (size_t i = 0; i < doc->nblocks; i++) {
		const struct wn_block *b = &doc->blocks[i];

		if (memmem(b->text.p, b->text.n, words, strlen(words)) == NULL)
			continue;
		n += !b->kept && b->kind == kind && b->rule != NULL;
	}
	return n;
}

static unsigned
all_removed(void)
{
	unsigned n = 0;

	for (int k = 0; k < WINNOW_KIND_N; k++)
		n += d->removed[k];
	return n;
}

int
main(void)
{
	static char names[sizeof(rows) / sizeof(rows[0])][200];
	struct winnow_options o = {.explain = 1};

	if (winnow_new(&w, &o) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(names[i], sizeof(names[i]), "kinds: %s: %s",
		    winnow_kind_name((enum winnow_kind)rows[i].kind),
		    rows[i].text);
		TEST(names[i])
		{
			unsigned kept = 0;

			clean(rows[i].html, rows[i].where);
			CHECK(blocks_of(rows[i].kind, rows[i].text) > 0);
			CHECK(d->removed[rows[i].kind] > 0);
			CHECK_STR(d->text, ONE "\n" TWO);
			for (size_t k = 0; k < w->doc.nblocks; k++)
				kept += (unsigned)w->doc.blocks[k].kept;
			CHECK_INT(all_removed() + kept, w->doc.nblocks);
		}
	}
	winnow_free(w);
	return test_end();
}
