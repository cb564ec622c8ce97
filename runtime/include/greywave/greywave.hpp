// C++ (17 and later): references in native memory, and objects of types with constructors.
//
//   gw::handle<T>      one reference, read and set by functions; moves, and frees itself
//   gw::root<T>        one reference that is read and written like a variable; stays where it is
//   gw::vector<T>      many, of which minor collections look at what changed
//   gw::allocator<T>   for a std::vector of references
//   gw::make<T>(…)     a collected object, constructed
//
// What cannot be: methods on collected objects. `this` is a plain pointer, which a collection does not follow. Write functions that take a
// `T GW *`; docs/frontend-guide.md says more. Containers with std::allocator would keep references where the collector does not look: with
// this header those of references, and maps to them, are refused by the compiler. Elsewhere, as in a std::function that captures one, the
// program ends with a message when it happens (docs/constructs.md, stores that are checked at run time): capture a handle.
#ifndef GREYWAVE_HPP
#define GREYWAVE_HPP

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <greywave/greywave.h>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace gw
{

// Out of native memory, or of collected: std::bad_alloc, and without exceptions the end.
[[noreturn]] inline void exhausted()
{
#ifdef __cpp_exceptions
    throw std::bad_alloc();
#else
    std::abort();
#endif
}

// ---- One reference --------------------------------------------------------------------------------------------------

/// A gw_handle (roots.h) of its own. Made, read and set on threads of its heap, freed outside as well. Never collects.
template <class T> class handle
{
  public:
    handle() = default; ///< holds nothing; `set` makes one
    explicit handle(T GW *object) { set(object); }
    handle(handle &&other) noexcept : cell(std::exchange(other.cell, nullptr)) {}
    handle &operator=(handle &&other) noexcept
    {
        std::swap(cell, other.cell);
        return *this;
    }
    handle(const handle &) = delete;
    handle &operator=(const handle &) = delete;
    ~handle() { gw_handle_free(cell); }

    T GW *get() const { return cell ? static_cast<T GW *>(gw_handle_get(cell)) : nullptr; }
    T GW *operator->() const { return get(); }
    explicit operator bool() const { return get() != nullptr; }
    void set(T GW *object)
    {
        if (cell) return gw_handle_set(cell, object);
        cell = gw_handle_new(object);
        if (!cell) exhausted();
    }

  private:
    gw_handle cell = nullptr;
};

/// A registered word (gw_add_roots): read by each minor collection, so for few. A member of native objects, a global or a local variable.
template <class T> class root
{
  public:
    explicit root(T GW *object = nullptr)
    {
        if (gw_add_roots(&word, 1) != GW_OK) exhausted();
        word = object;
    }
    root(const root &) = delete;
    root &operator=(const root &other) { return *this = other.word; }
    ~root() { gw_remove_roots(&word); }

    root &operator=(T GW *object)
    {
        word = object;
        return *this;
    }
    operator T GW *() const { return word; }
    T GW *get() const { return word; }
    T GW *operator->() const { return word; }

  private:
    T GW *word = nullptr;
};

// ---- Many -----------------------------------------------------------------------------------------------------------

/// References in native memory that is registered, and tells what changes (gw_add_roots_tracked). Moves; is not copied. Growing may
/// collect as far as the compiler knows.
template <class T> class vector
{
  public:
    vector() = default;
    vector(vector &&other) noexcept
        : words(std::exchange(other.words, nullptr)), count(std::exchange(other.count, 0)), room(std::exchange(other.room, 0))
    {
    }
    vector &operator=(vector &&other) noexcept
    {
        std::swap(words, other.words);
        std::swap(count, other.count);
        std::swap(room, other.room);
        return *this;
    }
    vector(const vector &) = delete;
    vector &operator=(const vector &) = delete;
    ~vector() { release(words); }

    std::size_t size() const { return count; }
    bool empty() const { return count == 0; }
    T GW *operator[](std::size_t at) const { return words[at]; }
    T GW *back() const { return words[count - 1]; }
    T GW *const *begin() const { return words; }
    T GW *const *end() const { return words + count; }

    void set(std::size_t at, T GW *object)
    {
        words[at] = object;
        gw_roots_changed(words + at, 1);
    }
    void push_back(T GW *object)
    {
        if (count == room) reserve(room ? 2 * room : 8);
        set(count, object);
        count++;
    }
    void pop_back() { words[--count] = nullptr; }
    void clear()
    {
        while (count) pop_back();
    }
    void reserve(std::size_t wanted)
    {
        if (wanted <= room) return;
        T GW **larger = static_cast<T GW **>(std::calloc(wanted, sizeof(T GW *)));
        if (!larger || gw_add_roots_tracked(larger, wanted) != GW_OK) {
            std::free(larger);
            exhausted();
        }
        for (std::size_t i = 0; i < count; i++) larger[i] = words[i];
        if (count) gw_roots_changed(larger, count);
        release(words);
        words = larger;
        room = wanted;
    }

  private:
    static void release(T GW **old)
    {
        if (!old) return;
        gw_remove_roots(old);
        std::free(old);
    }

    T GW **words = nullptr;
    std::size_t count = 0, room = 0;
};

template <class T> struct is_reference : std::false_type {
};
template <class T> struct is_reference<T GW *> : std::true_type {
};

/// Registered memory for a container whose elements are references, one behind the other: std::vector<T GW *, gw::allocator<T GW *>>. Each
/// minor collection reads all of it. Containers of nodes keep other words beside their elements: give them handles, as
/// std::map<K, gw::handle<T>>.
template <class T> struct allocator {
    using value_type = T;
    static_assert(is_reference<T>::value, "all words of this memory are references: for a map or a list of references use gw::handle<T> "
                                          "as its element, and no allocator");

    allocator() = default;
    template <class U> allocator(const allocator<U> &) noexcept {}

    T *allocate(std::size_t count)
    {
        void *memory = std::calloc(count, sizeof(T));
        if (!memory || gw_add_roots(memory, count) != GW_OK) {
            std::free(memory);
            exhausted();
        }
        return static_cast<T *>(memory);
    }
    void deallocate(T *memory, std::size_t)
    {
        gw_remove_roots(memory);
        std::free(memory);
    }
    template <class U> bool operator==(const allocator<U> &) const { return true; }
    template <class U> bool operator!=(const allocator<U> &) const { return false; }
};

} // namespace gw

#ifdef __GREYWAVE__
#define GW_REFUSED_(element)                                                                                                               \
  public:                                                                                                                                  \
    using value_type = element;                                                                                                            \
    element *allocate(std::size_t);                                                                                                        \
    void deallocate(element *, std::size_t);                                                                                               \
    /* The last member: behind one that fails the compiler sees none, and would complain of that, too. */                                  \
    static_assert(sizeof(element) == 0, "std::allocator's memory is not looked at by the collector: use gw::vector<T>, gw::allocator as "  \
                                        "the allocator of a std::vector, or gw::handle<T> as the element")
template <class T> class std::allocator<T GW *>
{
    GW_REFUSED_(T GW *);
};
template <class K, class T> class std::allocator<std::pair<const K, T GW *>>
{
    using element = std::pair<const K, T GW *>;
    GW_REFUSED_(element);
};
#endif

namespace gw
{

// ---- Objects --------------------------------------------------------------------------------------------------------

/// The gw_type of a C++ type: GW_CLASS defines it.
template <class T> struct type;

/// A collected object, constructed by T's constructor: in a variable, where `this` is one, whence it is copied. The constructor may
/// allocate, and keeps no `this`. Throws what it throws, and std::bad_alloc. May collect.
template <class T, class... Arguments> T GW *make(Arguments &&...arguments)
{
    static_assert(std::is_trivially_copyable<T>::value, "objects move as bytes: no members that own something, no virtual functions");
    T made(std::forward<Arguments>(arguments)...);
    T GW *object = static_cast<T GW *>(gw_alloc(type<T>::description()));
    if (!object) exhausted();
    __builtin_memcpy(object, &made, sizeof(T));
    return object;
}

} // namespace gw

/// At file scope, outside of namespaces: GW_TYPE(name, T, …), and gw::make<T> knows it.
#define GW_CLASS(name, T, ...)                                                                                                             \
    GW_TYPE(name, T, ##__VA_ARGS__);                                                                                                       \
    template <> struct gw::type<T> {                                                                                                       \
        static const struct gw_type *description()                                                                                         \
        {                                                                                                                                  \
            return &gw_type_##name;                                                                                                        \
        }                                                                                                                                  \
    }

#endif
