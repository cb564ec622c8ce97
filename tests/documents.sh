#!/bin/sh
# Words that are true: each decision says whether it still holds, and is in the index; links lead to files and headings; files and
# functions that documents and comments name exist.
#
# usage: documents.sh <source folder> [file...]     with files: only names, in those files
set -eu
cd "$1"
shift
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

complain() { # <of what>: says so, with a line for each on the standard input, unless there is none
    sed 's/^/    /' >"$folder/list"
    [ ! -s "$folder/list" ] || { echo "$1"; cat "$folder/list"; }
}

# ---- Decisions ----

decisions() {
    for file in docs/decisions/[0-9]*.md; do
        sed -n "1s/^# \([0-9]*\) \(.*\)/\1 | \2/p; 3s/^Status: \(.*\)\.$/\1/p" "$file" |
            awk -v file="${file##*/}" 'NR == 1 { number = $1; title = substr($0, 8) } NR == 2 { status = $0 }
                END { if (number != substr(file, 1, 4) || status == "") print "!" file
                      else printf "| [%s](%s) | %s | %s |\n", number, file, title, status }'
    done
}

links() { # a link a line: <document> <target>, without those that lead out and those in code
    grep -noE '\]\([^)]+\)' "$@" | sed 's/^\([^:]*\):[0-9]*:\](\(.*\))$/\1 \2/' | grep -v ' https*:' || :
}

slug() { # headings to anchors, as GitHub makes them
    sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g'
}

check_documents() {
    decisions >"$folder/decisions"
    sed -n 's/^!//p' "$folder/decisions" | complain 'decisions that do not begin with "# <number> <title>" and, third, "Status: <accepted, or replaced or amended by what>.":'
    grep '^|' "$folder/decisions" | sort >"$folder/rows"
    grep '^| \[[0-9]' docs/decisions/README.md | sort >"$folder/indexed"
    comm -23 "$folder/rows" "$folder/indexed" | complain 'missing in docs/decisions/README.md:'
    comm -13 "$folder/rows" "$folder/indexed" | complain 'too many in docs/decisions/README.md:'

    links README.md CHANGELOG.md CONTRIBUTING.md examples/README.md docs/*.md docs/decisions/*.md | while read -r document target; do
        file=${target%%#*} anchor=
        [ "$file" = "$target" ] || anchor=${target#*#}
        [ -n "$file" ] && file=$(dirname "$document")/$file || file=$document
        if [ ! -e "$file" ]; then echo "$document: $target"
        elif [ -n "$anchor" ]; then slug "$file" | grep -qxF "$anchor" || echo "$document: $target"; fi
    done | complain 'links that lead nowhere:'
}

# ---- Names ----

# Of files: by any end of their path. Of directories and of files without their ending: from a folder of the top or of runtime/ on. Of
# functions and macros: gw_… and GW_… stand in some code. Not of the repository: sources of GCC, and names in examples.
foreign='app.c app.cc guarded.ll list.ll program.c file.c f.c t.c t.ll i386.md sse.md'

cat >"$folder/names.awk" <<'END'
function comment(line,   start, end) {
    if (FILENAME ~ /\.md$/) return line ~ /^#include </ ? "" : line
    if (FILENAME !~ /\.(c|h|cc|cpp|S|ll)$/) return match(line, /(^|[ \t])# .*/) ? substr(line, RSTART) : ""
    if (line ~ /RUN:/) return ""
    if (inside) {
        if (!(end = index(line, "*/"))) return line
        inside = 0
        return substr(line, 1, end - 1)
    }
    if ((start = index(line, "/*"))) {
        inside = !index(substr(line, start), "*/")
        return substr(line, start)
    }
    return match(line, /(^|[ \t;{}])(\/\/|; ).*/) ? substr(line, RSTART) : ""
}
function names(text, pattern, into,   name, count) {
    while (match(text, pattern)) {
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        into[++count] = name
    }
    return count
}
function report(name) { print FILENAME ":" FNR ": " name }

FNR == 1 { inside = 0 }
what == "foreign" { for (i = 1; i <= NF; i++) file[$i] = 1; next }
what == "paths" { # every end of every path, with and without the name's ending
    count = split($0, part, "/")
    tail = ""
    for (i = count; i >= 1; i--) {
        tail = part[i] (i < count ? "/" tail : "")
        file[tail] = 1
        stem = tail
        if (sub(/\.[a-zA-Z]+$/, "", stem) && i < count) place[stem] = 1
        place[tail] = 1
        if (i < count) folder[part[i]] = 1
        for (folders = tail; sub(/\/[^\/]*$/, "", folders);) place[folders] = 1
    }
    top[part[1]] = count > 1
    if (part[1] == "runtime" && count > 2) top[part[2]] = 1
    next
}
what == "code" {
    text = comment($0)
    if (FILENAME ~ /\.md$/) next
    count = names(substr($0, 1, length($0) - length(text)), "[A-Za-z_][A-Za-z0-9_]*", found)
    for (i = 1; i <= count; i++) known[found[i]] = 1
    next
}
{
    text = comment($0)
    if (text == "") next
    count = names(text, "[A-Za-z0-9_./-]+\\.(c|h|cc|cpp|S|sh|md|ll)([^A-Za-z0-9_./(-]|$)", found)
    for (i = 1; i <= count; i++) {
        name = found[i]
        sub(/[^A-Za-z]$/, "", name)
        sub(/^(\.*\/)+/, "", name)
        if (name !~ /^\./ && !(name in file)) report(name)
    }
    count = names(text, "(^|[^A-Za-z0-9_./<>$%*-])[a-z0-9_-]+/[a-z0-9_/-]+([^A-Za-z0-9_./*<…-]|$)", found)
    for (i = 1; i <= count; i++) {
        name = found[i]
        gsub(/^[^a-z0-9]|[^a-z0-9_]$/, "", name)
        sub(/\/$/, "", name)
        split(name, part, "/")
        if (top[part[1]] && !(name in place)) report(name)
    }
    count = names(text, "(^|[^A-Za-z0-9_%@.-])(gw|GW)_[A-Za-z0-9_]*", found)
    for (i = 1; i <= count; i++) {
        name = found[i]
        sub(/^[^gG]/, "", name)
        short = name
        sub(/^gw_/, "", short)
        if (name ~ /^gw_(type|typeof|offsets|barrier_slow)_/) continue # made by ##
        if (name !~ /_$/ && !(name in known) && !(short in known)) report(name)
    }
}
END

names() { # <file>...: <file>:<line>: <name of what is not there>
    files >"$folder/paths"
    texts >"$folder/texts"
    echo "$foreign" >"$folder/foreign"
    # shellcheck disable=SC2046 # names without spaces
    LC_ALL=C awk -f "$folder/names.awk" what=foreign "$folder/foreign" what=paths "$folder/paths" what=code $(cat "$folder/texts") \
        what=names "$@"
}

files() {
    find -L . -type d \( -name 'build*' -o -name .git -o -name .cache \) -prune -o -type f -print | sed 's,^\./,,'
}

texts() {
    files | grep -E '\.(c|h|cc|cpp|S|sh|md|txt|cmake|ll)$|^gw$' | grep -v '/fixtures/'
}

# ---- Mistakes that are planted, and must be found ----

# A decision without a status, whose row is one too many then; a row that differs on both sides; two links.
check_planted() {
    mkdir "$folder/tree"
    for entry in *; do ln -s "$PWD/$entry" "$folder/tree/$entry"; done
    rm "$folder/tree/docs"
    cp -r docs "$folder/tree/docs"
    (
        cd "$folder/tree"
        sed -i '3s/.*/Status: forgotten/' docs/decisions/0001*
        sed -i '3s/.*/Status: replaced by nobody./' docs/decisions/0002*
        echo '[one](nowhere.md) [another](abi.md#nowhere) [right](abi.md#modules)' >>docs/constructs.md
        check_documents
    ) | grep -c '^    ' >"$folder/found" || :
    [ "$(cat "$folder/found")" -eq 6 ] || echo "of 6 complaints about planted mistakes, $(cat "$folder/found") are heard"
}

check_all() {
    check_documents
    printf '/* heap/nowhere.c and runtime/nowhere call gw_%s_there; docs/abi.md\n * gw_alloc */\n' not >"$folder/planted.c"
    # shellcheck disable=SC2046 # names without spaces
    names $(texts) "$folder/planted.c" >"$folder/names"
    grep -vF "$folder/planted.c" "$folder/names" | complain 'names of what is not there:'
    [ "$(grep -cF "$folder/planted.c" "$folder/names")" -eq 3 ] || echo 'planted names are not found'
}

if [ $# -gt 0 ]; then names "$@"; else check_all; fi >"$folder/complaints"
[ $# -gt 0 ] || [ -s "$folder/complaints" ] || check_planted >"$folder/complaints"
cat "$folder/complaints"
[ ! -s "$folder/complaints" ]
