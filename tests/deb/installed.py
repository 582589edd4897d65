"""The packages in a Debian that has just been born, and what an administrator
does with them: installs, starts, upgrades, removes, purges, installs again.

A booted container without a network but its loopback, on which the example
sites run; what apt needs it was given before. `make check-deb` runs it behind
built.py. The cases follow each other in one life of one machine."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../crawler"), os.path.join(HERE, "../systemd")]
import container
import sites
from container import Container, Skip

DEBS = os.path.join(sites.BUILD, "deb")
BROUGHT = "/srv/"  # where packages lie in the container
LIB, CONF = "/var/lib/winnow", "/etc/winnow/winnowd.conf"
READY = LIB + "/queue/ready"
# The user's own settings: a folder of files that no package knows.
OURS, HURRY = "/etc/winnow/conf.d/50-ours.conf", "/etc/winnow/conf.d/60-hurry.conf"


def deb(name, folder=DEBS):
    found = glob.glob(os.path.join(folder, name + "_*.deb"))
    assert len(found) == 1, "%s: %s; run make deb" % (name, found)
    return found[0]


def later(path, folder, n):
    """The same package as a later version, with a changed sample of settings."""
    tree = os.path.join(folder, "tree-%d" % n)
    subprocess.run(["dpkg-deb", "-R", path, tree], check=True)
    about = os.path.join(tree, "DEBIAN/control")
    with open(about, encoding="utf-8") as f:
        text = f.read()
    with open(about, "w", encoding="utf-8") as f:
        f.write(text.replace("\nVersion: ", "\nVersion: %d:" % n, 1))
    with open(tree + CONF, "a", encoding="utf-8") as f:
        f.write("# Settings of version %d.\n" % n)
    new = os.path.join(folder, "winnowd-%d.deb" % n)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, new], check=True,
                   capture_output=True)
    return new


# ---- apt --------------------------------------------------------------------------

def fetch(c, *wanted):
    """What apt would get for these is in its cache, before the container boots; it
    is kept from one run to the next."""
    inside, kept = c.root + "/var/cache/apt/archives", os.path.join(container.KEPT, "apt")
    os.makedirs(kept, exist_ok=True)
    for name in glob.glob(kept + "/*.deb"):
        shutil.copy(name, inside)
    for cmd in (["update", "-qq", "-o", "APT::Update::Error-Mode=any"],
                ["install", "-qq", "-y", "--download-only", *wanted]):
        p = subprocess.run(["chroot", c.root, "apt-get", *cmd], capture_output=True, text=True,
                           check=False, stdin=subprocess.DEVNULL)
        if p.returncode != 0:
            raise Skip("apt-get %s: %s" % (cmd[0], " / ".join(p.stderr.splitlines()[-2:])))
    for name in glob.glob(inside + "/*.deb"):
        shutil.copy(name, kept)


def apt(c, *words):
    """It may ask nothing: nobody is there."""
    return c.must(["apt-get", "-y", *words], stdin="", limit=300)


def place(record):
    """Host and path: the sites have another port each time, and some name it in
    their texts."""
    return record["host"], urllib.parse.urlsplit(record["url"]).path


# ---- the machine --------------------------------------------------------------------

class Machine:
    """A container, the sites in its network, and what a crawl of them must give."""

    def __init__(self, c, tmp):
        self.c, self.tmp, self.proc, self.about = c, tmp, None, None
        self.first = deb("winnowd")
        self.second, self.third, self.fourth = (later(self.first, tmp, n) for n in (1, 2, 3))
        with sites.Sites() as s:
            out = os.path.join(tmp, "out")
            rc, _, err = sites.run(s.crawl(out, *sites.HURRY))
            assert rc == 0, err
            self.wanted = {place(r) for r in sites.records(out)}

    def serve(self):
        """The sites, in the container's network; they end with this script."""
        self.proc = self.c.beside(["setpriv", "--pdeathsig", "TERM", sites.SITES, "--port", "0"],
                                  stdout=subprocess.PIPE)
        self.about = json.loads(self.proc.stdout.readline())
        self.seeds = [s["url"] for s in self.about["sites"]]

    def settings(self):
        return ("[fetch]\nallow_net = 127.0.0.0/8\ndns = %s\nhosts_file =\n[politeness]\n"
                "robots = ignore\n[log]\nfetch_file = /var/log/winnow/fetch.log\n[queue]\nflush_after = 200ms\nseal_after = 1s\n"
                % self.about["dns"])

    def close(self):
        if self.proc is not None:
            self.proc.terminate()
            self.proc.wait()

    def records(self):
        rc, out = self.c.run("ls %s/queue >/dev/null && winnow queue cat %s/queue" % (LIB, LIB))
        return [json.loads(line) for line in out.splitlines()] if rc == 0 else []

    def places(self):
        return {place(r) for r in self.records()}

    def pid(self, unit="winnowd"):
        return int(self.c.show(unit, "MainPID"))

    def is_(self, what, unit="winnowd"):
        return self.c.run(["systemctl", what, unit])[1].strip()

    def put(self, path, name):
        self.c.copy(path, BROUGHT + name)
        return BROUGHT + name


def gone(c, *paths):
    left = [p for p in paths if c.run(["test", "-e", p])[0] == 0]
    assert not left, left


# ---- the cases: installed -------------------------------------------------------------

def brings_libraries(m):
    c = m.c
    rc, out = c.run("ldconfig -p | grep -c 'libevent\\|libcurl\\|liblmdb'")
    assert out.strip() == "0", "the tree is not bare: " + out
    apt(c, "install", m.put(m.first, "winnowd.deb"))
    out = c.must("ldd /usr/bin/winnow /usr/sbin/winnowd")
    assert "not found" not in out, out
    c.must("winnow --version && winnowd --version && winnowd -t")
    rc, out = c.run("dpkg --audit; dpkg --verify winnowd")
    assert (rc, out) == (0, ""), out


def switched_off(m):
    assert (m.is_("is-enabled"), m.is_("is-active")) == ("disabled", "inactive")
    rc, out = m.c.run("winnow status")
    assert rc == 3, (rc, out)
    # An upgrade changes nothing of that, and replaces settings nobody touched.
    apt(m.c, "install", m.put(m.second, "winnowd.deb"))
    assert (m.is_("is-enabled"), m.is_("is-active")) == ("disabled", "inactive")
    assert "# Settings of version 1." in m.c.must(["cat", CONF])


def settings_commented(m):
    text = m.c.must(["cat", CONF])
    active = [w for w in text.splitlines() if w and w[0] not in "#["]
    assert active == ["include conf.d/*.conf"], active
    assert m.c.must(["find", "/etc/winnow/conf.d", LIB + "/seeds", "-mindepth", "1"]) == ""


def manuals_and_help(m):
    c = m.c
    for name in ("1/winnow.1", "8/winnowd.8", "5/winnowd.conf.5", "5/winnow-queue.5"):
        c.must(["gzip", "-t", "/usr/share/man/man%s.gz" % name])
    c.must("zcat /usr/share/doc/winnowd/changelog.gz | grep -q '^winnowd (' && "
           "grep -q '^License: ISC' /usr/share/doc/winnowd/copyright")


def rights(m):
    """A user of the group reads articles, writes cursors and seeds, no more."""
    c = m.c
    c.must("useradd -M reader && usermod -aG winnow reader && useradd -M stranger")
    for cmd in ("ls " + READY, "touch %s/queue/cursors/.x && rm %s/queue/cursors/.x" % (LIB, LIB),
                "touch %s/seeds/.list && rm %s/seeds/.list" % (LIB, LIB)):
        c.must(["sh", "-c", cmd], user="reader")
    for cmd in ("touch %s/x" % READY, "touch %s/queue/x" % LIB, "ls %s/state" % LIB,
                "touch /etc/winnow/x"):
        assert c.run(["sh", "-c", cmd], user="reader")[0] != 0, cmd
    for cmd in ("ls " + READY, "ls %s/seeds" % LIB):
        assert c.run(["sh", "-c", cmd], user="stranger")[0] != 0, cmd
    assert c.must("id -nu winnow && id -ng winnow").split() == ["winnow", "winnow"]
    assert c.must("getent passwd winnow").strip().endswith("/usr/sbin/nologin")


# ---- running ----------------------------------------------------------------------------

def articles_arrive(m):
    c = m.c
    m.serve()
    c.write(OURS, m.settings())
    c.must("systemctl enable --now winnowd")
    c.must(["winnow", "seed", "add", m.seeds[0]])
    assert sites.wait_for(m.records, 60, 0.5), c.journal("winnowd")


def lists_dropped(m):
    """A member of the group hands in the other seeds, and reads."""
    c = m.c
    lines = "".join(s + "\\n" for s in m.seeds[1:])
    c.must("printf '%s' >%s/seeds/.new && mv %s/seeds/.new %s/seeds/list"
           % (lines, LIB, LIB, LIB), user="reader")
    assert sites.wait_for(lambda: c.run(["test", "-e", LIB + "/seeds/list.done"])[0] == 0, 20)
    for words in (["status"], ["queue", "stat", LIB + "/queue"]):
        c.must(["winnow", *words], user="reader")


def logs_turned(m):
    """By the package's own settings for logrotate."""
    c, log = m.c, "/var/log/winnow/fetch.log"
    apt(c, "install", "--no-install-recommends", "logrotate")
    assert sites.wait_for(lambda: c.run(["test", "-s", log])[0] == 0, 20), c.journal("winnowd")
    c.must(["logrotate", "-f", "/etc/logrotate.d/winnowd"])
    c.must(["test", "-s", log + ".1"])
    assert sites.wait_for(lambda: c.run(["test", "-s", log])[0] == 0, 20), c.journal("winnowd")
    assert c.must(["stat", "-c", "%U:%G %a", log]) == "winnow:winnow 640\n"


def another_instance(m):
    c = m.c
    c.must("cp /usr/share/doc/winnowd/instance.conf /etc/winnow/two.conf && "
           "sed -i 's/NAME/two/g' /etc/winnow/two.conf")
    c.must("systemctl enable --now winnowd@two")
    c.must("winnow status -c /etc/winnow/two.conf")
    assert m.is_("is-active") == "active"


def upgraded_running(m):
    """At one page of a host a second there is work left for long."""
    c, before, other = m.c, m.pid(), m.pid("winnowd@two")
    c.must("echo '# Mine.' >>" + CONF)
    apt(c, "install", "-o", "Dpkg::Options::=--force-confold", m.put(m.third, "winnowd.deb"))
    after = m.pid()
    assert m.is_("is-active") == "active" and m.is_("is-enabled") == "enabled"
    assert after not in (0, before), "not restarted"
    assert m.pid("winnowd@two") not in (0, other), "its instance is not restarted"
    assert c.must(["readlink", "/proc/%d/exe" % after]).strip() == "/usr/sbin/winnowd"
    text = c.must(["cat", CONF])
    assert "# Mine." in text and "# Settings of version 2." not in text, "settings are lost"
    assert "# Settings of version 2." in c.must(["cat", CONF + ".dpkg-dist"])


def not_understood(m):
    """Settings that the new version does not know: a daemon of yesterday it is."""
    c, before, name = m.c, m.pid(), "/etc/winnow/conf.d/70-odd.conf"
    c.write(name, "[fetch]\ntimeouts = 3s\n")
    out = apt(c, "install", "-o", "Dpkg::Options::=--force-confold", m.put(m.fourth, "winnowd.deb"))
    assert m.pid() == before and m.is_("is-active") == "active"
    assert "winnowd.service goes on" in out and name + ":2: " in out, out
    c.must(["rm", name])
    c.must("systemctl restart winnowd")


def nothing_lost(m):
    c = m.c
    c.write(HURRY, "[politeness]\ndelay = 0\n")
    c.must("systemctl reload winnowd")
    sites.wait_for(lambda: m.places() == m.wanted, 120, 1)
    got = m.places()
    assert got == m.wanted, "lost: %s, unknown: %s" % (m.wanted - got, got - m.wanted)
    assert sites.once(m.records()) == "", sites.once(m.records())
    c.must(["winnow", "queue", "verify", LIB + "/queue"])


# ---- removed -------------------------------------------------------------------------------

def removed(m):
    c, before = m.c, m.places()
    out = apt(c, "remove", "winnowd")
    assert c.run("pgrep -u winnow")[0] != 0, "it still runs"
    gone(c, "/usr/sbin/winnowd", "/usr/bin/winnow", "/lib/systemd/system/winnowd.service")
    c.must(["test", "-e", LIB + "/state/data.mdb"])
    assert "# Mine." in c.must(["cat", CONF])
    apt(c, "install", BROUGHT + "winnowd.deb")
    assert before <= m.places(), out
    c.must("systemctl restart winnowd")
    rc, said = c.run(["winnow", "why", "--json", m.seeds[0]])
    assert rc == 0 and json.loads(said)["stored"], said


def purged(m):
    c, before = m.c, m.places()
    out = apt(c, "purge", "winnowd")
    assert "the articles stay in %s/queue" % LIB in out, out
    gone(c, CONF, CONF + ".dpkg-dist", LIB + "/state", LIB + "/seeds", "/var/log/winnow",
         "/var/lib/winnow-two", "/var/log/winnow-two",
         *("/etc/systemd/system/multi-user.target.wants/winnowd%s.service" % n for n in ("", "@two")))
    c.must(["test", "-e", OURS])  # no file of the package
    apt(c, "install", BROUGHT + "winnowd.deb")
    assert before <= m.places()
    assert m.is_("is-enabled") == "disabled"


def goes_on(m):
    """What is there stays as it is; new articles are numbered behind it."""
    c, before = m.c, m.records()
    c.must("systemctl start winnowd")
    c.must(["winnow", "seed", "add", m.seeds[0]])
    assert sites.wait_for(lambda: len(m.records()) > len(before), 60, 0.5), c.journal("winnowd")
    assert m.records()[:len(before)] == before
    c.must(["winnow", "queue", "verify", LIB + "/queue"])


def purged_empty(m):
    c = m.c
    c.must("systemctl stop winnowd && rm -rf %s/queue /etc/winnow/conf.d /etc/winnow/two.conf" % LIB)
    assert "articles stay" not in apt(c, "purge", "winnowd")
    gone(c, LIB, "/etc/winnow", "/var/log/winnow", "/run/winnow")
    rc, out = c.run("find /etc /var /usr /lib -xdev -name '*winnow*' -not -path '/var/lib/dpkg/*' "
                    "-not -path '/var/log/*' -not -path '/var/lib/systemd/deb-systemd-helper*'")
    assert rc == 0 and out == "", out


def smoke(tmp):
    """debian/tests, with the libraries' package, as autopkgtest would run it."""
    debs = [deb("winnowd"), deb("libwinnow-dev")]
    with Container() as c:
        names = []
        for path in debs:
            c.copy(path, BROUGHT + os.path.basename(path))
            names.append(BROUGHT + os.path.basename(path))
        c.copy("systemd/debian/tests/smoke", BROUGHT + "smoke", 0o755)
        more = ["--no-install-recommends", *names, "gcc", "libc6-dev", "pkg-config"]
        fetch(c, *more)
        c.boot()
        apt(c, "install", *more)
        c.must([BROUGHT + "smoke"])
        apt(c, "purge", "winnowd", "libwinnow-dev")


LIFE = (
    ("deb: apt brings the libraries to a bare Debian", brings_libraries),
    ("deb: the service is switched off, and stays so over an upgrade", switched_off),
    ("deb: every setting is commented out, and there are no seeds", settings_commented),
    ("deb: manual pages, changes and licence are there", manuals_and_help),
    ("deb: the group reads articles and writes cursors and seeds, no more", rights),
    ("deb: enabled, and given one seed, articles arrive", articles_arrive),
    ("deb: a member of the group drops a list, and reads the queue", lists_dropped),
    ("deb: logrotate turns the fetch log, and the daemon goes on in a new one", logs_turned),
    ("deb: an instance runs beside it", another_instance),
    ("deb: an upgrade restarts what runs, and keeps changed settings", upgraded_running),
    ("deb: an upgrade that does not understand the settings leaves the old one at work",
     not_understood),
    ("deb: nothing is lost or twice over the upgrade", nothing_lost),
    ("deb: removed and installed again it goes on where it was", removed),
    ("deb: a purge takes settings and state, asks nothing and leaves the articles", purged),
    ("deb: a new installation goes on behind the articles of the old one", goes_on),
    ("deb: a purge without articles leaves nothing", purged_empty),
)


def main():
    t = sites.Cases()
    try:
        container.need()
        with tempfile.TemporaryDirectory() as tmp, Container() as c:
            m = Machine(c, tmp)
            m.put(m.first, "winnowd.deb")
            fetch(c, BROUGHT + "winnowd.deb", "logrotate")
            c.boot()
            try:
                for name, fn in LIFE:
                    t.case(name, fn, m)
            finally:
                m.close()
        t.case("deb: the package's own test passes, and programs link", smoke, None)
    except Skip as e:
        print("skip - deb: the packages in a container: %s" % e)
    return t.failed > 0


if __name__ == "__main__":
    sys.exit(main())
