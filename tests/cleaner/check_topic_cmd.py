#!/usr/bin/env python3
"""winnow topic: what a person types who chooses topic.min_score."""
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402

SCHOOL = [
    "青禾中学党支部召开组织生活会\n3月8日下午，青禾中学党支部召开组织生活会，学校党员教师参加。"
    "支部书记带领全体党员学习党章，党员教师结合教育教学工作开展批评与自我批评。",
    "东岭小学开展主题党日活动\n为加强学校党建工作，东岭小学党支部组织党员教师开展主题党日活动，"
    "重温入党誓词，把党建工作与立德树人、教育教学结合起来。",
    "县教育局召开学校党建工作推进会\n县教育局党委召开全县中小学党建工作推进会，要求各学校党组织"
    "落实校长负责制，加强党员教师队伍建设，以党建引领教育发展。",
    "柳河镇中心学校党总支换届\n柳河镇中心学校召开党员大会，选举产生新一届党总支委员会。会议强调，"
    "学校党组织要加强思想政治工作，办好人民满意的教育。"]
ON = ("北川二中党支部举办党课", "日前，北川二中党支部书记为全校党员教师上党课，要求学校党员发挥先锋模范"
      "作用，做好教学和育人工作。党员教师结合教育教学工作谈了体会。")
OFF = ("新款手机开售", "这款手机采用六点五英寸屏幕，电池容量比上一代增加一成，起售价三千元，下周五在各大"
       "电商平台同时开卖，分析师预计销量将超过去年。")


def winnow(*args):
    return sites.run([sites.WINNOW, "topic", *args])


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def prepare(tmp):
    """A folder of examples: texts, and a record; what is no example beside."""
    folder = os.path.join(tmp, "examples")
    os.mkdir(folder)
    for i, text in enumerate(SCHOOL[:3]):
        write(folder, "%d.txt" % i, text)
    title, text = SCHOOL[3].split("\n")
    write(folder, "more.jsonl", json.dumps({"title": title, "text": text}) + "\n")
    write(folder, "README.md", "手机手机手机手机手机手机手机手机手机手机")
    page = "<html><title>%s</title><h1>%s</h1><p>%s</p></html>"
    on = write(tmp, "on.html", page % (ON[0], ON[0], ON[1]))
    off = write(tmp, "off.jsonl", json.dumps({"title": OFF[0], "text": OFF[1]}) + "\n")
    return folder, on, off


def scored(folder, on, off):
    status, out, err = winnow(folder, on, off)
    assert status == 0, (status, err)
    rows = [line.split("\t") for line in out.splitlines()]
    assert [r[1] for r in rows] == [on, off], rows
    assert float(rows[0][0]) > 0.5 > 0.3 > float(rows[1][0]), rows
    assert rows[1][2] == OFF[0], rows
    assert err.startswith("4 examples, "), err


def as_json(folder, on, off):
    status, out, _ = winnow("--json", folder, on, off)
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [set(r) for r in rows] == [{"score", "file", "title"}] * 2, rows
    status, out, err = winnow("--json", folder)
    learned = json.loads(out)
    assert status == 0 and err == "" and learned["examples"] == 4, (out, err)
    assert 0.5 < learned["lowest"] <= learned["median"] <= 1, learned
    assert "党员" in learned["words"] and "手机" not in learned["words"], learned


def with_words(folder, on, off):
    plain = float(winnow(folder, off)[1].split("\t")[0])
    more = float(winnow("-w", "手机，电池", folder, off)[1].split("\t")[0])
    assert more > plain, (plain, more)


def failures(folder, on, off):
    status, _, err = winnow(folder, on, folder + "/none.txt")
    assert status == 5 and "none.txt" in err, (status, err)
    status, _, err = winnow(on + ".none")
    assert status == 1 and "nothing to learn from" in err, (status, err)
    status, _, _ = winnow()
    assert status == 2, status


CASES = [("topic command: a folder of examples scores pages and records", scored),
         ("topic command: answers as JSON, and what was learned", as_json),
         ("topic command: words beside the examples", with_words),
         ("topic command: what cannot be read or learned from is said", failures)]
bad = 0
with tempfile.TemporaryDirectory() as tmp:
    where = prepare(tmp)
    for name, case in CASES:
        try:
            case(*where)
            print("ok - " + name)
        except Exception as e:  # pylint: disable=broad-except
            bad = 1
            print("  %s: %s" % (type(e).__name__, e))
            print("not ok - " + name)
sys.exit(bad)
