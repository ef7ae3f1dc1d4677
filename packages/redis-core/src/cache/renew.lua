-- Keeps leases while their loader runs.
-- KEYS[1...] lease (of each entry)
-- ARGV[1] now ('' or ms, unused)
-- ARGV[2] token (the lease holder's)
-- ARGV[3] lease_ms (ms from now)
-- RETURNS number of leases still held
-- ATOMIC because a lease taken over meanwhile must not be prolonged.
local token, lease_ms = ARGV[2], ARGV[3]
local held_ones = 0
for i = 1, #KEYS do
  local held = redis.pcall('GET', KEYS[i])
  if type(held) == 'string' and string.match(held, '^(%S+) ') == token then
    redis.call('PEXPIRE', KEYS[i], lease_ms)
    held_ones = held_ones + 1
  end
end
return held_ones
