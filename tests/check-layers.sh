#!/bin/sh
# check-layers.sh - who may know whom (ARCHITECTURE.md, "Layers").
# Greps the includes of each folder against its list; a header outside the
# list is an error with file:line.
set -u
bad=0
libc='^<(sys/|arpa/|net|linux/|std|string|strings|errno|unistd|fcntl|time|math|ctype|limits|malloc|assert|inttypes|dirent|signal|poll|getopt|locale|pwd|grp|fnmatch|wchar|uchar|libgen|regex|sched|glob|endian|termios|byteswap|emmintrin|immintrin)'
layer() { # folder, allowed includes as an extended regular expression
	out=$(grep -nHE '^[[:space:]]*#[[:space:]]*include' "$1"/*.c "$1"/*.h 2>/dev/null |
		sed -E 's/#[[:space:]]*include[[:space:]]*/ /' |
		awk -v ok="$2" -v libc="$libc" '{ i = $NF; if (i !~ libc && i !~ ok) print }')
	[ -z "$out" ] || { echo "$out" | sed "s|^|layers: $1 may not include: |"; bad=1; }
}
layer config '^"config/'
layer queue '^"queue/|^<(zlib|libdeflate)\.h>'
layer cleaner '^"cleaner/|^<(libxml/|iconv|zlib|libdeflate|brotli/|zstd|xxhash|libpsl|openssl/|opencc|uchardet)'
layer crawler '^"crawler/|^"cleaner/(winnow|cleaner_cmds)\.h"|^"queue/(wq|queue_cmds)\.h"|^"config/(config|config_cmds)\.h"|^<(event2/|curl/|lmdb|libpsl|xxhash|seccomp|openssl/)'
[ $bad -eq 0 ] && echo "layers: ok"
exit $bad
