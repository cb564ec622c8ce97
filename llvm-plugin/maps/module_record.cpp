// The module record: one constant `gw_module` per linked image and version, and a constructor and destructor that register and
// unregister it (docs/abi.md, "Modules"). All three are hidden and COMDAT, so every object file brings them and the
// linker keeps one of each.
#include "maps/maps.h"
#include "facts/facts.h"
#include "abi/map_format.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave
{

// Before every constructor of the program, which may allocate; after every destructor.
static constexpr int Priority = 100;

static Constant *sectionBound(Module &M, StringRef Name)
{
    if (GlobalVariable *G = M.getNamedGlobal(Name)) return G;
    auto *G = new GlobalVariable(M, Type::getInt8Ty(M.getContext()), true, GlobalValue::ExternalWeakLinkage, nullptr, Name);
    G->setVisibility(GlobalValue::HiddenVisibility);
    return G;
}

static GlobalVariable *emitRecord(Module &M)
{
    LLVMContext &C = M.getContext();
    Type *Half = Type::getInt32Ty(C);
    SmallVector<Constant *, 6> Fields{ConstantInt::get(Half, GW_ABI_VERSION), ConstantInt::get(Half, 0),
                                      sectionBound(M, "__start_gw_maps"),     sectionBound(M, "__stop_gw_maps"),
                                      sectionBound(M, "__start_gw_globals"),  sectionBound(M, "__stop_gw_globals")};
    Constant *Init = ConstantStruct::getAnon(C, Fields);
    auto *Record = new GlobalVariable(M, Init->getType(), true, GlobalValue::LinkOnceODRLinkage, Init, GW_MODULE_RECORD);
    Record->setVisibility(GlobalValue::HiddenVisibility);
    Record->setComdat(M.getOrInsertComdat(GW_MODULE_RECORD));
    Record->setAlignment(Align(8));
    return Record;
}

static Constant *noteOwner(LLVMContext &C)
{
    static constexpr char Owner[12] = GW_NOTE_OWNER; // padded to whole words
    return ConstantDataArray::getString(C, StringRef(Owner, sizeof Owner), /*AddNull=*/false);
}

static void placeNote(Module &M, GlobalVariable &Note)
{
    Note.setSection(GW_NOTE_SECTION);
    Note.setAlignment(Align(4));
    GlobalValue::SanitizerMetadata Dense; // nothing lies between notes
    Dense.NoAddress = Dense.NoHWAddress = true;
    Note.setSanitizerMetadata(Dense);
    appendToCompilerUsed(M, &Note);
}

// Where the record is, for who finds the image before its constructors have run.
static void emitNote(Module &M, GlobalVariable &Record)
{
    LLVMContext &C = M.getContext();
    Type *Byte = Type::getInt8Ty(C), *Half = Type::getInt32Ty(C), *Word = Type::getInt64Ty(C);
    Constant *Name = noteOwner(C);
    Constant *Sizes[] = {ConstantInt::get(Half, sizeof GW_NOTE_OWNER), ConstantInt::get(Half, 8)};
    auto *T = StructType::get(C, {Half, Half, Half, Name->getType(), Word}, /*isPacked=*/true);
    auto *Note = new GlobalVariable(M, T, true, GlobalValue::PrivateLinkage, nullptr, "gw.note");
    uint64_t Before = M.getDataLayout().getTypeAllocSize(T).getFixedValue() - 8;
    Constant *Field = ConstantExpr::getInBoundsGetElementPtr(Byte, Note, ConstantInt::get(Word, Before));
    Constant *Distance = ConstantExpr::getSub(ConstantExpr::getPtrToInt(&Record, Word), ConstantExpr::getPtrToInt(Field, Word));
    Note->setInitializer(ConstantStruct::get(T, {Sizes[0], Sizes[1], ConstantInt::get(Half, GW_NOTE_MODULE), Name, Distance}));
    Note->setComdat(Record.getComdat());
    placeNote(M, *Note);
}

// Loops that do not poll keep a thread from resting when another one wants to collect. One note an image is enough, and no code.
static void noteWithoutPolls(Module &M)
{
    LLVMContext &C = M.getContext();
    Type *Half = Type::getInt32Ty(C);
    Constant *Fields[] = {ConstantInt::get(Half, sizeof GW_NOTE_OWNER), ConstantInt::get(Half, 0),
                          ConstantInt::get(Half, GW_NOTE_WITHOUT_POLLS), noteOwner(C)};
    Constant *Init = ConstantStruct::getAnon(C, Fields, /*Packed=*/true);
    static constexpr char Group[] = GW_MODULE_NAME("gw_module_without_polls");
    auto *Note = new GlobalVariable(M, Init->getType(), true, GlobalValue::LinkOnceODRLinkage, Init, Group);
    Note->setVisibility(GlobalValue::HiddenVisibility);
    Note->setComdat(M.getOrInsertComdat(Group));
    placeNote(M, *Note);
}

static Function *emitCaller(Module &M, StringRef Name, StringRef Callee, GlobalVariable *Record)
{
    LLVMContext &C = M.getContext();
    // As the file's options have it: where branch targets are marked, so is this one.
    auto *F = Function::createWithDefaultAttr(FunctionType::get(Type::getVoidTy(C), false), GlobalValue::LinkOnceODRLinkage, 0, Name, &M);
    F->setVisibility(GlobalValue::HiddenVisibility);
    F->setComdat(M.getOrInsertComdat(Name));
    F->setUWTableKind(UWTableKind::Default);
    IRBuilder<> B(BasicBlock::Create(C, "", F));
    FunctionCallee Target = M.getOrInsertFunction(Callee, Type::getVoidTy(C), PointerType::get(C, 0));
    B.CreateCall(Target, {Record});
    B.CreateRetVoid();
    return F;
}

// F under a name that is this module's alone: what is a constant distance away needs no relocation when the code is loaded, so that its
// section is read-only, as that of the other maps is. JITLink takes no two sections of one name and different rights.
static Constant *localName(Function &F)
{
    if (F.isDSOLocal()) return &F;
    return GlobalAlias::create(F.getValueType(), F.getAddressSpace(), GlobalValue::PrivateLinkage, "gw.local." + F.getName(), &F,
                               F.getParent());
}

// A record of a function without code and call sites (docs/abi.md): the runtime knows from it that the maps of the code around
// it were registered.
static GlobalVariable *describeNative(Function &F)
{
    Module &M = *F.getParent();
    LLVMContext &C = M.getContext();
    Type *Byte = Type::getInt8Ty(C), *Half = Type::getInt32Ty(C), *Word = Type::getInt64Ty(C);
    auto *Tail = ConstantDataArray::get(C, ArrayRef<uint8_t>{0, 2, 0, 0}); // code size; body size; shape; sites
    auto *T = StructType::get(C, {Byte, Half, Tail->getType()}, /*isPacked=*/true);
    auto *Record = new GlobalVariable(M, T, true, GlobalValue::PrivateLinkage, nullptr, "gw.native." + F.getName());
    auto *Field = ConstantExpr::getInBoundsGetElementPtr(Byte, Record, ConstantInt::get(Word, 1));
    auto *Distance = ConstantExpr::getSub(ConstantExpr::getPtrToInt(localName(F), Word), ConstantExpr::getPtrToInt(Field, Word));
    Record->setInitializer(
        ConstantStruct::get(T, {ConstantInt::get(Byte, GW_MAP_RECORD_MARK), ConstantExpr::getTrunc(Distance, Half), cast<Constant>(Tail)}));
    Record->setSection("gw_maps");
    Record->setAlignment(Align(1));
    if (F.hasComdat()) Record->setComdat(F.getComdat());
    return Record;
}

void describeNativeFunctions(Module &M)
{
    if (!isForJit(M)) return;
    SmallVector<GlobalValue *, 16> Records;
    for (Function &F : M)
        if (!F.isDeclarationForLinker() && !isManaged(F)) Records.push_back(describeNative(F));
    appendToCompilerUsed(M, Records); // variables that nobody uses go behind this pass
}

void emitModuleRecord(Module &M, bool LacksPolls)
{
    if (isForJit(M) || M.getNamedGlobal(GW_MODULE_RECORD)) return;
    GlobalVariable *Record = emitRecord(M);
    emitNote(M, *Record);
    if (LacksPolls) noteWithoutPolls(M);
    Function *Enter = emitCaller(M, GW_MODULE_ENTER, "gw_module_load", Record);
    Function *Leave = emitCaller(M, GW_MODULE_LEAVE, "gw_module_unload", Record);
    // The third operand puts the table entry into the function's COMDAT group: one call per image.
    appendToGlobalCtors(M, Enter, Priority, Enter);
    appendToGlobalDtors(M, Leave, Priority, Leave);
}

// In every object file, not once an image: a single one without roots makes collections impossible.
void forbidCollection(Module &M)
{
    FunctionCallee Target = M.getOrInsertFunction("gw_module_without_roots", Type::getVoidTy(M.getContext()));
    appendToGlobalCtors(M, cast<Function>(Target.getCallee()), Priority);
}

} // namespace greywave
