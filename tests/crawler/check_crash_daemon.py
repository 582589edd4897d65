"""kill -9 at random moments of a daemon that comes back to its pages, while the
site goes on: articles appear, change and go. Whatever the moment, no event is
lost or told twice; and what the daemon owes to others survives with it: the
rules of robots.txt, a host that asked it to wait, a host's budget of the day.

KILLS (default 20) kills; SEED makes a run repeat itself."""
import os
import random
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402
from check_revisit import Page, Server, article, listing  # noqa: E402

KILLS = int(os.environ.get("KILLS", "20"))
WAIT_S = 11  # Retry-After: waits over 10 s are durable (frontier.h)
BUDGET = 6

FAST = [("fetch.allow_net", "127.0.0.0/8"), ("politeness.delay", "1ms"),
        ("state.commit_every", "10ms"), ("queue.flush_after", "20ms"),
        ("queue.seal_after", "150ms"), ("log.level", "error"),
        ("politeness.max_rest", "1m"),
        ("revisit.hub_pace", "300ms"), ("revisit.hub_min", "100ms"),
        ("revisit.hub_max", "500ms"), ("revisit.article_min", "150ms"),
        ("revisit.article_max", "300ms"), ("revisit.gone_after", "400ms")]


class Site:
    """A site that lives: 12 articles, later 30; most change, five go."""

    def __init__(self, srv):
        self.srv, self.names, self.last = srv, [], {}
        srv.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private/\n")
        srv.pages["/"] = Page(lambda _: listing(list(self.names)).replace(
            b"<ul>", b"<ul><li><a href='/private/x.html'>What none may read</a></li>"))
        for i in range(12):
            self.put("k%d" % i, 1)

    def put(self, name, version):
        self.srv.put(name, Page(article(name, version), etag='"%d"' % version))
        self.last[name] = version
        if name not in self.names:
            self.names.insert(0, name)

    def remove(self, name):
        self.srv.pages.pop("/a/%s.html" % name)
        self.last[name] = None
        self.names.remove(name)

    def live(self, rng, until):
        """One event after the other, about four a second."""
        new = ["n%d" % i for i in range(18)]
        old = ["k%d" % i for i in range(5)]
        while not until.wait(rng.uniform(0.05, 0.3)):
            what = rng.random()
            if what < 0.3 and new:
                self.put(new.pop(), 1)
            elif what < 0.4 and old:
                self.remove(old.pop())
            else:
                name = rng.choice([n for n in self.names if n not in old])
                self.put(name, self.last[name] + 1)
        for name in new:
            self.put(name, 1)
        for name in old:
            self.remove(name)


def by_name(d, srv):
    out = {}
    for r in d.records():
        out.setdefault(r["url"][len(srv.base) + 3:-5], []).append(r)
    return out


def is_told(site, told):
    """Whether the queue's last word about each page is the site's. A page that
    went before it had landed left no word."""
    for name, version in site.last.items():
        if version is None and name not in told:
            continue
        r = told.get(name, [None])[-1]
        if r is None or (r["event"] == "gone") != (version is None):
            return False
        if version is not None and "%s %d " % (name.title(), version) not in r["text"]:
            return False
    return True


def wrong(told):
    """What is wrong with the events of a page, in words."""
    for name, got in told.items():
        ids = [r["id"] for r in got]
        if len(set(ids)) != len(ids):
            return "%s: an event twice: %s" % (name, ids)
        if [r["revises"] for r in got] != [None] + ids[:-1]:
            return "%s: revises names another record" % name
        events = [r["event"] for r in got]
        if events[0] != "new" or "new" in events[1:] or "gone" in events[:-1]:
            return "%s: events %s" % (name, events)
    return ""


def kill_it(d, rng):
    for _ in range(KILLS):
        d.start()
        time.sleep(rng.uniform(0.03, 0.7))
        d.proc.kill()
        d.proc.wait()
        d.notify.close()
    d.start().ready()


def seed_list(d, *lines):
    with open(os.path.join(d.spool, "seeds.txt"), "w", encoding="utf-8") as f:
        f.write("".join(lines))


def run(tmp, rng):
    day = time.localtime().tm_yday
    with Server("127.0.2.1") as srv, Server("127.0.2.2") as busy, \
            Server("127.0.2.3") as poor, sites.Daemon(tmp, FAST) as d:
        with open(d.conf, "a", encoding="utf-8") as f:
            f.write('[site "127.0.2.3"]\npoliteness.max_pages_per_day = %d\n' % BUDGET)
        site = Site(srv)
        busy.pages["/"] = Page(b"later", status=503, headers=[("Retry-After", str(WAIT_S))])
        poor.pages["/"] = Page(listing(["p%d" % i for i in range(40)]))
        for i in range(40):
            poor.put("p%d" % i, Page(article("p%d" % i)))
        d.start().ready()
        seed_list(d, "%s/\ttype=list\n" % srv.base, "%s/\n" % busy.base,
                  "%s/\ttype=list\n" % poor.base)
        assert sites.wait_for(lambda: (d.why(busy.base + "/") or {}).get("status") == 503)
        assert sites.wait_for(lambda: len(poor.log) >= BUDGET), poor.log
        time.sleep(0.1)  # committed
        asked = busy.asked("/")[-1][0]
        d.proc.kill()
        d.proc.wait()
        d.notify.close()
        stop = threading.Event()
        life = threading.Thread(target=site.live, args=(rng, stop))
        life.start()
        kill_it(d, rng)
        stop.set()
        life.join()
        whole = sites.wait_for(lambda: is_told(site, by_name(d, srv)), 30, 0.2)
        told = by_name(d, srv)
        # Two more looks at every page tell nothing twice.
        n = len(srv.log)
        sites.wait_for(lambda: len(srv.log) > n + 3 * len(site.names), 10)
        sites.wait_for(lambda: len(busy.asked("/")) > 1, WAIT_S + 10)
        told = by_name(d, srv)
        d.stop()
        check(d, site, told, whole)
        sites.ok(not srv.asked("/private/x.html") and len(srv.asked("/robots.txt")) <= 2,
                 "crash: the rules of robots.txt survive",
                 "asked %d times" % len(srv.asked("/robots.txt")))
        again = [r[0] - asked for r in busy.asked("/") if r[0] > asked]
        sites.ok(again and min(again) >= WAIT_S - 0.5,
                 "crash: a host that asked to wait is not asked before", again[:3])
        # A kill between the request and its commit forgets that one. At midnight
        # there is a new one.
        days = 1 + (time.localtime().tm_yday != day)
        sites.ok(len(poor.log) <= days * (BUDGET + 2), "crash: the budget of the day survives",
                 "%d requests of %d" % (len(poor.log), BUDGET))


def check(d, site, told, whole):
    missing = [n for n, v in site.last.items() if v is not None and n not in told]
    bad = wrong(told) or ("" if whole else "not told: %s" % [
        (n, v, [r["event"] for r in told.get(n, [])]) for n, v in site.last.items()
        if not is_told(Part(n, v), told)])
    seqs = [int(r["seq"]) for r in d.records()]
    if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
        bad = bad or "seq has a hole"
    v = subprocess.run([sites.WINNOW, "queue", "verify", os.path.join(d.dir, "queue")],
                       capture_output=True, text=True, check=False)
    bad = bad or (v.stdout + v.stderr if v.returncode != 0 else "")
    sites.ok(not bad and not missing,
             "crash: %d kill -9 of a daemon that revisits: %d events of %d pages, none lost, "
             "none twice" % (KILLS, sum(map(len, told.values())), len(told)),
             bad or "never landed: %s" % missing)


class Part:
    """One page of a site, for is_told()."""

    def __init__(self, name, version):
        self.last = {name: version}


def main():
    seed = int(os.environ.get("SEED", time.time_ns() % 10**9))
    print("# SEED=%d" % seed)
    with sites.workdir() as tmp:
        run(tmp, random.Random(seed))


if __name__ == "__main__":
    main()
