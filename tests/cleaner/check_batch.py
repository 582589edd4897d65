#!/usr/bin/env python3
"""winnow clean --batch with workers: one that dies costs its page only."""
import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

WINNOW = os.path.join(os.environ.get('BUILD', 'build'), 'winnow')
PAGE = ('<title>%d</title><h1>Harvest %d</h1>' + '<p>The wheat was late this '
        'year, and the mill waited for it until the end of autumn.</p>' * 4)


def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
        return [int(x) for x in f.read().split()]


def blocked(pid):
    """The worker that waits for somebody to write to the pipe it opened."""
    for c in children(pid):
        try:
            with open('/proc/%d/wchan' % c) as f:
                where = f.read()
            with open('/proc/%d/syscall' % c) as f:
                call = f.read().split()[0]
        except (OSError, IndexError):
            continue
        if 'fifo' in where or call in ('257', '2', '56'):
            return c
    return None


def batch(tmp):
    fifo = os.path.join(tmp, 'pipe')
    os.mkfifo(fifo)
    lines = [{'id': n, 'html_b64': base64.b64encode((PAGE % (n, n)).encode()).decode()}
             for n in range(20)]
    lines[7] = {'id': 7, 'file': fifo, 'url': 'http://h.test/7'}
    p = subprocess.Popen([WINNOW, 'clean', '--batch', '-j', '2'],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(''.join(json.dumps(x) + '\n' for x in lines).encode())
    p.stdin.close()
    pid, kills, end = None, 0, time.time() + 20
    while p.poll() is None and time.time() < end:
        before, pid = pid, blocked(p.pid)
        if pid is not None and pid == before and kills < 5:
            os.kill(pid, signal.SIGKILL)
            kills += 1
        time.sleep(0.1)
    if p.poll() is None:
        p.kill()
    out, err = p.stdout.read().decode(), p.stderr.read().decode()
    p.wait()
    return p.returncode, kills, [json.loads(x) for x in out.splitlines()], err


def main():
    with tempfile.TemporaryDirectory() as tmp:
        rc, kills, got, err = batch(tmp)
    bad = 0
    for name, ok in (
            ('batch: a page that two workers died of is tried twice, not three times', kills == 2),
            ('batch: a dead worker ends neither the run nor the order',
             rc == 0 and [r['id'] for r in got] == list(range(20))),
            ('batch: the page says that its worker died, the others are read',
             [r['id'] for r in got if r.get('error')] == [7] and
             all('wheat' in r['text'] for r in got if r['id'] != 7) and
             got[7]['error'] == 'worker-died' and got[7]['url'] == 'http://h.test/7')):
        print('%s - %s' % ('ok' if ok else 'not ok', name))
        bad |= not ok
    if bad:
        print('  exit %s, %d kills, %s lines, %s' % (rc, kills, len(got), err))
    return bad


if __name__ == '__main__':
    try:
        open('/proc/self/syscall').close()
    except OSError as e:
        print('skip - batch: a dead worker: /proc does not tell what a process waits for: %s' % e)
        sys.exit(0)
    sys.exit(main())
