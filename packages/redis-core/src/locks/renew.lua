-- Moves the end of leases that their holder still has, of all or none; an ended one is never revived.
-- KEYS[...] state (of each lock)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took them)
-- ARGV[3] duration (ms, from now)
-- ARGV[4] token (fencing token that they have from now on, unless theirs is higher)
-- RETURNS the highest fencing token, or 0 when a lease is not the holder's any more
-- ATOMIC because a lease that ends between looking and writing may be somebody else's.
local kept_ms, now = '2592000000', string.format('%013.0f', now_ms)
-- EACH CALL
local token, ends_at = string.format('%016.0f', ARGV[4]), string.format('%013.0f', now_ms + ARGV[3])
for index = 1, #KEYS do
  local saved = redis.call('GET', KEYS[index])
  if not saved or string.sub(saved, 1, 13) <= now or string.find(saved, ARGV[2], 60, true) ~= 60 then
    return 0
  end
  local saved_token = string.sub(saved, 29, 44)
  if saved_token > token then
    token = saved_token
  end
end
for index = 1, #KEYS do
  redis.call('SETRANGE', KEYS[index], 0, ends_at)
  redis.call('SETRANGE', KEYS[index], 28, token)
  redis.call('PEXPIRE', KEYS[index], kept_ms)
end
return tonumber(token)
