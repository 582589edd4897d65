/* normalise.h - repair of damaged text: the stages, each alone testable.
 *
 * A text is a row of lines. Every stage takes one line and leaves either the
 * slice it was given (nothing to mend) or a new one in the arena. What needs
 * the page as a whole (is it a mirror's? were its marks folded?) is gathered
 * first, by wn_norm_evidence(). */
#ifndef WN_NORMALISE_H
#define WN_NORMALISE_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

struct wn_charsets;
struct wn_block;
struct wn_doc;
struct wn_page_pairs;
struct wn_script;
struct wn_glossed; /* characters with a gloss, and how often */

struct wn_para {
	struct wn_str s;
	unsigned need;                /* enum wn_need of s */
	const struct wn_block *block; /* it was; NULL: no block of a page */
	uint32_t line; /* of a plain text, from 1; 0: no line of one */
	uint8_t pre, row, heading, item;
	uint8_t brk;    /* separated from the one before by <br> only */
	uint8_t split;  /* a piece of a flattened line */
	uint32_t piece; /* which, as in struct winnow_repair */
};

struct wn_norm {
	struct wn_arena *arena;
	struct wn_charsets *charsets; /* NULL: no GBK read as Latin-1 */
	unsigned *repairs;
	int explain; /* keep a list of repairs */
	struct winnow_repair *list;
	size_t nlist, list_cap;
	const struct wn_block *blocks; /* the page's, for that list */
	uint32_t block, piece, pass;   /* the line in hand, likewise */

	/* what the page as a whole says */
	int mirror;      /* toned glosses on converted text */
	int plain_gloss; /* untoned glosses on every other character */
	int folded;      /* marks were folded to half width */
	int noisy;       /* a mark is put before marks, again and again */
	int kana;        /* Japanese: wide spaces and digits are its own */
	int entities;    /* escaped twice for certain */
	struct wn_glossed *glossed;
	struct wn_page_pairs *pairs; /* of a mirror's page; NULL: none */
	struct wn_script *script;    /* NULL: it stays */
	size_t
	    work; /* characters weighed for lost bytes, of a bounded number */
};

/* What a line may need: one scan tells, and most lines need nothing. */
enum wn_need {
	WN_NEED_MOJIBAKE = 1,
	WN_NEED_ENTITY = 2,
	WN_NEED_INVISIBLE = 4,
	WN_NEED_COMPAT = 8,
	WN_NEED_GLOSS = 16,
	WN_NEED_PRIVATE = 32,
	WN_NEED_SYMBOL = 64,
	WN_NEED_MARK = 128,
	WN_NEED_SPACE = 256,
	WN_HAS_KANA = 512,
	WN_HAS_STOP = 1024,    /* 。 or 、 */
	WN_HAS_FULL = 2048,    /* ，：； */
	WN_HAS_LOST = 4096,    /* U+FFFD */
	WN_HAS_GAP = 8192,     /* a space where two paragraphs may meet */
	WN_HAS_FOLDED = 16384, /* , ; : between CJK characters */
	WN_HAS_NOISE = 32768,  /* a comma before a mark */
	WN_HAS_SPACED = 65536, /* a space between two CJK characters */
	WN_NEED_TRIM = 131072  /* spaces at an edge */
};
unsigned wn_norm_scan(struct wn_str); /* of valid UTF-8 */
enum { WN_SPACED_LEAST = 8 }; /* spaces of a line that is 该 公 司 生 产 */

/* The stages, in their order. 0 or WINNOW_ENOMEM. */
int wn_norm_mojibake(struct wn_norm *, struct wn_str *);
/* Of mojibake: GBK, Big5, EUC-KR, EUC-JP, Shift_JIS read as Latin-1. */
int wn_norm_legacy(struct wn_norm *, struct wn_str *);
int wn_norm_entities(struct wn_norm *, struct wn_str *);
int wn_norm_invisible(struct wn_norm *, struct wn_str *);
/* Code is as it is, but for controls. */
int wn_norm_code(struct wn_norm *, struct wn_str *);
int wn_norm_compat(struct wn_norm *, struct wn_str *);
/* The lines' `need` must be fresh. */
struct wn_text;
int wn_norm_evidence(struct wn_norm *, struct wn_text *);
int wn_norm_lost(struct wn_norm *, struct wn_str *);
int wn_norm_gloss(struct wn_norm *, struct wn_str *);
int wn_norm_private(struct wn_norm *, struct wn_str *);
int wn_norm_symbols(struct wn_norm *, struct wn_str *);
int wn_norm_marks(struct wn_norm *, struct wn_str *);
int wn_norm_spaces(struct wn_norm *, struct wn_str *);
int wn_norm_trim(struct wn_norm *, struct wn_str *);
/* Flattened lines split; before wn_norm_spaces, which the spaces are for. */
int wn_norm_split(struct wn_norm *, struct wn_para **, size_t *n);
/* Lines that a column's end cut joined; *n falls. */
int wn_norm_join(struct wn_norm *, struct wn_para *, size_t *n);

/* A text with what stands beside it: titles, names, captions. */
struct wn_text {
	struct wn_para *l, *aside;
	size_t n, asides;
};
/* All stages, in place (l may move). */
int wn_norm_text(struct wn_norm *, struct wn_text *);
/* Normalises a plain text; *out is in the arena. */
int wn_normalise_text(
    struct wn_norm *, const char *, size_t n, int mirror, struct wn_str *out);

/* What is left of the damage. */
struct wn_damage {
	size_t chars;  /* of the text */
	size_t places; /* that were found wrong */
	size_t bad;    /* characters that they spoil, an estimate */
};
void wn_damage_count(struct wn_str, int mirror, struct wn_damage *);
/* 1: none, down to 0.1. */
double wn_damage_quality(const struct wn_damage *);

/* ---- what the stages share --------------------------------------------- */

/* Changes to a line: nothing is copied before the first. */
struct wn_edit {
	struct wn_norm *norm;
	struct wn_str in;
	struct wn_buf out;
	size_t done; /* bytes of in that are dealt with */
};

void wn_edit_begin(struct wn_edit *, struct wn_norm *, struct wn_str);
/* Puts `to` for in[at, at + len); places in ascending order. */
void wn_edit_put(struct wn_edit *, size_t at, size_t len, const char *to,
    size_t to_len, enum winnow_repair_kind);
/* margin: nats between it and what else it could have been. */
void wn_edit_put_sure(struct wn_edit *, size_t at, size_t len, const char *to,
    size_t to_len, enum winnow_repair_kind, double margin);
int wn_edit_end(struct wn_edit *, struct wn_str *);

/* The line that the next repairs are of. */
void wn_norm_line(struct wn_norm *, const struct wn_para *, uint32_t pass);
enum { WN_PASS_SPLIT = 100, WN_PASS_JOIN = 200 };
/* Lists a repair that no edit makes: before becomes after at a byte. */
void wn_norm_list(struct wn_norm *, size_t at, struct wn_str before,
    struct wn_str after, enum winnow_repair_kind);

/* The code point that begins at byte i, or that ends before it; 0: none. */
uint32_t wn_char_at(struct wn_str, size_t i, unsigned *len);
uint32_t wn_char_before(struct wn_str, size_t i, unsigned *len);

/* Length of a space at p, before end: 1, or more when it is not the plain one;
 * 0: it is none. */
static inline size_t
wn_space_at(const char *s, const char *end)
{
	const uint8_t *p = (const uint8_t *)s;

	if (s >= end)
		return 0;
	if (p[0] == ' ')
		return 1;
	if (p[0] == 0xC2)
		return p[1] == 0xA0 ? 2 : 0;
	if (p[0] == 0xE3)
		return p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
	return p[0] == 0xE2 &&
		       ((p[1] == 0x80 && (p[2] <= 0x8A || p[2] == 0xAF)) ||
			   (p[1] == 0x81 && p[2] == 0x9F))
		   ? 3
		   : 0;
}

/* The slice without spaces, of any width, at its edges. */
struct wn_str wn_trim_spaces(struct wn_str);

static inline int
wn_is_han(uint32_t c)
{
	return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
	       c == 0x3007 || (c >= 0x20000 && c <= 0x3FFFF);
}

static inline int
wn_is_kana(uint32_t c)
{
	return c >= 0x3041 && c <= 0x30FF && c != 0x30FB && c != 0x30FC;
}

/* Marks that only CJK text has, and that need no space after them. */
static inline int
wn_is_cjk_mark(uint32_t c)
{
	return (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011) ||
	       (c >= 0x3014 && c <= 0x301B) || c == 0xFF0C || c == 0xFF1A ||
	       c == 0xFF1B || c == 0xFF01 || c == 0xFF1F || c == 0xFF08 ||
	       c == 0xFF09;
}

/* The byte that windows-1252 (or Latin-1) has for a character from U+0080 on;
 * -1: none. */
int wn_byte_of(uint32_t c);
/* Does the line speak of encodings, so that what looks wrong is an example? */
int wn_is_about_encodings(struct wn_str);

/* A reading that a mirror put behind a character. */
struct wn_gloss {
	char syllable[8];
	int tone; /* 0: not written */
	size_t len;
};
/* "(huì)" at p; a space may stand before the closing bracket. Its length,
 * 0: it is none. wn_pinyin_read: without the opening bracket. */
size_t wn_gloss_read(const char *p, size_t n, struct wn_gloss *);
size_t wn_pinyin_read(const char *p, size_t n, struct wn_gloss *);

/* Does Unihan know han (three bytes) as read so? tone 0: any. */
int wn_reading_fits(const char *han, const char *syllable, int tone);
/* Has the character another, simplified form? */
int wn_has_simplified(const char *han);
/* 1: only traditional text has it, -1: only simplified, 0: both or neither. */
int wn_script_of(const char *han);

#endif
