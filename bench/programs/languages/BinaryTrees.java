class BinaryTrees {
    static final class Node {
        final Node left, right;

        Node(Node left, Node right) {
            this.left = left;
            this.right = right;
        }

        int count() {
            return left == null ? 1 : 1 + left.count() + right.count();
        }
    }

    static Node make(int depth) {
        if (depth == 0) return new Node(null, null);
        Node left = make(depth - 1);
        return new Node(left, make(depth - 1));
    }

    public static void main(String[] arguments) {
        int deepest = Math.max(6, Integer.parseInt(arguments[0]));
        System.out.printf("stretch tree of depth %d\t check: %d\n", deepest + 1, make(deepest + 1).count());
        Node longLived = make(deepest);
        for (int depth = 4; depth <= deepest; depth += 2) {
            int trees = 1 << (deepest - depth + 4), check = 0;
            for (int i = 0; i < trees; i++) check += make(depth).count();
            System.out.printf("%d\t trees of depth %d\t check: %d\n", trees, depth, check);
        }
        System.out.printf("long lived tree of depth %d\t check: %d\n", deepest, longLived.count());
    }
}
