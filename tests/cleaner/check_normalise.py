#!/usr/bin/env python3
"""Text that was never damaged comes out of `winnow normalise` byte for byte:
tests/normalise/unchanged.txt, where each text stands below its name."""
import json
import os
import subprocess

WINNOW = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')
HERE = os.path.dirname(os.path.abspath(__file__))


def cases(name):
    path = os.path.join(HERE, '..', 'normalise', name)
    with open(path, encoding='utf-8') as f:
        for part in f.read().split('\n== '):
            title, _, text = part.removeprefix('== ').partition('\n')
            yield title, text.removesuffix('\n')


def normalise(texts):
    feed = ''.join(json.dumps({'id': str(i), 'text': t}) + '\n'
                   for i, t in enumerate(texts))
    p = subprocess.run([WINNOW, 'normalise', '--jsonl'], input=feed.encode(),
                       stdout=subprocess.PIPE, check=True)
    return [json.loads(x) for x in p.stdout.decode().splitlines()]


def say(ok, name, *why):
    print('%s - %s' % ('ok' if ok else 'not ok', name))
    for line in () if ok else why:
        print('  ' + line)


def unchanged():
    all_ = list(cases('unchanged.txt'))
    assert len(all_) >= 80
    for (name, text), got in zip(all_, normalise([t for _, t in all_])):
        made = {k: n for k, n in got['repairs'].items() if n}
        say(got['text'] == text and not made,
            'normalise: unchanged: ' + name, 'expected %r' % text,
            'got      %r' % got['text'], 'repairs  %r' % made)


unchanged()
