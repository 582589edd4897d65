/* visit_parts.h - what visit*.c, verdict.c and follow.c share; nobody else
 * includes it. */
#ifndef VISIT_PARTS_H
#define VISIT_PARTS_H

#include "crawler/dns.h"
#include "crawler/fetch.h"
#include "crawler/focus.h"
#include "crawler/frontier.h"
#include "crawler/gate.h"
#include "crawler/logs.h"
#include "crawler/outage.h"
#include "crawler/outlet.h"
#include "crawler/pool.h"
#include "crawler/recent.h"
#include "crawler/robots_cache.h"
#include "crawler/scope.h"
#include "crawler/site.h"
#include "crawler/spill.h"
#include "crawler/visit.h"

struct gather;
struct gathers;

#define VISIT_MAGIC 0x76697331
#define SCOPE_SLOTS 256
/* A host that is closed looks again so often: a reload takes effect soon. */
#define VISIT_WAIT_MAX_MS (3600 * 1000LL)

struct event;

enum visit_state {
	V_RESOLVING,
	V_WAITING, /* at a gate, or for another host */
	V_FETCHING,
	V_CLEANING,
	V_GATHERED, /* its article goes on elsewhere (gather.h) */
	V_HELD, /* cleaned; its site is not known yet */
	V_ENDING
};

/* What is to be done next for the request (visit_ask.c). */
enum visit_step { STEP_HOST, STEP_RESOLVE, STEP_IPV4, STEP_IPV6, STEP_FETCH };

/* What an answer was, for coming back. */
enum visit_answer {
	ANSWER_NONE,	/* nothing to go by: robots, failed, refused ... */
	ANSWER_SAME,	/* as it was: 304, the same body, the same text */
	ANSWER_READ,	/* read, and there is no record of it */
	ANSWER_LANDED,	/* a record, new or changed */
	ANSWER_MISSING, /* 404, 410, or a page that says the same */
	ANSWER_GONE	/* the same, and a record says so */
};

struct visit {
	unsigned magic;
	enum visit_state state;
	struct visits *visits;
	struct visit *next, **prev;
	struct frontier_item *item;
	struct winnow_key key; /* the item's, also when that is gone; likewise: */
	uint32_t seed;
	uint16_t depth;
	const struct config_values *cfg;
	int64_t now_ms;	  /* the clock at the event being handled */
	int64_t delay_ms; /* pause of its host, Crawl-delay counted in */
	const char *robots_word;
	int robots_phase, hops;
	int slot_free;	  /* V2 */
	int outage;	  /* that nobody answers is not its fault */
	int led_on;	  /* a new link of another kind was found on it */
	int64_t answered_ms; /* robots phase: end of the last answer */
	char *ask;	/* what is asked for: item->url, or a robots.txt */
	struct {	/* the host that is asked (visit_aim) */
		uint64_t host;
		int foreign; /* not that of item: a robots.txt led there */
		const struct config_values *cfg;
		int64_t crawl_delay_ms; /* 0: none known */
	} to;
	enum visit_step step;
	int64_t sent_ms; /* gate_clock() when the fetch began */
	int first;	 /* the host has never been asked before */
	struct dns_request *dns;
	struct dns_addr address[2]; /* first IPv4, first IPv6; family 0: none */
	struct fetch *fetch;
	struct gate_wait gate, address_gate[2];
	struct event *timer;

	/* for the worker */
	struct wire_out head;
	struct wire_out kept; /* keep_pack(), for recent.h; empty: not kept */
	char *body;
	size_t body_len;
	struct recent_place place; /* of the page in recent.h */
	struct spill spill; /* of a list: the body, instead */
	int status, jobs;

	/* visit_hold.c: its site; NULL: there was no memory for it */
	struct site *site;
	struct { /* among all that wait; among those of its site */
		struct visit *next, *before;
	} held[2];
	struct wire_out cleaned; /* while it waits: the answer, no links */
	int64_t held_ms;
	uint64_t held_text; /* the hash of its text */
	uint8_t read_once; /* it was cleaned before, and is again */
	uint8_t is_new;	   /* to what is known of its site */
	uint8_t hurried;   /* counted in visit_stat.hurried */

	/* what its links, or its entries, came to */
	uint32_t brought; /* URLs that were new */
	uint32_t entries; /* of a list, in all */
	uint32_t recalls; /* known ones that it says have changed */
	int moved;	  /* a seed that led on to another host */
	double topic_score; /* of the page, for its links */
	int has_feed;	  /* it names a feed of its site */

	/* is it a page of an article of several? (gather.h) */
	struct gather *gather;
	uint8_t gathered; /* it waits for the others */
	uint8_t joining;  /* the first: a worker joins them, or has */
	uint8_t apart;	  /* it lands by itself, whatever it says */

	/* for the fetch log (visit_log.c): the last answer, till its line is
	 * written */
	struct {
		int set;
		int64_t at_ms, status, bytes, wire, connect_ms, first_ms,
		    total_ms, clean_ms;
		const char *result;
		char address[48], type[64];
	} note;
	int64_t clean_ms; /* gate_clock() when a worker got it */
	int asked;	  /* an answer of its own host came, or none in time */

	/* for the next time (revisit.c) */
	enum visit_answer answer;
	uint64_t body_hash;	    /* 0: none, as of a 304 */
	char *etag, *last_modified; /* malloced; NULL: none of use */
	uint8_t validated; /* it was asked with a validator (B2) */
	uint8_t is_list;   /* the cleaner says so */
	uint8_t gone;	   /* a worker writes the record that says so */
};

#define CAPPED 4096

struct visits {
	struct visit_parts p;
	struct visit *list;
	struct sites *sites;
	struct { /* visit_hold.c */
		struct held_list all;
		struct site *look; /* has moved on: does it still wait? */
		int64_t looked_ms; /* all were looked at then */
	} hold;
	struct visit_stat stat;
	struct visit_meters meters;
	struct gathers *gathers; /* NULL: there never was one */
	struct outage outage;
	struct focus_usual usual_links, usual_articles;
	uint32_t usual_of; /* topic_number() of it */
	uint64_t capped[CAPPED]; /* visit_debt.c: what was logged */
	int64_t short_ms; /* when a lack of descriptors was logged */
	int64_t resumed_ms; /* gate_clock() at the opening of a state that had
			     * been crawled; 0: it was new */
	struct { /* scope of recent seeds, by number */
		uint32_t seed; /* 0: empty */
		int max_depth, priority, type;
		char tags[1024], charset[64];
		char *url;
		struct scope_seed scope;
	} scope[SCOPE_SLOTS];
};

int64_t visits_now(const struct visits *);

/* visit_ask.c: the request. hop: url (taken) on a host comes next; aim first
 * notes whose host is asked; end: whatever is under way is given up. */
void visit_ask(struct visit *);
void visit_hop(struct visit *, char *url, uint64_t host);
void visit_ask_end(struct visit *);
void visit_give_way(struct visit *, int64_t ms); /* its host waits so long */
int visit_timer(struct visit *, int64_t ms);
void visit_set_state(struct visit *, enum visit_state);

/* visit.c: ways out; each frees the visit. */
void visit_host_done(struct visit *, int64_t next_ms);
void visit_settle(struct visit *, enum url_state, int status,
    const char *reason);
void visit_retry(struct visit *, int status, const char *reason,
    int64_t at_ms);
/* Ends without a request: its turn is that of another priority. */
void visit_defer(struct visit *, int priority);
void visit_release(struct visit *, int64_t next_ms);
void visit_landed(struct visit *);

/* verdict.c: what an answer means. */
void verdict_answer(struct visit *, struct fetch *);
void verdict_no_address(struct visit *, enum dns_result);
/* May a page have these headers? NULL: there is no such header. */
int verdict_type_ok(const char *content_type, const char *disposition);
/* The ways on and out that robots.txt shares with pages: the host failed for a
 * while (wait_ms: what it asked for, -1: nothing); so did the transfer. */
void verdict_failed(struct visit *, int status, const char *reason,
    int64_t wait_ms);
void verdict_transfer(struct visit *, const struct fetch_answer *);

/* visit_clean.c: the body goes to a worker; what it says of it is done. */
void visit_body(struct visit *, struct fetch *, const struct fetch_answer *);
/* The same without one: the page is as it was; it is not there any more. */
void visit_same(struct visit *);
void visit_missing(struct visit *, const char *reason);

/* The worker's answer is final: done. */
void visit_cleaned(struct visit *, struct job_article *);
/* Once more to a worker, with what is known of its site by now. */
void visit_clean_again(struct visit *);

/* visit_hold.c: the first pages of a site wait until it is known. begins, ends:
 * of each visit. learn: from the answer, once. holds: 1, the visit waits with
 * the answer. */
void visit_hold_begins(struct visit *);
void visit_hold_ends(struct visit *);
void visit_learn(struct visit *, const struct job_article *);
void visit_put_site(struct visit *, struct wire_out *head);
/* 1: the visit has gone on with the answer from before it waited. */
int visit_land_first(struct visit *);
int visit_holds(
    struct visit *, const struct job_article *, const void *answer);

/* visit_host.c: the host that is asked, and its state. */
void visit_aim(struct visit *, uint64_t host);
void visit_crawl_delay(struct visit *, const void *rules, size_t len);
/* That the robots.txt of an authority of its own host asks for, in ms; -1. */
void visit_crawl_delay_learned(struct visit *, const char *authority,
    int64_t ms);
int visit_host_unknown(const struct visit *); /* never asked before */
int visit_host_width(const struct visit *); /* requests to it at once */
int64_t visit_host_delay(const struct visit *); /* its pause */
int64_t visit_address_delay(const struct config_values *);
/* Until it may be asked: hours, budgets, a restart; 0: now. */
int64_t visit_host_wait(const struct visit *);
/* Notes what the answer cost and how long it took; the host's pause. */
int64_t visit_host_answered(struct visit *, const struct fetch_answer *);
/* Counts one more failure; the host's next moment, at_least from now. */
int64_t visit_host_failed(struct visit *, int64_t at_least);
void visit_host_fine(struct visit *);
/* What the answer asks for, in ms; -1: nothing. */
int64_t visit_retry_after(const struct visit *, const struct fetch_answer *);

/* visit_log.c: what the fetch log, the skip log and the list of failures are
 * told. An answer, or that there is no address, is noted; its line is written
 * when it is known what became of it. Without an answer nothing is fetched. */
void visit_log_answer(struct visit *, const struct fetch_answer *);
void visit_log_no_address(struct visit *, enum dns_result);
void visit_log_settled(
    struct visit *, enum url_state, int status, const char *reason);
void visit_log_landed(struct visit *, const char *record);
void visit_log_retry(struct visit *, int status, const char *reason);
void visit_log_over(struct visit *, const char *verdict);
/* A link on its page that is not followed; detail may be NULL. */
void visit_log_link(struct visit *, const char *url, const struct winnow_key *,
    int depth, enum reason, const char *detail);
/* visit_outage.c: a name or a connection that could not be had, of v->to.host;
 * and one that could. unreached sets v->outage. */
void visit_unreached(struct visit *, enum outage_of);
void visit_reached(struct visit *, enum outage_of);

/* visit_robots.c. 1: go on (V3: with the page, or with its robots.txt);
 * 0: the visit has ended. */
int visit_robots(struct visit *);
/* Takes the body of a robots.txt as it comes (fetch_request.data); reset: what
 * came of the last one goes. */
int visit_robots_data(void *visit, const void *, size_t);
void visit_robots_reset(struct visit *);
void visit_robots_answered(struct visit *, struct fetch *,
    const struct fetch_answer *);
/* ROBOTS_PARSE with rules NULL: it could not be decoded. */
void visit_robots_ready(struct visit *, enum robots_policy, const void *rules,
    size_t len);
void visit_robots_unreachable(struct visit *, int status, const char *cause,
    int64_t wait_ms);

/* visit_debt.c: the accounts of debt.h. capped: 1, the visit has ended without
 * a request. link_add: frontier_add() under the caps of the link's host; the
 * host's name has to be set. settled, article: what came of the page; article
 * gives 0 when its text (repeats: an earlier record has it) is no article but
 * the host's way to say no. */
int visit_capped(struct visit *);
int visit_link_add(struct visit *, struct frontier_link *,
    const struct config_values *);
void visit_settled(struct visit *, enum url_state);
int visit_article(struct visit *, const struct job_article *, int repeats);
/* visit_focus.c. focused: a topic says what is asked for first. out_of_turn: 1,
 * it is not this one's turn, and the visit has ended. scored: a page was
 * cleaned; before its links. rank: fills in priority and own of a link.
 * speaks: the words of a link are on the topic, so that it is worth a look at
 * what waits. */
struct link_rank;
int visit_focused(const struct visits *);
int visit_out_of_turn(struct visit *);
void visit_scored(struct visit *, const struct job_article *);
void visit_rank(struct visit *, const struct winnow_link *,
    const struct link_rank *, struct frontier_link *);
int visit_speaks(const struct winnow_link *);
/* follow_seed.c: its seed was taken away, and no other of its host takes it: 1,
 * the visit has ended. */
int visit_unseeded(struct visit *);
#define VISIT_PROBE_TIMES 2 /* repeats of a text that make one ask */
/* visit_probe.c: asks for a page beside this one that cannot be there. Is this
 * that page? */
void visit_probe(struct visit *);
int visit_is_probe(const struct visit *);
/* Says so, once a host, when the page had more links than are taken. */
void visit_links_dropped(struct visit *, const struct job_article *);

/* revisit.c: coming back. */
enum revisit_event { REVISIT_NOTHING, REVISIT_NEW, REVISIT_CHANGED, REVISIT_GONE };
#define REVISIT_ID 36
/* Puts the page's validators into the request. */
void revisit_validators(struct visit *, struct fetch_request *);
/* Takes note of a 200; 1: it has the body that is remembered. */
int revisit_same_body(struct visit *, const struct fetch_answer *);
/* The id of the record that another one would replace, and the hash of its
 * text, and of that without a memory of its site (0: of none that a page can
 * have); NULL: there is none. */
const char *revisit_revises(const struct visit *, char id[REVISIT_ID],
    uint64_t *text_hash, uint64_t *alone_hash);
/* The record of the page stands in the queue as that of a page that is there. */
int revisit_is_live(const struct visit *);
/* That it is missing is now so sure that a record says gone. */
int revisit_is_gone(const struct visit *);
/* Other text on a hub that shows new links as well is its list, and no news; and
 * whatever it is, one such event in revisit.article_min is enough. */
int revisit_holds_back(struct visit *);
/* Before the settle of a URL: what is remembered of it and when it is asked
 * again. The state to settle it with. */
enum url_state revisit_settle(struct visit *, enum url_state);
/* The same before the outlet takes the line of the article; kept 0: the outlet
 * will drop it. What the line tells of the page. */
enum revisit_event revisit_land(
    struct visit *, const struct job_article *, int kept);

/* follow.c, follow_*.c: where to go from here. */
void follow_init(struct visits *);
void follow_clear(struct visits *);
void follow_links(struct visit *, struct job_article *);
/* A part of a list; -1: it holds more than a list may. */
int follow_list(struct visit *, struct job_list *);
/* The sitemaps that a robots.txt names, or the place where one may be. */
void follow_sitemaps(struct visit *, const void *rules, size_t len);
/* After a seed's page: the places where a feed may be, when it named none. */
void follow_feeds(struct visit *);
/* Where a hop leads: to a URL that is due now or known; the same, and the seed
 * with its scope has moved there; nowhere, *why says; or to the same page under
 * another spelling: *again (malloced) is to be asked for. */
enum follow { FOLLOW_ON, FOLLOW_MOVED, FOLLOW_NOT, FOLLOW_AGAIN };
enum follow follow_redirect(struct visit *, const char *location,
    const char **why, char **again);
/* Seed's URL, for the record; NULL: unknown, and then tags and charset are "".
 * Valid until the next seed is looked up. */
const char *follow_seed(struct visits *, uint32_t seed, const char **tags,
    const char **charset);

#endif
