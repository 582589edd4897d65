"""The packaging and the tree do not drift apart. No tool of Debian's is needed:
that the packages are good, and work, is for `make check-deb`."""
import glob
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../crawler"))
import sites

DEBIAN = "systemd/debian/"


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def words(text, start, end):
    """What stands between two patterns, without continued lines and commas."""
    return re.search(start + r"(.*?)" + end, text, re.S).group(1) \
        .replace("\\\n", " ").replace(",", " ").split()


def same_libraries():
    ours = words(read("Makefile"), r"\nPACKAGES = ", r"\nNEEDED")
    theirs = words(read(DEBIAN + "control"), r"Build-Depends: .*?,.*?,", r"\n\n")
    # What every Debian package is built with, and what only the tests need.
    assert set(ours) - {"gcc", "make", "python3"} == set(theirs), \
        set(ours) ^ set(theirs)


def same_version():
    version = re.search(r"^VERSION\s*= (\S+)$", read("Makefile"), re.M).group(1)
    first = re.search(r"^([0-9]\S*)", read("CHANGES"), re.M).group(1)
    assert version == first, (version, first)


def installed(dest):
    """make install with the folders of debian/rules: the files, from dest."""
    ours = re.search(r"^OURS = (.*?)\n\n", read(DEBIAN + "rules"), re.S | re.M).group(1)
    named = {"DEB_VERSION_UPSTREAM": "1", "DEB_HOST_MULTIARCH": "x-y-z", "CFLAGS": "-O2 -g",
             "CPPFLAGS": "", "LDFLAGS": ""}
    filled = re.sub(r"\$\((\w+)\)", lambda m: named[m.group(1)], ours.replace("\\\n", " "))
    kept = ("PREFIX=", "LIBDIR=", "UNITDIR=")
    also = [w for w in shlex.split(filled) if w.startswith(kept) or
            w.split("=")[0] not in ("BUILD", "VERSION", "CFLAGS", "LDFLAGS")]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    p = subprocess.run(["make", "-s", "install", "DESTDIR=" + dest, "BUILD=" + sites.BUILD,
                        *also], capture_output=True, text=True, check=False, env=env)
    assert p.returncode == 0, p.stderr
    return {os.path.join(d, f) for d, _, names in os.walk(dest) for f in names}


def every_file():
    sites.only_available("make")
    with sites.workdir() as dest:
        left, seen = installed(dest), {}
        for name in sorted(glob.glob(DEBIAN + "*.install")):
            for pattern in read(name).split():
                found = glob.glob(os.path.join(dest, pattern))
                assert found, "%s: nothing is %s" % (name, pattern)
                for path in found:
                    for f in [g for g in left if g == path or g.startswith(path + "/")]:
                        assert f not in seen, "%s is in %s and %s" % (f, seen[f], name)
                        seen[f] = name
        left -= set(seen)
        assert not left, "in no package: %s" % sorted(f[len(dest):] for f in left)


def links_of_documents():
    """What an installed document links to, or names as a document, is there too."""
    sites.only_available("make")
    with sites.workdir() as dest:
        root = os.path.join(dest, "usr/share/doc/winnowd")
        files = [f for f in installed(dest) if f.startswith(root + "/")]
        documents = [f for f in files if f.endswith(".md")]
        assert os.path.join(root, "README.md") in documents and len(documents) > 5, documents
        for name in documents:
            here, text = os.path.dirname(name), read(name)
            links = [x.split("#")[0] for x in re.findall(r"\]\(([^)\s]+)\)", text)
                     if "://" not in x and x[0] != "#"]
            for x in links:
                assert os.path.join(here, os.path.normpath(x)) in files, (name[len(root):], x)
            # Those for who changes the source name files of it.
            if os.path.relpath(name, root) in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
                continue
            for x in re.findall(r"(?<![\w./-])[\w./-]+\.(?:md|png|rules\.yml)\b", text):
                assert os.path.join(root, x) in files or os.path.join(here, x) in files, \
                    (name[len(root):], x)
        # A package that packed them would have other names.
        assert "--exclude=.md " in read(DEBIAN + "rules")


def purge_of_links():
    """The state on another disk, by a link: a purge comes to its end and takes what
    it is to take. (That the user is winnow says a stat of our own.)"""
    with sites.workdir() as tmp:
        for d in ("bin", "root/etc/winnow", "root/var/log", "root/var/lib", "disk/state",
                  "disk/seeds", "disk/queue/ready/2024-01-01", "other"):
            os.makedirs(os.path.join(tmp, d))
        with open(os.path.join(tmp, "bin/stat"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho winnow\n")
        os.chmod(os.path.join(tmp, "bin/stat"), 0o755)
        os.symlink(os.path.join(tmp, "disk"), os.path.join(tmp, "root/var/lib/winnow"))
        os.symlink(os.path.join(tmp, "other"), os.path.join(tmp, "root/var/lib/winnow-b"))
        os.symlink(os.path.join(tmp, "other"), os.path.join(tmp, "disk/state/x"))
        with open(os.path.join(tmp, "other/mine"), "w", encoding="ascii") as f:
            f.write("stays\n")
        p = subprocess.run(["sh", DEBIAN + "winnowd.postrm", "purge"], capture_output=True,
                           text=True, check=False,
                           env={"DPKG_ROOT": os.path.join(tmp, "root"),
                                "PATH": "%s/bin:%s" % (tmp, os.environ["PATH"])})
        assert p.returncode == 0, p
        assert os.listdir(os.path.join(tmp, "disk")) == [], p
        assert os.listdir(os.path.join(tmp, "other")) == ["mine"], p
        assert not os.path.exists(os.path.join(tmp, "root/etc/winnow")), p


def main():
    c = sites.Cases()
    c.case("packaging: it is built with the libraries that the Makefile names", same_libraries)
    c.case("packaging: the version is the one that CHANGES begins with", same_version)
    c.case("packaging: each file of make install is in one package", every_file)
    c.case("packaging: every document that an installed one links to is installed with it",
           links_of_documents)
    c.case("packaging: a purge ends well where the state is a link to another disk", purge_of_links)
    return c.failed > 0


if __name__ == "__main__":
    sys.exit(main())
