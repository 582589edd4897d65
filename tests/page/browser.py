#!/usr/bin/env python3
"""browser.py MODULES - the page at / in a real Chromium (make check-page).

MODULES: where npm has put playwright-core and axe-core. browser.mjs looks at
the page; here is the daemon behind it, on a site whose titles mean no good.
Screenshots: BUILD/page/shots."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import pagesite  # noqa: E402
from pagesite import sites, webpages  # noqa: E402


class Acts:
    """What browser.mjs asks for."""

    def __init__(self, d, srv):
        self.d, self.srv = d, srv

    def news(self):
        self.srv.pages["/a/news.html"] = webpages.Page(
            pagesite.hostile_article(77, "News of the last minute"))
        rc, _, err = self.d.ask("seed", "add", self.srv.base + "/a/news.html")
        assert rc == 0, err

    def pause(self):
        assert self.d.ask("pause")[0] == 0

    def resume(self):
        assert self.d.ask("resume")[0] == 0

    def stop(self):
        self.d.stop()

    def start(self):
        self.d.start().ready()


def main():
    modules = os.path.abspath(sys.argv[1])
    shots = os.path.join(modules, "shots")
    os.makedirs(shots, exist_ok=True)
    with sites.workdir() as tmp, webpages.Server(pagesite.ADDRESS) as srv:
        srv.pages.update(pagesite.hostile_pages())
        titles = os.path.join(tmp, "titles.json")
        with open(titles, "w", encoding="utf-8") as f:
            json.dump(pagesite.TITLES, f)
        with pagesite.Shown(tmp) as d:
            d.start().ready()
            pagesite.crawl(d, [srv.base + "/"], len(pagesite.TITLES))
            acts = Acts(d, srv)
            p = subprocess.Popen(
                ["node", os.path.join(HERE, "browser.mjs"), d.url(""), shots,
                 modules, titles], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, bufsize=1)
            for line in p.stdout:
                if line.startswith("do "):
                    getattr(acts, line[3:].strip())()
                    p.stdin.write("done\n")
                    p.stdin.flush()
                else:
                    sys.stdout.write(line)
                    sys.stdout.flush()
            sys.exit(p.wait())


if __name__ == "__main__":
    main()
