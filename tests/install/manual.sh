#!/bin/sh
# Pages of the manual: each program has one, that groff or mandoc reads without a complaint; its options are those of --help, no more and no
# fewer, and none that --help names beside its list is missing. An option that is planted on either side is found.
#
# usage: manual.sh <build folder>
set -eu
build=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"

# Options that a text has, a line each: words that begin with - and a letter, without values.
options() {
    grep -oE '(^|[^A-Za-z0-9_+./=-])--?[A-Za-z][A-Za-z0-9-]*' | sed 's/^[^-]*//' | sort -u
}

# The page as a reader sees its options: the list under OPTIONS, then all of it.
listed() { sed -n '/^\.SH OPTIONS/,/^\.SH/p' "$1" | sed -n 's/^\.B //p' | sed 's/\\-/-/g' | options; }
all_of() { sed 's/\\-/-/g' "$1" | options; }

# agree <help> <page>
agree() {
    sed -n 's/^  *\(-.*\)/\1/p' "$1" | sed 's/   *.*//' | options >"$folder/in_help"
    listed "$2" | comm -3 "$folder/in_help" - >"$folder/differ"
    options <"$1" >"$folder/named"
    all_of "$2" | comm -23 "$folder/named" - >>"$folder/differ"
    [ ! -s "$folder/differ" ]
}

reads() { # <page>
    if command -v groff >/dev/null; then { groff -ww -man -Tutf8 "$1" >/dev/null; } 2>&1; fi
    if command -v mandoc >/dev/null; then mandoc -Tlint -Wwarning "$1"; fi
}

for program in gwcc gw-asmgcroot gw-maps gw-heap gw-timeline; do
    page=$build/man/$program.1
    "$build/bin/$program" --help >"$folder/help"
    [ "$(wc -l <"$folder/help")" -gt 4 ] || fail "$program --help says nothing"
    agree "$folder/help" "$page" || fail "$program: options of --help, and those of its page that are indented, differ: $(cat "$folder/differ")"
    reads "$page" >"$folder/complaints" || :
    [ ! -s "$folder/complaints" ] || fail "$(cat "$folder/complaints")"
    for heading in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
        grep -qx "\.SH $heading" "$page" || fail "$page: no heading $heading"
    done
    ! grep -n '@[A-Z]*@' "$page" || fail "$page: a place was not filled"
    sed 's/^  --help\|^  -h, --help/  --planted     of no use\n&/' "$folder/help" >"$folder/planted"
    ! agree "$folder/planted" "$page" || fail "$program: an option that is in --help alone is not found"
    sed '/^\.SH OPTIONS/a .TP\n.B \\-\\-planted' "$page" >"$folder/planted"
    ! agree "$folder/help" "$folder/planted" || fail "$program: an option that is in the page alone is not found"
done
[ "$("$build/bin/gwc++" --help)" = "$("$build/bin/gwcc" --help)" ] && [ "$(readlink "$build/man/gwc++.1")" = gwcc.1 ] || fail 'gwc++ has no page'
[ "$failures" -eq 0 ]
