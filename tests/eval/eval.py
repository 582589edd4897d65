#!/usr/bin/env python3
"""Cleans every page of the development sets with one run of
`winnow clean --batch`, scores the texts with the sets' own scorer, prints the
table and compares it with floor.json.

    make eval                      table, exit 1 below a floor
    tests/eval/eval.sh --worst 10  the worst pages of each set as well, with
                                   what is missing, what does not belong there
                                   and which rules did it (faults.py);
                                   --sets a,b looks at those only
    tests/eval/loso.py             figures without each site in turn
    tests/eval/eval.sh --write     take the figures of this run as floors;
                                   a floor goes down only with --lower

floor.json holds a digest of the gold files: floors of other data mean
nothing. WINNOW_SHARED says where the sets are; without them there is nothing
to do."""
import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time

import faults

HERE = os.path.dirname(os.path.abspath(__file__))
FLOORS = os.path.join(HERE, 'floor.json')
SLACK = 0.002    # figures move by that much with a gold's odd comma


def gold_sets(corpus):
    sets = {}
    for name in sorted(os.listdir(corpus)):
        path = os.path.join(corpus, name, 'gold.jsonl')
        if os.path.isfile(path):
            with open(path, encoding='utf-8') as f:
                sets[name] = [json.loads(x) for x in f if x.strip()]
    return sets


def load_scorer(corpus):
    spec = importlib.util.spec_from_file_location(
        'score', os.path.join(corpus, 'score.py'))
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    return score


def score_page(score, gold, text):
    """The row of one page that score.py makes its averages of, and how good
    the page is on its own; (None, 1) when it has no gold for its text."""
    if 'text' in gold:
        counts, exact = score.Shingles(False).compare(gold['text'], text)
        one = score.prf(counts)
        return (counts, exact, one), one[2]
    if 'with' not in gold:
        return None, 1.0
    row = score.segments(gold, text)
    return row, score.micro([row])['accuracy']


def digest(corpus, sets):
    h = hashlib.sha256()
    for name in sets:
        with open(os.path.join(corpus, name, 'gold.jsonl'), 'rb') as f:
            h.update(f.read())
    return h.hexdigest()


def questions(corpus, sets, tmp):
    """The batch's input: the pages unpacked, no word of their charset."""
    path = os.path.join(tmp, 'in.jsonl')
    with open(path, 'w', encoding='utf-8') as out:
        for name, gold in sets.items():
            os.mkdir(os.path.join(tmp, name))
            for g in gold:
                src = os.path.join(corpus, name, g['id'] + '.html')
                file = os.path.join(tmp, name, g['id'] + '.html')
                data = open(src, 'rb').read() if os.path.exists(src) else \
                    gzip.open(src + '.gz', 'rb').read()
                with open(file, 'wb') as f:
                    f.write(data)
                q = {'id': name + '\t' + g['id'], 'file': file}
                if g.get('url'):
                    q['url'] = g['url']
                out.write(json.dumps(q) + '\n')
    return path


def clean(winnow, path, tmp):
    out = os.path.join(tmp, 'pred.jsonl')
    start = time.monotonic()
    with open(path, 'rb') as f:
        p = subprocess.run([winnow, 'clean', '--batch'], stdin=f,
                           stdout=subprocess.PIPE, check=True)
    took = time.monotonic() - start
    with open(out, 'w', encoding='utf-8') as f:
        for line in p.stdout.decode('utf-8').splitlines():
            d = json.loads(line)
            name, _, id = d['id'].partition('\t')
            f.write(json.dumps({
                'set': name, 'id': id, 'text': d.get('text') or '',
                'title': d.get('title') or '',
                'date': d.get('date_publish') or '',
                'author': d.get('authors') or []}, ensure_ascii=False) + '\n')
    return out, took


def load_texts(pred):
    with open(pred, encoding='utf-8') as f:
        return {(d['set'], d['id']): d['text'] for d in map(json.loads, f)}


def show_worst(args, sets, pred, tmp):
    score, texts = load_scorer(args.corpus), load_texts(pred)
    for name, gold in sets.items():
        if args.sets and name not in args.sets.split(','):
            continue
        rated = []
        for g in gold:
            text = texts.get((name, g['id']), '')
            rated.append((score_page(score, g, text)[1], g['id'], g, text))
        rated.sort(key=lambda r: r[:2])
        if args.page:
            rated = [r for r in rated if r[1] in args.page.split(',')]
        for good, id, g, text in rated[:args.worst]:
            if good == 1:
                break
            print('\n%s %s %.3f %s' % (name, id, good, g.get('url') or ''))
            path = os.path.join(tmp, name, id + '.html')
            for x in faults.describe(score, args.winnow, g, path, text):
                print(x)


def compare(results, want, found):
    """Lines that say what is below its floor."""
    if want.get('digest') != found:
        print('floors are of other data (digest differs): not compared')
        return []
    low = []
    for name, floor in want['f1'].items():
        f1 = results.get(name, {}).get('f1', 0)
        if f1 < floor - SLACK:
            low.append('%s: F1 %.4f is below its floor %.4f' % (name, f1, floor))
    return low


def write(results, want, found, lower):
    f1 = {k: round(v['f1'], 4) for k, v in results.items() if 'f1' in v}
    if want.get('digest') == found and not lower:
        f1 = {k: max(v, want['f1'].get(k, 0)) for k, v in f1.items()}
    with open(FLOORS, 'w', encoding='utf-8') as f:
        json.dump({'digest': found, 'f1': f1}, f, indent=1, sort_keys=True)
        f.write('\n')


def arguments(ap):
    """The command line with where sets and program are; None, with words: no sets."""
    ap.add_argument('--corpus', default=os.path.join(
        os.environ.get('WINNOW_SHARED', '../shared'), 'corpus'))
    ap.add_argument('--winnow', default=os.path.join(
        os.environ.get('BUILD', 'build'), 'winnow'))
    args = ap.parse_args()
    if os.path.exists(os.path.join(args.corpus, 'score.py')):
        return args
    print('no development sets at %s' % args.corpus)
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--worst', type=int, default=0)
    ap.add_argument('--sets', help='whose worst pages to show')
    ap.add_argument('--page', help='with --worst: these pages alone (ids)')
    ap.add_argument('--write', action='store_true')
    ap.add_argument('--lower', action='store_true')
    args = arguments(ap)
    if args is None:
        return 0
    sets = gold_sets(args.corpus)
    want = json.load(open(FLOORS)) if os.path.exists(FLOORS) else {}
    with tempfile.TemporaryDirectory(prefix='winnow-eval-') as tmp:
        pred, took = clean(args.winnow, questions(args.corpus, sets, tmp), tmp)
        report = os.path.join(tmp, 'report.json')
        subprocess.run([sys.executable, os.path.join(args.corpus, 'score.py'),
                        '--pred', pred, '--json', report], check=True)
        results = json.load(open(report, encoding='utf-8'))
        if args.worst:
            show_worst(args, sets, pred, tmp)
    print('%d pages in %.1f s' % (sum(map(len, sets.values())), took))
    found = digest(args.corpus, sets)
    if args.write:
        write(results, want, found, args.lower)
        return 0
    low = compare(results, want, found) if want else []
    for line in low:
        print('BELOW', line)
    return 1 if low else 0


if __name__ == '__main__':
    sys.exit(main())
