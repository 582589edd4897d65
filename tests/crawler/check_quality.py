#!/usr/bin/env python3
"""quality end to end: each record has it and its signals, conditions choose by
them, clean.min_quality leaves the poor ones out and `winnow why` says so."""
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402

WHOLE = ["春天到了，河边的柳树都绿了，孩子们在田野里奔跑，老人们坐在门前晒太阳，说着去年的雪。",
         "村里的学校在路的尽头，只有一排平房，院子里有一棵老槐树，树下放着几块石头当凳子。",
         "新来的老师姓陆，教语文，也教唱歌，星期六带着学生到山上去认草药，回来写在本子里。",
         "到了秋天，本子写满了，大家把它放在图书角，谁想看都可以拿，看完了要放回原来的地方。"]
SPUN = ["今朝国度存眷黉舍的教诲，经由过程立异鞭策鼎新，门生的思惟和糊口都很是康健，感化较大。",
        "若是西席连结杰出的轨制，门生的康健就有保障，这对黉舍的扶植很是有感化，撑持的人较多。"] + WHOLE[2:]
LOST = ["".join("\ufffd" if i % 9 == 4 else c for i, c in enumerate(p)) for p in WHOLE]


def page(title, paragraphs):
    return ("<html><head><meta charset=utf-8><title>%s</title></head><body><h1>%s</h1>"
            "<div>2024-05-06</div><div class=article>%s</div></body></html>" % (
                title, title, "".join("<p>%s</p>" % p for p in paragraphs))).encode()


PAGES = {"/whole.html": page("村里的学校", WHOLE), "/spun.html": page("黉舍的教诲", SPUN),
         "/lost.html": page("柳树下的事", LOST)}
PAGES["/"] = ("<html><body><ul>%s</ul></body></html>" % "".join(
    "<li><a href=%s>%s</a></li>" % (p, p) for p in sorted(PAGES))).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def crawl(seed, out, *more):
    rc, _, err = sites.run([sites.WINNOW, "crawl", "-q", "-o", out, "-O",
                            "fetch.allow_net=127.0.0.0/8", *sites.HURRY, *more, seed])
    assert rc == 0, err
    return {r["url"].rsplit("/", 1)[1]: r for r in sites.records(out)}


def signals(got):
    whole, spun, lost = (got[n] for n in ("whole.html", "spun.html", "lost.html"))
    return (whole["quality"] > 0.8 and whole["spun"] == 0 and whole["lost_chars"] == 0
            and whole["han_share"] > 0.8 and whole["ended_share"] == 1
            and spun["spun"] > 0.5 and spun["quality"] < 0.5
            and lost["lost_chars"] > 10 and lost["quality"] < 0.5)


def chosen(out, *conditions):
    rc, got, err = sites.run([sites.WINNOW, "queue", "cat", "--fields", "url", *conditions, out])
    assert rc == 0, err
    return sorted(json.loads(x)["url"].rsplit("/", 1)[1] for x in got.splitlines())


def main():
    server = http.server.ThreadingHTTPServer(("127.0.9.20", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seed, failed = "http://%s:%d/" % server.server_address, 0
    with sites.workdir() as tmp:
        out = os.path.join(tmp, "all")
        got = crawl(seed, out)
        failed += not sites.ok(signals(got), "quality: records carry it with its signals", str(got))
        failed += not sites.ok(
            chosen(out, "--where", "quality>0.7") == ["whole.html"]
            and chosen(out, "--where", "spun>=0.5") == ["spun.html"]
            and chosen(out, "--where", "lost_chars=0") == ["spun.html", "whole.html"],
            "quality: conditions of the queue choose by it and by its signals")
        out = os.path.join(tmp, "good")
        got = crawl(seed, out, "-O", "clean.min_quality=0.5")
        failed += not sites.ok(sorted(got) == ["whole.html"],
                               "quality: clean.min_quality leaves the poor ones out", str(got))
        rc, why, err = sites.run([sites.WINNOW, "why", "-o", out, seed + "lost.html"])
        failed += not sites.ok("min_quality" in why, "quality: why says that a page was left out "
                               "for it", "%d %s %s" % (rc, why, err))
    server.shutdown()
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
