#!/usr/bin/env python3
"""Over TLS: certificates and versions (H46), and HTTP/2 that is wrong (H47).

One daemon meets every host at once; then, host by host: how its page was
settled, how often the server was asked, and what the daemon paid for it."""
import os
import re
import shutil
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import check_hostile as proc  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
import tls_web as w  # noqa: E402
from hostile import article  # noqa: E402

TRIES = 1
SETTINGS = [("politeness.delay", "20ms"), ("politeness.robots", "ignore"),
            ("fetch.connect_timeout", "1500ms"), ("fetch.first_byte_timeout", "1500ms"),
            ("fetch.low_speed_time", "1500ms"), ("fetch.timeout", "10s"),
            ("fetch.max_tries", "%d" % TRIES), ("fetch.parallel", "64"),
            ("fetch.hosts_file", ""), ("scope.max_depth", "0"), ("log.level", "info"),
            ("clean.workers", "1")]
SITES = """
[site "old-ok.test"]
fetch.tls = old
[site "sha1-ok.test"]
fetch.tls = old
[site "cut-ok.test"]
fetch.tls = old
[site "any-ok.test"]
fetch.tls_verify = false
"""
PAGE = article(46)
FLOOD_S = 3


# ---- HTTP/1 over TLS ------------------------------------------------------------------

def page(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
              % len(PAGE) + PAGE)
    return True


def until_close(c):
    c.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)


def silent(c):
    c.settimeout(6)
    while c.recv(65536):
        pass


def drip(c):
    """A handshake record that grows by a byte now and then."""
    c.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        c.sendall(b"\2")
        time.sleep(0.05)


# ---- HTTP/2 ---------------------------------------------------------------------------

def h2_page(h):
    while True:
        h.page(h.request(), PAGE)


def goaway(h):
    h.request()
    h.send(w.GOAWAY, 0, 0, struct.pack(">II", 0, 0))


def reset(code):
    def act(h):
        while True:
            h.send(w.RST, 0, h.request(), struct.pack(">I", code))
    return act


def no_answer(h):
    while True:
        h.next()


def no_data(h):
    h.send(w.HEADERS, w.END_HEADERS, h.request(), w.OK)
    no_answer(h)


def push(h):
    s = h.request()
    h.send(w.PUSH, w.END_HEADERS, s, struct.pack(">I", 2) + b"\x82\x87\x84")
    h.page(s, PAGE)


def hpack_bomb(h):
    """One entry of 4,000 bytes in the table, then a byte for each copy."""
    s = h.request()
    h.send(w.HEADERS, 0, s, b"\x88\x40" + w.text("x-much") + w.text("y" * 3900))
    for _ in range(20):
        h.send(w.CONTINUATION, 0, s, b"\xbe" * 16000)
    h.send(w.CONTINUATION, w.END_HEADERS, s, b"\xbe")
    no_answer(h)


def many_fields(h):
    s = h.request()
    h.send(w.HEADERS, 0, s, w.OK)
    for i in range(40):
        h.send(w.CONTINUATION, 0, s, w.field("x-%d" % i, "z" * 15000))
    h.send(w.CONTINUATION, w.END_HEADERS, s, w.field("x", "y"))
    no_answer(h)


def continuation(h):
    s = h.request()
    h.send(w.HEADERS, 0, s, w.OK)
    h.flood(w.frame(w.CONTINUATION, 0, s, w.field("a", "b")), FLOOD_S)


def flood(*what):
    def act(h):
        s = h.request()
        h.flood(w.frame(*what) if what[2] == 0 else w.frame(what[0], what[1], s, what[3]), FLOOD_S)
    return act


def empty_data(h):
    s = h.request()
    h.send(w.HEADERS, w.END_HEADERS, s, w.OK)
    h.flood(w.frame(w.DATA, 0, s), FLOOD_S)


def too_large(h):
    s = h.request()
    h.send(w.HEADERS, w.END_HEADERS, s, w.OK)
    h.send(w.DATA, 0, s, b"x" * 100000)
    no_answer(h)


def cut(goaway):
    """Half a page, and no END_STREAM."""
    def act(h):
        s = h.request()
        h.send(w.HEADERS, w.END_HEADERS, s, w.OK)
        h.send(w.DATA, 0, s, PAGE[:600])
        if goaway:
            h.send(w.GOAWAY, 0, 0, struct.pack(">II", s, 0))
    return act


def no_status(h):
    h.send(w.HEADERS, w.END_HEADERS | w.END_STREAM, h.request(), w.field("a", "b"))
    no_answer(h)


def two_lengths(h):
    s = h.request()
    h.send(w.HEADERS, w.END_HEADERS, s, w.OK + w.field("content-length", "5"))
    h.send(w.DATA, w.END_STREAM, s, PAGE)
    no_answer(h)


def setting(key, value):
    return struct.pack(">HI", key, value)


# host, act, settings, how its page ends, most requests to the server
H2 = [
    ("h2-ok", h2_page, b"", "done", 1),
    ("h2-goaway", goaway, b"", "failed", 2 * TRIES),
    ("h2-refused", reset(7), b"", "failed", 2 * TRIES),
    ("h2-cancel", reset(8), b"", "failed", 2 * TRIES),
    ("h2-streams-0", no_answer, setting(3, 0), "failed", TRIES),
    ("h2-streams-1", h2_page, setting(3, 1), "done", 1),
    ("h2-window-0", h2_page, setting(4, 0), "done", 1),
    ("h2-no-data", no_data, b"", "failed", TRIES),
    ("h2-push", push, b"", "failed|done", TRIES),
    ("h2-hpack", hpack_bomb, b"", "failed|too-big", TRIES),
    ("h2-fields", many_fields, b"", "failed|too-big", TRIES),
    ("h2-continuation", continuation, b"", "failed|too-big", TRIES),
    ("h2-ping", flood(w.PING, 0, 0, b"12345678"), b"", "failed", TRIES),
    ("h2-settings", flood(w.SETTINGS, 0, 0, setting(4, 65535)), b"", "failed", TRIES),
    ("h2-windows", flood(w.WINDOW, 0, 0, b"\0\0\0\1"), b"", "failed", TRIES),
    ("h2-empty-data", empty_data, b"", "failed", TRIES),
    ("h2-cut", cut(False), b"", "failed", TRIES),
    ("h2-cut-goaway", cut(True), b"", "failed", TRIES),
    ("h2-too-large", too_large, b"", "failed|no-article", TRIES),
    ("h2-no-status", no_status, b"", "failed", TRIES),
    ("h2-two-lengths", two_lengths, b"", "failed", TRIES),
]

FLOODS = ("h2-hpack", "h2-fields", "h2-continuation", "h2-ping", "h2-settings", "h2-windows",
          "h2-empty-data")

# host, how its page ends, what its reason says
TLS = [
    ("ok", "done", ""),
    ("expired", "failed", "certificate has expired"),
    ("wrong-name", "failed", "subject|name|match"),
    ("self-signed", "failed", "self.signed"),
    ("unknown-ca", "failed", "issuer|certificate"),
    ("any-ok", "done", ""),
    ("old", "failed", "protocol|version|alert|unsupported"),
    ("old-ok", "done", ""),
    ("sha1", "failed", "digest|weak|too|certificate"),
    ("sha1-ok", "done", ""),
    ("silent", "failed", "tim|connect"),
    ("drip", "failed", "tim|connect"),
    ("chain", "failed", "excessive|too|large|size"),
    ("cut", "failed", "eof|closed|ended|SSL"),
    ("cut-ok", "done", ""),
    ("length-cut", "done", ""),
    ("plain", "failed", "wrong version|packet|ssl"),
]


class Run:
    def __init__(self, tmp, public):
        self.net = hostile_net.Net(public)
        self.names = hostile_net.Names(self.net)
        self.names.start()
        self.web = w.Web(self.net, 443 if public else self.net.port)
        self.certs = w.Certificates(tmp)
        more = [("fetch.dns", self.names.server), ("fetch.ca_file", self.certs.ca)]
        if not public:
            more.append(("fetch.allow_net", "127.1.0.0/16"))
        self.d = sites.Daemon(tmp, SETTINGS + more)
        with open(self.d.conf, "a", encoding="utf-8") as f:
            f.write(SITES)
        self.hosts()
        self.why = {}

    def hosts(self):
        every = [r[0] + ".test" for r in TLS + H2]
        good_cert = self.certs.make("every", *every)
        good = w.context(good_cert)
        odd = {
            "expired": w.context(self.certs.make("expired", "expired.test", days=-1)),
            "wrong-name": w.context(self.certs.make("wrong", "another.test")),
            "self-signed": w.context(self.certs.join("self", self.certs.other)),
            "unknown-ca": w.context(self.certs.make("unknown", "unknown-ca.test", ca="other")),
            "any-ok": w.context(self.certs.make("unknown2", "nobody.test", ca="other")),
            "old": w.context(good_cert, old=True), "old-ok": w.context(good_cert, old=True),
            "chain": self.chain(good_cert), "silent": None, "drip": None, "plain": None}
        weak = self.certs.make("sha1", *every, digest="sha1")
        for name in ("sha1", "sha1-ok"):
            odd[name] = w.ssl.SSLContext(w.ssl.PROTOCOL_TLS_SERVER)
            odd[name].set_ciphers("ALL:@SECLEVEL=0")
            odd[name].load_cert_chain(weak)
        acts = {"silent": silent, "drip": drip, "cut": until_close, "cut-ok": until_close,
                "plain": lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
                "length-cut": lambda c: page(c) and False}
        for name, *_ in TLS:
            self.web.add(name + ".test", odd.get(name, good), acts.get(name, page),
                         end="cut" not in name)
        both = w.context(good_cert, alpn=("h2", "http/1.1"))
        for name, act, settings, *_ in H2:
            self.web.add(name + ".test", both, act, h2=True, settings=settings)

    def chain(self, cert):
        """A megabyte of certificates behind the host's own."""
        with open(cert, encoding="ascii") as f, open(self.certs.other, encoding="ascii") as g:
            own, more = f.read(), g.read()
        path = self.certs.at("chain")
        with open(path, "w", encoding="ascii") as f:
            f.write(own + more * ((1 << 20) // 420))
        return w.context(path)

    def crawl(self):
        """Certificates first: the floods take the server's time too."""
        d, pid = self.d, self.d.start().ready().proc.pid
        d.ask("seed", "add", self.web.url("ok.test", "/first"))
        assert d.settled(self.web.url("ok.test", "/first")), d.words()
        self.before, self.peak = proc.status_kib(pid, "RssAnon"), 0
        cpu, began = proc.cpu_s(pid), time.monotonic()
        floods = [r for r in H2 if r[0] in FLOODS]
        quiet = [r for r in H2 if r[0] not in FLOODS]
        for name, rows in (("tls", TLS), ("h2", quiet), ("floods", floods)):
            self.batch(name, [self.web.url(r[0] + ".test") for r in rows], pid)
        self.cpu, self.took = proc.cpu_s(pid) - cpu, time.monotonic() - began
        self.fds = proc.descriptors(pid)

    def batch(self, name, urls, pid):
        d = self.d
        path = os.path.join(d.spool, name)
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write("\n".join(urls) + "\n")
        os.rename(path + ".part", path)

        def over():
            self.peak = max(self.peak, proc.status_kib(pid, "RssAnon"))
            f = d.status()["frontier"]
            return os.path.exists(path + ".done") and f["due"] == 0 and f["out"] == 0
        assert sites.wait_for(over, 60, 0.1), d.status()
        self.why.update({u: d.why(u) for u in urls})


def ends(run, host, states, reason):
    got = run.why[run.web.url(host + ".test")]
    assert got is not None, "never met"
    words = "%s %s" % (got["reason"], got.get("detail"))
    assert got["state"] in states.split("|"), (got["state"], words)
    assert re.search(reason, words, re.I), words
    if os.environ.get("HOSTILE_SHOW"):
        print("  %-16s %-8s %d requests  %s" % (host, got["state"],
                                                run.web.requests.get(host + ".test", 0), words))


def h2_ends(run, host, states, most):
    ends(run, host, states, "")
    asked = run.web.requests.get(host + ".test", 0)
    assert asked <= most, "%d requests" % asked
    assert run.web.protocol[host + ".test"][1] == "h2", run.web.protocol[host + ".test"]


def costs(run):
    grown = run.peak - run.before
    print("  %.1f s, %.2f s of CPU, RssAnon %d KiB, at most %d more, %d descriptors" % (
        run.took, run.cpu, run.before, grown, run.fds))
    if not sites.sanitized():
        assert grown < len(TLS + H2) * 1024, grown
    assert run.cpu < 20, run.cpu


def main():
    c = sites.Cases()
    if shutil.which("openssl") is None:
        print("skip - tls: certificates: no openssl program")
        return 0
    why = hostile_net.enter_namespace()
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            run.crawl()
            for host, states, reason in TLS:
                c.case("h46: %s ends as %s" % (host, states), ends, run, host, states, reason)
            for host, _, _, states, most in H2:
                c.case("h47: %s ends as %s, in at most %d requests" % (host, states, most),
                       h2_ends, run, host, states, most)
            c.case("h47: none of them costs memory, nor the loop its time", costs, run)
        finally:
            run.d.stop()
            run.web.stop()
            run.names.stop()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
