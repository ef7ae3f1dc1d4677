-- Moves the end of leases that their holder still has, of all or none; an ended one is never revived.
-- KEYS[...] state (of each lock)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took them)
-- ARGV[3] duration (ms, from now)
-- ARGV[4] token (fencing token that they have from now on, unless theirs is higher)
-- RETURNS the highest fencing token as text, or '' when a lease is not the holder's any more
-- ATOMIC because a lease that ends between looking and writing may be somebody else's.
local kept_ms = '2592000000'
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'
-- EACH CALL
local token, tails = tonumber(ARGV[4]), {}
for index = 1, #KEYS do
  local holder, saved_token, ends_at, waited_until, given_up =
    string.match(redis.call('GET', KEYS[index]) or '', layout)
  if holder ~= ARGV[2] or tonumber(ends_at) <= now_ms then
    return ''
  end
  token = math.max(token, tonumber(saved_token))
  tails[index] = waited_until .. ' ' .. given_up
end
local given = string.format('%.0f', token)
local state = string.format('%s %s %.0f ', ARGV[2], given, now_ms + ARGV[3])
for index = 1, #KEYS do
  redis.call('SET', KEYS[index], state .. tails[index], 'PX', kept_ms)
end
return given
