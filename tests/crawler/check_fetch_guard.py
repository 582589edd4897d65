#!/usr/bin/env python3
"""No way round the address guard: the real crawl, real listeners, 0 connections.

A good host links to each spelling of a forbidden address, redirects to each of
them, and each is a seed too; names lead there as well. Whoever connects to a
listener on such an address is counted. Then the same through proxies."""
import os
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import fetch_proxies  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402

# Host parts as a page may spell them; P is the port of the listeners. Where no
# listener can be (another machine's address), the guard has to say so itself.
SPELLINGS = """
127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 0X7F.0.0.1 0x7f.0x0.0x0.0x1
2130706433 017700000001 0177.0.0.1 0177.1 00000177.0.0.01 127.0.0.1.
127.000.000.001 127.0.0.0x1 0x7f.0.1 127.255.255.254 127.0.0.2 0 0.0.0.0 0x0
localhost LOCALHOST localhost. a.localhost
[::1] [0:0:0:0:0:0:0:1] [::0001] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:7f00:0001] [::ffff:0:127.0.0.1] [::127.0.0.1] [64:ff9b::127.0.0.1]
[64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::]
[2001:db8::1] [fe80::1] [fe80::1%25lo] [fe80::1%lo] [::1%lo] [fc00::1] [fd12::1]
[ff02::1] [2606:4700::5efe:127.0.0.1] [2606:4700::200:5efe:127.0.0.1]
10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1
224.0.0.1 255.255.255.255 240.0.0.1 192.0.2.1 0xa9fea9fe 2852039166 0xa010203
u:p@127.0.0.1 good.test@127.0.0.1 127.0.0.1\\@good.test good.test%40127.0.0.1
%31%32%37.0.0.1 127%2e0%2e0%2e1 %6c%6f%63%61%6c%68%6f%73%74
①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 ⑯⑨.254.⑯⑨.254 ⓛocalhost １０.1.2.3
inside.test metadata.test inside6.test mapped.test cname.test private.test
""".split()


class Names(hostile_net.Names):
    """Names of the hosts, and names that lead inside, in their own ways."""

    INSIDE = {"inside.test": [b"\x7f\0\0\1"], "metadata.test": [b"\xa9\xfe\xa9\xfe"],
              "private.test": [b"\x0a\1\2\3", b"\xac\x10\0\1"],
              "inside6.test": [b"\0" * 15 + b"\1"],
              "mapped.test": [b"\0" * 10 + b"\xff\xff\x7f\0\0\1"]}

    def answer(self, q):
        at, labels = 12, []
        while q[at]:
            labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
            at += q[at] + 1
        end, kind = at + 5, struct.unpack(">H", q[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        n = self.asked.count((name, kind))
        self.asked.append((name, kind))
        rr = b""
        for ip in self.addresses(name, n):
            if len(ip) == (4 if kind == 1 else 16) and kind in (1, 28):
                rr += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(ip)) + ip
        if name == "cname.test":  # to a name that has only an inner address
            rr = b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 0, 13) + b"\6inside\4test\0"
            if kind == 1:
                rr += b"\6inside\4test\0" + struct.pack(">HHIH", 1, 1, 0, 4) + b"\x7f\0\0\1"
        flags = 0x8180 if self.known(name) else 0x8183
        count = rr.count(struct.pack(">HHI", kind, 1, 0)) + (name == "cname.test")
        return q[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + q[12:end] + rr

    def known(self, name):
        return name in self.INSIDE or name == "cname.test" or name in self.net.names

    def addresses(self, name, n):
        if name in self.INSIDE:
            return self.INSIDE[name]
        if name not in self.net.names:
            return []
        good = socket.inet_aton(self.net.names[name])
        if name == "rebind.test":  # public once, then never again
            return [good] if n == 0 else [b"\x7f\0\0\1"]
        if name == "both.test":
            return [b"\x7f\0\0\1", good, b"\0" * 15 + b"\1"]
        return [good]


class Run:
    def __init__(self, tmp, public):
        self.tmp, self.net = tmp, hostile_net.Net(public)
        self.web = hostile_net.Web(self.net)
        for host in ("good.test", "rebind.test", "both.test"):
            self.web.add(host, self.act)
        self.secret = self.listeners()
        self.names = Names(self.net)
        self.names.start()
        self.targets = ["http://%s:%d/" % (s, self.net.port) for s in SPELLINGS]
        self.targets += ["http:/\\127.0.0.1:%d/" % self.net.port,
                         "http:127.0.0.1:%d/" % self.net.port,
                         "http:\\\\127.1:%d/" % self.net.port,
                         "ht\ttp://127.\n0.0.1:%d/" % self.net.port,
                         "https://127.0.0.1:%d/" % self.net.port,
                         "//127.0.0.1:%d/" % self.net.port]

    def listeners(self):
        """On what is forbidden, wherever this machine has it."""
        got = []
        for a in ("127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", *hostile_net.PRIVATE):
            s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET)
            try:
                s.bind((a, self.net.port))
            except OSError:
                s.close()
                continue
            s.listen(64)
            self.web.watch(s, "secret " + a)
            got.append("secret " + a)
        return got

    def act(self, c):
        if c.path[:4] == "/to/" and c.path[4:].isdigit():
            to = self.targets[int(c.path[4:])]
            where = "".join("%%%02x" % b if b < 33 else chr(b) for b in to.encode())
            return c.answer("302 Found", [("Location", where)])
        links = "".join("<p><a href='%s'>n</a> <a href='/to/%d'>m</a></p>" % (t, i)
                        for i, t in enumerate(self.targets))
        return c.page(("<html><head><meta charset=utf-8></head><body>%s"
                       % links).encode() if c.path == "/" else b"<p>a page</p>")

    def crawl(self, name, *more):
        out = os.path.join(self.tmp, name)
        seeds = os.path.join(self.tmp, name + ".txt")
        with open(seeds, "w", encoding="utf-8") as f:
            f.write("\n".join([self.net.url("good.test"), self.net.url("rebind.test", "/1"),
                               self.net.url("rebind.test", "/2"), self.net.url("both.test", "/1"),
                               *(t for t in self.targets if "\n" not in t)]) + "\n")
        opts = ["fetch.dns=" + self.names.server, "fetch.hosts_file=", "scope.mode=any",
                "politeness.delay=5ms", "politeness.delay_address=0", "fetch.timeout=30s",
                "fetch.connect_timeout=10s", "fetch.dns_timeout=8s", "fetch.max_tries=1",
                "politeness.robots=ignore", "scope.max_depth=2", *more]
        if not self.net.public and not any("allow_net" in o for o in more):
            opts.append("fetch.allow_net=127.1.0.0/16")
        cmd = [sites.WINNOW, "crawl", "--json", "-o", out, "--max-time", "200s"]
        for o in opts:
            cmd += ["-O", o]
        return out, sites.run(cmd + [seeds], 60)

    def touched(self):
        return {s: self.web.accepted.get(s, 0) for s in self.secret
                if self.web.accepted.get(s, 0)}

    def why(self, out, url):
        rc, text, _ = sites.run([sites.WINNOW, "why", "-o", out, "--json", url])
        return text if rc in (0, 7) else ""


def direct(run):
    asked = len(run.web.seen)
    out, (rc, text, err) = run.crawl("direct")
    assert rc in (0, 5), (rc, err[-2000:])
    assert not run.touched(), run.touched()
    seen = run.web.seen[asked:]
    redirects = {p for _, p, *_ in seen if p[:4] == "/to/" and p[4:].isdigit()}
    assert len(redirects) == len(run.targets), sorted(redirects)
    for host in ("rebind.test", "both.test"):
        assert [s for s in seen if s[0] == host], host + " was not reached at all"
    for url in ("http://127.0.0.1:%d/", "http://[::1]:%d/", "http://10.1.2.3:%d/",
                "http://inside.test:%d/", "http://mapped.test:%d/", "http://cname.test:%d/"):
        url = url % run.net.port
        assert '"guarded"' in run.why(out, url), (url, run.why(out, url))


def opened(run):
    """The listeners can be reached: with the guard open the same crawl does."""
    if not run.secret:
        raise sites.Cases.Skip("no address to listen on")
    run.crawl("open", "fetch.allow_net=0.0.0.0/0,::/0")
    assert run.touched().get("secret 127.0.0.1", 0) > 0, run.touched()


def proxied(run, kind, scheme):
    with kind() as p:
        _, (rc, _, err) = run.crawl(scheme, "fetch.proxy=%s://127.0.0.1:%d" % (scheme, p.port))
        assert rc in (0, 5), (rc, err[-2000:])
        assert not run.touched(), run.touched()
        good = {run.net.names[h] for h in ("good.test", "rebind.test", "both.test")}
        assert p.asked, "the proxy was not asked"
        wrong = [a for a in p.asked if a.split(" ")[1].rsplit(":", 1)[0] not in good]
        assert not wrong, wrong


def main():
    c = sites.Cases()
    why = hostile_net.enter_namespace()
    if why:
        print("skip - guard: public addresses in a network of its own: " + why)
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            c.case("h19 h20: %d spellings of what is forbidden, as seeds, links and redirects: "
                   "no connection" % len(run.targets), direct, run)
            c.case("h19: nor is an http proxy asked for any of them", proxied, run,
                   fetch_proxies.Http, "http")
            c.case("h19: nor a socks5 proxy", proxied, run, fetch_proxies.Socks5, "socks5")
            c.case("guard: without it they would have been reached", opened, run)
        finally:
            run.web.stop()
            run.names.stop()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
