#!/usr/bin/env python3
"""The workers of a real daemon: what the kernel says they may do, and pages that
try more, in a build with hooks for that (test_sandbox.c tries every system call)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
import webpages  # noqa: E402

HOOKED = os.path.join(sites.BUILD, "tests/hooks/winnowd")
TRIES = ("open-", "conn-", "fork-")


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def workers(d):
    return [w for z in children(d.proc.pid) for w in children(z)]


def daemon(tmp):
    return sites.Daemon(tmp, [
        ("fetch.allow_net", "127.0.0.0/8"), ("politeness.robots", "ignore"),
        ("politeness.delay", "5ms"), ("find.sitemap_places", ""), ("clean.workers", "2")])


def held(tmp):
    """Descriptors, limits and filter of each worker, in the midst of a crawl."""
    with webpages.Server("127.0.9.21") as web, daemon(tmp) as d:
        web.more = lambda path: webpages.Page(webpages.listing(
            ["n%d" % len(web.log)]))
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0
        assert sites.wait_for(lambda: len(web.log) > 3)
        assert sites.wait_for(lambda: len(workers(d)) == 2), workers(d)
        found = workers(d)
        for w in found:
            fds = {int(n): os.readlink("/proc/%d/fd/%s" % (w, n))
                   for n in os.listdir("/proc/%d/fd" % w)}
            assert set(fds) == {0, 1, 2, 3}, fds
            # Words of a library on stdout must not come among the answers.
            assert {fds[0], fds[1]} == {"/dev/null"} and fds[3].startswith("socket:"), fds
            with open("/proc/%d/status" % w, encoding="utf-8") as f:
                status = dict(x.rstrip("\n").split(":\t", 1) for x in f if ":\t" in x)
            with open("/proc/%d/limits" % w, encoding="ascii") as f:
                limits = {x[:26].strip(): x[26:].split()[1] for x in f}
            if sites.sanitized():
                raise sites.Cases.Skip("a build that checks itself has no filter")
            assert fds[2] == "/dev/null", fds
            assert status.get("NoNewPrivs") == "1" and status.get("Seccomp") == "2", status
            assert limits["Max open files"] == limits["Max file size"] == "0", limits
            assert limits["Max core file size"] == "0", limits
            assert int(limits["Max address space"]) == 700 << 20, limits


def tries(tmp):
    """A page that breaks out costs the page and a worker, and the crawl goes on."""
    with webpages.Server("127.0.9.22") as web, daemon(tmp) as d:
        if sites.sanitized():
            raise sites.Cases.Skip("a build that checks itself has no filter")
        d.program = HOOKED
        good = ["g%d" % i for i in range(20)]
        web.pages["/"] = webpages.Page(webpages.listing([*TRIES, *good]))
        for n in good:
            web.put(n, webpages.Page(webpages.article(n)))
        for n in TRIES:
            web.put(n, webpages.Page(webpages.article(n, extra="<!-- winnow-test:%s -->" % n)))
        d.start().ready()
        assert d.ask("seed", "add", web.base + "/")[0] == 0
        for n in TRIES:
            w = d.settled("%s/a/%s.html" % (web.base, n))
            assert w and (w["state"], w["reason"]) == ("poison", "worker"), w
        assert sites.wait_for(lambda: len(d.records()) == len(good), 20)
        assert sites.wait_for(lambda: len(workers(d)) == 2)
        assert d.stop()[0] == 0


CASES = (
    (held, "sandbox: a worker holds its pipe and nothing else, under a filter and limits"),
    (tries, "sandbox: a page that opens, connects or forks is lost, and nothing else"),
)


def main():
    run = sites.Cases()
    for fn, name in CASES:
        with sites.workdir() as tmp:
            run.case(name, fn, tmp)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
