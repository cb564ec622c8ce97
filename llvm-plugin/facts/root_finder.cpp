#include "facts/facts.h"
#include "facts/diagnose.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace greywave
{

static cl::opt<RootFinder> Roots("greywave-roots", cl::init(RootFinder::Statepoint),
                                 cl::desc("How the collector finds the roots of compiled code"),
                                 cl::values(clEnumValN(RootFinder::Statepoint, "statepoint", "frame maps"),
                                            clEnumValN(RootFinder::Shadow, "shadow", "explicit push and pop"),
                                            clEnumValN(RootFinder::None, "none", "not at all: the program must never collect")));

RootFinder rootFinder()
{
    return Roots;
}

} // namespace greywave
