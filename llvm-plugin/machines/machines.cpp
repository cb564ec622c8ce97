#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

static const Machine *const Known[] = {&X86_64, &AArch64};

const Machine *machineFor(const Triple &T)
{
    if (!T.isOSBinFormatELF() || T.isX32()) return nullptr;
    const Machine *const *Found = find_if(Known, [&](const Machine *M) { return M->Arch == T.getArch(); });
    return Found == std::end(Known) ? nullptr : *Found;
}

const Machine &machineOf(const Module &M)
{
    const Machine *Named = machineFor(Triple(M.getTargetTriple()));
#if defined(__aarch64__)
    return Named ? *Named : AArch64;
#else
    return Named ? *Named : X86_64;
#endif
}

} // namespace greywave
