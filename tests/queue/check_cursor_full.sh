#!/bin/sh
# check_cursor_full.sh - cursors on a file system that has no block, or no
# inode, left: a small tmpfs in a mount namespace of our own.
set -u
if [ "${1:-}" != inside ]; then
	t=$(mktemp -d)
	trap 'rm -rf "$t"' EXIT
	if ! unshare -rm sh -c 'mount -t tmpfs none "$0"' "$t" 2>/dev/null; then
		echo "skip - queue ack on full disks: mounting is not allowed here"
		exit 0
	fi
	unshare -rm sh "$0" inside "$t"
	exit
fi
t=$2
winnow=${BUILD:-build}/winnow
fill=${BUILD:-build}/tests/queue/test_fill
is() { # name, wanted, got
	if [ "$2" = "$3" ]; then echo "ok - $1"; else
		printf '  expected: %s\n  got:      %s\nnot ok - %s\n' "$2" "$3" "$1"; fi
}
queue() { "$winnow" queue "$@"; }
place() { queue cursor list "$t/q" | cut -f1-3 | tr '\t\n' ' ,'; }

full() { # name of the case, options of mount, what fills it
	mount -t tmpfs -o "$2" none "$t" || exit 1
	"$fill" "$t/q" 100
	queue next --consumer me -n 40 "$t/q" >/dev/null
	eval "$3"
	queue ack --consumer me "$t/q"
	is "queue ack: takes note on a disk with no $1 left" "0 me 40 40," "$? $(place)"
	queue next --consumer me -n 20 "$t/q" | wc -l >"$t.n"
	is "queue next: gives, and remembers it, with no $1 left" "20 me 40 60," "$(cat "$t.n") $(place)"
	"$winnow" queue next --consumer new "$t/q" >"$t.out" 2>"$t.err"
	is "queue next: a first one with no $1 left gives nothing: status 6, with words" \
		"6 0 winnow queue: cursor '$t/q/cursors/new': No space left on device; " \
		"$? $(wc -c <"$t.out") $(cut -d';' -f1 "$t.err"); "
	queue ack --consumer me "$t/q"
	queue prune "$t/q" >"$t.out"
	is "queue prune: makes room behind it with no $1 left" "0 3" "$? $(wc -l <"$t.out")"
	is "queue next: a first one when there is room again after no $1" 1 "$(queue next --consumer new "$t/q" | wc -l)"
	is "queue cursor: nothing else lies beside the cursors, with no $1 left" "me new" \
		"$(ls -A "$t/q/cursors" | xargs)"
	umount "$t"
}

trap 'rm -f "$t.n" "$t.out" "$t.err"' EXIT
full block size=256k 'cat /dev/zero >"$t/filler" 2>/dev/null'
full inode size=1m,nr_inodes=40 \
	'(i=0; while : >"$t/filler.$i"; do i=$((i + 1)); done) 2>/dev/null'
