#!/usr/bin/env python3
"""Figures by site: does a set's F1 rest on one site, does a change help many
sites or one?

    tests/eval/loso.py               the table, and the sites that matter most
    tests/eval/loso.py --save FILE   keeps the figures of each page
    tests/eval/loso.py --than FILE   compares with them: pages and sites that
                                     became better and worse, and how often a
                                     bootstrap over sites says better

A site is the host of the page's address, a page without one is its own.
`without` is the lowest and the highest F1 of the set with one site left out,
`mean` and `sd` those of resamples of whole sites."""
import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import urllib.parse

import eval as ev

ROUNDS = 400
SHOWN = 5


def site(gold):
    host = urllib.parse.urlsplit(gold.get('url') or '').hostname
    return host.removeprefix('www.') if host else gold['id']


def figure(score, rows):
    if not rows:
        return 0.0
    return (score.macro if len(rows[0]) == 3 else score.micro)(rows)['f1']


def by_site(pages):
    """{site: [row]} of {id: (site, row)}."""
    sites = {}
    for s, row in pages.values():
        sites.setdefault(s, []).append(row)
    return sites


def resample(score, tables):
    """F1 of ROUNDS draws of sites, the same draws for each of the tables."""
    rng, names, out = random.Random(1), sorted(tables[0]), []
    for _ in range(ROUNDS):
        draw = rng.choices(names, k=len(names))
        out.append([figure(score, [r for s in draw for r in t.get(s, [])])
                    for t in tables])
    return out


def show_set(score, name, pages):
    sites = by_site(pages)
    rows = [r for rs in sites.values() for r in rs]
    whole = figure(score, rows)
    out = sorted((figure(score, [r for s, rs in sites.items() if s != left
                                 for r in rs]), left) for left in sites)
    draws = [d[0] for d in resample(score, [sites])]
    print('%-18s %4d %5d  %.4f  %.4f .. %.4f  %.4f %.4f' % (
        name, len(rows), len(sites), whole, out[0][0], out[-1][0],
        statistics.mean(draws), statistics.stdev(draws)))
    return ['    %+.4f without %s' % (f - whole, s)
            for f, s in reversed(out[-SHOWN:]) if f - whole > 0.0005]


def show_change(args, score, name, pages, old):
    good = {'up': set(), 'down': set()}
    count = {'up': 0, 'down': 0}
    for id, (s, row) in pages.items():
        if id not in old:
            continue
        a, b = figure(score, [tuple(old[id][1])]), figure(score, [row])
        way = 'up' if b > a + 1e-9 else 'down' if b < a - 1e-9 else ''
        if way:
            good[way].add(s)
            count[way] += 1
            if args.pages:
                print('  %-4s %.3f -> %.3f  %s %s' % (way, a, b, id, s))
    then = by_site({k: (v[0], tuple(v[1])) for k, v in old.items()})
    now = by_site(pages)
    f = [figure(score, [r for rs in t.values() for r in rs])
         for t in (then, now)]
    draws = resample(score, [then, now])
    better = sum(d[1] > d[0] for d in draws) / len(draws)
    print('%-18s %.4f -> %.4f (%+.4f)  better %d pages of %d sites, worse %d '
          'of %d  bootstrap %.2f' % (
              name, f[0], f[1], f[1] - f[0], count['up'], len(good['up']),
              count['down'], len(good['down']), better))


def measure(args):
    sets = ev.gold_sets(args.corpus)
    score = ev.load_scorer(args.corpus)
    with tempfile.TemporaryDirectory(prefix='winnow-loso-') as tmp:
        pred, _ = ev.clean(args.winnow,
                           ev.questions(args.corpus, sets, tmp), tmp)
        texts = ev.load_texts(pred)
    tables = {}
    for name, gold in sets.items():
        pages = {}
        for g in gold:
            row, _ = ev.score_page(score, g, texts.get((name, g['id']), ''))
            if row is not None:
                pages[g['id']] = (site(g), row)
        if pages:
            tables[name] = pages
    return score, tables


def main():
    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--save')
    ap.add_argument('--than')
    ap.add_argument('--pages', action='store_true',
                    help='with --than: each page that changed')
    args = ev.arguments(ap)
    if args is None:
        return 0
    score, tables = measure(args)
    if args.save:
        with open(args.save, 'w', encoding='utf-8') as f:
            json.dump(tables, f)
    if args.than:
        with open(args.than, encoding='utf-8') as f:
            old = json.load(f)
        for name, pages in tables.items():
            show_change(args, score, name, pages, old.get(name, {}))
        return 0
    print('set               pages sites  F1      without one site  mean   sd')
    notes = {n: show_set(score, n, pages) for n, pages in tables.items()}
    for name, lines in notes.items():
        if lines:
            print('\n'.join(['  ' + name] + lines))
    return 0


if __name__ == '__main__':
    sys.exit(main())
