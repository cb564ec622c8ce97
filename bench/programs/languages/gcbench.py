import sys


class Node:
    __slots__ = ("left", "right", "number")

    def __init__(self, left=None, right=None, number=0):
        self.left = left
        self.right = right
        self.number = number


def make(depth):
    left = make(depth - 1) if depth > 0 else None
    right = make(depth - 1) if depth > 0 else None
    return Node(left, right, depth)


def populate(node, depth):
    node.number = depth
    if depth > 0:
        node.left = Node()
        node.right = Node()
        populate(node.left, depth - 1)
        populate(node.right, depth - 1)


def populated(depth):
    node = Node()
    populate(node, depth)
    return node


def sum_of(node):
    return node.number + sum_of(node.left) + sum_of(node.right) if node else 0


def checksum(total, value):
    return (total * 31 + value) % 1000000007


def many_trees(depth, deepest):
    count, down, up = 2 << (deepest - depth), 0, 0
    for _ in range(count):
        down = checksum(down, sum_of(populated(depth)))
        up = checksum(up, sum_of(make(depth)))
    print("%d trees of depth %d: %d %d" % (count, depth, down, up))


def main():
    deepest = int(sys.argv[1])
    print("stretch tree: %d" % sum_of(make(deepest)))
    kept = populated(deepest - 1)
    numbers = [0.0] * 500000
    for i in range(1, len(numbers)):
        numbers[i] = 1.0 / i
    for depth in range(4, deepest + 1, 2):
        many_trees(depth, deepest)
    print("tree that stayed: %d, array: %.6f" % (sum_of(kept), numbers[1000]))


main()
