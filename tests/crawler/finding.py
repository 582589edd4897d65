"""What the tests of finding share: a server whose log keeps the order, pages
made of a name, a crawl of them and a daemon that comes back soon."""
import http.server
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
import sites  # noqa: E402

WORDS = """the council of the river town has met on this morning and talked
about the new school that will be built beside the old bridge because many
families have moved here and their children need rooms teachers and a garden
where they can learn about plants and weather in all seasons""".split()

HTML, XML = "text/html; charset=utf-8", "application/xml"


def text(name):
    """Paragraphs that are like no other page's."""
    out, x = [], sum(b * 31 ** i for i, b in enumerate(name.encode())) % 2 ** 31
    for _ in range(5):
        line = []
        for _ in range(50):
            x = (x * 1103515245 + 12345) % 2 ** 31
            line.append(WORDS[x // 65536 % len(WORDS)])
        out.append("<p>%s %s.</p>" % (name.title(), " ".join(line)))
    return "\n".join(out)


def article(name, head="", foot=""):
    return ("<!DOCTYPE html><html lang=en><head><title>News of %s</title>%s</head>"
            "<body><article><h1>News of %s</h1>%s</article>%s</body></html>"
            % (name, head, name, text(name), foot)).encode()


def item(path):
    return "<li><a href='%s'>All the news of %s that came today</a></li>" % (path, path)


def listing(paths, more="", head=""):
    return ("<!DOCTYPE html><html lang=en><head><title>News</title>%s</head><body>"
            "<ul>%s</ul><div>%s</div></body></html>"
            % (head, "".join(map(item, paths)), more)).encode()


class Server:
    """Pages by path: bytes, (type, bytes), (status, headers, bytes), or a
    function of the handler. log: paths as they were asked for, in order."""

    def __init__(self, address, pages=()):
        self.pages, self.log, outer = dict(pages), [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, wbufsize = "HTTP/1.1", 1 << 16

            def do_GET(self):
                outer.log.append(self.path)
                p = outer.pages.get(self.path, (404, {}, b""))
                if callable(p):
                    p = p(self)
                if p is None:
                    return
                if isinstance(p, bytes):
                    p = (HTML, p)
                if len(p) == 2:
                    p = (200, {"Content-Type": p[0]}, p[1])
                self.send_response(p[0])
                for k, v in p[1].items():
                    self.send_header(k, v)
                self.send_header("Content-Length", str(len(p[2])))
                self.end_headers()
                self.wfile.write(p[2])

            def log_message(self, *_):
                pass

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a crawl that hung up

        self.httpd = Threads((address, 0), Handler)
        self.base = "http://%s:%d" % (address, self.httpd.server_address[1])
        threading.Thread(target=self.httpd.serve_forever, args=(0.05,),
                         daemon=True).start()

    def url(self, path="/"):
        return self.base + path

    def asked(self, *beside):
        """What was asked but for robots.txt and these."""
        return [p for p in self.log if p not in ("/robots.txt", *beside)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.httpd.shutdown()
        self.httpd.server_close()


class Crawl:
    """winnow crawl of a seed line in a folder of its own, until it ends."""

    def __init__(self, tmp, name, seed, *words):
        self.dir = os.path.join(tmp, name)
        os.mkdir(self.dir)
        seeds = os.path.join(self.dir, "seeds.txt")
        with open(seeds, "w", encoding="utf-8") as f:
            f.write(seed + "\n")
        cmd = [sites.WINNOW, "crawl", "-q", "-o", self.dir]
        for o in ("fetch.allow_net=127.0.0.0/8", "politeness.delay=0",
                  "state.commit_every=20ms", "queue.flush_after=20ms"):
            cmd += ["-O", o]
        self.code, self.out, self.err = sites.run(cmd + list(words) + [seeds])
        self.records = sites.records(self.dir)

    def depths(self):
        """Depth by path of the pages that landed."""
        return {"/" + r["url"].split("/", 3)[3]: r["depth"] for r in self.records}

    def why(self, url):
        rc, out, _ = sites.run([sites.WINNOW, "why", "-o", self.dir, "--json", url])
        return sites.json.loads(out) if rc == 0 else {}
