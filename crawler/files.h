/* files.h - descriptors, so that what is open to the network never keeps the
 * queue and the state from opening a file.
 *
 * The kernel gives out the lowest number that is free. So whoever gives back a
 * number that is too high leaves all below it to others.
 *
 * Invariant
 *  FD1 A socket to a site, a body in a file or a control client never takes one
 *      of the last descriptors: a quarter of the limit, 64 at most; for what is
 *      our own business half of that. */
#ifndef FILES_H
#define FILES_H

#include <stdint.h>

enum files_use {
	FILES_SITE, /* a connection that a page can wait for */
	FILES_OWN   /* a body in a file, a client of the control socket or of http */
};

/* fd, or -1: too few would be left; it is closed then, errno is EMFILE. -1 is
 * given back with its errno. */
int files_take(int fd, enum files_use);
/* The same for one that somebody else opened and closes: 1, or 0: too few. */
int files_fit(int fd, enum files_use);

/* Raises the soft limit as far as that many transfers need, where the hard one
 * allows. How many fit: want, or fewer. */
int64_t files_transfers(int64_t want);

#endif
