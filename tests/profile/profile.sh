#!/bin/sh
# A program that knows what it allocates where is profiled: the profile, decoded by protoc with the field numbers of pprof's public definition, says
# the same within 5 %, and so does pprof where Go is installed, which finds lines by the build's id. Other profiles are found to be wrong. Heaps of
# two threads share a file.
#
# usage: profile.sh <build folder> <LLVM version> <program with threads>
set -eu
build=$1 version=$2 threads=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"

# decode <profile> <sums>
decode() {
    gzip -dc "$1" | protoc -I"$here" --decode=profile.Profile profile.proto >"$1.text" && LC_ALL=C awk -f "$here/samples.awk" "$1.text" >"$2"
}

# compare <truth> <sums>: whether each number is within 5 %; in words where not
compare() {
    awk '/^bad/ { print; bad = 1 }
        FNR == NR { for (i = 2; i <= 5; i++) truth[$1, i] = $i; functions[$1]; next }
        $1 in functions { found[$1]; for (i = 2; i <= 5; i++) {
            d = $i - truth[$1, i]; if (d < 0) d = -d
            if (d > truth[$1, i] / 20) { print $1 ": " $i " for " truth[$1, i]; bad = 1 } } }
        END { for (f in functions) if (!(f in found)) { print f " is missing"; bad = 1 } exit bad }' "$1" "$2"
}

"$build/bin/gwcc" --llvm="$version" -O2 -g "$here/shares.c" -o shares
GREYWAVE=profile=by-option,profile-rate=4k ./shares by-call >truth || fail "it failed: status $?"
for profile in by-call by-option; do
    decode $profile $profile.sums || fail "$profile is no profile"
    compare truth $profile.sums || fail "$profile"
done
tr -d '\n' <by-call.text | grep -q 'string_table: "".*string_table: "pair"' || fail 'a type has no name'

# plant <what> <sed's command>
plant() {
    sed "$2" by-call.text >planted
    cmp -s planted by-call.text && fail "nothing was planted: $1"
    LC_ALL=C awk -f "$here/samples.awk" planted >planted.sums
    compare truth planted.sums >/dev/null && fail "not found: $1" || true
}
plant 'a value that is twice as large' '0,/^  value: [1-9]/s/^  value: \([0-9]*\)$/  value: 1\1/'
plant 'a value more' '0,/^  value:/s/^  value:.*/&\n&/'
plant 'a text more in front' '0,/^string_table/s/^string_table/string_table: "more"\n&/'
plant 'a location that is missing' '0,/^location {/s/^location {/mapping {/'
plant 'an address in front of its image' '0,/^  address: /s/^  address: .*/  address: 1/'

# What is noted by chance is noted no less often where it is seldom: by the default rate a large array is one sample of five.
GREYWAVE=profile=default ./shares >/dev/null && decode default default.sums
awk '{ all += $3 } $1 == "make_arrays" { part = $3 } END { exit !(part / all > 0.3 && part / all < 0.5) }' default.sums || fail 'by the default rate'

GREYWAVE=profile=shared,profile-rate=2k "$threads" || fail "threads: status $?"
decode shared shared.sums || fail 'what two heaps wrote is no profile'
printf 'allocate_twice 2000000 48000000 0 0\nallocate_once 1000000 24000000 0 0\n' >truth.shared
sed 's/ [0-9]* [0-9]*$/ 0 0/' shared.sums >shared.allocated
compare truth.shared shared.allocated || fail 'two heaps'

if command -v go >/dev/null && go tool pprof -top by-call >top 2>&1; then
    awk '$NF == "make_arrays" { found = $2 + 0 } END { exit !(found > 37 && found < 42) }' top || fail "pprof: $(cat top)"
    # By the build's id it finds the program, and lines by themselves: each line that allocates, in whatever function, and no other.
    go tool pprof -top -lines by-call >lines 2>&1 || fail "pprof -lines: $(cat lines)"
    sed -n 's/^ *[1-9].*shares\.c:\([0-9]*\).*/\1/p' lines | sort -un >allocating
    grep -nE 'gw_(new|new_array|weak_new)\(' "$here/shares.c" | cut -d : -f 1 | diff - allocating >difference || fail "pprof -lines: $(cat difference)"
    go tool pprof -list=make_arrays by-call >listing 2>&1 || fail "pprof -list: $(cat listing)"
    line=$(grep -n 'gw_new_array(' "$here/shares.c" | cut -d : -f 1)
    grep -qE "^ *[0-9.]+MB +[0-9.]+MB +$line: " listing || fail "pprof -list: $(cat listing)"
fi
[ "$failures" -eq 0 ]
