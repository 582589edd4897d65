#!/usr/bin/env python3
"""A disk that gets full: bounds, small file systems, no inodes, in each phase.

Fetching pauses, nothing in flight is lost, `winnow status` says what, where,
since when and what to do, and it goes on by itself: all with the real daemon on
real file systems (a mount namespace of the test's own)."""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import disks  # noqa: E402
import sites  # noqa: E402

MIB = 1 << 20


def consume(d, every, site, limit=90):
    """One sealed file every so many seconds, the oldest first, until all pages
    have come; gives back how many were taken."""
    n, end = 0, time.monotonic() + limit
    while len(d.everything()) < len(site.wanted()):
        assert time.monotonic() < end, (d.status(), d.words()[-2000:])
        files = sorted(d.files())
        if files:
            d.take(files[0])
            n += 1
        time.sleep(every)
    return n


def why_of(st, *words):
    for w in words:
        assert w in st["blocked"], (w, st["blocked"])
    assert st["blocked_for"] == "space" and st["blocked_since"].endswith("Z"), st


# ---- bounds ----------------------------------------------------------------------

def times(d, words):
    """How often it was said, the sums of a daemon that has ended with it."""
    return sum(int((re.findall(r" times=(\d+)", x) or [1])[0]) for x in d.lines(words))


def max_bytes(tmp):
    """A pause needs a twentieth to be freed, so that many bytes taken are that
    many pauses at most."""
    most = 300 * 1024
    with disks.Site(60, hosts=4) as site, disks.Daemon(tmp, ("queue.max_bytes", str(most))) as d:
        d.begin(site)
        st = d.blocked()
        why_of(st, "queue.max_bytes is 300 KiB", "consume or prune", "goes on below",
               d.queue)
        rc, out, _ = d.ask("status")
        assert rc == 0 and "nothing is fetched since" in out and "max_bytes" in out, out
        d.idles()
        # What was under way lands too, but no second's crawl.
        st = d.status()
        assert st["queue"]["bytes"] < most + 256 * 1024, st["queue"]
        assert st["queue"]["max_bytes"] == most, st["queue"]
        n = consume(d, 0.1, site)
        d.complete(site)
        d.stop()
        pauses = times(d, "fetching pauses")
        assert pauses <= 1 + d.taken_bytes / (most / 20), (pauses, n, d.taken_bytes)
        sys.stdout.write("  %d files taken, one each 0.1 s: %d pauses\n" % (n, pauses))
        assert times(d, "fetching goes on:") in (pauses, pauses - 1), d.words()


def min_free(tmp):
    disk = disks.mount(os.path.join(tmp, "disk"), "size=16m")
    ballast = os.path.join(disk, "ballast")
    with disks.Site(60) as site, disks.Daemon(
            tmp, ("queue.dir", os.path.join(disk, "queue")),
            ("queue.min_free", "4MiB")) as d:
        d.queue = os.path.join(disk, "queue")
        with open(ballast, "wb") as f:
            f.write(bytes(13 * MIB))
        d.begin(site)
        st = d.blocked()
        why_of(st, "queue.min_free is 4 MiB", "make room", d.queue)
        assert st["queue"]["free_bytes"] < 4 * MIB, st["queue"]
        # Just above the bound is not enough, a twentieth more is.
        os.truncate(ballast, 12 * MIB - 64 * 1024)
        time.sleep(1.3)
        assert d.status()["state"] == "blocked", d.status()
        os.truncate(ballast, 8 * MIB)
        d.running()
        landed(d, site)
        assert len(d.lines("fetching pauses")) == 1, d.words()


def landed(d, site):
    """As complete(), of a queue that lies elsewhere."""
    where = os.path.dirname(d.queue)

    def done():
        got = d.taken + sites.records(where)
        return len([r for r in got if "/a/p" in r["url"]]) >= len(site.wanted())
    assert sites.wait_for(done, 90, 0.2), (d.status(), d.words()[-3000:])
    rc, _ = d.stop()
    assert rc == 0, (rc, d.words()[-2000:])
    d.records = lambda: sites.records(where)
    d.account(site)


# ---- no space left on device ---------------------------------------------------------

def queue_full(tmp):
    """The queue's own file system fills up; a consumer acknowledges there, the
    daemon is killed there, and a slow consumer makes room."""
    disk = disks.mount(os.path.join(tmp, "disk"), "size=1m")
    queue = os.path.join(disk, "queue")
    with disks.Site(60, hosts=4) as site, disks.Daemon(tmp, ("queue.dir", queue)) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.files = lambda: sites.glob.glob(os.path.join(queue, "ready/*/*.gz"))
        d.begin(site)
        assert sites.wait_for(d.files, 20)
        assert cursor(queue, "1") == 0
        st = d.blocked()
        why_of(st, queue, "No space left on device", "make room")
        d.idles()
        assert len(d.lines("writing is blocked")) + len(d.lines("fetching pauses")) <= 3
        fill(os.path.join(disk, "ballast"))
        assert cursor(queue, "2") == 0, "a full disk keeps a consumer from going on"
        rc, _, err = sites.run([sites.WINNOW, "queue", "next", queue, "late"])
        assert rc == 6 and "No space left" in err, (rc, err)
        os.unlink(os.path.join(disk, "ballast"))
        verify(queue)
        d.proc.kill()
        d.stop()
        d.start().ready()
        d.blocked()
        consume(d, 0.05, site)
        assert len(d.lines("fetching pauses")) <= 2 + d.taken_bytes / (128 * 1024), d.words()
        d.complete(site)


def fill(path):
    """Not a byte is left."""
    with open(path, "wb", buffering=0) as f:
        try:
            while f.write(bytes(4096)) > 0:
                pass
        except OSError:
            pass


def raw_full(tmp):
    """With keep.raw = warc a record and its page land together or not at all, and
    a consumer that deletes sealed files makes room for both."""
    disk = disks.mount(os.path.join(tmp, "disk"), "size=1500k")
    queue = os.path.join(disk, "queue")
    with disks.Site(50, hosts=4) as site, disks.Daemon(
            tmp, ("queue.dir", queue), ("keep.raw", "warc")) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.files = lambda: sites.glob.glob(os.path.join(queue, "ready/*/*.gz"))
        d.begin(site)
        why_of(d.blocked(), queue, "No space left on device")
        verify(queue)
        d.proc.kill()
        d.stop()
        d.start()
        assert d.started() == 0, d.words()
        consume(d, 0.05, site)
        d.complete(site)
        verify(queue)


def verify(queue):
    rc, out, err = sites.run([sites.WINNOW, "queue", "verify", queue])
    assert rc == 0, (out, err)


def cursor(queue, seq):
    rc, _, err = sites.run([sites.WINNOW, "queue", "ack", queue, "reader", seq])
    if rc != 0:
        sys.stdout.write(err)
    return rc


def state_full(tmp):
    """The state's file system fills up; it still answers, and goes on when the
    file system has grown."""
    disk = disks.mount(os.path.join(tmp, "disk"), "size=220k")
    state = os.path.join(disk, "state")
    with disks.Site(50, 3000, hosts=4) as site, disks.Daemon(
            tmp, ("state.dir", state)) as d:
        d.begin(site)
        st = d.blocked()
        why_of(st, state, "No space left on device", "make room")
        d.idles()
        assert d.why(site.seeds[0])["state"] in ("done", "no-article")
        # A list that is dropped now is taken when there is room.
        early = os.path.join(d.spool, "late.txt")
        with open(early + ".part", "w", encoding="utf-8") as f:
            f.write(site.seeds[0] + "a/p1.html\n")
        os.rename(early + ".part", early)
        fill(os.path.join(disk, "ballast"))
        rc, out, _ = d.ask("seed", "add", *(site.seeds[0] + "a/p%d.html?again" % i
                                            for i in range(3000)))
        assert rc == 6 and "No space left on device" in out, (rc, out)
        disks.remount(disk, "size=32m")
        d.running()
        assert sites.wait_for(lambda: os.path.exists(early + ".done"), 15), d.words()
        assert len(d.lines("writing is blocked")) <= 3, d.words()
        d.complete(site)


def both_full(tmp):
    disk = disks.mount(os.path.join(tmp, "disk"), "size=1200k")
    queue, state = os.path.join(disk, "queue"), os.path.join(disk, "state")
    with disks.Site(60, hosts=4) as site, disks.Daemon(
            tmp, ("state.dir", state), ("queue.dir", queue)) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.begin(site)
        why_of(d.blocked(), "No space left on device")
        d.proc.kill()
        d.stop()
        d.start().ready()
        why_of(d.blocked(), "No space left on device")
        disks.remount(disk, "size=32m")
        d.running()
        d.complete(site)


def recent_yields(tmp):
    """keep.raw = recent is a comfort: on a small disk it leaves a fourth, and what
    it has when a commit finds no room."""
    disk = disks.mount(os.path.join(tmp, "disk"), "size=4m")
    queue, state = os.path.join(disk, "queue"), os.path.join(disk, "state")
    ring = os.path.join(state, "recent.pages")
    with disks.Site(70, 15000, hosts=4) as site, disks.Daemon(
            tmp, ("state.dir", state), ("queue.dir", queue),
            ("keep.raw_bytes", "64MiB")) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.files = lambda: sites.glob.glob(os.path.join(queue, "ready/*/*.gz"))
        d.begin(site)
        assert sites.wait_for(lambda: os.path.exists(ring) and
                              os.path.getsize(ring) > MIB // 2, 20), d.words()
        fill(os.path.join(disk, "ballast"))
        d.blocked()
        assert sites.wait_for(lambda: os.path.getsize(ring) < 8192, 10)
        os.unlink(os.path.join(disk, "ballast"))
        consume(d, 0.02, site)
        d.complete(site)


def inodes(tmp):
    disk = disks.mount(os.path.join(tmp, "disk"), "size=64m,nr_inodes=16")
    queue = os.path.join(disk, "queue")
    with disks.Site(40, 3000, hosts=4) as site, disks.Daemon(
            tmp, ("queue.dir", queue)) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.files = lambda: sites.glob.glob(os.path.join(queue, "ready/*/*.gz"))
        d.begin(site)
        why_of(d.blocked(), "no inode left", "df -i")
        d.idles()
        consume(d, 0.02, site)
        d.complete(site)


# ---- each phase ------------------------------------------------------------------------

def phases(tmp, which, options, roomy, steps):
    """The file system ends at a different call each time: every directory, file,
    page of the state. Either the start says so and ends with 6, or the daemon
    lives on, blocked; with room it finishes."""
    met = {"start": 0, "later": 0, "never": 0}
    with disks.Site(12, 4000) as site:
        for n in steps:
            one = os.path.join(tmp, "%s-%s" % (which, n))
            os.mkdir(one)
            disk = disks.mount(os.path.join(one, "disk"), options % n)
            d = disks.Daemon(one, ("%s.dir" % which, os.path.join(disk, which)))
            if which == "queue":
                d.records = lambda disk=disk: sites.records(disk)
            met[phase(d, site, disk, roomy)] += 1
            disks.umount(disk)
    sys.stdout.write("  full at the start %(start)d, later %(later)d, never %(never)d\n" % met)
    assert met["later"] and met["never"], met


def phase(d, site, disk, roomy):
    with d:
        rc = d.start().started()
        if rc != 0:
            words = d.words()
            assert rc == 6 and disk in words and (
                "make room" in words or "no inode left" in words), (rc, words)
            d.stop()
            disks.remount(disk, roomy)
            d.start().ready()
        d.ask("seed", "add", *site.seeds)

        def settled():
            return d.status()["state"] == "blocked" or d.status()["frontier"]["due"] == 0
        assert sites.wait_for(settled, 20, 0.05), d.status()
        time.sleep(0.3)
        st = d.status()
        if st["state"] == "blocked":
            why_of(st, disk)
        disks.remount(disk, roomy)
        d.complete(site)
        return "later" if st["state"] == "blocked" else "never" if rc == 0 else "start"


def queue_phases_inodes(tmp):
    phases(tmp, "queue", "size=8m,nr_inodes=%d", "nr_inodes=999", (2, 5, 7, 8, 9, 10, 11, 30))


def queue_phases_bytes(tmp):
    phases(tmp, "queue", "size=%dk", "size=8m", (4, 8, 12, 20, 32, 44, 60, 999))


def state_phases(tmp):
    phases(tmp, "state", "size=%dk", "size=8m", (4, 16, 32, 64, 96, 160, 999))


# ---- winnow crawl, commands ---------------------------------------------------------------

def crawl_state(tmp):
    """A crawl whose state has no room ends with 6 and goes on when run again."""
    out = os.path.join(tmp, "out")
    disk = disks.mount(os.path.join(out, "state"), "size=140k")
    with disks.Site(50, 3000, hosts=4) as site, disks.Daemon(tmp) as d:
        cmd = [sites.WINNOW, "crawl", "-q", "-o", out]
        for key, value in d.settings:
            if key.split(".")[0] not in ("queue", "state", "control", "seeds"):
                cmd += ["-O", "%s=%s" % (key, value)]
        cmd += ["-O", "queue.min_free=0", *site.seeds]
        rc, _, err = sites.run(cmd, 90)
        assert rc == 6 and "No space left on device" in err and "make room" in err, (rc, err)
        disks.remount(disk, "size=32m")
        rc, _, err = sites.run(cmd, 90)
        assert rc == 0, (rc, err)
        d.records = lambda: sites.records(out)
        d.account(site)


def commands(tmp):
    """What cannot be written ends with 6, in words."""
    with disks.Site(3, 4000) as site, disks.Daemon(tmp) as d:
        d.begin(site)
        assert sites.wait_for(lambda: len(d.everything()) >= 3, 20, 0.1)
        d.stop()
        state = ["-o", d.state, site.seeds[0]]
        with open("/dev/full", "w", encoding="ascii") as full:
            for words in (["queue", "cat", d.queue], ["queue", "list", d.queue],
                          ["queue", "stat", d.queue], ["queue", "verify", d.queue],
                          ["queue", "get", d.queue, "1"], ["schema"], ["normalise"],
                          ["check", "url"], ["why", *state], ["why", "--json", *state]):
                p = sites.subprocess.run([sites.WINNOW, *words], stdout=full,
                                         input=b'{"id":"1","url":"http://a.test/"}\n',
                                         stderr=sites.subprocess.PIPE, check=False)
                assert p.returncode == 6 and b"No space left" in p.stderr, (words, p)


CASES = [
    ("full disk: queue.max_bytes pauses at the commit that reaches it, and a slow "
     "consumer makes it go on without flapping", max_bytes),
    ("full disk: queue.min_free holds until a twentieth more is free", min_free),
    ("full disk: the queue's file system is full: status, ack, kill -9, a slow consumer, "
     "each page once", queue_full),
    ("full disk: records and raw pages on a full file system", raw_full),
    ("full disk: the state's file system is full: it answers, takes late seeds, and goes "
     "on when it has grown", state_full),
    ("full disk: queue and state on one full file system, also at a start", both_full),
    ("full disk: recent pages give way to queue and state", recent_yields),
    ("full disk: no inode is left, and says so", inodes),
    ("full disk: no inode for each directory and file of the queue in turn",
     queue_phases_inodes),
    ("full disk: no byte for each directory and file of the queue in turn",
     queue_phases_bytes),
    ("full disk: no byte for each page of the state in turn", state_phases),
    ("full disk: winnow crawl without room for its state ends with 6, then goes on",
     crawl_state),
    ("full disk: commands whose output has no room end with 6", commands),
]


if __name__ == "__main__":
    sys.exit(disks.run_cases(CASES))
