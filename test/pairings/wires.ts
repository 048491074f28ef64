/**
 * What passes between send and its three programs, byte by byte: ours, logged by tee(1), and qmail's spawn programs as they were recorded
 * (test/golden), answering our send through a program that knows nothing of ours.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'
import { ours, replace } from './support/bin.ts'
import { recordedReports } from './support/recorded.ts'

/** A home in which everything on the pipes of these programs is also written to files. */
async function tapped(t: Test, programs: readonly string[]) {
  const home = await ScratchHome.make(t, 'joe')
  const logs = join(home.root, 'wires')
  mkdirSync(logs)
  chmodSync(logs, 0o777)
  const script = (name: string): string => `#!/bin/sh\ntee ${logs}/${name}.in | ${ours(name)} "$@" | tee ${logs}/${name}.out\n`
  replace(home, Object.fromEntries(programs.map((name) => [name, script(name)])))
  return { home, heard: (name: string, way: 'in' | 'out') => readFileSync(join(logs, `${name}.${way}`), 'latin1') }
}

/** `S/N` of the first message in a log. */
function place(log: string): { id: string; file: string } {
  const id = /new msg (\d+)/.exec(log)?.[1] ?? ''
  return { id, file: `${Number(id) % 23}/${id}` }
}

t.test('send, lspawn, rspawn and clean say what the specification says, and no byte more', async (t) => {
  const { home, heard } = await tapped(t, ['lspawn', 'rspawn', 'clean'])
  const remote = join(home.root, 'remote')
  writeFileSync(remote, "#!/bin/sh\nprintf 'r\\0Kfine.\\nhost said: 250 ok\\n\\0'\n", { mode: 0o755 })
  const running = await home.supervise({ env: { QMAILREMOTE: remote } })
  await home.inject(['-fs@x.example', `joe@${hostName}`, 'r@far.example'], 'Subject: two\n\nhello\n')
  await running.emptied()
  await running.stop()
  const { id, file } = place(running.log)
  t.equal(heard('lspawn', 'in'), `\0${file}\0s@x.example\0joe@${hostName}\0`)
  t.equal(heard('lspawn', 'out'), 'x\0Kdid 1+0+0\n\0')
  t.equal(heard('rspawn', 'in'), `\0${file}\0s@x.example\0r@far.example\0`)
  t.equal(heard('rspawn', 'out'), 'x\0Kfine.\nhost said: 250 ok\n\0')
  t.equal(heard('clean', 'in'), `todo/${id}\0foop/${id}\0`)
  t.equal(heard('clean', 'out'), '++')
})

t.test('a clean that does not know spare files, as qmail-clean, is asked for them once', async (t) => {
  const { home, heard } = await tapped(t, ['clean'])
  rmSync(join(home.directory, 'queue/spare'), { recursive: true, force: true })
  const running = await home.supervise()
  const ids: string[] = []
  for (const subject of ['one', 'two']) {
    await home.inject(['-fs@x.example', `joe@${hostName}`], `Subject: ${subject}\n\nhello\n`)
    await running.emptied()
    ids.push(
      running.log
        .match(/new msg (\d+)/g)
        ?.at(-1)
        ?.slice(8) ?? '',
    )
  }
  await running.stop()
  const [first, second] = ids
  t.equal(heard('clean', 'in'), `spare/${first}\0todo/${first}\0foop/${first}\0todo/${second}\0foop/${second}\0`)
  t.equal(heard('clean', 'out'), 'x++++')
})

/** A spawn program made of recorded reports: `lspawn-005@anywhere` is answered with what qmail-lspawn wrote in lspawn/005. */
function recordedSpawn(reports: ReadonlyMap<string, string>): string {
  return `#!/usr/bin/env node
const reports = new Map(${JSON.stringify([...reports])})
process.stdout.write('x')
let rest = ''
process.stdin.setEncoding('latin1').on('data', (text) => {
  rest += text
  for (let command; (command = /^([^])[^\\0]+\\0[^\\0]*\\0([^\\0]*)\\0/.exec(rest)) !== null; rest = rest.slice(command[0].length)) {
    const number = /-(\\d+)@/.exec(command[2])[1]
    process.stdout.write(Buffer.from(command[1] + reports.get(number), 'latin1'))
  }
})
`
}

/** A clean as the specification has it, and no more: one byte for each command, in order. */
const strictClean = `#!/usr/bin/env node
const { rmSync } = require('node:fs')
let rest = ''
process.stdin.setEncoding('latin1').on('data', (text) => {
  rest += text
  for (let end; (end = rest.indexOf('\\0')) >= 0; rest = rest.slice(end + 1)) {
    const [, verb, id] = /^(todo|foop)\\/(\\d+)$/.exec(rest.slice(0, end)) ?? []
    const second = verb === 'todo' ? 'todo/' + id : 'mess/' + (id % 23) + '/' + id
    for (const path of verb ? ['intd/' + id, second] : []) rmSync('queue/' + path, { force: true })
    process.stdout.write(verb ? '+' : 'x')
  }
})
`

t.test("send takes the recorded reports of qmail's spawn programs, beside a clean that knows qmail's commands only", async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const local = recordedReports('lspawn')
  const remote = recordedReports('rspawn')
  t.ok(local.size >= 6 && remote.size >= 8, `${local.size} and ${remote.size} recorded reports`)
  replace(home, { lspawn: recordedSpawn(local), rspawn: recordedSpawn(remote), clean: strictClean })
  const running = await home.supervise()
  for (const [channel, host, reports] of [
    ['local', hostName, local],
    ['remote', 'far.example', remote],
  ] as const) {
    const recipient = (number: string): string => `${channel}-${number}@${host}`
    await home.inject(['-fs@x.example', ...[...reports.keys()].map(recipient)], `Subject: ${channel}\n\nhello\n`)
    for (const [number, report] of reports) {
      const [start] = await running.logs(new RegExp(`starting delivery (\\d+): msg \\d+ to ${channel} ${recipient(number)}\\n`))
      const verdict = { K: 'success', Z: 'deferral', D: 'failure' }[report[0] ?? '']
      const text = report.slice(1, -1).replaceAll('\n', '/').replaceAll(' ', '_')
      const expected = `delivery ${start?.[1]}: ${verdict}: ${text}\n`
      await until(
        () => `${expected} in\n${running.log}`,
        () => running.log.includes(expected),
      )
      t.pass(`${channel} ${number}`)
    }
  }
})
