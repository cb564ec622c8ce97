# Sourced by the scripts that compile random programs and compare what they print. A script sets `first`, `count` and `options`
# and defines
#   describe <seed>          compiler and options, in words
#   again <seed>             the command that tries this seed alone
#   try <seed> [option]...   makes $folder/expected and $folder/collected, and runs it
#   plain <seed>             makes $folder/plain: the malloc form, by the compiler and with the options of the collected one
# KEEP=<folder> in the environment: the sources and binaries of seeds that fail are put there.
checks=poison=1,verify=1

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# complain <seed> <what>: with standard input shown below it
complain() {
    echo "seed $1, $(describe "$1"): $2"
    head -n 12 | sed 's/^/  | /'
    echo "  again: $(again "$1")"
    [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP/$1" && cp "$folder"/* "$KEEP/$1"; }
    echo "$1" >>"$folder/failed" # not a variable: this may run at the end of a pipe
}

# is_compilers_own <seed>: compiled without any collector the program prints the same, so the compiler has changed its meaning. Seen with
# LLVM 19.1.7 and seed 19000045, by InstCombine.
is_compilers_own() {
    [ "$status" -eq 0 ] && plain "$1" 2>/dev/null && "$folder/plain" 2>/dev/null | cmp -s - "$folder/out"
}

# Stress goes with the nursery that programs have for one seed in four, and with a small one for the others: checks look at all that was
# reserved.
nursery_of() {
    case $(($1 % 4))$2 in
    [123]*stress=*) echo nursery=1m, ;;
    esac
}

# run <seed> <options>: the collected program against the expected output
run() {
    status=0
    GREYWAVE=$(nursery_of "$1" "$2")$2 timeout "${LIMIT:-300}" "$folder/collected" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" -ne 0 ] || ! cmp -s "$folder/expected" "$folder/out" || return 0
    ! is_compilers_own "$1" || { echo "$1" >>"$folder/own"; return 0; }
    { cat "$folder/err"; diff "$folder/expected" "$folder/out" || true; } |
        complain "$1" "status $status or other output with GREYWAVE=$(nursery_of "$1" "$2")$2"
}

# try_all [option]...: sets `failures`, and says how many were the compiler's own. That is rare; where it is more
# the generator has written what compilers may take differently, and compares less than it seems.
try_all() {
    seed=$first
    : >"$folder/failed"
    : >"$folder/own"
    while [ "$seed" -lt $((first + count)) ]; do
        try "$seed" "$@"
        seed=$((seed + 1))
    done
    own=$(sort -un "$folder/own" | tr '\n' ' ')
    [ -z "$own" ] || echo "the compiler's own, without a collector too: seeds $own"
    # shellcheck disable=SC2086 # a word for each seed
    [ "$(set -- $own; echo $#)" -le 1 ] || printf '%s\n' $own >>"$folder/failed"
    # shellcheck disable=SC2034 # the script reads it
    failures=$(wc -l <"$folder/failed")
}
