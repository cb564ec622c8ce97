#!/bin/sh
# Unpacks the Debian packages that programs for AArch64 are built and run with, without installing them: apt is given lists, a cache and a
# state of its own, in the folder.
#
# usage: sysroot.sh <folder>
#   <folder>/sysroot: what the packages hold. A folder that has them all stays as it is.
set -eu
folder=$1
compiler=$(gcc -dumpversion | cut -d . -f 1) # the system's: its run-time libraries
packages="libc6 libc6-dev linux-libc-dev libcrypt1 libcrypt-dev libgcc-s1 libgcc-$compiler-dev libstdc++6 libstdc++-$compiler-dev libatomic1
    libjansson4 libjansson-dev systemtap-sdt-dev"
complete=$folder/sysroot/complete
[ ! -e "$complete" ] || [ "$(cat "$complete")" != "$packages" ] || exit 0

rm -rf "$folder/sysroot" "$folder/apt"
mkdir -p "$folder/sysroot" "$folder/apt/state/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/packages"
: >"$folder/apt/status"
cat >"$folder/apt/apt.conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "$(id -un)";
Dir::State "$folder/apt/state";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
END
export APT_CONFIG="$folder/apt/apt.conf"
apt-get -q update
cd "$folder/apt/packages"
# shellcheck disable=SC2086 # a list of names
apt-get -q download $packages
for package in *.deb; do dpkg-deb -x "$package" "$folder/sysroot"; done
# Since Debian 13 packages have all below usr, and the C library's linker script names /lib.
[ -e "$folder/sysroot/lib" ] || ln -s usr/lib "$folder/sysroot/lib"
rm -rf "$folder/apt"
echo "$packages" >"$complete"
