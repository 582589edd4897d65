"""A web of many sites with some pages on a topic, and a server for it.

Sites are of four makes, as content systems write addresses, and of three kinds:
rich in the topic, mixed, and without it. A site has columns with lists of
twenty a page; some columns are not in its navigation. Articles link to others
beside them, to what is hot on the site, now and then to another site; sites name
sites of their kind more often. So the topic has places where it is dense, and
is scattered elsewhere; some of it is only reached through what is not on it.
Words of links are titles, cut or whole, or say nothing.

Everything is drawn from one seed, and a page's text when it is asked for."""
import html
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from texts import OTHERS

PER_PAGE = 20
TOPICAL = ["党建工作", "思政教育", "师德师风", "校园党建", "教育动态", "支部风采"]
NEUTRAL = ["综合新闻", "基层动态", "工作动态", "专题专栏", "通知公告", "图片新闻", "媒体聚焦"]
NAMES = {"经济": "财经", "农业": "三农", "天气": "天气", "体育": "体坛", "美食": "美食",
         "数码": "数码", "旅游": "旅游", "健康": "健康", "政务": "政务", "房产": "楼市"}
MUTE = ["[详细]", "查看全文", "点击进入", "阅读更多", ">>"]


class Column:
    def __init__(self, site, number, name, share, hidden):
        self.site, self.number, self.name = site, number, name
        self.share, self.hidden = share, hidden
        self.articles = []

    def path(self, page=1):
        n = self.number
        if self.site.make == 0:
            return "/col/col%d/index%s.html" % (
                n, "" if page == 1 else "_%d" % page)
        if self.site.make == 1:
            return "/xwzx/lm%d/%s" % (
                n, "" if page == 1 else "index_%d.shtml" % page)
        if self.site.make == 2:
            return "/list.php?cid=%d%s" % (
                n, "" if page == 1 else "&page=%d" % page)
        return "/list/%d%s.html" % (n, "" if page == 1 else "_%d" % page)

    def pages(self):
        return max(1, -(-len(self.articles) // PER_PAGE))


class Article:
    def __init__(self, column, number, theme, rng):
        self.column, self.number, self.theme = column, number, theme
        self.day = rng.randint(1, 700)
        self.title = None

    @property
    def on(self):
        return self.theme is None

    def path(self):
        y, m, d = 2023 + self.day // 360, self.day % 360 // 30 + 1, \
            self.day % 30 + 1
        make, n, c = self.column.site.make, self.number, self.column.number
        if make == 0:
            return "/art/%d/%d/%d/art_%d_%d.html" % (y, m, d, c, n)
        if make == 1:
            return "/xwzx/lm%d/%d%02d/t%d%02d%02d_%d.shtml" % (
                c, y, m, y, m, d, n)
        if make == 2:
            return "/show.php?cid=%d&id=%d" % (c, n)
        return "/html/%d/%02d%02d/%d.html" % (y, m, d, n)

    def url(self):
        return self.column.site.base + self.path()


class Site:
    def __init__(self, number, kind, port, rng):
        self.number, self.kind = number, kind
        self.make = rng.randrange(4)
        self.host = "s%02d.web.example" % number
        self.base = "http://%s:%d" % (self.host, port)
        self.name = "%s%s网" % (rng.choice("清临东安南江西云"),
                               rng.choice(["川", "岭", "浦", "河", "阳"]))
        self.columns, self.friends, self.hot = [], [], []


class Web:
    """pages: how many in all, about; share of them on the topic; mute: of links
    whose words say nothing."""

    def __init__(self, texts, seed, hosts, pages, port, share=0.03, mute=0.08):
        self.texts, self.seed, self.mute = texts, seed, mute
        rng = random.Random(seed)
        kinds = ["rich"] * max(2, hosts // 9) + ["mixed"] * (hosts // 4)
        kinds += ["plain"] * (hosts - len(kinds))
        rng.shuffle(kinds)
        self.sites = [Site(i, k, port, rng) for i, k in enumerate(kinds)]
        self.pages, self.extra = {}, {}
        self.number = rng.randint(10000, 20000)
        for site in self.sites:
            self._columns(site, rng)
        self._articles(rng, int(pages * 0.88), share)
        for site in self.sites:
            self._links(site, rng)

    def _columns(self, site, rng):
        themes = rng.sample(sorted(OTHERS), rng.randint(4, 7))
        cols = [(NAMES[t], t, 0.0) for t in themes]
        cols += [(n, None, 0.0) for n in rng.sample(NEUTRAL, 2)]
        if site.kind == "rich":
            cols += [(n, None, 0.9) for n in rng.sample(TOPICAL, 3)]
        elif site.kind == "mixed":
            cols.append((rng.choice(TOPICAL + NEUTRAL), None, 0.5))
        rng.shuffle(cols)
        first = rng.randint(10, 900)
        for i, (name, theme, share) in enumerate(cols):
            c = Column(site, first + 7 * i, name, share, rng.random() < 0.25)
            c.theme = theme
            site.columns.append(c)
        if all(c.hidden for c in site.columns):
            site.columns[0].hidden = False

    def _add(self, column, theme, rng):
        self.number += rng.randint(1, 9)
        column.articles.append(Article(column, self.number, theme, rng))

    def _articles(self, rng, n, share):
        """The topic first: four fifths where it is dense."""
        dense = [c for s in self.sites for c in s.columns if c.share > 0]
        weights = [1 if c.share < 0.8 else 3 for c in dense]
        loose = [c for s in self.sites for c in s.columns
                 if c.theme is None and c.share == 0]
        on = int(n / 0.88 * share)
        for i in range(on):
            c = rng.choice(loose) if i % 5 == 0 else \
                rng.choices(dense, weights)[0]
            self._add(c, None, rng)
        for c in dense:
            for _ in range(round(len(c.articles) * (1 / c.share - 1))):
                self._add(c, rng.choice(sorted(OTHERS)), rng)
        have = sum(len(c.articles) for s in self.sites for c in s.columns)
        rest = [c for s in self.sites for c in s.columns if c.share == 0]
        weights = [rng.lognormvariate(0, 0.8) for _ in rest]
        for c in rng.choices(rest, weights, k=max(0, n - have)):
            self._add(c, c.theme or rng.choice(sorted(OTHERS)), rng)

    def _links(self, site, rng):
        alike = [s for s in self.sites if s.kind == site.kind and s is not site]
        others = [s for s in self.sites if s is not site]
        site.friends = [self.sites[(site.number + 1) % len(self.sites)]]
        for _ in range(5):
            site.friends.append(rng.choice(
                alike if alike and rng.random() < 0.5 else others))
        every = [a for c in site.columns for a in c.articles]
        site.hot = rng.sample(every, min(8, len(every)))
        self.pages[site.host, "/"] = ("home", site)
        self.pages[site.host, "/map.html"] = ("map", site)
        for c in site.columns:
            rng.shuffle(c.articles)
            for p in range(1, c.pages() + 1):
                self.pages[site.host, c.path(p)] = ("list", c, p)
            for i, a in enumerate(c.articles):
                self.pages[site.host, a.path()] = ("article", a, i)

    def on_topic(self):
        return {(a.column.site.host, a.path()) for s in self.sites
                for c in s.columns for a in c.articles if a.on}

    # ---- pages ------------------------------------------------------------

    def _rng(self, *key):
        return random.Random("%d/%s" % (self.seed, "/".join(map(str, key))))

    def _title(self, a):
        if a.title is None:
            a.title = self.texts.article(self._rng(a.number), a.theme)[0]
        return a.title

    def _anchor(self, a, rng):
        r, title = rng.random(), self._title(a)
        if r < self.mute:
            title = rng.choice(MUTE)
        elif r < self.mute + 0.22:
            title = title[:12] + "…"
        return '<a href="%s">%s</a>' % (html.escape(a.url()),
                                        html.escape(title))

    def _frame(self, site, title, middle):
        nav = "".join('<li><a href="%s">%s</a></li>' % (
            html.escape(c.path()), c.name)
            for c in site.columns if not c.hidden)
        friends = " ".join('<a href="%s/">%s</a>' % (s.base, s.name)
                           for s in site.friends)
        return ('<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">'
                '<title>%s - %s</title></head><body><div class="top">'
                '<ul class="nav"><li><a href="/">首页</a></li>%s<li><a href='
                '"/map.html">网站地图</a></li></ul></div>%s<div class="footer">'
                '<p>友情链接：%s</p><p>版权所有 %s 备案号：ICP备%d号</p></div>'
                '</body></html>' % (html.escape(title), site.name, nav, middle,
                                    friends, site.name, 5000 + site.number))

    def _home(self, site):
        rng, blocks = self._rng(site.host), []
        for c in [c for c in site.columns if not c.hidden][:5]:
            items = "".join("<li>%s</li>" % self._anchor(a, rng)
                            for a in c.articles[:6])
            blocks.append('<div class="block"><h2>%s <a href="%s">更多</a></h2>'
                          '<ul>%s</ul></div>' % (c.name, html.escape(c.path()),
                                                 items))
        return self._frame(site, "首页", "".join(blocks))

    def _map(self, site):
        items = "".join('<li><a href="%s">%s</a></li>' % (
            html.escape(c.path()), c.name) for c in site.columns)
        return self._frame(site, "网站地图", "<ul>%s</ul>" % items)

    def _list(self, c, page):
        rng = self._rng(c.site.host, c.number, page)
        items = "".join(
            "<li>%s <span>%d-%02d</span></li>" % (
                self._anchor(a, rng), 2023 + a.day // 360,
                a.day % 360 // 30 + 1)
            for a in c.articles[(page - 1) * PER_PAGE:page * PER_PAGE])
        pager = "".join(
            '<a href="%s">%s</a> ' % (html.escape(c.path(p)), word)
            for word, p in [("上一页", page - 1), ("下一页", page + 1),
                            ("尾页", c.pages())]
            if 1 <= p <= c.pages() and p != page)
        return self._frame(c.site, c.name, '<div class="list"><h1>%s</h1><ul>'
                           '%s</ul><div class="pages">共%d页 %s</div></div>' % (
                               c.name, items, c.pages(), pager))

    def _beside(self, a, i, rng):
        c, out = a.column, []
        for _ in range(5):
            r = rng.random()
            site = rng.choice(self.sites) if r < 0.04 else c.site
            if r < 0.16:
                c2 = rng.choice([x for x in site.columns if x.articles] or [c])
                out.append(rng.choice(c2.articles or c.articles))
            else:
                out.append(c.articles[(i + rng.randint(1, 30)) %
                                      len(c.articles)])
        return out

    def _article(self, a, i):
        c, rng = a.column, self._rng(a.number)
        title, paragraphs = self.texts.article(rng, a.theme)
        text = "".join("<p>%s</p>" % html.escape(p) for p in paragraphs)
        near = "".join("<p>%s：%s</p>" % (w, self._anchor(
            c.articles[(i + d) % len(c.articles)], rng))
            for w, d in (("上一篇", -1), ("下一篇", 1)))
        beside = "".join("<li>%s</li>" % self._anchor(b, rng)
                         for b in self._beside(a, i, rng))
        hot = "".join("<li>%s</li>" % self._anchor(b, rng)
                      for b in c.site.hot)
        return self._frame(c.site, title, (
            '<div class="path">您现在的位置：<a href="/">首页</a> &gt; <a href="%s">'
            '%s</a></div><div class="article"><h1>%s</h1><p class="info">发布时间：'
            '%d-%02d-%02d　来源：%s</p><div class="content">%s</div>%s</div>'
            '<div class="related"><h3>相关阅读</h3><ul>%s</ul></div>'
            '<div class="hot"><h3>热点排行</h3><ul>%s</ul></div>') % (
                html.escape(c.path()), c.name, html.escape(title),
                2023 + a.day // 360, a.day % 360 // 30 + 1, a.day % 30 + 1,
                c.site.name, text, near, beside, hot))

    def render(self, host, path):
        """The page, None: there is none."""
        if (host, path) in self.extra:
            return self.extra[host, path]
        what = self.pages.get((host, path))
        if what is None:
            return None
        page = {"home": self._home, "map": self._map, "list": self._list,
                "article": self._article}[what[0]](*what[1:])
        return page.encode()


class Server:
    """Serves a web on a loopback port; keeps the order in which pages went
    out."""

    def __init__(self, make):
        """make(port): the web."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                host = self.headers.get("Host", "").split(":")[0]
                body = outer.web.render(host, self.path)
                if body is not None:
                    with outer.lock:
                        outer.asked.append((host, self.path))
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                """Crawls are killed."""

        self.lock, self.asked = threading.Lock(), []
        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.web = make(self.port)
        self.thread = threading.Thread(target=self.http.serve_forever,
                                       daemon=True)

    def take(self):
        """What was asked for since the last time."""
        with self.lock:
            got, self.asked = self.asked, []
        return got

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
