import sys


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def make(depth):
    if depth == 0:
        return Node(None, None)
    left = make(depth - 1)
    return Node(left, make(depth - 1))


def count(node):
    return 1 if node.left is None else 1 + count(node.left) + count(node.right)


def main():
    deepest = max(6, int(sys.argv[1]))
    print("stretch tree of depth %d\t check: %d" % (deepest + 1, count(make(deepest + 1))))
    long_lived = make(deepest)
    for depth in range(4, deepest + 1, 2):
        trees = 1 << (deepest - depth + 4)
        check = 0
        for _ in range(trees):
            check += count(make(depth))
        print("%d\t trees of depth %d\t check: %d" % (trees, depth, check))
    print("long lived tree of depth %d\t check: %d" % (deepest, count(long_lived)))


main()
