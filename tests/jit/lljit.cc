// Greywave's layer in LLVM's C++ API: LLJIT is given IR, and its transformation runs the passes when a module is wanted for the first time.
#include "modules.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

#include <greywave/greywave.h>
#include <greywave/llvm.h>

using namespace llvm;
using namespace llvm::orc;

static ExitOnError check("lljit: ");

static Expected<ThreadSafeModule> runPasses(ThreadSafeModule Holder, MaterializationResponsibility &)
{
    std::string Refused;
    Holder.withModuleDo([&](Module &M) {
        greywave_pipeline_options Options = greywave_pipeline_defaults();
        char *Message;
        Options.jit = 1;
        if (greywave_run_pipeline_with(wrap(&M), nullptr, &Options, &Message)) Refused = Message;
        greywave_dispose_message(Message);
    });
    if (!Refused.empty()) return createStringError(inconvertibleErrorCode(), Twine(Refused));
    return Holder;
}

static ThreadSafeModule parse(LLJIT &Jit, std::string Text)
{
    auto Context = std::make_unique<LLVMContext>();
    for (size_t At = 0; (At = Text.find("@K@")) != std::string::npos;) Text.replace(At, 3, "0");
    SMDiagnostic Complaint;
    std::unique_ptr<Module> M = parseIR(MemoryBufferRef(Text, "module"), Complaint, *Context);
    if (!M) check(createStringError(inconvertibleErrorCode(), Complaint.getMessage()));
    M->setDataLayout(Jit.getDataLayout());
#if LLVM_VERSION_MAJOR >= 22
    M->setTargetTriple(Jit.getTargetTriple());
#else
    M->setTargetTriple(Jit.getTargetTriple().str());
#endif
    return ThreadSafeModule(std::move(M), std::move(Context));
}

int main()
{
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    if (gw_init(nullptr) != GW_OK) return 2;
    greywave_jit_options Options = greywave_jit_defaults();
    auto Host = check(JITTargetMachineBuilder::detectHost());
    Host.setRelocationModel(Reloc::PIC_);
    Host.setCodeModel(CodeModel::Small);
    Host.getOptions().FunctionSections = true; // so that functions to which nothing but a record refers stand alone
    Host.getOptions().DataSections = true;
    LLJITBuilder Builder;
    Builder.setJITTargetMachineBuilder(std::move(Host));
    Builder.setObjectLinkingLayerCreator([&](ExecutionSession &Session, auto &&...) -> Expected<std::unique_ptr<ObjectLayer>> {
        auto *Made = greywave_create_object_layer(&Options, reinterpret_cast<LLVMOrcExecutionSessionRef>(&Session), "");
        return std::unique_ptr<ObjectLayer>(reinterpret_cast<ObjectLayer *>(Made));
    });
    std::unique_ptr<LLJIT> Jit = check(Builder.create());
    Jit->getIRTransformLayer().setTransform(runPasses);
    check(Jit->addIRModule(parse(*Jit, lists)));
    check(Jit->addIRModule(parse(*Jit, keeper)));
    auto Fill = check(Jit->lookup("fill_0")).toPtr<int64_t (*)(int64_t)>();
    outs() << Fill(20) << '\n';
    return 0;
}
