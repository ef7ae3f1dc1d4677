-- Lets many readers in at a time, or one writer alone; a writer who waits keeps new readers out.
-- KEYS[1] holders
-- KEYS[2] fence
-- KEYS[3] waiters
-- KEYS[4] writers
-- KEYS[5] past
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt, after 'r:' or 'w:')
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiter (random name of who will wait when it is busy; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- ARGV[7] mode ('read' or 'write')
-- RETURNS {fencing token as text, or '' when busy; ms until the lease ends, or until it is worth looking again}
-- ATOMIC because readers and writers must see each other before they enter, and tokens must rise with the grants.
local fence_kept_ms = 2592000000
-- Who waits looks again every second at most; a writer not heard of for three keeps nobody out.
local place_kept_ms = 3000

local function put(key, member, ms)
  redis.call('ZADD', key, string.format('%.0f', now_ms + ms), member)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

-- EACH CALL
local holders, fence, waiters, writers, past = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local holder, duration, floor = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local waiter, waiting, mode = ARGV[5], tonumber(ARGV[6]), ARGV[7]
local now = string.format('%.0f', now_ms)

-- An attempt that was given up, or has given back, and arrives late must not take what nobody knows of.
if redis.call('ZSCORE', past, holder) then
  return { '', 0 }
end
redis.call('ZREMRANGEBYSCORE', holders, '-inf', now)
redis.call('ZREMRANGEBYSCORE', writers, '-inf', now)
local last_holder = redis.call('ZRANGE', holders, -1, -1, 'WITHSCORES')
local is_written = last_holder[1] and string.sub(last_holder[1], 1, 2) == 'w:'
local last_writer = redis.call('ZRANGE', writers, -1, -1, 'WITHSCORES')
local busy_until
if mode == 'write' or is_written then
  busy_until = last_holder[2]
else
  busy_until = last_writer[2]
end

if busy_until and not redis.call('ZSCORE', holders, holder) then
  if waiter ~= '' then
    put(waiters, waiter, waiting)
    if mode == 'write' then
      put(writers, waiter, math.min(waiting, place_kept_ms))
    end
  end
  return { '', busy_until - now_ms }
end

local last = tonumber(redis.call('GET', fence) or '0')
local token = string.format('%.0f', math.max(last + 1, now_us, floor))
redis.call('SET', fence, token, 'PX', fence_kept_ms)
put(holders, holder, duration)
if waiter ~= '' then
  redis.call('ZREM', waiters, waiter)
  redis.call('ZREM', writers, waiter)
end
return { token, duration }
