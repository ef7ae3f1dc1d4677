-- Notes overrides where they can be listed, or takes their notes out.
-- KEYS[1] overrides
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] duration (ms; 0 takes out)
-- ARGV[3] most (overrides that are noted: those that last longest)
-- ARGV[4...] of each rule: its name, a blank, and the identity
-- RETURNS the number of overrides that are noted
-- ATOMIC because the notes that are over go, and the key lasts as long as the longest, in the same step.
local overrides, duration, most = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for at = 4, #ARGV do
  if duration > 0 then
    redis.call('ZADD', overrides, now_ms + duration, ARGV[at])
  else
    redis.call('ZREM', overrides, ARGV[at])
  end
end
redis.call('ZREMRANGEBYSCORE', overrides, '-inf', now_ms)
redis.call('ZREMRANGEBYRANK', overrides, 0, -most - 1)
local longest = redis.call('ZREVRANGE', overrides, 0, 0, 'WITHSCORES')[2]
if longest then
  redis.call('PEXPIRE', overrides, longest - now_ms)
end
return redis.call('ZCARD', overrides)
