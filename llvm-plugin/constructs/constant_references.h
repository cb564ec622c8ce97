#ifndef GREYWAVE_CONSTANT_REFERENCES_H
#define GREYWAVE_CONSTANT_REFERENCES_H

#include "facts/diagnose.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"

namespace greywave
{

/// Whether the bits of Word are null's or an immediate's, as far as they are known.
bool isConstantImmediate(const llvm::Constant &Word, const llvm::DataLayout &DL);

/// Refuses constants that make references of other numbers, wherever in the module they stand.
void checkConstants(llvm::Module &M, Refusals &Errors);

} // namespace greywave

#endif
