#include "facts/diagnose.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/Support/Path.h"

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
    explicit ModuleRefusal(StringRef Text) : DiagnosticInfo(getNextAvailablePluginDiagnosticKind(), DS_Error), Text(Text) {}
    void print(DiagnosticPrinter &Printer) const override { Printer << Text; }

  private:
    StringRef Text;
};

} // namespace

// ---- The user's line ------------------------------------------------------------------------------------------------

// The C library's, the compiler's and our own headers: what the user wrote is the call.
static bool isSystemHeader(const DIScope &Scope)
{
    SmallString<128> Path(Scope.getFilename());
    if (sys::path::is_relative(Path)) {
        Path = Scope.getDirectory();
        sys::path::append(Path, Scope.getFilename());
    }
    StringRef Name = Path;
    return Name.contains("/include/greywave/") || (Name.starts_with("/usr/") && Name.contains("/include/"));
}

// Variables are declared on no line; the first that uses one stands for it.
static const DILocation *lineOf(const Instruction &I)
{
    const DILocation *Line = I.getDebugLoc();
    if (Line && Line->getLine()) return Line;
    if (!isa<AllocaInst>(I)) return nullptr;
    for (const User *U : I.users()) {
        auto *Use = dyn_cast<Instruction>(U);
        if (!Use || !Use->getDebugLoc() || !Use->getDebugLoc().getLine() || Use->isLifetimeStartOrEnd()) continue; // those depend on -O
        if (!Line || !Line->getLine() || Use->getDebugLoc().getLine() < Line->getLine()) Line = Use->getDebugLoc();
    }
    return Line;
}

// Up through what was inlined. Null when all of it is in headers.
static const DILocation *outsideHeaders(const DILocation *Line)
{
    while (Line && isSystemHeader(*Line->getScope())) Line = Line->getInlinedAt();
    return Line;
}

// A call that leads to F from outside the headers, over functions in headers.
static const DILocation *callOutsideHeaders(const Function &F)
{
    SmallVector<const Function *, 8> Wanted{&F};
    for (size_t At = 0; At < Wanted.size() && At < 64; At++)
        for (const User *U : Wanted[At]->users()) {
            auto *Call = dyn_cast<CallBase>(U);
            if (!Call) continue;
            if (const DILocation *Line = outsideHeaders(lineOf(*Call))) return Line;
            if (!is_contained(Wanted, Call->getFunction())) Wanted.push_back(Call->getFunction());
        }
    return nullptr;
}

static const DILocation *userLine(const Instruction &I)
{
    const DILocation *Line = lineOf(I);
    if (const DILocation *Outside = outsideHeaders(Line)) return Outside;
    const DILocation *Call = Line ? callOutsideHeaders(*I.getFunction()) : nullptr;
    return Call ? Call : Line;
}

// ---- Refusals -------------------------------------------------------------------------------------------------------

bool Refusals::isElsewhere(const Function &F)
{
    if (!F.hasAvailableExternallyLinkage()) return false;
    Elsewhere.insert(const_cast<Function *>(&F));
    return true;
}

// At the link one module holds many files.
static std::string fileOf(const Module &M, const Function *Where)
{
    const DISubprogram *Begin = Where ? Where->getSubprogram() : nullptr;
    return Begin ? Begin->getFilename().str() : M.getSourceFileName();
}

std::string Refusals::text(const Twine &What, const Function *Where) const
{
    if (Whose == Blame::Program) return ("greywave: " + What).str();
    return ("greywave: internal error: after the program was accepted, the optimiser brought about what code cannot be made for: " + What +
            " [in '" + fileOf(M, Where) + "'; please report this, and compile that file with -O0 until it is mended]")
        .str();
}

void Refusals::at(const Instruction &Where, const Twine &What)
{
    if (isElsewhere(*Where.getFunction())) return;
    Count++;
    if (Refused.insert(&Where).second) report(Where, What, DS_Error);
}

void Refusals::warn(const Instruction &Where, const Twine &What)
{
    if (!Where.getFunction()->hasAvailableExternallyLinkage() && Warned.insert(&Where).second) report(Where, What, DS_Warning);
}

void Refusals::report(const Instruction &Where, const Twine &What, DiagnosticSeverity Severity)
{
    const Function &F = *Where.getFunction();
    std::string Text = text(What, &F);
    const DILocation *Own = lineOf(Where), *Line = userLine(Where);
    // Without a line the function's name is the best place there is. The wrappers of -D_FORTIFY_SOURCE, which a header declares artificial,
    // are not worth a word: without optimisation there are none.
    if (!Line) Text += (" [in function '" + F.getName() + "']").str();
    else if (Line != Own && !Own->getScope()->getSubprogram()->isArtificial())
        Text += (" [in '" + Own->getScope()->getSubprogram()->getName() + "', which is called here]").str();
    M.getContext().diagnose(DiagnosticInfoUnsupported(F, Text, DiagnosticLocation(DebugLoc(Line)), Severity));
}

void Refusals::at(const Function &Where, const Twine &What)
{
    if (isElsewhere(Where)) return;
    Count++;
    std::string Text = text(What + " [function '" + Where.getName() + "']", &Where);
    const DISubprogram *Begin = Where.getSubprogram();
    const DILocation *Call = Begin && isSystemHeader(*Begin) ? callOutsideHeaders(Where) : nullptr;
    DiagnosticLocation Line = Call ? DiagnosticLocation(DebugLoc(Call)) : DiagnosticLocation(Begin);
    M.getContext().diagnose(DiagnosticInfoUnsupported(Where, Text, Line, DS_Error));
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
    std::string Text = text(What, nullptr);
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
