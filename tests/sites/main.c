/* main.c - winnow-sites: small web sites on loopback.
 *
 *	winnow-sites [--port N] [--dns-port N] [DIR]
 *	winnow-sites --write OUT --pages N [--hosts K] [--port N] [--gzip] [DIR]
 *
 * DIR holds a folder for each site: tests/sites. The first form prints one
 * line of JSON when it listens, and ends at SIGTERM, SIGINT or /__stop. The
 * second writes pages for benchmarks (bulk.c) and ends. */
#include "tests/sites/sites.h"

#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/dns.h>
#include <event2/event.h>

#define SITES_MAX 64

static struct site *sites[SITES_MAX];
static size_t nsites;

static int
is_site(const struct dirent *e)
{
	return e->d_name[0] != '.' && strchr(e->d_name, '.') == NULL;
}

static void
load_sites(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_site, alphasort);
	char path[512];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s/site.txt", dir,
		    names[i]->d_name);
		if (access(path, R_OK) == 0 && nsites < SITES_MAX) {
			*strrchr(path, '/') = '\0';
			sites[nsites++] = site_load(path);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (nsites == 0) {
		fprintf(stderr,
		    "winnow-sites: no site in '%s'; name the folder "
		    "tests/sites\n",
		    dir);
		exit(1);
	}
}

static void
print_state(int port, int dns)
{
	const struct attrs *a;

	printf("{\"pid\":%d,\"port\":%d,\"dns\":\"127.0.0.1:%d\",\"sites\":[",
	    (int)getpid(), port, dns);
	for (size_t i = 0; i < nsites; i++) {
		a = &sites[i]->attrs;
		printf("%s{\"name\":\"%s\",\"host\":\"%s\",\"address\":\"%s\","
		       "\"url\":\"http://%s:%d%s\"}",
		    i ? "," : "", strrchr(sites[i]->dir, '/') + 1,
		    attr_get(a, "host"), attr_get(a, "address"),
		    attr_get(a, "host"), port, attr_get(a, "seed"));
	}
	printf("]}\n");
	fflush(stdout);
}

static void
signal_cb(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	event_base_loopbreak(arg);
}

static int
serve(int port, int dns_port)
{
	struct event_base *base = must(event_base_new());
	struct event *term = must(evsignal_new(base, SIGTERM, signal_cb, base));
	struct event *intr = must(evsignal_new(base, SIGINT, signal_cb, base));
	struct server *s = server_new(base, sites, nsites);
	struct evdns_server_port *dns = NULL;
	int rc = 1;

	port = server_bind(s, port);
	dns_port = dns_start(base, sites, nsites, dns_port, &dns);
	if (port < 0 || dns_port < 0) {
		fprintf(stderr,
		    "winnow-sites: cannot listen on loopback; choose another "
		    "--port or --dns-port\n");
		goto out;
	}
	evsignal_add(term, NULL);
	evsignal_add(intr, NULL);
	print_state(port, dns_port);
	event_base_dispatch(base);
	rc = 0;
out:
	if (dns != NULL)
		evdns_close_server_port(dns);
	server_free(s);
	event_free(term);
	event_free(intr);
	event_base_free(base);
	return rc;
}

static int
usage(void)
{
	fputs("usage: winnow-sites [--port N] [--dns-port N] [DIR]\n"
	      "       winnow-sites --write OUT [--pages N] [--hosts K] "
	      "[--port N] [--gzip] [DIR]\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"port", required_argument, NULL, 'p'},
	    {"dns-port", required_argument, NULL, 'd'},
	    {"write", required_argument, NULL, 'w'},
	    {"pages", required_argument, NULL, 'n'},
	    {"hosts", required_argument, NULL, 'k'},
	    {"gzip", no_argument, NULL, 'z'},
	    {NULL, 0, NULL, 0},
	};
	struct bulk bulk = {.pages = 10000, .hosts = 16};
	int c, dns = 0, rc;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'p':
			bulk.port = atoi(optarg);
			break;
		case 'd':
			dns = atoi(optarg);
			break;
		case 'w':
			bulk.dir = optarg;
			break;
		case 'n':
			bulk.pages = atoi(optarg);
			break;
		case 'k':
			bulk.hosts = atoi(optarg);
			break;
		case 'z':
			bulk.gzip = 1;
			break;
		default:
			return usage();
		}
	if (bulk.pages < 1 || bulk.hosts < 1 || argc - optind > 1)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	load_sites(optind < argc ? argv[optind] : "tests/sites");
	rc = bulk.dir != NULL ? bulk_write(&bulk, sites, nsites)
			      : serve(bulk.port, dns);
	for (size_t i = 0; i < nsites; i++)
		site_free(sites[i]);
	return rc;
}
