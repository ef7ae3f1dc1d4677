-- Adds a connection to a room, or updates it; a user's first connection is a join.
-- KEYS[1] connections
-- KEYS[2] users
-- KEYS[3] order
-- KEYS[4] leaving
-- KEYS[5] version
-- KEYS[6] fence
-- KEYS[7] events
-- ARGV[1] now
-- ARGV[2] field (incarnation:connection)
-- ARGV[3] user
-- ARGV[4] state (a active, i idle, w away)
-- ARGV[5] has_meta (1 when meta is given, 0 keeps what the connection and the user have)
-- ARGV[6] meta (encoded)
-- ARGV[7] ttl (ms)
-- ARGV[8] ring (PUBLISH or SPUBLISH)
-- RETURNS {"fenced"} when the incarnation was swept from the room, else {"joined", "updated" or "same", version}
-- ATOMIC because the connection, the user's count and the published version must agree: a join is told
--   exactly when the user was not there, neither by a connection nor within a grace.
-- EACH CALL
local connections, users, order, leaving, version, fence, events =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local field, user, state, has_meta, meta = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local ttl, ring = ARGV[7], ARGV[8]

if redis.call('EXISTS', fence) == 1 then
  return { 'fenced' }
end

local record = redis.call('HGET', users, user)
local count = { a = 0, i = 0, w = 0 }
local since, told, old_meta = string.format('%.0f', now_ms), '', ''
if record then
  local a, i, w
  a, i, w, since, told, old_meta = string.match(record, '^(%d+)|(%d+)|(%d+)|(%d+)|(%w*)|(.*)$')
  count = { a = tonumber(a), i = tonumber(i), w = tonumber(w) }
end

local own_meta = meta
local connection = redis.call('HGET', connections, field)
if connection then
  local old_state, length, rest = string.match(connection, '^(%a)|(%d+)|(.*)$')
  count[old_state] = count[old_state] - 1
  if has_meta == '0' then
    own_meta = string.sub(rest, tonumber(length) + 1)
  end
end
redis.call('HSET', connections, field, state .. '|' .. #user .. '|' .. user .. own_meta)
count[state] = count[state] + 1
if has_meta == '0' then
  meta = old_meta
end

local total = count.a + count.i + count.w
local now_told = (count.a > 0 and 'a' or count.i > 0 and 'i' or 'w') .. total
local outcome = 'same'
if not record then
  outcome = 'joined'
  redis.call('ZADD', order, since, user)
elseif now_told ~= told or meta ~= old_meta then
  outcome = 'updated'
end
redis.call('HSET', users, user,
  count.a .. '|' .. count.i .. '|' .. count.w .. '|' .. since .. '|' .. now_told .. '|' .. meta)

local current = redis.call('GET', version)
local previous = current or '0'
if not current then
  current = string.format('%.0f', now_ms)
  redis.call('SET', version, current)
end
if outcome ~= 'same' then
  redis.call('INCR', version)
  current = redis.call('GET', version)
  redis.call(ring, events, cjson.encode({
    outcome == 'joined' and 'join' or 'update', current, previous, user, now_told, since, meta,
  }))
end
for _, key in ipairs({ connections, users, order, leaving, version }) do
  redis.call('PEXPIRE', key, ttl)
end
return { outcome, current }
