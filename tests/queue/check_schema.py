#!/usr/bin/env python3
"""SCHEMA.json by a foreign validator: every record that the programs write is
valid, and each way to be wrong is seen."""
import ast
import base64
import copy
import glob
import gzip
import json
import os
import subprocess
import sys

try:
    import jsonschema
except ImportError:  # Debian's module belongs to Debian's python
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skip - schema: a validator: no python3-jsonschema")
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402
from webpages import Page, Server, article, listing  # noqa: E402

SHARED = os.environ.get("WINNOW_SHARED", "../shared")
NASTY = ["Control \x01 \x7f \u2028 &#0; &#xd800; title", "\\u0000 \"quotes\" \\",
         "&#x1F600; emoji \U0001f600", "<b>bold</b>" * 50]
REVISIT = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
           ("politeness.delay", "0"), ("fetch.max_tries", "1"),
           ("revisit.hub_pace", "300ms"), ("revisit.hub_min", "200ms"),
           ("revisit.hub_max", "1s"), ("revisit.article_min", "200ms"),
           ("revisit.article_max", "400ms"), ("revisit.gone_after", "300ms")]


def schema():
    rc, out, _ = sites.run([sites.WINNOW, "schema"])
    assert rc == 0
    return json.loads(out)


SCHEMA = schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def wrong(record):
    """What the validator says against a record; "" when it is valid."""
    return "; ".join("%s: %s" % (".".join(map(str, e.path)), e.message[:200])
                     for e in CHECK.iter_errors(record))


def all_valid(recs, least):
    assert len(recs) >= least, len(recs)
    for r in recs:
        assert wrong(r) == "", (r.get("url"), wrong(r))


def is_schema(_tmp):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert SCHEMA["required"] == list(SCHEMA["properties"])


def crawled(tmp):
    """The example sites, and pages with titles that hurt."""
    with sites.Sites() as s, Server("127.0.6.3") as srv:
        for i, title in enumerate(NASTY):
            srv.put("n%d" % i, Page(article("n%d" % i).replace(b"<h1>", b"<h1>" + title.encode())))
        srv.pages["/"] = Page(listing(["n%d" % i for i in range(len(NASTY))]))
        rc, _, err = sites.run(s.crawl(tmp, *sites.HURRY, seeds=s.seeds + [srv.base + "/"]))
        assert rc == 0, err
        recs = sites.records(tmp)
        all_valid(recs, 40)
        assert any(r["host"] == "127.0.6.3" for r in recs)
        # What an earlier version left here is replaced, as it is by a later one.
        kept = os.path.join(tmp, "queue/SCHEMA.json")
        with open(kept, "w", encoding="utf-8") as f:
            f.write("{}")
        rc, _, err = sites.run(s.crawl(tmp, *sites.HURRY))
        assert rc == 0, err
        with open(kept, encoding="utf-8") as f:
            assert json.load(f) == SCHEMA


def revisited(tmp):
    with Server("127.0.6.4") as srv, sites.Daemon(tmp, REVISIT) as d:
        for name in "change", "gone":
            srv.put(name, Page(article(name)))
        srv.pages["/"] = Page(listing(["change", "gone"]))
        with open(os.path.join(d.spool, "s.txt"), "w", encoding="utf-8") as f:
            f.write("%s/\ttype=list\ttags=a,b\n" % srv.base)
        d.start().ready()
        assert sites.wait_for(lambda: len(d.records()) >= 2, 20)
        srv.put("change", Page(article("change", 2)))
        srv.put("gone", Page(b"gone", status=410))
        assert sites.wait_for(
            lambda: {"changed", "gone"} <= {r["event"] for r in d.records()}, 20), \
            [r["event"] for r in d.records()]
        all_valid(d.records(), 4)


def cleaned(pages, least):
    """Pages without a fetch, whose fields are null: (name, bytes) each."""
    lines = "".join(json.dumps({"id": name, "url": "http://example.test/" + name,
                                "html_b64": base64.b64encode(body).decode()}) + "\n"
                    for name, body in pages)
    rc, out, err = sites.run([sites.WINNOW, "clean", "--batch"], stdin=lines, limit=200)
    assert rc == 0, err
    recs = [json.loads(line) for line in out.splitlines()]
    for r in recs:
        if "record_id" in r:
            r["id"] = r["record_id"]
    all_valid([r for r in recs if "record_id" in r], least)


def read(path):
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as f:
        return os.path.basename(path), f.read()


def own_pages(_tmp):
    files = glob.glob(os.path.join(ROOT, "tests/cleaner/pages/*/source.html"))
    files += glob.glob(os.path.join(ROOT, "tests/fuzz/corpus/page/*"))
    cleaned(map(read, sorted(files)), 30)


def shared_pages(_tmp):
    files = glob.glob(os.path.join(SHARED, "examples/*.html"))
    files += glob.glob(os.path.join(SHARED, "corpus/*/*.html.gz"))
    cleaned(map(read, sorted(files)), len(files))


# Ways to be wrong: field, value. Each is refused on its own.
BAD = [
    ("schema", "winnow/2"), ("schema", None), ("id", "w1-12"), ("id", "W1-" + "a" * 32),
    ("id", "w1-" + "a" * 33), ("event", "created"), ("event", 1), ("revises", "x"),
    ("url", "no address"), ("url", "/relative"), ("url", 7), ("host", "a/b"), ("host", ""),
    ("title", ["a"]), ("title", 3), ("title", "x" * 65537), ("text", None), ("text", 1),
    ("authors", "one"), ("authors", [1]), ("authors", None), ("authors", ["a"] * 501),
    ("sections", {}), ("tags", [None]), ("language", "zh-CN"), ("language", None),
    ("language_script", "hans"), ("language_score", 1.5), ("language_score", "1"),
    ("script_origin", "Hant"), ("date_publish", "21.11.2026"), ("date_publish", "2026-1-2"),
    ("date_publish", "2026-02-30"), ("date_publish", 20261121),
    ("datetime_publish", "2026-11-21"), ("datetime_publish", "2026-11-21T00:00:00+08:00"),
    ("date_modify", 0), ("date_source", "guess"), ("date_download", "today"),
    ("status", 99), ("status", "200"), ("status", 200.5), ("charset", "utf 8"),
    ("charset_source", "server"), ("content_length", -1), ("digest", "sha256:12"),
    ("digest", "md5:" + "0" * 64), ("text_hash", 2**40), ("text_hash", "12"),
    ("simhash", "0x" + "0" * 14), ("dup_of", 3), ("dup_of", "w1-"), ("page_type", "page"),
    ("chars", -1), ("chars", 1.5), ("paragraphs", None), ("link_density", 1.01),
    ("quality", -0.1), ("topic_score", None), ("removed", None), ("removed", {}),
    ("removed", []), ("repairs", {"gloss": "1"}), ("robots", "yes"), ("depth", -1),
    ("seed", 1), ("seed_tags", None), ("node", "a b"), ("node", "x" * 33), ("seq", 0),
    ("seq", "1"), ("truncated", 0), ("truncated", None), ("cleaner", "dev"), ("similarity", 2),
    ("han_share", 1.2), ("ended_share", None), ("repeated_share", "0"), ("kept_share", -1),
    ("titled_share", 2), ("lost_chars", -1), ("glosses", 0.5), ("damaged_places", None),
    ("spun", 1.1),
    ("parts", "1"),
]
# Null in a record of winnow clean, and only there.
OF_FETCH = ["event", "url", "url_requested", "host", "domain", "date_download", "status",
            "robots", "depth", "seed", "node", "seq"]


def good_record(tmp):
    with sites.Sites() as s:
        rc, _, err = sites.run(s.crawl(tmp, *sites.HURRY))
        assert rc == 0, err
    return sites.records(tmp)[0]


def refused(tmp):
    good = good_record(tmp)
    assert wrong(good) == "", wrong(good)
    kept = []
    for field, value in BAD + [(f, None) for f in OF_FETCH]:
        bad = dict(copy.deepcopy(good), **{field: value})
        if wrong(bad) == "":
            kept.append((field, value))
    for field in good:
        bad = {k: v for k, v in good.items() if k != field}
        if wrong(bad) == "":
            kept.append(field + " is missing")
    for field in "removed", "repairs":
        for key in good[field]:
            bad = copy.deepcopy(good)
            del bad[field][key]
            if wrong(bad) == "":
                kept.append("%s.%s is missing" % (field, key))
            bad[field][key] = -1
            if wrong(bad) == "":
                kept.append("%s.%s is -1" % (field, key))
    assert not kept, kept
    untried = set(good) - {f for f, _ in BAD} - {
        "url_requested", "url_canonical", "domain", "subtitle", "description", "editors",
        "source_name", "sitename", "image", "captions", "attachments", "content_type",
        "etag", "last_modified", "license", "robots_meta", "via", "crawl"}
    assert not untried, untried
    assert not wrong([good]) == "" and not wrong("x") == ""
    # A later version adds; it takes nothing away.
    later = dict(good, wholly_new={"x": [1]}, removed=dict(good["removed"], new_kind=1))
    assert wrong(later) == "", wrong(later)


def programs(_tmp):
    """What each program is given names every field once, in order."""
    names = SCHEMA["required"]
    got = {}
    for tool in "duckdb", "pandas", "spark", "hf", "clickhouse":
        rc, out, _ = sites.run([sites.WINNOW, "schema", "--for", tool])
        assert rc == 0, tool
        got[tool] = out
    assert list(ast.literal_eval(got["pandas"])) == names
    spark = [line.split("`")[1] for line in got["spark"].splitlines()]
    assert spark == names, spark
    tree = ast.parse(got["hf"])
    features = tree.body[-1].value.args[0]
    assert [k.value for k in features.keys] == names
    kinds = next(n for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "kinds")
    assert [k.value for k in kinds.value.keys] == SCHEMA["properties"]["removed"]["required"]
    click = [line.split("`")[1] for line in got["clickhouse"].splitlines() if line.startswith("    `")]
    assert click == names, click
    duck = [line.split('"')[1] for line in got["duckdb"].splitlines() if line.startswith('    "')]
    assert duck == names, duck


CASES = [
    ("schema: it is a JSON Schema of 2020-12 that asks for every field it names", is_schema),
    ("schema: every record of a crawl validates, and SCHEMA.json is replaced", crawled),
    ("schema: records that are changed or gone validate", revisited),
    ("schema: what winnow clean makes of the project's pages validates", own_pages),
    ("schema: a record that is wrong in one thing does not validate", refused),
    ("schema: each program is given every field in order", programs),
]


def main():
    bad = 0
    if os.path.isdir(os.path.join(SHARED, "examples")):
        CASES.append(("schema: what winnow clean makes of the example pages validates", shared_pages))
    else:
        print("skip - schema: what winnow clean makes of the example pages validates: no WINNOW_SHARED")
    for name, case in CASES:
        with sites.workdir() as tmp:
            try:
                case(tmp)
                sites.ok(True, name)
            except (AssertionError, subprocess.TimeoutExpired) as e:
                bad = 1
                sites.ok(False, name, repr(e)[:2000])
    return bad


if __name__ == "__main__":
    sys.exit(main())
