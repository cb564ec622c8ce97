// ORC layers that register what they link. Each is made in the file named above it.
//
// Whoever loads the plug-in to compile has perhaps no ORC (a clang that is linked with parts of LLVM): llvm-plugin/CMakeLists.txt makes all
// that this room wants of LLVM weak, and nothing outside it may use the room.
#ifndef GREYWAVE_JIT_LAYERS_H
#define GREYWAVE_JIT_LAYERS_H

#include "greywave/llvm.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/ExecutionEngine/Orc/Layer.h"
#include "llvm/ExecutionEngine/Orc/Shared/WrapperFunctionUtils.h"

namespace llvm::orc
{
class ObjectLinkingLayer;
}

namespace greywave
{

/// Of functions that JITLink calls by their address.
#if LLVM_VERSION_MAJOR >= 22
using ActionResult = llvm::orc::shared::CWrapperFunctionBuffer;
#else
using ActionResult = llvm::orc::shared::CWrapperFunctionResult;
#endif

constexpr char MapsName[] = "gw_maps", GlobalsName[] = "gw_globals";

using LayerOrError = llvm::Expected<std::unique_ptr<llvm::orc::ObjectLayer>>;

/// An error in words of our own.
llvm::Error complain(const llvm::Twine &What);

/// OK, or the runtime's complaint.
llvm::Error toError(const greywave_runtime &Runtime, gw_status Status);

/// Where memory goes whatever the runtime says: ends the process with its complaint.
void mustBeUnregistered(const greywave_runtime &Runtime, gw_status Status);

/// Whether the memory of what is called Name may go: success, after which the runtime knows nothing of it any more, or who uses it.
llvm::Error release(const greywave_jit_options &Options, llvm::StringRef Name, llvm::ArrayRef<gw_extent> Extents);

// jitlink_layer.cpp
LayerOrError createJitLinkLayer(llvm::orc::ExecutionSession &Session, const greywave_jit_options &Options);

// profiler.cpp
void addProfiler(llvm::orc::ObjectLinkingLayer &Layer, llvm::orc::ExecutionSession &Session);

// rtdyld_layer.cpp
LayerOrError createRuntimeDyldLayer(llvm::orc::ExecutionSession &Session, const greywave_jit_options &Options);

} // namespace greywave

#endif
