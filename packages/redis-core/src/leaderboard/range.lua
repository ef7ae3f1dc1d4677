-- Reads consecutive entries of a period: from the top, after a cursor, or around a member.
-- KEYS[1] scores
-- KEYS[2] members
-- KEYS[3] version
-- ARGV[1] now
-- ARGV[2] order (desc or asc)
-- ARGV[3] from (top, after or around)
-- ARGV[4] at (after: the tie-breaking member; around: the member)
-- ARGV[5] at_score (after: the score there)
-- ARGV[6] count (entries; around: entries on either side)
-- RETURNS {version, total, places before the first, members with a strictly better score than the first,
--   place, score, place, score …}
-- ATOMIC because ranks, entries and version must be of one moment. A cursor whose place is gone is put back
--   for the time of the script, which finds its exact rank among equal scores.
local scores, members, version = KEYS[1], KEYS[2], KEYS[3]
local order, from, at, at_score, count = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local desc = order == 'desc'
local rank, range = desc and 'ZREVRANK' or 'ZRANK', desc and 'ZREVRANGE' or 'ZRANGE'

local first, last = 0, count - 1
if from == 'after' then
  local lacking = not redis.call('ZSCORE', scores, at) and redis.call('ZADD', scores, at_score, at)
  first = redis.call(rank, scores, at) + 1
  if lacking then
    redis.call('ZREM', scores, at)
    first = first - 1
  end
  last = first + count - 1
elseif from == 'around' then
  local place = redis.call('HGET', members, at)
  local middle = place and redis.call(rank, scores, place)
  if not middle then
    first, last = 1, 0
  else
    first, last = math.max(0, middle - count), middle + count
  end
end

local found = last >= first and redis.call(range, scores, first, last, 'WITHSCORES') or {}
local better = 0
if found[2] then
  if desc then
    better = redis.call('ZCOUNT', scores, '(' .. found[2], '+inf')
  else
    better = redis.call('ZCOUNT', scores, '-inf', '(' .. found[2])
  end
end
local answer = { redis.call('GET', version) or '0', redis.call('ZCARD', scores), first, better }
for i = 1, #found do
  answer[#answer + 1] = found[i]
end
return answer
