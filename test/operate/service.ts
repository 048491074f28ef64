/** The whole system under the real svscan, s6-svscan and runsvdir, in the directories that bin/service writes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { Dialogue, oneLine, sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { processesOf } from '../support/processes.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

interface Supervisor {
  readonly kind: 'daemontools' | 's6' | 'runit'
  readonly programs: string[]
  readonly scan: string
  /** Send a service a signal, by the letter that svc, s6-svc and sv have for it. */
  signal(letter: string, directory: string): Promise<unknown>
  /** Process number of a service; undefined while it is down. */
  pid(directory: string): Promise<number | undefined>
  /** End every service and the scanner itself. */
  end(directory: string, names: string[], scanner: number): Promise<unknown>
}

const daemontools: Supervisor = {
  kind: 'daemontools',
  programs: ['svscan', 'svc', 'svstat', 'multilog'],
  scan: 'svscan',
  signal: (letter, directory) => execa('svc', [`-${letter}`, directory]),
  async pid(directory) {
    const { stdout } = await execa('svstat', [directory])
    return numberIn(/up \(pid (\d+)\)/.exec(stdout)?.[1])
  },
  async end(directory, names, scanner) {
    process.kill(scanner, 'SIGTERM') // first, or it would start the supervisors again
    await execa('svc', ['-dx', ...names.flatMap((name) => [join(directory, name), join(directory, name, 'log')])])
  },
}

const s6: Supervisor = {
  kind: 's6',
  programs: ['s6-svscan', 's6-svc', 's6-svstat', 's6-svwait', 's6-log'],
  scan: 's6-svscan',
  signal: (letter, directory) => execa('s6-svc', [`-${letter}`, directory]),
  async pid(directory) {
    const { stdout } = await execa('s6-svstat', ['-o', 'pid', directory], { reject: false })
    return numberIn(stdout)
  },
  end: (directory) => execa('s6-svscanctl', ['-t', directory]),
}

const runit: Supervisor = {
  kind: 'runit',
  programs: ['runsvdir', 'sv', 'svlogd'],
  scan: 'runsvdir',
  signal: (letter, directory) => execa('sv', [letter, directory]),
  async pid(directory) {
    const { stdout } = await execa('sv', ['status', directory], { reject: false })
    return numberIn(/^run: [^\n;]*\(pid (\d+)\)/.exec(stdout)?.[1])
  },
  async end(_directory, _names, scanner) {
    process.kill(scanner, 'SIGHUP') // it tells each runsv, and ends
  },
}

function numberIn(text: string | undefined): number | undefined {
  const number = Number(text)
  return number > 0 ? number : undefined
}

const names = ['queue', 'send', 'smtpd', 'recipientd', 'pop3', 'authd', 'sessiond', 'daily']

for (const supervisor of [daemontools, s6, runit]) {
  t.test(`the system runs under ${supervisor.kind}`, { skip: missing(...supervisor.programs) }, async (t) => {
    const began = Math.floor(Date.now() / 1000)
    const home = await ScratchHome.make(t, 'joe')
    const directory = join(home.root, 'service')
    const smtpPort = await freePort()
    const pop3Port = await freePort()
    await home.run('service', [supervisor.kind, directory, '--smtp', `127.0.0.1:${smtpPort}`, '--pop3', `127.0.0.1:${pop3Port}`])
    const complaints = { file: join(home.root, 'complaints') } // a scanner's own words: no log of send's
    const options = {
      stdio: ['ignore', 'ignore', complaints],
      reject: false,
      env: { PATH: process.env['PATH'] ?? '' },
      extendEnv: false,
    } as const
    const scanner = execa(supervisor.scan, [directory], options)
    const { pid } = scanner
    if (pid === undefined) throw new Error(`unable to run ${supervisor.scan}`)
    const stop = async (): Promise<void> => {
      await supervisor.end(directory, names, pid).catch(() => undefined)
      await scanner
    }
    t.teardown(stop)
    const control = (letter: string, name: string) => supervisor.signal(letter, join(directory, name))
    const logged = (name: string, pattern: RegExp): boolean => {
      try {
        return pattern.test(readFileSync(join(directory, name, 'log/main/current'), 'latin1'))
      } catch {
        return false // nothing was said yet
      }
    }
    const pids = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>()
      for (const name of names) {
        found.set(name, await until(`${name} is up`, () => supervisor.pid(join(directory, name)).catch(() => undefined)))
      }
      return found
    }
    let number = 0
    /** A message goes all the way, however many programs are just coming back. */
    const mailFlows = async (): Promise<boolean> => {
      number += 1
      const subject = `Subject: message ${number} under ${supervisor.kind}`
      const send = () =>
        sendMail(smtpPort, 'a@b.example', [`joe@${hostName}`], `${subject}\nMessage-ID: <${number}@x>\n\nx\n`).catch(String)
      await until('smtpd takes the message', async () => (await send()).startsWith('250 '))
      await until(`${subject} arrives`, () => home.maildir('joe').some((one) => one.includes(subject)))
      return true
    }

    await t.test('every service comes up', async (t) => {
      if (supervisor.kind === 's6') {
        await until('s6-svscan has seen every service', async () => (await pids()).size === names.length)
        const paths = names.map((name) => join(directory, name))
        t.equal((await execa('s6-svwait', ['-U', '-t', '60000', ...paths])).exitCode, 0, 's6-svwait -U')
        const pop = await Dialogue.open(pop3Port, oneLine)
        t.match(pop.transcript, /^\+OK /, 'what is up and ready accepts connections at once')
        pop.close()
      }
      t.equal((await pids()).size, names.length)
    })

    await t.test('mail flows, and the log has it', async (t) => {
      t.ok(await mailFlows())
      t.ok(await until('the log has the end of the message', () => logged('send', /^@[0-9a-f]{24} end msg \d+$/m)))
    })

    await t.test('explain finds the log, and reads its times', async (t) => {
      const current = join(directory, 'send/log/main/current')
      const [, id = ''] = /end msg (\d+)$/m.exec(readFileSync(current, 'latin1')) ?? []
      const told = JSON.parse((await home.run('explain', ['--json', id])).stdout)
      t.same(told.log.files, [current])
      const ended = told.recipients[0].attempts.at(-1).ended
      t.ok(ended >= began && ended <= Date.now() / 1000, `${ended} is between ${began} and now`)
    })

    await t.test('explain finds a message that is gone by its Message-ID, in the log of smtpd', async (t) => {
      await until('the log of smtpd has it', () => logged('smtpd', /: message \d+, \d+ bytes: <1@x>$/m))
      const told = JSON.parse((await home.run('explain', ['--json', '<1@x>'])).stdout.split('\n', 1)[0] as string)
      t.match(told, {
        state: 'gone',
        messageId: '<1@x>',
        arrival: { address: '127.0.0.1' },
        recipients: [{ attempts: [{ outcome: 'success' }] }],
      })
      t.ok(told.arrival.time >= began && told.arrival.time <= Date.now() / 1000, `${told.arrival.time} is between ${began} and now`)
    })

    await t.test('ALRM reaches send: deferred mail is tried at once', async (t) => {
      home.userFile('joe', '.qmail-later', '|test -e now || exit 111; cat > arrived\n')
      await home.inject([`joe-later@${hostName}`], 'Subject: later\n\nx\n')
      await until('a deferral', () => logged('send', /delivery \d+: deferral: /))
      home.userFile('joe', 'now', '')
      await control('a', 'send')
      t.ok(await until('the second attempt', () => readSafely(join(home.userHome('joe'), 'arrived')).includes('Subject: later')))
    })

    await t.test('HUP reaches send: locals are read again', async (t) => {
      home.control('locals', `${hostName}\nsecond.example\n`)
      await control('h', 'send')
      await home.inject(['joe@second.example'], 'Subject: second\n\nx\n')
      t.ok(
        await until('mail for the second domain', () =>
          home.maildir('joe').some((one) => one.includes('Delivered-To: joe@second.example')),
        ),
      )
    })

    await t.test('a program that is told to end, or killed, is back, and mail flows', async (t) => {
      for (const [letter, what] of [
        ['t', 'TERM'],
        ['k', 'KILL'],
      ] as const) {
        for (const name of names) {
          const before = await until(`${name} is up`, () => supervisor.pid(join(directory, name)))
          await control(letter, name)
          await until(`${name} is back after ${what}`, async () => {
            const now = await supervisor.pid(join(directory, name))
            return now !== undefined && now !== before
          })
          t.ok(await mailFlows(), `${name} after ${what}`)
        }
      }
    })

    await t.test('everything ends, and nothing is left running', async (t) => {
      await stop()
      await until(
        () => `no process of the home is left: ${processesOf(home.directory)}`,
        () => processesOf(home.directory).length === 0,
      )
      t.same(home.queued(), [])
    })
  })
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
