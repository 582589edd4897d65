# check.sh - what the tests that are shell scripts share; read with `.` from the
# top of the tree. Each case prints its line (run.sh). $t: a folder of its own.
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
ok() { # name, then a command that must succeed
	name=$1; shift
	if "$@" >"$t/out" 2>"$t/err"; then echo "ok - $name"; else
		cat "$t/out" "$t/err"; echo "not ok - $name"; fi
}
is() { # name, wanted, got
	if [ "$2" = "$3" ]; then echo "ok - $1"; else
		printf '  expected: %s\n  got:      %s\nnot ok - %s\n' "$2" "$3" "$1"; fi
}
