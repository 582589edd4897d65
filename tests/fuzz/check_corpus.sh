#!/bin/sh
# check_corpus.sh - every fuzz target reads its corpus, found-* with it.
# One that aborts names the file last.
set -u
BUILD=${BUILD:-build}
. tests/fuzz/corpus.sh
for f in tests/fuzz/fuzz_*.c; do
	t=${f#tests/fuzz/fuzz_}
	t=${t%.c}
	# shellcheck disable=SC2046
	if out=$("$BUILD/tests/fuzz/replay_$t" $(corpus_of "$t") 2>&1); then
		echo "ok - fuzz: $t reads its corpus ($(echo "$out" | tail -n 1))"
	else
		echo "$out" | tail -n 20
		echo "not ok - fuzz: $t reads its corpus"
	fi
done
