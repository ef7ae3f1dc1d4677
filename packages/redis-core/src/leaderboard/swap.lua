-- Puts the staging copy of a period in the place of the period.
-- KEYS[1] staged_scores
-- KEYS[2] staged_members
-- KEYS[3] scores
-- KEYS[4] members
-- KEYS[5] version
-- KEYS[6] events
-- ARGV[1] now
-- ARGV[2] count (entries staged; 0 empties the period)
-- ARGV[3] last (highest sequence staged)
-- ARGV[4] expiry (ms, 0 for none)
-- ARGV[5] period
-- RETURNS 1, or 0 when the staging copy is gone and nothing was changed
-- ATOMIC because readers must see the old board or the new one, and later submits must get higher sequences.
local staged_scores, staged_members, scores, members, version, events =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local count, last, expiry, period = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if redis.call('ZCARD', staged_scores) ~= count then
  return 0
end
local now_version = math.max(tonumber(redis.call('GET', version) or '0'), last) + 1
redis.call('DEL', scores, members)
redis.call('SET', version, string.format('%.0f', now_version))
if count > 0 then
  redis.call('RENAME', staged_scores, scores)
  redis.call('RENAME', staged_members, members)
  redis.call('PERSIST', scores)
  redis.call('PERSIST', members)
end
if expiry > 0 then
  redis.call('PEXPIREAT', scores, expiry)
  redis.call('PEXPIREAT', members, expiry)
  redis.call('PEXPIREAT', version, expiry)
end
redis.call('PUBLISH', events, cjson.encode({ [period] = now_version }))
return 1
