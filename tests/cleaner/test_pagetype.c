/* What kind of page it is, and what stands there when there is no article. */
#include "cleaner/winnow.h"
#include "tests/test.h"

#define MILL                                                                   \
	"The mill by the river was old, and the people of the valley "         \
	"brought their corn to it every week until the first snow. "           \
	"Nobody knew who had built it, or when, and nobody ever asked. "

static struct winnow *w;
static const struct winnow_doc *d;

static void
check_page(const char *html, const char *type, const char *nothing)
{
	struct winnow_page p = {.body = html,
	    .body_len = strlen(html),
	    .url = "http://h.test/dir/page.html",
	    .now = 1770000000};

	CHECK_INT(winnow_clean(w, &p, &d), 0);
	CHECK_STR(winnow_page_type_name(d->page_type), type);
	CHECK_STR(d->nothing, nothing);
	CHECK_INT(d->text_len == 0, nothing != NULL);
}

static void
test_scripts(void)
{
	TEST("pagetype: a page that scripts write needs JavaScript")
	check_page("<title>App</title><script defer src=/static/main.js>"
		   "</script><noscript>You need to enable JavaScript to run "
		   "this app.</noscript><div id=root></div>",
	    "other", "needs-javascript");
	check_page("<title>平台</title><div id=app>加载中...</div><script "
		   "src=/js/app.js></script>",
	    "other", "needs-javascript");
	check_page("<script>location.href='/index.html'</script>", "other",
	    "needs-javascript");
	check_page("<title>x</title><noscript>本站需要JAVASCRIPT</noscript><p>"
		   "欢迎您。</p>",
	    "other", "needs-javascript");

	TEST("pagetype: so does one that says so, or a gate that asks for it")
	check_page("<title>App</title><div>Please enable JavaScript to view "
		   "this page. It is needed for everything here, and there is "
		   "no other way to see what we have.</div>",
	    "other", "needs-javascript");
	check_page("<title>Just a moment...</title><h2>Checking if the site "
		   "connection is secure</h2><p>h.test needs to review the "
		   "security of your connection before proceeding.</p>",
	    "other", "needs-javascript");

	TEST("pagetype: a page without anything is none of that")
	check_page("", "other", "no-article");
	check_page("<title>x</title><p>Hello.</p>", "other", "no-article");
}

static void
test_notices(void)
{
	TEST("pagetype: an error page is no article whatever its status was")
	check_page("<title>404 Not Found</title><center><h1>404 Not Found</h1>"
		   "</center><hr><center>server</center>",
	    "other", "error-page");
	check_page("<title>Page not found - Mill</title><h1>Page not found</h1>"
		   "<p>Sorry, what you asked for does not exist or has been "
		   "moved. Please check the address, or go back home.</p>",
	    "other", "error-page");
	check_page("<title>提示信息</title><div><h2>抱歉，您访问的页面不存在"
		   "</h2><p>该页可能已经被删除、更名或暂时不可用，请检查网址是"
		   "否正确，或返回首页继续浏览。</p></div>",
	    "other", "error-page");

	TEST("pagetype: a login is one")
	check_page(
	    "<title>用户中心</title><form><p>用户名：<input></p><p>密码："
	    "<input type=password></p><button>登录</button></form>",
	    "other", "login");
	check_page("<title>提示信息 - 论坛</title><p>抱歉，您尚未登录，没有权限"
		   "访问该版块，请登录后再来，或者先注册一个帐号。</p>",
	    "other", "login");

	TEST("pagetype: an article that speaks of errors is an article")
	check_page(
	    "<title>Why is every page not found?</title><h1>Why is every "
	    "page not found?</h1><p>The page you are looking for, said "
	    "the miller. " MILL "</p><p>" MILL MILL "</p>",
	    "article", NULL);
}

static void
test_things(void)
{
	TEST("pagetype: a page that shows or hands out a file is a document")
	check_page(
	    "<title>工作要点</title><h1>工作要点</h1><iframe src='/a.pdf'>"
	    "</iframe>",
	    "document", "file");
	CHECK_INT(d->attachments.n, 1);
	if (d->attachments.n > 0)
		CHECK_STR(d->attachments.v[0], "http://h.test/a.pdf");
	check_page(
	    "<title>Report</title><h1>Report</h1><object data='r.pdf?v=1'"
	    " type=application/pdf></object>",
	    "document", "file");
	check_page(
	    "<title>岗位表</title><h1>岗位表</h1><p>附件：<a href=/1.doc>"
	    "1.岗位表.doc</a></p><p><a href=/2.xls>2.报名表.xls</a></p>",
	    "document", "file");

	TEST("pagetype: a player without a text is a player")
	check_page(
	    "<title>视频：春天来了</title><h1>视频：春天来了</h1><p>来源："
	    "县电视台 2023-05-06</p><video controls src=a.mp4>您的浏览器"
	    "不支持播放</video>",
	    "other", "player");
}

static void
test_lists(void)
{
	char html[8192] = "<title>News</title><h1>News</h1><ul>";
	int i;

	TEST("pagetype: a page of links is a list, with its links and no text")
	for (i = 0; i < 20; i++)
		sprintf(html + strlen(html),
		    "<li><a href=/a/%d.html>Council opens its bridge number %d "
		    "in the rain</a> <span>2023-05-%02d</span></li>",
		    i, i, i + 1);
	strcat(html, "</ul><a href=?p=2>Next</a>");
	check_page(html, "list", "list");
	CHECK_INT(d->nlinks, 21);
	CHECK_STR(d->links[0].anchor,
	    "Council opens its bridge number 0 in the "
	    "rain");
	CHECK_INT(d->links[0].place, WINNOW_IN_LIST);
	CHECK_INT(d->links[20].flags, WINNOW_NEXT);
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_scripts();
	test_notices();
	test_things();
	test_lists();
	winnow_free(w);
	return test_end();
}
