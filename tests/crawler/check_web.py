#!/usr/bin/env python3
"""The daemon over HTTP, as a monitoring system, a browser and a stranger meet it:
health, figures, what is refused, and clients that only mean to hold it up."""
import http.client
import json
import os
import random
import re
import signal
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import sites  # noqa: E402

CLIENTS = 64          # WEB_CLIENTS
HELD = CLIENTS + 32   # and those on their way out
GUARDS = {"x-content-type-options": "nosniff", "x-frame-options": "DENY",
          "referrer-policy": "no-referrer", "cache-control": "no-store",
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
          "connection": "close"}


def free_port(host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def settings(s, listen, *more):
    return [("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", s.dns),
            ("fetch.hosts_file", ""), ("politeness.robots", "ignore"),
            ("politeness.delay", "0"), ("http.listen", listen), *more]


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def get(port, path, method="GET", **headers):
    """Status, headers, body."""
    c = Unix(port) if isinstance(port, str) else http.client.HTTPConnection(
        "127.0.0.1", port, timeout=60)
    try:
        c.request(method, path, headers=headers)
        r = c.getresponse()
        return (r.status, {k.lower(): v for k, v in r.getheaders()},
                r.read().decode("utf-8"))
    finally:
        c.close()


def raw(port, data, limit=60):
    """What comes until the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=limit) as c:
        got = b""
        try:
            c.sendall(data)
            while True:
                b = c.recv(65536)
                if not b:
                    return got
                got += b
        except ConnectionError:
            return got


def listens(pid):
    """How many TCP sockets of the process listen."""
    mine = set()
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            mine.add(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except OSError:
            pass
    n = 0
    for name in ("tcp", "tcp6"):
        try:
            with open("/proc/net/" + name, encoding="ascii") as f:
                rows = [line.split() for line in f][1:]
        except OSError:
            continue
        n += sum("socket:[%s]" % r[9] in mine for r in rows if r[3] == "0A")
    return n


def descriptors(d):
    return len(os.listdir("/proc/%d/fd" % d.proc.pid))


def figures(text):
    """A scrape: {name and labels: value}."""
    out = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in out, name
            out[name] = float(value)
    return out


# ---- what it serves ------------------------------------------------------------

def off(s, tmp):
    with sites.Daemon(tmp, settings(s, "")) as d:
        d.start().ready()
        assert listens(d.proc.pid) == 0, "it listens all the same"


def health(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        assert get(port, "/healthz")[::2] == (200, "ok\n")
        assert get(port, "/readyz")[::2] == (200, "ok\n")
        assert d.ask("pause")[0] == 0
        status, _, body = get(port, "/readyz")
        assert status == 503 and "paused" in body, (status, body)
        assert get(port, "/healthz")[0] == 200
        assert d.ask("resume")[0] == 0
        assert get(port, "/readyz")[0] == 200
        d.write(settings(s, "127.0.0.1:%d" % port, ("queue.min_free", "1EiB")))
        assert d.ask("reload")[0] == 0
        assert sites.wait_for(lambda: get(port, "/readyz")[0] == 503)
        assert "min_free" in get(port, "/readyz")[2], get(port, "/readyz")


def same_status(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        status, head, body = get(port, "/status.json")
        assert status == 200 and head["content-type"] == "application/json", head
        one, two = json.loads(body), d.status()
        assert list(one) == list(two), (one, two)
        assert one["state"] == two["state"] == "running", one


def scrape(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        assert d.ask("seed", "add", *s.seeds)[0] == 0
        assert sites.wait_for(lambda: figures(get(port, "/metrics")[2])[
            'winnow_urls{state="done"}'] > 10, 30), d.status()
        status, head, body = get(port, "/metrics")
        assert status == 200, status
        assert head["content-type"].startswith("text/plain; version=0.0.4"), head
        f = figures(body)
        with open(os.path.join(HERE, "../../crawler/metrics.def"),
                  encoding="utf-8") as table:
            listed = set(re.findall(r"^(?:METRIC|FAMILY|TIMES)\(.*?((?:winnow|"
                                    r"process)_\w+)", table.read(), re.M))
        told = set(re.findall(r"^# TYPE (\S+)", body, re.M))
        assert listed == told and len(told) > 50, listed ^ told
        assert f["winnow_records_total"] > 0 and f["winnow_ready"] == 1, f
        # A fetch has ended before its page is counted as done.
        assert f["winnow_fetches_total"] >= f["winnow_records_total"], f
        assert f["winnow_fetch_duration_seconds_count"] == \
            f["winnow_fetches_total"], f
        assert f["winnow_clean_duration_seconds_count"] > 0, f
        assert f["process_open_fds"] > 5, f
        for site in s.sites:
            assert site["host"] not in body, "a label with a host"


# ---- what it refuses ---------------------------------------------------------------

def only_shows(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            status, head, _ = get(port, "/healthz", method)
            assert status == 405 and head["allow"] == "GET, HEAD", (method, head)
        status, head, body = get(port, "/status.json", "HEAD")
        assert status == 200 and body == "", (status, body)
        assert int(head["content-length"]) > 100, head
        assert raw(port, b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n") \
            .startswith(b"HTTP/1.1 501 ")
        assert raw(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n"
                   b"Content-Length: 5\r\n\r\nhello").startswith(b"HTTP/1.1 413 ")
        big = b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n"
        assert b" 200 " not in raw(port, big)[:20]


def guarded(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        for path, method, want in (("/metrics", "GET", 200), ("/x", "GET", 404),
                                   ("/healthz", "POST", 405),
                                   ("/healthz", "HEAD", 200)):
            status, head, _ = get(port, path, method)
            assert status == want, (path, status)
            for name, value in GUARDS.items():
                assert head.get(name) == value, (path, name, head)
            assert "default-src 'none'" in head["content-security-policy"], head
            assert "access-control-allow-origin" not in head, head
        assert get(port, "/healthz", Host="evil.test")[1][
            "x-frame-options"] == "DENY"


def rebound(s, tmp):
    port, path = free_port(), os.path.join(tmp, "http.sock")
    listen = "127.0.0.1:%d, unix:%s" % (port, path)
    with sites.Daemon(tmp, settings(s, listen, ("http.hosts",
                                                "Crawler.example"))) as d:
        d.start().ready()
        for name, want in (("localhost", 200), ("LOCALHOST:%d" % port, 200),
                           ("127.0.0.1:%d" % port, 200), ("[::1]:9712", 200),
                           ("crawler.example", 200), ("crawler.example.:80", 200),
                           ("evil.test", 421), ("localhost.evil.test", 421),
                           ("127.0.0.1.evil.test", 421), ("", 421),
                           ("localhost@evil.test", 421), ("crawler.examples", 421)):
            got = get(port, "/healthz", Host=name)[0]
            assert got == want, (name, got)
        line = b"GET %s HTTP/1.%d\r\n%s\r\n"
        for target, minor, head, want in (
                (b"http://evil.test/healthz", 1, b"Host: localhost\r\n", b"421"),
                (b"http://localhost/healthz", 1, b"Host: evil.test\r\n", b"421"),
                (b"http://localhost/healthz", 1, b"Host: localhost\r\n", b"200"),
                (b"/healthz", 1, b"Host: localhost\r\nHost: evil.test\r\n", b"421"),
                (b"/healthz", 1, b"", b"400"), (b"/healthz", 0, b"", b"200"),
                (b"healthz", 1, b"Host: localhost\r\n", b"400"),
                (b"/%68ealthz", 1, b"Host: localhost\r\n", b"404"),
                (b"//healthz", 1, b"Host: localhost\r\n", b"404"),
                (b"/./healthz", 1, b"Host: localhost\r\n", b"404")):
            got = raw(port, line % (target, minor, head))[9:12]
            assert got == want, (target, head, got)
        assert get(path, "/healthz", Host="anything.test")[0] == 200
        mode = os.stat(path).st_mode & 0o777
        assert mode == 0o660, oct(mode)
        # Neither another daemon's socket nor its own of control is taken away.
        d.write(settings(s, "unix:" + d.socket))
        rc, _, err = d.ask("reload")
        assert rc != 0 and "http.listen" in err, (rc, err)
        assert get(path, "/healthz")[0] == 200 and d.status()["ok"]
        d.stop(signal.SIGKILL)
        d.write(settings(s, listen))
        d.start().ready()
        assert get(path, "/healthz")[0] == 200, "a dead socket is in the way"
        d.stop()
        assert not os.path.exists(path), "the socket stays behind"


def local_only(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "0.0.0.0:%d" % port)) as d:
        for at in ("0.0.0.0:%d" % port, "[::]:%d" % port, "192.0.2.1:80"):
            d.write(settings(s, at))
            rc, _, err = sites.run([sites.WINNOWD, "-t", "-c", d.conf])
            assert rc == 4 and "http.allow_remote" in err and at in err, (rc, err)
        for at in ("localhost:80", "127.0.0.1", "127.0.0.1:0", "unix:relative",
                   "127.0.0.1:80000", "[::1]"):
            d.write(settings(s, at))
            rc, _, err = sites.run([sites.WINNOWD, "-t", "-c", d.conf])
            assert rc == 4 and d.conf + ":" in err, (at, rc, err)
        d.write(settings(s, "0.0.0.0:%d" % port, ("http.allow_remote", "true")))
        d.start().ready()
        assert get(port, "/healthz")[0] == 200


# ---- reload -------------------------------------------------------------------------

def gone(port):
    try:
        get(port, "/healthz")
    except ConnectionRefusedError:
        return True
    return False


def reloaded(s, tmp):
    a, b = free_port(), free_port()
    path = os.path.join(tmp, "http.sock")
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % a)) as d:
        d.start().ready()
        d.write(settings(s, "127.0.0.1:%d, unix:%s" % (b, path)))
        assert d.ask("reload")[0] == 0
        assert get(b, "/healthz")[0] == 200 and get(path, "/healthz")[0] == 200
        assert gone(a), "the old place is still served"
        # The same port at another address: the old one has to go first.
        d.write(settings(s, "0.0.0.0:%d" % b, ("http.allow_remote", "true")))
        assert d.ask("reload")[0] == 0
        assert get(b, "/healthz")[0] == 200 and not os.path.exists(path)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            at = "127.0.0.1:%d" % taken.getsockname()[1]
            d.write(settings(s, "127.0.0.1:%d, %s" % (a, at)))
            rc, _, err = d.ask("reload")
            assert rc != 0 and at in err and "http.listen" in err, (rc, err)
        assert get(b, "/healthz")[0] == 200 and gone(a), "it has changed"
        d.write(settings(s, ""))
        assert d.ask("reload")[0] == 0
        assert gone(b) and listens(d.proc.pid) == 0


def last_word(s, tmp):
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % free_port())) as d:
        d.start().ready()
        d.stop()
        said = d.words().rstrip().splitlines()
        assert "http no longer listens" in said[-2] and said[-1].endswith("stopped"), said


# ---- hostile clients ------------------------------------------------------------------

def one_request(s, tmp):
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        got = raw(port, ask * 50)
        assert got.count(b"HTTP/1.1 ") <= 1, got
        got = raw(port, ask)
        assert got.count(b"HTTP/1.1 200 ") == 1 and got.endswith(b"ok\n"), got


def garbage(s, tmp):
    port = free_port()
    rng = random.Random(7)
    pieces = [b"GET ", b"/", b"HTTP/1.1", b"\r\n", b"\n", b"\r", b"\0", b"Host:",
              b" ", b":", b"http://", b"%", b"?", b"#", b"a" * 300, b"\xff\xfe",
              b"Transfer-Encoding: chunked", b"Content-Length: -1",
              b"Content-Length: 99999999999999999999", b"Expect: 100-continue",
              b"[", b"]", b"\t", b"POST ", b"\r\n\r\n", b"Upgrade: websocket"]
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        held = descriptors(d)
        for _ in range(300):
            data = b"".join(rng.choices(pieces, k=rng.randrange(1, 40)))
            with socket.create_connection(("127.0.0.1", port), timeout=60) as c:
                c.settimeout(0.02)
                try:
                    c.sendall(data)
                    if rng.random() < 0.5:
                        c.shutdown(socket.SHUT_WR)
                    c.recv(4096)
                except OSError:
                    pass
        assert get(port, "/healthz")[0] == 200, d.words()
        assert sites.wait_for(lambda: descriptors(d) <= held + 2, 20), \
            (held, descriptors(d))


def endless(s, tmp):
    """A line that evhttp would gather without a bound: the one before a chunk."""
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        held = descriptors(d)
        for line in (b"0" * (1 << 20), b"1;" + b"x" * (1 << 20)):
            assert raw(port, b"POST / HTTP/1.1\r\nHost: localhost\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n" + line, 8) == b""
        assert get(port, "/healthz")[0] == 200, d.words()
        assert sites.wait_for(lambda: descriptors(d) <= held, 20), \
            (held, descriptors(d))


def flood(s, tmp):
    """Clients that ask as fast as they can: they wait, not the crawl."""
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        began, over = time.monotonic(), threading.Event()

        def ask():
            while not over.is_set():
                try:
                    get(port, "/metrics")
                except OSError:  # it had to go for another
                    pass
        askers = [threading.Thread(target=ask) for _ in range(8)]
        for a in askers:
            a.start()
        try:
            assert d.ask("seed", "add", *s.seeds)[0] == 0
            assert sites.wait_for(lambda: d.status()["pages"]["articles"] > 30,
                                  60), d.status()
            time.sleep(1)
        finally:
            over.set()
            for a in askers:
                a.join()
        asked = figures(get(port, "/metrics")[2])["winnow_http_requests_total"]
        # 16 in each window of 50 ms, however fast the machine is.
        most = 16 * ((time.monotonic() - began) / 0.05 + 2)
        assert 16 < asked <= most, (asked, most)


def left(s, tmp):
    """Explain views are made by workers: who asks and leaves is not waited for,
    nor is anybody when the daemon ends."""
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        assert d.ask("seed", "add", *s.seeds)[0] == 0

        def views():
            return re.findall(r'/explain\?id=w1-[0-9a-f]+', get(port, "/")[2])
        assert sites.wait_for(lambda: len(views()) > 10 and
                              get(port, views()[-1])[0] == 200, 30, 0.2), views()
        assert get(port, views()[0], "HEAD")[2] == ""
        held = descriptors(d)

        def ask(view):
            c = socket.create_connection(("127.0.0.1", port), timeout=60)
            c.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      % view.encode())
            return c
        for view in views()[:20] * 3:
            ask(view).close()
        assert get(port, "/healthz")[0] == 200, d.words()
        assert sites.wait_for(lambda: descriptors(d) <= held + 4, 45), \
            (held, descriptors(d))
        last = [ask(view) for view in views()[:10]]
        assert d.stop()[0] == 0, d.words()
        for c in last:
            c.close()


def held_up(s, tmp):
    """Hundreds of clients that send nothing, or a byte now and then: others are
    served, the crawl ends, and they are gone in time."""
    port = free_port()
    with sites.Daemon(tmp, settings(s, "127.0.0.1:%d" % port)) as d:
        d.start().ready()
        before = descriptors(d)
        idle = [socket.create_connection(("127.0.0.1", port), timeout=60)
                for _ in range(300)]
        assert d.ask("seed", "add", *s.seeds)[0] == 0
        drip = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
        began, asked, sent = time.monotonic(), 0, 0
        while time.monotonic() - began < 12 or asked < 6:
            for c in idle:
                try:
                    c.send(drip[sent:sent + 1] if sent < len(drip) else b"x")
                except OSError:
                    pass
            sent += 1
            assert get(port, "/healthz")[0] == 200
            asked += 1
            # Connections to the sites are descriptors as well.
            assert descriptors(d) < before + HELD + 80, descriptors(d)
            time.sleep(0.1)
        assert figures(get(port, "/metrics")[2])["winnow_http_evictions_total"] \
            >= 300 - HELD
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] > 30, 30), \
            d.status()

        def all_gone():
            n = 0
            for c in idle:
                c.settimeout(0)
                try:
                    n += c.recv(1) != b""
                except BlockingIOError:
                    n += 1
                except OSError:
                    pass
            return n == 0
        assert sites.wait_for(all_gone, 20, 0.2), "some are still connected"
        for c in idle:
            c.close()


CASES = [("http: without http.listen nothing listens", off),
         ("http: /healthz and /readyz tell a living daemon from one that fetches",
          health),
         ("http: /status.json is what winnow status --json says", same_status),
         ("http: /metrics has each row of its table, and no label with a host",
          scrape),
         ("http: it only shows: GET and HEAD, no body, 8 KiB of headers",
          only_shows),
         ("http: each answer forbids framing, sniffing, keeping, loading", guarded),
         ("http: a name that is not this machine's is refused", rebound),
         ("http: an address that others can reach is an error without allow_remote",
          local_only),
         ("http: a reload opens and closes places, or changes nothing", reloaded),
         ("http: when it ends, stopped is the last that is said", last_word),
         ("http: a connection carries one request", one_request),
         ("http: nonsense costs nobody anything", garbage),
         ("http: who sends a line without end goes at once", endless),
         ("http: who asks without end waits, and the crawl does not", flood),
         ("http: an answer that nobody waits for any longer costs nothing", left)]
# Beside the others: it waits for a time limit of 10 s.
LONG = ("http: idle and slow clients are gone in time, and nobody waits for them",
        held_up)


def main():
    only = sys.argv[1:]
    c = sites.Cases()

    def run(name, fn):
        if not only or fn.__name__ in only:
            with sites.workdir() as tmp:
                c.case(name, fn, s, tmp)
    with sites.Sites() as s:
        long = threading.Thread(target=run, args=LONG)
        long.start()
        for name, fn in CASES:
            run(name, fn)
        long.join()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
