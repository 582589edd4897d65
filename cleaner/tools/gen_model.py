#!/usr/bin/env python3
"""gen_model.py cleaner/model/lost.bin - the language model that lost bytes are
repaired with (normalise_lost.c, model.c).

Made from
  jieba's dictionary of 349,046 words with counts (MIT), Debian python3-jieba,
  OpenCC's characters (Apache-2.0), asked one by one, Debian opencc,
  cleaner/model/field/, text of the field that was written for this model.

All is in simplified characters: a text is looked up by its simplified form.

  header   "wnlm" and five little-endian u32: slots of words, slots of
           bigrams, characters, pairs, bytes behind the header
  words    u32 hash for each slot (0: empty), then a byte for each: the weight
  bigrams  likewise; the weight is that of the second behind the first
  chars    two bytes for each of U+4E00..U+9FA5 and the classes of marks: its
           weight, and its weight at the beginning of a word
  pairs    u16 traditional, u16 simplified, ascending

A weight is -4 ln p, at most 254. Hashes are FNV-1a of the UTF-8 bytes."""
import collections
import glob
import math
import struct
import subprocess
import sys

DICT = "/usr/lib/python3/dist-packages/jieba/dict.txt"
FIELD = "cleaner/model/field/*.txt"
WORD_MAX = 6          # characters
WORD_COUNT = 14       # rarer ones are left out
PAIR_COUNT = 16
# How many words, beginnings and characters of text weigh as much as what the
# dictionary says.
WORDS_KNOWN, CHARS_KNOWN, PAIR_KNOWN = 150000, 50000, 30
NOT_SEEN = 8          # model.c: what a pair that is not in the table costs
FIRST, LAST = 0x4E00, 0x9FA5
# Marks are characters too, by class: model.c has the same list.
MARKS = ["，,", "。", "、", "；;", "：:", "？", "！!", "“‘「『", "”’」』", "（(", "）)",
         "《〈", "》〉"]
CLASSES = [chr(0xE000 + i) for i in range(len(MARKS))]
MARK = {c: chr(0xE000 + i) for i, s in enumerate(MARKS) for c in s}


def han(s):
    return all("\u4e00" <= c <= "\u9fff" for c in s)


def in_gbk(s):
    try:
        s.encode("gbk")
        return True
    except UnicodeEncodeError:
        return False


def read_words():
    words = collections.Counter()
    with open(DICT, encoding="utf-8") as f:
        for line in f:
            w, n, _ = line.split(" ")
            if han(w) and in_gbk(w):
                words[w] += int(n)
    return words


def segment(text, words, total):
    """The most probable words of a run of Han characters."""
    best = [0.0] + [-1e9] * len(text)
    back = [0] * (len(text) + 1)
    for i in range(len(text)):
        for k in range(1, min(WORD_MAX, len(text) - i) + 1):
            n = words.get(text[i:i + k], 0)
            if n == 0 and k > 1:
                continue
            p = best[i] + math.log((n or 0.1) / total)
            if p > best[i + k]:
                best[i + k], back[i + k] = p, i
    out, i = [], len(text)
    while i > 0:
        out.append(text[back[i]:i])
        i = back[i]
    return out[::-1]


def runs(path):
    """The text's runs: Han characters, or one mark, or "" for anything else
    and the end of a line."""
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("#"):
                continue
            run = ""
            for c in line:
                if "\u4e00" <= c <= "\u9fff":
                    run += c
                    continue
                if run:
                    yield run
                run = ""
                yield MARK.get(c, "")
            yield ""


class Counts:
    """What a source says: of words, of characters, of pairs of them."""

    def __init__(self):
        self.words = collections.Counter()
        self.chars = collections.Counter()
        self.first = collections.Counter()
        self.last = collections.Counter()
        self.pairs = collections.Counter()

    def add_word(self, w, n):
        self.words[w] += n
        self.first[w[0]] += n
        self.last[w[-1]] += n
        for c in w:
            self.chars[c] += n
        for a, b in zip(w, w[1:]):
            self.pairs[a + b] += n


def count_dictionary():
    c = Counts()
    for w, n in read_words().items():
        c.add_word(w, n)
    return c


def count_field(words):
    """The text, divided by the dictionary's words."""
    c, total = Counts(), sum(words.values())
    for path in sorted(glob.glob(FIELD)):
        before = ""
        for run in runs(path):
            parts = [run] if run in CLASSES else segment(run, words, total)
            for w in parts:
                c.add_word(w, 1)
                if before:
                    c.pairs[before + w[0]] += 1
                before = w[-1]
            if not parts:
                before = ""
    return c


class Model:
    """The dictionary as what is expected, the text as what was seen: each
    probability is the expected one until enough was seen."""

    def __init__(self, expected, seen):
        self.e, self.s = expected, seen
        self.e_words = sum(expected.words.values())
        self.e_first = sum(expected.first.values())
        self.s_words = sum(n for w, n in seen.words.items()
                           if w not in CLASSES)
        # marks stand behind words: how often, of all places where one ends
        self.mark = {m: (seen.words[m] + 1) / (sum(seen.words.values()) + 99)
                     for m in CLASSES}

    def word(self, w):
        return ((self.s.words[w] + WORDS_KNOWN * self.e.words[w] /
                 self.e_words) / (self.s_words + WORDS_KNOWN))

    def first(self, b):
        if b in CLASSES:
            return self.mark[b]
        return ((self.s.first[b] + CHARS_KNOWN * (self.e.first[b] + 0.02) /
                 self.e_first) / (self.s_words + CHARS_KNOWN))

    def expected_pair(self, a, b):
        if a in CLASSES:  # a mark behind a mark is rare, if not seen
            return 0.0005 if b in CLASSES else self.first(b)
        n = self.e.chars[a] + 50
        end = (self.e.last[a] + 10) / n
        if b in CLASSES:
            return end * self.mark[b]
        return self.e.pairs[a + b] / n + end * 0.85 * self.first(b)

    def pair(self, a, b):
        return ((self.s.pairs[a + b] +
                 PAIR_KNOWN * self.expected_pair(a, b)) /
                (self.s.chars[a] + PAIR_KNOWN))


def weight(p):
    return min(254, max(0, round(-4 * math.log(p))))


def fnv(s):
    h = 2166136261
    for b in s.encode("utf-8"):
        h = (h ^ b) * 16777619 & 0xFFFFFFFF
    return h or 1


def table(weights):
    """Open addressing by the hash, at most 0.8 full."""
    n = int(len(weights) / 0.8) | 1
    keys, ws = [0] * n, bytearray(n)
    for s, w in sorted(weights.items()):
        h = fnv(s)
        i = h * n >> 32
        while keys[i] not in (0, h):
            i = (i + 1) % n
        if keys[i] == h and ws[i] <= w:
            continue
        keys[i], ws[i] = h, w
    return struct.pack("<%dI" % n, *keys), bytes(ws), n


def pair_weights(m):
    """Pairs that say more than that a word may end and another begin."""
    out = {a + b: weight(m.pair(a, b)) for a in CLASSES for b in CLASSES}
    for ab in set(m.e.pairs) | set(m.s.pairs):
        if m.e.pairs[ab] < PAIR_COUNT and m.s.pairs[ab] == 0:
            continue
        w = weight(m.pair(*ab))
        if abs(w - weight(m.first(ab[1])) - NOT_SEEN * (
                ab[0] not in CLASSES and ab[1] not in CLASSES)) >= 3:
            out[ab] = w
    return out


def char_weights(m):
    total = sum(m.e.chars.values())
    out = bytearray()
    for c in [chr(u) for u in range(FIRST, LAST + 1)] + CLASSES:
        alone = m.mark[c] if c in CLASSES else (m.e.chars[c] + 0.05) / total
        out += bytes((weight(alone), weight(m.first(c))))
    return bytes(out)


def pairs():
    every = [chr(u) for u in range(FIRST, LAST + 1) if in_gbk(chr(u))]
    out = subprocess.run(["opencc", "-c", "t2s"], input="\n".join(every),
                         capture_output=True, encoding="utf-8", check=True)
    plain = out.stdout.split("\n")
    rows = [(t, s) for t, s in zip(every, plain)
            if t != s and len(s) == 1 and FIRST <= ord(s) <= LAST]
    rows.append(("\u8457", "\u7740"))
    rows = sorted(set(rows))
    return b"".join(struct.pack("<HH", ord(t), ord(s)) for t, s in rows), \
        len(rows)


def main():
    expected = count_dictionary()
    m = Model(expected, count_field(expected.words))
    words = {w: weight(m.word(w)) for w in set(expected.words) |
             set(m.s.words) if len(w) <= WORD_MAX and w not in CLASSES and
             (expected.words[w] >= WORD_COUNT or m.s.words[w] or len(w) == 1)}
    wk, ww, wn = table(words)
    bg = pair_weights(m)
    bk, bw, bn = table(bg)
    ch = char_weights(m)
    ts, tn = pairs()
    body = wk + bk + ts + ww + bw + ch
    head = b"wnlm" + struct.pack("<5I", wn, bn, len(ch) // 2, tn, len(body))
    with open(sys.argv[1], "wb") as f:
        f.write(head + body)
    print("%d words, %d pairs, %d characters, %d bytes; %d words of text" %
          (len(words), len(bg), tn, len(head) + len(body), m.s_words),
          file=sys.stderr)


if __name__ == "__main__":
    main()
