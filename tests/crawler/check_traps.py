#!/usr/bin/env python3
"""Sites that make up addresses without end, beside good ones, through the real
crawl on a real server: what is asked is counted there (H32, H33, H37, H38, H51,
H54 of the hostile web, scope rules per site).

One server on loopback, a function a host; a name server that has an address for
every name."""
import http.server
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402

LINES = ("The council of the valley met on Tuesday to look at the plans for road %s, which has "
         "been waiting for repairs since the flood of the year before last.",
         "Engineers said that bridge %s is the part that matters most, and that work there can "
         "begin as soon as the snow has gone and the stones have been brought up.",
         "The school bus will take the long way round by mill %s for three months, and parents "
         "were asked to bring the children to the stop ten minutes earlier.")


def html(title, body, *links):
    return ("<!DOCTYPE html><html><head><meta charset=utf-8><title>%s</title></head><body>%s"
            "<ul>%s</ul></body></html>" % (title, body, "".join(
                "<li><a href='%s'>%s</a>" % (u, "to " + u[-8:]) for u in links))).encode()


def article(name, *links):
    return html("Road %s" % name, "<h1>Road %s</h1>" % name + "".join(
        "<p>%s</p>" % (x % name) for x in LINES), *links)


def listing(title, *links):
    return html(title, "<h1>%s</h1>" % title, *links)


class Server(http.server.ThreadingHTTPServer):
    """hosts: name (or a suffix ".name") -> function of the path with its query:
    a body, (status, headers, body), or None: 404."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.hosts, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, host, path="/"):
        return "http://%s:%d%s" % (host, self.server_port, path)

    def pages(self, host):
        """Paths that were asked of it, robots.txt and the guesses left out."""
        return [p for h, p in self.asked if h == host and p not in (
            "/robots.txt", "/sitemap.xml", "/feed", "/feed/", "/rss.xml", "/atom.xml")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer in one piece

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        self.server.asked.append((host, self.path))
        fn = self.server.hosts.get(host) or self.server.hosts.get(
            "." + host.split(".", 1)[-1])
        a = fn(self.path) if fn and self.path != "/robots.txt" else None
        if a is None:
            a = (404, {}, b"none")
        if isinstance(a, bytes):
            a = (200, {"Content-Type": "text/html"}, a)
        self.send_response(a[0])
        for k, v in a[1].items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(a[2])))
        self.end_headers()
        self.wfile.write(a[2])

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass


class Names(threading.Thread):
    """Every name is 127.0.0.1; no name has an IPv6 address."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            q, peer = self.sock.recvfrom(2048)
            end = q.index(b"\0", 12) + 5
            a = q[end - 4:end - 2] == b"\0\1"
            self.sock.sendto(
                q[:2] + b"\x81\x80\0\1" + struct.pack(">H", a) + b"\0\0\0\0" + q[12:end] +
                (b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\x7f\0\0\1" if a else b""), peer)


class Case:
    """A crawl in a folder of its own."""

    def __init__(self, server, names, tmp, name):
        self.server, self.names, self.dir = server, names, os.path.join(tmp, name)
        server.hosts, server.asked = {}, []

    def crawl(self, *words, seeds=(), limit=100):
        cmd = [sites.WINNOW, "crawl", "-o", self.dir, "-q", "--json"]
        for o in ("fetch.allow_net=127.0.0.0/8", "fetch.dns=" + self.names.address,
                  "fetch.hosts_file=", "politeness.delay=0", "fetch.timeout=30s",
                  "find.sitemap_places=", "scope.max_depth=1000"):
            cmd += ["-O", o]
        for o in words:
            cmd += ["-c", o[1:]] if o[0] == "@" else ["-O", o]
        p = subprocess.run(cmd + list(seeds), capture_output=True, timeout=limit * sites.PATIENCE,
                           check=False)
        self.err = p.stderr.decode(errors="replace")
        self.sum = json.loads(p.stdout) if p.stdout.strip() else {}
        self.code = p.returncode
        self.records = sites.records(self.dir)
        return self

    def urls(self, host):
        return sorted(urlsplit(r["url"])._replace(scheme="", netloc="").geturl()
                      for r in self.records if r["host"] == host)

    def why(self, url, *more):
        p = subprocess.run([sites.WINNOW, "why", "-o", self.dir, "--json", *more, url],
                           capture_output=True, check=False)
        return json.loads(p.stdout) if p.stdout.strip() else {}

    def reasons(self, host):
        """What the log says of its caps."""
        return re.findall(r"a cap is reached host=%s reason=([^\n]*)" % re.escape(host),
                          self.err)


def query(path):
    u = urlsplit(path)
    return u.path, {k: v[0] for k, v in parse_qs(u.query).items()}


# ---- H37 -------------------------------------------------------------------------


def good(path):
    """Thirty articles, on three pages of a list."""
    m = re.fullmatch(r"/a/(\d+)\.html", path)
    if m:
        return article("g" + m[1], "/", "/a/%d.html" % (int(m[1]) * 7 % 30))
    n = {"/": 0, "/list_2.html": 1, "/list_3.html": 2}.get(path)
    return None if n is None else listing(
        "News %d" % n, *("/a/%d.html" % i for i in range(n * 10, n * 10 + 10)),
        *(["/list_%d.html" % (n + 2)] if n < 2 else []))


def calendar(path):
    """Months and days without end; nothing looks odd but their number."""
    m = re.fullmatch(r"/e/(\d+)/(\d+)/(?:(\d+)/)?", path)
    if path == "/":
        return listing("Town hall", "/e/2001/6/")
    if path == "/feed.xml":
        return (200, {"Content-Type": "application/rss+xml"}, (
            "<rss version='2.0'><channel><title>T</title><item><title>n</title><link>/e/1812/6/24/"
            "</link><pubDate>Mon, 01 Jan 1990 00:00:00 GMT</pubDate></item></channel></rss>").encode())
    if not m:
        return None
    y, mon = int(m[1]), int(m[2])
    ahead, back = (y + mon // 12, mon % 12 + 1), (y - (mon == 1), (mon - 2) % 12 + 1)
    return listing("%d %d" % (y, mon), "/e/%d/%d/" % ahead, "/e/%d/%d/" % back,
                   *("/e/%d/%d/%d/" % (y, mon, d) for d in range(1, 29)))


def session(path):
    """A new session in each link, the same five pages behind it."""
    n = re.search(r"/(\d)$", path)
    return article("s" + (n[1] if n else "0"), *(
        "/s/%032x/%d" % (random.getrandbits(128), i) for i in range(5)))


def growing(path):
    """Relative links that lead ever deeper."""
    return article("p" + str(path.count("/") % 3), "news/item/", "item/", "../x%d/" % len(path)) \
        if path.endswith("/") else None


def endless(path):
    """Lists whose next page is always there, and empty."""
    p, q = query(path)
    n = int(q.get("page", "1"))
    return html("List", "<h1>List</h1><p><a href='/list?page=%d'>next page</a> "
                "<a href='/list?page=%d'>%d</a> <a href='/list?page=%d&n=5'>5 each</a></p>" % (
                    n + 1, n + 2, n + 2, n + 3))


COLOURS = {"colour": 9, "size": 7, "brand": 8, "from": 6, "rating": 5}


def facets(path):
    """Choices that combine; ten things to be found by all of them."""
    p, q = query(path)
    m = re.fullmatch(r"/thing/(\d)\.html", p)
    if m:
        return article("t" + m[1])
    links = []
    for name, most in COLOURS.items():
        for v in random.sample(range(most), 3):
            new = dict(q, **{name: v})
            links.append("/shop?" + "&".join("%s=%s" % x for x in new.items()))
    return listing("Shop", *("/thing/%d.html" % i for i in range(10)), *links)


def traps(s, names, tmp):
    """H37: a host of each kind beside good ones."""
    c = Case(s, names, tmp, "traps")
    random.seed(5)
    kinds = {"cal": calendar, "sess": session, "grow": growing, "page": endless,
             "facet": facets}
    for k, fn in kinds.items():
        s.hosts[k + ".test"] = fn
    for i in range(4):
        s.hosts["good%d.test" % i] = good
    conf = os.path.join(tmp, "traps.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[scope]\nfamily_cap = 40\n")
    c.crawl("@" + conf, seeds=[s.url(h) for h in s.hosts])
    n = {h: len(s.pages(h)) for h in s.hosts}
    hosts = ["good%d.test" % i for i in range(4)]
    got = [len([u for u in c.urls(h) if u.startswith("/a/")]) for h in hosts]
    sites.ok(c.code in (0, 5) and c.sum["end"] == "done" and got == [30] * 4 and
             [n[h] for h in hosts] == [33] * 4,
             "H37: beside traps the good hosts are finished, though all have the same articles",
             str((c.sum, n, got)) + c.err)
    # Each of some families is closed after 40 pages in vain, a part of the site
    # after 200; a few are in flight.
    sites.ok(all(40 <= n[k + ".test"] <= 800 for k in kinds),
             "H37: calendar, sessions, growing paths, pages without end and facets are "
             "left after so many pages in vain", str(n) + c.err)
    sites.ok(len([u for u in c.urls("facet.test") if u.startswith("/thing/")]) == 10,
             "H37: what is worth it behind a trap is found", str(c.urls("facet.test")))
    said = c.reasons("cal.test")
    sites.ok(len(said) == 1 and "family_cap" in said[0] and "/e/#/#/" in said[0],
             "a cap is told once a host, with the shape of its addresses", c.err)
    months = {p.rsplit("/", 2)[0] for p in s.pages("cal.test") if p.count("/") == 5}
    waits = [m + "/%d/" % d for m in months for d in range(1, 29)]
    waits = [p for p in waits if ("cal.test", p) not in s.asked][0]
    known, unknown = (c.why(s.url("cal.test", p), "-c", conf) for p in (waits, "/e/1900/1/1/"))
    sites.ok(known.get("state") == "capped" and known["reason"] == "family-cap" and
             "/e/#/#/#/" in known["detail"] and unknown.get("reason") == "family-cap" and
             not unknown["stored"],
             "why names the cap, of what waited and of what was never added",
             str((known, unknown)))
    feed = os.path.join(tmp, "feed.txt")
    with open(feed, "w", encoding="utf-8") as f:
        f.write(s.url("cal.test", "/feed.xml") + "\ttype=feed\n")
    c.crawl("@" + conf, seeds=[feed])
    more = s.pages("cal.test")[n["cal.test"]:]
    sites.ok("/e/1812/6/24/" in more and len(more) <= 3,
             "what a feed names is asked for, though its family is closed", str(more) + c.err)


# ---- what must not be starved ------------------------------------------------------


def large(path):
    """400 articles under one path, on forty pages of a list that all come first;
    and a calendar beside them."""
    p, q = query(path)
    m = re.fullmatch(r"/info/1012/(\d+)\.htm", p)
    if m:
        return article("l" + m[1], "/", "/e/2001/%d/" % (int(m[1]) % 12 + 1))
    if p == "/list.php":
        n = int(q.get("page", "0"))
        return html("List %d" % n, "".join(
            "<li><a href='/info/1012/%d.htm'>Road works and what they mean for valley %d</a>" %
            (i, i) for i in range(n * 10, n * 10 + 10)) +
            ("<a href='/list.php?page=%d'>next page</a>" % (n + 1) if n < 39 else ""))
    if p == "/":
        return listing("Start", "/list.php?page=0", "/e/2001/6/")
    return calendar(path)


def starved(s, names, tmp):
    c = Case(s, names, tmp, "large")
    s.hosts["large.test"] = large
    c.crawl("scope.family_cap=15", seeds=[s.url("large.test")])
    got = [u for u in c.urls("large.test") if u.startswith("/info/")]
    n = Counter(p.split("/")[1].split("?")[0] for p in s.pages("large.test"))
    sites.ok(len(got) == 400 and n["e"] <= 80,
             "a path of 400 articles stays open under a cap of 15 pages in vain, the calendar "
             "beside it does not", str((len(got), n)) + c.err)


# ---- H38 -------------------------------------------------------------------------


def wildcard(s, names, tmp):
    """H38: 10^5 names of one domain, all linked."""
    c = Case(s, names, tmp, "wildcard")
    port = s.server_port

    def hub(path):
        m = re.fullmatch(r"/(\d+)\.html", path)
        n = int(m[1]) if m else 0
        return html("Hub", "".join("<a href=http://n%d.wild.test:%d/>%d</a> " % (i, port, i)
                                   for i in range(n * 5000, n * 5000 + 4900)),
                    "/%d.html" % (n + 1)) if n < 21 else None

    s.hosts["hub.test"] = hub
    s.hosts[".wild.test"] = lambda p: listing("Wild", *(
        "http://m%d.wild.test:%d/" % (random.getrandbits(30), port) for _ in range(50)))
    c.crawl("scope.mode=any", "scope.domain_hosts=25", seeds=[s.url("hub.test")])
    wild = {h for h, _ in s.asked if h.endswith(".wild.test")}
    known = c.why(s.url("n5.wild.test"))
    refused = c.why(s.url("n99999.wild.test"))
    size = os.stat(os.path.join(c.dir, "state/data.mdb")).st_blocks * 512
    sites.ok(c.code in (0, 5) and len(wild) == 25 and len(s.pages("hub.test")) >= 21,
             "H38: of 100,000 names of a domain as many are asked as scope.domain_hosts says",
             str((len(wild), c.sum)) + c.err)
    sites.ok(size < 3 << 20 and known.get("stored") and not refused.get("stored", True),
             "H38: names that are refused leave nothing behind (state: %d kB)" % (size >> 10),
             str((known, refused)))
    sites.ok(len(c.reasons("n25.wild.test")) == 1 and "domain_hosts" in c.err,
             "H38: the cap is told once a domain", c.err[:2000])


# ---- H51 -------------------------------------------------------------------------


SORRY = "<p>We looked for it in all our drawers, and it was in none of them. %s</p>" * 3


def soft404(s, names, tmp):
    c = Case(s, names, tmp, "soft")
    links = ["/x%d.html" % i for i in range(40)]

    def soft(path):
        return listing("Home", *links) if path == "/" else html(
            "Sorry", "<h1>In none of our drawers</h1>" + SORRY % (("It may have moved.",) * 3))

    s.hosts["soft.test"] = soft
    s.hosts["missing.test"] = lambda p: listing("Home", *links) if p == "/" else html(
        "Page not found", "<h1>Page not found</h1><p>The page that you asked for does not exist "
        "or has been removed.</p><p><a href=/>Back to the start</a></p>")
    s.hosts["wall.test"] = lambda p: listing("Home", *links) if p == "/" else html(
        "Log in", "<h1>Please log in</h1><form><input name=u><input type=password name=p></form>")
    s.hosts["tiny.test"] = lambda p: {
        "/": listing("Home", "/0", "/1", "/space"), "/0": b"", "/1": b"x",
        "/space": b" \n"}.get(p)
    twenty = ["/w/%d/story.html" % i for i in range(20)]
    s.hosts["twenty.test"] = lambda p: listing("Home", *twenty) if p == "/" else \
        article("w") if p in twenty else None
    conf = os.path.join(tmp, "soft.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[dedup]\nhost_repeats = 25\n[site \"soft.test\"]\nprobe = false\n")
    s.hosts["probed.test"] = soft
    c.crawl("@" + conf, seeds=[s.url(h) for h in s.hosts])
    got = Counter(r["host"] for r in c.records)
    sites.ok(got["missing.test"] == 0 and got["wall.test"] == 0 and got["tiny.test"] == 0,
             "H51: a page not found, a login, an empty page and one of a byte give no record",
             str(got))
    w = [c.why(s.url("soft.test", x)).get("reason") for x in links]
    sites.ok(1 <= got["soft.test"] <= 26 and w.count("soft-404") == 40 - got["soft.test"],
             "H51: one text under many addresses of a host is no article from some point on",
             str((got, w)))
    probes = {h: len(set(s.pages(h)) - set(links) - set(twenty) - {"/"}) for h in s.hosts}
    w = Counter(c.why(s.url("probed.test", x)).get("reason") for x in links)
    sites.ok(got["probed.test"] <= 8 and w["soft-404"] == 40 - got["probed.test"] and
             probes["probed.test"] == 1 and probes["soft.test"] == 0 and
             1 <= probes["twenty.test"] <= 3,
             "H51: a host that has an article for a page that cannot be there is found out",
             str((got, w, probes)))
    dups = [r["dup_of"] for r in c.records if r["host"] == "twenty.test"]
    sites.ok(len(dups) == 20 and dups.count(None) == 1,
             "H51: the same article under 20 addresses lands, with dup_of in all but one",
             str(dups))


# ---- H32, H33, H54 -----------------------------------------------------------------


def many_links(s, names, tmp):
    c = Case(s, names, tmp, "links")
    s.hosts["many.test"] = lambda p: html("Many", "".join(
        "<a href=/p%d.html>%d</a> " % (i, i) for i in range(100000))) if p == "/" else article(p)
    c.crawl("clean.max_links=60", "scope.max_depth=1", seeds=[s.url("many.test")])
    sites.ok(c.code in (0, 5) and len(s.pages("many.test")) == 61 and
             "99940 links" in "".join(c.reasons("many.test")),
             "H32: of 100,000 links as many are kept as clean.max_links says, and that is told",
             str((len(s.pages("many.test")), c.sum)) + c.err[:1000])


def signs(s, names, tmp):
    """H33: refresh, base and canonical that mean no good."""
    c = Case(s, names, tmp, "signs")
    other = s.url("other.test")

    def one(path):
        return {
            "/": listing("Start", "/loop1", "/base", "/canon1.html", "/out.html"),
            "/loop1": b"<meta http-equiv=refresh content='0; url=/loop2'>",
            "/loop2": b"<meta http-equiv=refresh content='0; url=/loop1'>",
            "/base": b"<base href='javascript:alert(1)//'>" + article("b", "fine.html"),
            "/fine.html": article("f"),
            "/canon1.html": b"<link rel=canonical href=/canon2.html>" + article("c1"),
            "/canon2.html": b"<link rel=canonical href=/canon1.html>" + article("c2"),
            "/out.html": b"<link rel=canonical href='%s'>" % other.encode() + article("o"),
        }.get(path)

    s.hosts["signs.test"] = one
    s.hosts["other.test"] = lambda p: article("x")
    c.crawl(seeds=[s.url("signs.test")])
    asked = Counter(s.pages("signs.test"))
    by = {r["url"]: r for r in c.records}
    out = by.get(s.url("signs.test", "/out.html"), {})
    sites.ok(c.code == 0 and max(asked.values()) == 1 and asked["/loop2"] == 1 and
             asked["/fine.html"] == 1 and not s.pages("other.test") and
             out.get("host") == "signs.test",
             "H33: refresh and canonical loops end, a base that is no address is none, canonical "
             "moves no record to another host", str((asked, list(by))) + c.err)


ODD = ["/" + "m" * (1 << 20), "/a/../../../../etc/passwd", "/%2e%2e%2f%2e%2e%2fetc/shadow",
       "/nul%00.html", "/line%0a%0dbreak.html", "/quote'\"`;rm -rf ~;.html", "/\u4e2d\u6587.html",
       "/\U0001f600.html", "/esc%1b[31m.html", "/back\\slash.html", "/<script>.html",
       "/${HOME}.html", "/$(touch x).html", "/a\tb\nc.html", "//evil.test/x"]


def odd_urls(s, names, tmp):
    """H54: what stands in a link ends neither in a file's name nor raw in a log."""
    c = Case(s, names, tmp, "odd")
    quoted = [x.replace("&", "&amp;").replace('"', "&quot;") for x in ODD]
    body = ("<html><head><meta charset=utf-8><title>Odd</title></head><body><h1>Odd</h1>" +
            "".join('<p><a href="%s">go</a></p>' % x for x in quoted)).encode()
    gbk = ("<html><head><meta charset=gbk><title>\u6559\u80b2</title></head><body><p>\u6559\u80b2"
           "<a href='/\u6559.html?q=\u80b2'>go</a></p></body></html>").encode("gbk")
    s.hosts["odd.test"] = lambda p: {"/": body, "/gbk": gbk}.get(p) or article(
        str(abs(hash(p)) % 10**6))
    c.crawl("log.level=debug", seeds=[s.url("odd.test"), s.url("odd.test", "/gbk")])
    before = {"queue", "state"}
    names_seen = [n for d, ds, fs in os.walk(c.dir) for n in ds + fs]
    raw = [x for x in c.err if x != "\n" and (ord(x) < 32 or ord(x) == 127)]
    long = [p for p in s.pages("odd.test") if len(p) > 8192]
    sites.ok(c.code == 0 and set(os.listdir(c.dir)) == before and not long and not raw and
             not [n for n in names_seen if re.search(r"passwd|shadow|quote|\.html|evil", n)],
             "H54: odd addresses are in no file's name and no log line raw; over 8 KiB they are "
             "dropped", str((names_seen, raw[:5], c.sum)))
    asked = s.pages("odd.test")
    sites.ok("/etc/passwd" in asked and "/%E4%B8%AD%E6%96%87.html" in asked and
             "/%F0%9F%98%80.html" in asked and "/%E6%95%99.html?q=%D3%FD" in asked and not any("%00" in p for p in asked) and
             not any(h == "evil.test" for h, _ in s.asked),
             "H54: they are asked for as the URL standard says, but for a NUL", str(asked))


# ---- scope -------------------------------------------------------------------------


def rules(s, names, tmp):
    """Patterns, per site; what is not asked for by its type or its looks."""
    c = Case(s, names, tmp, "rules")
    conf = os.path.join(tmp, "rules.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[scope]\nexclude = */never/*\n"
                "[site \"in.test\"]\nscope.include = /art/* /list*\n"
                "[site \"dom.test\"]\nscope.mode = domain\n"
                "[site \"b.dom.test\"]\nscope.exclude = /old/*\n")
    paths = ["/art/1.html", "/x/2.html", "/list.html", "/art/never/3.html"]

    def page(path):
        return listing("Start", *paths) if path == "/" else article("r" + path)

    s.hosts["in.test"] = page
    s.hosts["any.test"] = page
    s.hosts["dom.test"] = lambda p: listing(
        "Start", s.url("b.dom.test", "/old/1.html"), s.url("b.dom.test", "/new/never/2.html"))
    s.hosts["b.dom.test"] = page
    c.crawl("@" + conf, seeds=[s.url(h) for h in ("in.test", "any.test", "dom.test")])
    sites.ok(sorted(s.pages("in.test")) == ["/", "/art/1.html", "/list.html"] and
             sorted(s.pages("any.test")) == ["/", "/art/1.html", "/list.html", "/x/2.html"] and
             s.pages("b.dom.test") == ["/new/never/2.html"],
             "include, exclude and mode hold for the site they are set for", str(s.asked) + c.err)


def spellings(s, names, tmp):
    """Counters are not asked for; attachments end at their headers."""
    c = Case(s, names, tmp, "spell")
    s.hosts["spell.test"] = lambda p: {
        "/": listing("Start", "/1.html?utm_source=feed", "/2.html?id=3&spm=a.b.c",
                     "/3.html?sid=9f86d081884c7d659a2feaa0c55ad015", "/file.html", "/img.html"),
        "/file.html": (200, {"Content-Type": "text/html",
                             "Content-Disposition": "Attachment; filename=\"a.html\""},
                       article("f") + b" " * 400000),
        "/img.html": (200, {"Content-Type": "image/jpeg"}, article("i") + b" " * 400000),
    }.get(p) or article(p[1])
    c.crawl("scope.max_depth=1", seeds=[s.url("spell.test")])
    sites.ok(sorted(s.pages("spell.test")) == sorted([
        "/", "/1.html", "/2.html?id=3", "/3.html?sid=9f86d081884c7d659a2feaa0c55ad015",
        "/file.html", "/img.html"]) and
        c.urls("spell.test") == ["/1.html", "/2.html?id=3",
                                 "/3.html?sid=9f86d081884c7d659a2feaa0c55ad015"],
        "counters of campaigns are neither asked for nor recorded, sessions are asked for",
        str(s.asked) + str(c.urls("spell.test")))
    w = [c.why(s.url("spell.test", p)).get("state") for p in ("/file.html", "/img.html")]
    sites.ok(w == ["bad-type", "bad-type"],
             "an attachment and a picture by type are no pages, whatever their addresses say",
             str(w))


def main():
    s, names = Server(), Names()
    only = sys.argv[1:]
    with sites.workdir() as tmp:
        for case in (traps, starved, wildcard, soft404, many_links, signs, odd_urls, rules,
                     spellings):
            if not only or case.__name__ in only:
                case(s, names, tmp)
    s.shutdown()
    return 0


sys.exit(main())
