#!/usr/bin/env python3
"""Politeness, proved at the server: its log of when each request began and each
answer ended never shows two requests to one host closer than the delay, counted
from the end of an answer, nor two at a time; whatever names, redirects,
robots.txt, failures, cut connections, addresses and kills come in between.

The end of an answer is noted just before its last byte is sent, its beginning
when its head has been read: what the server is late, it is late in favour of
neither."""
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402

JITTER = 0.002
TEXT = ("<p>The ferry left the north bank at six with the post and eleven sheep, "
        "and page %s of the log says that the river stood a hand below the "
        "mark, so that the rope had to be let out twice before noon.</p><p>On "
        "the way back the ferryman counted %s herons and wrote them down as he "
        "did every spring, beside the names of those who crossed.</p>")


class Server:
    """A web server on several ports: ask(host, port, path, n) -> bytes of an
    answer, or a dict of what else to do; n: the how manieth of its connection."""

    def __init__(self, ask, addresses=("127.0.0.1",), ports=1,
                 certificate=None):
        self.ask, self.log, self.lock = ask, [], threading.Lock()
        self.running, self.most = {}, 0
        self.sockets, self.ports = [], []
        for i in range(ports):
            port = 0
            for address in addresses:
                self.sockets.append(socket.create_server(
                    (address, port), backlog=256,
                    family=socket.AF_INET6 if ":" in address
                    else socket.AF_INET))
                port = self.sockets[-1].getsockname()[1]
            self.ports.append(port)
        self.tls = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            s = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.sockets.append(s)
            self.tls = s.getsockname()[1]
        for s in self.sockets:
            threading.Thread(target=self.accept, daemon=True,
                             args=(s, context if certificate and
                                   s is self.sockets[-1] else None)).start()

    def accept(self, listener, context):
        while True:
            try:
                c, _ = listener.accept()
            except OSError:
                return
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(c, context),
                             daemon=True).start()

    def close(self):
        for s in self.sockets:
            s.close()

    def serve(self, c, context):
        try:
            c.settimeout(30)
            if context:
                c = context.wrap_socket(c, server_side=True)
            n, data = 0, b""
            while True:
                while b"\r\n\r\n" not in data:
                    more = c.recv(65536)
                    if not more:
                        return
                    data += more
                began = time.monotonic()
                head, data = data.split(b"\r\n\r\n", 1)
                n += 1
                if not self.answer(c, head.decode("latin-1"), n, began):
                    return
        except (OSError, ValueError):
            pass
        finally:
            c.close()

    def answer(self, c, head, n, began):
        path = head.split()[1]
        host = re.search(r"(?im)^host:\s*(\S+)", head).group(1).lower()
        name, _, port = host.partition(":")
        local = c.getsockname()[0]
        row = {"host": name.rstrip("."), "port": port, "path": path, "n": n,
               "began": began, "ended": None, "address": local}
        with self.lock:
            self.log.append(row)
        try:
            return self.say(c, row, self.ask(row))
        finally:
            row["ended"] = row["ended"] or time.monotonic()

    def say(self, c, row, a):
        """Sends it in two parts; true while the connection is kept."""
        if isinstance(a, bytes):
            a = {"body": a}
        if a.get("silent"):  # until the other side has had enough
            select.select([c], [], [], 20)
        if a.get("silent") or a.get("cut"):
            return False
        body = a.get("body", b"")
        out = ("HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n" % (
            a.get("status", 200), len(body), "".join(
                "%s: %s\r\n" % kv for kv in a.get("headers", {
                    "Content-Type": "text/html"}).items()))).encode() + body
        c.sendall(out[:-1])
        time.sleep(a.get("drip", 0))
        row["ended"] = time.monotonic()
        c.sendall(out[-1:])
        return True

    def rows(self):
        with self.lock:
            return sorted(self.log, key=lambda r: r["began"])


def page(name, links=()):
    return ("<html><head><title>Ferry %s</title></head><body><h1>Ferry %s</h1>"
            "%s<p>%s</p></body></html>" % (
                name, name, TEXT % (name, name), " ".join(
                    "<a href='%s'>page %s</a>" % (u, u) for u in links))
            ).encode()


def host_of(row):
    """The politeness host of a row."""
    h = row["host"]
    return h[4:] if h.startswith("www.") else h


def polite(rows, delay, group=host_of):
    """What is wrong with a log; '' when nothing is."""
    last = {}
    for r in rows:
        p = last.get(group(r))
        if p is not None:
            gap = r["began"] - (p["ended"] or 1e9)
            if gap < delay - JITTER:
                return "%s %s came %.1f ms after the end of %s %s" % (
                    r["host"], r["path"], gap * 1000, p["host"], p["path"])
        last[group(r)] = r
    return ""


def command(tmp, name, *more):
    cmd = [sites.WINNOW, "crawl", "-o", os.path.join(tmp, name), "-q"]
    for o in ("fetch.allow_net=127.0.0.0/8", "fetch.dns=127.0.0.1:9",
              "fetch.dns_timeout=1s", "fetch.tls_verify=false",
              "fetch.hosts_file=" + os.path.join(tmp, "hosts"),
              "scope.mode=any", "scope.max_depth=50") + more:
        cmd += ["-O", o] if "=" in o and o[0] != "-" and "://" not in o else [o]
    return cmd


def hosts(tmp, table):
    with open(os.path.join(tmp, "hosts"), "w", encoding="ascii") as f:
        for name, address in table.items():
            f.write("%s %s\n" % (address, name))


def crawl(cmd, limit=60):
    p = subprocess.run(cmd, capture_output=True, text=True, timeout=limit * sites.PATIENCE,
                       check=False)
    return p.returncode, p.stderr


def certificate(tmp):
    pem = os.path.join(tmp, "both.pem")
    if shutil.which("openssl") is None:
        return None
    key, crt = os.path.join(tmp, "k.pem"), os.path.join(tmp, "c.pem")
    p = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                        "-nodes", "-days", "2", "-subj", "/CN=names.test",
                        "-keyout", key, "-out", crt], capture_output=True,
                       check=False)
    if p.returncode != 0:
        return None
    with open(pem, "wb") as out:
        for part in (key, crt):
            with open(part, "rb") as f:
                out.write(f.read())
    return pem


# ---- one host under many names ---------------------------------------------------

def every_name(tmp):
    """www, ports, http and https, case, a dot at the end, IDN: one politeness.
    Redirects from name to name, robots.txt of each, answers of all lengths."""
    rnd = random.Random(5)

    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["path"] == "/robots.txt":
            return {"status": 404 if n % 2 else 200,
                    "body": b"User-agent: *\nDisallow: /no\n",
                    "headers": {"Content-Type": "text/plain"}}
        how = {"drip": rnd.choice((0, 0, 0.005, 0.02))}
        if n % 7 == 3:
            return dict(how, status=302, headers={"Location": names[n % len(
                names)] + "/r%d" % (n + 1)})
        links = [names[(n * 5 + k) % len(names)] + "/p%d" % (n * 3 + k)
                 for k in (1, 2, 3)] if n < 30 else []
        return dict(how, body=page(r["host"] + r["path"], links))

    s = Server(ask, ports=2, certificate=certificate(tmp))
    a, b = s.ports
    names = ["http://names.test:%d" % a, "http://www.names.test:%d" % b,
             "http://NAMES.test.:%d" % b, "http://www.Names.TEST:%d" % a,
             "http://b\u00fccher.test:%d" % a,
             "http://xn--bcher-kva.test:%d" % b]
    if s.tls:
        names += ["https://names.test:%d" % s.tls,
                  "https://www.xn--bcher-kva.test:%d" % s.tls]
    hosts(tmp, {n: "127.0.0.1" for n in (
        "names.test", "www.names.test", "xn--bcher-kva.test",
        "www.xn--bcher-kva.test")})
    code, err = crawl(command(tmp, "names", "politeness.delay=40ms",
                              "politeness.delay_address=0", "fetch.parallel=16",
                              *[n + "/p0" for n in names]))
    rows = s.rows()
    s.close()
    assert code == 0, (code, err)
    assert len(rows) > 90, len(rows)
    assert len({(r["host"], r["port"]) for r in rows}) >= (6 if s.tls else 4)
    assert len({host_of(r) for r in rows}) == 2
    assert not polite(rows, 0.040), polite(rows, 0.040)


# ---- guests, failures, cut connections -------------------------------------------

def guests_and_failures(tmp):
    """robots.txt that redirects to a busy host, in chains and rings; 429, 500,
    connections cut before, within and after; kept ones closed without a word."""
    seen = {}

    def ask(r):
        host, path = r["host"], r["path"]
        k = seen[host] = seen.get(host, 0) + 1
        if path == "/robots.txt" and host in leads:
            return {"status": 301, "headers": {
                "Location": "http://%s:%s/robots.txt" % (leads[host],
                                                         r["port"])}}
        if path == "/robots.txt":
            return {"body": b"", "headers": {}}
        if host == "cut.test" and r["n"] > 1:
            return {"cut": 1}
        if host == "bad.test" and k % 4 == 0:
            return [{"status": 500}, {"cut": 1}, {"status": 429}][k // 4 % 3]
        n = int(re.sub(r"\D", "", path) or 0)
        return {"drip": 0.01 if n % 3 == 0 else 0, "body": page(
            host + path, ["/p%d" % (2 * n + k) for k in (1, 2)]
            if n < 7 else [])}

    # each to the one busy host; and a ring that nobody gets out of
    leads = {"one.test": "busy.test", "two.test": "busy.test",
             "three.test": "two.test", "ring1.test": "ring2.test",
             "ring2.test": "ring1.test"}
    names = ["busy.test", "cut.test", "bad.test"] + sorted(leads)
    hosts(tmp, {n: "127.0.0.1" for n in names})
    s = Server(ask)
    code, err = crawl(command(
        tmp, "guests", "politeness.delay=50ms", "politeness.delay_address=0",
        "politeness.backoff=80ms", "politeness.rest=200ms",
        *["http://%s:%d/p0" % (n, s.ports[0]) for n in names]), 90)
    rows = s.rows()
    s.close()
    assert code in (0, 5), (code, err)
    assert not polite(rows, 0.050), polite(rows, 0.050)
    asked = {n: {r["path"] for r in rows if r["host"] == n} for n in names}
    for n in names:  # every page of each was asked for in the end
        assert len([p for p in asked[n] if p[:2] == "/p"]) == 15, (
            n, asked[n])
    cut = [r for r in rows if r["host"] == "cut.test"]
    assert max(r["n"] for r in cut) == 2, "no kept connection was used"


# ---- hosts that share an address -------------------------------------------------

def one_address(tmp):
    """Ten hosts at one address, two at another: delay_address holds for each
    address, delay for each host, and nobody is forgotten."""
    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["path"] == "/robots.txt":
            return {"status": 404}
        return {"drip": 0.005, "body": page(r["host"] + r["path"],
                                            ["/p%d" % (n + 1)] if n < 5 else [])}

    names = ["s%d.test" % i for i in range(12)]
    hosts(tmp, {n: "127.0.0.%d" % (2 + (i >= 10))
                for i, n in enumerate(names)})
    s = Server(ask, ("127.0.0.2", "127.0.0.3"))
    code, err = crawl(command(
        tmp, "address", "politeness.delay=20ms",
        "politeness.delay_address=30ms",
        *["http://%s:%d/p0" % (n, s.ports[0]) for n in names]))
    rows = s.rows()
    s.close()
    assert code == 0, (code, err)
    assert len(rows) >= 12 * 7, len(rows)
    assert not polite(rows, 0.020), polite(rows, 0.020)
    wrong = polite(rows, 0.030, lambda r: r["address"])
    assert not wrong, wrong


def both_families(tmp):
    """A host with an IPv4 and an IPv6 address keeps the pause of both, for it
    may be asked at either."""
    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["path"] == "/robots.txt":
            return {"status": 404}
        return page(r["host"] + r["path"], ["/p%d" % (n + 1)] if n < 5 else [])

    try:
        s = Server(ask, ("127.0.0.1", "::1"))
    except OSError:
        raise sites.Cases.Skip("no IPv6 on the loopback") from None
    with open(os.path.join(tmp, "hosts"), "w", encoding="ascii") as f:
        f.write("127.0.0.1 dual.test four.test\n::1 dual.test six.test\n")
    code, err = crawl(command(
        tmp, "both", "fetch.allow_net=127.0.0.0/8, ::1/128",
        "politeness.delay=20ms", "politeness.delay_address=30ms",
        *["http://%s.test:%d/p0" % (n, s.ports[0])
          for n in ("dual", "four", "six")]))
    rows = s.rows()
    s.close()
    assert code == 0 and len(rows) >= 21, (code, err, len(rows))
    for other in ("four.test", "six.test"):
        wrong = polite([r for r in rows if r["host"] in ("dual.test", other)],
                       0.030, lambda r: 0)
        assert not wrong, wrong


# ---- what a site may be asked, and when -------------------------------------------

def sites_conf(tmp, **of):
    """A configuration file of [site] sections, on a clock that shows noon, so
    that no day ends within the test."""
    hour = 12 - time.gmtime().tm_hour
    path = os.path.join(tmp, "sites.conf")
    with open(path, "w", encoding="utf-8") as f:
        for name, lines in of.items():
            f.write('[site "%s.test"]\nsite.timezone = %s%02d:00\n%s\n' % (
                name, "-" if hour < 0 else "+", abs(hour), "\n".join(
                    "politeness." + x for x in lines)))
    return path


def budgets_and_hours(tmp):
    """Budgets count every request and hold over a restart, hours are kept, a
    503 is obeyed, 500s open the circuit, and why tells all of it."""
    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["host"] == "five.test" and r["path"] != "/robots.txt":
            return {"status": 500}
        if r["path"] == "/robots.txt":
            return {"status": 404}
        if r["host"] == "later.test":
            return {"status": 503, "headers": {"Retry-After": "600"}}
        if n == 1:
            return {"status": 302, "headers": {"Location": "/p20"}}
        return page(r["host"] + r["path"], ["/p%d" % (n * 3 + k) for k in
                                            (1, 2, 3)] if n < 13 else [])

    def of(name):
        return [r for r in s.rows() if r["host"] == name + ".test"]

    def why(name):
        p = subprocess.run([sites.WINNOW, "host", "-o", out, "-c", conf,
                            "--json", name + ".test"], capture_output=True,
                           check=False)
        assert p.returncode == 0, p
        return json.loads(p.stdout)

    conf = sites_conf(tmp, pages=["max_pages_per_day = 5"],
                      bytes=["max_bytes_per_day = 3000"],
                      shut=["hours = 14:00-15:30, 22:00-06:00"],
                      open=["hours = 11:00-15:00"], later=["delay = 30ms"],
                      five=["backoff = 20ms", "rest = 150ms",
                            "max_rest = 600ms"])
    names = ["pages", "bytes", "shut", "open", "later", "five"]
    hosts(tmp, {n + ".test": "127.0.0.1" for n in names})
    s = Server(ask)
    out = os.path.join(tmp, "days")
    cmd = command(tmp, "days", "-c", conf, "politeness.delay=20ms",
                  "politeness.delay_address=0", "--max-time=3s",
                  *["http://%s.test:%d/p%d" % (n, s.ports[0], k)
                    for n in names for k in range(8 if n == "five" else 1)])
    crawl(cmd)
    counts = {n: len(of(n)) for n in names}
    crawl(cmd)  # another process, the same day
    for n in ("pages", "bytes", "shut"):
        assert len(of(n)) == counts[n], (n, counts, len(of(n)))
    assert counts["pages"] == 5 and counts["shut"] == 0, counts
    assert 4 <= counts["bytes"] <= 8 and counts["open"] >= 15, counts
    assert len(of("later")) == 2, of("later")
    five = of("five")
    gaps = [b["began"] - a["ended"] for a, b in zip(five, five[1:])][5:]
    for gap, least in zip(gaps, (0.15, 0.3, 0.6, 0.6, 0.6)):
        assert gap >= least - JITTER, gaps
    assert len(gaps) >= 2, gaps
    for n, word in (("pages", "pages of this day"), ("shut", "hours"),
                    ("bytes", "bytes of this day"), ("later", "to wait")):
        assert word in (why(n)["waits"] or ""), why(n)
    assert why("open")["waits"] is None, why("open")
    assert why("pages")["day_pages"] == 5, why("pages")
    s.close()


# ---- dead hosts beside good ones --------------------------------------------------

def dead_beside_good(tmp):
    """60 hosts that take a connection and never say a word, 10 good ones, 16
    transfers: the good ones are asked as often as if they were alone."""
    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["host"].startswith("dead"):
            return {"silent": 1}
        if r["path"] == "/robots.txt":
            return {"status": 404}
        return {"drip": 0.003, "body": page(r["host"] + r["path"], [
            "/p%d" % (3 * n + k) for k in (1, 2, 3)])}

    dead = ["dead%d.test" % i for i in range(60)]
    good = ["good%d.test" % i for i in range(10)]
    hosts(tmp, {n: "127.0.0.1" for n in dead + good})
    counts = {}
    for name, of in (("alone", good),
                     ("beside", dead[:30] + good + dead[30:])) * 6:
        if counts.get("beside", 0) > 0.9 * counts.get("alone", 0):
            break  # again when the machine was busy with something else
        s = Server(ask)
        shutil.rmtree(os.path.join(tmp, name), ignore_errors=True)
        crawl(command(
            tmp, name, "politeness.delay=300ms", "politeness.delay_address=0",
            "fetch.parallel=16", "fetch.first_byte_timeout=2s",
            "--max-time=5s",
            *["http://%s:%d/p0" % (n, s.ports[0]) for n in of]))
        rows = s.rows()
        s.close()
        assert not polite(rows, 0.300), polite(rows, 0.300)
        # from when each was met: the first round of the dead is over
        counts[name] = len([r for r in rows if r["host"] in good and
                            r["began"] > rows[0]["began"] + 1.2])
    assert counts["beside"] >= 0.9 * counts["alone"], counts
    print("# good hosts: %d requests alone, %d beside dead ones" % (
        counts["alone"], counts["beside"]))


# ---- kill -9 ---------------------------------------------------------------------

def killed(tmp):
    """The daemon is killed again and again, and asks no sooner for it; the
    budget of the day and a long Retry-After survive."""
    def ask(r):
        n = int(re.sub(r"\D", "", r["path"]) or 0)
        if r["path"] == "/robots.txt":
            return {"status": 404}
        if r["host"] == "later.test":
            return {"status": 503, "headers": {"Retry-After": "60"}}
        return {"drip": 0.02, "body": page(r["host"] + r["path"], [
            "/p%d" % (3 * n + k) for k in (1, 2, 3)])}

    names = ["k1.test", "k2.test", "k3.test", "later.test", "spent.test"]
    hosts(tmp, {n: "127.0.0.1" for n in names})
    s = Server(ask)
    d = sites.Daemon(tmp, [
        ("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", "127.0.0.1:9"),
        ("fetch.hosts_file", os.path.join(tmp, "hosts")),
        ("politeness.delay", "250ms"), ("politeness.delay_address", "0"),
        ("state.commit_every", "50ms")])
    with open(d.conf, "a", encoding="utf-8") as f:
        f.write("[site \"spent.test\"]\npoliteness.max_pages_per_day = 4\n")
    with open(os.path.join(d.spool, "list.txt"), "w", encoding="utf-8") as f:
        f.writelines("http://%s:%d/p0\n" % (n, s.ports[0]) for n in names)
    began = time.monotonic()
    with d:
        for i in range(5):
            d.start()
            sites.wait_for(lambda: len([
                r for r in s.rows() if r["began"] > began]) >= 3, 10)
            time.sleep(0.4 if i == 0 else 0.07 * i)
            began = time.monotonic()
            d.proc.send_signal(signal.SIGKILL)
            d.proc.wait()
        d.start()
        sites.wait_for(lambda: len(s.rows()) > 60, 6)
    rows = s.rows()
    s.close()
    assert len(rows) > 30, len(rows)
    assert not polite(rows, 0.250), polite(rows, 0.250)
    by = {n: len([r for r in rows if r["host"] == n]) for n in names}
    assert by["later.test"] == 2, by  # robots.txt and the answer 503
    # what a kill falls upon is not counted yet
    assert by["spent.test"] <= 4 + 5 < by["k1.test"], by


CASES = (
    ("one host under many names has one politeness", every_name),
    ("guests, failures and cut connections keep the host's pause",
     guests_and_failures),
    ("hosts of one address keep that address's pause", one_address),
    ("a host with addresses of both families keeps the pause of both",
     both_families),
    ("h44 h45: budgets, hours, Retry-After and the circuit hold",
     budgets_and_hours),
    ("kill -9 and a restart make no request come sooner", killed),
    # alone, for it compares two rates
    ("60 dead hosts take nothing from 10 good ones", dead_beside_good))


def main():
    """The cases wait more than they work: all at once but for the last."""
    t, running = sites.Cases(), []
    with sites.workdir() as tmp:
        for name, fn in CASES:
            if len(sys.argv) > 1 and fn.__name__ not in sys.argv[1:]:
                continue
            where = os.path.join(tmp, fn.__name__)
            os.mkdir(where)
            if fn is CASES[-1][1]:
                for thread in running:
                    thread.join()
            running.append(threading.Thread(target=t.case,
                                            args=(name, fn, where)))
            running[-1].start()
        for thread in running:
            thread.join()
    return t.failed > 0


if __name__ == "__main__":
    sys.exit(main())
