#!/bin/sh
# check_cmd_queue.sh - winnow queue as a person types it, over a queue that
# test_fill made: what each verb prints, its statuses, its words.
set -u
winnow=${BUILD:-build}/winnow
fill=${BUILD:-build}/tests/queue/test_fill
. tests/check.sh
status() { "$@" >/dev/null 2>&1; echo $?; }
words() { "$@" 2>&1 >/dev/null; }
queue() { "$winnow" queue "$@"; }

"$fill" "$t/q" 300 >/dev/null || { echo "not ok - queue: a queue to read"; exit 1; }
zcat "$t"/q/ready/*/*.gz >"$t/zcat"

# ---- list, stat, verify
is "queue list: a line for each file" "$(ls "$t"/q/ready/*/ | grep -c gz)" \
	"$(queue list "$t/q" | wc -l)"
is "queue list: --json is the index" "$(cksum <"$t/q/index.jsonl")" \
	"$(queue list --json "$t/q" | cksum)"
mkdir "$t/crawl"; mv "$t/q" "$t/crawl/queue"
q=$t/crawl
ok "queue verify: takes the directory of a crawl" queue verify "$q"
is "queue stat: counts records" "records 300" "$(queue stat "$q" | grep records)"
is "queue stat: --json" \
	'{"files":15,"records":300,"first_seq":"1","last_seq":"300","damaged":0,"cursors":{}}' \
	"$(queue stat --json "$q" | jq -c 'del(.bytes, .json_bytes)')"

# ---- cat, get
queue cat "$q" >"$t/cat"
ok "queue cat: byte for byte what zcat prints" cmp "$t/zcat" "$t/cat"
is "queue cat: --from begins there" "$(sed -n '123,$p' "$t/zcat" | cksum)" \
	"$(queue cat --from 123 "$q" | cksum)"
is "queue cat: --to counts its end in" "$(sed -n '123,223p' "$t/zcat" | cksum)" \
	"$(queue cat --from 123 --to 223 "$q" | cksum)"
is "queue cat: -n stops after so many" "$(sed -n '123,125p' "$t/zcat")" \
	"$(queue cat --from 123 -n 3 "$q")"
file=$(queue list "$q" | sed -n 3p | cut -f1)
is "queue cat: --file takes what list prints" "$(zcat "$q/queue/$file" | cksum)" \
	"$(queue cat --file "$file" "$q" | cksum)"
is "queue cat: --file of no file is status 7" 7 \
	"$(status queue cat --file 20261121T031500Z-n-0000009999.jsonl.gz "$q")"
is "queue cat: --file of a name that is none is status 2" 2 \
	"$(status queue cat --file README "$q")"
is "queue get: the records asked for, in that order" \
	"$(sed -n 250p "$t/zcat"; sed -n 17p "$t/zcat")" "$(queue get "$q" 250 17)"
is "queue get: none of them is status 7" 7 "$(status queue get "$q" 301 999)"
is "queue get: some of them is status 5" 5 "$(status queue get "$q" 300 301)"
is "queue get: says which is not there" "winnow queue: no sealed file holds record 301" \
	"$(words queue get "$q" 300 301)"
is "queue cat: --fields and --where" '{"seq":"42"}' \
	"$(queue cat --fields seq --where seq=42 "$q")"
is "queue cat: --format csv" "seq
42" "$(queue cat --format csv --fields seq --where seq=42 "$q" | tr -d '\r')"
is "queue cat: a reader that leaves is no error" "$(head -n 1 "$t/zcat")" \
	"$({ queue cat "$q" 2>"$t/err"; } | head -n 1; cat "$t/err")"
is "queue cat: a full stdout is status 6, with words" \
	"6 winnow queue: cannot write to stdout: No space left on device" \
	"$("$winnow" queue cat "$q" 2>"$t/err" >/dev/full; echo "$? $(cat "$t/err")")"

# ---- times: date_download of records that were loaded on three days
mkdir -p "$t/days"
"$fill" "$t/days/queue" days >/dev/null
is "queue cat: --since and --until of one day are that day" "3 4" \
	"$(queue cat --since 2026-11-22 --until 2026-11-22 --fields seq --format text "$t/days" | tr -d '\f' | xargs)"
is "queue cat: --since a time with an offset" "4 5 6" \
	"$(queue cat --since 2026-11-22T20:00:00+08:00 --format text --fields seq "$t/days" | tr -d '\f' | xargs)"
is "queue cat: --until a time" "1 2 3" \
	"$(queue cat --until '2026-11-22 04:00' --format text --fields seq "$t/days" | tr -d '\f' | xargs)"
is "queue cat: a time that is none is told" \
	"winnow queue: --since '2026-02-30': use a day (2026-11-21), a time (2026-11-21T03:15:00Z) or how long ago (30m, 2h, 7d)" \
	"$(words queue cat --since 2026-02-30 "$q" | head -n 1)"

# ---- next, ack
is "queue next: the first record" "$(head -n 1 "$t/zcat")" "$(queue next "$q" me)"
is "queue next: it comes again until it is acknowledged" "$(head -n 1 "$t/zcat")" \
	"$(queue next --consumer me "$q")"
ok "queue ack: without a number it is what was given" queue ack --consumer me "$q"
is "queue next: goes on behind it" "$(sed -n 2,3p "$t/zcat")" "$(queue next --consumer me -n 2 "$q")"
ok "queue ack: moves the cursor" queue ack "$q" me 250
is "queue next: goes on behind that" "$(sed -n '251,260p' "$t/zcat")" "$(queue next -n 10 "$q" me)"
is "queue next: --bytes takes as many as fit" "$(sed -n 251,254p "$t/zcat")" \
	"$(queue next --consumer me --bytes 250 "$q")"
is "queue next: --bytes takes one at least" "$(sed -n 251p "$t/zcat")" \
	"$(queue next --consumer me --bytes 1 "$q")"
is "queue next: --where is for the consumer too, and ack passes what it left out" 280 \
	"$(queue next --consumer me -n 1 --where seq=280 "$q" >/dev/null; queue ack --consumer me "$q"; queue cursor list "$q" | cut -f2)"
is "queue ack: does not go back unasked" \
	"winnow queue: cursor 'me' is at 280 already; use --rewind to take it back to 20" \
	"$(words queue ack "$q" me 20)"
ok "queue ack: --rewind takes it back" queue ack --rewind "$q" me 20
is "queue next: then it begins there" "$(sed -n 21p "$t/zcat")" "$(queue next "$q" me)"
is "queue ack: not beyond the last record" \
	"winnow queue: cannot acknowledge 301: the last sealed record is 300" \
	"$(words queue ack "$q" me 301)"
ok "queue ack: to the last" queue ack "$q" me 300
is "queue next: nothing left is status 7" 7 "$(status queue next "$q" me)"
is "queue ack: nothing given is status 7" 7 "$(status queue ack --consumer me "$q")"
is "queue ack: of no consumer is status 7" 7 "$(status queue ack --consumer nobody "$q")"
is "queue ack: makes no cursor of a name mistyped" "me" "$(queue cursor list "$q" | cut -f1)"
is "queue next: a name is no path" 2 "$(status queue next --consumer ../me "$q")"
is "queue next: a command line that is refused leaves no cursor" "2 me" \
	"$(status queue next --consumer oops --format nonsense "$q") $(queue cursor list "$q" | cut -f1)"
queue next --consumer you -n 7 "$q" >/dev/null
is "queue cursor list: place, given, left" "me 300 300 0,you 0 7 300," \
	"$(queue cursor list "$q" | sort | tr '\t\n' ' ,')"
is "queue cursor list: --json" '{"name":"you","acked":"0","given":"7","left":300}' \
	"$(queue cursor list --json "$q" | grep you)"
is "queue next: a stdout that fails was given nothing" "you 0 7 300" \
	"$("$winnow" queue next --consumer you -n 50 "$q" 2>/dev/null >/dev/full
	queue cursor list "$q" | grep you | tr '\t' ' ')"
is "queue prune: not behind the lowest cursor" 0 "$(queue prune "$q" | wc -l)"
ok "queue cursor rm: forgets it" queue cursor rm --consumer you "$q"
is "queue cursor rm: of none is status 7" 7 "$(status queue cursor rm "$q" you)"
is "queue prune: --dry-run tells what would go" 14 "$(queue prune --dry-run "$q" | wc -l)"
echo nonsense >"$q/queue/cursors/hand"
is "queue prune: a cursor that cannot be read holds everything, with words" \
	"1 winnow queue: cursor 'hand': its file holds no number; it holds every file until it is mended (ack --rewind) or removed (cursor rm)" \
	"$(status queue prune "$q") $(words queue prune "$q")"
is "queue cursor list: tells the one that cannot be read, and the others" "5 me" \
	"$(status queue cursor list "$q") $(queue cursor list "$q" 2>/dev/null | cut -f1)"
is "queue next: a cursor that cannot be read is status 1" 1 "$(status queue next --consumer hand "$q")"
ok "queue ack: --rewind mends it" queue ack --rewind --consumer hand "$q" 0
ok "queue cursor rm: removes it" queue cursor rm --consumer hand "$q"

printf '500\n' >"$q/queue/cursors/far"
is "queue next: a cursor ahead of the queue is told" \
	"7 winnow queue: cursor 'far' is at 500, but the last sealed record is 300; if the queue was made anew, take it back with ack --rewind" \
	"$(status queue next --consumer far "$q") $(words queue next --consumer far "$q")"
ok "queue cursor rm: takes DIR NAME too" queue cursor rm "$q" far

is "queue ack: a name that was not there is said to be new" \
	"0 winnow queue: cursor 'typo' is new: from now on nothing behind 60 is pruned until it is acknowledged, or cursor rm" \
	"$(status queue ack --consumer typo "$q" 60; queue cursor rm --consumer typo "$q") $(words queue ack --consumer typo "$q" 60)"
queue cursor rm --consumer typo "$q"

# ---- a consumer with another user's rights, of the group and not
name="queue next: a consumer of the group keeps its cursor, another is told"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
if $nobody test -x "$winnow" 2>/dev/null; then
	chmod 755 "$t"
	chgrp 65534 "$q/queue/cursors"
	$nobody "$winnow" queue next --consumer guest -n 2 "$q" >"$t/out"
	$nobody "$winnow" queue ack --consumer guest "$q"
	chgrp 0 "$q/queue/cursors"
	is "$name" "2 guest 2 1 winnow queue: cursor '$q/queue/cursors/guest': Permission denied; give the user that runs this the rights it needs there" \
		"$(wc -l <"$t/out") $(queue cursor list "$q" | grep guest | cut -f1,2 | tr '\t' ' ') $(status $nobody "$winnow" queue next --consumer guest "$q") $(words $nobody "$winnow" queue next --consumer guest "$q")"
	f=$(ls "$q"/queue/ready/*/*.gz | sed -n 2p)
	chmod 600 "$f"
	chgrp 65534 "$q/queue/cursors"
	got=$($nobody "$winnow" queue next --consumer guest -n 1000 "$q" 2>"$t/err" | wc -l)
	is "queue next: ends in front of a file that it may not read" \
		"$(($(queue list "$q" | head -n 1 | cut -f3) - 2)) 1" \
		"$got $(grep -c 'cannot go on: .*Permission denied' "$t/err")"
	$nobody "$winnow" queue ack --consumer guest "$q"
	is "queue next: does not pass it, so nothing is acknowledged unread" "1 0" \
		"$(status $nobody "$winnow" queue next --consumer guest "$q") $($nobody "$winnow" queue next --consumer guest "$q" 2>/dev/null | wc -l)"
	chgrp 0 "$q/queue/cursors"
	chmod 644 "$f"
	queue cursor rm --consumer guest "$q"
	chmod 700 "$q/queue/cursors"
	for v in stat "cursor list" prune; do
		is "queue $v: a folder of cursors that may not be read is told" \
			"winnow queue: $q/queue/cursors: Permission denied; give the user that runs this the rights it needs there" \
			"$(words $nobody "$winnow" queue $v "$q" | tail -n 1)"
	done
	chmod 775 "$q/queue/cursors"
	chmod 700 "$q"
	is "queue: a directory that may not be entered is told as that" \
		"1 winnow queue: cannot look into '$q': Permission denied; give the user that runs this the rights it needs there" \
		"$(status $nobody "$winnow" queue list "$q") $(words $nobody "$winnow" queue list "$q")"
	chmod 755 "$q"
else
	echo "skip - $name: only root can be another user"
fi

# ---- words and statuses
is "queue: a verb that is none is status 2" 2 "$(status queue frob "$q")"
is "queue: an option of another verb is told" "winnow queue list: unknown option '--from'" \
	"$(words queue list --from 3 "$q" | head -n 1)"
is "queue: what is no option, no value and no number is told" \
	"winnow queue cat: unknown option '--frob', did you mean '--from'?
winnow queue cat: unknown option '-x'
winnow queue cat: option '--from' needs a value: SEQ
winnow queue: --from 'x': use the number of a record
winnow queue: --count '-1': use a number, 1 at least
winnow queue: SEQ 'x': use the number of a record
winnow queue: --from 10 is behind --to 5
winnow queue: --since is later than --until
winnow queue cursor: unknown command 'show'" \
	"$(for o in --frob -x --from --from=x -n-1; do words queue cat "$q" $o | head -n 1; done
	words queue get "$q" x | head -n 1
	words queue cat --from 10 --to 5 "$q" | head -n 1
	words queue cat --since 1h --until 2h "$q" | head -n 1
	words queue cursor show "$q" | head -n 1)"
is "queue: no consumer named is told" "winnow queue: next: --consumer must name the consumer" \
	"$(words queue next "$q" | head -n 1)"
is "queue: --help of a verb is on stdout" 0 "$(queue next --help | grep -q '^usage: winnow queue next'; echo $?)"
is "queue: -n 0 is status 2" 2 "$(status queue next --consumer me -n 0 "$q")"
is "queue: a directory without a queue" \
	"winnow queue: no queue in '/nowhere': it holds neither ready/ nor queue/ready/; name the queue or the directory of a crawl" \
	"$(words queue cat /nowhere)"

# ---- pipes where files should be: nobody waits for their other end
"$fill" "$t/pipes" 40 >/dev/null
mkfifo "$t/fifo"
f=$(ls "$t"/pipes/ready/*/*.gz | head -n 1)
mv "$t/fifo" "$f"
is "queue: a pipe in the place of a sealed file is damage" "5 5 5 5 0" \
	"$(for v in list stat cat verify; do status timeout 120 "$winnow" queue $v "$t/pipes"; done | xargs) $(
	status timeout 120 "$winnow" queue prune --retain 0s "$t/pipes")"
rm -f "$f" "$t/pipes/index.jsonl"
mkfifo "$t/pipes/index.jsonl"
is "queue: a pipe in the place of index.jsonl is none" "0 0 0" \
	"$(for v in list cat verify; do status timeout 120 "$winnow" queue $v "$t/pipes"; done | xargs)"

# ---- damage
f=$(ls "$q"/queue/ready/*/*.gz | head -n 1)
printf x | dd of="$f" bs=1 seek=100 conv=notrunc 2>/dev/null
is "queue verify: damage is status 5" 5 "$(status queue verify "$q")"
is "queue cat: damage is status 5" 5 "$(status queue cat "$q")"
is "queue cat: damage costs its own records" "$(sed -n '6,$p' "$t/zcat" | cksum)" "$(queue cat "$q" 2>/dev/null | cksum)"
ok "queue verify: names file and place" sh -c "$winnow queue verify $q 2>&1 | grep -q 'jsonl.gz at 0: '"
is "queue next: damage is status 5, and what is behind it is given" "5 $(sed -n 6p "$t/zcat")" \
	"$(status queue next --consumer x "$q") $(queue next --consumer x "$q" 2>/dev/null)"
ok "queue ack: goes on behind the damage" queue ack --consumer x "$q"
is "queue next: goes on behind the damage" "$(sed -n 7p "$t/zcat")" "$(queue next --consumer x "$q" 2>/dev/null)"
is "queue get: a damaged record is status 5" 5 "$(status queue get "$q" 3)"
