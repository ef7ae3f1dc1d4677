-- Reads the figures of one page on some days.
-- KEYS[...] per day: pages, pages_missed, page_hours, page_visitors
-- ARGV[1] now (unused)
-- ARGV[2] page
-- RETURNS distinct visitors of all days, then per day: views, visitors, views of each of the 24 hours
-- ATOMIC because the hours must add up to their day.
local page = ARGV[2]
local fields, sketches = {}, {}
for h = 0, 23 do
  fields[h + 1] = string.format('%02d:', h) .. page
end
for k = 4, #KEYS, 4 do
  sketches[#sketches + 1] = KEYS[k]
end
local reply = { redis.call('PFCOUNT', unpack(sketches)) }
for k = 1, #KEYS, 4 do
  local listed = tonumber(redis.call('ZSCORE', KEYS[k], page) or 0)
  local missed = tonumber(redis.call('ZSCORE', KEYS[k + 1], page) or 0)
  reply[#reply + 1] = string.format('%.0f', listed - math.floor(missed / 67108864))
  reply[#reply + 1] = redis.call('PFCOUNT', KEYS[k + 3])
  for _, views in ipairs(redis.call('HMGET', KEYS[k + 2], unpack(fields))) do
    reply[#reply + 1] = views or '0'
  end
end
return reply
