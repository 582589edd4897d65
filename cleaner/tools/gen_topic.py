#!/usr/bin/env python3
"""gen_topic.py cleaner/model/topic.bin PACKAGES - how often any text has a gram,
which a topic is told from (topic_background.c).

Made from
  jieba's dictionary of 349,046 words with counts (MIT), Debian python3-jieba:
  characters, and what stands together in words or where two meet,
  @zxcvbn-ts/language-* of npm (MIT), unpacked below the folder PACKAGES: words
  of eleven languages in the order of their frequency, once in an
  encyclopaedia and once in subtitles of films. Only the rank is known; Zipf's
  law makes a share of it.

    npm install --prefix DIR @zxcvbn-ts/language-{cs,de,en,es-es,fi,fr,id,it,\\
        nl-be,pl,pt-br}
    gen_topic.py cleaner/model/topic.bin DIR/node_modules/@zxcvbn-ts

  header   "wntb", little-endian u32: grams
  chars    a byte for each of U+4E00..U+9FFF: its cost
  grams    in the order of the upper 24 bits of key * 0x9E3779B97F4A7C15: how
           many more than those of the one before (7 bits a byte, the lowest
           first, 128: there is more), then a byte: its cost, the lowest bit
           set when it is a word, not a part of longer ones

A cost is -8 ln of the share among the units of a text, at most 255. Keys are
those of topic_text.c."""
import collections
import glob
import json
import math
import os
import re
import struct
import sys

DICT = "/usr/lib/python3/dist-packages/jieba/dict.txt"
HAN, HANS = 0x4E00, 0xA000 - 0x4E00
GRAMS = {2: 30000, 3: 12000, 4: 8000}  # of Chinese: the most frequent
WORD = 0.3  # of the times that it stands in words, it is one itself
WORDS, STEMS = 4500, 2500              # of each language
STEM = 5
NOT_WORDS = {"doc", "id", "org", "https", "wiki", "url", "title", "wikipedia",
             "curid"}                  # of the encyclopaedias' markup
MASK = (1 << 64) - 1


def cost(share):
    return min(255, max(0, round(-8 * math.log(share))))


def chinese():
    """Costs of characters, and shares of longer grams."""
    words = collections.Counter()
    with open(DICT, encoding="utf-8") as f:
        for line in f:
            w, n, _ = line.split(" ")
            if all(0 <= ord(c) - HAN < HANS for c in w):
                words[w] += int(n)
    total, units = sum(words.values()), 0
    chars, first, last = (collections.Counter() for _ in range(3))
    inside = {k: collections.Counter() for k in GRAMS}
    for w, n in words.items():
        units += n * len(w)
        first[w[0]] += n
        last[w[-1]] += n
        for c in w:
            chars[c] += n
        for k in GRAMS:
            for i in range(len(w) - k + 1):
                inside[k][w[i:i + k]] += n
    shares = {}
    for k, most in GRAMS.items():
        for g, n in inside[k].most_common(most):
            meet = last[g[0]] * first[g[1]] / total if k == 2 else 0
            shares[g] = (n + meet) / units, words[g] >= n * WORD
    costs = bytes(cost((chars[chr(HAN + i)] + 50) / units)
                  for i in range(HANS))
    return costs, shares


def ranked(path):
    """Words in their order, without what is no word."""
    with open(path, encoding="utf-8") as f:
        for entry in json.load(f):
            for w in re.findall(r"[^\W\d_]{2,}", entry.lower()):
                if w not in NOT_WORDS:
                    yield w


def language(folder):
    """Shares of words and of stems. Zipf and Mandelbrot: a text's second
    word is no half of the first."""
    shares = collections.Counter()
    for name in ("wikipedia.json", "commonWords.json"):
        seen = set()
        for w in ranked(os.path.join(folder, "src", name)):
            if w not in seen:
                seen.add(w)
                shares[w] += 0.5 * 0.11 / (len(seen) + 1.7)
    stems = collections.Counter()
    for w, p in shares.items():
        if len(w) > STEM:
            stems[w[:STEM]] += p
    return (dict(shares.most_common(WORDS)), dict(stems.most_common(STEMS)))


def fnv(s):
    h = 0xCBF29CE484222325
    for c in s:
        h = (h ^ ord(c)) * 0x100000001B3 & MASK
    return h


def key_of_chars(g):
    key = 0
    for c in g:
        key = key << 16 | ord(c)
    return key


def main():
    costs, shares = chinese()
    grams = {}

    def put(key, share, word):
        top = (key * 0x9E3779B97F4A7C15 & MASK) >> 40
        grams[top] = min(grams.get(top, 255), cost(share) & ~1 | word)

    for g, (p, word) in shares.items():
        put(key_of_chars(g), p, word)
    for folder in sorted(glob.glob(os.path.join(sys.argv[2], "language-*"))):
        words, stems = language(folder)
        for w, p in words.items():
            put(fnv(w) >> 16 | 0xFFFF << 48, p, True)
        for w, p in stems.items():
            put(fnv(w) >> 16 | 0xFFFE << 48, p, False)
    out, before = bytearray(), 0
    for top in sorted(grams):
        more, before = top - before, top
        while more > 127:
            out.append(more & 127 | 128)
            more >>= 7
        out += bytes((more, grams[top]))
    with open(sys.argv[1], "wb") as f:
        f.write(b"wntb" + struct.pack("<I", len(grams)) + costs + out)
    print("%d grams, %d bytes" % (len(grams), 8 + len(costs) + len(out)),
          file=sys.stderr)


if __name__ == "__main__":
    main()
