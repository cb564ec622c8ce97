// An intrinsic that writes memory and of which nothing more is known may write any of its operands, anywhere behind its pointer. A table
// says more of those that C's vector types and headers have.
#include "constructs/intrinsic_writes.h"
#include "constructs/variables.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// Which words are written: by lanes of bits, by the highest bit of each lane of a vector, or all.
enum class Mask { Bits, Signs, None };

/// The operands by their numbers. What is to be checked is written to where the pointer leads, and a scattering store to as many places
/// as there are lanes.
struct KnownWrite {
    StringRef Name; // the beginning of one when it ends in a star
    unsigned To, Stored;
    int Masked; // the operand that is the mask; from the end when it is negative
    Mask How;
    enum { Here, Lanes, Anywhere } Where;
};

} // namespace

static constexpr KnownWrite Known[] = {
    {"llvm.masked.store", 1, 0, -1, Mask::Bits, KnownWrite::Here},
    {"llvm.masked.scatter", 1, 0, -1, Mask::Bits, KnownWrite::Lanes},
    {"llvm.masked.compressstore", 1, 0, -1, Mask::Bits, KnownWrite::Anywhere},
    {"llvm.vp.store", 1, 0, -2, Mask::Bits, KnownWrite::Anywhere},
    {"llvm.vp.scatter", 1, 0, -2, Mask::Bits, KnownWrite::Anywhere},
    {"llvm.x86.avx.maskstore.*", 0, 2, 1, Mask::Signs, KnownWrite::Here},
    {"llvm.x86.avx2.maskstore.*", 0, 2, 1, Mask::Signs, KnownWrite::Here},
    {"llvm.x86.sse2.maskmov.dqu", 2, 0, 1, Mask::Signs, KnownWrite::Here},
    {"llvm.x86.directstore64", 0, 1, 0, Mask::None, KnownWrite::Here},
    {"llvm.x86.avx512.scatter*", 0, 3, 1, Mask::Bits, KnownWrite::Anywhere},
    {"llvm.x86.avx512.mask.scatter*", 0, 3, 1, Mask::Bits, KnownWrite::Anywhere},
};

static const KnownWrite *knownWriteOf(const IntrinsicInst &Call)
{
    StringRef Name = Intrinsic::getBaseName(Call.getIntrinsicID());
    const KnownWrite *Row = find_if(
        Known, [&](const KnownWrite &Row) { return Row.Name.ends_with("*") ? Name.starts_with(Row.Name.drop_back()) : Name == Row.Name; });
    return Row == std::end(Known) ? nullptr : Row;
}

// ---- What is written ------------------------------------------------------------------------------------------------

static bool mayBeWords(const Use &U, const DataLayout &DL)
{
    Type *T = U->getType();
    return !isa<Constant>(U) && !T->isPtrOrPtrVectorTy() && T->isSized() && bytesOf(T, DL) >= 8;
}

static std::optional<IntrinsicWrite> unknownWriteOf(const IntrinsicInst &Call)
{
    const DataLayout &DL = Call.getModule()->getDataLayout();
    IntrinsicWrite W{nullptr, {}, UINT64_MAX};
    for (const Use &U : Call.args()) {
        bool IsWritten = U->getType()->isPtrOrPtrVectorTy() && !Call.onlyReadsMemory(Call.getArgOperandNo(&U));
        if (IsWritten && !W.To) W.To = U.get();
        else if (mayBeWords(U, DL)) W.Stored.push_back(&U);
    }
    return W.To && !W.Stored.empty() ? std::optional(W) : std::nullopt;
}

std::optional<IntrinsicWrite> intrinsicWriteOf(const Instruction &I)
{
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    if (!Call || isa<AnyMemIntrinsic>(Call) || !Call->mayWriteToMemory()) return std::nullopt;
    const KnownWrite *Row = knownWriteOf(*Call);
    if (!Row) return unknownWriteOf(*Call);
    const Use &Stored = Call->getArgOperandUse(Row->Stored);
    const DataLayout &DL = I.getModule()->getDataLayout();
    if (!mayBeWords(Stored, DL)) return std::nullopt;
    uint64_t Bytes = Row->Where == KnownWrite::Here ? bytesOf(Stored->getType(), DL) : UINT64_MAX;
    return IntrinsicWrite{Call->getArgOperand(Row->To), {&Stored}, Bytes};
}

bool gathers(const IntrinsicInst &Call)
{
    return Intrinsic::getBaseName(Call.getIntrinsicID()).contains("gather");
}

// ---- Word by word ---------------------------------------------------------------------------------------------------

SmallVector<Value *, 2> wordsOf(Value *Stored, IRBuilderBase &B)
{
    Type *T = Stored->getType();
    uint64_t Words = bytesOf(T, B.GetInsertBlock()->getModule()->getDataLayout()) / 8;
    if (T->isPointerTy()) return {B.CreatePtrToInt(Stored, B.getInt64Ty())};
    if (T->isAggregateType() || isa<ScalableVectorType>(T) || T->getPrimitiveSizeInBits() != Words * 64) return {};
    if (Words == 1) return {B.CreateBitCast(Stored, B.getInt64Ty())};
    Value *All = B.CreateBitCast(Stored, FixedVectorType::get(B.getInt64Ty(), unsigned(Words)));
    SmallVector<Value *, 2> Found;
    for (uint64_t I = 0; I < Words; I++) Found.push_back(B.CreateExtractElement(All, I));
    return Found;
}

// All ones in the lanes that are written, and nothing in the others. A word of which one lane is left out is not written whole.
static SmallVector<Value *, 2> wordsOfMask(Value *M, Mask How, const FixedVectorType &Stored, IRBuilderBase &B)
{
    unsigned Bits = unsigned(Stored.getScalarSizeInBits());
    auto *Lanes = FixedVectorType::get(B.getIntNTy(Bits), Stored.getNumElements());
    if (How == Mask::Bits) return wordsOf(B.CreateSExt(M, Lanes), B);
    return wordsOf(B.CreateAShr(B.CreateBitCast(M, Lanes), Bits - 1), B);
}

static Value *maskOf(const IntrinsicInst &Call, const KnownWrite &Row)
{
    return Call.getArgOperand(Row.Masked < 0 ? Call.arg_size() - unsigned(-Row.Masked) : unsigned(Row.Masked));
}

bool eachWordWritten(IntrinsicInst &Call, IRBuilderBase &B, function_ref<void(Value *, Value *)> Visit)
{
    const KnownWrite *Row = knownWriteOf(Call);
    if (!Row || Row->Where == KnownWrite::Anywhere) return false;
    Value *Stored = Call.getArgOperand(Row->Stored), *To = Call.getArgOperand(Row->To);
    auto *Vector = dyn_cast<FixedVectorType>(Stored->getType());
    if (Row->How != Mask::None && !Vector) return false;
    if (Row->Where == KnownWrite::Lanes && Vector->getScalarSizeInBits() != 64) return true;
    SmallVector<Value *, 2> Words = wordsOf(Stored, B), Masks;
    if (Row->How != Mask::None && !Words.empty()) Masks = wordsOfMask(maskOf(Call, *Row), Row->How, *Vector, B);
    for (unsigned I = 0; I < Words.size(); I++) {
        Value *Place = Row->Where == KnownWrite::Lanes ? B.CreateExtractElement(To, I) : B.CreateConstGEP1_64(B.getInt8Ty(), To, 8 * I);
        Value *Whole = Masks.empty() ? B.getTrue() : B.CreateICmpEQ(Masks[I], B.getInt64(UINT64_MAX));
        Visit(Place, B.CreateSelect(Whole, Words[I], B.getInt64(0)));
    }
    return true;
}

// ---- Checks ---------------------------------------------------------------------------------------------------------

void callWordCheck(Value *Place, Value *Word, IRBuilderBase &B)
{
    Module &M = *B.GetInsertBlock()->getModule();
    callLeaf(declareLeaf(M, "gw_check_word", B.getVoidTy(), {B.getPtrTy(), B.getInt64Ty()}), {Place, Word}, B);
}

void insertWordChecks(Instruction &I, Value *Place, Value *Stored)
{
    IRBuilder<> B(&I);
    SmallVector<Value *, 2> Words = wordsOf(Stored, B);
    if (isReference(Place->getType()) && !Words.empty()) Place = B.CreateAddrSpaceCast(Place, B.getPtrTy());
    for (unsigned N = 0; N < Words.size(); N++) callWordCheck(B.CreateConstGEP1_64(B.getInt8Ty(), Place, 8 * N), Words[N], B);
}

} // namespace greywave
