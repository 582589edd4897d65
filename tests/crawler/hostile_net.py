"""A small internet for the tests: addresses, names and a web server that means
no good.

Each host has an address of its own, so that what winnowd keeps for each address
(its pause, its one connection) stays apart. In a network namespace the addresses
are public ones that live on `lo`, names are answered on 127.0.0.1:53 and pages
on port 80, so that the rules against private addresses stay on; where no
namespace can be made the same hosts live in 127.1.0.0/16, which alone is opened.
Nothing leaves the machine either way."""
import ctypes
import fcntl
import os
import re
import selectors
import socket
import struct
import threading
import time

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
# Addresses that belong to nobody here; the guard takes them for public.
PUBLIC, INSIDE = "25.25.%d.%d", "127.1.%d.%d"
# Networks that the guard refuses, on lo so that a connection would succeed.
PRIVATE = ("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
           "100.64.0.1")


def _ifreq(name, address=None, flags=0):
    if address is None:
        return struct.pack("16sh22x", name.encode(), flags)
    return struct.pack("16sHH4s16x", name.encode(), socket.AF_INET, 0,
                       socket.inet_aton(address))


def enter_namespace():
    """Into a network of its own, with public and private addresses on lo.
    None when it is done, else the reason why it cannot be."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if uid == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        return "no network namespace: %s" % os.strerror(ctypes.get_errno())
    if uid != 0:
        for name, line in (("setgroups", "deny"), ("uid_map", "0 %d 1" % uid),
                           ("gid_map", "0 %d 1" % gid)):
            with open("/proc/self/" + name, "w", encoding="ascii") as f:
                f.write(line)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(s, 0x8914, _ifreq("lo", flags=0x49))  # SIOCSIFFLAGS: up
    nets = [("25.25.0.1", "255.255.0.0")]
    nets += [(a, "255.255.255.255") for a in PRIVATE]
    for i, (address, mask) in enumerate(nets, 1):
        fcntl.ioctl(s, 0x8916, _ifreq("lo:%d" % i, address))  # SIOCSIFADDR
        fcntl.ioctl(s, 0x891c, _ifreq("lo:%d" % i, mask))  # SIOCSIFNETMASK
    s.close()
    return None


class Net:
    """Who has which address. name(): one of a host; port: of the web."""

    def __init__(self, public):
        self.public = public
        self.pattern = PUBLIC if public else INSIDE
        self.port = 80 if public else free_port()
        self.names, self.count = {}, 0
        self.lock = threading.Lock()

    def address(self, host):
        with self.lock:
            if host not in self.names:
                self.count += 1
                n = self.count + 256
                self.names[host] = self.pattern % (n >> 8, n & 255 or 255)
                self.count += (n & 255) == 254
            return self.names[host]

    def url(self, host, path="/"):
        return "http://%s%s%s" % (
            host, "" if self.port == 80 else ":%d" % self.port, path)


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


class Names(threading.Thread):
    """A name server for net's hosts: A for who has an address, NXDOMAIN else."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.net, self.asked, self.stopping = net, [], False
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 53 if net.public else 0))
        self.server = "%s:%d" % self.sock.getsockname()

    def run(self):
        while not self.stopping:
            q, peer = self.sock.recvfrom(4096)
            try:
                self.sock.sendto(self.answer(q), peer)
            except (OSError, IndexError):
                continue

    def answer(self, q):
        at, labels = 12, []
        while q[at]:
            labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
            at += q[at] + 1
        end = at + 5
        name = ".".join(labels).lower()
        kind = struct.unpack(">H", q[at + 1:at + 3])[0]
        self.asked.append(name)
        address = self.net.names.get(name)
        flags = 0x8180 if address else 0x8183
        rr = b""
        if address and kind == 1:
            rr = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + \
                socket.inet_aton(address)
        return q[:2] + struct.pack(">HHHHH", flags, 1, 1 if rr else 0, 0, 0) + \
            q[12:end] + rr

    def stop(self):
        self.stopping = True
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
            b"\0" * 12, self.sock.getsockname())


class Connection:
    """What an act is given: the request, and ways to answer it."""

    def __init__(self, web, sock, host):
        self.web, self.sock, self.host = web, sock, host
        self.path, self.head, self.began = "", {}, 0.0
        self.buffer = b""

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            got = self.sock.recv(65536)
            if not got or len(self.buffer) > 1 << 20:
                return False
            self.buffer += got
        text, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = text.decode("latin-1").split("\r\n")
        self.path = re.sub(r"\?r=\d+$", "", (lines[0].split(" ") + [""])[1])
        self.head = {k.strip().lower(): v.strip() for k, _, v in
                     (line.partition(":") for line in lines[1:])}
        self.began = time.time()
        return True

    def send(self, *parts):
        for p in parts:
            self.sock.sendall(p if isinstance(p, bytes) else p.encode("latin-1"))

    def repeat(self, part, n):
        """n times part, in large writes."""
        part = part if isinstance(part, bytes) else part.encode("latin-1")
        per = max(1, 65536 // len(part))
        block = part * per
        while n > 0:
            self.sock.sendall(block if n >= per else part * n)
            n -= per

    def drip(self, part, every=0.05):
        """For as long as the other side listens and patience lasts."""
        end = time.monotonic() + self.web.patience
        while time.monotonic() < end and not self.web.stopping:
            self.send(part)
            time.sleep(every)

    def wait(self):
        """Until the other side hangs up, or patience ends."""
        self.sock.settimeout(self.web.patience)
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass

    def answer(self, status, headers, body=b"", length=True):
        """A whole answer; the connection stays."""
        out = "HTTP/1.1 %s\r\n" % status
        for k, v in headers:
            out += "%s: %s\r\n" % (k, v)
        if length:
            out += "Content-Length: %d\r\n" % len(body)
        self.send(out + "\r\n", body)
        return True

    def page(self, body, headers=(), ctype="text/html; charset=utf-8"):
        return self.answer("200 OK", [("Content-Type", ctype), *headers], body)


class Web:
    """Hosts and their acts. An act is called with the Connection for each of
    its requests but robots.txt, which is 404 unless the act says so, and
    returns true when the connection stays. seen: (host, path, head, began,
    ended) of each request."""

    def __init__(self, net, patience=8.0):
        self.net, self.patience, self.stopping = net, patience, False
        self.acts, self.seen, self.open = {}, [], {}
        self.accepted, self.full = {}, []
        self.lock = threading.Lock()
        self.select = selectors.DefaultSelector()
        self.wake = socket.socketpair()
        self.select.register(self.wake[0], selectors.EVENT_READ, None)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def add(self, host, act, robots=None, backlog=128):
        """A host with a listener of its own."""
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((self.net.address(host), self.net.port))
        s.listen(backlog)
        self.acts[host] = (act, robots)
        self.watch(s, host)

    def add_full(self, host):
        """A host whose backlog is full: the kernel drops who comes now."""
        s = socket.socket()
        s.bind((self.net.address(host), self.net.port))
        s.listen(0)
        self.full.append(s)
        for _ in range(4):
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(s.getsockname())
            self.full.append(c)

    def watch(self, s, host):
        s.setblocking(False)
        with self.lock:
            self.select.register(s, selectors.EVENT_READ, host)
        self.wake[1].send(b"x")

    def run(self):
        while not self.stopping:
            for key, _ in self.select.select(0.5):
                if key.data is None:
                    self.wake[0].recv(4096)
                    continue
                try:
                    sock, _ = key.fileobj.accept()
                except OSError:
                    continue
                self.accepted[key.data] = self.accepted.get(key.data, 0) + 1
                threading.Thread(target=self.serve, args=(sock, key.data),
                                 daemon=True).start()

    def serve(self, sock, host):
        c = Connection(self, sock, host)
        with self.lock:
            self.open[sock] = c
        act, robots = self.acts.get(host, (None, None))
        busy = False  # a connection that idles too long is no second request
        try:
            sock.settimeout(self.patience)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if getattr(act, "at_accept", False):
                act(c)
                return
            stays = act is not None
            while stays and c.read_head():
                busy = True
                if c.path == "/robots.txt" and robots is not True:
                    stays = c.answer("404 Not Found", [])
                else:
                    stays = act(c)
                self.seen.append((host, c.path, c.head, c.began, time.time()))
                busy = False
        except OSError:
            if busy:
                self.seen.append((host, c.path, c.head, c.began, time.time()))
        finally:
            with self.lock:
                self.open.pop(sock, None)
            sock.close()

    def asked(self, host, path=None):
        """Requests to a host but for robots.txt, or those for a path."""
        return [r for r in list(self.seen) if r[0] == host and
                (r[1] == path if path else r[1] != "/robots.txt")]

    def hang_up(self):
        """Ends all connections that idle."""
        with self.lock:
            socks = list(self.open)
        for s in socks:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.stopping = True
        self.wake[1].send(b"x")
        self.hang_up()
