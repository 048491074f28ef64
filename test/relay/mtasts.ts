/** MTA-STS from the DNS and a web server to what rspawn does with mail, in a name space with public addresses (support/mtastsspace.ts). */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { missing } from '../support/programs.ts'

const enter = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']

function why(): string | false {
  if (process.getuid?.() !== 0) return 'only root makes a network name space'
  const [program = '', ...args] = enter
  return missing('unshare', 'ip') || (spawnSync(program, [...args, 'true']).status === 0 ? false : 'this machine allows no name space')
}

const skip = why()
if (skip !== false) t.test('MTA-STS in a name space', { skip }, () => {})
else {
  const [program = '', ...args] = enter
  const file = join(import.meta.dirname, 'support/mtastsspace.ts')
  process.exitCode = spawnSync(program, [...args, process.execPath, ...process.execArgv, file], { stdio: 'inherit' }).status ?? 111
}
