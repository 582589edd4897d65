#!/usr/bin/env python3
"""clean_text.py DIR [PACKAGE...] - clean Chinese text out of Debian packages:
one JSON object a line, {"id", "text"}, thirty paragraphs each, on standard
output. Packages are fetched into DIR with `apt-get download` and unpacked
there, not installed; what is there already is not fetched again."""
import glob
import gzip
import html
import json
import os
import re
import subprocess
import sys

PACKAGES = ["libreoffice-help-zh-cn", "libreoffice-help-zh-tw", "manpages-zh",
            "fortunes-zh", "debian-reference-zh-cn", "debian-reference-zh-tw",
            "gimp-help-zh-cn", "kicad-doc-zh", "lilypond-doc-html-zh",
            "debian-edu-doc-zh-cn", "maint-guide-zh-cn",
            "maint-guide-zh-tw", "debian-faq-zh-cn"]
LINES = 30
TAG = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.S)
BLOCK = re.compile(r"</?(p|div|li|td|th|tr|h\d|br|dt|dd|pre|title)\b[^>]*>",
                   re.I)
HAN = re.compile(r"[\u3400-\u9fff]")


def unpack(where, package):
    if not glob.glob(os.path.join(where, package + "_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=where,
                       check=True, stdout=subprocess.DEVNULL)
    to = os.path.join(where, package)
    if not os.path.isdir(to):
        deb = glob.glob(os.path.join(where, package + "_*.deb"))[0]
        subprocess.run(["dpkg-deb", "-x", deb, to], check=True)
    return to


def paragraphs(path):
    name = path.removesuffix(".gz")
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
            text = f.read().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if name.endswith((".html", ".htm", ".xml", ".xhtml", ".xhp")):
        text = html.unescape(TAG.sub("", BLOCK.sub("\n", text)))
    elif re.search(r"\.\d[a-z]*$", name):
        text = re.sub(r'^\.\\".*$|^\.[A-Za-z]+', "", text, flags=re.M)
        text = re.sub(r"\\f.|\\[&|^-]", "", text)
    elif not name.endswith((".txt", "tang300", "song100", "shijing")):
        if "/fortunes/" not in path or path.endswith((".dat", ".u8")):
            return
    for line in text.split("\n"):
        line = " ".join(line.split())
        if len(HAN.findall(line)) >= 4:
            yield line


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    seen, group, chars, n = set(), [], 0, 0
    for package in sys.argv[2:] or PACKAGES:
        root = unpack(where, package)
        for folder, _, files in sorted(os.walk(root)):
            for name in sorted(files):
                for line in paragraphs(os.path.join(folder, name)):
                    if line in seen:
                        continue
                    seen.add(line)
                    group.append(line)
                    chars += len(HAN.findall(line))
                    if len(group) == LINES:
                        print(json.dumps({"id": str(n),
                                          "text": "\n".join(group)},
                                         ensure_ascii=False))
                        n, group = n + 1, []
        print("%s: %d Han characters so far" % (package, chars),
              file=sys.stderr)


if __name__ == "__main__":
    main()
