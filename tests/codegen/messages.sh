#!/bin/sh
# Every message of the plug-in has a test that provokes it and holds its words whole: each text of the plug-in's sources stands in a line
# that a test checks. What no program should be able to provoke is listed in unprovoked.txt, with a reason.
#
# Texts are all string literals of three words and more, but assembler and what describes an option, a
# strategy or a row of a table of what is known.
#
# usage: messages.sh <source folder>
set -eu
cd "$1"
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# A text a line, behind its file: literals that stand next to each other are one. A statement is looked at as far as the text.
texts() {
    for file in "$@"; do
        sed 's,^\([^"]*\)//.*,\1,' "$file" | awk -v file="$file" -v RS='\001' '{
            gsub(/"[ \t\n]*\n[ \t]*"/, "")
            rest = $0; before = ""
            while (match(rest, /"([^"\\\n]|\\.)*"/)) {
                text = substr(rest, RSTART + 1, RLENGTH - 2)
                before = before substr(rest, 1, RSTART - 1)
                if (match(before, /.*[;{}]/)) before = substr(before, RLENGTH + 1)
                statement = before
                before = before "\"\""
                match(rest, /"([^"\\\n]|\\.)*"/)
                rest = substr(rest, RSTART + RLENGTH)
                described = statement ~ /cl::|clEnumVal|Registration|(Anywhere|OffReferences|Nowhere|References|Addresses|Values|Nothing|Leaves|NoCall|CallingConv::[A-Za-z0-9_]+), $/
                if (text ~ / [^ ]+ / && text !~ /GOTPCREL|:got:/ && !described) print file "\t" text
            }
        }'
    done | sed 's/\\"/"/g' | sort -u
}

# What tests demand: lines for FileCheck, and all of the scripts.
grep -hE '^[^a-z]*[A-Z][A-Z0-9_]*(-DAG|-NEXT|-SAME|-LABEL)?: ' tests/codegen/*.[cl]* >"$folder/checked"
grep -hvE '^ *#' tests/programs/*.sh tests/install/*.sh tests/jit/*.sh tests/asmgcroot/*.sh >>"$folder/checked"

grep -v '^#' tests/codegen/unprovoked.txt >"$folder/unprovoked" || :
failures=0
complain() {
    echo "$1"
    failures=$((failures + 1))
}

# shellcheck disable=SC2046 # many files
texts $(find llvm-plugin -name '*.cpp' -o -name '*.h') >"$folder/texts"
while IFS="$(printf '\t')" read -r file text; do
    if grep -qF -- "$text" "$folder/checked"; then
        ! cut -f1 "$folder/unprovoked" | grep -qxF -- "$text" || complain "provoked by a test, and listed in unprovoked.txt: $text"
    else
        cut -f1 "$folder/unprovoked" | grep -qxF -- "$text" || complain "$file: no test holds these words: \"$text\""
    fi
done <"$folder/texts"
while IFS="$(printf '\t')" read -r text reason; do
    cut -f2 "$folder/texts" | grep -qxF -- "$text" || complain "unprovoked.txt: no source has these words: $text"
    [ -n "$reason" ] || complain "unprovoked.txt: no reason why nothing provokes: $text"
done <"$folder/unprovoked"
echo "$(wc -l <"$folder/texts") texts, $(wc -l <"$folder/unprovoked") of them not to be provoked: $failures failures"
[ "$(wc -l <"$folder/texts")" -ge 100 ] || complain "too few texts: are they still found?"
[ "$failures" -eq 0 ]
