#!/usr/bin/env python3
"""What the pages of a site teach: its first articles wait for it, land without
the furniture that they share, and never get lost on the way.

The sites are the test's own: each text between two sentences that all pages of
the site carry inside the body, so that no page alone tells them from its text.
A page that does not answer holds the others up where a case wants it; nothing
here counts on time, but for what only time brings about."""
import concurrent.futures
import os
import signal
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from webpages import Page, Server  # noqa: E402

SCHOOLS = "北辰 松江 云溪 长桥 望山 石门 柳湾 青石 河口 东平 白塔 南屏".split()
WHO = "王老师 李校长 年级组长 教研员 班主任 家长代表 图书管理员 辅导员 张主任".split()
DID = "介绍了 总结了 回顾了 讨论了 展示了 记录了 评议了 安排了 梳理了 交流了".split()
WHAT = """课后服务的开展情况 阅读课程的新做法 劳动实践基地的建设 学生社团的活动安排
校园安全的几项措施 集体备课的经验 体育节的筹备工作 心理辅导室的使用 食堂的菜谱
河边写生的收获 科学实验的器材""".split()
THEN = """并且谈到今后的打算 大家听得十分认真 会场里响起了掌声 随后又到教室里看了一遍
有人把要点记在本子上 下午还要继续交流 孩子们围过来提问 结束时天色已晚""".split()
ABOVE = ("温习校园生活，记录成长点滴，欢迎各位家长关注我们的校园公众平台，"
         "随时了解孩子在学校里的学习和生活情况。")
BELOW = ("以上内容由学校宣传组整理编写，版面有限，未尽之处请向学校宣传组的老师询问，"
         "我们会认真答复每一位读者。")


class Words:
    """Picks that differ from page to page and are the same in each run."""

    def __init__(self, n):
        self.x = n * 7919 + 17

    def of(self, words):
        self.x = (self.x * 1103515245 + 12345) % 2**31
        return words[self.x // 65536 % len(words)]


def paragraphs(n):
    w, out = Words(n), []
    for _ in range(5):
        half = ["%s%s%s，%s" % (w.of(WHO), w.of(DID), w.of(WHAT), w.of(THEN))
                for _ in range(2)]
        out.append("%s学校的%s。%s。" % (w.of(SCHOOLS), half[0], half[1]))
    return out


def title(n):
    w = Words(n + 100000)
    return "%s学校%s%s" % (w.of(SCHOOLS), w.of(WHO), w.of(WHAT))


def html(name, body):
    return ("<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>%s"
            "</title></head><body><div class=top><a href=/>首页</a></div>%s"
            "</body></html>" % (name, body)).encode()


def page(n, extra=""):
    """Old design."""
    return html(title(n), "<div class=content><h1>%s</h1>%s</div>%s" % (
        title(n), "".join("<p>%s</p>" % p
                          for p in [ABOVE, *paragraphs(n), BELOW]), extra))


def new_page(n):
    """The same site after somebody has made it anew."""
    return html(title(n), "<main id=main><h2 class=t>%s</h2><section class=zw>%s"
                "</section></main><div class=foot>学校地址见首页</div>" % (
                    title(n), "".join("<div class=d>%s</div>" % p
                                      for p in paragraphs(n))))


def listing(ns):
    return html("新闻", "<ul>%s</ul>" % "".join(
        "<li><a href='/a/%d.html'>%s</a></li>" % (n, title(n)) for n in ns))


class Site(Server):
    """n pages and their list; those of shut answer when opened."""

    def __init__(self, address, n, shut=()):
        super().__init__(address)
        self.host = address
        self.opened = threading.Event()
        self.pages["/"] = Page(listing(range(n)))
        for i in range(n):
            body = page(i)
            self.pages["/a/%d.html" % i] = Page(
                self.gate(body) if i in shut else body)

    def gate(self, body):
        def wait(_):
            self.opened.wait(120)
            return body
        return wait

    def text(self, url):
        """What is wanted of a page."""
        return "\n".join(paragraphs(int(url.split("/")[-1][:-5])))

    def __exit__(self, *_):
        self.opened.set()
        super().__exit__()


BASE = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
        ("politeness.delay", "0"), ("politeness.per_host", "16"),
        ("revisit.hubs", "false"), ("revisit.articles", "false")]


def begin(d, site):
    with open(os.path.join(d.spool, "seeds.txt"), "w", encoding="utf-8") as f:
        f.write("%s/\ttype=list\n" % site.base)
    d.start().ready()


def held(d, n):
    got = sites.wait_for(lambda: d.status()["now"]["held"] == n, 30)
    assert got, d.status()
    assert d.records() == [], "what waits has not landed"


def landed(d, n):
    assert sites.wait_for(lambda: len(d.records()) == n, 30), \
        (n, len(d.records()), d.status())
    why = sites.once(d.records())
    assert not why, why


def crawl(site, out, *more):
    rc, _, err = sites.run(
        [sites.WINNOW, "crawl", "-o", out, "-q", "-O",
         "fetch.allow_net=127.0.0.0/8", "-O", "politeness.delay=0", *more,
         site.base + "/"])
    assert rc == 0, (rc, err)
    recs = sites.records(out)
    why = sites.once(recs)
    assert not why, why
    return recs


# ---- the crawl in the foreground ------------------------------------------------

def furniture(tmp):
    with Site("127.0.2.1", 30) as s:
        alone = crawl(s, tmp + "/alone", "-O", "learn.on=false")
        assert len(alone) == 30 and all(ABOVE in r["text"] for r in alone), \
            "a page alone would have told"
        recs = crawl(s, tmp + "/all")
        assert len(recs) == 30, len(recs)
        bad = [r["url"] for r in recs if r["text"] != s.text(r["url"])]
        assert not bad, bad
        assert sum(sum(r["removed"].values()) for r in recs) >= 60
        rc, out, err = sites.run([sites.WINNOW, "page", "-o", tmp + "/all",
                                  "--explain", recs[0]["url"]])
        assert rc == 0 and "site-memory" in out, err


def few_pages(tmp):
    with Site("127.0.2.2", 5) as s:
        recs = crawl(s, tmp)
        assert len(recs) == 5, len(recs)
        assert [r for r in recs if r["text"] == s.text(r["url"])], "none learned"


def no_bytes(tmp):
    with Site("127.0.2.3", 30) as s:
        recs = crawl(s, tmp, "-O", "learn.wait_bytes=20KiB")
        assert len(recs) == 30, len(recs)
        for r in recs:
            assert all(p in r["text"] for p in paragraphs(
                int(r["url"].split("/")[-1][:-5]))), r["url"]


def pages_at_most(tmp):
    with Site("127.0.2.4", 40) as s:
        assert len(crawl(s, tmp, "--max-pages", "6")) == 5, "six with the list"
        assert len(crawl(s, tmp)) == 40


def redesign(tmp):
    with Site("127.0.2.5", 60) as s:
        for n in range(30, 60):
            s.pages["/a/%d.html" % n] = Page(new_page(n))
        recs = crawl(s, tmp)
        assert len(recs) == 60, len(recs)
        for r in recs:
            assert r["text"] == s.text(r["url"]), (r["url"], r["text"])


def one_article(tmp):
    """Every page has the same text under another title and number."""
    with Site("127.0.2.6", 25) as s:
        for n in range(25):
            s.pages["/a/%d.html" % n] = Page(page(3).replace(
                title(3).encode(), ("第%d期 %s" % (n, title(n))).encode()))
        recs = crawl(s, tmp)
        for r in recs:
            assert all(p in r["text"] for p in paragraphs(3)), r["text"]


def part(n, k):
    """The k-th of three pages of an article."""
    name = [str(n), "%d_2" % n, "%d_3" % n]
    row = " ".join(str(i + 1) if i == k else
                   "<a href='%s.html'>%d</a>" % (name[i], i + 1)
                   for i in range(3))
    if k < 2:
        row += " <a href='%s.html'>下一页</a>" % name[k + 1]
    return html(title(n), "<div class=content><h1>%s</h1>%s<p>%s</p></div>" % (
        title(n), "".join("<p>%s</p>" % p for p in [
            ABOVE, *paragraphs(1000 + 10 * n + k), BELOW]), row))


def parts(tmp):
    with Site("127.0.2.7", 30) as s:
        for n in 0, 15:
            for k, name in enumerate(["%d", "%d_2", "%d_3"]):
                s.pages["/a/%s.html" % (name % n)] = Page(part(n, k))
        recs = crawl(s, tmp)
        assert len(recs) == 30, len(recs)
        for n in 0, 15:
            url = "%s/a/%d.html" % (s.base, n)
            r = next(r for r in recs if r["url"] == url)
            assert r["parts"] == 3 and r["text"] == "\n".join(
                p for k in range(3) for p in paragraphs(1000 + 10 * n + k)), r


# ---- the daemon ------------------------------------------------------------------

def flushed(tmp):
    with Site("127.0.3.1", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        assert d.status()["now"]["held_bytes"] > 6 * 2000
        assert "wait" in d.ask("status")[1]
        assert d.ask("flush")[0] == 0
        landed(d, 6)
        assert d.status()["now"]["held"] == 0
        s.opened.set()
        landed(d, 7)


def paused(tmp):
    with Site("127.0.3.2", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        assert d.ask("pause")[0] == 0
        landed(d, 6)
        s.opened.set()
        landed(d, 7)


def stopped(tmp):
    with Site("127.0.3.3", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        assert d.stop(signal.SIGTERM)[0] == 0
        landed_now = d.records()
        assert len(landed_now) == 6, len(landed_now)
        s.opened.set()
        d.start().ready()
        landed(d, 7)


def killed(tmp):
    with Site("127.0.3.4", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        # Told when it is durable, with all that came before.
        assert d.ask("host", "never.example.test", "pause")[0] == 0
        d.proc.kill()
        d.proc.wait()
        d.notify.close()
        assert d.records() == []
        d.start().ready()
        # They do not wait a second time, though the last one does not come.
        landed(d, 6)
        s.opened.set()
        landed(d, 7)


def silent(tmp):
    with Site("127.0.3.5", 4, shut=[3]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 3)
        landed(d, 3)
        assert not s.opened.is_set()


def reloaded(tmp):
    with Site("127.0.3.6", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        d.write(BASE + [("learn.on", "false")])
        assert d.ask("reload")[0] == 0
        landed(d, 6)
        assert [r for r in d.records() if ABOVE in r["text"]], \
            "the first was cleaned when nothing was known"


def told(tmp):
    def learned(d):
        rc, out, err = d.ask("host", s.host, "--json")
        assert rc == 0, err
        return sites.json.loads(out)["learned"]
    with Site("127.0.3.7", 25) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        landed(d, 25)
        first = learned(d)
        assert first["pages"] >= 20, first
        texts = [f["text"] or "" for f in first["furniture"]]
        assert [t for t in texts if t and ABOVE.startswith(t)], texts
        assert "furniture" in d.ask("host", s.host)[1]
        assert d.stop()[0] == 0
        d.start().ready()
        again = learned(d)
        assert again["pages"] == first["pages"], (first, again)
        assert again["furniture"] == first["furniture"]
        assert d.ask("pause")[0] == 0  # forgotten, it would begin anew
        assert d.ask("host", s.host, "forget")[0] == 0
        rc, out, _ = d.ask("host", s.host, "--json")
        assert rc != 0 or sites.json.loads(out)["learned"] is None, out


def forgotten(tmp):
    with Site("127.0.3.9", 7, shut=[6]) as s, sites.Daemon(tmp, BASE) as d:
        begin(d, s)
        held(d, 6)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            went = pool.submit(d.ask, "host", s.host, "forget")
            assert sites.wait_for(lambda: "forgotten" in d.ask("host", s.host)[1])
            s.opened.set()
            assert went.result()[0] == 0, went.result()
        # They landed first, then their seed was asked anew.
        assert sites.wait_for(lambda: len(d.records()) >= 14, 30), d.records()
        assert len({r["url"] for r in d.records()}) == 7


def corrected(tmp):
    settings = [x for x in BASE if not x[0].startswith("revisit")] + [
        ("learn.wait_pages", "0"), ("revisit.hubs", "false"),
        ("revisit.article_min", "200ms"), ("revisit.article_max", "400ms")]
    with Site("127.0.3.8", 30) as s, sites.Daemon(tmp, settings) as d:
        url = s.base + "/a/0.html"
        s.pages["/"] = Page(listing([0]))
        begin(d, s)
        landed(d, 1)
        assert ABOVE in d.records()[0]["text"], "nothing was known then"
        s.pages["/b/"] = Page(listing(range(1, 30)))
        assert d.ask("seed", "add", s.base + "/b/\ttype=list")[0] == 0
        assert sites.wait_for(lambda: d.status()["pages"]["articles"] >= 30, 30)
        s.pages["/a/0.html"] = Page(lambda n: page(0, "<!-- %d -->" % n))

        def of():
            return [r for r in d.records() if r["url"] == url]
        assert sites.wait_for(lambda: len(of()) == 2, 30), of()
        old, new = of()
        assert old["event"] == "new" and new["event"] == "corrected", new
        assert new["revises"] == old["id"] and new["text"] == s.text(url), new
        assert d.status()["pages"]["corrected"] >= 1
        n = len(s.asked("0"))
        assert sites.wait_for(lambda: len(s.asked("0")) >= n + 3, 30)
        assert len(of()) == 2, "it is as it was since"


def main():
    c = sites.Cases()
    cases = [
        ("nobody waits for a page that does not come", silent),
        ("furniture inside of texts is known from other pages", furniture),
        ("a site of few pages lands when it ends", few_pages),
        ("without room the oldest lands, and nothing is lost", no_bytes),
        ("--max-pages waits for no more pages", pages_at_most),
        ("a site that is made anew loses no sentence", redesign),
        ("one article under many addresses stays", one_article),
        ("an article of several pages waits as one", parts),
        ("flush takes along what waits", flushed),
        ("a pause takes along what waits", paused),
        ("an end takes along what waits", stopped),
        ("kill -9 loses nothing that waits, and it waits once", killed),
        ("learn.on is turned off, and what waits lands as it is", reloaded),
        ("winnow host tells it, over a restart, and forgets it", told),
        ("a host is forgotten when what waits has landed", forgotten),
        ("a page that is as it was is corrected, once", corrected),
    ]
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        for name, fn in cases:
            pool.submit(lambda n=name, f=fn: in_dir(c, "learn: " + n, f))
    return c.failed > 0


def in_dir(c, name, fn):
    with sites.workdir() as tmp:
        c.case(name, fn, tmp)


if __name__ == "__main__":
    sys.exit(main())
