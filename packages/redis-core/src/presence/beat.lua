-- Keeps a user present for a while without a connection; one who was not there joins.
-- KEYS[1] users
-- KEYS[2] order
-- KEYS[3] leaving
-- KEYS[4] version
-- KEYS[5] events
-- KEYS[6] connections
-- ARGV[1] now
-- ARGV[2] user
-- ARGV[3] has_meta (1 when meta is given, 0 keeps the user's)
-- ARGV[4] meta (encoded)
-- ARGV[5] lasts (ms, from now)
-- ARGV[6] ttl (ms)
-- ARGV[7] ring (PUBLISH or SPUBLISH)
-- RETURNS {"joined", "updated" or "same", version}
-- ATOMIC because the user's record and the published version must agree, and a join is told once.
-- EACH CALL
local users, order, leaving, version, events, connections = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local user, has_meta, meta, lasts, ttl, ring = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local ends = now_ms + lasts
local known_ends = redis.call('ZSCORE', leaving, user)
if not known_ends or tonumber(known_ends) < ends then
  redis.call('ZADD', leaving, string.format('%.0f', ends), user)
end
local record = redis.call('HGET', users, user)
local counts, since, told, old_meta = '0|0|0', string.format('%.0f', now_ms), 'a0', ''
if record then
  counts, since, told, old_meta = string.match(record, '^(%d+|%d+|%d+)|(%d+)|(%w*)|(.*)$')
end
if has_meta == '0' then
  meta = old_meta
end
local outcome = not record and 'joined' or meta ~= old_meta and 'updated' or 'same'
local current = redis.call('GET', version)
local previous = current or '0'
if not current then
  current = string.format('%.0f', now_ms)
  redis.call('SET', version, current)
end
if outcome ~= 'same' then
  redis.call('HSET', users, user, counts .. '|' .. since .. '|' .. told .. '|' .. meta)
  redis.call('INCR', version)
  current = redis.call('GET', version)
  redis.call(ring, events, cjson.encode({
    outcome == 'joined' and 'join' or 'update', current, previous, user, told, since, meta,
  }))
end
if outcome == 'joined' then
  redis.call('ZADD', order, since, user)
end
for _, key in ipairs({ connections, users, order, leaving, version }) do
  redis.call('PEXPIRE', key, ttl)
end
return { outcome, current }
