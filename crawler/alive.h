/* alive.h - the daemon's signs of life for its service manager: that it is
 * ready, what it does in a sentence, and that it gets on.
 *
 * Getting on is a turn of the engine, not of the loop: every tick asks for one,
 * and the next tick says WATCHDOG=1 only when one was finished since. A
 * callback that does not return, a store that does not, and events that leave
 * the turn no time all end in silence, and the manager restarts the daemon. One
 * that is busy, paused, idle or without room on its disk turns all the same.
 *
 * Invariants
 *  W1  READY=1 is said by the running loop, after the control socket listens:
 *      who connects then is answered.
 *  W2  WATCHDOG=1 is said only when the engine turned since it was last said.
 */
#ifndef ALIVE_H
#define ALIVE_H

struct alive;
struct engine;
struct event_base;

int alive_new(struct alive **, struct event_base *); /* 0 or -1 */
void alive_free(struct alive *);                     /* NULL is fine */

/* The engine has started; READY=1 comes with the loop. It outlives this. 0 or
 * -1. */
int alive_start(struct alive *, struct engine *);
/* Instead of that, in words. */
void alive_failed(struct alive *, const char *why);

/* Said from within a long piece of work in one callback, each time that a bounded
 * part of it is done: a list of a million seeds is no hang. */
void alive_progress(struct alive *);
void alive_reloading(struct alive *);
/* failed: why the old settings stay, shown until a reload succeeds; or NULL. */
void alive_reloaded(struct alive *, const char *failed);
void alive_stopping(struct alive *);

#endif
