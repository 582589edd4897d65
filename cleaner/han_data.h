/* han_data.h - what is known of single Han characters; see tools/gen_han.py. */
#ifndef WN_HAN_DATA_H
#define WN_HAN_DATA_H

#include <stdint.h>

/* The character a compatibility form stands for, 0: it is none. */
uint32_t wn_compat_of(uint32_t c);

#endif
