"""What is wrong with a page's text, block by block: what is missing, with the
rule that took it away, and what is there that the gold has not. The blocks and
their rules come from `winnow clean --explain`.

Marks in front of a line: `-` belongs to the gold and was removed, `+` was kept
and does not belong to it, `0` is in the gold and in no block of the page."""
import html.parser
import re
import subprocess

SHOWN = 150     # characters of a line


class Page(html.parser.HTMLParser):
    """The blocks of an explain page: elements with id b<number>, of which
    those inside <details> of a kind were removed. Of repairs the text after them."""

    def __init__(self):
        super().__init__()
        self.found = []     # [rule or None when kept, text]
        self.rule = None
        self.open = []      # elements inside a block, and the block's
        self.skip = 0       # of these, <del> that are open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == 'details' and 'data-kind' in attrs:
            self.rule = attrs['data-kind'] + ' · ' + attrs['data-rule']
        if self.open:
            self.open.append(tag)
            self.skip += tag == 'del'
            if tag == 'td' and self.found[-1][1]:
                self.handle_data('\t')
        elif re.fullmatch(r'b\d+', attrs.get('id', '')):
            self.found.append([self.rule, ''])
            self.open = [tag]

    def handle_endtag(self, tag):
        if tag == 'details':
            self.rule = None
        if self.open:
            assert self.open.pop() == tag
            self.skip -= tag == 'del'

    def handle_data(self, data):
        if self.open and not self.skip:
            self.found[-1][1] += data


def blocks(winnow, path, url):
    """[(rule or None when kept, text)] of a page, in its order."""
    argv = [winnow, 'clean', '--explain']
    if url:
        argv += ['-u', url]
    out = subprocess.run(argv + [path], stdout=subprocess.PIPE)
    page = Page()       # a page of nothing exits 7
    page.feed(out.stdout.decode('utf-8', 'replace'))
    return [(rule, text) for rule, text in page.found]


def line(mark, rule, text):
    text = ' '.join(text.split())
    if len(text) > SHOWN:
        text = text[:SHOWN] + ' ... (%d)' % len(text)
    return '  %s %s%s' % (mark, '[%s] ' % rule if rule else '', text)


def shingle_faults(score, sh, gold, found):
    want = sh.bag(sh.tokens(gold['text']))
    have, lines = set(), []
    for rule, text in found:
        bag = sh.bag(sh.tokens(text))
        have |= set(bag)
        share = sum(1 for x in bag if x in want) / (len(bag) or 1)
        if len(sh.tokens(text)) < 4 and share < 1:
            share = float(score.squash(text) in
                          map(score.squash, gold['text'].splitlines()))
        if rule is None and share < 0.5:
            lines.append(line('+', None, text))
        elif rule is not None and share >= 0.5:
            lines.append(line('-', rule, text))
    for text in gold['text'].splitlines():
        bag = sh.bag(sh.tokens(text))
        if len(bag) > 3 and sum(1 for x in bag if x in have) < 0.5 * len(bag):
            lines.append(line('0', None, text))
    return lines


def segment_faults(score, gold, found, text):
    lines, text = [], score.squash(text)
    for mark, key in (('-', 'with'), ('+', 'without')):
        for seg in gold[key]:
            part = score.squash(seg)
            if (part in text) == (mark == '+'):
                rules = [r or 'kept' for r, t in found
                         if part in score.squash(t)] or ['in no block']
                lines.append(line(mark, '; '.join(rules), seg))
    return lines


def describe(score, winnow, gold, path, text):
    """Lines about one page."""
    found = blocks(winnow, path, gold.get('url'))
    if 'text' in gold:
        return shingle_faults(score, score.Shingles(False), gold, found)
    return segment_faults(score, gold, found, text)
