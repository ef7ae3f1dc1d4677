-- Reads consecutive entries of a period: from the top, after or before a cursor, or around a member.
-- KEYS[1] order
-- KEYS[2] places
-- KEYS[...] levels where ranks are dense, then metadata where it is kept
-- ARGV[1] now
-- ARGV[2] direction (desc or asc)
-- ARGV[3] rank (ordinal, competition or dense)
-- ARGV[4] from (top, after, before or around)
-- ARGV[5] at (after, before: the tie-breaking member; around: the member)
-- ARGV[6] at_score (after, before: the score there)
-- ARGV[7] count (entries; around: entries on either side)
-- RETURNS {version and total (0 around a member), places before the first, rank of the first,
--   {place, score, place, score …}, {metadata or '' of each, where it is kept}}
-- ATOMIC because ranks, entries and version must be of one moment. A cursor whose place is gone is put back
--   for the time of the script, which finds its exact rank among equal scores.

-- Where a cursor's place is, or would be, counted from 0, and whether it is there.
local function place_of(order, rank_command, place, score)
  local lacking = not redis.call('ZSCORE', order, place) and redis.call('ZADD', order, score, place)
  local index = redis.call(rank_command, order, place)
  if lacking then
    redis.call('ZREM', order, place)
  end
  return index, not lacking
end

-- First and last index of the range.
local function bounds_of(order, places, rank_command, from, at, at_score, count)
  if from == 'top' then
    return 0, count - 1
  end
  if from == 'around' then
    local held = redis.call('HGET', places, at)
    local middle = held and redis.call(rank_command, order, string.sub(held, 1, 17) .. at)
    if not middle then
      return 1, 0
    end
    return math.max(0, middle - count), middle + count
  end
  local index, is_there = place_of(order, rank_command, at, at_score)
  if from == 'after' then
    local first = is_there and index + 1 or index
    return first, first + count - 1
  end
  return math.max(0, index - count), index - 1
end
-- EACH CALL
local order, places = KEYS[1], KEYS[2]
local desc, mode, from, at, at_score, count = ARGV[2] == 'desc', ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
local levels = mode == 'dense' and KEYS[3]
local metadata = #KEYS > (levels and 3 or 2) and KEYS[#KEYS]

local first, last = bounds_of(order, places, desc and 'ZREVRANK' or 'ZRANK', from, at, at_score, count)
local found = last >= first and redis.call(desc and 'ZREVRANGE' or 'ZRANGE', order, first, last, 'WITHSCORES') or {}
local rank = first + 1
if first > 0 and found[2] and mode ~= 'ordinal' then
  local set = levels or order
  if desc then
    rank = redis.call('ZCOUNT', set, '(' .. found[2], '+inf') + 1
  else
    rank = redis.call('ZCOUNT', set, '-inf', '(' .. found[2]) + 1
  end
end
local version, total = '0', 0
if from ~= 'around' then
  version, total = string.match(redis.call('HGET', places, '') or '0', '^%d+'), redis.call('ZCARD', order)
end
local kept = {}
if metadata and #found > 0 then
  for i = 1, #found, 2 do
    kept[#kept + 1] = string.sub(found[i], 18)
  end
  kept = redis.call('HMGET', metadata, unpack(kept))
  for i = 1, #kept do
    kept[i] = kept[i] or ''
  end
end
return { version, total, first, rank, found, kept }
