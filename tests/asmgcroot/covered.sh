#!/bin/sh
# The table of what is covered in docs/asmgcroot.md and the fixtures agree: all that it names exists and expects something, and
# each fixture with maps is named.
#
# usage: covered.sh <source folder>
set -eu
cd "$1"

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
sed -n '/^## What is covered/,/^## What is refused/p' docs/asmgcroot.md | sed -n 's/^| .* | \(.*\) |$/\1/p' |
    grep -v 'fixtures and programs' | tr ',' '\n' | sed 's/.*: //; s/^ *//' | sort -u >"$folder/named"
[ "$(wc -l <"$folder/named")" -ge 35 ] || { echo "the table is not where it was"; exit 1; }

failures=0
complain() {
    echo "$*"
    failures=$((failures + 1))
}

while IFS= read -r name; do
    case $name in
    *.sh) [ -x "tests/programs/$name" ] || complain "docs/asmgcroot.md names tests/programs/$name, which is missing" ;;
    *) grep -qs '^# MAP: ' "tests/asmgcroot/fixtures/$name.s" ||
        complain "docs/asmgcroot.md names $name: no fixture with expected maps has that name" ;;
    esac
done <"$folder/named"
for fixture in tests/asmgcroot/fixtures/*.s; do
    name=$(basename "$fixture" .s)
    grep -q '^# REFUSE: ' "$fixture" || grep -qx "$name" "$folder/named" || complain "docs/asmgcroot.md does not name the fixture $name"
done
[ "$failures" -eq 0 ]
