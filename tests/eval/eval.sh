#!/bin/sh
# eval.sh - how well the cleaner does on the development sets, and whether it
# does less well than before. See eval.py.
set -eu
cd "$(dirname "$0")/../.."
exec python3 tests/eval/eval.py "$@"
