#!/usr/bin/env python3
"""What becomes of URLs on a server that answers as a case wants: moved seeds,
redirects, robots.txt of all kinds, limits, poison, dead hosts, exit codes.

One server on loopback, many names in a hosts file of the test's own."""
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402

TEXT = ("<p>The bell rang at eight, and the children of the third form went up "
        "the hill with their teacher to look at the old bridge number %s, of "
        "which so much had been said during the winter.</p><p>They measured it "
        "with a rope, wrote the length into their books, and argued on the way "
        "back about who had counted the knots right on bridge %s.</p>")


def page(name, *links):
    return ("<html><head><title>Bridge %s</title></head><body><h1>Bridge %s"
            "</h1>%s<p>%s</p></body></html>" % (
                name, name, TEXT % (name, name), " ".join(
                    "<a href='%s'>bridge %s</a>" % (u, u) for u in links))
            ).encode()


class Server(http.server.ThreadingHTTPServer):
    """answers: (host, path) -> body, (status, headers, body), or a function."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, host, path="/"):
        return "http://%s:%d%s" % (host, self.server_port, path)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        self.server.asked.append((host, self.path))
        a = self.server.answers.get((host, self.path), (404, {}, b"none"))
        if callable(a):
            a = a()
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
            pass  # a crawl that was stopped


class Case:
    """A crawl of one case in a folder of its own."""

    def __init__(self, server, tmp, name):
        self.server, self.dir = server, os.path.join(tmp, name)
        server.answers, server.asked = {}, []
        self.hosts = os.path.join(tmp, "hosts")

    def command(self, *words, delay="0"):
        cmd = [sites.WINNOW, "crawl", "-o", self.dir, "-q", "--json"]
        for o in ("fetch.allow_net=127.0.0.0/8", "fetch.dns=127.0.0.1:9",
                  "fetch.dns_timeout=1s", "fetch.hosts_file=" + self.hosts,
                  "politeness.delay=" + delay, "fetch.timeout=5s"):
            cmd += ["-O", o]
        return cmd + list(words)

    def crawl(self, *words, **kw):
        p = subprocess.run(self.command(*words, **kw), capture_output=True,
                           timeout=60 * sites.PATIENCE, check=False)
        self.err = p.stderr.decode(errors="replace")
        self.sum = json.loads(p.stdout) if p.stdout.strip() else {}
        self.code = p.returncode
        return self

    def urls(self):
        return sorted(r["url"] for r in sites.records(self.dir))

    def why(self, url):
        p = subprocess.run([sites.WINNOW, "why", "-o", self.dir, "--json", url],
                           capture_output=True, check=False)
        return json.loads(p.stdout) if p.stdout.strip() else {}

    def say(self):
        return "exit %d, %s, asked %s, queue %s\n%s" % (
            self.code, self.sum, self.server.asked, self.urls(), self.err)


def moved(status, to):
    return (status, {"Location": to}, b"")


def text(body, status=200):
    return (status, {"Content-Type": "text/plain"}, body)


# ---- redirects -----------------------------------------------------------------


def seed_moves(s, tmp):
    c = Case(s, tmp, "moved")
    s.answers.update({
        ("old.test", "/"): moved(301, s.url("new.test", "/home/")),
        ("new.test", "/home/"): page("home", "/a.html", s.url("else.test")),
        ("new.test", "/a.html"): page("a", "/b.html"),
        ("new.test", "/b.html"): page("b"),
        ("else.test", "/"): page("else")})
    c.crawl(s.url("old.test"), "--max-pages", "2")
    c.crawl()  # the second run has the new scope from the state
    want = sorted(s.url("new.test", p) for p in ("/home/", "/a.html", "/b.html"))
    first = [r for r in sites.records(c.dir) if r["url"] == want[-1]]
    sites.ok(c.code == 0 and c.urls() == want and
             first[0]["url_requested"] == s.url("old.test"),
             "a seed that moved to another host takes its scope along, over a "
             "restart too", c.say())


def link_leaves(s, tmp):
    c = Case(s, tmp, "leaves")
    s.answers.update({
        ("a.test", "/"): page("root", "/out"),
        ("a.test", "/out"): moved(302, s.url("b.test", "/x")),
        ("b.test", "/x"): page("x")})
    c.crawl(s.url("a.test"))
    sites.ok(c.urls() == [s.url("a.test")] and
             not any(h == "b.test" for h, _ in s.asked) and
             c.why(s.url("a.test", "/out"))["state"] == "bad-redirect",
             "a link that leads out of the scope is not followed", c.say() +
             str(c.why(s.url("a.test", "/out"))))


def chains(s, tmp):
    c = Case(s, tmp, "chain")
    for i in range(12):
        s.answers["a.test", "/c%d" % i] = moved(302, "/c%d" % (i + 1))
        s.answers["a.test", "/d%d" % i] = moved(302, "/d%d" % (i + 1))
    s.answers["a.test", "/d10"] = page("ten")
    s.answers["a.test", "/loop"] = moved(302, "/pool")
    s.answers["a.test", "/pool"] = moved(302, "/loop")
    s.answers["a.test", "/self"] = moved(302, "/self")
    s.answers["a.test", "/none"] = (302, {}, b"")
    s.answers["a.test", "/mail"] = moved(302, "mailto:a@b.test")
    s.answers["a.test", "/file"] = moved(302, "file:///etc/passwd")
    s.answers["a.test", "/k?utm_source=x"] = moved(302, "/k")
    s.answers["a.test", "/k"] = page("k")
    s.answers["a.test", "/"] = page(
        "root", "/c0", "/d0", "/loop", "/self", "/none", "/mail", "/file",
        "/k?utm_source=x")
    c.crawl(s.url("a.test"))
    asked = [p for _, p in s.asked]
    sites.ok(c.code == 0 and c.urls() == sorted(
        [s.url("a.test"), s.url("a.test", "/d10"), s.url("a.test", "/k")]) and
        "/c11" not in asked and asked.count("/loop") == 1 and
        asked.count("/self") == 1,
        "ten hops are followed, eleven not; loops and nonsense end",
        c.say())


# ---- robots.txt ------------------------------------------------------------------


def robots(s, tmp):
    c = Case(s, tmp, "robots")
    deny = b"User-agent: *\nDisallow: /x\n"
    big = deny + b"# padding\n" * 150000
    s.answers.update({
        ("r404.test", "/x"): page("r404"),
        ("rdeny.test", "/robots.txt"): text(deny),
        ("rdeny.test", "/x"): page("rdeny"),
        ("rmove.test", "/robots.txt"): moved(301, s.url("rdeny.test",
                                                        "/robots.txt")),
        ("rmove.test", "/x"): page("rmove"),
        ("rloop.test", "/robots.txt"): moved(302, "/robots.txt?1"),
        ("rloop.test", "/robots.txt?1"): moved(302, "/robots.txt"),
        ("rloop.test", "/x"): page("rloop"),
        ("rbig.test", "/robots.txt"): text(big),
        ("rbig.test", "/x"): page("rbig"),
        ("r500.test", "/robots.txt"): text(b"", 500),
        ("r500.test", "/x"): page("r500")})
    c.crawl("-O", "fetch.max_tries=2",
            *(s.url(h, "/x") for h in ("r404.test", "rdeny.test", "rmove.test",
                                       "rloop.test", "rbig.test", "r500.test")))
    sites.ok(c.code == 5 and c.urls() == sorted(
        [s.url("r404.test", "/x"), s.url("rloop.test", "/x")]),
        "robots.txt: none allows, one redirected or of 1.5 MB counts, 500 "
        "forbids", c.say())
    sites.ok([x for x in s.asked if x == ("r500.test", "/x")] == [] and
             c.why(s.url("r500.test", "/x"))["state"] == "failed" and
             c.why(s.url("rdeny.test", "/x"))["state"] == "robots-deny",
             "robots.txt: why says what it was", c.say() +
             str(c.why(s.url("rdeny.test", "/x"))))


def robots_again(s, tmp):
    c = Case(s, tmp, "again")
    s.answers.update({
        ("a.test", "/robots.txt"): text(
            b"User-agent: *\nDisallow: /x\nSitemap: /map.xml.gz\n"),
        ("a.test", "/"): page("root", "/x", "/y"),
        ("a.test", "/x"): page("x"),
        ("a.test", "/y"): page("y"),
        ("a.test", "/z"): page("z"),
        ("a.test", "/map.xml.gz"): (
            200, {"Content-Type": "application/gzip"},
            __import__("gzip").compress(
                b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/"
                b"schemas/sitemap/0.9'><url><loc>" +
                s.url("a.test", "/z").encode() + b"</loc></url></urlset>"))})
    c.crawl(s.url("a.test"))
    sites.ok(c.urls() == sorted(s.url("a.test", p) for p in ("/", "/y", "/z"))
             and [p for _, p in s.asked].count("/robots.txt") == 1,
             "robots.txt is asked for once; a sitemap.xml.gz that it names is "
             "read", c.say())


# ---- limits and ends -----------------------------------------------------------------


def limits(s, tmp):
    c = Case(s, tmp, "limits")
    for i in range(30):
        s.answers["a.test", "/p%d" % i] = page(str(i))
    s.answers["a.test", "/"] = page("root", *("/p%d" % i for i in range(30)))
    c.crawl("--max-pages", "1", s.url("a.test"))
    sites.ok(c.code == 0 and c.urls() == [s.url("a.test")] and
             c.sum["end"] == "limit", "--max-pages 1 is one page", c.say())
    c.crawl("--max-pages", "7")
    pages = [p for _, p in s.asked if p != "/robots.txt"]
    sites.ok(len(pages) == 8 and len(c.urls()) == 8,
             "--max-pages counts per run, and goes on where it stopped", c.say())
    start = time.monotonic()
    c.crawl("--max-time", "1s", delay="400ms")
    took = time.monotonic() - start
    sites.ok(c.code == 0 and c.sum["end"] == "limit" and took < 4 * sites.slowness(),
             "--max-time ends it in time (%.1f s)" % took, c.say())
    c.crawl()
    sites.ok(c.code == 0 and len(c.urls()) == 31 == len(set(c.urls())) and
             len(set(s.asked)) == len(s.asked) - sum(
                 1 for _, p in s.asked if p == "/robots.txt") + 1,
             "after all limits each page has landed once", c.say())
    c = Case(s, tmp, "depth")
    s.answers.update({("a.test", "/"): page("root", "/1"),
                      ("a.test", "/1"): page("one", "/2"),
                      ("a.test", "/2"): page("two")})
    c.crawl("--max-depth", "1", s.url("a.test"))
    sites.ok(len(c.urls()) == 2, "--max-depth 1 is the seed and its links",
             c.say())


def stops(s, tmp):
    c = Case(s, tmp, "stops")
    hold = threading.Event()

    def slow():
        hold.wait(200)
        return page("slow")

    for i in range(5):
        s.answers["a.test", "/p%d" % i] = page(str(i))
    s.answers["a.test", "/"] = page("root", *("/p%d" % i for i in range(5)))
    s.answers["b.test", "/"] = slow
    for run, (sig, times, most) in enumerate(
            ((signal.SIGTERM, 1, 4.5), (signal.SIGINT, 2, 3)), 1):
        p = subprocess.Popen(c.command("-O", "fetch.timeout=200s", "-O",
                                       "fetch.first_byte_timeout=200s",
                                       s.url("a.test"), s.url("b.test")),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # It waits for b.test; before it has begun a signal would just end it.
        sites.wait_for(lambda: s.asked.count(("b.test", "/")) >= run and
                       ("a.test", "/p4") in s.asked, 30)
        time.sleep(1.2)
        start = time.monotonic()
        for _ in range(times):
            p.send_signal(sig)
            time.sleep(0.05)
        c.err = p.communicate()[1].decode()
        took = time.monotonic() - start
        c.code, c.sum = p.returncode, {}
        sites.ok(p.returncode == 0 and took < most * sites.slowness() and len(c.urls()) == 6,
                 "%s: it ends in time, and what was fetched is in the queue "
                 "(%.1f s)" % (sig.name, took), c.say())
    hold.set()
    c.crawl()
    sites.ok(c.code == 0 and len(c.urls()) == 7 == len(set(c.urls())),
             "what was cancelled is fetched by the next run", c.say())


# ---- hosts and workers in trouble ------------------------------------------------------


def dead_host(s, tmp):
    c = Case(s, tmp, "dead")
    s.answers["a.test", "/"] = page("root")
    s.answers["b.test", "/robots.txt"] = (503, {"Retry-After": "600"}, b"")
    start = time.monotonic()
    c.crawl("-O", "fetch.max_tries=2", "http://refused.test:1/",
            "http://noname.test/", s.url("b.test"), s.url("a.test"))
    took = time.monotonic() - start
    sites.ok(c.code == 5 and c.urls() == [s.url("a.test")] and took < 40 * sites.slowness() and
             c.sum["due"] == 1,
             "dead hosts are given up, one that asks for ten minutes is "
             "deferred (%.1f s)" % took, c.say())


def poison(s, tmp):
    """Pages of 8 MB that take a worker longer than its time."""
    c = Case(s, tmp, "poison")
    heavy = "".join("<div class=c%d><p>word %d <b>bold</b> text, <a href=/x%d>"
                    "and a link</a></p></div>" % (i % 7, i, i)
                    for i in range(110000)).encode()
    s.answers["a.test", "/"] = page("fine")
    s.answers["bad.test", "/"] = page("root", *("/p%d" % i for i in range(9)))
    for i in range(9):
        s.answers["bad.test", "/p%d" % i] = b"<p>%d</p>" % i + heavy
    c.crawl("-O", "clean.time_limit=100ms", "-O", "politeness.robots=ignore",
            s.url("bad.test"), s.url("a.test"))
    states = [c.why(s.url("bad.test", "/p%d" % i)).get("state")
              for i in range(9)]
    # With no delay a few more are under way when the fifth turns out so.
    sites.ok(states.count("poison") >= 5 and states.count("due") >= 1 and
             c.code == 0 and len(s.asked) == len(set(s.asked)) and
             c.urls() == sorted(
                 [s.url("a.test"), s.url("bad.test")]),
             "five pages that hold their workers rest the host for a day, "
             "the rest lands", c.say() + str(states))


# ---- bad input ----------------------------------------------------------------------------


def exits(s, tmp):
    c = Case(s, tmp, "exits")
    s.answers["a.test", "/"] = page("root")
    c.crawl("/nonexistent/list.txt")
    sites.ok(c.code == 1 and "list.txt" in c.err and not os.path.exists(c.dir),
             "a list that is not there: 1, and nothing is made", c.say())
    c.crawl()
    sites.ok(c.code == 1 and "nothing to go on" in c.err,
             "no seeds and no state: 1", c.say())
    c.crawl("--max-pages", "x", s.url("a.test"))
    sites.ok(c.code == 2, "an option that is none: 2", c.say())
    c.crawl("-O", "fetch.tiemout=3s", s.url("a.test"))
    sites.ok(c.code == 4 and "timeout" in c.err, "an unknown key: 4", c.say())
    c.crawl("-O", "queue.min_free=9999TiB", s.url("a.test"))
    sites.ok(c.code == 6 and c.urls() == [], "no space: 6", c.say())
    bad = os.path.join(tmp, "list.txt")
    with open(bad, "w", encoding="utf-8") as f:
        f.write("# words\n%s\nnot a url\n" % s.url("a.test"))
    c.crawl(bad)
    sites.ok(c.code == 5 and "list.txt:3" in c.err and len(c.urls()) == 1,
             "a list with a bad line: 5, the rest is crawled", c.say())
    c.crawl("http://[bad/")
    sites.ok(c.code == 5, "a seed that is no URL: 5", c.say())
    hold = subprocess.Popen(c.command("-O", "politeness.delay=1h", s.url("a.test", "/q")),
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    lock = os.path.join(c.dir, "queue/tmp/lock")

    def has_it():
        with open(lock, encoding="ascii") as f:
            return f.read().strip() == str(hold.pid)
    assert sites.wait_for(has_it), c.say()
    c.crawl(s.url("a.test"))
    code, err = c.code, c.err
    hold.terminate()
    hold.wait()
    sites.ok(code == 1 and str(hold.pid) in err,
             "a directory that another crawl has: 1, and who it is", c.say())


def main():
    s = Server()
    only = sys.argv[1:]
    with sites.workdir() as tmp:
        with open(os.path.join(tmp, "hosts"), "w", encoding="ascii") as f:
            for name in ("old new else a b c bad refused r404 rdeny rmove rloop"
                         " rbig r500").split():
                f.write("127.0.0.1 %s.test\n" % name)
        for case in (seed_moves, link_leaves, chains, robots, robots_again,
                     limits, stops, dead_host, poison, exits):
            if not only or case.__name__ in only:
                case(s, tmp)
    s.shutdown()
    return 0


sys.exit(main())
