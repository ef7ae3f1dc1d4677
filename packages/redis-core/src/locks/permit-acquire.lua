-- Takes one of the permits when one is free, else tells when the next one ends. Asked again, a holder keeps its one.
-- KEYS[1] holders
-- KEYS[2] fence
-- KEYS[3] waiters
-- KEYS[4] past
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest token that may be given)
-- ARGV[5] waiter (random name of who will wait when all are taken; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- ARGV[7] permits (how many may be held at once)
-- RETURNS {token as text, or '' when busy; ms until the lease ends, or until a permit would be free}
-- ATOMIC because between counting and taking nobody else may take the last permit.
local fence_kept_ms = 2592000000

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

-- EACH CALL
local holders, fence, waiters, past = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local holder, duration, floor = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local waiter, waiting, permits = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

-- An attempt that was given up, or has given back, and arrives late must not take what nobody knows of.
if redis.call('ZSCORE', past, holder) then
  return { '', 0 }
end
redis.call('ZREMRANGEBYSCORE', holders, '-inf', string.format('%.0f', now_ms))
local held = redis.call('ZCARD', holders)
if held >= permits and not redis.call('ZSCORE', holders, holder) then
  if waiter ~= '' then
    redis.call('ZADD', waiters, string.format('%.0f', now_ms + waiting), waiter)
    keep(waiters, waiting)
  end
  local ending = redis.call('ZRANGE', holders, held - permits, held - permits, 'WITHSCORES')
  return { '', ending[2] - now_ms }
end

local last = tonumber(redis.call('GET', fence) or '0')
local token = string.format('%.0f', math.max(last + 1, now_us, floor))
redis.call('SET', fence, token, 'PX', fence_kept_ms)
redis.call('ZADD', holders, string.format('%.0f', now_ms + duration), holder)
keep(holders, duration)
if waiter ~= '' then
  redis.call('ZREM', waiters, waiter)
end
return { token, duration }
