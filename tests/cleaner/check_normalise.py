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


HANS = ['教育部今天召开全国高校工作会议，部署下一阶段的任务。',
        '第3章 《数学》2023年版：一个人的“梦想”有多远？',
        '新华社北京5月1日电（记者 王小明）你好，世界！',
        '你可以在这里学习中文，也可以学习 English 和 Python。']
HANT = ['教育部今天召開全國高校工作會議，部署下一階段的任務。',
        '行政院表示：「這是為了國家長遠的發展。」',
        '第3章 《數學》2023年版，一個人的夢想有多遠？']
KANA = ['東京都は新たに感染を確認したと発表した。前週より少ない。',
        'これは日本語のテストです。漢字とカタカナも使います。']
HANGUL = ['서울특별시는 대한민국의 수도이다. 천만 명이 살고 있다.',
          '오늘 날씨가 아주 좋습니다. 학교에 갑니다.']


def windows(data):
    """windows-1252, the bytes it lacks as Latin-1 has them."""
    return ''.join(bytes([b]).decode('cp1252', 'replace').replace(
        '\ufffd', chr(b)) for b in data)


def latin1(data):
    return data.decode('latin-1')


def mojibake():
    ways = [(t, enc, read) for enc, texts in
            [('utf-8', HANS + HANT + KANA + HANGUL), ('gbk', HANS),
             ('big5', HANT), ('euc-jp', KANA), ('shift_jis', KANA),
             ('euc-kr', HANGUL)]
            for t in texts for read in (latin1, windows)]
    bad = [(t, read(t.encode(enc)), '%s as %s' % (enc, read.__name__))
           for t, enc, read in ways]
    bad += [(t, windows(windows(t.encode()).encode()), 'double UTF-8')
            for t in HANS]
    bad += [(t, windows(t.encode()).replace('\xa0', ' '),
             'UTF-8 as windows, no-break spaces lost') for t in HANS]
    for t in HANS + HANT:
        try:
            bad.append((t, t.encode().decode('gbk'), 'UTF-8 as GBK'))
        except UnicodeDecodeError:
            pass
    bad += [(a + b, a + windows(b.encode()), 'half a line') for a, b in
            [('正常的文字：', '后面是乱的一段文字。'),
             ('He said ', '“hello” — and left…'),
             ('The café’s ', '“menu”'), ('价格：', '€100')]]
    fixed = 0
    for (want, text, how), got in zip(bad, normalise([b for _, b, _ in bad])):
        ok = got['text'] == want and got['repairs']['mojibake'] > 0
        fixed += ok
        if not ok:
            say(0, 'normalise: %s' % how, 'expected %r' % want,
                'got      %r' % got['text'])
    say(fixed == len(bad), 'normalise: %d texts read with the wrong decoder '
        'come back' % len(bad))


unchanged()
mojibake()
