-- Ends sessions of a user for good, and takes from every reader of the record the right to put one back.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] mode (ids: those given; all; others: all but the first id given; secret: that of the digest
--   given; others-of-secret: all but that)
-- ARGV[3] channel (where to tell of it; '' tells nobody)
-- ARGV[4] sender (what the message begins with: process, operation and user)
-- ARGV[5...] id (32 hex characters each), or a digest (64)
-- RETURNS {kept id or '', ended live id...}
-- ATOMIC because a session made or restored in between must be wholly before or wholly after.
local user, mode, channel, sender = KEYS[1], ARGV[2], ARGV[3], ARGV[4]

local all = redis.pcall('HGETALL', user)
if all.err then
  redis.call('DEL', user)
  all = {}
end
local records, pointers = {}, {}
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 1, 1) == 'p' then
    pointers[all[i]] = string.sub(all[i + 1], 2)
  elseif all[i] ~= 't' then
    records[all[i]] = all[i + 1]
  end
end

local function expiry_of(record)
  return string.sub(record, 1, 2) == 's2' and tonumber(string.sub(record, 49, 62)) or 0
end

local function id_of_secret(digest)
  local id = string.sub(digest, 1, 32)
  id = pointers[id] or id
  local record = records[id]
  if not record or now_ms >= expiry_of(record) then
    return nil
  end
  local previous, till = string.match(record, '^|%d+|([%x-]+)|(%d+)|', 105)
  if string.sub(digest, 33) == string.sub(record, 3, 34) or digest == previous and now_ms < tonumber(till) then
    return id
  end
end

local doomed, kept = {}, ''
if mode == 'ids' then
  for i = 5, #ARGV do
    doomed[ARGV[i]] = true
  end
elseif mode == 'secret' then
  local id = id_of_secret(ARGV[5])
  if not id then
    return { '' }
  end
  doomed[id] = true
else
  if mode == 'others' then
    kept = ARGV[5]
  elseif mode == 'others-of-secret' then
    kept = id_of_secret(ARGV[5])
    if not kept then
      return { '' }
    end
  end
  for id in pairs(records) do
    doomed[id] = id ~= kept or nil
  end
end

redis.call('HDEL', user, 't')
local ended, latest = { kept }, 0
for id, record in pairs(records) do
  local expires = expiry_of(record)
  if doomed[id] or now_ms >= expires then
    redis.call('HDEL', user, id)
    if doomed[id] and now_ms < expires then
      ended[#ended + 1] = id
    end
  else
    latest = math.max(latest, expires)
  end
end
for pointer, id in pairs(pointers) do
  if doomed[id] or not records[id] then
    redis.call('HDEL', user, pointer)
  end
end
if latest > 0 then
  redis.call('PEXPIRE', user, string.format('%.0f', math.max(1000, latest - now_ms)))
end
if channel ~= '' then
  local told
  if mode == 'all' then
    told = 'all|'
  elseif mode == 'others' or mode == 'others-of-secret' then
    told = 'others|' .. kept
  else
    local ids = {}
    for id in pairs(doomed) do
      ids[#ids + 1] = id
    end
    told = 'some|' .. table.concat(ids, ',')
  end
  redis.call('PUBLISH', channel, sender .. '|' .. told)
end
return ended
