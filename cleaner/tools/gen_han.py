#!/usr/bin/env python3
"""gen_han.py > cleaner/han_tables.h - the normaliser's tables of characters.

Made from the Unicode Character Database and Unihan as Debian's package
unicode-data 15.0 has them (/usr/share/unicode; Unicode licence) and Python's
unicodedata. Four tables:

  wn_readings   pinyin syllable and tone -> the characters read so; those of
                GBK that are common (GB2312) or differ between scripts
  wn_hant       characters whose simplified form is another one
  wn_either     those of them that simplified text uses too (乾 著 ...)
  wn_hans       simplified characters that no traditional text has
  wn_compat     compatibility characters and radicals -> the plain character
"""
import bz2
import collections
import re
import unicodedata

UCD = "/usr/share/unicode/"
SYLLABLE = re.compile("^[a-zêü]+$")


def unihan(name, fields):
    with bz2.open(UCD + name, "rt", encoding="utf-8") as f:
        for line in f:
            part = line.rstrip("\n").split("\t")
            if len(part) == 3 and part[1] in fields:
                yield chr(int(part[0][2:], 16)), part[1], part[2]


def encodable(c, charset):
    try:
        c.encode(charset)
        return True
    except UnicodeEncodeError:
        return False


def variants():
    """simplified[c]: the simplified forms of c; traditional[c] likewise."""
    simplified, traditional = {}, {}
    for c, field, value in unihan("Unihan_Variants.txt.bz2",
            ("kSimplifiedVariant", "kTraditionalVariant")):
        to = {chr(int(v[2:], 16)) for v in value.split()}
        table = simplified if field == "kSimplifiedVariant" else traditional
        table[c] = to
    return simplified, traditional


def split_tone(s):
    """huì -> ("hui", 4); None for what is no syllable."""
    tone, out = 5, ""
    for ch in unicodedata.normalize("NFD", s):
        if ch in "\u0304\u0301\u030c\u0300":
            tone = "\u0304\u0301\u030c\u0300".index(ch) + 1
        elif ch == "\u0308":
            out = out[:-1] + "v"
        elif ch != "\u0302":
            out += ch
    return (out, tone) if SYLLABLE.match(out) else None


def readings(wanted):
    raw = collections.defaultdict(list)
    rare = collections.defaultdict(list)
    fields = ("kMandarin", "kHanyuPinlu", "kXHC1983", "kTGHZ2013")
    for c, field, value in unihan("Unihan_Readings.txt.bz2",
            fields + ("kHanyuPinyin",)):
        for word in value.split():
            word = word.split(":")[-1]
            for s in re.sub(r"\(.*?\)", "", word).split(","):
                r = split_tone(s)
                if r:
                    (raw if field in fields else rare)[c].append(r)
    return {c: sorted(set(raw[c] or rare[c])) for c in wanted
            if raw[c] or rare[c]}


def c_string(s, width=22):
    lines = [s[i:i + width] for i in range(0, len(s), width)] or [""]
    return "\n".join('"%s"' % x for x in lines)


def compat():
    table = {}
    with open(UCD + "EquivalentUnifiedIdeograph.txt", encoding="utf-8") as f:
        for line in f:
            m = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*([0-9A-F]+)",
                line)
            if m:
                lo, hi = int(m[1], 16), int(m[2] or m[1], 16)
                for cp in range(lo, hi + 1):
                    if 0x2E80 <= cp <= 0x2FD5:
                        table[cp] = int(m[3], 16)
    ranges = [(0x2F00, 0x2FD5), (0xF900, 0xFAFF), (0xFE10, 0xFE19),
        (0xFE30, 0xFE44), (0xFF61, 0xFF9F)]
    # an ellipsis stays one character, vertical marks are full-width ones
    special = {0xFE19: 0x2026, 0xFE30: 0x2025}
    for lo, hi in ranges:
        for cp in range(lo, hi + 1):
            k = unicodedata.normalize("NFKC", chr(cp))
            if cp in special:
                table[cp] = special[cp]
            elif len(k) == 1 and ord(k) != cp:
                to = ord(k)
                if 0x21 <= to <= 0x7E:
                    to += 0xFEE0
                table[cp] = to
    return table


def main():
    simplified, traditional = variants()
    gbk = [c for c in map(chr, range(0x4E00, 0x9FA6)) if encodable(c, "gbk")]
    hant = sorted(c for c in gbk if simplified.get(c, {c}) - {c})
    common = [c for c in gbk if encodable(c, "gb2312")]
    read = readings(sorted(set(hant) | set(common)))
    for c in hant:  # what its simplified form is read like fits too
        for s in simplified[c]:
            read[c] = sorted(set(read.get(c, [])) | set(read.get(s, [])))
    rows = collections.defaultdict(str)
    for c in sorted(read):
        for r in read[c]:
            rows[r] += c
    either = [c for c in hant if encodable(c, "gb2312")]
    hans = sorted(c for c in common if traditional.get(c, {c}) - {c}
        and not encodable(c, "big5"))
    print("/* han_tables.h - built by cleaner/tools/gen_han.py from the Unicode"
        "\n * Character Database 15.0 (Unicode licence); do not edit. */")
    print("/* clang-format off */")
    print("static const struct wn_reading wn_readings[] = {")
    for (syl, tone), chars in sorted(rows.items()):
        print('{"%s",%d,%s},' % (syl, tone, c_string(chars, 37)))
    print("};")
    for name, chars in (("hant", hant), ("either", either), ("hans", hans)):
        print("static const char wn_%s[] =\n%s;" %
            (name, c_string("".join(chars), 38)))
    print("static const struct wn_compat wn_compat[] = {")
    items = ["{0x%X,0x%X}," % kv for kv in sorted(compat().items())]
    for i in range(0, len(items), 5):
        print("\t" + "".join(items[i:i + 5]))
    print("};")


main()
