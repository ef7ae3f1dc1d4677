-- Adds decisions that a process counted to the statistics of an hour.
-- KEYS[1...] of each rule: counts, denied
-- ARGV[1] now (unused: the hour is in the keys)
-- ARGV[2] retention (ms)
-- ARGV[3] most (identities in `denied`)
-- ARGV[4...] of each rule: allowed, denied, number of identities, and of each: itself, how often it was denied
-- RETURNS 1
-- ATOMIC because a key gets its expiry in the step that makes it.
-- PART statistics
local retention, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local at = 4
for number = 1, #KEYS / 2 do
  local counts, denied = KEYS[number * 2 - 1], KEYS[number * 2]
  count_decisions(counts, 'allowed', tonumber(ARGV[at]), retention)
  count_decisions(counts, 'denied', tonumber(ARGV[at + 1]), retention)
  local last = at + 2 + 2 * tonumber(ARGV[at + 2])
  if most > 0 then
    for identity = at + 3, last, 2 do
      count_identity(denied, ARGV[identity], tonumber(ARGV[identity + 1]), most, retention)
    end
  end
  at = last + 1
end
return 1
