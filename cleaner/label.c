/* label.c - what an encoding is called. */
#include "cleaner/winnow.h"

#include "cleaner/charset.h"

const char *
winnow_charset_name(const char *label, size_t len)
{
	enum wn_charset cs = wn_charset_find(label, len);

	return cs == WN_CS_NONE ? NULL : wn_charset_name(cs);
}
