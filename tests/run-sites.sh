#!/bin/sh
# run-sites.sh [--seeds FILE] [--out DIR] - what `make run` does when all is
# built. With seeds it crawls them. Without, it starts the project's own example
# sites on loopback, crawls those, and shows what came out.
set -u
BUILD=${BUILD:-build}
seeds='' out=''
while [ $# -gt 0 ]; do
	case $1 in
	--seeds) seeds=${2:?--seeds needs a file}; shift 2 ;;
	--out) out=${2:?--out needs a directory}; shift 2 ;;
	*) echo "usage: run-sites.sh [--seeds FILE] [--out DIR]" >&2; exit 2 ;;
	esac
done

show() { # DIR: titles of the articles, where they are, what to do next
	"$BUILD/winnow" queue cat "$1" | python3 -c '
import collections, json, sys
rows = [json.loads(line) for line in sys.stdin]
new = [r for r in rows if not r["dup_of"]]
hosts = collections.defaultdict(list)
for r in new:
    hosts[r["host"]].append(r)
for host, found in sorted(hosts.items()):
    print("\n" + host)
    for r in sorted(found, key=lambda r: r["date_publish"] or "", reverse=True)[:40]:
        print("  %-10s  %s  (%d chars)" % (r["date_publish"] or "-", r["title"], r["chars"]))
    if len(found) > 40:
        print("  ... and %d more" % (len(found) - 40))
print("\n%d articles, %d repeats" % (len(new), len(rows) - len(new)))
'
	cat <<END

The queue is $1/queue: JSON lines in gzip files. Try next:
  $BUILD/winnow queue cat $1 | head -1
  $BUILD/winnow queue stat $1
  $BUILD/winnow why -o $1 URL
  $BUILD/winnow clean -f text < page.html
  make run SEEDS=list.txt OUT=dir
END
}

if [ -n "$seeds" ]; then
	out=${out:-./winnow-out}
	"$BUILD/winnow" crawl -o "$out" "$seeds"
	rc=$?
	[ $rc -le 1 ] || [ $rc -eq 5 ] || exit $rc
	[ -d "$out/queue" ] && show "$out"
	exit $rc
fi

# A demo begins anew, but only where an earlier one has been.
if [ -z "$out" ]; then
	out=./winnow-out
	if [ -e $out/.demo ]; then
		rm -rf $out
	elif [ -e $out ]; then
		out=$(mktemp -d ./winnow-out.XXXXXX) || exit 1
	fi
fi
mkdir -p "$out" || exit 1
: >"$out/.demo"

tmp=$(mktemp -d) || exit 1
"$BUILD/tests/sites/winnow-sites" tests/sites >"$tmp/sites.json" &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
i=0
until [ -s "$tmp/sites.json" ]; do
	i=$((i + 1))
	if [ $i -gt 100 ] || ! kill -0 $pid 2>/dev/null; then
		echo "run-sites: the example sites did not start" >&2
		exit 1
	fi
	sleep 0.05
done
python3 - "$tmp" <<'END' || exit 1
import json, sys
tmp = sys.argv[1]
state = json.load(open(tmp + "/sites.json"))
open(tmp + "/seeds.txt", "w").write("".join(s["url"] + "\n" for s in state["sites"]))
open(tmp + "/dns", "w").write(state["dns"])
END

echo "crawling $(grep -c . "$tmp/seeds.txt") example sites on loopback into $out" >&2
"$BUILD/winnow" crawl -o "$out" -O fetch.allow_net=127.0.0.0/8 \
	-O "fetch.dns=$(cat "$tmp/dns")" -O fetch.hosts_file= \
	-O politeness.delay=100ms "$tmp/seeds.txt"
rc=$?
[ -d "$out/queue" ] && show "$out"
exit $rc
