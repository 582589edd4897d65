#!/usr/bin/env python3
"""Writes charset_single.h: bytes 0x80..0xFF of the one-byte encodings.

The tables are Python's, changed where the WHATWG Encoding Standard reads a
byte in another way; 0 is a byte that the standard does not know.
Usage: gen_single.py > charset_single.h
"""

TABLES = [
    ('IBM866', 'cp866'), ('ISO_8859_2', 'iso8859_2'),
    ('ISO_8859_3', 'iso8859_3'), ('ISO_8859_4', 'iso8859_4'),
    ('ISO_8859_5', 'iso8859_5'), ('ISO_8859_6', 'iso8859_6'),
    ('ISO_8859_7', 'iso8859_7'), ('ISO_8859_8', 'iso8859_8'),
    ('ISO_8859_8_I', 'iso8859_8'), ('ISO_8859_10', 'iso8859_10'),
    ('ISO_8859_13', 'iso8859_13'), ('ISO_8859_14', 'iso8859_14'),
    ('ISO_8859_15', 'iso8859_15'), ('ISO_8859_16', 'iso8859_16'),
    ('KOI8_R', 'koi8_r'), ('KOI8_U', 'koi8_u'), ('MACINTOSH', 'mac_roman'),
    ('WINDOWS_874', 'cp874'), ('WINDOWS_1250', 'cp1250'),
    ('WINDOWS_1251', 'cp1251'), ('WINDOWS_1252', 'cp1252'),
    ('WINDOWS_1253', 'cp1253'), ('WINDOWS_1254', 'cp1254'),
    ('WINDOWS_1255', 'cp1255'), ('WINDOWS_1256', 'cp1256'),
    ('WINDOWS_1257', 'cp1257'), ('WINDOWS_1258', 'cp1258'),
    ('X_MAC_CYRILLIC', 'mac_cyrillic'),
]
# Where the standard and Python part ways.
PATCHES = {
    'KOI8_U': {0xAE: 0x45E, 0xBE: 0x40E},
    'X_MAC_CYRILLIC': {0xA2: 0x490, 0xB6: 0x491, 0xFF: 0x20AC},
    'WINDOWS_1255': {0xCA: 0x5BA},
}


def point(key, codec, byte):
    if byte in PATCHES.get(key, {}):
        return PATCHES[key][byte]
    try:
        return ord(bytes([byte]).decode(codec))
    except UnicodeDecodeError:
        # Bytes that Windows leaves open below 0xA0 are control characters.
        return byte if byte < 0xA0 else 0


def main():
    print('/* charset_single.h - written by gen_single.py; bytes 0x80..0xFF of')
    print(' * the one-byte encodings, 0 where the standard knows no character. */')
    print('/* clang-format off */')
    for key, codec in TABLES:
        print('\t[WN_CS_%s] = {' % key)
        row = [point(key, codec, b) for b in range(0x80, 0x100)]
        for i in range(0, 128, 8):
            print('\t\t' + ' '.join('0x%04X,' % c for c in row[i:i + 8]))
        print('\t},')
    print('/* clang-format on */')


main()
