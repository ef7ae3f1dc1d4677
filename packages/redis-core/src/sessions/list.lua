-- Lists a user's sessions, ended ones left out.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- RETURNS {now_ms, (id, record) for each}
-- ATOMIC because the time must be that of the reading.
local user = KEYS[1]
local all = redis.call('HGETALL', user)
local reply = { string.format('%.0f', now_ms) }
for i = 1, #all, 2 do
  local expires = string.match(all[i + 1], '^s1|%x+|[%x-]+|%d+|%d+|%d+|(%d+)|')
  if string.len(all[i]) == 32 and expires and now_ms < tonumber(expires) then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = all[i + 1]
  end
end
return reply
