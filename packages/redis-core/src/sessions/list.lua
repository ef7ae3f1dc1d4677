-- Lists a user's sessions, ended ones left out.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- RETURNS {(id, record) for each}
-- ATOMIC because the time must be that of the reading.
local all = redis.call('HGETALL', KEYS[1])
local reply = {}
for i = 1, #all, 2 do
  local expires = tonumber(string.sub(all[i + 1], 49, 62))
  if string.sub(all[i + 1], 1, 2) == 's2' and expires and now_ms < expires then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = all[i + 1]
  end
end
return reply
