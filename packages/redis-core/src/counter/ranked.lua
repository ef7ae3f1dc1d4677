-- Reads the first items of a counter's values or trend, without those whose time is over.
-- KEYS[1] ranked (values or trend)
-- KEYS[...] touched when forget is not 0
-- ARGV[1] now
-- ARGV[2] n
-- ARGV[3] forget (ms after which an item that was not counted is gone; 0 for never)
-- RETURNS {now (ms), item, score, item, score …}
-- ATOMIC because items and their times must be of one moment.
local ranked, touched = KEYS[1], KEYS[2]
local n, forget = tonumber(ARGV[2]), tonumber(ARGV[3])
local answer, first = { string.format('%.0f', now_ms) }, 0
repeat
  local found = redis.call('ZREVRANGE', ranked, first, first + n - 1, 'WITHSCORES')
  local times
  if touched and #found > 0 then
    local items = {}
    for i = 1, #found, 2 do
      items[#items + 1] = found[i]
    end
    times = redis.call('ZMSCORE', touched, unpack(items))
  end
  for i = 1, #found, 2 do
    local time = times and times[(i + 1) / 2]
    if #answer < 1 + 2 * n and (not times or time and tonumber(time) > now_ms - forget) then
      answer[#answer + 1] = found[i]
      answer[#answer + 1] = found[i + 1]
    end
  end
  first = first + n
until #answer > 2 * n or #found < 2 * n
return answer
