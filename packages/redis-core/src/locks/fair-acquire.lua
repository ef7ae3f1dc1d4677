-- Takes the lock when it is free and nobody came before, else joins the queue. Asked again, the holder gets the same.
-- KEYS[1] lease
-- KEYS[2] fence
-- KEYS[3] waiters
-- KEYS[4] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiter (random name of who will wait; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- RETURNS {fencing token as text, or '' when busy; ms until the lease, or the first one's place, ends}
-- ATOMIC because the order of the queue decides who takes it, and tokens must rise with the grants.
local lease, fence, waiters, queue = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local holder, duration, floor = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local waiter, waiting = ARGV[5], tonumber(ARGV[6])
local fence_kept_ms = 2592000000
-- Who waits looks again every second at most; a place not looked after for three is a dead one's.
local place_kept_ms = 3000

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

local left = 0
local saved_holder, saved_token, ends_at =
  string.match(redis.call('GET', lease) or '', '^(%S+) (%d+) (%d+)$')
if saved_holder then
  left = math.max(0, tonumber(ends_at) - now_ms)
  if left > 0 and saved_holder == holder then
    return { saved_token, left }
  end
end

redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
local first = redis.call('ZRANGE', queue, 0, 0)[1]
local place_ends_at = first and redis.call('ZSCORE', waiters, first)
while first and not place_ends_at do
  redis.call('ZREM', queue, first)
  first = redis.call('ZRANGE', queue, 0, 0)[1]
  place_ends_at = first and redis.call('ZSCORE', waiters, first)
end

if left > 0 or (first and first ~= waiter) then
  if waiter ~= '' then
    local place_ms = math.min(waiting, place_kept_ms)
    redis.call('ZADD', waiters, string.format('%.0f', now_ms + place_ms), waiter)
    if not redis.call('ZSCORE', queue, waiter) then
      local newest = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2] or '0'
      redis.call('ZADD', queue, string.format('%.0f', newest + 1), waiter)
    end
    keep(waiters, place_ms)
    keep(queue, place_ms)
  end
  return { '', left > 0 and left or place_ends_at - now_ms }
end

local last = tonumber(redis.call('GET', fence) or '0')
local token = string.format('%.0f', math.max(last + 1, now_us, floor))
redis.call('SET', fence, token, 'PX', fence_kept_ms)
redis.call('SET', lease, string.format('%s %s %.0f', holder, token, now_ms + duration), 'PX', ARGV[3])
if waiter ~= '' then
  redis.call('ZREM', waiters, waiter)
  redis.call('ZREM', queue, waiter)
end
return { token, duration }
