#!/usr/bin/env python3
"""Disks that fail in other ways: limits of the process, rights, a file system
that is read-only, a directory that is moved or removed. Each ends in words (what,
where, what to do), nothing spins or floods, and it goes on when it is mended."""
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import disks  # noqa: E402
import sites  # noqa: E402


def fault_of(st, *words):
    for w in words:
        assert w in st["blocked"], (w, st["blocked"])
    assert st["blocked_for"] == "fault" and st["blocked_since"].endswith("Z"), st


def prlimit(d, what):
    subprocess.run(["prlimit", "--pid", str(d.proc.pid), what], check=True)


def some(d, n=3):
    """Some articles have landed."""
    assert sites.wait_for(lambda: d.status()["queue"]["records"] >= n, 30, 0.05), \
        (d.status(), d.words()[-2000:])


def descriptors(d):
    return len(os.listdir("/proc/%d/fd" % d.proc.pid))


# ---- limits of the process ---------------------------------------------------------

def few_files(tmp):
    """Far more slow sites than descriptors: pages wait for one, no host is blamed,
    and queue and state open what they need."""
    with disks.Site(4, 2000, hosts=60, wait=0.2) as site, disks.Daemon(
            tmp, ("fetch.parallel", "60"),
            wrap=["prlimit", "--nofile=72:72"]) as d:
        d.begin(site)
        most = 0
        for _ in range(20):
            most = max(most, descriptors(d))
            time.sleep(0.1)
        assert most <= 72 - 9, most
        words = d.lines("does not allow as many transfers as fetch.parallel")
        assert len(words) == 1 and "LimitNOFILE" in words[0], d.words()
        d.complete(site)
        assert "Too many open files" not in d.words(), d.words()[-3000:]


def files_lowered(tmp):
    """The limit sinks below what is open: even the queue can open nothing."""
    with disks.Site(30, 2000, hosts=4, hold=8) as site, disks.Daemon(tmp) as d:
        d.begin(site)
        some(d)
        prlimit(d, "--nofile=12:4096")
        site.go()
        words = ("or lower fetch.parallel", "Too many open files")
        assert sites.wait_for(lambda: any(map(d.lines, words)), 20, 0.1), d.words()
        time.sleep(1)
        cpu_is_low(d)
        prlimit(d, "--nofile=4096:4096")
        d.complete(site)
        assert len(d.words().splitlines()) < 30, d.words()[-3000:]


def cpu_is_low(d):
    d.idles(1.5)


def many_files(tmp):
    """The soft limit is raised as far as the transfers need."""
    with disks.Site(2, 2000) as site, disks.Daemon(
            tmp, ("fetch.parallel", "300"), wrap=["prlimit", "--nofile=200:4096"]) as d:
        d.begin(site)
        with open("/proc/%d/limits" % d.proc.pid, encoding="ascii") as f:
            soft = [x.split()[3] for x in f if x.startswith("Max open files")][0]
        assert int(soft) >= 600, soft
        assert not d.lines("fetch.parallel is"), d.words()
        d.complete(site)


def file_size(tmp):
    """RLIMIT_FSIZE is no end by a signal, but no space in words."""
    with disks.Site(50, 3000, hosts=4) as site, disks.Daemon(
            tmp, wrap=["prlimit", "--fsize=180000:"]) as d:
        d.begin(site)
        st = d.blocked()
        assert st["blocked_for"] == "space", st
        for w in ("File too large", "LimitFSIZE", d.state):
            assert w in st["blocked"], (w, st["blocked"])
        d.idles()
        prlimit(d, "--fsize=unlimited")
        d.running()
        d.complete(site)


def file_size_queue(tmp):
    """No sealed file is larger than a file may be."""
    with disks.Site(40, 20000, hosts=4) as site, disks.Daemon(
            tmp, ("queue.seal_after", "1h"), wrap=["prlimit", "--fsize=700000:"]) as d:
        d.begin(site)
        assert sites.wait_for(lambda: d.status()["frontier"]["due"] == 0, 120, 0.1), \
            (d.status(), d.words()[-2000:])
        rc, _ = d.stop()
        assert rc == 0, rc
        assert len(d.files()) >= 2, d.files()
        assert "File too large" not in d.words(), d.words()
        d.account(site)


# ---- the directory ----------------------------------------------------------------------

def moved(tmp):
    for which in ("queue", "state"):
        one = os.path.join(tmp, which)
        os.mkdir(one)
        with disks.Site(40, 2000, hold=12) as site, disks.Daemon(one) as d:
            d.begin(site)
            some(d)
            where = os.path.join(one, which)
            os.rename(where, where + ".away")
            site.go()
            fault_of(d.blocked(), where, "moved away", "put it back")
            d.idles()
            assert not os.path.exists(where), "it made a directory on its own"
            os.rename(where + ".away", where)
            d.running()
            d.complete(site)


def unmounted(tmp):
    """The queue's file system goes and comes back: what lies below is left alone."""
    disk = disks.mount(os.path.join(tmp, "disk"), "size=16m")
    with disks.Site(40, 2000, hold=12) as site, disks.Daemon(tmp) as d:
        os.mkdir(d.queue)
        subprocess.run(["mount", "--bind", disk, d.queue], check=True)
        d.begin(site)
        some(d)
        subprocess.run(["umount", "-l", d.queue], check=True)
        site.go()
        fault_of(d.blocked(), d.queue, "another file system", "mount it again")
        d.idles()
        assert not os.listdir(d.queue), "it wrote below the place of the mount"
        subprocess.run(["mount", "--bind", disk, d.queue], check=True)
        d.running()
        d.complete(site)


def removed(tmp):
    """What was sealed is gone with the directory; what was open comes back to a
    new one, and no number is used twice."""
    with disks.Site(40, 2000, hold=12) as site, disks.Daemon(
            tmp, ("queue.seal_after", "1h"), ("queue.flush_after", "50ms")) as d:
        d.begin(site)
        some(d)
        while os.path.exists(d.queue):  # the daemon writes beside it
            shutil.rmtree(d.queue, ignore_errors=True)
        site.go()
        fault_of(d.blocked(), d.queue, "removed", "put it back")
        d.idles()
        os.mkdir(d.queue)
        d.running()
        assert sites.wait_for(lambda: d.status()["frontier"]["due"] == 0, 30, 0.1), d.status()
        d.stop()
        d.account(site)
        rc, out, err = sites.run([sites.WINNOW, "queue", "verify", d.queue])
        assert rc == 0 and os.path.exists(os.path.join(d.queue, "SCHEMA.json")), (out, err)


def state_removed(tmp):
    """Its pages would be fetched again by the next start: said at once."""
    with disks.Site(40, 2000, hold=12) as site, disks.Daemon(tmp) as d:
        d.begin(site)
        some(d)
        shutil.rmtree(d.state)
        site.go()
        st = d.blocked()
        fault_of(st, d.state, "removed or moved away", "begin with an empty directory")
        d.idles()
        rc, took = d.stop()
        assert rc == 0 and took < 10 * sites.slowness(), (rc, took)


def seeds_moved(tmp):
    with disks.Site(5, 2000) as site, disks.Daemon(tmp) as d:
        d.begin(site)
        os.rename(d.spool, d.spool + ".away")
        assert sites.wait_for(lambda: d.lines("seeds folder was removed"), 10), d.words()
        with open(d.spool + ".away/list.txt", "w", encoding="utf-8") as f:
            f.write(site.seeds[0] + "a/p1.html\n")
        os.rename(d.spool + ".away", d.spool)
        assert sites.wait_for(
            lambda: os.path.exists(d.spool + "/list.txt.done"), 20), d.words()
        d.complete(site)


# ---- rights, read-only ----------------------------------------------------------------------

def rights(tmp):
    """Somebody takes the daemon's user the right to write."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        raise sites.Cases.Skip("setpriv is not installed")
    for which, folder in (("queue", "queue/tmp"), ("queue", "queue/ready")):
        one = os.path.join(tmp, folder.replace("/", "-"))
        os.mkdir(one)
        with disks.Site(40, 2000, hold=12) as site, as_nobody(one) as d:
            d.begin(site)
            some(d)
            where = os.path.join(one, folder)
            for name in [where] + [os.path.join(where, x) for x in os.listdir(where)]:
                if os.path.isdir(name):
                    os.chmod(name, 0o555)
            site.go()
            st = d.blocked()
            fault_of(st, os.path.join(one, which), "Permission denied", "the rights it needs")
            d.idles()
            for name in [where] + [os.path.join(where, x) for x in os.listdir(where)]:
                if os.path.isdir(name):
                    os.chmod(name, 0o755)
            d.running()
            d.complete(site)


def as_nobody(one):
    """A daemon that no right to do everything helps."""
    d = disks.Daemon(one)
    if os.geteuid() == 0 and os.environ[disks.IN_SPACE + "_ROOT"] == "yes":
        os.chmod(os.path.dirname(one), 0o755)
        for name in (one, d.spool):
            os.chown(name, 65534, 65534)
        d.wrap = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    elif os.geteuid() == 0:
        raise sites.Cases.Skip("this is not the real root, nor another user")
    return d


def no_right_at_start(tmp):
    if os.geteuid() == 0 and os.environ[disks.IN_SPACE + "_ROOT"] != "yes":
        raise sites.Cases.Skip("this is not the real root, nor another user")
    os.chmod(tmp, 0o755)
    for which in ("queue", "state"):
        one = os.path.join(tmp, which)
        os.mkdir(one)
        d = as_nobody(one)
        where = os.path.join(one, which)
        os.mkdir(where)
        os.chmod(where, 0o555)
        with d:
            rc = d.start().started()
            assert rc == 1 and where in d.words() and "the rights it needs" in d.words(), \
                (rc, d.words())


def read_only_start(tmp):
    for which in ("queue", "state"):
        one = os.path.join(tmp, which)
        os.mkdir(one)
        disk = disks.mount(os.path.join(one, which), "size=4m,ro")
        with disks.Daemon(one) as d:
            rc = d.start().started()
            assert rc == 1 and disk in d.words() and "read-only" in d.words().lower() and \
                "mount it for writing" in d.words(), (rc, d.words())


def read_only_names(tmp):
    """A read-only mount comes over the queue: what is open can be written, what
    has to be opened cannot."""
    disks.need_mounts()
    with disks.Site(60, 2000, hold=12) as site, disks.Daemon(tmp) as d:
        d.begin(site)
        some(d)
        # Made elsewhere, since the daemon may open files at any moment.
        aside = os.path.join(tmp, "aside")
        os.mkdir(aside)
        subprocess.run(["mount", "--bind", d.queue, aside], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", aside], check=True)
        subprocess.run(["mount", "--bind", aside, d.queue], check=True)
        site.go()
        fault_of(d.blocked(), d.queue, "Read-only file system", "mount it for writing")
        d.idles()
        disks.umount(d.queue)
        d.running()
        d.complete(site)


def read_only_all(tmp):
    """The file system gives up (as with errors=remount-ro): every write fails.
    It is mended by mounting it anew, which needs a restart."""
    disks.need_mounts()
    image, disk = os.path.join(tmp, "image"), os.path.join(tmp, "disk")
    mkfs = shutil.which("mkfs.ext4") or "/usr/sbin/mkfs.ext4"
    os.mkdir(disk)
    with open(image, "wb") as f:
        f.truncate(16 << 20)
    if not os.path.exists(mkfs) or subprocess.run(
            [mkfs, "-q", image], check=False).returncode != 0 or subprocess.run(
            ["mount", "-o", "loop", image, disk], capture_output=True,
            check=False).returncode != 0:
        raise sites.Cases.Skip("no ext4 on a loop device can be had")
    queue, state = os.path.join(disk, "queue"), os.path.join(disk, "state")
    with disks.Site(60, 2000, hold=12) as site, disks.Daemon(
            tmp, ("queue.dir", queue), ("state.dir", state)) as d:
        d.queue, d.records = queue, lambda: sites.records(disk)
        d.begin(site)
        some(d)
        shut_down(disk)
        site.go()
        fault_of(d.blocked(), disk)
        d.idles()
        rc, _ = d.stop()
        assert rc == 0, (rc, d.words())
        disks.umount(disk)
        subprocess.run(["mount", "-o", "loop", image, disk], check=True)
        d.start()
        assert d.started() == 0, d.words()
        d.complete(site)


def shut_down(disk):
    """EXT4_IOC_SHUTDOWN, the journal flushed before: as after an error."""
    import fcntl
    import struct
    fd = os.open(disk, os.O_RDONLY)
    try:
        fcntl.ioctl(fd, 0x8004587d, struct.pack("I", 1))
    except OSError as e:
        raise sites.Cases.Skip("ext4 cannot be shut down here: %s" % e) from e
    finally:
        os.close(fd)


CASES = [
    ("limits: pages of sixty slow sites wait for few descriptors, queue and state do not",
     few_files),
    ("limits: the soft limit of open files is raised as far as transfers need", many_files),
    ("limits: a limit of open files that sinks while it runs", files_lowered),
    ("limits: a file that may not grow is no space, in words, not a signal", file_size),
    ("limits: files are sealed before the limit of their size", file_size_queue),
    ("lost disk: queue or state is moved away and put back", moved),
    ("lost disk: the queue's file system is unmounted and mounted again", unmounted),
    ("lost disk: the queue is removed and made again: what was open comes back", removed),
    ("lost disk: the state is removed, which is said at once", state_removed),
    ("lost disk: the seeds folder is moved away and put back", seeds_moved),
    ("lost disk: the right to write is taken away and given back", rights),
    ("lost disk: without the right to write it does not start, and says so",
     no_right_at_start),
    ("lost disk: a read-only file system at the start", read_only_start),
    ("lost disk: a read-only mount comes over the queue and goes", read_only_names),
    ("lost disk: a file system that gives up; mounted anew, a restart goes on",
     read_only_all),
]

if __name__ == "__main__":
    sys.exit(disks.run_cases(CASES))
