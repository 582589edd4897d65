#!/usr/bin/env python3
"""What the documents name is there: keys, commands, options, files, targets of make,
metrics, manuals; and what is there is named where it has to be: each file in
ARCHITECTURE.md, each target in CONTRIBUTING.md, each variable that is read in a
manual. A document that tells of a key nobody reads is worse than none."""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WINNOW = os.path.join(ROOT, os.environ.get("BUILD", "build"), "winnow")
# The history names what has gone; figures name runs.
LEFT_OUT = {"BENCHMARKS.md"}
SECTIONS = re.compile(r"^SECTION\((\w+),", re.M)
KEYS = re.compile(r"^KEY\((\w+), (\w+),", re.M)
# A rule of the Makefile: names and a colon that sets nothing.
RULES = re.compile(r"^([a-z][\w. -]*):(?!=)", re.M)
# What a histogram puts behind its name.
SUFFIXES = ("_bucket", "_sum", "_count")
# Manuals of others that ours send to.
OTHERS = {("awk", "1"), ("systemd", "1"), ("zcat", "1"), ("fork", "2"), ("exec", "3"),
          ("inotify", "7"), ("logrotate", "8")}


def documents():
    found = [f for depth in range(3)
             for f in glob.glob(os.path.join(ROOT, *["*"] * depth, "*.md"))]
    return [f for f in sorted(found) if os.path.basename(f) not in LEFT_OUT
            and os.path.relpath(f, ROOT).split(os.sep)[0] != "build"]


def code(text):
    """Spans in backticks, lines of fences, lines that are indented as code."""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line
        else:
            yield from re.findall(r"`([^`]+)`", line)


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def wrong_keys():
    table = read(os.path.join(ROOT, "config", "keys.def"))
    sections, keys = set(SECTIONS.findall(table)), set(KEYS.findall(table))
    for name in documents():
        for piece in code(read(name)):
            for section, key in re.findall(r"(?<![\w./-])([a-z]+)\.([a-z][a-z_]+)(?![\w./(-])",
                                           piece):
                if section in sections and (section, key) not in keys and \
                        key not in ("c", "h", "def", "log", "conf", "md", "sh", "py", "txt"):
                    yield "%s: no key %s.%s" % (os.path.relpath(name, ROOT), section, key)


def helps():
    """Of each command, what its --help says; asked once."""
    told = {}

    def of(*words):
        if words not in told:
            p = subprocess.run([WINNOW, *words, "--help"], capture_output=True,
                               text=True, check=False, stdin=subprocess.DEVNULL)
            told[words] = p.stdout if p.returncode == 0 else ""
        return told[words]
    return of


def wrong_commands():
    of = helps()
    known = set(re.findall(r"^  ([a-z]+)\s", of(), re.M))
    for name in documents():
        for piece in code(read(name)):
            if piece.endswith(" "):
                continue  # bytes of a file, no command
            piece = piece.replace("sudo -u winnow ", "")  # the user, not the program
            for call in re.findall(r"(?:^|[\s|(/])winnow ([a-z]+[^|;&()]*)", piece):
                words = call.split()
                where = "%s: winnow %s" % (os.path.relpath(name, ROOT), call)
                if words[0] not in known:
                    yield where + ": no such command"
                    continue
                for option in re.findall(r"(?<!\S)(--[a-z][a-z-]+)", call):
                    if not re.search(re.escape(option) + r"(?![a-z-])", of(words[0])) and \
                            not re.search(re.escape(option) + r"(?![a-z-])", of(*words[:2])):
                        yield where + ": no option " + option


def wrong_files():
    """A path below one of the tree's folders."""
    for name in documents():
        for piece in code(read(name)):
            for path in re.findall(
                    r"(?<![\w./$@-])((?:cleaner|crawler|config|queue|systemd|tests)/"
                    r"[\w./-]*\w\.(?:c|h|def|md|py|sh|json|yml|yaml|service|sample))(?![\w*])",
                    piece):
                if not os.path.exists(os.path.join(ROOT, path)):
                    yield "%s: there is no %s" % (os.path.relpath(name, ROOT), path)


def targets():
    text = read(os.path.join(ROOT, "Makefile")) + read(os.path.join(ROOT, "install.mk"))
    return {name for rule in RULES.findall(text) for name in rule.split()}


def wrong_targets():
    there = targets()
    for name in documents():
        for piece in code(read(name)):
            for call in re.findall(r"(?:^|[\s(])make((?: +[\w./=-]+)*)", piece.split("#")[0]):
                for word in call.split():
                    if "=" in word or word[0] == "-" or word.startswith("build/"):
                        continue
                    if word not in there:
                        yield "%s: make %s: no such target" % (os.path.relpath(name, ROOT), word)
    for name in ("CONTRIBUTING.md", "README.md"):
        told = " ".join(code(read(os.path.join(ROOT, name))))
        for target in there - {"all"}:
            if name == "README.md" and target.endswith("-built"):
                continue  # the inner step of another
            if not re.search(r"(?<![\w-])" + re.escape(target) + r"(?![\w-])", told):
                yield "%s: has no make %s" % (name, target)


def unnamed_files():
    """Each .c and .def of the four folders stands once in a table of ARCHITECTURE.md."""
    told, folder = [], None
    for line in read(os.path.join(ROOT, "ARCHITECTURE.md")).splitlines():
        head = re.match(r"\| (cleaner|config|crawler|queue)/", line)
        if head or not line.startswith("|"):
            folder = head[1] if head else None
        elif folder and line.startswith("| `"):
            told += ["%s/%s" % (folder, name)
                     for name in re.findall(r"`([\w.]+)`", line.split(" | ")[0])]
    there = {re.sub(r"\.c$", "", os.path.relpath(f, ROOT))
             for folder in ("cleaner", "config", "crawler", "queue")
             for f in glob.glob(os.path.join(ROOT, folder, "*.c")) +
             glob.glob(os.path.join(ROOT, folder, "*.def"))}
    for name in there ^ set(told):
        yield "ARCHITECTURE.md: %s is %s" % (
            name, "not in its table" if name in there else "not there")
    for name in {name for name in told if told.count(name) > 1}:
        yield "ARCHITECTURE.md: %s stands twice" % name


def wrong_metrics():
    table = read(os.path.join(ROOT, "crawler", "metrics.def"))
    there = set(re.findall(r"\bwinnow_\w+", table))
    for name in documents():
        if os.path.relpath(name, ROOT).split(os.sep)[0] in ("cleaner", "tests"):
            continue
        for metric in re.findall(
                r"\bwinnow_[a-z_]*(?:_total|_bytes|_seconds|_info|_bucket|_sum|_count)\b",
                read(name)):
            plain = metric
            for suffix in SUFFIXES:
                plain = plain.removesuffix(suffix)
            if metric not in there and plain not in there:
                yield "%s: no figure %s" % (os.path.relpath(name, ROOT), metric)


def manuals():
    return sorted(glob.glob(os.path.join(ROOT, "c*", "*.[1-9]")) +
                  glob.glob(os.path.join(ROOT, "queue", "*.[1-9]")))


def wrong_manuals():
    """Cross references, settings and variables of the manuals."""
    ours = {tuple(os.path.basename(f).rsplit(".", 1)) for f in manuals()}
    table = read(os.path.join(ROOT, "config", "keys.def"))
    sections, keys = set(SECTIONS.findall(table)), set(KEYS.findall(table))
    variables = set()
    for name in manuals():
        text, where = read(name), os.path.relpath(name, ROOT)
        me = tuple(os.path.basename(name).rsplit(".", 1))
        body, _, also = text.partition(".Sh SEE ALSO")
        xr = re.compile(r"\.Xr (\S+) (\d)")
        pages = [page for page in xr.findall(also) if page in ours]
        for page in xr.findall(text):
            if page not in ours | OTHERS:
                yield "%s: there is no %s(%s)" % (where, *page)
        for page in set(xr.findall(body)) & ours - {me} - set(pages):
            yield "%s: SEE ALSO lacks %s(%s)" % (where, *page)
        if pages != sorted(pages, key=lambda page: (page[1], page[0])):
            yield "%s: SEE ALSO is not in its order" % where
        for section, key in re.findall(r"(?<![\w./-])([a-z]+)\.([a-z][a-z_]+)(?![\w./(-])",
                                       "\n".join(re.findall(r"^\.Ic .*", text, re.M))):
            if section in sections and (section, key) not in keys:
                yield "%s: no key %s.%s" % (where, section, key)
        for words in re.findall(r"^\.(?:It )?Ev (.*)", text, re.M):
            variables |= set(re.findall(r"[A-Z_]+", words))
    for source in glob.glob(os.path.join(ROOT, "c*", "*.c")) + \
            glob.glob(os.path.join(ROOT, "queue", "*.c")):
        for variable in re.findall(r"\bgetenv\(\"(\w+)\"\)", read(source)):
            if variable not in variables:
                yield "no manual names %s, which %s reads" % (
                    variable, os.path.relpath(source, ROOT))


def wrong_links():
    """Pictures and links to files of the tree."""
    for name in documents():
        for link in re.findall(r"\]\(([^)\s]+)\)", read(name)):
            if "://" not in link and link[0] != "#" and not os.path.exists(
                    os.path.join(os.path.dirname(name), link.split("#")[0])):
                yield "%s: there is no %s" % (os.path.relpath(name, ROOT), link)


def main():
    failed = 0
    for what, found in (("every key that a document names is in keys.def", wrong_keys()),
                        ("every command and option that a document names is in --help",
                         wrong_commands()),
                        ("every file of the tree that a document names is there",
                         wrong_files()),
                        ("every picture and link leads somewhere", wrong_links()),
                        ("every target of make that a document names is there, and "
                         "README.md and CONTRIBUTING.md name them all", wrong_targets()),
                        ("ARCHITECTURE.md has each source file once", unnamed_files()),
                        ("every figure that a document names is in metrics.def",
                         wrong_metrics()),
                        ("manuals refer to manuals and keys that are there, and name "
                         "every variable that is read", wrong_manuals())):
        wrong = sorted(set(found))
        print("%s - documents: %s" % ("not ok" if wrong else "ok", what))
        for line in wrong:
            print("  " + line)
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
