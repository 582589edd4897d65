#!/usr/bin/env python3
"""blind.py DIR - the development sets once more, with every class and id a
hash of itself: sites whose names say nothing. Then

    WINNOW_SHARED=DIR tests/eval/eval.sh

tells what structure and text alone are worth (its comparison with the floors
means nothing there)."""
import gzip
import hashlib
import os
import re
import shutil
import sys

NAMES = re.compile(rb"""(\s(?:class|id)\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""",
                   re.I)
LETTERS = bytes.maketrans(b"0123456789abcdef", b"ghjkmnpqrtvwxzyb")


def hashed(m):
    words = m.group(2).strip(b"\"'").split()
    return m.group(1) + b'"' + b" ".join(
        b"q" + hashlib.md5(w).hexdigest()[:8].encode().translate(LETTERS)
        for w in words) + b'"'


def copy(src, dst):
    if not src.endswith(".html.gz"):
        shutil.copy(src, dst)
        return
    with gzip.open(src) as f:
        page = f.read()
    with gzip.open(dst, "wb", 1) as f:
        f.write(NAMES.sub(hashed, page))


def main():
    src = os.path.join(os.environ.get("WINNOW_SHARED", "../shared"), "corpus")
    dst = os.path.join(sys.argv[1], "corpus")
    for folder, _, files in os.walk(src):
        to = os.path.join(dst, os.path.relpath(folder, src))
        os.makedirs(to, exist_ok=True)
        for name in files:
            copy(os.path.join(folder, name), os.path.join(to, name))


if __name__ == "__main__":
    main()
