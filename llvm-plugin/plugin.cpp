// Registration: where the two passes stand in clang's pipelines, and their names for `opt -passes=`.
#include "passes.h"
#include "greywave/llvm.h"
#include "llvm-c/Core.h"

using namespace llvm;

static void registerCallbacks(PassBuilder &Builder)
{
    Builder.registerPipelineStartEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::PreparePass()); });
    Builder.registerVectorizerStartEPCallback(
        [](FunctionPassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::SmallLoopsPass()); });
    Builder.registerOptimizerLastEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel GREYWAVE_LTO_PHASE) { Passes.addPass(greywave::LowerPass()); });
    // Where the optimisation of the link begins: thin, where this is called when files are compiled as well, and full.
    Builder.registerPipelineEarlySimplificationEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel GREYWAVE_LTO_PHASE) {
            Passes.addPass(greywave::ResumePass());
        });
    Builder.registerFullLinkTimeOptimizationEarlyEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::ResumePass()); });
    Builder.registerFullLinkTimeOptimizationLastEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::LowerPass()); });
    Builder.registerPipelineParsingCallback(
        [](StringRef Name, ModulePassManager &Passes, ArrayRef<PassBuilder::PipelineElement>) {
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
    const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
                                        OptimizationLevel::O3};
    OptimizationLevel O = Levels[std::min(Level, 3u)];
    return O == OptimizationLevel::O0 ? Builder.buildO0DefaultPipeline(O) : Builder.buildPerModuleDefaultPipeline(O);
}

// Barriers hold inline assembler. Absent from hosts that are linked with parts of LLVM only; code generation then says so.
extern "C" LLVM_ATTRIBUTE_WEAK void LLVMInitializeX86AsmParser();

/// See greywave/llvm.h. Frontends built on the LLVM C API cannot name plug-in passes.
extern "C" int greywave_run_pipeline(LLVMModuleRef Handle, LLVMTargetMachineRef Machine, unsigned Level)
{
    Module &M = *unwrap(Handle);
    if (LLVMInitializeX86AsmParser) LLVMInitializeX86AsmParser();
    LoopAnalysisManager Loops;
    FunctionAnalysisManager Functions;
    CGSCCAnalysisManager Components;
    ModuleAnalysisManager Modules;
    PassBuilder Builder(reinterpret_cast<TargetMachine *>(Machine));
    registerCallbacks(Builder);
    Builder.registerModuleAnalyses(Modules);
    Builder.registerCGSCCAnalyses(Components);
    Builder.registerFunctionAnalyses(Functions);
    Builder.registerLoopAnalyses(Loops);
    Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
    buildPipeline(Builder, Level).run(M, Modules);
    return greywave::isRefused(M);
}
