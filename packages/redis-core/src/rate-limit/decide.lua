-- Asks all rules of a call, and debits every one of them or none; or gives back or corrects what was debited.
-- KEYS[1...] of each rule: state, control; with statistics also: counts, denied
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] mode ('take' debits if all rules pass; 'peek' never; 'refund' gives back; 'settle' corrects a take)
-- ARGV[3] cost (whole number)
-- ARGV[4] rules (of each, comma between: algorithm, limit (cost), window (ms; bucket: units a token is), rate)
-- ARGV[5...] reservation (name of the log entries of this call; '' refunds the newest ones)
--   then, to settle: actual (cost), taken (ms, or '' for now)
--   then, with statistics: retention (ms), most (identities in `denied`), and the identity of each rule
-- RETURNS {now (ms), then of each rule: remaining, retry after (ms; -1: never), reset after (ms), then of each rule
--   with an override: its number, limit, window, rate}
-- ATOMIC because all rules must be judged and debited on the same counts, in one round trip.
local redis_call, format, match, byte = redis.call, string.format, string.match, string.byte
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local cost, reservation, actual, taken

-- What is used once the actual cost stands for the one taken: never more than the limit by settling.
local function settled(used, limit, unit)
  return max(0, min(used + (actual - cost) * unit, max(used, limit)))
end

-- PART fixed
-- PART sliding
-- PART log
-- PART bucket

-- Concurrency: a log whose entries are leases, taken out as soon as the work is done.
local function make_concurrency()
  local log = make_log()
  return setmetatable({ settle = log.refund }, { __index = log })
end

-- Made when a call needs one: functions cost more to make than to run.
local makers = {
  ['fixed-window'] = make_fixed,
  ['sliding-window'] = make_sliding,
  ['sliding-window-log'] = make_log,
  ['token-bucket'] = make_bucket,
  concurrency = make_concurrency,
}
local algorithms = setmetatable({}, {
  __index = function(made, name)
    local algorithm = makers[name]()
    made[name] = algorithm
    return algorithm
  end,
})

-- Rules by their text. The calls of one run share them, and each writes its own figures into them.
local known = {}
local function rules_of(text)
  local rules = {}
  for name, limit, window, rate in string.gmatch(text, '([%a-]+) (%d+) (%d+) (%d+)') do
    rules[#rules + 1] = {
      algorithm = algorithms[name],
      decide = algorithms[name].decide,
      declared_limit = tonumber(limit),
      declared_window = tonumber(window),
      declared_rate = tonumber(rate),
    }
  end
  known[text] = rules
  return rules
end

-- Where there is a control, states that are text begin with "!" (`control.lua` sees to it): one that does not needs no
-- look for a control, when a rule is asked alone.
-- Control: "<blocked until (ms)> <override until (ms)> <limit> <window> <rate>".
local function apply_control(rule, control)
  local blocked, override, limit, window, rate = match(control, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  rule.blocked = max(0, blocked - now_ms)
  -- Figures for a bucket say nothing of a window, and the other way round: the rule was another at that time.
  if tonumber(override) > now_ms and (rate == '0') == (rule.declared_rate == 0) then
    rule.override = override - now_ms
    rule.limit, rule.window, rule.rate = tonumber(limit), tonumber(window), tonumber(rate)
  end
end

local function retry_of(rule)
  if cost <= rule.limit then
    return max(rule.algorithm.retry(rule), rule.blocked)
  elseif rule.override > 0 then
    return max(rule.override, rule.blocked)
  end
  return -1
end

-- PART statistics

local function count(rule, allowed, counts, denied, identity, retention, most)
  if allowed then
    count_decisions(counts, 'allowed', 1, retention)
  elseif rule.retry > 0 then
    count_decisions(counts, 'denied', 1, retention)
    if most > 0 then
      count_identity(denied, identity, 1, most, retention)
    end
  end
end
-- EACH CALL
local mode, rules = ARGV[2], known[ARGV[4]] or rules_of(ARGV[4])
cost, reservation = tonumber(ARGV[3]), ARGV[5]
local keys_each, asks, allowed = #KEYS / #rules, mode == 'take' or mode == 'peek', true
local only = #rules == 1 and rules[1]
if only and only.decide and mode == 'take' and keys_each == 2 and cost <= only.declared_limit then
  local reply = only.decide(only, KEYS[1], KEYS[2])
  if reply then
    return reply
  end
end
if mode == 'settle' then
  actual, taken = tonumber(ARGV[6]), tonumber(ARGV[7]) or now_ms
end
for number = 1, #rules do
  local rule, at = rules[number], (number - 1) * keys_each
  rule.state, rule.blocked, rule.override, rule.moved = KEYS[at + 1], 0, 0, false
  rule.limit, rule.window, rule.rate = rule.declared_limit, rule.declared_window, rule.declared_rate
  local control = redis_call('GET', KEYS[at + 2])
  rule.mark = control and '!' or ''
  if control then
    apply_control(rule, control)
  end
  rule.algorithm.read(rule)
  if asks then
    rule.retry = retry_of(rule)
    allowed = allowed and rule.retry == 0
  end
end
local takes = mode == 'take' and allowed and cost > 0
for number = 1, #rules do
  local rule = rules[number]
  local algorithm = rule.algorithm
  if takes or not asks then
    algorithm[mode](rule)
  end
  if algorithm.write and (takes or rule.moved or not asks) then
    algorithm.write(rule)
  end
end
if not asks then
  return now_ms
end
local reply = { now_ms }
for number = 1, #rules do
  local rule = rules[number]
  reply[number * 3 - 1] = rule.blocked > 0 and 0 or max(0, rule.algorithm.remaining(rule))
  reply[number * 3] = rule.retry
  reply[number * 3 + 1] = max(rule.blocked, rule.algorithm.reset(rule))
end
for number = 1, #rules do
  local rule = rules[number]
  if rule.override > 0 then
    local filled = #reply
    reply[filled + 1], reply[filled + 2] = number, rule.limit
    reply[filled + 3], reply[filled + 4] = rule.window, rule.rate
  end
  if keys_each == 4 and mode == 'take' then
    local retention, most = tonumber(ARGV[6]), tonumber(ARGV[7])
    count(rule, allowed, KEYS[number * 4 - 1], KEYS[number * 4], ARGV[7 + number], retention, most)
  end
end
return reply
