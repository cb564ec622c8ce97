// Roots on the shadow stack.
#ifndef GREYWAVE_SHADOW_SHADOW_H
#define GREYWAVE_SHADOW_SHADOW_H

#include "facts/llvm_versions.h"

namespace greywave
{

// shadow_stack.cpp
/// Statepoints become plain calls with the live references pushed on the shadow stack around them.
void lowerToShadowStack(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Frames that longjmp has left have not popped, and what is called next pushes above the top: setjmp puts it back.
void restoreAfterJumps(llvm::Function &F);
/// The same after an exception, in a function without statepoints; those with some see to it by themselves.
void restoreAtLandingPads(llvm::Function &F);

} // namespace greywave

#endif
