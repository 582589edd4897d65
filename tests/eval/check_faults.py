#!/usr/bin/env python3
"""faults.py reads the explain page that `winnow clean` writes today."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults

PAGE = """<html><head><title>The mill</title></head><body>
<nav><a href=/a>Home</a> <a href=/b>Places</a></nav><article><h1>The mill</h1>
<p>The mill by the river was old, and the people of the valley brought their
corn to it every week, until the first snow closed the road for months.</p>
<p>Wood was cut on the hill behind the school, and in the evenings the carts
came down slowly, one lamp behind the other, to the bridge and the church.</p>
</article><footer>Copyright 2026 The Valley</footer></body></html>"""


def check(name, ok, what):
    print('ok - ' + name if ok else 'not ok - %s\n  got %r' % (name, what))
    return ok


winnow = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')
with tempfile.NamedTemporaryFile('w', suffix='.html') as f:
    f.write(PAGE)
    f.flush()
    got = faults.blocks(winnow, f.name, 'http://example.com/mill')
kept = [text for rule, text in got if rule is None]
removed = [(rule, text) for rule, text in got if rule is not None]
good = check('faults: kept blocks are read from an explain page',
             [t[:8] for t in kept if len(t) > 60] == ['The mill', 'Wood was'],
             got)
good &= check('faults: removed blocks come with kind and rule',
              any(' · ' in r and 'Home' in t for r, t in removed) and
              any(' · ' in r and 'Copyright' in t for r, t in removed), got)
sys.exit(not good)
