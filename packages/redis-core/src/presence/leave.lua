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
-- RETURNS {"left", version}, {"leaving", end of the grace}, {"stays", version} or {"absent", ""}
-- ATOMIC because the connection, the user's count and the published version must agree: a leave is told
--   exactly once when the count is 0.
local connections, users, order, leaving, version, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local field, grace, ttl = ARGV[2], tonumber(ARGV[3]), ARGV[4]

local connection = redis.call('HGET', connections, field)
if not connection then
  return { 'absent', '' }
end
redis.call('HDEL', connections, field)
local state, user = string.sub(connection, 1, 1), string.sub(connection, 3)
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
  redis.call('PUBLISH', events, cjson.encode({ kind, current, previous, user, now_told, since, meta }))
  return current
end

if total > 0 then
  local now_told = (count.a > 0 and 'a' or count.i > 0 and 'i' or 'w') .. total
  save(now_told)
  return { 'stays', publish('update', now_told) }
end
if grace > 0 then
  save(told)
  local ends = string.format('%.0f', now_ms + grace)
  redis.call('ZADD', leaving, ends, user)
  redis.call('PEXPIRE', leaving, ttl)
  return { 'leaving', ends }
end
redis.call('HDEL', users, user)
redis.call('ZREM', order, user)
return { 'left', publish('leave', told) }
