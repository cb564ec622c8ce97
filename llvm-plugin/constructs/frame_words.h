// References that are kept in words of the frame, instead of in operands of statepoints.
#ifndef GREYWAVE_FRAME_WORDS_H
#define GREYWAVE_FRAME_WORDS_H

#include "facts/llvm_versions.h"
#include "llvm/ADT/BitVector.h"

namespace greywave
{

struct FrameWords {
    /// An array of references; null where nothing is kept.
    llvm::AllocaInst *Array = nullptr;
    /// At each safepoint, those that hold what is needed behind it. Nobody may look at the others.
    llvm::DenseMap<const llvm::CallBase *, llvm::BitVector> LiveAt;
};

/// Keeps there what lives across an invoke, and what so many safepoints would list that code generation took minutes.
FrameWords keepInFrame(llvm::Function &F);

} // namespace greywave

#endif
