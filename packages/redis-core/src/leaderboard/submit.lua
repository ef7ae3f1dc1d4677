-- Writes one score to every period of a board, exactly once per operation id.
-- KEYS[1] events
-- KEYS[2] operation (untouched when its ttl is 0)
-- KEYS[...] per period: scores, members, version
-- ARGV[1] now
-- ARGV[2] member
-- ARGV[3] score (a double as text)
-- ARGV[4] update (set, best or increment)
-- ARGV[5] order (desc or asc)
-- ARGV[6] rank (ordinal or competition)
-- ARGV[7] operation_ttl (ms, 0 without an operation id)
-- ARGV[...] per period: name, start (ms), end (ms, 0 for none), expiry (ms, 0 for none)
-- RETURNS {"ok", per period: score, rank, previous rank or 0, 1 if improved}, {"clock", now} when a period
--   is not the one of the server's now, {"reused"} when the operation id belongs to another submit
-- ATOMIC because score, tie-breaking member and version must agree, and the operation id must be stored with
--   what it did.
local events, operation = KEYS[1], KEYS[2]
local member, given, update, order, rank_mode = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local operation_ttl = tonumber(ARGV[7])
local desc = order == 'desc'
local fingerprint = member .. '\n' .. given

if operation_ttl > 0 then
  local stored = redis.call('GET', operation)
  if stored then
    local answer = cjson.decode(stored)
    if table.remove(answer, 1) ~= fingerprint then
      return { 'reused' }
    end
    return answer
  end
end

local periods = (#KEYS - 2) / 3
for p = 0, periods - 1 do
  local starts, ends = tonumber(ARGV[9 + p * 4]), tonumber(ARGV[10 + p * 4])
  if now_ms < starts or (ends > 0 and now_ms >= ends) then
    return { 'clock', string.format('%.0f', now_ms) }
  end
end

local function rank_of(scores, place, score)
  if rank_mode == 'competition' then
    if desc then
      return redis.call('ZCOUNT', scores, '(' .. score, '+inf') + 1
    end
    return redis.call('ZCOUNT', scores, '-inf', '(' .. score) + 1
  end
  return redis.call(desc and 'ZREVRANK' or 'ZRANK', scores, place) + 1
end

local answer = { 'ok' }
local changed = {}
local any = false
for p = 0, periods - 1 do
  local scores, members, version = KEYS[3 + p * 3], KEYS[4 + p * 3], KEYS[5 + p * 3]
  local name, expiry = ARGV[8 + p * 4], tonumber(ARGV[11 + p * 4])
  local place = redis.call('HGET', members, member)
  local old = place and redis.call('ZSCORE', scores, place)
  local previous_rank = old and rank_of(scores, place, old) or 0
  local new = tonumber(given)
  if update == 'increment' and old then
    new = tonumber(old) + new
  end
  local better = not old or (desc and new > tonumber(old)) or (not desc and new < tonumber(old))
  local writes = better or (update ~= 'best' and new ~= tonumber(old))
  local text = old
  if writes then
    text = string.format('%.17g', new)
    local sequence = redis.call('INCR', version)
    if old then
      redis.call('ZREM', scores, place)
    end
    place = string.format('%016.0f', desc and 9007199254740991 - sequence or sequence) .. ':' .. member
    redis.call('ZADD', scores, text, place)
    redis.call('HSET', members, member, place)
    if expiry > 0 then
      redis.call('PEXPIREAT', scores, expiry)
      redis.call('PEXPIREAT', members, expiry)
      redis.call('PEXPIREAT', version, expiry)
    end
    changed[name] = sequence
    any = true
  end
  answer[#answer + 1] = text
  answer[#answer + 1] = string.format('%.0f', rank_of(scores, place, text))
  answer[#answer + 1] = string.format('%.0f', previous_rank)
  answer[#answer + 1] = better and '1' or '0'
end

if operation_ttl > 0 then
  table.insert(answer, 1, fingerprint)
  redis.call('SET', operation, cjson.encode(answer), 'PX', operation_ttl)
  table.remove(answer, 1)
end
if any then
  redis.call('PUBLISH', events, cjson.encode(changed))
end
return answer
