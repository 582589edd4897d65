#!/usr/bin/env python3
"""What the site memory is worth: texts with it against texts without, site by
site.

    make eval                         the last part of it
    tests/eval/site_gain.py --crawl   the invented sites over HTTP, by the real
                                      engine, with learn.on and without
    tests/eval/site_gain.py --show N  N lines of furniture that stayed, and of
                                      text that went, of each site

Three kinds of sites: invented ones (sitegen.py: templates with furniture in the
body; gold and furniture are known), pages of the development sets that share a
host or a registrable domain (few of each: nothing may be lost; whole sets
likewise), and golds of the development sets set into the invented templates. F1 is that of bags of
four tokens (a Han character, a word).
The text of a page whose gold is segments
counts by how many of them are right.

Floors: no site loses more than LOSS; of the furniture that the invented
templates repeat at least REMOVED goes, of each kind."""
import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse
from collections import Counter, defaultdict

import eval as ev
import sitegen

LOSS, REMOVED = 0.002, 0.99
QUIET = 'shared host'    # a group whose sites are listed when something changed
FEW = 2    # pages of a host that make a site worth a look
TOKEN = re.compile('[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+')


def fold(s):
    return unicodedata.normalize('NFKC', s)


def bag(s):
    t = TOKEN.findall(fold(s))
    return Counter(tuple(t[i:i + 4]) for i in range(max(1, len(t) - 3))) if t else Counter()


def f1(gold, text):
    g, p = bag(gold), bag(text)
    if not g or not p:
        return float(not g and not p)
    return 2 * sum((g & p).values()) / (sum(g.values()) + sum(p.values()))


def worth(gold, text):
    """F1; of a gold line with segments the share that is right."""
    if isinstance(gold, str):
        return f1(gold, text)
    have = squeeze(text)
    right = [squeeze(x) in have for x in gold.get('with', [])] + [
        squeeze(x) not in have for x in gold.get('without', [])]
    return sum(right) / len(right)


class Case:
    """A site: its pages' golds, texts with and without, furniture."""

    def __init__(self, name, group):
        self.name, self.group = name, group
        self.gold, self.furniture = {}, {}
        self.texts = ({}, {})    # without, with

    def score(self, which):
        return sum(worth(g, self.texts[which].get(k, '')) for k, g in self.gold.items()) / len(self.gold)

    def left(self, which):
        """{kind: [lines, those that stayed]}"""
        out = defaultdict(lambda: [0, []])
        for k, lines in self.furniture.items():
            have = squeeze(self.texts[which].get(k, ''))
            for kind, line in lines:
                out[kind][0] += 1
                if squeeze(line) in have:
                    out[kind][1].append((k, line))
        return out


def squeeze(s):
    return ''.join(fold(s).split())


# ---- cleaning a folder ------------------------------------------------------

def clean_folder(winnow, folder, files):
    """({name: text}, {name: text}): each page alone, all together."""
    lines = ''.join(json.dumps({'id': n, 'file': os.path.join(folder, n),
                                'url': 'http://www.folder.test/' + n}) + '\n' for n in files)
    alone = subprocess.run([winnow, 'clean', '--batch'], input=lines.encode(),
                           stdout=subprocess.PIPE, check=True).stdout
    both = subprocess.run([winnow, 'clean', '--site', '-f', 'json', '-u',
                           'http://www.folder.test/', folder],
                          stdout=subprocess.PIPE, check=False).stdout
    return [{d['id']: d.get('text') or '' for d in map(json.loads, out.decode().splitlines())}
            for out in (alone, both)]


def run_case(winnow, case, bodies):
    with tempfile.TemporaryDirectory(prefix='winnow-site-') as tmp:
        for name, body in bodies.items():
            path = os.path.join(tmp, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as f:
                f.write(body)
        case.texts = clean_folder(winnow, tmp, sorted(bodies))
    return case


def of_pages(name, group, pages):
    case = Case(name, group)
    case.gold = {p.name: p.gold for p in pages}
    case.furniture = {p.name: p.furniture for p in pages}
    return case


def invented(winnow):
    for site, pages in sitegen.made():
        yield run_case(winnow, of_pages(site.name, 'invented', pages),
                       {p.name: p.html for p in pages})


# ---- development sets -------------------------------------------------------

def by_site(sets):
    """{name: [(set, gold line)]} of hosts and of registrable domains."""
    hosts, domains = defaultdict(list), defaultdict(list)
    for name, gold in sets.items():
        for g in gold:
            host = urllib.parse.urlsplit(g.get('url') or '').hostname
            if not host or ('text' not in g and 'with' not in g):
                continue
            hosts[host].append((name, g))
            domains[domain(host)].append((name, g))
    out = {'*.' + k: v for k, v in domains.items() if len(v) >= FEW}
    out.update({k: v for k, v in hosts.items()
                if len(v) >= FEW and len(v) < len(domains[domain(k)])})
    return out


def domain(host):
    """Good enough for these: two labels, three below com.cn, gov.cn, co.uk..."""
    p = host.split('.')
    n = 3 if len(p) > 2 and len(p[-1]) == 2 and p[-2] in (
        'com', 'net', 'org', 'gov', 'edu', 'co', 'ac') else 2
    return '.'.join(p[-n:])


def page_bytes(corpus, name, id):
    src = os.path.join(corpus, name, id + '.html')
    return open(src, 'rb').read() if os.path.exists(src) else gzip.open(src + '.gz', 'rb').read()


def whole_sets(winnow, corpus, sets):
    """Each set as if it were one site, which it is not: nothing may be lost."""
    for name, gold in sorted(sets.items()):
        case = Case(name, 'sets taken for a site')
        bodies = {}
        for g in gold:
            if 'text' in g or 'with' in g:
                case.gold[g['id'] + '.html'] = g.get('text', g)
                bodies[g['id'] + '.html'] = page_bytes(corpus, name, g['id'])
        if bodies:
            yield run_case(winnow, case, bodies)


def shared_hosts(winnow, corpus, sets):
    for site, found in sorted(by_site(sets).items()):
        case = Case(site, QUIET)
        bodies = {}
        for name, g in found:
            case.gold[g['id'] + '.html'] = g.get('text', g)
            bodies[g['id'] + '.html'] = page_bytes(corpus, name, g['id'])
        yield run_case(winnow, case, bodies)


def set_into(winnow, sets):
    """Golds of each set in each template, 40 at most."""
    for name in ('zh-gov', 'zh-magic', 'zh-cwced', 'en-aeb'):
        golds = [g for g in sets.get(name, []) if g.get('text') and len(g['text']) > 150][:40]
        for kind in (sitegen.Bureau, sitegen.Paper, sitegen.Docshare, sitegen.School):
            texts = [(g.get('title') or 'Nr. %d' % i,
                      [x for x in g['text'].split('\n') if x.strip()])
                     for i, g in enumerate(golds)]
            if texts:
                _, pages = sitegen.around(kind, texts)
                case = of_pages('%s in %s' % (name, kind.name), 'golds in templates', pages)
                yield run_case(winnow, case, {p.name: p.html for p in pages})


# ---- report -----------------------------------------------------------------

def report(cases, show):
    """The table; lines that say what is below a floor."""
    low, group, quiet = [], None, []
    kinds = defaultdict(lambda: [0, 0, 0])
    for c in cases:
        if c.group != group:
            group = c.group
            print('\n%-34s %5s  %-7s %-7s %-8s furniture left without, with' % (
                group, 'pages', 'without', 'with', 'gain'))
        a, b = c.score(0), c.score(1)
        if c.group == QUIET and a == b:
            quiet.append(len(c.gold))
            continue
        left = c.left(0), c.left(1)
        n = sum(v[0] for v in left[1].values())
        stay = [sum(len(v[1]) for v in x.values()) for x in left]
        print('%-34s %5d  %.4f  %.4f  %+.4f  %s' % (
            c.name[:34], len(c.gold), a, b, b - a,
            '%d %d of %d' % (*stay, n) if n else '-'))
        for k, v in left[1].items():
            kinds[k][0] += v[0]
            kinds[k][1] += len(left[0][k][1])
            kinds[k][2] += len(v[1])
        if b < a - LOSS:
            low.append('%s: F1 %.4f with, %.4f without' % (c.name, b, a))
        if show:
            explain(c, left[1], show)
    if quiet:
        print('%d %ss of %d pages in all: nothing changed' % (len(quiet), QUIET, sum(quiet)))
    print('\n%-18s %6s  removed without, with the memory' % ('kind', 'lines'))
    for k, (n, without, with_) in sorted(kinds.items()):
        print('%-18s %6d  %.4f  %.4f' % (k, n, 1 - without / n, 1 - with_ / n))
        if 1 - with_ / n < REMOVED:
            low.append('kind %s: %.4f removed' % (k, 1 - with_ / n))
    return low


def explain(c, left, n):
    for kind, v in left.items():
        for page, line in v[1][:n]:
            print('    stays: %-12s %s %s' % (kind, page, line[:60]))
    shown = 0
    for k, g in c.gold.items():
        have, before = squeeze(c.texts[1].get(k, '')), squeeze(c.texts[0].get(k, ''))
        for line in (g if isinstance(g, str) else '\n'.join(g['with'])).split('\n'):
            if shown < n and squeeze(line) in before and squeeze(line) not in have:
                print('    went:  %s %s' % (k, line[:70]))
                shown += 1


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--show', type=int, default=0)
    ap.add_argument('--crawl', action='store_true')
    ap.add_argument('--corpus', default=os.path.join(
        os.environ.get('WINNOW_SHARED', '../shared'), 'corpus'))
    ap.add_argument('--winnow', default=os.path.join(
        os.environ.get('BUILD', 'build'), 'winnow'))
    args = ap.parse_args()
    if args.crawl:
        import sitecrawl
        cases = sitecrawl.crawled(args.winnow)
    else:
        cases = list(invented(args.winnow))
        if os.path.exists(os.path.join(args.corpus, 'score.py')):
            sets = ev.gold_sets(args.corpus)
            cases += set_into(args.winnow, sets)
            cases += whole_sets(args.winnow, args.corpus, sets)
            cases += shared_hosts(args.winnow, args.corpus, sets)
    low = report(cases, args.show)
    for line in low:
        print('BELOW', line)
    return 1 if low else 0


if __name__ == '__main__':
    sys.exit(main())
