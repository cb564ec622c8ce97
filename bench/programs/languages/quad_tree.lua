local seed = 42

local function random_below(bound)
  seed = seed * 16807 % 2147483647
  return seed % bound
end

local function checksum(sum, value)
  return (sum * 31 + value) % 1000000007
end

local function make(x, y, size)
  return {quarter = false, points = false, x = x, y = y, size = size, count = 0}
end

local function quarter_of(quad, point)
  local half = quad.size / 2
  return quad.quarter[1 + (point.x >= quad.x + half and 1 or 0) + (point.y >= quad.y + half and 2 or 0)]
end

local insert

local function divide(quad)
  local half, x, y = quad.size / 2, quad.x, quad.y
  quad.quarter = {make(x, y, half), make(x + half, y, half), make(x, y + half, half), make(x + half, y + half, half)}
  local point = quad.points
  while point do
    local following = point.next
    insert(quarter_of(quad, point), point)
    point = following
  end
  quad.points = false
end

function insert(quad, point)
  while quad.quarter do
    quad.count = quad.count + 1
    quad = quarter_of(quad, point)
  end
  point.next = quad.points
  quad.points = point
  quad.count = quad.count + 1
  if quad.count > 4 and quad.size > 1 then divide(quad) end
end

local function random_tree(x, y, size, count)
  local quad = make(x, y, size)
  for _ = 1, count do
    local px = x + random_below(size)
    insert(quad, {x = px, y = y + random_below(size), next = false})
  end
  return quad
end

local function sum_of(quad)
  if not quad then return 0 end
  local sum, point = quad.count, quad.points
  while point do
    sum = checksum(sum, point.x + point.y)
    point = point.next
  end
  for i = 1, 4 do sum = checksum(sum, sum_of(quad.quarter and quad.quarter[i])) end
  return sum
end

local rounds = tonumber(arg[1])
local points = rounds < 10 and 500 or 60000
local stays = random_tree(0, 0, 1048576, points)
local world = random_tree(0, 0, 1048576, points)
for i = 0, rounds - 1 do
  local quad = world.quarter[1 + i % 4]
  world.quarter[1 + i % 4] = random_tree(quad.x, quad.y, quad.size, quad.count)
end
print(string.format("%d rounds, checksums %d %d", rounds, sum_of(stays), sum_of(world)))
