"""Two small proxies for the tests, on the loopback: HTTP (CONNECT and absolute
URIs) and SOCKS5. Each keeps what it was asked for, in the words of the client;
names it resolves by a table, so that a client that hands over names is seen."""
import socket
import struct
import threading


class Proxy:
    """At self.port, for the length of a with block. asked: "method target" of
    each request; heads: what came with them. route(): where a target really is, None: refused."""

    def __init__(self, route=None, user=None):
        self.route = route or (lambda host, port: (host, port))
        self.user = user
        self.asked, self.heads, self.accepted = [], [], 0
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(64)
        self.port = self.sock.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.sock.close()

    def run(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.guarded, args=(c,), daemon=True).start()

    def guarded(self, c):
        try:
            c.settimeout(10)
            self.serve(c)
        except (OSError, ValueError, IndexError):
            pass
        finally:
            c.close()

    def serve(self, c):
        raise NotImplementedError

    @staticmethod
    def take(c, n):
        """Exactly n bytes."""
        out = b""
        while len(out) < n:
            got = c.recv(n - len(out))
            if not got:
                raise OSError("ended")
            out += got
        return out

    def open(self, host, port):
        there = self.route(host, port)
        return socket.create_connection(there, 5) if there else None

    @staticmethod
    def both(a, b):
        """Bytes go either way until one side ends."""
        def one(src, dst):
            try:
                while got := src.recv(65536):
                    dst.sendall(got)
            except OSError:
                pass
            for s in (src, dst):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        t = threading.Thread(target=one, args=(b, a), daemon=True)
        t.start()
        one(a, b)
        t.join(10)
        b.close()


class Http(Proxy):
    def serve(self, c):
        head = b""
        while b"\r\n\r\n" not in head:
            got = c.recv(65536)
            if not got:
                return
            head += got
        method, target = head.decode("latin-1").split(" ")[:2]
        self.asked.append("%s %s" % (method, target))
        self.heads.append(head.decode("latin-1"))
        if self.user and "Proxy-Authorization: Basic " not in self.heads[-1]:
            c.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
            return
        if method != "CONNECT":
            c.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")
            return
        host, port = target.rsplit(":", 1)
        there = self.open(host.strip("[]"), int(port))
        if there is None:
            c.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            return
        c.sendall(b"HTTP/1.1 200 Yes\r\n\r\n")
        self.both(c, there)


class Socks5(Proxy):
    def serve(self, c):
        version, n = self.take(c, 2)
        if version != 5:
            return
        methods = self.take(c, n)
        if self.user:
            if 2 not in methods:
                c.sendall(b"\5\xff")
                return
            c.sendall(b"\5\2")
            self.heads.append(self.take(c, self.take(c, 2)[1]).decode())
            self.take(c, self.take(c, 1)[0])
            c.sendall(b"\1\0")
        else:
            c.sendall(b"\5\0")
        _, command, _, kind = self.take(c, 4)
        if kind == 1:
            host = socket.inet_ntoa(self.take(c, 4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, self.take(c, 16))
        else:
            host = self.take(c, self.take(c, 1)[0]).decode("latin-1")
        port = struct.unpack(">H", self.take(c, 2))[0]
        self.asked.append("%s %s:%d" % ({1: "address", 4: "address"}.get(kind, "name"), host, port))
        there = self.open(host, port) if command == 1 else None
        if there is None:
            c.sendall(b"\5\2\0\1\0\0\0\0\0\0")
            return
        c.sendall(b"\5\0\0\1\0\0\0\0\0\0")
        self.both(c, there)
