/** send is killed again and again in the middle of its work; nothing is lost, and what is finished stays finished. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const messages = 40
const kills = 12

/** Numbers that are the same in every run. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    yield state / 2 ** 32
  }
}

/** What becomes of a recipient, by its name: `ok3@`, `no3@` fails, `wait3@` is deferred at first. */
function verdict(recipient: string, attempts: number): 'K' | 'Z' | 'D' {
  if (recipient.startsWith('no')) return 'D'
  return recipient.startsWith('wait') && attempts < 2 ? 'Z' : 'K'
}

for (const seed of [1, 2, 3]) {
  t.test(`killed ${kills} times, send loses nothing and redoes nothing that is in the log (seed ${seed})`, async (t) => {
    const random = pseudoRandom(seed)
    const home = new Home({ concurrencylocal: '6\n', concurrencyremote: '6\n' })
    const script = join(home.path, 'keep')
    writeFileSync(script, '#!/bin/sh\ncat >mess.$$ && cat <&1 >>envelopes && cat mess.$$ >>bounces && rm mess.$$\n')
    chmodSync(script, 0o755)
    const wanted = new Set<string>()
    /** Messages with one recipient: tried before they are preprocessed, finished when clean has unlinked todo/. */
    const alone = new Map<string, string>()
    for (let n = 0; n < messages; n += 1) {
      const recipients = [`ok${n}@me.test`, `wait${n}@me.test`, `ok${n}@y.test`, `no${n}@y.test`].filter(() => random.next().value < 0.7)
      for (const recipient of recipients) wanted.add(recipient)
      const id = home.todo({ sender: 'a@b.test', recipients })
      if (recipients.length === 1) alone.set(recipients[0] as string, id)
    }

    const attempts = new Map<string, number>()
    const delivered = new Map<string, number>()
    const finished = new Set<string>()
    const redone: string[] = []

    /** One life of send: answer everything, until so many events have passed or nothing is left. */
    async function live(events: number): Promise<void> {
      const send = new Send(home, { env: { QMAILQUEUE: './keep' } })
      let left = events
      await send.until(() => {
        for (const channel of ['local', 'remote'] as const) {
          for (let command = send.commands[channel].shift(); command !== undefined; command = send.commands[channel].shift()) {
            const { recipient, delivery } = command
            if (finished.has(recipient)) redone.push(recipient)
            const attempt = (attempts.get(recipient) ?? 0) + 1
            attempts.set(recipient, attempt)
            const status = verdict(recipient, attempt)
            if (status === 'K') delivered.set(recipient, (delivered.get(recipient) ?? 0) + 1)
            send.report(channel, delivery, status, `said ${recipient}\n`)
            if (status === 'Z' && events === Number.POSITIVE_INFINITY) setTimeout(() => send.child.kill('SIGALRM'), 50)
            left -= 1
          }
        }
        return left <= 0 || isDone()
      })
      await send.stop(left <= 0 ? 'SIGKILL' : 'SIGTERM')
      // a failure is in the log before it is on the disk, a success after
      for (const [, recipient = ''] of send.log.matchAll(/^delivery \d+: success: said_(\S+)\/$/gm)) {
        const id = alone.get(recipient)
        if (id === undefined || send.log.includes(`end msg ${id}\n`)) finished.add(recipient)
      }
    }

    const isDone = (): boolean => home.files().every((name) => name.startsWith('mess/') || name.startsWith('intd/'))
    for (let n = 0; n < kills; n += 1) await live(1 + Math.floor(random.next().value * 12))
    await live(Number.POSITIVE_INFINITY)

    const bounces = readFileSync(join(home.path, 'bounces')).toString('latin1')
    for (const recipient of wanted) {
      if (recipient.startsWith('no')) t.match(bounces, `<${recipient}>:\nsaid ${recipient}\n`, `${recipient} is told to the sender`)
      else t.ok((delivered.get(recipient) ?? 0) >= 1, `${recipient} is delivered`)
    }
    t.same(redone, [], 'nothing that was in the log as finished is tried again')
    const twice = [...delivered.values()].filter((count) => count > 1).length
    t.ok(twice <= kills * 12, 'only what was in flight can be delivered twice')
    t.same(readdirSync(join(home.path, 'queue/todo')), [])
    home.remove()
  })
}
