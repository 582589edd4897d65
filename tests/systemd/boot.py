#!/usr/bin/env python3
"""The service under a real systemd, in a container of its own for each case:
`make check-systemd`. Words on the command line pick cases by function."""
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import container  # noqa: E402
from service import UNIT, Service  # noqa: E402
import sites  # noqa: E402
import webpages  # noqa: E402

UNITS = (UNIT, "winnowd@.service")
ALL = """[keep]
raw = warc
[http]
listen = 127.0.0.1:9712, unix:/run/winnow/http.sock
[fetch]
ca_file = /etc/winnow/ca.pem
[log]
fetch_file = /var/log/winnow/fetch.log
skip_file = /var/log/winnow/skip.log
"""


# ---- the unit files ---------------------------------------------------------------

def files(c, _):
    c.configure()
    c.boot()
    for unit in UNITS:
        rc, out = c.run(["systemd-analyze", "verify", unit])
        assert (rc, out) == (0, ""), (unit, rc, out)
    c.on()
    for unit in (UNIT, "winnowd@news.service"):
        c.must("systemctl start %s || true" % unit)
        out = c.must(["systemd-analyze", "security", "--no-pager", unit])
        score = float(out.split("exposure level for ")[1].split(": ")[1].split()[0])
        print("  %s: %s" % (unit, score))
        assert score <= 1.2, out
    assert c.show(UNIT, "MemoryMax") == str(3 << 30) and c.show(UNIT, "TasksMax") == "512"
    assert c.show(UNIT, "OOMPolicy") == "continue"


def start(c, _):
    c.configure()
    c.boot()
    assert c.run("systemctl is-enabled winnowd")[1].strip() == "disabled"
    rc, out = c.run("systemctl start winnowd && winnow status --json")
    assert rc == 0 and json.loads(out)["state"] == "running", out
    assert "nothing is due" in c.show(UNIT, "StatusText"), c.show(UNIT, "StatusText")
    modes = c.must("cd /var/lib/winnow && stat -c '%n %a %U %G' . queue queue/ready "
                   "queue/cursors state seeds /run/winnow /run/winnow/control.sock")
    assert modes.splitlines() == [
        ". 750 winnow winnow", "queue 750 winnow winnow", "queue/ready 750 winnow winnow",
        "queue/cursors 2770 winnow winnow", "state 700 winnow winnow",
        "seeds 2770 winnow winnow", "/run/winnow 750 winnow winnow",
        "/run/winnow/control.sock 660 winnow winnow"], modes


def empty_handed(c, _):
    """All of /var/lib/winnow is gone: the next start makes it, with its rights."""
    c.configure()
    c.on()
    c.must("systemctl stop winnowd && rm -rf /var/lib/winnow && systemctl start winnowd")
    assert c.must("stat -c %a /var/lib/winnow/queue/cursors").strip() == "2770"
    assert c.must("stat -c %a /var/lib/winnow/state").strip() == "700"


def queue_elsewhere(c, _):
    """The queue is a link to another disk, which a drop-in lets be written."""
    c.configure()
    c.drop_in("ReadWritePaths=-/srv/queue\n")
    c.on()
    c.must("systemctl stop winnowd && mv /var/lib/winnow/queue /srv/queue && "
           "ln -s /srv/queue /var/lib/winnow/queue && systemctl start winnowd")
    with c.site(20) as site:
        c.seed(*site.seeds)
        # Asked inside: from outside the link leads elsewhere.
        assert sites.wait_for(lambda: json.loads(
            c.must("winnow status --json"))["queue"]["records"] >= 20, 30, 0.5), c.journal(UNIT)


def bad_start(c, _):
    c.configure("[fetch]\ntimeout = 30 parsecs")
    c.boot()
    rc, _ = c.run("systemctl start winnowd")
    assert rc != 0
    said = c.journal(UNIT)
    assert "/etc/winnow/winnowd.conf:" in said and "unknown unit" in said, said
    time.sleep(6)  # RestartSec has passed
    assert c.show(UNIT, "ActiveState") == "failed" and c.restarts() == 0, c.journal(UNIT)
    assert c.show(UNIT, "ExecMainStatus") == "4"


# ---- rights ----------------------------------------------------------------------------

def consumer(c, _):
    """Somebody of the group, and somebody who is not."""
    c.configure()
    c.on()
    c.must("useradd -m -G winnow reader && useradd -m stranger")
    with c.site(20) as site:
        c.seed(*site.seeds)
        c.complete(site)
        queue = "/var/lib/winnow/queue"
        for umask in ("022", "027", "077"):
            name = "reader" + umask
            out = c.must("umask %s; winnow queue next -n 5 --consumer %s %s" % (umask, name, queue),
                         user="reader")
            assert len(out.splitlines()) == 5, out
            c.must("umask %s; winnow queue ack --consumer %s %s" % (umask, name, queue),
                   user="reader")
            mode = c.must("stat -c %%A %s/cursors/%s" % (queue, name))
            assert mode[4] == "r", (umask, mode)
            dropped = "/var/lib/winnow/seeds/%s.txt" % name
            c.must("umask %s; echo %s > %s" % (umask, site.seeds[0], dropped), user="reader")
            if umask != "077":  # nobody but its owner may read that
                assert sites.wait_for(lambda d=dropped: c.run("test -e %s.done" % d)[0] == 0), \
                    c.journal(UNIT)
        for good in ("cat %s/index.jsonl %s/SCHEMA.json" % (queue, queue),
                     "zcat %s/ready/*/*.gz" % queue, "winnow status", "winnow seed list",
                     "winnow queue verify " + queue, "winnow queue cursor list " + queue):
            c.must(good, user="reader")
        for bad in ("touch %s/ready/x" % queue, "touch %s/x" % queue, "touch /var/lib/winnow/x",
                    "rm -f %s/ready/*/*.gz" % queue, "rm -f %s/index.jsonl" % queue,
                    "ls /var/lib/winnow/state", "touch %s/tmp/x" % queue,
                    "touch /run/winnow/x", "rm -f /run/winnow/control.sock",
                    "touch /etc/winnow/x", "kill %d" % c.pid()):
            rc, out = c.run(bad, user="reader")
            assert rc != 0, (bad, out)
        for bad in ("ls /var/lib/winnow", "ls /var/lib/winnow/queue/ready", "ls /run/winnow",
                    "winnow status", "ls /var/log/winnow"):
            rc, out = c.run(bad, user="stranger")
            assert rc != 0, (bad, out)
    assert "reader077.txt" in c.journal(UNIT)


# ---- the sandbox -------------------------------------------------------------------------

def sandbox(c, tmp):
    """A whole crawl where a forbidden call kills: DNS, TLS, WARC, logs, HTTP, lists,
    a reload, every command. The full disk has a case of its own."""
    c.drop_in("SystemCallErrorNumber=\nSystemCallErrorNumber=kill\n")
    c.boot()
    tls_pages = ["t%d" % i for i in range(10)]
    with c.example_sites() as seeds, c.tls_site("tls.test", "127.0.9.1", tls_pages, tmp) as tls:
        c.configure(ALL, delay="10ms")
        c.on()
        c.seed(*seeds, tls)
        c.write("/var/lib/winnow/seeds/more.txt", tls + "a/t3.html\n")
        c.must("systemctl reload winnowd")

        def come():
            hosts = [r["host"] for r in c.records()]
            return hosts.count("tls.test") >= 10 and len(hosts) >= 50
        assert sites.wait_for(come, 90, 0.3), c.journal(UNIT)[-3000:]
        for path in ("/", "/metrics", "/healthz", "/status.json"):
            asked = c.beside(["curl", "-sfm", "20", "http://127.0.0.1:9712" + path],
                             stdout=subprocess.PIPE)
            assert asked.communicate(timeout=30)[0] and asked.returncode == 0, path
        c.must("ls /var/lib/winnow/queue/raw /var/lib/winnow/seeds/more.txt.done")
        c.must("cd /var/log/winnow && mv fetch.log old.log && systemctl kill -s USR1 "
               "--kill-whom=main winnowd")
        assert sites.wait_for(lambda: c.run("test -e /var/log/winnow/fetch.log")[0] == 0)
        assert len(c.must("cat /var/log/winnow/old.log").splitlines()) > 50
        for words in (["status"], ["why", tls], ["host", "tls.test"], ["seed", "list"],
                      ["pause"], ["resume"]):
            rc, out = c.winnow(*words)
            assert rc == 0, (words, out)
        locked(c)
        c.must("systemctl stop winnowd")
        c.must("winnow queue verify /var/lib/winnow/queue")
    assert not c.forbidden(), c.forbidden()
    assert c.restarts() == 0 and c.show(UNIT, "Result") == "success"


def locked(c):
    """Workers are in their filter, and are the first to go when memory ends."""
    pid = c.pid()
    zygote, workers = c.workers()
    assert workers
    for p in workers:
        about = c.must("cat /proc/%s/status" % p)
        assert "Seccomp:\t2" in about and "NoNewPrivs:\t1" in about, about
        assert "CapEff:\t0000000000000000" in about and "CapBnd:\t0000000000000000" in about
        assert c.must("cat /proc/%s/oom_score_adj" % p).strip() == "1000"
    for p in (pid, zygote[0]):
        assert int(c.must("cat /proc/%s/oom_score_adj" % p)) < 1000


def full_disk(c, _):
    c.boot()
    c.must("systemd-tmpfiles --create winnow.conf; "
           "mount -t tmpfs -o size=3m,mode=0750 none /var/lib/winnow && "
           "chown winnow:winnow /var/lib/winnow")
    c.drop_in("WatchdogSec=4s\n")
    c.configure("[queue]\nmin_free = 0\n")
    c.on()
    with c.site(400, size=30000) as site:
        c.seed(*site.seeds)
        assert sites.wait_for(lambda: c.status()["state"] == "blocked", 60, 0.2), c.status()
        assert sites.wait_for(lambda: "nothing is fetched" in c.show(UNIT, "StatusText"), 60), \
            c.show(UNIT, "StatusText")
        time.sleep(5)
        assert c.restarts() == 0, "the watchdog took it for hung"
        c.must("mount -o remount,size=200m /var/lib/winnow")
        names = "find /var/lib/winnow/queue/ready -name '*.gz' | xargs zcat"

        def done():
            got = [json.loads(x)["url"] for x in c.run(names)[1].splitlines() if x[:1] == "{"]
            return got if site.wanted() <= set(got) else None
        got = sites.wait_for(done, 90, 0.5)
        assert got and len(got) == len(set(got)), (c.status(), c.journal(UNIT)[-2000:])
    assert c.restarts() == 0


def bound_memory(c, bytes_):
    """As MemoryMax= does; the file that counts who was killed for it. Where control
    groups are of the old kind a container cannot: then this machine does."""
    if "memory" in c.run("cat /sys/fs/cgroup/cgroup.controllers")[1].split():
        c.must("systemctl set-property --runtime winnowd MemoryMax=%d" % bytes_)
        return c.inside("sys/fs/cgroup/system.slice/winnowd.service/memory.events")
    group = "/sys/fs/cgroup/memory/winnow-test-" + c.name
    try:
        os.mkdir(group)
    except OSError as why:
        raise sites.Cases.Skip("no memory can be bounded here: %s" % why) from None
    with open(group + "/memory.limit_in_bytes", "w", encoding="ascii") as f:
        f.write(str(bytes_))
    zygote, workers = c.workers()
    for pid in c.host_pids([c.pid(), *map(int, zygote + workers)]):
        with open(group + "/cgroup.procs", "w", encoding="ascii") as f:
            f.write(str(pid))
    return group + "/memory.oom_control"


def memory(c, _):
    """Pages that take a worker all the memory that the service may have."""
    c.hook()
    c.configure("[clean]\nmemory = 4GiB\nworkers = 2\n")
    c.on()
    pid = c.pid()
    counts = bound_memory(c, 300 << 20)
    with c.site(30) as site:
        bloats = site.seeds[0] + "bloats.html"
        site.server.pages["/bloats.html"] = webpages.Page(
            webpages.article("bloats", extra="<!-- winnow-test:bloat -->"))
        c.seed(bloats, *site.seeds)
        assert sites.wait_for(lambda: json.loads(c.winnow("why", "--json", bloats)[1])["state"]
                              != "due", 120, 0.5), c.journal(UNIT)[-2000:]
        about = json.loads(c.winnow("why", "--json", bloats)[1])
        assert about["state"] == "poison", about
        c.complete(site)
    with open(counts, encoding="ascii") as f:
        killed = dict(line.split() for line in f)["oom_kill"]
    assert int(killed) > 0, killed
    assert c.pid() == pid and c.restarts() == 0, c.journal(UNIT)[-2000:]


# ---- reload ---------------------------------------------------------------------------------

def reload_good(c, _):
    c.configure("[scope]\nmax_depth = 0\n")
    c.on()
    pid = c.pid()
    with c.site(5) as site:
        c.seed(*site.seeds)
        c.configure("[scope]\nmax_depth = 2\n[seeds]\nfiles = /etc/winnow/seeds.txt\n")
        c.write("/etc/winnow/seeds.txt", site.seeds[0] + "a/p0.html\n")
        c.must("systemctl reload winnowd")
        assert sites.wait_for(lambda: len(c.records()) == 1, 30, 0.1), c.journal(UNIT)
        said = c.journal(UNIT)
        assert "max_depth" in said and c.active() and c.pid() == pid, said


def reload_bad(c, _):
    c.configure("[scope]\nmax_depth = 0\n")
    c.on()
    pid = c.pid()
    c.configure("[scope]\nmax_dept = 2\n")
    rc, _ = c.run("systemctl reload winnowd")
    assert rc != 0, "systemctl says that all is well"
    said = c.journal(UNIT)
    assert "max_dept" in said and "max_depth" in said, said
    assert c.active() and c.pid() == pid
    c.must("kill -HUP %d" % pid)  # somebody who does not ask first
    assert sites.wait_for(lambda: "last reload failed" in c.show(UNIT, "StatusText")), \
        c.show(UNIT, "StatusText")
    assert "old settings stay" in c.journal(UNIT)
    c.configure("[scope]\nmax_depth = 0\n")  # for winnow, not read by winnowd
    with c.site(5) as site:
        c.seed(*site.seeds)
        time.sleep(1)
        assert not c.records(), "the depth changed"
    assert c.active() and c.pid() == pid


# ---- the watchdog -----------------------------------------------------------------------------

def watchdog(c, _):
    """A hang and a storm are restarted, and the crawl goes on where it was."""
    c.hook("WatchdogSec=4s\nRestartSec=100ms\n")
    c.configure(delay="50ms")
    c.on()
    with c.site(100, hosts=2) as site:
        c.seed(*site.seeds)
        for n, sig in enumerate(("USR2", "URG"), 1):
            c.articles(10)
            c.must("kill -%s %d" % (sig, c.pid()))
            assert sites.wait_for(lambda n=n: c.restarts() == n and c.active(), 30, 0.2), \
                (sig, c.journal(UNIT)[-2000:])
            assert "watchdog" in c.journal(UNIT).lower()
        c.complete(site)


def stuck_store(c, _):
    c.copy(os.path.join(sites.BUILD, "tests/preload/stuck.so"), "/usr/lib/stuck.so", 0o755)
    c.drop_in("WatchdogSec=4s\nRestartSec=100ms\nEnvironment=LD_PRELOAD=/usr/lib/stuck.so "
              "STUCK=/var/lib/winnow/stuck\n")
    c.configure(delay="20ms")
    c.on()
    with c.site(60) as site:
        c.seed(*site.seeds)
        c.articles(5)
        c.must("touch /var/lib/winnow/stuck")
        assert sites.wait_for(lambda: "watchdog" in c.journal(UNIT).lower(), 30, 0.2), \
            c.journal(UNIT)[-2000:]
        c.must("rm /var/lib/winnow/stuck")
        assert sites.wait_for(lambda: c.restarts() == 1 and c.active(), 30, 0.2)
        c.complete(site)


def busy(c, _):
    """A crawl as fast as it goes, a pause and a reload: no watchdog."""
    c.drop_in("WatchdogSec=4s\n")
    c.configure()
    c.on()
    pid = c.pid()
    with c.site(700, hosts=3) as site:
        c.seed(*site.seeds)
        c.complete(site)
    c.winnow("pause")
    time.sleep(5)
    assert "paused" in c.show(UNIT, "StatusText")
    assert c.restarts() == 0 and c.pid() == pid, c.journal(UNIT)[-2000:]


# ---- kills ----------------------------------------------------------------------------------

def kills(c, _):
    c.drop_in("RestartSec=100ms\n")
    c.configure(delay="30ms")
    c.on()
    with c.site(100, hosts=2) as site:
        c.seed(*site.seeds)
        for n, who in enumerate(("daemon", "zygote", "daemon"), 1):
            c.articles(8)
            pid = c.pid()
            victim = pid if who == "daemon" else c.workers(pid)[0][0]
            c.must("kill -KILL %s" % victim)
            assert sites.wait_for(lambda n=n, p=pid: c.restarts() == n and c.active()
                                  and c.pid() != p, 30, 0.1), (who, c.journal(UNIT)[-2000:])
            _, workers = c.workers()
            c.run("kill -KILL " + " ".join(workers))
        c.complete(site)
        assert c.restarts() == 3 and c.show(UNIT, "NRestarts") == "3"


def stop(c, _):
    """With many transfers under way and pages half cleaned."""
    c.configure()
    c.on()
    with c.site(2000, hosts=4, wait=0.2) as site:
        c.seed(*site.seeds)
        c.articles(20)
        began = time.monotonic()
        c.must("systemctl stop winnowd")
        took = time.monotonic() - began
        print("  stopped in %.1f s" % took)
        assert took < 5 and c.show(UNIT, "Result") == "success", (took, c.journal(UNIT)[-2000:])
        left = c.must("find /var/lib/winnow/queue/tmp -name '*.gz'; ls /run | grep winnow || true")
        assert not left, left
        twice = sites.once(c.records())
        assert not twice, twice


# ---- several, and off and on -------------------------------------------------------------------

def instances(c, _):
    c.configure(delay="20ms")
    with open(os.path.join(HERE, "../../systemd/instance.conf"), encoding="utf-8") as f:
        own = f.read().replace("NAME", "news")
    c.configure(own, delay="20ms", name="news")
    c.configure("", name="lost")  # its paths are forgotten
    c.on()
    c.must("systemctl enable --now winnowd@news")
    with c.site(40) as one, c.site(40, hosts=2) as two:
        c.seed(*one.seeds)
        c.seed(*two.seeds, name="news")
        c.complete(one)
        c.must("systemctl stop winnowd")
        assert c.status("news")["ok"], "stopping one took the other's socket"
        c.complete(two, "winnow-news")
    modes = c.must("cd /var/lib/winnow-news && stat -c '%n %a %U %G' . queue/ready queue/cursors "
                   "state seeds")
    assert modes.splitlines() == [
        ". 750 winnow winnow", "queue/ready 750 winnow winnow",
        "queue/cursors 2770 winnow winnow", "state 700 winnow winnow",
        "seeds 2770 winnow winnow"], modes
    rc, _ = c.run("systemctl start winnowd@lost")
    said = c.journal("winnowd@lost")
    assert rc != 0 and "/var/lib/winnow/" in said, said
    c.must("systemctl stop winnowd@lost; systemctl start winnowd")


def reboot(c, _):
    """Off and on in the middle of a crawl, and the power lost."""
    c.configure(delay="50ms")
    c.on()
    with c.site(60, hosts=2) as site:
        c.seed(*site.seeds)
        c.articles(10)
    c.poweroff()
    had = len(c.records())
    twice = sites.once(c.records())
    assert had and not twice, (had, twice)
    c.boot()
    assert sites.wait_for(c.active, 20, 0.2), c.journal(UNIT)
    assert c.status()["frontier"]["known"] >= had
    c.kill()
    c.boot()
    assert sites.wait_for(c.active, 20, 0.2), c.journal(UNIT)
    assert len(c.records()) >= had
    c.must("winnow queue verify /var/lib/winnow/queue")


CASES = (
    ("systemd-analyze has nothing to say, and scores 1.2 or less", files),
    ("it starts, answers at once, and its directories have their rights", start),
    ("without its directories it starts all the same", empty_handed),
    ("its queue may be a link to another disk", queue_elsewhere),
    ("with a wrong file it says where, and is not tried again", bad_start),
    ("one of the group reads, keeps cursors, drops lists, and no more", consumer),
    ("the sandbox forbids nothing that a crawl needs", sandbox),
    ("when memory ends it is a worker that dies, and costs its page", memory),
    ("a full disk pauses it, room lets it go on, the watchdog lets it be", full_disk),
    ("systemctl reload takes new settings", reload_good),
    ("systemctl reload fails on a wrong file, and the old settings stay", reload_bad),
    ("a loop that hangs or storms is restarted, and nothing is lost", watchdog),
    ("a disk that never answers is not waited for without end", stuck_store),
    ("a busy loop and a paused one are not restarted", busy),
    ("kill -9 of daemon, zygote and workers loses nothing, repeats nothing", kills),
    ("systemctl stop under load takes less than 5 s", stop),
    ("winnowd and winnowd@news run side by side", instances),
    ("a reboot and a loss of power: it goes on", reboot),
)


def main():
    run = sites.Cases()
    try:
        container.need_boot()
        Service().__exit__()
    except container.Skip as why:
        for name, _ in CASES:
            print("skip - systemd: %s: %s" % (name, why))
        return 0
    for name, fn in CASES:
        if sys.argv[1:] and fn.__name__ not in sys.argv[1:]:
            continue
        with sites.workdir() as tmp, Service() as c:
            began = time.monotonic()
            run.case("systemd: " + name, fn, c, tmp)
            print("  %.1f s" % (time.monotonic() - began), flush=True)
    return run.failed != 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
