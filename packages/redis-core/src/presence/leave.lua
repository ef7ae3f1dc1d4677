-- Ends a connection; a user without connections leaves, at once or after the grace.
-- KEYS[1] connections
-- KEYS[2] users
-- KEYS[3] order
-- KEYS[4] leaving
-- KEYS[5] version
-- KEYS[6] events
-- ARGV[1] now
-- ARGV[2] field (incarnation:connection)
-- ARGV[3] grace (ms, 0 for none)
-- ARGV[4] ttl (ms)
-- ARGV[5] ring (PUBLISH or SPUBLISH)
-- RETURNS {"left", version}, {"leaving", ms to the end of the grace}, {"stays", version} or {"absent", ""}
-- ATOMIC because the connection, the user's count and the published version must agree: a leave is told
--   exactly once when the count is 0.
-- EACH CALL
local connections, users, order, leaving, version, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local field, grace, ttl, ring = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

local connection = redis.call('HGET', connections, field)
if not connection then
  return { 'absent', '' }
end
redis.call('HDEL', connections, field)
local state, length, rest = string.match(connection, '^(%a)|(%d+)|(.*)$')
local user = string.sub(rest, 1, tonumber(length))
local record = redis.call('HGET', users, user)
if not record then
  return { 'absent', '' }
end
local a, i, w, since, told, meta = string.match(record, '^(%d+)|(%d+)|(%d+)|(%d+)|(%w*)|(.*)$')
local count = { a = tonumber(a), i = tonumber(i), w = tonumber(w) }
count[state] = count[state] - 1
local total = count.a + count.i + count.w

local function save(now_told)
  redis.call('HSET', users, user,
    count.a .. '|' .. count.i .. '|' .. count.w .. '|' .. since .. '|' .. now_told .. '|' .. meta)
end
local function publish(kind, now_told)
  local previous = redis.call('GET', version) or '0'
  local current = string.format('%.0f', redis.call('INCR', version))
  redis.call('PEXPIRE', version, ttl)
  redis.call(ring, events, cjson.encode({ kind, current, previous, user, now_told, since, meta }))
  return current
end

if total > 0 then
  local now_told = (count.a > 0 and 'a' or count.i > 0 and 'i' or 'w') .. total
  save(now_told)
  return { 'stays', publish('update', now_told) }
end
-- A heartbeat may keep him longer than the grace would.
local ends = math.max(now_ms + grace, tonumber(redis.call('ZSCORE', leaving, user) or '0'))
if ends > now_ms then
  save(told)
  redis.call('ZADD', leaving, string.format('%.0f', ends), user)
  redis.call('PEXPIRE', leaving, ttl)
  return { 'leaving', string.format('%.0f', ends - now_ms) }
end
redis.call('HDEL', users, user)
redis.call('ZREM', order, user)
redis.call('ZREM', leaving, user)
return { 'left', publish('leave', told) }
