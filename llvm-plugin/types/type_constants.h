// Constants of struct gw_type: which ones a module has, and what they say.
#ifndef GREYWAVE_TYPE_CONSTANTS_H
#define GREYWAVE_TYPE_CONSTANTS_H

#include "facts/reference_types.h"
#include "greywave/abi.h"
#include <cstddef>

namespace greywave
{

/// What says which words of a run are references (struct gw_tag); of 0 bytes: all are.
struct RunTag {
    uint64_t Offset, Bytes, Mask, Low, Span;
};

struct TypeReferences {
    ReferenceRuns Fixed, Element;
    llvm::SmallVector<RunTag, 4> FixedTags, ElementTags; // with GW_TYPE_TAGS one for each run
};

/// One gw_type in a variable with an initializer, read by the ABI's byte offsets whatever IR type the frontend gave it.
class TypeConstant
{
  public:
    TypeConstant(llvm::GlobalVariable &G, uint64_t Start) : G(G), Start(Start) {}

    /// The variable is large enough.
    bool isWhole() const;
    /// The variable is this gw_type and nothing else, of eleven fields, so that `set` can replace one.
    bool isPlain() const;
    std::optional<uint32_t> number(size_t Offset) const;
    uint32_t numberOr0(size_t Offset) const { return number(Offset).value_or(0); }
    /// Null when it is no constant that can be told.
    llvm::Constant *pointer(size_t Offset) const;
    bool isNull(size_t Offset) const;
    bool isArray() const;
    /// GW_TYPE_RUNS.
    bool hasRuns() const;
    /// GW_TYPE_TAGS: of the listed words those are references of which a tag says so.
    bool hasTags() const;
    /// References are where the type lists them: it has no trace function of the program's.
    bool hasLayout() const { return hasRuns() || isNull(offsetof(gw_type, trace)); }
    /// Whose IR type shows the layout, or null.
    llvm::GlobalVariable *layoutVariable() const;
    /// The listed references; an offset is a run of one. False when they cannot be told.
    bool readReferences(TypeReferences &Listed) const;
    /// Whether a reference is listed in the bytes [From, End) of an object; behind an array's fixed part, of any element. Nothing where it
    /// cannot be told.
    std::optional<bool> refersIn(uint64_t From, uint64_t End) const;

    void set(size_t Offset, llvm::Constant *Value);
    void setNumber(size_t Offset, uint64_t Value);

    llvm::GlobalVariable &variable() const { return G; }
    const llvm::DataLayout &layout() const { return G.getParent()->getDataLayout(); }
    bool operator<(const TypeConstant &Other) const;
    bool isAt(const llvm::GlobalVariable &Variable, uint64_t Offset) const { return &G == &Variable && Start == Offset; }

  private:
    llvm::Constant *field(llvm::Type *T, size_t Offset) const;
    bool readWords(uint64_t First, uint64_t Count, llvm::SmallVectorImpl<uint64_t> &Words) const;
    bool readRuns(TypeReferences &Listed) const;

    llvm::GlobalVariable &G;
    uint64_t Start; // bytes into the variable
};

/// All that are handed to an allocation function, also by choice, through a local variable or out of a table; and all that are defined
/// here for other modules, or whose use cannot be followed: known by the struct's name or, where the variable is aligned as they must be,
/// by the fields' places.
std::vector<TypeConstant> typeConstantsIn(llvm::Module &M);

/// Whether the variable is declared here, and a gw_type by the fields of its type.
bool isTypeElsewhere(const llvm::GlobalVariable &G);

/// The gw_type constants that an allocation may be handed. Empty for other calls.
std::vector<TypeConstant> typesAllocatedBy(const llvm::CallBase &Call);

// type_checks.cpp
/// What the runtime would trip over, in words, or "".
std::string problemWithFields(const TypeConstant &T);
/// The same for the list of references.
std::string problemWithOffsets(const TypeConstant &T);
/// An array's length lies where a reference is listed.
bool listsLength(const TypeConstant &T, const TypeReferences &Listed);
/// An object and an array are allocated by different functions.
std::string problemWithAllocation(const TypeConstant &T, const llvm::CallBase &Call);

} // namespace greywave

#endif
