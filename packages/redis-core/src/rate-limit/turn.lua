-- Takes a place at the end of a queue, or keeps the one that was taken; who keeps none for long loses it.
-- KEYS[1] queue
-- KEYS[2] places
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] ticket (random name of the one who waits, a blank, and its cost)
-- ARGV[3] duration (ms, for which a place is kept)
-- ARGV[4] most (places)
-- RETURNS {number of those before it, or -1 when there is no place; the cost of those}
-- ATOMIC because places are given in the order of asking.
local queue, places, ticket = KEYS[1], KEYS[2], ARGV[2]
local duration, most = tonumber(ARGV[3]), tonumber(ARGV[4])

local function cost_of(tickets)
  local cost = 0
  for _, each in ipairs(tickets) do
    cost = cost + string.match(each, ' (%d+)$')
  end
  return cost
end

for _, dead in ipairs(redis.call('ZRANGEBYSCORE', places, '-inf', now_ms)) do
  redis.call('ZREM', queue, dead)
  redis.call('ZREM', places, dead)
end
-- Kept for longer than anybody may: the clock went back.
for _, early in ipairs(redis.call('ZRANGEBYSCORE', places, '(' .. now_ms + duration, '+inf')) do
  redis.call('ZADD', places, now_ms + duration, early)
end
local before = redis.call('ZRANK', queue, ticket)
if not before then
  before = redis.call('ZCARD', queue)
  if before >= most then
    return { -1, cost_of(redis.call('ZRANGE', queue, 0, -1)) }
  end
  local newest = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2] or '0'
  redis.call('ZADD', queue, newest + 1, ticket)
end
redis.call('ZADD', places, now_ms + duration, ticket)
redis.call('PEXPIRE', queue, 2 * duration)
redis.call('PEXPIRE', places, 2 * duration)
return { before, before > 0 and cost_of(redis.call('ZRANGE', queue, 0, before - 1)) or 0 }
