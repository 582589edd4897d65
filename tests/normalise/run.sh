#!/bin/sh
# run.sh [DIR] - the long suite of the normaliser: clean text is left alone,
# and what mirrors do to it is undone. Text comes out of Debian packages that
# are fetched into DIR (370 MB, once). Floors are those of manuals and program
# messages; running text fares better.
set -eu
DIR=${1:-build/clean-text}
BUILD=${BUILD:-build}
HERE=$(dirname "$0")
mkdir -p "$DIR"
[ -s "$DIR/clean.jsonl" ] || {
	"$HERE/clean_text.py" "$DIR" >"$DIR/clean.part"
	mv "$DIR/clean.part" "$DIR/clean.jsonl"
}
echo "clean text:"
"$HERE/false_repairs.py" "$BUILD/winnow" --min 5000000 <"$DIR/clean.jsonl"
echo "clean text, said to be a mirror's:"
"$HERE/false_repairs.py" "$BUILD/winnow" --mirror <"$DIR/clean.jsonl"
jq -r 'select((.id | tonumber) % 20 == 0) | .text' "$DIR/clean.jsonl" \
	>"$DIR/sample.txt"
echo "damaged on purpose:"
"$HERE/damage.py" <"$DIR/sample.txt" |
	"$HERE/measure.py" "$BUILD/winnow" --min 0.65,0.975
