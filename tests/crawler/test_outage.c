/* What makes an outage, and what ends it (crawler/outage.h). */
#include "crawler/outage.h"
#include "tests/test.h"

int
main(void)
{
	struct outage o = {0};
	int i;

	TEST("outage: one host alone never makes one");
	for (i = 0; i < 100; i++)
		CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 7, 1000 + i) == 0);
	CHECK(outage_since(&o, OUTAGE_CONNECTIONS) == 0);

	TEST("outage: the third host in a row makes it, once");
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 8, 2000) == 0);
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 9, 3000) == 1);
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 10, 4000) == 0);
	CHECK(outage_since(&o, OUTAGE_CONNECTIONS) == 1000);

	TEST("outage: names have an account of their own");
	CHECK(outage_since(&o, OUTAGE_NAMES) == 0);
	CHECK(outage_over(&o, OUTAGE_NAMES) == 0);

	TEST("outage: the first answer ends it, and the count begins anew");
	CHECK(outage_over(&o, OUTAGE_CONNECTIONS) == 1);
	CHECK(outage_since(&o, OUTAGE_CONNECTIONS) == 0);
	CHECK(outage_over(&o, OUTAGE_CONNECTIONS) == 0);
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 9, 5000) == 0);
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 8, 5000) == 0);
	CHECK(outage_since(&o, OUTAGE_CONNECTIONS) == 0);

	TEST("outage: an answer between two failures keeps it from being one");
	CHECK(outage_over(&o, OUTAGE_CONNECTIONS) == 0);
	CHECK(outage_failed(&o, OUTAGE_CONNECTIONS, 7, 6000) == 0);
	return test_end();
}
