local seed = 42

local function random_below(bound)
  seed = seed * 16807 % 2147483647
  return seed % bound
end

local function make(depth, number)
  local left, right = false, false
  if depth > 0 then
    left = make(depth - 1, number + 1)
    right = make(depth - 1, number + 2)
  end
  return {left = left, right = right, number = number}
end

local function sum_of(node)
  if not node then return 0 end
  return (node.number + 2 * sum_of(node.left) + 3 * sum_of(node.right)) % 1000003
end

local function walk(node, path, depth)
  for _ = 1, depth do
    node = path % 2 == 1 and node.right or node.left
    path = math.floor(path / 2)
  end
  return node
end

local function trade(tree, depth)
  local place = random_below(depth - 2)
  local node = walk(tree, random_below(1048576), place)
  node.left, node.right = node.right, node.left
end

local function replace(tree, depth)
  local node = walk(tree, random_below(1048576), depth - 4)
  local number = random_below(1000)
  node.left = make(3, number)
end

local size = tonumber(arg[1])
local depth = size < 1000 and 8 or 18
local tree = make(depth, 1)
for _ = 1, size do
  trade(tree, depth)
  trade(tree, depth)
  replace(tree, depth)
end
print(string.format("%d changes, sum %d", size, sum_of(tree)))
