-- Tells how far a bucket has come, for processes that may have missed a message.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- ARGV[1] now ('' or ms, unused)
-- RETURNS {epoch, seq}, both '' without meta
-- ATOMIC because epoch and seq belong together.
local meta = KEYS[1]
local head = redis.pcall('ZMSCORE', meta, 'e', 's')
if head.err or not (head[1] and head[2]) then
  return { '', '' }
end
return { string.format('%.0f', tonumber(head[1])), string.format('%.0f', tonumber(head[2])) }
