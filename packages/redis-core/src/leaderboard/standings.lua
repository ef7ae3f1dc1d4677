-- Reads the standings of some members of a period.
-- KEYS[1] order
-- KEYS[2] places
-- KEYS[...] levels where ranks are dense, then metadata where it is kept
-- ARGV[1] now
-- ARGV[2] direction (desc or asc)
-- ARGV[3] rank (ordinal, competition or dense)
-- ARGV[4] want (place or worse)
-- ARGV[...] members
-- RETURNS {total, per member: score or -, rank or -, places before it or (worse) members with a worse score,
--   and metadata or '' where it is kept}
-- ATOMIC because the standings must be of one moment.
local function ahead(set, score, desc)
  if desc then
    return redis.call('ZCOUNT', set, '(' .. score, '+inf')
  end
  return redis.call('ZCOUNT', set, '-inf', '(' .. score)
end
-- EACH CALL
local order, places = KEYS[1], KEYS[2]
local desc, mode, want = ARGV[2] == 'desc', ARGV[3], ARGV[4]
local levels = mode == 'dense' and KEYS[3]
local metadata = #KEYS > (levels and 3 or 2) and KEYS[#KEYS]

local answer = { redis.call('ZCARD', order) }
for i = 5, #ARGV do
  local held = redis.call('HGET', places, ARGV[i])
  local score = held and string.sub(held, 18)
  local rank, third = '-', 0
  if score then
    local index = redis.call(desc and 'ZREVRANK' or 'ZRANK', order, string.sub(held, 1, 17) .. ARGV[i])
    rank = mode == 'ordinal' and index + 1 or ahead(levels or order, score, desc) + 1
    third = want == 'worse' and ahead(order, score, not desc) or index
  end
  answer[#answer + 1] = score or '-'
  answer[#answer + 1] = rank
  answer[#answer + 1] = third
  if metadata then
    answer[#answer + 1] = redis.call('HGET', metadata, ARGV[i]) or ''
  end
end
return answer
