/* SHA-256 against the standard's answers and against libcrypto's, for every
 * length around which the code takes another way. sha256.c is taken in, so
 * that what serves processors without AVX2 is seen on one that has it. */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "queue/sha256.c"
#include "tests/test.h"

enum { MOST = 64 * 4 * 3 + 70 }; /* three full rounds of lanes and some */

static void
hex_of(const unsigned char d[32], char hex[65])
{
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", d[i]);
}

static int
is(const char *text, const char *want)
{
	struct wq_sha256 s;
	char hex[65];

	wq_sha256_init(&s);
	wq_sha256_add(&s, text, strlen(text));
	wq_sha256_hex(&s, hex);
	return strcmp(hex, want) == 0;
}

/* The first len of data in two pieces, the second one unaligned. */
static int
agrees(const unsigned char *data, size_t len, size_t cut)
{
	unsigned char d[32];
	char want[65], hex[65];
	struct wq_sha256 s;

	SHA256(data, len, d);
	hex_of(d, want);
	wq_sha256_init(&s);
	wq_sha256_add(&s, data, cut);
	wq_sha256_add(&s, data + cut, len - cut);
	wq_sha256_hex(&s, hex);
	return strcmp(hex, want) == 0;
}

int
main(void)
{
	unsigned char *data = malloc(MOST);
	unsigned bad = 0;

	for (size_t i = 0; i < MOST; i++)
		data[i] = (unsigned char)(i * 167 + (i >> 6));

	TEST("sha256: the standard's answers")
	CHECK(is("", "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855"));
	CHECK(is("abc", "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad"));
	CHECK(is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1"));

	TEST("sha256: every length, in two pieces, is as libcrypto says")
	for (size_t len = 0; len <= MOST; len++)
		for (size_t cut = 0; cut <= len; cut += len / 7 + 1)
			bad += !agrees(data, len, cut);
	CHECK_INT(bad, 0);

	TEST("sha256: the same on a processor without AVX2")
	for (size_t n = 0; n <= MOST / 64; n++) {
		uint32_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8];

		memcpy(b, a, sizeof b);
		blocks(a, data + n % 5, n > 0 ? n - 1 : 0);
		many_blocks(b, data + n % 5, n > 0 ? n - 1 : 0);
		CHECK(memcmp(a, b, sizeof a) == 0);
	}
	free(data);
	return test_end();
}
