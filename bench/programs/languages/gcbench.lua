local function checksum(sum, value)
  return (sum * 31 + value) % 1000000007
end

local function make(depth)
  local left, right = false, false
  if depth > 0 then
    left = make(depth - 1)
    right = make(depth - 1)
  end
  return {left = left, right = right, number = depth}
end

local function populate(node, depth)
  node.number = depth
  if depth == 0 then return end
  node.left = {left = false, right = false, number = 0}
  node.right = {left = false, right = false, number = 0}
  populate(node.left, depth - 1)
  populate(node.right, depth - 1)
end

local function populated(depth)
  local node = {left = false, right = false, number = 0}
  populate(node, depth)
  return node
end

local function sum_of(node)
  if not node then return 0 end
  return node.number + sum_of(node.left) + sum_of(node.right)
end

local function many_trees(depth, deepest)
  local count, down, up = 2 ^ (deepest - depth + 1), 0, 0
  for _ = 1, count do
    down = checksum(down, sum_of(populated(depth)))
    up = checksum(up, sum_of(make(depth)))
  end
  print(string.format("%d trees of depth %d: %d %d", count, depth, down, up))
end

local deepest = tonumber(arg[1])
print(string.format("stretch tree: %d", sum_of(make(deepest))))
local kept = populated(deepest - 1)
local numbers = {}
for i = 0, 499999 do numbers[i] = i > 0 and 1 / i or 0 end
for depth = 4, deepest, 2 do many_trees(depth, deepest) end
print(string.format("tree that stayed: %d, array: %.6f", sum_of(kept), numbers[1000]))
