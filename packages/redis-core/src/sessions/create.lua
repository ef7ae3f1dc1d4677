-- Adds a session; where the user has as many as he may, ends one of them or refuses.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] digest (SHA-256 of the secret, 64 hex characters; the first 32 are the id)
-- ARGV[3] touch_every_ms (ms between two notes of use)
-- ARGV[4] idle_ms (ms)
-- ARGV[5] absolute_ms (ms)
-- ARGV[6] max_per_user (number)
-- ARGV[7] on_max (revoke-oldest, revoke-idlest or refuse)
-- ARGV[8] channel (where to tell of ended sessions)
-- ARGV[9] sender (what the message begins with: process, operation and user)
-- ARGV[10] payload (encoded data and device)
-- RETURNS {record, ended id...}; {''} when refused
-- ATOMIC because two sign-ins at once would both find room for one.
local ask, sub, number = redis.call, string.sub, tonumber

local function read_all(user)
  local all = redis.pcall('HGETALL', user)
  if all.err then
    ask('DEL', user)
    return {}
  end
  return all
end

local function by_rank(a, b)
  if a.rank ~= b.rank then
    return a.rank < b.rank
  end
  return a.field < b.field
end

-- EACH CALL
local user, digest, on_max = KEYS[1], ARGV[2], ARGV[7]
local touch_every_ms, idle_ms, absolute_ms, max_per_user =
  number(ARGV[3]), number(ARGV[4]), number(ARGV[5]), number(ARGV[6])
local id = sub(digest, 1, 32)
local live, latest, pointers = {}, 0, {}
local all = read_all(user)
for i = 1, #all, 2 do
  local field, record = all[i], all[i + 1]
  if sub(record, 1, 1) == 'p' then
    pointers[field] = sub(record, 2)
  elseif field ~= 't' then
    local expires, seen, created =
      number(sub(record, 49, 62)), number(sub(record, 63, 76)), number(sub(record, 77, 90))
    if sub(record, 1, 2) ~= 's2' or not (expires and seen and created) or now_ms >= expires then
      ask('HDEL', user, field)
    elseif field == id then
      -- Sent a second time: the first made it.
      return { record }
    else
      live[#live + 1] = { field = field, expires = expires, rank = on_max == 'revoke-idlest' and seen or created }
    end
  end
end
if #live >= max_per_user and on_max == 'refuse' then
  return { '' }
end
table.sort(live, by_rank)
local ended = {}
while #live >= max_per_user do
  local first = table.remove(live, 1)
  ask('HDEL', user, first.field)
  ended[#ended + 1] = first.field
end
local kept = {}
for _, session in ipairs(live) do
  latest = math.max(latest, session.expires)
  kept[session.field] = true
end
for field, target in pairs(pointers) do
  if not kept[target] then
    ask('HDEL', user, field)
  end
end
if #ended > 0 then
  ask('PUBLISH', ARGV[8], ARGV[9] .. '|some|' .. table.concat(ended, ','))
end
local absolute_until = now_ms + absolute_ms
local expires = math.min(now_ms + idle_ms, absolute_until)
local times = string.format('%014.0f%014.0f%014.0f%014.0f%014.0f', math.min(now_ms + touch_every_ms, expires), expires,
  now_ms, now_ms, absolute_until)
local record = 's2' .. sub(digest, 33) .. times .. '|1|-|0|' .. ARGV[10]
ask('HSET', user, id, record)
ask('PEXPIRE', user, string.format('%.0f', math.max(latest, expires) - now_ms))
return { record, unpack(ended) }
