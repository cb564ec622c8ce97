#!/bin/sh
# Each public header compiles alone and twice, in C and C++, by clang and GCC, under each root finder; what it declares is C's and
# visible; a type may have the name of a macro. Programs outside the runtime use no name that belongs to the headers alone: none
# that ends with an underscore, and nothing of macros.h and names.h.
#
# usage: public_headers.sh <source folder> <clang>
set -eu
cd "$1"
clang=$2 failures=0

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

fail() {
    echo "$1"
    [ ! -s "${2:-}" ] || sed 's/^/    /' "$2"
    failures=$((failures + 1))
}

warnings='-Wall -Wextra -Wno-unused-function -Werror -Iruntime/include'
# compiles <source> <word>...: it does, without a warning; "$@" is compiler and options
compiles() {
    source=$1
    shift
    # shellcheck disable=SC2086 # a list of options
    "$@" $warnings -fsyntax-only "$source" 2>"$folder/log" || fail "$source: $*" "$folder/log"
}

# ---- Alone, twice ----
for header in runtime/include/greywave/*.h; do
    name=${header##*/}
    [ "$name" != llvm.h ] || continue # wants LLVM's headers; examples/frontend-capi is compiled with it
    printf '#include <greywave/%s>\n#include <greywave/%s>\n' "$name" "$name" >"$folder/${name%.h}.c"
    cp "$folder/${name%.h}.c" "$folder/${name%.h}.cc"
    compiles "$folder/${name%.h}.c" "$clang" -std=gnu17 -D__GREYWAVE__=1
    compiles "$folder/${name%.h}.c" gcc -std=c17
    compiles "$folder/${name%.h}.cc" "$clang" -std=c++17
    compiles "$folder/${name%.h}.cc" g++ -std=gnu++17 -D__GREYWAVE_SHADOW__
    compiles "$folder/${name%.h}.c" gcc -std=c11 -D__GREYWAVE_ASM__
    grep -q "^#include <greywave/$name>" runtime/include/greywave/greywave.h ||
        case $name in greywave.h | status.h | abi.h | macros.h | names.h | containers.h) ;; *) fail "greywave.h does not include $name" ;; esac
done

# ---- Declarations ----
# The address of each function, seen from C++ where everything else is hidden.
cat >"$folder/declared.cc" <<'END'
#pragma GCC visibility push(hidden)
#include <greywave/greywave.h>
#define ADDRESS(function) (void *)gw_##function,
__attribute__((used)) void *const declared[] = {GW_FUNCTIONS_(ADDRESS)};
#ifdef PLANTED
extern "C" void greywave_planted();
__attribute__((used)) void *const hidden = (void *)greywave_planted;
#endif
END
for planted in '' -DPLANTED; do
    # shellcheck disable=SC2086 # nothing, or an option
    "$clang" -c -Iruntime/include $planted "$folder/declared.cc" -o "$folder/declared.o"
    readelf -sW "$folder/declared.o" | awk '$7 == "UND" && $8 != "" { print $6, $8 }' | grep -v '^DEFAULT greywave_' >"$folder/wrong" || :
    [ -n "$planted" ] || [ ! -s "$folder/wrong" ] || fail 'not extern "C", or not visible:' "$folder/wrong"
done
[ "$(cat "$folder/wrong")" = "HIDDEN greywave_planted" ] || fail "a hidden declaration is not found" "$folder/wrong"

# ---- Names that are macros ----
cat >"$folder/names.c" <<'END'
#include <greywave/greywave.h>
struct pair { struct pair GW *left, *right; };
struct references { uint64_t count; struct pair GW *at[]; };
struct bytes { uint64_t count; char at[]; };
#define number 17
#define list(a, b) a.b
GW_TYPE_FIELDS(bool, struct pair, left, right);
GW_TYPE_LEAF(number, uint64_t);
GW_TYPE_REFERENCES(unix, struct references, count, at);
GW_TYPE_BYTES(list, struct bytes, count, at);
GW_TYPE_OFFSETS(linux, struct pair, 0, 8);
GW_TYPE_WITH(true, uint64_t, sizeof(uint64_t), .destroy = 0);
const void *made[6];
void make(void)
{
    made[0] = gw_new(bool), made[1] = gw_new(number), made[2] = gw_new_array(unix, 3);
    made[3] = gw_new_array(list, 3), made[4] = gw_new(linux), made[5] = gw_new(true);
}
END
compiles "$folder/names.c" "$clang" -std=gnu17
compiles "$folder/names.c" gcc -std=gnu17 -D__GREYWAVE_ASM__

# ---- What belongs to the headers ----
# internal <folder>...: uses of the headers' own names. What is made of a name that ends so by ## is no use, nor is what a test declares itself.
internal() {
    cat runtime/include/greywave/*.h | grep -ohE '^ *#define (GW|gw)_[A-Za-z0-9_]*_\b|\b(GW|gw)_[a-z0-9_]*_\(' |
        sed 's/.*define //; s/($//' | sort -u >"$folder/own"
    grep -rnwFf "$folder/own" "$@" --include='*.[chS]' --include='*.cc' --include='*.cpp' || :
    grep -rnE '#include [<"]greywave/(macros|names)\.h' "$@" --include='*.[ch]' --include='*.cc' || :
}
mkdir "$folder/planted"
printf 'GW_LAYOUT_(node, struct node)\n#include <greywave/macros.h>\n' >"$folder/planted/program.c"
[ "$(internal "$folder/planted" | wc -l)" -eq 2 ] || fail "a name of the headers is not found where it is used"
internal tests bench examples asmgcroot >"$folder/uses"
[ ! -s "$folder/uses" ] || fail "used outside the headers:" "$folder/uses"
[ "$failures" -eq 0 ]
