/**
 * Say what reports about DMARC and complaints mean, to a person: dmarcreport --read [PATH].
 *
 * In      PATH, a file, an mbox, a Maildir or a directory; without it, standard input. Messages with reports, or
 *         reports, packed or not
 * Out     descriptor 1: for each domain who sent mail as it, how much, and what to do; then who complains of what
 * Exit    0; 100 for a wrong command line; 111 if nothing can be read, or there is no report
 * Trust   root becomes the owner of PATH
 */
import { writeSync } from 'node:fs'
import { commandLine, complain, run } from '@yabumi/commandline'
import { reverseName } from '@yabumi/dns'
import { becomeOwner, enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { type Complaint, Complaints, meaningOf } from './complaints.ts'
import { filesAt, findIn } from './find.ts'
import { type Domain, type Source, Summary, verdictOn } from './summary.ts'

/** Sources of a domain that are named; those with most that does not pass come first. */
const mostSources = 50

void run('dmarcreport', async () => {
  const argv = (await commandLine('dmarcreport', '--read [--no-ptr] [PATH]'))
    .option('read', { type: 'boolean', demandOption: true, describe: 'say what reports mean' })
    .option('no-ptr', { type: 'boolean', default: false, describe: 'do not ask the DNS for the names of senders' })
    .demandCommand(0, 1)
    .parseSync()
  const path = argv._[0] === undefined ? undefined : String(argv._[0])
  const files = path === undefined ? ([0] as const) : filesOf(path)
  const summary = new Summary()
  const complaints = new Complaints()
  for (const file of files) {
    for (const found of findIn(file)) {
      if ('report' in found) summary.add(found.report)
      else if ('complaint' in found) complaints.add(found.complaint)
      else complain(`dmarcreport: ${file === 0 ? 'standard input' : file}: ${plain(found.problem)}`)
    }
  }
  const complained = complaints.sorted()
  if (summary.domains.size === 0 && complained.length === 0) throw new Trouble('4.3.0', 'there is no report about DMARC, and no complaint')
  const asksNames = !argv['no-ptr']
  if (asksNames) enterHome()
  for (const domain of [...summary.domains.values()].sort((one, other) => (one.name < other.name ? -1 : 1))) await tell(domain, asksNames)
  await tellComplaints(complained, asksNames)
})

function filesOf(path: string): string[] {
  becomeOwner(path)
  return filesAt(path)
}

async function tell(domain: Domain, asksNames: boolean): Promise<void> {
  const sources = [...domain.sources.values()].sort((one, other) => other.failing - one.failing || other.messages - one.messages)
  const all = sources.reduce((sum, { messages }) => sum + messages, 0)
  const failing = sources.reduce((sum, source) => sum + source.failing, 0)
  const reporters = [...domain.reporters].sort().slice(0, 10).join(', ')
  say(`${domain.name}, policy ${domain.policy}, ${dayOf(domain.begin)} to ${dayOf(domain.end)}`)
  say(`${counted(domain.reports, 'report')}, by ${reporters}`)
  say(`${counted(all, 'message')}: ${all - failing} pass, ${failing} do not`)
  const named = sources.slice(0, mostSources)
  const names = await Promise.all(named.map(({ ip }) => (asksNames ? reverseName(ip) : undefined)))
  for (const [index, source] of named.entries()) say(`\n${sourceText(source, names[index])}\n    ${verdictOn(source, domain)}`)
  if (sources.length > mostSources) say(`\nand ${sources.length - mostSources} more senders`)
  say('')
}

async function tellComplaints(complained: readonly Complaint[], asksNames: boolean): Promise<void> {
  if (complained.length === 0) return
  say(
    counted(
      complained.reduce((sum, { messages }) => sum + messages, 0),
      'complaint',
    ),
  )
  const named = complained.slice(0, mostSources)
  const names = await Promise.all(named.map(({ ip }) => (asksNames && ip !== undefined ? reverseName(ip) : undefined)))
  for (const [index, complaint] of named.entries()) {
    const { kind, ip = 'an address that is not said', messages } = complaint
    say(`\n${sourceText({ ip, messages }, names[index])}, ${kind}\n    ${meaningOf(complaint)}`)
  }
  if (complained.length > mostSources) say(`\nand ${complained.length - mostSources} more`)
  say('')
}

function sourceText({ ip, messages }: Pick<Source, 'ip' | 'messages'>, name: string | undefined): string {
  return `${ip}${name === undefined ? '' : ` (${name})`}: ${counted(messages, 'message')}`
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'some day' : date.toISOString().slice(0, 'YYYY-MM-DD'.length)
}

function say(line: string): void {
  writeSync(1, `${line.split('\n').map(plain).join('\n')}\n`)
}

/** What strangers have written moves no terminal. */
function plain(text: string): string {
  return text.replaceAll(/[^ -~\u00a0-\ufffd]/g, '?')
}
