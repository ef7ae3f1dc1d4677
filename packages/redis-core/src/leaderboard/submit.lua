-- Writes one score to every period of a board, exactly once per operation id.
-- KEYS[1] events
-- KEYS[2] operation (any key of the board when operation_ttl is 0)
-- KEYS[...] per period: order, places, then levels where ranks are dense, then metadata where it is kept
-- ARGV[1] now
-- ARGV[2] member
-- ARGV[3] score (a double as text)
-- ARGV[4] update (set, best or increment)
-- ARGV[5] direction (desc or asc)
-- ARGV[6] rank (ordinal, competition or dense)
-- ARGV[7] max_members (0 for any number)
-- ARGV[8] metadata ('' for none given)
-- ARGV[9] operation_ttl (ms, 0 without an operation id)
-- ARGV[10] main (number of the period whose rank before is wanted)
-- ARGV[11] kinds (of the periods, for whoever asks again with others)
-- ARGV[...] per period: its name as JSON, opens (ms), closes (ms, 0 for never), expiry (ms, 0 for none), and
--   1 when it was chosen as the period of the server's now
-- RETURNS {"ok", kinds, per period: open or closed, score or -, rank or -, rank before (main period; else, or without
--   one, 0), 1 if improved}, {"clock", now} when a period is not the one of the server's now, {"reused"} when the
--   operation id belongs to another submit
-- ATOMIC because order, tie-breaking member and version must agree, and the operation id must be stored with
--   what it did.
local redis_call, format, sub = redis.call, string.format, string.sub
-- The numbers of texts that the calls of a run have in common, mostly: reading them again costs more.
local numbers = setmetatable({}, {
  __index = function(known, text)
    known[text] = tonumber(text)
    return known[text]
  end,
})
-- The period that is being written: one table, for making many costs more than most commands.
local period = {}

local function rank_of(place, score)
  if period.rank == 'ordinal' then
    return redis_call(period.desc and 'ZREVRANK' or 'ZRANK', period.order, place) + 1
  end
  local set = period.levels or period.order
  if period.desc then
    return redis_call('ZCOUNT', set, '(' .. score, '+inf') + 1
  end
  return redis_call('ZCOUNT', set, '-inf', '(' .. score) + 1
end

local function expire(key)
  if period.expiry > 0 then
    redis_call('PEXPIRE', key, format('%.0f', period.expiry - now_ms))
  end
end

local function leave_level(score)
  if period.levels and redis_call('ZCOUNT', period.order, score, score) == 0 then
    redis_call('ZREMRANGEBYSCORE', period.levels, score, score)
  end
end

-- Drops the last members over the bound; true when this one is among them.
local function trim(most, member)
  local over = redis_call('ZCARD', period.order) - most
  local dropped = over > 0
    and redis_call(period.desc and 'ZPOPMIN' or 'ZPOPMAX', period.order, math.min(over, 1000)) or {}
  local gone = false
  for i = 1, #dropped, 2 do
    local last = sub(dropped[i], 18)
    redis_call('HDEL', period.places, last)
    if period.metadata then
      redis_call('HDEL', period.metadata, last)
    end
    leave_level(dropped[i + 1])
    gone = gone or last == member
  end
  return gone
end

-- As text that is read back as the same double. Whole numbers, which most scores are, are written faster as such.
local function text_of(score)
  if score % 1 == 0 and score > -1e15 and score < 1e15 then
    return format('%d', score)
  end
  return format('%.17g', score)
end

-- Puts a member at his new score, after all who have it already; gives his place, and the version as text.
local function move(member, place, old, text, sequence)
  local number = format('%016d:', period.desc and 9007199254740991 - sequence or sequence)
  local version = format('%d', sequence)
  local next_place = number .. member
  redis_call('ZADD', period.order, text, next_place)
  if old then
    redis_call('ZREM', period.order, place)
  end
  redis_call('HSET', period.places, member, number .. text, '', version)
  if period.levels then
    redis_call('ZADD', period.levels, text, text)
    if old then
      leave_level(old)
    end
  end
  -- Also now and then for members of old: a season's end may have been moved.
  if not old or sequence % 64 == 0 then
    expire(period.order)
    expire(period.places)
    if period.levels then
      expire(period.levels)
    end
  end
  return next_place, version
end

-- Adds the five parts of a period to the answer; gives its new version when it changed.
local function write(member, given, update, most, metadata, answer)
  local held = redis_call('HMGET', period.places, member, '')
  -- The version of a period that was finalized is no number.
  local sequence = tonumber(held[2] or '0')
  local old = held[1] and sub(held[1], 18)
  local place = old and sub(held[1], 1, 17) .. member
  local previous = old and (period.is_main or not (period.is_open and sequence)) and rank_of(place, old)
  local text, rank, better, version = old, previous, false, nil
  local writes = period.is_open and sequence ~= nil
  if writes then
    local new, before = numbers[given], old and tonumber(old)
    if old and update == 'increment' then
      new = before + new
    end
    better = not old or period.desc and new > before or not period.desc and new < before
    if better or update ~= 'best' and new ~= before then
      text, rank = text_of(new), nil
      place, version = move(member, place, old, text, sequence + 1)
    end
    if metadata ~= '' and period.metadata and (better or update ~= 'best') then
      if not version and redis_call('HGET', period.metadata, member) ~= metadata then
        version = format('%d', sequence + 1)
        redis_call('HSET', period.places, '', version)
      end
      if redis_call('HSET', period.metadata, member, metadata) == 1 then
        expire(period.metadata)
      end
    end
    if most > 0 and not old and trim(most, member) then
      text = false
    end
    rank = text and (rank or rank_of(place, text))
  end
  local at = #answer
  answer[at + 1] = writes and 'open' or 'closed'
  answer[at + 2] = text or '-'
  answer[at + 3] = text and rank or '-'
  answer[at + 4] = previous or 0
  answer[at + 5] = better and 1 or 0
  return version
end
-- EACH CALL
local events, operation = KEYS[1], KEYS[2]
local member, given, update, desc, rank = ARGV[2], ARGV[3], ARGV[4], ARGV[5] == 'desc', ARGV[6]
local most, metadata, operation_ttl, main = numbers[ARGV[7]], ARGV[8], ARGV[9], numbers[ARGV[10]]

if operation_ttl ~= '0' then
  local stored = redis_call('GET', operation)
  if stored then
    local cut = string.find(stored, '\n', 1, true)
    if sub(stored, cut + 1) ~= member .. '\n' .. given then
      return { 'reused' }
    end
    local answer = {}
    for text in string.gmatch(sub(stored, 1, cut - 1), '[^ ]+') do
      answer[#answer + 1] = text
    end
    return answer
  end
end

local periods = (#ARGV - 11) / 5
local keys_each = (#KEYS - 2) / periods
local open = {}
for p = 1, periods do
  local at = 7 + p * 5
  local closes = numbers[ARGV[at + 2]]
  open[p] = now_ms >= numbers[ARGV[at + 1]] and (closes == 0 or now_ms < closes)
  if not open[p] and ARGV[at + 4] == '1' then
    return { 'clock', format('%.0f', now_ms) }
  end
end

local answer, changed = { 'ok', ARGV[11] }, nil
for p = 1, periods do
  local key, at = 3 + (p - 1) * keys_each, 7 + p * 5
  local levels = rank == 'dense' and KEYS[key + 2] or nil
  period.desc, period.rank, period.is_main, period.is_open = desc, rank, p == main, open[p]
  period.expiry, period.order, period.places, period.levels = numbers[ARGV[at + 3]], KEYS[key], KEYS[key + 1], levels
  period.metadata = keys_each > (levels and 3 or 2) and KEYS[key + keys_each - 1] or nil
  local version = write(member, given, update, most, metadata, answer)
  if version then
    changed = (changed and changed .. ',' or '{') .. ARGV[at] .. ':' .. version
  end
end
if operation_ttl ~= '0' then
  local stored = table.concat(answer, ' ') .. '\n' .. member .. '\n' .. given
  redis_call('SET', operation, stored, 'PX', operation_ttl)
end
if changed then
  redis_call('PUBLISH', events, changed .. '}')
end
return answer
