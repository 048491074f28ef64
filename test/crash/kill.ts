/** kill -9 of any one program in the middle of a load: nothing that was acknowledged is lost, nothing torn is delivered. */
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { below } from '../support/processes.ts'
import type { Running } from '../support/running.ts'
import { until } from '../support/wait.ts'

const messages = 300
const sizeBytes = 2000

for (const program of ['smtpd', 'queue', 'send', 'clean', 'lspawn', 'local', 'rspawn']) {
  t.test(`kill -9 of ${program} during a load loses nothing acknowledged and delivers nothing torn`, async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const running = await home.supervise()
    let killed = false
    const account = await runLoad({
      host: '127.0.0.1',
      port: running.smtpPort,
      sessions: 20,
      messages,
      sizeBytes,
      recipient: () => `joe@${hostName}`,
      perConnection: 5,
      acknowledged: (n) => {
        if (n >= messages / 3 && !killed) killed = kill(running, program)
      },
    })
    t.ok(killed, `${program} was running and was killed`)
    t.equal(account.acknowledged.size, messages, 'every message was taken in the end')
    await retryUntilDone(home, running)
    const whole = new Map<number, number>()
    const stored = home.maildir('joe')
    for (const text of stored) {
      const n = numberOfWhole(text, sizeBytes)
      if (n === undefined) t.fail('a torn message was delivered', { text })
      else whole.set(n, (whole.get(n) ?? 0) + 1)
    }
    const lost = [...account.acknowledged].filter((n) => !whole.has(n))
    t.same(lost, [], 'nothing acknowledged is lost')
    t.comment(`${stored.length - whole.size} delivered twice`)
  })
}

/** @returns false if it does not run at this moment */
function kill(running: Running, program: string): boolean {
  const victim = below(running.pid).find((process) => process.program === program)
  if (victim === undefined) return false
  process.kill(victim.pid, 'SIGKILL')
  return true
}

/** A delivery that the kill cut off is deferred; ALRM spares the wait for its next attempt. */
async function retryUntilDone(home: ScratchHome, running: Running): Promise<void> {
  await until(
    () => `every message is finished; the log so far:\n${running.log.slice(-4000)}`,
    () => {
      running.signal('SIGALRM')
      return home.pending().length === 0
    },
  )
}
