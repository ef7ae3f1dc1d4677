-- Adds entries to the staging copy of a period.
-- KEYS[1] order (staging)
-- KEYS[2] places (staging)
-- KEYS[...] levels where ranks are dense, then metadata where it is kept (staging)
-- ARGV[1] now
-- ARGV[2] direction (desc or asc)
-- ARGV[3] rank (ordinal, competition or dense)
-- ARGV[4] first (sequence of the first entry)
-- ARGV[5] ttl (ms)
-- ARGV[...] member, score, metadata or '', member …
-- RETURNS 1
-- ATOMIC because the keys must agree and none may be left without a TTL. Sent twice it writes the same.
local order, places = KEYS[1], KEYS[2]
local desc, first = ARGV[2] == 'desc', tonumber(ARGV[4])
local levels = ARGV[3] == 'dense' and KEYS[3]
local metadata = #KEYS > (levels and 3 or 2) and KEYS[#KEYS]
for i = 6, #ARGV, 3 do
  local sequence = first + (i - 6) / 3
  local member, score = ARGV[i], ARGV[i + 1]
  local number = string.format('%016.0f:', desc and 9007199254740991 - sequence or sequence)
  redis.call('ZADD', order, score, number .. member)
  redis.call('HSET', places, member, number .. score)
  if levels then
    redis.call('ZADD', levels, score, string.format('%.17g', score))
  end
  if metadata and ARGV[i + 2] ~= '' then
    redis.call('HSET', metadata, member, ARGV[i + 2])
  end
end
for i = 1, #KEYS do
  redis.call('PEXPIRE', KEYS[i], ARGV[5])
end
return 1
