"""What durability costs a crawl: with its syncs, and with none at all.

The same pages from the same nginx (bench_crawl.py), PAIRS times both in turn,
the order changing, for the machine may have other work. SYNCS=off makes every
fdatasync, fsync and O_DSYNC write return at once (tests/preload/syncs.c).
Printed: the ratio of the best runs, the median of the pairs' ratios; and from the runs with syncs the part
of the time in which the loop stood still for them, which other work on the
machine touches less."""
import os
import shutil
import statistics
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("PAGES", "4000")
import bench_crawl as bench  # noqa: E402

PAIRS = int(os.environ.get("SYNC_PAIRS", "5"))
SHIM = os.path.abspath(bench.BUILD + "/tests/preload/syncs.so")


def crawl(d, syncs):
    """Seconds of a crawl, and of it those spent in syncs; commits."""
    out, log = d + "/out", d + "/log"
    shutil.rmtree(out, ignore_errors=True)
    if os.path.exists(log):
        os.unlink(log)
    os.environ.update(LD_PRELOAD=SHIM, SYNCS="on" if syncs else "off",
                      SYNCS_LOG=log)
    wall = bench.crawl(d + "/site", out, "politeness.per_host=4",
                       "fetch.parallel=32")[3]
    for name in ("LD_PRELOAD", "SYNCS", "SYNCS_LOG"):
        del os.environ[name]
    with open(log, encoding="utf-8") as f:
        rows = [line.split() for line in f]
    return (wall, sum(int(r[-1]) for r in rows) / 1e6,
            sum(r[0] == "dsync" for r in rows))


def measure(d):
    ratios, with_, without = [], [], []
    for i in range(PAIRS):
        both = {}
        for syncs in ((True, False) if i % 2 else (False, True)):
            both[syncs] = crawl(d, syncs)
        with_.append(both[True])
        without.append(both[False][0])
        ratios.append(both[False][0] / both[True][0])
    wall = sum(w[0] for w in with_)
    print("bench sync pages=%d pairs=%d seconds=%.2f without=%.2f "
          "rate/without=%.3f (to reach: 0.95) best/best=%.3f "
          "standing_still=%.3f commits_per_s=%.1f ms_per_commit=%.2f" % (
              bench.PAGES, PAIRS, statistics.median(w[0] for w in with_),
              statistics.median(without), statistics.median(ratios),
              min(without) / min(w[0] for w in with_), sum(w[1] for w in with_) / wall,
              sum(w[2] for w in with_) / wall,
              1000 * sum(w[1] for w in with_) / sum(w[2] for w in with_)))


def main():
    if bench.nginx_path() is None:
        print("bench sync: skipped, nginx is not installed")
        return 0
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as d:
        os.chmod(d, 0o755)
        bench.pages(d + "/site", bench.HOSTS, bench.PORT)
        os.makedirs(d + "/many/www")
        with bench.Nginx(d):
            measure(d)
    return 0


if __name__ == "__main__":
    sys.exit(main())
