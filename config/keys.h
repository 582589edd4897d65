/* keys.h - the struct and the enums that keys.def describes.
 *
 * Included by config.h, which tells how types and names come about. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdint.h>

/* enum config_scope_mode { CONFIG_SCOPE_MODE_HOST, ... }; and so on. */
#define CHOICES(section, key) enum config_##section##_##key {
#define CHOICE(prefix, name, text) CONFIG_##prefix##_##name,
#define CHOICES_END \
	} \
	;
#include "config/keys.def"

#define CONFIG_C_DURATION int64_t
#define CONFIG_C_SIZE int64_t
#define CONFIG_C_INT int64_t
#define CONFIG_C_REAL double
#define CONFIG_C_BOOL int
#define CONFIG_C_ENUM int
#define CONFIG_C_STRING const char *
#define CONFIG_C_LIST const char *const *

struct config_values {
#define KEY(section, key, type, def, least, most, check, flags, words,         \
    example, when)                                                            \
	CONFIG_C_##type section##_##key;
#include "config/keys.def"
};

#endif
