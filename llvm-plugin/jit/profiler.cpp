// JITLink's objects told to perf: LLVM's plug-in, and what perf refuses of the file that it writes.
#include "jit/layers.h"
#include "llvm/ExecutionEngine/Orc/Debugging/PerfSupportPlugin.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderPerf.h"

#include <atomic>
#include <dirent.h>
#include <string>
#include <unistd.h>

using namespace llvm;
using namespace llvm::orc;

namespace greywave
{

// Of a jitdump file (tools/perf/Documentation/jitdump-specification.txt in Linux).
static constexpr uint32_t DumpMagic = 0x4A695444;
static constexpr off_t FlagsOffset = 32;

static std::atomic<bool> FlagsAreClear;

static bool isDump(const char *Descriptor)
{
    char Path[4096];
    std::string Link = std::string("/proc/self/fd/") + Descriptor, Name = "/jit-" + std::to_string(getpid()) + ".dump";
    ssize_t Length = readlink(Link.c_str(), Path, sizeof Path);
    uint32_t Magic = 0;
    return Length > 0 && StringRef(Path, size_t(Length)).ends_with(Name) && pread(atoi(Descriptor), &Magic, 4, 0) == 4 &&
           Magic == DumpMagic;
}

// LLVM leaves the flags of the file's header as they were in its memory (FillMachine of its JITLoaderPerf, in 19 and 22), and perf reads no
// file with flags that it does not know.
static void clearFlags()
{
    DIR *Open = opendir("/proc/self/fd");
    const uint64_t None = 0;
    for (const dirent *Entry; Open && (Entry = readdir(Open));)
        if (isDump(Entry->d_name) && pwrite(atoi(Entry->d_name), &None, sizeof None, FlagsOffset) != sizeof None) break;
    if (Open) closedir(Open);
}

static ActionResult start(const char *Data, uint64_t Size)
{
    FlagsAreClear = false;
    return llvm_orc_registerJITLoaderPerfStart(Data, Size);
}

// The header is in the file when the first records are.
static ActionResult tell(const char *Data, uint64_t Size)
{
    ActionResult Result = llvm_orc_registerJITLoaderPerfImpl(Data, Size);
    if (!FlagsAreClear.exchange(true)) clearFlags();
    return Result;
}

void addProfiler(ObjectLinkingLayer &Layer, ExecutionSession &Session)
{
    Layer.addPlugin(std::make_shared<PerfSupportPlugin>(Session.getExecutorProcessControl(), ExecutorAddr::fromPtr(start),
                                                        ExecutorAddr::fromPtr(llvm_orc_registerJITLoaderPerfEnd),
                                                        ExecutorAddr::fromPtr(tell),
                                                        /*EmitDebugInfo=*/true, /*EmitUnwindInfo=*/false)); // which it tells stderr about
}

} // namespace greywave
