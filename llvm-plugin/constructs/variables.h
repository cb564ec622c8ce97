// What is known about the memory that a pointer leads to: the variable it lies in and where that holds references.
#ifndef GREYWAVE_VARIABLES_H
#define GREYWAVE_VARIABLES_H

#include "facts/reference_types.h"

namespace greywave
{

struct Place {
    /// A local variable, or a global one that is defined here; null when the pointer may lead anywhere.
    const llvm::Value *Variable = nullptr;
    /// The variable's type holds references, though perhaps not where `Layout` could list them.
    bool HasReferences = false;
    /// Empty when the layout is not precise; that is refused where the variable is defined.
    ReferenceLayout Layout;
    /// The pointer's distance from the variable's start, when it is constant.
    std::optional<uint64_t> Offset;

    /// A variable whose type holds no references, so that the collector does not look into it.
    bool isBlind() const { return Variable && !HasReferences; }
    /// A variable that holds references, the pointer at a constant distance from its start.
    bool isKnown() const { return HasReferences && Offset && Layout.Stride != 0; }
    /// Whether a reference lies in the `Bytes` bytes behind the pointer. Only for a known place.
    bool showsReferenceIn(uint64_t Bytes) const;
};

/// How far a place is from a pointer: Bytes, and any multiple of Step, which is 1 where nothing is known.
struct Distance {
    int64_t Bytes = 0;
    uint64_t Step = 0;
    bool operator==(const Distance &D) const { return Bytes == D.Bytes && Step == D.Step; }
    /// Whether this distance may be any that D may be.
    bool covers(const Distance &D) const;
    /// One that covers both.
    Distance joinedWith(const Distance &D) const;
    void add(const Distance &D);
};

/// Goes back over address arithmetic, and adds it to the distance.
const llvm::Value *goBack(const llvm::Value *Pointer, const llvm::DataLayout &DL, Distance &D);

/// What the address arithmetic behind a pointer says of the memory there: its structs and arrays show numbers, or
/// references, or a union with references, or plain pointers, as which another struct may have an object's references; or there are none.
enum class Shows { Numbers, References, Choice, Addresses, Nothing };
Shows shownAt(const llvm::Value *Pointer, uint64_t Bytes, const llvm::DataLayout &DL, int64_t Offset = 0);

/// How many bytes of memory a value of type T takes; for a scalable one, the least.
uint64_t bytesOf(llvm::Type *T, const llvm::DataLayout &DL);
/// A number of bytes; UINT64_MAX where the program computes it.
uint64_t constantLength(const llvm::Value *Bytes);
/// How many a copy moves.
uint64_t bytesOf(const llvm::MemTransferInst &Copy);

Place placeOf(const llvm::Value *Pointer, const llvm::DataLayout &DL);

/// Whether a value of type T that is kept there would have a reference where the variable's type shows none.
bool missesReferences(const Place &P, llvm::Type *T, const llvm::DataLayout &DL);

/// A variable that is only loaded from and stored to, as clang makes of every parameter.
bool isPlainVariable(const llvm::Value *V);

/// What a load of a local variable reads that is stored to once; V itself when it is no such load.
const llvm::Value *valueOf(const llvm::Value *V);

/// What a store or an exchange writes, and where. What an addition or the like makes of the word that is there is none.
struct WordWrite {
    llvm::Value *Pointer;
    const llvm::Use *Stored;
};
std::optional<WordWrite> wordWriteOf(const llvm::Instruction &I);

/// The layout of a local variable. Returns "" or why it is not precise.
std::string layoutOfSlot(const llvm::AllocaInst &Slot, ReferenceLayout &Layout);

/// Whether references lie there or further on in one of the structs that the address arithmetic behind a pointer shows.
bool showsReferencesFrom(const llvm::Value *Pointer, const llvm::DataLayout &DL);

/// What a pointer was cast from; arithmetic that adds nothing stays, since it names the first field.
const llvm::Value *withoutCasts(const llvm::Value *Pointer);

/// Whether the address arithmetic behind a pointer says that a reference lies in the `Bytes` bytes there.
bool showsReferences(const llvm::Value *Pointer, uint64_t Bytes, const llvm::DataLayout &DL);

} // namespace greywave

#endif
