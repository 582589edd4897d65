#!/usr/bin/env python3
"""The site memory on the invented sites of sitegen.py: nothing that is text is
lost, and what a template repeats goes. site_gain.py has the floors, and more
sites where WINNOW_SHARED is."""
import contextlib
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import site_gain  # noqa: E402

WINNOW = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')


def ok(good, name, why=''):
    print('%s - %s' % ('ok' if good else 'not ok', name))
    if not good:
        print('  ' + why.replace('\n', '\n  '))
    return not good


def main():
    failed, table = 0, io.StringIO()
    cases = list(site_gain.invented(WINNOW))
    with contextlib.redirect_stdout(table):
        low = site_gain.report(cases, 2)
    for c in cases:
        lost = [x for x in low if x.startswith(c.name + ':')]
        failed += ok(not lost, 'site memory: %s: no text is lost' % c.name, '\n'.join(lost))
    kinds = [x for x in low if x.startswith('kind ')]
    failed += ok(not kinds, 'site memory: what templates repeat goes, of each kind 99 of 100',
                 '\n'.join(kinds) + '\n' + table.getvalue())
    formal = [x for c in cases for x in lost_formal(c)]
    failed += ok(not formal, 'site memory: the lines that all notices have stay',
                 '\n'.join(formal[:5]))
    return failed != 0


def lost_formal(c):
    """Lines of the gold that the page alone keeps and the memory takes."""
    for k, g in c.gold.items():
        before, have = (site_gain.squeeze(t.get(k, '')) for t in c.texts)
        for line in g.split('\n'):
            if site_gain.squeeze(line) in before and site_gain.squeeze(line) not in have:
                yield '%s/%s: %s' % (c.name, k, line)


if __name__ == '__main__':
    sys.exit(main())
