#!/bin/sh
# compile-commands.sh 'COMPILER FLAGS' FILE... - the compilation database.
cmd=$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'); shift
sep='['
for f in "$@"; do
	printf '%s\n{"directory":"%s","file":"%s","command":"%s -c %s"}' "$sep" "$PWD" "$f" "$cmd" "$f"
	sep=','
done
printf '\n]\n'
