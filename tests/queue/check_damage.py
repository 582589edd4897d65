#!/usr/bin/env python3
"""check_damage.py - flipped bits under the real commands.

The queue is written here, by queue/FORMAT.md alone, which so is shown to be
enough. ROUNDS rounds (50) of 20 bits, each in a member of its own, every other
round without index.jsonl: winnow queue verify must name file, offset and records
of each and nothing else; winnow queue cat must give every other record, tell
these, and end with status 5."""
import hashlib
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib

WINNOW = os.path.join(os.environ.get("BUILD", "build"), "winnow")
ROUNDS = int(os.environ.get("ROUNDS", "50"))
FILES, MEMBERS, RECORDS, BITS = 12, 10, 12, 20
chance = random.Random(20261121)
failed = False


def case(name, good, why=""):
    global failed
    failed |= not good
    if not good:
        print("  " + why)
    print(("ok" if good else "not ok") + " - damage: " + name)


def member(first, lines):
    """As queue/FORMAT.md has it."""
    raw = b"".join(lines)
    z = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = z.compress(raw) + z.flush() + struct.pack("<II", zlib.crc32(raw), len(raw))
    head = bytes.fromhex("1f8b0804") + b"\0\0\0\0\0\xff" + struct.pack("<H2sH", 36, b"WQ", 32)
    head += struct.pack("<IIIIQI", 1, 48 + len(body), len(raw), len(lines), first, zlib.crc32(body))
    return head + struct.pack("<I", zlib.crc32(head)) + body


def text():
    return "".join(chr(chance.randrange(0x4e00, 0x4f80)) for _ in range(chance.randrange(20, 900)))


class Queue:
    def __init__(self, path):
        self.path, self.members, self.files, self.lines = path, [], [], []
        index = []
        for n in range(1, FILES + 1):
            day = "2026-11-%02d" % (20 + n // 4)
            name = "ready/%s/%sT%02d0000Z-n1-%010d.jsonl.gz" % (day, day.replace("-", ""), n, n)
            index.append(self.write(n, name))
        self.index = "".join(index).encode()

    def write(self, number, name):
        data, first, size = b"", len(self.lines) + 1, 0
        for _ in range(MEMBERS):
            seq = len(self.lines) + 1
            lines = [(json.dumps({"seq": str(seq + i), "text": text()}, ensure_ascii=False) + "\n").encode()
                     for i in range(RECORDS)]
            made = member(seq, lines)
            self.members.append((len(self.files), len(data), len(made), seq))
            self.lines += lines
            data, size = data + made, size + sum(map(len, lines))
        self.files.append((name, data))
        os.makedirs(os.path.dirname(os.path.join(self.path, name)), exist_ok=True)
        line = {"file": name, "number": number, "first_seq": str(first), "last_seq": str(len(self.lines)),
                "records": len(self.lines) - first + 1, "bytes": len(data), "json_bytes": size,
                "sha256": hashlib.sha256(data).hexdigest()}
        return json.dumps(line, separators=(",", ":")) + "\n"

    def put(self, flips, index):
        """The files with these bits of [(file, bit)] flipped."""
        for n, (name, data) in enumerate(self.files):
            data = bytearray(data)
            for f, bit in flips:
                if f == n:
                    data[bit // 8] ^= 1 << bit % 8
            with open(os.path.join(self.path, name), "wb") as out:
                out.write(data)
        where = os.path.join(self.path, "index.jsonl")
        if index:
            with open(where, "wb") as out:
                out.write(self.index)
        elif os.path.exists(where):
            os.unlink(where)


def run(*args):
    return subprocess.run([WINNOW, "queue", *args], capture_output=True, timeout=400)


def same_json(made, bit):
    """Does the flipped member still give its JSON to one who knows gzip?"""
    hurt = bytearray(made)
    hurt[bit // 8] ^= 1 << bit % 8
    try:
        return bit >= 48 * 8 and zlib.decompress(bytes(hurt), 31) == zlib.decompress(made, 31)
    except zlib.error:
        return False


def one_round(q, index):
    """What went wrong, or ""; and how many of the bits cost nothing."""
    flips, sentences, lost, free = [], set(), set(), 0
    for f, at, size, seq in chance.sample(q.members, BITS):
        bit = chance.randrange(size * 8)
        flips.append((f, at * 8 + bit))
        sentences.add("%s at %d|records %d to %d" % (q.files[f][0], at, seq, seq + RECORDS - 1))
        if same_json(q.files[f][1][at:at + size], bit):
            free += 1
        else:
            lost.update(range(seq, seq + RECORDS))
    q.put(flips, index)
    v, c = run("verify", q.path), run("cat", q.path)
    said = [s[len("winnow queue: "):] for s in v.stderr.decode().splitlines()]
    told = set(s.split(": ")[0] + "|" + s.split(", ")[-1] for s in said)
    rest = b"".join(s for n, s in enumerate(q.lines, 1) if n not in lost)
    if v.returncode != 5 or told != sentences or len(said) != BITS:
        return "verify: status %d, %s" % (v.returncode, sorted(told ^ sentences)), free
    if c.stdout != rest or c.returncode != 5 or len(c.stderr.splitlines()) != BITS - free:
        return "cat: status %d, %d bytes for %d" % (c.returncode, len(c.stdout), len(rest)), free
    return "", free


def main():
    with tempfile.TemporaryDirectory() as path:
        q = Queue(path)
        for index in (True, False):
            q.put([], index)
            v, c = run("verify", path), run("cat", path)
            case("a queue written by FORMAT.md alone is read and found good, %s index.jsonl"
                 % ("with" if index else "without"),
                 v.returncode == 0 and not v.stderr and c.returncode == 0 and c.stdout == b"".join(q.lines),
                 (v.stderr + c.stderr).decode())
        bad, free = [], 0
        for n in range(ROUNDS):
            wrong, more = one_round(q, n % 2 == 0)
            free += more
            if wrong:
                bad.append("round %d: %s" % (n, wrong))
        print("%d bits flipped in %d files, %d of them cost no record" % (ROUNDS * BITS, FILES, free))
        case("verify names each flipped bit's file, offset and records; cat gives all others, status 5",
             not bad, "\n  ".join(bad[:5]))
    return failed


sys.exit(main())
