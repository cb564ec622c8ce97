#!/bin/sh
# The page of gw-maps --html has each call of gw-maps -d with the same roots, in the order of the code, its source, and no more; and it asks the network for nothing.
#
# usage: maps_page.sh <build folder> <LLVM version>
set -eu
build=$1 version=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"

# roots <page>: a line for each call: its roots
roots() {
    sed -n 's/^<div class="row\( first\)* call">.*<\/div><div>\(.*\)<\/div><\/div>$/\2/p' "$1" |
        sed 's/<span class="none">no roots<\/span>/ -/g; s/<span class="r">/ /g; s/<\/span>//g; s/&lt;/</g; s/&amp;/\&/g'
}

"$build/bin/gwcc" --llvm="$version" -O2 -g "$here/../../examples/demo/lisp.c" -o lisp
"$build/bin/gw-maps" -d --html page.html lisp >dump
sed -n 's/^ *0x[0-9a-f]*  .\{32\} .\{24\}//p' dump >dumped
roots page.html >paged
[ "$(wc -l <dumped)" -ge 80 ] || fail 'the dump is not read as it was'
diff dumped paged >difference || { fail 'the page and the dump differ in roots'; head -5 difference; }
[ "$(grep -c '^<section>' page.html)" = "$(awk 'END { print $2 }' dump)" ] || fail 'a function is missing'
grep -q 'printf(&quot;error: %s: &quot;\|printf("error: %s: ", message);' page.html || fail 'there is no source'
grep -q 'callq 0x[0-9a-f]* &lt;[a-z_]*&gt;' page.html || fail 'there is no machine code with names'
grep -qiE '(src|href)=|https?:|@import|url\(' page.html && fail 'it asks for something else'

# A source with all that has to be told from tags, and a function that is not linked yet.
cat >tags.c <<'END'
#include <greywave/greywave.h>
struct node { struct node GW *next; };
GW_TYPE(node, struct node);
struct node GW *f(struct node GW *n, int a, int b) { return a < b && b > 1 ? (gw_collect(GW_MINOR), n) : n; }
END
"$build/bin/gwcc" --llvm="$version" -O1 -g -c tags.c
"$build/bin/gw-maps" --html tags.html tags.o >dump
grep -q 'return a &lt; b &amp;&amp; b &gt; 1' tags.html || fail 'the source is not escaped'
[ "$(roots tags.html | wc -l)" = 1 ] || fail "a file that is not linked: $(cat dump)"
"$build/bin/gw-maps" --html /dev/full lisp >dump 2>errors && fail 'a full disk is no error'
grep -q "^gw-maps: /dev/full: cannot be written: " errors || fail "$(cat errors)"
[ "$failures" -eq 0 ]
