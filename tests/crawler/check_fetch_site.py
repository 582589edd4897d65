#!/usr/bin/env python3
"""What a site is asked with: who we say we are, cookies, proxies, the
environment. Seen at the server, and at two small proxies of ours."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import fetch_proxies  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
from hostile import article  # noqa: E402

AGENT = "winnowd (+https://crawl.example.org/about)"


class Run:
    def __init__(self, tmp, public):
        self.tmp, self.net, self.count = tmp, hostile_net.Net(public), 0
        self.web = hostile_net.Web(self.net)
        for host in ("plain.test", "other.test", "proxied.test"):
            self.web.add(host, lambda c: c.page(article(len(c.path))))
        for host in ("needs.test", "never.test"):
            self.web.add(host, self.wants_cookie)
        self.web.add("many.test", self.many)
        self.names = hostile_net.Names(self.net)
        self.names.start()

    @staticmethod
    def wants_cookie(c):
        """Nothing without the cookie that the first answer brings."""
        if "pass=1" in c.head.get("cookie", ""):
            return c.page(article(13))
        return c.answer("302 Found", [("Location", c.path), ("Set-Cookie", "pass=1; Path=/")])

    @staticmethod
    def many(c):
        """Seventy cookies, and some that are not its to set."""
        more = [("Set-Cookie", "c%02d=%s" % (i, "v" * 100)) for i in range(70)]
        more += [("Set-Cookie", "big=" + "b" * 5000), ("Set-Cookie", "s=1; Domain=test"),
                 ("Set-Cookie", "o=1; Domain=other.test")]
        return c.page(article(14) + b"<a href=/2>2</a>", more)

    def crawl(self, seeds, *settings, conf="", env=None):
        self.count += 1
        out = os.path.join(self.tmp, "out%d" % self.count)
        with open(out + ".conf", "w", encoding="utf-8") as f:
            f.write(conf)
        opts = ["fetch.dns=" + self.names.server, "fetch.hosts_file=", "politeness.delay=5ms",
                "politeness.delay_address=0", "fetch.max_tries=1", "queue.flush_after=10ms",
                "fetch.connect_timeout=3s", *settings]
        if not self.net.public:
            opts.append("fetch.allow_net=127.1.0.0/16")
        cmd = [sites.WINNOW, "crawl", "--json", "-o", out, "-c", out + ".conf"]
        for o in opts:
            cmd += ["-O", o]
        rc, text, err = sites.run(cmd + seeds, 60, env=dict(os.environ, **(env or {})))
        assert rc in (0, 5), (rc, err)
        return [r for r in sites.records(out)]

    def heads(self, host):
        return [r[2] for r in list(self.web.seen) if r[0] == host]


def who(run):
    run.crawl([run.net.url("plain.test")], "fetch.user_agent=" + AGENT,
              "fetch.from=crawl@example.org", "fetch.accept_language=zh-CN,zh;q=0.9",
              "scope.max_depth=0")
    for h in run.heads("plain.test"):
        assert h["user-agent"] == AGENT, h
        assert h["from"] == "crawl@example.org", h
        assert h["accept-language"] == "zh-CN,zh;q=0.9", h
        assert set(h["accept-encoding"].split(", ")) <= {"gzip", "deflate", "br", "zstd"}, h
        assert "cookie" not in h and "proxy-connection" not in h, h
    assert len(run.heads("plain.test")) >= 2  # robots.txt says it too


def environment(run):
    before = len(run.heads("other.test"))
    dead = "http://127.0.0.1:1"
    got = run.crawl([run.net.url("other.test", "/env")], "scope.max_depth=0",
                    env={k: dead for k in ("http_proxy", "https_proxy", "HTTPS_PROXY",
                                           "all_proxy", "ALL_PROXY")})
    assert len(got) == 1 and len(run.heads("other.test")) > before, got


def cookie_session(run):
    got = run.crawl([run.net.url("needs.test", "/a"), run.net.url("never.test", "/a"),
                     run.net.url("plain.test", "/b")], "scope.max_depth=0",
                    conf='[site "needs.test"]\nfetch.cookies = session\n')
    urls = [r["host"].split(":")[0] for r in got]
    assert sorted(urls) == ["needs.test", "plain.test"], urls
    for host in ("plain.test", "never.test"):
        assert not [h for h in run.heads(host) if "cookie" in h], run.heads(host)


def cookie_bounds(run):
    run.crawl([run.net.url("many.test"), run.net.url("other.test", "/c")], "scope.max_depth=1",
              "fetch.cookies=session")
    sent = [h["cookie"] for h in run.heads("many.test") if "cookie" in h]
    assert sent, run.heads("many.test")
    for line in sent:
        names = [p.split("=")[0] for p in line.split("; ")]
        assert len(names) == 50 and names[0] == "c20" and names[-1] == "c69", names
    assert not [h for h in run.heads("other.test") if "cookie" in h]


def proxied(run, kind, scheme, user):
    """One site through the proxy, told the address; the other without it."""
    before = len(run.heads("plain.test")), len(run.heads("proxied.test"))
    with kind(user=user) as p:
        conf = '[site "proxied.test"]\nfetch.proxy = %s://%s127.0.0.1:%d\n' % (
            scheme, "ann:secret@" if user else "", p.port)
        got = run.crawl([run.net.url("proxied.test", "/" + scheme), run.net.url("plain.test", "/p")],
                        "scope.max_depth=0", conf=conf)
        assert len(got) == 2, got
        there = "%s:%d" % (run.net.names["proxied.test"], run.net.port)
        assert p.asked and {a.split(" ")[1] for a in p.asked} == {there}, p.asked
        assert all(a.split(" ")[0] in ("CONNECT", "address") for a in p.asked), p.asked
        if user and scheme == "socks5":
            assert set(p.heads) == {"ann"}, p.heads
    heads = run.heads("proxied.test")[before[1]:]
    assert heads and all(h["host"].split(":")[0] == "proxied.test" for h in heads), heads
    assert not [h for h in heads if "proxy-authorization" in h], heads
    assert len(run.heads("plain.test")) > before[0]


def refused(run, kind, scheme):
    """A proxy that says no: the page has failed, and nobody went round it."""
    before = len(run.heads("proxied.test"))
    with kind(route=lambda host, port: None) as p:
        got = run.crawl([run.net.url("proxied.test", "/no")], "scope.max_depth=0",
                        "fetch.proxy=%s://127.0.0.1:%d" % (scheme, p.port))
        assert p.asked and not got, (p.asked, got)
    got = run.crawl([run.net.url("proxied.test", "/dead")], "scope.max_depth=0",
                    "fetch.proxy=%s://127.0.0.1:1" % scheme)
    assert not got and len(run.heads("proxied.test")) == before


def main():
    c = sites.Cases()
    why = hostile_net.enter_namespace()
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            c.case("fetch: every request says who asks, and what can be read", who, run)
            c.case("fetch: no proxy is taken from the environment", environment, run)
            c.case("h13: a site that needs its cookie is read, no other gets one",
                   cookie_session, run)
            c.case("h13: 70 cookies leave 50, none for another host", cookie_bounds, run)
            for kind, scheme in ((fetch_proxies.Http, "http"), (fetch_proxies.Socks5, "socks5")):
                c.case("proxy: %s for one site; it is told the address" % scheme, proxied, run,
                       kind, scheme, None)
                c.case("proxy: %s with a user" % scheme, proxied, run, kind, scheme, True)
                c.case("proxy: %s that refuses, or is dead, is not gone round" % scheme, refused,
                       run, kind, scheme)
        finally:
            run.web.stop()
            run.names.stop()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
