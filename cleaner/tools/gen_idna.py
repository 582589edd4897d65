#!/usr/bin/env python3
"""gen_idna.py DIR > cleaner/idna_tables.h - the tables of UTS 46.

DIR is the unpacked npm package tr46 (MIT): its mappingTable.json is the
IdnaMappingTable.txt of its Unicode version, and its regexes.js holds the
sets of the Bidi and ContextJ rules. Canonical combining classes and
compositions come from Python's unicodedata."""
import json
import re
import sys
import unicodedata

MAPPED, VALID, DISALLOWED, DEVIATION, IGNORED = 1, 2, 3, 6, 7
NAMES = {VALID: 0, DEVIATION: 0, MAPPED: 1, IGNORED: 2, DISALLOWED: 3}
LAST = 0x110000


def mapping(folder):
    table = json.load(open(folder + "/lib/mappingTable.json"))
    status, maps = [3] * LAST, {}
    for row in table:
        first, last = row[0] if isinstance(row[0], list) else (row[0], row[0])
        for cp in range(first, last + 1):
            status[cp] = NAMES[row[1]]
            if row[1] == MAPPED:
                maps[cp] = row[2]
    return status, maps


def sets(folder):
    """Each character class of each regular expression, as a set."""
    text = open(folder + "/lib/regexes.js", encoding="utf-8").read()
    out = {}
    for name, body in re.findall(r"const (\w+) = /(.*)/u;", text):
        classes = re.findall(r"\[((?:\\.|[^\]\\])*)\]", body)
        out[name] = [expand(c) for c in classes]
    return out


def expand(cls):
    item = (r"\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})"
            r"|\\(.)|(.)")
    tokens = []
    for m in re.finditer(item, cls):
        if m.group(1) or m.group(2) or m.group(3):
            tokens.append(int(m.group(1) or m.group(2) or m.group(3), 16))
        elif m.group(4):
            tokens.append({"0": 0, "t": 9, "n": 10, "v": 11, "f": 12,
                           "r": 13, "b": 8}.get(m.group(4), ord(m.group(4))))
        else:
            tokens.append("-" if m.group(5) == "-" else ord(m.group(5)))
    # Surrogate pairs written as two escapes.
    joined = []
    for t in tokens:
        if (isinstance(t, int) and 0xDC00 <= t < 0xE000 and joined
                and isinstance(joined[-1], int) and 0xD800 <= joined[-1] < 0xDC00):
            t = 0x10000 + ((joined.pop() - 0xD800) << 10) + t - 0xDC00
        joined.append(t)
    out, i = set(), 0
    while i < len(joined):
        first = ord("-") if joined[i] == "-" else joined[i]
        if i + 2 < len(joined) and joined[i + 1] == "-":
            out.update(range(first, joined[i + 2] + 1))
            i += 3
        else:
            out.add(first)
            i += 1
    return out


def properties(cp, s):
    if cp in s["bidiS1LTR"][0]:
        bidi = 1
    elif cp in s["bidiS1RTL"][0]:
        bidi = 2
    elif cp in s["bidiS4AN"][0]:
        bidi = 3
    elif cp in s["bidiS4EN"][0]:
        bidi = 4
    elif cp in s["bidiS3"][1]:
        bidi = 5
    elif cp in s["bidiS2"][0] or cp in s["bidiS5"][0]:
        bidi = 6
    else:
        bidi = 0
    ccc = unicodedata.combining(chr(cp))
    if cp in s["combiningClassVirama"][0]:
        ccc = 9
    zwnj = s["validZWNJ"]
    return (bidi | (cp in s["combiningMarks"][0]) << 3 |
            (cp in zwnj[0]) << 4 | (cp in zwnj[1]) << 5 |
            (cp in zwnj[3]) << 6 | ccc << 8)


def compositions():
    out = []
    for cp in range(LAST):
        d = unicodedata.decomposition(chr(cp))
        if not d or d.startswith("<"):
            continue
        parts = [int(x, 16) for x in d.split()]
        if len(parts) != 2:
            continue
        if unicodedata.normalize("NFC", chr(cp)) == chr(cp):
            out.append((parts[0], parts[1], cp))
    return sorted(out)


def emit(kind, name, values, fmt):
    print(f"static const {kind} {name}[] = {{")
    line = "\t"
    for v in values:
        word = fmt.format(v) + ","
        if len(line.expandtabs(8)) + len(word) > 79:
            print(line)
            line = "\t"
        line += word
    print(line + "\n};\n")


def main():
    folder = sys.argv[1]
    version = json.load(open(folder + "/package.json")).get("unicodeVersion",
                                                            "17.0.0")
    status, maps = mapping(folder)
    s = sets(folder)
    pool, index = bytearray(), {}
    firsts, offs, before = [], [], None
    for cp in range(LAST):
        if status[cp] == 1:
            text = maps[cp].encode()
            if text not in index:
                index[text] = len(pool)
                pool.append(len(text))
                pool += text
            now = (1, index[text])
        else:
            now = (status[cp], 0)
        if now != before:
            firsts.append(cp << 2 | now[0])
            offs.append(now[1])
        before = now
    assert len(pool) < 65536
    props, before = [], None
    for cp in range(LAST):
        if status[cp] != 0 or (before is not None and cp in range(0xAC00, 0xD7A4)):
            continue  # only what can stay in a name matters
        p = properties(cp, s)
        if p != before:
            props.append((cp, p))
        before = p
    comps = compositions()
    by_result = sorted(range(len(comps)), key=lambda i: comps[i][2])
    print("/* idna_tables.h - made by tools/gen_idna.py from Unicode "
          f"{version};\n * do not edit.\n *\n"
          " * idna_first: code point << 2 | status of the range that begins\n"
          " * there; idna_map: for mapped ones, where in idna_pool the UTF-8\n"
          " * of the mapping stands, its length before it. */\n")
    emit("uint32_t", "idna_first", firsts, "{:#x}")
    emit("uint16_t", "idna_map", offs, "{}")
    emit("uint8_t", "idna_pool", pool, "{}")
    print("/* Where the properties change, and what they are then: bidi class"
          "\n * 0..2, mark 3, joins left 4, transparent 5, joins right 6,\n"
          " * combining class 8..15. */\n")
    emit("uint32_t", "prop_first", [p[0] for p in props], "{:#x}")
    emit("uint16_t", "prop_value", [p[1] for p in props], "{:#x}")
    print("/* Primary compositions, sorted by the two parts, and the order of"
          "\n * their results. */\n")
    emit("uint32_t", "comp_a", [c[0] for c in comps], "{:#x}")
    emit("uint32_t", "comp_b", [c[1] for c in comps], "{:#x}")
    emit("uint32_t", "comp_c", [c[2] for c in comps], "{:#x}")
    emit("uint16_t", "comp_by_c", by_result, "{}")


main()
