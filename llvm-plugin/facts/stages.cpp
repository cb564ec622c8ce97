// How far a module has come. Named metadata tells, which goes with the module into bitcode and back.
//
// With link-time optimisation greywave-prepare runs when a file is compiled and greywave at the link, but the
// optimiser's end calls plug-ins in both, in LLVM 19 without saying which of the two it is: the first call leaves a
// mark.
#include "facts/facts.h"

using namespace llvm;

namespace greywave
{

static constexpr char Lowered[] = "greywave.lowered", Compiled[] = "greywave.compiled";

bool isLowered(const Module &M)
{
    return M.getNamedMetadata(Lowered) != nullptr;
}

void markLowered(Module &M)
{
    M.getOrInsertNamedMetadata(Lowered);
}

bool isForLinkTime(const Module &M)
{
    return M.getModuleFlag("ThinLTO") || M.getModuleFlag("EnableSplitLTOUnit");
}

bool endCompileStage(Module &M)
{
    if (M.getNamedMetadata(Compiled)) return false;
    M.getOrInsertNamedMetadata(Compiled);
    return true;
}

bool isForJit(const Module &M)
{
    return M.getModuleFlag("greywave-jit") != nullptr;
}

} // namespace greywave
