"""The promise of queue/FORMAT.md is proved: each of its invariants names the
tests that prove it, [test_crash: "crash: ..."], and each of those was run and
held. Reads what tests/run.sh has kept of the last run of every test, so it is
run last."""
import os
import re
import sys

BUILD = os.environ.get("BUILD", "build")
FORMAT = "queue/FORMAT.md"
RESULTS = os.path.join(BUILD, "tests/results")


def invariants(text):
    """(P1, its text) of the section called The promise."""
    part = re.search(r"^## The promise\n(.*?)^## ", text, re.M | re.S).group(1)
    return re.findall(r"^- \*\*(P\d+)\*\* (.*?)(?=^- |\Z)", part, re.M | re.S)


def proofs(words):
    """(test, sentence) that an invariant names; lines may break in it."""
    found = re.findall(r'\[([a-z_]+): "([^"]+)"\]', words)
    return [(t, " ".join(s.split())) for t, s in found]


def held(test, sentence):
    """'' or what is wrong."""
    path = os.path.join(RESULTS, test)
    if not os.path.exists(path):
        return "%s was not run: make check" % test
    with open(path, encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f]
    if "ok - " + sentence in lines:
        return ""
    for line in lines:
        if line.startswith(("not ok - " + sentence, "skip - " + sentence)):
            return line
    return '%s has no test "%s"' % (test, sentence)


def main():
    with open(FORMAT, encoding="utf-8") as f:
        found = invariants(f.read())
    bad = 0
    for name, words in found:
        named = proofs(words)
        wrong = [w for w in (held(t, s) for t, s in named) if w]
        if not named:
            wrong = ["it names no test"]
        print("%s - promise: %s is proved" % ("not ok" if wrong else "ok", name))
        for w in wrong:
            print("  " + w)
        bad += bool(wrong)
    if [name for name, _ in found] != ["P%d" % (i + 1) for i in range(len(found))]:
        print("not ok - promise: its numbers are 1, 2, 3...")
        bad += 1
    return bad > 0 or not found


sys.exit(main())
