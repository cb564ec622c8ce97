class QuadTree {
    static final class Point {
        final int x, y;
        Point next;

        Point(int x, int y) {
            this.x = x;
            this.y = y;
        }
    }

    static final class Quad {
        final Quad[] quarter = new Quad[4];
        Point points;
        final int x, y, size;
        int count;

        Quad(int x, int y, int size) {
            this.x = x;
            this.y = y;
            this.size = size;
        }

        Quad quarterOf(Point point) {
            int half = size / 2;
            return quarter[(point.x >= x + half ? 1 : 0) + (point.y >= y + half ? 2 : 0)];
        }

        void divide() {
            int half = size / 2;
            for (int i = 0; i < 4; i++) quarter[i] = new Quad(x + i % 2 * half, y + i / 2 * half, half);
            for (Point point = points, next; point != null; point = next) {
                next = point.next;
                quarterOf(point).insert(point);
            }
            points = null;
        }

        void insert(Point point) {
            Quad quad = this;
            for (; quad.quarter[0] != null; quad = quad.quarterOf(point)) quad.count++;
            point.next = quad.points;
            quad.points = point;
            if (++quad.count > 4 && quad.size > 1) quad.divide();
        }
    }

    static long seed = 42;

    static int randomBelow(int bound) {
        seed = seed * 16807 % 2147483647;
        return (int) (seed % bound);
    }

    static Quad randomTree(int x, int y, int size, int count) {
        Quad quad = new Quad(x, y, size);
        for (int i = 0; i < count; i++) {
            int px = x + randomBelow(size);
            quad.insert(new Point(px, y + randomBelow(size)));
        }
        return quad;
    }

    static long checksum(long sum, long value) {
        return (sum * 31 + value) % 1000000007;
    }

    static long sum(Quad quad) {
        if (quad == null) return 0;
        long sum = quad.count;
        for (Point point = quad.points; point != null; point = point.next) sum = checksum(sum, point.x + point.y);
        for (Quad quarter : quad.quarter) sum = checksum(sum, sum(quarter));
        return sum;
    }

    public static void main(String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]), points = rounds < 10 ? 500 : 60000;
        Quad stays = randomTree(0, 0, 1 << 20, points), world = randomTree(0, 0, 1 << 20, points);
        for (int i = 0; i < rounds; i++) {
            Quad quad = world.quarter[i % 4];
            world.quarter[i % 4] = randomTree(quad.x, quad.y, quad.size, quad.count);
        }
        System.out.printf("%d rounds, checksums %d %d\n", rounds, sum(stays), sum(world));
    }
}
