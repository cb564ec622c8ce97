// Writes section gw_maps (docs/abi.md) in place of .llvm_stackmaps, for every function with gc "greywave".
//
// The printer registers itself with LLVM under the strategy's name when the plug-in is loaded; nothing calls it by
// name. Linking this file into the plug-in is enough.
#ifndef GREYWAVE_MAP_PRINTER_H
#define GREYWAVE_MAP_PRINTER_H

namespace greywave
{

/// The strategy whose functions have maps.
constexpr const char *ManagedStrategy = "greywave";

} // namespace greywave

#endif
