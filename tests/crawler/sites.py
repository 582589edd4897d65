"""What the test scripts share: the example sites, a crawl of them, its records.

Everything is loopback and ends by itself; processes are ended by their id."""
import glob
import gzip
import json
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
WINNOW = os.path.join(BUILD, "winnow")
WINNOWD = os.path.join(BUILD, "winnowd")
SITES = os.path.join(BUILD, "tests/sites/winnow-sites")


class Sites:
    """The server with its name server, for the length of a with block."""

    def __enter__(self):
        self.proc = subprocess.Popen([SITES, "--port", "0"],
                                     stdout=subprocess.PIPE)
        about = json.loads(self.proc.stdout.readline())
        self.dns, self.port, self.sites = (about["dns"], about["port"],
                                           about["sites"])
        self.seeds = [s["url"] for s in self.sites]
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        self.proc.wait()

    def options(self, flag="-O"):
        """Settings that let a crawl reach them."""
        out = []
        for o in ("fetch.allow_net=127.0.0.0/8", "fetch.dns=" + self.dns,
                  "fetch.hosts_file="):
            out += [flag, o]
        return out

    def crawl(self, out, *more, seeds=None):
        """The command line of a crawl."""
        return [WINNOW, "crawl", "-o", out, "-q", *self.options(), *more,
                *(self.seeds if seeds is None else seeds)]


HURRY = ["-O", "politeness.robots=ignore", "-O", "politeness.delay=0"]


def records(out):
    """All records of the sealed files, in log order."""
    got = []
    for name in sorted(glob.glob(os.path.join(out, "queue/ready/*/*.gz"))):
        with gzip.open(name, "rt", encoding="utf-8") as f:
            got += [json.loads(line) for line in f]
    return got


def ok(good, name, why=""):
    print("%s - %s" % ("ok" if good else "not ok", name))
    if not good and why:
        print("  " + why)
    sys.stdout.flush()
    return good


def once(recs):
    """Words about what is wrong with a finished queue; '' when nothing is."""
    urls, seqs = {}, [int(r["seq"]) for r in recs]
    firsts = {}
    for r in recs:
        urls[r["url"]] = urls.get(r["url"], 0) + 1
        if r["dup_of"] is None:
            firsts[r["text_hash"]] = firsts.get(r["text_hash"], 0) + 1
    twice = [u for u, n in urls.items() if n > 1]
    if twice:
        return "twice: %s" % twice[:3]
    if [h for h, n in firsts.items() if n != 1]:
        return "a text has two records without dup_of"
    if set(r["text_hash"] for r in recs) != set(firsts):
        return "a text has no record without dup_of"
    ids = set(r["id"] for r in recs)
    if [r for r in recs if r["dup_of"] is not None and r["dup_of"] not in ids]:
        return "dup_of names a record that is not there"
    if seqs and seqs != list(range(seqs[0], seqs[0] + len(seqs))):
        return "seq has a hole"
    return ""


def workdir():
    return tempfile.TemporaryDirectory(prefix="winnow-test-")
