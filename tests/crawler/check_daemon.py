#!/usr/bin/env python3
"""winnowd as an administrator meets it: start, ask, reload, stop, kill.

The daemon runs in a directory of its own with a NOTIFY_SOCKET of the test;
the example sites are what it crawls."""
import json
import os
import signal
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import expect  # noqa: E402
import sites  # noqa: E402


def settings(s, *more):
    """Those that reach the sites, fast."""
    return [("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", s.dns),
            ("fetch.hosts_file", ""), ("politeness.robots", "ignore"),
            ("politeness.delay", "0"), *more]


SLOW = ("politeness.delay", "300ms")


def wanted(s):
    """URLs of all articles."""
    return {s.url(e["site"], e["path"]) for name, attrs in expect.sites()
            for e in map(json.loads, expect.lines(name, attrs).splitlines())}


def have_all(d, s):
    return wanted(s) <= {r["url"] for r in d.records()}


# ---- the configuration ---------------------------------------------------------

def check_config(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        rc, out, err = sites.run([sites.WINNOWD, "-t", "-c", d.conf])
        assert rc == 0 and out == "" and "the configuration is valid" in err, (rc, out, err)
        assert not os.path.exists(os.path.join(tmp, "state")), "-t made something"
        d.write([("fetch.timeout", "30 parsecs")])
        rc, _, err = sites.run([sites.WINNOWD, "-t", "-c", d.conf])
        assert rc == 4 and "unknown unit" in err and d.conf + ":" in err, (rc, err)


def print_config(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        env = dict(os.environ, WINNOWD_FETCH__TIMEOUT="7s")
        rc, out, _ = sites.run([sites.WINNOWD, "-T", "-c", d.conf,
                                "-o", "scope.max_depth=2"], env=env)
        assert rc == 0, rc
        values = {}
        for line in out.splitlines():
            name, _, rest = line.partition(" = ")
            values[name.strip()] = rest
        text = out
        for word in ("7s", "WINNOWD_FETCH__TIMEOUT", d.conf, "default"):
            assert word in text, (word, text[:2000])
        depth = [line for line in text.splitlines() if "max_depth" in line]
        assert depth and "2" in depth[0] and "-o" in depth[0], depth


# ---- starting --------------------------------------------------------------------

def ready(s, tmp):
    """READY=1 is said only when the control socket answers: at the moment it
    arrives a connection must succeed, and none before it was refused late."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start()
        assert d.said("READY=1"), d.words()
        c = socket.socket(socket.AF_UNIX)
        c.connect(d.socket)
        c.close()
        st = d.status()
        assert st["ok"] and st["state"] == "running" and st["uptime_s"] >= 0, st
        assert os.stat(d.socket).st_mode & 0o007 == 0, "others may use the socket"
        rc, out, _ = d.ask("status")
        assert rc == 0 and "state" in out and "running" in out, out


def second(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        rc, _, err = sites.run([sites.WINNOWD, "-c", d.conf], 20)
        assert rc == 1 and str(d.proc.pid) in err and "pid" in err, (rc, err)
        assert d.status()["ok"], "the first one was disturbed"
        # And a crawl that would share the state.
        rc, _, err = sites.run([sites.WINNOW, "crawl", "-o", tmp, s.seeds[0]], 20)
        assert rc == 1 and str(d.proc.pid) in err, (rc, err)


# ---- talking ------------------------------------------------------------------------

def talk(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        rc, out, err = d.ask("seed", "add", "--json", *s.seeds)
        got = json.loads(out)
        assert rc == 0 and got["added"] == len(s.seeds) and got["durable"], (rc, out, err)
        rc, out, _ = d.ask("seed", "add", "--json", s.seeds[0])
        assert rc == 0 and json.loads(out)["known"] == 1, out
        assert sites.wait_for(lambda: have_all(d, s), 30, 0.2), d.status()
        rc, out, _ = d.ask("seed", "list", "--json")
        listed = json.loads(out)["seeds"]
        assert [x["url"] for x in listed] == s.seeds, listed
        assert all(x["records"] > 0 for x in listed), listed
        st = d.status()
        assert st["pages"]["articles"] >= 40 and st["queue"]["records"] >= 40, st
        assert st["urls_by_state"]["done"] == st["pages"]["articles"], st
        why(s, d)
        assert not sites.once(d.records()), sites.once(d.records())


def why(s, d):
    page = s.url("blog", "/2024/05/12/first-class/")
    w = d.why(page)
    assert (w["state"], w["status"]) == ("done", 200), w
    assert w["found_on"].startswith("http://blog.example-e.test"), w
    rc, out, err = d.ask("why", s.url("blog", "/never/was/"))
    assert rc == 7 and "never met" in out and "unseen" in out, (rc, out, err)
    # Without asking the daemon, while it runs: readers do not disturb it.
    state = os.path.join(d.dir, "state")
    rc, out, _ = sites.run([sites.WINNOW, "why", "-c", d.conf, "-o", state, "--json", page])
    direct = json.loads(out)
    assert rc == 0 and direct.keys() == w.keys(), (direct, w)
    assert all(direct[k] == w[k] for k in w if k != "words"), (direct, w)
    rc, _, err = d.stop(), None, None
    assert rc[0] == 0, rc
    rc, out, err = sites.run([sites.WINNOW, "why", "-c", d.conf, "--json", page])
    assert rc == 0 and json.loads(out)["state"] == "done", (rc, out, err)
    rc, _, err = sites.run([sites.WINNOW, "status", "-c", d.conf])
    assert rc == 3 and "is it running?" in err, (rc, err)


def bad_seeds(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        listed = os.path.join(tmp, "list.txt")
        with open(listed, "w", encoding="utf-8") as f:
            f.write("# two lines are wrong\nftp://x.test/\n%s\tdepth=0\n%s\tdept=1\n"
                    % (s.url("blog", "/"), s.url("paper", "/")))
        rc, out, _ = d.ask("seed", "add", "--json", listed)
        got = json.loads(out)
        assert (got["added"], got["bad"]) == (1, 2), got
        assert [p[:7] for p in got["problems"]] == ["line 2:", "line 4:"], got
        assert rc == 5, rc
        rc, _, err = d.ask("seed", "add", os.path.join(tmp, "missing"))
        assert rc == 1 and "cannot read" in err, (rc, err)


def pause(s, tmp):
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        assert d.ask("pause")[0] == 0 and d.status()["state"] == "paused"
        assert d.ask("seed", "add", s.url("blog", "/"))[0] == 0
        before = len(s.log())
        time.sleep(0.5)
        assert len(s.log()) == before + 0, s.log()[before:]
        assert d.ask("resume")[0] == 0
        assert d.settled(s.url("blog", "/")), d.status()
        assert d.status()["state"] == "running"


def reload_good(s, tmp):
    with sites.Daemon(tmp, settings(s, ("scope.max_depth", "0"))) as d:
        d.start().ready()
        listed = os.path.join(tmp, "more.txt")
        with open(listed, "w", encoding="utf-8") as f:
            f.write(s.url("docshare", "/c-41.html") + "\n")
        d.write(settings(s, ("scope.max_depth", "2"), ("seeds.files", listed)))
        d.proc.send_signal(signal.SIGHUP)
        assert d.said("RELOADING=1") and d.said("READY=1"), d.words()
        assert d.settled(s.url("docshare", "/doc/100201.html")), d.words()
        assert "setting changed" in d.words() and "max_depth" in d.words()


def reload_bounds(s, tmp):
    """A queue that is full goes on when a reload gives it more room."""
    with sites.Daemon(tmp, settings(s, SLOW, ("queue.max_bytes", "8KiB"))) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: d.status()["state"] == "blocked", 15), d.status()
        assert "queue.max_bytes is 8 KiB" in d.status()["blocked"]
        d.write(settings(s, ("queue.max_bytes", "0")))
        d.proc.send_signal(signal.SIGHUP)
        assert sites.wait_for(lambda: have_all(d, s), 20, 0.2), d.status()
        assert d.status()["state"] == "running", d.status()


def reload_bad(s, tmp):
    with sites.Daemon(tmp, settings(s, ("scope.max_depth", "0"))) as d:
        d.start().ready()
        d.write(settings(s, ("scope.max_dept", "2")))
        d.proc.send_signal(signal.SIGHUP)
        assert d.said("READY=1"), "the manager still thinks that it reloads"
        assert sites.wait_for(lambda: "old settings stay" in d.words()), d.words()
        assert "max_dept" in d.words() and "max_depth" in d.words(), d.words()
        rc, _, err = d.ask("reload", "-s", d.socket)
        assert rc == 4, (rc, err)
        d.write(settings(s, ("scope.max_depth", "0")))
        d.ask("seed", "add", s.url("docshare", "/c-41.html"))
        assert d.settled(s.url("docshare", "/c-41.html"))
        assert d.why(s.url("docshare", "/doc/100201.html")) is None, "depth changed"


# ---- the spool folder -----------------------------------------------------------------

def drop(d, name, text):
    """A list as a careful program drops it: written aside, then renamed."""
    aside = os.path.join(d.dir, name + ".tmp")
    with open(aside, "w", encoding="utf-8") as f:
        f.write(text)
    path = os.path.join(d.spool, name)
    os.rename(aside, path)
    return path


def spool(s, tmp):
    with sites.Daemon(tmp, settings(s, ("scope.max_depth", "0"))) as d:
        early = drop(d, "early.txt", s.url("paper", "/html/2023-11/06/content_51002.htm") + "\n")
        d.start().ready()
        assert sites.wait_for(lambda: os.path.exists(early + ".done")), d.words()
        good = drop(d, "good.txt", s.url("blog", "/") + "\n")
        part = drop(d, "half.part", s.url("mirror", "/jcdj/") + "\n")
        dot = drop(d, ".hidden", s.url("mirror", "/jcdj/") + "\n")
        bad = drop(d, "bad.txt", "what is this\n%s\n" % s.url("docshare", "/c-41.html"))
        with open(os.path.join(d.spool, "closed.txt"), "w", encoding="utf-8") as f:
            f.write(s.url("bureau", "/") + "\n")
        for path in (good, bad, f.name):
            assert sites.wait_for(lambda p=path: os.path.exists(p + ".done")
                                  and not os.path.exists(p)), (path, d.words())
        assert os.path.exists(part) and os.path.exists(dot)
        for name, path in (("paper", "/html/2023-11/06/content_51002.htm"), ("blog", "/"),
                           ("docshare", "/c-41.html"), ("bureau", "/")):
            assert d.settled(s.url(name, path)), (name, path)
        assert d.why(s.url("mirror", "/jcdj/")) is None, "an ignored file was read"
        words = [x for x in d.words().splitlines() if "bad line" in x]
        assert len(words) == 1 and "bad.txt" in words[0] and "line=1" in words[0], words


# ---- stopping ------------------------------------------------------------------------------

def stop_while_crawling(s, tmp, how):
    with sites.Daemon(tmp, settings(s, SLOW)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] >= 3), d.status()
        if how == "command":
            began = time.monotonic()
            assert d.ask("stop")[0] == 0
            rc = d.proc.wait(60)
            took = time.monotonic() - began
        else:
            rc, took = d.stop(signal.SIGTERM)
        assert rc == 0 and took < 5 * sites.slowness(), (rc, took, d.words())
        if how != "command":
            assert not os.path.exists(d.socket)
        part = d.records()
        assert part and not sites.once(part), sites.once(part)
        tmpdir = os.path.join(tmp, "queue", "tmp")
        left = [f for f in os.listdir(tmpdir) if f.endswith(".gz")]
        assert not left, left  # what was written is sealed
        d.stop()
        d.write(settings(s))
        d.start().ready()
        assert sites.wait_for(lambda: have_all(d, s), 30, 0.2), d.status()
        whole = d.records()
        assert whole[:len(part)] == part and not sites.once(whole), sites.once(whole)


def kill(s, tmp):
    with sites.Daemon(tmp, settings(s, ("politeness.delay", "20ms"))) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        for n in (8, 8, 8):
            assert sites.wait_for(lambda n=n: d.status()["pages"]["fetched"] >= n), d.status()
            d.stop(signal.SIGKILL)
            d.start().ready()
        assert sites.wait_for(lambda: have_all(d, s), 40, 0.2), d.status()
        assert d.stop()[0] == 0
        recs = d.records()
        assert not sites.once(recs), sites.once(recs)
        rc, out, err = sites.run([sites.WINNOW, "queue", "verify", tmp])
        assert rc == 0, (rc, out, err)
        rc, out, _ = sites.run([sites.WINNOW, "queue", "list", tmp])
        assert rc == 0 and out, out


def workers_die_too(s, tmp):
    """A daemon that is killed leaves no process behind."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        d.ask("seed", "add", s.url("blog", "/"))
        assert d.settled(s.url("blog", "/"))
        group = children(d.proc.pid)
        assert group, "no zygote?"
        d.stop(signal.SIGKILL)
        assert sites.wait_for(lambda: not any(alive(p) for p in group)), group


def children(pid):
    found = []
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        for child in map(int, f.read().split()):
            found += [child] + children(child)
    return found


def signals_at_the_end(s, tmp):
    """Logs are turned, a reload is asked for, while it ends: that is no death."""
    for _ in range(8):
        with sites.Daemon(tmp, settings(s)) as d:
            d.start().ready()
            d.proc.send_signal(signal.SIGTERM)
            end = time.monotonic() + 20
            while d.proc.poll() is None and time.monotonic() < end:
                d.proc.send_signal(signal.SIGHUP)
                d.proc.send_signal(signal.SIGUSR1)
            assert d.proc.poll() == 0, (d.proc.poll(), d.words())


def stop_with_stuck_workers(s, tmp):
    """Workers that hold a page and do not answer: SIGTERM is done in under 5 s
    all the same, and the page they held is cleaned after a restart."""
    with sites.Daemon(tmp, settings(s, ("clean.time_limit", "1m"))) as d:
        d.start().ready()
        zygote = children(d.proc.pid)[0]
        workers = [p for p in children(d.proc.pid) if p != zygote]
        assert workers, "no workers?"
        for p in workers:
            os.kill(p, signal.SIGSTOP)
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: d.status()["now"]["cleaning"] > 0), d.status()
        rc, took = d.stop(signal.SIGTERM)
        assert rc == 0 and took < 5 * sites.slowness(), (rc, took, d.words())
        d.write(settings(s))
        d.start().ready()
        assert sites.wait_for(lambda: have_all(d, s), 30, 0.2), d.status()
        assert not sites.once(d.records()), sites.once(d.records())


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def many_clients(s, tmp):
    """Clients that say nothing, too much or nonsense; others are served."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        idle = []
        for _ in range(70):
            c = socket.socket(socket.AF_UNIX)
            c.connect(d.socket)
            idle.append(c)
        for c in idle:
            c.close()
        assert sites.wait_for(lambda: d.ask("status")[0] == 0), d.words()
        for text in (b"\n\n", b"frob\n\n", b"\0\xff\n\n", b"why \n\n", b"x" * 4096):
            c = socket.socket(socket.AF_UNIX)
            c.settimeout(60)
            c.connect(d.socket)
            c.sendall(text)
            c.shutdown(socket.SHUT_WR)
            assert b'"ok":false' in c.recv(4096), text
            c.close()
        threads = [threading.Thread(target=d.ask, args=("status",)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert d.status()["ok"]


def retain(s, tmp):
    """queue.retain removes what is old and behind every cursor; the newest file
    stays, and the numbers go on behind it."""
    small = ("politeness.delay", "100ms"), ("queue.seal_after", "100ms")
    with sites.Daemon(tmp, settings(s, *small)) as d:
        d.start().ready()
        d.ask("seed", "add", *s.seeds)
        assert sites.wait_for(lambda: len(d.files()) > 2, 30), d.words()
        d.ask("stop")
        d.proc.wait(60)
        files = sorted(d.files())
        time.sleep(1.1)
        d.write(settings(s, ("queue.retain", "1s")))
        consumer = "--consumer", "slow", os.path.join(d.dir, "queue")
        rc, out, _ = sites.run([sites.WINNOW, "queue", "next", "-n", "100000", *consumer])
        assert rc == 0 and out, rc
        d.start().ready()
        time.sleep(1.5)  # it looks when it starts, then once a minute
        assert set(files) <= set(d.files()), "removed before it was acknowledged"
        d.ask("stop")
        d.proc.wait(60)
        assert sites.run([sites.WINNOW, "queue", "ack", *consumer])[0] == 0
        d.start().ready()
        assert sites.wait_for(lambda: not set(d.files()) & set(files[:-1])), d.files()


CASES = (
    ("winnowd -t says whether the file is right, and touches nothing", check_config),
    ("winnowd -T prints every value and where it comes from", print_config),
    ("READY=1 comes when the control socket answers", ready),
    ("a second daemon on the same state is refused and told the pid", second),
    ("seeds, status and why through the socket, and why without a daemon", talk),
    ("seed add tells bad lines by their number and takes the rest", bad_seeds),
    ("pause stops new fetches, resume goes on", pause),
    ("SIGHUP takes new settings and new lists", reload_good),
    ("a full queue blocks, says why, and goes on after a reload", reload_bounds),
    ("SIGHUP with a bad file keeps the old settings", reload_bad),
    ("a reload and turned logs are no death while it ends", signals_at_the_end),
    ("lists dropped into the spool folder are taken and renamed", spool),
    ("SIGTERM in the middle of a crawl ends in time, a restart goes on",
     lambda s, tmp: stop_while_crawling(s, tmp, "signal")),
    ("winnow stop ends it too, a restart goes on",
     lambda s, tmp: stop_while_crawling(s, tmp, "command")),
    ("SIGTERM with workers that hang ends in time too", stop_with_stuck_workers),
    ("kill -9 three times loses nothing and repeats nothing", kill),
    ("kill -9 leaves no process behind", workers_die_too),
    ("old files of the queue go after queue.retain, when every consumer is done", retain),
    ("clients that say nothing or nonsense disturb nobody", many_clients),
)


def main():
    c = sites.Cases()
    with sites.Sites() as s:
        for name, fn in CASES:
            with sites.workdir() as tmp:
                c.case("daemon: " + name, fn, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
