#!/usr/bin/env python3
"""H40: sitemaps that are meant to fill the memory. What the parent holds of its
own (RssAnon) is read while it works; that it has read them shows in its state."""
import gzip
import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from finding import Server, XML  # noqa: E402

GROWTH = 32 << 20
CHUNK = 1000  # rows in one write


def rows(s, word, first):
    """Rows of about 100 bytes, in a body without a length."""
    return "".join(
        "<%s><loc>%s/%s/%07d-the-news-of-the-day-that-nobody-wanted-to-have-missed.xml"
        "</loc></%s>\n" % (word, s.base, word, i, word)
        for i in range(first, first + CHUNK)).encode()


def stream(s, h, root, word, total):
    h.send_response(200)
    h.send_header("Content-Type", XML)
    h.send_header("Connection", "close")
    h.end_headers()
    h.wfile.write(b"<?xml version='1.0'?><%s>" % root)
    for i in range(0, total, CHUNK):
        h.wfile.write(rows(s, word, i))
    h.wfile.write(b"</%s>" % root)
    h.close_connection = True


def anon(pid):
    try:
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            for line in f:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


class Watch(threading.Thread):
    """The most that a process held, from when it was asked to begin."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.first, self.most, self.over = pid, anon(pid), 0, False

    def run(self):
        while not self.over:
            self.most = max(self.most, anon(self.pid))
            time.sleep(0.01)


def read(s, tmp, name):
    """A crawl of one sitemap until it is settled: its state, and the growth."""
    out = os.path.join(tmp, name)
    started = threading.Event()
    inner = s.pages["/map.xml"]

    def hold(h):
        started.set()
        time.sleep(0.3)  # the crawl is up and waits
        return inner(h) if callable(inner) else inner
    s.pages["/map.xml"] = hold
    seeds = os.path.join(tmp, name + ".txt")
    with open(seeds, "w", encoding="utf-8") as f:
        f.write(s.url("/map.xml") + "\ttype=sitemap\n")
    p = subprocess.Popen([sites.WINNOW, "crawl", "-o", out, "-O", "log.level=info",
                          "-O", "fetch.allow_net=127.0.0.0/8",
                          "-O", "politeness.robots=ignore",
                          "-O", "politeness.delay=1m", seeds],
                         stderr=subprocess.PIPE, text=True)
    reason = ""
    try:
        assert started.wait(120), "the sitemap was not asked for"
        w = Watch(p.pid)
        w.start()
        for line in p.stderr:
            if "page settled" in line and "/map.xml" in line:
                reason = line.strip()
                break
        time.sleep(0.3)  # and its links are committed
        w.over = True
        w.join()
    finally:
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=120)
    urls = 0
    rc, got, _ = sites.run([sites.WINNOW, "host", "-o", out, "--json",
                            s.base.split("/")[2].split(":")[0]])
    if rc == 0:
        urls = sites.json.loads(got).get("urls", 0)
    print("  %s: grew by %.1f MiB, %s URLs, %s" % (
        name, (w.most - w.first) / 2 ** 20, urls, reason[-60:]))
    return reason, w.most - w.first


def million(s, tmp):
    s.pages["/map.xml"] = lambda h: stream(s, h, b"urlset", "url", 1000000)
    reason, growth = read(s, tmp, "million")
    assert reason.endswith("reason=too-big"), reason
    assert growth < GROWTH, growth


def children(s, tmp):
    s.pages["/map.xml"] = lambda h: stream(s, h, b"sitemapindex", "sitemap", 50000)
    reason, growth = read(s, tmp, "children")
    assert reason.endswith("reason=sitemap"), reason
    assert growth < GROWTH, growth


def bomb(s, tmp):
    s.pages["/map.xml"] = ("application/gzip", gzip.compress(
        b"<urlset>" + b"<url><loc>http://x.test/" + b"a" * (200 << 20), 1))
    reason, growth = read(s, tmp, "bomb")
    assert reason.endswith("reason=too-big"), reason
    assert growth < GROWTH, growth


def main():
    c = sites.Cases()
    only = sys.argv[1:]
    if sites.sanitized():
        print("skip - find: memory of a sanitizer build says nothing")
        return 0
    for i, (name, fn) in enumerate((
            ("a sitemap of a million URLs", million),
            ("an index of 50,000 children", children),
            ("a bomb as a sitemap", bomb))):
        if only and fn.__name__ not in only:
            continue
        with Server("127.0.0.%d" % (31 + i)) as s, sites.workdir() as tmp:
            c.case("find: %s leaves the parent's memory as it was (H40)" % name,
                   fn, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
