// Follows an address through the functions that are defined here and the variables that it is put in on the way. Of the
// library's functions a table says which return what they were given.
#include "constructs/handed_addresses.h"
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "constructs/variables.h"

using namespace llvm;

namespace greywave
{

// clang-format off: a list
static constexpr StringRef ReturnArgument[] = {
    "memchr", "memrchr", "rawmemchr", "__rawmemchr", "memmem", "memccpy", "memcpy", "memmove", "memset", "mempcpy", "__mempcpy",
    "__memcpy_chk", "__memmove_chk", "__memset_chk", "__mempcpy_chk", "stpcpy", "stpncpy", "strcpy", "strncpy", "strcat", "strncat",
    "__stpcpy_chk", "__stpncpy_chk", "__strcpy_chk", "__strncpy_chk", "__strcat_chk", "__strncat_chk", "strchr", "strchrnul", "strrchr",
    "strpbrk", "strstr", "strcasestr", "strsep", "strtok", "strtok_r", "wmemcpy", "wmemmove", "wmempcpy", "wmemset", "__wmemcpy_chk",
    "__wmemmove_chk", "__wmempcpy_chk", "__wmemset_chk", "fgets", "__fgets_chk", "realloc", "reallocarray", "basename", "dirname", "wcscpy",
    "wcsncpy", "wcpcpy", "wcscat", "wcsncat", "wcschr", "wcsrchr", "wcsstr", "wcspbrk", "wcstok", "wmemchr", "__wcscpy_chk", "__wcsncpy_chk",
    "__wcscat_chk", "__wcsncat_chk", "getcwd", "__getcwd_chk", "realpath", "__realpath_chk", "gmtime_r", "localtime_r", "asctime_r", "ctime_r",
    "strptime", "fgetws", "inet_ntop", "__inet_ntop_chk"};
// clang-format on

namespace
{

class Follower
{
  public:
    Handed of(const CallBase &Call, unsigned Argument);

  private:
    void follow(const Value &Address);
    void followUse(const Use &U);
    void followVariable(const StoreInst &Store);

    Handed Found;
    SmallPtrSet<const Value *, 16> Seen;
};

} // namespace

bool isAddress(const Instruction &I)
{
    return isa<GetElementPtrInst>(I) || isa<PHINode>(I) || isa<SelectInst>(I) || isa<FreezeInst>(I) || isa<BitCastInst>(I);
}

bool isAccessedThrough(const Use &Address)
{
    const User *I = Address.getUser();
    if (isa<StoreInst>(I)) return Address.getOperandNo() == StoreInst::getPointerOperandIndex();
    return isa<LoadInst, AtomicRMWInst, AtomicCmpXchgInst>(I) && Address.getOperandNo() == 0;
}

void Follower::followVariable(const StoreInst &Store)
{
    if (!isPlainVariable(Store.getPointerOperand())) {
        Found.Kept = true;
        return;
    }
    for (const User *U : Store.getPointerOperand()->users())
        if (isa<LoadInst>(U)) follow(*U);
}

void Follower::followUse(const Use &U)
{
    auto &I = *cast<Instruction>(U.getUser());
    if (isAddress(I)) return follow(I);
    if (isa<LoadInst>(I)) return;
    if (isa<ICmpInst>(I)) {
        Found.Compared = true;
    } else if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (U.getOperandNo() != Store->getPointerOperandIndex()) followVariable(*Store);
        else Found.GetsReference |= containsReference(Store->getValueOperand()->getType());
    } else if (auto *Call = dyn_cast<CallBase>(&I); Call && Call->isArgOperand(&U)) {
        bool ReturnedBefore = std::exchange(Found.Returned, false);
        of(*Call, Call->getArgOperandNo(&U));
        bool ComesBack = std::exchange(Found.Returned, ReturnedBefore);
        if (ComesBack) follow(*Call);
    } else if (isa<ReturnInst>(I)) {
        Found.Returned = true;
    } else if (!isAccessedThrough(U)) {
        Found.Kept = true;
    }
}

void Follower::follow(const Value &Address)
{
    if (!Seen.insert(&Address).second) return;
    for (const Use &U : Address.uses()) followUse(U);
}

Handed Follower::of(const CallBase &Call, unsigned Argument)
{
    const Function *Callee = Call.getCalledFunction();
    Found.Returned |= Call.paramHasAttr(Argument, Attribute::Returned) || Call.isInlineAsm();
    if (Call.isInlineAsm() || (Callee && Callee->isIntrinsic())) return Found;
    if (Callee && isKnownLeaf(*Callee)) {
        Found.Returned |= is_contained(ReturnArgument, Callee->getName());
    } else if (Callee && Callee->hasExactDefinition() && Argument < Callee->arg_size()) {
        follow(*Callee->getArg(Argument));
    } else {
        Found.Returned |= !Call.returnDoesNotAlias();
        Found.Kept = true;
    }
    return Found;
}

Handed handedTo(const CallBase &Call, unsigned Argument)
{
    return Follower().of(Call, Argument);
}

} // namespace greywave
