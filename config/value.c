/* value.c - one value: from text, to text, compared.
 *
 * A number is digits with an optional fraction, then a unit; a duration
 * without a unit is in seconds, a size in bytes. Lists are separated by commas
 * or blanks; an item that holds either stands in double quotes.
 *
 * Invariants
 *  V1  What config_value_print() prints, config_value_set() reads as the same
 *      value.
 *  V2  A value that is refused leaves the field as it was. */
#include "config/impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define LIST_MAX 10000

struct unit {
	const char *name;
	int64_t factor;
};

/* The first name of a factor is the one that is printed. */
static const struct unit durations[] = {{"w", 604800000}, {"d", 86400000},
    {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {"min", 60000},
    {"", 1000}, {NULL, 0}};
static const struct unit sizes[] = {{"EiB", INT64_C(1) << 60},
    {"PiB", INT64_C(1) << 50}, {"TiB", INT64_C(1) << 40}, {"GiB", 1 << 30},
    {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"T", INT64_C(1) << 40},
    {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"k", 1 << 10},
    {"TB", 1000000000000}, {"GB", 1000000000}, {"MB", 1000000}, {"KB", 1000},
    {"kB", 1000}, {"", 1}, {NULL, 0}};
static const struct unit plain[] = {{"", 1}, {NULL, 0}};

static int
refuse(char *why, size_t len, const char *what)
{
	snprintf(why, len, "%s", what);
	return -1;
}

static const struct unit *
units_of(const struct config_key *k)
{
	return k->type == CONFIG_DURATION ? durations
	       : k->type == CONFIG_SIZE   ? sizes
					  : plain;
}

static const char *
unit_help(const struct config_key *k)
{
	return k->type == CONFIG_DURATION ? "unknown unit, use ms, s, m, h or d"
	       : k->type == CONFIG_SIZE ? "unknown unit, use B, KiB, MiB or GiB"
					: "not a whole number";
}

/* Digits, a fraction perhaps, blanks, a unit. */
static int
number_parse(const struct config_key *k, const char *text, int64_t *out,
    char *why, size_t whylen)
{
	const struct unit *u;
	const char *p = text;
	long double v = 0, scale = 1;

	if (*p < '0' || *p > '9')
		return refuse(why, whylen,
		    *p == '-' ? "may not be negative" : "not a number");
	for (; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (*p - '0');
	if (*p == '.' && k->type != CONFIG_INT)
		for (p++; *p >= '0' && *p <= '9'; p++)
			v += (*p - '0') * (scale /= 10);
	while (*p == ' ' || *p == '\t')
		p++;
	for (u = units_of(k); u->name != NULL; u++)
		if (strcmp(u->name, p) == 0)
			break;
	if (u->name == NULL)
		return refuse(why, whylen, unit_help(k));
	v = v * u->factor + 0.5L;
	if (!(v < 9.2e18L))
		return refuse(why, whylen, "too large");
	*out = (int64_t)v;
	return 0;
}

static int
range_refuse(const struct config_key *k, char *why, size_t whylen)
{
	snprintf(why, whylen, "out of range, use %s to %s", k->least, k->most);
	return -1;
}

static int
number_set(const struct config_key *k, int64_t *field, const char *text,
    char *why, size_t whylen)
{
	int64_t v, least, most;

	/* The default of a delay that follows from another one. */
	if (strcmp(text, "auto") == 0 && strcmp(k->def, "auto") == 0) {
		*field = -1;
		return 0;
	}
	if (number_parse(k, text, &v, why, whylen) < 0)
		return -1;
	if (number_parse(k, k->least, &least, why, whylen) < 0 ||
	    number_parse(k, k->most, &most, why, whylen) < 0)
		return -1;
	if (v < least || v > most)
		return range_refuse(k, why, whylen);
	*field = v;
	return 0;
}

static int
real_set(const struct config_key *k, double *field, const char *text, char *why,
    size_t whylen)
{
	char *end;
	double v;

	/* strtod() would take nan, inf and hexadecimal. */
	if (text[strspn(text, "0123456789.")] != '\0')
		return refuse(why, whylen, "not a number");
	v = strtod(text, &end);
	if (end == text || *end != '\0')
		return refuse(why, whylen, "not a number");
	if (v < strtod(k->least, NULL) || v > strtod(k->most, NULL))
		return range_refuse(k, why, whylen);
	*field = v;
	return 0;
}

static int
bool_set(int *field, const char *text, char *why, size_t whylen)
{
	static const char *const words[] = {
	    "false", "true", "no", "yes", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*field = i % 2;
			return 0;
		}
	return refuse(why, whylen, "use true or false");
}

/* The word that was meant, when one is near. */
static const char *
choice_nearest(const struct config_key *k, const char *text)
{
	const char *best = NULL;
	unsigned d, least = UINT_MAX;

	for (int i = 0; k->choices[i] != NULL; i++) {
		d = config_misspelt(text, k->choices[i]);
		if (d < least)
			least = d, best = k->choices[i];
	}
	return best;
}

static int
enum_set(const struct config_key *k, int *field, const char *text, char *why,
    size_t whylen)
{
	const char *near;
	size_t n;

	for (int i = 0; k->choices[i] != NULL; i++)
		if (strcmp(k->choices[i], text) == 0) {
			*field = i;
			return 0;
		}
	n = snprintf(why, whylen, "unknown value, use ");
	for (int i = 0; k->choices[i] != NULL && n < whylen; i++)
		n += snprintf(why + n, whylen - n, "%s%s",
		    i == 0              ? ""
		    : k->choices[i + 1] ? ", "
					: " or ",
		    k->choices[i]);
	near = choice_nearest(k, text);
	if (near != NULL && n < whylen)
		snprintf(why + n, whylen - n, ", did you mean '%s'?", near);
	return -1;
}

static int
is_address(const char *s, size_t len, int *bits)
{
	char buf[INET6_ADDRSTRLEN];
	unsigned char addr[sizeof(struct in6_addr)];

	if (len >= sizeof(buf))
		return 0;
	memcpy(buf, s, len);
	buf[len] = '\0';
	*bits = 32;
	if (inet_pton(AF_INET, buf, addr) == 1)
		return 1;
	*bits = 128;
	return inet_pton(AF_INET6, buf, addr) == 1;
}

/* Digits only, at most `most`. */
static int
is_number(const char *s, unsigned long most)
{
	return *s != '\0' && strlen(s) <= 5 &&
	       s[strspn(s, "0123456789")] == '\0' &&
	       strtoul(s, NULL, 10) <= most;
}

static const char *
check_network(const char *s)
{
	const char *slash = strchr(s, '/');
	int bits;

	if (!is_address(s, slash ? (size_t)(slash - s) : strlen(s), &bits))
		return "not a network, use address/bits as in 10.0.0.0/8";
	if (slash != NULL && !is_number(slash + 1, bits))
		return "bad prefix length, use address/bits as in 10.0.0.0/8";
	return NULL;
}

static const char *
check_server(const char *s)
{
	static const char help[] =
	    "not a server, use address:port as in 192.0.2.1:53";
	const char *end;
	int bits;

	if (is_address(s, strlen(s), &bits))
		return NULL;
	if (*s == '[') {
		end = strchr(s, ']');
		if (end == NULL || !is_address(s + 1, end - s - 1, &bits))
			return help;
		end++;
	} else {
		end = strchr(s, ':');
		if (end == NULL || !is_address(s, end - s, &bits))
			return help;
	}
	if (*end == '\0')
		return NULL;
	return *end == ':' && is_number(end + 1, 65535) ? NULL : help;
}

static const char *
check_timezone(const char *s)
{
	int ok = (s[0] == '+' || s[0] == '-') && strlen(s) == 6 &&
		 s[3] == ':' && strspn(s + 1, "0123456789") == 2 &&
		 strspn(s + 4, "0123456789") == 2 && atoi(s + 1) <= 14 &&
		 atoi(s + 4) <= 59;

	return *s == '\0' || ok ? NULL : "not an offset, use one like +08:00";
}

/* "HH:MM" at s, at most 24:00; minutes, or -1. */
static int
clock_parse(const char *s)
{
	int m;

	if (strspn(s, "0123456789") != 2 || s[2] != ':' ||
	    strspn(s + 3, "0123456789") != 2)
		return -1;
	m = atoi(s) * 60 + atoi(s + 3);
	return atoi(s + 3) <= 59 && m <= 24 * 60 ? m : -1;
}

static const char *
check_hours(const char *s)
{
	int ok = strlen(s) == 11 && s[5] == '-' && clock_parse(s) >= 0 &&
		 clock_parse(s + 6) >= 0;

	return ok ? NULL : "not hours, use from-to as in 22:00-06:00";
}

/* Bytes of [lo, 0x7e] only; high: those of UTF-8 too. */
static int
is_printable(const char *s, unsigned char lo, int high)
{
	for (; *s != '\0'; s++) {
		unsigned char c = *s;

		if (c < lo || c == 0x7f || (c >= 0x80 && !high))
			return 0;
	}
	return 1;
}

static const char *
check_proxy(const char *s)
{
	static const char help[] = "not a proxy, use http://address:port or "
				   "socks5://address:port";
	const char *at;

	if (*s == '\0')
		return NULL;
	if (strlen(s) > 300 || !is_printable(s, 0x21, 0))
		return help;
	if (strncmp(s, "http://", 7) == 0)
		s += 7;
	else if (strncmp(s, "socks5://", 9) == 0)
		s += 9;
	else
		return help;
	at = strrchr(s, '@');
	if (at != NULL)
		s = at + 1;
	/* with its port: the address alone, or in brackets, has none */
	if (check_server(s) != NULL || strrchr(s, ':') == NULL ||
	    atoi(strrchr(s, ':') + 1) == 0 ||
	    (*s == '[' ? s[strlen(s) - 1] == ']'
		       : strchr(s, ':') != strrchr(s, ':')))
		return help;
	return NULL;
}

static const char *
check_node(const char *s)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789._-";

	if (s[strspn(s, set)] != '\0' || strlen(s) > 32)
		return "use at most 32 of letters, digits, '.', '_' and '-'";
	return NULL;
}

/* NULL, or what is wrong with a string. */
static const char *
string_check(enum config_check check, const char *s)
{
	switch (check) {
	case CONFIG_ANY:
		return NULL;
	case CONFIG_NAME:
		return is_printable(s, 0x21, 1) ? NULL : "may not hold spaces";
	case CONFIG_NODE:
		return check_node(s);
	case CONFIG_PATH:
		return strlen(s) < 4096 ? NULL : "path is too long";
	case CONFIG_DIR:
		if (*s == '\0')
			return "is empty, name a directory";
		return strlen(s) < 4000 ? NULL : "path is too long";
	case CONFIG_SOCKET:
		return strlen(s) < sizeof(((struct sockaddr_un *)0)->sun_path)
			   ? NULL
			   : "path is too long for a socket, use at most 107 "
			     "bytes";
	case CONFIG_PATTERN:
		return *s != '\0' && is_printable(s, 0x21, 1)
			   ? NULL
			   : "not a pattern, write spaces as %20";
	case CONFIG_HEADER:
		return is_printable(s, 0x20, 0)
			   ? NULL
			   : "only printable ASCII may stand in a header";
	case CONFIG_HOURS:
		return check_hours(s);
	case CONFIG_NETWORK:
		return check_network(s);
	case CONFIG_SERVER:
		return check_server(s);
	case CONFIG_PROXY:
		return check_proxy(s);
	case CONFIG_LISTEN:
		return config_listen_check(s);
	case CONFIG_TIMEZONE:
		return check_timezone(s);
	}
	return NULL;
}

static int
string_set(struct config *c, const struct config_key *k, const char **field,
    const char *text, char *why, size_t whylen)
{
	size_t len = strlen(text);
	const char *wrong;
	char *s;

	if (len >= 2 && text[0] == '"' && text[len - 1] == '"')
		text++, len -= 2;
	s = config_strdup(c, text, len);
	if (s == NULL)
		return CONFIG_ENOMEM;
	wrong = string_check(k->check, s);
	if (wrong != NULL)
		return refuse(why, whylen, wrong);
	*field = s;
	return 0;
}

static int
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t';
}

/* Cuts the next item at *text: 1, or 0 at the end, -1 for an open quote. */
static int
item_next(const char **text, const char **item, size_t *len)
{
	const char *p = *text, *end;

	while (is_separator(*p))
		p++;
	if (*p == '\0')
		return 0;
	if (*p == '"') {
		end = strchr(++p, '"');
		if (end == NULL)
			return -1;
		*text = end + 1;
	} else {
		for (end = p; *end != '\0' && !is_separator(*end); end++)
			;
		*text = end;
	}
	*item = p;
	*len = end - p;
	return 1;
}

static int
list_set(struct config *c, const struct config_key *k,
    const char *const **field, const char *text, int add, char *why,
    size_t whylen)
{
	const char *const *old = add ? *field : NULL;
	const char *p = text, *item, *wrong;
	const char **v;
	size_t n = 0, have = 0, len;
	int rc;

	while ((rc = item_next(&p, &item, &len)) == 1)
		n++;
	if (rc < 0)
		return refuse(why, whylen, "a quote is not closed");
	while (old != NULL && old[have] != NULL)
		have++;
	if (n + have > LIST_MAX)
		return refuse(why, whylen, "more than 10000 items");
	v = config_alloc(c, (have + n + 1) * sizeof(*v));
	if (v == NULL)
		return CONFIG_ENOMEM;
	for (n = 0; n < have; n++)
		v[n] = old[n];
	for (p = text; item_next(&p, &item, &len) == 1; n++) {
		v[n] = config_strdup(c, item, len);
		if (v[n] == NULL)
			return CONFIG_ENOMEM;
		wrong = string_check(k->check, v[n]);
		if (wrong != NULL)
			return refuse(why, whylen, wrong);
	}
	v[n] = NULL;
	*field = v;
	return 0;
}

int
config_value_set(struct config *c, const struct config_key *k, void *field,
    const char *text, int add, char *why, size_t whylen)
{
	if (add && k->type != CONFIG_LIST)
		return refuse(why, whylen, "is no list, use = instead of +=");
	if (*text == '\0' && k->type < CONFIG_STRING)
		return refuse(why, whylen, "has no value");
	switch (k->type) {
	case CONFIG_DURATION:
	case CONFIG_SIZE:
	case CONFIG_INT:
		return number_set(k, field, text, why, whylen);
	case CONFIG_REAL:
		return real_set(k, field, text, why, whylen);
	case CONFIG_BOOL:
		return bool_set(field, text, why, whylen);
	case CONFIG_ENUM:
		return enum_set(k, field, text, why, whylen);
	case CONFIG_STRING:
		return string_set(c, k, field, text, why, whylen);
	case CONFIG_LIST:
		return list_set(c, k, field, text, add, why, whylen);
	}
	return refuse(why, whylen, "has no type");
}

/* In the largest unit that leaves no fraction. */
static void
number_print(const struct config_key *k, int64_t v, FILE *f)
{
	const struct unit *u = units_of(k);

	if (v == 0 || v == -1) {
		fputs(v == 0 ? "0" : "auto", f);
		return;
	}
	while (v % u->factor != 0)
		u++;
	fprintf(f, "%lld%s", (long long)(v / u->factor), u->name);
}

static void
list_print(const char *const *v, FILE *f)
{
	for (size_t i = 0; v[i] != NULL; i++) {
		int bare = v[i][0] != '\0' && strpbrk(v[i], ", \t") == NULL;

		fprintf(f, "%s%s%s%s", i ? ", " : "", bare ? "" : "\"", v[i],
		    bare ? "" : "\"");
	}
}

/* A string that begins and ends in a quote of its own needs another pair. */
static void
string_print(const char *s, FILE *f)
{
	size_t n = strlen(s);
	int quote = n > 0 && (s[0] == ' ' || s[0] == '\t' || s[n - 1] == ' ' ||
				 s[n - 1] == '\t' || (n > 1 && s[0] == '"'));

	fprintf(f, "%s%s%s", quote ? "\"" : "", s, quote ? "\"" : "");
}

int
config_hide_user(const char *proxy, char *out, size_t outlen)
{
	const char *at = strrchr(proxy, '@'), *user = strstr(proxy, "://");

	if (at == NULL)
		return 0;
	user = user != NULL && user < at ? user + 3 : proxy;
	snprintf(out, outlen, "%.*s***%s", (int)(user - proxy), proxy, at);
	return 1;
}

void
config_value_print(const struct config_key *k, const void *field, FILE *f)
{
	switch (k->type) {
	case CONFIG_DURATION:
	case CONFIG_SIZE:
	case CONFIG_INT:
		number_print(k, *(const int64_t *)field, f);
		break;
	case CONFIG_REAL:
		fprintf(f, "%.12g", *(const double *)field);
		break;
	case CONFIG_BOOL:
		fputs(*(const int *)field ? "true" : "false", f);
		break;
	case CONFIG_ENUM:
		fputs(k->choices[*(const int *)field], f);
		break;
	case CONFIG_STRING:
		string_print(*(const char *const *)field, f);
		break;
	case CONFIG_LIST:
		list_print(*(const char *const *const *)field, f);
		break;
	}
}

static int
list_equal(const char *const *a, const char *const *b)
{
	for (; *a != NULL && *b != NULL; a++, b++)
		if (strcmp(*a, *b) != 0)
			return 0;
	return *a == *b;
}

int
config_value_equal(const struct config_key *k, const void *a, const void *b)
{
	switch (k->type) {
	case CONFIG_DURATION:
	case CONFIG_SIZE:
	case CONFIG_INT:
		return *(const int64_t *)a == *(const int64_t *)b;
	case CONFIG_REAL:
		return fabs(*(const double *)a - *(const double *)b) < 1e-12;
	case CONFIG_BOOL:
	case CONFIG_ENUM:
		return *(const int *)a == *(const int *)b;
	case CONFIG_STRING:
		return strcmp(*(const char *const *)a,
			   *(const char *const *)b) == 0;
	case CONFIG_LIST:
		return list_equal(*(const char *const *const *)a,
		    *(const char *const *const *)b);
	}
	return 0;
}

void
config_value_copy(const struct config_key *k, struct config_values *to,
    const struct config_values *from)
{
	static const size_t sizes_of[] = {[CONFIG_DURATION] = sizeof(int64_t),
	    [CONFIG_SIZE] = sizeof(int64_t),
	    [CONFIG_INT] = sizeof(int64_t),
	    [CONFIG_REAL] = sizeof(double),
	    [CONFIG_BOOL] = sizeof(int),
	    [CONFIG_ENUM] = sizeof(int),
	    [CONFIG_STRING] = sizeof(const char *),
	    [CONFIG_LIST] = sizeof(const char *const *)};

	memcpy(config_field(k, to), config_field(k, from), sizes_of[k->type]);
}
