#!/usr/bin/env python3
"""clean_text.py DIR [PACKAGE...] - clean Chinese text out of Debian packages:
one JSON object a line, {"id", "text"}, thirty paragraphs each, on standard
output. Packages are fetched into DIR with `apt-get download` and unpacked
there, not installed; what is there already is not fetched again. Manuals,
classics, and the programs' own words (their catalogues of messages)."""
import gettext
import glob
import gzip
import html
import json
import os
import re
import struct
import subprocess
import sys

PACKAGES = ["libreoffice-help-zh-cn", "libreoffice-help-zh-tw", "manpages-zh",
            "fortunes-zh", "debian-reference-zh-cn", "debian-reference-zh-tw",
            "gimp-help-zh-cn", "kicad-doc-zh", "lilypond-doc-html-zh",
            "debian-edu-doc-zh-cn", "maint-guide-zh-cn",
            "maint-guide-zh-tw", "debian-faq-zh-cn",
            "libreoffice-l10n-zh-cn", "libreoffice-l10n-zh-tw",
            "debian-handbook", "installation-guide-amd64", "gnome-user-docs",
            "gcc-12-locales", "git", "wordpress-l10n", "phpmyadmin",
            "gnucash-common", "krita-l10n", "subversion", "evolution-common",
            "digikam-data", "freeciv-data", "gimp-data", "kmymoney-common",
            "libgtk-3-common", "coreutils", "apt", "dpkg", "dpkg-dev",
            "vlc-l10n", "kdenlive-data", "python3-django", "mediawiki",
            "gramps", "inkscape", "audacity-data",
            "kdevelop-data", "geany-common", "aptitude-common", "bash", "texinfo",
            "ktexteditor-data", "libglib2.0-data", "poedit-common"]
LINES = 30
TAG = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.S)
BLOCK = re.compile(r"</?(p|div|li|td|th|tr|h\d|br|dt|dd|pre|title)\b[^>]*>",
                   re.I)
HAN = re.compile(r"[\u3400-\u9fff]")
KANA = re.compile(r"[\u3041-\u30fa]")
CHINESE = re.compile(r"(?:^|[-_./])zh(?=[-_./@]|$)|chinese", re.I)


def unpack(where, package):
    if not glob.glob(os.path.join(where, package + "_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=where,
                       check=True, stdout=subprocess.DEVNULL)
    to = os.path.join(where, package)
    if not os.path.isdir(to):
        deb = glob.glob(os.path.join(where, package + "_*.deb"))[0]
        subprocess.run(["dpkg-deb", "-x", deb, to], check=True)
    return to


def messages(path):
    """The translations in a catalogue; ways to mark a key (_, &) are kept."""
    try:
        with open(path, "rb") as f:
            catalogue = gettext.GNUTranslations(f)._catalog
    except (OSError, ValueError, UnicodeDecodeError, struct.error):
        return
    for message in catalogue.values():
        yield from message.split("\n")


def strings(path):
    """The values of a table of messages in JSON."""
    try:
        with open(path, encoding="utf-8") as f:
            table = json.load(f)
    except (OSError, ValueError):
        return
    for value in table.values() if isinstance(table, dict) else ():
        if isinstance(value, str):
            yield from html.unescape(TAG.sub("", value)).split("\n")


def lines_of(path):
    name = path.removesuffix(".gz")
    if name.endswith((".mo", ".json")):
        yield from messages(path) if name.endswith(".mo") else strings(path)
        return
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
            text = f.read().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if name.endswith((".html", ".htm", ".xml", ".xhtml", ".xhp", ".page",
                      ".docbook")):
        text = html.unescape(TAG.sub("", BLOCK.sub("\n", text)))
    elif re.search(r"\.\d[a-z]*$", name):
        text = re.sub(r'^\.\\".*$|^\.[A-Za-z]+', "", text, flags=re.M)
        text = re.sub(r"\\f.|\\[&|^-]", "", text)
    elif not name.endswith((".txt", "tang300", "song100", "shijing")):
        if "/fortunes/" not in path or path.endswith((".dat", ".u8")):
            return
    yield from text.split("\n")


def paragraphs(path):
    for line in lines_of(path):
        line = " ".join(line.split())
        if len(HAN.findall(line)) >= 4 and not KANA.search(line):
            yield line


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    seen, group, chars, n = set(), [], 0, 0
    for package in sys.argv[2:] or PACKAGES:
        root = unpack(where, package)
        for folder, _, files in sorted(os.walk(root)):
            for name in sorted(files):
                path = os.path.join(folder, name)
                if not CHINESE.search(path[len(where):]):
                    continue
                for line in paragraphs(path):
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
