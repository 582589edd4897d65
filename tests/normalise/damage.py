#!/usr/bin/env python3
"""damage.py - what mirrors do to a Chinese text, done on purpose.

    damage.py [--seed N] [--glosses 40|90|120|0] [--noise P] [--fold] [--drop]
              < clean.txt > damaged.jsonl

A mirror works on the bytes of GBK: it converts to traditional, one character
for one; puts a byte before what looks like a mark; puts the reading behind
what looks like one of a fixed set of characters; and none of these searches
minds where a character begins. Then the bytes are decoded, and half a pair
becomes "?" together with the byte behind it.

One JSON object for each paragraph group (`--lines` lines of input):
  text    the damaged text
  clean   what it was made of, in traditional characters
  places  [[from, to], ...] characters of `clean` that were hit
Needs Debian's unicode-data and opencc."""
import argparse
import bz2
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

UNIHAN = "/usr/share/unicode/Unihan_Readings.txt.bz2"
CHARACTERS = "/usr/share/opencc/STCharacters.ocd2"
FORCED = "台准据几划症着复"     # converted though they are traditional too
TONED = {"ā": "A8A1", "á": "A8A2", "ǎ": "A8A3", "à": "A8A4", "ē": "A8A5",
         "é": "A8A6", "ě": "A8A7", "è": "A8A8", "ī": "A8A9", "í": "A8AA",
         "ǐ": "A8AB", "ì": "A8AC", "ō": "A8AD", "ó": "A8AE", "ǒ": "A8AF",
         "ò": "A8B0", "ū": "A8B1", "ú": "A8B2", "ǔ": "A8B3", "ù": "A8B4",
         "ǖ": "A8B5", "ǘ": "A8B6", "ǚ": "A8B7", "ǜ": "A8B8", "ü": "A8B9"}
NOISE = 0x01      # a byte that does not survive the decoder or what follows
MARKS = [("。；？", 1.0), ("！、", 0.4)]   # the latter on some pages only


def gbk(c):
    """The bytes of a character; what GBK lacks is "?"."""
    try:
        b = c.encode("gb18030")
    except UnicodeEncodeError:
        return b"?"
    return b if len(b) <= 2 else b"?"


def to_traditional():
    """{simplified: traditional}, one character for one."""
    with tempfile.TemporaryDirectory() as d:
        out = os.path.join(d, "st.txt")
        subprocess.run(["opencc_dict", "-i", CHARACTERS, "-o", out,
                        "-f", "ocd2", "-t", "text"], check=True,
                       stdout=subprocess.DEVNULL)
        table = {}
        with open(out, encoding="utf-8") as f:
            for line in f:
                s, t = line.rstrip("\n").split("\t")
                t = t.split(" ")
                if s in t and s not in FORCED:
                    continue
                t = [x for x in t if x != s and len(x) == 1 and
                     len(gbk(x)) == 2]
                if t and len(gbk(s)) == 2:
                    table[s] = t[0]
    table.update(zip("症台着为众启", "癥臺著為眾啟"))
    for same in "群秘峰":
        table.pop(same, None)
    return table


def readings():
    out = {}
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as f:
        for line in f:
            part = line.rstrip("\n").split("\t")
            if len(part) == 3 and part[1] == "kMandarin":
                out[chr(int(part[0][2:], 16))] = part[2].split()[0]
    return out


def pinyin_bytes(reading):
    out = b""
    for c in unicodedata.normalize("NFC", reading):
        out += bytes.fromhex(TONED[c]) if c in TONED else c.encode("ascii")
    return out


class Bytes:
    """Bytes, each with the character of the clean text it is of; -1: none."""

    def __init__(self, text):
        self.b, self.of = bytearray(), []
        for i, c in enumerate(text):
            enc = c.encode("ascii") if c < "\x80" else gbk(c)
            self.b += enc
            self.of += [i] * len(enc)

    def insert(self, places, what):
        """Puts bytes in front of the offsets, which ascend."""
        b, of, last = bytearray(), [], 0
        for at in places:
            b += self.b[last:at] + what
            of += self.of[last:at] + [-1] * len(what)
            last = at
        self.b, self.of = b + self.b[last:], of + self.of[last:]

    def find(self, what):
        at = self.b.find(what)
        while at >= 0:
            yield at
            at = self.b.find(what, at + len(what))


def pair(a, b):
    """The character of a pair, as Windows has it; None: there is none."""
    if not 0x81 <= a <= 0xFE or b < 0x40 or b in (0x7F, 0xFF):
        return None
    try:
        c = bytes((a, b)).decode("gb18030")
    except UnicodeDecodeError:
        return None
    return c if len(c) == 1 else None


def decode(d):
    """Text, and the places where it is not what it was."""
    text, places, open_from = [], [], None
    i, n = 0, len(d.b)
    touched = set()
    while i < n:
        b = d.b[i]
        if b < 0x80 or b == 0xFF:
            c, k = chr(b) if b < 0x80 else "\uf8f5", 1
        elif b == 0x80:
            c, k = "\u20ac", 1
        elif i + 1 == n:
            c, k = "?", 1
        else:
            c, k = pair(b, d.b[i + 1]), 2
            if c is None:
                c = "?"
        of = set(d.of[i:i + k])
        whole = len(of) == 1 and (-1 in of or
                                  (i == 0 or d.of[i - 1] not in of) and
                                  (i + k == n or d.of[i + k] not in of or
                                   d.of[i + k] == -1))
        if c == "?" and b >= 0x80:
            whole = False
        if whole:
            if touched and -1 not in of:
                places.append((min(touched), max(touched) + 1))
                touched = set()
        else:
            touched |= {x for x in of if x >= 0}
        if not (k == 1 and b == NOISE):
            text.append(c)
        i += k
    if touched:
        places.append((min(touched), max(touched) + 1))
    return "".join(text), places


class Mirror:
    def __init__(self, rng, size):
        self.rng = rng
        self.table = TABLE
        self.readings = READINGS
        self.size = size

    def glossed(self, text):
        """The characters that get a reading: of those that were converted,
        the most frequent of the language, as a fixed set would have them."""
        count = collections.Counter(c for c in text if c in CONVERTED)
        top = [c for c, _ in count.most_common()]
        share = {0: 0, 40: 0.35, 90: 0.6, 120: 0.8}[self.size]
        return [c for c in top if self.rng.random() < share and
                c in self.readings]

    def run(self, text, noise, marks):
        text = "".join(self.table.get(c, c) for c in text)
        d = Bytes(text)
        for m in marks:
            d.insert([at for at in d.find(gbk(m))
                      if self.rng.random() < noise], bytes([NOISE]))
        for c in self.glossed(text):
            gloss = b"(" + pinyin_bytes(self.readings[c]) + b")"
            d.insert([at + 2 for at in d.find(gbk(c))], gloss)
        return text, d


def fold(s):
    return "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c
                   for c in s)


def drop(s):
    return "".join(c for c in s if not "\ue000" <= c <= "\uf8ff")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--glosses", type=int, default=-1)
    a.add_argument("--noise", type=float, default=0.7)
    a.add_argument("--fold", action="store_true")
    a.add_argument("--drop", action="store_true")
    a.add_argument("--lines", type=int, default=30)
    args = a.parse_args()
    rng = random.Random(args.seed)
    lines = [x.strip() for x in sys.stdin.read().split("\n") if x.strip()]
    for i in range(0, len(lines), args.lines):
        size = args.glosses if args.glosses >= 0 else rng.choice([40, 90, 120])
        m = Mirror(rng, size)
        marks = [c for s, p in MARKS if rng.random() < p for c in s]
        # what eats a line's end eats it; a line that lost its end is longer
        clean, d = m.run("\n".join(lines[i:i + args.lines]), args.noise, marks)
        text, places = decode(d)
        if args.drop:
            text = drop(text)
        if args.fold:
            text, clean = fold(text), fold(clean)
        print(json.dumps({"id": str(i), "text": text, "clean": clean,
                          "places": places}, ensure_ascii=False))


TABLE = to_traditional()
READINGS = readings()
CONVERTED = set(TABLE.values())
if __name__ == "__main__":
    main()
