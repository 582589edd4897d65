"""The daemon of a long run, and who looks after it: what systemd does (start it
again), a consumer, samples every few seconds."""
import csv
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites"), os.path.join(HERE, "..", "crawler")]
import account  # noqa: E402
import disks  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
import watch  # noqa: E402
import world  # noqa: E402

CLOCK = os.path.abspath(os.path.join(sites.BUILD, "tests/preload/clock.so"))
MIB = 1 << 20


def settings(delay, turn):
    """Hosts that fail rest for seconds, so that a run sees them come back;
    articles are asked again for as long as there is nothing new."""
    ms = "%dms"
    return [("politeness.delay", ms % (1000 * delay)), ("politeness.backoff", ms % (500 * delay)),
            ("politeness.rest", ms % (2000 * delay)), ("politeness.max_rest", ms % (6000 * delay)),
            ("fetch.connect_timeout", "2s"), ("fetch.first_byte_timeout", "3s"),
            ("fetch.dns_timeout", "2s"), ("fetch.hosts_file", ""), ("find.sitemap_places", ""),
            ("scope.max_depth", "1000"), ("revisit.hub_pace", ms % (1000 * turn)),
            ("revisit.hub_min", ms % (250 * turn)), ("revisit.hub_max", ms % (1000 * turn)),
            ("revisit.article_min", ms % (1000 * turn)),
            ("revisit.article_max", ms % (1000 * turn)),
            ("revisit.gone_after", ms % (500 * turn)),
            ("keep.raw_bytes", "8MiB"), ("clean.workers", "2"), ("queue.min_free", "0"),
            ("queue.flush_after", "1s"), ("queue.seal_after", "4s")]


class Daemon(sites.Daemon):
    """With a wall clock that can be set, and its queue and state on a disk that
    can be full."""

    def __init__(self, tmp, more, disk=None):
        where = disk or tmp
        self.queue, self.state = os.path.join(where, "queue"), os.path.join(where, "state")
        self.shift = os.path.join(tmp, "clock")
        self.more = [("queue.dir", self.queue), ("state.dir", self.state), *more]
        self.env, self.starts = {}, 0
        super().__init__(tmp, self.more)
        if os.path.exists(CLOCK):
            self.set_clock(0)
            self.wrap = ["env", "LD_PRELOAD=" + CLOCK, "CLOCK_SHIFT=" + self.shift,
                         "ASAN_OPTIONS=" + os.environ.get("ASAN_OPTIONS", "") +
                         ":verify_asan_link_order=0"]

    def write(self, settings):
        """The last word of a key counts."""
        last = {"seeds.spool": self.spool, "control.socket": self.socket, **dict(settings)}
        with open(self.conf + ".new", "w", encoding="utf-8") as f:
            for name, value in last.items():
                f.write("[%s]\n%s = %s\n" % (*name.split("."), value))
        os.rename(self.conf + ".new", self.conf)

    def set_clock(self, seconds):
        """The daemon's wall clock goes so far ahead of the machine's."""
        mode = "r+b" if os.path.exists(self.shift) else "wb"
        with open(self.shift, mode, buffering=0) as f:
            f.write(struct.pack("q", int(seconds * 10**9)))

    def start(self, *more):
        self.starts += 1
        return super().start(*more)

    def drain(self):
        """What it told its manager is read, or it would have nowhere to put it."""
        try:
            self.notify.setblocking(False)
            while self.notify.recv(4096):
                pass
        except (OSError, AttributeError):
            pass


class House:
    """world, daemon, consumer and samples of one run."""

    def __init__(self, tmp, hosts, delay, every, turn, public, mounts=True):
        self.tmp, self.phase, self.rows = tmp, "begin", []
        self.net = hostile_net.Net(public)
        dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        dns.bind(("127.0.0.1", 53 if public else 0))
        self.plan = world.Plan(self.net, hosts, every, turn)
        self.world = world.World(self.plan, dns)
        more = settings(delay, turn) + [("fetch.dns", self.world.dns)]
        if not public:
            more.append(("fetch.allow_net", "127.1.0.0/16"))
        self.disk = None
        if mounts and os.environ.get(disks.IN_SPACE) == "yes":
            self.disk = disks.mount(os.path.join(tmp, "disk"), "size=512m")
        self.d = Daemon(tmp, more, self.disk)
        self.account = account.Account(self.d.queue)
        self.lock, self.over = threading.Lock(), threading.Event()
        self.thread, self.crashes, self.expected = None, [], False
        self.began = time.monotonic()

    # ---- a supervisor -----------------------------------------------------------

    def begin(self, every):
        self.d.start().ready()
        with open(os.path.join(self.d.spool, "seeds.part"), "w", encoding="utf-8") as f:
            f.writelines(u + "\n" for u in self.plan.seeds())
        os.rename(f.name, os.path.join(self.d.spool, "seeds.txt"))
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.watch, args=(every,), daemon=True)
        self.thread.start()

    def watch(self, every):
        """Samples to a file; a daemon that has ended is started again."""
        with open(os.path.join(self.tmp, "samples.csv"), "w", encoding="utf-8") as f:
            out = csv.DictWriter(f, watch.FIELDS)
            out.writeheader()
            while not self.over.wait(every):
                with self.lock:
                    row = self.look()
                if row is not None:
                    self.rows.append(row)
                    out.writerow(row)
                    f.flush()

    def look(self):
        if self.d.proc.poll() is not None:
            if not self.expected:
                self.crashes.append("%s: status %s" % (self.phase, self.d.proc.returncode))
            self.restart()
        self.d.drain()
        self.account.take()
        return watch.sample(self.d, self.plan, self.began, self.phase)

    def restart(self):
        self.d.notify.close()
        self.d.start().ready()

    def kill(self):
        """kill -9, and what the service manager does then."""
        with self.lock:
            self.d.proc.kill()
            self.d.proc.wait()
            self.restart()

    # ---- rates -------------------------------------------------------------------

    def rate(self, seconds):
        """Requests a second that were answered, in the time to come."""
        n, began = self.plan.asked(), time.monotonic()
        time.sleep(seconds)
        return (self.plan.asked() - n) / (time.monotonic() - began)

    def recovered(self, normal, limit):
        """Seconds until the rate is what it was, for a piece of time; None."""
        began = time.monotonic()
        while time.monotonic() - began < limit:
            if self.rate(self.piece) >= 0.85 * normal:
                return max(0.0, time.monotonic() - began - self.piece)
        return None

    # ---- the end -------------------------------------------------------------------

    def complete(self, limit):
        """Nothing is published any more, and all there is has landed."""
        self.plan.freeze()

        def landed():
            with self.lock:
                return not self.account.missing(self.plan)
        return sites.wait_for(landed, limit, 0.5)

    def stop(self):
        """Exit status and seconds; the last records are counted too."""
        self.over.set()
        self.thread.join()
        rc, took = self.d.stop()
        rc_verify, out, err = sites.run([sites.WINNOW, "queue", "verify", self.d.queue], 120)
        self.account.take()
        return rc, took, "" if rc_verify == 0 else "verify: %d %s%s" % (rc_verify, out, err)

    def close(self):
        self.over.set()
        if self.thread is not None:
            self.thread.join()
        self.d.stop()
        self.world.close()
        if self.disk is not None:
            disks.umount(self.disk)


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def link(up):
    """The network of this namespace: all of lo, taken away and given back."""
    subprocess.run(["ip", "link", "set", "lo", "up" if up else "down"], check=True)
