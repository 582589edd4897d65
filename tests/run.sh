#!/bin/sh
# run.sh TEST... - runs every test and counts.
#
# A test is a program or script that prints one line for each case:
#   ok - name | not ok - name | skip - name: reason
# and whatever else explains a failure. One that ends badly without a
# `not ok` of its own counts as one failure. These lines are kept in
# $BUILD/tests/results/TEST for tests/queue/promise.py.
# It must end by itself; a quarter of an hour is what a busy machine gets.
set -u
limit=900
pass=0 fail=0 skip=0
results=${BUILD:-build}/tests/results
rm -rf "$results" && mkdir -p "$results" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in "$@"; do
	case $t in
	*.py) timeout $limit python3 "$t" >"$log" 2>&1 ;;
	*.sh) timeout $limit sh "$t" >"$log" 2>&1 ;;
	*) timeout $limit "$t" >"$log" 2>&1 ;;
	esac
	rc=$?
	name=$(basename "$t")
	grep -E '^(ok|not ok|skip) - ' "$log" >"$results/${name%.*}"
	p=$(grep -c '^ok - ' "$log")
	f=$(grep -c '^not ok - ' "$log")
	s=$(grep -c '^skip - ' "$log")
	if [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
		echo "not ok - $t ended with status $rc"
	fi
	[ "$f" -gt 0 ] && { echo "--- $t"; grep -v '^ok - ' "$log" | head -n 200; }
	grep '^skip - ' "$log"
	printf '%-48s %4d passed %3d failed %3d skipped\n' "${t#"${BUILD:-build}"/}" "$p" "$f" "$s"
	pass=$((pass + p)) fail=$((fail + f)) skip=$((skip + s))
done
[ "$skip" -gt 0 ] && echo "$skip skipped"
echo "$pass passed, $fail failed"
[ "$fail" -eq 0 ] && [ "$pass" -gt 0 ]
