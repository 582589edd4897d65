#!/usr/bin/env python3
"""H56: all behaviours at once for ten minutes, beside good hosts.

    hostile_long.py [SECONDS]

Fifty good hosts are crawled alone for a tenth of the time, then beside more than
two hundred hostile ones (each row of hostile_acts.py on three hosts) that
get new addresses to be asked for every fifteen seconds. The limits in time are
short and hosts that fail rest for a second or two, so that all of them are met
again and again. Good hosts must keep nine tenths of the rate they had alone,
counted at their server; memory and descriptors must come back to within 5 % of
what they were once every host was known. Servers are processes of their own.
Figures go to stdout."""
import glob
import mmap
import os
import statistics
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import check_hostile as suite  # noqa: E402
import hostile_acts as acts  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
from hostile import article  # noqa: E402

GOOD, COPIES = 50, 3
DELAY = 0.5
SETTINGS = [("politeness.delay", "%dms" % (DELAY * 1000)), ("politeness.rest", "1s"),
            ("politeness.max_rest", "2s"), ("fetch.hosts_file", ""), ("scope.max_depth", "0"),
            ("find.sitemap_places", ""), ("revisit.hubs", "false"),
            ("revisit.articles", "false"), ("fetch.max_tries", "1"),
            ("fetch.first_byte_timeout", "5s"), ("fetch.timeout", "8s"),
            ("fetch.connect_timeout", "3s"), ("fetch.low_speed_time", "3s"), ("clean.workers", "2"),
            ("fetch.parallel", "128"), ("queue.seal_after", "10s")]


def server(web_of):
    """A process that serves until this one ends; web_of() adds the hosts."""
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(its)
        web_of()
        os.read(ours, 1)
        os._exit(0)
    os.close(ours)
    return pid, its


class Good:
    """The good hosts, and how often each was asked."""

    def __init__(self, net):
        self.net, self.counts = net, mmap.mmap(-1, 8 * GOOD)
        self.hosts = ["good%d.test" % i for i in range(GOOD)]
        for h in self.hosts:
            net.address(h)

    def serve(self):
        web = hostile_net.Web(self.net, patience=300)
        for i, h in enumerate(self.hosts):
            web.add(h, self.page(i))

    def page(self, i):
        def act(c):
            n = struct.unpack_from("Q", self.counts, 8 * i)[0] + 1
            struct.pack_into("Q", self.counts, 8 * i, n)
            return c.page(article(i * 1000000 + int(c.path[1:])))
        return act

    def asked(self):
        return list(struct.unpack("%dQ" % GOOD, self.counts))


class Hostile:
    """The hostile hosts; an address may carry ?r=ROUND, which no act sees."""

    def __init__(self, net):
        self.net, self.rows = net, acts.rows()
        for k in range(COPIES):
            for r in self.rows:
                net.address(self.host(k, r))

    @staticmethod
    def host(k, row):
        return "%s.%s" % ("abc"[k], row.host)

    def serve(self):
        web = hostile_net.Web(self.net, patience=150)
        for k in range(COPIES):
            for r in self.rows:
                if r.act == acts.FULL:
                    web.add_full(self.host(k, r))
                elif r.act is not None:
                    web.add(self.host(k, r), r.act, r.robots)

    def lines(self, n):
        return ["%s?r=%d%s" % (self.net.url(self.host(k, r), w.path), n,
                               "\ttype=" + w.kind if w.kind else "")
                for k in range(COPIES) for r in self.rows for w in r.wants if w.kind != "found"]


class Long(suite.Run):
    """The daemon, and servers elsewhere."""

    def __init__(self, tmp, public):
        self.net = hostile_net.Net(public)
        self.good, self.bad = Good(self.net), Hostile(self.net)
        self.servers = [server(self.good.serve), server(self.bad.serve)]
        self.names = hostile_net.Names(self.net)
        self.names.start()
        more = [("fetch.dns", self.names.server)]
        if not public:
            more.append(("fetch.allow_net", "127.1.0.0/16"))
        self.d = sites.Daemon(tmp, SETTINGS + more)
        self.next = 0

    def feed_good(self, seconds):
        """Addresses that last for so long."""
        n = int(seconds / DELAY) + 20
        self.drop([self.net.url(h, "/%d" % (self.next + i)) for i in range(n)
                   for h in self.good.hosts], "good%d" % self.next)
        self.next += n

    def level(self, seconds=10):
        """Median descriptors and RssAnon KiB over that time."""
        fds, rss, pid = [], [], self.d.proc.pid
        for _ in range(seconds):
            fds.append(suite.descriptors(pid))
            rss.append(suite.status_kib(pid, "RssAnon"))
            time.sleep(1)
        return statistics.median(fds), statistics.median(rss)

    def close(self):
        self.d.stop()
        self.names.stop()
        for pid, pipe in self.servers:
            os.close(pipe)
            os.waitpid(pid, 0)


def rate(run, seconds, turn=None):
    """Good pages a second over that time, and the least of any host's."""
    before, began = run.good.asked(), time.monotonic()
    while time.monotonic() - began < seconds:
        if turn:
            turn(time.monotonic() - began)
        time.sleep(0.5)
    spent = time.monotonic() - began
    each = [(b - a) / spent for a, b in zip(before, run.good.asked())]
    return sum(each), min(each)


def ten_minutes(run, seconds):
    run.d.start().ready()
    lone_s = max(15, seconds / 10)
    run.feed_good(lone_s + seconds + 400)
    # Every host is met, then all at once: what is kept for good, up to bounds, is
    # there (idle connections, buffers of each transfer, the largest transaction).
    for i in range(3):
        run.drop(run.bad.lines(900000 + i), "warm%d" % i)
        time.sleep(15)
    print("  %d left when alone" % quiet(run))
    start = run.level()
    cpu = suite.cpu_s(run.d.proc.pid)
    lone = rate(run, lone_s)
    cpu_lone = (suite.cpu_s(run.d.proc.pid) - cpu) / lone_s
    rounds, rss = [0], []

    def turn(at):
        rss.append(suite.status_kib(run.d.proc.pid, "RssAnon"))
        if at >= 15 * rounds[0]:
            rounds[0] += 1
            run.drop(run.bad.lines(rounds[0]), "bad%d" % rounds[0])
    cpu = suite.cpu_s(run.d.proc.pid)
    beside = rate(run, seconds, turn)
    cpu = (suite.cpu_s(run.d.proc.pid) - cpu) / seconds
    began = time.monotonic()
    left = quiet(run)
    print("  %d left %.0f s later" % (left, time.monotonic() - began))
    end = run.level()
    st = run.ask("status")
    print("  good pages/s: alone %.1f (least host %.2f), beside %.1f (%.2f): %.1f %%" % (
        *lone, *beside, 100 * beside[0] / lone[0]))
    print("  %d hostile hosts, %d rounds of %d addresses; answers %d, failed %d, to do %d" % (
        COPIES * len(run.bad.rows), rounds[0], len(run.bad.lines(0)), st["pages"]["fetched"],
        st["pages"]["failed"], st["frontier"]["due"]))
    print("  RssAnon KiB: %d before, %d at most, %d after; descriptors %d, %d" % (
        start[1], max(rss), end[1], start[0], end[0]))
    print("  RssAnon MiB, by the minute: %s" % [x >> 10 for x in rss[::120]])
    print("  parent's CPU: %.1f %% alone, %.1f %% beside; state %d KiB" % (
        100 * cpu_lone, 100 * cpu, sum(map(os.path.getsize, glob.glob(
            os.path.join(run.d.dir, "state/*")))) >> 10))
    assert beside[0] >= 0.9 * lone[0] and beside[1] >= 0.8 * lone[1], (lone, beside)
    assert end[1] <= 1.05 * start[1] + 512, (start, end)
    assert end[0] <= 1.05 * start[0] + 3, (start, end)
    assert run.d.proc.poll() is None and st["now"]["workers_replaced"] == 0, st
    rc, _ = run.d.stop()
    assert rc == 0, run.d.words()[-2000:]
    rc, out, err = sites.run([sites.WINNOW, "queue", "verify", run.d.dir], 120)
    assert rc == 0, (rc, out, err)


def quiet(run):
    """Until the hostile hosts have nothing left to be asked for."""
    def left():
        f = run.ask("status")["frontier"]
        return f["due"] + f["out"] - (run.next * GOOD - sum(run.good.asked()))
    sites.wait_for(lambda: left() <= GOOD / 2, 90, 1)
    time.sleep(3)
    return left()


def main():
    c = sites.Cases()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    why = hostile_net.enter_namespace()
    with sites.workdir() as tmp:
        run = Long(tmp, not why)
        try:
            c.case("H56: all of it at once for %g s, beside good hosts" % seconds,
                   ten_minutes, run, seconds)
        finally:
            run.close()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
