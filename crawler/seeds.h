/* seeds.h - reads seed lists.
 *
 * UTF-8, one URL a line; blank lines and lines that begin with # are skipped;
 * attributes as key=value after a TAB:
 *
 *	https://www.example.org/news/	type=list	depth=2	tags=edu,local
 *
 *	type=page|list|feed|sitemap	what the URL is; page
 *	interval=10m			ask again after that time (s m h d)
 *	depth=3				links from here; else the config's
 *	priority=20			-100 to 100; 10
 *	tags=a,b			copied into the records
 *	charset=gb18030			what its pages are in, whatever they say
 *
 * Windows line ends and a BOM are fine. A bad line is reported and costs
 * itself only. */
#ifndef SEEDS_H
#define SEEDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crawler/frontier.h"

#define SEEDS_LINE_MAX 16384
#define SEEDS_PRIORITY 10
#define SEEDS_NO_DEPTH 0xffff

/* Borrowed until seed() returns. */
struct seed_line {
	const struct winnow_url *url; /* fetchable */
	const char *text;             /* the URL as it was written */
	const char *tags, *charset;   /* "" when it has none */
	int64_t interval_ms;          /* 0: none */
	unsigned line;
	uint16_t depth;
	uint8_t type; /* enum url_type */
	int8_t priority;
};

struct seeds_reader {
	void (*seed)(void *arg, const struct seed_line *);
	/* what: "unknown attribute 'dept', use type, ..."; the caller adds the
	 * file's name. */
	void (*bad)(void *arg, unsigned line, const char *what);
	void *arg;
};

/* 0, or -1: reading failed (errno), or there is no memory. */
int seeds_read(FILE *, const struct seeds_reader *);
int seeds_read_file(const char *path, const struct seeds_reader *);
int seeds_read_text(const char *text, size_t len, const struct seeds_reader *);

#endif
