-- Adds to an item's count, once per operation id and once per viewer in the dedupe window.
-- KEYS[1] values
-- KEYS[2] seen (unused, and any key of the counter, when window is 0)
-- KEYS[3] operation (unused likewise when has_operation is 0)
-- KEYS[...] pending when write_behind is 1, then trend when half_life is not 0, then touched when forget is not 0
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] item
-- ARGV[3] by (whole number)
-- ARGV[4] keep (ms, for which counts stay after this increment)
-- ARGV[5] max_items (one more, and the lowest are cut)
-- ARGV[6] window (ms, in which this viewer counts once; 0 without a viewer)
-- ARGV[7] takes_back (1: counts only if this viewer was counted, and forgets that; else 0)
-- ARGV[8] has_operation (1 or 0)
-- ARGV[9] write_behind (1 or 0)
-- ARGV[10] half_life (ms, in which what was counted weighs half; 0 for no trend)
-- ARGV[11] forget (ms after which an item that was not counted is gone; 0 for never)
-- RETURNS the item's count as text, or '' when the operation id belongs to another increment
-- ATOMIC because the checks for viewer and operation and all that is added must not be parted.
local operation_kept_ms = '86400000'
-- What weighs less than 2^-20 is not worth its place in a trend.
local least_weight = 20

-- Whether this call counts; remembers or forgets the viewer.
local function passes_viewer(seen, window, takes_back)
  local is_counted = tonumber(redis.call('GET', seen) or '0') > now_ms
  if takes_back then
    if is_counted then
      redis.call('DEL', seen)
    end
    return is_counted
  end
  if not is_counted then
    redis.call('SET', seen, string.format('%.0f', now_ms + window), 'PX', window)
  end
  return not is_counted
end

-- Forward decay: an increment weighs 2^(its time / half-life). The sum is kept as its logarithm, which never
-- overflows, and sums never change their order as time goes on.
local function add_to_trend(trend, item, by, half_life, max_items)
  local time = now_ms / half_life
  local held = redis.call('ZSCORE', trend, item)
  local decayed = (held and 2 ^ (tonumber(held) - time) or 0) + by
  if decayed > 0 then
    redis.call('ZADD', trend, string.format('%.17g', time + math.log(decayed) / math.log(2)), item)
  elseif held then
    redis.call('ZREM', trend, item)
  end
  if not held then
    redis.call('ZREMRANGEBYSCORE', trend, '-inf', string.format('%.17g', time - least_weight))
    redis.call('ZREMRANGEBYRANK', trend, 0, -max_items - 1)
  end
end

local function drop(values, trend, touched, item)
  redis.call('ZREM', values, item)
  redis.call('ZREM', touched, item)
  if trend then
    redis.call('ZREM', trend, item)
  end
end

-- Forgets the item if its time is over, and a few others whose time is.
local function forget_old(values, trend, touched, item, forget)
  local last = redis.call('ZSCORE', touched, item)
  if last and tonumber(last) <= now_ms - forget then
    drop(values, trend, touched, item)
  end
  local over = string.format('%.0f', now_ms - forget)
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', touched, '-inf', over, 'LIMIT', 0, 10)) do
    drop(values, trend, touched, old)
  end
end

-- Makes room for newcomers when there are too many items: the lowest go, a tenth of them (1000 at most), or every
-- newcomer would be the lowest and could never grow. The one that is counted now stays, unless there is no such room.
local function cut(values, touched, item, count, max_items)
  local over = redis.call('ZCARD', values) - max_items
  if over <= 0 then
    return
  end
  local room = math.min(1000, math.floor(max_items / 10))
  local dropped = redis.call('ZPOPMIN', values, over + room)
  for i = 1, #dropped, 2 do
    if dropped[i] == item and room > 0 then
      redis.call('ZADD', values, count, item)
    elseif touched then
      redis.call('ZREM', touched, dropped[i])
    end
  end
end
-- EACH CALL
local values, seen, operation = KEYS[1], KEYS[2], KEYS[3]
local item, by, keep, max_items = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local window, has_operation = ARGV[6], ARGV[8] == '1'
local half_life, forget = tonumber(ARGV[10]), tonumber(ARGV[11])
local pending = ARGV[9] == '1' and KEYS[4]
local trend = half_life > 0 and KEYS[pending and 5 or 4]
local touched = forget > 0 and KEYS[#KEYS]
local fingerprint = by .. ' ' .. item

if has_operation then
  local stored = redis.call('GET', operation)
  if stored then
    local count, given = string.match(stored, '^(%S+) (.*)$')
    return given == fingerprint and count or ''
  end
end
if touched then
  forget_old(values, trend, touched, item, forget)
end

local count
if window ~= '0' and not passes_viewer(seen, tonumber(window), ARGV[7] == '1') then
  count = redis.call('ZSCORE', values, item) or '0'
else
  count = redis.call('ZINCRBY', values, by, item)
  redis.call('PEXPIRE', values, keep)
  if touched then
    redis.call('ZADD', touched, string.format('%.0f', now_ms), item)
    redis.call('PEXPIRE', touched, keep)
  end
  if count == by then
    cut(values, touched, item, count, max_items)
  end
  if trend then
    add_to_trend(trend, item, tonumber(by), half_life, max_items)
    redis.call('PEXPIRE', trend, keep)
  end
  if pending then
    if redis.call('HINCRBY', pending, item, by) == 0 then
      redis.call('HDEL', pending, item)
    end
    redis.call('PEXPIRE', pending, keep)
  end
end
if has_operation then
  redis.call('SET', operation, count .. ' ' .. fingerprint, 'PX', operation_kept_ms)
end
return count
