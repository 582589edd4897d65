#!/bin/sh
# run.sh TEST... [-- TEST...] - runs every test and counts. Those behind -- begin
# when all others have ended.
#
# A test is a program or script that prints one line for each case:
#   ok - name | not ok - name | skip - name: reason
# and whatever else explains a failure. One that ends badly without a
# `not ok` of its own counts as one failure. These lines are kept in
# $BUILD/tests/results/TEST for tests/queue/promise.py.
#
# LANES of them (2) run at a time, for most of their time is waiting; what one
# says comes in one piece. It must end by itself; a quarter of an hour is what a
# busy machine gets.
set -u
limit=900
BUILD=${BUILD:-build}
export BUILD
results=$BUILD/tests/results

# One test: its lines into $results, its report to stdout at once.
one() {
	log=$(mktemp) || exit 1
	mine=$log.lines
	case $1 in
	*.py) timeout $limit python3 "$1" >"$log" 2>&1 ;;
	*.sh) timeout $limit sh "$1" >"$log" 2>&1 ;;
	*) timeout $limit "$1" >"$log" 2>&1 ;;
	esac </dev/null
	rc=$?
	name=$(basename "$1")
	grep -E '^(ok|not ok|skip) - ' "$log" >"$mine"
	if [ "$rc" -ne 0 ] && ! grep -q '^not ok - ' "$mine"; then
		echo "not ok - $1 ended with status $rc" | tee -a "$mine" >>"$log"
	fi
	p=$(grep -c '^ok - ' "$mine") f=$(grep -c '^not ok - ' "$mine")
	s=$(grep -c '^skip - ' "$mine")
	report=$({
		[ "$f" -gt 0 ] && { echo "--- $1"; grep -v '^ok - ' "$log" | head -n 200; }
		[ "$f" -eq 0 ] && grep '^skip - ' "$mine"
		printf '%-48s %4d passed %3d failed %3d skipped\n' "${1#"$BUILD"/}" "$p" "$f" "$s"
	})
	cat "$mine" >>"$results/${name%.*}" # two folders may have one name
	rm -f "$log" "$mine"
	printf '%s\n' "$report"
}

count() { cat "$results"/* | grep -c "^$1 - "; }

if [ "$1" = --one ]; then
	one "$2"
	exit 0
fi

rm -rf "$results" && mkdir -p "$results" || exit 1
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	printf '%s\n' "$1"
	shift
done >"$results.list"
xargs -P "${LANES:-2}" -n 1 sh "$0" --one <"$results.list"
[ $# -gt 0 ] && shift
for t in "$@"; do
	one "$t"
done
rm -f "$results.list"

skip=$(count skip) fail=$(count 'not ok') pass=$(count ok)
[ "$skip" -gt 0 ] && echo "$skip skipped"
echo "$pass passed, $fail failed"
[ "$fail" -eq 0 ] && [ "$pass" -gt 0 ]
