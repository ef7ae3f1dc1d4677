-- Adds entries to the staging copy of a period.
-- KEYS[1] scores (staging)
-- KEYS[2] members (staging)
-- ARGV[1] now
-- ARGV[2] order (desc or asc)
-- ARGV[3] first (sequence of the first entry)
-- ARGV[4] ttl (ms)
-- ARGV[...] member, score, member, score …
-- RETURNS 1
-- ATOMIC because the two keys must agree and neither may be left without a TTL.
local scores, members = KEYS[1], KEYS[2]
local order, first, ttl = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
for i = 5, #ARGV, 2 do
  local sequence = first + (i - 5) / 2
  local member = ARGV[i]
  local earlier = redis.call('HGET', members, member)
  if earlier then
    redis.call('ZREM', scores, earlier)
  end
  local place = string.format('%016.0f', order == 'desc' and 9007199254740991 - sequence or sequence) .. ':' .. member
  redis.call('ZADD', scores, ARGV[i + 1], place)
  redis.call('HSET', members, member, place)
end
redis.call('PEXPIRE', scores, ttl)
redis.call('PEXPIRE', members, ttl)
return 1
