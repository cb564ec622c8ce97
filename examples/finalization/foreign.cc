// C++ objects behind collected ones: the destructor of the wrapper's type deletes what it wraps, young or old, without the wrapper
// being kept alive for it. What the collector cannot see of the C++ object's size it is told.
//
//     gwcc -O2 foreign.cc -lstdc++ -o foreign && ./foreign
#include <greywave/greywave.h>

#include <cstdio>
#include <vector>

namespace
{

class Image
{
  public:
    explicit Image(size_t bytes) : pixels(bytes) { ++alive; }
    ~Image() { --alive; }
    size_t bytes() const { return pixels.size(); }
    static long alive;

  private:
    std::vector<unsigned char> pixels;
};
long Image::alive = 0;

struct wrapper {
    Image *image; // native memory: no reference
};

// Runs when the wrapper has died, inside a collection: it touches its own payload and native memory, nothing else.
void delete_image(void *payload)
{
    Image *image = static_cast<wrapper *>(payload)->image;
    if (!image) return;
    gw_external_memory(-static_cast<ptrdiff_t>(image->bytes()));
    delete image;
}

const gw_type wrapper_type = {"wrapper", sizeof(wrapper), 0, 0, 0, 0, 0, nullptr, nullptr, delete_image, nullptr};

// Not inlined: where an exception may pass, the caller's frame would keep the last wrapper a little longer.
__attribute__((noinline)) wrapper GW *wrap(size_t bytes)
{
    wrapper GW *made = static_cast<wrapper GW *>(gw_alloc(&wrapper_type));
    made->image = new Image(bytes);
    gw_external_memory(static_cast<ptrdiff_t>(bytes));
    return made;
}

} // namespace

int main()
{
    if (gw_init(nullptr) != GW_OK) return 1;
    wrapper GW *kept = wrap(1000);
    for (int i = 0; i < 10000; i++) wrap(1000);
    gw_collect(GW_FULL);
    std::printf("%ld image alive, of %zu bytes\n", Image::alive, kept->image->bytes());
    std::printf("%zu bytes of external memory\n", gw_external_memory_bytes());
    return 0;
}
