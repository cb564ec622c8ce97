// Calls of the write barrier's slow path (docs/abi.md), placed where it is unlikely to run.
#ifndef GREYWAVE_BARRIER_SLOW_PATH_H
#define GREYWAVE_BARRIER_SLOW_PATH_H

#include "abi/sizes.h"
#include "facts/llvm_versions.h"

namespace greywave
{

/// Slots that begin at an object need not be told apart: offsets from 0, ends up to this many bytes.
constexpr int64_t FrontBytes = GW_FRONT_BYTES;

/// Records writes to slots in the object's first FrontBytes bytes. The object may have been recorded already.
void recordFront(llvm::Value *Object, llvm::IRBuilderBase &B);
/// The same for one slot anywhere in the object.
void recordSlot(llvm::Value *Object, llvm::Value *Slot, llvm::IRBuilderBase &B);
/// The same for a copy of `Bytes` bytes, an integer.
void recordRange(llvm::Value *Object, llvm::Value *Slot, llvm::Value *Bytes, llvm::IRBuilderBase &B);

} // namespace greywave

#endif
