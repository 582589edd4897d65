/* test.h - the few lines every test program shares.
 *
 * A case is a block that ends in test_ok(name) when all its checks held:
 *
 *	TEST("robots: longest match wins over order")
 *	{
 *		CHECK_INT(robots_allowed(r, "/a"), 1);
 *	}
 *	int main(void) { return test_end(); }   // after the cases, in main
 *
 * Cases are written inside main(), in order. A check that fails prints
 * file:line, the expression, expected and got, and the case goes on. */
#ifndef WINNOW_TEST_H
#define WINNOW_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_bad, test_failed;
static const char *test_name;

static inline void
test_close(void)
{
	if (test_name == NULL)
		return;
	printf("%s - %s\n", test_bad ? "not ok" : "ok", test_name);
	test_failed += test_bad != 0;
	test_name = NULL;
	fflush(stdout);
}

static inline void
test_open(const char *name)
{
	test_close();
	test_name = name;
	test_bad = 0;
}

/* Ends the last case; the exit status for main. */
static inline int
test_end(void)
{
	test_close();
	return test_failed != 0;
}

static inline void
test_skip(const char *name, const char *why)
{
	printf("skip - %s: %s\n", name, why);
}

static inline int
test_str_eq(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

#define TEST(name) test_open(name);

#define TEST_FAIL(...) \
	do { \
		printf("  %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__); \
		printf("\n"); \
		test_bad = 1; \
	} while (0)

#define CHECK(e) \
	do { \
		if (!(e)) \
			TEST_FAIL("%s is false", #e); \
	} while (0)

#define CHECK_INT(e, want) \
	do { \
		long long g_ = (long long)(e), w_ = (long long)(want); \
		if (g_ != w_) \
			TEST_FAIL("%s: expected %lld, got %lld", #e, w_, g_); \
	} while (0)

#define CHECK_STR(e, want) \
	do { \
		const char *g_ = (e), *w_ = (want); \
		if (!test_str_eq(g_, w_)) \
			TEST_FAIL("%s:\n    expected \"%s\"\n    got      " \
				  "\"%s\"", \
			    #e, w_ ? w_ : "(null)", g_ ? g_ : "(null)"); \
	} while (0)

#endif
