"""kill -9 at random moments of a crawl, each followed by a restart: every
article is in the queue exactly once.

KILLS (default 50) kills are spread over as many crawls as it takes; blocks and
transactions are made small, so that kills meet every phase of the commit."""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import sites  # noqa: E402

KILLS = int(os.environ.get("KILLS", "50"))
SMALL = ["-O", "queue.flush_after=20ms", "-O", "state.commit_every=10ms",
         "-O", "queue.seal_after=150ms", "-O", "fetch.parallel=4"]


def names(recs):
    """Their pages."""
    return sorted(r["url"] for r in recs)


def kill_at_random(cmd, rng):
    """True when the crawl was killed, False when it ended by itself."""
    p = subprocess.Popen(cmd, stderr=subprocess.PIPE)
    try:
        _, err = p.communicate(timeout=rng.uniform(0.01, 0.16))
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        return True
    if p.returncode not in (0, 5):
        raise SystemExit("crawl ended with %d: %s"
                         % (p.returncode, err.decode()))
    return False


def main():
    rng = random.Random(int(os.environ.get("SEED", time.time_ns() % 10**9)))
    kills = rounds = 0
    bad = []
    with sites.Sites() as s, sites.workdir() as tmp:
        ref = os.path.join(tmp, "reference")
        subprocess.run(s.crawl(ref, *sites.HURRY), check=False)
        want = names(sites.records(ref))
        sites.ok(len(want) >= 30 and not sites.once(sites.records(ref)),
                 "an undisturbed crawl of the example sites lands each "
                 "article once (%d)" % len(want), sites.once(
                     sites.records(ref)))
        while kills < KILLS and rounds < KILLS and not bad:
            out = os.path.join(tmp, "round%d" % rounds)
            cmd = s.crawl(out, *sites.HURRY, *SMALL)
            rounds += 1
            while kill_at_random(cmd, rng):
                kills += 1
            got = sites.records(out)
            why = sites.once(got)
            if why:
                bad.append(why)
            have = names(got)
            if have != want:
                bad.append("lost %s, gained %s" % (
                    sorted(set(want) - set(have))[:3],
                    sorted(set(have) - set(want))[:3]))
            v = subprocess.run([sites.WINNOW, "queue", "verify", out],
                               capture_output=True, text=True, check=False)
            if v.returncode != 0:
                bad.append("verify: " + v.stdout + v.stderr)
    sites.ok(not bad, "%d kill -9 in %d crawls: every article exactly once"
             % (kills, rounds), "; ".join(bad))
    return bool(bad)


sys.exit(main())
