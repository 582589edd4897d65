#!/usr/bin/env python3
"""What a crawl of the example sites must find, from their articles.txt.

    expect.py --write    writes expect.jsonl into every site's folder

A line an article: site, host, path, also (other addresses of the same page),
title, subtitle, date, source, authors, editors, text (paragraphs joined by a
line feed), captions, lossy (bytes are gone that need not come back).
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def attributes(lines):
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
    return [(k, v.strip()) for k, v in pairs]


def sites(root=HERE):
    """(folder's name, attributes) of each site."""
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name, "site.txt")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                yield name, attributes(f.read().splitlines())


def articles(name, root=HERE):
    """(attributes, paragraphs) of each article of a site."""
    with open(os.path.join(root, name, "articles.txt"), encoding="utf-8") as f:
        for part in f.read().split("\n---\n"):
            head, body = part.strip("\n").split("\n\n", 1)
            yield dict(attributes(head.splitlines())), body.splitlines()


def names(text, *labels):
    for label in labels:
        text = text.replace(label, "")
    return [n for n in text.split() if n]


def expected(name, site, a, paragraphs):
    # The e-paper credits itself; the blog and the mirror credit nobody.
    source = {"bureau": a.get("source"), "paper": site["name"]}.get(name)
    # A document site prints the day of the upload, which is not the text's.
    date = None if name == "docshare" else a["date"]
    text = "\n".join(p[2:] if p.startswith("# ") else p for p in paragraphs)
    return {
        "site": name, "host": site["host"], "path": a["path"],
        "also": [a[k] for k in ("also", "print") if k in a],
        "title": a["title"], "subtitle": a.get("subtitle"),
        "date": date, "source": source,
        "authors": names(a.get("author", ""), "本报记者", "通讯员"),
        "editors": names(a.get("editor", "")),
        "text": text.replace("^", ""),
        "captions": [a["caption"]] if "caption" in a else [],
        "lossy": a.get("lossy") == "yes",
    }


def lines(name, attrs):
    site = dict(attrs)
    return "".join(json.dumps(expected(name, site, a, p), ensure_ascii=False) + "\n"
                   for a, p in articles(name))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for name, attrs in sites():
        with open(os.path.join(HERE, name, "expect.jsonl"), "w", encoding="utf-8") as f:
            f.write(lines(name, attrs))
