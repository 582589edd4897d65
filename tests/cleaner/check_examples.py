#!/usr/bin/env python3
"""The five example pages come out as their gold: text, title, date, source,
none of the blocks that the guide lists as removed is left in, and each of
their kinds is counted."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

SHARED = os.environ.get('WINNOW_SHARED', '../shared')
WINNOW = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')
EXAMPLES = os.path.join(SHARED, 'examples')
FLOOR = 0.98


def fold(s):
    return re.sub(r'[\W_]+', '', unicodedata.normalize('NFKC', s or ''))


def clean():
    lines = ''.join(json.dumps({'id': '%03d' % n, 'file': os.path.join(
        EXAMPLES, '%03d.html' % n)}) + '\n' for n in range(5))
    p = subprocess.run([WINNOW, 'clean', '--batch'], input=lines.encode(),
                       stdout=subprocess.PIPE, check=True)
    return [json.loads(x) for x in p.stdout.decode().splitlines()]


def score(gold, got):
    """Text F1 of each page, by the scorer of the sets."""
    with tempfile.TemporaryDirectory() as tmp:
        os.mkdir(os.path.join(tmp, 'examples'))
        with open(os.path.join(tmp, 'examples', 'gold.jsonl'), 'w') as f:
            for g in gold:
                f.write(json.dumps({'id': g['id'], 'text': g['text'],
                                    'title': g['title'], 'charset': 'utf-8'}) + '\n')
        with open(os.path.join(tmp, 'pred.jsonl'), 'w') as f:
            for d in got:
                f.write(json.dumps({'id': d['id'], 'text': d['text']}) + '\n')
        out = os.path.join(tmp, 'out.json')
        subprocess.run([sys.executable, os.path.join(SHARED, 'corpus', 'score.py'),
                        '--corpus', tmp, '--pred', os.path.join(tmp, 'pred.jsonl'),
                        '--json', out], check=True, stdout=subprocess.DEVNULL)
        pages = json.load(open(out))['examples']['_pages']
    return {p['id']: p['f1'] for p in pages}


def say(ok, name, why=''):
    print('%s - %s' % ('ok' if ok else 'not ok', name))
    if not ok:
        print('  ' + why)


def first_difference(want, got):
    for i, (a, b) in enumerate(zip(want.split('\n'), got.split('\n'))):
        if a != b:
            k = len(os.path.commonprefix([a, b]))
            return 'paragraph %d: expected %r, got %r' % (
                i + 1, a[max(0, k - 10):k + 20], b[max(0, k - 10):k + 20])
    return 'expected %d paragraphs, got %d' % (want.count('\n') + 1,
                                              got.count('\n') + 1)


def left_in(gold, text):
    """Removed blocks of some length whose text still stands in the text."""
    flat = fold(text)
    title = fold(gold['title'])
    return [r['text'][:60] for r in gold['removed']
            if len(fold(r['text'])) > 3 and fold(r['text']) in flat and
            fold(r['text']) != title]


def main():
    if not os.path.isdir(EXAMPLES):
        print('skip - examples: %s is not there' % EXAMPLES)
        return
    gold = [json.load(open(os.path.join(EXAMPLES, '%03d.gold.json' % n)))
            for n in range(5)]
    got = clean()
    f1 = score(gold, got)
    for g, d in zip(gold, got):
        say(f1[g['id']] >= FLOOR, 'example %s: the text is the gold (F1 %.4f)'
            % (g['id'], f1[g['id']]), 'floor %.2f' % FLOOR)
        say(d['text'] == g['text'], 'example %s: to the last character'
            % g['id'], first_difference(g['text'], d['text']))
        rest = left_in(g, d['text'])
        say(not rest, 'example %s: no furniture is left in' % g['id'], repr(rest))
        kinds = {r['kind'].replace('-', '_') for r in g['removed']}
        lost = sorted(k for k in kinds if d['removed'][k] == 0)
        say(not lost, 'example %s: each kind the guide names is counted' % g['id'],
            'none of ' + ', '.join(lost))
        for field, want in (('title', g['title']), ('date_publish', g['published']),
                            ('source_name', g['source'])):
            if want is None:
                continue
            say(fold(d[field]) == fold(want), 'example %s: %s' % (g['id'], field),
                'expected %r, got %r' % (want, d[field]))


main()
