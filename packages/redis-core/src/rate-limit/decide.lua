-- Asks all rules of a call, and debits every one of them or none; or gives back or corrects what was debited.
-- KEYS[1...] of each rule: state, block
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] mode ('take' debits if all rules pass; 'peek' never; 'refund' gives back; 'settle' corrects a take)
-- ARGV[3] cost (whole number)
-- ARGV[4] reservation (name of the log entries of this call; '' refunds the newest ones)
-- ARGV[5] actual (cost to settle for, where `cost` was taken)
-- ARGV[6] taken (ms, when it was taken)
-- ARGV[7...] of each rule: algorithm, limit (cost), window (ms; bucket: time in which rate refills), rate
-- RETURNS {1 if allowed else 0, now (ms), then of each rule: remaining, retry after (ms), reset after (ms)}
-- ATOMIC because all rules must be judged and debited on the same counts, in one round trip.
local mode, cost, reservation = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local actual, taken = tonumber(ARGV[5]), tonumber(ARGV[6])

-- What is used once the actual cost stands for the one taken: never more than the limit by settling.
local function settled(used, limit, unit)
  return math.max(0, math.min(used + (actual - cost) * unit, math.max(used, limit)))
end

-- Fixed and sliding window: "<number of the window> <count in it> <count in the one before>".
local function read_counter(rule)
  rule.index = math.floor(now_ms / rule.window)
  rule.elapsed = now_ms - rule.index * rule.window
  rule.current, rule.previous = 0, 0
  local saved = redis.call('GET', rule.state)
  if not saved then
    return
  end
  local index, current, previous = string.match(saved, '^(%d+) (%d+) (%d+)$')
  if tonumber(index) >= rule.index then
    rule.current, rule.previous = tonumber(current), tonumber(previous)
  elseif tonumber(index) == rule.index - 1 and rule.slides then
    rule.previous = tonumber(current)
  end
end

-- The first millisecond of a window at which what is left of the count before it fits into the room.
local function fading(count, room, window)
  local from = window - math.floor(room * window / count)
  if count * (window - from) > room * window then
    from = from + 1
  end
  return from
end

local function retry_counter(rule)
  local window, room = rule.window, rule.limit - cost - rule.current
  if room >= 0 and rule.previous * (window - rule.elapsed) <= room * window then
    return 0
  elseif not rule.slides then
    return window - rule.elapsed
  elseif room >= 0 then
    return fading(rule.previous, room, window) - rule.elapsed
  end
  return window - rule.elapsed + fading(rule.current, rule.limit - cost, window)
end

local function reset_counter(rule)
  if rule.current > 0 then
    return (rule.slides and 2 or 1) * rule.window - rule.elapsed
  end
  return rule.previous > 0 and rule.window - rule.elapsed or 0
end

local function write_counter(rule)
  local lasts = reset_counter(rule)
  if lasts == 0 then
    redis.call('DEL', rule.state)
  else
    local saved = string.format('%.0f %.0f %.0f', rule.index, rule.current, rule.previous)
    redis.call('SET', rule.state, saved, 'PX', lasts)
  end
end

local counter = {
  read = read_counter,
  retry = retry_counter,
  remaining = function(rule)
    local faded = math.ceil(rule.previous * (rule.window - rule.elapsed) / rule.window)
    return rule.limit - rule.current - faded
  end,
  reset = reset_counter,
  take = function(rule)
    rule.current = rule.current + cost
    write_counter(rule)
  end,
  refund = function(rule)
    local given = math.min(cost, rule.current)
    rule.current = rule.current - given
    rule.previous = math.max(0, rule.previous - (cost - given))
    write_counter(rule)
  end,
  settle = function(rule)
    local windows_ago = rule.index - math.floor(taken / rule.window)
    if windows_ago <= 0 then
      rule.current = settled(rule.current, rule.limit, 1)
    elseif windows_ago == 1 then
      rule.previous = rule.slides and settled(rule.previous, rule.limit, 1) or 0
    end
    write_counter(rule)
  end,
}

-- Sliding window log: a ZSET of one entry per unit of cost, scored by its time.
local function add_entries(rule, at, from, to)
  local score = string.format('%.0f', at)
  for first = from, to, 1000 do
    local entries = {}
    for number = first, math.min(to, first + 999) do
      entries[#entries + 1] = score
      entries[#entries + 1] = reservation .. ':' .. number
    end
    redis.call('ZADD', rule.state, unpack(entries))
  end
  local lasts = at + rule.window - now_ms
  if redis.call('PTTL', rule.state) < lasts then
    redis.call('PEXPIRE', rule.state, string.format('%.0f', lasts))
  end
end

local function remove_entries(rule, from, to)
  for number = from, to do
    redis.call('ZREM', rule.state, reservation .. ':' .. number)
  end
end

local log = {
  read = function(rule)
    rule.after = '(' .. string.format('%.0f', now_ms - rule.window)
    rule.used = redis.call('ZCOUNT', rule.state, rule.after, '+inf')
  end,
  retry = function(rule)
    local excess = rule.used + cost - rule.limit
    if excess <= 0 then
      return 0
    end
    local entry =
      redis.call('ZRANGEBYSCORE', rule.state, rule.after, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
    return entry[2] + rule.window - now_ms
  end,
  remaining = function(rule)
    return rule.limit - rule.used
  end,
  reset = function(rule)
    local newest = redis.call('ZREVRANGEBYSCORE', rule.state, '+inf', rule.after, 'WITHSCORES', 'LIMIT', 0, 1)
    return newest[2] and newest[2] + rule.window - now_ms or 0
  end,
  take = function(rule)
    redis.call('ZREMRANGEBYSCORE', rule.state, '-inf', string.format('%.0f', now_ms - rule.window))
    add_entries(rule, now_ms, 1, cost)
    rule.used = rule.used + cost
  end,
  refund = function(rule)
    if reservation == '' then
      redis.call('ZREMRANGEBYRANK', rule.state, -cost, -1)
    else
      remove_entries(rule, 1, cost)
    end
  end,
  settle = function(rule)
    remove_entries(rule, actual + 1, cost)
    if taken + rule.window > now_ms then
      add_entries(rule, taken, cost + 1, math.min(actual, cost + rule.limit - rule.used))
    end
  end,
}

-- Concurrency: a log whose entries are leases, taken out as soon as the work is done.
local concurrency = {
  read = log.read,
  retry = log.retry,
  remaining = log.remaining,
  reset = log.reset,
  take = log.take,
  refund = log.refund,
  settle = log.refund,
}

-- Token bucket: "<used> <at (ms)>". A token is `window` units of use, a millisecond takes `rate` of them
-- back, so that all figures are whole and exact.
local function write_bucket(rule)
  if rule.used == 0 then
    redis.call('DEL', rule.state)
  else
    local saved = string.format('%.0f %.0f', rule.used, now_ms)
    redis.call('SET', rule.state, saved, 'PX', string.format('%.0f', math.ceil(rule.used / rule.rate)))
  end
end

local bucket = {
  read = function(rule)
    rule.capacity, rule.used = rule.limit * rule.window, 0
    local saved = redis.call('GET', rule.state)
    if saved then
      local used, at = string.match(saved, '^(%d+) (%d+)$')
      used = math.min(tonumber(used), rule.capacity)
      rule.used = math.max(0, used - math.max(0, now_ms - at) * rule.rate)
    end
  end,
  retry = function(rule)
    return math.max(0, math.ceil((rule.used + cost * rule.window - rule.capacity) / rule.rate))
  end,
  remaining = function(rule)
    return math.floor((rule.capacity - rule.used) / rule.window)
  end,
  reset = function(rule)
    return math.ceil(rule.used / rule.rate)
  end,
  take = function(rule)
    rule.used = rule.used + cost * rule.window
    write_bucket(rule)
  end,
  refund = function(rule)
    rule.used = math.max(0, rule.used - cost * rule.window)
    write_bucket(rule)
  end,
  settle = function(rule)
    rule.used = settled(rule.used, rule.capacity, rule.window)
    write_bucket(rule)
  end,
}

local algorithms = {
  ['fixed-window'] = counter,
  ['sliding-window'] = counter,
  ['sliding-window-log'] = log,
  ['token-bucket'] = bucket,
  concurrency = concurrency,
}

local rules, allowed = {}, 1
for number = 1, #KEYS / 2 do
  local first = 7 + (number - 1) * 4
  local rule = {
    state = KEYS[number * 2 - 1],
    algorithm = algorithms[ARGV[first]],
    slides = ARGV[first] == 'sliding-window',
    limit = tonumber(ARGV[first + 1]),
    window = tonumber(ARGV[first + 2]),
    rate = tonumber(ARGV[first + 3]),
  }
  rules[number] = rule
  rule.algorithm.read(rule)
  if mode == 'take' or mode == 'peek' then
    local blocked_until = redis.call('GET', KEYS[number * 2])
    rule.blocked = blocked_until and math.max(0, blocked_until - now_ms) or 0
    rule.retry = math.max(rule.algorithm.retry(rule), rule.blocked)
    if rule.retry > 0 then
      allowed = 0
    end
  end
end

local reply = { allowed, now_ms }
for _, rule in ipairs(rules) do
  local algorithm = rule.algorithm
  if mode == 'refund' or mode == 'settle' then
    algorithm[mode](rule)
  else
    if mode == 'take' and allowed == 1 and cost > 0 then
      algorithm.take(rule)
    end
    reply[#reply + 1] = rule.blocked > 0 and 0 or math.max(0, algorithm.remaining(rule))
    reply[#reply + 1] = rule.retry
    reply[#reply + 1] = math.max(rule.blocked, algorithm.reset(rule))
  end
end
return reply
