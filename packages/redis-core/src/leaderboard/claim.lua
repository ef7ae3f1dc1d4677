-- Claims the finalization of a period that has ended: closes it and keeps its winners, at the first claim.
-- KEYS[1] order
-- KEYS[2] places
-- KEYS[3] final
-- KEYS[4] archive
-- KEYS[...] metadata where the board keeps it
-- ARGV[1] now
-- ARGV[2] holder (random name of the caller, by which it is recognised when it comes again)
-- ARGV[3] lease (ms, for which nobody else gets the claim)
-- ARGV[4] closes (ms, from when on the period takes no scores)
-- ARGV[5] expiry (ms, when the period's keys go)
-- ARGV[6] direction (desc or asc)
-- ARGV[7] winners (kept at most)
-- ARGV[8] keep (ms, for which the archive is kept)
-- RETURNS {"claimed", archive, number of the claim}, {"done", archive}, {"busy", until (ms)},
--   {"open", closes (ms)}, or {"gone"} when the period's keep time is over and nobody had finalized it
-- ATOMIC because closing, the winners as they were and the claim must be one step. Sent twice by one holder it
--   renews his claim.
local order, places, final, archive_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local metadata = KEYS[5]
local holder, lease, closes, expiry = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local desc, winners, keep = ARGV[6] == 'desc', tonumber(ARGV[7]), tonumber(ARGV[8])

local state = redis.call('HMGET', final, 'done', 'holder', 'until', 'claim')
local archive = redis.call('GET', archive_key)
if state[1] and archive then
  return { 'done', archive }
end
if now_ms < closes then
  return { 'open', string.format('%.0f', closes) }
end
if state[2] and state[2] ~= holder and tonumber(state[3]) > now_ms then
  return { 'busy', state[3] }
end
if not archive then
  if now_ms >= expiry then
    return { 'gone' }
  end
  local version = string.match(redis.call('HGET', places, '') or '0', '^%d+')
  redis.call('HSET', places, '', version .. '!')
  redis.call('PEXPIRE', places, string.format('%.0f', expiry - now_ms))
  local kept = { string.format('%.0f', now_ms), string.format('%.0f', redis.call('ZCARD', order)) }
  local found = redis.call(desc and 'ZREVRANGE' or 'ZRANGE', order, 0, winners - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    kept[#kept + 1] = found[i]
    kept[#kept + 1] = found[i + 1]
    kept[#kept + 1] = metadata and redis.call('HGET', metadata, string.sub(found[i], 18)) or ''
  end
  archive = cjson.encode(kept)
  -- Never before the period itself, or it could be finalized a second time.
  redis.call('SET', archive_key, archive, 'PX', string.format('%.0f', math.max(keep, expiry + 86400000 - now_ms)))
end
local number = state[4]
if state[2] ~= holder then
  number = string.format('%.0f', math.max(tonumber(number or '0') + 1, now_us))
end
redis.call('HSET', final, 'holder', holder, 'until', string.format('%.0f', now_ms + lease), 'claim', number)
redis.call('PEXPIRE', final, redis.call('PTTL', archive_key))
return { 'claimed', archive, number }
