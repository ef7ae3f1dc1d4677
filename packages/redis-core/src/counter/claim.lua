-- Claims counts that are not flushed yet, or takes over the claim of a flusher that is gone.
-- KEYS[1] pending
-- KEYS[2] claim
-- ARGV[1] now
-- ARGV[2] holder (random name of the flusher, by which it is recognised when it comes again)
-- ARGV[3] lease (ms, for which nobody else gets the claim)
-- ARGV[4] batch (items at most)
-- ARGV[5] keep (ms, for which the claim stays)
-- RETURNS {"claimed", number, counts as JSON [item, amount, …], 1 if it was claimed before},
--   {"busy", until (ms)}, or {"empty"}
-- ATOMIC because what leaves the pending counts must be in the claim. Its number is greater than any before, also
--   where Redis was emptied: the server's time in µs is the floor.
local pending, claim = KEYS[1], KEYS[2]
local holder, lease, batch, keep = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local until_text = string.format('%.0f', now_ms + lease)
local held = redis.call('HMGET', claim, 'number', 'counts', 'holder', 'until', 'last')
if held[1] then
  if held[3] ~= holder and tonumber(held[4]) > now_ms then
    return { 'busy', held[4] }
  end
  redis.call('HSET', claim, 'holder', holder, 'until', until_text)
  redis.call('PEXPIRE', claim, keep)
  return { 'claimed', held[1], held[2], '1' }
end
local picked = redis.call('HRANDFIELD', pending, batch, 'WITHVALUES')
if #picked == 0 then
  return { 'empty' }
end
for i = 1, #picked, 2 do
  redis.call('HDEL', pending, picked[i])
end
local number = string.format('%.0f', math.max(tonumber(held[5] or '0') + 1, now_us))
local counts = cjson.encode(picked)
redis.call('HSET', claim, 'number', number, 'last', number, 'counts', counts, 'holder', holder, 'until', until_text)
redis.call('PEXPIRE', claim, keep)
return { 'claimed', number, counts, '0' }
