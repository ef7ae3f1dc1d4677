-- Takes all connections of an incarnation from a room, then ends every grace that is over. Idempotent.
-- KEYS[1] connections
-- KEYS[2] users
-- KEYS[3] order
-- KEYS[4] leaving
-- KEYS[5] version
-- KEYS[6] events
-- KEYS[7] fence
-- ARGV[1] now
-- ARGV[2] incarnation (empty: only end graces)
-- ARGV[3] grace (ms) for users who lose their last connection here, 0 for none
-- ARGV[4] ttl (ms)
-- ARGV[5] fence_ttl (ms)
-- ARGV[6] ring (PUBLISH or SPUBLISH)
-- RETURNS {ms to the end of the next grace or "", version, connections taken, users who left …}
-- ATOMIC because a leave must be told exactly once whoever sweeps, and a late join of the incarnation must
--   find its fence.
local connections, users, order, leaving, version, events, fence =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local incarnation, grace, ttl, fence_ttl, ring = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local answer = { '', '', '0' }
local taken = 0

local function publish(kind, user, told, since, meta)
  local previous = redis.call('GET', version) or '0'
  local current = string.format('%.0f', redis.call('INCR', version))
  redis.call('PEXPIRE', version, ttl)
  redis.call(ring, events, cjson.encode({ kind, current, previous, user, told, since, meta }))
end
local function leave(user, told, since, meta)
  redis.call('HDEL', users, user)
  redis.call('ZREM', order, user)
  publish('leave', user, told, since, meta)
  answer[#answer + 1] = user
end

if incarnation ~= '' then
  redis.call('SET', fence, '1', 'PX', fence_ttl)
  local prefix = incarnation .. ':'
  local lost = {}
  local fields = redis.call('HGETALL', connections)
  for n = 1, #fields, 2 do
    if string.sub(fields[n], 1, #prefix) == prefix then
      redis.call('HDEL', connections, fields[n])
      local state, length, rest = string.match(fields[n + 1], '^(%a)|(%d+)|(.*)$')
      local user = string.sub(rest, 1, tonumber(length))
      taken = taken + 1
      lost[user] = lost[user] or { a = 0, i = 0, w = 0 }
      lost[user][state] = lost[user][state] + 1
    end
  end
  for user, minus in pairs(lost) do
    local record = redis.call('HGET', users, user)
    if record then
      local a, i, w, since, told, meta = string.match(record, '^(%d+)|(%d+)|(%d+)|(%d+)|(%w*)|(.*)$')
      a, i, w = a - minus.a, i - minus.i, w - minus.w
      local total = a + i + w
      local ends = math.max(now_ms + grace, tonumber(redis.call('ZSCORE', leaving, user) or '0'))
      if total == 0 and ends <= now_ms then
        redis.call('ZREM', leaving, user)
        leave(user, told, since, meta)
      else
        if total > 0 then
          told = (a > 0 and 'a' or i > 0 and 'i' or 'w') .. total
          publish('update', user, told, since, meta)
        else
          redis.call('ZADD', leaving, string.format('%.0f', ends), user)
          redis.call('PEXPIRE', leaving, ttl)
        end
        redis.call('HSET', users, user, a .. '|' .. i .. '|' .. w .. '|' .. since .. '|' .. told .. '|' .. meta)
      end
    end
  end
end

local due = redis.call('ZRANGEBYSCORE', leaving, '-inf', string.format('%.0f', now_ms))
for _, user in ipairs(due) do
  redis.call('ZREM', leaving, user)
  local record = redis.call('HGET', users, user)
  if record then
    local a, i, w, since, told, meta = string.match(record, '^(%d+)|(%d+)|(%d+)|(%d+)|(%w*)|(.*)$')
    if a + i + w == 0 then
      leave(user, told, since, meta)
    end
  end
end
local next_end = redis.call('ZRANGE', leaving, 0, 0, 'WITHSCORES')[2]
answer[1] = next_end and string.format('%.0f', next_end - now_ms) or ''
answer[2] = redis.call('GET', version) or '0'
answer[3] = tostring(taken)
return answer
