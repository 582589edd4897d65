#!/usr/bin/env python3
"""The logs: the fetch log and the skip log of real crawls, held against what the
server was asked and what the queue holds; rotated by logrotate, on disks that are
full, and fed by a server that sends what terminals and log readers choke on."""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
import webpages  # noqa: E402
from finding import Crawl, Server, article, listing  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
VERDICTS = {"done", "no-article", "redirected", "gone", "refused", "failed", "robots-deny",
            "guarded", "too-big", "bad-type", "bad-redirect", "poison", "noindex", "capped",
            "dropped", "retry", "hop", "robots", "released"}
RESULTS = {"ok", "full", "no-memory", "bad-url", "no-name", "dns", "guarded", "connect",
           "timeout", "tls", "protocol", "truncated", "too-big", "type", "stale", "no-file"}


def table(name, form):
    with open(os.path.join(ROOT, "crawler", name), encoding="utf-8") as f:
        return re.findall(form, f.read(), re.M)


FETCH = table("fetch_log.def", r"^C\(\w+, (\w+),")
SKIP = table("skip_log.def", r"^C\(\w+, (\w+),")
REASONS = {n for n, w in table("reasons.def", r'^R\(\w+, "([a-z0-9-]+)", (\w+),') if w != "WHY"}


def lines(path):
    """Whole lines of printable text, or an AssertionError."""
    with open(path, "rb") as f:
        data = f.read()
    assert data == b"" or data.endswith(b"\n"), data[-200:]
    out = data.decode("utf-8").split("\n")[:-1]
    for line in out:
        assert line.isprintable() and line, ascii(line)
    return out


def rows(path, names):
    """Columns by name; the last one may have spaces."""
    out = []
    for line in lines(path):
        words = line.split(" ", len(names) - 1)
        assert len(words) == len(names), line
        out.append(dict(zip(names, words)))
    return out


def fetches(path):
    out = rows(path, FETCH)
    for r in out:
        assert r["verdict"] in VERDICTS and r["result"] in RESULTS, r
        assert r["reason"] == "-" or r["reason"] in REASONS, r
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", r["time"]), r
        assert " " not in r["via"]
        for n in ("status", "bytes", "wire", "connect_ms", "first_ms", "total_ms", "clean_ms",
                  "tries"):
            assert r[n] == "-" or r[n].isdigit(), r
    return out


def skips(path):
    out = rows(path, SKIP)
    for r in out:
        assert r["reason"] in REASONS and r["stage"] in ("found", "due", "asked"), r
    return out


def logs(tmp, *more):
    """Settings for both, and their paths."""
    f, s = os.path.join(tmp, "fetch.log"), os.path.join(tmp, "skip.log")
    return f, s, ["-O", "log.fetch_file=" + f, "-O", "log.skip_file=" + s, *more]


# ---- what is in them -----------------------------------------------------------

def every_answer(tmp):
    f, s, options = logs(tmp, "-O", "politeness.delay=0")
    with sites.Sites() as web:
        assert sites.run(web.crawl(os.path.join(tmp, "out"), *options))[0] == 0
        asked = Counter(r["path"] for r in web.log())
    got, left_out = fetches(f), skips(s)
    paths = Counter("/" + r["url"].split("/", 3)[3] for r in got)
    assert asked - paths == Counter() and not paths - asked, (asked - paths, paths - asked)
    ids = {r["id"] for r in sites.records(os.path.join(tmp, "out"))}
    assert {r["record"] for r in got if r["verdict"] == "done"} == ids
    # What was asked and gave no record is in the other one, for that reason.
    assert Counter((r["url"], r["reason"]) for r in got if r["reason"] != "-") == Counter(
        (r["url"], r["reason"]) for r in left_out if r["stage"] == "asked")
    assert {r["reason"] for r in left_out if r["stage"] == "due"} == {"robots"}
    ok = [r for r in got if r["result"] == "ok"]
    assert all(int(r["wire"]) > int(r["bytes"]) and r["address"].startswith("127.") for r in ok)


def all_reasons(tmp):
    """What has no function of its own to ask (test_logs.c has the others)."""
    front = listing(["/a.html", "/b.html", "/out/x.html"], "<a rel=nofollow href=/n.html>n</a>"
                    "<a href='http://127.0.9.1:1/'>gone</a>")
    seen = set()

    def crawl(name, pages, *options):
        f, s, o = logs(os.path.join(tmp, name))
        with Server("127.0.9.7", pages) as web:
            Crawl(tmp, name, web.url() + "\ttype=list", *o, "-O", "find.sitemap_places=", *options)
        fetches(f)
        got = skips(s)
        seen.update(r["reason"] for r in got)
        return got

    same = article("one")
    got = crawl("plain", {"/": front, "/a.html": same, "/b.html": same}, "-O",
                "scope.exclude=/out/*", "-O", "dedup.mode=drop")
    assert {(r["reason"], r["url"].split("/", 3)[3]) for r in got} >= {
        ("excluded", "out/x.html"), ("nofollow", "n.html"), ("scope", "")}, got
    assert "duplicate" in seen, seen
    crawl("include", {"/": front}, "-O", "scope.include=/nothing/*")
    crawl("cap", {"/": front, "/a.html": same, "/b.html": article("two")}, "-O",
          "scope.host_cap=2")
    crawl("next", {"/" if i == 0 else "/list?page=%d" % i: listing(
        ["/a.html"], "<a href='/list?page=%d'>下一页</a>" % (i + 1)) for i in range(12)})
    crawl("refused", {"/": listing(["/a.html"]), "/a.html": (302, {
        "Location": "http://127.0.9.8:1/"}, b""), "/robots.txt": (200, {}, b"")})
    assert {"not-included", "host-cap", "barren", "redirect"} <= seen, seen


def no_answer(tmp):
    """A host that refuses, and one that is no name."""
    f, s, options = logs(tmp)
    with socket.socket() as shut:
        shut.bind(("127.0.9.9", 0))  # not listening
        seed = "http://127.0.9.9:%d/\nhttp://nowhere.invalid/" % shut.getsockname()[1]
        Crawl(tmp, "c", seed, *options, "-O", "fetch.max_tries=2", "-O", "politeness.backoff=0",
              "-O", "fetch.dns=127.0.0.1:9", "-O", "fetch.dns_timeout=100ms", "-O",
              "politeness.robots=ignore", "--max-time", "100")
    got = fetches(f)
    by = Counter((r["host"], r["result"], r["verdict"], r["status"]) for r in got)
    assert by[("127.0.9.9", "connect", "retry", "-")] == 1, by
    assert by[("127.0.9.9", "connect", "failed", "-")] == 1, by
    assert by[("nowhere.invalid", "dns", "failed", "-")] == 1, by
    assert {r["reason"] for r in skips(s)} == {"no-answer"}


def logfmt(line):
    """The pairs of a line, as log collectors read them."""
    pair = re.compile(r'([a-z0-9_]+)=("(?:[^"\\]|\\.)*"|[^" =]*)(?: |$)')
    out, at = {}, 0
    while at < len(line):
        m = pair.match(line, at)
        assert m, line[at:]
        value = m.group(2)
        out[m.group(1)] = json.loads(value) if value.startswith('"') else value
        at = m.end()
    return out


def forms(tmp):
    pages = {"/": listing(["/a.html", "/login", "/gone.html"]), "/a.html": article("a")}
    with Server("127.0.9.10", pages) as web:
        for form, parse in (("json", json.loads), ("logfmt", logfmt)):
            os.mkdir(os.path.join(tmp, form + ".logs"))
            f, s, options = logs(os.path.join(tmp, form + ".logs"), "-O", "log.format=" + form,
                                 "-O", "log.level=info")
            c = Crawl(tmp, form, web.url(), *options)
            got = [parse(x) for x in lines(f)]
            assert all(list(r) == FETCH for r in got), got
            assert {r["verdict"] for r in got} >= {"done", "no-article", "gone", "robots"}, got
            assert all(list(r) == SKIP for r in map(parse, lines(s)))
            said = [parse(x) for x in c.err.splitlines() if "level" in x]
            assert len(said) > 2 and all("event" in r and "time" in r for r in said), c.err
            if form == "json":
                assert all(isinstance(r["bytes"], int) for r in got)
                assert {r["record"] for r in got if r["verdict"] == "gone"} == {None}


# ---- hostile -------------------------------------------------------------------

NASTY = (b"\x1b]0;owned\x07", b"\x9b31m", b"\xff\xfe", b"\r<0>forged event=x", b"\xe2\x80\xae",
         b"\xc2\x85", b"a=b \"c\" \\d", b"%s%n%1000d", b"\x00", b"\t|\t", b"\xe4\xbd\xa0",
         b"=" * 9000)


class Hostile(threading.Thread):
    """Answers with those bytes in every place that gets near a log."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.create_server(("127.0.9.11", 0))
        self.url = "http://127.0.9.11:%d/" % self.sock.getsockname()[1]
        self.start()

    def answer(self, path):
        n = re.fullmatch(rb"/(type|to|status|title|rule)(\d+)", path)
        bad = NASTY[int(n.group(2))] if n else b""
        kind = n.group(1) if n else b""
        if path == b"/":
            body = b"".join(b"<li><a href='/%s%d'>all of the news about %d</a></li>" % (k, i, i)
                            for k in (b"type", b"to", b"status", b"title")
                            for i in range(len(NASTY)))
            body += b"".join(b"<a href=\"/x%s\">x</a><a href=\"http://%s/\">y</a>" % (x, x)
                             for x in NASTY)
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", body
        if kind == b"to":
            return (b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/" + bad
                    + b"\r\n", b"")
        if kind == b"status":
            return b"HTTP/1.1 503 " + bad + b"\r\nRetry-After: " + bad + b"\r\n", b""
        if kind == b"type":
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html" + bad + b"\r\n", b"<p>x"
        return (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=" + bad + b"\r\n",
                article("t").replace(b"News of t", bad))

    def serve(self, conn):
        with conn:
            conn.settimeout(60)
            head = b""
            while b"\r\n\r\n" not in head:
                more = conn.recv(65536)
                if not more:
                    return
                head += more
            front, body = self.answer(head.split(b" ")[1])
            conn.sendall(front + b"Content-Length: %d\r\nConnection: close\r\n\r\n"
                         % len(body) + body)

    def run(self):
        while True:
            try:
                conn = self.sock.accept()[0]
            except OSError:
                return
            try:
                self.serve(conn)
            except OSError:
                pass


def hostile(tmp):
    web = Hostile()
    try:
        for form in ("text", "json"):
            d = os.path.join(tmp, form)
            os.mkdir(d)
            f, s, options = logs(d, "-O", "log.format=" + form)
            c = Crawl(tmp, form + "-crawl", web.url, *options, "-O", "log.level=debug", "-O",
                      "fetch.max_tries=1", "-O", "politeness.backoff=0", "-O",
                      "politeness.rest=0", "--max-time", "100")
            said = c.err.encode("utf-8", "surrogateescape")
            assert b"\x1b" not in said and b"\r" not in said and b"forged event" not in said[:1]
            if form == "text":
                got = fetches(f)
                assert len({r["url"] for r in got}) > 4 * len(NASTY) - 4, len(got)
                skips(s)
                assert not [x for x in c.err.splitlines() if x.startswith("<0>")]
            else:
                for path, names in ((f, FETCH), (s, SKIP)):
                    for line in lines(path):
                        assert list(json.loads(line)) == names, line
                for line in c.err.splitlines():
                    assert not line.startswith("{") or json.loads(line)["event"], line
    finally:
        web.sock.close()


# ---- files ---------------------------------------------------------------------

class Endless(webpages.Server):
    """A page leads to the next, as fast as it is asked."""

    def __init__(self, address):
        super().__init__(address)
        self.more = lambda path: webpages.Page(listing(
            ["/%d.html" % (int(re.sub(r"\D", "", path) or 0) + 1)]))


def daemon(tmp, settings):
    return sites.Daemon(tmp, [
        ("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
        ("politeness.delay", "2ms"), ("find.sitemap_places", ""), ("scope.max_depth", "1000"),
        *settings])


def asked(web):
    return Counter(r[1] for r in list(web.log))


def rotate(tmp, d, log):
    """By logrotate with the package's file, or by hand where there is none."""
    if shutil.which("logrotate") is None:
        os.rename(log, "%s.%d" % (log, time.monotonic_ns()))
        os.kill(d.proc.pid, signal.SIGUSR1)
        return
    conf, state = os.path.join(tmp, "rotate.conf"), os.path.join(tmp, "rotate.state")
    with open(os.path.join(ROOT, "systemd/debian/winnowd.logrotate"), encoding="utf-8") as f:
        text = f.read()
    for pattern, here in (
            (r"^/var/log/.* {$", log + " {"), (r"su winnow winnow", ""),
            (r"systemctl kill .*", "kill -USR1 %d" % d.proc.pid)):
        text, n = re.subn(pattern, here, text, flags=re.M)
        assert n == 1, pattern
    with open(conf, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(conf, 0o644)
    rc, out, err = sites.run(["logrotate", "-f", "-s", state, conf])
    if rc != 0:
        raise sites.Cases.Skip("logrotate: " + (out + err).strip().splitlines()[-1])


def all_lines(log):
    out = []
    for name in glob.glob(log + "*"):
        if name.endswith(".gz"):
            subprocess.run(["gunzip", name], check=True)
            name = name[:-3]
        out += fetches(name)
    return out


def rotation(tmp):
    os.mkdir(os.path.join(tmp, "log"), 0o700)
    log = os.path.join(tmp, "log", "fetch.log")
    with Endless("127.0.9.12") as web, daemon(tmp, [("log.fetch_file", log)]) as d:
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0
        for i in range(4):
            assert sites.wait_for(lambda n=i: len(web.log) > 20 * (n + 1))
            # An empty one is not rotated.
            assert sites.wait_for(lambda: os.path.getsize(log) > 0)
            rotate(tmp, d, log)
            assert sites.wait_for(lambda: os.path.exists(log))
        assert d.stop()[0] == 0
        got = Counter("/" + r["url"].split("/", 3)[3] for r in all_lines(log)
                      if r["status"] != "-")
        assert len(glob.glob(log + "*")) >= 3, glob.glob(log + "*")
        # The last answers may not have been read when it was stopped.
        assert not got - asked(web), got - asked(web)
        assert sum((asked(web) - got).values()) <= 2, asked(web) - got


def reload(tmp):
    one, two = os.path.join(tmp, "one.log"), os.path.join(tmp, "two.log")
    with Endless("127.0.9.13") as web, daemon(tmp, []) as d:
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0

        def settings(*more):
            with open(d.conf, encoding="utf-8") as f:
                text = f.read().split("[log]")[0]
            with open(d.conf, "w", encoding="utf-8") as f:
                f.write(text + "".join("[log]\n%s\n" % m for m in more))
            assert d.ask("reload")[0] == 0

        def grows(path):
            return sites.wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 500)

        settings("fetch_file = " + one)
        assert grows(one)
        settings("fetch_file = " + two, "format = json")
        assert grows(two)
        n = os.path.getsize(one)
        settings()
        time.sleep(1.2)
        m = os.path.getsize(two)
        time.sleep(1.2)
        assert os.path.getsize(one) == n and os.path.getsize(two) == m
        assert fetches(one) and all(json.loads(x)["verdict"] for x in lines(two))
        assert "log.fetch_file" in d.words()
        d.stop()


def no_disk(tmp):
    """A log on a full disk, and one in a folder that comes later."""
    later = os.path.join(tmp, "later", "skip.log")
    names = ["p%d" % i for i in range(60)]
    with webpages.Server("127.0.9.14") as web, daemon(tmp, [
            ("log.fetch_file", "/dev/full"), ("log.skip_file", later)]) as d:
        web.pages["/"] = webpages.Page(listing(["/a/%s.html" % n for n in names] + ["/login"]))
        for n in names:
            web.put(n, webpages.Page(webpages.article(n)))
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0
        assert sites.wait_for(lambda: len(d.records()) == len(names), 30)
        words = "a log cannot be written"
        assert sites.wait_for(lambda: len([x for x in d.words().splitlines() if words in x]) == 2)
        os.mkdir(os.path.dirname(later))
        assert sites.wait_for(lambda: os.path.exists(later) and os.path.getsize(later) > 0)
        assert "login" in {r["reason"] for r in skips(later)}
        time.sleep(1.5)
        said = [x for x in d.words().splitlines() if words in x]
        assert len(said) == 2, said
        assert "No space left" in "".join(said) and "No such file" in "".join(said), said
        assert "a log is written again" in d.words()
        assert d.stop()[0] == 0


def early_signal(tmp):
    """SIGUSR1 to all of its processes, as systemctl kill sends it, ends none."""
    with Endless("127.0.9.15") as web, daemon(tmp, []) as d:
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0
        assert sites.wait_for(lambda: len(web.log) > 5)
        workers = d.status()["workers"] if "workers" in d.status() else None
        pids = [d.proc.pid]
        for p in pids:
            with open("/proc/%d/task/%d/children" % (p, p), encoding="ascii") as f:
                pids += [int(x) for x in f.read().split()]
        assert len(pids) > 2, pids
        for p in pids:
            os.kill(p, signal.SIGUSR1)
        n = len(web.log)
        assert sites.wait_for(lambda: len(web.log) > n + 20)
        for p in pids:
            os.kill(p, 0)
        assert workers is None or d.status()["workers"] == workers
        d.stop()


# ---- the journal ---------------------------------------------------------------

def dead_hosts(tmp):
    """Many hosts that fail are twenty lines and a number."""
    with socket.socket() as shut, daemon(tmp, [
            ("politeness.backoff", "0"), ("fetch.max_tries", "6"), ("fetch.parallel", "64"),
            ("fetch.connect_timeout", "2s")]) as d:
        shut.bind(("0.0.0.0", 0))
        port = shut.getsockname()[1]
        d.start().ready()
        seeds = "".join("http://127.0.10.%d:%d/%d\n" % (i + 1, port, k)
                        for i in range(40) for k in range(5))
        rc, _, err = sites.run([sites.WINNOW, "seed", "add", "-c", d.conf, "-"], stdin=seeds)
        assert rc == 0, err
        assert sites.wait_for(lambda: d.status()["hosts"]["resting"] == 40, 30), d.status()
        assert d.stop()[0] == 0
        said = [x for x in d.words().splitlines() if "host rests" in x]
        assert len(said) == 21, len(said)
        assert int(re.search(r" times=(\d+) in_s=\d+$", said[-1]).group(1)) >= 10, said[-1]


CALL = re.compile(r'\blog_(?:error|warn|notice|info|debug|at|each)\(\s*(?:LOG_\w+,\s*)?'
                  r'((?:"(?:[^"\\]|\\.)*"\s*)+)')
FORM = re.compile(r"[^%]+?( [a-z][a-z0-9_]*=%[-.*0-9lzjh]*[a-zA-Z])*")


def messages(_):
    """A sentence that does not vary, then fields: what each call is written as."""
    n = 0
    for path in glob.glob(os.path.join(ROOT, "crawler", "*.c")):
        with open(path, encoding="utf-8") as f:
            for m in CALL.finditer(f.read()):
                text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(1)))
                assert FORM.fullmatch(text), "%s: %s" % (path, text)
                n += 1
    assert n > 40, n


CASES = (
    (every_answer, "fetch log: a line for each answer, with its record or its reason"),
    (all_reasons, "skip log: what a crawl leaves out, each with a reason of the list"),
    (no_answer, "fetch log: a request without an answer is a line too"),
    (forms, "logs: json and logfmt have the same fields, and each line is whole"),
    (hostile, "logs: nothing that a server sends steers a terminal or breaks a line"),
    (rotation, "logs: rotated under a crawl, each line is in one of the files"),
    (reload, "logs: a reload turns them on and off and changes their form"),
    (no_disk, "logs: a full disk and a missing folder are said once, and stop nothing"),
    (early_signal, "logs: SIGUSR1 ends no process of the daemon's"),
    (dead_hosts, "log: forty hosts that fail are twenty lines and a sum"),
    (messages, "log: every message is a sentence and fields"),
)


def main():
    """Several at a time: they mostly wait."""
    run = sites.Cases()

    def one(fn, name):
        with sites.workdir() as tmp:
            run.case(name, fn, tmp)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for f in [pool.submit(one, fn, name) for fn, name in CASES
                  if not sys.argv[1:] or fn.__name__ in sys.argv[1:]]:
            f.result()
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
