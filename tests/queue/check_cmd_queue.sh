#!/bin/sh
# check_cmd_queue.sh - winnow queue as a person types it, over a queue that
# test_fill made.
set -u
winnow=${BUILD:-build}/winnow
fill=${BUILD:-build}/tests/queue/test_fill
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
status() { "$@" >/dev/null 2>&1; echo $?; }

"$fill" "$t/q" 300 >/dev/null || { echo "not ok - queue: a queue to read"; exit 1; }
zcat "$t"/q/ready/*/*.gz >"$t/zcat"
"$winnow" queue cat "$t/q" >"$t/cat"
ok "queue cat: byte for byte what zcat prints" cmp "$t/zcat" "$t/cat"
is "queue cat: --from begins there" "$(sed -n '123,$p' "$t/zcat" | cksum)" \
	"$("$winnow" queue cat --from 123 "$t/q" | cksum)"
is "queue list: a line for each file" "$(ls "$t"/q/ready/*/ | grep -c gz)" \
	"$("$winnow" queue list "$t/q" | wc -l)"
is "queue list: --json is the index" "$(cksum <"$t/q/index.jsonl")" \
	"$("$winnow" queue list --json "$t/q" | cksum)"
mkdir "$t/crawl"; mv "$t/q" "$t/crawl/queue"
ok "queue verify: takes the directory of a crawl" "$winnow" queue verify "$t/crawl"
q=$t/crawl
is "queue stat: counts records" "records 300" "$("$winnow" queue stat "$q" | grep records)"
is "queue next: the first record" "$(head -n 1 "$t/zcat")" "$("$winnow" queue next "$q" me)"
ok "queue ack: moves the cursor" "$winnow" queue ack "$q" me 250
is "queue next: goes on behind it" "$(sed -n '251,260p' "$t/zcat")" "$("$winnow" queue next -n 10 "$q" me)"
is "queue ack: does not go back unasked" 1 "$(status "$winnow" queue ack "$q" me 20)"
is "queue ack: not beyond the last record" 1 "$(status "$winnow" queue ack "$q" me 301)"
ok "queue ack: to the last" "$winnow" queue ack "$q" me 300
is "queue next: nothing left is status 7" 7 "$(status "$winnow" queue next "$q" me)"
is "queue: a verb that is none is status 2" 2 "$(status "$winnow" queue frob "$q")"
is "queue: a directory without a queue" \
	"winnow queue: no queue in '/nowhere': it holds neither ready/ nor queue/ready/; name the queue or the directory of a crawl" \
	"$("$winnow" queue cat /nowhere 2>&1)"

timeout 20 "$winnow" queue follow --new "$q" >"$t/new" &
pid=$!
sleep 0.5
"$fill" "$q/queue" 50 >/dev/null
i=0
while [ "$(wc -l <"$t/new")" -lt 50 ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
kill $pid 2>/dev/null; wait $pid 2>/dev/null
is "queue follow: gives the new records as they are sealed" 50 "$(wc -l <"$t/new")"

f=$(ls "$q"/queue/ready/*/*.gz | head -n 1)
printf x | dd of="$f" bs=1 seek=100 conv=notrunc 2>/dev/null
is "queue verify: damage is status 5" 5 "$(status "$winnow" queue verify "$q")"
is "queue cat: damage is status 5" 5 "$(status "$winnow" queue cat "$q")"
"$winnow" queue verify "$q" 2>"$t/words" >/dev/null
ok "queue verify: names file and place" grep -q "jsonl.gz at 0: block checksum differs" "$t/words"
