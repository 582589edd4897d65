"""A consumer of the daemon's queue that takes each sealed file, deletes it, and
keeps account of every record: what was told of a page, in which order, once."""
import glob
import gzip
import json
import os


class Account:
    def __init__(self, queue):
        self.queue, self.told, self.ids, self.wrong = queue, {}, set(), []
        self.seq, self.records, self.copies = None, 0, 0

    def take(self):
        """Every file that is sealed now."""
        for name in sorted(glob.glob(os.path.join(self.queue, "ready/*/*.gz"))):
            with gzip.open(name, "rt", encoding="utf-8") as f:
                for line in f:
                    self.note(json.loads(line))
            os.unlink(name)

    def note(self, r):
        seq, url = int(r["seq"]), r["url"]
        if self.seq is not None and seq != self.seq + 1:
            self.fault("seq %d behind %d" % (seq, self.seq))
        self.seq = seq
        self.records += 1
        if r["id"] in self.ids:
            self.fault("%s twice: %s" % (r["id"], url))
        self.ids.add(r["id"])
        events = self.told.setdefault(url, [])
        if r["revises"] != (events[-1][1] if events else None):
            self.fault("%s %s revises %s" % (r["event"], url, r["revises"]))
        events.append((r["event"], r["id"]))
        self.copies += r["dup_of"] is not None

    def fault(self, what):
        if len(self.wrong) < 20:
            self.wrong.append(what)

    def missing(self, plan):
        """Articles that are there and have no record."""
        return [u for u in (plan.url(i, "/a/%d.html" % k) for i in range(len(plan.hosts))
                            for k in range(plan.published(i)) if not plan.goes(k))
                if u not in self.told]

    def judge(self, plan):
        """What is wrong with the whole; [] when nothing is."""
        wrong = self.wrong + ["never landed: " + u for u in self.missing(plan)[:10]]
        if self.copies:
            wrong.append("%d records have dup_of, and no two texts are alike" % self.copies)
        for i in range(len(plan.hosts)):
            for k in range(plan.published(i)):
                url = plan.url(i, "/a/%d.html" % k)
                told = [e for e, _ in self.told.get(url, [])]
                # A page that goes may be gone before it is asked for, and one
                # that changes may have done so.
                if told[1:] not in allowed(plan, i, k) or told[:1] not in ([], ["new"]):
                    wrong.append("%s: %s" % (url, told))
        return wrong[:20]


def allowed(plan, i, k):
    """What may be told of an article behind `new`."""
    changed = [["changed"]] if plan.version(i, k) == 2 else []
    gone = [["gone"]] if plan.goes(k) else []
    both = [["changed", "gone"]] if changed and gone else []
    return [[]] + changed + gone + both
