"""A TLS server for the tests that means no good: certificates of every kind, and
HTTP/2 written frame by frame, so that it can be wrong.

Certificates come from the openssl program, one key for all. A host has a context
and an act; an act for HTTP/1 is called with the socket after the request's head,
an act for HTTP/2 with an H2 once the client has said its preface."""
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

DATA, HEADERS, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Certificates:
    """In a directory. ca: to be trusted by the client."""

    def __init__(self, where):
        self.dir = where
        self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.at("key"))
        self.ca, other = self.authority("ca"), self.authority("other")
        self.other = other

    def at(self, name):
        return os.path.join(self.dir, name + ".pem")

    def run(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)

    def authority(self, name):
        self.run("req", "-x509", "-new", "-key", self.at("key"), "-subj", "/CN=" + name, "-days",
                 "30", "-out", self.at(name))
        return self.at(name)

    def make(self, name, *hosts, days=30, ca="ca", digest="sha256"):
        """Key and certificate of hosts in one file."""
        csr, ext = os.path.join(self.dir, name + ".csr"), os.path.join(self.dir, name + ".ext")
        with open(ext, "w", encoding="ascii") as f:
            f.write("subjectAltName=%s\n" % ",".join("DNS:" + h for h in hosts))
        self.run("req", "-new", "-key", self.at("key"), "-subj", "/CN=" + hosts[0], "-out", csr)
        self.run("x509", "-req", "-in", csr, "-CA", self.at(ca), "-CAkey", self.at("key"),
                 "-CAcreateserial", "-days", str(days), "-" + digest, "-extfile", ext, "-out",
                 self.at(name))
        return self.join(name, self.at(name))

    def join(self, name, cert):
        out = self.at(name + "-both")
        with open(out, "wb") as f:
            for path in (self.at("key"), cert):
                with open(path, "rb") as g:
                    f.write(g.read())
        return out


def context(cert, alpn=("http/1.1",), old=False):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        c.set_ciphers("ALL:@SECLEVEL=0")
        c.minimum_version = c.maximum_version = ssl.TLSVersion.TLSv1
    c.load_cert_chain(cert)
    c.set_alpn_protocols(list(alpn))
    return c


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + body


def text(s):
    """A string of HPACK, plain, up to 16,000 bytes."""
    s = s.encode("latin-1")
    if len(s) < 127:
        return bytes([len(s)]) + s
    n, out = len(s) - 127, b"\x7f"
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n]) + s


def field(name, value):
    return b"\0" + text(name) + text(value)


OK = b"\x88" + field("content-type", "text/html; charset=utf-8")


class H2:
    """One connection: request() gives the stream of the next one."""

    def __init__(self, sock, settings=b"", asked=None):
        self.sock, self.buffer, self.asked = sock, b"", asked
        self.take(len(PREFACE))
        self.send(SETTINGS, 0, 0, settings)

    def take(self, n):
        while len(self.buffer) < n:
            got = self.sock.recv(65536)
            if not got:
                raise OSError("ended")
            self.buffer += got
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def send(self, kind, flags=0, stream=0, body=b""):
        self.sock.sendall(frame(kind, flags, stream, body))

    def next(self):
        head = self.take(9)
        body = self.take(int.from_bytes(head[:3], "big"))
        if head[3] == SETTINGS and not head[4] & ACK:
            self.send(SETTINGS, ACK)
        return head[3], head[4], int.from_bytes(head[5:9], "big"), body

    def request(self):
        while True:
            kind, _, stream, _ = self.next()
            if kind == HEADERS:
                self.asked()
                return stream

    def page(self, stream, body):
        self.send(HEADERS, END_HEADERS, stream, OK)
        for i in range(0, len(body), 16000):
            self.send(DATA, 0, stream, body[i:i + 16000])
        self.send(DATA, END_STREAM, stream)

    def flood(self, what, seconds):
        """The same bytes for some time, for as long as they are taken."""
        end, block = time.monotonic() + seconds, what * max(1, 16000 // len(what))
        while time.monotonic() < end:
            self.sock.sendall(block)


class Web:
    """Listeners, one for each host, on net's addresses at port."""

    def __init__(self, net, port):
        self.net, self.port, self.rows = net, port, {}
        self.requests, self.connections, self.protocol = {}, {}, {}
        self.socks, self.lock = [], threading.Lock()

    def add(self, host, ctx, act, h2=False, settings=b"", end=True):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((self.net.address(host), self.port))
        s.listen(64)
        self.socks.append(s)
        threading.Thread(target=self.run, args=(s, host, ctx, act, h2, settings, end),
                         daemon=True).start()

    def url(self, host, path="/"):
        return "https://%s%s%s" % (host, "" if self.port == 443 else ":%d" % self.port, path)

    def run(self, s, *row):
        while True:
            try:
                c, _ = s.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c, *row), daemon=True).start()

    def count(self, table, host):
        with self.lock:
            table[host] = table.get(host, 0) + 1

    def serve(self, c, host, ctx, act, h2, settings, end):
        self.count(self.connections, host)
        c.settimeout(8)
        try:
            if ctx is None:  # speaks no TLS at all
                act(c)
                return
            c = ctx.wrap_socket(c, server_side=True)
            self.protocol[host] = (c.version(), c.selected_alpn_protocol())
            if h2 and c.selected_alpn_protocol() == "h2":
                act(H2(c, settings, lambda: self.count(self.requests, host)))
            else:
                while self.head(c):
                    self.count(self.requests, host)
                    if not act(c):
                        break
            if end:
                c.unwrap()
        except (OSError, ValueError):
            pass
        finally:
            c.close()

    @staticmethod
    def head(c):
        got = b""
        while b"\r\n\r\n" not in got:
            more = c.recv(65536)
            if not more:
                return False
            got += more
        return True

    def stop(self):
        for s in self.socks:
            s.close()
