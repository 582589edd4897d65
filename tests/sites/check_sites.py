#!/usr/bin/env python3
"""The example sites themselves: every page answers as its site says it does.

Starts $BUILD/tests/sites/winnow-sites on ports of its own and asks it by plain
sockets, so that nothing of winnowd is needed to trust it.
"""
import gzip
import http.client
import json
import os
import re
import socket
import struct
import subprocess
import sys
import traceback
import xml.etree.ElementTree as ET
from urllib.parse import urljoin, urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import expect  # noqa: E402

PROGRAM = os.path.join(os.environ.get("BUILD", "build"), "tests/sites/winnow-sites")
PYTHON_NAME = {"GB18030": "gb18030", "CP936": "gbk", "": "utf-8"}


def get(state, site, path, headers=None, host=None):
    """(status, headers, body) of a path at a site's address."""
    c = http.client.HTTPConnection(site["address"], state["port"], timeout=60)
    c.request("GET", path, headers={
        "Host": "%s:%d" % (host or site["host"], state["port"]), **(headers or {})})
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, r.headers, body


def look_up(state, name, qtype):
    """(rcode, [address], [ttl]) from the sites' name server."""
    host, port = state["dns"].split(":")
    q = struct.pack(">6H", 4711, 0x0100, 1, 0, 0, 0)
    q += b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
    q += struct.pack(">2H", qtype, 1)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(60)
    s.sendto(q, (host, int(port)))
    a = s.recv(512)
    s.close()
    _, flags, _, n = struct.unpack(">4H", a[:8])
    pos, found, ttls = len(q), [], []
    for _ in range(n):
        while a[pos] and a[pos] < 0xc0:  # name, in full or as a pointer
            pos += a[pos] + 1
        pos += 2 if a[pos] >= 0xc0 else 1
        ttl, size = struct.unpack(">IH", a[pos + 4:pos + 10])
        found.append(socket.inet_ntoa(a[pos + 10:pos + 14]))
        ttls.append(ttl)
        pos += 10 + size
    return flags & 15, found, ttls


def check_names(state, sites):
    for s in sites:
        rcode, found, ttls = look_up(state, s["host"].upper(), 1)
        assert (rcode, found) == (0, [s["address"]]), (s["host"], rcode, found)
        assert ttls[0] > 0
        assert look_up(state, s["host"], 28)[:2] == (0, []), "AAAA is not empty"
    assert look_up(state, "nobody.example-a.test", 1)[0] == 3, "no NXDOMAIN"


def check_articles(state, sites):
    """Every article answers in the site's encoding and holds its text."""
    for s in sites:
        codec = PYTHON_NAME[s.get("encoding", "")]
        for e in s["expect"]:
            status, headers, body = get(state, s, e["path"])
            assert status == 200, (s["name"], e["path"], status)
            assert headers["Content-Type"].startswith("text/html")
            text = body.decode(codec, "strict" if not e["lossy"] else "replace")
            assert "{{" not in text, (e["path"], "a placeholder is left")
            if s["dir"] == "mirror":
                assert "(huì)" in text or "(xué)" in text, e["path"]
                continue
            for p in e["text"].split("\n"):
                assert p[-12:] in text, (e["path"], p[-12:])
            assert e["title"] in text


def check_also(state, sites):
    n = 0
    for s in sites:
        for e in s["expect"]:
            for path in e["also"]:
                assert get(state, s, path)[0] == 200, path
                n += 1
    assert n >= 10, n


def links(s, path, body):
    html = body.decode(PYTHON_NAME[s.get("encoding", "")], "replace")
    base = "http://" + s["host"] + path
    for href in re.findall(r'(?i)href="?([^"\s>]+)', html):
        u = urlsplit(urljoin(base, href.replace("&amp;", "&")))
        if u.scheme == "http" and u.hostname == s["host"]:
            yield u.path + ("?" + u.query if u.query else "")


def check_reach(state, sites):
    """From the seed all articles are reached by links, within depth 5; there
    are redirects, missing pages and files on the way, and a trap."""
    for s in sites:
        seen, turn, status = {s["seed"]}, [s["seed"]], {}
        for _ in range(6):
            following = []
            for path in turn:
                status[path], headers, body = get(state, s, path)
                if status[path] in (301, 302):
                    more = [urlsplit(urljoin("http://x" + path, headers["Location"])).path]
                elif status[path] == 200 and headers["Content-Type"].startswith("text/html"):
                    more = links(s, path, body)
                else:
                    more = []
                for p in more:
                    if p not in seen:
                        seen.add(p)
                        following.append(p)
            turn = following
        missing = [e["path"] for e in s["expect"] if e["path"] not in seen]
        assert not missing, (s["dir"], missing)
        for want in ({301, 302}, {404, 410}):
            assert want & set(status.values()), (s["dir"], want)
        assert any(re.search(r"\.(pdf|doc|docx)$", p) for p in seen), s["dir"]


def check_robots(state, sites):
    for s in sites:
        status, headers, body = get(state, s, "/robots.txt")
        text = body.decode("utf-8")
        assert status == 200 and headers["Content-Type"].startswith("text/plain")
        delay = float(re.search(r"(?m)^Crawl-delay: (\S+)$", text).group(1))
        assert 0 < delay <= 0.2, delay
        guarded = [r for r in re.findall(r"(?m)^Disallow: (/\S+)$", text)]
        assert guarded, s["dir"]


def check_xml(state, sites):
    for s in sites:
        ns = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
        status, _, body = get(state, s, "/sitemap.xml")
        locs = {urlsplit(e.text).path for e in ET.fromstring(body).iter(ns + "loc")}
        assert status == 200
        assert {e["path"] for e in s["expect"]} <= locs, s["dir"]
        status, headers, body = get(state, s, s["feed"])
        items = list(ET.fromstring(body).iter("item"))
        assert status == 200 and "xml" in headers["Content-Type"] and len(items) == 5
        for i in items:
            assert get(state, s, urlsplit(i.find("link").text).path)[0] == 200


def check_host(state, sites):
    assert get(state, sites[0], "/", host="other.test")[0] == 421


def check_gzip(state, sites):
    s, e = sites[0], sites[0]["expect"][0]
    _, headers, body = get(state, s, e["path"], {"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    plain = get(state, s, e["path"])
    assert gzip.decompress(body) == plain[2]
    etag = plain[1]["ETag"]
    assert get(state, s, e["path"], {"If-None-Match": etag})[0] == 304


def check_keep_alive(state, sites):
    s = sites[0]
    c = http.client.HTTPConnection(s["address"], state["port"], timeout=60)
    c.connect()
    before = c.sock
    for _ in range(3):
        c.request("GET", "/robots.txt", headers={"Host": s["host"]})
        c.getresponse().read()
    assert c.sock is before
    c.close()


def check_log(state, sites):
    rows = [json.loads(x) for x in get(state, sites[0], "/__log")[2].splitlines()]
    assert len(rows) > 100
    for r in rows:
        assert set(r) == {"began", "ended", "host", "address", "path", "status", "agent"}
        assert r["ended"] >= r["began"]


CHECKS = [
    ("sites: the name server knows A, an empty AAAA, and NXDOMAIN", check_names),
    ("sites: every article answers in its encoding with its text", check_articles),
    ("sites: every second address of an article answers", check_also),
    ("sites: links lead from the seed to every article within depth 5", check_reach),
    ("sites: robots.txt has rules and a short Crawl-delay", check_robots),
    ("sites: sitemap and feed are well-formed and complete", check_xml),
    ("sites: another Host is misdirected", check_host),
    ("sites: gzip when asked, 304 for a known tag", check_gzip),
    ("sites: a connection serves several requests", check_keep_alive),
    ("sites: the log tells every request", check_log),
]


def load_sites(state):
    sites = []
    for name, attrs in expect.sites():
        s = dict(attrs)
        s["dir"] = name
        s["expect"] = [json.loads(x) for x in expect.lines(name, attrs).splitlines()]
        sites.append(s)
    assert {s["host"] for s in sites} == {s["host"] for s in state["sites"]}
    return sites


def run(name, check, *args):
    try:
        check(*args)
        print("ok - " + name)
        return 0
    except Exception:
        traceback.print_exc(file=sys.stdout)
        print("not ok - " + name)
        return 1


def check_expect():
    for name, attrs in expect.sites():
        with open(os.path.join(HERE, name, "expect.jsonl"), encoding="utf-8") as f:
            assert f.read() == expect.lines(name, attrs), name + ": run expect.py --write"


def check_bulk(out):
    """The pages for benchmarks differ, and are all reached from the first."""
    args = ["--write", out, "--pages", "120", "--hosts", "4", "--port", "8123", HERE]
    subprocess.run([PROGRAM] + args, check=True)
    pages = {n: open(os.path.join(out, "www/p", n), encoding="utf-8").read()
             for n in os.listdir(os.path.join(out, "www/p"))}
    urls = open(os.path.join(out, "urls.txt")).read().split()
    assert len(pages) == len(urls) == 120
    size = sum(len(p.encode()) for p in pages.values()) / 120
    assert 120000 < size < 150000, size
    texts = {re.search(r'(?s)<div class="content">(.*?)</div>', p).group(1) for p in pages.values()}
    assert len(texts) == 120
    seen, turn = {urls[0]}, [urls[0]]
    while turn:
        u = turn.pop()
        for v in re.findall(r'href="(http://[^"]+)"', pages[u.rsplit("/", 1)[1]]):
            if v not in seen:
                seen.add(v)
                turn.append(v)
    assert seen == set(urls), len(seen)


def main():
    import tempfile
    failed = run("sites: expect.jsonl says what articles.txt says", check_expect)
    with tempfile.TemporaryDirectory() as out:
        failed += run("sites: generated pages differ and link to each other", check_bulk, out)
    p = subprocess.Popen([PROGRAM, HERE], stdout=subprocess.PIPE, text=True)
    try:
        state = json.loads(p.stdout.readline())
        sites = load_sites(state)
        for name, check in CHECKS:
            failed += run(name, check, state, sites)
        get(state, sites[0], "/__stop")
        failed += run("sites: the server ends when told", lambda: p.wait(60))
    finally:
        if p.poll() is None:
            p.terminate()
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
