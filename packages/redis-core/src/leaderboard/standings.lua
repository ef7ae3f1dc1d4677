-- Reads the standings of some members of a period.
-- KEYS[1] scores
-- KEYS[2] members
-- ARGV[1] now
-- ARGV[2] order (desc or asc)
-- ARGV[...] members
-- RETURNS {total, per member: score or "", places before it, members strictly better, members strictly worse}
-- ATOMIC because the standings must be of one moment.
local scores, members = KEYS[1], KEYS[2]
local order = ARGV[2]
local desc = order == 'desc'

local answer = { redis.call('ZCARD', scores) }
for i = 3, #ARGV do
  local place = redis.call('HGET', members, ARGV[i])
  local score = place and redis.call('ZSCORE', scores, place)
  local before, above, below = 0, 0, 0
  if score then
    before = redis.call(desc and 'ZREVRANK' or 'ZRANK', scores, place)
    above = redis.call('ZCOUNT', scores, '(' .. score, '+inf')
    below = redis.call('ZCOUNT', scores, '-inf', '(' .. score)
  end
  answer[#answer + 1] = score or ''
  answer[#answer + 1] = before
  answer[#answer + 1] = desc and above or below
  answer[#answer + 1] = desc and below or above
end
return answer
