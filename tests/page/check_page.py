#!/usr/bin/env python3
"""The page at / as it leaves the daemon, without a browser: what it says, that
titles which mean no good are text, that it loads nothing of others; and the
explain view of an article, made by a worker from recent pages and from WARC.

make check-page looks at the same with a real browser."""
import html.parser
import os
import re
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import pagesite  # noqa: E402
from pagesite import sites, webpages  # noqa: E402

OURS = set("""html head meta title link script noscript body a header div img h1
h2 h3 p span bdi b button main section nav ul ol li svg line path rect dl dt dd
small time details summary footer code""".split())


class Seen(html.parser.HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attrs, self.titles, self.ids = [], [], [], []
        self.inside = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attrs += [(tag, k, v) for k, v in attrs]
        d = dict(attrs)
        if tag == "a" and d.get("class") == "title":
            self.titles.append("")
            self.ids.append(d["href"])
            self.inside = tag

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = None

    def handle_data(self, data):
        if self.inside:
            self.titles[-1] += data


def plain(title):
    """As the page shows it: cleaned by the cleaner, cut, nothing that turns."""
    return re.sub(r"[^\w]", "", re.sub("[‪-‮]", "", title))[:40]


class Site:
    """The hostile site and a daemon that has crawled it."""

    def __init__(self, *settings):
        self.settings = settings

    def __enter__(self):
        self.tmp = sites.workdir()
        self.srv = webpages.Server(pagesite.ADDRESS)
        self.srv.pages.update(pagesite.hostile_pages())
        self.d = pagesite.Shown(self.tmp.name, self.settings)
        self.d.start().ready()
        pagesite.crawl(self.d, [self.srv.base + "/"], len(pagesite.TITLES))
        return self.d

    def __exit__(self, *_):
        self.d.stop()
        self.srv.__exit__()
        self.tmp.cleanup()


# ---- the page --------------------------------------------------------------------

def says(d):
    a = d.get()
    assert a.status == 200 and a.headers["content-type"] == "text/html; charset=utf-8"
    for words in ("running", "Newest articles", "Latest failures", "status 404",
                  "waiting for their time", "Queue and disk", "Workers and memory",
                  "Pages fetched"):
        assert words in a.body, words
    assert sites.wait_for(lambda: "over 10 minutes: now " in d.get().body, 20, 0.2), \
        "no plot after two samples"
    assert "{{" not in re.sub(r"<bdi>.*?</bdi>", "", a.body), "an unfilled mark"
    day = d.get("/?span=24h").body
    assert 'href="/?span=24h" aria-current="true"' in day and "24 hours ago" in day
    assert 'aria-current="true"' in d.get("/?span=%22%3E%3Cb").body


def titles_are_text(d):
    seen = Seen(d.get().body)
    strange = set(seen.tags) - OURS
    assert not strange, strange
    handlers = [x for x in seen.attrs if x[1].startswith("on") or x[1] == "style"]
    assert not handlers, handlers
    want = sorted(plain(t) for t in pagesite.TITLES)
    got = sorted(plain(t) for t in seen.titles)
    assert want == got, (want, got)
    bad = [v for _, k, v in seen.attrs if k == "href" and
           not v.startswith(("/", "#", "http://"))]
    assert not bad, bad


def loads_its_own(d):
    a = d.get()
    csp = a.headers["content-security-policy"]
    assert "default-src 'none'" in csp and "unsafe" not in csp, csp
    assert "trusted-types 'none'" in csp, csp
    loaded = [v for tag, k, v in Seen(a.body).attrs
              if (tag, k) in (("link", "href"), ("script", "src"), ("img", "src"))]
    assert loaded and all(v in ("/page.css", "/page.js", "/page.svg") for v in loaded)
    for path, kind in (("/page.css", "text/css"), ("/page.js", "text/javascript"),
                       ("/page.svg", "image/svg+xml")):
        b = d.get(path)
        assert b.status == 200 and b.headers["content-type"].startswith(kind), path
        assert "http" not in b.body.replace("http://www.w3.org/2000/svg", "") \
            or path == "/page.js", path
        h = d.get(path, "HEAD")
        assert h.body == "" and h.headers["content-length"] == str(len(b.body.encode()))


def tells_of_a_pause(d):
    assert d.ask("pause")[0] == 0
    assert "Paused: nothing new is fetched" in d.get().body
    assert "<title>paused" in d.get().body
    assert d.ask("resume")[0] == 0
    assert "Paused: nothing" not in d.get().body


# ---- explain ----------------------------------------------------------------------

def explain(d, links=None):
    """All articles, each by the link of the page."""
    for path in links or Seen(d.get().body).ids:
        def there(path=path):
            a = d.get(path)
            return a if a.status == 200 else None
        a = sites.wait_for(there, 10, 0.2) or d.get(path)
        assert a.status == 200, (a.status, a.body, d.words()[-2000:])
        csp = a.headers["content-security-policy"]
        assert "default-src 'none'" in csp and "script-src" not in csp, csp
        tags = Seen(a.body).tags
        assert "script" not in tags and "img" not in tags and "iframe" not in tags
        assert tags.count("style") == 1 and tags.count("h1") == 1, tags
        assert "What winnow made of this page" in a.body
        assert re.search(r"Piece \d+ 1 ", a.body) and 'data-kind="nav"' in a.body
        assert '<a href="/">' in a.body
        assert re.search(r"<td[^>]*>2026-05-02 10:00:00 UTC<", a.body), "no time"


def no_id(d):
    for query in ("", "?id=", "?id=w1-" + "0" * 32, "?id=%00", "?id=" + "x" * 200,
                  "?id=w1-%3Cscript%3E"):
        a = d.get("/explain" + query)
        assert a.status == 404, (query, a.status)
        assert "not among the newest ones" in a.body and "<script>" not in a.body
    assert d.get("/explain/").status == 404


def many_at_once(d):
    path = Seen(d.get().body).ids[0]
    got = []

    def ask():
        got.append(d.get(path).status)
    threads = [threading.Thread(target=ask) for _ in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    assert set(got) <= {200, 503} and 200 in got and len(got) == 24, got
    for _ in range(8):  # and who does not wait for the answer
        s = pagesite.raw(d.port, "GET %s HTTP/1.0\r\n\r\n" % path)
        s.close()
    explain(d, [path])


def over_a_restart(d):
    ids = Seen(d.get().body).ids
    assert d.stop()[0] == 0
    d.start().ready()
    assert Seen(d.get().body).ids == ids
    explain(d, ids[:2])


def without_pages():
    with Site(("keep.raw", "none")) as d:
        a = d.get(Seen(d.get().body).ids[0])
        assert a.status == 404 and "keep.raw is none" in a.body, a.body


def from_warc():
    with Site(("keep.raw", "warc")) as d:
        explain(d)


def of_example_sites():
    """Pages of all sorts; none of them needs what a locked worker may not."""
    with sites.workdir() as tmp, sites.Sites() as s, pagesite.Shown(
            tmp, [("fetch.dns", s.dns), ("politeness.robots", "ignore")]) as d:
        pagesite.crawl(d.start().ready(), s.seeds, 40)
        for path in Seen(d.get().body).ids:
            a = d.get(path)
            assert a.status == 200, (path, a.status, a.body[-300:])
            assert "What winnow made of this page" in a.body
        assert d.status()["now"]["workers_replaced"] == 0, "a worker died"


def main():
    c = sites.Cases()
    with Site() as d:
        c.case("page: it says how the crawl goes, also without scripts", says, d)
        c.case("page: a title that means no good is text", titles_are_text, d)
        c.case("page: it loads its own style, script and picture, and nothing else",
               loads_its_own, d)
        c.case("page: a pause is told, with the command that ends it",
               tells_of_a_pause, d)
        c.case("explain: each of the newest articles is told by a worker", explain, d)
        c.case("explain: what is no article of them is said so", no_id, d)
        c.case("explain: many at once are served or told to come again, and who is "
               "gone is no harm", many_at_once, d)
        c.case("explain: after a restart the newest articles are still told",
               over_a_restart, d)
    c.case("explain: pages in WARC files are explained as well", from_warc)
    c.case("explain: pages of the example sites kill no worker", of_example_sites)
    c.case("explain: without kept pages it names the setting", without_pages)
    sys.exit(c.failed > 0)


if __name__ == "__main__":
    main()
