-- Invalidates or expires every entry of a bucket that has one of the tags, or all entries when none is given.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- ARGV[1] now ('' or ms, unused)
-- ARGV[2] channel (the namespace's events)
-- ARGV[3] bucket (number)
-- ARGV[4] new_epoch (integer, used when the bucket has no meta)
-- ARGV[5] meta_ttl_ms (ms the meta lives at least)
-- ARGV[6] most_tags (number of tags remembered; older ones raise the floor)
-- ARGV[7] mark (t: the entries are gone; x: they are stale)
-- ARGV[8...] tag (encoded)
-- RETURNS {epoch, seq}
-- ATOMIC because an entry read between two tags would be valid by the one and not by the other.
local meta = KEYS[1]
local channel, bucket, new_epoch = ARGV[2], ARGV[3], ARGV[4]
local meta_ttl_ms, most_tags, mark = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

local scores = redis.pcall('ZMSCORE', meta, 'e', 's', 'f')
if scores.err or not (scores[1] and scores[2] and scores[3]) then
  redis.call('DEL', meta)
  redis.call('ZADD', meta, new_epoch, 'e', 0, 's', 0, 'f')
  scores[1] = new_epoch
end
local epoch, seq = tonumber(scores[1]), tonumber(redis.call('ZINCRBY', meta, 1, 's'))
local tags = {}
for i = 8, #ARGV do
  redis.call('ZADD', meta, seq, mark .. ARGV[i])
  tags[#tags + 1] = ARGV[i]
end
redis.call('ZADD', meta, seq, #tags == 0 and 'f' or 'd')
if redis.call('ZCARD', meta) > most_tags + 4 then
  local oldest = redis.call('ZRANGE', meta, 0, math.ceil(most_tags / 10) + 1, 'WITHSCORES')
  local floor = 0
  for i = 1, #oldest, 2 do
    if string.len(oldest[i]) > 1 then
      redis.call('ZREM', meta, oldest[i])
      floor = math.max(floor, tonumber(oldest[i + 1]))
    end
  end
  redis.call('ZADD', meta, 'GT', floor, 'f')
end
if redis.call('PTTL', meta) < meta_ttl_ms then
  redis.call('PEXPIRE', meta, string.format('%.0f', meta_ttl_ms + 600000))
end
local kind = #tags == 0 and 'c' or 't'
redis.call('PUBLISH', channel, string.format('%s|%s|%.0f|%.0f|', kind, bucket, epoch, seq) .. table.concat(tags, ','))
return { epoch, seq }
