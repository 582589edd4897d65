/* hex.h - a digit of %41. */
#ifndef HEX_H
#define HEX_H

/* Its value; -1: c is none. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
