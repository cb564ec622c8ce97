// The "greywave" garbage collection strategy: statepoints, references in address space 1, our own map section.
#include "facts/llvm_versions.h"
#include "facts/reference_types.h"
#include "llvm/IR/GCStrategy.h"

using namespace llvm;

namespace
{

class GreywaveStrategy : public GCStrategy
{
  public:
    GreywaveStrategy()
    {
        UseStatepoints = true;
        UseRS4GC = true;
        NeededSafePoints = false;
        UsesMetadata = true; // code generation asks for the GCMetadataPrinter of this name
    }

    std::optional<bool> isGCManagedPointer(const Type *T) const override { return greywave::isReference(T); }
};

GCRegistry::Add<GreywaveStrategy> Registration("greywave", "Greywave: precise, moving, incremental");

} // namespace
