/* han.c - look-ups in the tables of tools/gen_han.py. The strings hold their
 * characters in ascending order, three bytes each, so they are their own
 * index. */
#include "cleaner/han_data.h"
#include "cleaner/normalise.h"

#include <string.h>

struct wn_reading {
	char syllable[7];
	int8_t tone; /* 5: neutral */
	const char *chars;
};

struct wn_compat {
	uint16_t from;
	uint32_t to;
};

#include "cleaner/han_tables.h"

/* The three bytes of a character as a number of the same order. */
static inline uint32_t
three(const char *p)
{
	return (uint32_t)(uint8_t)p[0] << 16 | (uint32_t)(uint8_t)p[1] << 8 |
	       (uint8_t)p[2];
}

static int
has(const char *set, size_t len, const char *han)
{
	size_t lo = 0, hi = len / 3;
	uint32_t key = three(han);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		uint32_t at = three(set + 3 * mid);

		if (at == key)
			return 1;
		if (at < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

int
wn_has_simplified(const char *han)
{
	return has(wn_hant, sizeof(wn_hant) - 1, han);
}

int
wn_script_of(const char *han)
{
	if (has(wn_hans, sizeof(wn_hans) - 1, han))
		return -1;
	return wn_has_simplified(han) &&
	       !has(wn_either, sizeof(wn_either) - 1, han);
}

int
wn_reading_fits(const char *han, const char *syllable, int tone)
{
	size_t lo = 0, n = sizeof(wn_readings) / sizeof(wn_readings[0]), hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(wn_readings[mid].syllable, syllable) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && strcmp(wn_readings[lo].syllable, syllable) == 0; lo++)
		if ((tone == 0 || wn_readings[lo].tone == tone) &&
		    has(wn_readings[lo].chars, strlen(wn_readings[lo].chars),
			han))
			return 1;
	return 0;
}

uint32_t
wn_compat_of(uint32_t c)
{
	size_t lo = 0, n = sizeof(wn_compat) / sizeof(wn_compat[0]), hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (wn_compat[mid].from < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && wn_compat[lo].from == c ? wn_compat[lo].to : 0;
}
