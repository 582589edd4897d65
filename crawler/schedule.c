/* schedule.c - see schedule.h. Times inside are in days, as doubles.
 *
 * Invariants
 *  S1  hub_min <= interval <= hub_max for a hub, article_min <= interval <=
 *      article_max for an article, whatever a site shows.
 *  S2  What a clock of a server says is not looked at.
 *  S3  Same arguments, same answer: what is rounded by chance takes its chance
 *      from the time given. */
#include "crawler/schedule.h"

#include <math.h>
#include <string.h>

#define DAY_MS 86400000.0
#define WEEK 7.0

/* Of the rate; counted in articles. */
#define PRIOR_RATE 1.0 /* a day: of a hub of which nothing is known */
#define PAST_MOST 8.0  /* what the past is worth */
#define PAST_DAYS 1.0
#define PAST_LEAST 1.0  /* the same when it is contradicted */
#define SILENCE 5.0     /* articles missed in a row: it has stopped */
#define BARREN 0.25     /* each ask in vain makes the next so much dearer */
#define RATE_LEAST 1e-3 /* a day: one in three years */
#define RATE_MOST 1e5
#define USUAL_DAYS 28.0
#define FOUND_MOST 64 /* the worth of a hub's links: then both halve */
#define WORTH_PRIOR 2.0

/* Of the rhythm: each byte is a decayed count. */
#define BEAT_PRIOR 8.0    /* added to each: nothing is impossible */
#define BEAT_MOST 16.0    /* one article's */
#define BEAT_DAY 32.0     /* all articles of a day's */
#define HOURS_SPAN 0.5    /* longer gaps say nothing of the hour */
#define WEEKDAYS_SPAN 2.0 /* or of the day */

#define GROW 3  /* of an article's interval */
#define NOISY 4 /* changes, of which nearly each look found one */

static double
between(double x, double least, double most)
{
	return !(x > least) ? least : x > most ? most : x; /* NaN: least */
}

/* ---- the rhythm --------------------------------------------------------- */

/* Hours since 1970; a moment a millisecond before the hour belongs to it. */
static int64_t
hours_of(double day)
{
	return (int64_t)floor(day * 24 + 1e-6);
}

/* A moment of the past, whatever a store or a clock that was set says. */
static double
day_before(int64_t ms, double now)
{
	return between((double)ms / DAY_MS, 0, now);
}

static int
hour_of(double day)
{
	return (int)(hours_of(day) % 24);
}

static int
weekday_of(double day)
{
	return (int)((hours_of(day) / 24 + 4) % 7); /* 1970: a Thursday */
}

static double
share(const uint8_t *counts, int n, int i)
{
	double sum = n * BEAT_PRIOR;
	int k;

	for (k = 0; k < n; k++)
		sum += counts[k];
	return n * (counts[i] + BEAT_PRIOR) / sum;
}

/* The rhythm of a week, worked out once an ask: 1 on average. */
struct pulse {
	double hour[24], weekday[7];
};

static void
pulse_init(struct pulse *p, const uint8_t rhythm[SCHEDULE_RHYTHM])
{
	int i;

	for (i = 0; i < 24; i++)
		p->hour[i] = share(rhythm, 24, i);
	for (i = 0; i < 7; i++)
		p->weekday[i] = share(rhythm + 24, 7, i);
}

static double
pulse_at(const struct pulse *p, double day)
{
	return p->hour[hour_of(day)] * p->weekday[weekday_of(day)];
}

double
schedule_pulse(const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t ms)
{
	struct pulse p;

	pulse_init(&p, rhythm);
	return pulse_at(&p, ms > 0 ? (double)ms / DAY_MS : 0);
}

/* Days to the end of the hour. */
static double
hour_left(double day)
{
	return (double)(hours_of(day) + 1) / 24 - day;
}

/* Days of average activity from one moment to another. */
static double
pulse_span(const struct pulse *p, double from, double to)
{
	double sum = floor((to - from) / WEEK) * WEEK, dt;

	for (from += sum; from < to; from += dt) {
		dt = fmin(hour_left(from), to - from);
		sum += dt * pulse_at(p, from);
	}
	return sum;
}

double
schedule_span(
    const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t from_ms, int64_t to_ms)
{
	struct pulse p;

	pulse_init(&p, rhythm);
	return pulse_span(&p, (double)from_ms / DAY_MS, (double)to_ms / DAY_MS);
}

/* Of x, as a whole number: rounded up as often as its fraction says. */
static unsigned
round_by_chance(double x, uint64_t chance)
{
	chance += 0x9e3779b97f4a7c15u;
	chance = (chance ^ chance >> 30) * 0xbf58476d1ce4e5b9u;
	chance = (chance ^ chance >> 27) * 0x94d049bb133111ebu;
	chance ^= chance >> 31;
	return (unsigned)(x + (double)(chance >> 11) / 9007199254740992.0);
}

static void
beat_add(uint8_t *counts, int n, int i, double x, uint64_t chance)
{
	unsigned add = round_by_chance(x, chance);
	int k;

	while (counts[i] + add > 255) {
		for (k = 0; k < n; k++)
			counts[k] /= 2;
		add /= 2;
	}
	counts[i] = (uint8_t)(counts[i] + add);
}

/* New articles came between two asks: to each hour of the gap its part, more
 * where more was expected, as it were in a step of expectation-maximisation. */
static void
rhythm_learn(uint8_t rhythm[SCHEDULE_RHYTHM], const struct pulse *p,
    double from, double to, double events, double usual, uint64_t chance)
{
	double beat = events * fmin(BEAT_MOST, BEAT_DAY / usual);
	double span = to - from, sum, dt, part;

	beat = fmin(beat, 4 * BEAT_MOST);
	if (span > WEEKDAYS_SPAN || (sum = pulse_span(p, from, to)) <= 0)
		return;
	for (; from < to; from += dt) {
		dt = fmin(hour_left(from), to - from);
		part = beat * dt * pulse_at(p, from) / sum;
		if (span <= HOURS_SPAN)
			beat_add(rhythm, 24, hour_of(from), part, chance++);
		beat_add(rhythm + 24, 7, weekday_of(from), part, chance++);
	}
}

/* ---- the rate of a hub -------------------------------------------------- */

/* Articles among the addresses that it showed: repeats and pages without an
 * article are no news. Counts what has landed since its last ask. */
static double
events_of(struct frontier_memory *m, uint32_t found)
{
	unsigned landed = (unsigned)m->landed + m->yield;
	double worth;

	m->landed = (uint16_t)(landed < m->found ? landed : m->found);
	m->yield = 0;
	worth = (m->landed + WORTH_PRIOR) / (m->found + WORTH_PRIOR);
	while (m->found > FOUND_MOST) {
		m->found /= 2;
		m->landed /= 2;
	}
	if (m->asks > 0) /* its past may take days to be fetched */
		m->found = (uint16_t)(m->found + (found < 1000 ? found : 1000));
	return found * worth;
}

/* What the past is worth against this answer, in articles. expected: in this
 * gap; silent: since the last one. */
static double
past_worth(const struct frontier_memory *m, double events, double expected,
    double silent)
{
	if (events > expected + 4 * sqrt(expected) + 3 ||
	    (events < 0.5 && silent > SILENCE))
		return PAST_LEAST;
	return fmin(
	    fmax(PAST_MOST, PAST_DAYS * m->rate), PAST_LEAST + m->changes);
}

static void
rate_learn(
    struct frontier_memory *m, const struct pulse *p, double events, double now)
{
	double span = pulse_span(p, day_before(m->asked_ms, now), now);
	double silent = pulse_span(p, day_before(m->changed_ms, now), now);
	double rate = between(m->rate, RATE_LEAST, RATE_MOST);
	double past = past_worth(m, events, rate * span, rate * silent);

	rate *= (past + events) / (past + rate * span);
	m->rate = (float)between(rate, RATE_LEAST, RATE_MOST);
}

/* The rate over weeks, by the clock: a yardstick that does not follow each
 * day's ups and downs, or the rhythm would be measured by itself. */
static void
usual_learn(struct frontier_memory *m, double events, double span)
{
	double gain = fmax(span / USUAL_DAYS, 1.0 / m->asks);
	double usual = between(m->usual, RATE_LEAST, RATE_MOST);

	if (span > 0)
		usual += fmin(gain, 1) * (events / span - usual);
	m->usual = (float)between(usual, RATE_LEAST, RATE_MOST);
}

/* ---- the next ask ------------------------------------------------------- */

/* Days from now until the waits that gather reach worth, a day of which is one
 * article that has waited a day. */
static double
wait_until(
    const struct pulse *p, double rate, double now, double worth, double most)
{
	double waiting = 0, t = 0, dt, r, gain;

	while (t < most) {
		dt = fmin(hour_left(now + t), most - t);
		r = rate * (t < WEEK ? pulse_at(p, now + t) : 1);
		gain = (waiting + r * dt / 2) * dt;
		if (gain >= worth) {
			double root = sqrt(waiting * waiting + 2 * r * worth);

			return t + 2 * worth / (waiting + root);
		}
		worth -= gain;
		waiting += r * dt;
		t += dt;
	}
	return most;
}

static int64_t
hub_interval(const struct frontier_memory *m, const struct pulse *p,
    const struct schedule_rules *rules, double now)
{
	double pace = (double)rules->hub_pace / DAY_MS;
	double worth = pace * pace / 2 * (1 + m->barren * BARREN);
	double days =
	    wait_until(p, m->rate, now, worth, (double)rules->hub_max / DAY_MS);
	int64_t ms = (int64_t)(days * DAY_MS);

	return ms < rules->hub_min   ? rules->hub_min
	       : ms > rules->hub_max ? rules->hub_max
				     : ms;
}

void
schedule_hub(struct frontier_memory *m, uint8_t rhythm[SCHEDULE_RHYTHM],
    const struct schedule_rules *rules, uint32_t found, int64_t now_ms)
{
	double now = (double)now_ms / DAY_MS, events;
	double asked = day_before(m->asked_ms, now);
	struct pulse p;

	pulse_init(&p, rhythm);
	events = events_of(m, found);
	if (m->asks == 0) {
		m->rate = m->usual = PRIOR_RATE;
		m->changed_ms = now_ms;
	} else {
		rate_learn(m, &p, events, now);
		usual_learn(m, events, now - asked);
		if (events >= 0.5) {
			rhythm_learn(rhythm, &p, asked, now, events, m->usual,
			    (uint64_t)now_ms);
			pulse_init(&p, rhythm);
			m->changes += m->changes < UINT32_MAX;
			m->changed_ms = now_ms;
			m->barren = 0;
		} else
			m->barren += m->barren < UINT16_MAX;
	}
	m->asks += m->asks < UINT32_MAX;
	m->asked_ms = now_ms;
	m->interval_ms = hub_interval(m, &p, rules, now);
}

/* A counter in its text, a line of the day: it changes whenever it is asked,
 * and to ask it more often would only tell more of that. */
static int
is_noisy(const struct frontier_memory *m)
{
	return m->changes >= NOISY && m->changes / 3 >= (m->asks - 1) / 4;
}

void
schedule_article(struct frontier_memory *m, const struct schedule_rules *rules,
    int changed, int64_t now_ms)
{
	int64_t ms = m->interval_ms;

	if (m->asks == 0) {
		ms = rules->article_min;
		m->changed_ms = now_ms;
	} else if (changed) {
		m->changes += m->changes < UINT32_MAX;
		ms = !is_noisy(m)            ? ms / GROW
		     : ms > INT64_MAX / GROW ? INT64_MAX
					     : ms * GROW;
		m->changed_ms = now_ms;
		m->barren = 0;
	} else {
		ms = ms > INT64_MAX / GROW ? INT64_MAX : ms * GROW;
		m->barren += m->barren < UINT16_MAX;
	}
	m->asks += m->asks < UINT32_MAX;
	m->asked_ms = now_ms;
	m->interval_ms = ms < rules->article_min   ? rules->article_min
			 : ms > rules->article_max ? rules->article_max
						   : ms;
}
