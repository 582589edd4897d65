"""A Debian of our own with a real systemd: made once, booted as often as wanted.

    container.need()                      # raises Skip where there can be none
    with Container(["python3"]) as c:     # the packages it has beside systemd
        c.copy("build/winnowd", "/usr/sbin/winnowd")
        c.boot()
        rc, out = c.run("systemctl start winnowd")

debootstrap makes a tree from the mirror that this machine's apt uses and keeps it
below $BUILD/container, one for each set of packages; a container is an overlay
of it, so that each begins with a fresh one and none costs a copy. systemd-nspawn
boots it, by itself: no machined, no unit and, unless asked for, no network but
its own loopback. nsenter(1) runs commands in it.

Invariants
 C1  Nothing that a container does changes the kept tree.
 C2  It ends with its script, also with one that is killed: systemd-nspawn is
     told then, and powers it off. Boot it in the main thread. What such a script
     leaves behind the next one clears away.
 C3  Containers side by side do not meet: each has a control group of its own.
"""
import contextlib
import ctypes
import functools
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
KEPT = os.path.join(BUILD, "container")
BASE = ("systemd", "systemd-sysv", "dbus")
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "setpriv", "mount")
SYSTEMD_HERE = os.path.isdir("/run/systemd/system")


class Skip(Exception):
    """There can be no container here; says why."""


def need():
    if os.geteuid() != 0:
        raise Skip("only root can make a container")
    gone = [t for t in TOOLS if shutil.which(t) is None]
    if gone:
        raise Skip("not here: " + " ".join(gone))
    if not os.path.isdir("/sys/fs/cgroup"):
        raise Skip("no control groups")
    with tempfile.TemporaryDirectory() as tmp:
        ways = [os.path.join(tmp, d) for d in ("lower", "upper", "work", "root")]
        for d in ways:
            os.mkdir(d)
        said = subprocess.run(["unshare", "-m", *overlay(*ways)], capture_output=True,
                              text=True, check=False)
        if said.returncode != 0:
            raise Skip("cannot mount: " + said.stderr.strip())


def need_boot(packages=()):
    """Also one that boots: where a container itself runs in one it may not."""
    need()
    try:
        with Container(packages) as c:
            c.boot()
    except AssertionError as why:
        raise Skip("systemd-nspawn boots nothing here: %s" % str(why)[-200:]) from None


def overlay(lower, upper, work, root):
    return ["mount", "-t", "overlay", "winnow-test", "-o",
            "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work), root]


def output(*cmd):
    return subprocess.run(cmd, capture_output=True, text=True, check=True).stdout


# ---- the kept tree ---------------------------------------------------------------

def release():
    """Code name of the Debian this is."""
    with open("/etc/os-release", encoding="utf-8") as f:
        for line in f:
            if line.startswith("VERSION_CODENAME="):
                return line.split("=")[1].strip().strip('"')
    raise Skip("this is no Debian with a code name")


def mirror(suite):
    for line in output("apt-get", "indextargets", "--format",
                       "$(CREATED_BY) $(CODENAME) $(COMPONENT) $(REPO_URI)").splitlines():
        by, name, part, uri = line.split()
        if (by, name, part) == ("Packages", suite, "main"):
            return uri
    raise Skip("apt knows no mirror of " + suite)


def apt_settings():
    """How this machine's apt reaches its mirrors: proxies, checks of dates."""
    kept = ("Acquire::http::", "Acquire::https::", "Acquire::Check", "Acquire::Retries")
    return "".join(line + "\n" for line in output("apt-config", "dump", "Acquire").splitlines()
                   if line.startswith(kept))


def tree(packages):
    """The kept tree with these packages; made when it is not there."""
    suite = release()
    names = sorted({*BASE, *packages})
    key = hashlib.sha256(" ".join([suite, *names]).encode()).hexdigest()[:12]
    path = os.path.join(KEPT, suite + "-" + key)
    if os.path.isdir(path):
        return path
    debs, new = os.path.join(KEPT, "debs"), path + ".new-%d" % os.getpid()
    os.makedirs(debs, exist_ok=True)
    said = subprocess.run(
        ["debootstrap", "--variant=minbase", "--cache-dir=" + debs,
         "--include=" + ",".join(names), suite, new, mirror(suite)],
        capture_output=True, text=True, check=False)
    if said.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise Skip("debootstrap failed: " + " / ".join(said.stdout.splitlines()[-3:]))
    with open(os.path.join(new, "etc/apt/apt.conf.d/90host"), "w", encoding="utf-8") as f:
        f.write(apt_settings())
    # Each container is a machine of its own, and none asks who is there.
    with open(os.path.join(new, "etc/machine-id"), "w", encoding="ascii"):
        pass
    subprocess.run(["systemctl", "--root=" + new, "mask", "console-getty.service"],
                   capture_output=True, check=True)
    try:
        os.rename(new, path)
    except OSError:  # another script was faster
        shutil.rmtree(new, ignore_errors=True)
    return path


@functools.cache
def packages_of(*programs):
    """The packages whose libraries these programs of ours want."""
    libs = {line.split("=>")[1].split()[0] for p in programs
            for line in output("ldd", p).splitlines() if "=> /" in line}
    found = set()
    for lib in sorted(libs):
        # dpkg knows a file by the name it was packed with: /lib or /usr/lib.
        for name in (lib, os.path.realpath(lib), lib.removeprefix("/usr"),
                     os.path.realpath(lib).removeprefix("/usr")):
            said = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True,
                                  check=False)
            if said.returncode == 0:
                found.add(said.stdout.split(":")[0])
                break
        else:
            raise AssertionError("no package has " + lib)
    return sorted(found)


# ---- a container -------------------------------------------------------------------

class Container:
    """network: the host's, for apt; else a loopback of its own."""

    def __init__(self, packages=(), network=False, binds=()):
        sweep()
        lower = tree(packages)
        self.network, self.binds = network, list(binds)
        self.proc = self.leader = None
        self.name = "%d-%d" % (os.getpid(), time.monotonic_ns() // 1000000)
        self.dir = os.path.join(KEPT, "run-" + self.name)
        ways = [os.path.join(self.dir, d) for d in ("upper", "work", "root")]
        for d in ways:
            os.makedirs(d)
        self.root, self.console = ways[2], os.path.join(self.dir, "console")
        subprocess.run(overlay(lower, *ways), check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        clear(self.dir)

    # -- on and off

    def boot(self, limit=90):
        """Until systemd has started everything. Its state: running or degraded."""
        assert self.proc is None, "it runs"
        way = [] if self.network else ["--private-network"]
        way += ["--bind=" + b for b in self.binds]
        if SYSTEMD_HERE:  # it gives it a scope
            way += ["--register=no"]
        else:
            way += ["--register=no", "--keep-unit"]
        with open(self.console, "ab") as out:
            self.proc = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "-q", "-D", self.root,
                 "--machine=winnow-test-" + self.name, *way,
                 "--console=read-only", "-b"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                preexec_fn=None if SYSTEMD_HERE else self.own_group)
        end = time.monotonic() + limit
        while True:
            state = self.state()
            if state in ("running", "degraded"):
                return state
            if self.proc.poll() is not None or time.monotonic() > end:
                raise AssertionError("the container did not boot (%s):\n%s"
                                     % (state, self.said()))
            time.sleep(0.2)

    def own_group(self):
        """C3, in the child: systemd-nspawn makes its groups below its own."""
        for top in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
            if not os.path.exists(os.path.join(top, "cgroup.procs")):
                continue
            group = os.path.join(top, "winnow-test-" + self.name)
            os.makedirs(group, exist_ok=True)
            with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as f:
                f.write("0")

    def inside(self, path):
        """A file of the container as this machine sees it, by its first process."""
        return os.path.join("/proc", str(self.leader), "root", path)

    def state(self):
        if self.leader is None:
            kids = "/proc/%d/task/%d/children" % (self.proc.pid, self.proc.pid)
            try:
                with open(kids, encoding="ascii") as f:
                    self.leader = int(f.read().split()[0])
                os.stat(self.inside("run/systemd/private"))
            except (OSError, IndexError):
                self.leader = None
                return "starting"
        return self.run("systemctl is-system-running")[1].strip()

    def said(self):
        with open(self.console, encoding="utf-8", errors="replace") as f:
            return f.read()[-3000:]

    def poweroff(self, limit=60):
        self.run("systemctl poweroff")
        self.proc.wait(limit)
        self.proc = self.leader = None

    def reboot(self):
        self.poweroff()
        return self.boot()

    def kill(self):
        if self.proc is not None:
            if self.leader is not None:  # the others end with it
                os.kill(self.leader, signal.SIGKILL)
            else:
                self.proc.terminate()
            self.proc.wait(60)
        self.proc = self.leader = None

    # -- in it

    def enter(self, *what):
        return ["nsenter", "-t", str(self.leader), *what, "--"]

    def run(self, cmd, limit=60, stdin=None, user=None):
        """A shell's line, or a list of words: its status, all that it said."""
        words = ["sh", "-c", cmd] if isinstance(cmd, str) else list(cmd)
        if user is not None:
            words = ["runuser", "-u", user, "--", *words]
        p = subprocess.run([*self.enter("-m", "-u", "-i", "-n", "-p"), *words], timeout=limit, check=False, cwd="/",
                           input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "",
                                "DEBIAN_FRONTEND": "noninteractive"},
                           text=stdin is None or isinstance(stdin, str))
        return p.returncode, p.stdout

    def must(self, cmd, **more):
        """What a command said that has to succeed."""
        rc, out = self.run(cmd, **more)
        assert rc == 0, "%s: status %d\n%s" % (cmd, rc, out)
        return out

    def beside(self, cmd, **more):
        """A program of this machine in the container's network alone: a site's
        server, say. A Popen."""
        return subprocess.Popen([*self.enter("-n"), *cmd], **more)

    @contextlib.contextmanager
    def net(self):
        """Sockets that this thread opens in the block, and threads that it starts
        there, are in the container's network."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as own, \
                open("/proc/%d/ns/net" % self.leader, "rb") as its:
            assert libc.setns(its.fileno(), 0x40000000) == 0, ctypes.get_errno()
            try:
                yield
            finally:
                libc.setns(own.fileno(), 0x40000000)

    def install(self, folder):
        """What `make install DESTDIR=folder` has made, before it boots."""
        assert self.proc is None, "it runs"
        subprocess.run(["cp", "-a", folder + "/.", self.root], check=True)

    def host_pids(self, pids):
        """This machine's numbers of processes of the container."""
        found, space = {}, os.readlink("/proc/%d/ns/pid" % self.leader)
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink("/proc/%s/ns/pid" % entry) != space:
                    continue
                with open("/proc/%s/status" % entry, encoding="utf-8") as f:
                    own = next(x for x in f if x.startswith("NSpid:")).split()[-1]
            except OSError:
                continue  # it has just ended
            found[int(own)] = int(entry)
        return [found[p] for p in pids]

    def write(self, path, text, mode=0o644):
        """A file in it, before it boots or while it runs: whole, under a name that
        the spool folder leaves alone until then."""
        data = text.encode() if isinstance(text, str) else text
        if self.leader is not None:
            rc, out = self.run(["sh", "-c", 'mkdir -p "${1%/*}" && cat > "$1.part" && '
                                'chmod "$2" "$1.part" && mv "$1.part" "$1"', "sh", path,
                                "%o" % mode], stdin=data)
            assert rc == 0, out
            return
        name = self.root + path
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as f:
            f.write(data)
        os.chmod(name, mode)

    def copy(self, source, path, mode=None):
        with open(source, "rb") as f:
            self.write(path, f.read(), mode or os.stat(source).st_mode & 0o777)

    def journal(self, unit, *more):
        return self.must(["journalctl", "--no-pager", "-o", "short-precise", "-u", unit, *more])

    def show(self, unit, name):
        """A property of a unit."""
        return self.must(["systemctl", "show", unit, "-P", name]).strip()


# ---- what is left over ---------------------------------------------------------------

def clear(where):
    name = os.path.basename(where).removeprefix("run-")
    groups = ["/sys/fs/cgroup/%s/winnow-test-%s" % (top, name) for top in
              ("systemd", "unified", "memory", ".")]
    for _ in range(50):
        left = [path for top in groups for path, _, _ in os.walk(top, topdown=False)
                if not remove_group(path)]
        if not left:
            break
        time.sleep(0.1)
    # MNT_DETACH: a process that has just died may still hold it.
    ctypes.CDLL(None).umount2(os.path.join(where, "root").encode(), 2)
    shutil.rmtree(where, ignore_errors=True)


def remove_group(path):
    """A control group of a container that is over, with who is left in it."""
    try:
        with open(os.path.join(path, "cgroup.procs"), encoding="ascii") as f:
            for pid in f.read().split():
                os.kill(int(pid), signal.SIGKILL)
        os.rmdir(path)
    except OSError:
        return False
    return True


def sweep():
    """Of scripts that were killed (C2)."""
    for where in glob.glob(os.path.join(KEPT, "run-*")):
        if not os.path.exists("/proc/" + os.path.basename(where).split("-")[1]):
            clear(where)
