#!/usr/bin/env python3
"""What the documents name is there: keys, commands, options, files. A document that
tells of a key nobody reads is worse than none."""
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


def documents():
    found = glob.glob(os.path.join(ROOT, "*.md")) + glob.glob(os.path.join(ROOT, "*", "*.md"))
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


def main():
    failed = 0
    for what, found in (("every key that a document names is in keys.def", wrong_keys()),
                        ("every command and option that a document names is in --help",
                         wrong_commands()),
                        ("every file of the tree that a document names is there",
                         wrong_files())):
        wrong = sorted(set(found))
        print("%s - documents: %s" % ("not ok" if wrong else "ok", what))
        for line in wrong:
            print("  " + line)
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
