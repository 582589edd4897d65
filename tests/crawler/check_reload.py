#!/usr/bin/env python3
"""What a reload changes while winnowd runs, and what it says of it."""
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from webpages import Page, Server, article  # noqa: E402

BASE = [("fetch.allow_net", "127.0.0.0/8"), ("fetch.hosts_file", ""),
        ("politeness.delay", "0"), ("find.sitemap_places", ""), ("revisit.hubs", "false")]


class Run:
    """A daemon, and a server that has an article of every name."""

    def __init__(self, tmp, *settings):
        self.d = sites.Daemon(tmp, [*BASE, *settings])
        self.web = Server("127.0.31.1")

    def __enter__(self):
        self.web.__enter__()
        self.d.__enter__()
        self.d.start().ready()
        return self

    def __exit__(self, *_):
        self.d.__exit__(*_)
        self.web.__exit__(*_)

    def url(self, name):
        return "%s/a/%s.html" % (self.web.base, name)

    def fetch(self, name, state="done"):
        """The record of an article that did not exist before."""
        self.web.put(name, Page(article(name)))
        rc, _, err = self.d.ask("seed", "add", self.url(name))
        assert rc == 0, err
        got = self.d.settled(self.url(name))
        assert got and got["state"] == state, (name, got)
        if state != "done":
            return None
        found = sites.wait_for(lambda: [r for r in self.d.records()
                                        if r["url"] == self.url(name)], 20, 0.1)
        assert len(found) == 1, (name, found)
        return found[0]

    def headers(self, name):
        return self.web.asked(name)[0][2]

    def reload(self, *settings):
        self.d.write([*BASE, *settings])
        rc, out, err = self.d.ask("reload")
        assert rc == 0, err
        return out + err

    def kept(self, name):
        """What `winnow page` gives; None: it was not kept."""
        rc, out, err = sites.run([sites.WINNOW, "page", "-c", self.d.conf, self.url(name)])
        assert rc in (0, 7), (rc, err)
        return out if rc == 0 else None

    def raw_files(self):
        return glob.glob(os.path.join(self.d.dir, "queue/raw/*/*.warc.gz")) + \
            glob.glob(os.path.join(self.d.dir, "queue/tmp/*warc*"))


def words(tmp):
    with Run(tmp, ("fetch.user_agent", "first/1.0"), ("crawl.name", "one")) as r:
        assert r.fetch("alpha")["crawl"] == "one"
        h = r.headers("alpha")
        assert h["User-Agent"] == "first/1.0" and "From" not in h, h
        for n in range(5):  # what was sent before is kept for whom it is for
            r.reload(("fetch.user_agent", "again/%d.0" % n))
            r.fetch("gamma%d" % n)
            assert r.headers("gamma%d" % n)["User-Agent"] == "again/%d.0" % n
        r.reload(("fetch.user_agent", "second/2.0"), ("fetch.from", "me@example.org"),
                 ("fetch.accept_language", "zh"), ("crawl.name", "two"))
        assert r.fetch("beta")["crawl"] == "two"
        h = r.headers("beta")
        assert (h["User-Agent"], h["From"], h["Accept-Language"]) == \
            ("second/2.0", "me@example.org", "zh"), h


def networks(tmp):
    with Run(tmp) as r:
        r.fetch("open")
        r.reload(("fetch.allow_net", "10.0.0.0/8"))
        r.fetch("closed", "guarded")
        assert not r.web.asked("closed"), "asked all the same"
        r.reload()
        r.fetch("again")


def raw_pages(tmp):
    with Run(tmp, ("keep.raw", "none")) as r:
        r.fetch("none")
        assert r.kept("none") is None
        r.reload(("keep.raw", "recent"))
        r.fetch("recent")
        assert "News of recent" in r.kept("recent")
        r.reload(("keep.raw", "warc"))
        assert not r.raw_files()
        r.fetch("warc")
        assert sites.wait_for(lambda: r.kept("warc"), 10), "no WARC record"
        files = r.raw_files()
        assert files and r.kept("recent") is None, "the ring stayed"
        r.reload(("keep.raw", "recent"), ("keep.raw_bytes", "8MiB"))
        r.fetch("small")
        assert "News of small" in r.kept("small")
        assert "News of warc" in r.kept("warc"), "WARC files are the queue's"
        # no room for the ring is no wish for WARC files
        r.reload(("keep.raw", "recent"), ("keep.raw_bytes", "0"))
        before = sorted(r.raw_files())
        r.fetch("nowhere")
        assert r.kept("nowhere") is None and sorted(r.raw_files()) == before


def told(tmp):
    with Run(tmp) as r:
        r.reload(("fetch.user_agent", "second/2.0"), ("fetch.parallel", "7"),
                 ("politeness.max_delay", "5m"))
        words_ = r.d.words()
        assert "fetch.parallel: 64 -> 7  # from the next start on" in words_, words_
        line = [w for w in words_.splitlines() if "fetch.user_agent: " in w]
        assert line and "-> second/2.0" in line[0] and "next start" not in line[0], line
        assert "politeness.max_delay = 5m: no effect while politeness.adaptive is 0" \
            in words_, words_


def main():
    c = sites.Cases()
    for name, fn in (
            ("reload: what we call ourselves, and the crawl, change at once", words),
            ("reload: networks are opened and closed", networks),
            ("reload: keep.raw changes, and what was kept elsewhere stays", raw_pages),
            ("reload: says what changed, what waits for a restart, what makes no sense",
             told)):
        with sites.workdir() as tmp:
            c.case(name, fn, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
