/* winnowd.c - the daemon's main: options, config, zygote, daemon_run(). It stays
 * in the foreground: the service manager keeps it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "crawler/commands.h"
#include "crawler/daemon.h"
#include "crawler/startup.h"
#include "crawler/zygote.h"

int
main(int argc, char **argv)
{
	static const struct option longs[] = { { "version", 0, NULL, 'V' },
		{ 0 } };
	struct overrides ov = { 0 };
	struct zygote z = { .fd = -1 };
	struct config *config;
	const char *file = NULL;
	int o, mode = 0, warnings = 0, rc;

	if ((rc = command_check(command_program("winnowd"), argc, argv)) >= 0)
		return rc;
	while ((o = getopt_long(argc, argv, "c:o:tT", longs, NULL)) != -1)
		switch (o) {
		case 'c':
			file = optarg;
			break;
		case 'o':
			if (overrides_add(&ov, optarg) != 0)
				return 1;
			break;
		case 't':
		case 'T':
			mode = o;
			break;
		case 'V':
			printf("winnowd %s\n", WINNOW_VERSION);
			return 0;
		default:
			return 2;
		}
	if (optind < argc && mode != 'T') {
		fprintf(stderr, "winnowd: '%s': a host is for -T alone\n",
		    argv[optind]);
		overrides_clear(&ov);
		return 2;
	}
	if (file == NULL && access(STARTUP_FILE, F_OK) == 0)
		file = STARTUP_FILE;
	if ((rc = startup_config("winnowd", &config, file, &ov)) != 0) {
		overrides_clear(&ov);
		return rc;
	}
	if (mode != 'T')
		warnings = config_warn(config, stderr);
	if (mode == 'T')
		config_print(config, argv[optind], stdout);
	else if (mode == 't')
		fprintf(stderr, "winnowd: %s: the configuration is %s\n",
		    file != NULL ? file : "defaults",
		    warnings > 0 ? "valid, but see above" : "fine");
	else if ((rc = startup_zygote("winnowd", &z, config)) == 0) {
		rc = daemon_run(config, file, &ov, &z);
		zygote_stop(&z);
		overrides_clear(&ov);
		return rc;
	}
	config_free(config);
	overrides_clear(&ov);
	return rc;
}
