#!/usr/bin/env python3
"""What goes wrong in a long run (acts.py), a few seconds of each.

Five small worlds side by side, each with a daemon of its own: after every act
each host is asked again, and at the end each article has landed once, and the
queue is clean. `make soak` does the same for hours, and measures."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import acts  # noqa: E402
import house  # noqa: E402
from house import disks, hostile_net, sites  # noqa: E402

HOSTS, DELAY = 8, 0.25

# (name, act, seconds). Names are kept for ten seconds at least (dns.c).
WORLDS = [
    ("names", [
        ("a name server that is silent, then fails", acts.dns_both, 15)]),
    ("network", [
        ("nobody listens", acts.net_refused, 4),
        ("nobody answers, the name server neither", acts.net_silent, 5),
        ("no route to anybody", acts.net_down, 3)]),
    ("disk", [
        ("twenty reloads, five of them of a broken file", acts.reloads, 2),
        ("workers are killed all the time", acts.kill_workers, 3),
        ("the disk is full, and empty again", acts.disk_full, 1)]),
    ("clock", [
        ("the clock jumps by hours, there and back", acts.clock, 14)]),
    ("processes", [
        ("the zygote is killed", acts.kill_zygote, 0),
        ("kill -9, five times", acts.kill_daemon, 2)])]


def one(c, h, act, seconds):
    act(h, seconds)
    # Whoever is asked twice from now on is well.
    before = h.plan.asked_each()

    def well():
        return all(b - a >= 2 for a, b in zip(before, h.plan.asked_each()))
    assert sites.wait_for(well, 60, 0.1), (before, h.plan.asked_each(), h.d.words()[-2000:])


def finish(h):
    assert h.complete(90), ("never landed", h.account.missing(h.plan)[:5], h.d.words()[-2000:])
    rc, _, verify = h.stop()
    assert rc == 0 and not verify, (rc, verify)
    assert not h.crashes, h.crashes
    wrong = h.account.judge(h.plan)
    assert not wrong, wrong


def world(name, todo, public, tmp):
    c = sites.Cases()
    h = house.House(house.fresh(os.path.join(tmp, name)), HOSTS, DELAY, every=1.0, turn=3.0,
                    public=public)
    try:
        h.begin(0.5)
        time.sleep(2)
        for words, act, seconds in todo:
            c.case("acts: " + words, one, c, h, act, seconds)
        c.case("acts: %s: each article has landed once" % name, finish, h)
    finally:
        h.close()
    return c.failed


def child(name, todo, tmp):
    """A process with a network of its own."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = world(name, todo, not hostile_net.enter_namespace(), tmp) != 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return pid


def main():
    disks.own_mounts()
    with sites.workdir() as tmp:
        pids = [child(name, todo, tmp) for name, todo in WORLDS]
        return 1 if any([os.waitpid(p, 0)[1] for p in pids]) else 0


if __name__ == "__main__":
    sys.exit(main())
