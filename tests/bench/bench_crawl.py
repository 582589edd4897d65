"""winnow crawl beside its yardsticks, in one run, over the same pages.

nginx serves N generated pages of about 135 kB, gzipped on disk. Measured:
  bare fetch   libevent + curl_multi, not inflating (bench_fetch)
  bare parse   inflate + libxml2 DOM + text walk of the same files (bench_dom)
  winnow       crawl with politeness off: CPU of the parent alone and of all
               processes, wall time, peak RssAnon of the parent
Then bare fetch and winnow once more over a list in which MANY hosts take turns,
with FLIGHT transfers under way at once (the server is slow on purpose).
Prints one line of key=value each, then the ratios."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
PAGES = int(os.environ.get("PAGES", "10000"))
HOSTS = int(os.environ.get("HOSTS", "20"))
MANY = int(os.environ.get("MANY", "5000"))
FLIGHT = int(os.environ.get("FLIGHT", "500"))
PORT = int(os.environ.get("PORT", "18080"))
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """
daemon off; worker_processes 1; pid %(d)s/nginx.pid; error_log %(d)s/error.log;
events { worker_connections 8192; }
http {
  access_log off; sendfile on; keepalive_requests 1000000; types { text/html html; }
  default_type text/html; charset utf-8;
  client_body_temp_path %(d)s; proxy_temp_path %(d)s; fastcgi_temp_path %(d)s;
  uwsgi_temp_path %(d)s; scgi_temp_path %(d)s;
  server { listen 127.0.0.1:%(port)d backlog=1024; root %(d)s/site/www;
           gzip_static always; gunzip off; }
  server { listen 127.0.0.1:%(slow)d backlog=4096; root %(d)s/many/www;
           gzip_static always; gunzip off; limit_rate 24k; }
}
"""


def tree(pid):
    """pid and its descendants."""
    out, todo = [], [pid]
    kids = {}
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                with open("/proc/%s/stat" % p) as f:
                    kids.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]),
                                    []).append(int(p))
            except OSError:
                pass
    while todo:
        p = todo.pop()
        out.append(p)
        todo += kids.get(p, [])
    return out


def cpu_of(pid):
    with open("/proc/%d/stat" % pid) as f:
        v = f.read().rsplit(")", 1)[1].split()
    return (int(v[11]) + int(v[12])) / TICK


def rss_anon(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    return 0


def watch(cmd):
    """Runs cmd; CPU seconds of itself and of all, peak RssAnon in KiB."""
    begin = time.monotonic()
    p = subprocess.Popen(cmd, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    used, peak = {}, 0
    while p.poll() is None:
        for pid in tree(p.pid):
            try:
                used[pid] = cpu_of(pid)
                if pid == p.pid:
                    peak = max(peak, rss_anon(pid))
            except OSError:
                pass
        time.sleep(0.05)
    out, err = p.communicate()
    if p.returncode not in (0, 5):
        raise SystemExit("%s: %d\n%s" % (cmd[0], p.returncode, err))
    return (used.get(p.pid, 0), sum(used.values()), peak,
            time.monotonic() - begin, out)


def fields(line):
    return dict(w.split("=", 1) for w in line.split() if "=" in w)


def nginx_path():
    return shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


class Nginx:
    """The server of d/site and d/many, for the length of a with block."""

    def __init__(self, d):
        self.d = d

    def __enter__(self):
        conf = self.d + "/nginx.conf"
        with open(conf, "w") as f:
            f.write(NGINX % {"d": self.d, "port": PORT, "slow": PORT + 1})
        self.proc = subprocess.Popen([nginx_path(), "-c", conf, "-e",
                                      self.d + "/error.log"])
        time.sleep(1)

    def __exit__(self, *_):
        self.proc.terminate()
        self.proc.wait()


def main():
    if nginx_path() is None:
        print("bench crawl: skipped, nginx is not installed "
              "(apt install nginx-light)")
        return 0
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as d:
        os.chmod(d, 0o755)
        pages(d + "/site", HOSTS, PORT)
        pages(d + "/many", MANY, PORT + 1)
        with Nginx(d):
            measure(d)
            return measure_many(d)


def pages(where, hosts, port):
    subprocess.run([BUILD + "/tests/sites/winnow-sites", "--write", where,
                    "--pages", str(PAGES), "--hosts", str(hosts), "--port",
                    str(port), "--gzip"], check=True)


def bare_fetch(where, parallel):
    out = subprocess.run([BUILD + "/tests/bench/bench_fetch", "-n",
                          str(parallel), "-a", "127.0.0.1",
                          where + "/urls.txt"],
                         capture_output=True, text=True, check=True).stdout
    print("bench fetch parallel=%d %s" % (parallel, out.strip()))
    return float(fields(out)["cpu_us_per_page"]) / 1000


def crawl(where, out, *settings):
    opts = []
    for o in ("fetch.allow_net=127.0.0.0/8", "fetch.dns=127.0.0.1:9",
              "fetch.hosts_file=" + where + "/hosts", "politeness.delay=0",
              "politeness.delay_address=0", "politeness.robots=ignore",
              "queue.min_free=0", *settings):
        opts += ["-O", o]
    return watch([BUILD + "/winnow", "crawl", "--json", "-q", "-o", out, *opts,
                  where + "/urls.txt"])


def measure_many(d):
    """Parent CPU a page: MANY hosts in turn, FLIGHT transfers on one loop."""
    before = bare_fetch(d + "/many", FLIGHT)
    own, _, peak, wall, out = crawl(d + "/many", d + "/out-many",
                                    "scope.max_depth=0",
                                    "fetch.parallel=%d" % FLIGHT)
    bare = min(before, bare_fetch(d + "/many", FLIGHT))
    s = json.loads(out)
    print("bench many pages=%d articles=%d hosts=%d in_flight=%d seconds=%.1f "
          "parent_cpu_ms_per_page=%.3f parent_rss_anon_mib=%.1f" % (
              s["fetched"], s["articles"], MANY, FLIGHT, wall,
              own * 1000 / s["fetched"], peak / 1024))
    print("bench many parent/fetch=%.2f (to reach: 2.0)" % (
        own * 1000 / s["fetched"] / bare))
    return 0


def measure(d):
    bare = bare_fetch(d + "/site", 32)
    names = "".join(sorted(
        os.path.join(r, n) + "\n" for r, _, fs in os.walk(d + "/site/www")
        for n in fs if n.endswith(".gz")))
    dom = subprocess.run([BUILD + "/tests/bench/bench_dom"], input=names,
                         capture_output=True, text=True, check=True).stdout
    print(dom.strip())
    own, all_, peak, wall, out = crawl(d + "/site", d + "/out",
                                       "politeness.per_host=4",
                                       "fetch.parallel=32")
    s = json.loads(out)
    n = s["fetched"]
    print("bench crawl pages=%d articles=%d seconds=%.1f pages_per_s=%.0f "
          "parent_cpu_ms_per_page=%.3f cpu_ms_per_page=%.3f "
          "parent_rss_anon_mib=%.1f" % (
              n, s["articles"], wall, n / wall, own * 1000 / n,
              all_ * 1000 / n, peak / 1024))
    parse = float(fields(dom)["cpu_ms_per_page"])
    print("bench crawl/(fetch+dom)=%.2f (to reach: 2.0) parent/fetch=%.2f "
          "(to reach: 4.0)" % (all_ * 1000 / n / (bare + parse),
                               own * 1000 / n / bare))


if __name__ == "__main__":
    sys.exit(main())
