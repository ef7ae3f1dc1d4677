-- Gives up a place in a queue, and wakes whoever it was in the way of.
-- KEYS[1] waiters
-- KEYS[2] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] waiter (random name of who leaves)
-- ARGV[3] channel (where waiters listen)
-- ARGV[4] order ('fifo' wakes the next in the queue; 'any' the first of every process)
-- RETURNS 1 when there was such a place, else 0
-- ATOMIC because the place must be gone before the next one looks.
local waiters, queue, waiter, channel, order = KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4]
redis.call('ZREM', waiters, waiter)
local left = redis.call('ZREM', queue, waiter)
if left == 1 and redis.call('EXISTS', waiters) == 1 then
  redis.call('PUBLISH', channel, order == 'fifo' and redis.call('ZRANGE', queue, 0, 0)[1] or '')
end
return left
