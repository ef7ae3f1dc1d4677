/**
 * The form of a script that runs many of its calls, one after the other, in one run. `definitions` are made once,
 * `call` is the part that each call runs with its own KEYS and ARGV; both are Lua.
 *
 * ARGV[1] is the clock and ARGV[2] the number of calls. ARGV[3] says of each argument after the clock, and ARGV[4]
 * of each key, whether all calls have the same (`s`) or each its own (`o`). Then come the same ones, and then the
 * own ones of one call after the other; likewise the KEYS. The reply has the faults first, as lines
 * `<index> <message>`, then each call's reply. A call that fails hurts no other.
 */
export function manyCallsSource(definitions: string, call: string): string {
  return `${definitions}local function call(KEYS, ARGV)
${call}end
local keys, args = {}, { ARGV[1] }
local own_keys, own_args = {}, {}
local key, arg = 0, 4
for column = 1, #ARGV[3] do
  if string.sub(ARGV[3], column, column) == 'o' then
    own_args[#own_args + 1] = column + 1
  else
    arg = arg + 1
    args[column + 1] = ARGV[arg]
  end
end
for column = 1, #ARGV[4] do
  if string.sub(ARGV[4], column, column) == 'o' then
    own_keys[#own_keys + 1] = column
  else
    key = key + 1
    keys[column] = KEYS[key]
  end
end
local replies, faults = {}, {}
for number = 1, tonumber(ARGV[2]) do
  for own = 1, #own_args do
    args[own_args[own]] = ARGV[arg + own]
  end
  for own = 1, #own_keys do
    keys[own_keys[own]] = KEYS[key + own]
  end
  key, arg = key + #own_keys, arg + #own_args
  local done, reply = pcall(call, keys, args)
  if not done or type(reply) == 'table' and reply.err then
    local message = type(reply) == 'table' and reply.err or tostring(reply)
    faults[#faults + 1] = number - 1 .. ' ' .. string.gsub(message, '\\n', ' ')
    reply = false
  end
  replies[number + 1] = reply or false
end
replies[1] = table.concat(faults, '\\n')
return replies
`;
}
