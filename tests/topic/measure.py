#!/usr/bin/env python3
"""How many of the pages on a topic does a crawl find, for how much fetching?

Two crawls of one synthetic web (web.py) from the same seeds, one after the
other: breadth first, and with the topic. Printed is a table: of the pages on
the topic, how many were found after so many of all pages.

    tests/topic/measure.py [--pages 22000] [--hosts 48] [--seed 1]

With WINNOW_SHARED the texts are mixed with paragraphs of the development pages
and the topic is learned from examples/; without it from eight texts of ours."""
import argparse
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "crawler"))
sys.path.insert(0, os.path.dirname(__file__))
from sites import WINNOW                                      # noqa: E402
from texts import Texts                                       # noqa: E402
from web import Server, Web                                   # noqa: E402

MARKS = (0.02, 0.05, 0.10, 0.15, 0.20)


def write_examples(folder, texts, n=8):
    """Articles on the topic that are no page of the web."""
    os.mkdir(folder)
    for i in range(n):
        title, paragraphs = texts.article(random.Random("example %d" % i), None)
        with open(os.path.join(folder, "%d.txt" % i), "w",
                  encoding="utf-8") as f:
            f.write("\n".join([title] + paragraphs))


def hosts_file(path, web):
    with open(path, "w", encoding="ascii") as f:
        for s in web.sites:
            f.write("127.0.0.1 %s\n" % s.host)


def seeds_of(web):
    """A quarter of the sites, as somebody might know them: of each kind some."""
    return [s.base + "/" for k in ("rich", "mixed", "plain")
            for s in [s for s in web.sites if s.kind == k][::4]]


def options(hosts):
    """Settings that let a crawl reach all of the web, and nothing else."""
    return ["fetch.allow_net=127.0.0.0/8", "fetch.hosts_file=" + hosts,
            "politeness.delay=0", "politeness.robots=ignore",
            "scope.mode=any", "scope.max_depth=100", "find.sitemap_places=",
            "queue.min_free=1MiB", "dedup.probe=false", "keep.raw=none",
            "learn.on=false"]


def crawl(server, out, hosts, pages, more):
    """Pages of the web in the order in which they were asked for; pages 0: to
    the end."""
    server.take()
    cmd = [WINNOW, "crawl", "-o", out, "-q"]
    if pages > 0:
        cmd += ["--max-pages", str(pages)]
    for o in options(hosts) + more:
        cmd += ["-O", o]
    p = subprocess.run(cmd + seeds_of(server.web), capture_output=True,
                       text=True, check=False)
    if p.returncode not in (0, 5):
        raise RuntimeError("crawl: %d %s" % (p.returncode, p.stderr[-2000:]))
    got, seen = [], set()
    for page in server.take():
        if page not in seen:
            seen.add(page)
            got.append(page)
    return got


def curve(web, got, marks=MARKS):
    """Of the pages on the topic, the share found at each mark."""
    want, at, n = web.on_topic(), [], 0
    ends = [int(m * len(web.pages)) for m in marks]
    for i, page in enumerate(got, 1):
        n += page in want
        while ends and i >= ends[0]:
            at.append(n / len(want))
            ends.pop(0)
    return at + [n / len(want)] * len(ends)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--pages", type=int, default=22000)
    ap.add_argument("--hosts", type=int, default=48)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--own", action="store_true", help="texts of ours alone")
    ap.add_argument("--mute", type=float, default=0.08,
                    help="share of links whose words say nothing")
    ap.add_argument("--no-breadth", action="store_true")
    ap.add_argument("-O", action="append", default=[])
    args = ap.parse_args()
    shared = None if args.own else os.environ.get("WINNOW_SHARED")
    texts = Texts(shared)
    with tempfile.TemporaryDirectory(prefix="winnow-topic-") as tmp, \
            Server(lambda port: Web(texts, args.seed, args.hosts, args.pages,
                                    port, mute=args.mute)) as server:
        web, folder = server.web, os.path.join(tmp, "examples")
        if shared is not None:
            folder = os.path.join(shared, "examples")
        else:
            write_examples(folder, texts)
        hosts = os.path.join(tmp, "hosts")
        hosts_file(hosts, web)
        most = int(MARKS[-1] * len(web.pages)) + 1
        print("%d pages of %d sites, %d on the topic (%.1f %%), %d seeds; %s" % (
            len(web.pages), len(web.sites), len(web.on_topic()),
            100 * len(web.on_topic()) / len(web.pages), len(seeds_of(web)),
            "texts and examples of ours" if shared is None else
            "texts of development pages too, topic of examples/"))
        rows = [("focus", ["topic.examples=" + folder] + args.O)]
        if not args.no_breadth:
            rows.insert(0, ("breadth first", []))
        print("%-14s" % "fetched" + "".join("%8d %%" % (100 * m)
                                            for m in MARKS))
        for name, more in rows:
            got = crawl(server, os.path.join(tmp, name), hosts, most, more)
            at = curve(web, got)
            print("%-14s" % name + "".join("%8.1f %%" % (100 * x) for x in at))
        return 0 if at[-1] >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
