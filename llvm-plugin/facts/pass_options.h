// What the passes are asked for: by the host's command line (clang -mllvm), or by who runs them on one module (greywave/llvm.h).
#ifndef GREYWAVE_FACTS_PASS_OPTIONS_H
#define GREYWAVE_FACTS_PASS_OPTIONS_H

#include "facts/facts.h"

namespace greywave
{

struct PassOptions {
    RootFinder Roots;
    bool Polls, FrameMarks, NoCheck;
};

/// Those of the run that this thread is in, or else those of the command line.
PassOptions passOptions();

/// While it lives, the passes that this thread runs have these options.
class WithPassOptions
{
  public:
    explicit WithPassOptions(const PassOptions &Options);
    ~WithPassOptions();
    WithPassOptions(const WithPassOptions &) = delete;
    WithPassOptions &operator=(const WithPassOptions &) = delete;

  private:
    const PassOptions *Outer;
};

} // namespace greywave

#endif
