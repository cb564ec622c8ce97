// greywave.hpp: handles, roots, vectors, containers, objects with constructors.
#include "check.h"

#include <greywave/greywave.hpp>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#define APART __attribute__((noinline))

APART static gw::handle<struct node> handle_of(int64_t value)
{
    gw::handle<struct node> made(node_make(value, NULL));
    churn();
    return made;
}

static void handles()
{
    gw::handle<struct node> first = handle_of(1), second = handle_of(2), none;
    CHECK(!none && !none.get() && first && first->value == 1);
    churn();
    first = std::move(second);
    CHECK(first->value == 2);
    none.set(node_make(3, first.get()));
    first.set(nullptr);
    churn();
    CHECK(!first && none->value == 3 && none->next->value == 2);
    std::vector<gw::handle<struct node>> many;
    for (int i = 0; i < 20; i++) many.push_back(handle_of(i));
    churn();
    for (int i = 0; i < 20; i++) CHECK(many[(size_t)i]->value == i);
}

struct owner {
    std::string name;
    gw::root<struct node> node;
};
static gw::root<struct node> *global_root;

static void roots()
{
    gw::root<struct node> local(node_make(4, NULL));
    auto held = std::make_unique<owner>();
    held->name = "held";
    held->node = node_make(5, local);
    gw::root<struct node> global;
    global_root = &global;
    *global_root = held->node;
    churn();
    CHECK(local->value == 4 && held->node->value == 5 && held->node->next == local.get() && global.get() == held->node);
    held.reset();
    churn();
    CHECK(global->value == 5);
}

static void vectors()
{
    gw::vector<struct node> nodes, moved;
    for (int i = 0; i < 100; i++) {
        nodes.push_back(node_make(i, i ? nodes.back() : NULL));
        if (i % 10 == 0) churn();
    }
    for (int i = 0; i < 4; i++) gw_collect(GW_FULL);
    nodes.set(7, node_make(70, NULL));
    churn();
    CHECK(nodes.size() == 100 && nodes[7]->value == 70 && nodes[99]->next == nodes[98]);
    moved = std::move(nodes);
    int64_t sum = 0;
    for (struct node GW *node : moved) sum += node->value;
    CHECK(sum == 99 * 50 + 63 && nodes.empty());
    moved.clear();
    churn();
    CHECK(moved.empty());
}

static void containers()
{
    std::vector<struct node GW *, gw::allocator<struct node GW *>> nodes;
    std::map<int, gw::handle<struct node>> by_number;
    std::function<int64_t()> next;
    for (int i = 0; i < 60; i++) {
        struct node GW *node = node_make(i, NULL);
        nodes.push_back(node);
        by_number[i * 7 % 60].set(node);
        if (i % 8 == 0) churn();
    }
    churn();
    for (int i = 0; i < 60; i++) CHECK(nodes[(size_t)i]->value == i && by_number[i * 7 % 60].get() == nodes[(size_t)i]);
    by_number.erase(7);
    nodes.resize(3);
    churn();
    CHECK(by_number.count(7) == 0 && nodes[2] == by_number[14].get());
    auto held = std::make_shared<gw::handle<struct node>>(nodes[2]);
    next = [held] {
        churn();
        return (*held)->value++;
    };
    CHECK(next() == 2 && next() == 3 && nodes[2]->value == 4);
}

class point
{
  public:
    point(int64_t x, int64_t y, struct node GW *tag) : x(x), y(y), tag(node_make(x * y, tag)) { churn(); }
    explicit point(int64_t x) : point(x, x, nullptr)
    {
        if (x < 0) throw std::invalid_argument("negative");
    }
    int64_t x, y;
    struct node GW *tag;
};
static int destroyed;
GW_NOCOLLECT static void count_point(void *)
{
    destroyed++;
}
GW_CLASS(point, point, GW_DESTROY(count_point));

APART static void objects()
{
    struct node GW *tag = node_make(9, NULL);
    point GW *made = gw::make<point>(6, 7, tag);
    churn();
    CHECK(made->x == 6 && made->tag->value == 42 && made->tag->next == tag && gw_is(made, point));
    bool thrown = false;
    try {
        made = gw::make<point>(-1);
    } catch (const std::invalid_argument &) {
        thrown = true;
    }
    churn();
    CHECK(thrown && made->y == 7);
}

int main()
{
    start(NULL);
    handles();
    roots();
    vectors();
    containers();
    objects();
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    CHECK(destroyed >= 1);
    CHECK(gw_verify() == GW_OK);
    puts("cplusplus: all kept");
    return 0;
}
