// The passes in the host's own process, on one module: the first half of greywave/llvm.h. Frontends built on the LLVM C API cannot name
// plug-in passes.
#include "pipeline/passes.h"
#include "facts/facts.h"
#include "facts/pass_options.h"
#include "greywave/llvm.h"
#include "llvm-c/Core.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Verifier.h"

using namespace llvm;

static ModulePassManager buildPipeline(PassBuilder &Builder, unsigned Level)
{
    const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2, OptimizationLevel::O3};
    OptimizationLevel O = Levels[Level];
    return O == OptimizationLevel::O0 ? Builder.buildO0DefaultPipeline(O) : Builder.buildPerModuleDefaultPipeline(O);
}

static void runPasses(Module &M, TargetMachine *Machine, unsigned Level)
{
    LoopAnalysisManager Loops;
    FunctionAnalysisManager Functions;
    CGSCCAnalysisManager Components;
    ModuleAnalysisManager Modules;
    PassBuilder Builder(Machine);
    greywave::registerPasses(Builder);
    Builder.registerModuleAnalyses(Modules);
    Builder.registerCGSCCAnalyses(Components);
    Builder.registerFunctionAnalyses(Functions);
    Builder.registerLoopAnalyses(Loops);
    Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
    buildPipeline(Builder, Level).run(M, Modules);
}

// Barriers hold inline assembler. Absent from hosts that are linked with parts of LLVM only; code generation then says so.
extern "C" LLVM_ATTRIBUTE_WEAK void LLVMInitializeX86AsmParser();
extern "C" LLVM_ATTRIBUTE_WEAK void LLVMInitializeAArch64AsmParser();

// ---- Errors ---------------------------------------------------------------------------------------------------------

namespace
{

/// Stands in front of the context's handler for one run. LLVM ends the process after an error that no handler takes, and a host's handler
/// may do so after any: where the caller wants text, errors go there and nowhere else.
class TakesErrors final : public DiagnosticHandler
{
  public:
    TakesErrors(std::unique_ptr<DiagnosticHandler> Host, std::string *Text) : Host(std::move(Host)), Text(Text)
    {
        if (this->Host) DiagnosticContext = this->Host->DiagnosticContext;
    }
    bool handleDiagnostics(const DiagnosticInfo &Info) override
    {
        bool IsError = Info.getSeverity() == DS_Error;
        if (IsError) HasErrors = true;
        if (!IsError || !Text) {
            if (Host && Host->handleDiagnostics(Info)) return true;
            if (!IsError) return false;
        }
        std::string Line;
        raw_string_ostream Out(Line);
        DiagnosticPrinterRawOStream Printer(Out);
        Info.print(Printer);
        StringRef Trimmed = StringRef(Out.str()).rtrim(); // some kinds end a line, others do not
        if (Text) *Text += ((Text->empty() ? "" : "\n") + Trimmed).str();
        else errs() << "error: " << Trimmed << '\n';
        return true;
    }
    bool isAnalysisRemarkEnabled(StringRef Pass) const override { return Host && Host->isAnalysisRemarkEnabled(Pass); }
    bool isMissedOptRemarkEnabled(StringRef Pass) const override { return Host && Host->isMissedOptRemarkEnabled(Pass); }
    bool isPassedOptRemarkEnabled(StringRef Pass) const override { return Host && Host->isPassedOptRemarkEnabled(Pass); }
    bool isAnyRemarkEnabled() const override { return Host && Host->isAnyRemarkEnabled(); }

    std::unique_ptr<DiagnosticHandler> Host;

  private:
    std::string *Text;
};

} // namespace

// ---- What is asked for ----------------------------------------------------------------------------------------------

static void refuse(Module &M, const Twine &What)
{
    greywave::Refusals(M).module(What);
}

// The part that this library knows. What a newer header has behind it must be 0, which asks for nothing.
static bool readOptions(const greywave_pipeline_options *Given, greywave_pipeline_options &Options)
{
    if (Given->size < sizeof(size_t)) return false;
    auto *Bytes = reinterpret_cast<const char *>(Given);
    for (size_t At = sizeof Options; At < Given->size; At++)
        if (Bytes[At]) return false;
    memcpy(static_cast<void *>(&Options), Bytes, std::min(Given->size, sizeof Options));
    return true;
}

static bool isSensible(const greywave_pipeline_options &Options)
{
    return Options.level <= 3 && Options.roots <= GREYWAVE_ROOTS_NONE;
}

using greywave::RootFinder;
static_assert(int(RootFinder::Statepoint) == GREYWAVE_ROOTS_STATEPOINT && int(RootFinder::Shadow) == GREYWAVE_ROOTS_SHADOW &&
              int(RootFinder::None) == GREYWAVE_ROOTS_NONE); // two names of one choice

static greywave::PassOptions passOptionsOf(const greywave_pipeline_options &Options)
{
    return {RootFinder(Options.roots), Options.polls != 0, Options.frame_marks != 0, Options.no_check != 0};
}

extern "C" void greywave_pipeline_options_init(greywave_pipeline_options *Options, size_t Size)
{
    greywave::PassOptions Line = greywave::passOptions();
    greywave_pipeline_options All{};
    All.size = Size;
    All.level = 2;
    All.roots = unsigned(Line.Roots);
    All.polls = Line.Polls;
    All.frame_marks = Line.FrameMarks;
    All.no_check = Line.NoCheck;
    memset(static_cast<void *>(Options), 0, Size);
    memcpy(static_cast<void *>(Options), &All, std::min(Size, sizeof All));
}

// ---- Running --------------------------------------------------------------------------------------------------------

// Passes take valid IR for granted, and would end the process, or worse, with other.
static bool isValid(Module &M)
{
    std::string Complaints;
    raw_string_ostream Text(Complaints);
    bool BrokenDebugInfo = false; // the optimiser drops it, and says so
    if (!verifyModule(M, &Text, &BrokenDebugInfo)) return true;
    refuse(M, "the module does not verify: " + StringRef(Text.str()).rtrim());
    return false;
}

static void markForJit(Module &M)
{
    if (!greywave::isForJit(M)) M.addModuleFlag(Module::Warning, "greywave-jit", 1);
}

static void runAsAsked(Module &M, TargetMachine *Machine, const greywave_pipeline_options *Given)
{
    greywave_pipeline_options Options;
    greywave_pipeline_options_init(&Options, sizeof Options);
    if (Given && !readOptions(Given, Options))
        return refuse(M, "options of a newer greywave/llvm.h, or without their size; begin with greywave_pipeline_defaults()");
    if (!isSensible(Options)) return refuse(M, "no such option: level is 0 to 3, roots one of enum greywave_roots");
    if (greywave::isRefused(M)) return refuse(M, "the module was refused before");
    if (greywave::isLowered(M)) return refuse(M, "the passes have been at this module before; it is ready for code generation");
    if (!isValid(M)) return;
    if (Options.jit) markForJit(M);
    greywave::WithPassOptions Scope(passOptionsOf(Options));
    runPasses(M, Machine, Options.level);
}

static bool runPipeline(Module &M, TargetMachine *Machine, const greywave_pipeline_options *Given, std::string *Text)
{
    if (LLVMInitializeX86AsmParser) LLVMInitializeX86AsmParser();
    if (LLVMInitializeAArch64AsmParser) LLVMInitializeAArch64AsmParser();
    LLVMContext &Context = M.getContext();
    auto Owned = std::make_unique<TakesErrors>(Context.getDiagnosticHandler(), Text);
    TakesErrors &Handler = *Owned;
    Context.setDiagnosticHandler(std::move(Owned));
    runAsAsked(M, Machine, Given);
    bool Refused = Handler.HasErrors || greywave::isRefused(M);
    Context.setDiagnosticHandler(std::move(Handler.Host));
    return !Refused;
}

extern "C" int greywave_run_pipeline_with(LLVMModuleRef Handle, LLVMTargetMachineRef Machine, const greywave_pipeline_options *Options,
                                          char **Message)
{
    std::string Text;
    bool Done = runPipeline(*unwrap(Handle), reinterpret_cast<TargetMachine *>(Machine), Options, Message ? &Text : nullptr);
    if (Message) *Message = Done ? nullptr : strdup(Text.c_str());
    return !Done;
}

extern "C" void greywave_dispose_message(char *Message)
{
    free(Message);
}

extern "C" int greywave_run_pipeline(LLVMModuleRef Handle, LLVMTargetMachineRef Machine, unsigned Level)
{
    greywave_pipeline_options Options;
    greywave_pipeline_options_init(&Options, sizeof Options);
    Options.level = std::min(Level, 3u);
    return greywave_run_pipeline_with(Handle, Machine, &Options, nullptr);
}
