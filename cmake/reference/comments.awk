# A public header as Doxygen wants it: each comment a documentation of what stands below it or in front of it, up to an empty line. What
# stands directly below a documented declaration without a comment of its own is told together with it. Comments that belong to nothing are
# the file's, and one that begins with a macro's name and parenthesis is that macro's, wherever it stands; macros that it names with theirs
# are told together with it. Names that end with an underscore, or
# say _WHICH_IS_ to be read in messages, are the headers' own, and are left out.
{ line[++count] = $0 }

function escaped(text) {
    gsub(/[\\@<>#%&]/, "\\\\&", text)
    return text
}
function is_own(name) { return name ~ /_$|_WHICH_IS_/ }

# Of what a declaration or macro declares, as far as one line tells.
function name_of(text,   name) {
    if (match(text, /^#define [A-Za-z_0-9]+/)) return substr(text, 9, RLENGTH - 8)
    if (match(text, /\(?\*?gw_[a-z_0-9]+\)?\(/)) {
        name = substr(text, RSTART, RLENGTH)
        gsub(/[(*)]/, "", name)
        return name
    }
    if (match(text, /^typedef .*gw_[a-z_0-9]+;/)) {
        name = text
        sub(/;.*/, "", name)
        sub(/.*[ *]/, "", name)
        return name
    }
    if (match(text, /^(typedef )?(struct|union|enum) gw_[a-z_0-9]+/)) {
        name = substr(text, RSTART, RLENGTH)
        sub(/.* /, "", name)
        return name
    }
    return ""
}
function begins_declaration(text) {
    return text ~ /^#define/ || (depth == 0 && text ~ /^[A-Za-z_]/ && text !~ /^(extern "C"|GW_LAID_OUT_|GW_STATIC_ASSERT)/)
}

# Whether behind line `at`, up to an empty one, something is declared that is not the headers' own. Types that are named only are nothing
# that Doxygen could show.
function declares(at) {
    for (; at <= count && line[at] !~ /^ *$/; at++) {
        if (line[at] ~ /^#define/) {
            if (!is_own(name_of(line[at]))) return 1
            at = last_of_macro(at)
        } else if (line[at] !~ /^(#|struct [a-z_]+;)/) return 1
    }
    return 0
}

# The macro that the comment from..to begins with, unless it is that of the line behind it; "" for none. Notes those that it names.
function macro_of(from, to,   i, text, macro) {
    text = line[from]
    if (match(text, /^ *\/\* GW_[A-Z_]+\(/)) {
        macro = substr(text, RSTART, RLENGTH - 1)
        sub(/^ *\/\* /, "", macro)
    }
    if (macro == "" || macro == name_of(line[to + 1])) macro_told = ""
    else macro_told = macro
    for (i = from; macro != "" && i <= to; i++) {
        text = line[i]
        while (match(text, /GW_[A-Z_]+\(/)) {
            subject[substr(text, RSTART, RLENGTH - 1)] = macro
            text = substr(text, RSTART + RLENGTH)
        }
    }
    return macro_told
}
function last_of_comment(at) {
    while (at < count && line[at] !~ /\*\//) at++
    return at
}
function last_of_macro(at) {
    while (at < count && line[at] ~ /\\$/) at++
    return at
}

# Indented behind an empty line: a table or a program, as it stands.
function print_text(text) {
    if (!as_it_stands && blank && text ~ /^  +[^ ]/) {
        as_it_stands = 1
        print "@verbatim"
    } else if (as_it_stands && text ~ /^ ?[^ ]/) {
        as_it_stands = 0
        print "@endverbatim"
    }
    blank = text ~ /^ *$/
    print as_it_stands ? text : escaped(text)
}

# Lines from..to, which are one comment behind `lead` characters that are no part of it; `opener` begins its documentation.
function print_comment(from, to, lead, opener,   i, text) {
    for (i = from; i <= to; i++) {
        text = line[i]
        if (i == from) {
            printf "%s%s", substr(text, 1, lead), opener
            text = substr(text, lead + 3)
        } else if (text !~ /^ *\*\//) sub(/^ *\* ?/, "", text)
        sub(/ *\*\/ *$/, "", text)
        print_text(text)
    }
    print (as_it_stands ? "@endverbatim " : "") "*/"
    as_it_stands = blank = 0
}

END {
    documented = ""
    is_hpp = FILENAME ~ /\.hpp$/
    for (at = 1; at <= count; at++) {
        text = line[at]
        if (text ~ /^ *\/\* ----/ || text ~ /^#pragma GCC/ || text ~ /^#define GREYWAVE_[A-Z]+_H(PP)?$/) { print ""; continue }
        if (text ~ /^(GW_TYPE_[A-Z]+\(|struct [a-z_]+;)/) { print ""; continue } # of a type that is told elsewhere
        if (is_hpp) { plain_cplusplus(text); continue }
        if (text ~ /^ *\/\*/) {
            end = last_of_comment(at)
            match(text, /^ */)
            lead = RLENGTH
            macro = macro_of(at, end)
            if (at == 1) print_comment(at, end, 0, FILENAME ~ /greywave\.h$/ ? "/** @mainpage\n" : "/** @file\n")
            else if (line[end + 1] ~ /^#define / && !declares(end + 1)) print ""
            else if (!declares(end + 1)) print_comment(at, end, lead, "/** @file\n")
            else print_comment(at, end, lead, macro == "" ? "/** " : "/** @def " macro "\n")
            commented = macro == ""
            told[macro] = 1
            at = end
            continue
        }
        if (text ~ /^ *$/) { documented = ""; commented = 0; print ""; continue }
        if (text ~ /^#define / && is_own(name_of(text))) {
            at = last_of_macro(at)
            print ""
            continue
        }
        if (begins_declaration(text)) {
            if (commented && !is_own(name_of(text))) documented = "@ref " name_of(text)
            else if (name_of(text) in told) documented = "@ref " name_of(text)
            else if (name_of(text) in subject) printf "/** See @ref %s. */\n", subject[name_of(text)]
            else if (documented != "" && text !~ /\/\*.*\*\//) printf "/** See %s. */\n", documented
            commented = 0
        } else if (depth > 0) commented = 0
        if (text ~ /^#define/) {
            end = last_of_macro(at)
        } else end = at
        for (; at <= end; at++) print_code(line[at])
        at = end
    }
}

# A line of code, and what is said behind it.
function print_code(text,   place, end) {
    place = match(text, /[^ ] +\/\*.*/) && text !~ /\\$/ ? RSTART : 0
    code = place ? substr(text, 1, place) : text
    depth += gsub(/\{/, "{", code) - gsub(/\}/, "}", code)
    if (depth < 0 || code ~ /^extern "C" \{/) depth = 0
    if (!place) { print text; return }
    end = last_of_comment(at)
    match(text, /\/\*/)
    print_comment(at, end, RSTART - 1, "/**< ")
    at = end
}

# Comments there are lines of their own. Members that say nothing are told with their class; what stands for compilers is left out.
function plain_cplusplus(text) {
    if (text ~ /^#ifdef __GREYWAVE__/) hidden = 1
    if (hidden) {
        if (text ~ /^#endif/) hidden = 0
        print ""
        return
    }
    if (at == 1) print "/// @file"
    if (match(text, /^ *\/\/( |$)/) && text !~ /----/) sub(/\/\//, "///", text)
    if (text ~ /^ *\/\/ ----/) text = ""
    if (text ~ /^ *\/\/\//) {
        print escaped(text)
        member = 1
        return
    }
    if (text ~ /^(template .*)?(class|struct) .*[a-z]$/ || text ~ /^template .*struct .*\{$/) class = 1
    if (text ~ /^};?$/) class = 0
    if (class && text ~ /^    [A-Za-z~]/ && text !~ /^    static_assert/ && !member) print "    /// See the class."
    member = 0
    print text
}
