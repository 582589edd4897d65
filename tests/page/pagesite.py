"""What the tests of the page at / share: a daemon that serves it, crawling a
site whose titles mean no good, or the example sites."""
import http.client
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "crawler")]
import sites  # noqa: E402
import webpages  # noqa: E402

ADDRESS = "127.0.9.71"

# What the title of a page may try; each of them is text.
TITLES = [
    "<script>document.title='owned'</script>",
    "</a></li></ol></section><h1>Owned</h1>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "' onmouseover='document.title=1' x='",
    "{{state}} {{articles}}",
    "&lt;b&gt;twice&lt;/b&gt; &amp;amp;",
    "A page that turns ‮around‬ what follows",
    "<!-- <style>*{display:none}</style>",
    "javascript:alert(1)",
    "%s%n%x %2e%2e/",
    "很长的标题" * 60,
    "AVeryLongWordThatHasNoEnd" * 12,
    "العنوان من اليمين إلى اليسار، ثم English",
    "🜲 emoji 👩‍👩‍👧‍👦 and a null \\0 in words",
]


def escape(s):
    """As an honest page would write it."""
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def hostile_article(n, title):
    return ("<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>%s"
            "</title><meta name=author content=\"%s\">"
            "<meta property=article:published_time content=2026-05-01T10:00:00+08:00>"
            "<meta property=article:modified_time content=2026-05-02T10:00:00Z>"
            "</head><body>"
            "<ul class=nav><li><a href='/'>Home</a><li><a href='/x'>News</a></ul>"
            "<article><h1>%s</h1><p>Source: %s</p><time datetime=2026-05-%02d>"
            "</time>%s</article></body></html>"
            % (escape(title), escape(title).replace('"', "&quot;"),
               escape(title), escape(title)[:60], n % 28 + 1,
               webpages.text("piece %d" % n))).encode()


def hostile_pages():
    pages = {"/robots.txt": webpages.Page(
        b"User-agent: *\nAllow: /\n",
        headers=[("Content-Type", "text/plain")])}
    links = []
    html = [("Content-Type", "text/html; charset=utf-8")]
    for n, title in enumerate(TITLES):
        path = "/a/piece-%d.html" % n
        pages[path] = webpages.Page(hostile_article(n, title), headers=html)
        links.append("<li><a href='%s'>A piece of news, number %d</a></li>"
                     % (path, n))
    links.append("<li><a href='/a/gone.html'>A page that is not there</a></li>")
    links.append("<li><a href='/a/%3Cscript%3Ealert(1)%3C%2Fscript%3E.html?"
                 "a=%22&amp;b=<i>'>An address that means no good</a></li>")
    pages["/"] = webpages.Page(
        ("<!DOCTYPE html><html lang=en><head><title>News</title></head><body><ul>"
         + "".join(links) + "</ul></body></html>").encode(), headers=html)
    return pages


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read().decode("utf-8")


class Shown(sites.Daemon):
    """A daemon with its page on a port of its own."""

    def __init__(self, tmp, settings=(), port=0):
        self.port = port or free_port()
        super().__init__(tmp, [
            ("http.listen", "127.0.0.1:%d" % self.port),
            ("fetch.allow_net", "127.0.0.0/8"), ("fetch.hosts_file", ""),
            ("politeness.delay", "0"), *settings])

    def url(self, path="/"):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def get(self, path="/", method="GET"):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            c.request(method, path)
            return Answer(c.getresponse())
        finally:
            c.close()


def raw(port, request):
    """A connection on which that was said, its answer not read."""
    s = socket.create_connection(("127.0.0.1", port), 10)
    s.sendall(request.encode())
    return s


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def crawl(d, seeds, articles, limit=40):
    """Until the page has so many articles."""
    rc, _, err = d.ask("seed", "add", *seeds)
    assert rc == 0, err

    def there():
        return d.get().body.count('<a class="title"') >= articles
    assert sites.wait_for(there, limit, 0.1), d.get().body[:4000] + d.words()
