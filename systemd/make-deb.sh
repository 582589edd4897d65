#!/bin/sh
# make-deb.sh - the Debian packages of what is committed, in $BUILD/deb.
#
# The commit is unpacked (a tree that is no clone is copied as it is), gets
# systemd/debian as its debian/ and a changelog made of CHANGES, and goes to
# dpkg-buildpackage; no right of root is used, and none feigned.
#
#  D1  Commit and version in, the same bytes out, in whatever folder it is
#      built: times are the commit's, folders are mapped away.
#  D2  Of the environment nothing gets in but PATH and HOME.
set -eu
cd "$(dirname "$0")/.."
version=${VERSION:?}
out=${BUILD:-build}/deb
source=$out/winnowd-$version

rm -rf "$out"
mkdir -p "$source"
if [ -e .git ] && git rev-parse -q --verify HEAD >/dev/null; then
	git archive HEAD | tar -x -C "$source"
	when=$(git log -1 --format=%ct)
	[ -z "$(git status --porcelain -uno)" ] ||
	    echo "make deb: what is not committed is not in the packages" >&2
else
	tar -c --exclude=./build --exclude=./config.mak . | tar -x -C "$source"
	when=$(date -r CHANGES +%s)
fi

cp -R "$source/systemd/debian" "$source/debian"
who=$(sed -n 's/^Maintainer: //p' "$source/debian/control")
awk -v first="$version" -v tail=" -- $who  $(date -u -R -d "@$when")" '
	# What was gathered, in lines that lintian(1) finds short enough.
	function wrap(  n, i, word, line) {
		n = split(text, word, " ")
		line = "  *"
		for (i = 1; i <= n; i++) {
			if (length(line) + length(word[i]) >= 78) {
				print line
				line = "   "
			}
			line = line " " word[i]
		}
		if (n) print line
		text = ""
	}
	function end() { wrap(); if (entry) print "\n" tail "\n"; }
	/^[0-9]/ {
		end()
		print "winnowd (" (entry++ ? $1 : first) ") unstable; urgency=medium\n"
	}
	!entry || /^[0-9]/ || /^$/ { next }
	/^  [^ ]/ { wrap(); sub("^  (- )?", "") }
	{ text = text " " $0 }
	END { end() }' CHANGES > "$source/debian/changelog"

cd "$source"
env -i PATH="$PATH" HOME="$HOME" LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH="$when" \
    dpkg-buildpackage -b -us -uc > ../build.log 2>&1 || {
	tail -n 15 ../build.log >&2
	echo "make deb: failed; all of it: $out/build.log" >&2
	exit 1
}
cd - >/dev/null
rm -rf "$source"
ls "$out"/*.deb
