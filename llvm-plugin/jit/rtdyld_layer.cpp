// RuntimeDyld: a memory manager for each object, which hears every section's name, finalizes after relocation, and goes when the object
// does.
#include "jit/layers.h"
#include "llvm/ExecutionEngine/JITEventListener.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/RTDyldObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/RTDyldMemoryManager.h"
#include "llvm/Support/MathExtras.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace llvm;
using namespace llvm::orc;

namespace greywave
{
namespace
{

/// Room for sections of one kind, given out from its start.
struct Area {
    uint8_t *Begin = nullptr, *Free = nullptr, *End = nullptr;

    uint8_t *take(uintptr_t Size, Align Alignment)
    {
        uint64_t At = alignTo(reinterpret_cast<uintptr_t>(Free), Alignment);
        if (!Begin || At + Size > reinterpret_cast<uintptr_t>(End)) return nullptr;
        Free = reinterpret_cast<uint8_t *>(At + Size);
        return reinterpret_cast<uint8_t *>(At);
    }
};

/// One range of addresses an object, of whatever size it needs. Records of frames and of variables, which come in many sections, lie side
/// by side each, so that they are one module.
class RegisteredMemory final : public RTDyldMemoryManager
{
  public:
    RegisteredMemory(ExecutionSession &Session, const greywave_jit_options &Options, StringRef Name)
        : Session(Session), Options(Options), Name(Name)
    {
    }
    ~RegisteredMemory() override;

    bool needsToReserveAllocationSpace() override { return true; }
    void reserveAllocationSpace(uintptr_t CodeSize, Align CodeAlign, uintptr_t ConstantSize, Align ConstantAlign, uintptr_t DataSize,
                                Align DataAlign) override;
    uint8_t *allocateCodeSection(uintptr_t Size, unsigned Alignment, unsigned, StringRef) override;
    uint8_t *allocateDataSection(uintptr_t Size, unsigned Alignment, unsigned, StringRef Name, bool IsReadOnly) override;
    void registerEHFrames(uint8_t *Address, uint64_t LoadAddress, size_t Size) override;
    void deregisterEHFrames() override {} // with the memory, and not before
    bool finalizeMemory(std::string *Complaint) override;

  private:
    bool contains(const void *Address) const;
    void dropForeignVariables();
    Error protect(ArrayRef<std::pair<const Area *, int>> Parts);
    Error registerAll();

    ExecutionSession &Session;
    const greywave_jit_options Options;
    const greywave_runtime &Runtime = Options.runtime;
    const std::string Name;
    uint8_t *Range = nullptr;
    size_t RangeSize = 0;
    Area Code, Constants, Maps, Globals, Data;
    std::vector<EHFrame> Unwind;
    size_t UnwindRegistered = 0;
    gw_module Module{};
    bool IsRegistered = false, MayRun = false;
};

} // namespace

// ---- Memory ---------------------------------------------------------------------------------------------------------

// Sizes are upper bounds, as if each section had its kind's largest alignment, but for one: a call of what lies outside gets a stub of 6
// bytes, which is counted with the code, and an address of 8, which is not counted. Records are counted with the constants or the data, and
// may be all of them. Addresses that nothing touches take no memory.
void RegisteredMemory::reserveAllocationSpace(uintptr_t CodeSize, Align CodeAlign, uintptr_t ConstantSize, Align ConstantAlign,
                                              uintptr_t DataSize, Align DataAlign)
{
    Align Page(static_cast<uint64_t>(sysconf(_SC_PAGESIZE))), Largest = std::max({Page, CodeAlign, ConstantAlign, DataAlign});
    const std::pair<Area *, uintptr_t> Parts[] = {{&Code, CodeSize},
                                                  {&Constants, ConstantSize},
                                                  {&Maps, ConstantSize + DataSize},
                                                  {&Globals, ConstantSize + DataSize},
                                                  {&Data, DataSize + CodeSize / 6 * 8}};
    RangeSize = Largest.value();
    for (auto [_, Size] : Parts) RangeSize += alignTo(Size, Largest);
    void *Made = mmap(nullptr, RangeSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (Made == MAP_FAILED) return; // LLVM says that there is no memory, when it asks for the first section
    Range = static_cast<uint8_t *>(Made);
    auto *At = reinterpret_cast<uint8_t *>(alignTo(reinterpret_cast<uintptr_t>(Range), Largest));
    for (auto [Part, Size] : Parts) {
        *Part = {At, At, At + alignTo(Size, Largest)};
        At = Part->End;
    }
}

uint8_t *RegisteredMemory::allocateCodeSection(uintptr_t Size, unsigned Alignment, unsigned, StringRef)
{
    return Code.take(Size, Align(std::max(Alignment, 1u)));
}

uint8_t *RegisteredMemory::allocateDataSection(uintptr_t Size, unsigned Alignment, unsigned, StringRef Name, bool IsReadOnly)
{
    if (Name == MapsName) return Maps.take(Size, Align(1));
    if (Name == GlobalsName) return Globals.take(Size, Align(alignof(gw_global_record)));
    return (IsReadOnly ? Constants : Data).take(Size, Align(std::max(Alignment, 1u)));
}

Error RegisteredMemory::protect(ArrayRef<std::pair<const Area *, int>> Parts)
{
    // RuntimeDyld cuts off what a distance has too much.
    if (!isInt<32>(static_cast<int64_t>(RangeSize))) return complain("an object of more than 2 GiB");
    for (auto [Part, Protection] : Parts)
        if (Part->Begin != Part->End && mprotect(Part->Begin, static_cast<size_t>(Part->End - Part->Begin), Protection) != 0)
            return complain(Twine("code cannot be made executable: ") + strerror(errno));
    return Error::success();
}

// ---- Registration ---------------------------------------------------------------------------------------------------

void RegisteredMemory::registerEHFrames(uint8_t *Address, uint64_t LoadAddress, size_t Size)
{
    RTDyldMemoryManager::registerEHFrames(Address, LoadAddress, Size); // for C++ exceptions
    Unwind.push_back({Address, Size});
}

Error RegisteredMemory::registerAll()
{
    for (; UnwindRegistered < Unwind.size(); UnwindRegistered++) {
        const EHFrame &Section = Unwind[UnwindRegistered];
        if (Error E = toError(Runtime, Runtime.unwind_register(Section.Addr, Section.Size))) return E;
    }
    Module = {GW_ABI_VERSION, 0, Maps.Begin, Maps.Free, Globals.Begin, Globals.Free};
    if (Maps.Begin == Maps.Free && Globals.Begin == Globals.Free) return Error::success();
    if (Error E = toError(Runtime, Runtime.module_register(&Module))) return E;
    IsRegistered = true;
    return Error::success();
}

bool RegisteredMemory::contains(const void *Address) const
{
    return reinterpret_cast<uintptr_t>(Address) - reinterpret_cast<uintptr_t>(Range) < RangeSize;
}

// Where a record's variable is. One that may be another object's is asked for by a function, which is of this object and in place.
static const void *variableOf(const gw_global_record &Record)
{
    const char *Target = reinterpret_cast<const char *>(&Record.address) + Record.address;
    if (!(Record.kind & GW_GLOBAL_THREAD_LOCAL)) return Target;
    return reinterpret_cast<void *(*)()>(reinterpret_cast<uintptr_t>(Target))();
}

// A variable that another object has given as well is registered with that one, and goes with it.
void RegisteredMemory::dropForeignVariables()
{
    uint8_t *Kept = Globals.Begin;
    for (uint8_t *At = Globals.Begin, *Next; At < Globals.Free; At = Next) {
        auto *Record = reinterpret_cast<gw_global_record *>(At);
        size_t Size = sizeof *Record + Record->offset_count * sizeof(uint32_t);
        Next = At + Size;
        if (!contains(variableOf(*Record))) continue;
        Record->address += static_cast<int32_t>(At - Kept);
        memmove(Kept, At, Size);
        Kept += Size;
    }
    Globals.Free = Kept;
}

// Relocated, and told to the unwinder; but for functions that give a variable's address nothing runs before this returns.
bool RegisteredMemory::finalizeMemory(std::string *Complaint)
{
    Error E = protect({{&Code, PROT_READ | PROT_EXEC}});
    if (!E) dropForeignVariables();
    if (!E) E = protect({{&Constants, PROT_READ}, {&Maps, PROT_READ}, {&Globals, PROT_READ}});
    if (!E) E = registerAll();
    MayRun = !E;
    if (MayRun) return false;
    std::string Text = toString(std::move(E));
    if (Complaint) *Complaint = Text;
    return true;
}

// What is in use stays as it is, for good: LLVM asks no more.
RegisteredMemory::~RegisteredMemory()
{
    if (MayRun) {
        if (Error E = release(Options, Name, {{Range, RangeSize}})) {
            Session.reportError(std::move(E));
            return;
        }
    }
    if (IsRegistered) mustBeUnregistered(Runtime, Runtime.module_unregister(&Module));
    while (UnwindRegistered > 0) Runtime.unwind_unregister(Unwind[--UnwindRegistered].Addr);
    RTDyldMemoryManager::deregisterEHFrames();
    if (Range) munmap(Range, RangeSize);
}

// ---- The layer ------------------------------------------------------------------------------------------------------

// LLVM 22 says which object memory is for.
[[maybe_unused]] static StringRef nameOf(const MemoryBuffer &Object)
{
    return Object.getBufferIdentifier();
}

[[maybe_unused]] static StringRef nameOf()
{
    return "an object";
}

LayerOrError createRuntimeDyldLayer(ExecutionSession &Session, const greywave_jit_options &Options)
{
    auto NewMemory = [&Session, Options](auto &&...Object) {
        return std::make_unique<RegisteredMemory>(Session, Options, nameOf(Object...));
    };
    auto Layer = std::make_unique<RTDyldObjectLinkingLayer>(Session, std::move(NewMemory));
    if (Options.debugger) Layer->registerJITEventListener(*JITEventListener::createGDBRegistrationListener());
    if (!Options.profiler) return Layer;
    JITEventListener *Perf = JITEventListener::createPerfJITEventListener();
    if (!Perf) return complain("this LLVM was built without LLVM_USE_PERF, so that RuntimeDyld has no jitdump; JITLink has");
    Layer->registerJITEventListener(*Perf);
    return Layer;
}

} // namespace greywave
