// Which types and values are references, and where a type holds them.
#ifndef GREYWAVE_REFERENCE_TYPES_H
#define GREYWAVE_REFERENCE_TYPES_H

#include "facts/llvm_versions.h"

namespace greywave
{

constexpr unsigned ReferenceSpace = 1;

/// `ptr addrspace(1)` itself.
inline bool isReference(const llvm::Type *T)
{
    auto *Pointer = llvm::dyn_cast<llvm::PointerType>(T);
    return Pointer && Pointer->getAddressSpace() == ReferenceSpace;
}

/// Neither a reference nor an ordinary pointer: relative to a segment register, or of another size.
inline bool isInOtherSpace(const llvm::Value *Pointer)
{
    unsigned Space = Pointer->getType()->getPointerAddressSpace();
    return Space != 0 && Space != ReferenceSpace;
}

/// A reference, or a struct, array or vector with one anywhere inside.
bool containsReference(const llvm::Type *T);

/// A vector, struct or array that contains references.
inline bool isComposite(const llvm::Type *T)
{
    return !isReference(T) && containsReference(T);
}

/// A C union that may hold a reference of which its IR type, that of one member, shows nothing. Of one whose members are aligned to
/// less than a reference it shows enough: all are numbers.
bool containsUnion(const llvm::Type *T);

/// A union of C, by the name that clang gives it.
inline bool isUnion(const llvm::StructType &S)
{
    return S.hasName() && S.getName().starts_with("union.");
}

/// The name of a union that holds references or numbers by what the program says (types/declared_unions.h). LLVM adds a number to it.
constexpr char UnionOfEither[] = "union.gw.either";
inline bool isUnionOfEither(const llvm::StructType &S)
{
    return S.hasName() && S.getName().starts_with(UnionOfEither);
}
bool containsUnionOfEither(const llvm::Type *T);

/// The beginning of the name of a struct that an object has, or is, of which a function of the program's tells where its references are
/// (types/declared_unions.h).
constexpr char TracedStruct[] = "gw.traced.";
inline bool isTracedStruct(const llvm::StructType &S)
{
    return S.hasName() && S.getName().starts_with(TracedStruct);
}

/// `Count` references, the first at byte `Start`, each `Stride` bytes behind the last.
struct ReferenceRun {
    uint64_t Start, Count, Stride;

    uint64_t last() const { return Start + (Count - 1) * Stride; }
    bool holdsReferenceAt(uint64_t Offset) const;
    /// Whether a byte of [From, End) belongs to a reference.
    bool touches(uint64_t From, uint64_t End) const;
    bool operator==(const ReferenceRun &Other) const { return Start == Other.Start && Count == Other.Count && Stride == Other.Stride; }
};

/// Ascending by their starts, and none overlaps another.
using ReferenceRuns = llvm::SmallVector<ReferenceRun, 4>;

/// Whether a byte of [From, End) belongs to a reference of any run.
bool touchesAny(llvm::ArrayRef<ReferenceRun> Runs, uint64_t From, uint64_t End);
uint64_t countReferences(llvm::ArrayRef<ReferenceRun> Runs);
/// Each reference's offset, run by run.
void eachReference(llvm::ArrayRef<ReferenceRun> Runs, llvm::function_ref<void(uint64_t)> Visit);
llvm::SmallVector<uint64_t, 8> offsetsOfRuns(llvm::ArrayRef<ReferenceRun> Runs);

/// As maps and records tell it: `Count` times, each `Stride` bytes behind the last, references at `Offsets`.
struct ReferenceBlocks {
    uint64_t Count, Stride;
    llvm::SmallVector<uint64_t, 4> Offsets;
};

/// `Count` blocks of `Stride` bytes, each with references at `Runs`.
struct ReferenceLayout {
    uint64_t Count = 1;
    uint64_t Stride = 0;
    ReferenceRuns Runs;

    bool holdsReferenceAt(uint64_t Offset) const;
    /// There is nothing but references.
    bool isDense() const { return Stride == countReferences(Runs) * 8; }
    uint64_t references() const { return Count * countReferences(Runs); }
    /// All of it, in few pieces, each of few offsets.
    std::vector<ReferenceBlocks> blocks() const;
};

/// A block, or an object, of more references than these is told by runs, where that is shorter.
constexpr uint64_t MostListed = 64;

/// Where one object of type T, at byte Start, holds references. Returns "" or why the layout is not precise.
std::string collectRuns(llvm::Type *T, const llvm::DataLayout &DL, uint64_t Start, llvm::SmallVectorImpl<ReferenceRun> &Runs);

/// Why a variable's references cannot be found, with what to do about it.
std::string withRemedy(const std::string &Problem);

/// The layout of a variable of type T, arrays folded into blocks. Returns "" or why it is not precise.
std::string layoutOf(llvm::Type *T, const llvm::DataLayout &DL, ReferenceLayout &Layout);

/// An immediate, null or undefined: never followed, so storing it needs no barrier and it needs no root.
bool isNeverFollowed(const llvm::Value *V);

/// May a value point anywhere but at the start of an object? What is found is kept: the function may not lose values meanwhile.
class InteriorPointers
{
  public:
    bool mayBe(const llvm::Value *V);

  private:
    bool find(const llvm::Value *V, llvm::SmallPtrSetImpl<const llvm::Value *> &Seen);

    llvm::DenseMap<const llvm::Value *, bool> Known;
};

} // namespace greywave

#endif
