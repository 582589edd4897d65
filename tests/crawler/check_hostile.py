#!/usr/bin/env python3
"""The real daemon meets the hostile web (hostile_acts.py), all of it at once.

One winnowd, a host for each behaviour and good ones between. Then, behaviour by
behaviour: how its page was settled, in words that `winnow why` tells, and what
the server saw. The daemon must be alive, with as many descriptors and as much
memory as before. HOSTILE.md beside this file says which test proves which
number of the catalogue; the last case here holds it to that.
"""
import email.utils
import glob
import gzip
import json
import os
import re
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sites")]
import hostile_acts as acts  # noqa: E402
import hostile_net  # noqa: E402
import sites  # noqa: E402
from hostile import article  # noqa: E402

GOOD = 6  # good hosts, of as many pages
MIB = 1 << 20
MAX_BODY = 2 * MIB
SETTINGS = [("politeness.delay", "20ms"), ("fetch.connect_timeout", "1500ms"),
            ("fetch.first_byte_timeout", "1500ms"), ("fetch.low_speed_time", "1500ms"),
            ("fetch.timeout", "4s"), ("fetch.max_tries", "1"), ("fetch.parallel", "128"),
            ("fetch.max_body", "%d" % MAX_BODY), ("fetch.hosts_file", ""),
            ("fetch.dns_timeout", "500ms"), ("scope.max_depth", "1"), ("log.level", "info"), ("find.sitemap_places", ""), ("politeness.backoff", "200ms"),
            ("revisit.hubs", "false"), ("revisit.articles", "false"),
            ("clean.workers", "2")]


# ---- what /proc tells ---------------------------------------------------------------


def status_kib(pid, key):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        for line in f:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def children(pid):
    out = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="latin-1") as f:
                text = f.read()
        except OSError:
            continue
        if int(text.rsplit(")", 1)[1].split()[1]) == pid:
            out.append(int(text.split(" ", 1)[0]))
    return out


def workers(pid):
    return [w for z in children(pid) for w in children(z)]


def cpu_s(pid):
    with open("/proc/%d/stat" % pid, encoding="latin-1") as f:
        rest = f.read().rsplit(")", 1)[1].split()
    return (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")


def peak_reset(pid):
    with open("/proc/%d/clear_refs" % pid, "w", encoding="ascii") as f:
        f.write("5")


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


# ---- the run --------------------------------------------------------------------------


class Run:
    """One daemon, the hostile web, good hosts."""

    def __init__(self, tmp, public):
        self.net = hostile_net.Net(public)
        self.web = hostile_net.Web(self.net)
        self.names = hostile_net.Names(self.net)
        self.names.start()
        self.secret = self.secrets()
        self.more = [("fetch.dns", self.names.server)]
        if not public:
            self.more.append(("fetch.allow_net", "127.1.0.0/16"))
        self.d = sites.Daemon(tmp, SETTINGS + self.more)
        self.wants = {}  # url -> (id, Want)
        for i in range(GOOD):
            self.web.add("good%d.test" % i, good)
        self.net.address("nowhere.test")

    def secrets(self):
        """Listeners where nobody may ever connect."""
        self.net.names["inside.test"] = "127.0.0.1"
        got = []
        for a in ("127.0.0.1", "::1", *hostile_net.PRIVATE):
            s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET)
            try:
                s.bind((a, self.net.port))
            except OSError:
                continue
            s.listen(16)
            self.web.watch(s, "secret " + a)
            got.append(a)
        return got

    def add(self, rows, prefix=""):
        """Hosts for the rows, and their seeds as lines of a list."""
        lines = []
        for r in rows:
            host = prefix + r.host
            self.net.address(host)
            if r.act == acts.FULL:
                self.web.add_full(host)
            elif r.act is not None:
                self.web.add(host, r.act, r.robots)
            for w in r.wants:
                url = self.net.url(host, w.path)
                self.wants[url] = (r.id, w)
                if w.kind != "found":
                    lines.append(url + ("\ttype=" + w.kind if w.kind else ""))
        return lines

    def good_lines(self, n):
        return [self.net.url("good%d.test" % i, "/%d/%d" % (n, j))
                for i in range(GOOD) for j in range(GOOD)]

    def ask(self, command):
        """The daemon's answer, over its socket."""
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(self.d.socket)
        s.sendall(command.encode() + b"\n")
        s.shutdown(socket.SHUT_WR)
        out = b""
        while got := s.recv(65536):
            out += got
        s.close()
        return json.loads(out)

    def why(self, url):
        return self.ask("why " + url)

    def reload(self, settings):
        self.d.write(SETTINGS + self.more + settings)
        assert self.ask("reload")["ok"]

    def drop(self, lines, name):
        """Hands over a list of seeds."""
        path = os.path.join(self.d.spool, name)
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        os.rename(path + ".part", path)
        assert sites.wait_for(lambda: os.path.exists(path + ".done"), 10), self.d.words()

    def crawl(self, lines, name, limit=40):
        """Hands it over and waits until nothing is due."""
        self.drop(lines, name)

        def over():
            st = self.ask("status")
            if st["outage_since"]["connections"]:
                # All hosts that are left are dead: a good one tells that the
                # network is not.
                self.beats = getattr(self, "beats", 0) + 1
                self.drop([self.net.url("good0.test", "/beat/%d" % self.beats)],
                          "beat%d" % self.beats)
            f = st["frontier"]
            return f["due"] == 0 and f["out"] == 0
        assert sites.wait_for(over, limit, 0.05), self.ask("status")

    def at_rest(self):
        """Kept connections ended, buffers as after any page: (fds, RssAnon KiB)."""
        time.sleep(0.1)
        self.web.hang_up()
        self.rest = getattr(self, "rest", 0) + 1
        time.sleep(1.1)  # libcurl looks for dead connections once a second
        self.crawl([self.net.url("good0.test", "/rest/%d" % self.rest)], "rest%d" % self.rest)
        self.web.hang_up()
        pid = self.d.proc.pid
        return descriptors(pid), status_kib(pid, "RssAnon")


def good(c):
    n = sum(ord(x) for x in c.host) * 1000 + sum((i + 1) * ord(x) for i, x in enumerate(c.path))
    return c.page(article(n))


# ---- one behaviour -------------------------------------------------------------------------


def settled_as(run, number):
    """Every page of that number, in both rounds, and one by the command."""
    asked, wrong = None, []
    for url, (key, want) in run.wants.items():
        if key != number:
            continue
        w = run.why(url)
        if not w.get("stored", w.get("ok")):
            if want.states != "never":
                wrong.append("%s was never found: %s" % (url, w))
            continue
        asked = url
        words = "%s: %s" % (w["reason"], w["detail"])
        if w["state"] not in want.states.split("|"):
            wrong.append("%s is %s (%s), wanted %s" % (url, w["state"], words, want.states))
        elif not re.search(want.reason, words, re.I):
            wrong.append("%s: '%s', wanted %r" % (url, words, want.reason))
        elif not (w["state"] in ("done", "redirected") or w["reason"]):
            wrong.append("%s: %s without a reason" % (url, w["state"]))
    assert asked is not None, "no page of " + number
    assert not wrong, "\n".join(wrong)
    rc, out, err = run.d.ask("why", asked)
    assert rc == 0 and run.why(asked)["state"] in out, (rc, out, err)


def records(run):
    """url -> record; a line that is not JSON in UTF-8 fails here."""
    out = {}
    for name in sorted(run.d.files()):
        with gzip.open(name) as f:
            for line in f:
                r = json.loads(line.decode("utf-8", "strict"))
                out[r["url"]] = r
    return out


def texts(run):
    """Bytes that mean harm leave none in a record; the article is there."""
    got = records(run)
    for url, (_, want) in run.wants.items():
        if want.text:
            assert want.text in got[url]["text"], (url, got[url]["text"][:300])
    for r in got.values():
        for key in ("text", "title", "sitename", "description"):
            bad = re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e"
                            "\u2066-\u2069]", r[key] or "")
            assert not bad, (r["url"], key, ascii(bad.group()))
    for n in range(3):
        for url in run.good_lines(n):
            assert "Library" in got[url]["title"], url


def few_attempts(run):
    """H03: at most max_tries, and not one after the other at once."""
    for host in ("h03-rst.test", "h04-hangs-up.test"):
        n = run.web.accepted[host]
        assert 1 <= n <= 2 * 2, (host, n)  # robots.txt; libcurl may ask twice


def cut_bodies(run):
    """H04: nothing of a body that was cut is a record."""
    got = records(run)
    for url in run.wants:
        assert not re.search("h04|h07|h08-(two|max|list2)", url) or url not in got, url
    for host in ("h04-body.test", "h04-chunk.test"):
        assert len(run.web.asked(host)) == 2, run.web.asked(host)


def no_cookies(run):
    sent = [(r[0], r[1]) for r in run.web.seen if "cookie" in r[2]]
    assert not sent, sent


def clean_log(run):
    """H15: a line an event, nothing raw; the same of what why says."""
    with open(run.d.err, "rb") as f:
        log = f.read()
    assert not re.search(rb"[\0-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", log)
    log.decode("utf-8")
    for line in log.decode().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line), line
    red = [r for r in run.web.asked("h15.test") if r[1] != "/"]
    assert [r[1] for r in red] == ["/[31mred%0d%0aSet-Cookie:%20a=b"], red
    for url in (run.net.url("h15.test"), run.net.url("h15.test", red[0][1])):
        for more in ((), ("--json",)):
            rc, out, err = run.d.ask("why", url, *more)
            assert rc == 0 and out.isprintable() is False, (rc, err)
            assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", out), ascii(out)


def hops_checked(run):
    """H17: before a hop's page the robots.txt of its host."""
    for i in range(11):
        host = "h17-%d.test" % i
        seen = [r[1] for r in sorted(run.web.seen, key=lambda r: r[3]) if r[0] == host]
        assert seen == ["/robots.txt", "/"], (host, seen)
    for i in (11, 12):
        assert "h17-%d.test" % i not in run.web.accepted
    assert not run.web.asked("h17-denied.test", "/x")


def never_inside(run):
    """H19: each target is settled as guarded, or is no address at all, and
    nobody was connected to."""
    port = "" if run.net.port == 80 else ":%d" % run.net.port
    for to in acts.INSIDE:
        w = run.why(to.format(p=port))
        assert w["state"] == "guarded", w
    assert len(run.secret) >= (7 if run.net.public else 1), run.secret
    inside = [a for a in run.web.accepted if a.startswith("secret")]
    assert not inside, inside


def locations_taken(run):
    """H21: what was made of each form."""
    asked = [r[1] for r in run.web.asked("h21.test") if "target" in r[1]]
    assert sorted(asked) == ["/query?target=1", "/target/%B9%FA", "/target/a%20b%20c",
                             "/target/bare", "/target/user"], asked
    assert not [r for r in run.web.seen if "authorization" in r[2]]


def nothing_outside(run):
    """H35: entities are not followed: no name was looked up, nobody asked."""
    assert not [n for n in run.names.asked if "h35-secret" in n.lower()]
    assert "h35-secret.test" not in run.web.accepted
    for r in records(run).values():
        assert "root:" not in r["text"], r["url"]


# ---- memory -----------------------------------------------------------------------------------

# Host of a row, bound of the parent's growth and of the workers' in MiB, CPU
# seconds of the workers. max_body is 2 MiB. A worker holds the body as it came
# and as it became; "limit + 1 MiB" is for each.
PEAKS = (("h07.test", 4, 1, 0.5), ("h07-plain.test", 4, 1, 0.5), ("h08-max.test", 1, 1, 0.5),
         ("h09-ext.test", 1, 1, 0.5), ("h10.test", 1, 1, 0.5), ("h11-fields.test", 1, 1, 0.5),
         ("h11-line.test", 1, 1, 0.5), ("h12-103.test", 1, 1, 0.5), ("h22.test", 2, 5, 0.5),
         ("h22-twice.test", 1, 5, 0.5), ("h24-zstd.test", 1, 5, 0.5), ("h24-br.test", 1, 5, 0.5),
         ("h25.test", 1, 1, 0.5), ("h25-unsaid.test", 4, 1, 0.5), ("h05.test", 1, 1, 0.5))


def peaks(run, table):
    """One after the other: how far memory went up meanwhile."""
    if sites.sanitized():
        raise sites.Cases.Skip("a sanitizer's memory is its own")
    rows = {r.host: r for r in table}
    pid, wrong, told = run.d.proc.pid, [], []
    pids = workers(pid)
    for host, parent, worker, cpu in PEAKS:
        if host not in rows:
            continue
        for p in (pid, *pids):
            peak_reset(p)
        at, at_workers = status_kib(pid, "VmRSS"), [status_kib(p, "VmRSS") for p in pids]
        spent = sum(map(cpu_s, pids))
        run.crawl(run.add([rows[host]], "peak."), "peak-" + host)
        up = (status_kib(pid, "VmHWM") - at) / 1024
        up_worker = max(status_kib(p, "VmHWM") - a for p, a in zip(pids, at_workers)) / 1024
        spent = sum(map(cpu_s, pids)) - spent
        told.append("%s +%.1f/+%.1f MiB %.2f s" % (host.split(".")[0], up, up_worker, spent))
        if up > parent or up_worker > worker or spent > cpu:
            wrong.append("%s: parent +%.2f MiB (bound %d), worker +%.2f (%d), %.2f s of CPU" % (
                host, up, parent, up_worker, worker, spent))
    print("  peaks, parent/worker: " + ", ".join(told))
    assert workers(pid) == pids, "a worker was replaced"
    assert not wrong, "\n".join(wrong)


# ---- the host's state ----------------------------------------------------------------------------


def retry_after(value):
    def act(c):
        asked = len(c.web.asked(c.host))
        if asked == 0:
            return c.answer("429 Too Many", [("Retry-After", value(c) if callable(value)
                                                else value)])
        return c.page(article(44))
    return act


def http_date(_):
    return email.utils.formatdate(time.time() + 2.5, usegmt=True)


WAITS = (("seconds", "1", 1.0), ("date", http_date, 1.4), ("huge", "1000000000", 99),
         ("negative", "-5", 0.2), ("letters", "soon", 0.2))


def host_states(run):
    """H44, H45: no request in between, and ever fewer."""
    def broken(c):
        return c.page(article(45)) if c.path == "/0" else c.answer("500 No", [])
    run.web.add("h45.test", broken)
    lines = [run.net.url("h45.test", "/%d" % i) for i in range(40)]
    for name, value, _ in WAITS:
        run.web.add("h44-%s.test" % name, retry_after(value))
        lines += [run.net.url("h44-%s.test" % name, "/%d" % i) for i in range(3)]
    run.drop(lines, "states")
    time.sleep(3.5)

    def met():
        return len(run.web.asked("h45.test")) > 5 and all(
            len(run.web.asked("h44-%s.test" % name)) > (wait < 5) for name, _, wait in WAITS)
    sites.wait_for(met, 10, 0.1)
    for name, _, wait in WAITS:
        seen = run.web.asked("h44-%s.test" % name)
        if wait > 5:
            assert len(seen) == 1, (name, seen)
        else:
            gap = seen[1][3] - seen[0][4] if len(seen) > 1 else None
            assert gap is not None and gap >= wait - 0.02, (name, gap)
    seen = run.web.asked("h45.test")
    assert 5 <= len([r for r in seen if r[1] != "/0"]) <= 10, len(seen)
    w = run.why(lines[39])
    assert w["state"] == "due" and w["next"], w


# ---- at the end ------------------------------------------------------------------------------------


def as_before(run, rest):
    """Descriptors and memory after each round. A second round's hosts stay
    known too (rules, addresses); the ten minutes of hostile_long.py hold
    memory to 5 %."""
    print("  at rest (descriptors, RssAnon KiB): %s, %s, %s" % rest)
    assert rest[0][0] == rest[1][0] == rest[2][0], rest
    assert sites.sanitized() or rest[2][1] < 16 << 10, rest
    assert sites.sanitized() or rest[2][1] - rest[1][1] < 2 << 10, rest


def alive(run):
    st = run.d.status()
    assert run.d.proc.poll() is None and st["state"] == "running", st
    assert st["now"]["workers_replaced"] == 0 and st["pages"]["poisoned"] == 0, st
    rc, _ = run.d.stop()
    assert rc == 0, (rc, run.d.words()[-2000:])


def poison(run, tmp):
    """H55: with the daemon of the hooks (WINNOW_TEST_HOOKS)."""
    kinds = ["abort", "hang"] + ([] if sites.sanitized() else ["bloat"])

    def page(c):
        return c.page(article(55, "<!-- winnow-test:%s -->" % c.path[1:]))
    for k in kinds:
        run.web.add("h55-%s.test" % k, page)
    run.d = sites.Daemon(os.path.join(tmp, "hooks"), SETTINGS + run.more + [
        ("clean.time_limit", "500ms"), ("clean.memory", "128MiB")])
    run.d.program = os.path.join(sites.BUILD, "tests/hooks/winnowd")
    run.d.start().ready()
    bad = [run.net.url("h55-%s.test" % k, "/" + k) for k in kinds]
    run.crawl(bad + run.good_lines(3), "poison")
    for url in bad:
        w = run.why(url)
        assert w["state"] == "poison" and w["reason"] == "worker" and w["detail"], w
    for k in kinds:
        assert len(run.web.asked("h55-%s.test" % k)) == 1  # cleaned twice, fetched once
    for url in run.good_lines(3):
        assert run.why(url)["state"] == "done", run.why(url)
    st = sites.wait_for(lambda: run.ask("status")["now"]["workers"] == 2 and run.ask("status"), 1)
    assert st and st["pages"]["poisoned"] == len(kinds), st
    assert st["now"]["workers_replaced"] == 2 * len(kinds), st
    assert st["urls_by_state"]["poison"] == len(kinds), st
    rc, _ = run.d.stop()
    assert rc == 0, run.d.words()[-2000:]


def listed(table):
    """Each number of the catalogue has a test, and the tests are there."""
    with open(os.path.join(HERE, "HOSTILE.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| (H\d\d) \| (\S+) \| (.+?) \|$", f.read(), re.M)
    numbers = {r[0] for r in rows}
    missing = [n for n in ("H%02d" % i for i in range(1, 57)) if n not in numbers]
    assert not missing, "without a test: %s" % missing
    wrong = []
    for number, path, name in rows:
        full = os.path.join(HERE, "..", "..", path)
        if not os.path.exists(full):
            wrong.append("%s: no file %s" % (number, path))
            continue
        with open(full, encoding="utf-8") as f:
            # Long names are written in pieces.
            text = re.sub(r'"\s*"', "", f.read())
        if name not in text:
            wrong.append("%s: %s has no '%s'" % (number, path, name))
    assert not wrong, "\n".join(wrong)


CHECKS = (("texts are clean UTF-8, good pages are whole (H34, H36)", texts),
          ("H03: a host that resets is left after its tries", few_attempts),
          ("H04: no record from a body that was cut", cut_bodies),
          ("H13: no cookie is sent to anybody", no_cookies),
          ("H15: a log line an event, and no control byte in log, why or JSON", clean_log),
          ("H17: each hop asks for robots.txt first, and obeys", hops_checked),
          ("H19: addresses inside are guarded, and nobody connects", never_inside),
          ("H21: what is made of each Location", locations_taken),
          ("H35: no entity is looked up, asked for or read", nothing_outside))


def whole(c, run):
    table = acts.rows()
    run.d.start().ready()
    run.crawl(run.good_lines(0), "good")
    c.case("hostile: peaks of memory and CPU (H05, H07 to H12, H22, H24, H25)", peaks, run, table)
    before = run.at_rest()
    run.reload([("fetch.max_tries", "2")])
    run.crawl(run.add(table) + run.good_lines(1), "one")
    first = run.at_rest()
    run.reload([("fetch.max_tries", "1")])  # the second time is shorter
    run.crawl(run.add(table, "again.") + run.good_lines(2), "two")
    second = run.at_rest()
    time.sleep(0.4)  # the last file is sealed
    for number in sorted({r.id for r in table}):
        c.case("hostile: %s: each page ends as it should, and why tells it" % number,
               settled_as, run, number)
    for name, fn in CHECKS:
        c.case("hostile: " + name, fn, run)
    c.case("hostile: descriptors and memory are what they were", as_before, run,
           (before, first, second))
    c.case("hostile: a host's Retry-After and failures are the host's (H44, H45)",
           host_states, run)
    c.case("hostile: the daemon lives, no worker died, and it stops", alive, run)


def main():
    c = sites.Cases()
    c.case("hostile: every number of the catalogue has its test", listed, None)
    why = hostile_net.enter_namespace()
    if why:
        print("skip - hostile: public addresses in a network of its own: " + why)
    with sites.workdir() as tmp:
        run = Run(tmp, not why)
        try:
            whole(c, run)
            c.case("hostile: H55: pages that crash, hang or bloat a worker cost themselves",
                   poison, run, tmp)
        finally:
            run.d.stop()
            run.web.stop()
            run.names.stop()
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
