#!/usr/bin/env python3
"""winnow clean, winnow queue, make install: what a person types, and what
other programs make of it."""
import base64
import glob
import gzip
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import hostile  # noqa: E402
import sites  # noqa: E402

WINNOW = os.path.abspath(sites.WINNOW)
EMPTY = b"<html><head><title>x</title></head><body><a href=/>home</a></body></html>"
CHINESE = """<html><head><title>校园种植园迎来丰收</title></head><body><h1>校园种植园迎来丰收</h1>
<p>发布时间：昨天 10:20</p>
<p>秋风送爽，青石镇中心小学的种植园里一片忙碌。孩子们戴着草帽，把一筐筐红薯搬上小推车，笑声传出很远。</p>
<p>种植园是三年前在一块荒地上开出来的，每个班认领一垄，从翻土、播种到浇水、除草，全部由学生自己完成。</p>
<p>校长说，劳动课不是做样子，孩子们在土地里学会了等待，也学会了珍惜，这比任何说教都更有分量。</p>
</body></html>"""


def clean(body, *args):
    p = subprocess.run([WINNOW, "clean", *args], input=body, capture_output=True,
                       timeout=180, check=False)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


# ---- one page ------------------------------------------------------------------

def as_text(tmp):
    rc, out, err = clean(hostile.article(1))
    assert rc == 0 and err == "", (rc, err)
    title, empty, text = out.split("\n", 2)
    assert title == "Library opens, part 1" and empty == "", out[:100]
    assert text == hostile.text_of(1) + "\n", text


def as_json(tmp):
    rc, out, err = clean(hostile.article(1), "-f", "json", "-u", "http://h.test/a?b=1")
    assert rc == 0 and err == "" and out.endswith("}\n") and out.count("\n") == 1, (rc, err)
    r = json.loads(out)
    assert r["text"] == hostile.text_of(1) and r["title"] == "Library opens, part 1"
    assert (r["url"], r["host"], r["domain"]) == ("http://h.test/a?b=1", "h.test", "h.test"), r
    for fetched in ("date_download", "status", "via", "depth", "crawl", "seq", "etag"):
        assert r[fetched] is None, (fetched, r[fetched])
    schema = json.loads(sites.run([WINNOW, "schema"])[1])
    assert set(schema["required"]) <= set(schema["properties"])
    assert list(r) == list(schema["properties"]), "fields or their order"


def as_html(tmp):
    rc, out, _ = clean(hostile.article(1, "<script>alert(1)</script>"), "-f", "html")
    assert rc == 0 and out.count("<p>") == 4 and "<script" not in out and "<nav" not in out, out
    assert "reading room has sixty seats" in out
    inside = {"li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",),
              "ul": ("article", "li"), "ol": ("article", "li")}
    seen = set()
    for body in (
            "<ol><li>One of them<ul><li>in it<ol><li>and deeper</ol></ul><li><pre>x &lt; y\n"
            "\n  z</pre></ol><blockquote><ul><li>said so</ul>yes<br>no</blockquote>",
            "<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table><h2>And &amp; so"
            "</h2><h6>on</h6><p>the wheel,<br>the mill,<br><br>the river.",
            "<ul><ul><ul><li>deep</ul>shallow</ul></ul>" + "<ul><li>x" * 40):
        page = hostile.article(1).replace(b"</p>", b"</p>" + body.encode(), 1)
        rc, out, _ = clean(page, "-f", "html")
        assert rc == 0
        root = ElementTree.fromstring(out)
        for up in root.iter():
            for e in up:
                assert up.tag in inside.get(e.tag, (up.tag,)), (up.tag, e.tag, out)
                assert up.tag not in ("ul", "ol") or e.tag == "li", out
                assert up.tag != "p" or e.tag == "br", out
                seen.add(e.tag)
    assert seen >= set("h1 h2 h6 p br ul ol li pre blockquote table tr td th".split()), seen


def explain(tmp):
    rc, out, _ = clean(hostile.article(1), "--explain")
    assert rc == 0 and re.match(r"(?i)<!doctype html>", out), out[:80]
    assert "reading room has sixty seats" in out and "Home" in out
    assert not re.search(r"(?i)<(script|link|iframe|img)\b|src=", out), "not self-contained"
    rc, out, _ = clean(hostile.article(1, "<p><script>alert(1)</script>&lt;b&gt;</p>"), "--explain")
    assert rc == 0 and "<script>alert" not in out


class Tree(html.parser.HTMLParser):
    """Are the elements of a page closed in order, its ids unique, its links
    to places that are there?"""
    VOID = {"meta", "input", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open
        assert len(self.ids) == len(set(self.ids)), "an id twice"
        assert set(self.links) <= set(self.ids), set(self.links) - set(self.ids)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name == "href" and value.startswith("#"):
                self.links.append(value[1:])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())


def explain_whole(tmp):
    """Pages of every kind: the digest of the style sheet allows it, and the
    page is a tree whose links lead somewhere."""
    glossed = CHINESE.replace("。", "。&amp;amp;nbsp; X8226;").encode("gb18030")
    many = b"<div class=menu><a href=/>&lt;home&gt;</a></div>" * 30000
    for body in (hostile.article(1), CHINESE.encode(), glossed, EMPTY, b"", b"<\0>",
                 many + hostile.article(2)):
        rc, out, err = clean(body, "--explain", "-u", "http://h.test/?a=\"<b>'&c")
        assert rc in (0, 7) and err == "", (rc, err)
        tree = Tree(out)
        assert {"metadata", "removed", "text", "repairs"} <= set(tree.ids)
        style = re.search("(?s)<style>(.*?)</style>", out).group(1).encode()
        digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
        assert "style-src 'sha256-%s'" % digest in out, digest


def nothing(tmp):
    for form in ("text", "html"):
        rc, out, err = clean(EMPTY, "-f", form)
        assert rc == 7 and out == "", (form, rc, out)
    assert "no article" in clean(EMPTY)[2]
    rc, out, _ = clean(EMPTY, "-f", "json")
    assert rc == 7 and json.loads(out)["text"] == "", (rc, out)
    rc, out, _ = clean(b"", "-f", "json")
    assert rc == 7 and json.loads(out)["text"] == "", (rc, out)


def charset(tmp):
    body = CHINESE.encode("gb18030")
    for args in (["-e", "gbk"], ["-e", "gb2312"], ["-H", "Content-Type: text/html; charset=gb2312"],
                 []):
        rc, out, err = clean(body, "-f", "json", *args)
        assert rc == 0, (args, rc, err)
        r = json.loads(out)
        assert r["title"] == "校园种植园迎来丰收" and "草帽" in r["text"], (args, r["title"])
        source = {"-e": "config", "-H": "http"}.get(args[0] if args else "", "detect")
        assert r["charset_source"] == source, (args, r["charset_source"])
    rc, out, err = clean(body, "-e", "klingon")
    assert rc == 2 and out == "" and "klingon" in err and "encoding" in err, (rc, err)
    rc, out, err = clean(gzip.compress(body), "-H", "Content-Encoding: gzip", "-e", "gbk")
    assert rc == 0 and "草帽" in out, (rc, err)


def relative_date(tmp):
    for args in (["--now", "2026-05-06T10:00:00Z"],
                 ["-H", "Date: Wed, 06 May 2026 10:00:00 GMT"]):
        rc, out, err = clean(CHINESE.encode(), "-f", "json", *args)
        assert rc == 0 and json.loads(out)["date_publish"] == "2026-05-05", (args, out[:900], err)


def many_files(tmp):
    good, empty = os.path.join(tmp, "good.html"), os.path.join(tmp, "empty.html")
    with open(good, "wb") as f:
        f.write(hostile.article(2))
    with open(empty, "wb") as f:
        f.write(EMPTY)
    rc, out, _ = clean(b"", good, good)
    assert rc == 0 and out.count("Library opens, part 2") == 2, (rc, out)
    rc, out, err = clean(b"", "-f", "json", good, empty, os.path.join(tmp, "none.html"))
    assert rc == 5 and len(out.splitlines()) == 2 and "none.html" in err, (rc, out, err)
    rc, _, err = clean(b"", os.path.join(tmp, "none.html"))
    assert rc == 1 and "cannot read" in err and "No such file" in err, (rc, err)


def usage(tmp):
    for args in (["-f", "pdf"], ["-j", "0", "--batch"], ["-H", "nocolon"], ["--nonsense"],
                 ["--now", "the other day"], ["-H", "Date: the other day"], ["-f"],
                 ["--explain", "-f", "json"], ["--explain", "a.html", "b.html"],
                 ["--batch", "a.html"], ["--batch", "-f", "json"], ["-j", "2"]):
        rc, out, err = clean(b"", *args)
        assert rc == 2 and out == "" and err.startswith("winnow clean: "), (args, rc, err)
    rc, out, err = clean(hostile.article(1), "-u", "not a place")
    assert rc == 0 and out and "not an http URL" in err, (rc, err)
    rc, out, err = clean(b"", "--help")
    assert rc == 0 and out.startswith("usage:") and err == ""


# ---- many pages ------------------------------------------------------------------------

def batch(lines, *args):
    rc, out, err = clean("".join(x + "\n" for x in lines).encode(), "--batch", *args)
    assert rc == 0 and err == "", (rc, err)
    return [json.loads(x) for x in out.splitlines()]


def b64(body):
    return base64.b64encode(body).decode()


def order(tmp):
    # Long and short pages in turn, so that workers finish out of turn.
    lines = [json.dumps({"id": str(n), "html_b64": b64(hostile.article(
        n, "<p>filler</p>" * (20000 if n % 7 == 0 else 0))), "url": "http://h.test/%d" % n})
        for n in range(60)]
    one, two = batch(lines), batch(lines, "-j", "2")
    assert [r["id"] for r in two] == [str(n) for n in range(60)]
    assert [r["title"] for r in two] == ["Library opens, part %d" % n for n in range(60)]
    assert one == two, "workers change what comes out"
    assert all(r["record_id"].startswith("w1-") for r in two)


def hostile_lines(tmp):
    page = os.path.join(tmp, "page.html")
    with open(page, "wb") as f:
        f.write(hostile.article(3))
    picture = b64(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    lines = [
        ('{"id":"a","file":%s}' % json.dumps(page), "a", None),
        ("this is no JSON", None, "bad-json"), ("[1,2]", None, "*"), ("{}", None, "no-input"),
        ('{"id":"b"}', "b", "no-input"), ('{"id":7,"html_b64":""}', 7, "*"),
        ('{"id":"c","html_b64":"@@@@"}', "c", "bad-base64"),
        ('{"id":"d","file":"/no/such/page"}', "d", "unreadable-file"),
        ('{"id":"e","file":%s}' % json.dumps(tmp), "e", "unreadable-file"),
        ('{"id":"f","html_b64":"%s"}' % picture, "f", "*"),
        ('{"id":"g","html_b64":"%s","charset":"klingon"}' % b64(hostile.article(4)), "g", "*"),
        ('{"id":"h","x":%s1%s,"file":%s}' % ("[" * 500, "]" * 500, json.dumps(page)), "h", "?"),
        ('{"id":"\\u0000\\ud83d","html_b64":"%s"}' % b64(hostile.article(5)), "?", "?"),
        ('{"id":"i","html_b64":"%s"' % b64(hostile.article(5)), "?", "bad-json"),
        ('{"id":"j","html_b64":"%s"}' % b64(b"<a><b></p>" * 50000), "j", "*"),
        ('{"id":"k","html_b64":"%s"}' % b64(b"<div>" * 100000), "k", "*"),
        ('{"id":"z","file":%s,"extra":[{"a":null}]}' % json.dumps(page), "z", None),
    ]
    for args in ([], ["-j", "2"]):
        got = batch([x[0] for x in lines], *args)
        assert len(got) == len(lines), (len(got), len(lines))
        for r, (line, ident, error) in zip(got, lines):
            assert ident == "?" or r["id"] == ident, (line[:60], r["id"])
            if error is None:
                assert r.get("error") is None and r["text"] == hostile.text_of(3), line[:60]
            elif error == "*":
                assert r["error"] and r["text"] == "", (line[:60], r["error"], r["text"][:50])
            elif error != "?":
                assert r["error"] == error, (line[:60], r["error"])


def last_line(tmp):
    rc, out, _ = clean(b'\n{"id":"a"}\n\n{"id":"b"}', "--batch")
    assert rc == 0 and [json.loads(x)["id"] for x in out.splitlines()] == ["a", "b"], out
    assert clean(b"", "--batch") == (0, "", "")


# ---- the queue, and other programs ---------------------------------------------------------

class Queue:
    def __init__(self, tmp):
        self.out = os.path.join(tmp, "out")
        with sites.Sites() as s:
            rc, _, err = sites.run(s.crawl(
                self.out, *sites.HURRY, "-O", "politeness.delay=40ms",
                "-O", "queue.flush_after=20ms", "-O", "queue.seal_after=100ms"))
        assert rc == 0, err
        self.files = sorted(glob.glob(os.path.join(self.out, "queue/ready/*/*.gz")))
        self.recs = sites.records(self.out)
        assert len(self.files) >= 3 and len(self.recs) >= 40, (self.files, len(self.recs))
        self.bytes = b"".join(gzip.open(f).read() for f in self.files)

    def ask(self, verb, *args):
        p = subprocess.run([WINNOW, "queue", verb, *args[:-1], self.out, *args[-1]],
                           capture_output=True, timeout=180, check=False)
        return p.returncode, p.stdout

    def cat(self):
        assert self.ask("cat", []) == (0, self.bytes)
        sites.only_available("zcat")
        z = subprocess.run(["zcat", *self.files], capture_output=True, check=True)
        assert z.stdout == self.bytes
        middle = self.recs[20]["seq"]
        want = b"".join(x + b"\n" for x in self.bytes.split(b"\n")[20:] if x)
        assert self.ask("cat", "--from", str(middle), []) == (0, want)

    def jq(self):
        sites.only_available("jq")
        q = subprocess.run(["jq", "-r", "select(.dup_of == null) | .title + \"\\t\" + (.seq | tostring)"],
                           input=self.bytes, capture_output=True, check=True)
        want = ["%s\t%s" % (r["title"] or "", r["seq"]) for r in self.recs if r["dup_of"] is None]
        assert q.stdout.decode().splitlines() == want

    def totals(self):
        rc, out = self.ask("stat", "--json", [])
        st = json.loads(out)
        assert rc == 0 and st["files"] == len(self.files) and st["records"] == len(self.recs), st
        assert st["bytes"] == sum(map(os.path.getsize, self.files))
        assert st["json_bytes"] == len(self.bytes)
        ends = [str(self.recs[i]["seq"]) for i in (0, -1)]
        assert [st["first_seq"], st["last_seq"]] == ends, st
        rc, out = self.ask("list", "--json", [])
        with open(os.path.join(self.out, "queue/index.jsonl"), "rb") as f:
            assert rc == 0 and out == f.read()
        rc, out = self.ask("verify", "--json", [])
        v = json.loads(out)
        assert rc == 0 and v["bad"] == 0 and v["records"] == len(self.recs), v

    def consume(self):
        seen = b""
        for _ in range(100):
            rc, out = self.ask("next", "-n", "7", ["me"])
            if rc == 7:
                break
            assert rc == 0 and out, rc
            seen += out
            last = json.loads(out.splitlines()[-1])["seq"]
            assert self.ask("ack", ["me", str(last)])[0] == 0
        assert seen == self.bytes, (len(seen), len(self.bytes))

    def schema(self):
        with open(os.path.join(self.out, "queue/SCHEMA.json"), encoding="utf-8") as f:
            kept = json.load(f)
        assert kept == json.loads(sites.run([WINNOW, "schema"])[1])
        for r in self.recs:
            assert list(r) == list(kept["properties"]), r["url"]
        for tool in ("duckdb", "pandas", "spark", "hf"):
            rc, out, _ = sites.run([WINNOW, "schema", "--for", tool])
            assert rc == 0 and "text" in out, tool
        rc, out, err = sites.run([WINNOW, "schema", "--for", "abacus"])
        assert rc == 2 and out == "" and "abacus" in err, (rc, err)

    def pipe(self):
        p = subprocess.run(["sh", "-c", '"$0" queue cat "$1" | head -n 1; exit 0', WINNOW, self.out],
                           capture_output=True, check=True)
        assert json.loads(p.stdout) == self.recs[0] and p.stderr == b"", p.stderr


# ---- make install ---------------------------------------------------------------------------

def make(target, dest):
    rc, out, err = sites.run(
        ["make", "-s", "-C", ROOT, "-o", "all", target, "DESTDIR=" + dest, "PREFIX=/usr",
         "BUILD=" + os.path.abspath(sites.BUILD)],
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    assert rc == 0, (out, err)


def tree(top):
    return sorted(os.path.relpath(os.path.join(d, f), top) for d, _, names in os.walk(top)
                  for f in names)


def example_of(manual):
    """The first program in a manual page."""
    with open(manual, encoding="utf-8") as f:
        text = f.read()
    block = re.search(r"(?ms)^\.Bd -literal.*?\n(#include.*?)^\.Ed$", text).group(1)
    return block.replace("\\e", "\\")


def install(tmp):
    sites.only_available("make")
    dest = os.path.join(tmp, "dest")
    make("install", dest)
    files = tree(dest)
    for name in ("usr/bin/winnow", "usr/sbin/winnowd", "usr/lib/libwinnow.a", "etc/winnow/winnowd.conf",
                 "usr/include/winnowd/cleaner/winnow.h", "usr/lib/pkgconfig/libwinnow.pc",
                 "usr/lib/systemd/system/winnowd.service", "usr/share/man/man1/winnow.1",
                 "usr/share/man/man3/libwinnow.3", "usr/share/man/man5/winnowd.conf.5",
                 "usr/share/man/man5/winnow-queue.5", "usr/share/man/man8/winnowd.8"):
        assert name in files, (name, files)
    rc, out, _ = sites.run([os.path.join(dest, "usr/bin/winnow"), "--version"])
    assert rc == 0 and out.startswith("winnow "), out
    rc, _, err = sites.run([os.path.join(dest, "usr/sbin/winnowd"), "-t", "-c",
                            os.path.join(dest, "etc/winnow/winnowd.conf")])
    assert rc == 0, err
    # A changed configuration survives a second installation.
    with open(os.path.join(dest, "etc/winnow/winnowd.conf"), "a", encoding="utf-8") as f:
        f.write("# mine\n")
    make("install", dest)
    with open(os.path.join(dest, "etc/winnow/winnowd.conf"), encoding="utf-8") as f:
        assert f.read().endswith("# mine\n")
    make("uninstall", dest)
    assert tree(dest) == ["etc/winnow/winnowd.conf"], tree(dest)


def example_program(tmp):
    """The example of libwinnow(3) compiles against what is installed."""
    for program in ("make", "cc", "pkg-config"):
        sites.only_available(program)
    dest, source = os.path.join(tmp, "dest"), os.path.join(tmp, "example.c")
    make("install", dest)
    with open(source, "w", encoding="utf-8") as f:
        f.write(example_of(os.path.join(ROOT, "cleaner/libwinnow.3")))
    env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=dest,
               PKG_CONFIG_PATH=os.path.join(dest, "usr/lib/pkgconfig"))
    rc, flags, err = sites.run(["pkg-config", "--cflags", "--libs", "libwinnow"],
                               env=env)
    assert rc == 0, err
    if sites.sanitized():
        flags += " -fsanitize=address,undefined"
    rc, _, err = sites.run(["cc", "-std=c11", "-Wall", "-Wextra", "-o", os.path.join(tmp, "example"),
                            source, *flags.split()])
    assert rc == 0 and err == "", (flags, err)
    p = subprocess.run([os.path.join(tmp, "example")], input=hostile.article(9),
                       capture_output=True, timeout=60, check=False)
    assert p.returncode == 0, (p.returncode, p.stderr)
    assert "Library opens, part 9" in p.stdout.decode(), p.stdout
    assert hostile.text_of(9) in p.stdout.decode()


def manuals(tmp):
    sites.only_available("mandoc")
    pages = sorted(glob.glob(os.path.join(ROOT, "*/*.[1-9]")))
    assert len(pages) >= 5, pages
    rc, out, err = sites.run(["mandoc", "-Tlint", "-Wwarning", *pages])
    assert rc == 0 and out + err == "", out + err


def main():
    c = sites.Cases()
    with sites.workdir() as tmp:
        for name, fn in (
                ("clean: text is title, empty line, paragraphs", as_text),
                ("clean: json is one record with every field in order", as_json),
                ("clean: html is the article and nothing that runs", as_html),
                ("clean: --explain is a page of its own", explain),
                ("clean: --explain is a sound page, whatever it explains", explain_whole),
                ("clean: a page without article is status 7", nothing),
                ("clean: the charset is what -e says, or the header, or a guess", charset),
                ("clean: 昨天 counts from --now or the Date header", relative_date),
                ("clean: many files, of which some fail, are status 5", many_files),
                ("clean: wrong options are status 2", usage),
                ("clean --batch: answers stand in order, also with -j 2", order),
                ("clean --batch: lines that are wrong cost only themselves", hostile_lines),
                ("clean --batch: blank lines and a last line without end", last_line)):
            c.case(name, fn, tmp)
        q = Queue(tmp)
        for name, fn in (
                ("queue: cat, zcat and Python see the same bytes", q.cat),
                ("queue: jq reads every record", q.jq),
                ("queue: stat, list and verify count alike", q.totals),
                ("queue: next and ack give everything once", q.consume),
                ("queue: the schema beside the queue is true", q.schema),
                ("queue: a reader that leaves early makes no noise", q.pipe)):
            c.case(name, fn)
        for name, fn in (
                ("install: uninstall leaves nothing but the configuration", install),
                ("install: the example of libwinnow(3) compiles and works", example_program),
                ("manuals: mandoc has nothing to say", manuals)):
            c.case(name, fn, tmp)
            shutil.rmtree(os.path.join(tmp, "dest"), ignore_errors=True)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
