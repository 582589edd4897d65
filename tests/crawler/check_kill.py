"""kill -9 of the daemon at random moments while it starts and crawls, started
again each time, with and without raw pages. KILLS (default 200) kills; SEED
repeats a run.

A reader looks after every kill: what lies in ready/ is whole lines, and goes on
where it ended before. When the crawl is done each article is there once, as in
an undisturbed crawl, and verify finds nothing, in raw pages neither."""
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sites  # noqa: E402

KILLS = int(os.environ.get("KILLS", "50" if sites.sanitized() else "200"))
ROUND = 25  # kills of a crawl, at most

SMALL = [("politeness.robots", "ignore"), ("politeness.delay", "70ms"),
         ("fetch.allow_net", "127.0.0.0/8"), ("fetch.hosts_file", ""),
         ("revisit.hubs", "false"), ("revisit.articles", "false"),
         ("queue.flush_after", "20ms"), ("state.commit_every", "10ms"),
         ("queue.seal_after", "150ms"), ("queue.seal_bytes", "64KiB"), ("log.level", "error")]


def look(d, before):
    """The ids in ready/, of which those before are the first."""
    now = [r["id"] for r in d.records()]
    assert now[:len(before)] == before, "what was read has changed"
    return now


def is_done(d):
    """Nothing is left to be asked for or written."""
    s = d.status()
    return s["urls_by_state"]["due"] == 0 and sites.wait_for(
        lambda: set(os.listdir(os.path.join(d.dir, "queue/tmp"))) <= {"lock"}, 5)


def kill_it(d, rng, kills):
    """Kills until there is nothing left to fetch; how often."""
    n, read = 0, []
    while n < kills:
        d.start()
        early = n % 4 == 3  # while it opens what the one before left
        if not early:
            d.ready()
        time.sleep(rng.uniform(0, 0.08 if early else 0.12))
        done = n % 8 == 6 and d.status()["urls_by_state"]["due"] == 0
        d.proc.kill()
        d.proc.wait()
        d.notify.close()
        if done:
            break
        n += 1
        read = look(d, read)
    return n, read


def crawl(s, tmp, rng, kills, raw):
    """One crawl with that many kills; how many there were, and its records."""
    seeds = os.path.join(tmp, "seeds")
    os.makedirs(tmp)
    with open(seeds, "w", encoding="utf-8") as f:
        f.write("".join(u + "\n" for u in s.seeds))
    with sites.Daemon(tmp, SMALL + [("fetch.dns", s.dns), ("seeds.files", seeds),
                                    ("keep.raw", raw)]) as d:
        n, read = kill_it(d, rng, kills)
        d.start().ready()
        assert sites.wait_for(lambda: is_done(d), 60, 0.1), d.words()
        look(d, read)
        assert d.stop()[0] == 0, d.words()
        return n, d.records()


def wrong(got, want, queue):
    """'' or what is wrong with a finished queue."""
    urls = sorted(r["url"] for r in got)
    if sites.once(got) or urls != want:
        return sites.once(got) or "lost %s, gained %s" % (
            sorted(set(want) - set(urls))[:3], sorted(set(urls) - set(want))[:3])
    rc, out, err = sites.run([sites.WINNOW, "queue", "verify", queue])
    return "" if rc == 0 else "verify: " + out + err


def main():
    seed = int(os.environ.get("SEED", time.time_ns() % 10**9))
    rng = random.Random(seed)
    kills = rounds = 0
    bad = ""
    with sites.Sites() as s, sites.workdir() as tmp:
        _, recs = crawl(s, os.path.join(tmp, "reference"), rng, 0, "none")
        want = sorted(r["url"] for r in recs)
        sites.ok(len(want) >= 30 and not sites.once(recs),
                 "kill: an undisturbed daemon lands each article once", sites.once(recs))
        while kills < KILLS and not bad:
            rounds += 1
            where = os.path.join(tmp, "round%d" % rounds)
            n, got = crawl(s, where, rng, min(ROUND, KILLS - kills),
                           "warc" if rounds % 2 else "recent")
            kills += n
            bad = wrong(got, want, where) or ("" if n else "it was done before the first kill")
    print("# SEED=%d: %d kill -9 in %d crawls of %d articles" % (seed, kills, rounds, len(want)))
    return not sites.ok(not bad, "kill: a daemon killed at any moment lands each article once", bad)


if __name__ == "__main__":
    sys.exit(main())
