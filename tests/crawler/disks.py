"""What the tests of full and failing disks share: small file systems in a mount
namespace of their own, sites that fill them, and an account of every record.

A consumer that takes files away notes what was in them, so that at the end each
page can be asked for once: in what was taken or in what is still there."""
import concurrent.futures
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import sites
import webpages

IN_SPACE = "WINNOW_TEST_MOUNTS"
SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er")]


def own_mounts():
    """Goes on in a mount namespace of its own, where there is one to be had."""
    if os.environ.get(IN_SPACE):
        return
    os.environ[IN_SPACE] = "no"
    os.environ[IN_SPACE + "_ROOT"] = "yes" if os.geteuid() == 0 else "no"
    ways = [["unshare", "-m", "--propagation", "private"]] if os.geteuid() == 0 else []
    for way in ways + [["unshare", "-rm", "--propagation", "private"]]:
        if shutil.which("unshare") and subprocess.run(
                [*way, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"],
                capture_output=True, check=False).returncode == 0:
            os.environ[IN_SPACE] = "yes"
            os.execvp(way[0], [*way, sys.executable, *sys.argv])


def need_mounts():
    if os.environ.get(IN_SPACE) != "yes":
        raise sites.Cases.Skip("no file system can be mounted here")


def mount(path, options):
    need_mounts()
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", path], check=True)
    return path


def remount(path, options):
    subprocess.run(["mount", "-o", "remount," + options, path], check=True)


def umount(path):
    subprocess.run(["umount", path], check=True)


def run_cases(cases, at_once=6):
    """Several at a time: they mostly wait. Words on the command line pick some."""
    own_mounts()
    run = sites.Cases()

    def one(name, fn):
        with sites.workdir() as tmp:
            try:
                run.case(name, fn, tmp)
            finally:
                with open("/proc/self/mounts", encoding="utf-8") as f:
                    left = [x.split()[1] for x in f if x.split()[1].startswith(tmp)]
                for disk in sorted(left, reverse=True):
                    umount(disk)

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for f in [pool.submit(one, name, fn) for name, fn in cases
                  if not sys.argv[1:] or fn.__name__ in sys.argv[1:]]:
            f.result()
    return 1 if run.failed else 0


# ---- sites -------------------------------------------------------------------

def words(name, n):
    """A text of about n characters that packs to a half, like no other one."""
    rnd = random.Random(name)
    out, size = [], 0
    while size < n:
        line = " ".join("".join(rnd.choices(SYLLABLES, k=rnd.randint(1, 4)))
                        for _ in range(60)) + "."
        out.append("<p>%s</p>" % line.capitalize())
        size += len(line)
    return "".join(out)


class Site:
    """A front page and its articles, on one address or several. Those behind the
    first `hold` of a host come only after go(): whatever a test does between is
    done to a crawl that is not over."""

    def __init__(self, pages, size=9000, hosts=1, wait=0.0, hold=None):
        self.pages, self.size, self.wait, self.hold = pages, size, wait, hold
        self.gone_on = threading.Event()
        self.server = webpages.Server("0.0.0.0" if hosts > 1 else "127.0.0.1")
        self.server.more = self.page
        port = self.server.httpd.server_address[1]
        self.seeds = ["http://127.0.7.%d:%d/" % (i + 1, port) for i in range(hosts)]
        if hosts == 1:
            self.seeds = [self.server.base + "/"]

    def page(self, path):
        if self.wait:
            time.sleep(self.wait)
        if path == "/":
            return webpages.Page(webpages.listing(["p%d" % i for i in range(self.pages)]))
        name = path.rsplit("/", 1)[-1]
        if not path.startswith("/a/p") or not name[1:-5].isdigit():
            return None
        if self.hold is not None and int(name[1:-5]) >= self.hold:
            self.gone_on.wait(600)
        return webpages.Page((
            "<!DOCTYPE html><html lang=en><head><title>%s</title></head><body><article>"
            "<h1>%s</h1>%s</article></body></html>"
            % (name, name, words(name, self.size))).encode())

    def go(self):
        self.gone_on.set()

    def wanted(self):
        return {"%sa/p%d.html" % (s, i) for s in self.seeds for i in range(self.pages)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()
        self.server.__exit__()


# ---- the daemon ----------------------------------------------------------------

class Daemon(sites.Daemon):
    """Reaches the sites, and keeps account of what was taken out of its queue."""

    def __init__(self, tmp, *settings, wrap=()):
        self.taken, self.taken_bytes = [], 0
        self.queue, self.state = os.path.join(tmp, "queue"), os.path.join(tmp, "state")
        super().__init__(tmp, [
            ("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", "127.0.0.1:9"),
            ("fetch.hosts_file", ""), ("politeness.robots", "ignore"),
            ("politeness.delay", "0"), ("politeness.delay_address", "0"),
            ("queue.min_free", "0"), ("clean.workers", "2"),
            *settings])
        self.wrap = list(wrap)

    def write(self, settings):
        """The last word of a key counts."""
        last = dict([("queue.dir", os.path.join(self.dir, "queue")),
                     ("state.dir", os.path.join(self.dir, "state")),
                     ("seeds.spool", self.spool), ("control.socket", self.socket),
                     ("queue.flush_after", "20ms"), ("queue.seal_after", "100ms"),
                     *settings])
        self.settings = list(last.items())
        with open(self.conf, "w", encoding="utf-8") as f:
            for name, value in self.settings:
                f.write("[%s]\n%s = %s\n" % (*name.split("."), value))

    def begin(self, site):
        """Started, with the seeds of the site."""
        self.start()
        assert self.started() == 0, self.words()
        rc, out, err = self.ask("seed", "add", *site.seeds)
        assert rc == 0, (out, err)
        return self

    def blocked(self, limit=60):
        """The status of a daemon that cannot go on."""
        def is_blocked():
            st = self.status()
            return st if st["state"] == "blocked" else None
        st = sites.wait_for(is_blocked, limit, 0.05)
        assert st, "it was never blocked:\n" + self.words()[-2000:]
        return st

    def started(self, limit=30):
        """0: it runs; or the exit status of one that could not."""
        def is_said():
            self.notify.setblocking(False)
            try:
                return b"READY=1" in self.notify.recv(4096)
            except BlockingIOError:
                return self.proc.poll() is not None
        assert sites.wait_for(is_said, limit, 0.02), self.words()
        return self.proc.poll() or 0

    def running(self, limit=20):
        assert sites.wait_for(lambda: self.status()["state"] == "running", limit, 0.05), \
            (self.status(), self.words()[-2000:])

    def take(self, name):
        """What a consumer does that deletes: read, note, remove."""
        with gzip.open(name, "rt", encoding="utf-8") as f:
            self.taken += [json.loads(line) for line in f]
        self.taken_bytes += os.path.getsize(name)
        os.unlink(name)

    def everything(self):
        return self.taken + self.records()

    def complete(self, site, limit=90):
        """Each article is there, once; seq has no hole."""
        def done():
            return len([r for r in self.everything() if "/a/p" in r["url"]]) >= \
                len(site.wanted())
        assert sites.wait_for(done, limit, 0.2), \
            (len(self.everything()), self.status(), self.words()[-3000:])
        rc, _ = self.stop()
        assert rc == 0, (rc, self.words()[-2000:])
        self.account(site)

    def account(self, site):
        got = sorted(self.everything(), key=lambda r: int(r["seq"]))
        assert not sites.once(got), sites.once(got)
        missing = site.wanted() - {r["url"] for r in got}
        assert not missing, (len(missing), sorted(missing)[:3])

    def lines(self, word):
        return [x for x in self.words().splitlines() if word in x]

    def idles(self, seconds=1.5):
        """While it waits it neither spins nor floods its log."""
        def used():
            with open("/proc/%d/stat" % self.proc.pid, encoding="ascii") as f:
                parts = f.read().rpartition(")")[2].split()
            return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
        cpu, said = used(), len(self.words().splitlines())
        time.sleep(seconds)
        cpu, said = used() - cpu, len(self.words().splitlines()) - said
        assert cpu < seconds / 3, "%.2f s of CPU in %.1f s" % (cpu, seconds)
        assert said <= 4, self.words()[-2000:]
