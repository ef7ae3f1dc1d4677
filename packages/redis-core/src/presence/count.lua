-- Counts a room, or says which of some users are there.
-- KEYS[1] connections
-- KEYS[2] users
-- KEYS[3] leaving
-- ARGV[1] now
-- ARGV[...] users to look for
-- RETURNS {1 if a grace is over and not yet ended else 0, users, connections, 1 or 0 for each user looked for …}
-- ATOMIC because the two counts must be of one moment.
-- EACH CALL
local connections, users, leaving = KEYS[1], KEYS[2], KEYS[3]
local first_end = redis.call('ZRANGE', leaving, 0, 0, 'WITHSCORES')[2]
local is_due = first_end and tonumber(first_end) <= now_ms
local answer = { is_due and 1 or 0, redis.call('HLEN', users), redis.call('HLEN', connections) }
for n = 2, #ARGV do
  answer[#answer + 1] = redis.call('HEXISTS', users, ARGV[n])
end
return answer
