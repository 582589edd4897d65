#!/usr/bin/env python3
"""A crawl of the example sites: what lands, and how the sites were asked.

Each article of expect.jsonl must be in the queue exactly once, with its own
text, title, date and source; nothing that robots.txt guards may be asked for;
pauses are kept; a second run adds nothing.
"""
import difflib
import json
import os
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "crawler")]
import expect  # noqa: E402
import sites as crawler  # noqa: E402

GUARDED = {
    "jyj.example-a.test": ("/admin/", "/print.aspx"),
    "epaper.example-b.test": ("/member/", "/calendar/"),
    "doc.example-c.test": ("/down/", "/search"),
    "www.example-d.test": ("/member/", "/files/"),
    "blog.example-e.test": ("/private/", "/calendar/", "/wp-"),
}
CRAWL_DELAY = {"doc.example-c.test": 150, "www.example-d.test": 150}


def server_log(s):
    site = s.sites[0]
    r = urllib.request.Request("http://%s:%d/__log" % (site["address"], s.port))
    with urllib.request.urlopen(r, timeout=60) as f:
        return [json.loads(line) for line in f]


def first_difference(want, got):
    for a, b in zip(want.split("\n"), got.split("\n")):
        if a != b:
            i = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
                     min(len(a), len(b)))
            return "...%s | ...%s" % (a[max(0, i - 10):i + 15], b[max(0, i - 10):i + 15])
    return "%d paragraphs, not %d" % (got.count("\n") + 1, want.count("\n") + 1)


def near(a, b):
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


def letters(text):
    return "".join(text.split())


def same_letters(e, r):
    if not e["lossy"]:
        return letters(r["text"]) == letters(e["text"])
    return near(letters(e["text"]), letters(r["text"])) > 0.93  # two runs of some six wrong characters


def path_of(r):
    u = urlsplit(r["url"])
    return u.path + ("?" + u.query if u.query else "")


def find(e, recs):
    """The records of an article: at one of its addresses."""
    return [r for r in recs if r["host"].split(":")[0] == e["host"]
            and path_of(r) in [e["path"]] + e["also"]]


def compare(recs, wanted):
    """{aspect: [what is wrong]} over all articles."""
    bad = {k: [] for k in ("once", "text", "paragraphs", "title", "date", "source", "people")}
    for e in wanted:
        where = e["host"] + e["path"]
        found = find(e, recs)
        own = [r for r in found if r["dup_of"] is None]
        if len(own) != 1 or len({path_of(r) for r in found}) != len(found):
            bad["once"].append("%s: %d times" % (where, len(own)))
        if not own:
            continue
        r = own[0]
        if not same_letters(e, r):
            bad["text"].append(where + ": " + first_difference(e["text"], r["text"]))
        elif not e["lossy"] and r["text"] != e["text"]:
            bad["paragraphs"].append(where + ": " + first_difference(e["text"], r["text"]))
        if (r["title"], r["subtitle"] and r["subtitle"].lstrip("—")) != (
                e["title"], e["subtitle"] and e["subtitle"].lstrip("—")):
            bad["title"].append("%s: %r %r" % (where, r["title"], r["subtitle"]))
        if r["date_publish"] != e["date"]:
            bad["date"].append("%s: %s" % (where, r["date_publish"]))
        if e["source"] and r["source_name"] != e["source"]:
            bad["source"].append("%s: %r" % (where, r["source_name"]))
        if (r["authors"], r["editors"]) != (e["authors"], e["editors"]):
            bad["people"].append("%s: %r %r" % (where, r["authors"], r["editors"]))
    return bad


def strangers(recs, wanted):
    """Records that call a list page, a login or the like an article."""
    known = {e["host"] + p for e in wanted for p in [e["path"]] + e["also"]}
    return ["%s: %s" % (r["url"], r["text"][:40]) for r in recs
            if r["page_type"] == "article" and path_of(r) != "/about/"
            and r["host"].split(":")[0] + path_of(r) not in known]


def guarded_requests(log):
    return [x["path"] for x in log
            if x["path"].startswith(GUARDED[x["host"].split(":")[0]])]


def short_pauses(log):
    """Requests that came sooner behind an answer than robots.txt allows. The
    rules are known from the answer to robots.txt on. The server notes the end
    of an answer when it comes round to it, on a busy machine some ms late."""
    short = []
    for host in GUARDED:
        rows = sorted((x for x in log if x["host"].split(":")[0] == host),
                      key=lambda x: x["began"])
        for a, b in zip(rows[1:], rows[2:]):
            pause = b["began"] - a["ended"]
            if pause < CRAWL_DELAY.get(host, 100) - 25:
                short.append("%s%s after %d ms" % (host, b["path"], pause))
    return short


def report(bad, n):
    names = {
        "once": "each of the %d articles lands exactly once" % n,
        "text": "their text is what was written, letter by letter",
        "paragraphs": "paragraphs end where they ended, and spaces stand where they stood",
        "title": "their titles and subtitles",
        "date": "their dates",
        "source": "their sources",
        "people": "their authors and editors",
    }
    return sum(not crawler.ok(not bad[k], "crawl of the sites: " + names[k],
                              "%d wrong:\n  " % len(bad[k]) + "\n  ".join(bad[k]))
               for k in names)


def main():
    wanted = [json.loads(x) for name, attrs in expect.sites()
              for x in expect.lines(name, attrs).splitlines()]
    with crawler.Sites() as s, crawler.workdir() as tmp:
        out = os.path.join(tmp, "out")
        cmd = s.crawl(out, "-O", "politeness.delay=100ms")
        run = subprocess.run(cmd, capture_output=True, text=True, timeout=400, check=False)
        log = server_log(s)
        recs = crawler.records(out)
        failed = not crawler.ok(run.returncode == 0, "crawl of the sites: it ends with 0",
                                "status %d\n%s" % (run.returncode, run.stderr[-2000:]))
        failed += report(compare(recs, wanted), len(wanted))
        extra = strangers(recs, wanted)
        failed += not crawler.ok(not extra, "crawl of the sites: no list page lands as an "
                                 "article", "\n  ".join(extra))
        seen = guarded_requests(log)
        failed += not crawler.ok(not seen, "crawl of the sites: nothing that robots.txt "
                                 "guards is asked for", str(seen))
        short = short_pauses(log)
        failed += not crawler.ok(not short, "crawl of the sites: Crawl-delay is kept "
                                 "between an answer and the next request", "\n  ".join(short[:5]))
        asked = [(x["host"], x["path"]) for x in log]
        twice = sorted({x for x in asked if asked.count(x) > 1})
        failed += not crawler.ok(not twice, "crawl of the sites: no address is asked for "
                                 "twice", str(twice[:5]))
        failed += not crawler.ok(all(x["agent"].startswith("winnowd") for x in log),
                                 "crawl of the sites: every request says who asks")
        subprocess.run(cmd, capture_output=True, timeout=400, check=False)
        more = [x["path"] for x in server_log(s)[len(log):] if x["path"] != "/robots.txt"]
        again = crawler.records(out)
        failed += not crawler.ok(not more and len(again) == len(recs),
                                 "crawl of the sites: a second run asks and adds nothing",
                                 "%d records, then %d; asked %s" % (len(recs), len(again), more[:5]))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
