#include "facts/remarks.h"
#include "llvm/IR/DiagnosticInfo.h"

using namespace llvm;

namespace greywave
{

static constexpr char PassName[] = "greywave";

template <typename Remark> static void emit(const Instruction &Where, StringRef Name, const Twine &What)
{
    Remark R(PassName, Name, &Where);
    R << What.str();
    Where.getContext().diagnose(R);
}

void remark(const Instruction &Where, StringRef Name, const Twine &What)
{
    if (Where.getContext().getDiagHandlerPtr()->isPassedOptRemarkEnabled(PassName)) emit<OptimizationRemark>(Where, Name, What);
}

void remark(const Function &Where, StringRef Name, const Twine &What)
{
    if (!Where.getContext().getDiagHandlerPtr()->isPassedOptRemarkEnabled(PassName)) return;
    OptimizationRemark R(PassName, Name, &Where);
    R << What.str();
    Where.getContext().diagnose(R);
}

void remarkMissed(const Instruction &Where, StringRef Name, const Twine &What)
{
    if (Where.getContext().getDiagHandlerPtr()->isMissedOptRemarkEnabled(PassName)) emit<OptimizationRemarkMissed>(Where, Name, What);
}

} // namespace greywave
