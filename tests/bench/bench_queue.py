"""The queue beside its yardsticks, over records made of real pages.

The project's own example pages (and, as a second set, the development pages of
WINNOW_SHARED where they are) are cleaned; what only a crawl knows (download,
seq, validators) is filled in. Of each set, repeated to SIZE:
  append   bench_queue: member, hash, write, beside bare deflate; its CPU
  size     the sealed files beside gzip -6 of the whole
  cat      winnow queue cat beside zcat of the same files; CPU and wall, the
           best of ROUNDS in turn
Prints one line of key=value each."""
import base64
import glob
import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
SHARED = os.environ.get("WINNOW_SHARED", "../shared")
SIZE = int(os.environ.get("QUEUE_BYTES", str(32 << 20)))
ROUNDS = 7  # as in bench_queue.c


def own_pages():
    for p in sorted(glob.glob("tests/cleaner/pages/*/source.html") +
                    glob.glob("tests/cleaner/systems/*.html") +
                    glob.glob("tests/sites/*/*.html")):
        with open(p, "rb") as f:
            yield f.read()


def shared_pages():
    for p in sorted(glob.glob(SHARED + "/corpus/*/*.html.gz")):
        with gzip.open(p) as f:
            yield f.read()


def records(pages):
    """The lines of the pages, as a crawl would write them."""
    asks = b"".join(
        json.dumps({"id": str(i), "html_b64": base64.b64encode(b).decode(),
                    "url": "http://www.site%d.example.cn/content/2026/%d.html"
                           % (i % 97, i)}).encode() + b"\n"
        for i, b in enumerate(pages))
    out = subprocess.run([BUILD + "/winnow", "clean", "--batch", "-j", "2"],
                         input=asks, stdout=subprocess.PIPE, check=True).stdout
    lines = []
    for line in out.split(b"\n"):
        r = json.loads(line) if line else {}
        if r.get("text"):
            lines.append(finish(r, len(lines) + 1))
    return lines


def finish(r, seq):
    tag = hashlib.sha256(str(seq).encode()).hexdigest()
    r["id"] = r.pop("record_id")
    r.update(event="new", url_requested=r["url"], status=200,
             date_download="2026-11-21T03:%02d:%02d.%03dZ" % (
                 seq // 60 % 60, seq % 60, seq * 7919 % 1000),
             content_type="text/html; charset=utf-8",
             etag='"%s-%s"' % (tag[:8], tag[8:12]), robots="allowed",
             via=r["url"].rsplit("/", 1)[0] + "/", depth=seq % 5,
             seed="http://" + r["host"] + "/", crawl="20261121T031500Z",
             node="n1", seq=str(seq))
    return json.dumps(r, ensure_ascii=False, separators=(",", ":"))


def repeated(lines):
    """Lines with numbers of their own until there are SIZE bytes."""
    out, n, seq = [], 0, 0
    while n < SIZE:
        r = json.loads(lines[seq % len(lines)])
        seq += 1
        r["seq"] = str(seq)
        b = json.dumps(r, ensure_ascii=False,
                       separators=(",", ":")).encode() + b"\n"
        out.append(b)
        n += len(b)
    return b"".join(out)


def spent(cmd):
    """CPU and wall seconds of a command whose output nobody keeps."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(cmd, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime -
            before.ru_stime, time.monotonic() - begin)


def read_back(name, queue, files, size):
    cat, zcat = [], []
    for _ in range(ROUNDS):
        zcat.append(spent(["zcat", *files]))
        cat.append(spent([BUILD + "/winnow", "queue", "cat", queue]))
    best = [min(t[i] for t in side) for side in (cat, zcat) for i in (0, 1)]
    print("bench queue cat records=%s mb_per_s=%.0f zcat_mb_per_s=%.0f "
          "rate/zcat=%.2f (to reach: 0.8) wall_rate/zcat=%.2f" % (
              name, size / best[0] / 1e6, size / best[2] / 1e6,
              best[2] / best[0], best[3] / best[1]))


def fields(line):
    return dict(w.split("=", 1) for w in line.split() if "=" in w)


def measure(name, pages, d):
    lines = records(pages)
    if not lines:
        print("bench queue records=%s: skipped, there are no pages" % name)
        return
    data = repeated(lines)
    queue = os.path.join(d, name)
    out = subprocess.run([BUILD + "/tests/bench/bench_queue", queue],
                         input=data, stdout=subprocess.PIPE,
                         check=True).stdout.decode().strip()
    print("bench queue append records=%s %s (to reach: 0.9)" % (name, out))
    gz = len(subprocess.run(["gzip", "-6"], input=data, check=True,
                            stdout=subprocess.PIPE).stdout)
    stored = int(fields(out)["stored"])
    print("bench queue size records=%s json=%d queue=%d gzip_6=%d "
          "queue/gzip=%.4f (to reach: 1.03)" % (
              name, len(data), stored, gz, stored / gz))
    files = sorted(glob.glob(queue + "/ready/*/*.gz"))
    read_back(name, queue, files, ROUNDS * len(data))


def main():
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as d:
        measure("own", own_pages(), d)
        measure("corpus", shared_pages(), d)


main()
