# A page of the manual from what a program says by --help, and a page with what --help has no room for: there @USAGE@, @ABOUT@, @OPTIONS@
# and @MORE@ stand for the help's usage, paragraphs, list of options, and paragraphs behind it, and @DATE@ and @VERSION@ are given.
#
# usage: awk -v version=... -v date=... -f manual.awk <help> <page>
function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text ~ /^[.']/ ? "\\\\&" text : text
}
function add(part, line) { parts[part] = parts[part] line "\n" }

# "left   right", as tables of help are: into left and right
function split_columns(line) {
    sub(/^ +/, "", line)
    right = ""
    left = line
    if (match(line, /   *[^ ]/)) {
        left = substr(line, 1, RSTART - 1)
        right = substr(line, RSTART + RLENGTH - 1)
    }
}
function usage(line) {
    sub(/^usage: +/, "", line)
    sub(/^ +/, "", line)
    if (index(line, program) != 1) { # more of the line before
        sub(/\n$/, " " escaped(line) "\n", parts["USAGE"])
        return
    }
    split_columns(line)
    if (right != "") add("USAGE", ".TP")
    else if (parts["USAGE"] != "") add("USAGE", ".PP")
    add("USAGE", ".B " escaped(left))
    if (right != "") add("USAGE", escaped(right))
}

FNR == 1 { files++ }
files == 1 && FNR == 1 { program = $2 }
files == 1 && /^usage:/ { place = "USAGE" }
files == 1 && /^$/ {
    if (place == "USAGE") place = "ABOUT"
    else if (place == "OPTIONS") place = "MORE"
    else if (parts[place] != "") between = ".PP\n"
    next
}
files == 1 && /^  +-/ {
    place = "OPTIONS"
    between = ""
    split_columns($0)
    add("OPTIONS", ".TP\n.B " escaped(left))
    if (right != "") add("OPTIONS", escaped(right))
    next
}
files == 1 && place == "USAGE" { usage($0); next }
files == 1 {
    sub(/^ +/, "")
    sub(/^Exit status: /, "") # which has a heading of its own
    add(place, between escaped($0))
    between = ""
    next
}
/^@[A-Z]+@$/ { printf "%s", parts[substr($0, 2, length($0) - 2)]; next }
{
    gsub(/@DATE@/, date)
    gsub(/@VERSION@/, version)
    print
}
