// Registration: where the two passes stand in clang's pipelines, and their names for `opt -passes=`.
#include "passes.h"
#include "llvm-c/Core.h"

using namespace llvm;

static void registerCallbacks(PassBuilder &Builder)
{
    Builder.registerPipelineStartEPCallback(
        [](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(greywave::PreparePass()); });
    Builder.registerOptimizerLastEPCallback([](ModulePassManager &Passes, OptimizationLevel GREYWAVE_LTO_PHASE) {
        Passes.addPass(greywave::LowerPass(GREYWAVE_IS_PRE_LINK));
    });
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

/// For frontends built on the LLVM C API, which cannot name plug-in passes: greywave-prepare, the optimiser at `level`
/// (0 to 3), greywave. Returns 0, or 1 when the module was refused; the diagnostics have gone to the module's context.
extern "C" int greywave_run_pipeline(LLVMModuleRef Handle, unsigned Level)
{
    Module &M = *unwrap(Handle);
    LoopAnalysisManager Loops;
    FunctionAnalysisManager Functions;
    CGSCCAnalysisManager Components;
    ModuleAnalysisManager Modules;
    PassBuilder Builder;
    registerCallbacks(Builder);
    Builder.registerModuleAnalyses(Modules);
    Builder.registerCGSCCAnalyses(Components);
    Builder.registerFunctionAnalyses(Functions);
    Builder.registerLoopAnalyses(Loops);
    Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
    const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
                                        OptimizationLevel::O3};
    OptimizationLevel O = Levels[std::min(Level, 3u)];
    ModulePassManager Passes = O == OptimizationLevel::O0 ? Builder.buildO0DefaultPipeline(O)
                                                          : Builder.buildPerModuleDefaultPipeline(O);
    Passes.run(M, Modules);
    return greywave::isRefused(M);
}
