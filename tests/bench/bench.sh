#!/bin/sh
# bench.sh - every benchmark, one after the other. Each compares with a
# yardstick in the same run; figures and machine go to BENCHMARKS.md by hand.
set -u
BUILD=${BUILD:-build}
export BUILD
printf 'machine: %s, %s cores\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)"
for b in clean normalise memory linear url queue frontier links revisit; do
	[ -x "$BUILD/tests/bench/bench_$b" ] && "$BUILD/tests/bench/bench_$b"
done
python3 tests/bench/bench_crawl.py
