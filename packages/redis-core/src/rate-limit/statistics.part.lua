-- Denied identities by Space-Saving (Metwally, Agrawal, El Abbadi 2005): who is denied often is always among them.
local function count_identity(key, identity, by, most, retention)
  local others = 0
  if not redis.call('ZSCORE', key, identity) then
    local length = redis.call('ZCARD', key)
    if length == 0 then
      redis.call('ZADD', key, by, identity)
      redis.call('PEXPIRE', key, retention)
      return
    elseif length >= most then
      others = redis.call('ZPOPMIN', key)[2]
    end
  end
  redis.call('ZINCRBY', key, others + by, identity)
end

local function count_decisions(key, field, by, retention)
  if by > 0 and redis.call('HINCRBY', key, field, by) == by then
    redis.call('PEXPIRE', key, retention)
  end
end
