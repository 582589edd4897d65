#!/usr/bin/env python3
"""What a real crawl asks the disk to make durable, and in which order.

A library loaded before libc's (tests/preload/syncs.c) writes down each sync. Of a
commit there are at most one of the queue's file, one of the store, and the
store's meta page; all others belong to the start and to seals."""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import sites  # noqa: E402

SYNCS = os.path.abspath(os.path.join(sites.BUILD, "tests/preload/syncs.so"))

# Kind, and which call and path it is; the first that matches.
KINDS = (("data", r"fdatasync \S+/tmp/[^/]+\.jsonl\.gz$"),
         ("raw", r"fdatasync \S+/tmp/[^/]+\.warc\.gz$"),
         ("store", r"fdatasync \S+/state/(new/)?data\.mdb$"),
         ("meta", r"dsync \S+/state/(new/)?data\.mdb$"),
         ("once", r"fdatasync \S+/tmp/(SCHEMA\.json|index\.jsonl)$"),
         ("folder", r"fsync \S+$"))


def kind(call):
    return next((k for k, form in KINDS if re.match(form, call)), call)


def crawl(s, out, *settings):
    """Kinds of the syncs of a crawl, in order, and how long it took."""
    log = out + ".syncs"
    env = dict(os.environ, LD_PRELOAD=SYNCS, SYNCS_LOG=log,
               ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") +
               ":verify_asan_link_order=0")
    opts = [w for o in settings for w in ("-O", o)]
    begin = time.monotonic()
    rc, _, err = sites.run(s.crawl(out, "-O", "politeness.robots=ignore",
                                   *opts), env=env)
    took = time.monotonic() - begin
    assert rc == 0, "status %d: %s" % (rc, err)
    with open(log, encoding="utf-8") as f:
        return [kind(line.rsplit(" ", 1)[0]) for line in f], took


def commits(kinds):
    """The transactions behind the start, which ends with index.jsonl, each as
    the word of its syncs; folders are left out, for one belongs to each new
    file."""
    kinds = kinds[max(i for i, k in enumerate(kinds) if k == "once") + 1:]
    word = {"data": "d", "raw": "r", "store": "s", "meta": "m", "once": "",
            "folder": ""}
    return re.findall("[^m]*m?", "".join(word.get(k, "?") for k in kinds))[:-1]


def one_each(s, d, case):
    kinds, _ = crawl(s, d + "/a", "politeness.delay=20ms",
                     "state.commit_every=10ms", "queue.flush_after=20ms",
                     "keep.raw=none")
    got = commits(kinds)
    sites.ok(set(got) <= {"sm", "dsm"} and "dsm" in got, case,
             "commits: %s" % sorted(set(got)))
    return kinds


def folders(kinds, case):
    """Those of a seal are four or five, of a new file one; the rest is of the
    start."""
    first = kinds.index("data")
    n = kinds[first:].count("folder")
    other = [k for k in set(kinds) if k not in [k for k, _ in KINDS]]
    sites.ok(n <= 6 and not other, case, "%d folders, %s" % (n, other))


def paced(s, d, case):
    kinds, took = crawl(s, d + "/b", "politeness.delay=30ms",
                        "state.commit_every=300ms", "keep.raw=none")
    # the start, the last block, the last seal
    most = took / 0.3 + 8
    n = len(commits(kinds))
    sites.ok(n <= most, case, "%d commits in %.1f s" % (n, took))


def with_raw(s, d, case):
    kinds, _ = crawl(s, d + "/c", "politeness.delay=0",
                     "state.commit_every=10ms", "queue.flush_after=20ms",
                     "keep.raw=warc")
    got = commits(kinds)
    sites.ok(set(got) <= {"sm", "dsm", "rdsm", "drsm"} and "raw" in kinds,
             case, "commits: %s" % sorted(set(got)))


def main():
    if not os.path.exists(SYNCS):
        print("skip - syncs: %s was not built" % SYNCS)
        return 0
    with sites.workdir() as d, sites.Sites() as s:
        kinds = one_each(s, d, "syncs: a commit has one fdatasync of the "
                               "queue's file and the store's own")
        folders(kinds, "syncs: between commits nothing else is synced but "
                       "the folders of new and sealed files")
        paced(s, d, "syncs: commits come no faster than state.commit_every")
        with_raw(s, d, "syncs: raw pages cost one fdatasync more")
    return 0


sys.exit(main())
