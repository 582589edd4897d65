#!/usr/bin/env python3
"""How `quality` is learned, and how well it tells good texts from others.

    make eval-quality              cross-validated figures of all sets
    tests/eval/quality.py --write  learns the weights of cleaner/quality.def
                                   from all of them; build again afterwards

Texts are those of the development sets' pages, as they are and spoilt in the
ways of spoil.py. A text is good when a person would have marked it so (token
F1 at least 0.9; of sets with segments: all but one of them right) and when it
is the text that the page has unspoilt (F1 of the two at least 0.98). Pages as
they are count REAL times as much, all together, as spoilt ones.

Weights are those of a logistic regression with a small ridge; a feature can
only lower the quality, so what would raise it gets weight 0. Figures are of
sets that had no part in the weights: each set in turn is judged by weights
learned from the others."""
import argparse
import gzip
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import zlib

import eval as ev
import spoil

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, '..', '..', 'cleaner', 'quality.def')
REAL = 3
RIDGE = 1.0
GOOD, WHOLE = 0.9, 0.98


# ---- texts ------------------------------------------------------------------

def page_text(corpus, name, g):
    src = os.path.join(corpus, name, g['id'] + '.html')
    data = open(src, 'rb').read() if os.path.exists(src) else gzip.open(src + '.gz', 'rb').read()
    charset = {'gb2312': 'gb18030', 'gbk': 'gb18030'}.get(g['charset'].lower(), g['charset'])
    return data, data.decode(charset, 'replace')


def gold_text(g):
    return g['text'] if 'text' in g else '\n'.join(g.get('with', []))


def ask(corpus, sets, tmp):
    """The batch's input: each page as it is and in each way it can be spoilt."""
    path, n = os.path.join(tmp, 'in.jsonl'), 0
    with open(path, 'w', encoding='utf-8') as out:
        for name, gold in sets.items():
            for g in gold:
                if 'text' not in g and 'with' not in g:
                    continue
                data, page = page_text(corpus, name, g)
                rng = random.Random(zlib.crc32(g['id'].encode()))
                made = {w: f(page, gold_text(g), rng) for w, f in spoil.WAYS.items()
                        if 'text' in g or w not in spoil.WHOLE_GOLD}
                for way, text in [('', data)] + sorted(made.items()):
                    if text is None or text == page:
                        continue
                    n += 1
                    file = os.path.join(tmp, '%d.html' % n)
                    with open(file, 'wb') as f:
                        f.write(text if way == '' else text.encode('utf-8', 'replace'))
                    q = {'id': '\t'.join((name, g['id'], way)), 'file': file}
                    if way:
                        q['charset'] = 'utf-8'
                    if g.get('url'):
                        q['url'] = g['url']
                    out.write(json.dumps(q) + '\n')
    return path


def records(winnow, path):
    with open(path, 'rb') as f:
        p = subprocess.run([winnow, 'clean', '--batch'], stdin=f, stdout=subprocess.PIPE, check=True)
    return [json.loads(x) for x in p.stdout.decode('utf-8').splitlines()]


class Row:
    """A text: where it is from, whether it is good, its features."""

    def __init__(self, r):
        self.set, self.page, self.way = r['id'].split('\t')
        self.x, self.quality = features(r), r['quality']
        self.text = r['text']
        self.good = None


def judge(score, sets, recs):
    shingles = score.Shingles(False)
    gold = {(n, g['id']): g for n, gs in sets.items() for g in gs}
    rows = [Row(r) for r in recs if r.get('text')]
    plain = {(r.set, r.page): r.text for r in rows if r.way == ''}
    for r in rows:
        g = gold[r.set, r.page]
        row, f1 = ev.score_page(score, g, r.text)
        r.good = f1 >= GOOD if 'text' in g else row[1] + row[2] <= 1
        if r.good and r.way:
            before = plain.get((r.set, r.page), '')
            r.good = score.prf(shingles.compare(before, r.text)[0])[2] >= WHOLE
    return rows


# ---- features: quality.def in Python ------------------------------------------

def lack(x, enough):
    return 0.0 if x >= enough else 1 - x / enough


def spoilt(places, chars):
    return min(1.0, 150 * places / (chars + 1))


FEATURES = {
    'BASE': lambda r: 1.0,
    'FOREIGN': lambda r: 1 - r['han_share'],
    'SHORT': lambda r: lack(r['chars'], 200),
    'LINKS': lambda r: r['link_density'],
    'UNENDED': lambda r: 1 - r['ended_share'],
    'REPEATED': lambda r: r['repeated_share'],
    'LOST': lambda r: spoilt(r['lost_chars'], r['chars']),
    'DAMAGED': lambda r: spoilt(r['damaged_places'], r['chars']),
    'GLOSSES': lambda r: spoilt(r['glosses'], r['chars']),
    'SPUN': lambda r: r['spun'],
    'CUT': lambda r: float(r['truncated']),
    'FORUM': lambda r: float(r['page_type'] == 'forum'),
    'UNTITLED': lambda r: 1 - r['titled_share'],
    'MEAGRE': lambda r: lack(r['kept_share'], 0.3),
    'UNSURE': lambda r: 1 - r['language_score'],
}
NAMES = list(FEATURES)


def features(r):
    return [f(r) for f in FEATURES.values()]


# ---- regression ---------------------------------------------------------------

def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -500 else 0.0


def predict(w, x):
    return sigmoid(sum(a * b for a, b in zip(w, x)))


def solve(a, b):
    """Gauss with pivots."""
    n = len(b)
    m = [row[:] + [v] for row, v in zip(a, b)]
    for i in range(n):
        p = max(range(i, n), key=lambda k: abs(m[k][i]))
        m[i], m[p] = m[p], m[i]
        for k in range(i + 1, n):
            f = m[k][i] / m[i][i]
            if f:
                m[k] = [u - f * v for u, v in zip(m[k], m[i])]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (m[i][n] - sum(m[i][k] * x[k] for k in range(i + 1, n))) / m[i][i]
    return x


def newton(rows, weights, use):
    """Weights of the features in use; each row counts weights[way] times."""
    w = [0.0] * len(use)
    data = [([r.x[i] for i in use], float(r.good), weights[r.way != '']) for r in rows]
    for _ in range(12):
        grad = [-RIDGE * v * (i > 0) for i, v in enumerate(w)]
        hess = [[RIDGE * (i == k and i > 0) for k in range(len(use))] for i in range(len(use))]
        for x, y, c in data:
            p = predict(w, x)
            e, h = c * (y - p), c * max(p * (1 - p), 1e-6)
            for i, v in enumerate(x):
                if v:
                    grad[i] += e * v
                    hi, hv = hess[i], h * v
                    for k, u in enumerate(x):
                        if u:
                            hi[k] += hv * u
        step = solve(hess, grad)
        w = [a + b for a, b in zip(w, step)]
        if max(map(abs, step)) < 1e-4:
            break
    return w


def way_weights(rows):
    """What a text counts: as it is, spoilt."""
    real = sum(r.way == '' for r in rows)
    return 1.0, real / REAL / max(1, len(rows) - real)


def learn(rows):
    weights = way_weights(rows)
    use = list(range(len(NAMES)))
    while True:
        w = newton(rows, weights, use)
        wrong = [i for i, v in zip(use, w) if i > 0 and v > 0]
        if not wrong:
            break
        use = [i for i in use if i not in wrong]
    out = [0.0] * len(NAMES)
    for i, v in zip(use, w):
        out[i] = round(v, 2)
    return out


# ---- figures ------------------------------------------------------------------

def auc(pairs):
    """Of (figure, good): how often a good one is above a bad one."""
    ranked, rank, i = sorted(pairs), 0.0, 0
    good = sum(g for _, g in pairs)
    while i < len(ranked):
        k = i
        while k < len(ranked) and ranked[k][0] == ranked[i][0]:
            k += 1
        rank += sum(g for _, g in ranked[i:k]) * (i + k + 1) / 2
        i = k
    bad = len(pairs) - good
    return (rank - good * (good + 1) / 2) / (good * bad) if good and bad else float('nan')


def brier(pairs, weights=None):
    weights = weights or [1.0] * len(pairs)
    return sum(c * (p - g) ** 2 for c, (p, g) in zip(weights, pairs)) / sum(weights)


def reliability(pairs, weights):
    print('\nquality      texts  said   good, as texts count')
    for lo in range(10):
        inside = [(c, p, g) for c, (p, g) in zip(weights, pairs)
                  if lo <= p * 10 < lo + 1 or (lo == 9 and p == 1)]
        if inside:
            n = sum(c for c, _, _ in inside)
            said = sum(c * p for c, p, _ in inside) / n
            good = sum(c * g for c, _, g in inside) / n
            print('%.1f .. %.1f  %6d  %.3f  %.3f  %s' % (
                lo / 10, (lo + 1) / 10, len(inside), said, good, '#' * round(40 * good)))


def show(rows, said):
    print('\n%-18s %6s %6s  %-6s %-6s' % ('set', 'texts', 'good', 'AUC', 'Brier'))
    for name in sorted({r.set for r in rows}) + ['']:
        mine = [(p, r.good) for r, p in zip(rows, said) if name in ('', r.set)]
        print('%-18s %6d %6d  %.4f %.4f' % (
            name or 'all', len(mine), sum(g for _, g in mine), auc(mine), brier(mine)))
    print('\n%-18s %6s %6s  %s' % ('way', 'texts', 'good', 'mean quality of good, of others'))
    for way in sorted({r.way for r in rows}):
        mine = [(p, r.good) for r, p in zip(rows, said) if r.way == way]
        print('%-18s %6d %6d  %s' % (
            way or 'as they are', len(mine), sum(g for _, g in mine), '  '.join(
                '%.3f' % (sum(p for p, g in mine if g == want) /
                          max(1, sum(g == want for _, g in mine))) for want in (True, False))))


def write(w):
    with open(TABLE, encoding='utf-8') as f:
        text = f.read()
    for name, v in zip(NAMES, w):
        text, n = re.subn(r'(?<=^Q\(%s, ")(\w+", )[-\d.]+' % name,
                          lambda m, v=v: '%s%.2f' % (m.group(1), v + 0.0), text, flags=re.M)
        assert n == 1, name
    with open(TABLE, 'w', encoding='utf-8') as f:
        f.write(text)


def table_weights():
    with open(TABLE, encoding='utf-8') as f:
        found = dict(re.findall(r'^Q\((\w+), "\w+", ([-\d.]+)', f.read(), re.M))
    assert list(found) == NAMES, 'quality.def and quality.py have other features'
    return [float(v) for v in found.values()]


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--write', action='store_true')
    args = ev.arguments(ap)
    if args is None:
        return 0
    sets = ev.gold_sets(args.corpus)
    with tempfile.TemporaryDirectory(prefix='winnow-quality-') as tmp:
        recs = records(args.winnow, ask(args.corpus, sets, tmp))
    rows = judge(ev.load_scorer(args.corpus), sets, recs)
    print('%d pages, %d of them with a text' % (len(recs), len(rows)))
    if args.write:
        w = learn(rows)
        write(w)
    else:
        w = table_weights()
        worst = max(abs(predict(w, r.x) - r.quality) for r in rows)
        print('quality of the records and of this script differ by at most %.4f' % worst)
        assert worst < 0.01
    for name, v in zip(NAMES, w):
        print('  %-10s %6.2f' % (name.lower(), v))
    said = [0.0] * len(rows)
    for name in sets:
        other = learn([r for r in rows if r.set != name])
        for i, r in enumerate(rows):
            if r.set == name:
                said[i] = predict(other, r.x)
    show(rows, said)
    real = [(p, r.good) for r, p in zip(rows, said) if r.way == '']
    print('\nas they are: AUC %.4f, Brier %.4f; of guessing their share %.4f' % (
        auc(real), brier(real), brier([(sum(g for _, g in real) / len(real), g) for _, g in real])))
    all_pairs, counts = [(p, r.good) for r, p in zip(rows, said)], way_weights(rows)
    counts = [counts[r.way != ''] for r in rows]
    share = sum(c * g for c, (_, g) in zip(counts, all_pairs)) / sum(counts)
    print('all, as they count: Brier %.4f; of guessing their share %.4f' % (
        brier(all_pairs, counts), brier([(share, g) for _, g in all_pairs], counts)))
    reliability(all_pairs, counts)
    return 0


if __name__ == '__main__':
    sys.exit(main())
