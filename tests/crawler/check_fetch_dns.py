#!/usr/bin/env python3
"""Names that fail take nothing from hosts that answer (H49), and a dead address
beside a living one costs no second (H50)."""
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import hostile_net  # noqa: E402
import sites  # noqa: E402
from hostile import article  # noqa: E402

GOOD, PAGES = 8, 14
STORM = 1500  # of each kind; together more hosts than have a place in memory
DELAY_MS = 100


class Names(hostile_net.Names):
    """h0.silent.test is never answered, .fail.test is SERVFAIL, .gone.test NXDOMAIN;
    a name in `six` has an AAAA too."""

    def __init__(self, net):
        super().__init__(net)
        self.six, self.storm = {}, 0

    def answer(self, q):
        at, labels = 12, []
        while q[at]:
            labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
            at += q[at] + 1
        name, kind = ".".join(labels).lower(), q[at + 2]
        self.storm += name.count(".") > 1
        if name.endswith(".silent.test"):
            raise IndexError
        if name.endswith(".fail.test"):
            return q[:2] + struct.pack(">HHHHH", 0x8182, 1, 0, 0, 0) + q[12:at + 5]
        if name in self.six and kind == 28:
            ip = socket.inet_pton(socket.AF_INET6, self.six[name])
            return q[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + q[12:at + 5] + \
                b"\xc0\x0c" + struct.pack(">HHIH", 28, 1, 300, 16) + ip
        return super().answer(q)


class Run:
    def __init__(self, tmp, public):
        self.tmp, self.public = tmp, public
        self.net = hostile_net.Net(public)
        self.web = hostile_net.Web(self.net)
        self.names = Names(self.net)
        self.names.start()

    def command(self, name, seeds, *more):
        path = os.path.join(self.tmp, name)
        with open(path + ".txt", "w", encoding="utf-8") as f:
            f.write("\n".join(seeds) + "\n")
        nets = "fetch.allow_net=::1/128" + ("" if self.public else ",127.1.0.0/16")
        cmd = [sites.WINNOW, "crawl", "--json", "-o", path, "--max-time", "60s"]
        for o in ("fetch.dns=" + self.names.server, "fetch.hosts_file=",
                  "politeness.delay=%dms" % DELAY_MS, "politeness.delay_address=0",
                  "politeness.robots=ignore", "scope.max_depth=0", nets, *more):
            cmd += ["-O", o]
        return cmd + [path + ".txt"]

    def crawl(self, name, seeds, *more):
        return sites.run(self.command(name, seeds, *more), 90)

    def good(self, prefix):
        """Hosts that answer, each with its pages; their seeds."""
        out = []
        for i in range(GOOD):
            host = "%s%d.test" % (prefix, i)
            self.web.add(host, lambda c: c.page(article(len(c.path))))
            out += [self.net.url(host, "/%d" % j) for j in range(PAGES)]
        return out

    def rows(self, prefix):
        return [r for r in list(self.web.seen) if r[0].startswith(prefix)
                and r[1][1:].isdigit() and r[1] != "/0"]

    def span(self, prefix):
        """Seconds from its first request to its last, of the slowest good host."""
        rows = self.rows(prefix)
        assert len(rows) == GOOD * (PAGES - 1), len(rows)
        return max(max(r[4] for r in rows if r[0] == h) - min(r[3] for r in rows if r[0] == h)
                   for h in {r[0] for r in rows})


def storm(run):
    rc, _, err = run.crawl("alone", run.good("alone"))
    assert rc == 0, err
    alone = run.span("alone")
    port = "" if run.public else ":%d" % run.net.port
    bad = ["http://h%d.%s.test%s/" % (i, kind, port) for kind in ("silent", "fail", "gone")
           for i in range(STORM)]
    good = run.good("beside")
    run.crawl("storm", good[::PAGES])  # hosts that have answered before
    p = subprocess.Popen(run.command("storm", bad + good), stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    sites.wait_for(lambda: len(run.rows("beside")) == GOOD * (PAGES - 1), 50)
    p.send_signal(signal.SIGINT)
    assert p.wait(180) == 0
    beside = run.span("beside")
    print("  %d good pages: %.2f s alone, %.2f s beside %d names that fail (%d questions): "
          "%.0f %% of the rate" % (GOOD * (PAGES - 1), alone, beside, 3 * STORM,
                                   run.names.storm, 100 * alone / beside))
    assert beside < 2 * alone + 2, (alone, beside)  # the machine may be busy


def deaf(address, port):
    """A listener whose queue is full: further SYNs are swallowed. The sockets."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(0)
    out = [s]
    for _ in range(3):
        c = socket.socket(family)
        c.setblocking(False)
        c.connect_ex((address, port))
        out.append(c)
    time.sleep(0.1)
    return out


def eyeballs(run, dead_six):
    """One family is dead, the other answers: how long does the page take?"""
    host = "dead6.test" if dead_six else "dead4.test"
    run.names.six[host] = "::1"
    address, port = run.net.address(host), run.net.port
    try:
        probe = socket.socket(socket.AF_INET6)
        probe.bind(("::1", 0))
        probe.close()
    except OSError as e:
        raise sites.Cases.Skip("no IPv6 here") from e
    if dead_six:
        held = deaf("::1", port)
        run.web.add(host, lambda c: c.page(article(6)))
    else:
        held = deaf(address, port)
        s = socket.socket(socket.AF_INET6)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("::1", port))
        s.listen(16)
        held.append(s)

        def serve():
            while True:
                try:
                    c, _ = s.accept()
                    c.recv(65536)
                    body = article(4)
                    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d"
                              b"\r\n\r\n" % len(body) + body)
                    c.close()
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
    began = time.monotonic()
    rc, out, err = run.crawl(host, [run.net.url(host)], "fetch.connect_timeout=8s",
                             "queue.flush_after=10ms", "fetch.max_tries=1")
    took = time.monotonic() - began
    for s in held:
        s.close()
    assert rc == 0 and '"articles":1' in out, (rc, out, err[-1000:])
    print("  the whole crawl of one page: %.2f s" % took)
    assert took < 4 * sites.slowness(), took  # far from connect_timeout; start and end of a crawl are in it


def main():
    c = sites.Cases()
    why = hostile_net.enter_namespace()
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            c.case("h49: a storm of names that fail takes nothing from the others", storm, run)
            c.case("h50: IPv6 dead, IPv4 alive", eyeballs, run, True)
            c.case("h50: IPv4 dead, IPv6 alive", eyeballs, run, False)
        finally:
            run.web.stop()
            run.names.stop()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
