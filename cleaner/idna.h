/* idna.h - names outside ASCII, as DNS has them (UTS 46).
 *
 * Nontransitional, with CheckBidi and CheckJoiners, without CheckHyphens,
 * VerifyDnsLength and UseSTD3ASCIIRules: what the URL standard asks for. */
#ifndef WN_IDNA_H
#define WN_IDNA_H

#include <stddef.h>

/* Writes the ASCII form of a name in UTF-8 to out, which is not
 * NUL-terminated. Its length, or -1: no name, or no room. */
int wn_idna_ascii(const char *name, size_t n, char *out, size_t cap);

#endif
