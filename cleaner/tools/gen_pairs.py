#!/usr/bin/env python3
"""Writes charset_pairs.def: where iconv's two-byte tables are not the standard's.

charset.c fills its tables from iconv; the WHATWG Encoding Standard reads some
pairs in another way. This script asks both for every pair and writes the rows
that differ, a digest of each finished table (tests/cleaner/test_decode.c
compares it: an iconv of another version is found out), and the ranges of
GB18030's sequences of four bytes.

The standard's side is an implementation of it in JavaScript, @exodus/bytes
(MIT), which is no part of this project:
    npm install --prefix DIR @exodus/bytes
    gen_pairs.py DIR > cleaner/charset_pairs.def
"""
import ctypes
import json
import subprocess
import sys

# Table, iconv's name for it, the standard's, bytes before the pair.
TABLES = [
    ('GB', 'GB18030', 'gb18030', b''),
    ('BIG5', 'BIG5-HKSCS', 'big5', b''),
    ('EUCKR', 'CP949', 'euc-kr', b''),
    ('SJIS', 'CP932', 'shift_jis', b''),
    ('JIS0212', 'EUC-JP', 'euc-jp', b'\x8f'),
]
# In every table, and in the sequences of four bytes.
LEADS, TRAILS = range(0x81, 0xFF), range(0x40, 0xFF)
MARKS = {0x304: 1 << 24, 0x30C: 1 << 25}  # charset.c: MACRON, CARON

ASK = '''
import {TextDecoder} from '@exodus/bytes/encoding.js';
import fs from 'node:fs';
const jobs = JSON.parse(fs.readFileSync(0));
const out = jobs.map(([label, all]) => {
    const d = new TextDecoder(label, {fatal: true, ignoreBOM: true});
    return all.map(hex => {
        try { return d.decode(new Uint8Array(Buffer.from(hex, 'hex'))); }
        catch (e) { return ''; }
    });
});
fs.writeFileSync(1, JSON.stringify(out));
'''

libc = ctypes.CDLL(None)
libc.iconv_open.restype = ctypes.c_void_p
libc.iconv.restype = ctypes.c_size_t
libc.iconv.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4


def iconv(cd, seq):
    """The characters of one sequence, '' when there are none."""
    out = ctypes.create_string_buffer(32)
    src = ctypes.create_string_buffer(seq, len(seq))
    ip, op = ctypes.c_void_p(ctypes.addressof(src)), ctypes.c_void_p(
        ctypes.addressof(out))
    il, ol = ctypes.c_size_t(len(seq)), ctypes.c_size_t(32)
    libc.iconv(cd, None, None, None, None)
    if libc.iconv(cd, ctypes.byref(ip), ctypes.byref(il), ctypes.byref(op),
                  ctypes.byref(ol)) == 2 ** 64 - 1:
        return ''
    libc.iconv(cd, None, None, ctypes.byref(op), ctypes.byref(ol))
    return out.raw[:32 - ol.value].decode('utf-32-le')


def value(text):
    """What a slot of the table holds for a pair's characters."""
    if not text or '\ufffd' in text:
        return 0
    if len(text) == 2 and ord(text[1]) in MARKS:
        return ord(text[0]) | MARKS[ord(text[1])]
    # Two characters of another kind: a broken pair and an ASCII trail.
    return ord(text) if len(text) == 1 else 0


def fnv(values):
    h = 0xCBF29CE484222325
    for v in values:
        h = (h ^ v) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def four_bytes(pointer):
    return bytes([0x81 + pointer // 12600, 0x30 + pointer // 1260 % 10,
                  0x81 + pointer // 10 % 126, 0x30 + pointer % 10])


def main():
    pairs = [bytes([a, b]) for a in LEADS for b in TRAILS]
    fours = [four_bytes(p) for p in range(39420)]
    jobs = [[label, [(head + p).hex() for p in pairs]]
            for _, _, label, head in TABLES]
    jobs.append(['gb18030', [f.hex() for f in fours]])
    answers = json.loads(subprocess.run(
        ['node', '--input-type=module', '-e', ASK], cwd=sys.argv[1],
        input=json.dumps(jobs).encode(), capture_output=True,
        check=True).stdout)

    print('/* charset_pairs.def - written by tools/gen_pairs.py: P(table, pair,')
    print(' * code point), the pairs that the standard and iconv read differently')
    print(' * (0: no character; 0x1000000 and 0x2000000: a macron, a caron')
    print(' * follows); R(pointer, code point), where the runs of GB18030\'s four')
    print(' * bytes begin; T(table, digest), what a finished table comes to. */')
    digests = []
    for (table, name, _, head), want in zip(TABLES, answers):
        cd = libc.iconv_open(b'UTF-32LE', name.encode())
        want = [value(t) for t in want]
        digests.append((table, fnv(want)))
        for pair, v in zip(pairs, want):
            if v != value(iconv(cd, head + pair)):
                print('P(%s, 0x%s, 0x%04X)' % (table, pair.hex().upper(), v))
    offset = None
    for pointer, text in enumerate(answers[-1]):
        if ord(text) - pointer != offset:
            offset = ord(text) - pointer
            print('R(%d, 0x%04X)' % (pointer, ord(text)))
    for table, digest in digests:
        print('T(%s, 0x%016X)' % (table, digest))


main()
