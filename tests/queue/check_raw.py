#!/usr/bin/env python3
"""Raw pages (keep.raw), end to end: what a crawl keeps, read by a WARC parser of
our own that takes nothing but the letter of the standard, by warcio and by
winnow clean; what wget keeps, read by winnow clean; winnow page; kills."""
import glob
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402
from webpages import Page, Server, article, listing  # noqa: E402

MODULES = os.path.abspath(os.path.join(sites.BUILD, "readers/node_modules"))
WARC = ["-O", "keep.raw=warc"]
# What only the crawl knows.
CRAWL = ["event", "revises", "robots", "via", "depth", "seed", "seed_tags", "crawl", "node", "seq",
         "dup_of", "similarity"]


# ---- a reader of the letter ------------------------------------------------------

def members(data):
    """What each gzip member of a file inflates to."""
    while data:
        z = zlib.decompressobj(31)
        out = z.decompress(data) + z.flush()
        assert z.eof, "a member is cut"
        yield out
        data = z.unused_data


def record(member):
    """Named fields and block of a member that is one WARC/1.1 record."""
    head, block = member.split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    assert lines[0] == b"WARC/1.1", lines[0]
    fields = {}
    for line in lines[1:]:
        assert re.fullmatch(rb"[A-Za-z-]+: [^\r\n\0]+", line), line
        name, value = line.decode("ascii").split(": ", 1)
        assert name not in fields, name
        fields[name] = value
    assert len(block) == int(fields["Content-Length"]) + 4 and block[-4:] == b"\r\n\r\n"
    assert re.fullmatch(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>",
                        fields["WARC-Record-ID"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fields["WARC-Date"])
    return fields, block[:-4]


def id_of(fields):
    return fields["Winnow-Record-ID"]


def http(block):
    """Status line, headers and body of a response."""
    head, body = block.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    return lines[0], dict(line.split(": ", 1) for line in lines[1:]), body


def responses(path):
    """The pages of a file: fields, status line, headers, body."""
    with open(path, "rb") as f:
        records = [record(m) for m in members(f.read())]
    assert records[0][0]["WARC-Type"] == "warcinfo", path
    assert records[0][0]["WARC-Filename"] == os.path.basename(path)
    out = []
    for fields, block in records[1:]:
        assert fields["WARC-Type"] == "response"
        assert fields["Content-Type"] == "application/http; msgtype=response"
        line, headers, body = http(block)
        assert re.fullmatch(r"HTTP/1\.[01] \d{3}( .*)?", line), line
        assert fields["WARC-Payload-Digest"] == "sha256:" + hashlib.sha256(body).hexdigest()
        out.append((fields, line, headers, body))
    return out


def raw_of(sealed):
    return sealed.replace("/ready/", "/raw/").replace(".jsonl.gz", ".warc.gz")


def pairs(out):
    """Each sealed file's records, and its pages by the id of their record."""
    for name in sorted(glob.glob(os.path.join(out, "queue/ready/*/*.gz"))):
        with gzip.open(name, "rt", encoding="utf-8") as f:
            yield [json.loads(line) for line in f], responses(raw_of(name))


def whole(out):
    """Every record has its page, once, with the bytes it was made of."""
    n, ids = 0, set()
    for recs, pages in pairs(out):
        by_id = {id_of(p[0]): p for p in pages}
        assert len(by_id) == len(pages), "an id twice in a file"
        assert not ids & set(by_id), "an id in two files"
        ids |= set(by_id)
        for r in recs:
            fields, _, headers, body = by_id[r["id"]]
            assert fields["WARC-Target-URI"] == r["url"]
            assert fields["WARC-Date"] == r["date_download"]
            if headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert r["digest"] == "sha256:" + hashlib.sha256(body).hexdigest(), r["url"]
            n += 1
    assert not glob.glob(os.path.join(out, "queue/tmp/*.gz")), "left in tmp/"
    return n


# ---- odd answers -------------------------------------------------------------------

class Odd:
    """A server that answers by the byte: path to what is sent."""

    def __init__(self, address, answers):
        self.sock = socket.create_server((address, 0))
        self.base = "http://%s:%d" % self.sock.getsockname()
        self.answers = answers
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            with c:
                c.settimeout(60)
                try:
                    asked = c.recv(65536).split(b" ")[1].decode()
                    c.sendall(self.answers.get(
                        asked, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
                except (OSError, IndexError):
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


def chunked(body):
    parts = [body[i:i + 1000] for i in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def odd_answers():
    links = b"".join(b'<li><a href="/%s">All the news of %s today</a>' % (n, n)
                     for n in (b"chunks", b"folded", b"private", b"gbk"))
    gbk = ("<title>河边的会议</title><h1>河边的会议</h1>" + "".join(
        "<p>第%d段：本报记者在河边的学校里看到，老师和学生一起种树，大家都很高兴。</p>" % i
        for i in range(9))).encode("gb18030")
    ok = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n"
    return {
        "/": ok + b"\r\n<title>News</title><ul>" + links + b"</ul>",
        "/chunks": ok + b"Transfer-Encoding: chunked\r\nX-Odd:   two  spaces \r\n\r\n" +
        chunked(article("chunks")),
        "/folded": b"HTTP/1.1 200\r\nContent-Type: text/html\r\nConnection: close\r\n"
        b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n" + article("folded"),
        "/private": ok + b"X-Robots-Tag: noindex\r\n\r\n" + article("private"),
        "/gbk": ok + b"\r\n" + gbk,
    }


def odd(tmp):
    with Odd("127.0.7.1", odd_answers()) as srv:
        lists = os.path.join(tmp, "odd.txt")
        with open(lists, "w", encoding="utf-8") as f:
            f.write(srv.base + "/\tcharset=gb18030\n")
        rc, _, err = sites.run([sites.WINNOW, "crawl", "-o", tmp + "/odd", "-q", "-O",
                                "fetch.allow_net=127.0.0.0/8", *sites.HURRY, *WARC, lists])
        assert rc == 0, err
        got = {}
        for name in glob.glob(tmp + "/odd/queue/raw/*/*.gz"):
            got.update({p[0]["WARC-Target-URI"][len(srv.base):]: p for p in responses(name)})
    return got


def as_it_came(tmp):
    got = odd(tmp)
    assert sorted(got) == ["/", "/chunks", "/folded", "/gbk"], sorted(got)
    _, line, headers, body = got["/chunks"]
    assert body == article("chunks")
    assert line == "HTTP/1.1 200 OK" and headers["X-Crawler-Transfer-Encoding"] == "chunked"
    assert headers["X-Odd"] == "  two  spaces " and "Transfer-Encoding" not in headers
    assert got["/folded"][1].startswith("HTTP/1.1 200")
    assert got["/chunks"][0]["WARC-IP-Address"] == "127.0.7.1"


def hints(tmp):
    """What the seed's line said of the encoding is not lost."""
    rc, out, err = sites.run([sites.WINNOW, "clean", "-f", "json",
                              *glob.glob(tmp + "/odd/queue/raw/*/*.gz")])
    assert rc == 0, err
    again = {json.loads(line)["url"]: json.loads(line) for line in out.splitlines()}
    recs = sites.records(tmp + "/odd")
    assert len(recs) == 3, recs
    for r in recs:
        a = again[r["url"]]
        assert {k: v for k, v in r.items() if k not in CRAWL} == \
            {k: v for k, v in a.items() if k not in CRAWL}, (r, a)
    assert [r for r in recs if r["charset_source"] == "config"]


# ---- a crawl ---------------------------------------------------------------------

class Crawl:
    """The example sites and the tests' pages, crawled once, in several files."""

    def __init__(self, tmp):
        self.tmp, self.out = tmp, os.path.join(tmp, "crawl")
        with sites.Sites() as s, Server("127.0.7.2") as srv:
            names = []
            for path in sorted(glob.glob(os.path.join(ROOT, "tests/cleaner/pages/*/source.html"))):
                names.append(os.path.basename(os.path.dirname(path)))
                with open(path, "rb") as f:
                    srv.put(names[-1], Page(f.read()))
            srv.pages["/"] = Page(listing(names))
            for more in (["--max-pages", "60"], ["--max-pages", "40"], []):
                rc, _, err = sites.run(s.crawl(self.out, *sites.HURRY, *WARC, *more,
                                               seeds=s.seeds + [srv.base + "/"]), 120)
                assert rc == 0, err
            if shutil.which("wget"):
                self.wget(s, srv)
        self.recs = sites.records(self.out)
        assert len(self.recs) >= 80 and len(glob.glob(self.out + "/queue/raw/*/*.gz")) == 3
        self.files = sorted(glob.glob(self.out + "/queue/raw/*/*.gz"))

    def wget(self, s, srv):
        """What another crawler's own WARC file says of the same pages."""
        for name, more in (("zip", ["--compression=none"]),
                           ("plain", ["--no-warc-compression"])):
            sites.run(["wget", "-q", "-r", "-l", "1", "-e", "robots=off", "--delete-after", "-P",
                       self.tmp + "/mirror", "--warc-file=%s/wget-%s" % (self.tmp, name), *more,
                       srv.base + "/"], 120)


def paired(c):
    assert whole(c.out) == len(c.recs)


def verified(c):
    rc, out, err = sites.run([sites.WINNOW, "queue", "verify", c.out])
    assert rc == 0, out + err


def warcio(c):
    if not os.path.exists(MODULES + "/warcio"):
        raise sites.Cases.Skip("warcio is not installed (make check-readers brings it)")
    script = os.path.join(c.tmp, "read.mjs")
    with open(script, "w", encoding="utf-8") as f:
        f.write("""import {WARCParser} from '%s/warcio/dist/index.js';
import fs from 'fs'; import crypto from 'crypto';
for (const name of process.argv.slice(2))
  for await (const r of new WARCParser(fs.createReadStream(name))) {
    const b = Buffer.from(await r.readFully(false));
    if (r.warcType === 'warcinfo') continue;
    const d = 'sha256:' + crypto.createHash('sha256').update(b).digest('hex');
    if (r.warcHeaders.headers.get('WARC-Payload-Digest') !== d) throw new Error(r.warcTargetURI);
    console.log(r.warcType, r.httpHeaders.statusCode, r.warcTargetURI);
  }""" % MODULES)
    rc, out, err = sites.run(["node", script, *c.files])
    assert rc == 0, err
    want = ["response %s %s" % (p[1].split(" ")[1], p[0]["WARC-Target-URI"])
            for name in c.files for p in responses(name)]
    assert out.splitlines() == want


def again(c):
    rc, out, err = sites.run([sites.WINNOW, "clean", "-f", "json", *c.files])
    assert rc == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == sum(len(responses(name)) for name in c.files)
    by_id = {r["id"]: r for r in lines}
    for r in c.recs:
        a = by_id[r["id"]]
        for k in r:
            assert k in CRAWL or r[k] == a[k], (r["url"], k, r[k], a[k])


def from_stdin(c):
    with open(c.files[0], "rb") as f:
        p = subprocess.run([sites.WINNOW, "clean", "-f", "text"], stdin=f, capture_output=True,
                           timeout=300, check=False)
    assert p.returncode == 0 and p.stdout.count(b"\n") > 20, p.stderr
    plain = os.path.join(c.tmp, "plain.warc")
    with open(plain, "wb") as f, gzip.open(c.files[0], "rb") as g:
        f.write(g.read())
    one = sites.run([sites.WINNOW, "clean", "-f", "json", c.files[0]])
    assert one == sites.run([sites.WINNOW, "clean", "-f", "json", plain])


def of_wget(c):
    sites.only_available("wget")
    want = {r["url"]: r for r in c.recs if r["host"] == "127.0.7.2"}
    for name in ("wget-zip.warc.gz", "wget-plain.warc"):
        rc, out, err = sites.run([sites.WINNOW, "clean", "-f", "json",
                                  os.path.join(c.tmp, name)])
        assert rc == 0, err
        got = {r["url"]: r for r in map(json.loads, out.splitlines())}
        same = [u for u in want if u in got and got[u]["id"] == want[u]["id"] and
                got[u]["text"] == want[u]["text"]]
        assert len(same) == len(want) > 30, (len(same), len(want), sorted(set(want) - set(got)))


def damaged(c):
    """Of a broken file what is whole comes, and the rest is told."""
    name = max(c.files, key=os.path.getsize)
    with open(name, "rb") as f:
        data = bytearray(f.read())
    n = len(responses(name))
    bad = os.path.join(c.tmp, "bad.warc.gz")
    for cut in (False, True):
        with open(bad, "wb") as f:
            if cut:
                f.write(data[:-100])
            else:
                f.write(data[:len(data) // 2] + b"\0" * 20 + data[len(data) // 2 + 20:])
        rc, out, err = sites.run([sites.WINNOW, "clean", "-f", "json", bad])
        assert rc == 5 and "about byte" in err, (rc, err)
        assert n - 3 <= out.count("\n") < n, (n, out.count("\n"), err)


def refused(c):
    for args, words in ((["--explain", c.files[0]], "winnow page --explain"),
                        (["-u", "http://a.test/", c.files[0]], "leave -u out")):
        rc, _, err = sites.run([sites.WINNOW, "clean", *args])
        assert rc == 2 and words in err, err
    path = os.path.join(c.tmp, "odd.warc")
    info = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    for data, status, words in ((info, 7, "no page in it"), (info + b"rubbish", 5, "about byte %d: " % len(info))):
        with open(path, "wb") as f:
            f.write(data)
        rc, _, err = sites.run([sites.WINNOW, "clean", path])
        assert rc == status and words in err, (rc, err)


def page_of_warc(c):
    for r in random.Random(1).sample(c.recs, 5):
        for what in (r["url"], r["id"]):
            p = subprocess.run([sites.WINNOW, "page", "-o", c.out, what], capture_output=True,
                               timeout=300, check=False)
            assert p.returncode == 0, p.stderr
            assert r["digest"] == "sha256:" + hashlib.sha256(p.stdout).hexdigest(), r["url"]
    conf = os.path.join(c.tmp, "winnowd.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[queue]\ndir = %s/queue\n[state]\ndir = %s/state\n" % (c.out, c.out))
    rc, out, err = sites.run([sites.WINNOW, "page", "-c", conf, "--json", c.recs[0]["id"]])
    known = json.loads(out)
    assert rc == 0 and known["from"] == "warc" and known["url"] == c.recs[0]["url"], (err, out)
    rc, _, err = sites.run([sites.WINNOW, "page", "-o", c.out, "http://nobody.test/"])
    assert rc == 7 and "keep.raw" in err
    assert sites.run([sites.WINNOW, "page", "-o", c.out, "nothing"])[0] == 2
    rc, _, err = sites.run([sites.WINNOW, "page", "-o", c.out + "-none", "http://nobody.test/"])
    assert rc == 1 and "no state in" in err, (rc, err)


def pruned(c):
    """A sealed file that goes takes its pages with it, whoever removed it."""
    copy = os.path.join(c.tmp, "copy")
    shutil.copytree(c.out + "/queue", copy + "/queue")
    ready = sorted(glob.glob(copy + "/queue/ready/*/*.gz"))
    os.unlink(ready[0])
    rc, _, err = sites.run([sites.WINNOW, "queue", "prune", copy, "--retain", "3650d"])
    assert rc == 0, err
    assert not os.path.exists(raw_of(ready[0])) and os.path.exists(raw_of(ready[1]))
    rc, _, err = sites.run([sites.WINNOW, "queue", "prune", copy, "--retain", "0s"])
    assert rc == 0, err
    assert [raw_of(f) for f in glob.glob(copy + "/queue/ready/*/*.gz")] == \
        glob.glob(copy + "/queue/raw/*/*.gz")


# ---- kills --------------------------------------------------------------------------

def killed(tmp):
    """kill -9 at any moment: each record lands once, and so does its page."""
    out, kills, rng = os.path.join(tmp, "killed"), 0, random.Random(7)
    with sites.Sites() as s, Server("127.0.7.3") as srv:
        names = ["page%d" % i for i in range(150)]
        for n in names:
            srv.put(n, Page(article(n)))
        srv.pages["/"] = Page(listing(names))
        cmd = s.crawl(out, *sites.HURRY, *WARC, "-O", "queue.seal_bytes=64KiB", "-O",
                      "queue.flush_after=50ms", "-O", "state.commit_every=10ms",
                      seeds=[srv.base + "/"])
        for _ in range(10):
            p = subprocess.Popen(cmd, stderr=subprocess.DEVNULL)
            try:
                p.wait(rng.uniform(0.05, 0.5))
                break
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
                kills += 1
        rc, _, err = sites.run(cmd, 120)
        assert rc == 0, err
    recs = sites.records(out)
    assert kills >= 3 and len(recs) == 150, (kills, len(recs))
    assert sites.once(recs) == "", sites.once(recs)
    assert whole(out) == 150


# ---- recent ---------------------------------------------------------------------------

def show(out, *args):
    p = subprocess.run([sites.WINNOW, "page", "-o", out, *args], capture_output=True, timeout=300,
                       check=False)
    return p.returncode, p.stdout


def recent(tmp):
    """The last pages are there, over a new start and a full lap; others are not."""
    out = os.path.join(tmp, "recent")
    with sites.Sites() as s, Server("127.0.7.4") as srv:
        names = ["page%d" % i for i in range(60)]
        for n in names:
            srv.put(n, Page(article(n)))
        srv.pages["/"] = Page(listing(names))
        cmd = s.crawl(out, *sites.HURRY, "-O", "keep.raw_bytes=64KiB", seeds=[srv.base + "/"])
        for more in (["--max-pages", "30"], []):
            rc, _, err = sites.run(cmd + more)
            assert rc == 0, err
        assert os.path.getsize(out + "/state/recent.pages") <= (64 << 10) + 4096
        assert not os.path.exists(out + "/queue/raw")
        asked = [r[1] for r in srv.log if r[1].startswith("/a/")]
        got = [show(out, srv.base + path)[0] for path in asked]
        kept = got.index(0)
        assert 0 < kept < len(asked) - 10 and not any(got[kept:]) and all(
            rc == 7 for rc in got[:kept]), got
        last = asked[-1]
        name = last[3:-5]
        assert show(out, srv.base + last) == (0, article(name))
        head = show(out, "--headers", srv.base + last)[1]
        assert head.startswith(b"HTTP/1.1 200 OK\r\n") and head.endswith(article(name))
        rec = next(r for r in sites.records(out) if r["url"].endswith(last))
        assert show(out, rec["id"]) == (0, article(name))
        known = json.loads(show(out, "--json", rec["id"])[1])
        assert known["from"] == "recent" and known["url"] == rec["url"], known
        rc, html = show(out, "--explain", rec["id"])
        assert rc == 0 and html.startswith(b"<!DOCTYPE html>") and name.title().encode() in html
        rc, _, err = sites.run(cmd + ["-O", "keep.raw=none"])
        assert rc == 0, err
        assert not os.path.exists(out + "/state/recent.pages")


def main():
    t = sites.Cases()
    with sites.workdir() as tmp:
        c = Crawl(tmp)
        for name, fn in (
                ("raw: every record has its page in the file of the same name, valid to the letter",
                 paired),
                ("raw: verify finds nothing wrong", verified),
                ("raw: warcio reads them, and their digests are right", warcio),
                ("raw: winnow clean makes the same records of them again", again),
                ("raw: winnow clean reads them from standard input, and plain", from_stdin),
                ("raw: winnow clean reads what wget keeps, and makes the same records", of_wget),
                ("raw: a damaged file costs what is damaged, and says so", damaged),
                ("raw: what a WARC file cannot be asked is refused in words", refused),
                ("page: found in the WARC files by address and by id", page_of_warc),
                ("raw: pages go with their records, whoever removes those", pruned)):
            t.case(name, fn, c)
        t.case("raw: chunks are undone, all else is as it came; noindex is not kept", as_it_came, tmp)
        t.case("raw: the charset of a seed's line serves when it is cleaned again", hints, tmp)
        t.case("raw: ten kill -9 lose no page and keep none twice", killed, tmp)
        t.case("page: the last pages are there, over a new start and a full lap", recent, tmp)
    sys.exit(t.failed > 0)


if __name__ == "__main__":
    main()
