#!/usr/bin/env python3
"""What winnowd tells its service manager, and when it does not: READY, RELOADING,
STOPPING, a sentence for people, and a sign of life that means one.

The test is the manager: it holds the socket that NOTIFY_SOCKET names. The daemon
with test hooks hangs on SIGUSR2, and storms on SIGURG."""
import json
import os
import signal
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import disks  # noqa: E402
import sites  # noqa: E402

HOOKED = os.path.join(sites.BUILD, "tests/hooks/winnowd")
WATCHDOG = 2.0  # seconds that this manager would wait

# Fills the manager's socket, then becomes the program.
FILL = """import os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.setblocking(False)
    try:
        while True:
            s.sendto(b"X_NOISE=1", os.environ["NOTIFY_SOCKET"])
    except BlockingIOError:
        os.execv(sys.argv[1], sys.argv[1:])
"""


class Manager(disks.Daemon):
    """A daemon whose datagrams are kept, all of them, in their order."""

    def __init__(self, tmp, *settings):
        super().__init__(tmp, *settings)
        self.program, self.heard = HOOKED, []

    def listen(self, seconds=0.0):
        """What came by then, as dictionaries with the time at which it was read."""
        end, new = time.monotonic() + seconds, []
        while True:
            self.notify.settimeout(max(0.001, end - time.monotonic()))
            try:
                text = self.notify.recv(8192).decode()
            except socket.timeout:
                break
            new.append(dict(line.split("=", 1) for line in text.split("\n")))
        self.heard += new
        return new

    def hear(self, name, limit=20):
        """The first datagram with that variable; those before it are passed by."""
        end = time.monotonic() + limit * sites.PATIENCE
        while time.monotonic() < end:
            for i, said in enumerate(self.heard):
                if name in said:
                    del self.heard[:i + 1]
                    return said
            self.listen(0.05)
        raise AssertionError("no %s in %d s: %s" % (name, limit, self.words()[-2000:]))

    def signs(self, seconds):
        """Signs of life in that time."""
        self.listen()
        self.heard.clear()
        return sum("WATCHDOG" in said for said in self.listen(seconds))


def ask(path, text):
    with socket.socket(socket.AF_UNIX) as c:
        c.settimeout(120)
        c.connect(path)
        c.sendall(text)
        c.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: c.recv(65536), b""))


def ready(tmp):
    with Manager(tmp) as d:
        d.start()
        said = d.hear("READY")
        assert json.loads(ask(d.socket, b"status\n"))["state"] == "running"
        assert "nothing is due" in said["STATUS"], said


def full_socket(tmp):
    """The manager is busy and its socket full: the daemon starts, answers, reloads,
    and its words arrive once there is room, in their order."""
    with Manager(tmp) as d:
        d.wrap = [sys.executable, "-c", FILL]
        d.start()
        assert sites.wait_for(lambda: os.path.exists(d.socket)), d.words()
        assert json.loads(ask(d.socket, b"status\n"))["ok"]
        assert json.loads(ask(d.socket, b"reload\n"))["ok"]
        assert json.loads(ask(d.socket, b"status\n"))["ok"], "it waits for its manager"
        for word in ("READY", "RELOADING", "READY"):
            said = d.hear(word)
        d.notify.close()  # it is gone: that is no reason to stop
        assert json.loads(ask(d.socket, b"reload\n"))["ok"]


def reloading(tmp):
    with Manager(tmp) as d:
        d.start()
        d.hear("READY")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        d.proc.send_signal(signal.SIGHUP)
        at = int(d.hear("RELOADING")["MONOTONIC_USEC"])
        assert before <= at <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, at
        assert "reload" not in d.hear("READY")["STATUS"]
        with open(d.conf, "a", encoding="utf-8") as f:
            f.write("[fetch]\ntimeout = 30 parsecs\nREADY=1\n")
        d.proc.send_signal(signal.SIGHUP)
        d.hear("RELOADING")
        for said in (d.hear("READY"), d.hear("WATCHDOG")):
            assert "the last reload failed: " in said["STATUS"], said
            assert d.conf + ":" in said["STATUS"] and "parsecs" in said["STATUS"], said
        good = d.settings
        d.write(good + [("fetch.timeout", "a" + "\u79d2" * 400)])  # it is cut
        d.proc.send_signal(signal.SIGHUP)
        assert "\u79d2" in d.hear("READY")["STATUS"]
        with open(d.conf, "ab") as f:
            f.write(b"timeout = \xb5\xc8\x1b[2J\n")
        d.proc.send_signal(signal.SIGHUP)
        assert "last reload failed" in d.hear("READY")["STATUS"]
        d.write(good)
        d.proc.send_signal(signal.SIGHUP)
        d.hear("RELOADING")
        assert "reload" not in d.hear("READY")["STATUS"]


def early_reload(tmp):
    """A reload that is asked for while it starts is none's end, and is done then.
    (What the start waits for here is a pipe that it reads names from.)"""
    pipe = os.path.join(tmp, "hosts")
    os.mkfifo(pipe)
    with Manager(tmp, ("fetch.hosts_file", pipe)) as d:
        d.start()
        # Nobody can write there before somebody reads: it is in its start.
        assert sites.wait_for(lambda: writer(pipe) is not None), d.words()
        d.proc.send_signal(signal.SIGHUP)
        time.sleep(0.1)
        os.close(writer.fd)
        for word in ("READY", "RELOADING", "READY"):
            d.hear(word)


def writer(pipe):
    try:
        writer.fd = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None
    return writer.fd


def stopping(tmp):
    for how in "signal", "command":
        with Manager(tmp) as d:
            d.start()
            d.hear("READY")
            if how == "signal":
                d.proc.send_signal(signal.SIGTERM)
            else:
                assert d.ask("stop")[0] == 0
            assert "stopping" in d.hear("STOPPING")["STATUS"], how
            assert d.proc.wait(60) == 0


def cannot_start(tmp):
    with Manager(tmp, ("queue.dir", "/proc/nowhere")) as d:
        d.start()
        assert "cannot start" in d.hear("STATUS")["STATUS"]
        assert d.proc.wait(60) == 1


def lives(tmp):
    """Signs of life of a daemon that is idle, paused, without room, and busy."""
    with disks.Site(120, hosts=2) as site, Manager(tmp) as d:
        d.start()
        d.hear("READY")
        assert d.signs(WATCHDOG) > 0, "idle"
        assert d.ask("pause")[0] == 0
        d.ask("seed", "add", *site.seeds)
        assert d.signs(WATCHDOG) > 0, "paused"
        assert "paused" in d.hear("STATUS")["STATUS"]
        d.write(d.settings + [("queue.max_bytes", "8KiB")])
        assert d.ask("reload")[0] == 0 and d.ask("resume")[0] == 0
        d.blocked()
        assert d.signs(WATCHDOG) > 0, "no room"
        assert "queue.max_bytes is 8 KiB" in d.hear("STATUS")["STATUS"]
        d.write(d.settings + [("queue.max_bytes", "0")])
        assert d.ask("reload")[0] == 0
        assert d.signs(WATCHDOG) > 0, "busy"
        d.complete(site)


def long_list(tmp):
    """A list is taken in one piece, at a start too; signs of life come in between."""
    listed = os.path.join(tmp, "many.txt")
    with open(listed, "w", encoding="utf-8") as f:
        f.writelines("http://h%d.example.test/%d\n" % (i % 500, i) for i in range(20000))
    with Manager(tmp) as d:
        d.start()
        d.hear("READY")
        assert d.ask("pause")[0] == 0
        d.write(d.settings + [("seeds.files", listed)])
        d.proc.send_signal(signal.SIGHUP)
        d.hear("RELOADING")

        def before_ready():
            d.listen(0.05)
            said = [next(iter(x)) for x in d.heard]
            return said[:said.index("READY")] if "READY" in said else None
        signs = sites.wait_for(before_ready, 60)
        assert signs and signs.count("WATCHDOG") >= 4, (signs, d.words())
        # At a start the same keeps TimeoutStartSec= from ending it.
        d.stop()
        d.start()
        before = d.hear("EXTEND_TIMEOUT_USEC")
        assert int(before["EXTEND_TIMEOUT_USEC"]) >= 60e6, before
        d.hear("READY")


def no_list(tmp):
    """What is no list at all, and large, is no hang either; a pipe is not waited for,
    nor is more read than any list has."""
    wrong, pipe = os.path.join(tmp, "wrong.txt"), os.path.join(tmp, "pipe.txt")
    with open(wrong, "w", encoding="ascii") as f:
        f.write("x\n" * 40000)
    os.mkfifo(pipe)
    with open(os.path.join(tmp, "zeros.txt"), "w", encoding="ascii") as f:
        f.truncate(1 << 40)
    with Manager(tmp, ("seeds.files", ", ".join((wrong, pipe, f.name)))) as d:
        d.start()
        signs = 0
        while "READY" not in (said := d.hear("EXTEND_TIMEOUT_USEC") if signs < 5
                              else d.hear("READY")):
            signs += 1
        assert signs == 5 and "nothing is due" in said["STATUS"], (signs, said)
        words = d.words()
        assert "bad=40000" in words and "File too large" in words, words[-3000:]
        assert "Invalid argument" in words, words[-3000:]


def hangs(tmp, sig):
    """A loop that hangs, or serves one event only, says nothing more."""
    with Manager(tmp) as d:
        d.start()
        d.hear("READY")
        d.hear("WATCHDOG")
        d.proc.send_signal(sig)
        time.sleep(WATCHDOG / 2)
        assert d.signs(2 * WATCHDOG) == 0
        assert d.proc.poll() is None
        d.stop(signal.SIGKILL)


CASES = (
    ("READY=1 is said when a client of the control socket is answered", ready),
    ("a manager whose socket is full stops nothing, and hears all in its order", full_socket),
    ("RELOADING=1 has its time, and STATUS= tells why a reload failed", reloading),
    ("a reload that is asked for during the start comes after it", early_reload),
    ("STOPPING=1 is said on SIGTERM and on winnow stop", stopping),
    ("STATUS= tells why it cannot start", cannot_start),
    ("an idle, paused, blocked and busy daemon gives signs of life", lives),
    ("a list of many seeds is no hang: signs come while it is taken", long_list),
    ("what is no list of seeds, however large, is no hang", no_list),
    ("a loop in a callback that never returns gives none",
     lambda tmp: hangs(tmp, signal.SIGUSR2)),
    ("a storm of events that leaves the engine no turn gives none",
     lambda tmp: hangs(tmp, signal.SIGURG)),
)

if __name__ == "__main__":
    os.environ["WATCHDOG_USEC"] = str(int(WATCHDOG * 1e6))
    sys.exit(disks.run_cases([("manager: " + name, fn) for name, fn in CASES]))
