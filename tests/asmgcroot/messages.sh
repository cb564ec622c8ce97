#!/bin/sh
# Every message in the tool's source is provoked by a test: its longest fixed piece stands in a `# REFUSE:` line of a
# fixture or in a `provoke` line of command_line.sh, which fail when the tool does not say it. And each complaint has a remedy.
#
# usage: messages.sh <folder of the tool's source> <fixtures folder>
set -eu
source=$1 fixtures=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# String literals of three words and more, neighbours joined, without texts of several lines and assembler. The files left
# out have tables of names, and --explain's output.
find "$source" -name '*.c' | while IFS= read -r file; do
    case $file in */mnemonic.c | */leaf_calls.c | */explain.c) continue ;; esac
    awk -v file="${file##*/}" -v bare="$folder/bare.${file##*/}" '
        { text = text $0 "\n" }
        END {
            gsub(/\047\\?"\047/, "", text)
            while (match(text, /\/\*([^*]|\*+[^*\/])*\*+\//)) text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
            while (match(text, /"([^"\\\n]|\\.)*"/)) {
                between = substr(text, 1, RSTART - 1)
                if (between !~ /^[ \n]*$/) { show(literal); literal = "" }
                literal = literal substr(text, RSTART + 1, RLENGTH - 2)
                text = substr(text, RSTART + RLENGTH)
            }
            show(literal)
        }
        function show(literal,   i, count, pieces, longest, words) {
            sub(/\\n$/, "", literal)
            if (literal ~ /\\[nt]/) return
            gsub(/\\"/, "\"", literal)
            count = split(literal, pieces, /%[-+.*0-9]*(l|ll|z)?[sduxc]/)
            for (i = 1; i <= count; i++) if (length(pieces[i]) > length(longest)) longest = pieces[i]
            if (literal ~ /[a-z].* [a-z].* [a-z]/) print file ": " longest
            if (literal ~ /[a-z].* [a-z].* [a-z]/ && literal !~ /; [a-z]/) print file ": " literal >bare
        }' "$file"
done | sort -u >"$folder/messages"

sed -n 's/^# REFUSE: //p' "$fixtures"/*.s >"$folder/provoked"
sed -n "s/^provoke '\([^']*\)'.*/\1/p; s/^provoke \"\([^\"]*\)\".*/\1/p" "$here/command_line.sh" >>"$folder/provoked"

[ "$(wc -l <"$folder/messages")" -ge 40 ] || { echo "only these messages were found in $source:"; cat "$folder/messages"; exit 1; }
failures=0
while IFS= read -r line; do
    message=$(printf '%s' "${line#*: }" | sed 's/^ *//; s/ *$//')
    grep -qF -- "$message" "$folder/provoked" && continue
    echo "no test provokes the message of $line"
    failures=$((failures + 1))
done <"$folder/messages"

# A complaint about the program says behind a semicolon what to do. The first of these is what others are put behind.
while IFS= read -r line; do
    case $line in 'walk.c: the reference marked at line '* | *': out of memory') continue ;; esac
    echo "no remedy in the message of $line"
    failures=$((failures + 1))
done <<END
$(cat "$folder"/bare.* | grep -E '^(analysis|maps|back|checks|frame|graph|unset|walk|transfer|statements|second_return)\.c: ')
END
[ "$failures" -eq 0 ]
