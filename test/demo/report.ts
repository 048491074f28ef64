/** How the tour reports: headings, commands and what came of them, and the checks that end it when something is wrong. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const bold = process.stdout.isTTY ? (text: string) => `\x1b[1m${text}\x1b[0m` : (text: string) => text
let number = 0

/** Begin a step. */
export function heading(text: string): void {
  number += 1
  process.stdout.write(`\n${bold(`${number}. ${text}`)}\n`)
}

/** The command that is run, as a person would type it. */
export function command(text: string): void {
  process.stdout.write(`   $ ${text}\n`)
}

/** What came of it. */
export function outcome(text: string): void {
  process.stdout.write(text.replace(/\n$/, '').replace(/^/gm, '   | ').concat('\n'))
}

/** The tour is also a proof: what it says must be so. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`)
}

/** `ls queue/` for a person: the files of each directory, split directories counted as one. */
export function listQueue(home: string): void {
  command('ls queue/{mess,todo,info,local,remote,bounce}')
  const rows = ['mess', 'todo', 'info', 'local', 'remote', 'bounce'].map((name) => {
    const files = readdirSync(join(home, 'queue', name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return `${name.padEnd(7)}${files.map((file) => file.name).join(' ') || '-'}`
  })
  outcome(rows.join('\n'))
}
