"""The packages as files: built twice, the same bytes, nothing lintian minds.

`make check-deb` runs it, and installed.py behind it with what it leaves in
$BUILD/deb."""
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../crawler"))
import sites

NOBODY = "65534"


def digests(folder):
    found = {}
    for name in sorted(glob.glob(os.path.join(folder, "*.deb"))):
        with open(name, "rb") as f:
            found[os.path.basename(name)] = hashlib.sha256(f.read()).hexdigest()
    return found


def make_deb(top, build, wrap=(), **env):
    env = dict({"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}, **env)
    p = subprocess.run([*wrap, "make", "-s", "-C", top, "deb", "BUILD=" + build], env=env,
                       capture_output=True, text=True, check=False, timeout=1800)
    assert p.returncode == 0, p.stdout + p.stderr
    return os.path.join(top, build, "deb")


def three_packages(debs):
    names = sorted(d.split("_")[0] for d in debs)
    assert names == ["libwinnow-dev", "winnowd", "winnowd-dbgsym"], names


def same_again(debs):
    """Elsewhere, of a clone, by a user without rights and with habits."""
    if not os.path.isdir(".git"):
        raise sites.Cases.Skip("this tree is no clone")
    with tempfile.TemporaryDirectory(prefix="winnow-deb-") as tmp:
        os.chmod(tmp, 0o755)
        home, top = os.path.join(tmp, "home"), os.path.join(tmp, "another-folder")
        os.mkdir(home)
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ".", top], check=True)
        wrap = ["sh", "-c", 'umask 077; exec "$@"', "sh"]
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", NOBODY, tmp], check=True)
            wrap = ["setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", *wrap]
        again = digests(make_deb(top, "b", wrap, HOME=home, TZ="Asia/Shanghai",
                                 CFLAGS="-O0", DESTDIR="/nowhere"))
        assert again == debs, "they differ: %s" % sorted(
            d for d in {*again, *debs} if again.get(d) != debs.get(d))


def lintian(folder):
    sites.only_available("lintian")
    changes, = glob.glob(os.path.join(folder, "*.changes"))
    rc, out, err = sites.run(["lintian", "--allow-root", "--fail-on", "error,warning", changes],
                             limit=600)
    assert rc == 0 and out == "", out + err


def no_traces(folder):
    """Of the folder and the machine that they were built on."""
    with tempfile.TemporaryDirectory() as tmp:
        for deb in glob.glob(os.path.join(folder, "*.deb")):
            subprocess.run(["dpkg-deb", "-R", deb, tmp], check=True)
            rc, out, _ = sites.run(["grep", "-rlF", os.getcwd(), tmp])
            assert rc == 1, "%s names this folder in %s" % (deb, out)
            shutil.rmtree(tmp)
            os.mkdir(tmp)


def main():
    c = sites.Cases()
    sites.only_available("dpkg-buildpackage")
    folder = make_deb(".", sites.BUILD)
    debs = digests(folder)
    c.case("packages: the daemon, the libraries and their debugging symbols", three_packages, debs)
    c.case("packages: lintian finds no error and nothing to warn of", lintian, folder)
    c.case("packages: they do not tell where they were built", no_traces, folder)
    c.case("packages: another user in another folder builds the same bytes", same_again, debs)
    return c.failed > 0


if __name__ == "__main__":
    sys.exit(main())
