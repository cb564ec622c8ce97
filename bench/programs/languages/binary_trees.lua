local function make(depth)
  if depth == 0 then return {false, false} end
  local left = make(depth - 1)
  return {left, make(depth - 1)}
end

local function count(node)
  if not node[1] then return 1 end
  return 1 + count(node[1]) + count(node[2])
end

local deepest = math.max(6, tonumber(arg[1]))
print(string.format("stretch tree of depth %d\t check: %d", deepest + 1, count(make(deepest + 1))))
local long_lived = make(deepest)
for depth = 4, deepest, 2 do
  local trees, check = 2 ^ (deepest - depth + 4), 0
  for _ = 1, trees do check = check + count(make(depth)) end
  print(string.format("%d\t trees of depth %d\t check: %d", trees, depth, check))
end
print(string.format("long lived tree of depth %d\t check: %d", deepest, count(long_lived)))
