-- Ends a claim: its counts are stored, or it is free for the next flusher.
-- KEYS[1] claim
-- ARGV[1] now
-- ARGV[2] number
-- ARGV[3] holder
-- ARGV[4] outcome (stored or free)
-- RETURNS 1, or 0 when the claim is not there any more or (free) somebody else's
-- ATOMIC because a claim that came after must not be touched. Sent twice it does the same.
local claim, number, holder, outcome = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HMGET', claim, 'number', 'holder')
if held[1] ~= number then
  return 0
end
if outcome == 'stored' then
  redis.call('HDEL', claim, 'number', 'counts', 'holder', 'until')
  return 1
end
if held[2] ~= holder then
  return 0
end
redis.call('HSET', claim, 'until', '0')
return 1
