#!/usr/bin/env python3
"""seeds.py - writes tests/fuzz/corpus/: where each fuzz target begins.

    python3 tests/fuzz/seeds.py

One folder a target, one small file a case; `page` is shared by all that take a
page. The files are committed, for `make check` reads them too (check_corpus.sh).
What fuzzing has found lies beside them as found-*, and is not touched here."""
import codecs
import gzip
import os
import re
import struct
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
ZH = "新闻标题：河边的会议，本报记者张三报道。2026年5月6日 10:20 来源：河边日报"
HANT = "河邊的會議，記者張三報導。臺灣學生的問題與發展。"
JA = "河のほとりで会議が開かれた。記者カタカナ、2026年5月6日。"
KO = "강변에서 회의가 열렸다. 기자 2026년 5월 6일."


def put(target, name, data):
    if isinstance(data, str):
        data = data.encode()
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as f:
        f.write(data)


def number_of(name):
    """The place of an encoding in encodings.def, as fuzz_decode counts."""
    with open(os.path.join(HERE, "../../../cleaner/encodings.def")) as f:
        names = re.findall(r'^E\(\w+, "([^"]+)"', f.read(), re.M)
    return names.index(name)


# ---- pages ------------------------------------------------------------------

ARTICLE = """<!doctype html><html lang=zh><head><meta charset="%s"><title>%s_河边网</title>
<meta name=keywords content="河,会议"><meta name=PubDate content="2026-05-06 10:20">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","author":[{"name":"A B"}],
"datePublished":"2026-05-06T10:20:00+08:00"}</script></head><body class="c"><nav><a href="/a">首页</a> &gt;
<a href="/b">新闻</a></nav><div class=main><h1>%s</h1><p class=info>2026-05-06 来源：河边日报 作者：张三 浏览：12</p>
<div id=content><p>　　%s</p><p>第二段，<b>还</b>有<a href="c?q=中">链接</a>。</p><ul><li>一<ul><li>一.一</ul><li>二</ul>
<table><tr><th>甲<th>乙<tr><td>1<td>2</table><blockquote>引文</blockquote><pre>a
  b</pre><img src=a.jpg alt=x><p>（责任编辑：李四）</p></div>
<div>上一篇：<a href=1>无</a></div></div><div class=footer>版权所有 2026</div></body></html>"""

PAGES = {
    "article": ARTICLE % ("utf-8", "河边的会议", "河边的会议", ZH * 3),
    "br-only": "<title>T</title><td><font>One line of words, then.<br><br>　　Another line.<br>Third.</font></td>",
    "forum": "<title>Q - board</title>" + "".join(
        "<div class=post id=p%d><div class=author><a href=/u/%d>user%d</a></div><div class=date>2026-05-0%d 10:2%d</div>"
        "<div class=message>Answer number %d says that the river is long, and so on.</div><a href=#>Reply</a></div>"
        % (n, n, n, n, n, n) for n in range(1, 5)),
    "list": "<title>News</title><ul>" + "".join(
        "<li><a href=/n/%d.html>A title of some words %d</a><span>2026-05-0%d</span></li>" % (n, n, n)
        for n in range(1, 8)) + "</ul><a href=?page=2>下一页</a>",
    "meta": "<base href=//b.test/x/><link rel=canonical href='?a'><link rel=alternate type=application/rss+xml href=f>"
            "<meta property=og:title content='T &amp; t'><meta http-equiv=refresh content='0;url=/r'>"
            "<meta name=robots content='noindex, nofollow'><div itemscope itemtype=http://schema.org/Article>"
            "<span itemprop=author>A</span><time datetime=2026-05-06T10:20Z>May 6</time></div>"
            "<p>By Jane Doe and John Q. Public | Updated: May 6, 2026</p>",
    "hidden": "<div style='display: none'><p>One hidden, long enough to count as text.</p></div><p hidden>two</p>"
              "<noscript><p>no script</p></noscript><template><p>t</p></template><textarea><p>x</textarea>",
    "unclosed": "<html><body><div><p>one<p>two<table><tr><td>x<div></table>y<b><i>z</b>w</i><a href='x>q\"",
    "raw": "<script>if (a<b) '</scr'+'ipt>'</script><style>p{}</style><svg><title>s</title></svg><!-- c --><![CDATA[x]]>"
           "<?pi ?><!x><iframe><p></iframe><plaintext>rest <p>",
    "references": "<p>&amp;&#20013;&#x4e2d;&#xD800;&#0;&#x110000;&nbsp;&ldquo;&hellip;&ampx;&notit;&#x80;&;&#;&#x;</p>",
    "ruby": "<ruby>学<rp>(</rp><rt>xue</rt><rp>)</rp></ruby>习<p>学(xué)习(xí) 锟斤拷 ?。</p>",
    "controls": b"<p>a\0b\x1b[31mc\xef\xbf\xbe\xed\xa0\x80\xff\xe2\x80\xae rlo\xcc\x81\xcc\x81\xcc\x81</p>",
    "gbk": (ARTICLE % ("gb2312", "河边", "河边", ZH)).encode("gb18030"),
    "big5": ("<meta charset=big5><h1>河邊</h1><p>" + HANT * 3).encode("big5"),
    "euc-jp": ("<meta charset=euc-jp><h1>河</h1><p>" + JA * 3).encode("euc-jp"),
    "shift-jis": ("<meta charset=shift_jis><h1>河</h1><p>" + JA * 3).encode("shift_jis"),
    "euc-kr": ("<meta charset=euc-kr><p>" + KO * 3).encode("euc-kr"),
    "utf-16le": codecs.BOM_UTF16_LE + ("<h1>河边</h1><p>" + ZH).encode("utf-16-le"),
    "utf-16be": codecs.BOM_UTF16_BE + ("<h1>河边</h1><p>" + ZH).encode("utf-16-be"),
    "hz": ("<meta charset=hz-gb-2312><p>" + ZH).encode("hz"),
    "utf-7": b"<meta charset=utf-7>+ADw-script+AD4-",
    "contrary": ("<?xml version='1.0' encoding='utf-8'?><meta charset=iso-2022-jp><p>" + ZH).encode("gb18030"),
    "xhtml-bomb": '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM '
                  '"file:///etc/passwd">]><html xmlns="http://www.w3.org/1999/xhtml"><body><p>&b;&b;&x;</p></body></html>',
    "nested": "<div>" * 40 + "deep" + "</div>" * 30,
    "attributes": "<p" + "".join(" a%d=%d class=x" % (n, n) for n in range(40)) + " id='a b'>text</p>",
    "escapes": "<title></title><script>alert(1)</script></title><h1>\"'&lt;/script&gt;&lt;img src=x onerror=y&gt;</h1>"
               "<p>&lt;script&gt;alert(1)&lt;/script&gt; `${x}` ]]&gt; &lt;!-- long enough to be kept, I hope.</p>",
}


def pages():
    for name, data in PAGES.items():
        put("page", name, data)


# ---- bytes --------------------------------------------------------------------

def decode():
    for name, codec, text in (
            ("gbk", "gbk", ZH), ("gb18030", "gb18030", ZH + "㐀𠀀€"), ("big5", "big5hkscs", HANT),
            ("euc-jp", "euc-jp", JA), ("shift_jis", "cp932", JA), ("iso-2022-jp", "iso2022-jp", JA),
            ("euc-kr", "cp949", KO), ("hz-gb-2312", "hz", ZH), ("utf-16le", "utf-16-le", ZH + "𠀀"),
            ("utf-16be", "utf-16-be", ZH), ("windows-1252", "cp1252", "naïve café €"),
            ("koi8-r", "koi8-r", "Новости реки"), ("utf-8", "utf-8", ZH), ("windows-874", "cp874", "ข่าว"),
            ("macintosh", "mac-roman", "naïve"), ("x-user-defined", "latin-1", "a\x80\xff")):
        data = text.encode(codec)
        put("decode", name, bytes([number_of(name)]) + data)
        put("decode", name + "-cut", bytes([number_of(name)]) + data[:-1] + b"\xff\x80\x30")
    for name, data in (("detect-meta", "<meta charset=big5>" + HANT), ("detect-none", HANT)):
        put("decode", name, b"\xff" + data.encode("big5"))
    put("decode", "detect-bom", b"\xff" + codecs.BOM_UTF8 + ZH.encode())
    put("decode", "detect-gb", b"\xff" + ZH.encode("gbk"))
    put("decode", "detect-broken", b"\xff" + ZH.encode()[:50] + b"\xff" + ZH.encode() + b"\xe4")


def br(data):
    """A brotli stream of one uncompressed meta-block."""
    return struct.pack("<I", (len(data) - 1) << 4 | 1 << 20)[:3] + data + b"\x03"


def zstd(data, rle=0):
    """A zstd frame of one raw block, or of a byte that is repeated."""
    size = rle or len(data)
    block = struct.pack("<I", 1 | (1 if rle else 0) << 1 | size << 3)[:3]
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + block + data


def inflate():
    text = b"<p>" + ZH.encode() * 4
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = raw.compress(text) + raw.flush()
    gz = gzip.compress(text, mtime=0)
    for name, kind, data in (
            ("gzip", 0, gz), ("gzip-cut", 0, gz[:-12]), ("gzip-crc", 0, gz[:-8] + b"\0" * 8),
            ("gzip-members", 0, gz + gzip.compress(b"two", mtime=0)), ("gzip-plain", 0, text),
            ("gzip-fields", 0, b"\x1f\x8b\x08\x1f\0\0\0\0\0\xff\2\0ab" + b"n\0c\0\0\0" + gz[10:]),
            ("gzip-zeros", 0, gzip.compress(b"\0" * 100000, mtime=0)),
            ("zlib", 1, zlib.compress(text)), ("deflate-raw", 1, raw), ("deflate-stored", 1, zlib.compress(text, 0)),
            ("br", 2, br(text)), ("br-cut", 2, br(text)[:40]), ("br-empty", 2, b"\x06"),
            ("zstd", 3, zstd(text)), ("zstd-repeat", 3, zstd(b"a", 100000)), ("zstd-skip", 3,
                b"\x50\x2a\x4d\x18\4\0\0\0skip" + zstd(text)),
            ("gzip-gzip", 4, gzip.compress(gz, mtime=0)), ("gzip-in-deflate", 5, gzip.compress(zlib.compress(text), mtime=0)),
            ("br-in-gzip", 6, gzip.compress(br(text), mtime=0))):
        put("inflate", name, bytes([kind]) + data)


# ---- text ---------------------------------------------------------------------

def normalise():
    for name, text in (
            ("plain", ZH), ("glosses", "学(xué)习(xí)，中(zhōng)国(guó)人(rén)。"), ("spaced", "河 边 的 会 议 ， 很 长 。"),
            ("mojibake", ZH.encode().decode("latin-1")), ("mojibake-gbk", ZH.encode().decode("gb18030", "replace")),
            ("wide", "ＡＢＣ１２３，．“引”‘号’——……"), ("lost", "中国?人民?。\ufffd锟斤拷"),
            ("marks", "a\u0301\u0301 \u202ertl\u202c \u2066i\u2069 \u200b\ufeff \u00ad x\u0300" * 3),
            ("controls", "a\x01b\x7fc\td\r\ne\u0085f\u2028g"), ("hard-lines", "这是一行很长的文字，\n到这里才断开，\n因为有人按了回车。\n"),
            ("references", "&ldquo;a&rdquo; &amp;nbsp; &#8220;b&#8221;"), ("hant", HANT), ("japanese", JA)):
        for mirror in (0, 1):
            put("normalise", "%s-%d" % (name, mirror), bytes([mirror]) + text.encode())
    put("normalise", "broken", b"\0ab\xff\xe4\xb8\xf0\x9f\x98\xed\xa0\x80\xc0\x80")


def dates():
    now = struct.pack("<q", 1780000000)
    for n, text in enumerate((
            "2026-05-06 10:20:30", "2026年5月6日 星期三 上午10时20分", "二〇二六年五月六日", "05/06/2026", "6.5.2026",
            "Wed, 06 May 2026 10:20:30 +0800", "May 6th, 2026 at 3:07 p.m. EST", "6 mai 2026", "6. Mai 2026, 10.20 Uhr",
            "3 天前", "2 hours ago", "昨天 10:20", "20260506102030", "2026-W19-3", "2026-05-06T10:20:30.123Z",
            "发布时间：2026/5/6 浏览：2000", "99-13-45 25:61", "丙午年四月初六", "1748482800", "令和8年5月6日", "2026년 5월 6일",
            "6 мая 2026 г.", "Thứ Tư, 6/5/2026", "(2015-07-31)2016-08-01", "2月30日")):
        put("date", "%02d" % n, now + text.encode())


def urls():
    for n, (base, link) in enumerate((
            ("http://a.test/b/c?d#e", "../x/./y?z=1&a=2#f"), ("http://a.test/", "//b.test:80/%41%2f;jsessionid=1"),
            ("https://U:p@A.test./", "?utm_source=x&id=1"), ("http://a.test/", "javascript:alert(1)"),
            ("http://a.test/", "http://0x7f.1/"), ("http://a.test/", "http://[::ffff:127.0.0.1]/"),
            ("http://a.test/", "http://河边.test/路径?查询=中文"), ("http://a.test/", "http://xn--fiq228c.test/"),
            ("http://a.test/", "\t http:\\\\b.test\\c \n"), ("file:///c:/x", "/d|/e"), ("http://a.test/", "http://b.test:99999/"),
            ("http://a.test/", "mailto:a@b.test"), ("http://a.test/", "http://2130706433/"), ("data:text/plain,x", "y"),
            ("http://a.test/x(S(abc))/y", "%2e%2e/%2E/z"), ("http://a.test/", "?b%&%61&%2%45"),
            ("http://a.test/", "http://a.b.c.d.e.f.g/%"), ("http://a.test/", "http://straße.test/ß?ß"))):
        put("url", "%02d" % n, bytes([n % 8]) + base.encode() + b"\n" + link.encode())


# ---- files of sites -------------------------------------------------------------

def robots():
    for name, text in (
            ("plain", "User-agent: *\nDisallow: /a\nAllow: /a/b$\nCrawl-delay: 2\nSitemap: http://a.test/s.xml\n"),
            ("groups", "User-agent: winnowd\nUser-agent: other\nDisallow: /*.html$\n\nUser-agent: *\nDisallow:\n"),
            ("stars", "user-agent:*\ndisallow:/" + "*a" * 60 + "\n"), ("odd", "\ufeffUSER-AGENT : WinNowD # x\r\rdisallow /x\r\n"),
            ("escapes", "User-agent: *\nDisallow: /%e6%96%b0%2F*%3f\nAllow: /新\n"), ("html", "<html><p>404</p></html>"),
            ("numbers", "User-agent: *\nCrawl-delay: 1e9\nCrawl-delay: -1\nCrawl-delay: .5\n"), ("binary", "a\0\1\2\nUser-agent\0: *")):
        put("robots", name, text)


URLSET = ('<?xml version="1.0" encoding="%s"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
          'xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>http://a.test/新?a=1&amp;b=2</loc>'
          '<lastmod>2026-05-06T10:20+08:00</lastmod><priority>0.5</priority><xhtml:link rel="alternate" '
          'hreflang="en" href="http://a.test/en"/></url><url><loc><![CDATA[ http://a.test/b ]]></loc></url></urlset>')
BOMB = ('<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY %% p SYSTEM "http://b.test/d"> %%p;]>%s')


def sitemaps():
    for name, data in (
            ("urlset", URLSET % "utf-8"), ("gbk", (URLSET % "gbk").encode("gbk")),
            ("utf-16", codecs.BOM_UTF16_BE + (URLSET % "utf-16").encode("utf-16-be")),
            ("gzip", gzip.compress((URLSET % "utf-8").encode(), mtime=0)),
            ("index", "<sitemapindex><sitemap><loc>http://a.test/s.xml</loc></sitemap><sitemap><loc>http://a.test/2.xml.gz"
                      "</loc><lastmod>2026</lastmod></sitemap></sitemapindex>"),
            ("text", "http://a.test/1\r\nhttp://a.test/2\n\nnot a url\nhttp://b.test/新\n"),
            ("bomb", BOMB % "<urlset><url><loc>http://a.test/&b;&b;&x;</loc></url></urlset>"),
            ("cut", (URLSET % "utf-8")[:250]), ("html", "<!doctype html><html><p>404</html>"),
            ("broken", "<urlset><url><loc>http://a.test/1</loc></urlset><url><loc>http://a.test/2</url></loc>")):
        put("sitemap", name, data)


def feeds():
    for name, kind, text in (
            ("rss", 0, "<title>T &amp;amp; t</title><link>http://a.test/1</link><guid isPermaLink='true'>http://a.test/1</guid>"
                       "<pubDate>Wed, 06 May 2026 10:20:30 GMT</pubDate><description>&lt;p&gt;x</description>"),
            ("rss-cdata", 0, "<title><![CDATA[<b>T</b>]]></title><link/>http://a.test/2<dc:date>2026-05-06</dc:date>"),
            ("atom", 1, "<title type='html'>&lt;i&gt;T&lt;/i&gt;</title><link rel='alternate' href='/1'/><link href='x'/>"
                        "<updated>2026-05-06T10:20:30Z</updated><published>2026-05-06</published><id>tag:a</id>"),
            ("rdf", 2, "<title>T</title><link>http://a.test/1</link><dc:date>2026-05-06T10:20+08:00</dc:date>"),
            ("json", 3, '{"id":"1","url":"/1","title":"T \\u65b0\\ud83d\\ude00","date_published":"2026-05-06T10:20:30Z",'
                        '"tags":["a",{"b":[1,2.5e3,true,null]}]},{"external_url":"http://b.test/"}'),
            ("bomb", 0, "<title>&b;&#x110000;&lt;</title><![CDATA[ ]]><!-- --><?x?><a b='c>")):
        for enc, codec in ((0, "utf-8"), (1, "gbk"), (2, "utf-16"), (3, "big5")):
            put("feed", "%s-%d" % (name, enc), bytes([kind | enc << 2]) + text.encode(codec, "replace"))


def json():
    for name, text in (
            ("record", '{"id":1,"url":"http://a.test/","text":"a\\n\\u65b0\\ud83d\\ude00","n":[1,-2.5e-3,null,true,false],"o":{"a":{}}}'),
            ("escapes", '["\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\ud800x\\udc00", "' + ZH + '"]'), ("deep", "[" * 70 + "]" * 70),
            ("cut", '{"a":"b'), ("commas", '[,1,,2,]'), ("space", ' { "a" : 1 , "b" : [ ] } x'), ("numbers", "[0,-0,1e999,01,1.,.5,+1,1e]")):
        put("json", name, text)


# ---- what programs of ours wrote ---------------------------------------------------

def wire(s):
    return struct.pack("<I", 0) if s is None else struct.pack("<I", len(s) + 1) + s + b"\0"


def jobs():
    """Byte 0: 8 and a kind of request, or a kind of answer (fuzz_job.c)."""
    head = b"".join(wire(s) for s in (b"http://a.test/", None, b"text/html", None, None, b"noindex"))
    head += struct.pack("<q", 1780000000) + wire(None) + struct.pack("<q", 0) + wire(b"+08:00")
    tail = wire(b"http://a.test/") + struct.pack("<I", 200) + wire(b'"e"')
    tail += struct.pack("<q", 1780000000) + wire(b"allowed") + wire(b"seed") + wire(b"http://a.test/")
    tail += struct.pack("<I", 1) + wire(b"c") + wire(b"n") + struct.pack("<I", 2) + wire(b"t") + wire(b"u")
    kept = struct.pack("<I", 1) + wire(b"::1") + wire(b"charset=gbk;") + struct.pack("<qI", 1780000000000, 0)
    tail, kept = tail + struct.pack("<I", 0), tail + kept + wire(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    before = wire(b"w1-" + b"0a" * 16) + struct.pack("<Q", 7)
    gone = head + before + struct.pack("<I", 1) + tail
    changed = head + before + struct.pack("<I", 0) + tail
    kept = head.replace(wire(b"noindex"), wire(None)) + wire(None) + struct.pack("<QI", 0, 0) + kept
    head += wire(None) + struct.pack("<QI", 0, 0) + tail
    link = struct.pack("<QQI", 1, 2, 1) + wire(b"http://a.test/1") + wire(b"one")
    line = b'{"a":null,"dup_of":null,"seq":"0"}\n'
    page = struct.pack("<IIIdIIQ", 0, 27, 0, .5, 100, 1, 7) + wire(b"w1-" + b"0a" * 16) + wire(b"T") + wire(None)
    page += struct.pack("<II", 10, 20) + wire(line)
    raw = b"\x1f\x8b\x08\4" + b"\0" * 6 + b" \0WR\x1c\0" + struct.pack("<IQ", 64, 9) + b"\x0a" * 16 + b"\0" * 20
    raw, page = page + wire(raw), page + wire(None)
    raw += struct.pack("<I", 1) + link
    page += struct.pack("<I", 2) + link + link
    for name, data in (
            ("ask-page", b"\x09" + head), ("ask-kept", b"\x09" + kept), ("page-kept", b"\0" + raw),
            ("ask-changed", b"\x09" + changed),
            ("ask-gone", b"\x09" + gone), ("ask-robots", b"\x0a" + wire(b"winnowd") + wire(b"gzip")),
            ("ask-sitemap", b"\x0b" + wire(b"http://a.test/s.xml") + wire(b"text/xml") + wire(None)),
            ("ask-feed", b"\x0c" + wire(b"http://a.test/f") + wire(None) + wire(b"br")),
            ("ask-deflate", b"\x0d" + struct.pack("<IQ", 1, 42)),
            ("page", b"\0" + page), ("page-cut", b"\0" + page[:-9]), ("page-error", b"\0" + struct.pack("<i", -2)),
            ("list", b"\1" + wire(None) + struct.pack("<I", 2) + link + link), ("list-error", b"\1" + wire(b"empty")),
            ("robots", b"\2" + wire(b"WROB" + b"\0" * 28)), ("deflate", b"\3" + wire(gzip.compress(b"{}\n", mtime=0)))):
        put("job", name, data)


def member(first, lines, lie=0):
    """As queue/FORMAT.md has it."""
    raw = "".join(lines).encode()
    z = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = z.compress(raw) + z.flush()
    body += struct.pack("<II", zlib.crc32(raw), len(raw))
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + struct.pack("<H2sH", 36, b"WQ", 32)
    head += struct.pack("<IIIIQI", 1, 48 + len(body) + lie, len(raw), len(lines), first, zlib.crc32(body))
    return head + struct.pack("<I", zlib.crc32(head)) + body


def queues():
    lines = ['{"seq":"%d","text":"line"}\n' % n for n in range(1, 9)]
    one, two = member(1, lines[:4]), member(5, lines[4:])
    index = b'{"file":"ready/2026-11-21/20261121T031500Z-n-0000000001.jsonl.gz","number":1,"first_seq":"1","last_seq":"8",' \
        b'"records":8,"bytes":%d,"json_bytes":%d,"sha256":"%s"}\n' % (len(one + two), sum(map(len, lines)), b"0" * 64)
    for name, data in (
            ("two", one + two), ("cut", one + two[:-10]), ("gap", one + member(7, lines[6:])), ("lie", one + member(5, lines[4:], 9)),
            ("damage", one[:60] + b"\xff\xff" + one[62:] + two), ("plain", gzip.compress("".join(lines).encode(), mtime=0)),
            ("empty", b""), ("no-lf", member(1, ["x"])), ("junk-between", one + b"junk" + two),
            ("index", one + two + b"INDEX" + index), ("index-short", one + b"INDEX" + index), ("mended", two + one + b"!"),
            ("index-mended", two + one + b"INDEX" + index * 20 + b"!")):
        put("wq_reader", name, data)


def typed():
    for name, text in (
            ("cursor", "%-20d\ngiven %-20d\n" % (250, 300)), ("hand", "17\n"), ("newer", "17\ngiven 20\nlease 5\n"),
            ("top", "18446744073709551615\ngiven 18446744073709551616\n"), ("day", "2026-11-21"), ("offset", "2026-11-21T03:15:00.25+08:00"),
            ("leap", "2028-02-29 23:59:60Z"), ("no-day", "2027-02-29"), ("span", "12h"), ("size", "64KiB"), ("large", "9223372036854775807GiB")):
        put("wq_typed", name, text)


def config():
    for name, text in (
            ("plain", "[crawl]\nname = a\n[fetch]\ntimeout = 30s\n[site \"a.test\"]\n"), ("lists", "[seeds]\nfiles = a, b\nfiles += c\n"),
            ("odd", "\ufeff[crawl] # x\r\nname=\"a # b\"\n\n[nope]\nx = 1\n[fetch]\nmax_body = 1GiB\nmax_body = -1\n"),
            ("site", "[site \"*.b.test\"]\n[politeness]\ndelay = 500ms\n"), ("cut", "[crawl\nname"), ("long", "[crawl]\nname = " + "x" * 3000)):
        put("config", name, text)


def addresses():
    for name, page, link in (
            ("article", "http://news.example.test/art/2024/3/12/art_123_45678.html", "http://news.example.test/list.php?page=2&sort=date"),
            ("calendar", "http://news.example.test/cal/2031/05/?d=next",
             "http://news.example.test/a/b/a/b/a/b/a/b/;jsessionid=0123456789abcdef?x=1&x=2")):
        put("trap", name, page + "\n" + link)


def headers():
    for name, lines in (
            ("cookies", ("a=b; Path=/; Domain=.test; Max-Age=10; Secure; HttpOnly; SameSite=Lax",
                         "sid=0123456789; Expires=Wed, 21 Oct 2026 07:28:00 GMT")),
            ("words", ("otherbot: noindex; winnowd: noindex, nofollow; unavailable_after: 25 Jun 2010 15:00:00 PST",
                       "120", "Fri, 31 Dec 2027 23:59:59 GMT"))):
        put("header", name, "\n".join(lines))


def warcs():
    def rec(block, kind="response", more="", length=None):
        return "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: <http://a.test/>\r\n%sContent-Length: %s\r\n\r\n%s\r\n\r\n" % (
            kind, more, len(block) if length is None else length, block)
    info = rec("software: x\r\n", "warcinfo")
    one = rec("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: x\r\n\r\n<p>one", more="Content-Type: application/http\r\n"
              "WARC-Date: 2026-11-22T01:02:03Z\r\nWARC-Record-ID: <urn:uuid:1>\r\nWinnow-Hints: charset=gbk;feed-date=7;\r\n")
    two = rec("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n")
    for name, text in (
            ("plain", "\x0c" + info + one + two), ("zip", "\x8c" + info + "\n---\n" + one + "\n---\n" + two), ("whole", "\x83" + info + one + two),
            ("rubbish", "\x01" + one + "rubbish\r\n" + two), ("no-length", "\x8c" + one.replace("Content-Length", "X") + two),
            ("long", "\x0c" + rec("x", length=10**15)), ("cut", "\x8c" + one[:-30]), ("folded", "\x0cWARC/0.18\nwarc-type:\n response\ncontent-length:5\n\nHTTP/\n\n")):
        put("warc", name, text.encode("latin-1"))


def kept():
    """Byte 0: odd for a WARC file of ours, even for the ring of recent pages (fuzz_kept.c)."""
    text = b"WARC/1.1\r\nWARC-Target-URI: http://a.test/\r\n\r\nHTTP/1.1 200\r\n\r\n<p>x\r\n\r\n"
    z = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = z.compress(text) + z.flush() + struct.pack("<II", zlib.crc32(text), len(text))
    member = b"\x1f\x8b\x08\4" + b"\0" * 5 + b"\xff \0WR\x1c\0" + struct.pack("<IQ", 44 + len(body), 9) + b"\x0a" * 16 + body
    pieces = (b"http://a.test/", b"::1", b"charset=gbk;", b"HTTP/1.1 200\r\n\r\n", b"<p>text")
    size = (96 + sum(map(len, pieces)) + 15) // 16 * 16

    def entry(number, key):
        e = struct.pack("<8I4Q", 0x31474152, *map(len, pieces), 0, 0, size, number, key, 1780000000000)
        return (e + b"\x0a" * 16 + b"\0" * 16 + b"".join(pieces)).ljust(size, b"\0")

    def ring(lapped):
        front = struct.pack("<8s8Q", b"WNPAGES1", 4096 + 8192, 4096 + size, 4096 + size, 4096 + 2 * size, lapped, 3, 2, 0)
        return front.ljust(4096, b"\0") + entry(2, 1) + entry(1, 2)
    for name, data in (
            ("raw", b"\1" + member + member), ("raw-cut", b"\1" + member + member[:60]), ("recent", b"\0" + ring(0)),
            ("lapped", b"\0" + ring(1))):
        put("kept", name, data)


def web():
    for i, text in enumerate((
            "/", "/metrics", "/page/explain?id=w1-0123456789abcdef&x=%e4%b8%ad+y",
            "http://127.0.0.1:9712/status.json?a=1#b", "http://crawler.example./",
            "[::1]:9712", "localhost:80", "evil.test", "/?a=%41%00%zz%4", "/#?id=1",
            "a=%ff&a=2", "HTTP://[fe80::1%25eth0]/")):
        put("web", "target-%02d" % i, text)


def topics():
    """A stored topic (topic_store.c), and words and examples with NULs between."""
    def gram(kind, text, weight):
        text = text.encode()
        return struct.pack("<BBh", kind, len(text), weight) + text
    grams = [gram(1, "党", 2000), gram(2, "党课", 900), gram(4, "党员教师", 300), gram(5, "rocket", 3000),
             gram(6, "rocke", 1000), gram(130, "校党", -400), gram(5, "вратарь", 2500)]
    head = b"wnt1" + struct.pack("<Iff", len(grams), 0.3, 0.02)
    put("topic", "stored", head + b"".join(grams))
    put("topic", "stored-cut", head + b"".join(grams)[:-3])
    put("topic", "stored-bad", head + gram(3, "abc", 100) + gram(2, "教", 5) + gram(7, "x", 1) + gram(5, "\0", 1))
    put("topic", "stored-nan", b"wnt1" + struct.pack("<Iff", 1, float("nan"), 0.1) + grams[0])
    put("topic", "words", "党建，思政; -招聘\nrocket launch")
    put("topic", "examples", "党课\0学校党支部书记上党课，党(dǎng)员教师参加。\0黨員學習會議在學校召開。\0{\"title\":\"党课\",\"text\":\"学校\"}\n{}"
        "\0<html><title>党课</title><p>学校党支部书记上党课，党员教师参加，大家谈了体会。</p>")
    put("topic", "languages", "\0A rocket lifted off.\0Вратарь отразил буллит.\0강변에서 회의가 열렸다.\0" + JA)


def sites():
    """Lessons, stored memories and views of the site memory (cleaner/site_lesson.c, site_store.c)."""
    def mark(text, place, signs=1, kind=35, exact=0, chars=20, link=0):
        return struct.pack("<IIHHBBBB", text, place, exact, chars, link, kind, signs, 0)
    marks = [mark(11, 1, 65), mark(12, 1, 65), mark(13, 2, 5, 6), mark(14, 2, 33, 3, 77), mark(15, 3, 1, 28, 0, 30, 200), mark(16, 3, 0)]
    sample = struct.pack("<HB", 2, 6) + "提示".encode()
    lesson = b"WL\1\1" + struct.pack("<QII", 0x123456789abcdef0, 99, len(marks)) + b"".join(marks) + sample
    put("site", "lesson", b"\0" + lesson)
    put("site", "lesson-cut", b"\0" + lesson[:-4])
    put("site", "lesson-many", b"\0WL\1\0" + struct.pack("<QII", 1, 0, 0xffffffff) + b"".join(marks))
    group = struct.pack("<IQII", 0, 0x123456789abcdef0, 30, 30)
    entry = struct.pack("<IIIHHHHHHHHBBBB", 13, 2, 30, 30, 30, 30, 0, 30, 0, 0, 0, 0, 6, 5, 20)
    place = struct.pack("<IIHHHHI", 2, 30, 30, 60, 58, 0, 0)
    past = struct.pack("<II8I", 99, 3, 1, 2, 3, 0, 0, 0, 0, 0)
    kept = struct.pack("<IIB", 13, 19000, 6) + "提示".encode()
    def stored(serial=30, entries=1):
        return b"WS\1\0" + struct.pack("<7I", serial, 1, entries, 1, 2, 1, 1) + group + entry + place + b"\1\0\0\0\2\0\0\0" + past + kept
    put("site", "stored", b"\1" + stored())
    put("site", "stored-late", b"\1" + stored(3))
    put("site", "stored-many", b"\1" + stored(30, 0x7fffffff))
    def view(*rows):
        return b"WV\1\1" + struct.pack("<IQ", len(rows), 1) + b"".join(struct.pack("<IIBBBB", *r) for r in rows)
    put("site", "view", b"\2" + view((0, 7, 0, 28, 3, 0), (11, 1, 255, 6, 0, 0), (12, 1, 0, 35, 1, 0)))
    put("site", "view-order", b"\2" + view((12, 1, 255, 6, 0, 0), (11, 1, 255, 6, 0, 0)))


if __name__ == "__main__":
    for make in (addresses, headers, pages, decode, inflate, normalise, dates, urls, robots, sitemaps, feeds, json, jobs, queues, typed, config, warcs, kept, web, topics, sites):
        make()
