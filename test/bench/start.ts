/**
 * What the start of a tool costs: processor time of one small use of each, by its launcher, as a ratio to a bare Node's.
 *
 * All of it on Node, also what is compiled ahead (package native). Node and tools take turns. Residents, and what they start, are no tools.
 */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../support/home.ts'
import { clocked } from './clocked.ts'
import { median } from './paired.ts'
import type { Figure, RowResult } from './rows.ts'
import type { Shared } from './shared.ts'

interface Use {
  readonly words: readonly string[]
  /** What ratio is to be reached: 1.5, or 2 for one that takes a lock or starts a program. */
  readonly target: 1.5 | 2
  /** Programs of ours that follow each other, each with a start of its own. */
  readonly starts: number
}

const runs = 5
const rounds = 5

const notTools = [
  'acme',
  'authd',
  'clean',
  'daily',
  'imap',
  'imapd',
  'local',
  'lspawn',
  'pop3d',
  'popup',
  'qmqpd',
  'qmtpd',
  'queue',
  'recipientd',
  'webfiles',
  'remote',
  'rspawn',
  'send',
  'sessiond',
  'sessionlog',
].concat(['smtpd', 'start', 'supervise'])

function plain(...words: string[]): Use {
  return { words, target: 1.5, starts: 1 }
}

/** A use that takes a lock, or starts a program of somebody. */
function more(...words: string[]): Use {
  return { words, target: 2, starts: 1 }
}

function chain(starts: number, ...words: string[]): Use {
  return { words, target: 2, starts }
}

/** @param user - an address that receives mail here, @param scratch - a directory */
function uses(user: string, scratch: string): Record<string, Use> {
  return {
    ...{ aliasforward: plain('-n', join(scratch, 'aliases.cdb')), newaliasdb: plain(join(scratch, 'aliases')) },
    ...{
      bouncesaying: more('no', 'false'),
      checkpassword: plain('true'),
      condredirect: more(user, 'false'),
      config: plain(),
      completion: plain('bash'),
    },
    ...{
      'config-fast': plain('start.example'),
      datemail: chain(4, user),
      elq: chain(2),
      except: more('true'),
      explain: plain(user),
      health: more(),
    },
    ...{
      fetchbox: plain('--help'),
      forward: more(user),
      getpw: plain('nobody'),
      inject: plain(user),
      maildir2mbox: more(),
      mailbox: plain('list'),
      maildirmake: plain(join(scratch, 'Maildir')),
    },
    ...{
      maildirwatch: plain('--help'),
      mailsubj: plain(),
      newmrh: plain(),
      newu: plain(),
      pinq: chain(2),
      predate: more('true'),
      preline: more('true'),
    },
    ...{
      pw2u: plain(),
      qail: chain(2),
      qbiff: plain(),
      qcheck: more(),
      qhold: more('1'),
      qmqpc: plain(),
      qread: plain(),
      qreceipt: plain(user),
    },
    ...{ qrelease: more('1'), qretry: more('1'), qrm: more('1'), qsmhook: more('true'), qstat: plain(), sendmail: chain(2, user) },
    ...{
      service: plain('s6', join(scratch, 'services')),
      setpassword: more('start'),
      showctl: plain(),
      splogger: plain(),
      srsfilter: plain(),
    },
    ...{
      quickstart: plain('--help'),
      authcheck: plain(),
      dkimkey: plain('list'),
      dmarcreport: plain('--help'),
      dnsadvice: more('start.example'),
      tlspolicy: more('start.example'),
    },
    ...{ 'tcp-env': plain('true'), tcpok: more(), tcpto: more() },
  }
}

/** A copy of the launchers without what is compiled ahead. @returns their directory */
function launchersOnNode(directory: string): string {
  mkdirSync(join(directory, 'dist'), { recursive: true })
  cpSync(join(checkout, 'bin'), join(directory, 'bin'), { recursive: true, verbatimSymlinks: true })
  for (const part of ['.runtime', 'node_modules']) symlinkSync(join(checkout, part), join(directory, part))
  const files = readdirSync(join(checkout, 'dist')).filter((name) => name !== 'native')
  for (const name of files) symlinkSync(join(checkout, 'dist', name), join(directory, 'dist', name))
  return join(directory, 'bin')
}

/** Tools of bin/, of which no use is known here. */
export function toolsWithoutUse(launchers: readonly string[]): string[] {
  return toolsOf(launchers).filter((name) => !Object.hasOwn(uses('', ''), name))
}

function toolsOf(launchers: readonly string[]): string[] {
  return launchers.filter((name) => !name.startsWith('.') && !notTools.includes(name))
}

/** A figure for each tool. */
export async function starts({ yabumi, accounts, directory }: Shared): Promise<RowResult> {
  const scratch = join(directory, 'start')
  const bin = launchersOnNode(scratch)
  const table = uses(`${accounts[0]?.name}@${yabumi.host}`, scratch)
  const programs = toolsOf(readdirSync(bin))
  const command = `for ((i = 0; i < ${runs}; i++)); do "$@" </dev/null >/dev/null 2>&1; done; :`
  const cost = (...words: string[]): Promise<number> => clocked(command, words, yabumi.environment)
  const node = join(checkout, '.runtime/node')
  const ratios = new Map(programs.map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of programs) {
      const use = table[name]
      if (use === undefined) throw new Error(`bench: no use of ${name} is known; test/bench/start.ts says how each tool is called`)
      const bare = await cost(node, '-e', '0')
      ratios.get(name)?.push((await cost(join(bin, name), ...use.words)) / bare / use.starts)
    }
  }
  const figures = programs.map((name): Figure => {
    const { starts, target } = table[name] as Use
    const each = starts > 1 ? `, each of ${starts} programs` : ''
    return { what: `start of ${name}${each}, × a bare Node`, value: median(ratios.get(name) ?? []), unit: '', sense: '≤', target }
  })
  return { unit: '', paired: undefined, figures }
}
