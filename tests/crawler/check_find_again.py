#!/usr/bin/env python3
"""Finding what is new on a site that is known: the daemon comes back to lists,
feeds and sitemaps; what it asks for is proved at the server's log."""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from finding import Server, XML, article, listing  # noqa: E402

BASE = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.delay", "0"),
        ("find.sitemap_places", ""), ("revisit.hub_min", "500ms"),
        ("revisit.hub_max", "500ms")]
PER_PAGE = 2


def start(d, line):
    with open(os.path.join(d.spool, "seeds.txt"), "w", encoding="utf-8") as f:
        f.write(line + "\n")
    d.start().ready()


def put_list(s, names, pages):
    """A list of pages, the newest first, and its articles; the first page comes
    last, for it is what the daemon looks at."""
    for n in names:
        s.pages.setdefault("/a/%s.html" % n, article(n))
    for i in reversed(range(pages)):
        part = ["/a/%s.html" % n for n in names[i * PER_PAGE:(i + 1) * PER_PAGE]]
        more = "<a href='/list-%d.html'>下一页</a>" % (i + 2) if i + 1 < pages else ""
        s.pages["/list-%d.html" % (i + 1)] = listing(part, more)


def quiet(s, n=2):
    """Until page 1 was asked n more times; what was asked meanwhile."""
    at = len(s.log)
    assert sites.wait_for(
        lambda: s.log[at:].count("/list-1.html") >= n, 20), s.log[at:]
    return s.log[at:]


def lists(s, tmp):
    names = ["n%03d" % i for i in range(30 * PER_PAGE)]
    put_list(s, names, 30)
    with sites.Daemon(tmp, BASE) as d:
        start(d, s.url("/list-1.html") + "\ttype=list\tdepth=1\tinterval=400ms")
        assert sites.wait_for(lambda: len(d.records()) == len(names), 60), \
            len(d.records())
        # Nothing new: page 1, and nothing else.
        assert set(quiet(s)) == {"/list-1.html"}, s.log[-20:]
        at = len(s.log)
        put_list(s, ["new1", "new2"] + names, 30)
        assert sites.wait_for(lambda: len(d.records()) == len(names) + 2, 20)
        quiet(s)
        asked = [p for p in s.log[at:] if p.startswith("/list")]
        assert set(asked) == {"/list-1.html", "/list-2.html"}, set(asked)
        assert asked.count("/list-2.html") == 1, asked
        rest = [p for p in s.log[at:] if not p.startswith("/list")]
        assert sorted(rest) == ["/a/new1.html", "/a/new2.html"], rest
        # As many as fill two pages and a half: as far as there is news.
        at = len(s.log)
        more = ["m%02d" % i for i in range(5)]
        put_list(s, more + ["new1", "new2"] + names, 30)
        assert sites.wait_for(
            lambda: len(d.records()) == len(names) + 7, 20), len(d.records())
        quiet(s)
        asked = {p for p in s.log[at:] if p.startswith("/list")}
        assert asked == {"/list-%d.html" % i for i in (1, 2, 3, 4)}, asked


def chapters(s, tmp):
    """A table of contents whose items are bare numbers."""
    def contents(n):
        return ("<!DOCTYPE html><html><head><title>Contents</title></head><body><ul>%s"
                "</ul></body></html>" % "".join(
                    "<li><a href='/b/%d.html'>%d</a></li>" % (i, i)
                    for i in range(1, n + 1))).encode()
    for i in range(1, 14):
        s.pages["/b/%d.html" % i] = article("chapter%d" % i)
    s.pages["/b/"] = contents(12)
    with sites.Daemon(tmp, BASE) as d:
        start(d, s.url("/b/") + "\tinterval=300ms")
        assert sites.wait_for(lambda: len(d.records()) == 12, 20), s.log
        s.pages["/b/"] = contents(13)
        assert sites.wait_for(lambda: len(d.records()) == 13, 20), s.log
        assert {s.log.count("/b/%d.html" % i) for i in range(1, 14)} == {1}, s.log


def urlset(s, rows):
    return (XML, ("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>%s"
                  "</urlset>" % "".join(
                      "<url><loc>%s</loc><lastmod>%s</lastmod></url>"
                      % (s.url("/%s.html" % n), time.strftime(
                          "%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))) for n, t in rows)
                  ).encode())


def sitemap(s, tmp):
    now = time.time()
    for n in ("old", "changed", "later"):
        s.pages["/%s.html" % n] = article(n)
    s.pages["/map.xml"] = urlset(s, [("old", now - 86400 * 9), ("changed", now - 86400),
                                     ("later", now - 86400 * 2)])
    with sites.Daemon(tmp, BASE) as d:
        start(d, s.url("/map.xml") + "\ttype=sitemap\tinterval=400ms")
        assert sites.wait_for(lambda: len(d.records()) == 3, 20), d.records()
        s.pages["/changed.html"] = article("changed", foot="<p>And in other words.</p>")
        s.pages["/changed.html"] = s.pages["/changed.html"].replace(
            b"<p>", b"<p>Corrected on the second day after it had been printed. ", 1)
        # A day in the far future is no date.
        s.pages["/map.xml"] = urlset(s, [("old", now - 86400 * 9),
                                         ("changed", time.time() + 2),
                                         ("later", now + 86400 * 30)])
        assert sites.wait_for(lambda: len(d.records()) == 4, 20), s.log
        last = d.records()[-1]
        assert last["event"] == "changed" and last["url"] == s.url("/changed.html")
        time.sleep(1)
        counts = {n: s.log.count("/%s.html" % n) for n in ("old", "changed", "later")}
        assert counts["old"] == counts["later"] == 1, counts
        assert 2 <= counts["changed"] <= 3, counts  # the stamp lies 2 s ahead


def feed(s, tmp):
    def rss(names):
        return ("application/rss+xml", ("<rss><channel>%s</channel></rss>" % "".join(
            "<item><link>%s</link></item>" % s.url("/%s.html" % n) for n in names)).encode())
    for n in "abcd":
        s.pages["/%s.html" % n] = article("feed" + n)
    s.pages["/rss"] = rss("abc")
    with sites.Daemon(tmp, BASE) as d:
        start(d, s.url("/rss") + "\ttype=feed\tinterval=300ms")
        assert sites.wait_for(lambda: len(d.records()) == 3, 20), s.log
        s.pages["/rss"] = rss("dabc")
        assert sites.wait_for(lambda: len(d.records()) == 4, 20), s.log
        n = s.log.count("/rss")
        assert sites.wait_for(lambda: s.log.count("/rss") > n + 1, 20)
        assert {s.log.count("/%s.html" % x) for x in "abcd"} == {1}, s.log


def yields(s, tmp):
    """Three feeds: one with news each time, one whose news are copies, one that
    has stopped. Every ask of a feed is an edition of its own."""
    def rss(word):
        def page(h):
            n = 0 if word == "still" else s.log.count("/" + word)
            link = "/%s/%d.html" % (word, n)
            s.pages.setdefault(link, article(link if word == "good" else "one"))
            return ("application/rss+xml", b"<rss><channel><!-- %d --><item><link>%s"
                    b"</link></item></channel></rss>" % (
                        s.log.count("/" + word), s.url(link).encode()))
        return page
    words = ("good", "copies", "still")
    s.pages.update({"/" + w: rss(w) for w in words})
    with sites.Daemon(tmp, [x for x in BASE if not x[0].startswith("revisit")] + [
            ("revisit.hub_min", "20ms"), ("revisit.hub_max", "1h"),
            ("revisit.hub_pace", "500ms"), ("revisit.articles", "false"),
            ("dedup.host_repeats", "0")]) as d:
        start(d, "\n".join(s.url("/" + w) + "\ttype=feed" for w in words))
        assert sites.wait_for(lambda: s.log.count("/good") >= 24, 40), s.log
        asked = {w: s.log.count("/" + w) for w in words}
        print("  asked: %s" % asked)
        assert asked["copies"] <= asked["good"] * 0.75, asked
        assert asked["still"] <= asked["good"] * 0.75, asked


def main():
    c = sites.Cases()
    only = sys.argv[1:]
    for i, (name, fn) in enumerate((
            ("a list's further pages are asked as far as there is news", lists),
            ("a page that its sitemap says has changed is asked now", sitemap),
            ("a number that is new on a list is news", chapters),
            ("a feed's old entries are not asked again", feed),
            ("feeds that have stopped, or bring copies, are asked less", yields))):
        if only and fn.__name__ not in only:
            continue
        with Server("127.0.0.%d" % (21 + i)) as s, sites.workdir() as tmp:
            c.case("find again: " + name, fn, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
