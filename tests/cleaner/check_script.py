#!/usr/bin/env python3
"""clean.script and --script: text comes out in the script that was asked for,
the record says which one that is, and a sandboxed worker converts as well."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "crawler"))
import sites  # noqa: E402

GLOSSED = ("<html><head><title>會(huì)議召開</title></head><body>"
           "<div>當(dāng)前位置：<a href='/'>首頁</a> &gt; "
           "<a href='/d/'>基層黨建</a></div><h1>會(huì)議召開</h1><p>%s</p>"
           "</body></html>")
BODY = ("會(huì)議強(qiáng)調(diào)，各單位要認(rèn)真貫徹落實(shí)上級(jí)部署，圍繞著力"
        "提高質(zhì)量這一目標(biāo)，沿著正確的道路，發(fā)展教育事業(yè)。作者著作等"
        "身，是一位著名學(xué)者，穿著樸素。大家看著他，討論著工作，編著"
        "了教材，成績顯著。") * 3


def normalise(text, *more, mirror=False):
    row = {"id": "1", "text": text}
    if mirror:
        row["page"] = "mirror"
    status, out, err = sites.run([sites.WINNOW, "normalise", "--jsonl", *more],
                                 stdin=json.dumps(row))
    assert status == 0, err
    return json.loads(out)["text"]


def clean(*more):
    status, out, err = sites.run([sites.WINNOW, "clean", "-f", "json", *more],
                                 stdin=GLOSSED % BODY)
    assert status == 0, err
    return json.loads(out)


def equal(got, want):
    assert got == want, "expected %r, got %r" % (want, got)


def simplified():
    equal(normalise("臺灣的頭髮與發展，乾淨的衛生間，後來皇后說了什麼？",
                    "--script", "hans"),
          "台湾的头发与发展，干净的卫生间，后来皇后说了什么？")


def traditional():
    equal(normalise("头发与发展，干净的后面，皇后和里面。", "--script",
                    "hant"), "頭髮與發展，乾淨的後面，皇后和裏面。")


def zhu():
    text = "沿著這條路，著力提高，看著他；著名的著作、顯著、編著、土著、原著。"
    equal(normalise(text, "--script", "hans", mirror=True),
          "沿着这条路，着力提高，看着他；著名的著作、显著、编著、土著、原著。")


def unasked():
    for text in ("臺灣的頭髮與發展。", "头发与发展。", "著力，着力"):
        equal(normalise(text), text)
    text = "頭髪は日本語の文字です。発展する。"
    equal(normalise(text), text)


def repaired_first():
    equal(normalise("引領學(xué)?？茖W(xué)發(fā)展。", "--script", "hans",
                    mirror=True), "引领学校科学发展。")


def record_as_is():
    r = clean()
    equal((r["language_script"], r["script_origin"]), ("Hant", "Hans"))
    assert "會議強調" in r["text"] and r["repairs"]["gloss"] >= 30
    equal(r["sections"], ["基層黨建"])


def record_converted():
    r = clean("--script", "hans")
    equal((r["language_script"], r["script_origin"]), ("Hans", None))
    equal(r["title"], "会议召开")
    equal(r["sections"], ["基层党建"])
    for words in ("围绕着力提高", "沿着正确", "著作等身", "著名学者", "讨论着工作",
                  "编著了", "成绩显著"):
        assert words in r["text"], (words, r["text"])


def crawled():
    with sites.Sites() as s, tempfile.TemporaryDirectory() as d:
        status, _, err = sites.run(
            s.crawl(d, *sites.HURRY, "-O", "clean.script=hans",
                    seeds=[x["url"] for x in s.sites
                           if x["name"] == "mirror"]), limit=120)
        assert status == 0, err
        got = [r for r in sites.records(d) if r["language"] == "zh"]
        assert len(got) >= 5, len(got)
        for r in got:
            equal(r["language_script"], "Hans")
            assert not set("學會發對當關業設") & set(r["text"]), r["text"]


def refused():
    status, _, err = sites.run([sites.WINNOW, "crawl", "-O",
                                "clean.script=hans", "-o", "/nonexistent/x",
                                "http://127.0.0.1:9/"])
    assert status == 4 and "clean.script" in err, (status, err)
    status, _, err = sites.run([sites.WINNOW, "normalise", "--script", "hans"],
                               stdin="")
    assert status == 2 and "OpenCC" in err, (status, err)


cases = sites.Cases()
cases.case("script: text stays as it is unless asked", unasked)
p = subprocess.run([sites.WINNOW, "normalise", "--script", "hans"],
                   stdin=subprocess.DEVNULL, capture_output=True, check=False)
if p.returncode == 0:
    cases.case("script: traditional becomes simplified, by words", simplified)
    cases.case("script: simplified becomes traditional, by words", traditional)
    cases.case("script: 著 of a mirror is 着 but in the words that have it",
               zhu)
    cases.case("script: lost bytes are repaired before", repaired_first)
    cases.case("script: a mirror's record says Hant, and Hans before",
               record_as_is)
    cases.case("script: a converted record says Hans, once", record_converted)
    cases.case("script: a sandboxed worker converts", crawled)
else:
    print("skip - script: conversion: this build has no OpenCC")
    cases.case("script: a wish that cannot be granted is an error", refused)
sys.exit(cases.failed > 0)
