class Gcbench {
    static final class Node {
        Node left, right;
        long number;

        void populate(int depth) {
            number = depth;
            if (depth == 0) return;
            left = new Node();
            right = new Node();
            left.populate(depth - 1);
            right.populate(depth - 1);
        }

        long sum() {
            return number + (left == null ? 0 : left.sum() + right.sum());
        }
    }

    static Node make(int depth) {
        Node left = depth > 0 ? make(depth - 1) : null, right = depth > 0 ? make(depth - 1) : null;
        Node node = new Node();
        node.left = left;
        node.right = right;
        node.number = depth;
        return node;
    }

    static Node populated(int depth) {
        Node node = new Node();
        node.populate(depth);
        return node;
    }

    static long checksum(long sum, long value) {
        return (sum * 31 + value) % 1000000007;
    }

    static void manyTrees(int depth, int deepest) {
        long count = 2L << (deepest - depth), down = 0, up = 0;
        for (long i = 0; i < count; i++) {
            down = checksum(down, populated(depth).sum());
            up = checksum(up, make(depth).sum());
        }
        System.out.printf("%d trees of depth %d: %d %d\n", count, depth, down, up);
    }

    public static void main(String[] arguments) {
        int deepest = Integer.parseInt(arguments[0]);
        System.out.printf("stretch tree: %d\n", make(deepest).sum());
        Node kept = populated(deepest - 1);
        double[] numbers = new double[500000];
        for (int i = 1; i < numbers.length; i++) numbers[i] = 1.0 / i;
        for (int depth = 4; depth <= deepest; depth += 2) manyTrees(depth, deepest);
        System.out.printf(java.util.Locale.ROOT, "tree that stayed: %d, array: %.6f\n", kept.sum(), numbers[1000]);
    }
}
