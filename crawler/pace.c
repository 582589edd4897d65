/* pace.c - see pace.h. The line of least squares through (changes, time) of
 * the last commits; where it meets no changes is the part that stays. */
#include "crawler/pace.h"

#define MEMORY 32 /* commits after which one weighs 1/e */

static void
mean(double *m, double v, double weight)
{
	*m += (v - *m) * weight;
}

void
pace_took(struct pace *p, double changes, double us)
{
	double weight;

	if (p->n < MEMORY)
		p->n++;
	weight = 1.0 / p->n;
	mean(&p->size, changes, weight);
	mean(&p->us, us, weight);
	mean(&p->size2, changes * changes, weight);
	mean(&p->both, changes * us, weight);
}

double
pace_base_us(const struct pace *p)
{
	double spread = p->size2 - p->size * p->size, slope, base;

	/* All alike: they do not tell, so all of it counts. */
	if (spread <= 0.01 * p->size2)
		return p->us;
	slope = (p->both - p->size * p->us) / spread;
	base = p->us - slope * p->size;
	return base < 0 ? 0 : base < p->us ? base : p->us;
}

int64_t
pace_ms(const struct pace *p, int64_t least_ms)
{
	double ms = pace_base_us(p) * PACE_SHARE / 1000;

	if (ms > PACE_MOST_MS)
		ms = PACE_MOST_MS;
	return ms > (double)least_ms ? (int64_t)ms : least_ms;
}
