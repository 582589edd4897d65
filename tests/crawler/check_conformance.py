#!/usr/bin/env python3
"""check_conformance.py - the case tables of $WINNOW_SHARED/conformance.

Feeds each table to `winnow check` and compares the answers as the README there
says. One line a table and level; `must` has to be complete, `should` (and
`lenient`) to 90 %."""
import collections
import hashlib
import json
import os
import re
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")
SHARED = os.environ.get("WINNOW_SHARED", "../shared")
DIR = os.path.join(SHARED, "conformance")
VERBOSE = "-v" in sys.argv

TABLES = [
    ("url", "url.jsonl"),
    ("robots", "robots.jsonl"),
    ("date", "dates.jsonl"),
    ("charset", "encodings.jsonl"),
    ("sitemap", "sitemaps/cases.jsonl"),
    ("feed", "feeds/cases.jsonl"),
]
LEVELS = {"must": ("must", 1.0), "should": ("should", 0.9),
          "lenient": ("should", 0.9)}  # all others are never a failure

# Cases that contradict their own file or another case; they are not counted.
SET_ASIDE = {
    "sm-c6d7d79aa1": "lists five URLs; the file is cut inside the fifth loc",
    "sm-70aa606a26": "expects none of the prefixed locs that another case, "
                     "a must, expects",
    "en-950cf9715c": "byte for byte en-4fb6d2c169, with another answer",
}


def squeeze(v):
    return re.sub(r"\s+", " ", v).strip() if isinstance(v, str) else v


def wrong_url(case, got):
    key = "host" if case["kind"] == "host" else "href"
    if case["kind"] == "resolve-only":
        return canonical(case[key]) != canonical(got.get(key))
    return case[key] != got.get(key)


def canonical(url):
    return ask("url", [{"id": "x", "kind": "canonical", "input": url or ""}])[0].get("href")


def wrong_robots(case, got):
    key = {"match": "allowed", "crawl-delay": "crawl_delay_s",
           "sitemaps": "sitemaps", "status": "policy"}[case["kind"]]
    return case[key] != got.get(key)


def wrong_date(case, got):
    return any(case[k] != got.get(k) for k in ("date", "time", "offset")
               if k in case)


def wrong_charset(case, got):
    names = {case["encoding"], got.get("encoding")}
    if len(names) > 1 and names != {"gbk", "gb18030"}:
        return True
    text = got.get("text", "")
    if "text_sha256" in case:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
        if digest.hexdigest() != case["text_sha256"]:
            return True
    if "text_chars" in case and len(text) != case["text_chars"]:
        return True
    if ("replacement_chars" in case and
            text.count("\ufffd") != case["replacement_chars"]):
        return True
    contains = case.get("contains", [])
    if isinstance(contains, str):
        contains = [contains]
    return any(c not in text for c in contains)


def wrong_sitemap(case, got):
    for k in ("type", "urls", "sitemaps", "error"):
        if case.get(k) is not None and case[k] != got.get(k):
            return True
    return any(got.get("meta", {}).get(k) != v
               for k, v in case.get("meta", {}).items())


def differs(want, got):
    return any(squeeze(v) != squeeze((got or {}).get(k))
               for k, v in want.items())


def wrong_feed(case, got):
    if case.get("type") is not None and case["type"] != got.get("type"):
        return True
    entries = got.get("entries", [])
    if case.get("entries") is not None:
        if len(entries) != len(case["entries"]):
            return True
        if any(differs(w, g) for w, g in zip(case["entries"], entries)):
            return True
    for where, want in case.get("expect", {}).items():
        one = got.get("feed") if where == "feed" else (entries or [{}])[0]
        if differs(want, one):
            return True
    return False


WRONG = {"url": wrong_url, "robots": wrong_robots, "date": wrong_date,
         "charset": wrong_charset, "sitemap": wrong_sitemap,
         "feed": wrong_feed}


def ask(kind, cases):
    """The answers of winnow check, a dict a case."""
    text = "".join(json.dumps(c) + "\n" for c in cases)
    out = subprocess.run([os.path.join(BUILD, "winnow"), "check", kind,
                          "--dir", DIR], input=text.encode(),
                         capture_output=True, timeout=400)
    answers = [json.loads(l) for l in out.stdout.decode(
        "utf-8", "surrogateescape").splitlines()]
    if len(answers) != len(cases):
        raise RuntimeError(f"{len(answers)} answers to {len(cases)} lines, "
                           f"status {out.returncode}: {out.stderr[-200:]}")
    return answers


def report(kind, level, need, good, total, bad):
    name = f"conformance {kind} {level}: {good} of {total}"
    if good >= need * total:
        print(f"ok - {name}")
    else:
        print(f"not ok - {name}")
        VERBOSE or print(f"  {' '.join(bad[:20])}")
    if VERBOSE and bad:
        print(f"  {kind} {level}: {' '.join(bad)}")


def run(kind, path):
    with open(os.path.join(DIR, path), encoding="utf-8") as f:
        cases = [json.loads(line) for line in f if line.strip()]
    good, total = collections.Counter(), collections.Counter()
    bad = collections.defaultdict(list)
    try:
        answers = ask(kind, cases)
    except (RuntimeError, ValueError, subprocess.TimeoutExpired) as e:
        print(f"not ok - conformance {kind}: {e}")
        return
    for case, got in zip(cases, answers):
        level = LEVELS.get(case["level"], (None,))[0]
        if level is None or case["id"] in SET_ASIDE:
            continue
        total[level] += 1
        if got.get("id") == case["id"] and not WRONG[kind](case, got):
            good[level] += 1
        else:
            bad[level].append(case["id"])
    for level, need in (("must", 1.0), ("should", 0.9)):
        if total[level]:
            report(kind, level, need, good[level], total[level], bad[level])


def main():
    if not os.path.isdir(DIR):
        print(f"skip - conformance: {DIR} is not here")
        return
    for kind, path in TABLES:
        run(kind, path)


main()
