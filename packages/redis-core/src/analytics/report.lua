-- Reads the figures of the buckets of one or more stretches of time.
-- KEYS[...] per bucket: its figures, its visitors
-- ARGV[1] now (unused)
-- ARGV[...] per stretch: how many buckets it has
-- RETURNS per stretch: distinct visitors of all its buckets, then per bucket: views, visits, bounces, spent,
--   visitors
-- ATOMIC because a total and the parts it is compared with must be of one moment.
local reply, k = {}, 1
for s = 2, #ARGV do
  local buckets = tonumber(ARGV[s])
  local sketches = {}
  for b = 1, buckets do
    sketches[b] = KEYS[k + b * 2 - 1]
  end
  reply[#reply + 1] = redis.call('PFCOUNT', unpack(sketches))
  for b = 1, buckets do
    local figures = redis.call('HMGET', KEYS[k + b * 2 - 2], 'views', 'visits', 'bounces', 'spent')
    for f = 1, 4 do
      reply[#reply + 1] = figures[f] or '0'
    end
    reply[#reply + 1] = redis.call('PFCOUNT', sketches[b])
  end
  k = k + buckets * 2
end
return reply
