"""What goes wrong in a long run, one function an act. Each does its worst for
about so many seconds, puts things right again, and returns words about what it
has seen; Skip when it cannot be done here.

How the daemon takes it is looked at from outside: by the rate at the servers, by
its status, by what lands."""
import os
import shutil
import signal
import time

import house
import sites
import watch

Skip = sites.Cases.Skip


def until(seconds):
    """Times, half a second apart, for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(min(0.5, max(0.0, end - time.monotonic())))


def wait(h, seconds):
    n, began = h.plan.asked(), time.monotonic()
    time.sleep(seconds)
    return (h.plan.asked() - n) / (time.monotonic() - began)


# ---- the network ---------------------------------------------------------------------


def names_are(h, how, seconds):
    h.plan.names(how)
    try:
        rate = wait(h, seconds)
    finally:
        h.plan.names("ok")
    return "%.1f requests/s meanwhile" % rate


def dns_silent(h, seconds):
    return names_are(h, "silent", seconds)


def dns_servfail(h, seconds):
    return names_are(h, "servfail", seconds)


def dns_both(h, seconds):
    """One behind the other, so that no name is known any more."""
    dns_silent(h, 0.7 * seconds)
    return dns_servfail(h, 0.3 * seconds)


def net_refused(h, seconds):
    """Nobody listens: refused at once. Said by status, until somebody answers."""
    def outage():
        return h.d.status()["outage_since"]["connections"]

    h.plan.web("refuse")
    try:
        wait(h, seconds)
        assert sites.wait_for(outage, 60, 0.2), "status tells of no outage"
    finally:
        h.plan.web("ok")
    assert sites.wait_for(lambda: not outage(), 200, 0.2), "the outage does not end"
    return ""


def net_silent(h, seconds):
    """Connections stand, nobody answers, the name server neither."""
    h.plan.names("silent")
    h.plan.web("silent")
    try:
        wait(h, seconds)
    finally:
        h.plan.names("ok")
        h.plan.web("ok")
    return ""


def net_down(h, seconds):
    """The interface is down: no route to anybody."""
    if not h.net.public or shutil.which("ip") is None:
        raise Skip("no network namespace, or no ip(8)")
    house.link(False)
    try:
        wait(h, seconds)
    finally:
        house.link(True)
    return ""


# ---- the machine -----------------------------------------------------------------------


def disk_full(h, seconds):
    """Not a byte is left for queue and state, then there is again."""
    if h.disk is None:
        raise Skip("no file system can be mounted here")
    ballast = os.path.join(h.disk, "ballast")
    with open(ballast, "wb", buffering=0) as f:
        try:
            while f.write(bytes(1 << 16)) > 0:
                pass
        except OSError:
            pass

    def state():
        return watch.ask(h.d.socket)[0]["state"]
    try:
        blocked = sites.wait_for(lambda: state() == "blocked", 60, 0.2)
        st = watch.ask(h.d.socket)[0]
        time.sleep(seconds)
    finally:
        os.unlink(ballast)
    assert blocked, "it was never blocked"
    assert "No space left" in st["blocked"], st["blocked"]
    assert sites.wait_for(lambda: state() == "running", 30, 0.2), "it stays blocked"
    return ""


def clock(h, seconds):
    """The wall clock goes ahead and comes back, by a minute, hours and days."""
    if not os.path.exists(house.CLOCK) or not h.d.wrap:
        raise Skip("%s was not built" % house.CLOCK)
    jumps = [7200, -7200, 3 * 86400, -3 * 86400, 60, -60]
    was, began = h.d.status()["uptime_s"], time.monotonic()
    jumps = jumps[:max(2, int(seconds / 7))]  # the loop looks at the date every 5 s
    try:
        for jump in jumps:
            h.d.set_clock(jump)
            rate = wait(h, seconds / len(jumps))
            assert rate > 0, "nothing is asked for %+d s from the true time" % jump
            up, took = h.d.status()["uptime_s"] - was, time.monotonic() - began
            assert abs(up - took) < 30, "%d s of life in %d s" % (up, took)
    finally:
        h.d.set_clock(0)
    return "%d jumps" % len(jumps)


# ---- the administrator, and worse ----------------------------------------------------------


def reloads(h, seconds):
    """Twenty, every fourth of them of a file that is wrong: it changes nothing."""
    for n in range(20):
        broken = n % 4 == 3
        h.d.write(h.d.more + [("queue.seal_after", "%ds" % (4 + n % 2)),
                              ("fetch.max_tries", "many" if broken else "3")])
        rc, _, err = h.d.ask("reload")
        assert rc == (4 if broken else 0), (n, rc, err)
        time.sleep(seconds / 20)
    h.d.write(h.d.more)
    rc, _, err = h.d.ask("reload")
    assert rc == 0, err
    return "15 good, 5 broken"


def kill_workers(h, seconds):
    """One worker each second, or more often where there is less time."""
    before, n = watch.ask(h.d.socket)[0]["now"]["workers_replaced"], 0
    for _ in until(seconds):
        them = watch.workers(h.d.proc.pid)
        if them:
            try:
                os.kill(them[n % len(them)], signal.SIGKILL)
            except ProcessLookupError:
                continue  # it was being replaced already
            n += 1
        time.sleep(0.5 if seconds > 20 else 0.1)
    assert sites.wait_for(lambda: len(watch.workers(h.d.proc.pid)) == 2, 10, 0.1), "too few"
    after = watch.ask(h.d.socket)[0]["now"]["workers_replaced"]
    return "%d killed, %d replaced" % (n, after - before)


def kill_zygote(h, seconds):
    """Without it no worker can be made: the daemon ends, and is started again."""
    h.expected, starts = True, h.d.starts
    try:
        for z in watch.children(h.d.proc.pid):
            os.kill(z, signal.SIGKILL)
        assert sites.wait_for(lambda: h.d.starts > starts, 40, 0.2), \
            "it lives on without a zygote"
    finally:
        h.expected = False
    return ""


def kill_daemon(h, seconds):
    """kill -9, and started again, five times."""
    for _ in range(5):
        h.kill()
        time.sleep(seconds / 5)
    return "5 times"


# In the order of a run: those that end the daemon come last, so that what the
# others have left behind shows in its memory.
ALL = [reloads, kill_workers, dns_silent, dns_servfail, net_refused, net_silent, net_down,
       disk_full, clock, kill_zygote, kill_daemon]
