#!/usr/bin/env python3
"""What pages ask of crawlers, in meta elements and in X-Robots-Tag: obeyed, and
written into their records."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from webpages import Page, Server, article, listing  # noqa: E402

TAG = "X-Robots-Tag"
# name: meta element, headers, has a record, its link is followed
PAGES = {
    "plain": ("", [], True, True),
    "meta": ("<meta name=robots content='noindex, nofollow'>", [], False, False),
    "ours": ("<meta name=winnowd content=noindex>", [], False, True),
    "theirs": ("<meta name=otherbot content=none>", [], True, True),
    "header": ("", [(TAG, "noindex")], False, True),
    "hops": ("", [(TAG, "nofollow")], True, False),
    "agent": ("", [(TAG, "otherbot: nofollow"), (TAG, "winnowd: noindex")],
              False, True),
    "other": ("", [(TAG, "otherbot: noindex, nofollow")], True, True),
    "lines": ("", [(TAG, "otherbot: noindex"), (TAG, "nofollow")], True, False),
    "over": ("", [(TAG, "unavailable_after: 25 Jun 2010 15:00:00 GMT")],
             False, True),
    "later": ("", [(TAG, "unavailable_after: 25 Jun 2049 15:00:00 GMT")],
              True, True),
    "store": ("<meta name=robots content=noarchive>", [], True, True),
}


def obeyed(tmp):
    with Server("127.0.2.1") as srv:
        for name, (meta, headers, _, _) in PAGES.items():
            body = article(name, 1, meta).replace(
                b"</article>", b"<p><a href='/a/%s2.html'>More of %s</a></p></article>"
                % (name.encode(), name.encode()))
            srv.put(name, Page(body, headers=headers))
            srv.put(name + "2", Page(article(name + "2")))
        srv.pages["/"] = Page(listing(PAGES))
        rc, _, err = sites.run(
            [sites.WINNOW, "crawl", "-q", "-o", tmp, "-O", "politeness.delay=0",
             "-O", "fetch.allow_net=127.0.0.0/8", srv.base + "/"])
        assert rc == 0, err
        got = {r["url"][len(srv.base) + 3:-5]: r for r in sites.records(tmp)}
        for name, (_, _, kept, followed) in PAGES.items():
            assert (name in got) == kept, name
            assert bool(srv.asked(name + "2")) == followed, name
        meant = {"plain": None, "theirs": None, "hops": "nofollow",
                 "other": "otherbot: noindex, nofollow",
                 "lines": "otherbot: noindex; nofollow", "store": "noarchive",
                 "later": "unavailable_after: 25 Jun 2049 15:00:00 GMT"}
        for name, words in meant.items():
            assert got[name]["robots_meta"] == words, (name, got[name]["robots_meta"])
        rc, out, _ = sites.run([sites.WINNOW, "why", "-o", tmp,
                                srv.base + "/a/agent.html"])
        assert rc == 0 and "noindex" in out, out


def main():
    cases = sites.Cases()
    with sites.workdir() as tmp:
        cases.case("robots: noindex, nofollow and unavailable_after are obeyed, of "
                   "page and header, for us alone or for all", obeyed, tmp)
    return cases.failed != 0


if __name__ == "__main__":
    sys.exit(main())
