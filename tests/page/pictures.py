#!/usr/bin/env python3
"""pictures.py MODULES [MINUTES] - the pictures of README: the page at / and an
explain view, of a crawl of the example sites.

MODULES: where npm has put playwright-core (make check-page does); pngquant makes
the pictures small. The crawl is slow, so that the plots have something to show:
eight minutes. Four hosts of generated pages give a steady rate beside the example
sites; one does not answer, and so there are failures."""
import functools
import http.server
import os
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import pagesite  # noqa: E402
from pagesite import sites  # noqa: E402

SHOW = "crawler/page"
PAUSES = ("2100ms", "2700ms", "3300ms", "3900ms")  # of the generated hosts
SHOT = """
import { createRequire } from "node:module";
const [url, out, scheme, width, height] = process.argv.slice(2);
const { chromium } = createRequire(process.env.MODULES + "/")("playwright-core");
const b = await chromium.launch({ executablePath: "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu"] });
const c = await b.newContext({ colorScheme: scheme,
	viewport: { width: +width, height: +height } });
const p = await c.newPage();
await p.goto(url);
if (url.includes("explain"))
	await p.locator("#text").scrollIntoViewIfNeeded().then(
		() => p.evaluate(() => document.querySelector("#text").scrollIntoView()));
await p.waitForTimeout(500);
await p.screenshot({ path: out });
await b.close();
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def generated(tmp):
    """Pages of four hosts; their addresses' file and a hosts file."""
    out = os.path.join(tmp, "bulk")
    httpd = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0),
        functools.partial(Quiet, directory=os.path.join(out, "www")))
    port = httpd.server_address[1]
    subprocess.run([sites.SITES, "--write", out, "--pages", "2000", "--hosts", "4",
                    "--port", str(port)], check=True)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    return os.path.join(out, "urls.txt"), os.path.join(out, "hosts")


def shot(modules, url, name, scheme, width, height):
    path = os.path.join(modules, "shot.mjs")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SHOT)
    out = os.path.join(SHOW, name)
    subprocess.run(["node", path, url, out, scheme, str(width), str(height)],
                   check=True, env=dict(os.environ, MODULES=modules))
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--speed", "1", "64",
                    out], check=True)


def explained(d):
    """The explain view of an article of the mirror, whose text was repaired; ""
    as long as there is none."""
    mirror = [a for a in d.get().body.split("<li>")
              if "/explain?id=" in a and "example-d" in a]
    return mirror[0].split('href="')[1].split('"')[0] if mirror else ""


def has_variety(d):
    """Of the five newest articles two are of the example sites."""
    top = d.get().body.split('<a class="title"')[1:6]
    return sum(".example-" in a for a in top) >= 2


def main():
    modules = os.path.abspath(sys.argv[1])
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 8
    with sites.workdir() as tmp, sites.Sites() as s:
        urls, hosts = generated(tmp)
        settings = [("fetch.dns", s.dns), ("fetch.hosts_file", hosts),
                    ("politeness.robots", "ignore"), ("politeness.delay", "4s"),
                    ("queue.max_bytes", "64MiB"), ("queue.node", "example"),
                    ("queue.seal_after", "20s")]
        with pagesite.Shown(tmp, settings) as d:
            with open(d.conf, "a", encoding="utf-8") as f:
                f.write('[site "*.test"]\ndelay = 36s\n')
                for i, pause in enumerate(PAUSES):
                    f.write('[site "b%d.bench.test"]\ndelay = %s\n' % (i, pause))
            d.start().ready()
            d.ask("seed", "add", *s.seeds, "http://127.0.9.99:9/")
            with open(urls, encoding="utf-8") as f:
                d.ask("seed", "add", *[u.strip() for u in f][:4])
            began = time.monotonic()
            path = sites.wait_for(lambda: explained(d), 300, 1)
            shot(modules, d.url(path), "explain.png", "light", 1100, 800)
            time.sleep(max(0, began + minutes * 60 - time.monotonic()))
            sites.wait_for(lambda: has_variety(d), 120, 1)
            shot(modules, d.url("/?span=10m"), "page.png", "light", 1280, 1000)


if __name__ == "__main__":
    main()
