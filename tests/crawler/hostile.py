"""A web server that means no good, for the tests: threads, one address.

A page is a function of its handler, or (type, body, more headers)."""
import gzip
import http.server
import threading
import time

PARAGRAPHS = (
    "The town library of Harrow Bend opened its doors on Monday after two years of repairs, "
    "and the first readers were waiting on the steps long before nine o'clock in the morning.",
    "The new reading room has sixty seats, tall windows to the river and shelves of oak that "
    "pupils of the trade school built in their last year, as number {n} of their projects.",
    "Most of the eleven thousand volumes had been kept in a barn outside the town, where "
    "volunteers turned them, dusted them and wrote a list of what the damp had spoiled.",
    "From next week on the library is open on four days, and on the first Saturday of each "
    "month there will be an afternoon for children with stories number {n} and following.")


def article(n, extra=""):
    text = "".join("<p>%s</p>\n" % p.format(n=n) for p in PARAGRAPHS)
    return ("<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Library opens, part %d"
            "</title></head><body><nav><a href=/>Home</a></nav><article><h1>Library opens, part %d"
            "</h1>%s</article>%s</body></html>" % (n, n, text, extra)).encode()


def text_of(n):
    return "\n".join(p.format(n=n) for p in PARAGRAPHS)


HTML = "text/html; charset=utf-8"


def bomb():
    """A gzip member of 0.3 MB that becomes 300 MB."""
    return gzip.compress(b"<p>" + b"a" * (300 << 20), 1)


def endless(h):
    """Never ends, as fast as it is taken."""
    h.begin(200, HTML, None)
    while True:
        h.wfile.write(b"<p>and so on and so on</p>" * 1000)


def trickle(h):
    """A byte now and then, for as long as somebody listens."""
    h.begin(200, HTML, 1 << 20)
    while True:
        h.wfile.write(b"x")
        h.wfile.flush()
        time.sleep(0.2)


def silent(h):
    """Takes the request, says nothing."""
    while not h.server.stopping:
        time.sleep(0.1)


def cut(h):
    """Announces more than it sends."""
    h.begin(200, HTML, 100000)
    h.wfile.write(article(0)[:300])


def redirect(to):
    def answer(h):
        h.send_response(302)
        h.send_header("Location", to)
        h.send_header("Content-Length", "0")
        h.end_headers()
    return answer


def big_header(h):
    h.send_response(200)
    h.send_header("X-Much", "y" * 60000)
    for i in range(60):
        h.send_header("X-Much-%d" % i, "z" * 10000)
    h.end_headers()


def not_http(h):
    h.wfile.write(b"\0\1\2 who are you?\r\n" * 10)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def begin(self, status, ctype, length, more=()):
        self.send_response(status)
        self.send_header("Content-Type", ctype)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path)
        try:
            if page is None:
                self.begin(404, "text/plain", 0)
            elif callable(page):
                page(self)
            else:
                ctype, body, more = page
                self.begin(200, ctype, len(body), more)
                self.wfile.write(body)
        except OSError:
            pass  # it hung up, as it should

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """On address:port (0: any), for the length of a with block."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, pages, port=0):
        super().__init__((address, port), Handler)
        self.pages, self.asked, self.stopping = dict(pages), [], False
        self.address, self.port = address, self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def handle_error(self, *_):
        pass

    def url(self, path):
        return "http://%s:%d%s" % (self.address, self.port, path)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.shutdown()
        self.server_close()
