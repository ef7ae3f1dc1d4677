-- Invalidates every entry of a bucket that has one of the tags, or all entries when none is given.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- ARGV[1] now ('' or ms, unused)
-- ARGV[2] channel (the namespace's events)
-- ARGV[3] bucket (number)
-- ARGV[4] new_epoch (integer, used when the bucket has no meta)
-- ARGV[5] meta_ttl_ms (ms the meta lives at least)
-- ARGV[6] most_tags (number of tags remembered; older ones raise the floor)
-- ARGV[7...] tag (encoded)
-- RETURNS {epoch, seq}
-- ATOMIC because an entry read between two tags would be valid by the one and not by the other.
local meta = KEYS[1]
local channel, bucket, new_epoch = ARGV[2], ARGV[3], ARGV[4]
local meta_ttl_ms, most_tags = tonumber(ARGV[5]), tonumber(ARGV[6])

local head = redis.pcall('ZMSCORE', meta, 'e', 's', 'f')
if head.err then
  redis.call('DEL', meta)
  head = {}
end
local epoch = tonumber(head[1] or nil)
if not (epoch and head[2] and head[3]) then
  epoch = tonumber(new_epoch)
  redis.call('DEL', meta)
  redis.call('ZADD', meta, new_epoch, 'e', 0, 's', 0, 'f')
end
local seq = tonumber(redis.call('ZINCRBY', meta, 1, 's'))
local tags = {}
for i = 7, #ARGV do
  redis.call('ZADD', meta, seq, 't' .. ARGV[i])
  tags[#tags + 1] = ARGV[i]
end
if #tags == 0 then
  redis.call('ZADD', meta, seq, 'f')
end
if redis.call('ZCARD', meta) > most_tags + 3 then
  local oldest = redis.call('ZRANGE', meta, 0, math.ceil(most_tags / 10) + 1, 'WITHSCORES')
  local floor = 0
  for i = 1, #oldest, 2 do
    if string.sub(oldest[i], 1, 1) == 't' then
      redis.call('ZREM', meta, oldest[i])
      floor = math.max(floor, tonumber(oldest[i + 1]))
    end
  end
  redis.call('ZADD', meta, 'GT', floor, 'f')
end
if redis.call('PTTL', meta) < meta_ttl_ms then
  redis.call('PEXPIRE', meta, string.format('%.0f', meta_ttl_ms + 600000))
end
local at = string.format('%.0f|%.0f', epoch, seq)
local kind = #tags == 0 and 'c|' or 't|'
redis.call('PUBLISH', channel, kind .. bucket .. '|' .. at .. '|' .. table.concat(tags, ','))
return { string.format('%.0f', epoch), string.format('%.0f', seq) }
