#!/bin/bash
# run.sh SECONDS [TARGET...] - fuzzes each target in turn for so many seconds,
# one process at a time; all of them when none is named. `make fuzz` first.
#
# FUZZ_WORK (build/fuzz/work) keeps what a run leaves: c_TARGET, the inputs that
# reached something new, with which the next run begins; found_TARGET-*, what
# crashed, hung or took too much memory; TARGET.log. For each target it prints
# CPU seconds, runs, runs a second and findings, at the end the sum; its exit
# status says whether there were findings.
#
# A finding is fixed with a test and its input committed as
# tests/fuzz/corpus/TARGET/found-WHAT, which `make check` reads from then on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fuzz/corpus.sh
BUILD=${BUILD:-build/fuzz}
WORK=${FUZZ_WORK:-$BUILD/work}
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
[ $# -gt 0 ] || set -- $(ls tests/fuzz/fuzz_*.c | sed 's|.*/fuzz_||; s|\.c$||')
export ASAN_OPTIONS=detect_leaks=0
TIMEFORMAT='%U %S'
all=0 found=0
mkdir -p "$WORK"
printf '%-12s %9s %12s %9s %9s\n' target 'CPU s' runs runs/s findings
for t in "$@"; do
	mkdir -p "$WORK/c_$t"
	dict=$(dict_of "$t")
	before=$(find "$WORK" -name "found_$t-*" | wc -l)
	# What a finding stopped is started again while there is time. Entropic
	# scheduling would take five sixths of the time on pages.
	end=$(($(date +%s) + seconds))
	cpu=0 runs=0
	while left=$((end - $(date +%s))) && [ "$left" -gt 0 ]; do
		{ time nice -n 19 "$BUILD/tests/fuzz/fuzz_$t" \
			-max_total_time="$left" -entropic=0 -rss_limit_mb=2500 -timeout=20 \
			-print_final_stats=1 -verbosity=1 \
			${dict:+-dict="$dict"} -artifact_prefix="$WORK/found_$t-" \
			"$WORK/c_$t" $(corpus_of "$t") >"$WORK/$t.log" 2>&1; } 2>"$WORK/time"
		rc=$?
		cpu=$(awk -v a="$cpu" '{ a += $1 + $2 } END { print a }' "$WORK/time")
		n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$WORK/$t.log")
		[ -n "$n" ] || n=$(sed -n 's/^#\([0-9]*\).*/\1/p' "$WORK/$t.log" | tail -n 1)
		runs=$((runs + ${n:-0}))
		[ $rc -ne 0 ] || break
	done
	new=$(($(find "$WORK" -name "found_$t-*" | wc -l) - before))
	found=$((found + new))
	all=$(awk "BEGIN { print $all + $cpu }")
	printf '%-12s %9.0f %12d %9.0f %9d\n' "$t" "$cpu" "$runs" \
	    "$(awk "BEGIN { print ($cpu > 0 ? $runs / $cpu : 0) }")" "$new"
done
printf '%-12s %9.0f CPU seconds, %d findings in %s\n' all "$all" "$found" "$WORK"
[ "$found" -eq 0 ]
