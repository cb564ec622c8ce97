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

/// A reference, or a struct, array or vector with one anywhere inside.
bool containsReference(const llvm::Type *T);

/// A vector, struct or array that contains references.
inline bool isComposite(const llvm::Type *T)
{
    return !isReference(T) && containsReference(T);
}

/// A C union, whose IR type shows only its largest member.
bool containsUnion(const llvm::Type *T);

/// `Count` blocks of `Stride` bytes, each with references at `Offsets`, ascending.
struct ReferenceLayout {
    uint64_t Count = 1;
    uint64_t Stride = 0;
    llvm::SmallVector<uint64_t, 4> Offsets;

    bool holdsReferenceAt(uint64_t Offset) const;
};

/// Appends the byte offsets of the references in one object of type T. Returns "" or why the layout is not precise.
std::string collectOffsets(llvm::Type *T, const llvm::DataLayout &DL, uint64_t Start, llvm::SmallVectorImpl<uint64_t> &Offsets);

/// Why a variable's references cannot be found, with what to do about it.
std::string withRemedy(const std::string &Problem);

/// The layout of a variable of type T, arrays folded into blocks. Returns "" or why it is not precise.
std::string layoutOf(llvm::Type *T, const llvm::DataLayout &DL, ReferenceLayout &Layout);

/// An immediate, null or undefined: never followed, so storing it needs no barrier and it needs no root.
bool isNeverFollowed(const llvm::Value *V);

/// May the value point anywhere but at the start of an object? Optimistic around cycles of phis.
bool mayBeInterior(const llvm::Value *V);

} // namespace greywave

#endif
