-- Stores a value, or deletes it, and fences every load of the key that is under way.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2] entry (the value)
-- KEYS[3] lease (of a load under way)
-- ARGV[1] now ('' or ms)
-- ARGV[2] channel (the namespace's events)
-- ARGV[3] bucket (number)
-- ARGV[4] key (for other processes)
-- ARGV[5] new_epoch (integer, used when the bucket has no meta)
-- ARGV[6] meta_ttl_ms (ms the meta lives at least)
-- ARGV[7] fresh_ms (ms; 0 deletes)
-- ARGV[8] grace_ms (ms stale after that)
-- ARGV[9] tags (encoded, joined by commas)
-- ARGV[10] text (the encoded value)
-- RETURNS {epoch, seq}
-- ATOMIC because the lease must be gone when the new value is there, and the message must carry its seq.
local meta_slack_ms = 600000

local function next_seq(meta, new_epoch)
  local scores = redis.pcall('ZMSCORE', meta, 'e', 's', 'f')
  if scores.err or not (scores[1] and scores[2] and scores[3]) then
    redis.call('DEL', meta)
    redis.call('ZADD', meta, new_epoch, 'e', 0, 's', 0, 'f')
    scores[1] = new_epoch
  end
  return tonumber(scores[1]), tonumber(redis.call('ZINCRBY', meta, 1, 's'))
end
-- EACH CALL
local meta, entry, lease = KEYS[1], KEYS[2], KEYS[3]
local channel, bucket, key, new_epoch, meta_ttl_ms = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local fresh_ms, grace_ms, tags, text = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9], ARGV[10]

redis.call('DEL', lease, entry)
local epoch, seq = next_seq(meta, new_epoch)
if fresh_ms > 0 then
  local fresh_until = now_ms + fresh_ms
  redis.call('SET', entry, string.format('c2|%.0f|%.0f|%.0f|%.0f|%.0f|0|%s|', epoch, seq, now_ms, fresh_until,
    fresh_until + grace_ms, tags) .. text, 'PX', string.format('%.0f', fresh_ms + grace_ms))
end
local longest_ms = math.max(meta_ttl_ms, fresh_ms + grace_ms)
if redis.call('PTTL', meta) < longest_ms then
  redis.call('PEXPIRE', meta, string.format('%.0f', longest_ms + meta_slack_ms))
end
redis.call('PUBLISH', channel, string.format('k|%s|%.0f|%.0f|', bucket, epoch, seq) .. key)
return { epoch, seq }
