/* print.c - what settings look like: -T, a reload's changes, the sample, the
 * manual. */
#include "config/impl.h"

#include <stdlib.h>
#include <string.h>

/* More people read the log and what -T prints than the file: a password of a
 * proxy is in neither. */
static void
print_told(const struct config_key *k, const void *field, FILE *f)
{
	char hidden[512];

	if (k->check == CONFIG_PROXY &&
	    config_hide_user(
		*(const char *const *)field, hidden, sizeof(hidden)))
		fputs(hidden, f);
	else
		config_value_print(k, field, f);
}

static void
print_value(const struct config_key *k, const struct config_values *v,
    const char *where, FILE *f)
{
	fprintf(f, "%s.%s = ", k->section, k->name);
	print_told(k, config_field(k, v), f);
	fprintf(f, "  # %s\n", where);
}

static void
print_host(const struct config *c, const char *host, FILE *f)
{
	const struct config_values *v = config_for(c, host);

	for (int i = 0; i < CONFIG_NKEYS; i++)
		if (config_keys[i].flags & CONFIG_F_SITE)
			print_value(&config_keys[i], v,
			    config_where(c, host, i), f);
}

void
config_print(const struct config *c, const char *host, FILE *f)
{
	const struct config_key *k;
	const struct config_site *s;

	if (host != NULL) {
		print_host(c, host, f);
		return;
	}
	for (int i = 0; i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		/* Only a [site] section has these. */
		if (strcmp(k->section, "site") != 0 ||
		    strcmp(c->general.where[i], "default") != 0)
			print_value(
			    k, &c->general.values, c->general.where[i], f);
	}
	for (size_t n = 0; n < c->nsites; n++) {
		s = c->sites[n];
		for (int i = 0; i < CONFIG_NKEYS; i++) {
			if (s->set.where[i] == NULL)
				continue;
			fprintf(f, "site \"%s\" ", s->pattern);
			print_value(&config_keys[i], &s->set.values,
			    s->set.where[i], f);
		}
	}
}

static void
print_change(const struct config_key *k, const char *site, const void *old,
    const void *new, FILE *f)
{
	if (site != NULL)
		fprintf(f, "site \"%s\" ", site);
	fprintf(f, "%s.%s: ", k->section, k->name);
	if (old != NULL)
		print_told(k, old, f);
	else
		fputs("(as in general)", f);
	fputs(" -> ", f);
	if (new != NULL)
		print_told(k, new, f);
	else
		fputs("(as in general)", f);
	fprintf(f, "%s\n",
	    k->flags & CONFIG_F_START ? "  # from the next start on" : "");
}

/* The last site of that pattern which sets key i: its field, or NULL. */
static const void *
site_field(const struct config *c, const char *pattern, int i)
{
	const struct config_site *s;

	for (size_t n = c->nsites; n > 0; n--) {
		s = c->sites[n - 1];
		if (s->set.where[i] != NULL && strcmp(s->pattern, pattern) == 0)
			return config_field(&config_keys[i], &s->set.values);
	}
	return NULL;
}

/* What the sites of one config say and those of the other do not, or say
 * otherwise. forward: one is the old. Differing values are told once. */
static int
diff_sites(
    const struct config *one, const struct config *other, int forward, FILE *f)
{
	const struct config_site *s;
	const void *a, *b;
	int n = 0;

	for (size_t j = 0; j < one->nsites; j++) {
		s = one->sites[j];
		for (int i = 0; i < CONFIG_NKEYS; i++) {
			a = config_field(&config_keys[i], &s->set.values);
			/* A later section of the same pattern overrides. */
			if (s->set.where[i] == NULL ||
			    site_field(one, s->pattern, i) != a)
				continue;
			b = site_field(other, s->pattern, i);
			if (b != NULL &&
			    (!forward ||
				config_value_equal(&config_keys[i], a, b)))
				continue;
			print_change(&config_keys[i], s->pattern,
			    forward ? a : b, forward ? b : a, f);
			n++;
		}
	}
	return n;
}

int
config_diff(const struct config *old, const struct config *new, FILE *f)
{
	const struct config_key *k;
	const void *a, *b;
	int n = 0;

	for (int i = 0; i < CONFIG_NKEYS; i++) {
		k = &config_keys[i];
		a = config_field(k, &old->general.values);
		b = config_field(k, &new->general.values);
		if (config_value_equal(k, a, b))
			continue;
		print_change(k, NULL, a, b, f);
		n++;
	}
	return n + diff_sites(old, new, 1, f) + diff_sites(new, old, 0, f);
}

/* Words as comment lines of at most 78 columns. */
static void
print_comment(const char *words, FILE *f)
{
	size_t col = 0, n;

	while (*words != '\0') {
		n = strcspn(words, " ");
		if (col > 0 && col + 1 + n > 78) {
			fputc('\n', f);
			col = 0;
		}
		col += fprintf(f, "%s%.*s", col ? " " : "# ", (int)n, words);
		words += n;
		words += *words == ' ';
	}
	fputc('\n', f);
}

static const char *
type_words(const struct config_key *k)
{
	static const char *const words[] = {[CONFIG_DURATION] = "a duration",
	    [CONFIG_SIZE] = "a size",
	    [CONFIG_INT] = "a number",
	    [CONFIG_REAL] = "a number",
	    [CONFIG_BOOL] = "true or false",
	    [CONFIG_ENUM] = "one of",
	    [CONFIG_STRING] = "a text",
	    [CONFIG_LIST] = "a list"};

	return words[k->type];
}

static void
print_type(const struct config_key *k, FILE *f)
{
	fputs(type_words(k), f);
	if (k->type == CONFIG_ENUM)
		for (int i = 0; k->choices[i] != NULL; i++)
			fprintf(f, "%s %s", i ? "," : "", k->choices[i]);
	if (k->least[0] != '\0')
		fprintf(f, ", %s to %s", k->least, k->most);
}

static void
print_example(const struct config_key *k, FILE *f)
{
	char line[512];

	snprintf(line, sizeof(line), "Example: %s = %s (%s).", k->name,
	    k->example, k->when);
	print_comment(line, f);
}

void
config_print_sample(FILE *f)
{
	const struct config_key *k;

	fputs("# winnowd.conf - every setting with its default. Take the # away"
	      " to change one.\n"
	      "# Durations: 500ms, 30s, 5m, 24h, 7d. Sizes: 64KiB, 32MiB,"
	      " 1GiB.\n"
	      "# Lists: items with commas or blanks between; += adds to a"
	      " list.\n"
	      "# winnowd -t checks this file, winnowd -T shows what holds and"
	      " why.\n"
	      "# See winnowd.conf(5).\n",
	    f);
	for (size_t s = 0; s < config_nsections; s++) {
		int site = strcmp(config_sections[s].name, "site") == 0;

		fputc('\n', f);
		print_comment(config_sections[s].words, f);
		fprintf(f, site ? "#[%s \"*.example.org\"]\n" : "[%s]\n",
		    config_sections[s].name);
		for (int i = 0; i < CONFIG_NKEYS; i++) {
			k = &config_keys[i];
			if (strcmp(k->section, config_sections[s].name) != 0)
				continue;
			fputc('\n', f);
			print_comment(k->words, f);
			fputs("# (", f);
			print_type(k, f);
			fprintf(f, "%s)\n",
			    k->flags & CONFIG_F_SITE && !site
				? "; [site] sections too"
				: "");
			print_example(k, f);
			fprintf(f, "#%s =%s%s\n", k->name, k->def[0] ? " " : "",
			    k->def);
		}
	}
	fputs(
	    "\n# Settings of the administrator, in the order of their names.\n"
	    "#include conf.d/*.conf\n",
	    f);
}

static void
print_roff_word(const char *s, size_t n, int first, FILE *f)
{
	/* A line may not begin like a request. */
	if (first && (*s == '.' || *s == '\''))
		fputs("\\&", f);
	for (; n > 0; s++, n--)
		if (*s == '\\')
			fputs("\\e", f);
		else
			putc(*s, f);
}

/* Text for mdoc: a sentence begins a line, lines have at most 78 columns. */
static void
print_roff(const char *s, FILE *f)
{
	size_t col = 0, n;

	for (; *s != '\0'; s += n, s += *s == ' ') {
		n = strcspn(s, " ");
		if (col > 0 && (s[-2] == '.' || col + 1 + n > 78)) {
			putc('\n', f);
			col = 0;
		} else if (col > 0)
			col += fprintf(f, " ");
		print_roff_word(s, n, col == 0, f);
		col += n;
	}
	putc('\n', f);
}

static void
print_roff_example(const struct config_key *k, FILE *f)
{
	char line[512];

	fprintf(f, ".br\nExample:\n.Ql ");
	print_roff_word(k->name, strlen(k->name), 1, f);
	fputs(" = ", f);
	print_roff_word(k->example, strlen(k->example), 0, f);
	snprintf(line, sizeof(line), "(%s).", k->when);
	putc('\n', f);
	print_roff(line, f);
}

void
config_print_mdoc(FILE *f)
{
	const struct config_key *k;

	for (size_t s = 0; s < config_nsections; s++) {
		fprintf(f, ".Ss The section %s\n", config_sections[s].name);
		print_roff(config_sections[s].words, f);
		fputs(".Bl -tag -width Ds\n", f);
		for (int i = 0; i < CONFIG_NKEYS; i++) {
			k = &config_keys[i];
			if (strcmp(k->section, config_sections[s].name) != 0)
				continue;
			fprintf(f, ".It Ic %s\n", k->name);
			print_roff(k->words, f);
			print_roff_example(k, f);
			fputs(".br\n(", f);
			print_type(k, f);
			fprintf(f, "; default %s%s%s)\n",
			    k->def[0] ? k->def : "empty",
			    k->flags & CONFIG_F_SITE ? "; per site" : "",
			    k->flags & CONFIG_F_START ? "; read at start only"
						      : "");
		}
		fputs(".El\n", f);
	}
}
