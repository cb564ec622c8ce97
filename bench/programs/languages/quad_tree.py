import sys


class Point:
    __slots__ = ("x", "y", "next")

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.next = None


class Quad:
    __slots__ = ("quarter", "points", "x", "y", "size", "count")

    def __init__(self, x, y, size):
        self.quarter = None
        self.points = None
        self.x = x
        self.y = y
        self.size = size
        self.count = 0


seed = 42


def random_below(bound):
    global seed
    seed = seed * 16807 % 2147483647
    return seed % bound


def checksum(total, value):
    return (total * 31 + value) % 1000000007


def quarter_of(quad, point):
    half = quad.size // 2
    return quad.quarter[(1 if point.x >= quad.x + half else 0) + (2 if point.y >= quad.y + half else 0)]


def divide(quad):
    half = quad.size // 2
    quad.quarter = [Quad(quad.x + i % 2 * half, quad.y + i // 2 * half, half) for i in range(4)]
    point = quad.points
    while point is not None:
        following = point.next
        insert(quarter_of(quad, point), point)
        point = following
    quad.points = None


def insert(quad, point):
    while quad.quarter is not None:
        quad.count += 1
        quad = quarter_of(quad, point)
    point.next = quad.points
    quad.points = point
    quad.count += 1
    if quad.count > 4 and quad.size > 1:
        divide(quad)


def random_tree(x, y, size, count):
    quad = Quad(x, y, size)
    for _ in range(count):
        px = x + random_below(size)
        insert(quad, Point(px, y + random_below(size)))
    return quad


def sum_of(quad):
    if quad is None:
        return 0
    total = quad.count
    point = quad.points
    while point is not None:
        total = checksum(total, point.x + point.y)
        point = point.next
    for i in range(4):
        total = checksum(total, sum_of(quad.quarter[i] if quad.quarter else None))
    return total


def main():
    rounds = int(sys.argv[1])
    points = 500 if rounds < 10 else 60000
    stays = random_tree(0, 0, 1 << 20, points)
    world = random_tree(0, 0, 1 << 20, points)
    for i in range(rounds):
        quad = world.quarter[i % 4]
        world.quarter[i % 4] = random_tree(quad.x, quad.y, quad.size, quad.count)
    print("%d rounds, checksums %d %d" % (rounds, sum_of(stays), sum_of(world)))


main()
