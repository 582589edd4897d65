"""What a long run is watched by: samples of a process from /proc, and lines laid
through them.

A slope comes with its standard error. Samples that stand near each other are
alike, so the error is that of as many as would be independent (lag-one
autocorrelation of what the line leaves)."""
import glob
import json
import math
import os
import socket
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")
FIELDS = ["t", "phase", "pid", "rss_kib", "file_kib", "fds", "workers", "workers_kib",
          "worker_max_kib", "worker_fds", "asked", "store", "log", "lag_ms", "urls", "due",
          "records", "cpu_s", "workers_cpu_s"]


def line(ts, ys):
    """Slope a second, its standard error, and the mean; needs 8 points or so."""
    n = len(ts)
    if n < 8:
        return 0.0, math.inf, ys[-1] if ys else 0.0
    tm, ym = statistics.fmean(ts), statistics.fmean(ys)
    sxx = sum((t - tm) ** 2 for t in ts)
    slope = sum((t - tm) * (y - ym) for t, y in zip(ts, ys)) / sxx
    left = [y - ym - slope * (t - tm) for t, y in zip(ts, ys)]
    s2 = sum(e * e for e in left)
    alike = sum(a * b for a, b in zip(left, left[1:])) / s2 if s2 > 0 else 0.0
    alike = min(0.95, max(0.0, alike))
    return slope, math.sqrt(s2 / (n - 2) / sxx * (1 + alike) / (1 - alike)), ym


def memory(pid, *keys):
    """KiB of each key of /proc/PID/status."""
    got = {}
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        for row in f:
            key, _, value = row.partition(":")
            if key in keys:
                got[key] = int(value.split()[0])
    return [got.get(k, 0) for k in keys]


def cpu(pid):
    with open("/proc/%d/stat" % pid, encoding="latin-1") as f:
        rest = f.read().rsplit(")", 1)[1].split()
    return (int(rest[11]) + int(rest[12])) / TICK


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def children(pid):
    out = []
    for path in glob.glob("/proc/%d/task/*/children" % pid):
        try:
            with open(path, encoding="ascii") as f:
                out += map(int, f.read().split())
        except OSError:
            pass
    return out


def workers(pid):
    """A daemon's child is its zygote, whose children they are."""
    return [w for z in children(pid) for w in children(z)]


def ask(path, command="status", limit=120):
    """The daemon's answer over its socket, and the milliseconds that took."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(limit)
        s.connect(path)
        s.sendall(command.encode() + b"\n")
        s.shutdown(socket.SHUT_WR)
        got = b""
        while True:
            part = s.recv(1 << 16)
            if not part:
                break
            got += part
    return json.loads(got), 1000 * (time.monotonic() - began)


def size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def sample(d, plan, began, phase):
    """One row of FIELDS; None while there is no daemon to be looked at."""
    pid = d.proc.pid if d.proc is not None else 0
    try:
        rss, mapped = memory(pid, "RssAnon", "RssFile")
        shared = memory(pid, "RssShmem")[0]  # the store, where it is on a tmpfs
        each = [(memory(w, "RssAnon")[0], descriptors(w), cpu(w)) for w in workers(pid)]
        fds, used = descriptors(pid), cpu(pid)
        st, lag = ask(d.socket)
    except (OSError, ValueError, IndexError):  # it ends, or starts
        return None
    return dict(zip(FIELDS, [
        round(time.monotonic() - began, 2), phase, pid, rss, mapped + shared, fds, len(each),
        sum(e[0] for e in each), max([e[0] for e in each], default=0),
        sum(e[1] for e in each), plan.asked(), size(os.path.join(d.state, "data.mdb")),
        size(d.err), round(lag, 2), st["frontier"]["known"], st["frontier"]["due"],
        st["queue"]["records"], round(used, 2), round(sum(e[2] for e in each), 2)]))


def rates(rows, seconds=60):
    """Requests a second, for each whole piece of so many seconds."""
    out, first = [], None
    for r in rows:
        if first is None:
            first = r
        elif r["t"] - first["t"] >= seconds:
            out.append((r["asked"] - first["asked"]) / (r["t"] - first["t"]))
            first = r
    return out
