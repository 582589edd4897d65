#!/usr/bin/env python3
"""false_repairs.py WINNOW [--mirror] < clean.jsonl - runs clean text through
the normaliser and counts what it "repairs" there.

Nothing in clean text was lost, glossed, decoded wrongly or cut, so no repair
of those kinds may be made: one is a failure. The other kinds (spaces, forms of
characters, invisible characters) are counted per million Han characters.
--mirror says of every text that its page is a mirror's, which is not true:
what is repaired then tells what the model alone holds back.
-v N prints N places of each kind."""
import argparse
import collections
import difflib
import json
import re
import subprocess
import sys

NEVER = ["lost_byte", "gloss", "mojibake", "lost_symbol", "broken_entity"]
HAN = re.compile(r"[\u3400-\u9fff]")

a = argparse.ArgumentParser()
a.add_argument("winnow")
a.add_argument("--mirror", action="store_true")
a.add_argument("-v", type=int, default=0)
a.add_argument("--min", type=int, default=0,
               help="fail below so many Han characters")
args = a.parse_args()


def places(before, after):
    m = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for op, i, j, k, l in m.get_opcodes():
        if op != "equal":
            yield "%s[%s -> %s]%s" % (before[max(0, i - 12):i], before[i:j],
                                      after[k:l], before[j:j + 12])


docs = [json.loads(x) for x in sys.stdin]
if args.mirror:
    for d in docs:
        d["page"] = "mirror"
p = subprocess.run([args.winnow, "normalise", "--jsonl"],
                   input="".join(json.dumps(d) + "\n" for d in docs).encode(),
                   stdout=subprocess.PIPE, check=True)
got = [json.loads(x) for x in p.stdout.decode().splitlines()]
assert len(got) == len(docs)
count, shown = collections.Counter(), collections.Counter()
han = changed = 0
for d, g in zip(docs, got):
    assert d["id"] == g["id"]
    han += len(HAN.findall(d["text"]))
    changed += d["text"] != g["text"]
    for kind, n in g["repairs"].items():
        count[kind] += n
        if n == 0 or shown[kind] >= args.v:
            continue
        for line, now in zip(d["text"].split("\n"), g["text"].split("\n")):
            if line != now and shown[kind] < args.v:
                shown[kind] += 1
                for where in list(places(line, now))[:3]:
                    print("  %s %s: %s" % (kind, d["id"], repr(where)))
print("%d texts, %d Han characters, %d texts changed%s" %
      (len(docs), han, changed, ", all said to be a mirror's"
       if args.mirror else ""))
for kind in sorted(g["repairs"], key=lambda k: (k not in NEVER, k)):
    print("%-20s %6d  %8.2f a million%s" %
          (kind, count[kind], count[kind] * 1e6 / (han or 1),
           "" if kind not in NEVER else "  (may be none)"))
bad = 0 if args.mirror else sum(count[k] for k in NEVER)
if bad:
    print("%d false repairs" % bad)
if han < args.min:
    print("fewer than %d Han characters: some packages are missing" % args.min)
sys.exit(bad > 0 or han < args.min)
