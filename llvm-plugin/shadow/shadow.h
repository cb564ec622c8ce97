// Roots on the shadow stack.
#ifndef GREYWAVE_SHADOW_SHADOW_H
#define GREYWAVE_SHADOW_SHADOW_H

#include "facts/llvm_versions.h"

namespace greywave
{

// shadow_stack.cpp
/// Statepoints become plain calls with the live references pushed on the shadow stack around them.
void lowerToShadowStack(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

} // namespace greywave

#endif
