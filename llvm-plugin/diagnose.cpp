#include "diagnose.h"
#include "llvm/IR/DiagnosticPrinter.h"

using namespace llvm;

namespace greywave
{

static const char RefusedMarker[] = "greywave.refused";

namespace
{

/// An error without an instruction or function to point at.
class ModuleRefusal : public DiagnosticInfo
{
  public:
    explicit ModuleRefusal(StringRef Text)
        : DiagnosticInfo(getNextAvailablePluginDiagnosticKind(), DS_Error), Text(Text)
    {
    }
    void print(DiagnosticPrinter &Printer) const override { Printer << Text; }

  private:
    StringRef Text;
};

} // namespace

void Refusals::at(const Instruction &Where, const Twine &What)
{
    Count++;
    const Function &F = *Where.getFunction();
    std::string Text = ("greywave: " + What).str();
    // Without a line the function's name is the best place there is.
    if (!Where.getDebugLoc()) Text += (" [in function '" + F.getName() + "']").str();
    M.getContext().diagnose(DiagnosticInfoUnsupported(F, Text, Where.getDebugLoc(), DS_Error));
}

void Refusals::at(const Function &Where, const Twine &What)
{
    Count++;
    std::string Text = ("greywave: " + What + " [function '" + Where.getName() + "']").str();
    M.getContext().diagnose(
        DiagnosticInfoUnsupported(Where, Text, DiagnosticLocation(Where.getSubprogram()), DS_Error));
}

void Refusals::at(const GlobalVariable &Where, const Twine &What)
{
    SmallVector<DIGlobalVariableExpression *, 1> Debug;
    Where.getDebugInfo(Debug);
    std::string Place;
    if (!Debug.empty()) {
        const DIGlobalVariable *V = Debug.front()->getVariable();
        Place = (V->getFilename() + ":" + Twine(V->getLine()) + ": ").str();
    } else {
        Place = Where.getParent()->getSourceFileName() + ": ";
    }
    module(What + " [" + Place + "variable '" + Where.getName() + "']");
}

void Refusals::module(const Twine &What)
{
    Count++;
    std::string Text = ("greywave: " + What).str();
    M.getContext().diagnose(ModuleRefusal(Text));
}

void markRefused(Module &M)
{
    M.getOrInsertNamedMetadata(RefusedMarker);
}
bool isRefused(const Module &M)
{
    return M.getNamedMetadata(RefusedMarker) != nullptr;
}

} // namespace greywave
