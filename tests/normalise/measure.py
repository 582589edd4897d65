#!/usr/bin/env python3
"""measure.py WINNOW < damaged.jsonl - how much of what damage.py did is
undone: places, those that came out exactly as they were, those that were
changed into something else, precision of the changes. -v prints what is not
exact, --min R,P fails below that share of exact places and that precision.

The page's evidence is its own: nothing tells the program what the page is."""
import argparse
import difflib
import json
import subprocess
import sys
import unicodedata

a = argparse.ArgumentParser()
a.add_argument("winnow")
a.add_argument("-v", action="store_true")
a.add_argument("--min")
args = a.parse_args()
docs = [json.loads(x) for x in sys.stdin]
feed = "".join(json.dumps({"id": d["id"], "text": d["text"]},
                          ensure_ascii=False) + "\n" for d in docs)
got = subprocess.run([args.winnow, "normalise", "--jsonl"],
                     input=feed.encode(), stdout=subprocess.PIPE)
got = [json.loads(x) for x in got.stdout.decode().splitlines()]


def fold(s):
    """Marks by their width and spaces say nothing of what was repaired."""
    return [(i, w) for i, c in enumerate(s)
            for w in unicodedata.normalize("NFKC", c) if not w.isspace()]


def compare(clean, text):
    """For each character of clean: the one of text it became, or -1; and the
    stretches where they differ."""
    a, b = fold(clean), fold(text)
    same, differ = set(), []
    m = difflib.SequenceMatcher(None, [w for _, w in a], [w for _, w in b],
                                autojunk=False)
    for op, i, j, k, l in m.get_opcodes():
        if op == "equal":
            same |= {x for x, _ in a[i:j]}
        else:
            differ.append(("".join(w for _, w in a[i:j]),
                           "".join(w for _, w in b[k:l])))
    return same, differ


places = exact = repairs = wrong = 0
for d, g in zip(docs, got):
    same, differ = compare(d["clean"], g["text"])
    skip = {i for i, c in enumerate(d["clean"]) if c.isspace()}
    skip |= {i for i, c in enumerate(d["clean"])
             if c not in "\n" and not c.isprintable()}
    ok = 0
    for p, q in d["places"]:
        # a place of one byte that is a mark's or a space's is no character
        ok += all(x in same or x in skip for x in range(p, q))
    places += len(d["places"])
    exact += ok
    repairs += g["repairs"]["lost_byte"]
    # what differs and is no longer a question, nor a reading left behind
    wrong += sum("?" not in h and "(" not in h and
                 any("\u4e00" <= c <= "\u9fff" or c == "。" for c in w + h)
                 for w, h in differ)
    if args.v:
        for w, h in differ:
            print("%s\t%s -> %s" % (d["id"], w, h))
precision = 1 - wrong / (repairs or 1)
print("%d places, %d exact (%.3f), %d repairs, %d wrong, precision %.4f" %
      (places, exact, exact / (places or 1), repairs, wrong, precision))
if args.min:
    r, p = (float(x) for x in args.min.split(","))
    sys.exit(exact < r * places or precision < p)
