#!/usr/bin/env python3
"""Every form of winnow queue cat, read back: jsonl with fields and conditions
against a filter written here, csv by Python's reader, text by its separator,
WARC by a checker of our own; pandas, Miller, DuckDB and warcio where they are
(make check-readers brings them)."""
import base64
import csv
import glob
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402
from webpages import Page, Server, article, listing  # noqa: E402

MODULES = os.path.abspath(os.path.join(sites.BUILD, "readers/node_modules"))
CSV_NAME = "articles.csv"
# Titles that a table or a header takes amiss.
ODD = ['He said "no", twice', "=1+1", "+1", "-1", "@SUM(A1)", "a, b; c", "'quoted'",
       "2026-11-22", "null", "\U0001f9ed compass", "tab\there"]
PATHS = ["/a/b|c^d.html", "/a/%22q%22.html", "/a/{x}.html"]


class Queue:
    """A crawl: the example sites, the tests' pages, the odd ones; raw pages kept."""

    def __init__(self, tmp):
        self.dir = tmp
        with sites.Sites() as s, Server("127.0.6.5") as srv:
            names = []
            for path in sorted(glob.glob(os.path.join(ROOT, "tests/cleaner/pages/*/source.html"))):
                names.append(os.path.basename(os.path.dirname(path)))
                with open(path, "rb") as f:
                    srv.put(names[-1], Page(f.read()))
            for i, title in enumerate(ODD):
                names.append("odd%d" % i)
                srv.put(names[-1], Page(article(names[-1]).replace(
                    b"News of odd%d" % i, title.encode())))
            links = b"".join(b'<li><a href="%s">The odd page at %s</a></li>' % (p.encode(), b"x" * 20)
                             for p in PATHS)
            for p in PATHS:
                asked = p.replace("^", "%5E").replace("{", "%7B").replace("}", "%7D")
                srv.pages[asked] = Page(article(p.strip("/").replace("/", " ")))
            srv.pages["/"] = Page(listing(names).replace(b"<ul>", b"<ul>" + links))
            rc, _, err = sites.run(s.crawl(tmp, *sites.HURRY, "-O", "keep.raw=warc",
                                           seeds=s.seeds + [srv.base + "/"]))
            assert rc == 0, err
        self.recs = sites.records(tmp)
        assert len(self.recs) >= 80, len(self.recs)

    def cat(self, *more, rc=0):
        p = subprocess.run([sites.WINNOW, "queue", "cat", *more, self.dir],
                           capture_output=True, timeout=300, check=False)
        assert p.returncode == rc, (p.returncode, p.stderr)
        return p.stdout.decode() if rc == 0 else p.stderr.decode()


# ---- jsonl -------------------------------------------------------------------

def get(r, path):
    for key in path.split("."):
        r = r[key]
    return r


def fields(q):
    want = ["url", "removed.nav", "text", "authors", "title", "seq"]
    got = [json.loads(line) for line in q.cat("--fields", ", ".join(want)).splitlines()]
    assert got == [{k: get(r, k) for k in want} for r in q.recs]
    assert all(list(g) == want for g in got)
    zcat = b"".join(gzip.open(f).read() for f in sorted(glob.glob(
        os.path.join(q.dir, "queue/ready/*/*.gz"))))
    assert q.cat().encode() == zcat


def moment(text):
    return text  # strings of one form sort as the moments they name


WHERE = {
    "chars>500": lambda r: r["chars"] > 500,
    "chars<=500": lambda r: r["chars"] <= 500,
    "seq=7": lambda r: r["seq"] == 7,
    "seq!=7": lambda r: r["seq"] != 7,
    "removed.nav>=3": lambda r: r["removed"]["nav"] >= 3,
    "repairs.gloss>0": lambda r: r["repairs"]["gloss"] > 0,
    "quality<0.5": lambda r: r["quality"] < 0.5,
    "language=zh": lambda r: r["language"] == "zh",
    "language!=zh": lambda r: r["language"] != "zh",
    "text~教育": lambda r: "教育" in r["text"],
    'title~"no"': lambda r: "no" in (r["title"] or ""),
    'title~He said "no"': lambda r: 'He said "no"' in (r["title"] or ""),
    'title="null"': lambda r: r["title"] == "null",
    "title=null": lambda r: r["title"] is None,
    "date_publish=null": lambda r: r["date_publish"] is None,
    "date_publish!=null": lambda r: r["date_publish"] is not None,
    "date_publish>=2023-11": lambda r: (r["date_publish"] or "") >= "2023-11",
    "date_publish<2023-11": lambda r: r["date_publish"] is not None and r["date_publish"] < "2023-11",
    "authors!=null": lambda r: r["authors"] != [],
    "authors~道": lambda r: any("道" in a for a in r["authors"]),
    "tags=黨建": lambda r: "黨建" in r["tags"],
    "tags!=黨建": lambda r: "黨建" not in r["tags"],
    "truncated=false": lambda r: r["truncated"] is False,
    "page_type=forum": lambda r: r["page_type"] == "forum",
    "dup_of=null": lambda r: r["dup_of"] is None,
}


def where(q):
    some = 0
    for text, holds in WHERE.items():
        got = [json.loads(line)["seq"] for line in q.cat("--where", text).splitlines()]
        want = [r["seq"] for r in q.recs if holds(r)]
        assert got == want, (text, got, want)
        some += 0 < len(want) < len(q.recs)
    assert some >= len(WHERE) - 8, some
    both = q.cat("--where", "chars>300", "--where", "language=zh")
    assert [json.loads(x)["seq"] for x in both.splitlines()] == \
        [r["seq"] for r in q.recs if r["chars"] > 300 and r["language"] == "zh"]


def refused(q):
    for more, words in (
            (["--fields", "titel"], "did you mean 'title'"),
            (["--where", "removed.nva>1"], "did you mean 'removed.nav'"),
            (["--where", "chars>many"], "'chars' cannot be compared with 'many': it is a number"),
            (["--where", "removed=1"], "has keys"), (["--where", "truncated=maybe"], "true or false"),
            (["--where", "title>null"], "null"), (["--where", "title"], "not a condition"),
            (["--where", "event=nwe"], "it is one of"),
            (["--format", "xml"], "jsonl, text, csv or warc")):
        err = q.cat(*more, rc=2)
        assert words in err and err.count("\n") == 1, (more, err)


# ---- csv ---------------------------------------------------------------------

def cell(v):
    if v is None:
        return ""
    if isinstance(v, list):
        return "; ".join(v)
    if isinstance(v, bool):
        return "true" if v else "false"
    return v if isinstance(v, str) else json.dumps(v)


def table(q):
    out = q.cat("--format", "csv")
    assert not out.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(out, newline=""), strict=True))
    names = list(q.recs[0])
    assert rows[0] == names and len(rows) == len(q.recs) + 1
    for row, r in zip(rows[1:], q.recs):
        assert len(row) == len(names)
        for name, got in zip(names, row):
            if isinstance(r[name], (dict, float)):
                assert json.loads(got) == r[name], (name, got)
            else:
                assert got == cell(r[name]), (name, got, r[name])
    plain = re.sub(r'"[^"]*"', "", out)
    assert "\n" not in plain.replace("\r\n", ""), "every line ends in CRLF"
    # Which cells are in quotes: the empty string, not null.
    out = q.cat("--format", "csv", "--fields", "seq,etag,removed.nav", "--where", "seq=1")
    r = q.recs[0]
    etag = '"%s"' % r["etag"].replace('"', '""') if r["etag"] is not None else ""
    assert out == "seq,etag,removed.nav\r\n1,%s,%d\r\n" % (etag, r["removed"]["nav"]), out
    assert q.cat("--format", "csv", "--fields", "url", "--where", "seq=0") == "url\r\n"


def texts(recs):
    return hashlib.sha256("".join(r["text"] + "\n" for r in recs).encode()).hexdigest()


PANDAS = """import sys, hashlib, pandas
t = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
print(len(t), hashlib.sha256("".join(x + "\\n" for x in t["text"]).encode()).hexdigest())"""
DUCK = """const {DuckDBInstance} = require('%s/@duckdb/node-api');
(async () => {
  const c = await (await DuckDBInstance.create()).connect();
  const r = await c.runAndReadAll("SELECT text FROM read_csv('" + process.argv[1] +
    "', all_varchar = true, max_line_size = 16777216) ORDER BY seq::BIGINT");
  const h = require('crypto').createHash('sha256');
  for (const [t] of r.getRows()) h.update(t + '\\n');
  console.log(r.getRows().length, h.digest('hex'));
})();"""


def have(*probe):
    return shutil.which(probe[0]) is not None and subprocess.run(
        probe, capture_output=True, check=False).returncode == 0


def pandas_python():
    for p in (sys.executable, "/usr/bin/python3"):
        if have(p, "-c", "import pandas"):
            return p
    return None


def foreign_csv(q, cmd):
    path = os.path.join(q.dir, CSV_NAME)
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(q.cat("--format", "csv"))
    rc, out, err = sites.run(cmd + [path])
    assert rc == 0, err
    return out


def counted(q, cmd):
    out = foreign_csv(q, cmd).split()
    assert out == [str(len(q.recs)), texts(q.recs)], out


def miller(q):
    got = json.loads(foreign_csv(q, ["mlr", "-S", "--icsv", "--ojson", "cut", "-f", "text"]))
    assert texts(got) == texts(q.recs) and len(got) == len(q.recs)


# ---- text --------------------------------------------------------------------

def as_text(r):
    head = [r["title"]] if r["title"] is not None else []
    if r["page_type"] == "forum" and head and (r["text"] + "\n").startswith(head[0] + "\n"):
        head = []
    if r["subtitle"] is not None:
        head.append(r["subtitle"])
    return "".join(line + "\n" for line in head) + "\n" + r["text"] + "\n"


def plain(q):
    for option in ["--format", "text"], ["--text"]:
        parts = q.cat(*option).split("\f\n")
        assert parts.pop() == ""
        assert parts == [as_text(r) for r in q.recs]
    assert any(r["page_type"] == "forum" and not as_text(r).startswith(r["title"] + "\n\n")
               for r in q.recs), "a thread whose text has its subject"
    assert any(r["subtitle"] for r in q.recs)
    out = q.cat("--text", "--fields", "title,authors,chars", "--where", "seq=1")
    r = q.recs[0]
    assert out == "%s\n%s\n%d\n\f\n" % (r["title"], "; ".join(r["authors"]), r["chars"]), out
    # As winnow clean prints the page.
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/cleaner/pages/*/source.html"))):
        rc, want, _ = sites.run([sites.WINNOW, "clean", "-f", "text", path])
        rc, line, _ = sites.run([sites.WINNOW, "clean", "-f", "json", path])
        if rc == 0:
            assert as_text(json.loads(line)) == want, path


# ---- WARC --------------------------------------------------------------------

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
UUID = re.compile(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def warc_records(data):
    """(headers, block) of every record, by ISO 28500:2017 to the letter."""
    at, ids = 0, set()
    while at < len(data):
        end = data.index(b"\r\n\r\n", at)
        version, *lines = data[at:end].decode().split("\r\n")
        assert version == "WARC/1.1", version
        head = {}
        for line in lines:
            name, value = re.fullmatch(r"([A-Za-z-]+): ([^\r\n]*)", line).groups()
            assert name.lower() not in head, "%s twice" % name
            head[name.lower()] = value
        for name in "warc-record-id", "warc-date", "warc-type", "content-length", "content-type":
            assert name in head, (name, head)
        assert UUID.fullmatch(head["warc-record-id"]), head
        assert head["warc-record-id"] not in ids, "an identifier twice"
        ids.add(head["warc-record-id"])
        assert DATE.fullmatch(head["warc-date"]), head
        block = data[end + 4:end + 4 + int(head["content-length"])]
        assert len(block) == int(head["content-length"])
        at = end + 4 + len(block)
        assert data[at:at + 4] == b"\r\n\r\n", "two line ends behind a record"
        at += 4
        for name in "warc-block-digest", "warc-payload-digest":
            if name == "warc-block-digest" and name in head:
                algorithm, digest = head[name].split(":")
                made = hashlib.new(algorithm, block)
                assert digest in (made.hexdigest(), base64.b32encode(made.digest()).decode()), head
        yield head, block


def wet(q):
    out = q.cat("--format", "warc")
    assert out == q.cat("--format", "warc"), "the same records give the same bytes"
    (info, about), *rest = list(warc_records(out.encode()))
    assert info["warc-type"] == "warcinfo" and "warc-target-uri" not in info
    assert info["content-type"] == "application/warc-fields"
    assert all(re.fullmatch(r"[A-Za-z]+: .+", x) for x in about.decode().split("\r\n")[:-1]), about
    assert len(rest) == len(q.recs)
    raw = {}
    for path in sorted(glob.glob(os.path.join(q.dir, "queue/raw/*/*.warc.gz"))):
        with gzip.open(path) as f:
            for head, _ in warc_records(f.read()):
                raw[head["warc-record-id"]] = head
    assert len(raw) > len(q.recs), len(raw)
    strange = 0
    for (head, block), r in zip(rest, q.recs):
        assert head["warc-type"] == "conversion"
        assert head["content-type"] == "text/plain; charset=UTF-8"
        assert head["warc-date"] == r["date_download"]
        assert URI.fullmatch(head["warc-target-uri"]), head
        assert re.sub("%..", "", head["warc-target-uri"]) == \
            re.sub("%..|[|^{}]", "", r["url"]), (head["warc-target-uri"], r["url"])
        strange += head["warc-target-uri"] != r["url"]
        assert head["warc-warcinfo-id"] == info["warc-record-id"]
        assert block.decode() == as_text(r)
        of = raw[head["warc-refers-to"]]  # what it refers to is kept
        assert of["warc-type"] == "response" and of["winnow-record-id"] == r["id"]
        assert of["warc-record-id"] != head["warc-record-id"]
    assert strange, "an address that RFC 3986 does not take as it is"
    # A part of the queue, and a queue that keeps no raw pages.
    os.rename(os.path.join(q.dir, "queue/raw"), os.path.join(q.dir, "raw"))
    try:
        got = list(warc_records(q.cat("--format", "warc", "--where", "seq=5").encode()))
    finally:
        os.rename(os.path.join(q.dir, "raw"), os.path.join(q.dir, "queue/raw"))
    assert len(got) == 2 and "warc-refers-to" not in got[1][0]
    assert got[1][1].decode() == as_text(q.recs[4])


WARCIO = """import {WARCParser} from '%s/warcio/dist/index.js';
import fs from 'fs';
import crypto from 'crypto';
let n = 0, h = crypto.createHash('sha256');
for await (const r of new WARCParser(fs.createReadStream(process.argv[2]))) {
  const b = Buffer.from(await r.readFully(false));
  const d = 'sha256:' + crypto.createHash('sha256').update(b).digest('hex');
  if (r.warcHeaders.headers.get('WARC-Block-Digest') !== d) throw new Error('digest ' + n);
  if (n === 0 ? r.warcType !== 'warcinfo' : r.warcType !== 'conversion') throw new Error(r.warcType);
  if (n++ > 0) h.update(b);
}
console.log(n - 1, h.digest('hex'));"""


def warcio(q):
    path, script = os.path.join(q.dir, "wet.warc"), os.path.join(q.dir, "read.mjs")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(q.cat("--format", "warc"))
    with open(script, "w", encoding="utf-8") as f:
        f.write(WARCIO % MODULES)
    rc, out, err = sites.run(["node", script, path])
    assert rc == 0, err
    want = hashlib.sha256("".join(as_text(r) for r in q.recs).encode()).hexdigest()
    assert out.split() == [str(len(q.recs)), want], out


# ---- all of it ---------------------------------------------------------------

def main():
    python = pandas_python()
    cases = [
        ("formats: fields as asked, in that order, and all of it is what zcat prints", fields, True),
        ("formats: a condition keeps what a filter of the reader's own keeps", where, True),
        ("formats: what cannot be is refused in one line that says what to do", refused, True),
        ("formats: csv is read back cell by cell by Python", table, True),
        ("formats: text is split at its separator, and is what winnow clean prints", plain, True),
        ("formats: warc is valid to the letter, and refers to the raw pages", wet, True),
        ("formats: pandas reads the csv", lambda q: counted(q, [python, "-c", PANDAS]), python),
        ("formats: Miller reads the csv", miller, have("mlr", "--version")),
        ("formats: DuckDB reads the csv", lambda q: counted(q, ["node", "-e", DUCK % MODULES]),
         os.path.isdir(os.path.join(MODULES, "@duckdb/node-api"))),
        ("formats: warcio reads the warc", warcio, os.path.isdir(os.path.join(MODULES, "warcio"))),
    ]
    bad = 0
    with sites.workdir() as tmp:
        q = Queue(tmp)
        for name, case, there in cases:
            if not there:
                print("skip - %s: it is not here, make check-readers brings it" % name)
                continue
            try:
                case(q)
                sites.ok(True, name)
            except (AssertionError, AttributeError, ValueError, subprocess.TimeoutExpired) as e:
                bad = 1
                sites.ok(False, name, repr(e)[:1500])
    return bad


if __name__ == "__main__":
    sys.exit(main())
