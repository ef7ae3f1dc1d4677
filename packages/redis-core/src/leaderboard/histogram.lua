-- Counts the members of a period by score.
-- KEYS[1] order
-- ARGV[1] now
-- ARGV[2] buckets (equal widths from the lowest to the highest finite score; 0 takes the bounds given)
-- ARGV[...] bounds, rising
-- RETURNS {per bucket from the lowest up: from, to, members}. A bucket has its `from` and not its `to`; the last
--   has both. With buckets, infinite scores are in the outer ones.
-- ATOMIC because the counts must add up to the members of one moment.
local order, buckets = KEYS[1], tonumber(ARGV[2])
local bounds = {}
if buckets == 0 then
  for i = 3, #ARGV do
    bounds[#bounds + 1] = ARGV[i]
  end
  table.insert(bounds, 1, '-inf')
  bounds[#bounds + 1] = 'inf'
else
  local lowest = redis.call('ZRANGEBYSCORE', order, '(-inf', '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  local highest = redis.call('ZREVRANGEBYSCORE', order, '(+inf', '(-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  if not lowest then
    bounds = redis.call('ZCARD', order) > 0 and { '-inf', 'inf' } or {}
  elseif tonumber(lowest) == tonumber(highest) then
    bounds = { lowest, highest }
  else
    -- Weighted, not by the difference: that of the largest doubles would be infinite.
    for i = 0, buckets do
      bounds[i + 1] = string.format('%.17g', tonumber(lowest) * (1 - i / buckets) + tonumber(highest) * (i / buckets))
    end
    bounds[1], bounds[buckets + 1] = lowest, highest
  end
end

local answer = {}
for i = 1, #bounds - 1 do
  local is_last = i == #bounds - 1
  local from = i == 1 and '-inf' or bounds[i]
  local to = is_last and '+inf' or '(' .. bounds[i + 1]
  answer[#answer + 1] = bounds[i]
  answer[#answer + 1] = bounds[i + 1]
  answer[#answer + 1] = redis.call('ZCOUNT', order, from, to)
end
return answer
