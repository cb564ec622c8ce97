#include "facts/pass_options.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace greywave
{

static cl::opt<RootFinder> Roots("greywave-roots", cl::init(RootFinder::Statepoint),
                                 cl::desc("How the collector finds the roots of compiled code"),
                                 cl::values(clEnumValN(RootFinder::Statepoint, "statepoint", "frame maps"),
                                            clEnumValN(RootFinder::Shadow, "shadow", "explicit push and pop"),
                                            clEnumValN(RootFinder::None, "none", "not at all: the program must never collect")));
static cl::opt<bool> Polls("greywave-polls", cl::init(false), cl::desc("Loops ask whether their thread is to stop"));
static cl::opt<bool> FrameMarks("greywave-frame-marks", cl::init(false),
                                cl::desc("mark frames, so that the collector knows those that wait on a deep stack"));
static cl::opt<bool> NoCheck("greywave-no-check", cl::init(false),
                             cl::desc("do not check at run time that references are stored where the collector looks"));

// Of a thread: one process may compile several modules at once, each in its way.
static thread_local const PassOptions *Given;

PassOptions passOptions()
{
    return Given ? *Given : PassOptions{Roots, Polls, FrameMarks, NoCheck};
}

RootFinder rootFinder()
{
    return passOptions().Roots;
}

WithPassOptions::WithPassOptions(const PassOptions &Options) : Outer(Given)
{
    Given = &Options;
}

WithPassOptions::~WithPassOptions()
{
    Given = Outer;
}

} // namespace greywave
