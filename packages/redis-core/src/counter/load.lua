-- Sets the counts of items to what the database has, and what is pending on top of it.
-- KEYS[1] values
-- KEYS[...] pending when write_behind is 1, then touched when forgets is 1
-- ARGV[1] now
-- ARGV[2] keep (ms)
-- ARGV[3] max_items
-- ARGV[4] write_behind (1 or 0)
-- ARGV[5] forgets (1 or 0)
-- ARGV[...] item, count, item, count …
-- RETURNS 1
-- ATOMIC because an increment between reading what is pending and writing the sum would be lost.
local values, keep, max_items = KEYS[1], ARGV[2], tonumber(ARGV[3])
local pending, touched = ARGV[4] == '1' and KEYS[2], ARGV[5] == '1' and KEYS[#KEYS]
for i = 6, #ARGV, 2 do
  local item = ARGV[i]
  local unflushed = pending and redis.call('HGET', pending, item) or '0'
  redis.call('ZADD', values, string.format('%.0f', ARGV[i + 1] + unflushed), item)
  if touched then
    redis.call('ZADD', touched, string.format('%.0f', now_ms), item)
  end
end
local over = redis.call('ZCARD', values) - max_items
if over > 0 then
  local dropped = redis.call('ZPOPMIN', values, over)
  for i = 1, touched and #dropped or 0, 2 do
    redis.call('ZREM', touched, dropped[i])
  end
end
redis.call('PEXPIRE', values, keep)
if touched then
  redis.call('PEXPIRE', touched, keep)
end
return 1
