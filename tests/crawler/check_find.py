#!/usr/bin/env python3
"""Finding: which links a crawl takes, at what depth and in which order, proved
at the log of a server that it crawls."""
import gzip
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from finding import Crawl, HTML, Server, XML, article, listing, text  # noqa: E402

NO_GUESS = ["-O", "find.sitemap_places="]
SITEMAP = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def elements(s, tmp):
    """Every element that leads on, and none that does not."""
    s.pages = {"/": listing(
        ["/a.html"],
        "<map><area href=/area.html></map><iframe src=/frame.html></iframe>"
        "<table><tr><td onclick=\"location.href='/click.html'\">All of it</td></tr>"
        "</table><a href='#' onclick=\"window.open('/window.html')\">Open</a>"
        "<a href=\"javascript:location='/script.html'\">Go</a>"
        "<a href=\"javascript:window.open('/sum.html'+id)\">x</a>"
        "<a href=\"javascript:go('/call.html')\">x</a><a href='mailto:/m.html'>m</a>"
        "<a rel=nofollow href=/no.html>n</a><svg><a xlink:href=/svg.html>v</a></svg>",
        "<link rel=next href=/next.html><link rel=prefetch href=/prefetch.html>")}
    Crawl(tmp, "elements", s.url())
    want = ["/", "/a.html", "/area.html", "/frame.html", "/click.html", "/window.html",
            "/script.html", "/next.html", "/svg.html", "/sitemap.xml"]
    assert sorted(s.asked()) == sorted(want), set(s.asked()) ^ set(want)


def refresh(s, tmp):
    """A home page that only leads on is a redirect: no deeper, not for ever."""
    s.pages = {
        "/": b"<html><head><meta http-equiv=refresh content='0;url=/index.html'></head></html>",
        "/index.html": listing(["/a.html", "/b.html"]),
        "/a.html": article("a"),
        "/b.html": b"<meta http-equiv=refresh content='1; url=/c.html'>",
        "/c.html": b"<meta http-equiv=refresh content='1; url=/b.html'>",
        "/0": b"<meta http-equiv=refresh content='0;/1'>"}
    for i in range(1, 9):
        s.pages["/%d" % i] = b"<meta http-equiv=refresh content='0;/%d'>" % (i + 1)
    c = Crawl(tmp, "refresh", s.url(), "--max-depth", "1", *NO_GUESS)
    assert c.depths() == {"/a.html": 1}, c.depths()
    assert sorted(s.asked()) == ["/", "/a.html", "/b.html", "/c.html", "/index.html"], s.log
    s.log.clear()
    Crawl(tmp, "chain", s.url("/0"), "-O", "fetch.max_redirects=3", *NO_GUESS)
    assert s.asked() == ["/0", "/1", "/2", "/3"], s.log


def refresh_moves(s, tmp):
    """A seed that refreshes to another host has moved there, scope and all."""
    with Server("127.0.0.12", {"/n/": listing(["/n/a.html"]),
                               "/n/a.html": article("moved")}) as t:
        s.pages = {"/": b"<meta http-equiv=refresh content='0;url=%s'>"
                        % t.url("/n/").encode()}
        c = Crawl(tmp, "moves", s.url(), *NO_GUESS)
        assert [r["url"] for r in c.records] == [t.url("/n/a.html")], (c.err, t.log)
        assert c.code == 0, c.err


def frames(s, tmp):
    """The frames of a frameset are the page itself; a chain of them ends."""
    s.pages = {
        "/": b"<html><frameset cols='20%,*'><frame src=menu.html><frame src=main.html>"
             b"</frameset></html>",
        "/menu.html": b"<a href=/about.html target=m>About the office</a>",
        "/about.html": article("about"),
        "/main.html": listing(["/a.html"], "<iframe src=/in/1.html></iframe>"),
        "/a.html": article("a", foot="<iframe src=/related.html></iframe>"),
        "/related.html": article("related")}
    for i in range(1, 9):
        s.pages["/in/%d.html" % i] = b"<iframe src=/in/%d.html></iframe>" % (i + 1)
    c = Crawl(tmp, "frames", s.url(), "--max-depth", "1", "-O", "fetch.max_redirects=4",
              *NO_GUESS)
    assert c.depths() == {"/a.html": 1, "/about.html": 1}, c.depths()
    deep = [p for p in s.asked() if p.startswith("/in/")]
    assert deep == ["/in/1.html", "/in/2.html", "/in/3.html"], deep


def bases(s, tmp):
    """A base that cannot be is none; a canonical address moves nothing."""
    s.pages = {
        "/d/": b"<base href='javascript:alert(1)'>" + listing(["a.html", "b.html"]),
        "/d/a.html": article("a", "<link rel=canonical href='http://127.0.0.99/a'>"),
        "/d/b.html": article("b", "<link rel=canonical href='/d/c.html'>"),
        "/d/c.html": article("b", "<link rel=canonical href='/d/b.html'>")}
    c = Crawl(tmp, "bases", s.url("/d/"), *NO_GUESS)
    got = {r["url"]: r["url_canonical"] for r in c.records}
    assert got == {s.url("/d/a.html"): "http://127.0.0.99/a",
                   s.url("/d/b.html"): s.url("/d/c.html")}, got
    assert all(r["host"].startswith("127.0.0.11") for r in c.records)


def gbk(s, tmp):
    """The query of a GBK page's link goes out in GBK, its path in UTF-8."""
    page = listing(["/新闻/list.jsp?kw=教育局&p=1", "/b.html?类=通知"]).decode()
    s.pages = {"/": ("text/html; charset=gbk", page.encode("gbk"))}
    Crawl(tmp, "gbk", s.url(), *NO_GUESS)
    assert sorted(s.asked()) == sorted([
        "/", "/%E6%96%B0%E9%97%BB/list.jsp?kw=%BD%CC%D3%FD%BE%D6&p=1",
        "/b.html?%C0%E0=%CD%A8%D6%AA"]), s.log


# ---- lists ----------------------------------------------------------------------

def pages_of(n, per=2, link="<a href='/list/%d.html'>下一页</a>"):
    """A list of n pages with articles of their own."""
    got = {}
    for i in range(1, n + 1):
        names = ["/a/%d-%d.html" % (i, k) for k in range(per)]
        got["/list/%d.html" % i] = listing(names, link % (i + 1) if i < n else "")
        got.update({p: article(p) for p in names})
    return got


def long_list(s, tmp):
    """All pages of a list, however many, are one click from its articles."""
    s.pages = pages_of(30)
    c = Crawl(tmp, "long", s.url("/list/1.html") + "\ttype=list\tdepth=1", *NO_GUESS)
    assert len(c.records) == 60 and set(c.depths().values()) == {1}, len(c.records)
    assert len(s.asked()) == 90, len(s.asked())


def numbered(s, tmp):
    """So are those that only a row of numbers leads to."""
    s.pages = pages_of(12, link="<!-- %d -->")
    for i in range(1, 13):
        row = " ".join("<a href='/list/%d.html'>%d</a>" % (k, k)
                       for k in range(max(1, i - 2), min(12, i + 2) + 1) if k != i)
        s.pages["/list/%d.html" % i] = s.pages["/list/%d.html" % i].replace(
            b"</ul>", b"</ul><p>" + row.encode() + b"</p>")
    c = Crawl(tmp, "numbered", s.url("/list/1.html") + "\ttype=list\tdepth=1", *NO_GUESS)
    assert len(c.records) == 24 and set(c.depths().values()) == {1}, c.depths()


def scripted(s, tmp):
    """And one whose row of pages a script writes."""
    s.pages = {}
    for i in range(6):
        name = "/l/index%s.html" % ("_%d" % i if i else "")
        paths = ["/a/s%d-%d.html" % (i, k) for k in range(2)]
        s.pages[name] = listing(
            paths, "<script>createPageHTML(6, %d, 'index', 'html');</script>" % i)
        s.pages.update({p: article(p) for p in paths})
    c = Crawl(tmp, "scripted", s.url("/l/index.html") + "\ttype=list\tdepth=1", *NO_GUESS)
    assert len(c.records) == 12 and len(s.asked()) == 18, s.log


def barren(s, tmp):
    """A list without end whose pages bring nothing new is left soon."""
    def page(h):
        n = int(h.path.split("=")[1])
        return HTML, listing(["/a/%d.html" % k for k in range(5)],
                             "<a href='/list.php?page=%d'>下一页</a>" % (n + 1))
    s.pages = {"/list.php?page=%d" % n: page for n in range(100)}
    s.pages.update({"/a/%d.html" % k: article(str(k)) for k in range(5)})
    Crawl(tmp, "barren", s.url("/list.php?page=1") + "\ttype=list", *NO_GUESS)
    pages = [p for p in s.asked() if p.startswith("/list.php")]
    assert 2 <= len(pages) <= 7, pages


def article_pages(s, tmp):
    """The next page of an article is a page like any other."""
    s.pages = {"/1.html": article("one", foot="<a href=/2.html>下一页</a>"),
               "/2.html": article("two", foot="<a href=/3.html>下一页</a>"),
               "/3.html": article("three")}
    c = Crawl(tmp, "article", s.url("/1.html"), "--max-depth", "1", *NO_GUESS)
    assert c.depths() == {"/1.html": 0, "/2.html": 1}, c.depths()


# ---- sitemaps and feeds -----------------------------------------------------------

def urlset(*rows):
    """rows: (URL, more inside)."""
    return ("<?xml version='1.0' encoding='UTF-8'?><urlset %s>%s</urlset>" % (
        SITEMAP, "".join("<url><loc>%s</loc>%s</url>" % r for r in rows))).encode()


def index(*urls):
    return ("<sitemapindex %s>%s</sitemapindex>" % (SITEMAP, "".join(
        "<sitemap><loc>%s</loc></sitemap>" % u for u in urls))).encode()


def day(n):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - n * 86400))


def sitemaps(s, tmp):
    """Index, packed child, news, and what is no page in them."""
    s.pages = {
        "/robots.txt": ("text/plain", b"User-agent: *\nSitemap: %s\n"
                        % s.url("/map/index.xml").encode()),
        "/": article("home"),
        "/map/index.xml": (XML, index(s.url("/map/a.xml.gz"), s.url("/map/index.xml"),
                                      s.url("/map/news.xml"), s.url("/map/again.xml"))),
        "/map/a.xml.gz": ("application/gzip", gzip.compress(urlset(
            (s.url("/p/1.html"), ""), (s.url("/p/2.html"), "")))),
        "/map/news.xml": (XML, urlset(
            (s.url("/n/1.html"), "<news:news xmlns:news='n'><news:publication_date>%s"
             "</news:publication_date></news:news>" % day(2)),
            (s.url("/n/2.html"), "<image:image xmlns:image='i'><image:loc>%s</image:loc>"
             "</image:image><xhtml:link xmlns:xhtml='x' rel='alternate' hreflang='de' "
             "href='%s'/>" % (s.url("/i/1.html"), s.url("/de/2.html"))))),
        # One level: an index below the index is no index any more.
        "/map/again.xml": (XML, index(s.url("/map/third.xml"), s.url("/map/index.xml")))}
    s.pages.update({p: article(p) for p in ("/p/1.html", "/p/2.html", "/n/1.html",
                                            "/n/2.html")})
    c = Crawl(tmp, "maps", s.url(), "--max-depth", "1")
    assert sorted(s.asked()) == sorted(
        ["/", "/map/index.xml", "/map/a.xml.gz", "/map/news.xml", "/map/again.xml",
         "/p/1.html", "/p/2.html", "/n/1.html", "/n/2.html"]), s.log
    assert {r["depth"] for r in c.records if "/p/" in r["url"]} == {1}
    dates = {r["url"]: (r["date_publish"], r["date_source"]) for r in c.records}
    assert dates[s.url("/n/1.html")] == (day(2), "feed"), dates


def guesses(s, tmp):
    """Where no sitemap is named one place is tried, once and last."""
    s.pages = {"/": listing(["/a.html"]), "/a.html": article("a"),
               "/sitemap.xml": (XML, urlset((s.url("/b.html"), ""))),
               "/b.html": article("b"), "/feed": (XML, b"<rss><channel><item><link>"
               + s.url("/c.html").encode() + b"</link></item></channel></rss>"),
               "/c.html": article("c")}
    Crawl(tmp, "guess", s.url(), "-O", "politeness.delay=300ms")
    assert s.asked() == ["/", "/a.html", "/sitemap.xml", "/b.html"], s.log
    s.log.clear()
    Crawl(tmp, "feeds", s.url(), *NO_GUESS, "-O", "find.feed_places=/rss.xml /feed")
    assert sorted(s.asked()) == ["/", "/a.html", "/c.html", "/feed", "/rss.xml"], s.log
    s.log.clear()
    Crawl(tmp, "none", s.url(), *NO_GUESS)
    assert s.asked() == ["/", "/a.html"], s.log
    s.log.clear()
    s.pages["/robots.txt"] = ("text/plain", b"Sitemap: %s" % s.url("/m.xml").encode())
    Crawl(tmp, "named", s.url())
    assert sorted(s.asked()) == ["/", "/a.html", "/m.xml"], s.log
    s.log.clear()
    Crawl(tmp, "depth0", s.url(), "--max-depth", "0")
    assert s.asked() == ["/"], s.log


FEEDS = {
    "/rss": ("application/rss+xml", "<rss version='2.0'><channel><title>T</title><item>"
             "<title>One</title><link>%s</link><pubDate>Sun, 03 Mar 2024 08:00:00 GMT"
             "</pubDate></item></channel></rss>"),
    "/atom": ("application/atom+xml", "<feed xmlns='http://www.w3.org/2005/Atom'><entry>"
              "<title>Two</title><link href='%s'/><published>2024-03-04T08:00:00Z"
              "</published></entry></feed>"),
    "/json": ("application/feed+json", '{"version":"https://jsonfeed.org/version/1.1",'
              '"title":"T","items":[{"id":"3","url":"%s",'
              '"date_published":"2024-03-05T08:00:00Z"}]}'),
    "/rdf": ("application/rdf+xml", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-"
             "syntax-ns#' xmlns='http://purl.org/rss/1.0/'><item rdf:about='x'><title>F"
             "</title><link>%s</link><date xmlns='http://purl.org/dc/elements/1.1/'>"
             "2024-03-06</date></item></rdf:RDF>"),
}


def feeds(s, tmp):
    """Feeds that a page names are read, and give articles their dates."""
    head = "".join("<link rel=alternate type=%s href=%s>" % (t, p)
                   for p, (t, _) in FEEDS.items())
    head += "<link rel=alternate type=application/rss+xml href=/comments/feed/>"
    s.pages = {"/": listing(["/e/0.html"], "<p>Hello</p>", head)}
    for i, (p, (ctype, body)) in enumerate(FEEDS.items()):
        link = "/e/%d.html" % i
        s.pages[p] = (ctype, (body % s.url(link)).encode())
        s.pages[link] = article(link, "<link rel=alternate type=application/rss+xml "
                                      "href=%s/feed>" % link)
    c = Crawl(tmp, "feeds2", s.url(), "--max-depth", "1", "-O",
              "politeness.delay=100ms", *NO_GUESS)
    assert sorted(s.asked()) == sorted(
        ["/", *FEEDS, *("/e/%d.html" % i for i in range(4))]), s.log
    got = {r["url"][-6]: (r["date_publish"], r["date_source"], r["depth"])
           for r in c.records}
    assert {k: got.get(k) for k in "012"} == {
        k: ("2024-03-0%d" % (3 + int(k)), "feed", 1) for k in "012"}, got


def order(s, tmp):
    """The seed, its maps, what is fresh, what is old, navigation, guesses."""
    s.pages = {
        "/": listing(["/item.html"], head="<link rel=alternate type=application/rss+xml "
                     "href=/rss>").replace(
            b"<body>", b"<body><nav><a href=/nav.html>Everything else</a></nav>"),
        "/rss": ("application/rss+xml", (
            "<rss><channel>" + "".join(
                "<item><link>%s</link><pubDate>%s</pubDate></item>" % (
                    s.url(p), time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                                            time.gmtime(time.time() - age * 86400)))
                for p, age in (("/old.html", 3000), ("/week.html", 5),
                               ("/today.html", 0.1), ("/year.html", 200)))
            + "</channel></rss>").encode())}
    for p in ("item", "nav", "old", "week", "today", "year"):
        s.pages["/%s.html" % p] = article(p)
    # With a pause in which a list is surely read before the next page is asked.
    Crawl(tmp, "order", s.url(), "-O", "politeness.delay=300ms")
    assert s.asked() == ["/", "/rss", "/today.html", "/week.html", "/year.html",
                         "/item.html", "/old.html", "/nav.html", "/sitemap.xml"], s.log


def main():
    c = sites.Cases()
    only = sys.argv[1:]
    with Server("127.0.0.11") as s, sites.workdir() as tmp:
        for name, fn in (
                ("every element that leads on is followed, and no other", elements),
                ("a page that only refreshes is a redirect, bounded (H33)", refresh),
                ("a seed that refreshes to another host has moved there", refresh_moves),
                ("frames are the page itself, bounded", frames),
                ("an impossible base is none, canonical moves nothing (H33)", bases),
                ("the query of a GBK page's links is GBK", gbk),
                ("a list of 30 pages is read to its end, at one depth", long_list),
                ("so is one with numbers only", numbered),
                ("so is one whose row of pages a script writes", scripted),
                ("a list that brings nothing new is left after a few pages", barren),
                ("an article's next page is a page like any other", article_pages),
                ("sitemaps: index, gzip, news; loops and alternates refused", sitemaps),
                ("a sitemap nobody names is looked for once, and last", guesses),
                ("feeds are discovered, their dates reach the records", feeds),
                ("what is fresh comes first, navigation last", order)):
            if not only or fn.__name__ in only:
                s.log.clear()
                c.case("find: " + name, fn, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
