#!/bin/sh
# bench.sh - every benchmark, one after the other. Each compares with a
# yardstick in the same run; figures and machine go to BENCHMARKS.md by hand.
set -u
BUILD=${BUILD:-build}
export BUILD
printf 'machine: %s, %s cores\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)"
for b in clean topic site normalise memory linear url links revisit; do
	[ -x "$BUILD/tests/bench/bench_$b" ] && "$BUILD/tests/bench/bench_$b"
done
python3 tests/bench/bench_queue.py
lines=$(mktemp) || exit 1
python3 tests/bench/bench_crawl.py | tee "$lines"
python3 tests/bench/bench_sync.py
# 10^7 URLs take some minutes and 1.5 GB; FRONTIER_URLS=1000000 is a tenth.
"$BUILD/tests/bench/bench_near" "${NEAR_DOCUMENTS:-1000000}" # 10^7: some minutes, 6 GB
FETCH_US=$(sed -n 's/^bench fetch .*cpu_us_per_page=\([0-9.]*\).*/\1/p' "$lines" | head -n 1)
export FETCH_US
rm -f "$lines"
"$BUILD/tests/bench/bench_frontier" "${FRONTIER_URLS:-10000000}"
