"""winnowd installed in a container: its service, sites that it crawls, and an
account of what came."""
import contextlib
import errno
import json
import os
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "crawler")]
import container  # noqa: E402
import disks  # noqa: E402
import sites  # noqa: E402
import tls_web  # noqa: E402
import webpages  # noqa: E402

DEST = os.path.join(container.KEPT, "dest")
EXTRA = ["man-db", "libgcc-s1"]
UNIT = "winnowd.service"

# Words of a sandbox that says no; "no such process" and the like are none.
FORBIDDEN = (*(os.strerror(e) for e in (errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS)),
             "Bad system call", "SIGSYS", "status=31")

FAST = """[fetch]
allow_net = 127.0.0.0/8
dns = %(dns)s
[politeness]
robots = ignore
delay = %(delay)s
delay_address = 0
[queue]
flush_after = 50ms
seal_after = 300ms
min_free = 1MiB
%(more)s
"""


class Service(container.Container):
    """A container with winnowd; on: systemctl enable --now."""

    def __init__(self, *more):
        programs = [sites.WINNOW, sites.WINNOWD]
        super().__init__([*EXTRA, *container.packages_of(*programs), *more])
        self.install(DEST)
        self.dns = "127.0.0.1:9"

    def configure(self, more="", delay="0", name="winnowd"):
        """The configuration; it is there before the service starts."""
        self.write("/etc/winnow/%s.conf" % name,
                   FAST % {"dns": self.dns, "delay": delay, "more": more})

    def drop_in(self, text, unit=UNIT):
        """Changes of the unit's [Service]."""
        self.write("/etc/systemd/system/%s.d/test.conf" % unit, "[Service]\n" + text)
        if self.leader is not None:
            self.must("systemctl daemon-reload")

    def hook(self, text=""):
        """The daemon that hangs on SIGUSR2 and storms on SIGURG."""
        self.copy(os.path.join(sites.BUILD, "tests/hooks/winnowd"), "/usr/sbin/winnowd-hooks")
        self.drop_in("ExecStart=\nExecStart=/usr/sbin/winnowd-hooks -c /etc/winnow/winnowd.conf\n"
                     + text)

    def on(self):
        """Booted, the user made, the service started."""
        if self.leader is None:
            state = self.boot()
            assert state == "running", self.must("systemctl --failed; systemctl list-jobs")
        self.must("systemctl enable --now " + UNIT + " || journalctl -u " + UNIT + " --no-pager")
        assert self.active(), self.journal(UNIT)
        return self

    def active(self, unit=UNIT):
        return self.show(unit, "ActiveState") == "active"

    def pid(self, unit=UNIT):
        return int(self.show(unit, "MainPID"))

    def restarts(self):
        return int(self.show(UNIT, "NRestarts"))

    def workers(self, pid=None):
        """Process ids, in the container, of the zygote and of its workers."""
        zygote = self.must("cat /proc/%d/task/%d/children" % (2 * (pid or self.pid(),))).split()
        return zygote, self.must("cat /proc/%s/task/%s/children"
                                 % (zygote[0], zygote[0])).split()

    def winnow(self, *words, name="winnowd", user=None):
        n = 2 if words[0] == "seed" else 1
        return self.run(["winnow", *words[:n], "-c", "/etc/winnow/%s.conf" % name, *words[n:]],
                        user=user)

    def status(self, name="winnowd"):
        rc, out = self.winnow("status", "--json", name=name)
        assert rc == 0, out
        return json.loads(out)

    def seed(self, *urls, name="winnowd"):
        rc, out = self.winnow("seed", "add", *urls, name=name)
        assert rc == 0, out

    def articles(self, n, name="winnowd"):
        """Until there are so many."""
        def enough():
            return self.status(name)["pages"]["articles"] >= n
        assert sites.wait_for(enough, 60, 0.1), self.journal(UNIT)[-3000:]

    def records(self, own="winnow"):
        return sites.records(os.path.join(self.root, "var/lib", own))

    def complete(self, site, own="winnow", limit=120):
        """Each article, once; what was written is sound."""
        def done():
            return len({r["url"] for r in self.records(own)} & site.wanted()) >= \
                len(site.wanted())
        assert sites.wait_for(done, limit, 0.3), \
            (len(self.records(own)), self.journal("winnow*")[-3000:])
        twice = sites.once(self.records(own))
        assert not twice, twice
        self.must("winnow queue verify /var/lib/%s/queue" % own)

    def forbidden(self):
        """Lines of the journal in which the sandbox said no."""
        return [line for line in self.journal("winnow*").splitlines()
                if any(word in line for word in FORBIDDEN)]

    @contextlib.contextmanager
    def site(self, *args, **more):
        """Pages of the test's own, in the container's network."""
        with self.net():
            s = disks.Site(*args, **more)
        with s:
            yield s

    @contextlib.contextmanager
    def tls_site(self, host, address, pages, tmp):
        """Over TLS, by a name that stands in the container's /etc/hosts."""
        made = tls_web.Certificates(tmp)
        both = made.make("site", host)
        with self.net():
            server = webpages.Server(address)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        server.httpd.socket = context.wrap_socket(server.httpd.socket, server_side=True)
        server.pages["/"] = webpages.Page(webpages.listing(pages))
        for name in pages:
            server.put(name, webpages.Page(webpages.article(name)))
        self.copy(made.ca, "/etc/winnow/ca.pem", 0o644)
        self.must("echo %s %s >> /etc/hosts" % (address, host))
        try:
            yield "https://%s:%s/" % (host, server.base.rsplit(":", 1)[1])
        finally:
            server.__exit__()

    @contextlib.contextmanager
    def example_sites(self):
        """Those of the project, with their name server."""
        proc = self.beside([os.path.abspath(sites.SITES), "--port", "0"], stdout=subprocess.PIPE)
        try:
            about = json.loads(proc.stdout.readline())
            self.dns = about["dns"]
            yield [s["url"] for s in about["sites"]]
        finally:
            proc.terminate()
            proc.wait()
