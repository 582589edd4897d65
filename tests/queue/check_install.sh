#!/bin/sh
# check_install.sh - libwq as a stranger gets it: installed, found by
# pkg-config, read in its manual, compiled against, used without winnowd.
set -u
BUILD=${BUILD:-build}
winnow=$BUILD/winnow
. tests/check.sh
for p in make pkg-config cc nm; do
	command -v $p >/dev/null || { echo "skip - libwq: installed: $p is not here"; exit 0; }
done
unset MAKEFLAGS MAKELEVEL MFLAGS
put() { # target
	make -s -o all "$1" DESTDIR="$t/dest" PREFIX=/opt/w BUILD="$(cd "$BUILD" && pwd)"
}
san=
grep -q __asan_init "$BUILD/winnowd" && san='-fsanitize=address,undefined'
root=$t/dest/opt/w

ok "install: puts what libwq needs" put install
is "install: header, library, pkg-config file, format and manual are there" \
	"include/wq.h lib/libwq.a lib/pkgconfig/libwq.pc share/doc/winnowd/queue/FORMAT.md share/man/man3/libwq.3" \
	"$(cd "$root" && ls include/wq.h lib/libwq.a lib/pkgconfig/libwq.pc share/doc/winnowd/queue/FORMAT.md share/man/man3/libwq.3 |
		tr '\n' ' ' | sed 's/ $//')"
PKG_CONFIG_SYSROOT_DIR=$t/dest PKG_CONFIG_PATH=$root/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs libwq)
is "install: pkg-config names the version of winnow" \
	"$("$winnow" --version | cut -d ' ' -f 2)" "$(pkg-config --modversion libwq)"
is "libwq: gives out no name but wq_ ones" "" \
	"$(nm -g --defined-only "$root/lib/libwq.a" 2>/dev/null |
		awk '$2 ~ /[A-Z]/ && $3 !~ /^(wq_|__odr_asan|__asan|_GLOBAL)/ { print $3 }')"
printf '#include <wq.h>\nint main(void) { return WQ_OK; }\n' >"$t/alone.c"
cp "$t/alone.c" "$t/alone.cc"
# shellcheck disable=SC2086
ok "wq.h: compiles alone, without a warning" cc -std=c11 -pedantic-errors -Wall -Wextra -Werror \
	-c -o "$t/alone.o" "$t/alone.c" $(pkg-config --cflags libwq)
if command -v c++ >/dev/null; then
	# shellcheck disable=SC2046
	ok "wq.h: C++ takes it too" c++ -pedantic-errors -Wall -Wextra -Werror \
		-c -o "$t/alone.o" "$t/alone.cc" $(pkg-config --cflags libwq)
else
	echo "skip - wq.h: C++ takes it too: c++ is not here"
fi

# A function of the header that the manual does not name gets a .Nm and a .Fn.
grep -oE '\bwq_[a-z_]+\(' queue/wq.h | sort -u | tr -d '(' >"$t/header"
grep -oE '^\.Fn wq_[a-z_]+' queue/libwq.3 | cut -d ' ' -f 2 | sort -u >"$t/synopsis"
is "libwq(3): has every function of wq.h, and no other" "" "$(comm -3 "$t/header" "$t/synopsis")"
is "libwq(3): names in its head what it describes" "" \
	"$(while read -r f; do grep -q "^\.Nm $f\b" queue/libwq.3 || echo "$f"; done <"$t/header")"

is "libwq(3): has every error of wq.h" "" \
	"$(grep -oE '^	WQ_E[A-Z]+' queue/wq.h | tr -d '\t' |
		while read -r e; do grep -qx "\.It Dv $e" queue/libwq.3 || echo "$e"; done)"

for n in 1 2; do
	awk -v n=$n '/^\.Bd/ { k++ } /^\.Ed/ { in_it = 0 } k == n && /^#include/ { in_it = 1 } in_it' \
		queue/libwq.3 | sed 's/\\e/\\/g' >"$t/example$n.c"
	# shellcheck disable=SC2086
	ok "libwq(3): example $n compiles against what is installed" cc -std=c11 -Wall -Wextra \
		-Werror -o "$t/example$n" "$t/example$n.c" $flags $san
done
mv "$t/example1" "$t/example"
q=$t/q
is "libwq(3): its example writes and reads" '1: {"a":1}
2: {"b":"字"}' "$("$t/example" "$q" '{"a":1}' '{"b":"字"}' 2>&1)"
is "libwq(3): its consumer gets each record once" '3: {"c":3}' \
	"$("$t/example" "$q" '{"c":3}' 2>&1)$("$t/example" "$q" 2>&1)"
is "libwq: zcat reads what it wrote" '{"a":1}
{"b":"字"}
{"c":3}' "$(zcat "$q"/ready/*/*.jsonl.gz)"
"$t/example2" "$q" >"$t/followed" 2>&1 &
pid=$!
"$t/example" "$q" '{"d":4}' >/dev/null
i=0
until grep -q '"d":4' "$t/followed" || [ $i -gt 100 ]; do i=$((i + 1)); sleep 0.1; done
kill $pid 2>/dev/null; wait $pid 2>/dev/null
is "libwq(3): its other example follows" '{"a":1} {"b":"字"} {"c":3} {"d":4} ' \
	"$(tr '\n' ' ' <"$t/followed")"
ok "libwq: winnow queue finds no fault with it" "$winnow" queue verify "$q"
is "libwq: winnow queue sees its cursor" "cursor example 4" \
	"$("$winnow" queue stat "$q" | grep '^cursor')"
is "libwq(3): its example says in words that a directory cannot be" 1 \
	"$("$t/example" /dev/null/q '{}' 2>&1 | grep -c '/dev/null/q')"
ok "uninstall: takes it away" put uninstall
is "uninstall: the configuration alone stays" "" "$(find "$root" -type f)"
