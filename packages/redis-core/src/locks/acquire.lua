-- Takes the lock when it is free, else tells for how long it is taken. Asked again, the holder gets the same answer.
-- KEYS[1] lease
-- KEYS[2] fence
-- KEYS[3] waiters
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiter (random name of who will wait when the lock is busy; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- RETURNS {fencing token as text, or '' when busy; ms until the lease ends}
-- ATOMIC because between looking and taking nobody else may take it, and tokens must rise with the grants.
local lease, fence, waiters = KEYS[1], KEYS[2], KEYS[3]
local holder, duration, floor = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local waiter, waiting = ARGV[5], tonumber(ARGV[6])
local fence_kept_ms = 2592000000

local saved = redis.call('GET', lease)
if saved then
  local saved_holder, token, ends_at = string.match(saved, '^(%S+) (%d+) (%d+)$')
  local left = tonumber(ends_at) - now_ms
  if left > 0 and saved_holder == holder then
    return { token, left }
  end
  if left > 0 then
    if waiter ~= '' then
      redis.call('ZADD', waiters, string.format('%.0f', now_ms + waiting), waiter)
      if redis.call('PTTL', waiters) < waiting then
        redis.call('PEXPIRE', waiters, ARGV[6])
      end
    end
    return { '', left }
  end
end

local last = tonumber(redis.call('GET', fence) or '0')
local token = string.format('%.0f', math.max(last + 1, now_us, floor))
redis.call('SET', fence, token, 'PX', fence_kept_ms)
redis.call('SET', lease, string.format('%s %s %.0f', holder, token, now_ms + duration), 'PX', ARGV[3])
if waiter ~= '' then
  redis.call('ZREM', waiters, waiter)
end
return { token, duration }
