#!/usr/bin/env python3
"""Other people's programs read what the daemon wrote: the recipes of
queue/RECIPES.md, taken out of it and run.

A recipe's section says with a comment what its blocks must come to:
  count           the number of records
  texts           every text in order of seq, each with a line feed behind it,
                  and with "title" for "text" every title likewise
  records         byte for byte the lines of the sealed files
  lines           something
  shipped         the copy holds all of it, and the queue let go of it; a second
                  run changes nothing
  spooled         the texts, and no sealed file is left
  unit NAME       a unit that systemd accepts
A section with <!-- mark --> is run, one that begins with "Not run" is not.

Where a program is missing its case is skipped; with READERS=all it fails.
--write puts versions and today's date into RECIPES.md when all have passed."""
import contextlib
import datetime
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "crawler"), os.path.join(HERE, "..", "sites")]
import sites  # noqa: E402
import webpages  # noqa: E402

RECIPES = os.path.join(ROOT, "queue/RECIPES.md")
MODULES = os.path.abspath(os.path.join(sites.BUILD, "readers/node_modules"))
LIMIT = 60

# What a section needs, and how its version is asked for.
GZIP, JQ = ["gzip", "--version"], ["jq", "--version"]
PROGRAMS = {
    "gzip": [GZIP],
    "jq": [JQ],
    "pigz": [["pigz", "--version"]],
    "zstd": [["zstd", "--version"]],
    "busybox": [["busybox"]],
    "bsdcat": [["bsdcat", "--version"]],
    "ripgrep": [["rg", "--version"]],
    "Python": [["python3", "--version"]],
    "pandas": [["python3", "pandas"]],
    "Miller": [["mlr", "--version"]],
    "DuckDB": [["node", "@duckdb/node-api"]],
    "Polars": [["node", "nodejs-polars"]],
    "warcio": [["node", "warcio"]],
    "ClickHouse": [["clickhouse-client", "--version"]],
    "A consumer in the shell": [JQ],
    "rsync": [["rsync", "--version"]],
    "rclone": [["rclone", "--version"]],
    "Spool: take a file, use it, delete it": [JQ],
}


# ---- the queue ---------------------------------------------------------------

# Titles that a program which guesses types takes for something else.
ODD = ["2026", "true", "null", "2026-11-22", "=1+1", "0x10", "1e5", "-0",
       'He said "no\\no", twice', "\U0001f9ed compass", "\u0645\u0631\u062d\u0628\u0627",
       "tab, comma; 'quote'"]


def page(title, *names):
    return webpages.Page((
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>%s</title></head>"
        "<body><article><h1>%s</h1>%s</article></body></html>" % (
            title, title, "\n".join(webpages.text(n) for n in names))).encode())


def crawl(tmp):
    """A daemon crawls the example sites and the odd ones; a file for each seed."""
    with sites.Sites() as s, webpages.Server("127.0.6.1") as w:
        w.pages["/a/long.html"] = page("The long one", *("chapter %d" % i for i in range(200)))
        for i, title in enumerate(ODD):
            w.pages["/a/odd%d.html" % i] = page(title, "odd %d" % i)
        wanted = {"The long one", *ODD}
        odd = [w.base + "/a/odd%d.html" % i for i in range(len(ODD))]
        settings = [("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", s.dns),
                    ("fetch.hosts_file", ""), ("politeness.robots", "ignore"),
                    ("politeness.delay", "20ms"), ("queue.seal_after", "1s")]
        with sites.Daemon(tmp, settings) as d:
            d.start().ready()
            for seeds in ([s.seeds[0]], s.seeds[1:], odd + [w.base + "/a/long.html"]):
                rc, _, err = d.ask("seed", "add", *seeds)
                assert rc == 0, err
                before = len(d.files())
                assert sites.wait_for(lambda: len(d.files()) > before, 60, 0.1), d.status()
            assert sites.wait_for(lambda: wanted <= {r["title"] for r in d.records()},
                                  60, 0.2), d.status()
            rc, _ = d.stop(limit=30)
            assert rc == 0, d.words()
    return os.path.join(tmp, "queue")


def members(name):
    """Sizes of the members of a file, by the index in each header."""
    with open(name, "rb") as f:
        data = f.read()
    at, sizes = 0, []
    while at < len(data):
        assert data[at:at + 4] == b"\x1f\x8b\x08\x04" and data[at + 12:at + 14] == b"WQ", at
        sizes.append(int.from_bytes(data[at + 20:at + 24], "little"))
        at += sizes[-1]
    assert at == len(data), name
    return sizes


class Queue:
    """The directory, and what is in it as this program's own reader has it."""

    def __init__(self, tmp):
        self.dir = crawl(tmp)
        self.files = sorted(glob.glob(self.dir + "/ready/*/*.jsonl.gz"))
        self.lines = b"".join(gzip.open(f).read() for f in self.files)
        self.records = [json.loads(line) for line in self.lines.split(b"\n")[:-1]]
        self.texts = "".join(r["text"] + "\n" for r in self.records).encode()

    def shape(self):
        seqs = [int(r["seq"]) for r in self.records]
        assert seqs == list(range(1, len(seqs) + 1)), seqs
        assert len(self.files) >= 3, self.files
        assert max(len(members(f)) for f in self.files) >= 2, "no file of several members"
        longest = max(len(line) for line in self.lines.split(b"\n"))
        assert longest > 256 * 1024, longest


def digest(data):
    return hashlib.sha256(data).hexdigest()


# ---- the document --------------------------------------------------------------

class Section:
    """A heading of RECIPES.md with its blocks: (gives, language, code)."""

    def __init__(self, title, body):
        self.title, self.body = title, body
        self.marked = "<!-- mark -->" in body
        self.blocks = re.findall(
            r"(?ms)^<!-- gives: (.*?) -->\n```(\w+)\n(.*?)^```$", body)


def sections(text):
    parts = re.split(r"(?m)^##+ (.*)\n", text)
    return [Section(t, b) for t, b in zip(parts[1::2], parts[2::2])]


# ---- running ---------------------------------------------------------------------

def python_with(module):
    """An interpreter that has the module: the first python3, or the system's."""
    for p in ("python3", "/usr/bin/python3"):
        if shutil.which(p) and subprocess.run(
                [p, "-c", "import " + module], capture_output=True, check=False).returncode == 0:
            return p
    return None


def which(program):
    """Its path: the system's, or what was unpacked below build/."""
    return shutil.which(program) or shutil.which(
        program, path=os.path.abspath(os.path.join(sites.BUILD, "readers/usr/sbin")))


def version_of(need):
    """The version of a program or of one's package; None when it is not there."""
    program, what = need[0], need[-1]
    if which(program) is None:
        return None
    if program == "clickhouse-client" and which("clickhouse-server") is None:
        return None
    if program == "node":
        name = os.path.join(MODULES, what, "package.json")
        if not os.path.exists(name):
            return None
        with open(name, encoding="utf-8") as f:
            return json.load(f)["version"]
    cmd = [which(program), *need[1:]]
    if program == "python3" and what != "--version":
        interpreter = python_with(what)
        if interpreter is None:
            return None
        cmd = [interpreter, "-c", "import %s as m; print(m.__version__)" % what]
    p = subprocess.run(cmd, capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+(-r\.\d+)?", p.stdout + p.stderr)
    return found.group(0) if found else None


class ClickHouse:
    """A server of ClickHouse on loopback; its client finds it by HOME."""

    SERVER = """<yandex><logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><tcp_port>%d</tcp_port><http_port>%d</http_port>
<path>%s/data/</path><tmp_path>%s/tmp/</tmp_path><mark_cache_size>104857600</mark_cache_size>
<users_config>users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database></yandex>"""
    USERS = """<yandex><profiles><default></default></profiles><quotas><default></default></quotas>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users></yandex>"""
    CLIENT = "<config><host>127.0.0.1</host><port>%d</port></config>"

    def __init__(self, home):
        self.home, self.proc = home, None

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def __enter__(self):
        tcp, http = free_ports(2)
        config = self.write("server.xml", self.SERVER % (tcp, http, self.home, self.home))
        self.write("users.xml", self.USERS)
        self.write(".clickhouse-client/config.xml", self.CLIENT % tcp)
        with open(os.path.join(self.home, "log"), "wb") as log:
            self.proc = subprocess.Popen(
                [which("clickhouse-server"), "--config-file=" + config],
                stdout=log, stderr=log, cwd=self.home)
        env = dict(os.environ, HOME=self.home)
        assert sites.wait_for(lambda: self.proc.poll() is not None or subprocess.run(
            ["clickhouse-client", "--query", "SELECT 1"], env=env, capture_output=True,
            check=False).returncode == 0, 30, 0.2), "the server did not answer"
        assert self.proc.poll() is None, "the server ended"
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()


def free_ports(n):
    """Ports of loopback that nobody has now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def command(language, code):
    if language == "python":
        packages = re.findall(r"(?m)^import (pandas)", code)
        return [python_with(packages[0]) if packages else "python3", "-c", code]
    if language == "js":
        return ["node", "-e", code]
    return ["sh", "-c", code]


def run(language, code, queue, copy):
    env = dict(os.environ, QUEUE=queue, COPY=copy, NODE_PATH=MODULES, LC_ALL="C.UTF-8",
               HOME=os.path.dirname(queue),
               PATH=os.path.abspath(sites.BUILD) + ":" + os.environ["PATH"])
    p = subprocess.run(command(language, code), capture_output=True, timeout=LIMIT, env=env,
                       stdin=subprocess.DEVNULL, check=False)
    assert p.returncode == 0, (p.returncode, p.stderr.decode(errors="replace")[-2000:])
    return p.stdout


def sealed(queue):
    return sorted(glob.glob(queue + "/ready/*/*.jsonl.gz"))


NULLS = ("null", "None", "", "\\N", "nan", "<NA>", "ᴺᵁᴸᴸ")


def compare_titles(q, gives, out):
    """Each as it is; only what stands for none is the reader's own."""
    lines = out.decode().split("\n")[gives.startswith("count"):]
    assert len(lines) == len(q.records) + 1, (len(lines), len(q.records))
    for r, got in zip(q.records, lines):
        assert got == r["title"] or (r["title"] is None and got in NULLS), (r["title"], got)


def compare(q, gives, code, out, queue, copy):
    """What a block printed and left behind, against what it gives."""
    if gives == "lines":
        assert out.count(b"\n") > 2, out
    elif gives == "records":
        assert digest(out) == digest(q.lines), (len(out), len(q.lines))
    elif gives == "shipped":
        run("sh", code, queue, copy)
        rc, _, err = sites.run([sites.WINNOW, "queue", "verify", copy])
        assert rc == 0, err
        assert sealed(copy) and b"".join(gzip.open(f).read() for f in sealed(copy)) == q.lines
        assert len(sealed(queue)) == 1, sealed(queue)  # the newest stays
    else:
        if gives.startswith("count"):
            count, _, out = out.partition(b"\n")
            assert int(count) == len(q.records), (count, len(q.records))
        if gives != "count":
            assert digest(out) == digest(q.texts), (len(out), len(q.texts))
    if gives == "spooled":
        assert not sealed(queue), sealed(queue)


def unit(name, code, tmp):
    """systemd reads it without a word of complaint."""
    path = os.path.join(tmp, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(code)
    if not shutil.which("systemd-analyze") or not name.endswith(".service"):
        return
    # Its user and its program are not here.
    own = re.sub(r"(?m)^User=.*\n", "", code).replace("/usr/local/libexec/winnow-spool", "/dev/null")
    with open(path, "w", encoding="utf-8") as f:
        f.write(own)
    p = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                        *glob.glob(os.path.join(tmp, "winnow-spool.*"))],
                       capture_output=True, text=True, check=False)
    said = [x for x in p.stderr.splitlines() if "winnow-spool" in x]
    assert not said, said


def recipe(q, section, tmp, passed):
    for need in PROGRAMS[section.title]:
        if version_of(need) is None:
            if os.environ.get("READERS") == "all":
                raise AssertionError("%s is missing" % need[-1])
            raise sites.Cases.Skip("%s is not installed" % (
                need[-1] if need[0] in ("node", "python3") else need[0]))
    units = os.path.join(tmp, "units")
    os.makedirs(units, exist_ok=True)
    assert section.blocks, "no block to run"
    for i, (gives, language, code) in enumerate(section.blocks):
        if gives.startswith("unit "):
            unit(gives[5:], code, units)
            continue
        work = os.path.join(tmp, re.sub(r"\W+", "-", section.title) + str(i))
        queue, copy = os.path.join(work, "queue"), os.path.join(work, "copy")
        shutil.copytree(q.dir, queue)
        os.makedirs(copy)
        with ClickHouse(work) if section.title == "ClickHouse" else contextlib.nullcontext():
            out = run(language, code, queue, copy)
            compare(q, gives, code, out, queue, copy)
        shutil.rmtree(work)
        if gives.endswith("texts"):  # titles look like numbers and dates
            shutil.copytree(q.dir, queue)
            code = re.sub(r"(?<=[\"$.])text\b|(?<=SELECT )text\b", "title", code)
            with ClickHouse(work) if section.title == "ClickHouse" else contextlib.nullcontext():
                compare_titles(q, gives, run(language, code, queue, copy))
            shutil.rmtree(work)
    passed.append(section.title)


# ---- the marks -------------------------------------------------------------------

def marks(found):
    """Every section says whether it was run; what is run is known here."""
    for s in found:
        runs = s.title in PROGRAMS
        if s.title == "Other decompressors":
            continue
        assert s.marked == runs, s.title
        if runs:
            assert re.search(r"<!-- mark -->\n+Run with .* on \d{4}-\d\d-\d\d\.", s.body), s.title
            assert s.blocks, s.title
        else:
            assert s.body.lstrip().startswith("Not run: "), s.title
            assert not s.blocks, s.title
    assert {s.title for s in found} >= set(PROGRAMS), set(PROGRAMS) - {s.title for s in found}


def versions(section):
    """jq 1.6, by the names of its programs where the title is not one."""
    return " and ".join("%s %s" % (section.title if len(section.title) < 12 else need[0],
                                   version_of(need)) for need in PROGRAMS[section.title])


def write(found):
    """Versions and date into the document."""
    today = datetime.date.today().isoformat()
    with open(RECIPES, encoding="utf-8") as f:
        text = f.read()
    rows = []
    for s in found:
        if s.title in PROGRAMS:
            text = text.replace(s.body, re.sub(
                r"<!-- mark -->\n(Run with .*\n)?\n*",
                "<!-- mark -->\nRun with %s on %s.\n\n" % (versions(s), today), s.body))
            rows.append("| %s | %s | run %s |" % (s.title, versions(s), today))
        elif not s.marked and s.title != "Other decompressors":
            rows.append("| %s | | not run |" % s.title)
    text = re.sub(r"(?s)(\|---\|---\|---\|\n).*?(<!-- end of table -->)",
                  lambda m: m.group(1) + "".join(r + "\n" for r in rows) + m.group(2), text)
    with open(RECIPES, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    with open(RECIPES, encoding="utf-8") as f:
        found = sections(f.read())
    c = sites.Cases()
    if "--write" not in sys.argv:
        c.case("recipes: each says whether it was run, with version and date", marks, found)
    with sites.workdir() as tmp:
        q = None

        def produce():
            nonlocal q
            q = Queue(os.path.join(tmp, "daemon"))
            q.shape()
        c.case("readers: a queue of the daemon's, several files and members, a long record", produce)
        if q is None:
            return 1
        passed = []
        for s in found:
            if s.title in PROGRAMS:
                c.case("readers: %s" % s.title, recipe, q, s, tmp, passed)
        print("  %d records, %d files, %d bytes of texts, SHA-256 %s" % (
            len(q.records), len(q.files), len(q.texts), digest(q.texts)))
        for s in found:
            if s.title in passed:
                print("  %-40s %s" % (s.title, versions(s)))
        if "--write" in sys.argv and len(passed) == len(PROGRAMS):
            write(found)
    return c.failed > 0


if __name__ == "__main__":
    sys.exit(main())
