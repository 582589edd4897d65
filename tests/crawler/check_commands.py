#!/usr/bin/env python3
"""The commands of winnow: --help, misspellings, and who knows which option.

What --help says (crawler/commands.def) is compared with the manual pages and
with the getopt of each command; nobody else is asked."""
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "crawler"))
import sites

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
WINNOW = os.path.abspath(sites.WINNOW)
WINNOWD = os.path.abspath(sites.WINNOWD)
VALUES = {"NUMBER": "1", "N": "1", "SEQ": "1", "URL": "http://h.test/", "T": "1s",
          "DIR": "none", "TIME": "1h", "HEADER": "Date: x", "SIZE": "1KiB",
          "section.key=value": "fetch.timeout=9s", "FIELD=VALUE": "seq=1",
          "A,B": "url,seq", "SOCKET": "none.sock", "SECONDS": "1", "NAME": "h.test"}


def winnow(*args, **more):
    return sites.run([WINNOW, *args], **more)


def names():
    """Every command: what --help of winnow and of its groups lists."""
    _, out, _ = winnow("--help")
    found = []
    for name in re.findall(r"(?m)^  (\w+) +\w", out):
        _, text, _ = winnow(name, "--help")
        group = text.startswith("usage: winnow %s COMMAND" % name)
        found += [line[2:20].strip() for line in text.splitlines()
                  if line.startswith("  ")] if group else [name]
    return found


def helps():
    """(name, letter, long, value's name) of every option, and the operands."""
    for name in names():
        rc, out, err = winnow(*name.split(), "--help")
        assert rc == 0 and err == "", (name, err)
        yield name, options_of(out), out


def options_of(text):
    return [(letter, long_, arg or "") for letter, long_, arg in re.findall(
        r"(?m)^  (?:-(\w))?,? *(?:--([\w-]+))?(?:\[?[ =]([^\s\]]+)\]?)?(?: .*)?$", text)
        if (letter or long_) and long_ != "help"]


def every_command(tmp):
    got = names()
    for name in ("clean", "crawl", "queue cat", "queue cursor rm", "seed add", "why",
                 "host", "page", "status", "stop", "check", "schema", "completion"):
        assert name in got, (name, got)
    for name in got:
        for args in ([*name.split(), "--help"], [*name.split(), "-h"],
                     ["help", *name.split()]):
            rc, out, err = winnow(*args)
            assert rc == 0 and err == "", (args, rc, err)
            assert out.startswith("usage: winnow " + name), (args, out)
            assert max(map(len, out.splitlines())) <= 80, out


def manual_of(name):
    page = "queue/winnow-queue.5" if name.startswith("queue") else \
        "crawler/winnowd.8" if name == "winnowd" else "crawler/winnow.1"
    with open(os.path.join(ROOT, page), encoding="utf-8") as f:
        return f.read()


def documented(tmp):
    rows = list(helps())
    _, out, _ = sites.run([WINNOWD, "--help"])
    rows.append(("winnowd", options_of(out), out))
    missing = []
    for name, options, _ in rows:
        page = manual_of(name)
        last = name.split()[-1]
        if not re.search(r"(?m)^\.(It|Ss|Nm|Cm|Ic)\b.*\b%s\b" % last, page):
            missing.append(name)
        for letter, long_, _ in options:
            if not (letter and re.search(r"Fl %s\b" % letter, page)) and \
                    not (long_ and re.search(r"Fl -%s(?![\w-])" % long_, page)):
                missing.append("%s %s" % (name, long_ or letter))
    assert not missing, missing


def synopsis(tmp):
    """Of each command of winnow(1) the block of its name has each option once."""
    del tmp
    blocks = {}
    text = manual_of("clean").split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
    for block in re.split(r"(?m)^\.Nm winnow\b", text)[1:]:
        words = block.strip().split("\n", 1)[0]
        names = words[4:].split(" | ") if words.startswith(".Cm") else [words]
        for name in names:
            blocks[name] = blocks.get(name, "") + block
    missing = []
    for name, options, _ in helps():
        if name.startswith("queue"):
            continue
        block = blocks.get(name, "")
        missing += ["%s %s" % (name, long_ or letter) for letter, long_, _ in options
                    if not (letter and re.search(r"Fl %s\b" % letter, block)) and
                    not (long_ and re.search(r"-%s(?![\w-])" % long_, block))]
    assert not missing, missing


def operands(name, text):
    """What the command needs: DIR and so on, in their order."""
    usage = text.split("\n\n")[0].replace("\n", " ")
    usage = re.sub(r"\[[^]]*\](\.\.\.)?", " ", usage).split()[2:]
    words = [w.rstrip(".") for w in usage[len(name.split()):]]
    return [VALUES.get(w, "http://h.test/" if "URL" in w else
                       w.split("|")[0] if "|" in w else "none") for w in words]


def own_getopt(tmp):
    """Each option of the table alone, as the command itself reads it."""
    conf = os.path.join(tmp, "none.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write("[control]\nsocket = %s/none.sock\n[state]\ndir = %s/none\n" % (tmp, tmp))
    said = re.compile(r"(unrecognized|invalid|unknown|no) option|is ambiguous|\\Ausage:")
    for name, options, text in helps():
        for letter, long_, arg in options:
            value = arg.split("|")[0] if "|" in arg else VALUES.get(arg, "none")
            for option in [o for o in (letter and "-" + letter, long_ and "--" + long_) if o]:
                args = name.split() + [option] + ([value] if arg and "[" not in text.split(
                    option)[1][:2] else []) + operands(name, text)
                if "[-c FILE]" in text and option != "-c" and name != "crawl":
                    args += ["-c", conf]
                if name == "queue ack" and option == "--rewind":
                    args += ["me", "1"]
                rc, _, err = winnow(*args, cwd=tmp, stdin="", limit=20)
                assert not said.search(err), (args, rc, err)


def own_table(tmp):
    """And no command knows one that the table has not."""
    known = set()
    for _, options, _ in helps():
        known |= {long_ for _, long_, _ in options}
    for path in glob.glob(os.path.join(ROOT, "*/cmd_*.c")) + \
            [os.path.join(ROOT, "crawler/client.c")]:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for table in re.findall(r"struct option \w+\[\] = \{(.*?)\};", text, re.S):
            for long_ in re.findall(r"\{\s*\"([\w-]+)\"", table):
                assert long_ in known | {"help"}, (path, long_)


SLIPS = (
    (["statsu"], "winnow: unknown command 'statsu', did you mean 'status'?"),
    (["frobnicate"], "winnow: unknown command 'frobnicate'"),
    (["queue", "lst", "x"], "winnow queue: unknown command 'lst', did you mean 'list'?"),
    (["queue"], "winnow queue: which of them?"),
    (["help", "queue", "nxt"], "winnow queue: unknown command 'nxt', did you mean 'next'?"),
    (["status", "--jsno"],
     "winnow status: unknown option '--jsno', did you mean '--json'?"),
    (["crawl", "--max-page=3", "--max-page"],
     "winnow crawl: option '--max-pages' needs a value: N"),
    (["crawl", "--max", "3"],
     "winnow crawl: option '--max' may be --max-pages --max-depth --max-time, write more of it"),
    (["why", "-x", "http://h.test/"], "winnow why: unknown option '-x'"),
    (["why"], "winnow why: URL is missing: the address, met before or not"),
    (["why", "a", "b"], "winnow why: 'b' is one too many"),
    (["why", "--", "-x", "-y"], "winnow why: '-y' is one too many"),
    (["page", "--json=x", "u"], "winnow page: option '--json' takes no value"),
    (["clean", "-f", "jsn"],
     "winnow clean: -f 'jsn': use text, json or html, did you mean 'json'?"),
    (["clean", "--form=jsn"],
     "winnow clean: --format 'jsn': use text, json or html, did you mean 'json'?"),
    (["clean", "-fjsn"],
     "winnow clean: -f 'jsn': use text, json or html, did you mean 'json'?"),
    (["check", "urk"], "winnow check: 'urk': use url, robots, date, charset, sitemap or "
     "feed, did you mean 'url'?"),
    (["check"], "winnow check: url|robots|date|charset|sitemap|feed is missing: of what"),
    (["completion", "tcsh"], "winnow completion: 'tcsh': use bash, zsh or fish"),
    (["status", "--watch=0"], "winnow: --watch '0': give seconds from 1 to 3600"),
    (["status", "--watch", "5"], "winnow status: '5': write --watch=5"),
    (["status", "--silent", "--watch"],
     "winnow status: give --silent or --watch, not both"),
    (["status", "-o", "x"],
     "winnow status: -o is for --silent; all else a daemon knows alone"),
    (["host", "-o", "x", "h.test", "forget"],
     "winnow host: forget is for a daemon; with -o there is none"),
    (["host", "h.test", "shwo"],
     "winnow host: 'shwo': use show, pause, resume or forget, did you mean 'show'?"),
    (["why", "a\nb"], "winnow why: 'a"),
    (["seed", "add"], "winnow seed add: SEEDS is missing: files with a URL a line, URLs, or -"),
)


def slips(tmp):
    for args, words in SLIPS:
        rc, out, err = winnow(*args)
        assert rc == 2 and out == "", (args, rc, out)
        assert err.splitlines()[0] == words, (args, err)
    for args, words in ((["-x"], "winnowd: unknown option '-x'"),
                        (["-c"], "winnowd: option '-c' needs a value: FILE"),
                        (["--versoin"],
                         "winnowd: unknown option '--versoin', did you mean '--version'?"),
                        (["start"], "winnowd: 'start': a host is for -T alone"),
                        (["-T", "a.test", "b.test"],
                         "winnowd: 'b.test' is one too many")):
        rc, out, err = sites.run([WINNOWD, *args])
        assert rc == 2 and out == "", (args, rc, out)
        assert err.splitlines()[0] == words, (args, err)


def short_forms(tmp):
    page = "<p>" + "Some words of an article that is long enough to be one. " * 20
    _, whole_, _ = winnow("clean", "--format", "json", stdin=page)
    for args in (["--form", "json"], ["--form=json"], ["-fjson"]):
        _, out, _ = winnow("clean", *args, stdin=page)
        assert re.sub(r'"date_download":"[^"]*"', "", out) == \
            re.sub(r'"date_download":"[^"]*"', "", whole_), args
    rc, out, _ = winnow("schema", "--fo=duckdb")
    assert rc == 0 and "{" in out
    assert winnow("schema", "--for", "duckdb")[1] == out


def full_stdout(tmp):
    with open("/dev/full", "w", encoding="utf-8") as full:
        for args in (["--help"], ["clean", "--help"], ["completion", "zsh"]):
            p = subprocess.run([WINNOW, *args], stdout=full, stderr=subprocess.PIPE,
                               text=True, check=False)
            assert p.returncode == 6, (args, p.returncode, p.stderr)


def main():
    c = sites.Cases()
    with sites.workdir() as tmp:
        for name, fn in (
                ("winnow: every command tells its options, in 80 columns", every_command),
                ("winnow: the manuals have every command and option of --help", documented),
                ("winnow: winnow(1) has every option in its synopsis", synopsis),
                ("winnow: a command's getopt takes every option of the table", own_getopt),
                ("winnow: no command's getopt knows another", own_table),
                ("winnow: a slip is named, with what was meant; status 2", slips),
                ("winnow: a long option may be cut short", short_forms),
                ("winnow: help that cannot be written is status 6", full_stdout)):
            c.case(name, fn, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
