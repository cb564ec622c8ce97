// JITLink: a plug-in for LLVM's own layer. Registration goes with the memory: the memory manager runs it when fixups and protections are
// in place, and undoes it before it takes the memory back, whatever the reason (a tracker that is removed, a link that fails, the session's
// end). What is kept by resource is where the memory lies, to ask whether it may go.
#include "jit/layers.h"
#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h"
#include "llvm/ExecutionEngine/Orc/TargetProcess/RegisterEHFrames.h"
#if LLVM_VERSION_MAJOR >= 22
#include "llvm/ExecutionEngine/Orc/Debugging/ELFDebugObjectPlugin.h"
#else
#include "llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h"
#include "llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h"
#endif

#include <mutex>

using namespace llvm;
using namespace llvm::jitlink;
using namespace llvm::orc;

namespace greywave
{
namespace
{

constexpr char RecordName[] = "gw_registration", UnwindName[] = ".eh_frame";

/// Lies in the linked object's own memory, and so lives as long as what it tells of.
struct Registration {
    greywave_runtime Runtime;
    gw_module Module;
    const void *Unwind; // null: no function has entries
    size_t UnwindSize;
};

} // namespace

// ---- Before dead sections go ----------------------------------------------------------------------------------------

using Blocks = SmallPtrSet<Block *, 8>;

// What Record leads to, as far as it is in this object: another may have given a weak symbol already.
static Blocks targetsOf(Block &Record)
{
    Blocks Targets;
    for (Edge &E : Record.edges())
        if (E.getTarget().isDefined() && &E.getTarget().getBlock() != &Record) Targets.insert(&E.getTarget().getBlock());
    return Targets;
}

// Nothing refers to the maps of a function; they live when it does.
static void keepMaps(LinkGraph &G, Block &Maps)
{
    Symbol &Anchor = G.addAnonymousSymbol(Maps, 0, 0, /*IsCallable=*/false, /*IsLive=*/false);
    for (Block *Code : targetsOf(Maps)) Code->addEdge(Edge::KeepAlive, 0, Anchor, 0);
}

// A variable, or the function that gives the address of one that is perhaps another object's. Nothing but the record knows that function.
static bool isOfThisObject(const Block &Variable)
{
    bool IsCode = (Variable.getSection().getMemProt() & MemProt::Exec) != MemProt::None;
    return !IsCode || any_of(Variable.edges(), [](const Edge &E) { return E.getTarget().isDefined(); });
}

// A variable's record lives, and with it the variable, unless another object has given both.
static void keepGlobal(LinkGraph &G, Block &Record)
{
    bool IsLive = any_of(targetsOf(Record), [](const Block *Variable) { return isOfThisObject(*Variable); });
    G.addAnonymousSymbol(Record, 0, 0, /*IsCallable=*/false, IsLive);
}

static void each(LinkGraph &G, StringRef Name, void (*Keep)(LinkGraph &, Block &))
{
    if (Section *Records = G.findSectionByName(Name))
        for (Block *Record : Records->blocks()) Keep(G, *Record);
}

static Error keepRecords(LinkGraph &G)
{
    each(G, MapsName, keepMaps);
    each(G, GlobalsName, keepGlobal);
    return Error::success();
}

// ---- Before memory is given out --------------------------------------------------------------------------------------

// What is left of a section is read from its first byte to its last: a gap where a dead record lay would end it.
static void closeGaps(LinkGraph &G, StringRef Name, uint64_t Align)
{
    Section *Records = G.findSectionByName(Name);
    if (!Records) return;
    for (Block *Record : Records->blocks()) {
        Record->setAlignment(Align);
        Record->setAlignmentOffset(0);
    }
}

static bool isThere(LinkGraph &G, StringRef Name)
{
    Section *Found = G.findSectionByName(Name);
    return Found && !Found->empty();
}

static Error makeRoom(LinkGraph &G)
{
    closeGaps(G, MapsName, 1);
    closeGaps(G, GlobalsName, alignof(gw_global_record));
    closeGaps(G, UnwindName, 1);
    if (!isThere(G, MapsName) && !isThere(G, GlobalsName) && !isThere(G, UnwindName)) return Error::success();
    Section &Own = G.createSection(RecordName, MemProt::Read);
    MutableArrayRef<char> Content = G.allocateBuffer(sizeof(Registration));
    memset(Content.data(), 0, Content.size());
    G.createMutableContentBlock(Own, Content, ExecutorAddr(), alignof(Registration), 0);
    return Error::success();
}

// ---- When everything is in place -------------------------------------------------------------------------------------

static ActionResult run(const char *Data, size_t Size, Error (*Action)(const Registration &))
{
    auto Handler = [Action](ExecutorAddr At) { return Action(*At.toPtr<const Registration *>()); };
    return shared::WrapperFunction<shared::SPSError(shared::SPSExecutorAddr)>::handle(Data, Size, Handler).release();
}

static ActionResult registerThrows(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) { return registerEHFrameSection(R.Unwind, R.UnwindSize); });
}

static ActionResult unregisterThrows(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) { return deregisterEHFrameSection(R.Unwind, R.UnwindSize); });
}

static ActionResult registerUnwind(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) { return toError(R.Runtime, R.Runtime.unwind_register(R.Unwind, R.UnwindSize)); });
}

static ActionResult unregisterUnwind(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) { return toError(R.Runtime, R.Runtime.unwind_unregister(R.Unwind)); });
}

static ActionResult registerMaps(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) { return toError(R.Runtime, R.Runtime.module_register(&R.Module)); });
}

static ActionResult unregisterMaps(const char *Data, size_t Size)
{
    return run(Data, Size, [](const Registration &R) -> Error {
        mustBeUnregistered(R.Runtime, R.Runtime.module_unregister(&R.Module));
        return Error::success();
    });
}

using Action = ActionResult (*)(const char *, size_t);

static void add(LinkGraph &G, ExecutorAddr Record, Action Begin, Action End)
{
    auto Call = [&](Action A) {
        return cantFail(shared::WrapperFunctionCall::Create<shared::SPSArgList<shared::SPSExecutorAddr>>(ExecutorAddr::fromPtr(A), Record));
    };
    G.allocActions().push_back({Call(Begin), Call(End)});
}

// An entry of a function, not what entries have in common, nor the section's end.
static bool isFunctionEntry(const Block &B)
{
    uint32_t Common = 0;
    if (B.getSize() > 8) memcpy(&Common, B.getContent().data() + 4, sizeof Common);
    return Common != 0;
}

static ArrayRef<uint8_t> bytesOf(LinkGraph &G, StringRef Name)
{
    if (!isThere(G, Name)) return {};
    SectionRange Range(*G.findSectionByName(Name));
    return {Range.getStart().toPtr<const uint8_t *>(), Range.getSize()};
}

static Registration describe(LinkGraph &G, const greywave_runtime &Runtime)
{
    Registration R{Runtime, {}, nullptr, 0};
    ArrayRef<uint8_t> Maps = bytesOf(G, MapsName), Globals = bytesOf(G, GlobalsName), Unwind = bytesOf(G, UnwindName);
    R.Module.abi_version = GW_ABI_VERSION;
    R.Module.maps_begin = Maps.begin(), R.Module.maps_end = Maps.end();
    R.Module.globals_begin = Globals.begin(), R.Module.globals_end = Globals.end();
    if (!Unwind.empty() && any_of(G.findSectionByName(UnwindName)->blocks(), [](const Block *B) { return isFunctionEntry(*B); }))
        R.Unwind = Unwind.data(), R.UnwindSize = Unwind.size();
    return R;
}

static Error addRegistration(LinkGraph &G, const greywave_runtime &Runtime)
{
    Section *Own = G.findSectionByName(RecordName);
    if (!Own) return Error::success();
    Block &Record = **Own->blocks().begin();
    Registration R = describe(G, Runtime);
    memcpy(Record.getAlreadyMutableContent().data(), &R, sizeof R);
    if (R.Unwind) add(G, Record.getAddress(), registerUnwind, unregisterUnwind);
    if (R.Module.maps_begin || R.Module.globals_begin) add(G, Record.getAddress(), registerMaps, unregisterMaps);
    return Error::success();
}

// Whether LLVM will do it: LLJIT gives a plug-in of its own to whatever layer it has. libgcc, since GCC 13, ends the process when a section
// that it was told of twice is taken back twice.
static bool hasRegisteredThrows(LinkGraph &G)
{
#if LLVM_VERSION_MAJOR >= 22
    ExecutorAddr Theirs = ExecutorAddr::fromPtr(llvm_orc_registerEHFrameSectionAllocAction);
    return any_of(G.allocActions(), [&](const shared::AllocActionCallPair &Calls) { return Calls.Finalize.getCallee() == Theirs; });
#else
    (void)G;
    return false;
#endif
}

static Error addThrows(LinkGraph &G)
{
    Section *Own = G.findSectionByName(RecordName);
    if (!Own || hasRegisteredThrows(G)) return Error::success();
    Block &Record = **Own->blocks().begin();
    Registration R;
    memcpy(&R, Record.getContent().data(), sizeof R);
    if (R.Unwind) add(G, Record.getAddress(), registerThrows, unregisterThrows);
    return Error::success();
}

// ---- When it is to go ------------------------------------------------------------------------------------------------

namespace
{

/// A linked object, for as long as it may be in use.
struct Linked {
    std::string Name;
    std::vector<gw_extent> Extents;
};

/// By what they are removed with; known when LLVM says that they are linked. Any thread.
class LinkedObjects
{
  public:
    void add(MaterializationResponsibility &Of, LinkGraph &G);
    Error isReady(MaterializationResponsibility &Of);
    void hasFailed(MaterializationResponsibility &Of);
    Error remove(ResourceKey Key, const greywave_jit_options &Options);
    void transfer(ResourceKey To, ResourceKey From);

  private:
    std::mutex Lock;
    DenseMap<MaterializationResponsibility *, Linked> Linking;
    DenseMap<ResourceKey, std::vector<Linked>> Ready;
};

} // namespace

static std::string nameOf(const Symbol &S)
{
#if LLVM_VERSION_MAJOR >= 22
    return (*S.getName()).str();
#else
    return S.getName().str();
#endif
}

// Objects from memory have no name: the first, by the alphabet, of what others may refer to.
static std::string nameOf(LinkGraph &G)
{
    if (!G.getName().empty()) return G.getName();
    std::string First;
    for (Symbol *S : G.defined_symbols())
        if (S->hasName() && S->getScope() == Scope::Default && (First.empty() || nameOf(*S) < First)) First = nameOf(*S);
    return "the object of " + First;
}

void LinkedObjects::add(MaterializationResponsibility &Of, LinkGraph &G)
{
    Linked Object{nameOf(G), {}};
    for (Section &Part : G.sections()) {
        SectionRange Range(Part);
        if (Part.getMemLifetime() != MemLifetime::Standard || Range.empty()) continue;
        Object.Extents.push_back({Range.getStart().toPtr<const void *>(), Range.getSize()});
    }
    std::lock_guard<std::mutex> Guard(Lock);
    Linking[&Of] = std::move(Object);
}

// The session's lock is taken before this one, as it is where resources are transferred.
Error LinkedObjects::isReady(MaterializationResponsibility &Of)
{
    return Of.withResourceKeyDo([&](ResourceKey Key) {
        std::lock_guard<std::mutex> Guard(Lock);
        auto Found = Linking.find(&Of);
        if (Found == Linking.end()) return;
        Ready[Key].push_back(std::move(Found->second));
        Linking.erase(Found);
    });
}

void LinkedObjects::hasFailed(MaterializationResponsibility &Of)
{
    std::lock_guard<std::mutex> Guard(Lock);
    Linking.erase(&Of);
}

// All of them or none: LLVM gives their memory back together.
Error LinkedObjects::remove(ResourceKey Key, const greywave_jit_options &Options)
{
    std::lock_guard<std::mutex> Guard(Lock);
    auto Found = Ready.find(Key);
    if (Found == Ready.end()) return Error::success();
    for (const Linked &Object : Found->second)
        if (Error E = release(Options, Object.Name, Object.Extents)) return E;
    Ready.erase(Found);
    return Error::success();
}

void LinkedObjects::transfer(ResourceKey To, ResourceKey From)
{
    std::lock_guard<std::mutex> Guard(Lock);
    auto Found = Ready.find(From);
    if (Found == Ready.end()) return;
    std::vector<Linked> Moved = std::move(Found->second);
    Ready.erase(Found);
    std::vector<Linked> &Objects = Ready[To];
    std::move(Moved.begin(), Moved.end(), std::back_inserter(Objects));
}

namespace
{

class RegistrationPlugin final : public ObjectLinkingLayer::Plugin
{
  public:
    explicit RegistrationPlugin(const greywave_jit_options &Options) : Options(Options) {}

    void modifyPassConfig(MaterializationResponsibility &Of, LinkGraph &, PassConfiguration &Config) override
    {
        Config.PrePrunePasses.push_back(keepRecords);
        Config.PostPrunePasses.push_back(makeRoom);
        Config.PostFixupPasses.push_back([this, &Of](LinkGraph &G) {
            Objects.add(Of, G);
            return addRegistration(G, Options.runtime);
        });
    }
    Error notifyEmitted(MaterializationResponsibility &Of) override { return Objects.isReady(Of); }
    Error notifyFailed(MaterializationResponsibility &Of) override
    {
        Objects.hasFailed(Of);
        return Error::success();
    }
    Error notifyRemovingResources(JITDylib &, ResourceKey Key) override { return Objects.remove(Key, Options); }
    void notifyTransferringResources(JITDylib &, ResourceKey To, ResourceKey From) override { Objects.transfer(To, From); }

  private:
    const greywave_jit_options Options;
    LinkedObjects Objects;
};

/// Behind all others, so that it sees what they have done.
class ThrowsPlugin final : public ObjectLinkingLayer::Plugin
{
  public:
    void modifyPassConfig(MaterializationResponsibility &, LinkGraph &, PassConfiguration &Config) override
    {
        Config.PostFixupPasses.push_back(addThrows);
    }
    Error notifyFailed(MaterializationResponsibility &) override { return Error::success(); }
    Error notifyRemovingResources(JITDylib &, ResourceKey) override { return Error::success(); }
    void notifyTransferringResources(JITDylib &, ResourceKey, ResourceKey) override {}
};

} // namespace

// ---- The layer ------------------------------------------------------------------------------------------------------

namespace
{

#if LLVM_VERSION_MAJOR >= 22
/// LLJIT adds its plug-in when the layer has been made, so ours for what throws comes with the first object.
class Layer final : public ObjectLinkingLayer
{
  public:
    using ObjectLinkingLayer::ObjectLinkingLayer;
    void emit(std::unique_ptr<MaterializationResponsibility> Of, std::unique_ptr<MemoryBuffer> Object) override
    {
        begin();
        ObjectLinkingLayer::emit(std::move(Of), std::move(Object));
    }
    void emit(std::unique_ptr<MaterializationResponsibility> Of, std::unique_ptr<LinkGraph> Graph) override
    {
        begin();
        ObjectLinkingLayer::emit(std::move(Of), std::move(Graph));
    }

  private:
    void begin()
    {
        std::call_once(Begun, [this] { addPlugin(std::make_shared<ThrowsPlugin>()); });
    }
    std::once_flag Begun;
};
#else
using Layer = ObjectLinkingLayer;
#endif

} // namespace

static Error addDebugger(ObjectLinkingLayer &Layer, ExecutionSession &Session)
{
    constexpr bool OnlyWithDebugInfo = true, TellAtOnce = true;
#if LLVM_VERSION_MAJOR >= 22
    Error Failed = Error::success();
    auto Plugin = std::make_shared<ELFDebugObjectPlugin>(Session, OnlyWithDebugInfo, TellAtOnce, Failed);
    if (Failed) return Failed;
#else
    auto Registrar = std::make_unique<EPCDebugObjectRegistrar>(Session, ExecutorAddr::fromPtr(llvm_orc_registerJITLoaderGDBWrapper));
    auto Plugin = std::make_shared<DebugObjectManagerPlugin>(Session, std::move(Registrar), OnlyWithDebugInfo, TellAtOnce);
#endif
    Layer.addPlugin(std::move(Plugin));
    return Error::success();
}

LayerOrError createJitLinkLayer(ExecutionSession &Session, const greywave_jit_options &Options)
{
    auto New = std::make_unique<Layer>(Session);
    New->addPlugin(std::make_shared<RegistrationPlugin>(Options));
#if LLVM_VERSION_MAJOR < 22
    New->addPlugin(std::make_shared<ThrowsPlugin>());
#endif
    if (Options.debugger)
        if (Error E = addDebugger(*New, Session)) return E;
    if (Options.profiler) addProfiler(*New, Session);
    return New;
}

} // namespace greywave
