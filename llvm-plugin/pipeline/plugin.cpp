// Registration: where the two passes stand in clang's pipelines, and their names for `opt -passes=`.
#include "pipeline/passes.h"

using namespace llvm;

void greywave::registerPasses(PassBuilder &Builder)
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
    Info.RegisterPassBuilderCallbacks = greywave::registerPasses;
    return Info;
}
