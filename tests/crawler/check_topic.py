#!/usr/bin/env python3
"""Following a topic, on small webs of tests/topic: what is on it is found first,
scored, kept or left out; why says why. The large web is `make check-topic`."""
import json
import os
import random
import subprocess
import sys
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "topic"))
import sites                                                   # noqa: E402
from measure import crawl, curve, hosts_file, options, \
    write_examples                                             # noqa: E402
from sites import Cases, Daemon, WINNOW, run, wait_for, workdir  # noqa: E402
from texts import Texts                             # noqa: E402
from web import Server, Web                                    # noqa: E402

HOOKED = os.path.join(sites.BUILD, "tests/hooks/winnowd")
TEXTS = Texts()


class Small:
    """A web, its server, a directory with examples and a hosts file."""

    def __init__(self, hosts, pages, share=0.05, seed=1):
        self.args = TEXTS, seed, hosts, pages
        self.share = share

    def __enter__(self):
        self.server = Server(lambda port: Web(*self.args, port, self.share))
        self.server.__enter__()
        self.web = self.server.web
        self.work = workdir()
        self.dir = self.work.name
        self.examples = os.path.join(self.dir, "examples")
        write_examples(self.examples, TEXTS)
        self.hosts = os.path.join(self.dir, "hosts")
        hosts_file(self.hosts, self.web)
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        self.work.cleanup()

    def crawl(self, name, pages, *more):
        """Pages in the order in which they were asked for."""
        return crawl(self.server, os.path.join(self.dir, name), self.hosts,
                     pages, list(more))

    def records(self, name):
        """(is it on the topic?, record) of what a crawl gave."""
        return [(self.is_on(r["url"]), r)
                for r in sites.records(os.path.join(self.dir, name))]

    def is_on(self, url):
        u = urlsplit(url)
        path = u.path + ("?" + u.query if u.query else "")
        return (u.hostname, path) in self.web.on_topic()

    def run(self, name, *more):
        """The same crawl with its status and words."""
        cmd = [WINNOW, "crawl", "-o", os.path.join(self.dir, name), "-q"]
        for o in options(self.hosts) + list(more):
            cmd += ["-O", o]
        return run(cmd + [self.web.sites[0].base + "/"])


def found_first(_):
    """A quarter of the pages fetched: most of what is on the topic is there."""
    with Small(14, 1100) as s:
        n = len(s.web.pages) // 4
        got = s.crawl("focus", n, "topic.examples=" + s.examples)
        at = curve(s.web, got, (0.25,))[0]
        breadth = curve(s.web, s.crawl("breadth", n), (0.25,))[0]
        assert at >= 0.75 and at >= 1.4 * breadth, (at, breadth)
        scores = [(on, r["topic_score"]) for on, r in s.records("focus")]
        right = sum((score >= 0.5) == on for on, score in scores)
        assert right >= 0.95 * len(scores), (right, len(scores))
        # No topic, no score.
        assert all(r["topic_score"] == 0 for _, r in s.records("breadth"))


def why_tells(_):
    """Branches and their yield, of what waits and of what came; null without a
    topic. What was learned is still there when the crawl goes on."""
    with Small(6, 300) as s:
        out = os.path.join(s.dir, "a")
        s.crawl("a", 60, "topic.examples=" + s.examples)
        url = s.web.sites[0].base + "/"

        def why():
            rc, text, err = run([WINNOW, "why", "-o", out, "--json", url])
            assert rc == 0, err
            return json.loads(text)["topic"]

        first = why()
        assert 0 < first["expected"] < 1 and first["crawl"]["pages"] > 20, first
        s.crawl("a", 40, "topic.examples=" + s.examples)
        assert why()["crawl"]["pages"] > first["crawl"]["pages"] + 15
        _, text, _ = run([WINNOW, "why", "-o", out, url])
        assert "of the whole crawl were worth" in text, text
        s.crawl("b", 20)
        out = os.path.join(s.dir, "b")
        assert why() is None


def min_score(_):
    """What is below is left out, and why names it; its links are followed."""
    with Small(4, 160, share=0.2) as s:
        s.crawl("a", 0, "topic.examples=" + s.examples, "topic.min_score=0.5")
        got = s.records("a")
        want = len(s.web.on_topic())
        assert all(r["topic_score"] >= 0.5 for _, r in got)
        assert sum(on for on, _ in got) >= 0.9 * want, (len(got), want)
        off = next(a for c in s.web.sites[0].columns for a in c.articles
                   if not a.on)
        rc, text, _ = run([WINNOW, "why", "-o", os.path.join(s.dir, "a"),
                           "--json", off.url()])
        w = json.loads(text)
        assert (rc, w["state"], w["reason"]) == (0, "no-article", "topic"), w
        assert "of 0.50" in w["detail"], w


def killed(_):
    """Turns that are given back and earlier are transactions like any other:
    after two kills each page has landed, once."""
    with Small(4, 200, share=0.1) as s:
        topic = "topic.examples=" + s.examples
        cmd = [WINNOW, "crawl", "-o", os.path.join(s.dir, "a"), "-q"]
        for o in options(s.hosts) + [topic, "queue.flush_after=50ms",
                                     "dedup.mode=off"]:
            cmd += ["-O", o]
        for n in (60, 120):
            p = subprocess.Popen(cmd + [s.web.sites[0].base + "/"],
                                 stderr=subprocess.DEVNULL)
            assert wait_for(lambda: len(s.server.asked) >= n or
                            p.poll() is not None, 30)
            p.kill()
            p.wait()
        s.crawl("a", 0, topic, "dedup.mode=off")
        got = [r["url"] for _, r in s.records("a")]
        want = {site.base + path for site in s.web.sites
                for (host, path), what in s.web.pages.items()
                if host == site.host and what[0] == "article"}
        assert len(got) == len(set(got)), "twice"
        missing = want - set(got)
        assert not missing, sorted(missing)[:5]


def words_alone(_):
    with Small(4, 160, share=0.2) as s:
        s.crawl("a", 0, "topic.words=党建, 党支部, 思政, 师德师风, 立德树人")
        on = [r["topic_score"] for is_on, r in s.records("a") if is_on]
        off = [r["topic_score"] for is_on, r in s.records("a") if not is_on]
        above = sum(a > b for a in on for b in off)
        assert above >= 0.95 * len(on) * len(off), (len(on), len(off), above)


def no_topic_to_have(_):
    """Examples that are not there, or say nothing: nothing is asked for, and the
    words name what is wrong."""
    with Small(4, 60) as s:
        s.server.take()
        rc, _, err = s.run("a", "topic.examples=" + s.dir + "/nowhere")
        assert rc != 0 and "nowhere" in err, (rc, err)
        empty = os.path.join(s.dir, "empty")
        os.mkdir(empty)
        with open(os.path.join(empty, "a.txt"), "w", encoding="utf-8") as f:
            f.write("\n")
        rc, _, err = s.run("b", "topic.examples=" + empty)
        assert rc == 1 and "topic" in err, (rc, err)
        assert not s.server.take()


def hostile_examples(_):
    """Bytes of any kind beside good examples cost nothing but themselves."""
    with Small(4, 60, share=0.3) as s:
        rng = random.Random(7)
        bad = {"a.html": b"<a><b>" * 200000, "b.txt": rng.randbytes(100000),
               "c.jsonl": b'{"text":' * 20000, "d.html": b"", "e.txt": b"\0",
               "f.jsonl": b'{"text":"x"}\n' * 10, "g.htm": b"\xff\xfe<"}
        for name, what in bad.items():
            with open(os.path.join(s.examples, "0" + name), "wb") as f:
                f.write(what)
        os.mkfifo(os.path.join(s.examples, "0pipe.txt"))
        os.mkdir(os.path.join(s.examples, "0dir.html"))
        s.crawl("a", 0, "topic.examples=" + s.examples)
        on = [r["topic_score"] for is_on, r in s.records("a") if is_on]
        assert on and min(on) >= 0.5, on


def settings(s, *more):
    return [tuple(o.split("=", 1)) for o in options(s.hosts)] + list(more)


def landed(d, url):
    """The record of a page of the daemon's queue, when it is sealed."""
    def look():
        return next((r for r in d.records() if r["url"] == url), None)
    return wait_for(look, 30, 0.1)


def reload_follows(_):
    """A reload begins, changes and ends a topic; one that cannot be learned
    changes nothing."""
    with Small(4, 60, share=0.3) as s, workdir() as tmp:
        on = [a for site in s.web.sites for c in site.columns
              for a in c.articles if a.on]
        base = settings(s, ("scope.max_depth", "0"))
        with Daemon(tmp, base) as d:
            d.start().ready()

            def score(i):
                d.ask("seed", "add", on[i].url())
                r = landed(d, on[i].url())
                assert r is not None, d.words()[-2000:]
                return r["topic_score"]

            def reload(*more):
                before = d.words().count("topic is learned")
                d.write(base + list(more))
                rc, _, err = d.ask("reload")
                assert rc == 0, err
                return before

            assert d.status()["topic"] is None
            assert score(0) == 0
            n = reload(("topic.examples", s.examples))
            assert wait_for(
                lambda: d.words().count("topic is learned") > n, 20)
            assert score(1) > 0.5
            assert d.status()["topic"] == "known"
            assert d.status()["pages"]["on_topic"] == 1, d.status()["pages"]
            reload(("topic.examples", s.examples + "/0.html.gone"))
            assert wait_for(lambda: "topic stays as it was" in d.words(), 20)
            assert score(2) > 0.5
            reload()
            assert score(3) == 0


def replaced_worker(_):
    """A worker that is made later has the topic too."""
    with Small(4, 60, share=0.3) as s, workdir() as tmp:
        on = [a for site in s.web.sites for c in site.columns
              for a in c.articles if a.on]
        host = s.web.sites[0].host
        s.web.extra = {(host, "/crash.html"): b"<!-- winnow-test:abort -->"}
        with Daemon(tmp, settings(s, ("scope.max_depth", "0"),
                                  ("clean.workers", "1"),
                                  ("topic.examples", s.examples))) as d:
            d.program = HOOKED
            d.start().ready()
            crash = s.web.sites[0].base + "/crash.html"
            d.ask("seed", "add", crash)
            w = d.settled(crash)
            assert w is not None and w["state"] == "poison", w
            d.ask("seed", "add", on[0].url())
            r = landed(d, on[0].url())
            assert r is not None and r["topic_score"] > 0.5, r


CASES = (
    ("topic: what is on it is found first, and scored", found_first),
    ("topic: why tells what is expected, and what was learned outlives a run",
     why_tells),
    ("topic: what is below min_score is left out, and its links are not",
     min_score),
    ("topic: two kills lose no page and land none twice", killed),
    ("topic: words will do", words_alone),
    ("topic: without examples that can be read nothing is asked for",
     no_topic_to_have),
    ("topic: hostile examples cost nothing but themselves", hostile_examples),
    ("topic: a reload begins, changes and ends it", reload_follows),
    ("topic: a worker that is made later has it", replaced_worker),
)


def main():
    cases = Cases()
    for name, fn in CASES:
        if len(sys.argv) > 1 and sys.argv[1] not in name:
            continue
        cases.case(name, fn, None)
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
