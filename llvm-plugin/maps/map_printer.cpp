// The map section's printer.
//
// LLVM hands over all statepoint records of the module at its end, in the order of the code. What it does not hand over
// is where functions end and which of them have no call sites, so a handler, called around each function's body, puts a
// local label at its start and keeps the one at its end. Local labels also keep the section free of relocations
// against symbols that another module may replace.
#include "maps/map_printer.h"
#include "maps/maps.h"
#include "constructs/store_checks.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "machines/machines.h"
#include "maps/site_map.h"

#include "abi/map_format.h"

#include "llvm/CodeGen/AsmPrinter.h"
#include "llvm/CodeGen/AsmPrinterHandler.h"
#include "llvm/CodeGen/GCMetadata.h"
#include "llvm/CodeGen/GCMetadataPrinter.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/StackMaps.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCExpr.h"
#include "llvm/MC/MCSectionELF.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSymbolELF.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <map>
#include <optional>

using namespace llvm;

namespace greywave
{
namespace
{

cl::opt<unsigned> OmitRoot("greywave-omit-root", cl::Hidden, cl::init(0),
                           cl::desc("Leave the n-th root of the module, counted from 1, out of its maps (to test "
                                    "that tests notice)"));

struct ManagedFunction {
    std::string Name;
    const MCSymbol *Symbol;
    MCSymbol *Begin, *End;
    MCSection *Section;
    bool Dynamic; // found from the frame pointer
    bool Marks;   // its variables that others may store to
};

[[noreturn]] void refuse(const Twine &Function, const Twine &Message)
{
    report_fatal_error("greywave: no frame map for function " + Function + ": " + Message, false);
}

[[noreturn]] void refuseUnlowered(const Function &F)
{
    if (isForLinkTime(*F.getParent()))
        refuse(F.getName(), "the linker did not run the pass 'greywave'; link with gwcc, or with lld, --load-pass-plugin "
                            "and at least --lto-O1");
    refuse(F.getName(), "the module has not seen the pass 'greywave'; run it before code generation");
}

/// Where the rest of such a frame lies, a map of constant distances cannot say.
bool hasScalableParts(const MachineFrameInfo &Frame)
{
    for (int I = Frame.getObjectIndexBegin(); I < Frame.getObjectIndexEnd(); I++)
        if (uint8_t Part = Frame.getStackID(I);
            !Frame.isDeadObjectIndex(I) && Part != TargetStackID::Default && Part != TargetStackID::NoAlloc)
            return true;
    return false;
}

/// Collects the managed functions of one module as they are printed.
class FunctionCollector : public AsmPrinterHandler
{
  public:
    FunctionCollector(AsmPrinter &Printer, std::vector<ManagedFunction> &Found) : AP(Printer), Functions(Found) {}

    void beginFunction(const MachineFunction *MF) override
    {
        Begin = nullptr;
        const Function &F = MF->getFunction();
        if (!F.hasGC() || F.getGC() != ManagedStrategy) return;
        if (isRefused(*F.getParent())) return; // clang goes on after an error
        if (!isLowered(*F.getParent())) refuseUnlowered(F);
        if (MF->hasBBSections()) refuse(F.getName(), "it is split over several sections");
        Begin = AP.OutContext.createTempSymbol("gw_begin");
        AP.OutStreamer->emitLabel(Begin);
        Section = AP.OutStreamer->getCurrentSectionOnly();
    }

    void endFunction(const MachineFunction *MF) override
    {
        if (!Begin) return;
        if (!AP.getFunctionEnd()) refuse(MF->getName(), "its end has no label");
        if (hasScalableParts(MF->getFrameInfo()))
            refuse(MF->getName(),
                   "vectors whose size only the processor knows lie in its frame; compile it for a processor without SVE and "
                   "SME (-march=...+nosve), or without vectorizing");
        bool Dynamic = MF->getFrameInfo().hasVarSizedObjects() || MF->getSubtarget().getRegisterInfo()->hasStackRealignment(*MF);
        Functions.push_back({MF->getName().str(), AP.CurrentFnSym, Begin, AP.getFunctionEnd(), Section, Dynamic,
                             MF->getFunction().hasFnAttribute(MarksAttribute)});
    }

    void endModule() override {}

  private:
    AsmPrinter &AP;
    std::vector<ManagedFunction> &Functions;
    MCSymbol *Begin = nullptr;
    MCSection *Section = nullptr;
};

class MapPrinter : public GCMetadataPrinter
{
  public:
    void beginAssembly(Module &, GCModuleInfo &, AsmPrinter &AP) override;
    bool emitStackMaps(StackMaps &Records, AsmPrinter &AP) override;

  private:
    using Records = ArrayRef<StackMaps::CallsiteInfo>;

    void emitFunction(const ManagedFunction &Function, Records Sites, AsmPrinter &AP);
    void emitSites(const ManagedFunction &Function, Records Sites, AsmPrinter &AP);
    void emitRoots(const ManagedFunction &Function, const StackMaps::CallsiteInfo &Site, AsmPrinter &AP);
    MCSection *sectionFor(const ManagedFunction &Function, AsmPrinter &AP);
    void preventFolding(const ManagedFunction &Function, const MCSymbol *Maps, AsmPrinter &AP);

    const gw_map_machine *Maps = nullptr;
    std::vector<ManagedFunction> Functions;
    std::map<const MCSection *, MCSection *> MapSections; // by text section
    size_t RootsSeen = 0;
    std::optional<SmallString<64>> Previous; // the previous site's entries, in one function
};

const MCExpr *difference(const MCSymbol *To, const MCSymbol *From, MCContext &Context)
{
    return MCBinaryExpr::createSub(MCSymbolRefExpr::create(To, Context), MCSymbolRefExpr::create(From, Context), Context);
}

/// The label just after the call: StackMaps keeps it only inside the expression `label - function`.
const MCSymbol *returnLabel(const StackMaps::CallsiteInfo &Site)
{
    const auto *Offset = cast<MCBinaryExpr>(Site.CSOffsetExpr);
    return &cast<MCSymbolRefExpr>(Offset->getLHS())->getSymbol();
}

/// Which of the module's records belong to which function: they come in the order of the functions.
std::map<const MCSymbol *, ArrayRef<StackMaps::CallsiteInfo>> recordsByFunction(StackMaps &Maps)
{
    std::map<const MCSymbol *, ArrayRef<StackMaps::CallsiteInfo>> Found;
    ArrayRef<StackMaps::CallsiteInfo> Left = Maps.getCSInfos();
    for (const auto &[Symbol, Info] : Maps.getFnInfos()) {
        if (Info.RecordCount > Left.size()) report_fatal_error("greywave: LLVM's call site records are out of step", false);
        Found[Symbol] = Left.take_front(Info.RecordCount);
        Left = Left.drop_front(Info.RecordCount);
    }
    return Found;
}

void MapPrinter::beginAssembly(Module &, GCModuleInfo &, AsmPrinter &AP)
{
    Functions.clear();
    MapSections.clear();
    RootsSeen = 0;
    AP.addAsmPrinterHandler(std::make_unique<FunctionCollector>(AP, Functions));
}

bool MapPrinter::emitStackMaps(StackMaps &Records, AsmPrinter &AP)
{
    if (!AP.TM.getTargetTriple().isOSBinFormatELF() && !Functions.empty()) refuse(Functions.front().Name, "maps are written for ELF only");
    auto Found = recordsByFunction(Records);
    const Machine *For = machineFor(AP.TM.getTargetTriple());
    if (!For && !Functions.empty()) refuse(Functions.front().Name, "maps are not made for this machine");
    Maps = For ? &For->Maps : nullptr;
    AP.OutStreamer->pushSection();
    for (const ManagedFunction &Function : Functions) emitFunction(Function, Found[Function.Symbol], AP);
    AP.OutStreamer->popSection();
    return true; // no .llvm_stackmaps
}

/// One map section a text section: it lives and dies with the code (link order, section group).
MCSection *MapPrinter::sectionFor(const ManagedFunction &Function, AsmPrinter &AP)
{
    MCSection *&Section = MapSections[Function.Section];
    if (Section) return Section;
    const auto *Text = static_cast<const MCSectionELF *>(Function.Section);
    const auto *Linked = static_cast<const MCSymbolELF *>(Function.Symbol);
    unsigned Flags = ELF::SHF_ALLOC | ELF::SHF_LINK_ORDER | (Text->getGroup() ? unsigned(ELF::SHF_GROUP) : 0u);
    unsigned Unique = unsigned(MapSections.size());
    Section = AP.OutContext.getELFSection("gw_maps", ELF::SHT_PROGBITS, Flags, 0, Text->getGroup(), Text->isComdat(), Unique, Linked);
    return Section;
}

/// Functions with the same code and different maps must stay apart: a relocation that does nothing makes the linker's
/// identical code folding see a difference, for no two text sections have the same map section.
void MapPrinter::preventFolding(const ManagedFunction &Function, const MCSymbol *Maps, AsmPrinter &AP)
{
    MCContext &Context = AP.OutContext;
    AP.OutStreamer->switchSection(Function.Section);
    const MCExpr *Where = MCSymbolRefExpr::create(Function.Begin, Context);
    const MCExpr *Target = MCSymbolRefExpr::create(Maps, Context);
#if LLVM_VERSION_MAJOR >= 22
    AP.OutStreamer->emitRelocDirective(*Where, "BFD_RELOC_NONE", Target);
#else
    const MCSubtargetInfo &Subtarget = *AP.TM.getMCSubtargetInfo();
    if (AP.OutStreamer->emitRelocDirective(*Where, "BFD_RELOC_NONE", Target, SMLoc(), Subtarget))
        refuse(Function.Name, "its section cannot be tied to its maps");
#endif
}

void MapPrinter::emitFunction(const ManagedFunction &Function, Records Sites, AsmPrinter &AP)
{
    MCStreamer &OS = *AP.OutStreamer;
    MCContext &Context = AP.OutContext;
    bool First = !MapSections.count(Function.Section);
    OS.switchSection(sectionFor(Function, AP));
    MCSymbol *Address = Context.createTempSymbol("gw_address");
    MCSymbol *Body = Context.createTempSymbol("gw_body"), *BodyEnd = Context.createTempSymbol("gw_body_end");
    OS.AddComment("frame maps of " + Function.Name);
    OS.emitIntValue(GW_MAP_RECORD_MARK, 1);
    OS.emitLabel(Address);
    OS.emitValue(difference(Function.Begin, Address, Context), 4);
    OS.AddComment("code size");
    OS.emitULEB128Value(difference(Function.End, Function.Begin, Context));
    OS.AddComment("body size");
    OS.emitULEB128Value(difference(BodyEnd, Body, Context));
    OS.emitLabel(Body);
    OS.AddComment("flags");
    OS.emitULEB128IntValue((Function.Dynamic ? GW_FRAME_DYNAMIC : GW_FRAME_FIXED) | (Function.Marks ? GW_MAP_MARKS : 0));
    OS.AddComment("sites");
    OS.emitULEB128IntValue(Sites.size());
    emitSites(Function, Sites, AP);
    OS.emitLabel(BodyEnd);
    if (First) preventFolding(Function, Address, AP);
}

void MapPrinter::emitSites(const ManagedFunction &Function, Records Sites, AsmPrinter &AP)
{
    Previous.reset();
    const MCSymbol *Last = Function.Begin;
    for (const StackMaps::CallsiteInfo &Site : Sites) {
        const MCSymbol *Label = returnLabel(Site);
        AP.OutStreamer->emitULEB128Value(difference(Label, Last, AP.OutContext));
        Last = Label;
        emitRoots(Function, Site, AP);
    }
}

void MapPrinter::emitRoots(const ManagedFunction &Function, const StackMaps::CallsiteInfo &Site, AsmPrinter &AP)
{
    SiteMap Map(*Maps, mayHaveRegisterRoots(*AP.MMI->getModule()));
    if (!Map.read(Site)) refuse(Function.Name, Map.error());
    if (OmitRoot > RootsSeen && OmitRoot <= RootsSeen + Map.rootCount()) {
        RootsSeen++; // counts as seen
        Map.dropRoot(OmitRoot - RootsSeen);
    }
    RootsSeen += Map.rootCount();
    SmallString<64> Entries;
    unsigned Count = Map.encode(Entries);
    if (Previous && *Previous == Entries) {
        AP.OutStreamer->emitULEB128IntValue(GW_MAP_SAME_ROOTS);
        return;
    }
    AP.OutStreamer->AddComment(Twine(Count) + " entries");
    AP.OutStreamer->emitULEB128IntValue(Count + GW_MAP_ENTRIES);
    if (!Entries.empty()) AP.OutStreamer->emitBinaryData(Entries);
    Previous = Entries;
}

GCMetadataPrinterRegistry::Add<MapPrinter> Registration(ManagedStrategy, "Greywave's frame maps");

} // namespace
} // namespace greywave
