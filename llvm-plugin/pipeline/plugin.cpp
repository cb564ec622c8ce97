// Registration: where the two passes stand in clang's pipelines, and their names for `opt -passes=`.
#include "pipeline/passes.h"
#include "facts/diagnose.h"
#include "greywave/llvm.h"
#include "llvm-c/Core.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticPrinter.h"

using namespace llvm;

static void registerCallbacks(PassBuilder &Builder)
{
    Builder.registerPipelineStartEPCallback([](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::PreparePass()); });
    Builder.registerVectorizerStartEPCallback(
        [](FunctionPassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::SmallLoopsPass()); });
    Builder.registerOptimizerLastEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel GREYWAVE_LTO_PHASE) { Passes.addPass(greywave::LowerPass()); });
    // Where the optimisation of the link begins: thin, where this is called when files are compiled as well, and full.
    Builder.registerPipelineEarlySimplificationEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel GREYWAVE_LTO_PHASE) { Passes.addPass(greywave::ResumePass()); });
    Builder.registerFullLinkTimeOptimizationEarlyEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::ResumePass()); });
    Builder.registerFullLinkTimeOptimizationLastEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::LowerPass()); });
    Builder.registerPipelineParsingCallback([](StringRef Name, ModulePassManager &Passes, ArrayRef<PassBuilder::PipelineElement>) {
        if (Name == "greywave-prepare") Passes.addPass(greywave::PreparePass());
        else if (Name == "greywave") Passes.addPass(greywave::LowerPass());
        else return false;
        return true;
    });
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo()
{
    PassPluginLibraryInfo Info{};
    Info.APIVersion = LLVM_PLUGIN_API_VERSION;
    Info.PluginName = "greywave";
    Info.PluginVersion = GREYWAVE_VERSION;
    Info.RegisterPassBuilderCallbacks = registerCallbacks;
    return Info;
}

static ModulePassManager buildPipeline(PassBuilder &Builder, unsigned Level)
{
    const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2, OptimizationLevel::O3};
    OptimizationLevel O = Levels[std::min(Level, 3u)];
    return O == OptimizationLevel::O0 ? Builder.buildO0DefaultPipeline(O) : Builder.buildPerModuleDefaultPipeline(O);
}

static void runPasses(Module &M, TargetMachine *Machine, unsigned Level)
{
    LoopAnalysisManager Loops;
    FunctionAnalysisManager Functions;
    CGSCCAnalysisManager Components;
    ModuleAnalysisManager Modules;
    PassBuilder Builder(Machine);
    registerCallbacks(Builder);
    Builder.registerModuleAnalyses(Modules);
    Builder.registerCGSCCAnalyses(Components);
    Builder.registerFunctionAnalyses(Functions);
    Builder.registerLoopAnalyses(Loops);
    Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
    buildPipeline(Builder, Level).run(M, Modules);
}

// Barriers hold inline assembler. Absent from hosts that are linked with parts of LLVM only; code generation then says so.
extern "C" LLVM_ATTRIBUTE_WEAK void LLVMInitializeX86AsmParser();

namespace
{

/// Stands in front of the host's handler. LLVM ends the process after an error that no handler takes; here it is printed, and
/// the pipeline goes on to its end.
class TakesErrors final : public DiagnosticHandler
{
  public:
    explicit TakesErrors(std::unique_ptr<DiagnosticHandler> Host) : Host(std::move(Host))
    {
        if (this->Host) DiagnosticContext = this->Host->DiagnosticContext;
    }
    bool handleDiagnostics(const DiagnosticInfo &Info) override
    {
        if (Info.getSeverity() == DS_Error) HasErrors = true;
        if (Host && Host->handleDiagnostics(Info)) return true;
        if (Info.getSeverity() != DS_Error) return false;
        DiagnosticPrinterRawOStream Printer(errs() << "error: ");
        Info.print(Printer);
        errs() << '\n';
        return true;
    }
    bool isAnalysisRemarkEnabled(StringRef Pass) const override { return Host && Host->isAnalysisRemarkEnabled(Pass); }
    bool isMissedOptRemarkEnabled(StringRef Pass) const override { return Host && Host->isMissedOptRemarkEnabled(Pass); }
    bool isPassedOptRemarkEnabled(StringRef Pass) const override { return Host && Host->isPassedOptRemarkEnabled(Pass); }
    bool isAnyRemarkEnabled() const override { return Host && Host->isAnyRemarkEnabled(); }

    std::unique_ptr<DiagnosticHandler> Host;
};

} // namespace

static bool runPipeline(Module &M, TargetMachine *Machine, unsigned Level)
{
    LLVMContext &Context = M.getContext();
    auto Owned = std::make_unique<TakesErrors>(Context.getDiagnosticHandler());
    TakesErrors &Handler = *Owned;
    Context.setDiagnosticHandler(std::move(Owned));
    runPasses(M, Machine, Level);
    bool Refused = Handler.HasErrors || greywave::isRefused(M);
    Context.setDiagnosticHandler(std::move(Handler.Host));
    return !Refused;
}

/// See greywave/llvm.h. Frontends built on the LLVM C API cannot name plug-in passes.
extern "C" int greywave_run_pipeline(LLVMModuleRef Handle, LLVMTargetMachineRef Machine, unsigned Level)
{
    if (LLVMInitializeX86AsmParser) LLVMInitializeX86AsmParser();
    return !runPipeline(*unwrap(Handle), reinterpret_cast<TargetMachine *>(Machine), Level);
}
