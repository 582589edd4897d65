#!/usr/bin/env python3
"""robots.txt of every kind (H41, H42), one host each, in one crawl; what counts
is which pages the server was asked for, and how much of a file was taken."""
import functools
import gzip
import os
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402
from check_polite import Server, command, crawl, hosts, page  # noqa: E402

RULES = b"User-agent: *\nDisallow: /no\n"
TEXT = {"Content-Type": "text/plain"}


def gz(data, **more):
    return {"body": data, "headers": dict(TEXT, **{"Content-Encoding": "gzip"}),
            **more}


@functools.cache
def bomb():
    z, block = zlib.compressobj(1, zlib.DEFLATED, 31), bytes(1 << 20)
    return b"".join([z.compress(RULES)] + [z.compress(block)
                                           for _ in range(120)] + [z.flush()])


def status(n):
    return lambda k: {"status": n, "body": RULES, "headers": TEXT}


def to(where):
    return lambda k: {"status": 301, "headers": {"Location": where}}


# host: (answer to the k-th request for robots.txt, are /yes and /no asked?)
TABLE = {
    "plain": (lambda k: RULES, "yn"),
    "none": (status(404), "yy"), "r401": (status(401), "yy"),
    "r403": (status(403), "yy"), "r410": (status(410), "yy"),
    "r429": (status(429), "nn"), "r500": (status(500), "nn"),
    "r503": (status(503), "nn"),
    "flips": (lambda k: status(500)(k) if k % 2 else RULES, "yn"),
    "cut": (lambda k: {"cut": 1}, "nn"),
    "silent": (lambda k: {"silent": 1}, "nn"),
    "slow": (lambda k: {"endless": b"#", "pause": 0.05}, "nn"),
    "huge": (lambda k: {"endless": b"# a line of nothing much\n" * 1000,
                        "length": 1 << 30}, "yn"),
    "line": (lambda k: {"endless": b"x" * 65536, "length": 500 << 20}, "yn"),
    "binary": (lambda k: bytes(range(256)) * 40, "yy"),
    "html": (lambda k: page("robots"), "yy"),
    "empty": (lambda k: {"body": b"", "headers": TEXT}, "yy"),
    "gzipped": (lambda k: gz(gzip.compress(RULES)), "yn"),
    "cutgz": (lambda k: gz(gzip.compress(
        RULES + b"\n".join(b"Allow: /%d" % (i * i) for i in range(3000)))[
            :4000]), "yn"),
    "bomb": (lambda k: gz(bomb()), "nn"),
    "badgz": (lambda k: gz(b"\x1f\x8b\x08\0\0\0\0\0\0\3 not deflate \0\1"),
              "nn"),
    "coding": (lambda k: {"body": RULES, "headers": dict(
        TEXT, **{"Content-Encoding": "utf-8"})}, "yn"),
    "hop": (to("/elsewhere/robots.txt"), "yn"),
    "other": (to("http://plain.test:%d/robots.txt"), "yn"),
    "dead": (to("http://nowhere.test:%d/robots.txt"), "nn"),
    "hops": (to("/hop1"), "yy"),  # ten of them: as if there were none
    "file": (to("file:///etc/passwd"), "yy"),
}


class Robots(Server):
    """Endless bodies on top; sent: bytes of them by host."""

    def __init__(self):
        self.asked, self.sent = {}, {}
        super().__init__(self.row)

    def row(self, r):
        host, path = r["host"].split(".")[0], r["path"]
        if path == "/elsewhere/robots.txt":
            return RULES
        if path.startswith("/hop"):
            return {"status": 302, "headers": {
                "Location": "/hop%d" % (int(path[4:]) + 1)}}
        if path != "/robots.txt":
            return page(host + path)
        k = self.asked[host] = self.asked.get(host, 0) + 1
        a = TABLE[host][0](k)
        if isinstance(a, dict) and "%d" in a.get("headers", {}).get(
                "Location", ""):
            a["headers"]["Location"] %= self.ports[0]
        return a

    def say(self, c, row, a):
        if not isinstance(a, dict) or "endless" not in a:
            return super().say(c, row, a)
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + (
            b"Content-Length: %d\r\n" % a["length"] if "length" in a else
            b"Connection: close\r\n") + b"\r\n" + RULES)
        sent, end = 0, time.monotonic() + 10
        try:
            while time.monotonic() < end and sent < 300 << 20:
                c.sendall(a["endless"])
                sent += len(a["endless"])
                time.sleep(a.get("pause", 0))
        finally:
            self.sent[row["host"]] = max(sent, self.sent.get(row["host"], 0))
        return False


def every_kind(tmp):
    s = Robots()
    hosts(tmp, {n + ".test": "127.0.0.1" for n in TABLE})
    code, err = crawl(command(
        tmp, "kinds", "politeness.delay=10ms", "politeness.delay_address=0",
        "politeness.backoff=10ms", "fetch.timeout=3s", "fetch.max_tries=2",
        "scope.max_depth=0", *["http://%s.test:%d/%s" % (n, s.ports[0], p)
                               for n in TABLE for p in ("yes", "no")]), 60)
    rows = s.rows()
    s.close()
    assert code in (0, 5), (code, err)
    wrong = {}
    for n, (_, want) in TABLE.items():
        got = "".join("ny"[any(r["host"] == n + ".test" and r["path"] == p
                               for r in rows)] for p in ("/yes", "/no"))
        if got != want:
            wrong[n] = "%s, not %s" % (got, want)
    assert not wrong, wrong
    # 1 MiB, and what lay in sockets
    for n in ("huge.test", "line.test"):
        assert s.sent[n] < 12 << 20, s.sent
    assert len([r for r in rows if r["path"].startswith("/hop")]) == 5
    p = subprocess.run([sites.WINNOW, "why", "-o", os.path.join(tmp, "kinds"),
                        "--json", "http://bomb.test:%d/yes" % s.ports[0]],
                       capture_output=True, check=False)
    assert "robots.txt" in p.stdout.decode(), p.stdout


def main():
    t = sites.Cases()
    with sites.workdir() as tmp:
        t.case("h41 h42: a robots.txt of every kind is obeyed, or nothing is "
               "asked for", every_kind, tmp)
    return t.failed > 0


if __name__ == "__main__":
    sys.exit(main())
