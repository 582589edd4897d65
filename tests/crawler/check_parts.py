#!/usr/bin/env python3
"""Articles on several pages land as one record: whatever is met first, whatever
is missing, and whenever we are killed. A server of the test's own notes what is
asked for, and holds answers back where the order matters."""
import os
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from finding import Crawl, HTML, Server  # noqa: E402

NO_GUESS = ["-O", "find.sitemap_places="]
DAEMON = [("fetch.allow_net", "127.0.0.0/8"), ("learn.wait_pages", "0"),
          ("politeness.robots", "ignore"),
          ("politeness.delay", "0"), ("find.sitemap_places", ""),
          ("fetch.max_tries", "1"), ("revisit.hub_pace", "300ms"),
          ("revisit.hub_min", "200ms"), ("revisit.hub_max", "1s"),
          ("revisit.article_min", "200ms"), ("revisit.article_max", "400ms"),
          ("revisit.gone_after", "500ms")]

WHO = ["县教育局", "城关中学", "东山镇中心小学", "实验幼儿园", "教师进修学校", "第二中学",
       "党员服务队", "家长委员会", "校史馆", "督导组"]
DID = ["组织党员教师走进社区开展义务辅导", "对照任务清单逐项检查安全工作", "邀请老党员为学生讲述校史",
       "把主题党日搬到了田间地头", "总结了一学期以来的课后服务", "公布了新学年的教研计划",
       "与结对学校交换了备课的经验", "听取了各年级组的意见和建议"]
HOW = ["现场气氛热烈，大家纷纷发言", "活动持续了两个小时", "有关情况已经通报各校",
       "与会人员就下一步工作进行了讨论", "参加活动的师生超过三百人", "这项工作将一直延续到六月底"]


def paragraph(name, n):
    """A paragraph that is like no other one's."""
    x, out = sum(name.encode()) * 7919 + n * 104729 + len(name), []
    for _ in range(3):
        x = (x * 1103515245 + 12345) % 2 ** 31
        out.append("%s%s，%s。" % (WHO[x // 7 % len(WHO)], DID[x // 71 % len(DID)],
                                HOW[x // 577 % len(HOW)]))
    return "%s第%d次活动中，%s" % (name, n, "".join(out))


def page(title, paragraphs, below=""):
    return ("<!DOCTYPE html><html lang=zh><head><title>%s</title></head><body>"
            "<div class=article><h1>%s</h1><div class=content>%s</div>%s</div></body></html>"
            % (title, title, "".join("<p>　　%s</p>" % p for p in paragraphs),
               below)).encode()


def row(path, n, of, more=""):
    """1 [2] [3] 下一页, below page n."""
    name = path.rsplit("/", 1)[1]
    out = [str(i) if i == n else "<a href='%s'>[%d]</a>" % (at(name, i), i)
           for i in range(1, of + 1)]
    if n < of:
        out.append("<a href='%s'>下一页</a>" % at(name, n + 1))
    return "<div class=page>%s %s</div>" % (" ".join(out), more)


def at(path, n):
    return path if n == 1 else path.replace(".html", "_%d.html" % n)


def lines(name, first, n):
    return [paragraph(name, i) for i in range(first, first + n)]


def article(path, name, of=3, each=3, more="", put=None):
    """The pages of an article, by their paths, and its text."""
    pages = {}
    for n in range(1, of + 1):
        pages[at(path, n)] = page("%s工作纪实" % name, lines(name, each * (n - 1), each),
                                  row(path, n, of, more) if of > 1 else "")
    if put is not None:
        put.update(pages)
    return "\n".join(lines(name, 0, each * of))


def listing(paths):
    return ("<html lang=zh><head><title>新闻</title></head><body><ul>%s</ul></body></html>"
            % "".join("<li><a href='%s'>活动报道：%s</a></li>" % (p, p)
                      for p in paths)).encode()


def same(got, want):
    assert sites.fold(got) == sites.fold(want), (got[:300], want[:300])


def only(c, path):
    got = [r for r in c.records if r["url"].endswith(path)]
    assert len(got) == 1, [(r["url"], r["parts"]) for r in c.records]
    return got[0]


def once(s):
    twice = {p for p in s.log if s.log.count(p) > 1}
    assert not twice, twice


def one_record(s, tmp):
    want = article("/a/t1.html", "春季研学", put=s.pages)
    alone = article("/a/t2.html", "校园读书", of=1, put=s.pages)
    s.pages["/"] = listing(["/a/t1.html", "/a/t2.html"])
    c = Crawl(tmp, "one", s.url(), *NO_GUESS)
    assert len(c.records) == 2, [r["url"] for r in c.records]
    r = only(c, "/a/t1.html")
    same(r["text"], want)
    assert (r["parts"], r["truncated"]) == (3, False), r
    r = only(c, "/a/t2.html")
    same(r["text"], alone)
    assert (r["parts"], r["truncated"]) == (1, False), r
    once(s)
    assert not sites.once(c.records)
    rc, out, err = sites.run([sites.WINNOW, "why", "-o", c.dir, s.url("/a/t1_2.html")])
    assert rc == 0 and "further page" in out, (out, err)


def to_choose_from(s, tmp):
    """The row of pages has no links; another article's head alone tells of it."""
    want = {"/a/t1.html": article("/a/t1.html", "春季研学", put=s.pages)}
    paths = [at("/a/t1.html", n) for n in (1, 2, 3)]
    for p in paths:
        body, tail = s.pages[p].decode().split(row("/a/t1.html", paths.index(p) + 1, 3))
        s.pages[p] = (body + "<select onchange='location=this.value'>" + "".join(
            "<option value='%s'>第%d页</option>" % (q, n + 1)
            for n, q in enumerate(paths)) + "</select>" + tail).encode()
    want["/b/77"] = "\n".join(lines("校园读书", 0, 9))
    for n in (1, 2, 3):
        html = page("校园读书工作纪实", lines("校园读书", 3 * (n - 1), 3), "").decode()
        if n < 3:
            html = html.replace("</head>", "<link rel=next href='/b/77?page=%d'></head>"
                                % (n + 1))
        s.pages["/b/77" + ("?page=%d" % n if n > 1 else "")] = html.encode()
    s.pages["/"] = listing(list(want))
    c = Crawl(tmp, "choose", s.url(), *NO_GUESS)
    assert len(c.records) == 2, [(r["url"], r["parts"]) for r in c.records]
    for path, text in want.items():
        r = only(c, path)
        same(r["text"], text)
        assert (r["parts"], r["truncated"]) == (3, False), r
    once(s)


def picture_between(s, tmp):
    """A page of the row that has but a picture does not end the article."""
    article("/a/t1.html", "春季研学", put=s.pages)
    s.pages["/a/t1_2.html"] = page("春季研学工作纪实", ["<img src='/1.jpg'>"],
                                   row("/a/t1.html", 2, 3))
    s.pages["/"] = listing(["/a/t1.html"])
    c = Crawl(tmp, "picture", s.url(), *NO_GUESS)
    r = only(c, "/a/t1.html")
    same(r["text"], "\n".join(lines("春季研学", 0, 3) + lines("春季研学", 6, 3)))
    assert len(c.records) == 1 and r["parts"] == 2, c.records
    once(s)


def met_from_the_middle(s, tmp):
    """A list names the third page, or all of them in another order."""
    want = article("/a/t1.html", "春季研学", put=s.pages)
    other = article("/b/t1.html", "秋季研学", put=s.pages)
    s.pages["/"] = listing(["/a/t1_3.html", "/b/t1_2.html", "/b/t1_3.html", "/b/t1.html"])
    c = Crawl(tmp, "middle", s.url(), *NO_GUESS)
    assert len(c.records) == 2, [(r["url"], r["parts"]) for r in c.records]
    same(only(c, "/a/t1.html")["text"], want)
    same(only(c, "/b/t1.html")["text"], other)
    once(s)


def whole(s, tmp):
    """The page with all of it is fetched instead of the others."""
    want = article("/a/t1.html", "春季研学", of=4, put=s.pages,
                   more="<a href=t1_all.html>在本页显示全文</a>")
    s.pages["/a/t1_all.html"] = page("春季研学工作纪实", want.split("\n"))
    s.pages["/"] = listing(["/a/t1.html", "/last.html"])
    look = [sites.WINNOW, "why", "-o", os.path.join(tmp, "whole"), s.url("/a/t1_3.html")]

    def when_landed(_):
        sites.wait_for(lambda: "further page" in sites.run(look)[1], 20)
        return HTML, listing(["/a/t1_3.html"])
    s.pages["/last.html"] = when_landed
    c = Crawl(tmp, "whole", s.url(), *NO_GUESS)
    assert len(c.records) == 1, [r["url"] for r in c.records]
    same(only(c, "/a/t1.html")["text"], want)
    assert c.records[0]["truncated"] is False
    asked = set(s.asked())
    assert asked == {"/", "/last.html", "/a/t1.html", "/a/t1_all.html"}, asked
    rc, out, _ = sites.run(look)
    assert rc == 0 and "further page" in out, out


def false_whole(s, tmp):
    """It leads to something else: the pages are taken one by one, it lands too."""
    want = article("/a/t1.html", "春季研学", put=s.pages,
                   more="<a href=t1_all.html>查看全文</a>")
    article("/a/t1_all.html", "手机版下载", of=1, put=s.pages)
    s.pages["/"] = listing(["/a/t1.html"])
    c = Crawl(tmp, "false", s.url(), *NO_GUESS)
    same(only(c, "/a/t1.html")["text"], want)
    assert only(c, "/a/t1.html")["parts"] == 3
    assert "手机版下载" in only(c, "/a/t1_all.html")["text"]
    once(s)


def missing(s, tmp):
    """A page that is not there is said; the others land in order."""
    article("/a/t1.html", "春季研学", put=s.pages)
    del s.pages["/a/t1_2.html"]
    s.pages["/"] = listing(["/a/t1.html"])
    c = Crawl(tmp, "missing", s.url(), *NO_GUESS)
    r = only(c, "/a/t1.html")
    same(r["text"], "\n".join(lines("春季研学", 0, 3) + lines("春季研学", 6, 3)))
    assert (r["parts"], r["truncated"]) == (2, True), r
    assert len(c.records) == 1


def refused(s, tmp):
    """robots.txt, scope and max_parts hold for parts as for any URL."""
    article("/a/t1.html", "春季研学", of=5, put=s.pages)
    s.pages["/"] = listing(["/a/t1.html"])
    s.pages["/robots.txt"] = ("text/plain", b"User-agent: *\nDisallow: /a/t1_3.html\n")
    c = Crawl(tmp, "refused", s.url(), "-O", "scope.exclude=*t1_4*",
              "-O", "politeness.robots=obey", "-O", "politeness.delay=0", *NO_GUESS)
    r = only(c, "/a/t1.html")
    assert (r["parts"], r["truncated"]) == (3, True), r
    asked = set(s.asked())
    assert not asked & {"/a/t1_3.html", "/a/t1_4.html"}, asked
    s.log.clear()
    c = Crawl(tmp, "most", s.url(), "-O", "fetch.max_parts=2", *NO_GUESS)
    r = only(c, "/a/t1.html")
    assert (r["parts"], r["truncated"]) == (2, True), r
    s.log.clear()
    c = Crawl(tmp, "off", s.url(), "-O", "fetch.max_parts=1", *NO_GUESS)
    assert len(c.records) == 4 and {r["parts"] for r in c.records} == {1}, c.records


def loops(s, tmp):
    """Pages without end, or the same page for any number: the article ends."""
    def any_page(h):
        n = int(h.path.split("_")[1].split(".")[0])
        return HTML, page("春季研学工作纪实", lines("春季研学", 0, 3),
                          "<p><a href=t1_%d.html>上一页</a> <a href=t1_%d.html>下一页</a></p>"
                          % (n - 1, n + 1))
    s.pages["/a/t1.html"] = page("春季研学工作纪实", lines("春季研学", 0, 3),
                                 "<p><a href=t1_2.html>下一页</a></p>")
    for n in range(2, 200):
        s.pages["/a/t1_%d.html" % n] = any_page
    s.pages["/"] = listing(["/a/t1.html"])
    c = Crawl(tmp, "loops", s.url(), "-O", "fetch.max_parts=10", *NO_GUESS)
    r = only(c, "/a/t1.html")
    same(r["text"], "\n".join(lines("春季研学", 0, 3)))
    # What is behind a page that repeats the first is no part, but a link like any
    # other: a repeat, until its family is closed.
    assert (r["parts"], r["truncated"]) == (1, False), r
    assert [x["url"] for x in c.records if x["dup_of"] is None] == [r["url"]], c.records
    assert len(s.asked()) <= 60, s.log
    once(s)


def not_parts(s, tmp):
    """Next articles, and pages that turn out to be another article."""
    for i in range(1, 5):
        s.pages["/n/%d.html" % i] = page("%s工作纪实" % WHO[i], lines(WHO[i], 0, 4),
            "<p><a href=%d.html>上一篇</a> <a href=%d.html>下一篇</a></p>" % (i - 1, i + 1))
    article("/a/t1.html", "春季研学", put=s.pages)
    s.pages["/a/t1_3.html"] = page("县实验小学运动会开幕", lines("运动会", 0, 4))
    s.pages["/"] = listing(["/n/1.html", "/a/t1.html"])
    c = Crawl(tmp, "not", s.url(), *NO_GUESS)
    assert len(c.records) == 6, [(r["url"], r["parts"]) for r in c.records]
    r = only(c, "/a/t1.html")
    assert (r["parts"], r["truncated"]) == (2, True), r
    same(only(c, "/a/t1_3.html")["text"], "\n".join(lines("运动会", 0, 4)))
    once(s)


def first_gone(s, tmp):
    """Parts whose first page cannot be had land by themselves."""
    article("/a/t1.html", "春季研学", put=s.pages)
    del s.pages["/a/t1.html"]
    s.pages["/"] = listing(["/a/t1_2.html"])
    c = Crawl(tmp, "gone", s.url(), *NO_GUESS)
    assert {r["url"].rsplit("/", 1)[1] for r in c.records} == {"t1_2.html", "t1_3.html"}, \
        [r["url"] for r in c.records]
    assert all(r["truncated"] for r in c.records)


def held(s, tmp):
    """A later page that names no first one waits for its site, not for its article."""
    want = article("/a/t1.html", "春季研学", of=2, put=s.pages)
    s.pages["/a/t1_2.html"] = page("春季研学工作纪实", lines("春季研学", 3, 3))
    s.pages["/a/t9.html"] = listing(["/a/t1.html"])
    gate = Gate(s, "/a/t9.html")
    s.pages["/"] = listing(["/a/t1_2.html", "/a/t9.html"])
    with sites.Daemon(os.path.join(tmp, "held"), [
            ("learn.wait_pages", "20") if k == "learn.wait_pages" else (k, v)
            for k, v in DAEMON]) as d:
        with open(os.path.join(d.spool, "s.txt"), "w", encoding="utf-8") as f:
            f.write(s.url() + "\n")
        d.start().ready()
        assert gate.here.wait(60)
        assert sites.wait_for(lambda: d.status()["now"]["held"] == 1, 20), d.status()
        gate.open.set()
        assert sites.wait_for(lambda: len(d.records()) > 0, 20), d.words()
        got = d.records()
        assert [(r["url"][-8:], r["parts"], r["truncated"]) for r in got] == \
            [("/t1.html", 2, False)], got
        same(got[0]["text"], want)


def newspaper(s, tmp):
    """A turn to another sheet: one record, the sentence put together."""
    s.pages["/html/c_101.htm"] = page("全县教育大会召开", lines("教育大会", 0, 3) +
        ["会议还研究了暑期教师培训的安排"],
        "<p><a href=c_245.htm>（下转第4版）</a></p>")
    s.pages["/html/c_245.htm"] = page("全县教育大会召开",
        ["（上接第1版）以及明年的预算，并听取了审计情况的汇报。"] + lines("教育大会", 7, 2),
        "<p><a href=c_101.htm>（上接第1版）</a></p>")
    s.pages["/"] = listing(["/html/c_245.htm", "/html/c_101.htm"])
    c = Crawl(tmp, "paper", s.url(), *NO_GUESS)
    assert len(c.records) == 1, [r["url"] for r in c.records]
    r = only(c, "/html/c_101.htm")
    assert "教师培训的安排以及明年的预算" in r["text"], r["text"]
    assert "版）" not in r["text"] and r["parts"] == 2, r


class Gate:
    """Pages that are answered only when the test says so."""

    def __init__(self, s, *paths):
        self.open, self.here = threading.Event(), threading.Event()
        for p in paths:
            s.pages[p] = self.wait(s.pages[p])

    def wait(self, body):
        def answer(_):
            self.here.set()
            self.open.wait(60)
            return HTML, body
        return answer


def killed(s, tmp):
    """kill -9 while a part is awaited: nothing has landed, and all does later."""
    want = article("/a/t1.html", "春季研学", put=s.pages)
    s.pages["/"] = listing(["/a/t1.html"])
    gate = Gate(s, "/a/t1_3.html")
    out = os.path.join(tmp, "killed")
    cmd = [sites.WINNOW, "crawl", "-q", "-o", out, s.url()]
    for o in ("fetch.allow_net=127.0.0.0/8", "politeness.delay=0", "queue.flush_after=20ms",
              "state.commit_every=20ms", "find.sitemap_places="):
        cmd += ["-O", o]
    with subprocess.Popen(cmd) as p:
        assert gate.here.wait(60)
        p.send_signal(signal.SIGKILL)
    gate.open.set()
    assert not sites.records(out)
    rc, _, err = sites.run(cmd)
    assert rc == 0, err
    got = sites.records(out)
    assert len(got) == 1, [r["url"] for r in got]
    same(got[0]["text"], want)
    assert not sites.once(got)


def stopped(s, tmp):
    """A stop and a drain do not wait for it either."""
    article("/a/t1.html", "春季研学", put=s.pages)
    s.pages["/"] = listing(["/a/t1.html"])
    gate = Gate(s, "/a/t1_3.html")
    with sites.Daemon(os.path.join(tmp, "stop"), DAEMON) as d:
        with open(os.path.join(d.spool, "s.txt"), "w", encoding="utf-8") as f:
            f.write(s.url() + "\n")
        d.start().ready()
        assert gate.here.wait(60)
        assert sites.wait_for(lambda: d.status()["now"]["gathered"] == 2, 20), d.status()
        rc, _ = d.stop()
        assert rc == 0, d.words()
        assert not d.records()
        gate.open.set()
        d.start().ready()
        assert sites.wait_for(lambda: len(d.records()) == 1, 20), d.words()
        assert d.records()[0]["parts"] == 3
        assert d.status()["pages"]["joined"] == 1, d.status()


def revisits(s, tmp):
    """A change of the first page has all of them read again; none is told twice."""
    article("/a/t1.html", "春季研学", put=s.pages)
    s.pages["/"] = listing(["/a/t1.html"])
    with sites.Daemon(os.path.join(tmp, "again"), DAEMON) as d:
        with open(os.path.join(d.spool, "s.txt"), "w", encoding="utf-8") as f:
            f.write(s.url() + "\ttype=list\n")
        d.start().ready()
        assert sites.wait_for(lambda: s.log.count("/a/t1.html") >= 4, 20), d.words()
        assert [r["event"] for r in d.records()] == ["new"], d.records()
        assert s.log.count("/a/t1_2.html") == 1, "what is as it was is not read on"
        want = article("/a/t1.html", "夏季研学", put=s.pages)
        assert sites.wait_for(lambda: len(d.records()) == 2, 20), (s.log, d.words())
        first, second = d.records()
        assert (second["event"], second["revises"]) == ("changed", first["id"]), second
        same(second["text"], want)
        assert (second["parts"], second["truncated"]) == (3, False), second


CASES = [
    ("parts: an article on three pages is one record, each page asked for once", one_record),
    ("parts: whatever page is met first, the record is that of the first one",
     met_from_the_middle),
    ("parts: rows to choose from, and rel=next of the head, lead on", to_choose_from),
    ("parts: a page with but a picture does not end an article", picture_between),
    ("parts: a page with all of it is fetched instead of the others", whole),
    ("parts: a page that only claims to have all of it is not believed", false_whole),
    ("parts: a missing page is told, and the others land", missing),
    ("parts: robots, scope and fetch.max_parts hold", refused),
    ("parts: pages without end come to one", loops),
    ("parts: next articles and strangers land by themselves", not_parts),
    ("parts: without a first page each lands by itself", first_gone),
    ("parts: a page that waits for its site comes to its article", held),
    ("parts: a newspaper's turn of the page is joined", newspaper),
    ("parts: a kill while one is awaited loses nothing, and repeats nothing", killed),
    ("parts: a stop does not wait, and the next start joins them", stopped),
    ("parts: a changed article is read again as a whole, and told once", revisits),
]


def main():
    c = sites.Cases()
    for i, (name, fn) in enumerate(CASES):
        with sites.workdir() as tmp, Server("127.0.14.%d" % (i + 1)) as s:
            c.case(name, fn, s, tmp)
    return 1 if c.failed else 0


if __name__ == "__main__":
    sys.exit(main())
