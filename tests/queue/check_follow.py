#!/usr/bin/env python3
"""check_follow.py - who waits for records: follow, next --wait.

Each waits in a process of its own for a queue that test_fill goes on with. A
process that polled would be seen: strace counts what it calls while it sleeps.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
WINNOW = BUILD + "/winnow"
FILL = BUILD + "/tests/queue/test_fill"
T = tempfile.mkdtemp()
failed = []
procs = []


def check(name, good, words=""):
    if not good:
        print("  " + str(words)[:2000])
        failed.append(name)
    print(("ok - " if good else "not ok - ") + name, flush=True)


def queue(*args, **kw):
    return subprocess.run([WINNOW, "queue", *args], text=True,
                          capture_output=True, timeout=300, **kw)


def fill(q, n):
    subprocess.run([FILL, q, str(n)], check=True, timeout=300,
                   stdout=subprocess.DEVNULL)


class Waiting:
    """A winnow queue that runs beside us; its stdout goes to a file."""
    n = 0

    def __init__(self, *args, command=None):
        Waiting.n += 1
        self.out = "%s/out.%d" % (T, Waiting.n)
        self.err = self.out + ".err"
        self.p = subprocess.Popen(
            (command or []) + [WINNOW, "queue", *args],
            stdout=open(self.out, "wb"), stderr=open(self.err, "wb"))
        procs.append(self.p)

    def lines(self):
        """Those that are whole: it may be writing just now."""
        with open(self.out) as f:
            return f.read().split("\n")[:-1]

    def words(self):
        with open(self.err) as f:
            return f.read()

    def until(self, n, seconds=30):
        end = time.time() + seconds
        while len(self.lines()) < n and time.time() < end:
            time.sleep(0.02)
        return len(self.lines())

    def asleep(self, seconds=180):
        """Until it watches, and sleeps."""
        proc, end = "/proc/%d/" % self.p.pid, time.time() + seconds
        while time.time() < end:
            time.sleep(0.05)
            try:
                watches = any("inotify" in os.readlink(proc + "fd/" + n)
                              for n in os.listdir(proc + "fd"))
                with open(proc + "stat") as f:
                    state = f.read().rsplit(")")[1].split()[0]
                with open(proc + "wchan") as f:
                    where = f.read()
            except OSError:
                continue
            if watches and state == "S" and ("poll" in where or
                                             where in ("", "0")):
                return True
        return False

    def end(self, seconds=180):
        try:
            return self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()


def new_queue(name, n=20):
    q = "%s/%s" % (T, name)
    fill(q, n)
    return q


def seqs(lines):
    return [int(l.split('"seq":"')[1].split('"')[0]) for l in lines]


def test_follow():
    q = new_queue("a")
    every, new = Waiting("follow", q), Waiting("follow", "--new", q)
    three = Waiting("follow", "--new", "-n", "3", q)
    text = Waiting("follow", "--new", "--text", "--fields", "seq",
                   "--where", "seq=33", q)
    for w in (every, new, three, text):
        w.asleep()
    fill(q, 20)
    check("queue follow: everything, then what is sealed",
          every.until(40) == 40 and seqs(every.lines()) == list(range(1, 41)))
    check("queue follow: --new gives what is sealed from now on",
          new.until(20) == 20 and seqs(new.lines()) == list(range(21, 41)))
    check("queue follow: -n ends it",
          three.end() == 0 and seqs(three.lines()) == [21, 22, 23])
    check("queue follow: --where and --text",
          text.until(1) >= 1 and text.lines()[0] == "33", text.lines())
    os.makedirs(q + "/away")
    days = os.listdir(q + "/ready")
    for d in days:
        os.rename(q + "/ready/" + d, q + "/away/" + d)
    fill(q, 20)
    check("queue follow: a day that was taken away, and is there anew",
          new.until(40) == 40 and seqs(new.lines()) == list(range(21, 61)))
    shutil.rmtree(q + "/ready")
    new.asleep()
    fill(q, 20)
    check("queue follow: ready/ that was removed, and is made again",
          new.until(60) == 60 and seqs(new.lines()) == list(range(21, 81)),
          (len(new.lines()), new.words()))
    for w in (every, new, text):
        w.stop()


def test_sleep():
    name = "queue follow: sleeps until something is sealed, without polling"
    q = new_queue("s")
    if shutil.which("strace") is None:
        print("skip - %s: no strace" % name)
        return
    log = T + "/strace"
    w = Waiting("follow", "--new", q,
                command=["strace", "-f", "-o", log, "-e", "trace=all"])
    end = time.time() + 30
    while time.time() < end:
        time.sleep(0.1)
        with open(log) as f:
            lines = f.read().splitlines()
        if lines and "poll(" in lines[-1]:
            break
    if not lines or "PTRACE" in w.words() or "ptrace" in w.words():
        w.stop()
        print("skip - %s: strace may not trace here" % name)
        return
    before = len(lines)
    time.sleep(3)
    with open(log) as f:
        after = f.read().splitlines()
    check(name, len(after) == before and "poll(" in after[-1],
          after[before - 1:])
    kid = int(after[0].split()[0])
    os.kill(kid, signal.SIGTERM)
    w.end()
    w.stop()


def test_overflow():
    name = "queue follow: an overflow of inotify's queue loses nothing"
    try:
        with open("/proc/sys/fs/inotify/max_queued_events") as f:
            limit = int(f.read())
    except OSError:
        limit = 1 << 30
    if limit > 100000:
        print("skip - %s: its queue holds %d" % (name, limit))
        return
    q = new_queue("o")
    w = Waiting("follow", "--new", q)
    w.asleep()
    w.p.send_signal(signal.SIGSTOP)
    day = q + "/ready/" + sorted(os.listdir(q + "/ready"))[-1]
    open(day + "/x0", "w").close()
    for i in range(limit + 100):  # names must differ, or events are merged
        os.rename("%s/x%d" % (day, i), "%s/x%d" % (day, i + 1))
    fill(q, 20)
    w.p.send_signal(signal.SIGCONT)
    check(name, w.until(20) == 20 and
          seqs(w.lines()) == list(range(21, 41)), w.lines())
    w.stop()


def test_lost():
    def gone(name, make, lose):
        q, path = make()
        w = Waiting("follow", q)
        w.until(20)
        w.asleep()
        lose(path)
        check("queue follow: %s ends it, with words" % name,
              w.end() == 1 and "moved or removed" in w.words(),
              (w.p.poll(), w.words()))
        w.stop()

    def plain():
        q = new_queue("l%d" % Waiting.n)
        return q, q

    def deep():
        os.makedirs(T + "/d%d/e" % Waiting.n)
        q = new_queue("d%d/e/q" % Waiting.n)
        return q, os.path.dirname(os.path.dirname(q))

    gone("a queue that is removed", plain, shutil.rmtree)
    gone("a queue that is moved", plain, lambda p: os.rename(p, p + ".old"))
    gone("a folder above that is moved", deep,
         lambda p: os.rename(p, p + ".old"))

    def again(p):
        os.rename(p, p + ".old")
        fill(p, 5)
    gone("a queue that is another one now", plain, again)


def test_reader_leaves():
    q = new_queue("p")
    p = subprocess.Popen([WINNOW, "queue", "follow", q],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    procs.append(p)
    for _ in range(20):
        p.stdout.readline()
    p.stdout.close()
    try:
        rc = p.wait(180)
    except subprocess.TimeoutExpired:
        rc = None
    words = p.stderr.read() if rc is not None else b"still there"
    check("queue follow: ends quietly when nobody reads on",
          rc in (0, -signal.SIGPIPE) and words == b"", (rc, words))
    if rc is None:
        p.kill()
        p.wait()


def test_stop():
    """Stopped in the middle of a flood, by a reader that takes its time."""
    q = new_queue("t", 3000)
    good = True
    for sig, wait in ((signal.SIGTERM, 0.0), (signal.SIGINT, 0.002),
                      (signal.SIGTERM, 0.01), (signal.SIGTERM, 0.3)):
        p = subprocess.Popen([WINNOW, "queue", "follow", q], bufsize=0,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        procs.append(p)
        out = p.stdout.readline()
        time.sleep(wait)
        p.send_signal(sig)
        try:
            rest, words = p.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            p.kill()
            rest, words = p.communicate()
            good = False
        lines = (out + rest).decode().split("\n")
        good &= p.returncode == 0 and words == b"" and lines.pop() == ""
        good &= seqs(lines) == list(range(1, len(lines) + 1))
    check("queue follow: who stops it cuts no record", good,
          (p.returncode, words, lines[-2:]))


def test_empty():
    q = new_queue("e", 1)
    for d in os.listdir(q + "/ready"):
        shutil.rmtree(q + "/ready/" + d)
    w = Waiting("follow", q)
    n = Waiting("next", "--consumer", "e", "--wait", q)
    w.asleep()
    n.asleep()
    fill(q, 5)
    check("queue follow: a queue that holds nothing yet",
          w.until(5) == 5 and n.end() == 0 and len(n.lines()) == 1,
          (w.lines(), n.lines(), w.words(), n.words()))
    w.stop()


def test_wait():
    q = new_queue("w")
    queue("ack", "--consumer", "c", q, "20")
    w = Waiting("next", "--consumer", "c", "-n", "50", "--wait", q)
    other = Waiting("next", "--consumer", "c", "-n", "50", "--wait",
                    "--where", "seq=44", q)
    w.asleep()
    other.asleep()
    fill(q, 20)
    check("queue next: --wait sleeps until there is something",
          w.end() == 0 and seqs(w.lines())[0] == 21, w.words())
    r = queue("ack", "--consumer", "c", q)
    check("queue ack: what --wait gave", r.returncode == 0, r.stderr)
    check("queue next: --wait goes on waiting where --where leaves all out",
          other.p.poll() is None and other.lines() == [])
    fill(q, 20)
    check("queue next: --wait and --where", other.end() == 0 and
          seqs(other.lines()) == [44], other.lines())


def test_killed():
    """A consumer that dies between next and ack, or in the middle of next."""
    q = new_queue("k", 2000)
    got, acks, n = set(), 0, 0
    while n < 400:
        n += 1
        p = subprocess.Popen(
            [WINNOW, "queue", "next", "--consumer", "k", "-n", "100", q],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        procs.append(p)
        if n % 3 == 0:  # dies while it is given them
            p.stdout.readline()
            p.kill()
            p.communicate()
            continue
        out = p.communicate()[0].decode().splitlines()
        if p.returncode == 7:
            break
        first = seqs(out)[0]
        if first != acks + 1:
            check("queue next: begins behind the last ack", False, first)
            break
        got.update(seqs(out))
        if n % 3 == 1:  # dies before the ack
            continue
        r = queue("ack", "--consumer", "k", q)
        acks = seqs(out)[-1] if r.returncode == 0 else acks
    check("queue next: a consumer that dies before its ack gets them again",
          got == set(range(1, 2001)) and acks == 2000, (len(got), acks, n))


def test_same_name():
    """Two loops of one name: nothing is lost, the cursor never goes back."""
    q = new_queue("n", 1000)
    script = ('while %s queue next --consumer n -n 30 "$0" >>"$1"; do '
              '%s queue ack --consumer n "$0" 2>>"$1.err"; done; '
              'true' % (WINNOW, WINNOW))
    outs = [T + "/same.1", T + "/same.2"]
    ps = [subprocess.Popen(["sh", "-c", script, q, o]) for o in outs]
    procs.extend(ps)
    last, back = 0, False
    while any(p.poll() is None for p in ps):
        line = queue("cursor", "list", q).stdout.split("\t")
        if len(line) > 1:
            back |= int(line[1]) < last
            last = int(line[1])
        time.sleep(0.02)
    got = set()
    for o in outs:
        with open(o) as f:
            got.update(seqs(f.read().splitlines()))
    check("queue next: two processes of one name: all given, none back",
          got == set(range(1, 1001)) and not back, (len(got), back))


def main():
    try:
        for test in (test_follow, test_sleep, test_overflow, test_lost,
                     test_reader_leaves, test_stop, test_empty, test_wait, test_killed,
                     test_same_name):
            test()
    finally:
        for p in procs:
            if p.poll() is None:
                p.kill()
        shutil.rmtree(T, ignore_errors=True)
    return 1 if failed else 0


sys.exit(main())
