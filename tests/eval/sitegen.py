"""sitegen.py - invented sites of the kinds that GUIDE.md knows: each a template
with what it repeats around and inside its articles.

A page is made of an article and the furniture of its site: (kind, line) pairs,
of which nothing may be left in the text. Much of it stands inside the body in
the same element as the paragraphs, in words of the site's own, so that a page
alone cannot know it."""
import random
import zlib

from sitetext import articles, fill, glossed, traditional


class Page:
    def __init__(self, name, html, gold, furniture, title):
        self.name, self.html, self.gold, self.title = name, html, gold, title
        self.furniture = furniture


class Site:
    """One template; page() puts an article into it."""
    name, host, charset, notices = '', '', 'utf-8', 0.0

    def __init__(self):
        self.rng = random.Random(zlib.crc32(self.name.encode()))
        self.lines = []

    def put(self, kind, line):
        """A line of furniture, remembered for the page in hand."""
        self.lines.append((kind, line))
        return line

    def links(self, kind, others, cls='', n=5):
        rows = ''.join('<li><a href="%s">%s</a></li>' % (o.path, self.put(kind, o.title))
                       for o in self.rng.sample(others, min(n, len(others))))
        return '<ul class="%s">%s</ul>' % (cls, rows)

    def written(self, a):
        return a.paragraphs

    def gold(self, a):
        return '\n'.join(self.written(a))

    def page(self, a, others):
        self.lines = []
        html = self.template(a, others)
        return Page(a.path.lstrip('/'), html.encode(self.charset, 'xmlcharrefreplace'),
                    self.gold(a), self.lines, a.title)

    def pages(self, made):
        for i, a in enumerate(made):
            a.path = self.address(a, i)
        return [self.page(a, [o for o in made if o is not a]) for a in made]

    def address(self, a, i):
        return '/news/%s_%d.html' % (a.date.replace('-', ''), 1000 + i)

    def front(self, pages):
        """The page that leads to all of them, as the crawl's seed."""
        rows = ''.join('<li><a href="/%s">%s</a></li>\n' % (p.name, p.title) for p in pages)
        return ('<html><head><meta charset="%s"><title>首页</title></head><body><h2>新闻列表</h2>'
                '<ul>%s</ul></body></html>' % (self.charset, rows)).encode(
                    self.charset, 'xmlcharrefreplace')


class Bureau(Site):
    """A county's education bureau: a table of 2009, GBK."""
    name, host, charset, notices = 'bureau', 'jyj.qingpu.test', 'gb18030', 0.35

    def template(self, a, others):
        put = self.put
        body = ''.join('<p style="text-indent:2em">　　%s</p>\n' % p for p in a.paragraphs)
        return f'''<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{a.title}_青蒲县教育局</title></head><body>
<table width="980" class="head"><tr><td>{put('masthead', '青蒲县教育局政务网站')}</td>
<td><a href="/">首页</a> <a href="/zwgk/">政务公开</a> <a href="/bmfw/">便民服务</a></td></tr></table>
<table width="980"><tr><td width="200" valign="top" class="left"><b>{put('hot', '本周关注')}</b>
{self.links('hot', others, 'hot')}</td><td valign="top" class="main">
<div class="bt">{a.title}</div>
<div class="ly">{put('meta', '信息来源：局办公室 发布时间：%s 点击：%d' % (a.date, a.views))}</div>
<div class="zw" id="zoom">
<p style="text-indent:2em">　　{put('other', '青蒲教育在线，为您播报全县教育系统的每一天。')}</p>
{body}<p style="text-indent:2em">　　{put('disclaimer', '栏目内容由各校报送并自行核对，与纸质材料有出入的，一律以纸质材料为准。')}</p>
<p style="text-indent:2em">　　{put('counter', '自2019年改版起，您是本页第%d位读者。' % (a.views * 7))}</p>
</div>
<p class="rel">{put('related', '同类信息')}</p>{self.links('related', others, 'xg')}
</td></tr></table>
<div class="foot"><p>{put('counter', '今日到访%d人 历史到访%d人' % (a.views % 700, a.views * 31))}</p>
<p>{put('copyright', '版权所有：青蒲县教育局 地址：青蒲县文昌路9号')}</p></div></body></html>'''


class Paper(Site):
    """A newspaper's page: masthead and issue inside the text."""
    name, host = 'paper', 'epaper.jianhe.test'

    def address(self, a, i):
        return '/html/%s/content_%d.htm' % (a.date.replace('-', '/'), 40000 + i)

    def template(self, a, others):
        put, issue = self.put, 1000 + int(a.date[5:7]) * 31 + int(a.date[8:])
        body = ''.join('<P>　　%s</P>' % p for p in a.paragraphs)
        y, m, d = a.date.split('-')
        return f'''<html><head><meta charset="utf-8"><title>{a.title}-涧河教育报</title></head><body>
<div class="top"><a href="/">返回首页</a> {put('masthead', '涧河教育报数字版')}</div>
<div class="left"><h3>{put('related', '本版导航')}</h3>{self.links('related', others, 'nav2', 6)}</div>
<div class="article"><h1>{a.title}</h1><div id="ozoom"><founder-content>
<P>　　{put('masthead', '涧河教育报 总第%d期 第%d版 校园周刊' % (issue, a.views % 8 + 1))}</P>
<P>　　{put('dateline', '%s年%d月%d日 出版' % (y, int(m), int(d)))}</P>
{body}
<P>　　{put('other', '翻开涧河报，看见身边的好学校、好老师、好孩子。')}</P>
<P>　　{put('hotline', '报料请拨0999-%07d，或到各镇发行站留言。' % 6660101)}</P>
</founder-content></div></div>
<div class="bottom"><p>{put('disclaimer', '本报数字版仅供阅览，转摘须经编辑部书面同意')}</p></div></body></html>'''


class Docshare(Site):
    """Documents that users put up: offers inside the text."""
    name, host = 'docshare', 'doc.yunwen.test'

    def address(self, a, i):
        return '/p-%d.html' % (8850000 + i * 37)

    def template(self, a, others):
        put = self.put
        offers = [put('other', '内容较长，上云文可把全文存到自己的书架。'),
                  put('ad', '开通云文会员，百万文稿随心看，新人首月立减。')]
        body = ['<p>%s</p>' % p for p in a.paragraphs]
        body.insert(len(body) // 2, '<p>%s</p>' % offers[0])
        body.append('<p>%s</p>' % offers[1])
        return f'''<html><head><meta charset="utf-8"><title>{a.title} - 云文</title></head><body>
<header><a href="/">云文</a><input value="搜文档"><a href="/login">登录</a></header>
<div class="doc-main"><h1 class="doc-title">{a.title}</h1>
<div class="info"><span>{put('counter', '浏览 %d' % a.views)}</span><span>{put('counter', '下载 %d' % (a.views % 97))}</span></div>
<div class="reader"><div class="content">
<p>{put('disclaimer', '此文由云文用户整理，站方不对其中的数字和说法作保证。')}</p>
{''.join(body)}
<p>{put('counter', '本稿已有%d人读过，%d人收进书架。' % (a.views, a.views % 61))}</p>
</div></div>
<div class="more"><h3>{put('related', '看过它的人还看了')}</h3>{self.links('related', others, 'list', 8)}</div>
</div><footer>{put('copyright', '© 云文网 营业执照 意见反馈')}</footer></body></html>'''


class Mirror(Site):
    """A mirror that turned simplified into traditional and put readings there."""
    name, host = 'mirror', 'www.tashan.test'

    def written(self, a):
        return [traditional(p) for p in a.paragraphs]

    def template(self, a, others):
        def put(kind, line):
            self.lines.append((kind, traditional(line)))
            return glossed(traditional(line))
        body = '<br>\n'.join('　　' + glossed(traditional(p)) for p in a.paragraphs)
        return f'''<html><head><meta charset="utf-8"><title>{traditional(a.title)}</title></head><body>
<div id="header">{put('masthead', '他山学讯 每日更新')}</div>
<div class="post"><h2>{traditional(a.title)}</h2>
<div class="entry">{put('other', '他山学讯为您搜集各地办学的经验和做法。')}<br>
{body}<br>
{put('disclaimer', '以上文字来自网上，他山只做搬运，对错请读者自己分辨。')}<br>
{put('counter', '这篇文章有%d个人看过。' % a.views)}</div></div>
<div class="side"><h3>{put('hot', '大家都在读')}</h3><ul>{''.join('<li><a href="%s">%s</a></li>' % (o.path, put('hot', o.title)) for o in self.rng.sample(others, 6))}</ul></div>
<div id="footer">{put('copyright', '他山学讯 保留所有权利')}</div></body></html>'''


class Forum(Site):
    """A board of teachers: posts, with the board's line under each."""
    name, host = 'forum', 'bbs.jiaoyou.test'

    def address(self, a, i):
        return '/thread-%d-1-1.html' % (51200 + i * 3)

    def template(self, a, others):
        put, rng = self.put, self.rng
        posts = ''
        for k, p in enumerate(a.paragraphs):
            who = fill(rng, '{who}')
            posts += f'''<div class="post" id="pid{a.views + k}"><div class="postauthor"><a href="/u/{k}">{who}</a>
<p>{put('meta', '积分 %d 帖子 %d' % (a.views + k * 17, k * 13 + 5))}</p></div>
<div class="postmessage"><p class="t">{put('meta', '发表于 %s 1%d:2%d' % (a.date, k % 10, k % 9))}</p>
<div class="t_msg">{p}</div>
<div class="sig">{put('disclaimer', '教友社区里的话只代表说话的人。')}</div></div></div>'''
        return f'''<html><head><meta charset="utf-8"><title>{a.title} - 教友社区 - Powered by Discuz!</title></head><body>
<div id="nav"><a href="/">教友社区</a> &raquo; <a href="/f-2.html">班主任之家</a> &raquo; {a.title}</div>
<h1>{a.title}</h1><div id="postlist">{posts}</div>
<div class="rel"><h4>{put('related', '版里的其他话题')}</h4>{self.links('related', others, 'x')}</div>
<div class="login">{put('login', '要说话请先登记一个名字')}</div></body></html>'''


class School(Site):
    """A school's site of these days: its motto and its account in the text."""
    name, host, notices = 'school', 'www.linxi.test', 0.25

    def template(self, a, others):
        put = self.put
        body = ''.join('<p><span style="font-size:16px">%s</span></p>\n' % p for p in a.paragraphs)
        return f'''<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{a.title} | 临溪小学</title></head><body>
<div class="wrap"><nav><a href="/">首页</a><a href="/about">学校概况</a><a href="/party">党建</a></nav>
<div class="content"><h1>{a.title}</h1><p class="info">{put('meta', '%s 阅读 %d' % (a.date, a.views))}</p>
<div class="v_news_content">
<p><span style="font-size:16px">{put('other', '临溪：让溪边的每一粒种子都发芽。')}</span></p>
{body}<p><span style="font-size:16px">{put('other', '想知道孩子在学校的一天，请留意临溪小学的微信小窗。')}</span></p>
<p><span style="font-size:16px">{put('counter', '截至今天，本页已被浏览%d次。' % a.views)}</span></p>
</div><div class="share">{put('share_toolbar', '转给朋友 收进文件夹')}</div></div>
<aside><h3>{put('hot', '近期热读')}</h3>{self.links('hot', others, 'h', 6)}</aside>
<footer><p>{put('disclaimer', '临溪小学网站的图文，未经同意请勿搬用')}</p></footer></div></body></html>'''


class Notices(School):
    """Nothing but notices: the lines that all of them have are text."""
    name, host, notices = 'notices', 'gk.linxi.test', 1.0


SITES = (Bureau, Paper, Docshare, Mirror, Forum, School, Notices)


def made(n=36):
    """(site, pages) of each kind."""
    for kind in SITES:
        s = kind()
        yield s, s.pages(articles(s.rng, n, s.notices))


def around(kind, texts):
    """The pages of a template of that kind around texts of others: (title,
    paragraphs)."""
    s = kind()
    own = articles(s.rng, len(texts))
    for a, (title, lines) in zip(own, texts):
        a.title, a.paragraphs, a.text = title, lines, '\n'.join(lines)
    return s, s.pages(own)
