/* A session of ORC's with Greywave's layer, as the tests of code made at run time use it. */
#ifndef TESTS_JIT_SESSION_H
#define TESTS_JIT_SESSION_H

#include <greywave/greywave.h>
#include <greywave/llvm.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/OrcEE.h>
#include <llvm-c/Target.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

static LLVMContextRef context;
static LLVMTargetMachineRef machine;
static enum greywave_roots roots; // of what is compiled

[[noreturn]] static void give_up(const char *what, const char *why)
{
    printf("%s: %s\n", what, why);
    exit(3);
}

static void check(LLVMErrorRef error, const char *what)
{
    if (error) give_up(what, LLVMGetErrorMessage(error));
}

static void begin()
{
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    char *error, *triple = LLVMGetDefaultTargetTriple();
    LLVMTargetRef target;
    if (LLVMGetTargetFromTriple(triple, &target, &error)) give_up("target", error);
    machine = LLVMCreateTargetMachine(target, triple, "x86-64", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelSmall);
    context = LLVMContextCreate();
    if (gw_init(nullptr) != GW_OK) give_up("gw_init", gw_error_text());
}

// ---- Compiling ------------------------------------------------------------------------------------------------------

static std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
    return text;
}

static std::string numbered(const char *text, int k)
{
    return replaced(replaced(text, "@K@", std::to_string(k)), "@NEXT@", std::to_string(k + 1));
}

static LLVMModuleRef parse(const std::string &text)
{
    char *error;
    LLVMModuleRef module;
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text.data(), text.size(), "module");
    if (LLVMParseIRInContext(context, buffer, &module, &error)) give_up("parsing", error);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    char *triple = LLVMGetTargetMachineTriple(machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMSetTarget(module, triple);
    LLVMDisposeMessage(triple);
    LLVMDisposeTargetData(layout);
    return module;
}

static LLVMMemoryBufferRef compile(const std::string &text)
{
    char *error;
    LLVMMemoryBufferRef object;
    LLVMModuleRef module = parse(text);
    struct greywave_pipeline_options options = greywave_pipeline_defaults();
    options.jit = 1, options.roots = roots;
    if (greywave_run_pipeline_with(module, machine, &options, &error)) give_up("refused", error);
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &error, &object)) give_up("no code", error);
    LLVMDisposeModule(module);
    return object;
}

// ---- The JIT --------------------------------------------------------------------------------------------------------

static std::string reported; // by the session

static void report(void *, LLVMErrorRef error)
{
    char *text = LLVMGetErrorMessage(error);
    reported += text;
    LLVMDisposeErrorMessage(text);
}

struct jit {
    LLVMOrcLLJITRef lljit;
    LLVMOrcJITDylibRef symbols;

    explicit jit(LLVMOrcLLJITBuilderObjectLinkingLayerCreatorFunction creator, void *argument)
    {
        LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
        if (creator) LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, creator, argument);
        check(LLVMOrcCreateLLJIT(&lljit, builder), "LLJIT");
        symbols = LLVMOrcLLJITGetMainJITDylib(lljit);
        LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(lljit), report, nullptr);
    }
    ~jit() { check(LLVMOrcDisposeLLJIT(lljit), "end of LLJIT"); }

    LLVMOrcResourceTrackerRef add(const std::string &text)
    {
        LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(symbols);
        check(LLVMOrcLLJITAddObjectFileWithRT(lljit, tracker, compile(text)), "adding");
        return tracker;
    }
    void keep(const std::string &text) { LLVMOrcReleaseResourceTracker(add(text)); }
    static void remove(LLVMOrcResourceTrackerRef tracker)
    {
        check(LLVMOrcResourceTrackerRemove(tracker), "removing");
        LLVMOrcReleaseResourceTracker(tracker);
    }
    void define(const char *name, void *address)
    {
        LLVMOrcCSymbolMapPair pair = {LLVMOrcLLJITMangleAndIntern(lljit, name),
                                      {reinterpret_cast<LLVMOrcExecutorAddress>(address), {LLVMJITSymbolGenericFlagsExported, 0}}};
        check(LLVMOrcJITDylibDefine(symbols, LLVMOrcAbsoluteSymbols(&pair, 1)), name);
    }
    void *address(const std::string &name)
    {
        LLVMOrcExecutorAddress found;
        LLVMErrorRef error = LLVMOrcLLJITLookup(lljit, &found, name.c_str());
        if (error) give_up(name.c_str(), reported.c_str());
        return reinterpret_cast<void *>(found);
    }
    long call(const std::string &name, long argument) { return reinterpret_cast<long (*)(long)>(address(name))(argument); }
};

#endif
