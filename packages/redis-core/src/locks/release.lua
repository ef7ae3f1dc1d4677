-- Frees the locks that the holder has, and tells who waits. Asked again it answers the same.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took them)
-- RETURNS 1 when this holder freed them all, now or by the same call before; else 0
-- ATOMIC because only its own holder may free a lock.
local kept_ms = '2592000000'
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'
-- EACH CALL
local was_held = 1
for index = 1, #KEYS do
  local key = KEYS[index]
  local holder, token, ends_at, waited_until, given_up = string.match(redis.call('GET', key) or '', layout)
  if holder ~= ARGV[2] then
    was_held = 0
  elseif ends_at ~= '0' then
    if tonumber(ends_at) <= now_ms then
      was_held = 0
    end
    redis.call('SET', key, holder .. ' ' .. token .. ' 0 ' .. waited_until .. ' ' .. given_up, 'PX', kept_ms)
    if tonumber(waited_until) > now_ms then
      redis.call('PUBLISH', key, '')
    end
  end
end
return was_held
