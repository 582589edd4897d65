"""A world for long runs: sites that publish for as long as they are let, and
their name server, in a process of its own that can be told to fail.

Each host has a front page with its newest articles and links from each article
to the two before it, so nothing is out of reach for who comes late. Some articles
change once, some go. What there is at a moment follows from the clock alone
(Plan), so the server and who counts the records never have to talk: they share
one page of memory with what was asked and what is to go wrong."""
import asyncio
import ctypes
import gzip
import mmap
import os
import random
import signal
import struct
import time

SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er")]
FRONT = 20  # articles on a front page
OLD = 12  # articles that a site begins with
EACH_LARGE = 97  # of so many articles one is large
TTL = 10  # of names, seconds
NAMES = {"ok": 0, "silent": 1, "servfail": 2}
WEB = {"ok": 0, "silent": 1, "refuse": 2}
ASKED, NAMES_AT, WEB_AT, FROZEN, COUNTS = 0, 8, 16, 24, 64


class Plan:
    """What is published when. Times are seconds of the monotonic clock."""

    def __init__(self, net, hosts, every, turn):
        self.net, self.every, self.turn = net, every, turn
        self.hosts = ["news%d.test" % i for i in range(hosts)]
        for h in self.hosts:
            net.address(h)
        self.born = time.monotonic()
        self.shared = mmap.mmap(-1, COUNTS + 8 * hosts)

    def _get(self, at, kind="Q"):
        return struct.unpack_from(kind, self.shared, at)[0]

    def _put(self, at, value, kind="Q"):
        struct.pack_into(kind, self.shared, at, value)

    def count(self, i):
        self._put(ASKED, self._get(ASKED) + 1)
        self._put(COUNTS + 8 * i, self._get(COUNTS + 8 * i) + 1)

    def asked(self):
        """Requests that were answered, by all hosts."""
        return self._get(ASKED)

    def asked_each(self):
        return list(struct.unpack_from("%dQ" % len(self.hosts), self.shared, COUNTS))

    def names(self, how):
        self._put(NAMES_AT, NAMES[how])

    def web(self, how):
        self._put(WEB_AT, WEB[how])

    def freeze(self):
        """Nothing new is published, changed or taken away from now on."""
        self._put(FROZEN, time.monotonic(), "d")

    def now(self):
        return self._get(FROZEN, "d") or time.monotonic()

    def published(self, i):
        """How many articles host i has; each has a pace of its own."""
        pace = self.every * (0.75 + i % 5 / 8)
        return OLD + int((self.now() - self.born) / pace)

    def age(self, i, k):
        pace = self.every * (0.75 + i % 5 / 8)
        return self.now() - self.born - max(0, k + 1 - OLD) * pace

    def version(self, i, k):
        return 2 if k % 7 == 3 and self.age(i, k) > 3 * self.turn else 1

    def goes(self, k):
        return k % 11 == 5

    def gone(self, i, k):
        return self.goes(k) and self.age(i, k) > 5 * self.turn

    def url(self, i, path):
        return self.net.url(self.hosts[i], path)

    def seeds(self):
        return [self.url(i, "/") for i in range(len(self.hosts))]


# ---- pages -----------------------------------------------------------------------


def words(name, n):
    """A text of about n characters, like no other one."""
    rnd = random.Random(name)
    out, size = [], 0
    while size < n:
        line = " ".join("".join(rnd.choices(SYLLABLES, k=rnd.randint(1, 4))) for _ in range(60))
        out.append("<p>%s.</p>" % line.capitalize())
        size += len(line)
    return "".join(out)


def document(title, body):
    return ("<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>%s</title></head>"
            "<body>%s</body></html>" % (title, body)).encode()


def front(plan, i):
    n = plan.published(i)
    return document("News of town %d" % i, "<ul>%s</ul>" % "".join(
        "<li><a href='/a/%d.html'>What the council said on day %d about town %d</a></li>"
        % (k, k, i) for k in range(n - 1, max(-1, n - 1 - FRONT), -1)))


def article(plan, i, k):
    v = plan.version(i, k)
    name = "%d/%d/%d" % (i, k, v)
    size = 300000 if k % EACH_LARGE == 50 else 2000 + (k * 7919 + i * 104729) % 12000
    # Two, as the one before may be gone.
    before = "".join("<a href='/a/%d.html'>Before</a>" % b for b in (k - 1, k - 2) if b >= 0)
    return document("Day %d of town %d" % (k, i), "<article><h1>Day %d of town %d</h1>%s"
                    "</article><nav>%s</nav>" % (k, i, words(name, size), before))


def answer(plan, i, path):
    """Status, ETag and how to make the body of an address."""
    if path == "/robots.txt":
        return 200, None, lambda: b"User-agent: *\nDisallow: /private/\n"
    if path == "/":
        return 200, '"f%d"' % plan.published(i), lambda: front(plan, i)
    name = path[3:-5]
    if path[:3] == "/a/" and path[-5:] == ".html" and name.isdigit():
        k = int(name)
        if k < plan.published(i) and not plan.gone(i, k):
            return 200, '"%d-%d"' % (k, plan.version(i, k)), lambda: article(plan, i, k)
    return 404, None, lambda: document("Not found", "<p>Not found</p>")


# ---- the server --------------------------------------------------------------------


class Http(asyncio.Protocol):
    """Requests of one connection, one after the other."""

    def __init__(self, server, i):
        self.server, self.i, self.buffer, self.out = server, i, b"", None

    def connection_made(self, transport):
        self.out = transport
        self.server.open.add(self)

    def connection_lost(self, exc):
        self.server.open.discard(self)

    def data_received(self, data):
        self.buffer += data
        while b"\r\n\r\n" in self.buffer and self.server.plan._get(WEB_AT) == 0:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            self.request(head.decode("latin-1").split("\r\n"))

    def request(self, lines):
        plan = self.server.plan
        path = (lines[0].split(" ") + ["/"])[1]
        head = {k.strip().lower(): v.strip() for k, _, v in
                (line.partition(":") for line in lines[1:])}
        status, etag, make = answer(plan, self.i, path)
        more, body = "", b""
        if etag is not None:
            more = "ETag: %s\r\n" % etag
        if etag is not None and head.get("if-none-match") == etag:
            status = 304
        else:
            body = make()
            if self.i % 2 and len(body) > 1000:
                body = gzip.compress(body, 1, mtime=0)
                more += "Content-Encoding: gzip\r\n"
        kind = "text/plain" if path == "/robots.txt" else "text/html; charset=utf-8"
        self.out.write(("HTTP/1.1 %d X\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n" % (
            status, kind, more, len(body))).encode() + body)
        plan.count(self.i)


class Dns(asyncio.DatagramProtocol):
    def __init__(self, plan):
        self.plan, self.out = plan, None

    def connection_made(self, transport):
        self.out = transport

    def datagram_received(self, data, addr):
        how = self.plan._get(NAMES_AT)
        if how == NAMES["silent"] or len(data) < 17:
            return
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += data[at] + 1
        kind = struct.unpack(">H", data[at + 1:at + 3])[0]
        address = self.plan.net.names.get(".".join(labels).lower())
        flags, rr = 0x8180 if address else 0x8183, b""
        if how == NAMES["servfail"]:
            flags = 0x8182
        elif address and kind == 1:
            rr = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, TTL, 4) + bytes(
                map(int, address.split(".")))
        self.out.sendto(data[:2] + struct.pack(">HHHHH", flags, 1, 1 if rr else 0, 0, 0) +
                        data[12:at + 5] + rr, addr)


class Server:
    """Runs in the child until the other end of its pipe is closed."""

    def __init__(self, plan, dns_socket):
        self.plan, self.dns, self.open, self.listening = plan, dns_socket, set(), []

    async def listen(self):
        loop = asyncio.get_running_loop()
        for i, h in enumerate(self.plan.hosts):
            self.listening.append(await loop.create_server(
                lambda i=i: Http(self, i), self.plan.net.address(h), self.plan.net.port,
                reuse_address=True))

    def hang_up(self):
        for c in list(self.open):
            c.out.abort()

    async def look(self):
        """Does what the plan says has gone wrong."""
        how = self.plan._get(WEB_AT)
        if how == WEB["refuse"] and self.listening:
            for s in self.listening:
                s.close()
            self.listening = []
            self.hang_up()
        elif how != WEB["refuse"] and not self.listening:
            await self.listen()
        if self.how == WEB["silent"] != how:
            self.hang_up()  # what was never answered will not be
        self.how = how

    async def run(self, pipe):
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        loop.add_reader(pipe, over.set)
        await loop.create_datagram_endpoint(lambda: Dns(self.plan), sock=self.dns)
        await self.listen()
        self.how = 0
        while not over.is_set():
            await self.look()
            try:
                await asyncio.wait_for(over.wait(), 0.1)
            except asyncio.TimeoutError:
                pass


class World:
    """The server's process. Everything of it ends with this one."""

    def __init__(self, plan, dns_socket):
        self.plan = plan
        self.dns = "%s:%d" % dns_socket.getsockname()
        ours, self.pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.pipe)
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            code = 1
            try:
                asyncio.run(Server(plan, dns_socket).run(ours))
                code = 0
            finally:
                os._exit(code)
        os.close(ours)
        dns_socket.close()

    def close(self):
        os.close(self.pipe)
        os.waitpid(self.pid, 0)
