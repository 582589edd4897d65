"""winnow why, winnow host and winnow status --silent, as the user asks them:
with the daemon, beside it, and about a crawl in the foreground."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402


def settings(s, *more):
    return [("fetch.allow_net", "127.0.0.0/8"), ("fetch.dns", s.dns),
            ("fetch.hosts_file", ""), ("politeness.delay", "0"), *more]


def page(s):
    return s.url("blog", "/2024/05/12/first-class/")


def ask(*args):
    rc, out, err = sites.run([sites.WINNOW, *args])
    return rc, out, err


def crawl(s, tmp):
    """A crawl of two sites that stops after the first link."""
    out = os.path.join(tmp, "out")
    rc, _, err = ask("crawl", "-o", out, *s.options(), "-O", "politeness.delay=0",
                     "-O", "scope.max_depth=1", s.url("blog", "/"), s.url("paper", "/"))
    assert rc in (0, 5), (rc, err)
    return out


def every_url(s, tmp):
    """An answer for each, with one exit status for what is stored and one for
    what is not, and always the same members."""
    out = s.out
    about = {page(s): (0, "done", None), s.url("blog", "/never/"): (7, None, "unseen"),
             s.url("bureau", "/x.html"): (7, None, "scope"),
             s.url("blog", "/photo.jpg"): (7, None, "not-a-page"),
             "gopher://x/": (7, None, "not-http"), "http://[fe80::1]/": (7, None, "address"),
             "what is this": (7, None, "not-http"), "http://": (7, None, "not-http")}
    keys = None
    for url, want in about.items():
        rc, text, err = ask("why", "-o", out, *s.options(), "--json", url)
        w = json.loads(text)
        assert (rc, w["state"], w["reason"]) == want and not err, (url, rc, w, err)
        assert keys in (None, list(w)), (url, set(keys) ^ set(w))
        keys = list(w)
        rc, text, err = ask("why", "-o", out, *s.options(), url)
        assert rc == want[0] and not err, (rc, err)
        assert all(len(line) > 12 for line in text.splitlines()), text
    rc, text, _ = ask("why", "-o", out, "--json", page(s) + "?utm_source=mail#x")
    w = json.loads(text)
    assert (rc, w["url"], w["state"]) == (0, page(s), "done"), w
    # A link deeper than scope.max_depth is not stored, and the depth is named.
    rc, text, _ = ask("why", "-o", out, "-O", "scope.max_depth=0", "--json", s.url("blog", "/n/"))
    assert json.loads(text)["reason"] == "depth", text
    rc, text, _ = ask("why", "-o", out, "--json", s.url("paper", "/html/2023-11/06/node_1.htm"))
    assert json.loads(text)["redirected_from"] == s.url("paper", "/"), text
    for url in (b"http://a\xbe.example/", b"\xff\xfe", "http://a/\u202egnp.exe".encode(),
                b"\x1b]0;x\x07", b"http://a.example/" + b"x" * 8175):
        p = subprocess.run([sites.WINNOW, "why", "-o", out, "--json", url],
                           capture_output=True, check=False)
        w = json.loads(p.stdout)
        assert p.returncode == 7 and w["reason"], (url, w)
        p = subprocess.run([sites.WINNOW, "why", "-o", out, url], capture_output=True, check=False)
        assert not any(ord(c) < 32 and c != "\n" for c in p.stdout.decode()), p.stdout
    rc, _, err = ask("why", "-o", os.path.join(tmp, "nothing"), page(s))
    assert rc == 1 and "no state" in err, (rc, err)
    assert ask("why")[0] == ask("why", "-o", out)[0] == ask("why", "a", "b")[0] == 2


def all_pages(s, tmp):
    """Whatever is in the queue is done, and says how it was found."""
    out = s.out
    got = sites.records(out)
    assert len(got) >= 8, len(got)
    for r in got:
        rc, text, _ = ask("why", "-o", out, "--json", r["url"])
        w = json.loads(text)
        assert (rc, w["state"], w["status"]) == (0, "done", r["status"]), (r["url"], w)
        assert w["depth"] == r["depth"] and w["found_on"] == r["via"], (r, w)
        assert w["seed"] == r["seed"] and w["url"] == r["url"], (r, w)
        assert len(w["via"]) >= w["depth"], w


def hosts(s, tmp):
    """winnow host, by name and by URL, in any spelling."""
    out = s.out
    name = s.url("blog", "/").split("/")[2].split(":")[0]
    seen = [ask("host", "-o", out, "--json", x)
            for x in (name, name.upper(), s.url("blog", "/any/"), "www." + name)]
    assert all(rc == 0 and not err for rc, _, err in seen), seen
    h = [json.loads(text) for _, text, _ in seen]
    assert all(x["host"] == name and x["records"] > 5 and x["urls"] > 8 for x in h), h
    assert h[0]["records"] == sum(r["host"] == name for r in sites.records(out)), h[0]
    rc, text, err = ask("host", "-o", out, "nowhere.example")
    assert rc == 7 and not text and "no address" in err, (rc, text, err)


def with_daemon(s, tmp):
    """The daemon answers, and says when it was paused."""
    with sites.Daemon(tmp, settings(s, ("scope.max_depth", "1"))) as d:
        d.start().ready()
        d.ask("seed", "add", s.url("blog", "/"))
        assert d.settled(page(s)), d.words()
        rc, text, _ = d.ask("why", page(s))
        assert rc == 0 and text.splitlines()[1].startswith("state       done"), text
        d.ask("pause")
        d.ask("seed", "add", s.url("paper", "/"))
        w = d.why(s.url("paper", "/"))
        assert (w["state"], w["next_for"]) == ("due", "turn"), w
        assert "pause" in w["halted"], w
        rc, text, _ = d.ask("host", "--json", s.url("blog", "/"))
        assert rc == 0 and json.loads(text)["host"].startswith("blog."), text
        rc, text, err = d.ask("host", "nowhere.example")
        assert rc == 7 and "no address" in err, (rc, err)
        rc, text, _ = d.ask("status", "--silent")
        assert rc == 0 and "none of" in text and "may be its own" in text, (rc, text)


def silence(s, tmp):
    """Seeds that gave nothing are named; what was never asked is not."""
    with sites.Daemon(tmp, settings(s)) as d:
        d.start().ready()
        empty = s.url("blog", "/no-such-page/")
        d.ask("seed", "add", s.url("blog", "/"), empty)
        assert d.settled(empty) and d.settled(page(s)), d.words()
        d.ask("pause")
        d.ask("seed", "add", s.url("bureau", "/"))
        rc, text, _ = d.ask("status", "--silent", "--json")
        w = json.loads(text)
        assert rc == 5 and w["any_silent"] and w["seeds_silent"] == 0, w
        assert [x["seed"] for x in w["never"]] == [empty], w
        assert (w["never"][0]["state"], w["never"][0]["status"]) == ("gone", 404), w
        state = os.path.join(d.dir, "state")
        rc, text, _ = ask("status", "--silent", "-o", state)
        assert rc == 5 and empty in text and "gone" in text, (rc, text)


def main():
    cases = sites.Cases()
    with sites.Sites() as s, sites.workdir() as base:
        s.out = crawl(s, base)
        for fn, name in (
                (every_url, "every URL gets an answer and a reason of the list"),
                (all_pages, "a record's page is done, and tells how it was found"),
                (hosts, "winnow host knows a host by any spelling"),
                (with_daemon, "the daemon answers, and says that it was paused"),
                (silence, "seeds that gave nothing are named by status --silent")):
            with sites.workdir() as tmp:
                cases.case("why: " + name, fn, s, tmp)
    return cases.failed


if __name__ == "__main__":
    sys.exit(main())
