#!/usr/bin/env python3
"""Coming back: what the daemon asks again, with which headers, and what lands.

A server of the test's own serves pages that change, go and come back at our
word, and notes each request; what is proved is proved at its log and in the
queue. Intervals are fractions of a second."""
import concurrent.futures
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from webpages import Page, Server, article, listing  # noqa: E402

FUTURE = "Fri, 31 Dec 2049 23:59:59 GMT"

BASE = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
        ("politeness.delay", "0"), ("log.level", "info"),
        ("fetch.max_tries", "1"),
        ("revisit.hub_pace", "300ms"), ("revisit.hub_min", "200ms"),
        ("revisit.hub_max", "1s"), ("revisit.article_min", "200ms"),
        ("revisit.article_max", "400ms"), ("revisit.gone_after", "500ms")]


def start(d, srv, attributes="type=list"):
    with open(os.path.join(d.spool, "seeds.txt"), "w", encoding="utf-8") as f:
        f.write("%s/\t%s\n" % (srv.base, attributes))
    d.start().ready()


def of(d, srv, name):
    """The records of a page, in their order."""
    return [r for r in d.records() if r["url"] == "%s/a/%s.html" % (srv.base, name)]


def times(srv, name, n, limit=20):
    assert sites.wait_for(lambda: len(srv.asked(name)) >= n, limit), \
        (name, n, len(srv.asked(name)))


def unchanged(tmp):
    etags = {"quoted": '"v1"', "weak": 'W/"v1"', "bare": "v1"}
    with Server("127.0.1.1") as srv, sites.Daemon(tmp, BASE) as d:
        for name, etag in etags.items():
            srv.put(name, Page(article(name), etag=etag))
        srv.put("dated", Page(article("dated"), modified=FUTURE))
        srv.put("plain", Page(article("plain")))
        srv.put("huge", Page(article("huge"), headers=[("ETag", '"%s"' % ("x" * 65000))]))
        srv.put("nine", Page(article("nine"), headers=[("ETag", '"%s"' % ("x" * 1100))]))
        srv.put("fresh", Page(article("fresh"),
                              headers=[("ETag", lambda n: '"%d"' % n)]))
        srv.put("noise", Page(lambda n: article("noise", 1, "<!-- %d -->" % n)))
        names = [p[3:-5] for p in srv.pages]
        srv.pages["/"] = Page(listing(names), etag='"list"')
        start(d, srv)
        for name in names:
            times(srv, name, 4)
            first, *rest = srv.asked(name)
            assert "If-None-Match" not in first[2], first
            assert "If-Modified-Since" not in first[2], first
            if name in etags or name == "dated":
                # Each unchanged page costs one 304, and nothing else.
                assert {r[3] for r in rest} == {304}, (name, rest)
            for r in rest:
                assert len(r[2].get("If-None-Match", "")) <= 1024, name
        assert {r[3] for r in srv.asked("/")[1:]} == {304}, "the list"
        sent = [r[2].get("If-None-Match") for r in srv.asked("fresh")[1:]]
        assert sent == ['"%d"' % n for n in range(len(sent))], sent
        assert sites.wait_for(lambda: len(d.records()) >= len(names)), names
        for name in names:
            got = of(d, srv, name)
            assert [r["event"] for r in got] == ["new"], (name, got)
        w = d.settled("%s/a/plain.html" % srv.base)
        assert w["state"] == "done", w


def changed(tmp):
    with Server("127.0.1.2") as srv, sites.Daemon(tmp, BASE) as d:
        srv.put("change", Page(article("change"), etag='"1"'))
        srv.pages["/"] = Page(listing(["change"]))
        start(d, srv)
        for version in 2, 3:
            times(srv, "change", 2 * version - 2)
            srv.put("change", Page(article("change", version),
                                   etag='"%d"' % version))
            assert sites.wait_for(
                lambda v=version: len(of(d, srv, "change")) == v, 20), version
        times(srv, "change", len(srv.asked("change")) + 2)
        got = of(d, srv, "change")
        assert [r["event"] for r in got] == ["new", "changed", "changed"], got
        assert [r["revises"] for r in got] == [None] + [r["id"] for r in got[:2]]
        assert len({r["id"] for r in got}) == 3 and len({r["url"] for r in got}) == 1
        assert all(r["dup_of"] is None for r in got)
        assert "Change 3" in got[2]["text"]
        assert not holes(d), "seq"


def holes(d):
    seqs = [int(r["seq"]) for r in d.records()]
    return seqs != list(range(seqs[0], seqs[0] + len(seqs)))


def gone(tmp):
    with Server("127.0.1.3") as srv, sites.Daemon(tmp, BASE) as d:
        names = ["back", "blink", "sick", "soft", "stays"]
        for name in names:
            srv.put(name, Page(article(name), etag='"1"'))
        srv.pages["/"] = Page(listing(names))
        start(d, srv)
        assert sites.wait_for(lambda: len(d.records()) >= 5, 20), d.records()
        srv.put("soft", Page(b"<html><head><title>Page not found</title></head>"
                             b"<body><p>Page not found</p></body></html>"))
        back = srv.pages.pop("/a/back.html")
        srv.put("sick", Page(b"no", status=503))
        blink = srv.pages.pop("/a/blink.html")
        times(srv, "blink", len(srv.asked("blink")) + 1)
        n = len([r for r in srv.asked("blink") if r[3] == 404])
        srv.pages["/a/blink.html"] = blink
        assert sites.wait_for(lambda: len(of(d, srv, "back")) == 2, 20)
        lost = [r for r in srv.asked("back") if r[3] == 404]
        assert len(lost) == 2 and lost[1][0] - lost[0][0] >= 0.5, lost
        first, last = of(d, srv, "back")
        assert last["event"] == "gone" and last["revises"] == first["id"], last
        assert last["text"] == "" and last["status"] == 404, last
        assert last["id"] not in (None, first["id"]) and last["dup_of"] is None
        # It comes back, with the text it had.
        srv.pages["/a/back.html"] = back
        assert sites.wait_for(lambda: len(of(d, srv, "back")) == 3, 20)
        third = of(d, srv, "back")[2]
        assert third["event"] == "changed" and third["revises"] == last["id"], third
        assert third["text"] == first["text"] and third["dup_of"] is None
        assert sites.wait_for(lambda: len(of(d, srv, "soft")) == 2, 20)
        soft = of(d, srv, "soft")[1]
        assert (soft["event"], soft["status"], soft["text"]) == ("gone", 200, "")
        times(srv, "sick", 5)
        assert [r["event"] for r in of(d, srv, "sick")] == ["new"]
        if n == 1:  # it was back before the second look
            assert [r["event"] for r in of(d, srv, "blink")] == ["new"]
        assert not holes(d), "seq"


def wrong_304(tmp):
    with Server("127.0.1.4") as srv, sites.Daemon(tmp, BASE) as d:
        srv.put("lies", Page(b"", status=304))
        srv.pages["/"] = Page(listing(["lies"]))
        start(d, srv)
        w = d.settled("%s/a/lies.html" % srv.base)
        assert w["state"] == "failed" and "validator" in str(w), w
        n, m = len(srv.asked("lies")), len(srv.asked("/"))
        times(srv, "/", m + 2)
        assert len(srv.asked("lies")) == n and not d.records()


def news(tmp):
    """A new entry of a list lands; old ones are not asked for again. The list
    stands in its place of a fixed interval."""
    slow = [s for s in BASE if not s[0].startswith("revisit.article")]
    with Server("127.0.1.5") as srv, sites.Daemon(tmp, slow) as d:
        names = ["one", "two"]
        for name in names:
            srv.put(name, Page(article(name)))
        srv.pages["/"] = Page(lambda _: listing(names))
        start(d, srv, "type=list\tinterval=1s")
        assert sites.wait_for(lambda: len(d.records()) == 2, 20)
        srv.put("three", Page(article("three")))
        names.insert(0, "three")
        before = len(srv.asked("/"))
        assert sites.wait_for(lambda: of(d, srv, "three"), 20)
        assert len(srv.asked("/")) <= before + 2, "an ask passed it by"
        times(srv, "/", 4)
        asks = [r[0] for r in srv.asked("/")]
        assert min(b - a for a, b in zip(asks, asks[1:])) >= 0.95, asks
        for name in names:
            assert len(srv.asked(name)) == 1, name


def yields(tmp):
    """Three lists of one site: one shows a new article at each ask, one a new
    address with a text that is known, one nothing."""
    base = [s for s in BASE if not s[0].startswith("revisit.article")]
    with Server("127.0.1.9") as srv, sites.Daemon(tmp, base) as d:
        def growing(name):
            return lambda n: listing(["%s%d" % (name, i) for i in range(n + 1)])

        def made(path):
            name = path[3:-5]
            return Page(article("copy" if name.startswith("copy") else name))
        srv.more = lambda path: made(path) if path.startswith("/a/") else None
        for name in "news", "copy":
            srv.pages["/" + name] = Page(growing(name))
        srv.pages["/none"] = Page(listing(["none"]))
        with open(os.path.join(d.spool, "s.txt"), "w", encoding="utf-8") as f:
            for path in srv.pages:
                f.write("%s%s\ttype=list\n" % (srv.base, path))
        d.start().ready()
        times(srv, "/news", 14)
        news, copy, none = (d.why(srv.base + p)["revisit"]
                            for p in ("/news", "/copy", "/none"))
        assert news["hub"] and news["changes"] >= 10 and news["barren"] <= 1, news
        assert copy["asks"] >= 5 and copy["changes"] <= 4, copy
        assert copy["barren"] >= copy["asks"] - 6, copy
        assert none["changes"] == 0 and none["barren"] == none["asks"] - 1, none
        assert len(srv.asked("/none")) < len(srv.asked("/news"))
        st = d.status()["pages"]
        assert st["unchanged"] >= none["barren"] and st["gone"] == 0, st


def front(tmp):
    """A seed that is an article and a hub: its change is told, but not together
    with new links on it, and not more than once in article_min; then it is."""
    base = [s for s in BASE if s[0] != "revisit.article_min"]
    base += [("revisit.article_min", "2s"), ("revisit.article_max", "1d")]
    with Server("127.0.1.10") as srv, sites.Daemon(tmp, base) as d:
        def page(version):
            return Page(article("front", version), etag='"%d"' % version)
        srv.pages["/"] = page(1)
        start(d, srv, "type=page")

        def told():
            return [r["text"][:7] for r in d.records()]
        assert sites.wait_for(lambda: told() == ["Front 1"], 20), d.records()
        srv.pages["/"] = page(2)  # too early to be told at once
        times(srv, "/", len(srv.asked("/")) + 3)
        assert sites.wait_for(lambda: told() == ["Front 1", "Front 2"], 20), told()
        asks = [r[0] for r in srv.asked("/")]
        assert asks[-1] - asks[0] >= 1.9, asks
        assert [r["event"] for r in d.records()] == ["new", "changed"]


def redirected(tmp):
    """A seed that leads elsewhere is followed there at its interval."""
    with Server("127.0.1.6") as srv, sites.Daemon(tmp, BASE) as d:
        srv.pages["/"] = Page(b"", status=301, headers=[("Location", "/list")])
        srv.pages["/list"] = Page(listing(["one"]))
        srv.put("one", Page(article("one")))
        start(d, srv, "type=list\tinterval=1s")
        times(srv, "/list", 3)


def killed(tmp):
    """kill -9 wherever it falls: no event is told twice, none is lost."""
    with Server("127.0.1.7") as srv, sites.Daemon(tmp, BASE) as d:
        names = ["k%d" % i for i in range(12)]
        for name in names:
            srv.put(name, Page(article(name), etag='"1"'))
        srv.pages["/"] = Page(listing(names))
        start(d, srv)
        assert sites.wait_for(lambda: len(d.records()) >= 12, 20)
        for version in 2, 3, 4:
            for name in names[:8]:
                srv.put(name, Page(article(name, version),
                                   etag='"%d"' % version))
            if version == 4:
                for name in names[8:]:
                    srv.pages.pop("/a/%s.html" % name, None)
            mark = len(srv.log)
            sites.wait_for(lambda m=mark, v=version:
                           len(srv.log) > m + 3 * v, 20)
            d.stop(signal.SIGKILL)
            d.start().ready()

        def told():
            return all(of(d, srv, n)[-1:] and
                       "%s 4" % n.title() in of(d, srv, n)[-1]["text"]
                       for n in names[:8]) and \
                all(of(d, srv, n)[-1]["event"] == "gone" for n in names[8:])
        assert sites.wait_for(told, 30, 0.2), [
            (n, [(r["event"], r["text"][:6]) for r in of(d, srv, n)]) for n in names]
        mark = {n: len(srv.asked(n)) for n in names[:8]}
        for n in names[:8]:
            times(srv, n, mark[n] + 2)
        for n in names:
            got = of(d, srv, n)
            assert len({r["id"] for r in got}) == len(got), (n, got)
            assert [r["revises"] for r in got] == \
                [None] + [r["id"] for r in got[:-1]], n
            assert got[0]["event"] == "new"
            assert len([r for r in got if r["event"] == "gone"]) == \
                (0 if n in names[:8] else 1), n
        assert not holes(d), "seq"


def no_revisits(tmp):
    """winnow crawl asks for nothing twice, and ends."""
    with Server("127.0.1.8") as srv:
        srv.put("one", Page(article("one"), etag='"1"'))
        srv.pages["/"] = Page(listing(["one"]))
        more = []
        for key, value in BASE:
            more += ["-O", "%s=%s" % (key, value)]
        for _ in range(2):
            rc, _, err = sites.run([sites.WINNOW, "crawl", "-q", "-o", tmp,
                                    *more, srv.base + "/"], 60)
            assert rc == 0, err
        assert len(srv.asked("/")) == 1 and len(srv.asked("one")) == 1
        assert [r["event"] for r in sites.records(tmp)] == ["new"]


def main():
    cases = sites.Cases()

    def case(row):
        with sites.workdir() as tmp:
            cases.case("revisit: " + row[0], row[1], tmp)
    rows = (
        ("an unchanged page costs one 304, or its body, and no record (H52, H53)",
         unchanged),
        ("a changed article lands again: same URL, new id, revises", changed),
        ("what is deleted is noted once, after two looks, and may return", gone),
        ("a 304 that nobody asked for is an error (H16)", wrong_304),
        ("a new entry of a list lands within its interval, which is kept", news),
        ("a hub is paid by what lands through it, not by repeats", yields),
        ("a seed that is an article and a hub tells its changes now and then",
         front),
        ("a seed that was redirected keeps its interval", redirected),
        ("kill -9 repeats no event and loses none", killed),
        ("winnow crawl makes no revisits", no_revisits))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:  # they mostly wait
        list(pool.map(case, rows))
    return cases.failed != 0


if __name__ == "__main__":
    sys.exit(main())
