#!/usr/bin/env python3
"""How well a topic tells its articles from others, on the development pages.

Articles of examples/ are scored each by a topic of the others, the articles of
zh-gov by a topic of all of examples/, general news (zh-cwced, zh-magic, zh-gne)
by the same. What of zh-gov is on schools or the Party a person has said (SCHOOL);
the rest of it is a hard case: news of other bureaus. In other
languages a class is the pages with a word of its own again and again; five of
them are the examples, drawn DRAWS times, the others are to be found.

For each: the area under the curve, and how many score above 0.5, on the topic
and off it. Exit 1 below the floors. Without WINNOW_SHARED there is nothing to do.

    make eval-topic"""
import glob
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WINNOW = os.path.join(os.environ.get("BUILD", "build"), "winnow")
GENERAL = ("zh-cwced", "zh-magic", "zh-gne")
# Pages of zh-gov on schools and universities, and on work of the Party.
SCHOOL = ("hcdd-1 moe-1 pucheng-2 scedu-1 slxx-1 suda-1 sz1cz-1 zjjyt-1 ncwm-1 "
          "sdnujx-2 cwl-1 neac-1 qccy-1").split()
# Language, class, its words, how often they stand in a page of it, and in how
# many characters once at least. Pages with fewer, but two, are left out.
CLASSES = (
    ("en", "space", r"\b(NASA|spacecraft|rocket|orbit|moon|Mars)\b", 4, 2000),
    ("en", "python", r"\b(Python|Linux|code)\b", 8, 2000),
    ("en", "apple", r"\b(Apple|iPhone|iPad|MacBook)\b", 8, 2000),
    ("en", "plague", r"\b(plague|disease|patients?|doctors?)\b", 8, 2000),
    ("de", "energy", r"\b(Energie|Wärme|Heiz|Strom|Klima)\w*", 15, 2000),
    ("de", "covid", r"\b(Corona|Covid|Impf)\w*", 5, 2000),
    ("de", "cooking", r"\b(Teig|Zutaten|Zucker|Butter|Mehl)\b", 2, 2000),
    ("zh", "phones", r"手机|芯片|苹果", 4, 400),
    ("zh", "markets", r"股|证券|债|涨|跌|亿元", 5, 250),
)
DRAWS, LEAST = 4, 7
FLOORS = {"examples/ left out": 0.99, "school and Party": 0.98,
          "both": 0.98, "against other bureaus": 0.95,
          "other languages and topics": 0.96}


def auc(on, off):
    """The share of pairs in which the page on the topic scores higher."""
    rows = sorted([(s, 1) for s in on] + [(s, 0) for s in off])
    ranks, i = 0.0, 0
    while i < len(rows):
        j = i
        while j < len(rows) and rows[j][0] == rows[i][0]:
            j += 1
        ranks += (i + 1 + j) / 2 * sum(r[1] for r in rows[i:j])
        i = j
    return (ranks - len(on) * (len(on) + 1) / 2) / (len(on) * len(off))


def load(shared, tmp):
    """Title, text and language of every page, cleaned in one run."""
    feed = os.path.join(tmp, "in.jsonl")
    with open(feed, "w", encoding="utf-8") as out:
        paths = sorted(glob.glob(shared + "/corpus/*/*.html.gz"))
        for i, path in enumerate(paths):
            page = os.path.join(tmp, "%d.html" % i)
            with gzip.open(path) as f, open(page, "wb") as g:
                g.write(f.read())
            name = "/".join(path.split("/")[-2:])[:-8]
            out.write(json.dumps({"id": name, "file": page}) + "\n")
        for path in sorted(glob.glob(shared + "/examples/*.html")):
            out.write(json.dumps({"id": "examples/" + os.path.basename(path),
                                  "file": path}) + "\n")
    with open(feed, encoding="utf-8") as f:
        p = subprocess.run([WINNOW, "clean", "--batch", "-j", "2"], stdin=f,
                           capture_output=True, check=True, text=True)
    docs = {}
    for line in p.stdout.splitlines():
        d = json.loads(line)
        if (d.get("chars") or 0) >= 100:
            docs[d["id"]] = d
    return docs


class Scorer:
    def __init__(self, docs, tmp):
        self.docs, self.tmp = docs, tmp

    def write(self, name, ids):
        path = os.path.join(self.tmp, name)
        with open(path, "w", encoding="utf-8") as f:
            for i in ids:
                d = self.docs[i]
                f.write(json.dumps({"title": d.get("title") or "",
                                    "text": d["text"]}) + "\n")
        return path

    def scores(self, examples, ids):
        p = subprocess.run(
            [WINNOW, "topic", "--json", self.write("examples.jsonl", examples),
             self.write("pages.jsonl", ids)],
            capture_output=True, check=True, text=True)
        return [json.loads(x)["score"] for x in p.stdout.splitlines()]


def show(name, value, on, off):
    print("%-28s %4d %5d   %.4f   %3.0f %%   %4.1f %%" % (
        name, len(on), len(off), value, 100 * sum(s > .5 for s in on) / len(on),
        100 * sum(s > .5 for s in off) / len(off)))
    return value


def chinese(s, docs):
    examples = [i for i in docs if i.startswith("examples/")]
    general = [i for i in docs if i.split("/")[0] in GENERAL]
    gov = [i for i in docs if i.startswith("zh-gov/")]
    school = [i for i in gov if i.split("/")[1] in SCHOOL]
    other = [i for i in gov if i not in school]
    left_out = [s.scores([j for j in examples if j != i], [i])[0]
                for i in examples]
    got = dict(zip(general + gov, s.scores(examples, general + gov)))
    off, hard = [got[i] for i in general], [got[i] for i in other]
    on = [got[i] for i in school]
    values = {}
    for name, a, b in (("examples/ left out", left_out, off),
                       ("school and Party", on, off), ("both", left_out + on, off),
                       ("against other bureaus", left_out + on, hard)):
        values[name] = show(name, auc(a, b), a, b)
    return values


def others(s, docs):
    values = []
    for lang, name, words, often, per in CLASSES:
        said = {i: len(re.findall(words, d["text"])) for i, d in docs.items()
                if d.get("language") == lang and d["chars"] > 300 and
                not i.split("/")[0].endswith("-forum")}
        inside = [i for i, n in said.items()
                  if n >= often and n * per >= docs[i]["chars"]]
        outside = [i for i, n in said.items() if n <= 1]
        if len(inside) < LEAST:
            print("%-28s only %d pages" % (lang + " " + name, len(inside)))
            continue
        on, off, aucs, rng = [], [], [], random.Random(1)
        for _ in range(DRAWS):
            five = rng.sample(inside, 5)
            rest = [i for i in inside if i not in five]
            got = s.scores(five, rest + outside)
            aucs.append(auc(got[:len(rest)], got[len(rest):]))
            on += got[:len(rest)]
            off += got[len(rest):]
        values.append(show(lang + " " + name, statistics.mean(aucs), on, off))
    return {"other languages and topics": statistics.mean(values)}


def main():
    shared = os.environ.get("WINNOW_SHARED", "../shared")
    if not os.path.isdir(shared + "/corpus"):
        print("skip - topic: no corpus in WINNOW_SHARED")
        return 0
    with tempfile.TemporaryDirectory() as tmp:
        docs = load(shared, tmp)
        s = Scorer(docs, tmp)
        print("%-28s %4s %5s   %6s   %5s   %6s" % (
            "", "on", "off", "AUC", "on>.5", "off>.5"))
        values = {**chinese(s, docs), **others(s, docs)}
    print("mean of those in other languages and on other topics: %.4f" %
          values["other languages and topics"])
    below = [n for n, v in values.items() if v < FLOORS[n]]
    for name in below:
        print("below its floor of %.2f: %s" % (FLOORS[name], name))
    return bool(below)


if __name__ == "__main__":
    sys.exit(main())
