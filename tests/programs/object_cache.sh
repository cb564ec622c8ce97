#!/bin/sh
# A program of several files with asm roots, the way a project builds it: make -j, a static and a shared library, and every
# compilation behind ccache. The second build takes all object files from the cache, and they are the same byte for byte.
# An object file is complete in itself: its maps come with it.
#
# usage: object_cache.sh <build folder> <gcc>
set -eu
build=$1 gcc=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
demo=$here/../../examples/demo/binary_trees.c

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
export CCACHE_DIR="$folder/cache" CCACHE_EXTRAFILES="$build/bin/gw-asmgcroot"
unset CCACHE_DISABLE CCACHE_NODIRECT CCACHE_RECACHE CCACHE_COMPILERCHECK

cp "$demo" first.c
cp "$demo" second.c
cp "$here/bytecode.c" "$here/live_objects.c" .
cat >Makefile <<END
CC = ccache $build/bin/gwcc --roots=asm --gcc=$gcc
CFLAGS = -std=gnu17 -O2 -g -Wall -Wextra -I$here/../../examples/demo
all: trees bytecode live_objects
first.o: CFLAGS += -DDEMO_HALF=1
second.o: CFLAGS += -DDEMO_HALF=2
live_objects.o: CFLAGS += -fPIC
%.o: %.c
	\$(CC) \$(CFLAGS) -c \$< -o \$@
libfirst.a: first.o
	ar rcs \$@ \$<
trees: second.o libfirst.a
	\$(CC) \$^ -o \$@
bytecode: bytecode.o
	\$(CC) -static \$^ -o \$@
liblive.so: live_objects.o
	\$(CC) -shared \$^ -o \$@
main.o: main.c
live_objects: main.o liblive.so
	\$(CC) \$^ -Wl,-rpath,. -o \$@
END
# main is in the shared library.
echo 'extern int keep_an_object_file;' >main.c

run() {
    for program in 'trees 6' bytecode live_objects; do
        # shellcheck disable=SC2086 # the program and its arguments
        GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 ./$program
    done
}

make -s -j4 all
run >expected
mkdir built && mv ./*.o built
ccache -z >/dev/null
make -s -j4 all
run | cmp expected -
for object in first second bytecode live_objects; do
    cmp "built/$object.o" "$object.o" || { echo "$object.o from the cache differs"; exit 1; }
done
statistics=$(ccache --print-stats)
count() { echo "$statistics" | awk -v name="$1" '$1 == name { print $2 }'; }
hits=$(($(count direct_cache_hit) + $(count preprocessed_cache_hit)))
if [ "$hits" -ne 5 ] || [ "$(count cache_miss)" -ne 0 ]; then
    echo "5 hits and no miss expected:"
    echo "$statistics"
    exit 1
fi

# Another root finder is another object file.
make -s -j4 CFLAGS="-std=gnu17 -O2 -w --roots=shadow" -B bytecode
GREYWAVE=stress=alloc,poison=1,verify=1 ./bytecode >out
cmp -s built/bytecode.o bytecode.o && { echo "--roots=shadow got an object file with maps"; exit 1; }
grep -qF -f out expected
