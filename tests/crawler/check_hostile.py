#!/usr/bin/env python3
"""The real daemon meets the hostile web (hostile_acts.py), all of it at once.

One winnowd, a host for each behaviour and good ones between. Then, behaviour by
behaviour: how its page was settled, in words that `winnow why` tells, and what
the server saw. The daemon must be alive, with as many descriptors and as much
memory as before. HOSTILE.md beside this file says which test proves which
number of the catalogue; the last case here holds it to that.

    check_hostile.py [--keep DIR]"""
import glob
import json
import os
import re
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import hostile_acts as acts  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
from hostile import article, text_of  # noqa: E402

GOOD = 6  # good hosts, of as many pages
MIB = 1 << 20
MAX_BODY = 2 * MIB
SETTINGS = [("politeness.delay", "20ms"), ("fetch.connect_timeout", "800ms"),
            ("fetch.first_byte_timeout", "800ms"), ("fetch.low_speed_time", "1s"),
            ("fetch.timeout", "2500ms"), ("fetch.max_tries", "2"), ("fetch.parallel", "128"),
            ("fetch.max_body", "%d" % MAX_BODY), ("fetch.hosts_file", ""),
            ("fetch.dns_timeout", "500ms"), ("scope.max_depth", "1"), ("log.level", "info"), ("find.sitemap_places", ""), ("politeness.backoff", "200ms"),
            ("revisit.hubs", "false"), ("revisit.articles", "false"),
            ("clean.workers", "2")]


# ---- what /proc tells ---------------------------------------------------------------


def status_kib(pid, key):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        for line in f:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def children(pid):
    out = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="latin-1") as f:
                text = f.read()
        except OSError:
            continue
        if int(text.rsplit(")", 1)[1].split()[1]) == pid:
            out.append(int(text.split(" ", 1)[0]))
    return out


def workers(pid):
    return [w for z in children(pid) for w in children(z)]


def cpu_s(pid):
    with open("/proc/%d/stat" % pid, encoding="latin-1") as f:
        rest = f.read().rsplit(")", 1)[1].split()
    return (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")


def peak_reset(pid):
    with open("/proc/%d/clear_refs" % pid, "w", encoding="ascii") as f:
        f.write("5")


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


# ---- the run --------------------------------------------------------------------------


class Run:
    """One daemon, the hostile web, good hosts."""

    def __init__(self, tmp, public):
        self.net = hostile_net.Net(public)
        self.web = hostile_net.Web(self.net)
        self.names = hostile_net.Names(self.net)
        self.names.start()
        self.secret = self.secrets()
        more = [("fetch.dns", self.names.server)]
        if not public:
            more.append(("fetch.allow_net", "127.1.0.0/16"))
        self.d = sites.Daemon(tmp, SETTINGS + more)
        self.wants = {}  # url -> (id, Want)
        for i in range(GOOD):
            self.web.add("good%d.test" % i, good)
        self.net.address("nowhere.test")

    def secrets(self):
        """Listeners where nobody may ever connect."""
        self.net.names["inside.test"] = "127.0.0.1"
        got = []
        for a in ("127.0.0.1", "::1", *hostile_net.PRIVATE):
            s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET)
            try:
                s.bind((a, self.net.port))
            except OSError:
                continue
            s.listen(16)
            self.web.watch(s, "secret " + a)
            got.append(a)
        return got

    def add(self, rows, prefix=""):
        """Hosts for the rows, and their seeds as lines of a list."""
        lines = []
        for r in rows:
            host = prefix + r.host
            self.net.address(host)
            if r.act is not None:
                self.web.add(host, r.act, r.robots)
            for w in r.wants:
                url = self.net.url(host, w.path)
                self.wants[url] = (r.id, w)
                if w.kind != "found":
                    lines.append(url + ("\ttype=" + w.kind if w.kind else ""))
        return lines

    def good_lines(self, n):
        return [self.net.url("good%d.test" % i, "/%d/%d" % (n, j))
                for i in range(GOOD) for j in range(GOOD)]

    def ask(self, command):
        """The daemon's answer, over its socket."""
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(self.d.socket)
        s.sendall(command.encode() + b"\n")
        s.shutdown(socket.SHUT_WR)
        out = b""
        while got := s.recv(65536):
            out += got
        s.close()
        return json.loads(out)

    def why(self, url):
        return self.ask("why " + url)

    def crawl(self, lines, name, limit=40):
        """Drops a list and waits until nothing of it is due."""
        path = os.path.join(self.d.spool, name)
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        os.rename(path + ".part", path)
        assert sites.wait_for(lambda: os.path.exists(path + ".done"), 10), self.d.words()

        def over():
            f = self.ask("status")["frontier"]
            return f["due"] == 0 and f["out"] == 0
        assert sites.wait_for(over, limit, 0.05), self.ask("status")

    def at_rest(self):
        """Kept connections ended, buffers as after any page: (fds, RssAnon KiB)."""
        time.sleep(0.1)
        self.web.hang_up()
        self.rest = getattr(self, "rest", 0) + 1
        time.sleep(1.1)  # libcurl looks for dead connections once a second
        self.crawl([self.net.url("good0.test", "/rest/%d" % self.rest)], "rest%d" % self.rest)
        self.web.hang_up()
        pid = self.d.proc.pid
        return descriptors(pid), status_kib(pid, "RssAnon")


def good(c):
    n = sum(ord(x) for x in c.host) * 1000 + sum((i + 1) * ord(x) for i, x in enumerate(c.path))
    return c.page(article(n))


# ---- one behaviour -------------------------------------------------------------------------


def settled_as(run, number):
    """Every page of that number, in both rounds."""
    n, wrong = 0, []
    for url, (key, want) in run.wants.items():
        if key != number:
            continue
        n += 1
        w = run.why(url)
        if w.get("state") not in want.states.split("|"):
            wrong.append("%s is %s (%s), wanted %s" % (url, w.get("state"), w.get("reason"),
                                                       want.states))
        elif not re.search(want.reason, w["reason"] or "", re.I):
            wrong.append("%s: reason %r, wanted %r" % (url, w["reason"], want.reason))
        elif not (w["state"] in ("done", "redirected") or w["reason"]):
            wrong.append("%s: %s without a reason" % (url, w["state"]))
        if os.environ.get("HOSTILE_SHOW"):
            print("  %-50s %-12s %3d tries %d  %s" % (url[:50], w.get("state"), w.get("status"),
                                                      w.get("tries"), w.get("reason")))
    assert n > 0, "no page of " + number
    assert not wrong, "\n".join(wrong)


def main():
    c = sites.Cases()
    why = hostile_net.enter_namespace()
    if why:
        print("skip - hostile: public addresses in a network of its own: " + why)
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            whole(c, run)
        finally:
            run.d.stop()
            run.web.stop()
            run.names.stop()
    return c.failed != 0


def whole(c, run):
    table = acts.rows()
    run.d.start().ready()
    run.crawl(run.good_lines(0), "good")
    before = run.at_rest()
    t = time.monotonic()
    run.crawl(run.add(table) + run.good_lines(1), "one")
    print("  round one: %.1f s" % (time.monotonic() - t))
    first = run.at_rest()
    t = time.monotonic()
    run.crawl(run.add(table, "again.") + run.good_lines(2), "two")
    print("  round two: %.1f s" % (time.monotonic() - t))
    second = run.at_rest()
    more=[]
    for i in range(int(os.environ.get("ROUNDS", "0"))):
        run.crawl(run.add(table, "r%d." % i) + run.good_lines(3+i), "more%d" % i)
        more.append(run.at_rest())
    print("  at rest (fds, KiB): %s %s %s %s" % (before, first, second, more))
    for number in sorted({r.id for r in table}):
        c.case("%s: each of its pages ends as it should, and why tells it" % number,
               settled_as, run, number)


if __name__ == "__main__":
    sys.exit(main())
