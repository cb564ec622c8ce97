// Global variables that hold references: a gw_global_record for each, in section gw_globals.
//
// A record is link-order to its variable, so that the linker drops both or neither. A variable of many references has one for each run. A
// variable whose address is not a constant distance away (thread-local, or one that another image may replace) is reached through an
// accessor.
#include "constructs/constant_references.h"
#include "maps/global_cards.h"
#include "maps/maps.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "greywave/abi.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave
{

// Null and immediates, which the collector does not follow. Without an address in it the constant may lie in a section that linkers merge:
// lld lets no record be link-order to one.
static bool leadsNowhere(const Constant &C, const DataLayout &DL)
{
    if (!containsReference(C.getType()) || C.isNullValue() || isa<UndefValue>(C)) return true;
    if (isa<ConstantAggregate>(C)) return all_of(C.operands(), [&](const Use &U) { return leadsNowhere(*cast<Constant>(U.get()), DL); });
    auto *Cast = dyn_cast<ConstantExpr>(&C);
    return Cast && Cast->getOpcode() == Instruction::IntToPtr && isConstantImmediate(*Cast->getOperand(0), DL);
}

static bool needsRecord(const GlobalVariable &G)
{
    if (G.isDeclarationForLinker() || G.getName().starts_with("llvm.") || !containsReference(G.getValueType())) return false;
    return !(G.isConstant() && leadsNowhere(*G.getInitializer(), G.getParent()->getDataLayout()));
}

// Nobody reads the variable, or the part of it that `Address` leads to, nor learns its address.
static bool isOnlyWritten(const Value &Address)
{
    return all_of(Address.uses(), [](const Use &U) {
        const User *User = U.getUser();
        if (auto *Store = dyn_cast<StoreInst>(User)) return U.getOperandNo() == Store->getPointerOperandIndex();
        if (auto *Write = dyn_cast<MemIntrinsic>(User)) return U.get() == Write->getRawDest();
        return isa<GEPOperator>(User) && isOnlyWritten(*User);
    });
}

// What is read somewhere keeps all that is written to it; and a variable in llvm.compiler.used keeps the functions that name it
// from being imported by thin link-time optimisation, and its parts in one piece.
void keepGlobalRoots(Module &M)
{
    SmallVector<GlobalValue *, 16> Roots;
    for (GlobalVariable &G : M.globals())
        if (needsRecord(G) && isOnlyWritten(G)) Roots.push_back(&G);
    for (GlobalValue *Root : Roots) noteListedByPlugin(*cast<GlobalVariable>(Root));
    appendToCompilerUsed(M, Roots);
}

// Where a run begins; other blocks begin where the variable does.
static uint64_t startOf(const ReferenceBlocks &Blocks)
{
    return Blocks.Count > 1 && Blocks.Offsets.size() == 1 ? Blocks.Offsets.front() : 0;
}

// `void *accessor(void)`: the variable's address on the calling thread, and `Start` bytes on.
static Function *emitAccessor(GlobalVariable &G, uint64_t Start)
{
    LLVMContext &C = G.getContext();
    auto *F = Function::createWithDefaultAttr(FunctionType::get(PointerType::get(C, 0), false), GlobalValue::InternalLinkage, 0,
                                              "gw.address." + G.getName(), G.getParent());
    F->setComdat(G.getComdat());
    F->addFnAttr(Attribute::NoUnwind);
    F->setUWTableKind(UWTableKind::Default);
    IRBuilder<> B(BasicBlock::Create(C, "", F));
    Value *Address = G.isThreadLocal() ? B.CreateThreadLocalAddress(&G) : static_cast<Value *>(&G);
    B.CreateRet(Start ? B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Address, Start) : Address);
    return F;
}

static Constant *relativeTo(Constant *Target, GlobalVariable *Record)
{
    Type *Word = Type::getInt64Ty(Record->getContext());
    Constant *Distance = ConstantExpr::getSub(ConstantExpr::getPtrToInt(Target, Word), ConstantExpr::getPtrToInt(Record, Word));
    return ConstantExpr::getTrunc(Distance, Type::getInt32Ty(Record->getContext()));
}

static GlobalVariable *emitRecord(GlobalVariable &G, const ReferenceBlocks &Blocks, bool HasCards)
{
    Module &M = *G.getParent();
    LLVMContext &C = M.getContext();
    SmallVector<uint32_t, 8> Words{GW_GLOBAL_VARIABLE, uint32_t(Blocks.Count), uint32_t(Blocks.Stride), uint32_t(Blocks.Offsets.size())};
    uint64_t Start = HasCards ? 0 : startOf(Blocks); // cards are found from the variable's own start
    for (uint64_t Offset : Blocks.Offsets) Words.push_back(uint32_t(Offset - Start));
    Constant *Target =
        Start ? ConstantExpr::getInBoundsGetElementPtr(Type::getInt8Ty(C), &G, ConstantInt::get(Type::getInt64Ty(C), Start)) : &G;
    if (G.isThreadLocal() || !(G.isDSOLocal() || G.hasLocalLinkage())) {
        Target = emitAccessor(G, Start);
        Words[0] = GW_GLOBAL_THREAD_LOCAL;
    }
    if (HasCards) Words[0] |= GW_GLOBAL_CARDS;
    Type *Word = Type::getInt32Ty(C);
    auto *T = StructType::get(C, {Word, ArrayType::get(Word, Words.size())}, /*isPacked=*/true);
    auto *Record = new GlobalVariable(M, T, true, GlobalValue::PrivateLinkage, nullptr, "gw.root." + G.getName());
    Record->setInitializer(ConstantStruct::get(T, {relativeTo(Target, Record), ConstantDataArray::get(C, Words)}));
    Record->setSection("gw_globals");
    Record->setAlignment(Align(4));
    Record->setComdat(G.getComdat());
    Record->setMetadata(LLVMContext::MD_associated, MDNode::get(C, ValueAsMetadata::get(&G)));
    return Record;
}

// A common symbol has no section to be link-order to; weak means the same to every program that is not assembler.
static void giveSection(GlobalVariable &G)
{
    if (G.hasCommonLinkage()) G.setLinkage(GlobalValue::WeakAnyLinkage);
}

// A static object is an ordinary constant with a header word, whose payload's address is cast.
void checkGlobalSpaces(Module &M, Refusals &Errors)
{
    for (GlobalValue &G : M.global_values())
        if (isReference(G.getType()))
            Errors.module("'" + G.getName() +
                          "' cannot itself live in the collected address space, where every address leads to an object with a "
                          "header; define it in address space 0, and static objects as the guide says");
}

static std::string layoutOfGlobal(const GlobalVariable &G, ReferenceLayout &Layout)
{
    std::string Problem = layoutOf(G.getValueType(), G.getParent()->getDataLayout(), Layout);
    if (Problem.empty() && Layout.Count * Layout.Stride > UINT32_MAX) Problem = "it is larger than 4 GiB";
    return Problem;
}

void checkGlobalLayouts(Module &M, Refusals &Errors)
{
    for (GlobalVariable &G : M.globals()) {
        ReferenceLayout Layout;
        if (!needsRecord(G)) continue;
        if (std::string Problem = layoutOfGlobal(G, Layout); !Problem.empty())
            Errors.at(G, "global variable holds references that cannot be found: " + withRemedy(Problem));
    }
}

bool emitGlobalRecords(Module &M)
{
    SmallVector<GlobalVariable *, 16> Holders;
    for (GlobalVariable &G : M.globals())
        if (needsRecord(G)) Holders.push_back(&G);
    SmallVector<GlobalValue *, 16> Records;
    for (GlobalVariable *G : Holders) {
        ReferenceLayout Layout;
        layoutOfGlobal(*G, Layout);
        giveSection(*G);
        if (G->getAlign().valueOrOne() < 8) G->setAlignment(Align(8)); // a packed struct's is 1
        auto AllBlocks = Layout.blocks();
        GlobalVariable *WithCards = AllBlocks.size() == 1 && AllBlocks.front().Count == Layout.Count ? giveCards(*G, Layout) : nullptr;
        for (const ReferenceBlocks &Blocks : AllBlocks) Records.push_back(emitRecord(WithCards ? *WithCards : *G, Blocks, WithCards));
    }
    appendToCompilerUsed(M, Records);
    return !Records.empty();
}

} // namespace greywave
