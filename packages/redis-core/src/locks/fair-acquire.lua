-- Takes the lock when it is free and nobody came before, else joins the queue. Asked again, the holder gets the same.
-- KEYS[1] state (holder, token, end, until when somebody waits; then attempts given up lately)
-- KEYS[2] waiters
-- KEYS[3] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiter (random name of who will wait; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- RETURNS the fencing token as text; or, when busy, the number of ms until the lease, or the first one's place, ends
-- ATOMIC because the order of the queue decides who takes it, and tokens must rise with the grants.
local kept_ms = '2592000000'
-- Who waits looks again every second at most; a place not looked after for three is a dead one's.
local place_kept_ms = 3000
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

local function first_in(queue, waiters)
  redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
  for _, first in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    local place_ends_at = redis.call('ZSCORE', waiters, first)
    if place_ends_at then
      return first, place_ends_at
    end
    redis.call('ZREM', queue, first)
  end
end

-- EACH CALL
local state, waiters, queue = KEYS[1], KEYS[2], KEYS[3]
local holder, waiter, waiting = ARGV[2], ARGV[5], tonumber(ARGV[6])
local saved_holder, saved_token, ends_at, waited_until, given_up =
  string.match(redis.call('GET', state) or '- 0 0 0', layout)
local left = ends_at - now_ms
if saved_holder == holder then
  return left > 0 and saved_token or 0
end
if given_up ~= '' and string.find(given_up, holder, 1, true) then
  return 0
end

local first, place_ends_at
if tonumber(waited_until) > now_ms then
  first, place_ends_at = first_in(queue, waiters)
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
    if tonumber(waited_until) < now_ms + place_ms then
      redis.call('SET', state, string.format('%s %s %s %.0f %s', saved_holder, saved_token, ends_at,
        now_ms + place_ms, given_up), 'KEEPTTL')
    end
  end
  return left > 0 and left or place_ends_at - now_ms
end

if given_up ~= '' and tonumber(string.match(given_up, '^%d+')) <= now_ms then
  given_up = ''
end
local token = string.format('%.0f', math.max(saved_token + 1, now_us, tonumber(ARGV[4])))
redis.call('SET', state, string.format('%s %s %.0f %s %s', holder, token, now_ms + ARGV[3], waited_until, given_up),
  'PX', kept_ms)
if first then
  redis.call('ZREM', waiters, waiter)
  redis.call('ZREM', queue, waiter)
end
return token
