"""Pages of the test's own making, and a server that notes who asks for them.

One server is one address of 127/8, so several are several hosts. Pages change
while it runs: assign to Server.pages."""
import http.server
import random
import threading
import time

NONSENSE = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT",
            "Expires": "Fri, 31 Dec 9999 23:59:59 GMT",
            "Cache-Control": "max-age=99999999999999999999"}

WORDS = """the council of the river town has met on this morning and talked
about the new school that will be built beside the old bridge because many
families have moved here and their children need rooms teachers and a garden
where they can learn about plants and weather in all seasons""".split()


def text(name, version=1):
    """An article that is like no other one."""
    chance = random.Random("%s %d" % (name, version))
    return "\n".join("<p>%s %d %s.</p>" % (
        name.title(), version, " ".join(chance.choices(WORDS, k=55)))
        for _ in range(6))


def article(name, version=1, extra=""):
    return ("<!DOCTYPE html><html lang=en><head><title>News of %s</title>%s</head>"
            "<body><article><h1>News of %s</h1>%s</article></body></html>"
            % (name, extra, name, text(name, version))).encode()


def listing(names):
    return ("<!DOCTYPE html><html lang=en><head><title>News</title></head><body><ul>%s"
            "</ul></body></html>" % "".join(
                "<li><a href='/a/%s.html'>All the news of %s today</a></li>"
                % (n, n) for n in names)).encode()


class Page:
    """status, body (a function of the number of the request), headers; etag:
    answered with 304 when it is sent back."""

    def __init__(self, body, status=200, headers=(), etag=None, modified=None):
        self.body, self.status, self.headers = body, status, list(headers)
        self.etag, self.modified = etag, modified


class Server:
    """One address of 127/8; pages by path; log: (time, path, headers, status)."""

    def __init__(self, address):
        self.pages, self.log, outer = {}, [], self
        self.more = lambda path: None  # pages that are made when asked for

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp=None):
                return NONSENSE["Date"]

            def do_GET(self):
                p = outer.pages.get(self.path) or outer.more(self.path)
                n = len([r for r in outer.log if r[1] == self.path])
                status = 404 if p is None else p.status
                body, more = b"", []
                if p is not None:
                    body = p.body(n) if callable(p.body) else p.body
                    more = [(k, v(n) if callable(v) else v) for k, v in p.headers]
                    if p.etag:
                        more.append(("ETag", p.etag))
                        if self.headers.get("If-None-Match") == p.etag:
                            status, body = 304, b""
                    if p.modified:
                        more.append(("Last-Modified", p.modified))
                        if self.headers.get("If-Modified-Since") == p.modified:
                            status, body = 304, b""
                outer.log.append((time.monotonic(), self.path,
                                  dict(self.headers), status))
                self.send_response(status)
                if status != 304:
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                for k, v in more + list(NONSENSE.items())[1:]:
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a daemon that was killed

        self.httpd = Threads((address, 0), Handler)
        self.base = "http://%s:%d" % (address, self.httpd.server_address[1])
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def asked(self, name):
        path = name if name.startswith("/") else "/a/%s.html" % name
        return [r for r in list(self.log) if r[1] == path]

    def put(self, name, page):
        self.pages["/a/%s.html" % name] = page

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.httpd.shutdown()
        self.httpd.server_close()
