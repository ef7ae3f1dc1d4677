-- Moves the end of a lease that its holder still has; an ended one is never revived.
-- KEYS[1] holders
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- ARGV[3] duration (ms, from now)
-- RETURNS 1, or 0 when the lease has ended
-- ATOMIC because a lease that ends between looking and writing may be counted as free already.
-- EACH CALL
local holders, holder, duration = KEYS[1], ARGV[2], tonumber(ARGV[3])
local ends_at = redis.call('ZSCORE', holders, holder)
if not ends_at or tonumber(ends_at) <= now_ms then
  return 0
end
redis.call('ZADD', holders, string.format('%.0f', now_ms + duration), holder)
if redis.call('PTTL', holders) < duration then
  redis.call('PEXPIRE', holders, ARGV[3])
end
return 1
