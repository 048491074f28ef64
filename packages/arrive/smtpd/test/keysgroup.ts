/** The group that reads keys is smtpd's alone: a program in place of queue and one that checks recipients have it in no place. */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const [uid, gid, keys] = [60_021, 60_022, 60_023]

t.test('QMAILQUEUE and RCPTCHECK cannot read the keys', { skip: process.getuid?.() !== 0 && 'only root becomes others' }, async (t) => {
  const home = new ScratchHome(t)
  const at = (...path: string[]): string => join(home.path, ...path)
  mkdirSync(at('accounts'))
  for (const [name, text] of [
    ['smtp', ''],
    ['keys', ''],
    ['groups', `smtp:${gid}\n`],
  ] as const)
    writeFileSync(at('accounts', name), text)
  chownSync(at('accounts/smtp'), uid, 0)
  chownSync(at('accounts/keys'), 0, keys)
  home.control('key', 'secret\n')
  chownSync(at('control/key'), 0, keys)
  chmodSync(at('control/key'), 0o640)
  mkdirSync(at('seen'))
  chownSync(at('seen'), uid, gid)
  const looks = (name: string, rest: string): void => {
    const look = `grep -E '^(Gid|Groups):' /proc/self/status >'${at('seen', name)}'\ncat '${at('control/key')}' >>'${at('seen', name)}'`
    writeFileSync(at(name), `#!/bin/sh\n${look} 2>/dev/null\n${rest}\n`, { mode: 0o755 })
  }
  looks('checks', 'exit 0')
  looks('queues', 'cat >/dev/null\ncat <&1 >/dev/null\nexit 0')
  const server = new Resident(t, home, ['--no-ptr'], { QMAILQUEUE: at('queues'), RCPTCHECK: at('checks') })
  const client = server.client(await server.ready())
  await client.replies()
  const own = readFileSync(`/proc/${server.process.pid}/status`, 'latin1')
  t.match(own, `Gid:\t${gid}\t${keys}\t${gid}\t${keys}\n`, 'smtpd itself may')
  const replies = await client.ask('HELO c\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n.\r\n', 5)
  t.match(replies, /354 go ahead\r\n250 ok/)
  for (const program of ['checks', 'queues'])
    t.match(
      readFileSync(at('seen', program), 'latin1'),
      new RegExp(`^Gid:\t${gid}\t${gid}\t${gid}\t${gid}\nGroups:\t(?:${gid} )?\n$`),
      program,
    )
})
