// One type in the whole program, however many files include the header that defines it.
//
// GW_TYPE makes a static constant gw_type_… (mangled in C++) in each file, and types are told apart by address. So those that say the same
// are given the same name, made of the type's own and a digest of all that it says, and the linker keeps one of them. Types of one name
// that say different things, as two files may well define, keep different names and stay two. Frontends that write IR choose a linkage
// themselves.
#include "types/types.h"
#include "facts/facts.h"
#include "types/type_constants.h"
#include "greywave/abi.h"
#include "llvm/Support/MD5.h"

using namespace llvm;

namespace greywave
{

// The text of a C string constant.
static std::optional<StringRef> textOf(const Constant *C)
{
    auto *G = dyn_cast_or_null<GlobalVariable>(C);
    auto *Data = G && G->isConstant() && G->hasInitializer() ? dyn_cast<ConstantDataArray>(G->getInitializer()) : nullptr;
    return Data && Data->isCString() ? std::optional(Data->getAsCString()) : std::nullopt;
}

// A function is the same in every file when it goes by a name there; nothing when it is this file's own.
static std::optional<std::string> nameOf(const Constant *C)
{
    if (C && C->isNullValue()) return "";
    auto *F = dyn_cast_or_null<Function>(C);
    return F && !F->hasLocalLinkage() ? std::optional(F->getName().str()) : std::nullopt;
}

// All that a type says, or nothing when that cannot be told, or means something in this file only.
static std::optional<std::string> contentOf(const TypeConstant &T, StringRef Name)
{
    TypeReferences References;
    auto Trace = nameOf(T.pointer(offsetof(gw_type, trace))), Destroy = nameOf(T.pointer(offsetof(gw_type, destroy)));
    if (!Trace || !Destroy || !T.readReferences(References) || !T.isNull(offsetof(gw_type, layout))) return std::nullopt;
    std::string Content;
    raw_string_ostream Text(Content);
    Text << Name << '\n' << *Trace << '\n' << *Destroy << '\n';
    for (size_t Offset = offsetof(gw_type, size); Offset < offsetof(gw_type, offsets); Offset += sizeof(uint32_t))
        Text << T.numberOr0(Offset) << ' ';
    for (const auto *Part : {&References.Fixed, &References.Element})
        for (const ReferenceRun &Run : *Part) Text << Run.Start << ' ' << Run.Count << ' ' << Run.Stride << ' ';
    for (const auto *Tags : {&References.FixedTags, &References.ElementTags})
        for (const RunTag &Tag : *Tags)
            Text << Tag.Offset << ' ' << Tag.Bytes << ' ' << Tag.Mask << ' ' << Tag.Low << ' ' << Tag.Span << ' ';
    return Content;
}

// Another image may define the type too, and the loader decides between them, unless this one is an executable.
static bool isLocalToImage(const Module &M)
{
    return M.getPICLevel() == PICLevel::NotPIC || M.getPIELevel() != PIELevel::Default;
}

static void share(GlobalVariable &G, StringRef Name, StringRef Content)
{
    Module &M = *G.getParent();
    std::string Shared = ("gw.type." + Name + "." + Twine::utohexstr(MD5Hash(Content))).str();
    if (M.getNamedValue(Shared)) return; // a second name for the same type in one file
    G.setName(Shared);
    G.setLinkage(GlobalValue::LinkOnceODRLinkage);
    G.setComdat(M.getOrInsertComdat(Shared));
    G.setUnnamedAddr(GlobalValue::UnnamedAddr::None);
    G.setDSOLocal(isLocalToImage(M));
}

void shareTypes(Module &M)
{
    if (isForJit(M)) return;
    for (const TypeConstant &T : typeConstantsIn(M)) {
        GlobalVariable &G = T.variable();
        if (!G.getName().contains("gw_type_") || !G.hasLocalLinkage() || !G.isConstant() || !G.hasInitializer() || !T.isPlain()) continue;
        std::optional<StringRef> Name = textOf(T.pointer(offsetof(gw_type, name)));
        std::optional<std::string> Content = Name ? contentOf(T, *Name) : std::nullopt;
        if (Content) share(G, *Name, *Content);
    }
}

} // namespace greywave
