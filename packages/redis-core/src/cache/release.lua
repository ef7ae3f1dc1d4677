-- Gives leases up without storing anything, and wakes those who wait for them.
-- KEYS[1...] lease (of each entry)
-- ARGV[1] now ('' or ms, unused)
-- ARGV[2] token (the lease holder's)
-- ARGV[3] channel (the namespace's events)
-- ARGV[4] back_off_ms (ms during which readers with a stale value do not try again; 0 for none)
-- ARGV[5...] key (the key of each entry, for waiters)
-- RETURNS number of leases given up
-- ATOMIC because a lease taken over meanwhile must stay.
-- EACH CALL
local token, channel, back_off_ms = ARGV[2], ARGV[3], tonumber(ARGV[4])
local released = 0
for i = 1, #KEYS do
  local held = redis.pcall('GET', KEYS[i])
  local holder, origin, waiting
  if type(held) == 'string' then
    holder, origin, waiting = string.match(held, '^(%S+) (%d+ %d+) ([01])$')
  end
  if holder == token then
    redis.call('DEL', KEYS[i])
    if back_off_ms > 0 then
      redis.call('SET', KEYS[i], 'failed ' .. origin .. ' 0', 'PX', back_off_ms)
    end
    if waiting == '1' then
      redis.call('PUBLISH', channel, 'w|' .. ARGV[4 + i])
    end
    released = released + 1
  end
end
return released
