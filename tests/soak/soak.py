#!/usr/bin/env python3
"""A long run on sites of our own, for what only hours show: drift.

    soak.py [HOURS]

Its pace is that of politeness, not of the machine: forty hosts with a pause each,
which always have something to be asked again, make a rate that does not change
when others use the machine. The first half is for what goes wrong (acts.py), one
act after the other; the rate has to come back after each. The second half is
quiet, and laid through with lines (watch.py): memory, descriptors, rate, files.
In its last part nothing new is published, so that what still grows grows without
cause. At the end each article that was ever published has landed once.

Artefacts in BUILD/soak: report.txt, samples.csv, the daemon's log. The table and a
verdict go to stdout; 1 when a bar was missed."""
import math
import os
import shutil
import signal
import statistics
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import acts  # noqa: E402
import house  # noqa: E402
import watch  # noqa: E402
from house import disks, hostile_net, sites  # noqa: E402

HOSTS, DELAY = 40, 2.0
MIB = 1 << 20


class Bars:
    """Figures and what they may be."""

    def __init__(self, out):
        self.out, self.missed = out, 0

    def say(self, text):
        for f in (sys.stdout, self.out):
            f.write(text + "\n")
            f.flush()

    def bar(self, good, name, figure, limit):
        self.missed += not good
        self.say("%s  %-38s %-34s %s" % ("PASS" if good else "FAIL", name, figure, limit))

    def note(self, name, figure):
        self.say("      %-38s %s" % (name, figure))


def run_acts(h, bars, seconds, normal):
    """Each act and the time to get well have a share of so many seconds."""
    share = seconds / len(acts.ALL)
    for act in acts.ALL:
        h.phase, name, began = act.__name__, act.__name__.replace("_", " "), time.monotonic()
        try:
            words = act(h, min(60.0, 0.4 * share))
        except acts.Skip as e:
            bars.note(name, "skipped: %s" % e)
            continue
        except Exception:  # the run goes on
            bars.bar(False, name, traceback.format_exc().strip().splitlines()[-1], "")
            continue
        h.phase = "after " + act.__name__
        took = h.recovered(normal, 120)
        bars.bar(took is not None, name, "rate back after %s%s" % (
            "never" if took is None else "%.0f s" % took, "; " + words if words else ""),
            "< 120 s")
        time.sleep(max(0.0, share - (time.monotonic() - began)))
    h.phase = "settle"


def left_by_acts(h, bars, before):
    """What acts that did not end the daemon have left in it."""
    after = [r for r in h.rows if r["phase"] == "after clock"][-20:]
    if not after or not before or after[-1]["pid"] != before[-1]["pid"]:
        return
    fds = [statistics.median(r["fds"] for r in rows) for rows in (before, after)]
    rss = [statistics.median(r["rss_kib"] for r in rows) / 1024 for rows in (before, after)]
    bars.bar(fds[1] <= fds[0] + 3, "descriptors after the acts",
             "%d before, %d after" % tuple(fds), "<= + 3")
    bars.bar(rss[1] <= rss[0] + 8, "RssAnon after the acts",
             "%.1f MiB before, %.1f after" % tuple(rss), "<= + 8 MiB")


def slope_bar(bars, rows, field, name, scale, unit, limit):
    """The slope an hour. A short run cannot tell a small one: it fails when the
    bar is passed by more than the error."""
    s, error, mean = watch.line([r["t"] for r in rows], [r[field] * scale for r in rows])
    s, error = 3600 * s, 3600 * error
    long_run = rows[-1]["t"] - rows[0]["t"] > 1500 if rows else False
    bars.bar(bool(rows) and (s if long_run else s - 2 * error) < limit, name,
             "%+.3f +- %.3f %s/h, mean %.1f" % (s, error, unit, mean),
             "< %g %s/h" % (limit, unit))


def quiet_bars(bars, rows, piece):
    """The second half."""
    slope_bar(bars, rows, "rss_kib", "RssAnon of the parent", 1 / 1024, "MiB", 1)
    slope_bar(bars, rows, "workers_kib", "RssAnon of all workers", 1 / 1024, "MiB", 1)
    slope_bar(bars, rows, "fds", "descriptors of the parent", 1, "", 1)
    half = len(rows) // 2
    most = [max([r["fds"] for r in part], default=0) for part in (rows[:half], rows[half:])]
    bars.bar(most[1] <= most[0] + 3, "descriptors, at most", "%d, then %d" % tuple(most), "<= + 3")
    workers = {r["worker_fds"] for r in rows}
    bars.bar(len(workers) == 1, "descriptors of the workers", str(sorted(workers)), "constant")
    rates = watch.rates(rows, piece)
    usual = statistics.median(rates) if rates else 0
    mid = [(i + 0.5) * piece for i in range(len(rates))]
    s, error, mean = watch.line(mid, rates)
    if len(rates) >= 8:
        s, error = 360000 * s / mean, 360000 * error / mean
        bars.bar(abs(s) - 2 * error < 5, "rate, its slope", "%+.2f +- %.2f %%/h of %.2f/s" % (
            s, error, mean), "< 5 %/h")
    bars.bar(bool(rates) and min(rates) >= 0.8 * usual, "rate, pieces of %d s" % piece,
             "%.2f to %.2f/s, median %.2f" % (min(rates, default=0), max(rates, default=0), usual),
             ">= 80 % of it")


def file_bars(bars, news, still, log_start):
    """The store while there are news and without; the log; the loop."""
    grown = news[-1]["store"] - news[0]["store"]
    urls = news[-1]["urls"] - news[0]["urls"]
    each = grown / urls if urls else math.inf
    bars.bar(each < 1024, "store, a new URL", "%.0f bytes (%+.2f MiB for %d)" % (
        each, grown / MIB, urls), "< 1024")
    grown = still[-1]["store"] - still[0]["store"]
    bars.bar(grown <= 256 * 1024, "store, without news", "%+d KiB in %d requests, of %.1f MiB" % (
        grown / 1024, still[-1]["asked"] - still[0]["asked"], still[-1]["store"] / MIB),
        "<= 256 KiB")
    rows = news + still
    hours = (rows[-1]["t"] - rows[0]["t"]) / 3600
    bytes_h = (rows[-1]["log"] - rows[0]["log"]) / hours
    bars.bar(bytes_h < 64 * 1024, "log, when quiet", "%.1f KiB/h" % (bytes_h / 1024), "< 64 KiB/h")
    bars.bar(log_start < 2 * MIB, "log of the acts", "%.1f KiB" % (log_start / 1024), "< 2 MiB")
    lag = sorted(r["lag_ms"] for r in rows)
    bars.bar(lag[len(lag) // 2] < 100, "an answer of the loop", "median %.1f ms, 99 %% %.1f, "
             "most %.0f" % (lag[len(lag) // 2], lag[len(lag) * 99 // 100], lag[-1]), "< 100 ms")
    span = rows[-1]["t"] - rows[0]["t"]
    bars.note("CPU", "parent %.1f %%, workers %.1f %%" % tuple(
        100 * (rows[-1][k] - rows[0][k]) / span for k in ("cpu_s", "workers_cpu_s")))


def end_bars(h, bars):
    took = h.complete(300)
    bars.bar(bool(took), "complete", "%d articles published, %d without a record" % (
        sum(h.plan.published(i) for i in range(HOSTS)), len(h.account.missing(h.plan))), "0")
    rc, seconds, verify = h.stop()
    bars.bar(rc == 0 and seconds < 5, "stop", "status %s, %.1f s" % (rc, seconds), "0, < 5 s")
    wrong = h.account.judge(h.plan)
    bars.bar(not wrong, "each article once", "%d records%s" % (
        h.account.records, "".join("\n        " + w for w in wrong)), "")
    bars.bar(not verify, "winnow queue verify", verify or "clean", "")
    bars.bar(not h.crashes, "the daemon lives", "; ".join(h.crashes) or "%d starts, as told"
             % h.d.starts, "")


def soak(h, bars, seconds):
    h.piece = max(4.0, min(15.0, seconds / 120))
    every = max(1.0, min(5.0, seconds / 360))
    h.begin(every)
    time.sleep(0.09 * seconds)
    h.phase = "before"
    normal = h.rate(0.03 * seconds)
    before = [r for r in h.rows if r["phase"] == "before"]
    bars.note("rate before", "%.2f requests/s of %d hosts" % (normal, HOSTS))
    run_acts(h, bars, 0.30 * seconds, normal)
    left_by_acts(h, bars, before)
    time.sleep(max(0.0, h.began + 0.5 * seconds - time.monotonic()))
    h.phase = "quiet"
    log = watch.size(h.d.err)
    time.sleep(0.35 * seconds)
    h.plan.freeze()
    h.phase = "ebb"  # what was published is fetched
    time.sleep(0.03 * seconds)
    h.phase = "still"
    time.sleep(0.12 * seconds)
    h.phase = "end"
    rows = {p: [r for r in h.rows if r["phase"] == p] for p in ("quiet", "ebb", "still")}
    quiet_bars(bars, sum(rows.values(), []), max(10.0, min(60.0, seconds / 60)))
    file_bars(bars, rows["quiet"], rows["still"], log)
    end_bars(h, bars)


def main():
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    disks.own_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the daemon ends, too
    why = hostile_net.enter_namespace()
    tmp = house.fresh(os.path.abspath(os.path.join(sites.BUILD, "soak")))
    with open(os.path.join(tmp, "report.txt"), "w", encoding="utf-8") as out:
        bars = Bars(out)
        bars.say("soak: %g h, %d hosts with a pause of %g s, %s" % (
            hours, HOSTS, DELAY, why or "in a network of its own"))
        # Each site publishes at a fraction of what it may be asked for.
        h = house.House(tmp, HOSTS, DELAY, every=5 * DELAY, turn=15 * DELAY, public=not why)
        try:
            soak(h, bars, 3600 * hours)
        except Exception:
            bars.bar(False, "the run itself", traceback.format_exc(), "")
        finally:
            h.close()
        shutil.rmtree(os.path.join(tmp, "disk"), ignore_errors=True)
        bars.say("%s: %d bars missed (%s)" % (
            "FAIL" if bars.missed else "PASS", bars.missed, tmp))
    return 1 if bars.missed else 0


if __name__ == "__main__":
    sys.exit(main())
