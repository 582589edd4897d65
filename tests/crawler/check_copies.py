#!/usr/bin/env python3
"""Copies of a text across hosts: which record each names, which one takes the
place of another, what is left out, and that none of it depends on when the
process is killed.

Servers on loopback stand for hosts by a hosts file of the test's own. A page is
put there, or its address is given, when the test wants it to be met: the order
in which copies come is the test's."""
import concurrent.futures
import itertools
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import newsmill  # noqa: E402
import sites  # noqa: E402
from webpages import Page, Server  # noqa: E402

OFFICE, REPRINTS, MIRROR, SCHOOL = HOSTS = (
    "jyj.winnow-test.gov.cn", "www.reprints.test", "docs.mirror.test", "school.test")
NETS = itertools.count(1)  # a case has addresses of its own: they run side by side
BASE = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
        ("politeness.delay", "0"), ("fetch.max_tries", "1"), ("dedup.probe", "false"),
        ("revisit.hub_pace", "300ms"), ("revisit.hub_min", "200ms"),
        ("revisit.hub_max", "1s"), ("revisit.article_min", "200ms"),
        ("revisit.article_max", "400ms"), ("revisit.gone_after", "300ms")]


class Web:
    """The hosts, their pages, and a daemon or a crawl that reaches them."""

    def __init__(self, tmp, *more):
        net, hosts = next(NETS), os.path.join(tmp, "hosts")
        names = {h: "127.0.11.%d" % (10 * net + i) for i, h in enumerate(HOSTS)}
        with open(hosts, "w", encoding="utf-8") as f:
            f.write("".join("%s %s\n" % (a, h) for h, a in names.items()))
        self.settings = BASE + [("fetch.hosts_file", hosts)] + list(more)
        self.servers = {h: Server(a) for h, a in names.items()}
        self.seeds = 0
        self.d = sites.Daemon(tmp, self.settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.d.stop()
        for s in self.servers.values():
            s.__exit__()

    def url(self, host, name):
        port = self.servers[host].base.rsplit(":", 1)[1]
        return "http://%s:%s/a/%s.html" % (host, port, name)

    def put(self, host, name, body):
        self.servers[host].put(name, Page(body))
        return self.url(host, name)

    def give(self, *urls):
        """As seeds of the spool, so that they are met now."""
        self.seeds += 1
        to = os.path.join(self.d.spool, "%d.txt" % self.seeds)
        with open(to + ".part", "w", encoding="utf-8") as f:
            f.write("".join("%s\tdepth=0\n" % u for u in urls))
        os.rename(to + ".part", to)

    def of(self, url):
        return [r for r in self.d.records() if r["url"] == url]

    def landed(self, url, n=1):
        assert sites.wait_for(lambda: len(self.of(url)) >= n, 20), (url, n, self.d.words())
        return self.of(url)[n - 1]

    def land(self, host, name, body):
        """Its record, when it is met now."""
        url = self.put(host, name, body)
        self.give(url)
        return self.landed(url)


def sound(recs):
    """What is true of any queue, whatever came in which order."""
    ids, leads = {}, set()
    for r in recs:
        if r["dup_of"] is None:
            leads.add(r["id"])
            assert r["similarity"] is None, r
        else:
            assert r["dup_of"] in leads, "dup_of names no earlier leader: %s" % r
            assert 0 < r["similarity"] <= 1, r
        assert r["revises"] is None or r["revises"] in ids, r
        assert (r["revises"] is None) == (r["event"] == "new"), r
        if r["event"] == "corrected":
            old = ids[r["revises"]]
            assert r["dup_of"] == (old["dup_of"] or old["id"]), (r, old)
        ids[r["id"]] = r


def one_leader(recs):
    """The leader of each text; the text's records."""
    texts = {}
    for r in recs:
        texts.setdefault(r["dup_of"] or r["id"], []).append(r)
    return texts


# ---- marked -------------------------------------------------------------------

def across_hosts(tmp):
    title, lines = newsmill.news(1)
    with Web(tmp) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "one", newsmill.page(title, lines))
        other = web.land(SCHOOL, "two", newsmill.page("转载：" + title, lines))
        third = web.land(REPRINTS, "three", newsmill.page(title, lines))
        alone = web.land(SCHOOL, "four", newsmill.page(*newsmill.news(2)))
        assert first["dup_of"] is None and alone["dup_of"] is None
        assert other["dup_of"] == first["id"] == third["dup_of"]
        assert other["similarity"] == 1 and other["event"] == third["event"] == "new"
        sound(web.d.records())
        rc, out, _ = web.d.ask("why", other["url"])
        assert rc == 0 and "repeats" in out and first["id"] in out, out
        told = web.d.why(other["url"])
        assert told["repeats"] == first["id"] and told["alike_permille"] == 1000, told
        assert web.d.why(alone["url"])["repeats"] is None
        pages = web.d.status()["pages"]
        assert (pages["repeats"], pages["near_repeats"], pages["better_copies"]) == (2, 0, 0), \
            pages


def better(tmp):
    title, lines = newsmill.news(3)
    office = "清溪县教育局"
    with Web(tmp) as web:
        web.d.start().ready()
        credited = newsmill.page(title, lines, source=office)
        first = web.land(REPRINTS, "one", credited)
        again = web.land(MIRROR, "two", credited)
        best = web.land(OFFICE, "three", newsmill.page(
            title, lines, source=office, head="<meta property=og:site_name content=%s>" % office))
        late = web.land(SCHOOL, "four", credited)
        assert (first["event"], again["event"], late["event"]) == ("new",) * 3
        assert best["event"] == "corrected" and best["revises"] == first["id"], best
        assert best["dup_of"] == again["dup_of"] == late["dup_of"] == first["id"]
        sound(web.d.records())
        assert web.d.status()["pages"]["better_copies"] == 1


def versions(tmp):
    """One article under several addresses of its host."""
    title, lines = newsmill.news(4)
    with Web(tmp) as web:
        web.d.start().ready()
        own = web.url(SCHOOL, "main")
        head = "<link rel=canonical href='%s'>" % own
        printed = web.land(SCHOOL, "print-1", newsmill.page(title, lines, head=head))
        column = web.land(SCHOOL, "column-1", newsmill.page(title, lines, head=head))
        main = web.land(SCHOOL, "main", newsmill.page(title, lines, head=head))
        mobile = web.land(SCHOOL, "mobile-1", newsmill.page(title, lines, head=head))
        assert printed["dup_of"] is None and printed["event"] == "new"
        assert column["dup_of"] == main["dup_of"] == mobile["dup_of"] == printed["id"]
        assert (column["event"], mobile["event"]) == ("new", "new")
        assert main["event"] == "corrected" and main["revises"] == printed["id"], main


# ---- left out -----------------------------------------------------------------

def dropped(tmp):
    skips = os.path.join(tmp, "skip.log")
    title, lines = newsmill.news(5)
    body = newsmill.page(title, lines)
    with Web(tmp, ("dedup.mode", "drop"), ("log.skip_file", skips)) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "one", body)
        url = web.put(SCHOOL, "two", body)
        web.give(url)
        w = web.d.settled(url)
        assert (w["state"], w["reason"]) == ("no-article", "duplicate"), w
        assert w["repeats"] == first["id"], w
        best = web.land(OFFICE, "three", newsmill.page(title, lines, source="本站"))
        assert best["event"] == "corrected" and best["revises"] == first["id"]
        assert best["dup_of"] == first["id"], best
        assert not web.of(url)
        sound(web.d.records())
    with open(skips, encoding="utf-8") as f:
        assert "duplicate: " + first["id"] in f.read()


def reloaded(tmp):
    title, lines = newsmill.news(6)
    body = newsmill.page(title, lines)
    with Web(tmp) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "one", body)
        assert web.land(SCHOOL, "two", body)["dup_of"] == first["id"]
        web.d.write(web.settings + [("dedup.mode", "drop")])
        assert web.d.ask("reload")[0] == 0
        url = web.put(MIRROR, "three", body)
        web.give(url)
        assert web.d.settled(url)["reason"] == "duplicate"
        web.d.write(web.settings + [("dedup.mode", "off")])
        assert web.d.ask("reload")[0] == 0
        assert web.land(MIRROR, "four", body)["dup_of"] is None


# ---- near copies --------------------------------------------------------------

def mirrored(tmp):
    """In another script, with readings behind its characters."""
    title, lines = newsmill.news(21)
    with Web(tmp) as web:
        web.d.start().ready()
        bad = web.land(MIRROR, "one", newsmill.page(
            newsmill.mirrored(title), [newsmill.mirrored(x) for x in lines]))
        assert bad["script_origin"] == "Hans" and bad["repairs"]["gloss"] > 20, bad
        good = web.land(SCHOOL, "two", newsmill.page(title, lines))
        assert good["dup_of"] == bad["id"] and good["similarity"] > 0.9, good
        assert good["event"] == "corrected" and good["revises"] == bad["id"], good
        late = web.land(MIRROR, "three", newsmill.page(
            newsmill.mirrored(title), [newsmill.mirrored(x) for x in lines[:-1]]))
        assert late["dup_of"] == bad["id"] and late["event"] == "new", late
        alone = [web.land(SCHOOL, "n%d" % i, newsmill.page(*newsmill.news(i)))
                 for i in (22, 23)]
        assert [r["dup_of"] for r in alone] == [None, None], alone
        assert web.d.status()["pages"]["near_repeats"] == 2
        sound(web.d.records())
        told = web.d.ask("why", late["url"])[1]
        assert bad["id"] in told and " % of its text" in told, told


def chained(tmp):
    """A is edited to B, B to C, and so on, till nothing of A is left."""
    title, lines = newsmill.news(24)
    with Web(tmp) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "c0", newsmill.page(title, lines))
        for i in range(1, len(lines)):
            lines[i] = newsmill.news(50 + i)[1][i]
            r = web.land(REPRINTS, "c%d" % i, newsmill.page(title, lines))
            assert r["dup_of"] == first["id"], (i, r)
            assert 0.5 < r["similarity"] < 1, (i, r["similarity"])
        sound(web.d.records())


def excerpts(tmp):
    title, lines = newsmill.news(25)
    with Web(tmp, ("dedup.mode", "drop")) as web:
        web.d.start().ready()
        part = web.land(OFFICE, "part", newsmill.page(title, lines[:4], source="本站"))
        full = web.land(SCHOOL, "full", newsmill.page(title, lines))
        if full["dup_of"] is None:  # an excerpt so short need not be found
            return
        assert full["dup_of"] == part["id"] and full["event"] == "corrected", full
        assert full["revises"] == part["id"], full


# ---- pages that change --------------------------------------------------------

def revised(tmp):
    title, lines = newsmill.news(7)
    with Web(tmp) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "one", newsmill.page(title, lines))
        copy = web.land(SCHOOL, "two", newsmill.page(title, lines))
        assert copy["dup_of"] == first["id"]
        # The copy becomes an article of its own, and a copy again.
        web.put(SCHOOL, "two", newsmill.page(*newsmill.news(8)))
        own = web.landed(copy["url"], 2)
        assert own["event"] == "changed" and own["revises"] == copy["id"]
        assert own["dup_of"] is None
        web.put(SCHOOL, "two", newsmill.page(title, lines))
        back = web.landed(copy["url"], 3)
        assert back["event"] == "changed" and back["dup_of"] == first["id"], back
        # The first one changes, and goes back to what it was.
        web.put(REPRINTS, "one", newsmill.page(*newsmill.news(9)))
        assert web.landed(first["url"], 2)["dup_of"] is None
        web.put(REPRINTS, "one", newsmill.page(title, lines))
        assert web.landed(first["url"], 3)["dup_of"] is None
        sound([r for r in web.d.records() if r["url"] == copy["url"] or r["event"] == "new"])


def gone(tmp):
    title, lines = newsmill.news(10)
    body = newsmill.page(title, lines)
    with Web(tmp, ("dedup.mode", "drop")) as web:
        web.d.start().ready()
        first = web.land(REPRINTS, "one", body)
        del web.servers[REPRINTS].pages["/a/one.html"]
        last = web.landed(first["url"], 2)
        assert last["event"] == "gone", last
        heir = web.land(SCHOOL, "two", body)
        assert heir["event"] == "corrected" and heir["revises"] == last["id"], heir
        assert heir["dup_of"] == first["id"], heir
        url = web.put(MIRROR, "three", body)
        web.give(url)
        assert web.d.settled(url)["reason"] == "duplicate"


# ---- kills --------------------------------------------------------------------

def killed(tmp, mode):
    """Twenty texts under three addresses each; the process is killed as records
    come, and what is wrong at the end was wrong because of that."""
    n = 20
    with Web(tmp, ("dedup.mode", mode), ("revisit.articles", "false")) as web:
        urls = []
        for i in range(n):
            title, lines = newsmill.news(100 + i)
            for k, host in enumerate((REPRINTS, SCHOOL, OFFICE)):
                urls.append(web.put(host, "t%d" % i, newsmill.page(
                    title, lines, source="本站" if k == 2 and i % 2 else "")))
        web.d.start().ready()
        web.give(*urls)
        for kill in range(3):
            at = len(web.d.records())
            sites.wait_for(lambda at=at: len(web.d.records()) > at, 5)
            web.d.stop(signal.SIGKILL)
            web.d.start().ready()
        for u in urls:
            w = web.d.settled(u)
            assert w is not None and w["state"] in ("done", "no-article"), w
        web.d.ask("flush")
        want = len(urls) if mode == "mark" else n
        assert sites.wait_for(lambda: len(web.d.records()) >= want, 20)
        web.d.stop()
        recs = web.d.records()
        sound(recs)
        assert len({r["url"] for r in recs}) == len(recs), "an address twice"
        texts = one_leader(recs)
        assert len(texts) == n, (len(texts), n)
        for lead, of in texts.items():
            assert len({r["text_hash"] for r in of}) == 1, "one text"
            assert [r["id"] for r in of if r["dup_of"] is None] == [lead]
            assert mode == "drop" or len(of) == 3, (lead, len(of))


CASES = [
    ("copies: a text on several hosts has one record without dup_of", across_hosts),
    ("copies: the publisher's own page, met later, revises its reprint", better),
    ("copies: print, column and mobile versions name one record", versions),
    ("copies: a mirror's damaged copy in the other script is found, and revised", mirrored),
    ("copies: edits of edits name the first of them", chained),
    ("copies: an excerpt does not keep its full text out", excerpts),
    ("copies: dropped ones are settled with a reason, why names the record", dropped),
    ("copies: dedup.mode works on reload", reloaded),
    ("copies: pages that become copies, and cease to be", revised),
    ("copies: when the first is gone the next copy takes its place", gone),
    ("copies: kill -9 changes nothing, with dedup.mode = mark", killed, "mark"),
    ("copies: kill -9 changes nothing, with dedup.mode = drop", killed, "drop"),
]


def main():
    c = sites.Cases()

    def one(case):
        with sites.workdir() as tmp:
            c.case(case[0], case[1], tmp, *case[2:])

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(one, CASES))
    return 1 if c.failed else 0


if __name__ == "__main__":
    sys.exit(main())
