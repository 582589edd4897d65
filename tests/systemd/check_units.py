#!/usr/bin/env python3
"""The unit files as they are installed, as far as can be told without systemd:
`make check-systemd` boots one."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")


def install(tmp):
    """In a prefix of its own, so that what the units name is there."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    p = subprocess.run(["make", "-s", "-C", ROOT, "-o", "all", "install", "PREFIX=" + tmp,
                        "SYSCONFDIR=%s/etc" % tmp, "BUILD=" + os.path.abspath(sites.BUILD)],
                       capture_output=True, text=True, env=env, check=False)
    assert p.returncode == 0, p.stderr
    return os.path.join(tmp, "lib/systemd/system")


def read(where, name):
    with open(os.path.join(where, name), encoding="utf-8") as f:
        return f.read()


def filled(where, _):
    for name in ("winnowd.service", "winnowd@.service"):
        assert not re.search("@[A-Z]+@", read(where, name)), name
    plain, own = read(where, "winnowd.service"), read(where, "winnowd@.service")
    assert "%i" not in plain and "StateDirectory=winnow\n" in plain
    # They differ in names, and in nothing else.
    assert own.replace(" (%i)", "").replace("winnow-%i", "winnow").replace("%i", "winnowd") == plain


def analysed(where, _):
    if shutil.which("systemd-analyze") is None:
        raise sites.Cases.Skip("systemd-analyze is not here")
    for name in ("winnowd.service", "winnowd@.service"):
        path = os.path.join(where, name)
        rc, out, err = sites.run(["systemd-analyze", "verify", "--man=no", path])
        assert (rc, out, err) == (0, "", ""), (name, rc, out, err)
        rc, out, err = sites.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                                  path])
        if "unrecognized option" in err:
            raise sites.Cases.Skip("this systemd-analyze scores no files")
        score = re.search(r"exposure level for \S+: ([0-9.]+)", out)
        assert score and float(score[1]) <= 1.2, (name, out, err)


def instance(where, tmp):
    """The settings to begin an instance with are right, and name every path."""
    text = read(ROOT, "systemd/instance.conf").replace("NAME", "news")
    path = os.path.join(tmp, "news.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    rc, out, err = sites.run([sites.WINNOWD, "-t", "-c", path])
    assert rc == 0 and "warning" not in err, (rc, out, err)
    own = sites.run([sites.WINNOWD, "-T", "-c", path])[1]
    left = [x for x in own.splitlines() if re.search(r"= /(var/lib|run|var/log)/winnow/", x)]
    assert not left, left
    assert own.count("/winnow-news/") == 4, own


def queue_elsewhere(where, tmp):
    """A queue that is a link is not what tmpfiles.d expects; it is no reason not to
    start."""
    before = [x for x in read(where, "winnowd.service").splitlines()
              if x.startswith("ExecStartPre=") and "tmpfiles" in x]
    assert before and all(x.startswith("ExecStartPre=-") for x in before), before
    if shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0:
        raise sites.Cases.Skip("systemd-tmpfiles is not here, or we are not root")
    root = os.path.join(tmp, "root")
    for d in ("etc", "var/lib/winnow", "srv/queue"):
        os.makedirs(os.path.join(root, d))
    for name in ("passwd", "group"):
        with open(os.path.join(root, "etc", name), "w", encoding="ascii") as f:
            f.write("winnow:x:990:%s\n" % ("990::/:/bin/false" if name == "passwd" else ""))
    os.symlink("/srv/queue", os.path.join(root, "var/lib/winnow/queue"))
    sites.run(["systemd-tmpfiles", "--root=" + root, "--create",
               os.path.join(ROOT, "systemd/winnow.tmpfiles")])
    # What can be done is done all the same.
    assert os.stat(os.path.join(root, "var/lib/winnow/seeds")).st_mode & 0o7777 == 0o2770


CASES = (("every name is filled in, and an instance differs in names alone", filled),
         ("systemd-analyze has nothing to say, and scores 1.2 or less", analysed),
         ("instance.conf is right, and no path of it is the plain service's", instance),
         ("a queue that is a link to another disk does not keep it from starting",
          queue_elsewhere))


def main():
    run = sites.Cases()
    with tempfile.TemporaryDirectory(prefix="winnow-test-") as tmp:
        where = install(tmp)
        for name, fn in CASES:
            run.case("units: " + name, fn, where, tmp)
    return run.failed != 0


if __name__ == "__main__":
    sys.exit(main())
