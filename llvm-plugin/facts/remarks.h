// What -Rpass=greywave and -Rpass-missed=greywave say.
#ifndef GREYWAVE_REMARKS_H
#define GREYWAVE_REMARKS_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// Something was saved at `Where`; and something was not, and why.
void remark(const llvm::Instruction &Where, llvm::StringRef Name, const llvm::Twine &What);
void remark(const llvm::Function &Where, llvm::StringRef Name, const llvm::Twine &What);
void remarkMissed(const llvm::Instruction &Where, llvm::StringRef Name, const llvm::Twine &What);

} // namespace greywave

#endif
