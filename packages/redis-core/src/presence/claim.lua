-- Takes a dead incarnation for sweeping: a tombstone at once, a claim that expires should the sweeper die.
-- KEYS[1] process
-- KEYS[2] claim
-- KEYS[3] rooms
-- ARGV[1] now
-- ARGV[2] sweeper
-- ARGV[3] claim_ttl (ms)
-- ARGV[4] tombstone_ttl (ms)
-- RETURNS {"alive", end of its lease}, {"busy"} or {"claimed", rooms …}
-- ATOMIC because an incarnation that wakes up must either extend its lease first or find the tombstone.
local process, claim, rooms = KEYS[1], KEYS[2], KEYS[3]
local sweeper, claim_ttl, tombstone_ttl = ARGV[2], ARGV[3], ARGV[4]
local current = redis.call('GET', process)
if current and current ~= 'dead' and tonumber(current) > now_ms then
  return { 'alive', current }
end
redis.call('SET', process, 'dead', 'PX', tombstone_ttl)
local holder = redis.call('GET', claim)
if holder then
  local ends, who = string.match(holder, '^(%d+)|(.*)$')
  if who ~= sweeper and tonumber(ends) > now_ms then
    return { 'busy' }
  end
end
redis.call('SET', claim, string.format('%.0f', now_ms + claim_ttl) .. '|' .. sweeper, 'PX', claim_ttl * 2)
local answer = { 'claimed' }
for _, room in ipairs(redis.call('HKEYS', rooms)) do
  answer[#answer + 1] = room
end
return answer
