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

GLOSSED = ('會(huì)議強(qiáng)調(diào)，各單位要認(rèn)真貫徹落實(shí)上級(jí)部署。'
           '加強(qiáng)學(xué)習(xí)，轉(zhuǎn)變作風(fēng)，為發(fā)展提供動(dòng)力。'
           '全體干部職工要樹立大局意識，扎實做好各項工作，努力完成全年任務。')
CLEAN = ('教育部门召开工作会议，总结去年的成绩，部署今年的任务。会议指出，要提高教学质量，'
         '加强教师队伍建设，改善办学条件。与会代表进行了讨论，提出了意见和建议。') * 3


def quality_falls():
    """Each row: a text, slightly damaged, badly damaged."""
    spun = '的性質赔膳、表象饺屯、原因莱戮或后果缎侥等分類钩氓。'
    gbk = '锛屾垜浠\ufffd细缁х画鍔姏锛岀殑銆?'
    rows = [
        ('bytes replaced', CLEAN, CLEAN[:60] + '\ufffd' + CLEAN[61:],
         '\ufffd\ufffd'.join(CLEAN[i:i + 9] for i in range(0, 200, 9))),
        ('锟斤拷', CLEAN, CLEAN + '锟斤拷', CLEAN + '锟斤拷' * 20),
        ('memory never written', CLEAN, CLEAN + '烫烫烫', CLEAN + '烫' * 40),
        ('the other memory', CLEAN, CLEAN + '屯屯屯', CLEAN + '屯' * 40),
        ('UTF-8 as GBK, bytes lost', CLEAN, CLEAN * 5 + gbk,
         CLEAN + gbk * 4),
        ('UTF-8 as Latin-1, bytes lost', CLEAN, CLEAN + 'ä¸?æ–‡â€?â€',
         CLEAN + 'ä½?å¥?ï¼ä¸?ç•?ï¼ã€ã€' * 5),
        ('lost bytes', GLOSSED * 3, GLOSSED * 3 + '專?' + '業設備齊全。',
         GLOSSED * 2 + '專?业業。設?备備。齊?整全。' * 9),
        ('words put before marks', GLOSSED * 3, GLOSSED * 2 + spun * 2,
         GLOSSED + spun * 8)]
    for name, *texts in rows:
        feed = [normalise([t])[0] for t in texts]
        q = [g['quality'] for g in feed]
        say(q[0] == 1 and q[0] > q[1] > q[2] and q[2] < 0.7,
            'normalise: quality falls with damage: ' + name, repr(q))
        say([g['unrepaired'] for g in feed][0] == 0 and
            feed[2]['unrepaired'] > feed[1]['unrepaired'] > 0,
            'normalise: places left are counted: ' + name,
            repr([g['unrepaired'] for g in feed]))
        for t, g in zip(texts, feed):
            for bad in ('\ufffd', '锟斤拷', '烫', '屯', '锛', '赔膳'):
                if t.count(bad) != g['text'].count(bad):
                    say(0, 'normalise: %s is not guessed at' % bad, g['text'])


def entities():
    rows = [('一、X8226; 要点', '一、• 要点', 'broken_entity', 1),
            ('第一&#8226；第二', '第一•第二', 'broken_entity', 1),
            ('第一&#8226;第二', '第一•第二', 'entity', 1),
            ('他说&ldquo;好&rdquo;。', '他说“好”。', 'entity', 2),
            ('地址&amp;nbsp;电话', '地址 电话', 'entity', 1),
            ('地址&amp;amp;nbsp;电话', '地址&amp;amp;nbsp;电话', 'entity', 0),
            ('在HTML代码中写&amp;nbsp;即可', '在HTML代码中写&amp;nbsp;即可',
             'entity', 0),
            ('a&b;c &copy=1 型号X8226，', 'a&b;c &copy=1 型号X8226，', 'entity',
             0)]
    for (text, want, kind, n), g in zip(rows, normalise([r[0] for r in rows])):
        say(g['text'] == want and g['repairs'][kind] == n,
            'normalise: entity: %s' % text, repr(g['text']),
            repr(g['repairs']))


def listed():
    """The list accounts for every repair that the counts tell of."""
    text = GLOSSED + '\n引領學(xué)?？茖W(xué)發(fā)展，\u200b全 　文ＡＢ &#8226; 数'
    p = subprocess.run([WINNOW, 'normalise', '--jsonl', '--explain'],
                       input=json.dumps({'id': 7, 'text': text}).encode(),
                       stdout=subprocess.PIPE, check=True)
    g = json.loads(p.stdout)
    say(g['evidence'] == {'mirror': True, 'plain_gloss': False,
                          'folded': False, 'noisy': False} and g['id'] == 7,
        'normalise: the evidence is told', repr(g['evidence']))
    kinds = {}
    for r in g['list']:
        kinds[r['kind']] = kinds.get(r['kind'], 0) + 1
    say(kinds == {k: n for k, n in g['repairs'].items() if n} and
        len(kinds) >= 6, 'normalise: the list has each repair once',
        repr(kinds), repr(g['repairs']))
    lines = text.split('\n')
    lost = [r for r in g['list'] if r['kind'] == 'lost_byte']
    say(len(lost) == 1 and lost[0]['before'] == '?？茖W' and
        lost[0]['after'] == '校科學' and lost[0]['margin'] > 1 and
        lost[0]['line'] == 2 and
        lines[1].encode()[lost[0]['offset']:].decode().startswith('?？'),
        'normalise: a lost byte is listed with its place and margin',
        repr(lost))
    say(all(r['margin'] is None for r in g['list']
            if r['kind'] != 'lost_byte'),
        'normalise: what is certain has no margin')


unchanged()
mojibake()
quality_falls()
entities()
listed()
