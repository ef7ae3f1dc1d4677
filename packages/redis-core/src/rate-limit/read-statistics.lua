-- Reads the statistics of one rule over some hours.
-- KEYS[1...] of each hour: counts, denied
-- ARGV[1] now (unused: the hours are in the keys)
-- ARGV[2] top (identities that are named)
-- RETURNS of each hour allowed and denied, then of the identities denied most: itself, how often
-- ATOMIC because only the highest leave Redis, and they must be those of the counts beside them.
local top = tonumber(ARGV[2])
local reply, sums, identities = {}, {}, {}
for hour = 1, #KEYS / 2 do
  local counts = redis.call('HMGET', KEYS[hour * 2 - 1], 'allowed', 'denied')
  reply[#reply + 1], reply[#reply + 2] = tonumber(counts[1] or '0'), tonumber(counts[2] or '0')
  if top > 0 and counts[2] then
    local denied = redis.call('ZRANGE', KEYS[hour * 2], 0, -1, 'WITHSCORES')
    for at = 1, #denied, 2 do
      local identity = denied[at]
      if not sums[identity] then
        identities[#identities + 1] = identity
      end
      sums[identity] = (sums[identity] or 0) + denied[at + 1]
    end
  end
end
table.sort(identities, function(a, b)
  return sums[a] > sums[b] or (sums[a] == sums[b] and a < b)
end)
for rank = 1, math.min(top, #identities) do
  reply[#reply + 1] = identities[rank]
  reply[#reply + 1] = sums[identities[rank]]
end
return reply
