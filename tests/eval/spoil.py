"""spoil.py - pages made worse in ways whose truth is known.

Each way takes the decoded page, a gold line, a random.Random and gives the
page back, or None when the way does not apply to it. Only text between tags is
touched, so that the page stays the page. A page that was cut without a trace
is not among them: it cannot be told from a short one, and what cut it (the
fetch, a limit) says `truncated`."""
import html
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, '..', '..', 'cleaner', 'rules', 'spun.def')
PIECES = re.compile(r'(<!--.*?-->|<(script|style|textarea|title)\b.*?</\2\s*>|<[^>]*>)',
                    re.S | re.I)
HAN = re.compile('[\u4e00-\u9fff]')
PHRASES = ['本地专业培训机构哪家好', '网上报名入口官方网站', '最新版免费下载大全',
           '校园文化建设方案公司', '党建展厅设计哪家强', 'the best cheap online course',
           'download the full version free']
READINGS = ['huì', 'xué', 'dǎng', 'shū', 'zhǎng', 'lǐ', 'gōng', 'fā']
STOPS = '，。；！？、：'


def texts(page):
    """[[text, is it between tags]]"""
    out, at = [], 0
    for m in PIECES.finditer(page):
        out += [[page[at:m.start()], True], [m.group(), False]]
        at = m.end()
    return out + [[page[at:], True]]


def mapped(page, change):
    return ''.join(change(t) if inside and len(t.strip()) > 1 else t
                   for t, inside in texts(page))


def replaced(page, rng, rate, what):
    return mapped(page, lambda t: ''.join(
        what if c.isalpha() and rng.random() < rate else c for c in t))


def lost(page, gold, rng):
    return replaced(page, rng, rng.choice((.002, .005, .01, .02, .05, .1)), '\ufffd')


def asked(page, gold, rng):
    if not HAN.search(page):
        return None
    return replaced(page, rng, rng.choice((.01, .02, .05, .1)), '?')


def misread(page, gold, rng):
    """UTF-8 taken for GBK, or for windows-1252: bytes are gone."""
    if len(HAN.findall(page)) > 200:
        return mapped(page, lambda t: t.encode('utf-8', 'replace').decode('gbk', 'replace'))
    return mapped(page, lambda t: t.encode('utf-8', 'replace').decode('cp1252', 'replace'))


def halves(gold):
    lines = [x for x in gold.split('\n') if len(x) > 30]
    return lines if len(lines) >= 6 else []


def gone(page, gold, rng):
    """The article is not on the page: what is found is something else."""
    whole = ''.join(gold.split())
    pieces = texts(page)
    for p in pieces:
        t = ''.join(html.unescape(p[0]).split())
        if p[1] and len(t) > 1 and t in whole:
            p[0] = ''
    return ''.join(p[0] for p in pieces)


def doubled(page, gold, rng):
    lines = halves(gold)
    if not lines:
        return None
    a, b = page.find(lines[0][:12]), page.find(lines[-1][:12])
    a, b = page.rfind('<', 0, a), page.find('<', b)
    if not 0 < a < b or page[a:b].count('<div') != page[a:b].count('</div'):
        return None
    return page[:b] + page[a:b] + page[b:]


def glossed(page, gold, rng):
    """Readings behind single characters, too few and too wrong to be a mirror's
    that could be undone."""
    if len(HAN.findall(page)) < 400:
        return None
    rate = rng.choice((.003, .01, .03))
    return mapped(page, lambda t: ''.join(
        '%s(%s)' % (c, rng.choice(READINGS)) if HAN.match(c) and rng.random() < rate else c
        for c in t))


def table():
    with open(TABLE, encoding='utf-8') as f:
        rows = re.findall(r'^S\("(\S+)", \d, "(\S+)"\)', f.read(), re.M)
    out = {}
    for rare, common in rows:
        out.setdefault(common, []).append(rare)
    return out


def spun(page, gold, rng, half=None):
    """Common words for rare ones. half: of the table, for a test of the words
    that the other half has not."""
    words = table()
    if half is not None:
        words = {k: v for i, (k, v) in enumerate(sorted(words.items())) if i % 2 == half}
    if len(HAN.findall(page)) < 400:
        return None
    rate = rng.choice((.5, .8, 1))
    pattern = re.compile('|'.join(sorted(words, key=len, reverse=True)))
    return mapped(page, lambda t: pattern.sub(
        lambda m: rng.choice(words[m.group()]) if rng.random() < rate else m.group(), t))


def stuffed(page, gold, rng):
    """A phrase in every other sentence."""
    han = len(HAN.findall(page)) > 400
    phrase = rng.choice(PHRASES[:5] if han else PHRASES[5:])
    rate = rng.choice((.2, .4))
    stops = STOPS if han else '.,;'
    return mapped(page, lambda t: t if len(t) < 30 else ''.join(
        (c + phrase if han else c + ' ' + phrase) if c in stops and rng.random() < rate else c
        for c in t))


WAYS = {f.__name__: f for f in (lost, asked, misread, gone, doubled, glossed, spun,
                                stuffed)}
# Those that need all of the text, not segments of it.
WHOLE_GOLD = ('gone', 'doubled')
