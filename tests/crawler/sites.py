"""What the test scripts share: the example sites, a crawl of them, its records.

Everything is loopback and ends by itself; processes are ended by their id."""
import glob
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import unicodedata
import urllib.request
from collections import Counter

BUILD = os.environ.get("BUILD", "build")
WINNOW = os.path.join(BUILD, "winnow")
WINNOWD = os.path.join(BUILD, "winnowd")
SITES = os.path.join(BUILD, "tests/sites/winnow-sites")


# Limits are those of a machine that does nothing else; on a busy one all takes
# longer, and who waits for something that comes waits no longer than it takes.
PATIENCE = 6


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

    def log(self):
        """What was asked so far: began, ended, host, path, status, agent."""
        url = "http://%s:%d/__log" % (self.sites[0]["address"], self.port)
        with urllib.request.urlopen(url, timeout=10 * PATIENCE) as f:
            rows = [json.loads(line) for line in f]
        return [dict(r, host=r["host"].split(":")[0]) for r in rows]

    def url(self, name, path):
        """An address on the site of that name."""
        host = next(s["host"] for s in self.sites if s["name"] == name)
        return "http://%s:%d%s" % (host, self.port, path)

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
    line = "%s - %s\n" % ("ok" if good else "not ok", name)
    if not good and why:
        line += "  %s\n" % why
    sys.stdout.write(line)  # in one: cases may run side by side
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
    if set(r["text_hash"] for r in recs if r["similarity"] in (None, 1)) - set(firsts):
        return "a text has no record without dup_of"
    ids = set(r["id"] for r in recs)
    if [r for r in recs if r["dup_of"] is not None and r["dup_of"] not in ids]:
        return "dup_of names a record that is not there"
    if seqs and seqs != list(range(seqs[0], seqs[0] + len(seqs))):
        return "seq has a hole"
    return ""


def workdir():
    return tempfile.TemporaryDirectory(prefix="winnow-test-")


# ---- running things ----------------------------------------------------------

def run(cmd, limit=60, stdin=None, **more):
    """Status, stdout, stderr of a command that must end by itself."""
    p = subprocess.run(cmd, capture_output=True, text=True, input=stdin,
                       timeout=limit * PATIENCE, check=False, **more)
    return p.returncode, p.stdout, p.stderr


def wait_for(what, limit=10, every=0.02):
    """The first true value of what(), or the last false one after limit s (of a
    busy machine)."""
    end = time.monotonic() + limit * PATIENCE
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(every)


def slowness():
    """How much longer this machine takes now than one that does nothing else: by
    a piece of work. What must be over in 5 s may take 5 * slowness()."""
    began, cpu = time.monotonic(), time.thread_time()
    while time.thread_time() - cpu < 0.1:
        pass
    return max(1.0, (time.monotonic() - began) / 0.1)


class Cases:
    """Runs functions as test cases: an exception is a failure, Skip is not."""

    class Skip(Exception):
        pass

    def __init__(self):
        self.failed = 0

    def case(self, name, fn, *args):
        try:
            fn(*args)
            ok(True, name)
        except Cases.Skip as e:
            sys.stdout.write("skip - %s: %s\n" % (name, e))
            sys.stdout.flush()
        except Exception:  # the next case still runs
            self.failed += 1
            why = traceback.format_exc().strip().splitlines()
            ok(False, name, "\n  ".join(why[-12:])[-3000:])


def sanitized():
    """True for a build that checks itself: larger, and slower."""
    with open(WINNOWD, "rb") as f:
        return b"__asan_init" in f.read()


def only_available(program):
    if shutil.which(program) is None:
        raise Cases.Skip(program + " is not installed")


# ---- comparing texts -----------------------------------------------------------

def fold(text):
    """One form of a text: compatible characters are one, spaces are gone."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def f1(want, got, n=4):
    """Agreement of two texts, by runs of n characters."""
    def grams(t):
        t = fold(t)
        return Counter(t[i:i + n] for i in range(max(1, len(t) - n + 1)))
    a, b = grams(want), grams(got)
    both = sum((a & b).values())
    return 2 * both / (sum(a.values()) + sum(b.values()))


# ---- the daemon ------------------------------------------------------------------

class Daemon:
    """winnowd in a directory of its own, started with a NOTIFY_SOCKET."""

    def __init__(self, tmp, settings=()):
        self.dir = tmp
        self.conf = os.path.join(tmp, "winnowd.conf")
        self.spool = os.path.join(tmp, "spool")
        self.socket = os.path.join(tmp, "control.sock")
        self.err = os.path.join(tmp, "stderr")
        self.proc = self.notify = None
        self.program, self.wrap = WINNOWD, []
        os.makedirs(self.spool, exist_ok=True)
        self.write(settings)

    def write(self, settings):
        """The configuration file: (section.key, value) pairs."""
        base = [("queue.dir", os.path.join(self.dir, "queue")),
                ("state.dir", os.path.join(self.dir, "state")),
                ("seeds.spool", self.spool),
                ("control.socket", self.socket),
                ("queue.flush_after", "50ms"),
                ("queue.seal_after", "300ms"),
                ("queue.min_free", "1MiB")]
        with open(self.conf, "w", encoding="utf-8") as f:
            for name, value in base + list(settings):
                section, key = name.split(".")
                f.write("[%s]\n%s = %s\n" % (section, key, value))

    def start(self, *more):
        path = os.path.join(self.dir, "notify")
        if os.path.exists(path):
            os.unlink(path)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(path)
        os.chmod(path, 0o777)
        with open(self.err, "ab") as err:
            self.proc = subprocess.Popen(
                [*self.wrap, self.program, "-c", self.conf, *more], stderr=err,
                stdout=err, env=dict(os.environ, NOTIFY_SOCKET=path))
        return self

    def said(self, word, limit=10):
        """True when the daemon says that word to its manager in time."""
        end = time.monotonic() + limit * PATIENCE
        while time.monotonic() < end:
            self.notify.settimeout(max(0.01, end - time.monotonic()))
            try:
                if word in self.notify.recv(4096).decode().split("\n"):
                    return True
            except socket.timeout:
                break
            if self.proc.poll() is not None:
                break
        return False

    def ready(self):
        if not self.said("READY=1"):
            raise AssertionError("winnowd did not start:\n" + self.words())
        return self

    def words(self):
        with open(self.err, encoding="utf-8", errors="replace") as f:
            return f.read()

    def ask(self, *command, limit=30):
        """A subcommand of winnow with this daemon's configuration."""
        n = 2 if command[0] == "seed" else 1
        return run([WINNOW, *command[:n], "-c", self.conf, *command[n:]], limit)

    def files(self):
        """The sealed files of its queue."""
        return glob.glob(os.path.join(self.dir, "queue/ready/*/*.gz"))

    def status(self):
        rc, out, err = self.ask("status", "--json")
        if rc != 0:
            raise AssertionError("status: %d %s" % (rc, err))
        return json.loads(out)

    def why(self, url):
        """The daemon's answer about a URL, None when it knows nothing."""
        rc, out, _ = self.ask("why", "--json", url)
        return json.loads(out) if rc == 0 else None

    def settled(self, url, limit=20):
        def is_settled():
            w = self.why(url)
            return w if w is not None and w["state"] != "due" else None
        return wait_for(is_settled, limit, 0.05)

    def stop(self, sig=signal.SIGTERM, limit=15):
        """Its exit status, and how long it took."""
        if self.proc is None:
            return None, 0.0
        began = time.monotonic()
        if self.proc.poll() is None:
            self.proc.send_signal(sig)
        try:
            rc = self.proc.wait(limit * PATIENCE)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
            rc = None
        self.proc = None
        self.notify.close()
        return rc, time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def records(self):
        return records(self.dir)
