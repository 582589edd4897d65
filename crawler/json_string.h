/* json_string.h - any bytes as a JSON string. */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include <stdio.h>

/* Writes s quoted, or null. What is no UTF-8 is U+FFFD. */
void json_put_string(FILE *, const char *s);

#endif
