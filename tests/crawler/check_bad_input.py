#!/usr/bin/env python3
"""What people, disks and hosts get wrong: a clear message, the right status,
nothing lost. And pages that mean harm, through the real daemon."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import expect  # noqa: E402
import hostile  # noqa: E402
import sites  # noqa: E402

HOME, DOWN, SILENT = "127.0.0.77", "127.0.0.78", "127.0.0.79"


def crawl(out, *args, stdin=None, limit=60, **more):
    return sites.run([sites.WINNOW, "crawl", "-o", out, *args], limit, stdin, **more)


# ---- what people write ------------------------------------------------------------

def missing_list(s, tmp):
    out = os.path.join(tmp, "out")
    rc, _, err = crawl(out, os.path.join(tmp, "nothing.txt"))
    assert rc == 1 and "nothing.txt'" in err and "No such file" in err, (rc, err)
    assert not os.path.exists(out), "it made something all the same"


def bad_lines(s, tmp):
    listed = os.path.join(tmp, "list.txt")
    good = s.url("blog", "/2024/05/12/first-class/")
    with open(listed, "wb") as f:
        f.write(("# a comment\n\nnot a url\n%s\tdepth=0\nftp://h.test/x\n" % good).encode()
                + b"http://\xff\xfe.test/\n" + b"http://h.test/" + b"x" * 20000 + b"\n"
                + ("%s\tdept=2\n" % s.url("blog", "/")).encode()
                + b"http://h.test/\0\nhttp://[::1/\nhttp://user@\n")
    out = os.path.join(tmp, "out")
    rc, _, err = crawl(out, *s.options(), *sites.HURRY, listed)
    assert rc == 5, (rc, err)
    told = [int(n) for n in re.findall(re.escape(listed) + r":(\d+): ", err)]
    assert told == [3, 5, 6, 7, 8, 9, 10, 11], (told, err)
    assert "unknown attribute 'dept=2'" in err and "8 lines were not understood" in err, err
    assert [r["url"] for r in sites.records(out)] == [good]


def empty_list(s, tmp):
    listed = os.path.join(tmp, "list.txt")
    with open(listed, "w", encoding="utf-8") as f:
        f.write("# nothing\n")
    rc, _, err = crawl(os.path.join(tmp, "out"), listed)
    assert rc == 5 and "no URL" in err, (rc, err)


def unknown_key(s, tmp):
    conf = os.path.join(tmp, "my.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[politeness]\ndelay = 1s\n\n[fetch]\ntimeot = 5s\n")
    for cmd in ([sites.WINNOW, "crawl", "-o", os.path.join(tmp, "out"), "-c", conf, s.seeds[0]],
                [sites.WINNOWD, "-t", "-c", conf], [sites.WINNOWD, "-c", conf],
                [sites.WINNOW, "status", "-c", conf]):
        rc, out, err = sites.run(cmd)
        assert rc == 4 and out == "", (cmd, rc, out)
        assert conf + ":5:" in err and "timeot" in err and "fetch.timeout" in err.replace(
            "'timeout'", "fetch.timeout"), err
    rc, _, err = crawl(os.path.join(tmp, "out"), "-O", "politeness.dely=1s", s.seeds[0])
    assert rc == 4 and "dely" in err and "delay" in err, (rc, err)
    rc, _, err = crawl(os.path.join(tmp, "out"), "-c", conf + ".none", s.seeds[0])
    assert rc == 4 and "my.conf.none" in err, (rc, err)
    assert not os.path.exists(os.path.join(tmp, "out"))


# ---- directories ---------------------------------------------------------------------

def unwritable(s, tmp):
    rc, _, err = crawl("/proc/winnow-test", s.seeds[0])
    assert rc == 1 and "'/proc/winnow-test" in err and "another directory" in err, (rc, err)
    taken = os.path.join(tmp, "file")
    with open(taken, "w", encoding="utf-8") as f:
        f.write("mine\n")
    rc, _, err = crawl(taken, s.seeds[0])
    assert rc == 1 and taken in err, (rc, err)
    with open(taken, encoding="utf-8") as f:
        assert f.read() == "mine\n"


def no_permission(s, tmp):
    closed = os.path.join(tmp, "closed")
    os.mkdir(closed, 0o555)
    os.chmod(tmp, 0o755)
    more = {"preexec_fn": lambda: os.setuid(65534)} if os.geteuid() == 0 else {}
    try:
        rc, _, err = crawl(os.path.join(closed, "out"), s.seeds[0], **more)
    except (PermissionError, subprocess.SubprocessError):
        raise sites.Cases.Skip("nobody else can run " + sites.WINNOW) from None
    assert rc == 1 and "Permission denied" in err and "choose another" in err, (rc, err)


def queue_held(s, tmp):
    with sites.Daemon(tmp) as d:
        d.start().ready()
        with sites.workdir() as other:
            with sites.Daemon(other, [("queue.dir", os.path.join(tmp, "queue"))]) as e:
                rc, _, err = sites.run([sites.WINNOWD, "-c", e.conf], 20)
        assert rc == 1 and "queue" in err and "pid %d" % d.proc.pid in err, (rc, err)
        assert d.status()["ok"]


def complete(s, out):
    recs = sites.records(out)
    assert not sites.once(recs), sites.once(recs)
    urls = {r["url"] for r in recs}
    for name, attrs in expect.sites():
        for e in map(json.loads, expect.lines(name, attrs).splitlines()):
            assert s.url(name, e["path"]) in urls, e["path"]
    return recs


def max_bytes(s, tmp):
    out = os.path.join(tmp, "out")
    # The bound is looked at once a second: slow enough to meet it.
    cmd = s.crawl(out, *sites.HURRY, "-O", "politeness.delay=80ms",
                  "-O", "queue.flush_after=10ms")
    small = cmd[:4] + ["-O", "queue.max_bytes=6KiB"] + cmd[4:]
    rc, _, err = sites.run([x for x in small if x != "-q"])
    assert rc == 6 and "no space left" in err, (rc, err)
    part = sites.records(out)
    assert part, "nothing landed before the bound"
    rc, _, err = sites.run(small)
    assert rc == 6, (rc, err)
    rc, _, err = sites.run(cmd)
    assert rc == 0, (rc, err)
    assert complete(s, out)[:len(part)] == part


FULL = r"""
set -u
mount -t tmpfs -o size=4m none "$1" || exit 77
out=$1/out; keep=$2; shift 2
"$@" --max-pages 12 >&2; echo "first $?"
# Leave 24 KiB, whatever the first run took.
free=$(df --output=avail -k "$out" | tail -n 1)
head -c $(((free - 24) * 1024)) /dev/zero >"$out/../ballast"
"$@" >&2; echo "full $?"
rm "$out/../ballast"
"$@" >&2; echo "room $?"
cp -r "$out/queue" "$keep/queue"
"""


def full_disk(s, tmp):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        raise sites.Cases.Skip("only root can mount a small file system")
    disk, keep = os.path.join(tmp, "disk"), os.path.join(tmp, "keep")
    os.mkdir(disk)
    os.mkdir(keep)
    cmd = s.crawl(os.path.join(disk, "out"), *sites.HURRY, "-O", "queue.min_free=0",
                  "-O", "queue.flush_after=10ms")
    rc, out, err = sites.run(["unshare", "-m", "--propagation", "private", "sh", "-c", FULL,
                              "sh", disk, keep, *cmd], 90)
    if rc == 77 or "unshare" in err:
        raise sites.Cases.Skip("cannot mount a tmpfs here")
    assert out.split("\n")[:3] == ["first 0", "full 6", "room 0"], (out, err)
    complete(s, keep)


def min_free(s, tmp):
    out = os.path.join(tmp, "out")
    before = len(s.log())
    rc, _, err = crawl(out, *s.options(), *sites.HURRY, "-O", "queue.min_free=1EiB", s.seeds[0])
    assert rc == 6 and "no space left" in err, (rc, err)
    assert len(s.log()) == before, "it fetched what it could not keep"


# ---- hosts --------------------------------------------------------------------------------

def bad_hosts(s, tmp):
    """One that refuses, one without a name, one that never answers; the page
    of a good one lands all the same."""
    mute = socket.socket()
    mute.bind((SILENT, 0))
    mute.listen(8)
    urls = {"refused": "http://%s:9/" % DOWN,
            "no name": "http://nobody.example-a.test/",
            "silent": "http://%s:%d/" % (SILENT, mute.getsockname()[1])}
    good = s.url("blog", "/2024/05/12/first-class/")
    out = os.path.join(tmp, "out")
    rc, _, err = crawl(out, *s.options(), "-O", "politeness.delay=10ms", "-O", "fetch.max_tries=2",
                       "-O", "fetch.first_byte_timeout=1500ms", "--max-depth", "0",
                       good, *urls.values())
    mute.close()
    assert rc == 5, (rc, err)
    assert [r["url"] for r in sites.records(out)] == [good]
    words = {"refused": "refused|connect", "no name": "name|exist", "silent": "time|slow|byte"}
    for kind, url in urls.items():
        rc, text, _ = sites.run([sites.WINNOW, "why", "-o", out, "--json", url])
        w = json.loads(text)
        assert rc == 0 and w["state"] == "failed", w
        assert re.search(words[kind], w["detail"], re.I), (kind, w)
        assert url in err, (kind, err)


# ---- pages --------------------------------------------------------------------------------------

def nasty_pages(inner):
    """path: (page, states it may end in)."""
    html, art = hostile.HTML, hostile.article
    finds = ("done", "no-article")
    page = {
        "/ab": ((html, art(100, "<a><b></p>" * 100000), ()), finds),
        "/deep": ((html, art(101, "<div>" * 100000), ()), finds),
        "/attributes": ((html, art(102, "<p %s>x</p>" % " ".join(
            "a%d=%d" % (i, i) for i in range(100000))), ()), finds),
        "/bomb": ((html, hostile.bomb(), (("Content-Encoding", "gzip"),)), ("too-big",)),
        "/layers": ((html, art(103), (("Content-Encoding", ", ".join(["gzip"] * 40)),)),
                    ("failed", "bad-type", "no-article", "refused")),
        "/nul": ((html, art(104).replace(b"<p>", b"<p>\0\xff\xfe\xc3("), ()), finds),
        "/noise": (("text/html", bytes(i * 197 % 256 for i in range(300000)), ()),
                   ("no-article", "bad-type", "done")),
        "/ten": ((html, art(105, "<p>%s</p>" % ("much ado, " * 50) * 19000), ()), finds),
        "/twelve": ((html, art(106) + b" " * (12 << 20), ()), ("too-big",)),
        "/endless": (hostile.endless, ("too-big",)),
        "/trickle": (hostile.trickle, ("failed",)),
        "/silent": (hostile.silent, ("failed",)),
        "/cut": (hostile.cut, ("failed", "no-article", "done")),
        "/headers": (hostile.big_header, ("failed", "too-big")),
        "/nothttp": (hostile.not_http, ("failed",)),
        "/loop": (hostile.redirect("/loop"), ("bad-redirect",)),
        "/long": (hostile.redirect("/" + "x" * 9000), ("bad-redirect",)),
        "/scheme": (hostile.redirect("file:///etc/passwd"), ("bad-redirect",)),
        "/links": ((html, art(107, "".join("<a href=/l/%d>x</a>" % i for i in range(100000))), ()),
                   finds),
        "/entities": ((html, art(108, "<p>" + "&amp" * 200000), ()), finds),
        "/picture": (("text/html", b"\x89PNG\r\n\x1a\n" + bytes(50000), ()),
                     ("bad-type", "no-article")),
    }
    for i, to in enumerate(inner):
        page["/inside%d" % i] = (hostile.redirect(to), ("redirected", "guarded"))
    return page


def hostile_pages(c, s, tmp):
    with hostile.Server("127.0.0.1", {"/": (hostile.HTML, hostile.article(1), ())}) as secret:
        inner = [secret.url("/"), "http://169.254.169.254/latest/meta-data/",
                 "http://localhost:%d/" % secret.port, "http://[::1]:%d/" % secret.port,
                 "http://0x7f.1:%d/" % secret.port,
                 "http://[::ffff:127.0.0.1]:%d/" % secret.port]
        pages = nasty_pages(inner)
        served = {path: page for path, (page, _) in pages.items()}
        served.update({"/good%d" % n: (hostile.HTML, hostile.article(n), ()) for n in range(10)})
        with hostile.Server(HOME, served) as server:
            hostile_crawl(c, s, tmp, server, secret, inner, pages)


def hostile_crawl(c, s, tmp, server, secret, inner, pages):
    d = sites.Daemon(tmp, [
        ("fetch.allow_net", HOME + "/32"), ("fetch.dns", s.dns), ("politeness.delay", "0"),
        ("politeness.per_host", "4"), ("fetch.timeout", "3s"), ("fetch.first_byte_timeout", "2s"),
        ("fetch.max_tries", "1"), ("scope.max_depth", "0")])
    with d:
        d.start().ready()
        # Good pages before, between and after the bad ones.
        order = []
        for i, path in enumerate(sorted(pages)):
            order += [path] + (["/good%d" % (i // 3)] if i % 3 == 0 else [])
        order += ["/good%d" % n for n in range(10) if "/good%d" % n not in order]
        rc, out, err = d.ask("seed", "add", *[server.url(p) for p in order])
        assert rc == 0, (rc, out, err)
        for n in range(10):
            d.settled(server.url("/good%d" % n), 40)
        for path, (_, states) in sorted(pages.items()):
            c.case("hostile pages: %s ends as it should, and why tells it" % path[1:],
                   one_page, d, server.url(path), states)
        c.case("hostile pages: addresses inside are never asked", inside, d, secret, inner)
        c.case("hostile pages: the daemon lives, and other pages are unharmed",
               unharmed, d, server)


def one_page(d, url, states):
    w = d.settled(url, 15)
    assert w is not None, d.words()[-2000:]
    assert w["state"] in states, w
    if w["state"] not in ("done", "redirected"):
        assert w["reason"] or w["status"] >= 300, w
    rc, out, _ = d.ask("why", url)
    assert rc == 0 and w["state"] in out, out


def inside(d, secret, inner):
    for to in inner:
        w = d.settled(to, 5)
        assert w is None or w["state"] in ("guarded", "failed"), (to, w)
    assert d.why(inner[0])["state"] == "guarded", d.why(inner[0])
    assert d.why(inner[1])["state"] == "guarded", d.why(inner[1])
    assert secret.asked == [], secret.asked


def unharmed(d, server):
    st = d.status()
    assert d.proc.poll() is None and st["state"] == "running", st
    for n in range(10):
        w = d.settled(server.url("/good%d" % n))
        assert w is not None and w["state"] == "done", (n, w)
    rc, _ = d.stop()
    assert rc == 0, (rc, d.words()[-2000:])
    recs = d.records()
    assert not sites.once(recs), sites.once(recs)
    texts = {r["url"]: r["text"] for r in recs}
    for n in range(10):
        got = texts[server.url("/good%d" % n)]
        assert sites.f1(hostile.text_of(n), got) > 0.95, (n, got)
    for r in recs:
        assert len(r["text"].encode()) <= 8 << 20, r["url"]
        assert not re.search("[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]", r["text"]), r["url"]
    assert sites.sanitized() or st["now"]["rss_anon_kib"] < 64 << 10, st["now"]


CASES = (
    ("a seed list that is not there costs nothing", missing_list),
    ("bad lines of a list are told by number, the rest is used, status 5", bad_lines),
    ("a list without a URL is status 5", empty_list),
    ("an unknown key is told with file, line and the nearest name, status 4", unknown_key),
    ("an output directory that cannot be made is named", unwritable),
    ("a directory without permission is named", no_permission),
    ("a queue that another process holds is named with its pid", queue_held),
    ("queue.max_bytes ends a crawl with 6; with room it completes", max_bytes),
    ("a full disk ends a crawl with 6; with room each article is there once", full_disk),
    ("queue.min_free keeps a crawl from beginning, status 6", min_free),
    ("hosts that are down, unknown or silent are told by why", bad_hosts),
)


def main():
    c = sites.Cases()
    with sites.Sites() as s:
        for name, fn in CASES:
            with sites.workdir() as tmp:
                c.case("bad input: " + name, fn, s, tmp)
        with sites.workdir() as tmp:
            hostile_pages(c, s, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
