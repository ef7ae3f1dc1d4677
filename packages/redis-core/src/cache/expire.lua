-- Ends an entry's freshness: what is left of its grace stays. Fences every load of the key that is under way.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2] entry (the value)
-- KEYS[3] lease (of a load under way)
-- ARGV[1] now ('' or ms)
-- ARGV[2] channel (the namespace's events)
-- ARGV[3] bucket (number)
-- ARGV[4] key (for other processes)
-- RETURNS {epoch, seq}, both 0 without meta: then there is no valid entry and no lease that could fill one
-- ATOMIC because a load that ends meanwhile would make the entry fresh again.
local meta, entry, lease = KEYS[1], KEYS[2], KEYS[3]
local channel, bucket, key = ARGV[2], ARGV[3], ARGV[4]

redis.call('DEL', lease)
local epoch = redis.pcall('ZMSCORE', meta, 'e')[1]
if not epoch then
  return { 0, 0 }
end
local raw = redis.pcall('GET', entry)
if type(raw) == 'string' then
  local before, fresh, grace, after = string.match(raw, '^(c2|%d+|%d+|%d+)|(%d+)|(%d+)(|.*)$')
  if before and tonumber(grace) > tonumber(fresh) then
    local fresh_until = math.min(tonumber(fresh), now_ms)
    redis.call('SET', entry, string.format('%s|%.0f|%s', before, fresh_until, grace) .. after, 'KEEPTTL')
  else
    redis.call('DEL', entry)
  end
end
local seq = tonumber(redis.call('ZINCRBY', meta, 1, 's'))
redis.call('PUBLISH', channel, string.format('k|%s|%.0f|%.0f|', bucket, tonumber(epoch), seq) .. key)
return { tonumber(epoch), seq }
