// Which layer, and what becomes of options that cannot be had: the second half of greywave/llvm.h.
#include "jit/layers.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;
using namespace llvm::orc;

namespace greywave
{

Error complain(const Twine &What)
{
    return createStringError(inconvertibleErrorCode(), "greywave: " + What);
}

Error toError(const greywave_runtime &Runtime, gw_status Status)
{
    if (Status == GW_OK) return Error::success();
    return complain(Runtime.error_text());
}

void mustBeUnregistered(const greywave_runtime &Runtime, gw_status Status)
{
    if (Status == GW_OK) return;
    std::string Complaint = std::string("greywave: ") + Runtime.error_text();
    report_fatal_error(Complaint.c_str(), /*gen_crash_diag=*/false);
}

Error release(const greywave_jit_options &Options, StringRef Name, ArrayRef<gw_extent> Extents)
{
    const greywave_runtime &Runtime = Options.runtime;
    if (!Options.no_check && Runtime.module_in_use(Extents.data(), Extents.size()))
        return complain("'" + Name + "' is not removed: " + Runtime.error_text());
    Runtime.module_forget(Extents.data(), Extents.size());
    return Error::success();
}

namespace
{

/// Takes the place of a layer that cannot be made, where the interface has no room for an error: fails what it is given.
class FailingLayer final : public ObjectLayer
{
  public:
    FailingLayer(ExecutionSession &Session, std::string Why) : ObjectLayer(Session), Why(std::move(Why)) {}
    void emit(std::unique_ptr<MaterializationResponsibility> R, std::unique_ptr<MemoryBuffer>) override
    {
        getExecutionSession().reportError(createStringError(inconvertibleErrorCode(), Twine(Why)));
        R->failMaterialization();
    }

  private:
    std::string Why;
};

} // namespace

// The part that this library knows; what a newer header has behind it is not for it to guess.
static Error readOptions(const void *Given, greywave_jit_options &Options)
{
    size_t Size = 0;
    if (Given) memcpy(&Size, Given, sizeof Size);
    if (Size != sizeof Options) return complain("options of another greywave/llvm.h, or none; begin with greywave_jit_defaults()");
    memcpy(&Options, Given, sizeof Options);
    const greywave_runtime &R = Options.runtime;
    if (!R.module_register || !R.module_unregister || !R.unwind_register || !R.unwind_unregister || !R.error_text || !R.module_in_use ||
        !R.module_forget)
        return complain("the runtime's functions are missing; begin with greywave_jit_defaults()");
    if (Options.linker > GREYWAVE_RTDYLD) return complain("no such linker; it is one of enum greywave_linker");
    return Error::success();
}

static LayerOrError createLayer(ExecutionSession &Session, const void *Given)
{
    greywave_jit_options Options;
    if (Error E = readOptions(Given, Options)) return E;
    return Options.linker == GREYWAVE_RTDYLD ? createRuntimeDyldLayer(Session, Options) : createJitLinkLayer(Session, Options);
}

} // namespace greywave

// LLVM has these conversions in a source file of its own.
extern "C" LLVMOrcObjectLayerRef greywave_create_object_layer(void *Options, LLVMOrcExecutionSessionRef Handle, const char *)
{
    auto &Session = *reinterpret_cast<ExecutionSession *>(Handle);
    auto Layer = greywave::createLayer(Session, Options);
    ObjectLayer *Made = Layer ? Layer->release() : new greywave::FailingLayer(Session, toString(Layer.takeError()));
    return reinterpret_cast<LLVMOrcObjectLayerRef>(Made);
}
