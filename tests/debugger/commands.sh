#!/bin/sh
# What the commands say of a heap whose shape is known, and how references are shown: in gdb and in lldb. gdb loads them by itself from where they
# are installed; lldb when it is told to.
#
# usage: commands.sh <build folder> <LLVM version> <folder of the scripts> gdb|lldb [<lldb>]
set -eu
build=$1 version=$2 scripts=$3 debugger=$4 lldb=${5:-}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"
"$build/bin/gwcc" --llvm="$version" -O1 -g "$here/heap.c" -o heap

# gdb_says <script or nothing> <gdb's arguments>: the address of what is dead is noted while it lives.
gdb_says() {
    cat >commands <<END
set pagination off
break stop_here
run
$1
up
set \$old = (unsigned long)old
continue
echo ---- heap\\n
gw heap
echo ---- roots\\n
gw roots
echo ---- path\\n
gw path list->next->next->next->next->next->next->next
echo ---- why old\\n
gw why-not-collected \$old
echo ---- print\\n
print list
print list->next->next
echo ---- no object\\n
gw path &list
END
    shift
    gdb -nx -batch "$@" -x commands heap >said 2>&1 </dev/null || :
}

# lldb_says <script>: it knows nothing of a register that a call may change, so what is dead is found by its number.
lldb_says() {
    cat >commands <<END
command script import $1
breakpoint set -n stop_here
run
continue
script import greywave_lldb as lldb_script
script heap = lldb_script.greywave_heap.Heap(lldb_script.Debugger(lldb.target))
script old = next(each for each in heap.objects() if heap.type_of(each).name == "node" and heap.memory.word(each + 16) == 1)
script print("---- heap")
gw heap
script print("---- roots")
gw roots
script print("---- path")
gw path list->next->next->next->next->next->next->next
script print("---- why old")
script lldb.debugger.HandleCommand("gw why-not-collected %#x" % old)
script print("---- print")
print list
print *list->next->next
print (const char *)"a text"
script print("---- no object")
gw path &list
END
    "$lldb" -x -b -s commands heap >said 2>&1 </dev/null || :
}

# says <part> <what> <pattern>
says() {
    sed -n "/^---- $1\$/,/^---- /p" said | grep -qE "$3" && return
    fail "$1: $2: $(sed -n "/^---- $1\$/,/^---- /p" said)"
}
check() {
    says heap 'nodes' '^ +23 +736  node$'
    says heap 'the array' '^ +1 +72  bytes$'
    says heap 'the collections' '^  [1-9][0-9]* minor collections, 1 cycles$'
    says roots 'the variable' '^variable list: node 0x[0-9a-f]+, 32 bytes$'
    says roots 'the handle' '^handle 0x[0-9a-f]+: node 0x'
    says roots 'a frame with its line' '^frame #[0-9]+, main at .*heap.c:[0-9]+: bytes 0x[0-9a-f]+, 72 bytes, 50 elements$'
    says path 'a field by name' '^  \.next +node 0x'
    says 'why old' 'that it is dead' '^Nothing leads to it: it is dead'
    says 'why old' 'when it goes' '^The next cycle frees it, which begins when old objects have grown to about'
    says 'no object' 'where the heap is' "lies in no object of this thread's heap \(0x[0-9a-f]+ to 0x"
    # Roots in numbers: those of the frames of work, of main, a variable and a handle.
    [ "$(sed -n '/^---- roots$/,/^---- /p' said | grep -cE '^(frame|variable|handle)')" -ge 9 ] || fail "roots are missing: $(cat said)"
}

# A core has none of what its files have: types and their names.
gdb -nx -batch -ex 'set env GREYWAVE=max-heap=16m' -ex 'break stop_here' -ex run -ex continue -ex 'gcore core' heap >log 2>&1 </dev/null
says_of_core() {
    grep -qE '^ +23 +736  node$' said && grep -qE '^variable list: node 0x[0-9a-f]+, 32 bytes$' said || fail "of a core: $(cat said)"
}

cmake --install "$build" --prefix "$folder/prefix" >log
installed=$folder/prefix/share/greywave

if [ "$debugger" = lldb ]; then
    lldb_says "$scripts/greywave_lldb.py"
    check
    says print 'type and size' '^\(node \*\) 0x[0-9a-f]+ node, 32 bytes$'
    says print 'references in an object' 'next = node, 32 bytes, other = 0x0+, number = 117'
    says print 'what is no reference' '"a text"'
    lldb_says "$installed/greywave_lldb.py"
    says heap 'as it is installed' '^ +23 +736  node$'
    "$lldb" -x -b -o "command script import $scripts/greywave_lldb.py" -o 'gw heap' heap >said 2>&1 </dev/null || :
    grep -q '^error: gw: the runtime cannot be read: it needs debug information of libgreywave, and a process' said || fail "without a process: $(cat said)"
    "$lldb" -x -b -o "command script import $scripts/greywave_lldb.py" -o 'gw heap' -o 'gw roots' -c core heap >said 2>&1 </dev/null || :
    says_of_core
    [ "$failures" -eq 0 ]
    exit
fi

gdb_says "source $scripts/greywave-gdb.py"
check
says print 'type, size and fields' '^\$[0-9]+ = 0x[0-9a-f]+ node, 32 bytes = \{next = 0x[0-9a-f]+ node, 32 bytes, other = 0x0, number = 119\}$'
gdb_says "source $installed/greywave-gdb.py"
says heap 'as it is installed' '^ +23 +736  node$'

gdb -nx -batch -ex "source $scripts/greywave-gdb.py" -ex 'gw heap' -ex 'gw roots' heap core >said 2>&1 </dev/null || :
says_of_core

# As in /usr, whose scripts gdb looks for by itself: the library lies where the script's folder says.
loader=$(find "$folder/prefix/share/gdb/auto-load" -name 'libgreywave.so.*-gdb.py')
[ -n "$loader" ] || fail 'nothing is installed for gdb'
library=${loader#"$folder/prefix/share/gdb/auto-load"}
library=${library%-gdb.py}
gdb_says '' -iex "set auto-load scripts-directory $folder/prefix/share/gdb/auto-load" -iex "set auto-load safe-path $folder/prefix/share/gdb/auto-load" \
    -ex "set env LD_LIBRARY_PATH=${library%/*}"
says heap 'loaded by itself' '^ +23 +736  node$'
[ "$failures" -eq 0 ]
