-- Adds a session, and ends the user's oldest past the limit.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] id (first 32 hex characters of the digest)
-- ARGV[3] digest (SHA-256 of the secret, 64 hex characters)
-- ARGV[4] idle_ms (ms)
-- ARGV[5] absolute_ms (ms)
-- ARGV[6] max_per_user (number)
-- ARGV[7] channel (where to tell of ended sessions)
-- ARGV[8] sender (what the message begins with: process and user)
-- ARGV[9] payload (encoded data and device)
-- RETURNS {now_ms, record, ended id...}
-- ATOMIC because two sign-ins at once would both find room for one.
local user, id, digest = KEYS[1], ARGV[2], ARGV[3]
local idle_ms, absolute_ms, max_per_user = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local channel, sender, payload = ARGV[7], ARGV[8], ARGV[9]

local all = redis.pcall('HGETALL', user)
if all.err then
  redis.call('DEL', user)
  all = {}
end
local live, latest, pointers = {}, 0, {}
for i = 1, #all, 2 do
  local field = all[i]
  local created, expires = string.match(all[i + 1], '^s1|%x+|[%x-]+|%d+|(%d+)|%d+|(%d+)|')
  if string.len(field) == 32 and field ~= id then
    if created and now_ms < tonumber(expires) then
      live[#live + 1] = { field = field, created = tonumber(created), expires = tonumber(expires) }
    else
      redis.call('HDEL', user, field)
    end
  elseif string.sub(field, 1, 1) == 'p' then
    pointers[field] = all[i + 1]
  end
end
table.sort(live, function(a, b)
  if a.created ~= b.created then
    return a.created < b.created
  end
  return a.field < b.field
end)
local ended = {}
while #live >= max_per_user do
  local oldest = table.remove(live, 1)
  redis.call('HDEL', user, oldest.field)
  ended[#ended + 1] = oldest.field
end
local kept = {}
for _, session in ipairs(live) do
  latest = math.max(latest, session.expires)
  kept[session.field] = true
end
for field, target in pairs(pointers) do
  if not kept[target] then
    redis.call('HDEL', user, field)
  end
end
if #ended > 0 then
  redis.call('PUBLISH', channel, sender .. '|some|' .. table.concat(ended, ','))
end
local absolute_until = now_ms + absolute_ms
local expires = math.min(now_ms + idle_ms, absolute_until)
local times = string.format('%.0f|%.0f|%.0f|%.0f', now_ms, now_ms, expires, absolute_until)
local head = 's1|' .. digest .. '|-|0|' .. times .. '|1|'
local record = head .. payload
redis.call('HSET', user, id, record)
redis.call('PEXPIRE', user, string.format('%.0f', math.max(latest, expires) - now_ms))
local reply = { string.format('%.0f', now_ms), record }
for _, field in ipairs(ended) do
  reply[#reply + 1] = field
end
return reply
