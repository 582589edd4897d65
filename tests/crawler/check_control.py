#!/usr/bin/env python3
"""What an administrator asks of a daemon that runs: pause, drain, flush, hosts
and seeds, the screen of winnow status; and clients that mean no good."""
import concurrent.futures
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import sites  # noqa: E402
from check_daemon import have_all, settings, wanted  # noqa: E402

# No host is asked for all of its pages within twenty seconds.
SLOW = ("politeness.delay", "2s")
HOLD = ("queue.flush_after", "10m"), ("queue.seal_after", "1h")


def host(s, name):
    return next(x["host"] for x in s.sites if x["name"] == name)


def asked(s, name, since=0):
    """Paths that were asked of a site, from the since-th request of all on."""
    return [r["path"] for r in s.log()[since:] if r["host"] == host(s, name)]


def quiet(s, name):
    """A site that is not asked for a while, at the end of one that was."""
    before = len(s.log())
    time.sleep(0.7)
    return not asked(s, name, before)


# ---- the whole crawl -------------------------------------------------------------

def pause(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        rc, out, _ = d.ask("pause")
        assert rc == 0 and "winnow resume" in out, (rc, out)
        d.stop(signal.SIGKILL)
        d.start().ready()
        st = d.status()
        assert st["state"] == "paused" and st["paused"] and st["paused_since"], st
        before = len(s.log())
        assert d.ask("seed", "add", *s.seeds)[0] == 0
        time.sleep(0.5)
        assert len(s.log()) == before, s.log()[before:]
        rc, out, _ = d.ask("status")
        assert rc == 0 and "paused" in out and "winnow resume goes on" in out, out
        w = d.why(s.seeds[0])
        assert "paused" in w["halted"] or "pause" in w["halted"], w
        rc, out, _ = d.ask("resume", "--json")
        assert rc == 0 and json.loads(out)["durable"], out
        assert sites.wait_for(lambda: have_all(d, s), 40, 0.2), d.status()
        d.stop(signal.SIGKILL)
        d.start().ready()
        assert d.status()["state"] == "running", d.status()


def all_gathered(d):
    """What is left to do waits in a block for its commit."""
    st = d.status()
    return (st["urls_by_state"]["due"] == st["frontier"]["out"]
            and st["now"]["fetching"] == st["now"]["cleaning"] == 0)


def drain(s, tmp):
    """Everything that came is in sealed files when it returns, though nothing
    else would have sealed them, and nothing is under way."""
    with sites.Daemon(tmp, settings(s, ("politeness.delay", "100ms"), *HOLD)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] >= 3), d.status()
        assert not d.files(), "sealed before it was asked for"
        rc, out, err = d.ask("drain")
        assert rc == 0 and "drained" in out, (rc, out, err)
        st = d.status()
        assert st["state"] == "paused", st
        assert st["now"]["fetching"] == st["now"]["cleaning"] == st["frontier"]["out"] == 0, st
        part = d.records()
        assert len(part) == st["pages"]["articles"] == st["queue"]["records"], (len(part), st)
        d.stop(signal.SIGKILL)
        d.start().ready()
        assert d.status()["state"] == "paused"
        assert d.ask("resume")[0] == 0
        assert sites.wait_for(lambda: all_gathered(d), 40, 0.2), d.status()
        assert d.ask("drain")[0] == 0
        whole = d.records()
        assert whole[:len(part)] == part and not sites.once(whole), sites.once(whole)
        assert wanted(s) <= {r["url"] for r in whole}


def flush(s, tmp):
    with sites.Daemon(tmp, settings(s, SLOW, *HOLD)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds[1:])
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] >= 3, 30), d.status()
        came = d.status()["pages"]["articles"]
        assert not d.files(), "sealed before it was asked for"
        rc, out, err = d.ask("flush", "--json")
        got = json.loads(out)
        assert rc == 0 and got["state"] == "running", (rc, out, err)
        assert len(d.records()) >= came and got["records"] >= came, (len(d.records()), came)
        files = len(d.files())
        assert files == 1, d.files()
        # Blocks that come afterwards gather as before.
        d.write(settings(s, *HOLD))
        assert d.ask("reload")[0] == 0
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] >= came + 3, 20), d.status()
        assert len(d.files()) == files, d.files()
        # With nothing new to write it returns too.
        assert d.ask("drain")[0] == d.ask("flush")[0] == d.ask("flush")[0] == 0
        assert not sites.once(d.records())
        # Nor does who forgets a host wait for the block its lines are in.
        came = d.status()["pages"]["articles"]
        assert d.ask("seed", "add", s.seeds[0])[0] == d.ask("resume")[0] == 0
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] > came, 20), d.status()
        for name in ("blog", "paper", "bureau", "mirror", "docshare"):
            assert d.ask("host", host(s, name), "forget")[0] == 0, name


def reload_tells(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        rc, out, _ = d.ask("reload")
        assert rc == 0 and "no setting" in out, out
        d.write(settings(s, ("scope.max_depth", "2"),
                         ("control.socket", os.path.join(tmp, "other.sock"))))
        rc, out, _ = sites.run([sites.WINNOW, "reload", "-s", d.socket, "--json"])
        got = json.loads(out)
        assert rc == 0 and len(got["changes"]) == 2 and got["restart_wanted"] == 1, got
        assert any("scope.max_depth: 5 -> 2" in c for c in got["changes"]), got
        assert ["restart", "1 of them takes effect with the next start", "look"] in \
            got["words"], got
        d.write([("scope.max_dept", "2")])
        rc, _, err = sites.run([sites.WINNOW, "reload", "-s", d.socket])
        assert rc == 4 and "max_depth" in err, (rc, err)


# ---- one host, one seed ------------------------------------------------------------

def host_pause(s, tmp):
    blog, other = host(s, "blog"), s.url("paper", "/html/2023-11/06/content_51002.htm")
    with sites.Daemon(tmp, settings(s, SLOW)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: asked(s, "blog")), d.status()
        rc, out, _ = d.ask("host", blog, "pause")
        assert rc == 0 and "resume" in out, out
        d.write(settings(s))
        assert d.ask("reload")[0] == 0
        # The request that was on its way ends.
        assert sites.wait_for(lambda: quiet(s, "blog"), 10), asked(s, "blog")
        st = d.status()
        assert st["hosts"]["paused"] == 1 and st["paused_hosts"] == [blog], st
        d.stop(signal.SIGKILL)
        d.start().ready()
        assert d.settled(other), "the others have stopped, too"
        before = len(s.log())
        rc, out, _ = d.ask("host", blog)
        assert rc == 0 and "paused" in out, out
        due = d.status()["urls_by_state"]["due"]
        assert due > 0 and not asked(s, "blog", before), s.log()[before:]
        rc, out, _ = d.ask("status")
        assert blog in out and "1 paused" in out, out
        assert d.ask("host", blog, "resume")[0] == 0
        assert sites.wait_for(lambda: have_all(d, s), 40, 0.2), d.status()
        assert not sites.once(d.records()), sites.once(d.records())


def host_forget(s, tmp):
    """What was known goes; its seed is asked anew, its articles come again as
    repeats of those in the queue."""
    blog = host(s, "blog")
    page = s.url("blog", "/2024/05/12/first-class/")
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: have_all(d, s), 30, 0.2), d.status()
        known = d.status()["frontier"]["known"]
        before = len(s.log())
        rc, out, err = d.ask("host", blog, "forget")
        assert rc == 0 and "forgotten" in out, (rc, out, err)
        assert sites.wait_for(
            lambda: sum(r["url"] == page for r in d.records()) == 2, 30, 0.2), d.status()
        again = [r for r in d.records() if r["url"] == page]
        assert again[0]["dup_of"] is None and again[1]["text_hash"] == again[0]["text_hash"]
        assert sites.wait_for(lambda: d.status()["frontier"]["known"] == known
                              and d.status()["urls_by_state"]["due"] == 0, 20), d.status()
        assert "/" in asked(s, "blog", before) and not asked(s, "paper", before)
        # Paused first, it is forgotten and stays away.
        assert d.ask("host", blog, "pause")[0] == d.ask("host", blog, "forget")[0] == 0
        before = len(s.log())
        d.stop(signal.SIGKILL)
        d.start().ready()
        time.sleep(0.5)
        assert not asked(s, "blog", before)
        rc, out, _ = d.ask("host", blog)
        assert rc == 0 and "paused" in out, (rc, out)
        rc, out, err = d.ask("host", "never.met.test", "forget")
        assert rc == 7 and "no address" in err, (rc, err)
        # What was only paused, and never met, is no host of its domain either.
        assert d.ask("host", "never.met.test", "pause")[0] == 0
        rc, out, err = d.ask("host", "never.met.test", "forget")
        assert rc == 7 and "no address" in err, (rc, err)
        rc, out, err = d.ask("host", "a b", "pause")
        assert rc == 2 and "no host" in err, (rc, err)


def many_seeds(s, tmp):
    """All seeds of a host that is forgotten are new again, however many; and a list
    of seeds costs the daemon no memory, for any member of the group may ask for it.
    A kill on the way changes nothing."""
    n = 30000
    seeds = ["http://%s/%d\ttags=%s" % (host(s, "blog"), i, "x" * 900) for i in range(n)]
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        assert d.ask("pause")[0] == 0
        for at in range(0, n, 4000):
            path = os.path.join(tmp, "seeds")
            with open(path, "w", encoding="ascii") as f:
                f.write("\n".join(seeds[at:at + 4000]))
            rc, out, err = d.ask("seed", "add", path)
            assert rc == 0, (rc, out, err)
        with open("/proc/%d/clear_refs" % d.proc.pid, "w", encoding="ascii") as f:
            f.write("5")  # VmHWM begins anew
        before = d.status()["now"]["rss_anon_kib"] + d.status()["now"]["rss_file_kib"]
        rc, out, err = d.ask("seed", "list", "--json")
        assert rc == 0 and len(json.loads(out)["seeds"]) == n, (rc, err)
        assert len(json.loads(out)["words"]) == n
        with open("/proc/%d/status" % d.proc.pid, encoding="ascii") as f:
            grown = int(re.search(r"VmHWM:\s*(\d+)", f.read())[1]) - before
        assert grown < 16 << 10 or sites.sanitized(), "%d KiB" % grown
        assert d.status()["urls_by_state"]["due"] == n, d.status()
        assert d.ask("host", host(s, "blog"), "forget")[0] == 0
        assert d.status()["urls_by_state"]["due"] == n, d.status()
        for wait in (0.02, 0.08, 0.2, 0.4):
            with socket.socket(socket.AF_UNIX) as c:
                c.connect(d.socket)
                c.sendall(b"host forget %s\n\n" % host(s, "blog").encode())
                time.sleep(wait)
                d.stop(signal.SIGKILL)
            d.start().ready()
            assert sites.wait_for(lambda: d.status()["urls_by_state"]["due"] == n
                                  == d.status()["frontier"]["known"], 20), d.status()


def crawl_with_pauses(s, tmp):
    """A crawl in the foreground comes to its end though a host of its state is
    paused; that the daemon was paused is nothing to it."""
    with sites.Daemon(tmp, settings(s, SLOW)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: asked(s, "blog")), d.status()
        assert d.ask("host", host(s, "blog"), "pause")[0] == d.ask("pause")[0] == 0
        assert d.stop()[0] == 0
        before = len(s.log())
        rc, out, err = sites.run([sites.WINNOW, "crawl", "-o", tmp, "--json", *s.options(),
                                  *sites.HURRY])
        assert rc in (0, 5), (rc, out, err)
        assert asked(s, "paper", before) and not asked(s, "blog", before), out
        d.write(settings(s))
        d.start().ready()
        assert d.status()["state"] == "paused"
        assert d.ask("resume")[0] == d.ask("host", host(s, "blog"), "resume")[0] == 0
        assert sites.wait_for(lambda: have_all(d, s), 40, 0.2), d.status()
        assert not sites.once(d.records()), sites.once(d.records())


def seed_rm(s, tmp):
    with sites.Daemon(tmp, settings(s, SLOW)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        blog = s.url("blog", "/")
        assert blog in s.seeds
        # Its front page has been read.
        assert sites.wait_for(lambda: (d.why(blog) or {}).get("state", "due") != "due"), d.status()
        rc, out, _ = d.ask("seed", "rm", "--json", blog)
        assert rc == 0 and json.loads(out)["removed"] == 1, out
        rc, out, _ = d.ask("seed", "rm", blog)
        assert rc == 7 and blog + ": this is no seed" in out and "line 1" not in out, (rc, out)
        rc, out, _ = d.ask("seed", "list", "--json")
        assert blog not in [x["url"] for x in json.loads(out)["seeds"]], out
        assert sites.wait_for(lambda: d.status()["urls_by_state"]["dropped"] > 0), d.status()
        d.write(settings(s))
        assert d.ask("reload")[0] == 0
        assert sites.wait_for(lambda: quiet(s, "blog"), 10), asked(s, "blog")
        rc, out, _ = d.ask("why", s.url("blog", "/2024/05/12/first-class/"))
        w = d.why(s.url("blog", "/2024/05/12/first-class/"))
        assert w is None or w["state"] in ("done", "dropped"), w
        d.stop(signal.SIGKILL)
        d.start().ready()
        assert quiet(s, "blog"), asked(s, "blog")
        # Given again it begins where it was, with what had been dropped.
        rc, out, _ = d.ask("seed", "add", "--json", blog)
        assert rc == 0 and json.loads(out)["added"] == 1, out
        assert sites.wait_for(lambda: have_all(d, s), 40, 0.2), d.status()
        st = d.status()
        assert st["urls_by_state"]["dropped"] == 0, st
        assert not sites.once(d.records()), sites.once(d.records())


# ---- the screen --------------------------------------------------------------------

def status_members(s, tmp):
    with sites.Daemon(tmp, settings(s, ("queue.max_bytes", "1GiB"))) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: have_all(d, s), 30, 0.2), d.status()
        assert sites.wait_for(lambda: d.status()["rates"]["1m"]["pages"] > 0, 20), d.status()
        st = d.status()
        assert set(st["rates"]) == {"1m", "5m", "15m"}
        assert {"pages", "bytes", "articles", "failed"} == set(st["rates"]["15m"])
        h = st["hosts"]
        assert h["known"] == h["asked_now"] + h["ready"] + h["waiting"] + h["idle"], h
        assert h["failing"] >= h["resting"] and st["queue"]["max_bytes"] == 1 << 30, st
        assert "room_lasts_s" in st and st["words"][0][2] == "good", st
        with open(os.path.join(HERE, "..", "..", "crawler", "winnow.1"), encoding="utf-8") as f:
            told = f.read().split("the members are\n.Li ok", 1)[1].split(".It Nm", 1)[0]
        assert not [m for m in st if m != "ok" and m not in re.findall(r"\w+", told)], told
        rc, out, _ = d.ask("status")
        assert rc == 0 and "\033" not in out and "pages/s" in out and "of 1.0 GiB" in out, out


def terminal(command, rows, columns, env):
    """A command on a terminal of its own: its pid and our end."""
    try:
        pid, fd = pty.fork()
    except OSError as e:
        raise sites.Cases.Skip("no terminal can be had: %s" % e) from e
    if pid == 0:
        os.execvpe(command[0], command, dict(os.environ, TERM="xterm", **env))
    resize(fd, rows, columns)
    return pid, fd


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_until(fd, what, limit=15):
    got, end = b"", time.monotonic() + limit * sites.PATIENCE
    while not what(got) and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                got += os.read(fd, 65536)
            except OSError:
                break
    return got


def watch(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        command = [sites.WINNOW, "status", "--watch=1", "-c", d.conf]
        for end in (b"q", b"\x03"):
            pid, fd = terminal(command, 30, 100, {"NO_COLOR": ""})
            got = read_until(fd, lambda b: b.count(b"q ends") >= 2)
            assert got.count(b"\033[H") >= 2 and b"\033[?1049h" in got, got
            assert b"running" in got and b"\033[32m" in got and b"\033[2J" not in got, got
            resize(fd, 12, 40)
            os.kill(pid, signal.SIGWINCH)
            got = read_until(fd, lambda b: b.count(b"q ends") >= 2)
            frame = got.split(b"\033[H")[-2]
            lines = [x for x in frame.split(b"\n") if x]
            assert len(lines) <= 12, lines
            plain = [x.split(b"\033[K")[0] for x in lines]
            for line in plain:
                for code in (b"\033[0m", b"\033[2m", b"\033[32m", b"\033[33m", b"\033[1;31m"):
                    line = line.replace(code, b"")
                assert len(line.rstrip()) <= 52, line  # a word may be longer
            os.write(fd, end)
            got = read_until(fd, lambda b: b"\033[?1049l" in b)
            assert b"\033[?25h" in got, got
            assert os.waitpid(pid, 0)[1] == 0
            os.close(fd)
        pid, fd = terminal([sites.WINNOW, "status", "-c", d.conf], 30, 80, {"NO_COLOR": "1"})
        got = read_until(fd, lambda b: b"disk" in b)
        assert b"\033" not in got and b"running" in got, got
        os.waitpid(pid, 0)
        os.close(fd)


def watch_hung(s, tmp):
    """A daemon that hangs does not hold who looks at it."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        command = [sites.WINNOW, "status", "--watch=1", "-c", d.conf]
        pid, fd = terminal(command, 30, 100, {})
        assert b"q ends" in read_until(fd, lambda b: b.count(b"q ends") >= 2)
        os.kill(d.proc.pid, signal.SIGSTOP)
        try:
            time.sleep(2.5)  # it asks again by now
            os.write(fd, b"\x03")
            got = read_until(fd, lambda b: b"\033[?1049l" in b)
            assert b"\033[?25h" in got, got
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        finally:
            os.kill(d.proc.pid, signal.SIGCONT)
            os.close(fd)


def watch_pipe(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        for more, looks in ((["--json"], 2), ([], 2)):
            with subprocess.Popen([sites.WINNOW, "status", "-w1", "-c", d.conf, *more],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
                got = read_until(p.stdout.fileno(), lambda b: b.count(b"running, ") >= looks)
                p.terminate()
                p.stdout.close()
                assert p.wait(60) == 0
            assert b"\033" not in got, got
            if more:
                assert all(json.loads(x)["ok"] for x in got.splitlines()[:looks]), got
            else:
                assert b"\n\nstate" in got, got
        d.stop()
        rc, _, err = sites.run([sites.WINNOW, "status", "--watch", "-c", d.conf])
        assert rc == 3 and "is it running?" in err, (rc, err)
        rc, _, err = sites.run([sites.WINNOW, "status", "--watch=0", "-c", d.conf])
        assert rc == 2, (rc, err)


# ---- clients that mean no good --------------------------------------------------------

class Hostile:
    """Hundreds of them, for the length of a with block: they say nothing, a byte
    now and then, half a request and no more, megabytes without an end, questions
    whose answers they do not read; whoever is thrown out comes back."""

    KINDS = ("idle", "drip", "half", "flood", "deaf", "hang up")

    def __init__(self, path, n):
        self.path, self.n, self.over = path, n, threading.Event()
        self.made = 0
        self.threads = [threading.Thread(target=self.run, args=(k,)) for k in self.KINDS]

    def connect(self):
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(0.05)
        try:
            c.connect(self.path)
        except OSError:
            c.close()
            return None
        self.made += 1
        return c

    def run(self, kind):
        mine = []
        flood = b"x" * 65536
        while not self.over.wait(0.002):
            if len(mine) < self.n:
                c = self.connect()
                if c is not None:
                    mine.append(c)
            for c in mine[-3:] if kind == "flood" else mine[:: max(1, len(mine) // 8)]:
                try:
                    if kind == "drip":
                        c.send(b"s")
                    elif kind == "half":
                        c.send(b"seed add\nhttp://")
                    elif kind == "flood":
                        c.send(flood)
                    elif kind == "deaf":
                        c.send(b"status\n\n")
                        c.shutdown(socket.SHUT_WR)
                    elif kind == "hang up":
                        raise OSError
                    else:
                        c.recv(1)
                except socket.timeout:
                    pass
                except OSError:
                    c.close()
                    mine.remove(c)
        for c in mine:
            c.close()

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for t in self.threads:
            t.join()


def crawl_seconds(s, tmp, n):
    """How long a crawl takes that politeness paces, and the longest that an
    honest client waited, beside so many hostile ones of each kind."""
    longest, made = 0.0, 0
    with sites.Daemon(tmp, settings(s, ("politeness.delay", "150ms"))) as d:
        d.start().ready()
        with Hostile(d.socket, n) as h:
            if n > 0:
                assert sites.wait_for(lambda: h.made > 6 * n, 30), h.made
            began = time.monotonic()
            assert d.ask("seed", "add", *s.seeds)[0] == 0
            while not have_all(d, s):
                asked_at = time.monotonic()
                assert d.status()["ok"]
                longest = max(longest, time.monotonic() - asked_at)
                assert time.monotonic() - began < 300, d.status()
                time.sleep(0.1)
            took, made = time.monotonic() - began, h.made
        assert not sites.once(d.records()), sites.once(d.records())
        assert d.status()["now"]["rss_anon_kib"] < (64 << 10) or sites.sanitized(), d.status()
    return took, longest, made


def hostile(s, tmp):
    alone, _, _ = crawl_seconds(s, os.path.join(tmp, "a"), 0)
    slower = sites.slowness()
    beside, longest, made = crawl_seconds(s, os.path.join(tmp, "b"), 60)
    slower = max(slower, sites.slowness())
    sys.stderr.write("# control: crawl %.1f s alone, %.1f s beside 360 hostile clients "
                     "(%d connections); status in %.2f s at most\n"
                     % (alone, beside, made, longest))
    assert beside < 3 * alone + 10 * slower, (alone, beside, slower)
    assert longest < 15 * slower, (longest, slower)


def too_large(s, tmp):
    """A request is bounded, and so is what all of them hold together."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(120)
        c.connect(d.socket)
        try:
            for _ in range(100):
                c.sendall(b"x" * 65536)
            assert c.recv(1) == b"", "6 MiB were taken"
        except (BrokenPipeError, ConnectionResetError):
            pass
        c.close()
        assert d.ask("pause")[0] == 0
        many = b"".join(b"http://h.test/%d\n" % i for i in range(20000))
        rc, out, err = sites.run([sites.WINNOW, "seed", "add", "--json", "-c", d.conf, "-"],
                                 60, many.decode())
        assert rc == 0 and json.loads(out)["added"] == 20000, (rc, out[:200], err)
        rc, out, err = d.ask("seed", "list", "--json")
        assert rc == 0 and len(json.loads(out)["seeds"]) == 20000, (rc, err)


def as_nobody(path, groups, command=b"status\n\n"):
    """What a user that is neither root nor the daemon's gets for an answer."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        got = b"refused"
        try:
            os.setgroups(groups)
            os.setgid(65534)
            os.setuid(65534)
            c = socket.socket(socket.AF_UNIX)
            c.settimeout(60)
            c.connect(path)
            c.sendall(command)
            got = c.recv(200) or b"closed"
        except OSError:
            pass
        os.write(w, got)
        os._exit(0)
    os.close(w)
    got = os.read(r, 100)
    os.close(r)
    os.waitpid(pid, 0)
    return got


def peers(s, tmp):
    if os.geteuid() != 0:
        raise sites.Cases.Skip("only root can be somebody else")
    os.chmod(tmp, 0o755)
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        assert os.stat(d.socket).st_mode & 0o777 == 0o660, oct(os.stat(d.socket).st_mode)
        assert as_nobody(d.socket, []) == b"refused"
        assert as_nobody(d.socket, [os.getegid()]).startswith(b'{"ok":true')
        # A member of the group is a guest: he looks, and adds seeds.
        group = [os.getegid()]
        for good in (b"why http://a.test/", b"seed list", b"host a.test"):
            assert b"root" not in as_nobody(d.socket, group, good + b"\n\n"), good
        assert as_nobody(d.socket, group, b"seed add\nhttp://a.test/\n\n")[:9] == b'{"ok":tru'
        for bad in (b"pause", b"resume", b"drain", b"flush", b"reload", b"stop", b"seed rm",
                    b"host pause a.test", b"host forget a.test", b"host resume a.test"):
            got = as_nobody(d.socket, group, bad + b"\n\n")
            assert got.startswith(b'{"ok":false') and b"root" in got, (bad, got)
        assert d.status()["state"] == "running"
        # Where modes let everybody in, the peer is looked at.
        os.chmod(d.socket, 0o666)
        assert as_nobody(d.socket, [12345]) in (b"closed", b"refused")
        assert as_nobody(d.socket, [12345, os.getegid()]).startswith(b'{"ok":true')


def odd_answers(s, tmp):
    """What says that it is a daemon breaks off, or would steer the terminal."""
    path = os.path.join(tmp, "odd.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(4)

        def answered(answer, *command):
            def serve():
                c, _ = listener.accept()
                with c:
                    while c.recv(4096):
                        continue
                    c.sendall(answer)
            t = threading.Thread(target=serve)
            t.start()
            got = sites.run([sites.WINNOW, *command, "-s", path])
            t.join()
            return got

        rc, out, err = answered(b'{"ok":true,"seeds":[{"url":"http://a.test/"},',
                                "seed", "list", "--json")
        assert rc == 3 and out == "" and "broke off" in err, (rc, out, err)
        rc, out, err = answered(
            b'{"ok":false,"status":4,"error":"a\\u001b[2Jb\\nc\\u009bd"}\n', "reload")
        assert rc == 4 and out == "", (rc, out, err)
        assert err == "winnow: a?[2Jb\nwinnow: c??d\n", err


CASES = (
    ("a pause outlives kill -9, and resume goes on", pause),
    ("drain returns when nothing is under way and everything is sealed", drain),
    ("flush seals what came so far, and the crawl goes on", flush),
    ("reload tells what changed, and what waits for a restart", reload_tells),
    ("a host that is paused is left alone, over kill -9; others are not", host_pause),
    ("a host that is forgotten begins anew", host_forget),
    ("all seeds of a forgotten host are new again, and a list of them costs no memory", many_seeds),
    ("a crawl of a state with pauses comes to its end", crawl_with_pauses),
    ("seed rm drops what the seed led to, seed add brings it back", seed_rm),
    ("status has rates, hosts by state and how long the room lasts", status_members),
    ("status --watch draws on a terminal of any size and leaves it as it was", watch),
    ("status --watch ends at once also when the daemon hangs", watch_hung),
    ("status --watch into a pipe is one look behind the other", watch_pipe),
    ("requests and long answers are bounded, and large ones served", too_large),
)
# By themselves: one forks without exec, one measures.
ALONE = (
    ("the socket is for root, and its group may look and add seeds, no more", peers),
    ("an answer that breaks off is none, and none steers the terminal", odd_answers),
    ("hundreds of hostile clients are in nobody's way", hostile),
)


def run(c, cases):
    """With sites of their own, whose log is theirs."""
    with sites.Sites() as s:
        for name, fn in cases:
            if not sys.argv[1:] or fn.__name__ in sys.argv[1:]:
                with sites.workdir() as tmp:
                    for sub in ("a", "b"):
                        os.mkdir(os.path.join(tmp, sub))
                    c.case("control: " + name, fn, s, tmp)


def main():
    c = sites.Cases()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for f in [pool.submit(run, c, CASES[i::3]) for i in range(3)]:
            f.result()
    run(c, ALONE)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
