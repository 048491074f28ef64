/** What make fuzz and the faults have found, each by its name. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '@yabumi/dns'
import { parseDotQmail } from '@yabumi/dotfile'
import { OrderDecoder } from '@yabumi/spawnprotocol'
import { execa } from 'execa'
import t from 'tap'
import { StepCounter } from '../fuzz/steps.ts'
import { checkout, ScratchHome } from '../support/home.ts'

t.test('an order for a local worker that comes byte by byte is not gone through again for each byte', async (t) => {
  const counter = new StepCounter()
  const stepsOf = (length: number): Promise<number> => {
    const order = Buffer.from(`1\0${'a'.repeat(length)}`)
    return counter.of(() => {
      const decoder = new OrderDecoder()
      for (const byte of order) decoder.push(Buffer.from([byte]))
    })
  }
  const small = await stepsOf(1_000)
  const large = await stepsOf(10_000)
  counter.stop()
  t.ok(large <= 12 * small, `${small} steps for 1,000 bytes, ${large} for 10,000`)
})

t.test('a domain of many labels that is no name is said to be none at once, and does not keep rspawn busy for ever', async (t) => {
  for (const end of ['\x80', ' ', '\\', '..', '.x y']) t.same(await ask(`${'a.'.repeat(100)}a${end}`, 'MX'), { kind: 'nxdomain' })
  t.same(await ask(`${'a'.repeat(64)}.example`, 'MX'), { kind: 'nxdomain' })
  t.same(await ask('.example', 'MX'), { kind: 'nxdomain' })
})

t.test('blanks within a line of a dotfile are gone through once', async (t) => {
  const line = `&joe${' '.repeat(1_000_000)}x` // hours, when each blank was taken for the first one of the last
  t.throws(() => [...parseDotQmail(`${line}\n`, false)], { message: /^Uh-oh: line 1 of \.qmail is no address: &joe {96}\. / })
  t.same([...parseDotQmail(`./joe${' '.repeat(1_000_000)}x\n`, false)].length, 1)
})

t.test('a Node that cannot start in the place of queue, and ends with the number of an error, bounces nobody’s mail', async (t) => {
  const home = await ScratchHome.make(t)
  rmSync(join(home.directory, 'bin'))
  mkdirSync(join(home.directory, 'bin'))
  for (const [code, exit] of [
    [11, 100], // an address that is too long: the only one that our queue calls permanent
    [12, 111], // ENOMEM
    [23, 111], // ENFILE
    [24, 111], // EMFILE
    [28, 111], // ENOSPC
    [40, 111],
    [53, 111],
  ] as const) {
    writeFileSync(join(home.directory, 'bin/queue'), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 })
    const file = join(checkout, 'bin/inject')
    const { exitCode } = await execa(file, ['joe'], { env: home.environment, extendEnv: false, input: 'Subject: x\n\n', reject: false })
    t.equal(exitCode, exit, `queue exits ${code}`)
  }
})
