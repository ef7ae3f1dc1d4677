-- Tells how far a bucket has come, for processes that may have missed a message.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- ARGV[1] now ('' or ms, unused)
-- RETURNS {epoch, seq}, both 0 without meta
-- ATOMIC because epoch and seq belong together.
local scores = redis.pcall('ZMSCORE', KEYS[1], 'e', 's')
if scores.err or not (scores[1] and scores[2]) then
  return { 0, 0 }
end
return { tonumber(scores[1]), tonumber(scores[2]) }
