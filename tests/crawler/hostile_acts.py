"""What the hosts of the hostile web do: a row for each, after the catalogue's
numbers. Articles for the good ones come from hostile.py."""
import ctypes
import ctypes.util
import gzip
import re
import socket
import struct
import zlib
from collections import namedtuple

from hostile import article, text_of  # noqa: F401

# id: of the catalogue; act: function of a Connection, or None: nobody listens;
# wants: what is asked for and how it must end.
Row = namedtuple("Row", "id host act wants robots", defaults=(None,))
# states: names joined by |; reason: a pattern for what why tells; kind: of the
# seed, "found": not a seed, a page leads there; text: what its record holds.
Want = namedtuple("Want", "path states reason kind text", defaults=("", "", ""))

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n"
TEXT = "number 7 of their projects"
HTML = article(7)


def says(*parts):
    """An answer in these bytes, and the end of the connection."""
    def act(c):
        c.send(*parts)
    return act


def ends(status, *headers, body=b""):
    return lambda c: c.answer(status, headers, body)


def coded(coding, body, ctype="text/html; charset=utf-8"):
    return lambda c: c.page(body, [("Content-Encoding", coding)] if coding else [], ctype)


def page(body, ctype="text/html; charset=utf-8"):
    body = body if isinstance(body, bytes) else body.encode()
    return lambda c: c.answer("200 OK", [("Content-Type", ctype)] if ctype else [], body)


def paths(**acts):
    """An act for each path: a__b is /a/b."""
    table = {"/" + k.replace("__", "/"): v for k, v in acts.items()}

    def act(c):
        it = table.get(c.path)
        return it(c) if it else c.answer("404 Not Found", [])
    return act


# ---- H01 to H07: time ------------------------------------------------------------


def silent(c):
    c.wait()


def reset(c):
    """An RST as soon as somebody comes."""
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


reset.at_accept = True


def hang_up(c):
    """Accepts and closes."""


hang_up.at_accept = True


def slow_header(c):
    c.send("HTTP/1.1 200 OK\r\nX: ")
    c.drip("a")


def slow_body(c):
    c.send(OK, "Content-Length: %s\r\n\r\n" % c.path[1:])
    c.drip("a")


def fast_enough_header(c):
    """Above the low-speed limit for ever: only the whole time ends it."""
    c.send("HTTP/1.1 200 OK\r\n")
    c.drip("X-More: %s\r\n" % ("a" * 100), 0.05)


def endless(c):
    c.send(CHUNKED)
    while True:
        c.send("10000\r\n", b"x" * 65536, "\r\n")


def endless_identity(c):
    c.send(OK, "\r\n")
    while True:
        c.send(b"<p>and so on and so on</p>" * 2000)


def cut_body(c):
    c.send(OK, "Content-Length: %d\r\n\r\n" % (len(HTML) + 100), HTML)


def cut_chunk(c):
    c.send(CHUNKED, "%x\r\n" % (len(HTML) + 100), HTML)


# ---- H08 to H14: numbers and shapes of HTTP ------------------------------------------


def lengths(*values, body=HTML):
    head = OK + "".join("Content-Length: %s\r\n" % v for v in values)
    return says(head, "\r\n", body)


def trailers(c):
    c.send(CHUNKED, "%x\r\n" % len(HTML), HTML, "\r\n0\r\n")
    c.repeat("X-Trailer: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 200000)
    c.send("\r\n")


def many_fields(c):
    c.send(OK)
    c.repeat("X-Field: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 200000)
    c.send("\r\n")


def long_line(c):
    c.send(OK, "X-Long: ")
    c.repeat("l" * 1024, 20480)
    c.send("\r\n\r\n")


def extension(c):
    c.send(CHUNKED, "%x;" % len(HTML))
    c.repeat("e" * 1024, 20480)
    c.send("\r\n", HTML, "\r\n0\r\n\r\n")


def interim(status):
    def act(c):
        c.repeat("HTTP/1.1 %s\r\nLink: </a>\r\n\r\n" % status, 500000)
        c.page(HTML)
    return act


def cookies(c):
    if c.path == "/b":
        return c.page(article(71))
    more = [("Set-Cookie", "c%d=%s; Path=/" % (i, "v" * 2900)) for i in range(70)]
    more += [("Set-Cookie", "all=1; Domain=.test"), ("Set-Cookie", "all=1; Domain=test"),
             ("Set-Cookie", "other=1; Domain=good0.test"), ("Set-Cookie", "big=" + "v" * 9000)]
    return c.page(article(70), more)


# ---- H15 to H21: what headers say ------------------------------------------------------


def control_bytes(c):
    c.send(b"HTTP/1.1 302 Found\r\nServer: \x1b]0;owned\x07 \x9b31m\r\n"
           b"Content-Type: text/html;\x1b[2J x=\x7f\xc2\x9b1m\r\n"
           b"Location: /\x1b[31mred\x07%0d%0aSet-Cookie:%20a=b\r\nContent-Length: 0\r\n\r\n")
    return True


def nul_header(c):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\0; charset=utf-8\r\n"
           b"X-Bare: a\rb\r\nContent-Length: 2\r\n\r\nok")


def to(location, status="302 Found"):
    location = location if isinstance(location, bytes) else location.encode()

    def act(c):
        c.send("HTTP/1.1 %s\r\nContent-Length: 0\r\nLocation: " % status, location, "\r\n\r\n")
        return True
    return act


def hops(c):
    """/from/n leads to /from/n-1, down to an article."""
    n = int(c.path.rsplit("/", 1)[1])
    if n == 0:
        return c.page(HTML)
    return to("%s/%d" % (c.path.rsplit("/", 1)[0], n - 1))(c)


def circle(c):
    """/r10/3 leads to /r10/4, and /r10/9 to /r10/0."""
    ring, at = re.match(r"/r(\d+)/(\d+)", c.path).groups()
    return to("/r%s/%d" % (ring, (int(at) + 1) % int(ring)))(c)


def denied(c):
    """A host that does not want to be asked; its robots.txt is its own."""
    if c.path == "/robots.txt":
        return c.page(b"User-agent: *\nDisallow: /\n", ctype="text/plain")
    return c.page(HTML)


def prefix_of(c):
    """again.h17.test: the second round's hosts lead to each other."""
    return "again." if c.host.startswith("again.") else ""


def to_host(host, path):
    return lambda c: to(c.web.net.url(prefix_of(c) + host, path))(c)


def next_host(c):
    """h17-3.test leads to h17-4.test."""
    n = int(re.search(r"h17-(\d+)", c.host).group(1))
    return to(c.web.net.url("%sh17-%d.test" % (prefix_of(c), n + 1), "/"))(c)


SCHEMES = ("file:///etc/passwd", "ftp://h18.test/x", "gopher://h18.test/1", "dict://h18.test/d",
           "javascript:alert(1)", "data:text/html,<p>x", "mailto:a@h18.test", "ws://h18.test/")

INSIDE = ("http://127.0.0.1{p}/", "http://127.1{p}/a", "http://0x7f.1{p}/b",
          "http://2130706433{p}/c", "http://[::1]{p}/", "http://[::ffff:127.0.0.1]{p}/",
          "http://0.0.0.0{p}/", "http://169.254.169.254{p}/latest/meta-data/",
          "http://10.1.2.3{p}/", "http://172.16.0.1{p}/", "http://192.168.1.1{p}/",
          "http://100.64.0.1{p}/", "http://[fd00::1]{p}/", "http://[fe80::1]{p}/",
          "http://224.0.0.1{p}/", "http://inside.test{p}/", "http://017700000001{p}/d",
          "http://127.0.0.1.{p}/e")


def inside(c):
    port = "" if c.web.net.port == 80 else ":%d" % c.web.net.port
    return to(INSIDE[int(c.path[1:])].format(p=port))(c)


def locations(c):
    """H21: the forms, and the article that some of them lead to."""
    here = c.web.net.url(c.host, "")[7:]
    table = {"/empty": b"", "/mib": b"/" + b"a" * (1 << 20), "/nine": b"/" + b"a" * 9000,
             "/bare": b"target/bare", "/slashes": b"//", "/gbk": b"/target/\xb9\xfa",
             "/spaces": b"  /target/a b c  ", "/user": b"http://me:secret@" + here.encode() +
             b"/target/user", "/query": b"?target=1", "/colon": b"http:", "/port":
             b"http://h21.test:99999/"}
    if c.path.startswith("/target") or c.path == "/?target=1" or "target=1" in c.path:
        n = sum(c.path.encode()) % 1000
        return c.page(article(2000 + n))
    return to(table[c.path])(c) if c.path in table else c.answer("404 Not Found", [])


# ---- H22 to H25: codings ------------------------------------------------------------------


def gzip_bomb(size):
    """size bytes as gzip, from one block that is repeated; nobody gets as far
    as the checksum."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = z.compress(b"<p>") + z.flush(zlib.Z_FULL_FLUSH)
    block = z.compress(b"a" * (1 << 20)) + z.flush(zlib.Z_FULL_FLUSH)
    return start + block * (size >> 20) + b"\3\0" + bytes(8)


def zstd_bomb(size):
    """A frame of blocks that say one byte 128 KiB times."""
    n, out = size >> 17, [b"\x28\xb5\x2f\xfd\x00\x58"]
    for i in range(n):
        head = (i == n - 1) | 1 << 1 | (1 << 17) << 3
        out.append(struct.pack("<I", head)[:3] + b"a")
    return b"".join(out)


def brotli(data):
    """By the encoder's library, which is there where the decoder is."""
    try:
        enc = ctypes.CDLL("libbrotlienc.so.1")
    except OSError:
        return None
    size = ctypes.c_size_t(len(data) + 1024)
    out = ctypes.create_string_buffer(size.value)
    enc.BrotliEncoderCompress.argtypes = [ctypes.c_int] * 3 + [
        ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t), ctypes.c_char_p]
    if not enc.BrotliEncoderCompress(5, 22, 0, len(data), data, ctypes.byref(size), out):
        return None
    return out.raw[:size.value]


def layers(n):
    body = HTML
    for _ in range(n):
        body = gzip.compress(body)
    return coded(", ".join(["gzip"] * n), body)


def raw_deflate(data):
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    return z.compress(data) + z.flush()


def sparse(c):
    """A terabyte that is announced."""
    c.send(OK, 'ETag: "x"\r\nContent-Length: 1099511627776\r\n\r\n')
    c.repeat(b"x" * 65536, 4096)


def sparse_unsaid(c):
    """The same without a word, as fast as it is taken."""
    c.send(OK, 'ETag: "x"\r\nConnection: close\r\n\r\n')
    c.repeat(b"x" * 65536, 1 << 24)


# ---- H26, H34 to H36: what bodies say -------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 200


def odd(extra):
    """The good article with something odd in its middle."""
    extra = extra if isinstance(extra, bytes) else extra.encode()
    return HTML.replace(b"</h1>", b"</h1><p>It was odd: " + extra + b" so they said.</p>", 1)


LAUGHS = ("<?xml version='1.0'?><!DOCTYPE z [<!ENTITY a 'ha ha ha ha ha '>" + "".join(
    "<!ENTITY %s '%s'>" % (b, ("&%s;" % a) * 10) for a, b in zip("abcdefghi", "bcdefghij"))
    + "]>")
OUTSIDE = ("<?xml version='1.0'?><!DOCTYPE z [<!ENTITY j SYSTEM 'file:///etc/passwd'>"
           "<!ENTITY k SYSTEM 'http://h35-secret.test/'>"
           "<!ENTITY %% p SYSTEM 'http://h35-secret.test/p'>%%p;]>" % ())


def sitemap(head, ent):
    return page(head + "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>"
                "/%s</loc></url></urlset>" % ent, "application/xml")


def feed(head, ent):
    return page(head + "<rss version='2.0'><channel><title>%s</title><item><title>%s</title>"
                "<link>/x</link></item></channel></rss>" % (ent, ent), "application/rss+xml")


def xhtml(head, ent):
    return page(head + "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head>"
                "<body><h1>%s</h1>%s</body></html>" % (
                    ent, text_as_paragraphs(9)), "application/xhtml+xml")


def text_as_paragraphs(n):
    return "".join("<p>%s</p>" % p for p in text_of(n).split("\n"))


def charset(name, body=None, bom=b"", header=True):
    html = article(36).replace(b"charset=utf-8", b"charset=" + name.encode()
                               if not header else b"")
    return page(bom + (body or html), "text/html; charset=" + name if header else "text/html")


# ---- the table ----------------------------------------------------------------------------------


FULL = "full"  # a backlog that takes nobody


def one(states, reason="", kind="", text="", path="/"):
    return [Want(path, states, reason, kind, text)]


FAILED, DONE, BIG = "failed", "done", "too-big"
TIME = "time|low_speed|slow"


def rows():
    """All hosts of the hostile web but those that a case plays itself."""
    brotli_bomb = brotli(b"<p>" + b"a" * (64 << 20))
    out = [
        Row("H01", "h01.test", silent, one(FAILED, "first-byte")),
        Row("H02", "h02.test", FULL, one(FAILED, "connect|time")),
        Row("H03", "h03.test", None, one(FAILED, "connect|refused")),
        Row("H03", "h03-rst.test", reset, one(FAILED, "reset|connect|recv|send|closed|reply")),
        Row("H04", "h04-hangs-up.test", hang_up, one(FAILED, "robots-unreachable")),
        Row("H04", "h04-accept.test", lambda c: None, one(FAILED, "reply|length|closed|Empty")),
        Row("H04", "h04-head.test", says("HTTP/1.1 200 OK\r\nContent-Type: te"),
            one(FAILED, "")),
        Row("H04", "h04-body.test", cut_body, one(FAILED, "length|remaining|closed")),
        Row("H04", "h04-chunk.test", cut_chunk, one(FAILED, "")),
        Row("H05", "h05.test", slow_header, one(FAILED, TIME)),
        Row("H05", "h05-whole.test", fast_enough_header, one(FAILED, TIME)),
        Row("H06", "h06.test", slow_body, one(FAILED, "low_speed", path="/1048576")),
        Row("H06", "h06-ten.test", slow_body, one(BIG, "Content-Length", path="/10485760")),
        Row("H07", "h07.test", endless, one(BIG, "max_body")),
        Row("H07", "h07-plain.test", endless_identity, one(BIG, "max_body")),
        Row("H08", "h08-max.test", lengths("9223372036854775807"), one(BIG, "max_body")),
        Row("H08", "h08-over.test", lengths("92233720368547758070"), one(FAILED, "Content-Length")),
        Row("H08", "h08-minus.test", lengths("-5"), one(FAILED, "Content-Length")),
        Row("H08", "h08-two.test", lengths(len(HTML), 5), one(FAILED, "two Content-Length")),
        Row("H08", "h08-letters.test", lengths("many"), one(FAILED, "Content-Length")),
        Row("H08", "h08-list.test", lengths("%d, %d" % (len(HTML), len(HTML))),
            one(DONE, text=TEXT)),
        Row("H08", "h08-list2.test", lengths("5, %d" % len(HTML)), one(FAILED, "Content-Length")),
        Row("H09", "h09-digits.test", says(CHUNKED, "10000000000000000\r\n", HTML),
            one(FAILED, "")),
        Row("H09", "h09-minus.test", says(CHUNKED, "-5\r\n", HTML), one(FAILED, "")),
        Row("H09", "h09-crlf.test", says(CHUNKED, "%x\r\n" % len(HTML), HTML, "0\r\n\r\n"),
            one(FAILED, "")),
        Row("H09", "h09-ext.test", extension, one(DONE + "|" + FAILED + "|" + BIG, "")),
        Row("H10", "h10.test", trailers, one(BIG, "headers")),
        Row("H11", "h11-fields.test", many_fields, one(BIG, "headers")),
        Row("H11", "h11-line.test", long_line, one(BIG, "header line")),
        Row("H12", "h12-103.test", interim("103 Early Hints"), one(FAILED + "|" + BIG, "interim")),
        Row("H12", "h12-100.test", interim("100 Continue"), one(FAILED + "|" + BIG, "interim")),
        Row("H13", "h13.test", cookies, one(DONE) + one(DONE, path="/b")),
        Row("H14", "h14-09.test", says(HTML), one(FAILED, "HTTP/0.9|http")),
        Row("H14", "h14-000.test", says("HTTP/1.1 000 No\r\n\r\n", HTML), one(FAILED, "")),
        Row("H14", "h14-999.test", says("HTTP/1.1 999 No\r\n\r\n", HTML), one(FAILED, "status")),
        Row("H14", "h14-099.test", says("HTTP/1.1 099 No\r\n\r\n", HTML), one(FAILED, "")),
        Row("H14", "h14-99.test", says("HTTP/9.9 200 OK\r\n\r\n", HTML), one(FAILED, "")),
        Row("H14", "h14-long.test", says("HTTP/1.1 200 " + "O" * 65536 + "\r\n\r\n", HTML),
            one(FAILED, "status line")),
        Row("H15", "h15.test", control_bytes, one("redirected")),
        Row("H15", "h15-nul.test", nul_header, one(FAILED, "nul byte")),
        Row("H16", "h16-204.test", ends("204 No Content", body=HTML), one("no-article", "empty")),
        Row("H16", "h16-205.test", ends("205 Reset", body=HTML), one("no-article", "empty")),
        Row("H16", "h16-304.test", ends("304 Not Modified"), one(FAILED, "304")),
        Row("H17", "h17.test", paths_of({"/r": circle, "/from": hops}),
            one("bad-redirect", "itself", path="/r1/0") + one("redirected", path="/r2/0") +
            one("redirected", path="/r10/0") + one("redirected", path="/from/50") +
            one("bad-redirect", "too many", "found", path="/from/40")),
        Row("H17", "h17-denied.test", denied, one("robots-deny", "robots", "found", path="/x"),
            True),
        Row("H17", "h17-to-denied.test", to_host("h17-denied.test", "/x"), one("redirected")),
        Row("H18", "h18.test", lambda c: to(SCHEMES[int(c.path[1:])])(c),
            [Want("/%d" % i, "bad-redirect", "not http") for i in range(len(SCHEMES))]),
        Row("H19", "h19.test", inside,
            [Want("/%d" % i, "redirected|bad-redirect") for i in range(len(INSIDE))]),
        Row("H21", "h21.test", locations,
            one("bad-redirect", "itself", path="/empty") +
            one("bad-redirect", "Location", path="/nine") +
            one("bad-redirect", "", path="/slashes") + one("bad-redirect", "", path="/colon") +
            one("bad-redirect", "", path="/port") +
            [Want(p, "redirected") for p in ("/bare", "/gbk", "/spaces", "/user", "/query")]),
        Row("H21", "h21-mib.test", locations, one(BIG, "header line", path="/mib")),
        Row("H22", "h22.test", coded("gzip", gzip_bomb(1 << 30)), one(BIG, "")),
        Row("H22", "h22-twice.test", coded("gzip, gzip", gzip.compress(gzip_bomb(64 << 20))),
            one(BIG, "")),
        Row("H23", "h23.test", paths(
            five=layers(5), six=layers(6), unknown=coded("rot13", HTML),
            plain=coded("gzip", HTML), deflate=coded("deflate", zlib.compress(HTML)),
            raw=coded("deflate", raw_deflate(HTML)), cut=coded("gzip", gzip.compress(HTML)[:-200]),
            crc=coded("gzip", gzip.compress(HTML)[:-8] + bytes(8)),
            members=coded("gzip", gzip.compress(HTML[:800]) + gzip.compress(HTML[800:])),
            br=coded("br", brotli(HTML) or b""), none=coded("identity", HTML),
            empty=coded("gzip", b""), junk=coded("gzip", bytes(range(256)) * 9)),
            one(DONE, path="/five") + one(FAILED + "|no-article|bad-type", "", path="/six") +
            one("no-article|bad-type|failed", "", path="/unknown") +
            [Want("/" + p, DONE) for p in ("deflate", "raw", "members", "none", "plain")] +
            [Want("/" + p, DONE + "|no-article") for p in ("cut", "crc")] +
            one("no-article", "empty", path="/empty") + one("no-article|done", path="/junk") +
            (one(DONE, path="/br") if brotli_bomb else [])),
        Row("H24", "h24-zstd.test", coded("zstd", zstd_bomb(1 << 30)), one(BIG, "")),
        Row("H25", "h25.test", sparse, one(BIG, "Content-Length")),
        Row("H25", "h25-unsaid.test", sparse_unsaid, one(BIG, "max_body")),
        Row("H26", "h26.test", paths(
            png_html=page(HTML, "image/png"), html_png=page(PNG), none=page(HTML, None),
            none_png=page(PNG, None), odd=page(HTML, "x"),
            text=page(HTML, "text/plain")),
            one("bad-type", "", path="/png_html") + one("bad-type|no-article", "",
                                                         path="/html_png") +
            one(DONE, path="/none") + one("bad-type|no-article", "", path="/none_png") +
            one(DONE + "|bad-type|no-article", path="/odd") +
            one(DONE + "|no-article|bad-type", path="/text")),
        Row("H26", "h26-long.test", page(HTML, "text/html; a=" + "b" * 99000),
            one(DONE + "|" + BIG, "")),
        Row("H34", "h34.test", paths(
            nul=page(odd(b"a\0b")), utf8=page(odd(b"\xff\xfe\xc3( \xed\xa0\x80 \xf5\x80\x80\x80")),
            surrogate=page(odd("&#xD800; &#xDFFF;")), zero=page(odd("&#0; &#x110000; &#1; &#x9b;")),
            bidi=page(odd("\u202eabc\u202d \u2066x\u2069")), marks=page(odd("e" + "\u0301" * 10000)),
            title=page(article(8).replace(b"<title>", b"<title>\x1b[31m\x07&#27;[2J&#x9b;1m")),
            escapes=page(odd("\x1b]0;owned\x07 \x9b31m \x7f"))),
            [Want("/" + p, DONE) for p in ("nul", "utf8", "surrogate", "zero", "bidi", "marks",
                                            "title", "escapes")]),
        Row("H35", "h35.test", paths(
            laughs_map=sitemap(LAUGHS, "&j;"), laughs_feed=feed(LAUGHS, "&j;"),
            laughs_page=xhtml(LAUGHS, "&j;"), map=sitemap(OUTSIDE, "&j;&k;"),
            feed=feed(OUTSIDE, "&j;&k;"), page=xhtml(OUTSIDE, "&j;&k;")),
            one("no-article", "refused", "sitemap", path="/laughs_map") +
            one("no-article", "refused", "feed", path="/laughs_feed") +
            one(DONE, path="/laughs_page") + one("no-article", "", "sitemap", path="/map") +
            one("no-article", "", "feed", path="/feed") + one(DONE, path="/page")),
        Row("H36", "h36.test", paths(
            header=charset("gbk", article(36)), utf7=charset("utf-7"),
            long=charset("x" * 65536, header=False), path=charset("../../../../etc/passwd"),
            iconv=charset("utf-8//TRANSLIT"), bom=charset("gbk", bom=b"\xef\xbb\xbf")),
            [Want("/" + p, DONE, text="number 36") for p in ("header", "utf7", "long", "path",
                                                            "iconv", "bom")]),
    ]
    # Each hop on another host: ten are taken.
    for i in range(13):
        states, reason, kind = "redirected", "", "found" if i else ""
        if i >= 10:
            states, reason = ("bad-redirect", "too many") if i == 10 else ("never", "")
        out.append(Row("H17", "h17-%d.test" % i, next_host, one(states, reason, kind)))
    if brotli_bomb:
        out.append(Row("H24", "h24-br.test", coded("br", brotli_bomb), one(BIG, "")))
    return out


def paths_of(prefixes):
    """An act for each beginning of a path."""
    def act(c):
        for p, it in prefixes.items():
            if c.path.startswith(p):
                return it(c)
        return c.answer("404 Not Found", [])
    return act
