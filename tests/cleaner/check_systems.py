#!/usr/bin/env python3
"""Pages as the systems of schools, bureaus, newspapers and document sharing
lay them out come out as their gold: the text line by line, and every field
that the gold names.

systems/NAME.html is the page, systems/NAME.json what it says; its `url` is
where it stands, `attachments` the number of them. All pages are invented."""
import json
import os
import subprocess

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'systems')
WINNOW = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')


def load(name):
    with open(os.path.join(HERE, name + '.json'), encoding='utf-8') as f:
        return json.load(f)


def clean(gold):
    lines = ''.join(json.dumps({
        'id': name, 'file': os.path.join(HERE, name + '.html'),
        'url': g.get('url', 'http://www.pages.test/a/')}) + '\n'
        for name, g in gold.items())
    p = subprocess.run([WINNOW, 'clean', '--batch'], input=lines.encode(),
                       stdout=subprocess.PIPE, check=True)
    return {d['id']: d for d in map(json.loads, p.stdout.decode().splitlines())}


def differences(gold, got):
    for key, want in gold.items():
        have = got.get(key)
        if key == 'url':
            continue
        if key == 'attachments':
            have = len(have or [])
        if key == 'text' and want != have:
            w, h = want.split('\n'), (have or '').split('\n')
            for line in w:
                if line not in h:
                    yield 'missing: ' + line
            for line in h:
                if line not in w:
                    yield 'too much: ' + line
            continue
        if want != have:
            yield '%s: want %r, got %r' % (key, want, have)


def main():
    names = sorted(n[:-5] for n in os.listdir(HERE) if n.endswith('.json'))
    gold = {n: load(n) for n in names}
    got = clean(gold)
    for name in names:
        wrong = list(differences(gold[name], got[name]))
        print('%s - systems: %s' % ('not ok' if wrong else 'ok', name))
        for line in wrong:
            print('  ' + line)


main()
