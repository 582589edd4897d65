#!/usr/bin/env python3
"""winnow crawl over the example sites, as a person runs it.

The first crawl keeps every rule of the sites; what was asked of them is read
from their server's log. The crawls after it are in a hurry: they are about
stopping, going on, limits and scope."""
import json
import os
import re
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import expect  # noqa: E402
import sites  # noqa: E402

JITTER_MS = 20  # between the server's clock and the crawler's
DELAY_MS = 100
FEEDS = ("blog", "docshare", "paper")  # sites whose pages link their feed
DELAY = ["-O", "politeness.delay=%dms" % DELAY_MS]


def expected():
    return [json.loads(line) for name, attrs in expect.sites()
            for line in expect.lines(name, attrs).splitlines()]


def path_of(url):
    u = urlsplit(url)
    return u.path + ("?" + u.query if u.query else "")


def of_article(e, recs):
    """Records of an article, at any of its addresses."""
    return [r for r in recs if r["host"].split(":")[0] == e["host"]
            and path_of(r["url"]) in [e["path"]] + e["also"]]


def rules(name):
    """Disallowed prefixes and delay in ms that hold for winnowd on a site."""
    with open(os.path.join(expect.HERE, name, "robots.txt"), encoding="utf-8") as f:
        text = f.read()
    groups = [g for g in re.split(r"(?im)^user-agent:\s*", text) if g.strip()]
    own = [g for g in groups if g.lower().startswith("winnowd")]
    group = (own or [g for g in groups if g.startswith("*")])[0]
    guarded = [p for p in re.findall(r"(?m)^Disallow: (\S+)", group)]
    delay = re.search(r"(?m)^Crawl-delay: (\S+)", group)
    return guarded, int(float(delay.group(1)) * 1000) if delay else 0


def is_guarded(path, patterns):
    return any(re.match(re.escape(p).replace(r"\*", ".*"), path) for p in patterns)


# ---- a polite crawl ----------------------------------------------------------

class Polite:
    """One crawl that obeys; every case looks at what it left."""

    def __init__(self, s, tmp):
        self.s, self.out = s, os.path.join(tmp, "polite")
        self.cmd = s.crawl(self.out, *DELAY)
        self.began = time.monotonic()
        self.rc, _, self.err = sites.run(self.cmd, 120)
        self.log = s.log()
        self.recs = sites.records(self.out)
        self.wanted = expected()

    def ends_well(self):
        assert self.rc == 0, (self.rc, self.err[-2000:])
        assert not sites.once(self.recs), sites.once(self.recs)

    def each_once(self):
        for e in self.wanted:
            found = of_article(e, self.recs)
            first = [r for r in found if r["dup_of"] is None]
            assert len(first) == 1, (e["host"], e["path"], len(first))
            urls = [r["url"] for r in found]
            assert len(set(urls)) == len(urls), urls

    def first_of(self, e):
        return next(r for r in of_article(e, self.recs) if r["dup_of"] is None)

    def titles(self):
        for e in self.wanted:
            got = self.first_of(e)["title"]
            assert sites.fold(got) == sites.fold(e["title"]), (got, e["title"])

    def texts(self):
        low = []
        for e in self.wanted:
            # A page whose bytes were lost on purpose cannot be whole.
            least = 0.85 if e["lossy"] else 0.95
            r = self.first_of(e)
            score = sites.f1(e["text"], r["text"])
            if score < least:
                low.append("%s%s %.3f" % (e["host"], e["path"], score))
        assert not low, low

    def nothing_guarded(self):
        for site in self.s.sites:
            guarded, _ = rules(site["name"])
            assert guarded, site["name"]
            asked = [x["path"] for x in self.log if x["host"] == site["host"]
                     and is_guarded(x["path"], guarded)]
            assert not asked, (site["name"], asked)

    def nothing_useless(self):
        useless = re.compile(r"(?i)login|/print|calendar|\.(docx?|pdf|jpg|png|css|js)$")
        asked = [x["path"] for x in self.log if useless.search(x["path"])]
        assert not asked, asked

    def robots_first(self):
        for site in self.s.sites:
            rows = sorted((x for x in self.log if x["host"] == site["host"]),
                          key=lambda x: x["began"])
            assert rows[0]["path"] == "/robots.txt", rows[0]
            assert [x["path"] for x in rows].count("/robots.txt") == 1

    def pauses(self):
        for site in self.s.sites:
            _, delay = rules(site["name"])
            assert delay > 0, site["name"]
            least = max(delay, DELAY_MS) - JITTER_MS
            rows = sorted((x for x in self.log if x["host"] == site["host"]),
                          key=lambda x: x["began"])
            # The delay is known from the answer to robots.txt on.
            short = [(b["path"], b["began"] - a["ended"])
                     for a, b in zip(rows[1:], rows[2:])
                     if b["began"] - a["ended"] < least]
            assert not short, (site["name"], least, short)
            first = rows[1]["began"] - rows[0]["ended"]
            assert first >= DELAY_MS - JITTER_MS, (site["name"], first)

    def why(self, url):
        rc, out, err = sites.run([sites.WINNOW, "why", "-o", self.out, "--json", url])
        assert rc == 0, (url, rc, err)
        return json.loads(out)

    def redirect(self):
        w = self.why(self.s.url("blog", "/about-me"))
        assert (w["state"], w["status"]) == ("redirected", 301), w
        w = self.why(self.s.url("blog", "/about/"))
        assert w["state"] in ("done", "no-article"), w
        asked = [x["path"] for x in self.log if x["host"] == "blog.example-e.test"]
        assert asked.count("/about-me") == 1 and asked.count("/about/") == 1

    def missing(self):
        for name, path, status in (("bureau", "/zwgk/none.html", 404),
                                   ("blog", "/2022/01/01/gone/", 410)):
            w = self.why(self.s.url(name, path))
            assert (w["state"], w["status"]) == ("gone", status), w

    def denied(self):
        w = self.why(self.s.url("blog", "/private/diary/"))
        assert (w["state"], w["reason"], w["detail"]) == ("robots-deny", "robots", "robots.txt line 3"), w

    def duplicate(self):
        e = next(e for e in self.wanted if "/p-100201.html" in e["also"])
        found = of_article(e, self.recs)
        assert len(found) == 2, [r["url"] for r in found]
        first = self.first_of(e)
        other = next(r for r in found if r is not first)
        assert other["dup_of"] == first["id"] != other["id"]
        assert other["text_hash"] == first["text_hash"]
        assert int(other["seq"]) > int(first["seq"])

    def lists_read(self):
        for name, attrs in expect.sites():
            a = dict(attrs)
            asked = {x["path"]: x["status"] for x in self.log if x["host"] == a["host"]}
            # The mirror's group for winnowd names no sitemap.
            for path in ["/sitemap.xml"] * (name != "mirror") + [a["feed"]] * (name in FEEDS):
                assert asked.get(path) == 200, (name, path)
                assert self.why(self.s.url(name, path))["state"] == "no-article"

    def provenance(self):
        for r in self.recs:
            assert r["schema"] == "winnow/1" and r["status"] == 200
            # A copy that is met before the page that its canonical link names.
            better = r["dup_of"] is not None and r["revises"] == r["dup_of"]
            assert r["event"] == ("corrected" if better else "new"), r["url"]
            assert r["robots"] == "allowed" and r["seed"] in self.s.seeds, r["url"]
            assert 0 <= r["depth"] <= 5 and len({r["crawl"], r["crawl"]}) == 1
        assert len({r["crawl"] for r in self.recs}) == 1

    def again(self):
        before = len(self.s.log())
        rc, _, err = sites.run(self.cmd)
        assert rc == 0, (rc, err)
        more = [x["path"] for x in self.s.log()[before:] if not x["path"].startswith("/__")]
        assert not more, more
        assert sites.records(self.out) == self.recs

    def unknown(self):
        rc, out, err = sites.run([sites.WINNOW, "why", "-o", self.out,
                                  self.s.url("blog", "/never/was/")])
        assert rc == 7 and "unseen" in out and not err, (rc, out, err)


def polite(c, s, tmp):
    p = Polite(s, tmp)
    for name, fn in (
            ("ends with 0 and leaves a queue in order", p.ends_well),
            ("each article of the sites lands exactly once", p.each_once),
            ("every title is right", p.titles),
            ("every text is right", p.texts),
            ("nothing that robots.txt guards is asked for", p.nothing_guarded),
            ("no login, print version, calendar or file is asked for", p.nothing_useless),
            ("robots.txt is asked for once, and before anything else", p.robots_first),
            ("a host is never asked sooner than its delay allows", p.pauses),
            ("a 301 is followed as a URL of its own", p.redirect),
            ("a page that is not there is settled as gone", p.missing),
            ("why names the line of robots.txt that forbids a page", p.denied),
            ("why says so when a URL was never found", p.unknown),
            ("a repeat names the record it repeats", p.duplicate),
            ("feeds and sitemaps are read", p.lists_read),
            ("records say where they come from", p.provenance),
            ("running again asks for nothing and adds nothing", p.again)):
        c.case("crawl: " + name, fn)


# ---- crawls in a hurry -------------------------------------------------------------

def names(recs):
    """The pages of a crawl."""
    return sorted(r["url"] for r in recs)


def resume(s, tmp, want):
    out = os.path.join(tmp, "resume")
    cmd = s.crawl(out, *sites.HURRY, "--max-pages", "10", "--json")
    seen = 0
    for turn in range(40):
        rc, stdout, err = sites.run(cmd)
        assert rc == 0, (rc, err)
        got = json.loads(stdout)
        assert got["fetched"] <= 10, got
        recs = sites.records(out)
        assert len(recs) >= seen, "records went away"
        seen = len(recs)
        if turn == 0:
            assert got["end"] == "limit" and 0 < got["fetched"], got
        if got["end"] == "done":
            break
    assert got["end"] == "done" and turn >= 3, (turn, got)
    assert not sites.once(recs), sites.once(recs)
    assert names(recs) == want, set(want) ^ set(names(recs))


def resume_without_seeds(s, tmp, want):
    out = os.path.join(tmp, "seedless")
    rc, _, err = sites.run(s.crawl(out, *sites.HURRY, "--max-pages", "5"))
    assert rc == 0, err
    rc, _, err = sites.run(s.crawl(out, *sites.HURRY, seeds=[]))
    assert rc == 0, err
    assert names(sites.records(out)) == want
    rc, _, err = sites.run(s.crawl(os.path.join(tmp, "nothing"), seeds=[]))
    assert rc == 1 and "no seeds" in err, (rc, err)


def interrupt(s, tmp, want, sig):
    out = os.path.join(tmp, "stopped%d" % sig)
    before = len(s.log())
    # Seconds before any host has been asked for all of its pages.
    p = subprocess.Popen(s.crawl(out, "-O", "politeness.delay=500ms"), stderr=subprocess.PIPE)
    sites.wait_for(lambda: len(s.log()) > before + 30, every=0.1)
    began = time.monotonic()
    p.send_signal(sig)
    try:
        _, err = p.communicate(timeout=90)
    finally:
        p.kill()
    took = time.monotonic() - began
    assert p.returncode == 0 and took < 5 * sites.slowness(), (p.returncode, took, err)
    part = sites.records(out)
    assert 0 < len(part) < len(want), len(part)
    assert not sites.once(part), sites.once(part)
    rc, _, err = sites.run(s.crawl(out, *sites.HURRY))
    assert rc == 0, err
    whole = sites.records(out)
    assert whole[:len(part)] == part, "a record changed"
    assert not sites.once(whole), sites.once(whole)
    assert set(expected_urls(s)) <= set(names(whole))


def expected_urls(s):
    return [s.url(e["site"], e["path"]) for e in expected()]


def asked_by(s, out, *more, seeds=None, stdin=None):
    """(path, host) of what a crawl asked for, and its records."""
    before = len(s.log())
    rc, _, err = sites.run(s.crawl(out, *more, seeds=seeds), stdin=stdin)
    assert rc in (0, 5), (rc, err)
    rows = [x for x in s.log()[before:] if not x["path"].startswith("/__")]
    return sorted((x["host"], x["path"]) for x in rows), sites.records(out)


def depth_zero(s, tmp):
    asked, _ = asked_by(s, os.path.join(tmp, "d0"), *sites.HURRY, "--max-depth", "0")
    seeds = sorted((x["host"], path_of(x["url"])) for x in s.sites)
    assert asked == seeds, asked


def depth_one(s, tmp):
    asked, recs = asked_by(s, os.path.join(tmp, "d1"), *sites.HURRY, "--max-depth", "1",
                           seeds=[s.url("blog", "/")])
    pages = [p for _, p in asked]
    assert "/2024/05/12/first-class/" in pages, pages  # on the first page
    assert "/2023/11/19/night-school/" in pages  # on the list's second page
    assert "/tag/all/" not in pages              # linked by articles only
    assert recs and max(r["depth"] for r in recs) <= 1


def depth_of_seed(s, tmp):
    listed = os.path.join(tmp, "list.txt")
    with open(listed, "w", encoding="utf-8") as f:
        f.write("# two pages\n\n%s\tdepth=0\ttags=a,b\n"
                % s.url("blog", "/2024/05/12/first-class/"))
        f.write("%s\tdepth=0\n" % s.url("paper", "/html/2023-11/06/content_51002.htm"))
    asked, recs = asked_by(s, os.path.join(tmp, "seeddepth"), *sites.HURRY, seeds=[listed])
    assert len(asked) == 2 and len(recs) == 2, asked
    tags = {r["host"]: r["seed_tags"] for r in recs}
    assert sorted(map(tuple, tags.values())) == [(), ("a", "b")], tags


def scope_host(s, tmp):
    asked, _ = asked_by(s, os.path.join(tmp, "host"), *sites.HURRY, seeds=[s.url("paper", "/")])
    assert {h for h, _ in asked} == {"epaper.example-b.test"}, asked


def scope_prefix(s, tmp):
    asked, recs = asked_by(s, os.path.join(tmp, "prefix"), *sites.HURRY, "-O", "scope.mode=prefix",
                           seeds=[s.url("bureau", "/xwzx/jydt/index.html")])
    outside = [p for _, p in asked if not p.startswith("/xwzx/jydt/")]
    assert not outside and len(recs) >= 8, (outside, len(recs))


def scope_exclude(s, tmp):
    asked, _ = asked_by(s, os.path.join(tmp, "exclude"), *sites.HURRY,
                        "-O", "scope.exclude=*/2024/*", seeds=[s.url("blog", "/")])
    assert not [p for _, p in asked if "/2024/" in p], asked
    assert [p for _, p in asked if "/2023/" in p], asked


def stdin_seeds(s, tmp):
    page = s.url("docshare", "/doc/100203.html")
    asked, recs = asked_by(s, os.path.join(tmp, "stdin"), *sites.HURRY, "--max-depth", "0",
                           seeds=["-"], stdin="\ufeff# from a pipe\r\n%s\r\n" % page)
    assert [p for _, p in asked] == ["/doc/100203.html"], asked
    assert [r["url"] for r in recs] == [page] and recs[0]["seed"] == page


def max_time(s, tmp):
    began = time.monotonic()
    rc, out, err = sites.run(s.crawl(os.path.join(tmp, "time"), *DELAY, "--max-time", "1s", "--json"))
    took = time.monotonic() - began
    assert rc == 0 and took < 4 * sites.slowness(), (rc, took, err)
    assert json.loads(out)["end"] == "limit", out


def summary(s, tmp):
    cmd = [x for x in s.crawl(os.path.join(tmp, "words"), *sites.HURRY) if x != "-q"]
    rc, out, err = sites.run(cmd)
    assert rc == 0 and out == "", (rc, out)
    assert "nothing is left" in err and "\033" not in err and "\r" not in err, err
    assert len(err.splitlines()) == 5, err


def usage(s, tmp):
    out = os.path.join(tmp, "usage")
    for args in (["--max-pages", "0"], ["--max-pages", "ten"], ["--max-time", "3 parsecs"],
                 ["--max-depth", "-1"], ["--no-such-option"]):
        rc, _, err = sites.run(s.crawl(out, *args))
        assert rc == 2 and err.startswith("winnow crawl: "), (args, rc, err)
    assert not os.path.exists(out)


def hurried(c, s, tmp):
    out = os.path.join(tmp, "reference")
    rc, _, err = sites.run(s.crawl(out, *sites.HURRY))
    want = names(sites.records(out))
    sites.ok(rc == 0 and len(want) >= 40, "crawl: robots = ignore and delay = 0 go through "
             "at once", "%d, %d records\n%s" % (rc, len(want), err))
    c.case("crawl: ten pages a run, then again until done: each article once",
           resume, s, tmp, want)
    c.case("crawl: a run without seeds goes on with what is left",
           resume_without_seeds, s, tmp, want)
    c.case("crawl: SIGINT stops cleanly, and the next run completes",
           interrupt, s, tmp, want, signal.SIGINT)
    c.case("crawl: SIGTERM stops cleanly, and the next run completes",
           interrupt, s, tmp, want, signal.SIGTERM)
    for name, fn in (
            ("--max-depth 0 asks for the seeds only", depth_zero),
            ("--max-depth 1 stops behind the first links", depth_one),
            ("a seed's own depth and tags hold", depth_of_seed),
            ("scope.mode = host stays on the seed's host", scope_host),
            ("scope.mode = prefix stays below the seed", scope_prefix),
            ("scope.exclude keeps addresses out", scope_exclude),
            ("seeds come from standard input, BOM and CRLF and all", stdin_seeds),
            ("--max-time ends the run in time", max_time),
            ("without a terminal the words are five plain lines", summary),
            ("a wrong option is status 2 and makes nothing", usage)):
        c.case("crawl: " + name, fn, s, tmp)


def main():
    c = sites.Cases()
    with sites.Sites() as s, sites.workdir() as tmp:
        polite(c, s, tmp)
        hurried(c, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
