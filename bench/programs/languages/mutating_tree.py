import sys


class Node:
    __slots__ = ("left", "right", "number")

    def __init__(self, left, right, number):
        self.left = left
        self.right = right
        self.number = number


seed = 42


def random_below(bound):
    global seed
    seed = seed * 16807 % 2147483647
    return seed % bound


def make(depth, number):
    left = make(depth - 1, number + 1) if depth > 0 else None
    right = make(depth - 1, number + 2) if depth > 0 else None
    return Node(left, right, number)


def sum_of(node):
    return (node.number + 2 * sum_of(node.left) + 3 * sum_of(node.right)) % 1000003 if node else 0


def walk(node, path, depth):
    while depth > 0:
        node = node.right if path % 2 else node.left
        path //= 2
        depth -= 1
    return node


def trade(tree, depth):
    place = random_below(depth - 2)
    node = walk(tree, random_below(1 << 20), place)
    node.left, node.right = node.right, node.left


def replace(tree, depth):
    node = walk(tree, random_below(1 << 20), depth - 4)
    number = random_below(1000)
    node.left = make(3, number)


def main():
    size = int(sys.argv[1])
    depth = 8 if size < 1000 else 18
    tree = make(depth, 1)
    for _ in range(size):
        trade(tree, depth)
        trade(tree, depth)
        replace(tree, depth)
    print("%d changes, sum %d" % (size, sum_of(tree)))


main()
