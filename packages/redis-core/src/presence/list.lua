-- Reads a page of a room's users in order of arrival.
-- KEYS[1] users
-- KEYS[2] order
-- KEYS[3] version
-- KEYS[4] leaving
-- ARGV[1] now
-- ARGV[2] after_since (ms, empty for the first page)
-- ARGV[3] after_user
-- ARGV[4] limit
-- RETURNS {1 if a grace is over and not yet ended else 0, version, 1 if more follow else 0, user, record …}
-- ATOMIC because the page must be of the version it names.
-- EACH CALL
local users, order, version, leaving = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local after_since, after_user, limit = ARGV[2], ARGV[3], tonumber(ARGV[4])

local first = 0
if after_since ~= '' then
  local rank = redis.call('ZSCORE', order, after_user) == after_since and redis.call('ZRANK', order, after_user)
  if rank then
    first = rank + 1
  else
    first = redis.call('ZCOUNT', order, '-inf', '(' .. after_since)
  end
end
local page = redis.call('ZRANGE', order, first, first + limit)
local first_end = redis.call('ZRANGE', leaving, 0, 0, 'WITHSCORES')[2]
local is_due = first_end and tonumber(first_end) <= now_ms
local answer = { is_due and 1 or 0, redis.call('GET', version) or '0', page[limit + 1] and 1 or 0 }
for n = 1, math.min(limit, #page) do
  local record = redis.call('HGET', users, page[n])
  if record then
    answer[#answer + 1] = page[n]
    answer[#answer + 1] = record
  end
end
return answer
