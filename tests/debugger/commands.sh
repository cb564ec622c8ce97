#!/bin/sh
# What the commands say of a heap whose shape is known, and what printers print. And gdb loads them by itself from where they are installed.
#
# usage: commands.sh <build folder> <LLVM version> <script>
set -eu
build=$1 version=$2 script=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
failures=0
"$build/bin/gwcc" --llvm="$version" -O1 -g "$here/heap.c" -o heap

# The addresses of what is dead are printed while it lives.
cat >commands <<'END'
set pagination off
break stop_here
run
source SCRIPT
up
set $old = (unsigned long)old
continue
echo ---- heap\n
gw heap
echo ---- roots\n
gw roots
echo ---- path\n
gw path list->next->next->next->next->next->next->next
echo ---- why old\n
gw why-not-collected $old
echo ---- print\n
print list
print list->next->next
echo ---- no object\n
gw path &list
continue
END
sed "s#SCRIPT#$script#" commands >commands.here
gdb -nx -batch -x commands.here heap >said 2>&1 </dev/null || :

# says <part> <what> <pattern>
says() {
    sed -n "/^---- $1\$/,/^---- /p" said | grep -qE "$3" && return
    echo "$1: $2:"
    sed -n "/^---- $1\$/,/^---- /p" said
    failures=$((failures + 1))
}
says heap 'nodes' '^ +23 +736  node$'
says heap 'the array' '^ +1 +72  bytes$'
says heap 'the collections' '^  [1-9][0-9]* minor collections, 1 cycles$'
says roots 'the variable' '^variable list: node 0x[0-9a-f]+, 32 bytes$'
says roots 'the handle' '^handle 0x[0-9a-f]+: node 0x'
says roots 'a frame with its line' '^frame #[0-9]+, main at .*heap.c:[0-9]+: bytes 0x[0-9a-f]+, 72 bytes, 50 elements$'
says path 'a field by name' '^  \.next +node 0x'
says 'why old' 'that it is dead' '^Nothing leads to it: it is dead'
says 'why old' 'when it goes' '^The next cycle frees it, which begins when old objects have grown to about'
says print 'type, size and fields' '^\$[0-9]+ = 0x[0-9a-f]+ node, 32 bytes = \{next = 0x[0-9a-f]+ node, 32 bytes, other = 0x0, number = 119\}$'
says 'no object' 'where the heap is' "lies in no object of this thread's heap \(0x[0-9a-f]+ to 0x"

# Roots in numbers: those of the frames of work, of main, a variable and a handle.
[ "$(sed -n '/^---- roots$/,/^---- /p' said | grep -cE '^(frame|variable|handle)')" -ge 9 ] || { echo 'roots are missing'; failures=$((failures + 1)); }

# ---- Loaded by itself -----------------------------------------------------------------------------------

cmake --install "$build" --prefix "$folder/prefix" >log
loader=$(find "$folder/prefix/share/gdb/auto-load" -name 'libgreywave.so.*-gdb.py')
[ -n "$loader" ] || { echo 'nothing is installed for gdb'; exit 1; }
library=${loader#"$folder/prefix/share/gdb/auto-load"}
library=${library%-gdb.py}
# As in /usr, whose scripts gdb looks for by itself: the library lies where the script's folder says.
gdb -nx -batch -iex "set auto-load scripts-directory $folder/prefix/share/gdb/auto-load" -iex "set auto-load safe-path $folder/prefix/share/gdb/auto-load" \
    -ex 'set pagination off' -ex 'break stop_here' -ex "set env LD_LIBRARY_PATH=${library%/*}" -ex run -ex 'gw heap' heap >said 2>&1 </dev/null || :
grep -qE '^ +[0-9]+ +[0-9]+  node$' said || { echo 'not loaded by itself:'; cat said; failures=$((failures + 1)); }
[ "$failures" -eq 0 ]
