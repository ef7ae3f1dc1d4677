-- Ends a claim: the period is finalized, or the claim is free for the next caller.
-- KEYS[1] final
-- ARGV[1] now
-- ARGV[2] holder
-- ARGV[3] outcome (done or free)
-- RETURNS 1 when the claim was still the holder's, else 0
-- ATOMIC because somebody else's claim must not be freed. Sent twice it does the same.
local final, holder, outcome = KEYS[1], ARGV[2], ARGV[3]
local is_holder = redis.call('HGET', final, 'holder') == holder
if outcome == 'done' and redis.call('EXISTS', final) == 1 then
  redis.call('HSET', final, 'done', '1')
end
if is_holder then
  redis.call('HSET', final, 'until', '0')
end
return is_holder and 1 or 0
