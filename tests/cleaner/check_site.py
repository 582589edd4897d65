#!/usr/bin/env python3
"""winnow clean --site: a folder of pages, a WARC file of two hosts."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402

WINNOW = os.path.abspath(sites.WINNOW)
PLACES = ["河堤上", "操场边", "教室里", "老井旁", "山路上", "食堂里", "图书角", "校门口"]
PEOPLE = ["六年级的同学", "退休的王老师", "合唱队的孩子", "村里的木匠", "值日的班长"]
DEEDS = ["修好了一排旧课桌", "种下了几株海棠", "讲了一个关于种子的故事",
         "测量了一整天的风向", "把旧书一本本包好书皮", "画完了四季的日历"]
SLOGAN = "让每一阵风都吹到孩子们的窗前"


def paragraph(n, k):
    i = n * 31 + k * 7
    return "第%d天，%s在%s%s，大家记下了%d个数字，又擦掉了%d个。" % (
        i % 97, PEOPLE[i % 5], PLACES[i % 8], DEEDS[i % 6], i * 13 % 89, i * 17 % 83)


def page(n, slogan=SLOGAN):
    body = "".join("<p>%s</p>" % paragraph(n, k) for k in range(4 + n % 3))
    return ("<html><head><meta charset=utf-8><title>记录之%d：%s%s</title></head><body>"
            "<div class=nav><a href=/>首页</a></div><div class=c><h1>记录之%d：%s%s</h1>%s"
            "<p>%s</p></div></body></html>" % (n, PEOPLE[n % 5], DEEDS[n % 6], n,
                                               PEOPLE[n % 5], DEEDS[n % 6], body, slogan))


def run(*args):
    p = subprocess.run([WINNOW, "clean", *args], capture_output=True, timeout=60, check=False)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def folder(tmp):
    for n in range(24):
        d = os.path.join(tmp, "pages", "2023" if n % 2 else "2024")
        os.makedirs(d, exist_ok=True)
        with open(os.path.join(d, "%02d.html" % n), "w", encoding="utf-8") as f:
            f.write(page(n))
    with open(os.path.join(tmp, "pages", "style.css"), "w", encoding="ascii") as f:
        f.write("p { color: red }")
    return os.path.join(tmp, "pages")


def a_folder(tmp):
    d = folder(tmp)
    rc, out, err = run("--site", "-f", "json", "-u", "http://www.example.cn/", d)
    assert rc == 0 and err == "", (rc, err)
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["id"] for r in records] == sorted(r["id"] for r in records)
    assert len(records) == 24 and records[0]["id"] == "2023/01.html", records[0]["id"]
    assert records[0]["url"] == "http://www.example.cn/2023/01.html"
    for r in records:
        n = int(r["id"][5:7])
        assert r["text"] == "\n".join(paragraph(n, k) for k in range(4 + n % 3)), r["text"]
    assert run("--site", "-f", "json", "-u", "http://www.example.cn/", d)[1] == out
    alone = run(os.path.join(d, "2023", "01.html"))[1]
    assert SLOGAN in alone, alone


def a_warc(tmp):
    path = os.path.join(tmp, "two.warc.gz")
    with open(path, "wb") as f:
        for n in range(40):
            host = "a.example.cn" if n % 2 else "b.example.cn"
            html = page(n, SLOGAN if n % 2 else "风从河那边来" * (n % 7 + 1)).encode()
            http = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(html)) + html
            head = ("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://%s/%d.html\r\n"
                    "WARC-Date: 2023-05-06T10:20:00Z\r\nWARC-Record-ID: <urn:uuid:%032d>\r\n"
                    "Content-Type: application/http;msgtype=response\r\n"
                    "Content-Length: %d\r\n\r\n" % (host, n, n, len(http))).encode()
            f.write(gzip.compress(head + http + b"\r\n\r\n"))
    rc, out, err = run("--site", "-f", "json", path)
    assert rc == 0 and err == "", (rc, err)
    records = [json.loads(line) for line in out.splitlines()]
    assert len(records) == 40
    for n, r in enumerate(records):
        assert r["id"].startswith("w1-") and r["status"] == 200
        assert r["text"].startswith("\n".join(paragraph(n, k) for k in range(4 + n % 3))), n
        assert (SLOGAN in r["text"]) is False, r["text"]
        assert ("风从河那边来" in r["text"]) == (n % 2 == 0), r["text"]


def nothing(tmp):
    empty = os.path.join(tmp, "empty")
    os.mkdir(empty)
    rc, out, err = run("--site", empty)
    assert rc == 7 and out == "" and "no page in it" in err, (rc, err)
    rc, out, err = run("--site", os.path.join(tmp, "none"))
    assert rc == 1 and "cannot read" in err, (rc, err)
    assert run("--site")[0] == 2 and run("--site", "--batch", empty)[0] == 2


CASES = [
    ("clean --site: what all pages of a folder say goes, in the order of names", a_folder),
    ("clean --site: hosts of a WARC file are sites of their own", a_warc),
    ("clean --site: an empty folder, one that is not there, a wrong command line", nothing),
]


def main():
    failed = 0
    for name, case in CASES:
        with tempfile.TemporaryDirectory() as tmp:
            try:
                case(tmp)
                print("ok - " + name)
            except AssertionError as e:
                failed = 1
                print("not ok - %s\n  %s" % (name, str(e)[:2000]))
    return failed


if __name__ == "__main__":
    sys.exit(main())
